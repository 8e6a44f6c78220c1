package xray

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
	"github.com/lambdaxray/lambdaxray/xray/xraylog"
)

// logs keeps what is logged.
type logs struct {
	mu    sync.Mutex
	lines []string
}

func (l *logs) Log(level xraylog.LogLevel, msg fmt.Stringer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, level.String()+" "+msg.String())
}

func listen(t *testing.T) *logs {
	l := &logs{}
	logger.Set(l)
	t.Cleanup(func() { logger.Set(nil) })
	return l
}

func TestTracingName(t *testing.T) {
	f := start(t)
	t.Setenv("AWS_XRAY_TRACING_NAME", "everything")
	_, seg := BeginSegment(context.Background(), "one")
	seg.Close(nil)
	if d := f.document(); d.Name != "everything" {
		t.Errorf("named %q", d.Name)
	}
}

func TestDaemonAddress(t *testing.T) {
	first := start(t)
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "")
	second := start(t) // takes the variable again
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "")
	for _, f := range []*fixture{first, second} {
		if err := Configure(Config{DaemonAddr: f.Addr()}); err != nil {
			t.Fatal(err)
		}
		_, seg := BeginSegment(context.Background(), "svc")
		seg.Close(nil)
		f.document()
	}
	if err := Configure(Config{DaemonAddr: "nowhere"}); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v", err)
	}
}

// A program that has an OpenTelemetry provider keeps it.
func TestOwnProvider(t *testing.T) {
	f := start(t)
	exporter := tracetest.NewInMemoryExporter()
	p := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	otel.SetTracerProvider(p)
	ctx, seg := BeginSegment(context.Background(), "svc")
	_, sub := BeginSubsegment(ctx, "sub")
	sub.Close(nil)
	seg.Close(nil)
	if n := len(exporter.GetSpans()); n != 2 {
		t.Errorf("%d spans", n)
	}
	f.documents(0)
	if err := p.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestIDsWritten(t *testing.T) {
	f := start(t)
	l := listen(t)
	for range 2 {
		_, seg := BeginSegment(context.Background(), "svc")
		id := seg.ID
		seg.ID, seg.StartTime = "53995c3f42cd8ad8", 1
		seg.Close(nil)
		if id == seg.ID {
			t.Fatal("the same id")
		}
	}
	for _, d := range f.documents(2) {
		if d.ID == "53995c3f42cd8ad8" {
			t.Error("the id was taken over")
		}
	}
	if len(l.lines) != 2 || !strings.Contains(l.lines[0], "WARN") || !strings.Contains(l.lines[0], "ID was set") {
		t.Errorf("logged %q", l.lines)
	}
}

func TestServiceVersion(t *testing.T) {
	f := start(t)
	if err := Configure(Config{ServiceVersion: "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	_, seg := BeginSegment(context.Background(), "svc")
	seg.Close(nil)
	if d := f.document(); d.Service == nil || d.Service.Version != "1.2.3" {
		t.Errorf("service %+v", d.Service)
	}
}
