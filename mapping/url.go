package mapping

import "strings"

// urlParts are the parts of a URL: scheme://authority path rest. The authority
// has no userinfo; rest is the query and the fragment. A port that is not part
// of the authority's text stands beside it.
type urlParts struct {
	scheme, authority, path, rest string
	port                          int64
	secret                        bool // it had userinfo, or a secret in its path
}

// splitURL splits u in one pass. Without "scheme://" or "//" all but path and
// rest is empty. It takes text that net/url refuses: traces have such URLs.
func splitURL(u string) urlParts {
	var p urlParts
	if i := strings.Index(u, "://"); i > 0 {
		p.scheme, u = u[:i], u[i+3:]
	} else if strings.HasPrefix(u, "//") {
		u = u[2:]
	} else {
		p.path, p.rest = cutQuery(u)
		p.cutParameters()
		return p
	}
	p.authority, p.rest = cutQuery(u)
	if i := strings.IndexByte(p.authority, '/'); i >= 0 {
		p.authority, p.path = p.authority[:i], p.authority[i:]
	}
	if strings.IndexByte(p.authority, '@') >= 0 {
		p.authority, p.secret = p.authority[strings.LastIndexByte(p.authority, '@')+1:], true
	}
	p.cutParameters()
	return p
}

// cutParameters redacts the parameters of the path that are secret, as in
// /cart;jsessionid=x.
func (p *urlParts) cutParameters() {
	if strings.IndexByte(p.path, ';') < 0 { // nearly always
		return
	}
	c := cleaner{keepQuery: true}
	c.settings(p.path)
	if c.secret == noKey && string(c.out) != p.path {
		p.path, p.secret = string(c.out), true
	}
}

// cutQuery splits u before its query or fragment.
func cutQuery(u string) (path, rest string) {
	end := len(u)
	if i := strings.IndexByte(u, '#'); i >= 0 {
		end = i
	}
	if i := strings.IndexByte(u[:end], '?'); i >= 0 {
		end = i
	}
	return u[:end], u[end:]
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
