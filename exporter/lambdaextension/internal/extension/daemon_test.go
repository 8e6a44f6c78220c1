package extension

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// Without a daemon requests are answered, and one line says what is missing.
func TestNoDaemonKnown(t *testing.T) {
	b := newBench(t, map[string]string{EnvDaemon: "", envRuntimeAPI: "127.0.0.1:9"})
	b.proc = t.TempDir()
	for range 10 {
		if status, _ := b.post(function("")); status != 200 {
			t.Errorf("%d", status)
		}
	}
	b.Close(context.Background())
	if log := b.log.String(); strings.Count(log, "no X-Ray daemon") != 1 || !strings.Contains(log, "10 documents were lost") {
		t.Errorf("%s", log)
	}
}

// A daemon may be away at first and for a while: once it is there, all documents are.
func TestDaemonRestarted(t *testing.T) {
	gone := xraytest.NewDaemon(t)
	address := gone.Addr()
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, map[string]string{EnvDaemon: address})
	for round := range 3 {
		for range 3 {
			if status, _ := b.post(function("")); status != 200 {
				t.Errorf("%d", status)
			}
		}
		daemon, err := xraytest.StartDaemon(address)
		if err != nil {
			t.Skip(err) // someone else has the port
		}
		b.daemon = daemon
		for range 5 {
			b.post(function(""))
		}
		if docs := b.documents(); len(docs) != 5 {
			t.Errorf("round %d: %d documents, want 5", round, len(docs))
		}
		if err := daemon.Close(); err != nil {
			t.Fatal(err)
		}
	}
	b.Close(t.Context())
	if log := b.log.String(); strings.Count(log, "\n") != 2 || !strings.Contains(log, "were lost in all") {
		t.Errorf("%s", log)
	}
}

// The runtime's environment says where the daemon is.
func TestDiscovery(t *testing.T) {
	b := newBench(t, map[string]string{EnvDaemon: "", envRuntimeAPI: "127.0.0.1:9001"})
	b.proc = t.TempDir()
	for pid, env := range map[string]string{
		"1":   "PATH=/bin\x00",
		"20":  "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9\x00AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:1\x00",
		"30":  "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001\x00AWS_XRAY_DAEMON_ADDRESS=" + b.daemon.Addr() + "\x00AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/orders\x00",
		"400": "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001\x00",
	} {
		if err := os.MkdirAll(filepath.Join(b.proc, pid), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(b.proc, pid, "environ"), []byte(env), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b.post(span(functionID, "", 2, "orders", ""))
	docs := b.documents()
	if len(docs) != 1 || !strings.Contains(fmt.Sprint(docs[0].AWS), "/aws/lambda/orders") {
		t.Errorf("%+v, log %s", docs, &b.log)
	}
}
