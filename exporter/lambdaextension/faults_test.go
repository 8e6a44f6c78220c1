package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
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
		s.freeze(result, 0)
	}
	s.end("spindown")
}

// Nor does one that lasts longer than anyone waits for a connection. Connections are
// kept: a client whose connection is gone waits a second before it tries again.
func TestFreezeOfAMinute(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, xraytest.Function{Name: "orders"})
			s.startGo(protocol)
			kept := s.dial()
			s.export(kept, "1000000000000001")
			result, docs := s.invoke(0, "{}", 0)
			s.freeze(result, time.Minute)
			after, more := s.invoke(1, "{}", 0)
			if len(docs) != 1 || len(more) != 1 || after.FunctionError != "" {
				t.Errorf("%d and %d documents, %s", len(docs), len(more), after.Payload)
			}
			if docs := s.export(kept, "1000000000000002"); len(docs) != 1 {
				t.Errorf("%d documents over the connection that was kept", len(docs))
			}
			s.end("spindown")
		})
	}
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

// An extension that cannot listen at all must not fail the function.
func TestBothPortsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := newSandbox(t, xraytest.Function{Name: "orders"}, "LAMBDAXRAY_OTLP_HTTP="+l.Addr().String(), "LAMBDAXRAY_OTLP_GRPC="+l.Addr().String())
	s.end("spindown")
	if log := s.log.String(); strings.Count(log, "is not taken") != 2 {
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

// dial opens a connection to the extension's HTTP port.
func (s *sandbox) dial() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.http)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// head and body of a request of one span.
func exportRequest(id string) (head, body string) {
	body = fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"6ae729c0a006649127e371903a2de979","spanId":%q,"parentSpanId":"1111111111111111",`+
		`"kind":2,"flags":768,"name":"orders","startTimeUnixNano":"%d","endTimeUnixNano":"%[2]d"}]}]}]}`, id, time.Now().UnixNano())
	return fmt.Sprintf("POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body)), body
}

// export sends a request of one span over conn and returns its documents.
func (s *sandbox) export(conn net.Conn, id string) []*segment.Document {
	s.t.Helper()
	before := len(s.daemon.Datagrams())
	head, body := exportRequest(id)
	if _, err := io.WriteString(conn, head+body); err != nil {
		s.t.Fatal(err)
	}
	s.answered(conn)
	return s.since(before, time.Time{})
}

// answered reads an answer, which must be success.
func (s *sandbox) answered(conn net.Conn) {
	s.t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 {
		s.t.Errorf("%s, %v", resp.Status, err)
	}
}

// A hundred requests at once, over one connection of HTTP/2 and over many of HTTP/1, are
// a hundred documents.
func TestManyAtOnce(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders"})
	s.startGo("grpc")
	h2 := new(http.Protocols)
	h2.SetUnencryptedHTTP2(true)
	for address, transport := range map[string]*http.Transport{s.grpc: {Protocols: h2}, s.http: {}} {
		before := len(s.daemon.Datagrams())
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				_, body := exportRequest(fmt.Sprintf("%016x", i+1))
				resp, err := (&http.Client{Transport: transport}).Post("http://"+address+"/v1/traces", "application/json", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				if answer, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 || string(answer) != "{}" {
					t.Errorf("%s %s, %v", resp.Status, answer, err)
				}
			})
		}
		wg.Wait()
		transport.CloseIdleConnections()
		ids := map[string]bool{}
		for _, d := range s.since(before, time.Time{}) {
			ids[d.ID] = true
		}
		if len(ids) != 100 {
			t.Errorf("%s: %d documents, want 100", address, len(ids))
		}
	}
	s.end("spindown")
}

// SHUTDOWN while requests are on their way: what comes at once is taken, and the exit
// does not wait for what does not come.
func TestShutdownWithinARequest(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders"})
	s.startGo("grpc")
	head, body := exportRequest("1000000000000001")
	whole, stuck := s.dial(), s.dial()
	for _, conn := range []net.Conn{whole, stuck} {
		if _, err := io.WriteString(conn, head+body[:10]); err != nil {
			t.Fatal(err)
		}
	}
	s.export(s.dial(), "1000000000000002") // by then the others are being read
	before := len(s.daemon.Datagrams())
	ended, start := make(chan struct{}), time.Now()
	go func() { s.end("spindown"); close(ended) }()
	for { // until it takes no connection any more
		conn, err := net.Dial("tcp", s.http)
		if err != nil {
			break
		}
		conn.Close()
	}
	_, err := io.WriteString(whole, body[10:])
	if d := time.Since(start); d > maxDrain {
		<-ended
		t.Skipf("a machine that needs %v for this cannot show it", d)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.answered(whole)
	<-ended
	if docs := s.since(before, time.Time{}); len(docs) != 1 || docs[0].ID != "1000000000000001" {
		t.Errorf("%d documents", len(docs))
	}
}

// The Runtime API is gone: requests are answered and written all the same.
func TestRuntimeAPIGone(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders"})
	s.startGo("grpc")
	if _, docs := s.invoke(0, "{}", 0); len(docs) != 1 {
		t.Errorf("%d documents", len(docs))
	}
	if err := s.runtime.Close(); err != nil {
		t.Fatal(err)
	}
	s.waitLog("waiting for events failed")
	for i := range 2 {
		if docs := s.export(s.dial(), fmt.Sprintf("100000000000000%d", i)); len(docs) != 1 {
			t.Errorf("%d documents", len(docs))
		}
	}
	if err := s.extension.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the extension is gone: %v", err)
	}
}

// A request of 64 MiB is taken, one of a byte more is answered that it is too large, and
// the memory is that of the body.
func TestLargeRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 320 MiB")
	}
	const limit = 64 << 20
	s := newSandbox(t, xraytest.Function{Name: "orders"})
	s.startGo("grpc")
	for i, c := range []struct {
		chunked bool
		size    int
		want    int
	}{
		{false, limit, 200},
		{true, limit, 200},
		{false, limit + 1, 400},
		{true, limit + 1, 400},
		{false, limit + limit/2, 400},
		{false, 1000, 200},
	} {
		before := len(s.daemon.Datagrams())
		_, span := exportRequest(fmt.Sprintf("100000000000000%d", i))
		body := io.MultiReader(strings.NewReader(span), io.LimitReader(spaces{}, int64(c.size-len(span))))
		resp := s.sendWhole(body, c.size, c.chunked)
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		documents := 0
		if c.want == 200 {
			documents = 1
		}
		if docs := s.since(before, time.Time{}); resp.StatusCode != c.want || len(docs) != documents {
			t.Errorf("%d bytes, chunked %t: %s %s, %d documents", c.size, c.chunked, resp.Status, answer, len(docs))
		}
	}
	if peak := peakMB(t, s.extension.Process.Pid); peak > 270 {
		t.Errorf("%d MB at its peak", peak)
	} else {
		t.Logf("%d MB at its peak", peak)
	}
	s.end("spindown")
}

// sendWhole sends a request and reads the answer only then, as Python's client does: it
// would not see the answer of a server that has had enough.
func (s *sandbox) sendWhole(body io.Reader, size int, chunked bool) *http.Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.context(), http.MethodPost, "http://"+s.http+"/v1/traces", body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if !chunked {
		req.ContentLength = int64(size)
	}
	conn := s.dial()
	if err := req.Write(conn); err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// peakMB is the most that a process had resident, 0 where the kernel does not say.
func peakMB(t *testing.T, pid int) int {
	t.Helper()
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // not Linux
	for line := range strings.Lines(string(text)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			return kb * 1024 / 1_000_000
		}
	}
	return 0
}
