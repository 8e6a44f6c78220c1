package page

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// guard refuses requests for a host that is not this one, which a name that
// somebody made point here would lead to (DNS rebinding), and requests that change
// something from another site's page.
func guard(listen string, next http.Handler) http.Handler {
	own, _, err := net.SplitHostPort(listen)
	if err != nil {
		own = listen
	}
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isOurs(r.Host, own) {
			http.Error(w, fmt.Sprintf("this is %s, not %q", listen, r.Host), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isOurs reports whether a Host header names this server, which listens on own: a
// loopback name or address, own itself, or any address where own is all of them.
func isOurs(host, own string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	listens := net.ParseIP(own)
	switch {
	case strings.EqualFold(host, "localhost"), ip.IsLoopback(), own != "" && strings.EqualFold(host, own):
		return true
	}
	return ip != nil && (own == "" || listens.IsUnspecified())
}
