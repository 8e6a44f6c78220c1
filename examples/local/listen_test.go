package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda/testfunction"
	"github.com/lambdaxray/lambdaxray/examples/local/xray"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// served runs the command until the test ends and returns the page's address as
// soon as it is printed, and what reads its standard error so far.
func served(t *testing.T, args ...string) (url string, stderr func() string) {
	t.Helper()
	dir := t.TempDir()
	out, err := os.Create(filepath.Join(dir, "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	errs, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	stderr = func() string {
		b, err := os.ReadFile(errs.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), out, errs) }()
	t.Cleanup(func() {
		cancel()
		if status := <-ended; status != 0 {
			t.Errorf("exit status %d:\n%s", status, stderr())
		}
		out.Close()
		errs.Close()
	})
	first := regexp.MustCompile(`^  X-Ray on (http://127\.0\.0\.1:\d+)\n`)
	until(t, func() bool {
		m := first.FindStringSubmatch(stderr())
		if m != nil {
			url = m[1]
		}
		return m != nil || len(ended) > 0
	})
	if url == "" {
		t.Fatalf("the page's address is not the first line:\n%s", stderr())
	}
	return url, stderr
}

// until waits for a condition.
func until(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("30 s have passed")
		}
	}
}

func getJSON(t *testing.T, url string, out any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		t.Fatal(err)
	}
}

func post(t *testing.T, url, kind, body string) string {
	t.Helper()
	resp, err := http.Post(url, kind, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s: %d %s %v", url, resp.StatusCode, text, err)
	}
	return string(text)
}

// TestListen: X-Ray alone takes documents and spans from everywhere, with the port
// of the daemon taken too.
func TestListen(t *testing.T) {
	for range 2 { // the second finds the daemon's own port taken
		url, _ := served(t, "-listen")
		var health xray.PageHealth
		getJSON(t, url+"/api/health", &health)
		if health.Function != "" || health.Addresses.HTTP != url {
			t.Errorf("health %+v", health)
		}
		conn, err := net.Dial("udp", health.Addresses.Daemon)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		const doc = `{"name":"NAME","id":"00000000000000a1","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":1,"end_time":2}`
		for _, datagram := range []string{segment.DatagramHeader + strings.Replace(doc, "NAME", "daemon", 1), "nonsense"} {
			if _, err := conn.Write([]byte(datagram)); err != nil {
				t.Fatal(err)
			}
		}
		put, err := json.Marshal(map[string][]string{"TraceSegmentDocuments": {strings.NewReplacer("NAME", "api", "00a1", "00a2").Replace(doc)}})
		if err != nil {
			t.Fatal(err)
		}
		post(t, url+"/TraceSegments", "application/json", string(put))
		post(t, url+"/v1/traces", "application/json", `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"otlp"}}]},
			"scopeSpans":[{"spans":[{"traceId":"5759e988bd862e3fe1be46a994272793","spanId":"53995c3f42cd8ad8","name":"GET /","kind":2,"startTimeUnixNano":"1000000000","endTimeUnixNano":"2000000000"}]}]}]}`)
		var names []string
		until(t, func() bool {
			var graph xray.PageGraph
			getJSON(t, url+"/api/graph", &graph)
			names = nil
			for _, n := range graph.Nodes {
				if n.Type != "client" {
					names = append(names, n.Name)
				}
			}
			return len(names) >= 3
		})
		if slices.Sort(names); !slices.Equal(names, []string{"api", "daemon", "otlp"}) {
			t.Errorf("nodes %q", names)
		}
		until(t, func() bool {
			getJSON(t, url+"/api/health", &health)
			return len(health.Broken) == 1
		})
		if b := health.Broken[0]; b.Text != "nonsense" || b.Source != "udp" || !strings.Contains(b.Reason, "no header line") || health.Datagrams.Bad != 1 {
			t.Errorf("broken %+v, datagrams %+v", b, health.Datagrams)
		}
		for _, path := range []string{"http://" + health.Addresses.Daemon, url} {
			if rules := post(t, path+"/GetSamplingRules", "application/json", "{}"); !strings.Contains(rules, `"RuleName":"Default"`) {
				t.Errorf("sampling rules at %s: %s", path, rules)
			}
		}
		resp, err := http.Get(url + "/traces?filter=ok")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if policy := resp.Header.Get("Content-Security-Policy"); resp.StatusCode != 200 || !strings.HasPrefix(policy, "default-src 'none'") {
			t.Errorf("the page: %d, policy %q", resp.StatusCode, policy)
		}
	}
}

