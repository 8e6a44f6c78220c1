package main

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda/testfunction"
)

// TestInvokeFile: -invoke runs a function of the user's with the event in a file.
func TestInvokeFile(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(testfunction.EnvKind, "echo")
	event := filepath.Join(t.TempDir(), "event.json")
	for _, test := range []struct {
		do     string
		status int
	}{{"it", 0}, {"fail", 1}} {
		if err := os.WriteFile(event, []byte(`{"do":"`+test.do+`"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		status, stdout, stderr := runLocal(t, t.Context(), "-once", "-logs", "-invoke", event, "--", self)
		if status != test.status || !strings.Contains(stderr, "│ do "+test.do) || !strings.Contains(stdout, "AWS::Lambda::Function") {
			t.Errorf("%s: exit status %d, want %d\n%s%s", test.do, status, test.status, stdout, stderr)
		}
	}
}

// TestUsageErrors: nothing is built or run before they are found.
func TestUsageErrors(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"id":`), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-addr", "0.0.0.0:3001"}, 2, "loopback only"},
		{[]string{"-addr", "3001"}, 2, "want host:port"},
		{[]string{"-timeout", "0s"}, 2, "at most 15m"},
		{[]string{"-once", "-listen"}, 2, "use one of them"},
		{[]string{"-name", "a b"}, 2, "at most 64 letters"},
		{[]string{"-invoke", "/not/here.json"}, 1, "/not/here.json"},
		{[]string{"-invoke", bad}, 1, "bad.json: an event is JSON: "},
		{[]string{"-addr", "127.0.0.1:0", "--", "./not-here"}, 1, "./bootstrap"},
		{[]string{"-addr", taken.Addr().String()}, 1, "another address with -addr"},
		{[]string{"-help"}, 0, "Usage: local"},
	} {
		status, stdout, stderr := runLocal(t, t.Context(), test.args...)
		if status != test.status || !strings.Contains(stderr, test.want) || stdout != "" {
			t.Errorf("%v: exit status %d, want %d and %q\n%s", test.args, status, test.status, test.want, stderr)
		}
	}
}

// TestFailsAtStart: the message says what the process did not do and ends with
// what it printed, which cannot reach the terminal as it is.
func TestFailsAtStart(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(testfunction.EnvKind, "init")
	for _, args := range [][]string{{"-once", "--", self}, {"-once", "-logs", "--", self}} {
		status, stdout, stderr := runLocal(t, t.Context(), args...)
		if status != 1 || !strings.Contains(stderr, "exit status 3 (it asked for no event") || strings.Count(stderr, "no configuration") != 1 {
			t.Errorf("exit status %d\n%s", status, stderr)
		}
		if !regexp.MustCompile(`Initialization +✗ Fault`).MatchString(stdout) {
			t.Errorf("the initialization that failed is no fault:\n%s", stdout)
		}
		checkPrinted(t, stderr, 1000)
	}
	other := filepath.Join(t.TempDir(), "bootstrap") // of another machine
	if err := os.WriteFile(other, []byte("\x7fELF"), 0o700); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := runLocal(t, t.Context(), "-once", "--", other); status != 1 || !strings.Contains(stderr, "GOARCH="+runtime.GOARCH) {
		t.Errorf("exit status %d\n%s", status, stderr)
	}
}

// TestBuildFails: what the compiler said is what the user sees.
func TestBuildFails(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte("#!/bin/sh\necho main.go:1: no such thing\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	status, _, stderr := runLocal(t, t.Context(), "-once")
	if status != 1 || !strings.Contains(stderr, "main.go:1: no such thing") {
		t.Errorf("exit status %d\n%s", status, stderr)
	}
	t.Setenv("PATH", t.TempDir())
	status, _, stderr = runLocal(t, t.Context(), "-once")
	if status != 1 || !strings.Contains(stderr, "not in PATH") {
		t.Errorf("without go: exit status %d\n%s", status, stderr)
	}
}

// TestInterrupt: a Ctrl-C, and even a SIGKILL, leaves no process behind.
func TestInterrupt(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		signal syscall.Signal
		args   []string
		wait   string // a line that says it has come so far
		status int
	}{
		{"while serving", syscall.SIGINT, []string{"-addr", "127.0.0.1:0"}, "Invoke API on", 0},
		{"while the function hangs", syscall.SIGINT, []string{"-once", "-logs"}, "│ do hang", 130},
		{"SIGTERM", syscall.SIGTERM, []string{"-once", "-logs"}, "│ do hang", 130},
		{"SIGKILL", syscall.SIGKILL, []string{"-once", "-logs"}, "│ do hang", -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			event, pids := filepath.Join(dir, "event.json"), filepath.Join(dir, "pids")
			what := "it"
			if test.status != 0 {
				what = "hang"
			}
			if err := os.WriteFile(event, []byte(`{"do":"`+what+`"}`), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(self, append(test.args, "-timeout", "1m", "-invoke", event, "--", self)...)
			cmd.Env = append(os.Environ(), envMain+"=1", testfunction.EnvPidFile+"="+pids)
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			for lines := bufio.NewScanner(stderr); lines.Scan(); {
				said.WriteString(lines.Text() + "\n")
				if strings.Contains(lines.Text(), test.wait) {
					cmd.Process.Signal(test.signal)
					io.Copy(io.Discard, stderr)
					break
				}
			}
			cmd.Wait()
			if status := cmd.ProcessState.ExitCode(); status != test.status {
				t.Errorf("exit status %d, want %d\n%s", status, test.status, said.String())
			}
			b, err := os.ReadFile(pids)
			if err != nil {
				t.Fatalf("%v: the function did not start\n%s", err, said.String())
			}
			for i, field := range strings.Fields(string(b)) {
				pid, err := strconv.Atoi(field)
				if err != nil {
					t.Fatal(err)
				}
				if i > 0 && test.signal == syscall.SIGKILL {
					syscall.Kill(pid, syscall.SIGKILL) // nobody was left to end a grandchild
					continue
				}
				if !testfunction.Gone(pid) {
					t.Errorf("process %d of %s is still there", pid, strings.TrimSpace(string(b)))
					syscall.Kill(pid, syscall.SIGKILL)
				}
			}
		})
	}
}
