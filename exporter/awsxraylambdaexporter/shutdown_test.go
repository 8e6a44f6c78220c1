package awsxraylambdaexporter

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/lambdaxray/lambdaxray/exporter/awsxraylambdaexporter/internal/metadatatest"
)

// deadPeer takes connections and requests and never answers.
type deadPeer struct {
	url    string
	called atomic.Int32
}

func newDeadPeer(t *testing.T) *deadPeer {
	t.Helper()
	p := &deadPeer{}
	end := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		p.called.Add(1)
		select {
		case <-end:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(sync.OnceFunc(func() { close(end) }))
	p.url = server.URL
	return p
}

// byDefault is the default configuration against a peer, with less patience.
func byDefault(url string, change func(*Config)) *Config {
	c := NewFactory().CreateDefaultConfig().(*Config)
	c.AWS.Region, c.AWS.Endpoint = "eu-central-1", url
	c.ShutdownTimeout = 50 * time.Millisecond
	change(c)
	return c
}

func onDisk(c *Config) {
	q := *c.Queue.Get()
	q.StorageID = &diskID
	c.Queue = configoptional.Some(q)
}

// X-Ray takes connections and never answers: the first timeout is logged, and
// the Collector ends all the same. What was in memory is counted as dropped, what
// was on disk is delivered after the next start.
func TestDeadPeer(t *testing.T) {
	for _, tc := range []struct {
		name    string
		change  func(*Config)
		dropped map[string]int64
	}{
		{"in memory", func(*Config) {}, map[string]int64{"Shutdown": all}},
		{"in memory, no batches", func(c *Config) {
			c.Queue.Get().Batch = configoptional.None[exporterhelper.BatchConfig]()
			c.Queue.Get().NumConsumers = 2
		}, map[string]int64{"Shutdown": all}},
		{"in memory, no retries", func(c *Config) { c.Retry.Enabled = false }, map[string]int64{"Canceled": all}},
		{"on disk", onDisk, nil},
		{"on disk, no batches", func(c *Config) {
			c.Queue.Get().Batch = configoptional.None[exporterhelper.BatchConfig]()
			onDisk(c)
		}, nil},
		{"on disk, no retries", func(c *Config) { onDisk(c); c.Retry.Enabled = false }, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			isolate(t)
			peer := newDeadPeer(t)
			host := newDisk()
			tel := componenttest.NewTelemetry()
			t.Cleanup(func() { _ = tel.Shutdown(t.Context()) })
			e, shutdown := startExporter(t, metadatatest.NewSettings(tel), byDefault(peer.url, tc.change), host)
			for n := range requests {
				if err := e.ConsumeTraces(t.Context(), request(n)); err != nil {
					t.Fatal(err)
				}
			}
			await(t, func() bool { return peer.called.Load() > 0 })
			shutdown()
			const dropped = "otelcol_exporter_awsxraylambda_spans_dropped"
			if diff := cmp.Diff(tc.dropped, byReason(tel, dropped)); diff != "" {
				t.Errorf("dropped (-want +got):\n%s", diff)
			}
			if tc.dropped != nil {
				return
			}
			x := newFakeXRay(t)
			_, shutdown = startExporter(t, metadatatest.NewSettings(tel), byDefault(x.url, tc.change), host)
			await(t, func() bool { return len(x.taken()) >= traces*requests })
			shutdown()
			if diff := cmp.Diff(spanIDs(0, 1, 2, 3, 4, 5), x.spanIDs(t)); diff != "" {
				t.Errorf("spans delivered after the restart (-want +got):\n%s", diff)
			}
		})
	}
}

// The first timeout is in the log, before the request is given back.
func TestFirstTimeoutIsLogged(t *testing.T) {
	isolate(t)
	peer := newDeadPeer(t)
	set := metadatatest.NewSettings(componenttest.NewTelemetry())
	core, logs := observer.New(zap.InfoLevel)
	set.Logger = zap.New(core)
	c := byDefault(peer.url, func(c *Config) { c.AWS.RequestTimeoutSeconds = 1 })
	e, shutdown := startExporter(t, set, c, componenttest.NewNopHost())
	if err := e.ConsumeTraces(t.Context(), request(0)); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return logs.Len() > 0 })
	first := logs.All()[0]
	shutdown()
	if first.Message != "X-Ray does not answer in time. The spans are kept and sent again, see retry_on_failure." ||
		first.Level != zap.WarnLevel || first.ContextMap()["reason"] != "Timeout" {
		t.Errorf("the first entry is %v %v", first.Message, first.ContextMap())
	}
}

