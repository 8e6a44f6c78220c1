package exporter

import (
	"bytes"
	"errors"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

func TestNewUDPEmitter(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e, err := NewUDPEmitter("tcp:127.0.0.1:1 udp:" + d.Addr())
	if err != nil {
		t.Fatal(err)
	}
	want := docs(2, 0)
	if err := e.Emit(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Wait(t.Context(), 2); err != nil || !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("received %q, %v", got, err)
	}
	if err := e.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Emit(t.Context(), want); !errors.Is(err, errShutdown) {
		t.Errorf("after Shutdown: %v", err)
	}

	for address, want := range map[string]string{
		"":          `exporter: address is "": it holds 0 addresses; write host:port`,
		"127.0.0.1": `exporter: address is "127.0.0.1": missing port in address; write host:port`,
	} {
		if e, err := NewUDPEmitter(address); e != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, %v; want the error %q", address, e, err, want)
		}
	}
}

// With nobody there every document is lost. The first loss is told at once, all of
// them at Shutdown.
func TestLossIsToldInFull(t *testing.T) {
	const invocations = 561
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	e, err := New(WithDaemonAddress(conn.LocalAddr().String()))
	if err != nil {
		t.Fatal(err)
	}
	var reports []string
	defer otel.SetErrorHandler(otel.GetErrorHandler())
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { reports = append(reports, err.Error()) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(NewProcessor(e, WithLambda(true))))
	for range invocations {
		_, f := provider.Tracer("test").Start(t.Context(), "orders", trace.WithSpanKind(trace.SpanKindServer))
		f.End()
	}
	if err := provider.Shutdown(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the last document's loss is not returned: %v", err)
	}
	if s := e.Stats(); s.LostDocuments != invocations || s.Documents != 0 {
		t.Errorf("%+v", s)
	}
	want := []string{"exporter: 1 document lost: no X-Ray daemon at ", "exporter: lost in all: 561 of 561 documents"}
	if len(reports) != 2 || !strings.HasPrefix(reports[0], want[0]) || !strings.HasPrefix(reports[1], want[1]) {
		t.Errorf("%q", reports)
	}
}
