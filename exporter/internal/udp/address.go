package udp

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

const (
	// EnvAddress is the variable that says where the daemon is.
	EnvAddress = "AWS_XRAY_DAEMON_ADDRESS"
	// DefaultAddress is where it is otherwise.
	DefaultAddress = "127.0.0.1:2000"
)

// ParseAddress returns the host:port that documents are sent to. Two
// forms are understood: one address for everything, and one each for the
// daemon's TCP and UDP sockets, in either order.
//
//	127.0.0.1:2000
//	tcp:127.0.0.1:2000 udp:127.0.0.2:2001
//
// The error begins with source, the name of the setting.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-go-configuration.html
func ParseAddress(source, text string) (string, error) {
	return parseAddress(source, text, selectUDP)
}

// ParseTCPAddress returns the host:port that the daemon answers calls on, of the
// forms that [ParseAddress] understands.
func ParseTCPAddress(source, text string) (string, error) {
	return parseAddress(source, text, selectTCP)
}

func parseAddress(source, text string, choose func(fields []string) (string, error)) (string, error) {
	addr, err := choose(strings.Fields(text))
	if err == nil {
		err = checkHostPort(addr)
	}
	if err != nil {
		return "", fmt.Errorf("%s is %q: %w; write host:port, or tcp:host:port udp:host:port, with an IPv6 host in brackets",
			source, text, err)
	}
	return addr, nil
}

// selectUDP returns the address among fields that is meant for UDP.
func selectUDP(fields []string) (string, error) {
	switch len(fields) {
	case 1:
		// A lone udp: is taken as well, unless it is a host of that name.
		if addr, ok := strings.CutPrefix(fields[0], "udp:"); ok && strings.Contains(addr, ":") {
			return addr, nil
		}
		return fields[0], nil
	case 2:
		_, addr, err := selectPair(fields[0], fields[1])
		return addr, err
	}
	return "", fmt.Errorf("it holds %d addresses", len(fields))
}

// selectTCP returns the address among fields that is meant for TCP.
func selectTCP(fields []string) (string, error) {
	switch len(fields) {
	case 1:
		// A lone tcp: or udp: is the address for everything, as in selectUDP.
		for _, network := range []string{"tcp:", "udp:"} {
			if addr, ok := strings.CutPrefix(fields[0], network); ok && strings.Contains(addr, ":") {
				return addr, nil
			}
		}
		return fields[0], nil
	case 2:
		addr, _, err := selectPair(fields[0], fields[1])
		return addr, err
	}
	return "", fmt.Errorf("it holds %d addresses", len(fields))
}

// selectPair returns the addresses for TCP and UDP, given in either order.
func selectPair(first, second string) (tcp, udp string, err error) {
	if strings.HasPrefix(first, "udp:") {
		first, second = second, first
	}
	tcp, isTCP := strings.CutPrefix(first, "tcp:")
	udp, isUDP := strings.CutPrefix(second, "udp:")
	if !isTCP || !isUDP {
		return "", "", errors.New("two addresses need tcp: before one and udp: before the other")
	}
	return tcp, udp, nil
}

func checkHostPort(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		if ae, ok := errors.AsType[*net.AddrError](err); ok {
			return errors.New(ae.Err)
		}
		return err
	}
	if host == "" {
		return errors.New("the host is missing")
	}
	if strings.ContainsAny(host, "/\\@?#") {
		return fmt.Errorf("%q is no host", host)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("port %q is not a number from 1 to 65535", port)
	}
	return nil
}
