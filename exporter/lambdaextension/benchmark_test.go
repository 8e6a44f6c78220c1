package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// stripped builds the extension as the layer has it.
func stripped(b *testing.B) string {
	b.Helper()
	out := filepath.Join(b.TempDir(), "lambdaxray")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, text)
	}
	return out
}

// startStripped starts it and waits for its first call of event/next.
func startStripped(b *testing.B, path string, daemon *xraytest.Daemon) (cmd *exec.Cmd, address string, ready time.Duration) {
	b.Helper()
	r, err := xraytest.StartRuntime("127.0.0.1:0", xraytest.Function{Name: "orders"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = r.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	cmd = exec.Command(path)
	cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + r.Addr(), "AWS_LAMBDA_FUNCTION_NAME=orders", "LAMBDAXRAY_DAEMON_ADDRESS=" + daemon.Addr(),
		"LAMBDAXRAY_OTLP_HTTP=" + address, "LAMBDAXRAY_OTLP_GRPC=127.0.0.1:0"}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	if err := r.WaitExtensions(b.Context(), 1); err != nil {
		b.Fatal(err)
	}
	return cmd, address, time.Since(start)
}

// resident returns the memory of a process in MB, 0 where the kernel does not say.
func resident(cmd *exec.Cmd) (mb float64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)) // not Linux
	for line := range strings.Lines(string(text)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmRSS: %f kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}

// From exec to the first call of event/next, which a cold start waits for.
func BenchmarkReady(b *testing.B) {
	path, daemon := stripped(b), xraytest.NewDaemon(b)
	var ready, cpu, rss time.Duration
	for b.Loop() {
		cmd, _, d := startStripped(b, path, daemon)
		rss += time.Duration(resident(cmd) * 1000)
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
		ready += d
		cpu += cmd.ProcessState.SystemTime() + cmd.ProcessState.UserTime()
	}
	n := float64(b.N)
	b.ReportMetric(ready.Seconds()*1000/n, "ready-ms")
	b.ReportMetric(cpu.Seconds()*1000/n, "cpu-ms")
	b.ReportMetric(float64(rss)/1000/n, "resident-MB")
}

// A request of six spans over a kept connection, as a client sees it.
func BenchmarkExport(b *testing.B) {
	data, err := os.ReadFile("../../mapping/testdata/golden/lambda_trace_current_conventions/spans.json")
	if err != nil {
		b.Fatal(err)
	}
	td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(data)
	if err != nil {
		b.Fatal(err)
	}
	proto, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	if err != nil {
		b.Fatal(err)
	}
	asJSON, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
	if err != nil {
		b.Fatal(err)
	}
	path := stripped(b)
	for contentType, body := range map[string][]byte{"application/x-protobuf": proto, "application/json": asJSON} {
		b.Run(strings.TrimPrefix(contentType, "application/"), func(b *testing.B) {
			daemon := xraytest.NewDaemon(b, xraytest.WithKeep(0))
			cmd, address, _ := startStripped(b, path, daemon)
			defer func() {
				_ = cmd.Process.Kill()
				_ = cmd.Wait() // killed
			}()
			for b.Loop() {
				resp, err := http.Post("http://"+address+"/v1/traces", contentType, bytes.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode != 200 {
					b.Fatal(resp.Status)
				}
			}
			b.ReportMetric(resident(cmd), "resident-MB")
		})
	}
}
