package propagator_test

import (
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/propagators/aws/xray"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// contribExtract returns what contrib's propagator reads, and whether it accepts
// the header.
func contribExtract(header string) (trace.SpanContext, bool) {
	ctx := xray.Propagator{}.Extract(context.Background(), propagation.MapCarrier{"X-Amzn-Trace-Id": header})
	sc := trace.SpanContextFromContext(ctx)
	return sc, sc.IsValid()
}

// differsFromContrib says why contrib may read something else from a header that it
// accepts.
func differsFromContrib(header string) string {
	for field := range strings.SplitSeq(header, ";") {
		key, value, _ := strings.Cut(field, "=")
		if strings.TrimSpace(key) != key || strings.TrimSpace(value) != value {
			return "contrib does not see a field with spaces, or reads the spaces as part of the value"
		}
		for _, known := range []string{"Root", "Parent", "Sampled"} {
			if key != known && strings.HasPrefix(key, known) {
				return "contrib takes " + key + " for " + known
			}
		}
	}
	return ""
}

func checkContrib(t *testing.T, header string) {
	t.Helper()
	h, err := propagator.ParseHeader(header)
	if want, ok := contribExtract(header); ok && differsFromContrib(header) == "" {
		if err != nil {
			t.Fatalf("contrib accepts %q: %v", header, err)
		}
		if got := h.SpanContext(); !got.Equal(want) {
			t.Errorf("%q: got %+v, contrib %+v", header, got, want)
		}
	}
	if err != nil || !h.Parent.IsValid() {
		return
	}
	// What goes out is clean, so contrib must read it as we do: but for fields
	// without an equals sign, at which it gives up.
	out := h.String()
	for field := range strings.SplitSeq(out, ";") {
		if !strings.Contains(field, "=") {
			return
		}
	}
	if differsFromContrib(out) != "" {
		return
	}
	got, ok := contribExtract(out)
	if want := h.SpanContext(); !ok || !got.Equal(want) {
		t.Errorf("contrib reads %+v from %q, want %+v", got, out, want)
	}
}

func TestEqualToContrib(t *testing.T) {
	accepted := 0
	for _, tt := range headerCases {
		checkContrib(t, tt.in)
		if _, ok := contribExtract(tt.in); ok {
			accepted++
		}
	}
	if accepted < 8 {
		t.Errorf("contrib accepts only %d of the cases; the comparison shows little", accepted)
	}
}

// TestDifferencesFromContrib holds what is meant to differ. An entry that no longer
// differs fails.
func TestDifferencesFromContrib(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		accepted bool // by contrib
	}{
		{"a space after a semicolon loses contrib the field", root + "; " + parent + "; Sampled=1", false},
		{"contrib takes RootX for Root", "RootX=1-5759e988-bd862e3fe1be46a994272793;" + parent + ";Sampled=1", true},
		{"contrib loses a trace without a parent", root + ";Lineage=a87bd80c:1", false},
		{"contrib gives up at a field without a value", root + ";" + parent + ";Sampled=1;c", false},
		{"contrib wants lower case hex", root + ";Parent=53995C3F42CD8AD8;Sampled=1", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, theirs := contribExtract(tt.in)
			_, err := propagator.ParseHeader(tt.in)
			if theirs != tt.accepted || (err == nil) == theirs {
				t.Errorf("contrib accepts: %t, ParseHeader: %v", theirs, err)
			}
		})
	}
}
