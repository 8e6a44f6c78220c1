package page

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/xray"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// fake is an API that answers what it is given.
type fake struct {
	mu     sync.Mutex
	graph  xray.PageGraph
	traces []xray.PageTrace
	spans  xray.PageSpans
	health xray.PageHealth
	seq    int

	reloads []float64
}

// set makes f answer as other does, which its events tell.
func (f *fake) set(other *fake) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.graph, f.traces, f.spans, f.health = other.graph, other.traces, other.spans, other.health
	f.seq++
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/events" {
		f.events(w, r)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	mux := http.NewServeMux()
	answer := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	fail := func(status int, message, parameter string, column int) {
		var e xray.PageError
		e.Error.Message, e.Error.Parameter, e.Error.Column = message, parameter, column
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(e)
	}
	mux.HandleFunc("GET /api/graph", func(_ http.ResponseWriter, r *http.Request) {
		if r.FormValue("filter") == "bad (" {
			fail(http.StatusBadRequest, "want a keyword", "filter", 1)
			return
		}
		answer(f.graph)
	})
	mux.HandleFunc("GET /api/series", func(_ http.ResponseWriter, r *http.Request) {
		answer(xray.PageSeries{Node: r.FormValue("node"), Step: 60, Points: []xray.PagePoint{{Time: 60, Stats: stats(3, 1)}, {Time: 180, Stats: stats(5, 0)}}})
	})
	mux.HandleFunc("GET /api/traces", func(_ http.ResponseWriter, r *http.Request) {
		page := xray.PageTraces{Total: len(f.traces), Traces: []xray.PageRow{}}
		for _, t := range f.traces {
			if run := r.FormValue("run"); run != "" && run != strconv.Itoa(t.Run) {
				continue
			}
			page.Traces = append(page.Traces, t.PageRow)
		}
		answer(page)
	})
	mux.HandleFunc("GET /api/trace/{id}", func(_ http.ResponseWriter, r *http.Request) {
		for _, t := range f.traces {
			if t.ID == r.PathValue("id") {
				answer(t)
				return
			}
		}
		fail(http.StatusNotFound, "trace "+r.PathValue("id")+" is not kept", "", 0)
	})
	mux.HandleFunc("GET /api/trace/{id}/spans", func(_ http.ResponseWriter, r *http.Request) { answer(f.spans) })
	mux.HandleFunc("GET /api/trace/{id}/mapped", func(_ http.ResponseWriter, r *http.Request) {
		for _, t := range f.traces {
			if t.ID == r.PathValue("id") {
				if settings := r.FormValue("settings"); settings != "" {
					t.Segments = slices.Clone(t.Segments)
					changed := *t.Segments[0]
					changed.Annotations = map[string]any{settings: t.Name}
					t.Segments[0] = &changed
				}
				answer(t)
			}
		}
	})
	mux.HandleFunc("GET /api/complete", func(http.ResponseWriter, *http.Request) {
		answer(xray.PageCompletion{From: 1, To: 1, Items: []xray.PageItem{{Text: "annotation.tier", Kind: "annotation", Count: 2}}})
	})
	mux.HandleFunc("GET /api/health", func(http.ResponseWriter, *http.Request) { answer(f.health) })
	mux.ServeHTTP(w, r)
}

func (f *fake) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for last := -1; r.Context().Err() == nil; time.Sleep(10 * time.Millisecond) {
		f.mu.Lock()
		if f.seq != last {
			last = f.seq
			reloads, err := json.Marshal(append([]float64{}, f.reloads...))
			if err != nil {
				panic(err) // numbers
			}
			fmt.Fprintf(w, "event: change\nid: %d\ndata: {\"seq\":%[1]d,\"traces\":%d,\"bad\":0,\"reloads\":%s}\n\n", f.seq, len(f.traces), reloads)
			w.(http.Flusher).Flush()
		}
		f.mu.Unlock()
	}
}

func stats(ok, fault int) xray.PageStats {
	return xray.PageStats{OK: ok, Fault: fault, Total: ok + fault, Seconds: float64(ok+fault) * 0.08, P50: 0.08, P95: 0.2}
}

func node(name, kind string) xray.PageNode {
	return xray.PageNode{
		ID: kind + " " + name, Name: name, Type: kind, State: "active", Start: 60, End: 240, Stats: stats(3, 1),
		Histogram: []xray.PageBucket{{Value: 0.05, Count: 3}, {Value: 0.2, Count: 1}},
	}
}

func edge(from, to xray.PageNode, link bool) xray.PageEdge {
	return xray.PageEdge{From: from.ID, To: to.ID, Link: link, Stats: stats(3, 1), Histogram: []xray.PageBucket{}, Ages: []xray.PageBucket{{Value: 1.5, Count: 2}}}
}

