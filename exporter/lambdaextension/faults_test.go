package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// A freeze between invocations changes nothing.
func TestFreeze(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders"})
	s.startGo("http/protobuf")
	for i := range 10 {
		result, docs := s.invoke(i, "{}", 0)
		if len(docs) != 1 {
			t.Fatalf("invocation %d: %d documents", i, len(docs))
		}
		s.freeze(result)
	}
	s.end("spindown")
}

// A port that is taken is said, and the other one serves.
func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := newSandbox(t, xraytest.Function{Name: "orders"}, "LAMBDAXRAY_OTLP_HTTP="+l.Addr().String())
	s.startGo("grpc")
	if _, docs := s.invoke(0, "{}", 0); len(docs) != 1 {
		t.Errorf("%d documents", len(docs))
	}
	s.end("spindown")
	if log := s.log.String(); strings.Count(log, l.Addr().String()) < 1 {
		t.Errorf("log:\n%s", log)
	}
}

// With no daemon a function runs as it would without tracing.
func TestNoDaemon(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders", DaemonAddress: "127.0.0.1:9"})
	s.startGo("http/protobuf")
	for i := range 5 {
		if result, _ := s.invoke(i, "{}", 0); result.FunctionError != "" {
			t.Errorf("%s", result.Payload)
		}
	}
	s.end("spindown")
	if log := s.log.String(); strings.Count(log, "\n") != 2 || !strings.Contains(log, "documents were lost in all") {
		t.Errorf("log:\n%s", log)
	}
}

// SHUTDOWN while a request is on its way: what is there is taken, and the exit does not
// wait for what is not.
func TestShutdownWithinARequest(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders"})
	conn, err := net.Dial("tcp", s.http)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	s.end("spindown")
}

// The Runtime API is gone: requests are answered all the same.
func TestRuntimeAPIGone(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders"}, "LAMBDAXRAY_DAEMON_ADDRESS=127.0.0.1:9")
	if err := s.runtime.Close(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post("http://"+s.http+"/v1/traces", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Error(resp.Status)
	}
	if err := s.extension.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the extension is gone: %v", err)
	}
}