// TestNameAndRestart: the function has the name it is given, and a new binary is
// started at the next invocation.
func TestNameAndRestart(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	replace := func() {
		if err := os.WriteFile(bootstrap+".new", binary, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(bootstrap+".new", bootstrap); err != nil {
			t.Fatal(err)
		}
	}
	replace()
	t.Setenv(testfunction.EnvKind, "echo")
	url, stderr := served(t, "-listen", "-name", "shop", "--", bootstrap)
	until(t, func() bool { return strings.Contains(stderr(), "for function shop") })
	invoke := func() (a testfunction.Answer) {
		t.Helper()
		var out xray.PageOutcome
		if err := json.Unmarshal([]byte(post(t, url+"/api/invoke", "application/json", `{"payload":{"do":"it"}}`)), &out); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(out.Payload), &a); err != nil || out.Trace == "" || out.RequestID == "" || !strings.Contains(out.Log, "do it") {
			t.Fatalf("%v: %+v", err, out)
		}
		return a
	}
	first, second := invoke(), invoke()
	if first.Started != second.Started {
		t.Error("the second invocation was cold")
	}
	time.Sleep(2 * watchPause) // another modification time, and the old one has been seen
	replace()
	until(t, func() bool { return strings.Contains(stderr(), "has changed") })
	if third := invoke(); third.Started == second.Started {
		t.Error("the function still runs the old binary")
	}
	var traces xray.PageTraces
	getJSON(t, url+"/api/traces?sort=start", &traces)
	if len(traces.Traces) != 3 || traces.Traces[0].Name != "shop" || !traces.Traces[0].Cold || traces.Traces[1].Cold || !traces.Traces[2].Cold {
		t.Errorf("traces %+v", traces.Traces)
	}
	for i, want := range []int{1, 1, 2} {
		if traces.Traces[i].Run != want {
			t.Errorf("trace %d is of run %d, want %d", i, traces.Traces[i].Run, want)
		}
	}
	for run, want := range map[string]int{"1": 2, "2": 1} {
		var graph xray.PageGraph
		getJSON(t, url+"/api/graph?run="+run, &graph)
		if graph.Traces != want {
			t.Errorf("run %s has %d traces on the map, want %d", run, graph.Traces, want)
		}
	}
}

// TestKill: whatever was acknowledged before a SIGKILL is there afterwards.
func TestKill(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "traces")
	start := func() (cmd *exec.Cmd, url string) {
		cmd = exec.Command(self, "-listen", "-addr", "127.0.0.1:0", "-data", file)
		cmd.Env = append(os.Environ(), envMain+"=1")
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stderr)
		if !lines.Scan() {
			t.Fatal("nothing printed")
		}
		_, url, _ = strings.Cut(lines.Text(), "X-Ray on ")
		go func() { _, _ = io.Copy(io.Discard, stderr) }()
		return cmd, url
	}
	var acknowledged atomic.Int64
	for round := range 3 {
		cmd, url := start()
		var traces xray.PageTraces
		getJSON(t, url+"/api/traces", &traces)
		if before := int(acknowledged.Load()); traces.Total < before {
			t.Errorf("round %d: %d traces are left of %d that were acknowledged", round, traces.Total, before)
		}
		enough := acknowledged.Load() + 100
		var writers sync.WaitGroup
		for writer := range 4 {
			writers.Go(func() {
				for i := 0; ; i++ {
					doc := fmt.Sprintf(`{"name":"n","id":"00000000000000a1","trace_id":"1-%08x-%024x","start_time":1,"end_time":2}`, round+1, writer<<32+i)
					put, err := json.Marshal(map[string][]string{"TraceSegmentDocuments": {doc}})
					if err != nil {
						t.Error(err)
						return
					}
					resp, err := http.Post(url+"/TraceSegments", "application/json", bytes.NewReader(put))
					if err != nil {
						return // it is dead
					}
					body, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					if err != nil || resp.StatusCode != 200 || string(body) != `{"UnprocessedTraceSegments":[]}` {
						return
					}
					acknowledged.Add(1)
				}
			})
		}
		until(t, func() bool { return acknowledged.Load() >= enough })
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		writers.Wait()
		_ = cmd.Wait() // it was killed
	}
	cmd, url := start()
	var traces xray.PageTraces
	getJSON(t, url+"/api/traces", &traces)
	if want := int(acknowledged.Load()); traces.Total < want {
		t.Errorf("%d traces are left of %d that were acknowledged", traces.Total, want)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after an interrupt: %v", err)
	}
}