// orders is what an API answers for one cold trace of a function that is called name.
func orders(t *testing.T, name string) *fake {
	t.Helper()
	client, lambda, function := node(name, "client"), node(name, "AWS::Lambda"), node(name, "AWS::Lambda::Function")
	table, host, worker := node("orders", "AWS::DynamoDB::Table"), node("prices.example.com", "remote"), node("worker", "AWS::Lambda")
	function.Cold = &xray.PageCold{Count: 1, Seconds: 0.1, P50: 0.1, P95: 0.1, Histogram: []xray.PageBucket{{Value: 0.1, Count: 1}}}
	f := &fake{
		graph: xray.PageGraph{
			Nodes: []xray.PageNode{client, lambda, function, table, host, worker},
			Edges: []xray.PageEdge{edge(client, lambda, false), edge(lambda, function, false), edge(function, table, false), edge(function, host, false), edge(function, worker, true)},
		},
		health: xray.PageHealth{Documents: 4, Traces: 2, Bytes: 4096, MaxBytes: 1 << 28, Rules: []xray.PageRule{{Rule: "name", Code: "InvalidName", Count: 1,
			Examples: []xray.PageExample{{Trace: "1-5759e988-bd862e3fe1be46a994272793", Segment: "1000000000000002", Name: name, Path: "name", Rule: name + " has a character that X-Ray refuses"}}}},
			Broken: []xray.PageBroken{{Source: "udp", Reason: "no JSON", Text: name, Bytes: len(name)}}},
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	f.spans = xray.PageSpans{Spans: []xray.PageSpan{
		{ID: "1000000000000002", Scope: fmt.Appendf(nil, `{"name":%s}`, quoted), Resource: fmt.Appendf(nil, `{"attributes":[{"key":%s,"value":{"stringValue":%[1]s}}]}`, quoted),
			Span: fmt.Appendf(nil, `{"spanId":"1000000000000002","name":%s,"kind":2,"status":{"code":2,"message":%[1]s},"attributes":[{"key":%[1]s,"value":{"arrayValue":{"values":[{"intValue":"7"},{"stringValue":%[1]s}]}}}],
				"events":[{"name":%[1]s,"attributes":[{"key":"exception.type","value":{"stringValue":%[1]s}}]}],"links":[{"traceId":%[1]s,"spanId":"1"}]}`, quoted)},
		{ID: "1000000000000009", Scope: []byte("null"), Resource: []byte("null"), Span: fmt.Appendf(nil, `{"name":%s}`, quoted)},
	}}
	for i, id := range []string{"1-5759e988-bd862e3fe1be46a994272793", "1-5759e988-bd862e3fe1be46a994272794"} {
		f.traces = append(f.traces, ordersTrace(t, id, name, i == 0))
	}
	return f
}

func ordersTrace(t *testing.T, id, name string, cold bool) xray.PageTrace {
	t.Helper()
	document := func(format string, args ...any) *segment.Document {
		d, err := segment.Parse(fmt.Appendf(nil, format, args...))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	initialization := ""
	response := 0.3
	if cold {
		initialization = `{"id":"1000000000000003","name":"Initialization","start_time":100.02,"end_time":100.12,"subsegments":[{"id":"1000000000000004","name":"load configuration","start_time":100.03,"end_time":100.06}]},`
		response = 0.4
	}
	p := xray.PageTrace{
		PageRow: xray.PageRow{
			ID: id, Name: name, Type: "AWS::Lambda", Start: 100, Response: response, Duration: response, Outcome: "fault", Status: 502, Method: "POST", URL: "https://api.example.com/" + name,
			Cold: cold, Init: 0.1, Annotations: map[string][]any{"tenant.id": {name}, "ColdStart": {cold}}, Documents: 2, Bytes: 1200, Violations: 1,
		},
		End: 100.4, Upstream: []xray.PageLink{}, Downstream: []xray.PageLink{},
		Segments: []*segment.Document{
			document(`{"id":"1000000000000001","trace_id":%q,"name":%s,"origin":"AWS::Lambda","start_time":100,"end_time":%g,"http":{"response":{"status":502}}}`, id, quoted, 100+response),
			document(`{"id":"1000000000000002","trace_id":%q,"parent_id":"1000000000000001","name":%s,"origin":"AWS::Lambda::Function","start_time":100.14,"end_time":100.28,"fault":true,
				"annotations":{"tenant.id":%[3]s},"metadata":{"default":{%[3]s:%[3]s}},"aws":{"function_arn":%[3]s},
				"cause":{"exceptions":[{"id":"e000000000000001","type":%[3]s,"message":%[3]s,"stack":[{"path":%[3]s,"line":7,"label":%[3]s}]}]},
				"subsegments":[%s
				{"id":"1000000000000005","name":"DynamoDB","namespace":"aws","start_time":100.15,"end_time":100.2,"aws":{"operation":"PutItem","table_name":"orders"}},
				{"id":"1000000000000006","name":%[3]s,"namespace":"remote","start_time":100.16,"end_time":100.25,"http":{"request":{"method":"GET","url":%[3]s},"response":{"status":503}},"fault":true},
				{"id":"1000000000000007","name":"rows","start_time":100.25,"in_progress":true,"sql":{"sanitized_query":%[3]s,"url":"orders@db"}}]}`, id, quoted, quoted, initialization),
			document(`{"id":"2000000000000005","trace_id":%q,"parent_id":"1000000000000005","name":"DynamoDB","origin":"AWS::DynamoDB::Table","inferred":true,"start_time":100.15,"end_time":100.2}`, id),
		},
		Parts: []xray.PagePart{
			{Segment: "1000000000000001", Name: name, Kind: "overhead", Start: 100, Seconds: 0.14, Beside: []string{}},
			{Segment: "1000000000000002", Name: name, Kind: "own", Start: 100.14, Seconds: 0.01, Beside: []string{}},
			{Segment: "1000000000000006", Name: name, Kind: "call", Start: 100.16, Seconds: response - 0.15, Beside: []string{"DynamoDB"}},
		},
	}
	for _, d := range p.Segments[:2] {
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		p.Raw = append(p.Raw, xray.PageRawDocument{Time: 101, Source: "udp", Text: string(text), Violations: []xray.PageViolation{}})
	}
	p.Raw[1].Violations = append(p.Raw[1].Violations, xray.PageViolation{Path: "name", Rule: name, Code: "InvalidName"})
	return p
}
