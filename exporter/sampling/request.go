package sampling

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// request is what rules look at of a span that is about to start. It holds
// parts of the attributes and copies nothing.
type request struct {
	attributes []attribute.KeyValue
	span       string // the span's name
	method     string
	path       string
	host       string // without the port
	port       string // or
	portNumber int64
}

// scan reads the attributes, of which the newer conventions' count before the
// older ones'.
//
// Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
func (r *request) scan(attributes []attribute.KeyValue) {
	r.attributes = attributes
	var method, original, oldMethod, path, target, url, oldURL string
	var address, hostHeader, hostName, serverName string
	var port, oldPort *attribute.Value
	for i := range attributes {
		kv := &attributes[i]
		switch kv.Key {
		case "http.request.method":
			method = kv.Value.AsString()
		case "http.request.method_original":
			original = kv.Value.AsString()
		case "http.method":
			oldMethod = kv.Value.AsString()
		case "url.path":
			path = kv.Value.AsString()
		case "http.target":
			target = kv.Value.AsString()
		case "url.full":
			url = kv.Value.AsString()
		case "http.url":
			oldURL = kv.Value.AsString()
		case "server.address":
			address = kv.Value.AsString()
		case "server.port":
			port = &kv.Value
		case "http.host":
			hostHeader = kv.Value.AsString()
		case "net.host.name":
			hostName = kv.Value.AsString()
		case "net.host.port":
			oldPort = &kv.Value
		case "http.server_name":
			serverName = kv.Value.AsString()
		}
	}
	if method == "_OTHER" && original != "" {
		method = original
	}
	r.method = either(method, oldMethod)
	authority, urlPath := splitURL(either(url, oldURL))
	switch {
	case path != "":
		r.path = path
	case strings.HasPrefix(target, "/"):
		r.path = withoutQuery(target)
	case target != "": // the absolute form of a request line
		_, r.path = splitURL(target)
	default:
		r.path = urlPath
	}
	if port == nil {
		port = oldPort
	}
	switch {
	case address != "":
		r.setHost(address, port)
	case hostHeader != "": // with its port
		r.host, r.port = splitPort(hostHeader)
	case hostName != "" || serverName != "":
		r.setHost(either(hostName, serverName), port)
	default:
		r.host, r.port = splitPort(authority)
	}
}

func (r *request) setHost(host string, port *attribute.Value) {
	r.host = strings.Trim(host, "[]")
	if port == nil {
		return
	}
	switch port.Type() {
	case attribute.INT64:
		r.portNumber = port.AsInt64()
	case attribute.STRING:
		r.port = port.AsString()
	}
}

// matchHost reports whether p stands for the host without or with its port.
func (r *request) matchHost(p *pattern) bool {
	if p.match(r.host) {
		return true
	}
	if r.host == "" || r.port == "" && r.portNumber == 0 {
		return false
	}
	last := byte('0' + r.portNumber%10)
	if r.port != "" {
		last = r.port[len(r.port)-1]
	}
	if !p.mayEnd(last) {
		return false
	}
	var buf [128]byte
	b := buf[:0]
	if strings.Contains(r.host, ":") { // IPv6
		b = append(append(append(b, '['), r.host...), ']')
	} else {
		b = append(b, r.host...)
	}
	b = append(b, ':')
	if r.port != "" {
		b = append(b, r.port...)
	} else {
		b = strconv.AppendInt(b, r.portNumber, 10)
	}
	return match(p.text, b)
}

// attribute returns the text of an attribute, and whether there is one.
func (r *request) attribute(key string) (string, bool) {
	for i := range r.attributes {
		if kv := &r.attributes[i]; string(kv.Key) == key {
			if kv.Value.Type() == attribute.STRING {
				return kv.Value.AsString(), true
			}
			return kv.Value.String(), true
		}
	}
	return "", false
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func withoutQuery(s string) string {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		return s[:i]
	}
	return s
}

// splitURL returns the authority, without user and password, and the path of an
// absolute URL; both are empty for anything else.
func splitURL(url string) (authority, path string) {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return "", ""
	}
	rest = withoutQuery(rest)
	authority, path = rest, "/"
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	return authority[strings.LastIndexByte(authority, '@')+1:], path
}

// splitPort splits host:port; a host alone has no port.
func splitPort(authority string) (host, port string) {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.HasSuffix(authority, "]") || strings.IndexByte(authority, ':') < i && authority[0] != '[' { // bare IPv6
		return strings.Trim(authority, "[]"), ""
	}
	return strings.Trim(authority[:i], "[]"), authority[i+1:]
}
