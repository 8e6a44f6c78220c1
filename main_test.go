package lambdaxray_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// childVariable names the function of functions_test.go that the test binary is
// to be, in place of running tests.
const childVariable = "LAMBDAXRAY_TEST_FUNCTION"

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		functions[name]()
		return
	}
	os.Exit(m.Run())
}

// process is a function in a process of its own, between a Runtime API and a
// daemon.
type process struct {
	t       *testing.T
	runtime *xraytest.Runtime
	daemon  *xraytest.Daemon
	cmd     *exec.Cmd
	exited  chan struct{}
	output  lockedBuffer
	started time.Time
}

// startFunction runs functions[name] and returns when it polls. f may leave the
// daemon's address open. Of a variable that comes twice the last counts.
func startFunction(t *testing.T, name string, f xraytest.Function, env ...string) *process {
	t.Helper()
	p := newProcess(t, name, f)
	p.start(env...)
	return p
}

func newProcess(t *testing.T, name string, f xraytest.Function) *process {
	t.Helper()
	p := &process{t: t, daemon: xraytest.NewDaemon(t), exited: make(chan struct{})}
	if f.DaemonAddress == "" {
		f.DaemonAddress = p.daemon.Addr()
	}
	f.Name = "orders"
	f.TaskRoot = t.TempDir()
	p.runtime = xraytest.NewRuntime(t, f)
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(executable)
	p.cmd.Env = append(p.runtime.Env(), childVariable+"="+name)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	return p
}

func (p *process) start(env ...string) {
	p.t.Helper()
	p.cmd.Env = append(p.cmd.Env, env...)
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		p.runtime.Exited(p.cmd.ProcessState.String())
		close(p.exited)
	}()
	p.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.exited
		if p.t.Failed() || strings.Contains(p.output.String(), "DATA RACE") {
			p.t.Errorf("output of the function:\n%s", &p.output)
		}
	})
	if _, err := p.runtime.Ready(p.context()); err != nil {
		p.t.Fatalf("%v\n%s", err, &p.output)
	}
}

// inFront puts a server in front of the Runtime API, which answers what add does
// not, and returns the variable that points the process there.
func (p *process) inFront(add func(mux *http.ServeMux, runtime http.Handler)) string {
	target := &url.URL{Scheme: "http", Host: p.runtime.Addr()}
	runtime := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ErrorLog: log.New(io.Discard, "", 0), // the process is killed while it polls
	}
	mux := http.NewServeMux()
	add(mux, runtime)
	mux.Handle("/", runtime)
	server := httptest.NewServer(mux)
	p.t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return "AWS_LAMBDA_RUNTIME_API=" + server.Listener.Addr().String()
}

// context ends long before the test binary's own timeout.
func (p *process) context() context.Context {
	ctx, cancel := context.WithTimeout(p.t.Context(), 20*time.Second)
	p.t.Cleanup(cancel)
	return ctx
}

// invoke runs one invocation to its end.
func (p *process) invoke(in xraytest.Invocation) xraytest.Result {
	p.t.Helper()
	result, err := p.runtime.Invoke(p.context(), in)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, &p.output)
	}
	return result
}

// event runs one invocation with a tracing header and a payload.
func (p *process) event(header, payload string) xraytest.Result {
	p.t.Helper()
	return p.invoke(xraytest.Invocation{TraceHeader: header, Payload: []byte(payload)})
}

// documents waits for n documents since the last call and checks each.
func (p *process) documents(n int) []*segment.Document {
	p.t.Helper()
	raw, err := p.daemon.Wait(p.context(), n)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, &p.output)
	}
	p.daemon.Reset()
	if len(raw) != n {
		p.t.Errorf("%d documents arrived, want %d", len(raw), n)
	}
	docs := make([]*segment.Document, len(raw))
	for i := range raw {
		if err := xraytest.CheckDocument(raw[i]); err != nil {
			p.t.Errorf("%v\n%s", err, raw[i])
		}
		if docs[i], err = segment.Parse(raw[i]); err != nil {
			p.t.Fatal(err)
		}
	}
	return docs
}

// document waits for the one document there is to be.
func (p *process) document() *segment.Document {
	p.t.Helper()
	return p.documents(1)[0]
}

// quiet fails if a document has arrived. Call it when the function is idle: its
// writes are done, and on loopback a datagram is there when the write returns;
// the daemon needs a moment to read it, which a further document shows to be over.
func (p *process) quiet() {
	p.t.Helper()
	if n := len(p.daemon.Documents()); n > 0 {
		p.t.Errorf("%d documents arrived, want none: %s", n, p.daemon.Documents()[0])
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// find returns the document of that name at or below any of docs.
func find(t *testing.T, docs []*segment.Document, name string) *segment.Document {
	t.Helper()
	if d := lookup(docs, name); d != nil {
		return d
	}
	t.Fatalf("no document %q", name)
	return nil
}

func lookup(docs []*segment.Document, name string) *segment.Document {
	for _, d := range docs {
		if d.Name == name {
			return d
		}
		if below := lookup(d.Subsegments, name); below != nil {
			return below
		}
	}
	return nil
}
