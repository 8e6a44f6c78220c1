package awsxraylambdaexporter

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/ptrace"

	xrayexporter "github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
	"github.com/lambdaxray/lambdaxray/mapping"
)

// The documents of every golden case hold as many spans as went into them.
func TestNodes(t *testing.T) {
	for _, name := range []string{"lambda_trace_current_conventions", "ordinary_services", "several_traces", "local_root", "remote_calls"} {
		td := readTraces(t, name)
		docs, err := mapping.New().AppendDocuments(nil, newConverter(maxSpans).convert(td).Spans)
		if err != nil {
			t.Fatal(err)
		}
		census := newCensus(td)
		got := 0
		for _, doc := range docs {
			traceID, ids := nodes(doc)
			for _, id := range ids {
				got += census.spans[spanKey{traceID, id}]
			}
			if len(traceID) != len("1-01234567-0123456789abcdef01234567") {
				t.Errorf("%s: trace id %q", name, traceID)
			}
		}
		if got != td.SpanCount() {
			t.Errorf("%s: documents hold %d spans, want %d", name, got, td.SpanCount())
		}
	}
}

// A document is read whatever its metadata holds, however deep.
func TestNodesOddDocuments(t *testing.T) {
	deep := strings.Repeat(`{"subsegments":[`, 20_000) + strings.Repeat("]}", 20_000)
	for _, tc := range []struct {
		doc, traceID string
		ids          []string
	}{
		{`{"trace_id":"t","id":"a","subsegments":[{"id":"b","subsegments":[{"id":"c"}]},{"id":"d","trace_id":"u"}]}`, "t", []string{"a", "b", "c", "d"}},
		{`{"metadata":{"id":"x","subsegments":[{"id":"y"}],"d":` + deep + `},"id":"a","trace_id":"t"}`, "t", []string{"a"}},
		{`{"":1,"id":"a","links":[{"id":"x"}],"cause":{"id":"y"},"trace_id":"t","subsegments":[]}`, "t", []string{"a"}},
		{`{"subsegments":[{"annotations":{"id":"x"},"id":"b"}],"id":"id","name":"subsegments","trace_id":"t"}`, "t", []string{"b", "id"}},
		{`{"id":`, "", nil},
		{``, "", nil},
		{`[]`, "", nil},
	} {
		traceID, ids := nodes([]byte(tc.doc))
		if diff := cmp.Diff(tc.ids, ids); diff != "" || traceID != tc.traceID {
			t.Errorf("%.80s: trace %q, ids (-want +got):\n%s", tc.doc, traceID, diff)
		}
	}
}

