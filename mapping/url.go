package mapping

import "strings"

// urlParts are the parts of a URL: scheme://authority path rest. The authority
// has no userinfo; rest is the query and the fragment. A port that is not part
// of the authority's text stands beside it.
type urlParts struct {
	scheme, authority, path, rest string
	port                          int64
	whole                         string // all before rest, if there was no userinfo
}

// splitURL splits u in one pass. Without "scheme://" or "//" all but path and
// rest is empty. It takes text that net/url refuses: traces have such URLs.
func splitURL(u string) urlParts {
	var p urlParts
	whole := u
	if i := strings.Index(u, "://"); i > 0 {
		p.scheme, u = u[:i], u[i+3:]
	} else if strings.HasPrefix(u, "//") {
		u = u[2:]
	} else {
		p.path, p.rest = cutQuery(u)
		return p
	}
	start, end := 0, 0
	for end < len(u) && u[end] != '/' && u[end] != '?' && u[end] != '#' {
		if u[end] == '@' {
			start = end + 1
		}
		end++
	}
	p.authority = u[start:end]
	p.path, p.rest = cutQuery(u[end:])
	if start == 0 {
		p.whole = whole[:len(whole)-len(p.rest)]
	}
	return p
}

// cutQuery splits u before its query or fragment.
func cutQuery(u string) (path, rest string) {
	for i := range len(u) {
		if u[i] == '?' || u[i] == '#' {
			return u[:i], u[i:]
		}
	}
	return u, ""
}

// hostPort splits an authority; port is empty if there is none. The brackets of
// an IPv6 address go.
func hostPort(authority string) (host, port string) {
	host = authority
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		host, port = authority[:i], authority[i+1:]
	}
	if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		host = host[1 : len(host)-1]
	}
	return host, port
}

// isIPv6 reports whether host is an IPv6 address without the brackets that a
// URL needs around it.
func isIPv6(host string) bool { return host != "" && host[0] != '[' && strings.Count(host, ":") > 1 }
