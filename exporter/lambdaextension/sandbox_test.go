package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

const header = "Root=1-6ae729c0-%024x;Parent=1111111111111111;Sampled=1"

// built are the programs of the tests, made once.
var built = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "lambdaextension"); err != nil {
		return "", err
	}
	for out, pkg := range map[string]string{"lambdaxray": ".", "function": "./internal/testfunction"} {
		build := exec.Command("go", "build", "-o", filepath.Join(dir, out), pkg)
		if text, err := build.CombinedOutput(); err != nil {
			return dir, fmt.Errorf("go build %s: %w\n%s", pkg, err, text)
		}
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := built(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// sandbox is an environment of Lambda's: the extension, a function, and the platform.
type sandbox struct {
	t       *testing.T
	daemon  *xraytest.Daemon
	runtime *xraytest.Runtime
	http    string // where the extension listens
	grpc    string
	// downstream is the host that the Node.js function calls.
	downstream string
	log        output // of the extension
	extension  *exec.Cmd
	function   *exec.Cmd
}

type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// freePort returns a port of loopback that is free now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// newSandbox starts the extension, as Lambda does before the function.
func newSandbox(t *testing.T, f xraytest.Function, env ...string) *sandbox {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	s := &sandbox{t: t, daemon: xraytest.NewDaemon(t), http: freePort(t), grpc: freePort(t)}
	f.DaemonAddress = cmp.Or(f.DaemonAddress, s.daemon.Addr())
	s.runtime = xraytest.NewRuntime(t, f)
	s.extension = exec.Command(filepath.Join(dir, "lambdaxray"))
	fn := s.runtime.Function()
	// What an extension gets, and nothing more.
	s.extension.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + s.runtime.Addr(), "AWS_LAMBDA_FUNCTION_NAME=" + fn.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=" + fn.Version, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(fn.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE=" + fn.InitializationType, "AWS_REGION=" + fn.Region,
		"LAMBDAXRAY_OTLP_HTTP=" + s.http, "LAMBDAXRAY_OTLP_GRPC=" + s.grpc, "TMPDIR=" + t.TempDir(),
	}, env...)
	s.extension.Stderr = &s.log
	if err := s.extension.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.extension.Process.Kill() // it may be gone
		_ = s.extension.Wait()
		if t.Failed() {
			t.Logf("the extension's log:\n%s", &s.log)
		}
	})
	if err := s.runtime.WaitExtensions(s.context(), 1); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *sandbox) context() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	s.t.Cleanup(cancel)
	return ctx
}

// waitLog waits until the extension has said something.
func (s *sandbox) waitLog(what string) {
	s.t.Helper()
	for ctx := s.context(); !strings.Contains(s.log.String(), what); {
		select {
		case <-ctx.Done():
			s.t.Fatalf("the log does not say %q", what)
		case <-time.After(time.Millisecond):
		}
	}
}

// start starts a function's process and waits for its first poll.
func (s *sandbox) start(cmd *exec.Cmd, env ...string) {
	s.t.Helper()
	s.function = cmd
	cmd.Env = append(append(append(cmd.Env, os.Environ()...), s.runtime.Env()...), env...)
	var log output
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		s.runtime.Exited(fmt.Sprint(cmd.ProcessState))
		gone <- err
	}()
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may be gone
		<-gone
		if s.t.Failed() {
			s.t.Logf("the function's log:\n%s", &log)
		}
	})
	if _, err := s.runtime.Ready(s.context()); err != nil {
		s.t.Fatalf("%v\n%s", err, &log)
	}
}

// startGo starts the Go function with an exporter.
func (s *sandbox) startGo(protocol string) {
	s.t.Helper()
	dir, err := built()
	if err != nil {
		s.t.Fatal(err)
	}
	endpoint := s.http
	if protocol == "grpc" {
		endpoint = s.grpc
	}
	s.start(exec.Command(filepath.Join(dir, "function")),
		"OTEL_EXPORTER_OTLP_PROTOCOL="+protocol, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+endpoint)
}

// invoke runs one invocation and returns its documents, all of which have to be there
// before the response.
func (s *sandbox) invoke(n int, payload string, timeout time.Duration) (xraytest.Result, []*segment.Document) {
	s.t.Helper()
	before := len(s.daemon.Datagrams())
	result, err := s.runtime.Invoke(s.context(), xraytest.Invocation{
		RequestID: fmt.Sprintf("request-%d", n), TraceHeader: fmt.Sprintf(header, n+1), Payload: []byte(payload), Timeout: timeout,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return result, s.since(before, result.Responded)
}

// since returns the documents after the first n, which must have come before a time.
func (s *sandbox) since(n int, before time.Time) []*segment.Document {
	s.t.Helper()
	if _, err := s.daemon.Drain(s.context()); err != nil {
		s.t.Fatal(err)
	}
	var docs []*segment.Document
	for _, g := range s.daemon.Datagrams()[n:] {
		if g.Err != nil {
			s.t.Fatal(g.Err)
		}
		if !before.IsZero() && g.Time.After(before.Add(slack)) {
			s.t.Errorf("a document came %v after the response", g.Time.Sub(before))
		}
		if err := xraytest.CheckDocument(g.Document); err != nil {
			s.t.Errorf("%s: %v", g.Document, err)
		}
		d, err := segment.Parse(g.Document)
		if err != nil {
			s.t.Fatal(err)
		}
		docs = append(docs, d)
	}
	return docs
}

// slack is for the daemon, which reads its socket when it gets a turn: a document is
// in the socket when the extension has answered.
const slack = time.Second

// end tells the extension that the environment ends, and expects exit status 0.
func (s *sandbox) end(reason string) {
	s.t.Helper()
	s.runtime.Shutdown(reason)
	done := make(chan error, 1)
	go func() { done <- s.extension.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			s.t.Errorf("the extension ended with %v", err)
		}
	case <-time.After(time.Minute):
		s.t.Error("the extension is still there a minute after SHUTDOWN")
	}
	for _, e := range s.runtime.Extensions() {
		if len(e.Errors) > 0 {
			s.t.Errorf("%s reported %v", e.Name, e.Errors)
		}
	}
}

// freeze stops the processes when the invocation is over, and lets them go on after
// some time.
func (s *sandbox) freeze(result xraytest.Result, d time.Duration) {
	s.t.Helper()
	if _, err := result.Idle(s.context()); err != nil {
		s.t.Fatal(err)
	}
	if err := s.runtime.WaitExtensions(s.context(), 1); err != nil {
		s.t.Fatal(err)
	}
	for i, signal := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
		if i == 1 {
			time.Sleep(d) // nobody is there to wait for
		}
		for _, cmd := range []*exec.Cmd{s.extension, s.function} {
			if err := cmd.Process.Signal(signal); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}
