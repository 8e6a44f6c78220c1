package xray

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// getPage reads an answer of the page's API; it returns the status.
func getPage(t *testing.T, h http.Handler, path string, out any) int {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if strings.Contains(w.Body.String(), ":null") && !strings.Contains(w.Body.String(), `"cold":null`) {
		t.Errorf("%s: null in %s", path, w.Body)
	}
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			t.Fatalf("%s: %v in %s", path, err, w.Body)
		}
	}
	return w.Code
}

func TestPageGraph(t *testing.T) {
	s := storeOf(t,
		doc("orders", "1", "", 100, 109, originLambda), doc("orders", "2", "1", 102, 108, originFunction,
			nested(doc("sub:Initialization", "3", "", 101, 102), doc("sub:DynamoDB", "4", "", 103, 104, awsCall, `"error":true`))),
		in(traceNo(2), doc("other", "5", "", 200, 201)))
	h := NewPageHandler(s, PageOptions{})
	var graph PageGraph
	getPage(t, h, "/api/graph?from=61&to=119", &graph)
	var nodes []string
	for _, n := range graph.Nodes {
		nodes = append(nodes, fmt.Sprint(n.ID, " ", n.Stats.Total, " ", n.Root))
	}
	want := []string{"AWS::DynamoDB DynamoDB 1 false", "AWS::Lambda orders 1 true", "AWS::Lambda::Function orders 1 false", "client orders 0 false"}
	if diff := cmp.Diff(want, nodes); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	if graph.From != 60 || graph.To != 120 || graph.Traces != 1 || graph.Nodes[2].Cold.Count != 1 || graph.Nodes[2].Cold.Seconds != 1 || len(graph.Edges) != 3 {
		t.Errorf("graph %+v", graph)
	}
	if e := graph.Edges[1]; e.From != "AWS::Lambda::Function orders" || e.To != "AWS::DynamoDB DynamoDB" || e.Stats.Error != 1 || e.Stats.P95 != 1 {
		t.Errorf("edge %+v", e)
	}
	for filter, nodes := range map[string]int{"": 6, `service("other")`: 2, `service("DynamoDB") { error }`: 4, "fault": 0} {
		var graph PageGraph
		getPage(t, h, "/api/graph?filter="+url.QueryEscape(filter), &graph)
		if len(graph.Nodes) != nodes {
			t.Errorf("%s: %d nodes, want %d", filter, len(graph.Nodes), nodes)
		}
	}
	for _, filter := range []string{"", "ok"} {
		var series PageSeries
		getPage(t, h, "/api/series?node=AWS::Lambda%3A%3AFunction+orders&filter="+filter, &series)
		if len(series.Points) != 1 || series.Points[0].Time != 60 || series.Points[0].Cold != 1 || series.Points[0].Stats.OK != 1 {
			t.Errorf("series %+v", series)
		}
	}
}

