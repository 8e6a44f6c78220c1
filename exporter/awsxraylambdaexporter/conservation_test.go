package awsxraylambdaexporter

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lambdaxray/lambdaxray/exporter/awsxraylambdaexporter/internal/metadatatest"
)

// chaos is an X-Ray that answers at random. It takes documents in a whole answer
// alone, and refuses for good by id, so that what it has is what was delivered.
type chaos struct {
	mu     sync.Mutex
	random *rand.Rand
	calm   bool // answer as X-Ray does
	refuse bool // a fifth of the documents for good
	taken  map[spanKey]bool
	doubts int // documents in answers that were not whole
}

func (c *chaos) roll(n int) int { return c.random.IntN(n) }

func (c *chaos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var in struct{ TraceSegmentDocuments []string }
	if err := json.Unmarshal(text, &in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	kind := 0
	if !c.calm {
		kind = c.roll(16)
	}
	if kind > 7 {
		c.doubts += len(in.TraceSegmentDocuments)
	}
	page := "<html><body>Sign in</body></html>"
	switch kind {
	default:
		c.take(w, in.TraceSegmentDocuments)
	case 8:
		w.Header().Set("X-Amzn-Errortype", "ThrottledException")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"Message":"slow down"}`)
	case 9:
		w.WriteHeader(http.StatusInternalServerError)
	case 10:
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	case 11:
		_, _ = io.WriteString(w, page)
	case 12:
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader([]int{301, 302, 307, 400, 403, 404, 407, 413, 431, 502}[c.roll(10)])
		_, _ = io.WriteString(w, page)
	case 13:
		_, _ = io.WriteString(w, `{"UnprocessedTraceSegments":[{"Id":"0`)
	case 14:
		w.Header().Set("X-Amzn-Errortype", []string{"AccessDeniedException", "ExpiredTokenException", "InvalidSignatureException"}[c.roll(3)])
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"message":"no"}`)
	case 15: // nothing at all
	}
}

// take answers as X-Ray does, and sometimes leaves documents for later: under
// their id, or all of a call that it does not otherwise name, under none or
// under an id that nobody knows.
func (c *chaos) take(w http.ResponseWriter, docs []string) {
	type entry struct {
		ID        string `json:"Id,omitempty"`
		ErrorCode string
	}
	var entries []entry
	anonymous := !c.calm && c.roll(8) == 0
	for _, doc := range docs {
		traceID, ids := nodes([]byte(doc))
		id := rootID(doc)
		switch {
		case c.refuse && id[len(id)-1]%5 == 0:
			entries = append(entries, entry{id, "InvalidName"})
			continue
		case !c.calm && c.roll(10) == 0:
			e := entry{id, "ThrottledException"}
			if anonymous {
				e.ID = []string{"", "ffffffffffffffff"}[c.roll(2)]
			}
			entries = append(entries, e)
			continue
		case anonymous:
			entries = append(entries, entry{"", "ThrottledException"})
			continue
		}
		for _, id := range ids {
			c.taken[spanKey{traceID, id}] = true
		}
	}
	c.random.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	_ = json.NewEncoder(w).Encode(map[string]any{"UnprocessedTraceSegments": entries})
}

func rootID(doc string) string {
	var head struct{ ID string }
	if err := json.Unmarshal([]byte(doc), &head); err != nil {
		return "?"
	}
	return head.ID
}

// randomTraces makes a request of up to 30 traces. Now and then a span comes
// twice; with odd, one has no id.
func randomTraces(r *rand.Rand, number int, odd bool) ptrace.Traces {
	td := ptrace.NewTraces()
	for i := range 1 + r.IntN(3) {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", fmt.Sprintf("service %d", i))
		list := rs.ScopeSpans().AppendEmpty().Spans()
		for j := range r.IntN(10) {
			var traceID pcommon.TraceID
			binary.BigEndian.PutUint64(traceID[:], uint64(number)+1)
			binary.BigEndian.PutUint64(traceID[8:], uint64(i*100+j)+1)
			var parent pcommon.SpanID
			for k := range 1 + r.IntN(5) {
				s := list.AppendEmpty()
				s.SetTraceID(traceID)
				s.SetParentSpanID(parent)
				if !odd || r.IntN(50) > 0 {
					var id pcommon.SpanID
					binary.BigEndian.PutUint64(id[:], r.Uint64())
					s.SetSpanID(id)
				}
				if k == 0 || r.IntN(3) == 0 {
					parent = s.SpanID()
				}
				s.SetKind(ptrace.SpanKind(1 + r.IntN(5)))
				s.SetName(fmt.Sprintf("span %d", k))
				s.SetStartTimestamp(pcommon.Timestamp(1_800_000_000_000_000_000 + k))
				s.SetEndTimestamp(s.StartTimestamp() + 1_000_000)
				if r.IntN(20) == 0 {
					s.CopyTo(list.AppendEmpty())
				}
			}
		}
	}
	return td
}

// Whatever X-Ray answers, and whatever stands before it: spans in are spans
// delivered and spans counted as dropped by reason, exactly.
func TestConservation(t *testing.T) {
	queue := func(change func(*exporterhelper.QueueBatchConfig)) func(*Config) {
		return func(c *Config) {
			q := defaultQueue()
			change(&q)
			c.Queue = configoptional.Some(q)
		}
	}
	noBatch := configoptional.None[exporterhelper.BatchConfig]()
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for _, tc := range []struct {
		name    string
		change  func(*Config)
		refuse  bool
		restart bool
	}{
		{name: "no queue", change: func(*Config) {}, refuse: true},
		{name: "queue", change: queue(func(q *exporterhelper.QueueBatchConfig) { q.Batch = noBatch }), refuse: true},
		{name: "batches", change: queue(func(*exporterhelper.QueueBatchConfig) {}), refuse: true},
		{name: "small portions", change: queue(func(q *exporterhelper.QueueBatchConfig) { q.Batch.Get().MinSize, q.Batch.Get().MaxSize = 30, 30 }), refuse: true},
		{name: "no retries", change: func(c *Config) {
			queue(func(*exporterhelper.QueueBatchConfig) {})(c)
			c.Retry.Enabled = false
		}, refuse: true},
		{name: "given up", change: func(c *Config) {
			queue(func(*exporterhelper.QueueBatchConfig) {})(c)
			c.Retry.MaxElapsedTime = 20 * time.Millisecond
		}, refuse: true},
		{name: "on disk", change: queue(func(q *exporterhelper.QueueBatchConfig) { q.StorageID = &diskID }), refuse: true},
		// A request on disk is whole again after a restart: what was dropped of it
		// is dropped, and counted, again. So nothing is, here.
		{name: "on disk, restarted", change: queue(func(q *exporterhelper.QueueBatchConfig) { q.StorageID = &diskID }), restart: true},
		{name: "on disk, restarted, no batches", change: queue(func(q *exporterhelper.QueueBatchConfig) { q.StorageID, q.Batch = &diskID, noBatch }), restart: true},
	} {
		for seed := range seeds {
			t.Run(fmt.Sprintf("%s/%d", tc.name, seed), func(t *testing.T) {
				isolate(t)
				conserve(t, tc.change, tc.refuse, tc.restart, seed)
			})
		}
	}
}

func conserve(t *testing.T, change func(*Config), refuse, restart bool, seed uint64) {
	api := &chaos{random: rand.New(rand.NewPCG(seed, 1)), refuse: refuse, taken: map[spanKey]bool{}}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	tel := componenttest.NewTelemetry()
	t.Cleanup(func() { _ = tel.Shutdown(t.Context()) })
	host := newDisk()
	config := func() *Config {
		return testConfig(server.URL, func(c *Config) {
			c.Retry.Enabled = true
			c.Retry.MaxElapsedTime = 0
			c.ShutdownTimeout = 20 * time.Millisecond
		}, change)
	}
	in := map[spanKey]int{} // how often
	total := 0
	e, shutdown := startExporter(t, metadatatest.NewSettings(tel), config(), host)
	random := rand.New(rand.NewPCG(seed, 2))
	for n := range 60 {
		td := randomTraces(random, n, !restart)
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					in[keyOf(s.TraceID(), s.SpanID())]++
					total++
				}
			}
		}
		_ = e.ConsumeTraces(t.Context(), td) // an error says that all of it was dropped, and it is counted
		if restart && n%20 == 19 {
			shutdown()
			e, shutdown = startExporter(t, metadatatest.NewSettings(tel), config(), host)
		}
	}
	delivered := func() (spans int) {
		api.mu.Lock()
		defer api.mu.Unlock()
		for key := range api.taken {
			spans += in[key]
		}
		return spans
	}
	dropped := func() (spans int) {
		for _, n := range byReason(tel, "otelcol_exporter_awsxraylambda_spans_dropped") {
			spans += int(n)
		}
		return spans
	}
	deadline := time.Now().Add(20 * time.Second)
	for delivered()+dropped() < total && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	shutdown()
	d, l := delivered(), dropped()
	if d+l != total {
		t.Errorf("%d spans in, %d delivered and %d dropped: %+d (%v)", total, d, l, d+l-total,
			byReason(tel, "otelcol_exporter_awsxraylambda_spans_dropped"))
	}
	if d == 0 || api.doubts == 0 || refuse && !strings.Contains(fmt.Sprint(byReason(tel, "otelcol_exporter_awsxraylambda_spans_dropped")), "InvalidName") {
		t.Errorf("%d delivered, %d documents in spoilt answers: the test has not tried what it is for", d, api.doubts)
	}
}
