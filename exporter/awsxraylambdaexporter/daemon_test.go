package awsxraylambdaexporter

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

type panicEmitter struct{}

func (panicEmitter) Emit(context.Context, [][]byte) error { panic("oh") }
func (panicEmitter) Shutdown(context.Context) error       { return nil }

func daemonConfig(address string) *Config {
	c := testConfig("")
	c.Daemon = address
	return c
}

func TestDaemon(t *testing.T) {
	isolate(t)
	d := xraytest.NewDaemon(t)
	e := start(t, daemonConfig(d.Addr()))
	if err := e.ConsumeTraces(t.Context(), readTraces(t, "several_traces")); err != nil {
		t.Fatal(err)
	}
	want := goldenDocuments(t, "several_traces")
	docs, err := d.Wait(t.Context(), len(want))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, doc := range docs {
		got = append(got, string(doc))
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

// Without a daemon the request is kept to be sent again.
func TestDaemonAbsent(t *testing.T) {
	isolate(t)
	conn, err := net.ListenPacket("udp", "127.0.0.1:0") // a port that nobody has
	if err != nil {
		t.Fatal(err)
	}
	address := conn.LocalAddr().String()
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	e := start(t, daemonConfig(address))
	err = e.ConsumeTraces(t.Context(), request(0))
	var again consumererror.Traces
	if !errors.As(err, &again) || again.Data().SpanCount() != traces*spans || strings.Contains(err.Error(), "lost") {
		t.Errorf("error is %v, want one to send the spans again, without a word of loss", err)
	}
}

// Requests of one document each come as fast as they can, and the daemon's socket
// loses none: the pace is one for all of them.
func TestDaemonPace(t *testing.T) {
	isolate(t)
	d := xraytest.NewDaemon(t)
	e := start(t, daemonConfig(d.Addr()))
	const n = 1000
	td := ptrace.NewTraces()
	s := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	s.SetName("span")
	s.SetKind(ptrace.SpanKindServer)
	s.Attributes().PutStr("text", strings.Repeat("x", 1000))
	for i := range n {
		s.SetTraceID(pcommon.TraceID{1, 14: byte(i >> 8), 15: byte(i)})
		s.SetSpanID(pcommon.SpanID{1, 6: byte(i >> 8), 7: byte(i)})
		if err := e.ConsumeTraces(t.Context(), td); err != nil {
			t.Fatal(err)
		}
	}
	if docs, err := d.Wait(t.Context(), n); err != nil {
		t.Errorf("%d documents arrived, want %d: %v", len(docs), n, err)
	}
}
