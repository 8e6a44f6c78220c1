package propagator_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/propagator"
)

func TestParseHeader(t *testing.T) {
	for _, tt := range headerCases {
		t.Run(tt.name, func(t *testing.T) {
			h, err := propagator.ParseHeader(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if h.Root != traceID || h.Parent != tt.parent || h.Sampled != tt.sampled {
				t.Errorf("got %v %v %q, want %v %v %q", h.Root, h.Parent, h.Sampled, traceID, tt.parent, tt.sampled)
			}
			if got := h.Lineage(); got != tt.lineage {
				t.Errorf("Lineage() = %q, want %q", got, tt.lineage)
			}
			if diff := cmp.Diff(tt.out, h.String()); diff != "" {
				t.Errorf("String() (-want +got):\n%s", diff)
			}
			if got := string(h.Append([]byte("x: "))); got != "x: "+tt.out {
				t.Errorf("Append = %q", got)
			}
			if len(tt.out) > 256 {
				t.Errorf("%d characters", len(tt.out))
			}
		})
	}
}

// TestParseHeaderErrors: the error says what is bad, and the header has the rest.
func TestParseHeaderErrors(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		root, parent   bool
		sampled        propagator.Sampling
		lineage        string
	}{
		{name: "empty", in: "", want: "Root is missing, want Root=1-<8 hex digits>-<24 hex digits>"},
		{name: "garbage", in: "garbage", want: "Root is missing"},
		{name: "no root", in: parent + ";Sampled=1", want: "Root is missing", sampled: propagator.SamplingYes},
		{name: "another key", in: "RootX=1-5759e988-bd862e3fe1be46a994272793;Sampled=?", want: "Root is missing", sampled: propagator.SamplingRequested},
		{name: "root without value", in: "Root", want: `Root is "", want 1-`},
		{name: "empty root", in: "Root=;" + parent + ";Sampled=0;Lineage=a:1", want: `Root is "", want 1-`, sampled: propagator.SamplingNo, lineage: "a:1"},
		{name: "root of another version", in: "Root=2-5759e988-bd862e3fe1be46a994272793", want: `Root is "2-5759e988-bd862e3fe1be46a994272793"`},
		{name: "W3C root", in: "Root=5759e988bd862e3fe1be46a994272793", want: "want 1-<8 hex digits>-<24 hex digits>"},
		{name: "root not hex", in: "Root=1-5759e98g-bd862e3fe1be46a994272793", want: "want 1-<8 hex digits>"},
		{name: "root not hex at its end", in: "Root=1-5759e988-bd862e3fe1be46a99427279g", want: "want 1-<8 hex digits>"},
		{name: "root misplaced dash", in: "Root=1-5759e9888bd862e3fe1be46a99427-793", want: "want 1-<8 hex digits>"},
		{name: "root without its first dash", in: "Root=1x5759e988-bd862e3fe1be46a994272793", want: "want 1-<8 hex digits>"},
		{name: "root without its second dash", in: "Root=1-5759e988xbd862e3fe1be46a994272793", want: "want 1-<8 hex digits>"},
		{name: "root too long", in: root + "0", want: "want 1-<8 hex digits>"},
		{name: "zero root", in: "Root=1-00000000-000000000000000000000000", want: "not all zero"},
		{name: "short parent", in: root + ";Parent=53995c3f;Sampled=1", want: `Parent is "53995c3f", want 16 hex digits`, root: true, sampled: propagator.SamplingYes},
		{name: "parent not hex", in: root + ";Sampled=0;Parent=53995c3f42cd8adg;Lineage=a:1", want: "want 16 hex digits", root: true, sampled: propagator.SamplingNo, lineage: "a:1"},
		{name: "zero parent", in: root + ";Parent=0000000000000000", want: "not all zero", root: true},
		{name: "bad parent before the parent", in: root + ";Parent=1;" + parent, want: `Parent is "1"`, root: true, parent: true},
		{name: "bad root after the root", in: root + ";" + parent + ";Root=1", want: `Root is "1"`, root: true, parent: true},
		{name: "all bad, the first counts", in: "Parent=1;Root=2", want: `Parent is "1"`},
		{name: "all bad, the other way round", in: "Root=2;Parent=1", want: `Root is "2"`},
		{name: "64 characters", in: "Root=" + strings.Repeat("x", 64), want: strings.Repeat("x", 64) + "\""},
		{name: "long value", in: "Root=" + strings.Repeat("x", 1<<20), want: strings.Repeat("x", 64) + "...\""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, err := propagator.ParseHeader(tt.in)
			if err == nil {
				t.Fatalf("no error, got %q", h)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q does not say %q", err, tt.want)
			}
			if len(err.Error()) > 250 {
				t.Errorf("error has %d characters", len(err.Error()))
			}
			if h.Root.IsValid() != tt.root || h.Parent.IsValid() != tt.parent || h.Sampled != tt.sampled || h.Lineage() != tt.lineage {
				t.Errorf("got %v %v %q %q", h.Root, h.Parent, h.Sampled, h.Lineage())
			}
			if tt.root && (h.Root != traceID || tt.parent && h.Parent != spanID) {
				t.Errorf("got %v %v", h.Root, h.Parent)
			}
		})
	}
}

