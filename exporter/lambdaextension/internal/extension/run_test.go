package extension

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestSilence(t *testing.T) {
	b := newBench(t, nil)
	for i := range 30 {
		b.Invoke(invoke(fmt.Sprint(i), header))
	}
	if n := strings.Count(b.log.String(), "sent no span"); n != 1 {
		t.Errorf("said %d times", n)
	}
	b.Shutdown(Event{EventType: "SHUTDOWN", ShutdownReason: "spindown"})
	if docs := b.documents(); len(docs) != 0 {
		t.Errorf("%d documents", len(docs))
	}
}

// The API's connection breaks, its answers are odd: the extension goes on.
func TestRunSurvives(t *testing.T) {
	answers := []string{
		"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nno",
		"nonsense",
		"",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
		"HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: 7\r\nContent-Length: 2\r\n\r\n{}",
		"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nno json!",
		"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + `{"eventType":"FUTURE","more":{"x":[1,2]}}`[:40],
		event(`{"eventType":"FUTURE","more":[1]}`),
		event(`{"eventType":"INVOKE","requestId":"1","tracing":null,"future":true}`),
		event(`{"eventType":"SHUTDOWN","shutdownReason":"spindown"}`),
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for len(answers) > 0 {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 4096)
			if _, err := conn.Read(buf); err == nil {
				_, _ = io.WriteString(conn, answers[0])
				answers = answers[1:]
			}
			conn.Close()
		}
	}()
	b := newBench(t, map[string]string{envRuntimeAPI: l.Addr().String()})
	done := make(chan struct{})
	go func() { b.Run("lambdaxray"); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("not at the end:\n%s", &b.log)
	}
	if b.calls.current == nil || b.calls.current.requestID != "1" {
		t.Error("the invocation was not taken")
	}
}
