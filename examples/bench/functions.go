package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// functions are the binaries of the hello-world function, and of the one with six
// spans.
type functions struct {
	dir   string // of this run, temporary
	names []string
}

// sixSpans is the build tag of the functions with six spans.
const sixSpans = "sixspans"

// buildFunctions builds them as for a deployment, in the compare module alone:
// the workspace would give them versions of other modules.
func buildFunctions(ctx context.Context, compare string) (functions, error) {
	dir, err := os.MkdirTemp("", "lambdaxray-bench-")
	if err != nil {
		return functions{}, err
	}
	f := functions{dir: dir}
	mains, err := filepath.Glob(filepath.Join(compare, "functions", "*", "main.go"))
	if err != nil {
		return f, err
	}
	for _, m := range mains {
		name := filepath.Base(filepath.Dir(m))
		for _, tag := range []string{"", sixSpans} {
			cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-tags=lambda.norpc,"+tag, "-o", f.path(name, tag), "./functions/"+name)
			cmd.Dir = compare
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
			if out, err := cmd.CombinedOutput(); err != nil {
				os.RemoveAll(dir)
				return f, fmt.Errorf("build function %s %s: %w\n%s", name, tag, err, out)
			}
		}
		f.names = append(f.names, name)
	}
	return f, nil
}

func (f functions) path(name, tag string) string { return filepath.Join(f.dir, name+tag) }

const (
	sizeMB     = "size MB"
	startMS    = "start ms"
	memoryMB   = "memory MB"
	latencyP50 = "latency µs"
	latencyP99 = "latency p99 µs"
)

func (f functions) sizes(r *results) {
	size := func(name string) float64 {
		info, err := os.Stat(f.path(name, ""))
		if err != nil {
			return 0
		}
		return float64(info.Size()) / 1e6
	}
	for _, name := range f.names {
		r.add(sizeMB, name, size(name)-size(bare))
	}
}

// process is a function that runs.
type process struct {
	cmd     *exec.Cmd
	runtime *xraytest.Runtime
	log     strings.Builder
	startup time.Duration // from exec to the first poll
}

func (f functions) start(ctx context.Context, name, tag string, s *sinks) (*process, error) {
	rt, err := xraytest.StartRuntime("127.0.0.1:0", xraytest.Function{Name: "hello", DaemonAddress: s.daemon.LocalAddr().String()})
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(f.path(name, tag)), runtime: rt}
	p.cmd.Env = append(rt.Env(), "OTEL_EXPORTER_OTLP_ENDPOINT="+s.otlp)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		rt.Close()
		return nil, err
	}
	ready, err := rt.Ready(ctx)
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("function %s: %w\n%s", name, err, &p.log)
	}
	p.startup = ready.Sub(begin)
	return p, nil
}

// stop ends the process. It had nothing to say any more.
func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.runtime.Close()
}

// residentMB returns a process's resident memory, and false where the system does not
// tell it.
func residentMB(pid int) (float64, bool) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(kb), " kB"), 64)
			return n * 1024 / 1e6, err == nil
		}
	}
	return 0, false
}

// measureStarts starts every function once a round.
func measureStarts(ctx context.Context, f functions, e effort, r *results) error {
	s, err := startSinks()
	if err != nil {
		return err
	}
	defer s.close()
	for round := range e.starts {
		startup, memory := make(map[string]float64), make(map[string]float64)
		for i := range f.names {
			name := f.names[(round+i)%len(f.names)] // nobody is always the first
			one, cancel := context.WithTimeout(ctx, e.timeout)
			p, err := f.start(one, name, "", s)
			cancel()
			if err != nil {
				return err
			}
			startup[name] = p.startup.Seconds() * 1e3
			if mb, ok := residentMB(p.cmd.Process.Pid); ok {
				memory[name] = mb
			}
			p.stop()
		}
		for name := range startup {
			r.add(startMS, name, startup[name]-startup[bare])
		}
		for name := range memory {
			r.add(memoryMB, name, memory[name]-memory[bare])
		}
	}
	return nil
}

const traceHeader = "Root=1-6ae729c0-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1"

// measureLatency invokes every function with six spans once a round.
func measureLatency(ctx context.Context, f functions, e effort, r *results) error {
	s, err := startSinks()
	if err != nil {
		return err
	}
	defer s.close()
	running := make(map[string]*process)
	for _, name := range f.names {
		p, err := f.start(ctx, name, sixSpans, s)
		if err != nil {
			return err
		}
		defer p.stop()
		running[name] = p
	}
	took := make(map[string][]float64)
	for round := range e.warm + e.invokes {
		for i := range f.names {
			name := f.names[(round+i)%len(f.names)]
			one, cancel := context.WithTimeout(ctx, e.timeout)
			result, err := running[name].runtime.Invoke(one, xraytest.Invocation{TraceHeader: traceHeader})
			cancel()
			if err == nil && result.FunctionError != "" {
				err = fmt.Errorf("%s", result.Payload)
			}
			if err != nil {
				return fmt.Errorf("function %s: %w\n%s", name, err, &running[name].log)
			}
			if round >= e.warm {
				took[name] = append(took[name], float64(result.Responded.Sub(result.Started).Nanoseconds())/1e3)
			}
		}
	}
	for _, name := range f.names {
		for i, t := range took[name] {
			r.add(latencyP50, name, t-took[bare][i])
		}
		r.add(latencyP99, name, quantile(took[name], 0.99)-quantile(took[bare], 0.99))
	}
	return nil
}