func TestHeaderZero(t *testing.T) {
	var h propagator.Header
	if got := h.String(); got != "" {
		t.Errorf("String() = %q", got)
	}
	if h.SpanContext().HasTraceID() {
		t.Error("zero header has a trace id")
	}
	if got := maps.Collect(h.Fields()); len(got) > 0 {
		t.Errorf("Fields() = %v", got)
	}
}

func TestHeaderFields(t *testing.T) {
	h, err := propagator.ParseHeader("a=1;Self=x;" + root + ";b = 2=3 ;c")
	if err != nil {
		t.Fatal(err)
	}
	var got [][2]string
	for key, value := range h.Fields() {
		got = append(got, [2]string{key, value})
	}
	if diff := cmp.Diff([][2]string{{"a", "1"}, {"b", "2=3"}, {"c", ""}}, got); diff != "" {
		t.Errorf("Fields() (-want +got):\n%s", diff)
	}
}

func TestHeaderSpanContext(t *testing.T) {
	for _, sampled := range []propagator.Sampling{
		propagator.SamplingUnset, propagator.SamplingNo, propagator.SamplingYes, propagator.SamplingRequested,
	} {
		if in := root + ";" + parent + ";Sampled=" + sampled.String(); sampled != propagator.SamplingUnset {
			if h, err := propagator.ParseHeader(in); err != nil || h.Sampled != sampled {
				t.Errorf("%q reads as %q, %v", in, h.Sampled, err)
			}
		}
		sc := propagator.Header{Root: traceID, Parent: spanID, Sampled: sampled}.SpanContext()
		if !sc.IsValid() || !sc.IsRemote() || sc.IsSampled() != (sampled == propagator.SamplingYes) {
			t.Errorf("Sampled %q: %+v", sampled, sc)
		}
	}
	sc := propagator.Header{Root: traceID}.SpanContext()
	if sc.IsValid() || sc.TraceID() != traceID {
		t.Errorf("root only: %+v", sc)
	}
}

func TestParseHeaderAllocations(t *testing.T) {
	const in = root + ";" + parent + ";Sampled=1;Lineage=a87bd80c:1|68fd508a:5|c512fbe3:2"
	buf := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() {
		h, err := propagator.ParseHeader(in)
		if err != nil {
			t.Fatal(err)
		}
		buf = h.Append(buf[:0])
		if h.Lineage() == "" || !h.SpanContext().IsValid() {
			t.Fatal("empty")
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	if string(buf) != in {
		t.Errorf("got %q", buf)
	}
}
