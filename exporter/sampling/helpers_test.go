package sampling

import (
	"context"
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// inMemory answers calls without a socket, so that a test can run in a
// synctest bubble. It has X-Ray's clock, ahead of ours by skew.
type inMemory struct {
	http.Handler
	skew time.Duration
}

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	answered := make(chan *http.Response, 1)
	go func() {
		w := httptest.NewRecorder()
		w.Header().Set("Date", time.Now().Add(m.skew).UTC().Format(http.TimeFormat))
		m.ServeHTTP(w, r)
		answered <- w.Result()
	}()
	select {
	case resp := <-answered:
		return resp, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// calls counts what a handler is asked and can let it fail.
type calls struct {
	http.Handler
	mu   sync.Mutex
	made map[string]int
	fail func(path string, w http.ResponseWriter, r *http.Request) bool
}

func (c *calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	if c.made == nil {
		c.made = make(map[string]int)
	}
	c.made[r.URL.Path]++
	fail := c.fail
	c.mu.Unlock()
	if fail == nil || !fail(r.URL.Path, w, r) {
		c.Handler.ServeHTTP(w, r)
	}
}

func (c *calls) count(path string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.made[path]
}

func (c *calls) setFail(f func(path string, w http.ResponseWriter, r *http.Request) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = f
}

// failWith answers every call with the status and body.
func failWith(status int, body string) func(string, http.ResponseWriter, *http.Request) bool {
	return func(_ string, w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	}
}

var orders = resource.NewSchemaless(attribute.String("service.name", "orders"), attribute.String("cloud.platform", "aws_ecs"))

func newTestSampler(t testing.TB, rt http.RoundTripper, opts ...Option) *Sampler {
	t.Helper()
	opts = append(opts, optionFunc(func(c *config) error { c.transport = rt; return nil }))
	s, err := New(orders, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// request i of a row of requests whose ids are spread evenly, so that a rate
// takes its share of any hundred of them.
func parameters(i int, attributes ...attribute.KeyValue) sdktrace.SamplingParameters {
	p := sdktrace.SamplingParameters{ParentContext: context.Background(), Name: "GET /", Kind: trace.SpanKindServer, Attributes: attributes}
	p.TraceID[0] = 1
	binary.BigEndian.PutUint64(p.TraceID[8:], uint64(i+1)*0x9E3779B97F4A7C15)
	return p
}

// decide makes n decisions and returns how many were yes.
func decide(s *Sampler, n int, attributes ...attribute.KeyValue) int {
	yes := 0
	for i := range n {
		if s.ShouldSample(parameters(i, attributes...)).Decision == sdktrace.RecordAndSample {
			yes++
		}
	}
	return yes
}

// near reports whether a rate's share of n came out.
func near(got, want int) bool { return got >= want-8 && got <= want+8 }

// reported returns the sums of what was reported of a rule.
func reported(rules *xraytest.SamplingRules, name string) counts {
	var sum counts
	all, _ := rules.Statistics()
	for _, d := range all {
		if d.RuleName == name {
			sum.add(counts{d.RequestCount, d.SampledCount, d.BorrowCount})
		}
	}
	return sum
}

// captureErrors returns what OpenTelemetry's error handler gets.
func captureErrors(t *testing.T) func() []error {
	var mu sync.Mutex
	var got []error
	before := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, err)
	}))
	t.Cleanup(func() { otel.SetErrorHandler(before) })
	return func() []error {
		mu.Lock()
		defer mu.Unlock()
		return got
	}
}

var errRefused = errors.New("connection refused")

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
