package awsxraylambdaexporter

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/trace"

	lambdaxray "github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// The documents of every golden case hold as many spans as went into them.
func TestContents(t *testing.T) {
	for _, name := range []string{"lambda_trace_current_conventions", "ordinary_services", "several_traces", "local_root", "remote_calls"} {
		td := readTraces(t, name)
		c := newConverter()
		b := c.convert(td)
		docs, err := mapping.New().AppendDocuments(nil, b.spans)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, doc := range docs {
			traceID, n := contents(doc)
			got += n
			if len(traceID) != len("1-01234567-0123456789abcdef01234567") {
				t.Errorf("%s: trace id %q", name, traceID)
			}
		}
		if got != td.SpanCount() {
			t.Errorf("%s: documents hold %d spans, want %d", name, got, td.SpanCount())
		}
	}
}

func TestExamine(t *testing.T) {
	c := newConverter()
	b := c.convert(request(0))
	docs, err := mapping.New().AppendDocuments(nil, b.spans)
	if err != nil || len(docs) != traces {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	lost := errors.New("lost")
	ids := func(docs ...int) map[string]bool {
		out := map[string]bool{}
		for _, d := range docs {
			var id [16]byte
			id[15] = byte(d + 1)
			out[segment.TraceID(trace.TraceID(id))] = true
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
			err: &lambdaxray.EmitError{Lost: 3, Err: &xrayapi.PutError{Failures: []xrayapi.Failure{
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
			name: "refused without an id",
			err:  &lambdaxray.EmitError{Lost: 1, Err: &xrayapi.PutError{Failures: []xrayapi.Failure{{Count: 1, Code: "ParseError", Err: lost}}}},
			want: outcome{lostDocuments: 1, dropped: map[string]int{"ParseError": 1}, returned: map[string]int{}, traces: ids()},
		},
		{
			name: "a daemon",
			err:  &lambdaxray.EmitError{Lost: 2, Err: lost},
			want: outcome{
				lostDocuments: 2,
				dropped:       map[string]int{},
				returned:      map[string]int{"Daemon": traces * spans},
				traces:        ids(everything...),
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(&tc.want, examine(docs, tc.err), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOfTraces(t *testing.T) {
	td := request(0)
	td.MarkReadOnly()
	var third [16]byte
	third[15] = 3
	got := ofTraces(td, map[string]bool{segment.TraceID(trace.TraceID(third)): true})
	var ids []string
	for _, rs := range got.ResourceSpans().All() {
		if v, ok := rs.Resource().Attributes().Get("service.name"); !ok || v.Str() != "orders" {
			t.Error("the resource is lost")
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				ids = append(ids, s.SpanID().String())
			}
		}
	}
	want := []string{spanID(0, 2, 0).String(), spanID(0, 2, 1).String(), spanID(0, 2, 2).String()}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
}

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