// TestPageTraces: every order, page by page, has each trace once.
func TestPageTraces(t *testing.T) {
	s := NewStore()
	for i := range 57 {
		d := doc(fmt.Sprint("service-", i%3), "1", "", float64(i%5), float64(10+i%7), fmt.Sprintf(`"http":{"request":{"method":"GET","url":"https://example.com/%d"},"response":{"status":%d}},"fault":%v,"user":"u-%d"`, i%11, 200+i%4, i%4 == 3, i%2))
		if err := s.Put([]byte(in(traceNo(i), d))); err != nil {
			t.Fatal(err)
		}
	}
	h := NewPageHandler(s, PageOptions{})
	for name := range sorts {
		for _, sign := range []string{"", "-"} {
			var ids, keys []string
			cursor := ""
			for range 10 {
				var page PageTraces
				getPage(t, h, "/api/traces?limit=10&sort="+sign+name+"&cursor="+cursor, &page)
				if page.Total != 57 || page.Stats.Total != 57 || page.Stats.Fault != 14 || page.Scanned != 57 {
					t.Fatalf("%+v", page)
				}
				for _, r := range page.Traces {
					ids = append(ids, r.ID)
					keys = append(keys, fmt.Sprintf("%012.6f %s", map[string]float64{"start": r.Start, "response": r.Response, "duration": r.Duration, "status": float64(r.Status)}[name], map[string]string{"url": r.URL, "method": r.Method, "name": r.Name}[name]))
				}
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			sorted := slices.IsSorted(keys)
			if sign == "-" {
				slices.Reverse(keys)
				sorted = slices.IsSorted(keys)
			}
			slices.Sort(ids)
			if n := len(slices.Compact(ids)); n != 57 || len(ids) != 57 || !sorted {
				t.Errorf("%s%s: %d rows of %d traces, sorted %v", sign, name, len(ids), n, sorted)
			}
		}
	}
	var page PageTraces
	getPage(t, h, "/api/traces?filter="+url.QueryEscape(`user = "u-1" AND fault`)+"&from=0&to=3", &page)
	for _, r := range page.Traces {
		if r.Outcome != "fault" || r.Users[0] != "u-1" || r.Start > 3 || r.Nodes[0] != " "+r.Name {
			t.Errorf("row %+v", r)
		}
	}
	if page.Total == 0 || page.Total == 57 {
		t.Errorf("%d match", page.Total)
	}
}

func TestPageErrors(t *testing.T) {
	h := NewPageHandler(NewStore(), PageOptions{})
	for path, want := range map[string]struct {
		status    int
		parameter string
		column    int
	}{
		"/api/graph?from=x":              {400, "from", 0},
		"/api/graph?from=2&to=1":         {400, "to", 0},
		"/api/graph?to=1e300":            {400, "to", 0},
		"/api/graph?filter=ok+AND+speed": {400, "filter", 8},
		"/api/series":                    {400, "node", 0},
		"/api/traces?sort=speed":         {400, "sort", 0},
		"/api/traces?cursor=%3f":         {400, "cursor", 0},
		"/api/traces?cursor=bnVsbA":      {400, "cursor", 0},
		"/api/traces?limit=501":          {400, "limit", 0},
		"/api/trace/1-x":                 {404, "", 0},
		"/api/speed":                     {404, "", 0},
	} {
		var e PageError
		if status := getPage(t, h, path, &e); status != want.status || e.Error.Parameter != want.parameter || e.Error.Column != want.column || e.Error.Message == "" {
			t.Errorf("%s: %d %+v, want %+v", path, status, e, want)
		}
	}
}

func TestPageTrace(t *testing.T) {
	s := storeOf(t)
	for _, d := range []string{producer, fmt.Sprintf(consumer, "00000000000000a2")} {
		if err := s.Put([]byte(d)); err != nil {
			t.Fatal(err)
		}
	}
	h := NewPageHandler(s, PageOptions{})
	var up, down PageTrace
	getPage(t, h, "/api/trace/1-00000001-000000000000000000000001", &up)
	getPage(t, h, "/api/trace/1-00000001-000000000000000000000002", &down)
	if diff := cmp.Diff([]PageLink{{down.ID, "00000000000000b1", "00000000000000a2", "AWS::Lambda consumer"}}, up.Downstream); diff != "" {
		t.Errorf("downstream (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]PageLink{{up.ID, "00000000000000a2", "00000000000000b1", "AWS::SQS SQS"}}, down.Upstream); diff != "" {
		t.Errorf("upstream (-want +got):\n%s", diff)
	}
	if len(up.Raw) != 1 || up.Raw[0].Text != producer || up.Raw[0].Source != "file" || len(up.Raw[0].Violations) != 0 || len(up.Segments) != 2 {
		t.Errorf("%+v", up)
	}
}

// TestWhere: the parts are what a reader of the timeline would say, and add up.
func TestWhere(t *testing.T) {
	later := func(name, id, parent string, start, end float64, more ...string) string {
		if end > 0 {
			end += 100
		}
		return doc(name, id, parent, start+100, end, more...)
	}
	lambda := []string{
		later("orders", "1", "", 0, 10, originLambda),
		later("orders", "2", "1", 3, 9, originFunction, nested(later("sub:Initialization", "3", "", 1, 2.5))),
		later("sub:orders", "4", "2", 3.5, 8.5, nested(
			later("sub:prices", "5", "", 4, 5, remote), later("sub:S3", "6", "", 5, 7, awsCall), later("sub:DynamoDB", "7", "", 5, 6.5, awsCall),
			later("sub:work", "8", "", 7, 8))),
	}
	async := []string{
		later("orders", "1", "", 0, 0.005, originLambda, nested(later("sub:Dwell Time", "2", "", 0, 1), later("sub:Attempt #1", "3", "", 1, 2))),
		later("orders", "4", "3", 1, 2, originFunction),
	}
	for name, test := range map[string]struct {
		docs []string
		want string
	}{
		"a cold function": {lambda, "overhead orders 1, init Initialization 1.5, overhead orders 0.5, own orders 1, call prices 1, call S3 2 beside [DynamoDB], own orders 2, overhead orders 1"},
		"asynchronous":    {async, "dwell Dwell Time 0.005"},
		"nested segments": {[]string{
			later("front", "1", "", 0, 10, nested(later("sub:back", "2", "", 1, 9, remote))), later("back", "3", "2", 2, 8),
		}, "own front 1, call back 1, own back 6, call back 1, own front 1"},
		"in progress": {[]string{later("front", "1", "", 0, 0)}, ""},
	} {
		s := storeOf(t, test.docs...)
		p, err := s.pageTrace(testTrace)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, part := range p.Parts {
			text := fmt.Sprintf("%s %s %g", part.Kind, part.Name, part.Seconds)
			if len(part.Beside) > 0 {
				text += fmt.Sprint(" beside ", part.Beside)
			}
			got = append(got, text)
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, test.want)
		}
		addsUp(t, p)
	}
}

func addsUp(t *testing.T, p PageTrace) {
	t.Helper()
	total, at := 0.0, p.Start
	for i, part := range p.Parts {
		if i == 0 {
			at = part.Start
		}
		if math.Abs(part.Start-at) > 2e-6 || part.Seconds <= 0 {
			t.Errorf("part %+v begins at %g, want %g", part, part.Start, at)
		}
		total += part.Seconds
		at = part.Start + part.Seconds
	}
	if math.Abs(total-p.Response) > 1e-9*float64(1+len(p.Parts)) {
		t.Errorf("parts add up to %g of %g: %+v", total, p.Response, p.Parts)
	}
}

// TestWhereAddsUp: whatever the documents are.
func TestWhereAddsUp(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		s := NewStore()
		for i := range 1 + r.IntN(12) {
			start := math.Round(r.Float64()*1e7) / 1e6
			end := start + math.Round(r.Float64()*1e6)/1e6
			parent, name := "", "part"
			if i > 0 {
				parent = fmt.Sprint(r.IntN(i + 2))
			}
			if i > 0 && r.IntN(3) > 0 {
				name = "sub:" + []string{"part", "Initialization", "Dwell Time"}[r.IntN(3)]
			}
			more := []string{remote, `"x":1`, originLambda}[r.IntN(3)]
			if err := s.Put([]byte(doc(name, fmt.Sprint(i), parent, start, end, more))); err != nil {
				t.Fatal(err)
			}
		}
		p, err := s.pageTrace(testTrace)
		if err != nil {
			t.Fatal(err)
		}
		addsUp(t, p)
	}
}

