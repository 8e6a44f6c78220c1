package xray

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// document is what these tests look at of a segment document.
type document struct {
	Name        string                    `json:"name"`
	ID          string                    `json:"id"`
	TraceID     string                    `json:"trace_id"`
	ParentID    string                    `json:"parent_id"`
	Type        string                    `json:"type"`
	Namespace   string                    `json:"namespace"`
	Origin      string                    `json:"origin"`
	Error       bool                      `json:"error"`
	Fault       bool                      `json:"fault"`
	Throttle    bool                      `json:"throttle"`
	User        string                    `json:"user"`
	Cause       *CauseData                `json:"cause"`
	HTTP        *HTTPData                 `json:"http"`
	AWS         map[string]any            `json:"aws"`
	SQL         *SQLData                  `json:"sql"`
	Service     *ServiceData              `json:"service"`
	Annotations map[string]any            `json:"annotations"`
	Metadata    map[string]map[string]any `json:"metadata"`
	Subsegments []document                `json:"subsegments"`
}

// child returns the first subsegment of a name.
func (d document) child(t *testing.T, name string) document {
	t.Helper()
	for _, c := range d.Subsegments {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("%q has no subsegment %q: %+v", d.Name, name, d.Subsegments)
	return document{}
}

type fixture struct {
	*xraytest.Daemon
	t *testing.T
}

// start gives the test a daemon, and the package a state as at the start of a
// process, but for a sampling strategy that takes all.
func start(t *testing.T) *fixture {
	t.Helper()
	daemon := xraytest.NewDaemon(t)
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", daemon.Addr())
	reset(t)
	if err := Configure(Config{SamplingStrategy: decision(true)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reset(t) })
	return &fixture{daemon, t}
}

// unset is a provider that [provider] takes for none.
var unset = otel.GetTracerProvider()

func reset(t *testing.T) {
	if p, ok := own.provider.(*sdktrace.TracerProvider); ok {
		if err := p.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	}
	own.once, own.provider = sync.Once{}, nil
	byRules.once, byRules.strategy = sync.Once{}, nil
	otel.SetTracerProvider(unset)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator())
	global.Store(nil)
	warned.Clear()
	output.use("")
}

// documents returns n documents, after which none may come.
func (f *fixture) documents(n int) []document {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	raw, err := f.Wait(ctx, n)
	if err != nil {
		f.t.Fatal(err)
	}
	if len(raw) != n {
		f.t.Fatalf("%d documents, want %d: %s", len(raw), n, raw)
	}
	docs := make([]document, n)
	for i, r := range raw {
		if err := xraytest.CheckDocument(r); err != nil {
			f.t.Errorf("%v: %s", err, r)
		}
		if err := json.Unmarshal(r, &docs[i]); err != nil {
			f.t.Fatalf("%v: %s", err, r)
		}
		f.t.Logf("%s", r)
	}
	return docs
}

func (f *fixture) document() document {
	f.t.Helper()
	return f.documents(1)[0]
}
