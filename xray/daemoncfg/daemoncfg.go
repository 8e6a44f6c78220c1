// Package daemoncfg reads where the X-Ray daemon listens.
package daemoncfg

import (
	"fmt"
	"net"
	"os"
	"strings"
)

const (
	variable       = "AWS_XRAY_DAEMON_ADDRESS"
	defaultAddress = "127.0.0.1:2000"
)

// DaemonEndpoints is where the daemon takes segments (UDP) and calls about
// sampling (TCP).
type DaemonEndpoints struct {
	UDPAddr *net.UDPAddr
	TCPAddr *net.TCPAddr
}

// GetDaemonEndpoints returns what AWS_XRAY_DAEMON_ADDRESS says, and 127.0.0.1:2000
// if it says nothing or makes no sense.
func GetDaemonEndpoints() *DaemonEndpoints {
	if e, err := GetDaemonEndpointsFromEnv(); e != nil && err == nil {
		return e
	}
	return GetDefaultDaemonEndpoints()
}

// GetDaemonEndpointsFromEnv returns what AWS_XRAY_DAEMON_ADDRESS says, nil if it
// is not set. The error says why it cannot be used.
func GetDaemonEndpointsFromEnv() (*DaemonEndpoints, error) {
	address := os.Getenv(variable)
	if address == "" {
		return nil, nil
	}
	return parse(variable, address)
}

// GetDaemonEndpointsFromString returns what AWS_XRAY_DAEMON_ADDRESS says, and if
// it is not set, or cannot be used, what address says. Both empty give nil and no
// error.
func GetDaemonEndpointsFromString(address string) (*DaemonEndpoints, error) {
	e, err := GetDaemonEndpointsFromEnv()
	if e != nil {
		return e, nil
	}
	if address == "" {
		return nil, err
	}
	return parse("daemon address", address)
}

// GetDefaultDaemonEndpoints returns 127.0.0.1:2000 for both.
func GetDefaultDaemonEndpoints() *DaemonEndpoints {
	e, _ := parse("default", defaultAddress) // an address in digits: cannot fail
	return e
}

// parse reads host:port, or tcp:host:port udp:host:port in either order.
func parse(what, address string) (*DaemonEndpoints, error) {
	udp, tcp := address, address
	if fields := strings.Fields(address); len(fields) == 2 {
		udp, tcp = "", ""
		for _, f := range fields {
			if a, ok := strings.CutPrefix(f, "udp:"); ok {
				udp = a
			} else if a, ok := strings.CutPrefix(f, "tcp:"); ok {
				tcp = a
			}
		}
		if udp == "" || tcp == "" {
			return nil, fmt.Errorf("daemoncfg: %s %q: has to be host:port or tcp:host:port udp:host:port", what, address)
		}
	}
	u, err := net.ResolveUDPAddr("udp", udp)
	if err != nil {
		return nil, fmt.Errorf("daemoncfg: %s %q: has to be host:port or tcp:host:port udp:host:port: %w", what, address, err)
	}
	t, err := net.ResolveTCPAddr("tcp", tcp)
	if err != nil {
		return nil, fmt.Errorf("daemoncfg: %s %q: has to be host:port or tcp:host:port udp:host:port: %w", what, address, err)
	}
	return &DaemonEndpoints{UDPAddr: u, TCPAddr: t}, nil
}
