package compare

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// costs are one function four times: with the SDK, with what replaces it, with
// package xray imported, and written for lambdaxray.
var costs = []struct{ name, dir, mod, tags string }{
	{"sdk", "testdata/cost", "../cost_sdk.mod", ""},
	{"replace", "testdata/cost", "../cost_replace.mod", ""},
	{"import", "testdata/cost", "../cost_import.mod", ""},
	{"lambdaxray", "../../mapping/compare/functions/lambdaxray", "", "sixspans"},
}

// BenchmarkCost reports size, start-up and the median of an invocation of each, in
// alternating runs. Run it with -benchtime 1x.
func BenchmarkCost(b *testing.B) {
	dir := b.TempDir()
	sizes := map[string]float64{}
	for _, c := range costs {
		args := []string{"build", "-ldflags=-s -w", "-o", filepath.Join(dir, c.name)}
		if c.mod != "" {
			args = append(args, "-modfile="+c.mod)
		}
		if c.tags != "" {
			args = append(args, "-tags="+c.tags)
		}
		if c.name == "import" {
			args = append(args, "-overlay="+imported(b, dir))
		}
		cmd := exec.Command("go", append(args, ".")...)
		cmd.Dir = c.dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", cmd, err, out)
		}
		info, err := os.Stat(filepath.Join(dir, c.name))
		if err != nil {
			b.Fatal(err)
		}
		sizes[c.name] = float64(info.Size()) / 1e6
	}
	for b.Loop() {
		starts(b, dir, 40)
		latency(b, dir, 1500)
	}
	for name, size := range sizes {
		b.ReportMetric(size, name+"-MB")
	}
}

// imported has the compiler see the function with package xray's import path.
func imported(b *testing.B, dir string) string {
	b.Helper()
	text, err := os.ReadFile("testdata/cost/main.go")
	if err != nil {
		b.Fatal(err)
	}
	to := filepath.Join(dir, "imported.go")
	text = bytes.ReplaceAll(text, []byte("github.com/aws/aws-xray-sdk-go/v2/xray"), []byte("github.com/lambdaxray/lambdaxray/xray"))
	if err := os.WriteFile(to, text, 0o644); err != nil {
		b.Fatal(err)
	}
	base, err := filepath.Abs("testdata/cost/main.go")
	if err != nil {
		b.Fatal(err)
	}
	o, err := json.Marshal(map[string]map[string]string{"Replace": {base: to}})
	if err != nil {
		b.Fatal(err)
	}
	name := filepath.Join(dir, "imported.json")
	if err := os.WriteFile(name, o, 0o644); err != nil {
		b.Fatal(err)
	}
	return name
}

// function is one of them that runs.
type function struct {
	runtime *xraytest.Runtime
	cmd     *exec.Cmd
}

func startFunction(b *testing.B, dir, name string, daemon *xraytest.Daemon) function {
	b.Helper()
	r, err := xraytest.StartRuntime("127.0.0.1:0", xraytest.Function{Name: "orders"})
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(dir, name))
	cmd.Env = append(os.Environ(), r.Env()...)
	cmd.Env = append(cmd.Env, "AWS_XRAY_DAEMON_ADDRESS="+daemon.Addr())
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	return function{r, cmd}
}

func (f function) stop(b *testing.B) {
	b.Helper()
	if err := f.cmd.Process.Kill(); err != nil {
		b.Error(err)
	}
	_ = f.cmd.Wait() // killed
	if err := f.runtime.Close(); err != nil {
		b.Error(err)
	}
}

// starts reports the median time from the start of the process to its first poll.
func starts(b *testing.B, dir string, rounds int) {
	b.Helper()
	daemon := xraytest.NewDaemon(b)
	times := map[string][]time.Duration{}
	for range rounds {
		for _, c := range costs {
			began := time.Now()
			f := startFunction(b, dir, c.name, daemon)
			ready, err := f.runtime.Ready(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			times[c.name] = append(times[c.name], ready.Sub(began))
			f.stop(b)
		}
	}
	for name, list := range times {
		b.ReportMetric(median(list).Seconds()*1e3, name+"-start-ms")
	}
}

// latency reports the median time of an invocation, after two hundred.
func latency(b *testing.B, dir string, rounds int) {
	b.Helper()
	daemon, err := xraytest.StartDaemon("127.0.0.1:0", xraytest.WithKeep(8))
	if err != nil {
		b.Fatal(err)
	}
	defer daemon.Close()
	running := map[string]function{}
	for _, c := range costs {
		running[c.name] = startFunction(b, dir, c.name, daemon)
		defer running[c.name].stop(b)
	}
	times := map[string][]time.Duration{}
	for i := range rounds + 200 {
		for _, c := range costs {
			began := time.Now()
			answer, err := running[c.name].runtime.Invoke(b.Context(), xraytest.Invocation{TraceHeader: header})
			took := time.Since(began)
			if err != nil || !strings.Contains(string(answer.Payload), "hello") {
				b.Fatalf("%s: %v %s", c.name, err, answer.Payload)
			}
			if i >= 200 {
				times[c.name] = append(times[c.name], took)
			}
		}
	}
	for name, list := range times {
		b.ReportMetric(float64(median(list).Nanoseconds())/1e3, name+"-invoke-us")
	}
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
