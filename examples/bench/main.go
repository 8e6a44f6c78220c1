package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// effort is how much is measured.
type effort struct {
	count     int           // runs of each benchmark
	benchtime string        // of each run
	starts    int           // rounds of process starts
	invokes   int           // rounds of invocations
	exports   int           // rounds of exports to the extension and the Collector, by each protocol
	turn      int           // exports to one before it is another's turn
	resident  int           // exports after which their memory is read
	warm      int           // invocations or exports before those
	timeout   time.Duration // of one process start or invocation
}

var (
	full  = effort{count: 6, benchtime: "300ms", starts: 60, invokes: 1500, exports: 2000, turn: 100, resident: 10_000, warm: 200, timeout: 10 * time.Second}
	short = effort{count: 1, benchtime: "1x", starts: 2, invokes: 5, exports: 5, turn: 2, resident: 20, warm: 1, timeout: time.Minute}
)

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	quick := flags.Bool("short", false, "measure everything once; the numbers mean nothing")
	alone := flags.Bool("extension", false, "measure the Lambda extension beside a Collector, and nothing else")
	svg := flags.String("svg", "", "write the picture to this `file` (default examples/bench/bench.svg in the checkout; nowhere with -short)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	e := full
	if *quick {
		e = short
	}
	dirs, err := findModules(ctx)
	if err != nil {
		return err
	}
	m, r := describeMachine(), newResults()
	progress := func(format string, args ...any) { fmt.Fprintf(stderr, "bench: "+format+"\n", args...) }
	if !*alone {
		if err := measureFunctions(ctx, dirs.compare, e, r, progress); err != nil {
			return err
		}
		printTable(stdout, r, m)
		if *svg == "" && !*quick {
			*svg = filepath.Join(dirs.root, "examples", "bench", "bench.svg")
		}
		if *svg != "" {
			if err := writeChart(*svg, r, m); err != nil {
				return err
			}
			progress("wrote %s", *svg)
		}
	}
	missing, err := measureExtension(ctx, dirs.root, e, r, progress)
	if err != nil {
		return err
	}
	printBeside(stdout, r, m, missing)
	return nil
}

// measureFunctions runs the benchmarks, and the functions of all peers.
func measureFunctions(ctx context.Context, compare string, e effort, r *results, progress func(string, ...any)) error {
	progress("benchmarks of %s", compare)
	if err := runBenchmarks(ctx, compare, e, r); err != nil {
		return err
	}
	progress("building the functions")
	functions, err := buildFunctions(ctx, compare)
	if err != nil {
		return err
	}
	defer os.RemoveAll(functions.dir)
	functions.sizes(r)
	progress("%d rounds of starts", e.starts)
	if err := measureStarts(ctx, functions, e, r); err != nil {
		return err
	}
	progress("%d rounds of invocations", e.invokes)
	return measureLatency(ctx, functions, e, r)
}

func writeChart(file string, r *results, m machine) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, chart(r, m), 0o644)
}

type modules struct{ root, compare string }

// findModules finds the checkout: mapping/compare is never released, so it is
// there only in the workspace.
func findModules(ctx context.Context) (modules, error) {
	const root = "github.com/lambdaxray/lambdaxray"
	out, err := goCommand(ctx, "", "list", "-m", "-f", "{{.Dir}}", root, root+"/mapping/compare")
	if err != nil {
		return modules{}, fmt.Errorf("run this in a checkout of lambdaxray, with its go.work: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 || lines[0] == "" || lines[1] == "" {
		return modules{}, errors.New("run this in a checkout of lambdaxray, with its go.work")
	}
	return modules{root: lines[0], compare: lines[1]}, nil
}

// goCommand runs the go command and returns its standard output.
func goCommand(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
	return string(out), nil
}

// machine is where the numbers come from.
type machine struct {
	goVersion, platform, cpu string
	cores                    int
	date                     time.Time
}

func describeMachine() machine {
	return machine{
		goVersion: runtime.Version(),
		platform:  runtime.GOOS + "/" + runtime.GOARCH,
		cpu:       cpuModel(),
		cores:     runtime.NumCPU(),
		date:      time.Now(),
	}
}

func (m machine) String() string {
	return fmt.Sprintf("%s %s, %s, %d cores, %s", m.goVersion, m.platform, m.cpu, m.cores, m.date.Format(time.DateOnly))
}

// cpuModel is the processor's name where the system tells it.
func cpuModel() string {
	info, _ := os.ReadFile("/proc/cpuinfo") // not on every system
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}
