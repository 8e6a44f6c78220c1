package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// variant is what the programs are compiled against: a .mod file in testdata.
type variant struct {
	name string
	v1   bool
}

var pairs = [][2]variant{
	{{"sdk_v2", false}, {"shim_v2", false}},
	{{"sdk_v1", true}, {"shim_v1", true}},
}

// build compiles all programs, once each variant, and returns the binary.
func (v variant) build(t *testing.T, dir string) string {
	t.Helper()
	binary := filepath.Join(dir, v.name)
	args := []string{"build", "-modfile=../" + v.name + ".mod", "-o", binary}
	if v.v1 {
		args = append(args, "-overlay="+overlay(t, dir))
	}
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Dir = "testdata/programs"
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return binary
}

// overlay has the compiler see the programs with the import paths of version 1, and
// those that version 2 has no API for.
func overlay(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob("testdata/programs*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	base, err := filepath.Abs("testdata/programs")
	if err != nil {
		t.Fatal(err)
	}
	var o struct{ Replace map[string]string }
	o.Replace = map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, "v1_"+filepath.Base(file))
		write(t, to, bytes.ReplaceAll(text, []byte("aws-xray-sdk-go/v2/"), []byte("aws-xray-sdk-go/")))
		o.Replace[filepath.Join(base, filepath.Base(file))] = to
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "overlay.json")
	write(t, name, text)
	return name
}

func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// names returns the programs that a binary has.
func names(t *testing.T, v1 bool) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"testdata/programs/*.go", "testdata/programs_v1/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.Contains(file, "programs_v1") && !v1 {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				if _, after, ok := strings.Cut(line, `programs["`); ok {
					name, _, _ := strings.Cut(after, `"`)
					found = append(found, name)
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// port finds the addresses of servers inside the programs.
var port = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)

// result is what a program did.
type result struct {
	output string
	leaves map[string]string
}

const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

// invocations are the tracing headers that the Lambda programs are called with.
var invocations = map[string][]string{
	"lambda":        {header, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"},
	"lambdaheader":  {header, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0", "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:a:0", "Self=1;Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0"},
	"lambdaclient":  {header},
	"lambdasegment": {header},
	"lambdarouter":  {header},
	"lambdapanic":   {header},
}

func run(t *testing.T, binary, program string) result {
	t.Helper()
	daemon := xraytest.NewDaemon(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, program)
	cmd.Env = append(os.Environ(), "AWS_XRAY_DAEMON_ADDRESS="+daemon.Addr())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if headers := invocations[program]; headers != nil {
		invoke(t, cmd, headers, &stdout)
	} else if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, stderr.String(), stdout.String())
	}
	docs := settled(t, daemon)
	for i := range docs {
		docs[i] = port.ReplaceAll(docs[i], []byte("127.0.0.1:port"))
	}
	leaves, err := Leaves(docs)
	if err != nil {
		t.Fatal(err)
	}
	return result{own(stdout.String()), leaves}
}

// last is a document that a test sends after the program's.
const last = `{"name":"last","id":"ffffffffffffffff","trace_id":"1-ffffffff-ffffffffffffffffffffffff","start_time":1,"end_time":1}`

// settled returns the documents of a program that has ended. A socket on loopback
// delivers in order, so what a program has sent is there when last is.
func settled(t *testing.T, daemon *xraytest.Daemon) [][]byte {
	t.Helper()
	conn, err := net.Dial("udp", daemon.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, segment.DatagramHeader+last); err != nil {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		docs, err := daemon.Wait(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if end := len(docs) - 1; string(docs[end]) == last {
			return docs[:end]
		}
		n = len(docs)
	}
}

// invoke runs a Lambda program and appends what it answers to its output.
func invoke(t *testing.T, cmd *exec.Cmd, headers []string, stdout *bytes.Buffer) {
	t.Helper()
	runtime := xraytest.NewRuntime(t, xraytest.Function{Name: "checkout"})
	cmd.Env = append(cmd.Env, runtime.Env()...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var answers bytes.Buffer
	for _, h := range headers {
		answer, err := runtime.Invoke(t.Context(), xraytest.Invocation{TraceHeader: h, Payload: []byte("null")})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&answers, "%s\n", answer.Payload)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // killed
	stdout.Write(answers.Bytes())
}

// own leaves out what the libraries log to standard output.
func own(output string) string {
	var kept strings.Builder
	for line := range strings.Lines(output) {
		if !strings.Contains(line, " [INFO] ") && !strings.Contains(line, " [WARN] ") && !strings.Contains(line, " [ERROR] ") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// compare runs a program against both, reports what differs and is on no list, and
// returns the listed differences.
func compare(t *testing.T, program, sdk, ours string) (found []*Intended) {
	t.Helper()
	a, b := run(t, sdk, program), run(t, ours, program)
	if len(a.leaves) == 0 && a.output == "" {
		t.Error("the SDK did nothing")
	}
	for _, d := range append(Compare(program, a.leaves, b.leaves), outputs(program, a.output, b.output)...) {
		if e := Find(d); e != nil {
			found = append(found, e)
		} else {
			t.Error(d)
		}
	}
	return found
}

func TestPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles four programs")
	}
	used := map[string]bool{}
	dir := t.TempDir()
	for _, pair := range pairs {
		sdk, ours := pair[0].build(t, dir), pair[1].build(t, dir)
		for _, program := range names(t, pair[0].v1) {
			t.Run(pair[1].name+"/"+program, func(t *testing.T) {
				for _, e := range compare(t, program, sdk, ours) {
					used[e.Name] = true
				}
			})
		}
	}
	for _, e := range Differences {
		if !used[e.Name] {
			t.Errorf("%q: nothing differs in this way any more", e.Name)
		}
	}
}

// outputs compares what two programs printed, line by line.
func outputs(program, sdk, ours string) []Difference {
	lines := func(s string) map[string]string {
		m := map[string]string{}
		for i, line := range strings.Split(strings.TrimSpace(s), "\n") {
			m[fmt.Sprintf("output|%d", i+1)] = line
		}
		return m
	}
	return Compare(program, lines(sdk), lines(ours))
}

func TestNames(t *testing.T) {
	v2, v1 := names(t, false), names(t, true)
	if len(v1) < 40 || len(v2) < 37 {
		t.Errorf("%d and %d programs", len(v1), len(v2))
	}
	for name := range maps.Keys(invocations) {
		if !slices.Contains(v2, name) {
			t.Errorf("no program %q", name)
		}
	}
}
