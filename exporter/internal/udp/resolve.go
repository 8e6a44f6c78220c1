package udp

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"time"
)

const (
	// A name may have moved. Nobody says so over UDP, so it is looked up again.
	maxNameAge = 30 * time.Second
	// After an error it is looked up at once, and this long apart while the errors
	// go on.
	minNameAge = time.Second
)

// remote is where the daemon listens: an address, or a name and what it stood for
// when it was looked up last.
type remote struct {
	host string // empty: addr is all there is
	port uint16

	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

	addr   netip.AddrPort // not valid: not known
	looked time.Time      // when host was looked up last
	err    error          // of that
	failed bool           // looked up for an error that still goes on
}

// newRemote takes a host:port that [ParseAddress] has checked.
func newRemote(address string) remote {
	host, port, _ := net.SplitHostPort(address)
	n, _ := strconv.ParseUint(port, 10, 16)
	r := remote{host: host, port: uint16(n), lookup: net.DefaultResolver.LookupNetIP}
	if ip, err := netip.ParseAddr(host); err == nil {
		r.host, r.addr = "", netip.AddrPortFrom(ip, r.port)
	}
	return r
}

// stale reports whether the name is to be looked up at now. failing says that
// what was sent there met an error.
func (r *remote) stale(now time.Time, failing bool) bool {
	age := now.Sub(r.looked)
	switch {
	case r.looked.IsZero() || age >= maxNameAge:
		return true
	case failing || !r.addr.IsValid():
		return !r.failed || age >= minNameAge
	}
	r.failed = false
	return false
}

// resolve looks the name up, as net.ResolveUDPAddr does: of several addresses the
// first of IPv4 counts, which is where a daemon on localhost is. If it fails, the
// address before stays.
func (r *remote) resolve(ctx context.Context, now time.Time, failing bool) error {
	var ips []netip.Addr
	ips, r.err = r.lookup(ctx, "ip", r.host)
	r.looked, r.failed = now, failing || r.err != nil
	if r.err != nil {
		return r.err
	}
	best := ips[0].Unmap()
	for _, ip := range ips {
		if ip = ip.Unmap(); ip.Is4() {
			best = ip
			break
		}
	}
	r.addr = netip.AddrPortFrom(best, r.port)
	return nil
}
