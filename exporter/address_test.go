package exporter

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var addresses = []struct {
	text string
	want string // or
	err  string // a part of the error
}{
	{text: "127.0.0.1:2000", want: "127.0.0.1:2000"},
	{text: "xray-daemon:2001", want: "xray-daemon:2001"},
	{text: "[::1]:2000", want: "[::1]:2000"},
	{text: "  10.0.0.1:2000\t", want: "10.0.0.1:2000"},
	{text: "tcp:127.0.0.1:2000 udp:127.0.0.2:2001", want: "127.0.0.2:2001"},
	{text: "udp:127.0.0.2:2001 tcp:127.0.0.1:2000", want: "127.0.0.2:2001"},
	{text: "udp:[fe80::1%eth0]:2001  tcp:[::1]:2000", want: "[fe80::1%eth0]:2001"},
	{text: "tcp:h:1 udp:[::1]:2", want: "[::1]:2"},
	{text: "udp:127.0.0.1:2000", want: "127.0.0.1:2000"},
	{text: "udp:2000", want: "udp:2000"}, // a host of that name
	{text: "127.0.0.1", err: "missing port"},
	{text: "::1:2000", err: "too many colons"},
	{text: ":2000", err: "host is missing"},
	{text: "h:0", err: `port "0"`},
	{text: "h:65536", err: `port "65536"`},
	{text: "h:http", err: `port "http"`},
	{text: "http://127.0.0.1:2000", err: "too many colons"},
	{text: "//h:2000", err: "is no host"},
	{text: "tcp:127.0.0.1:2000", err: "too many colons"},
	{text: "tcp:h:1 tcp:h:2", err: "tcp: before one and udp: before the other"},
	{text: "udp:h:1 udp:h:2", err: "tcp: before one and udp: before the other"},
	{text: "h:1 h:2", err: "tcp: before one and udp: before the other"},
	{text: "h:1 h:2 h:3", err: "holds 3 addresses"},
	{text: " ", err: "holds 0 addresses"},
}

func TestDaemonAddress(t *testing.T) {
	for _, tt := range addresses {
		got, err := parseDaemonAddress(envDaemonAddress, tt.text)
		if tt.err == "" {
			if err != nil || got != tt.want {
				t.Errorf("%q: got %q, %v; want %q", tt.text, got, err, tt.want)
			}
			continue
		}
		if err == nil {
			t.Errorf("%q: got %q, want an error", tt.text, got)
			continue
		}
		// An error says which setting, what it holds, what is wrong, what to write.
		for _, part := range []string{envDaemonAddress, strconv.Quote(tt.text), tt.err, "write host:port"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: error %q lacks %q", tt.text, err, part)
			}
		}
	}
}

func FuzzDaemonAddress(f *testing.F) {
	for _, tt := range addresses {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		addr, err := parseDaemonAddress("x", text)
		if err != nil {
			return
		}
		host, port, err := net.SplitHostPort(addr)
		if err != nil || host == "" || port == "" {
			t.Errorf("%q gave %q, which cannot be dialled: %v", text, addr, err)
		}
		if again, err := parseDaemonAddress("x", addr); !strings.HasPrefix(addr, "udp:") && (err != nil || again != addr) {
			t.Errorf("%q gave %q, and that %q, %v", text, addr, again, err)
		}
	})
}

func TestNewReadsDaemonAddress(t *testing.T) {
	address := func(e *Exporter, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return e.emitter.(*udpEmitter).address
	}
	t.Setenv(envDaemonAddress, "")
	if got := address(New()); got != "127.0.0.1:2000" {
		t.Errorf("without a setting: %s", got)
	}
	t.Setenv(envDaemonAddress, "tcp:10.0.0.1:1 udp:10.0.0.1:2")
	if got := address(New()); got != "10.0.0.1:2" {
		t.Errorf("from the environment: %s", got)
	}
	if got := address(New(WithDaemonAddress("10.0.0.3:3"))); got != "10.0.0.3:3" {
		t.Errorf("the option does not come first: %s", got)
	}
	t.Setenv(envDaemonAddress, "nonsense")
	if _, err := New(); err == nil || !strings.Contains(err.Error(), envDaemonAddress) {
		t.Errorf("the error does not name the variable: %v", err)
	}
	if _, err := New(WithDaemonAddress("nonsense")); err == nil || !strings.Contains(err.Error(), "WithDaemonAddress") {
		t.Errorf("the error does not name the option: %v", err)
	}
	if _, err := New(WithEmitter(NewWriterEmitter(nil))); err != nil {
		t.Errorf("another emitter and still the variable is read: %v", err)
	}
	if _, err := New(WithEmitter(NewWriterEmitter(nil)), WithDaemonAddress("h:1")); err == nil {
		t.Error("two ways out and no error")
	}
}

func TestTouchInitialized(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".aws-xray", "initialized")
	t.Setenv("LAMBDA_TASK_ROOT", "")
	touchInitialized(file)
	if _, err := os.Stat(file); err == nil {
		t.Error("touched outside Lambda")
	}
	t.Setenv("LAMBDA_TASK_ROOT", "/var/task")
	touchInitialized(file)
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	old := time.Unix(1, 0)
	if err := os.Chtimes(file, old, old); err != nil {
		t.Fatal(err)
	}
	touchInitialized(file)
	if info, err := os.Stat(file); err != nil || info.ModTime().Equal(old) {
		t.Errorf("time not renewed: %v, %v", info, err)
	}
}