func TestPageComplete(t *testing.T) {
	s := storeOf(t, doc("orders", "1", "", 1, 2, `"annotations":{"order.id":"o-\"1","n":7,"vip":true},"user":"ada"`))
	h := NewPageHandler(s, PageOptions{})
	for expression, want := range map[string]PageItem{
		`fau`:                   {"fault", "keyword", 0},
		`annotation.or`:         {"order.id", "annotation", 1},
		`annotation.order.id =`: {`"o-\"1"`, "value", 1},
		`annotation.n = `:       {"7", "value", 1},
		`annotation[vip] = `:    {"true", "value", 1},
		`user = "a`:             {`"ada"`, "value", 1},
		`service(`:              {`"orders"`, "service", 1},
		`service("ord`:          {`"orders"`, "service", 1},
		`group.name = `:         {`"Default"`, "value", 1},
		`ok = `:                 {"true", "value", 0},
		`duration `:             {"<", "operator", 0},
		`ok AND duration > 3 O`: {"OR", "keyword", 0},
	} {
		var got PageCompletion
		getPage(t, h, "/api/complete?filter="+url.QueryEscape(expression), &got)
		if !slices.Contains(got.Items, want) {
			t.Errorf("%s: %+v, want %+v", expression, got, want)
		}
	}
}

func TestPageInvoke(t *testing.T) {
	post := func(h http.Handler, body string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", "/api/invoke", strings.NewReader(body)))
		return w.Code, w.Body.String()
	}
	h := NewPageHandler(NewStore(), PageOptions{Invoke: func(_ context.Context, in PageInvocation) (PageOutcome, error) {
		text, err := json.Marshal(in.Payload)
		if string(text) == `"fail"` {
			return PageOutcome{}, errors.New("it is ending")
		}
		return PageOutcome{Payload: string(text), Status: 200}, err
	}})
	for body, want := range map[string]int{``: 200, `{"payload":{"a":1}}`: 200, `{"payload":"fail"}`: 500, `{`: 400, `{"type":"DryRun"}`: 400} {
		if status, text := post(h, body); status != want {
			t.Errorf("%s: %d %s, want %d", body, status, text, want)
		}
	}
	if status, _ := post(NewPageHandler(NewStore(), PageOptions{}), `{}`); status != 404 {
		t.Errorf("without a function: %d", status)
	}
}

// TestPageEvents: one at once, and one after a change.
func TestPageEvents(t *testing.T) {
	s := NewStore()
	server := httptest.NewServer(NewPageHandler(s, PageOptions{}))
	defer server.Close()
	resp, err := http.Get(server.URL + "/api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	next := func() (e PageEvent) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(data), &e); err != nil {
					t.Fatal(err)
				}
				return e
			}
		}
		t.Fatal("no event")
		return e
	}
	first := next()
	for i := range 10 { // one event, not ten
		if err := s.Put([]byte(in(traceNo(i), doc("orders", "00000000000000a1", "", 1, 2)))); err != nil {
			t.Fatal(err)
		}
	}
	if second := next(); second.Traces != 10 || second.Documents != 10 || second.Seq <= first.Seq {
		t.Errorf("first %+v, then %+v", first, second)
	}
}