func TestExamine(t *testing.T) {
	td := request(0)
	docs, err := mapping.New().AppendDocuments(nil, newConverter(maxSpans).convert(td).Spans)
	if err != nil || len(docs) != traces {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	lost := errors.New("lost")
	ids := func(docs ...int) map[string]bool {
		out := map[string]bool{}
		for _, d := range docs {
			out[keyOf([16]byte{15: byte(d + 1)}, [8]byte{}).trace] = true
		}
		return out
	}
	everything := make([]int, traces)
	for i := range everything {
		everything[i] = i
	}
	for _, tc := range []struct {
		name string
		err  error
		want outcome
	}{
		{
			name: "refused and throttled",
			err: &xrayexporter.EmitError{Lost: 3, Err: &xrayapi.PutError{Failures: []xrayapi.Failure{
				{Documents: []int{1}, Count: 1, Code: "InvalidName", Err: lost},
				{Documents: []int{2, 3}, Count: 2, Code: "ThrottledException", Temporary: true, Err: lost},
			}}},
			want: outcome{
				lostDocuments: 3,
				dropped:       map[string]int{"InvalidName": spans},
				returned:      map[string]int{"ThrottledException": 2 * spans},
				traces:        ids(2, 3),
			},
		},
		{
			name: "a daemon",
			err:  &xrayexporter.EmitError{Lost: 2, Err: lost},
			want: outcome{
				lostDocuments: 2,
				returned:      map[string]int{"Daemon": traces * spans},
				traces:        ids(everything...),
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOutcome(td)
			o.examine(docs, tc.err)
			if diff := cmp.Diff(&tc.want, o, cmp.AllowUnexported(outcome{}),
				cmpopts.IgnoreFields(outcome{}, "td", "errs", "pending", "census")); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

// Spans that share an id are counted as often as they are, whether the mapper
// gives them ids of their own or makes one of them.
func TestCensusOfOneID(t *testing.T) {
	td := request(0)
	list := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	for i := range 3 { // three of one id: two alike, one not
		list.At(1).CopyTo(list.AppendEmpty())
		if i == 1 {
			list.At(list.Len() - 1).SetName("another")
		}
	}
	docs, err := mapping.New().AppendDocuments(nil, newConverter(maxSpans).convert(td).Spans)
	if err != nil {
		t.Fatal(err)
	}
	o := newOutcome(td)
	var all []int
	for i := range docs {
		all = append(all, i)
	}
	o.examine(docs, &xrayapi.PutError{Failures: []xrayapi.Failure{{Documents: all, Code: "InvalidName", Err: errors.New("no")}}})
	if got := o.dropped["InvalidName"]; got != td.SpanCount() {
		t.Errorf("%d spans dropped, want %d", got, td.SpanCount())
	}
}

func TestRest(t *testing.T) {
	td := request(0)
	td.MarkReadOnly()
	o := newOutcome(td)
	for j := range spans - 1 {
		o.giveBack("Timeout", keyOf([16]byte{15: 3}, spanID(0, 2, j)), 1)
	}
	got := o.rest()
	var ids []string
	for _, rs := range got.ResourceSpans().All() {
		if v, ok := rs.Resource().Attributes().Get("service.name"); !ok || v.Str() != "orders" {
			t.Error("the resource is lost")
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				ids = append(ids, s.SpanID().String())
				if counted := s.Flags()&flagCounted != 0; counted != (len(ids) == spans) {
					t.Errorf("span %s is counted: %v; only the last one is", s.SpanID(), counted)
				}
			}
		}
	}
	want := []string{spanID(0, 2, 0).String(), spanID(0, 2, 1).String(), spanID(0, 2, 2).String()}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
}

// A request is mapped in portions that hold whole traces.
func TestPortions(t *testing.T) {
	for _, tc := range []struct {
		portion int
		want    []int // spans of each portion
	}{
		{1000, []int{traces * spans}},
		{traces * spans, []int{traces * spans}},
		{10, []int{9, 9, 9, 3}},
		{9, []int{9, 9, 9, 3}},
		{2, []int{3, 3, 3, 3, 3, 3, 3, 3, 3, 3}}, // a trace is larger than a portion
	} {
		b := newConverter(tc.portion).convert(request(0))
		var got []int
		seen := map[[16]byte]int{}
		for i, p := range portions(b.Spans, tc.portion) {
			got = append(got, len(p))
			for _, s := range p {
				if before, ok := seen[s.TraceID]; ok && before != i {
					t.Errorf("portion %d: trace %s is in two", tc.portion, s.TraceID)
				}
				seen[s.TraceID] = i
			}
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("portions of %d (-want +got):\n%s", tc.portion, diff)
		}
	}
}

// A request whose time is up between two portions is sent again without those
// that X-Ray has.
func TestPortionsEndWithContext(t *testing.T) {
	isolate(t)
	ctx, cancel := context.WithCancel(t.Context())
	c := testConfig("http://127.0.0.1:0")
	e, err := newTracesExporter(exportertest.NewNopSettings(NewFactory().Type()), c)
	if err != nil {
		t.Fatal(err)
	}
	e.converter = newConverter(9)
	taken := 0
	e.emitter = emitterFunc(func(docs [][]byte) error {
		taken += len(docs)
		cancel()
		return nil
	})
	var again consumererror.Traces
	if err := e.consume(ctx, request(0)); !errors.As(err, &again) {
		t.Fatalf("error is %v, want one with the traces to send again", err)
	}
	if got := again.Data().SpanCount(); taken != 3 || got != (traces-3)*spans {
		t.Errorf("%d documents taken and %d spans to send again, want 3 and %d", taken, got, (traces-3)*spans)
	}
	if err := e.shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

type emitterFunc func(docs [][]byte) error

func (f emitterFunc) Emit(_ context.Context, docs [][]byte) error { return f(docs) }
func (f emitterFunc) Shutdown(context.Context) error              { return nil }

// A request that cannot be mapped at all is not sent again.
func TestNothingToMap(t *testing.T) {
	isolate(t)
	x := newFakeXRay(t)
	e := start(t, testConfig(x.url))
	if err := e.ConsumeTraces(t.Context(), ptrace.NewTraces()); err != nil {
		t.Errorf("an empty request: %v", err)
	}
	td := ptrace.NewTraces()
	td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName("no ids")
	err := e.ConsumeTraces(t.Context(), td)
	if !consumererror.IsPermanent(err) || !strings.Contains(err.Error(), `"no ids"`) {
		t.Errorf("error is %v, want a permanent one that names the span", err)
	}
	if n := x.Stats().Calls["/TraceSegments"]; n != 0 {
		t.Errorf("%d calls, want none", n)
	}
}

// A panic is an error like any other: it must not bring the Collector down.
func TestPanic(t *testing.T) {
	isolate(t)
	e, err := newTracesExporter(exportertest.NewNopSettings(NewFactory().Type()), testConfig("http://127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	e.emitter = panicEmitter{}
	if err := e.consume(t.Context(), request(0)); !consumererror.IsPermanent(err) || !strings.Contains(err.Error(), "panic: oh") {
		t.Errorf("error is %v, want a permanent one with the panic", err)
	}
	if err := e.shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
