package awsxraylambdaexporter

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/consumer/consumererror"

	xrayexporter "github.com/lambdaxray/lambdaxray/exporter"
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
	var emit *xrayexporter.EmitError
	if !errors.As(err, &emit) || consumererror.IsPermanent(err) {
		t.Errorf("error is %v, want an EmitError that is not permanent", err)
	}
}