// A batch that waits for more goes out when the Collector stops.
func TestPendingBatchAtShutdown(t *testing.T) {
	isolate(t)
	x := newFakeXRay(t)
	c := byDefault(x.url, func(c *Config) {
		c.Queue.Get().Batch.Get().FlushTimeout = time.Hour
		c.ShutdownTimeout = 8 * time.Second
	})
	e, shutdown := startExporter(t, metadatatest.NewSettings(componenttest.NewTelemetry()), c, componenttest.NewNopHost())
	if err := e.ConsumeTraces(t.Context(), request(0)); err != nil {
		t.Fatal(err)
	}
	shutdown()
	if diff := cmp.Diff(spanIDs(0), x.spanIDs(t)); diff != "" {
		t.Errorf("spans delivered (-want +got):\n%s", diff)
	}
}

// By default small requests share calls, and what is said twice is one span.
func TestBatchesByDefault(t *testing.T) {
	isolate(t)
	x := newFakeXRay(t)
	c := byDefault(x.url, func(c *Config) {
		c.Queue.Get().Batch.Get().FlushTimeout = time.Hour // the size decides
		c.ShutdownTimeout = 8 * time.Second
	})
	e, shutdown := startExporter(t, metadatatest.NewSettings(componenttest.NewTelemetry()), c, componenttest.NewNopHost())
	for n := range requests { // 30 spans each, each twice
		for range 2 {
			if err := e.ConsumeTraces(t.Context(), request(n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	shutdown()
	if diff := cmp.Diff(spanIDs(0, 1, 2, 3, 4, 5), x.spanIDs(t)); diff != "" {
		t.Errorf("spans delivered (-want +got):\n%s", diff)
	}
	// 300 spans are ten requests, the first five and their doubles: 50 documents.
	if got := x.Stats(); got.Documents != traces*requests || got.Calls["/TraceSegments"] != 2 {
		t.Errorf("%d documents in %v calls, want %d in 2", got.Documents, got.Calls, traces*requests)
	}
}

// A condition is logged when it begins, when it changes and when it is over.
func TestCondition(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	c := &condition{logger: zap.New(core), resent: true}
	now := time.Unix(1_800_000_000, 0)
	at := func(d time.Duration) time.Time { return now.Add(d) }
	c.good(at(0))
	for i := range 100 { // throttled now and then
		c.bad(at(time.Duration(i)*time.Second), "ThrottledException", errOf("slow down"))
		c.good(at(time.Duration(i)*time.Second + 500*time.Millisecond))
	}
	for i := range 50 { // two that take turns
		c.bad(at(200*time.Second+time.Duration(i)*time.Second), "Timeout", errOf("late"))
		c.bad(at(200*time.Second+time.Duration(i)*time.Second), "Connection", errOf("broken"))
	}
	c.good(at(255 * time.Second))
	c.good(at(265 * time.Second))
	c.good(at(266 * time.Second))
	c.bad(at(300*time.Second), "AccessDeniedException", errOf("no"))
	c.bad(at(400*time.Second), "HTTP302", errOf("elsewhere"))
	c.bad(at(500*time.Second), "HTTP599", errOf("odd"))
	var got []string
	for _, entry := range logs.All() {
		if entry.Message == "X-Ray takes documents again." {
			got = append(got, "again after "+entry.ContextMap()["after"].(string))
			continue
		}
		if entry.ContextMap()["fix"] == "" || entry.ContextMap()["error"] == "" {
			t.Errorf("%s has no fix or no error: %v", entry.Message, entry.ContextMap())
		}
		got = append(got, entry.Level.String()+" "+entry.ContextMap()["reason"].(string))
	}
	want := []string{"warn ThrottledException", "warn Timeout", "warn Connection", "again after Connection",
		"error AccessDeniedException", "error HTTP302", "warn HTTP599"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

type errOf string

func (e errOf) Error() string { return string(e) }
