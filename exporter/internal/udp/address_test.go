package udp

import (
	"net"
	"strconv"
	"strings"
	"testing"
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
		got, err := ParseAddress(EnvAddress, tt.text)
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
		for _, part := range []string{EnvAddress, strconv.Quote(tt.text), tt.err, "write host:port"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: error %q lacks %q", tt.text, err, part)
			}
		}
	}
}

func TestDaemonTCPAddress(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:2000":                        "127.0.0.1:2000",
		"tcp:127.0.0.1:2000 udp:127.0.0.2:2001": "127.0.0.1:2000",
		"udp:127.0.0.2:2001 tcp:[::1]:2000":     "[::1]:2000",
		"tcp:127.0.0.1:2000":                    "127.0.0.1:2000",
		"udp:127.0.0.1:2000":                    "127.0.0.1:2000",
		"tcp:2000":                              "tcp:2000", // a host of that name
	} {
		if got, err := ParseTCPAddress(EnvAddress, text); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "h", "h:1 h:2", "tcp:h:1 tcp:h:2", "tcp::1 udp:h:2"} {
		if got, err := ParseTCPAddress(EnvAddress, text); err == nil || !strings.Contains(err.Error(), EnvAddress) {
			t.Errorf("%q: got %q, %v; want an error that names the setting", text, got, err)
		}
	}
}

func FuzzDaemonAddress(f *testing.F) {
	for _, tt := range addresses {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		addr, err := ParseAddress("x", text)
		if err != nil {
			return
		}
		host, port, err := net.SplitHostPort(addr)
		if err != nil || host == "" || port == "" {
			t.Errorf("%q gave %q, which cannot be dialled: %v", text, addr, err)
		}
		if again, err := ParseAddress("x", addr); !strings.HasPrefix(addr, "udp:") && (err != nil || again != addr) {
			t.Errorf("%q gave %q, and that %q, %v", text, addr, again, err)
		}
	})
}
