package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// envServer makes the test binary the server.
const envServer = "WEBADAPTER_TEST_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(envServer) != "" {
		main()
	}
	os.Exit(m.Run())
}

const (
	root   = "1-67890abc-0123456789abcdef01234567"
	parent = "00000000000000aa"
)

// TestServer plays the adapter: the server has a function's environment, and the
// tracing header is in the request only.
func TestServer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	daemon := xraytest.NewDaemon(t)
	runtime := xraytest.NewRuntime(t, xraytest.Function{Name: "greeter", DaemonAddress: daemon.Addr()})
	url := start(ctx, t, runtime.Env())

	for _, c := range []struct {
		name, header, path string
		status             int
		documents          int
	}{
		{"sampled", "Root=" + root + ";Parent=" + parent + ";Sampled=1;Lineage=1:abcdef01:0", "/greet/Ada", 200, 1},
		{"a fault", "Root=" + root + ";Parent=" + parent + ";Sampled=1", "/greet/nobody", 500, 1},
		{"not sampled", "Root=" + root + ";Parent=" + parent + ";Sampled=0", "/greet/Ada", 200, 0},
		{"not decided", "Root=" + root, "/greet/Ada", 200, 0},
		{"the readiness check", "", "/healthz", 200, 0},
		{"sampled again", "Root=" + root + ";Parent=" + parent + ";Sampled=1", "/greet/Ada", 200, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status := get(ctx, t, url+c.path, c.header); status != c.status {
				t.Errorf("HTTP status %d, want %d", status, c.status)
			}
			if c.documents == 0 {
				// The next case, which has one, shows that there are no more.
				return
			}
			docs, err := daemon.Wait(ctx, 1)
			if err != nil {
				t.Fatal(err)
			}
			daemon.Reset()
			if len(docs) != 1 {
				t.Fatalf("%d documents, want 1", len(docs))
			}
			if err := xraytest.CheckDocument(docs[0]); err != nil {
				t.Error(err)
			}
			d, err := segment.Parse(docs[0])
			if err != nil {
				t.Fatal(err)
			}
			if d.Type != "subsegment" || d.TraceID != root || d.ParentID != parent {
				t.Errorf("type %q, trace %s, parent %s: %s", d.Type, d.TraceID, d.ParentID, docs[0])
			}
			if d.HTTP == nil || d.HTTP.Response.Status != c.status || d.Fault != (c.status == 500) {
				t.Errorf("http %+v, fault %t", d.HTTP, d.Fault)
			}
			if len(d.Subsegments) != 1 || d.Subsegments[0].Name != "greet" {
				t.Errorf("subsegments %v", d.Subsegments)
			}
		})
	}
}

// start runs the server until the test ends and returns its URL.
func start(ctx context.Context, t *testing.T, env []string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close() // the server takes the port
	_, port, _ := net.SplitHostPort(addr)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(env, envServer+"=1", "AWS_LWA_PORT="+port)
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for url := "http://" + addr; ; time.Sleep(10 * time.Millisecond) {
		if response, err := http.Get(url + "/healthz"); err == nil {
			response.Body.Close()
			return url
		} else if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

func get(ctx context.Context, t *testing.T, url, header string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != "" {
		request.Header.Set("X-Amzn-Trace-Id", header)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}
