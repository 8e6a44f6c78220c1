package mapping

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// appendHTTP writes the http block: of a downstream call what was asked and
// answered, of a served request who asked as well.
func (e *encoder) appendHTTP(dst []byte) []byte {
	mark := len(dst)
	dst = append(appendKey(dst, "http"), '{')
	open := len(dst)
	dst = append(dst, `"request":{`...)
	request := len(dst)
	if m := e.fields.takeText(slotHTTPMethod); m != "" {
		dst = appendString(appendKey(dst, "method"), cut(m, maxString))
	}
	dst = e.appendURL(dst)
	if ua := e.fields.takeText(slotUserAgent); ua != "" {
		dst = appendString(appendKey(dst, "user_agent"), cut(ua, maxString))
	}
	if e.server() {
		dst = e.appendClientIP(dst)
	}
	if len(dst) == request {
		dst = dst[:open]
	} else {
		dst = append(dst, '}')
	}
	dst = e.appendResponse(dst)
	if len(dst) == open {
		return dst[:mark]
	}
	return append(dst, '}')
}

func (e *encoder) appendResponse(dst []byte) []byte {
	size, hasSize := e.fields.number(slotResponseSize)
	if e.status == 0 && !hasSize {
		return dst
	}
	dst = append(appendKey(dst, "response"), '{')
	if e.status != 0 {
		e.fields.take(slotHTTPStatus)
		dst = strconv.AppendInt(appendKey(dst, "status"), e.status, 10)
	}
	if hasSize {
		e.fields.take(slotResponseSize)
		dst = strconv.AppendInt(appendKey(dst, "content_length"), size, 10)
	}
	return append(dst, '}')
}

// appendClientIP writes who asked. x_forwarded_for says that the address came
// from a header: the peer of the connection is another one. Only a segment may
// say so.
func (e *encoder) appendClientIP(dst []byte) []byte {
	f := &e.fields
	ip := f.takeText(slotClientAddress)
	if ip == "" {
		if f.text(slotHTTPMethod) == "" {
			return dst
		}
		ip = f.takeText(slotPeerAddress)
	}
	if ip == "" {
		return dst
	}
	dst = appendString(appendKey(dst, "client_ip"), cut(ip, maxString))
	if peer := f.text(slotPeerAddress); e.segment() && peer != "" && peer != ip {
		dst = append(dst, `,"x_forwarded_for":true`...)
	}
	return dst
}

// appendURL writes the request's URL: as the producer gives it, or put together
// from its parts. Userinfo never goes out, the query only by option.
func (e *encoder) appendURL(dst []byte) []byte {
	f := &e.fields
	if u := f.takeText(slotURLFull); u != "" {
		dst = append(appendKey(dst, "url"), '"')
		dst = e.appendCleanURL(dst, u, maxString)
		e.takeURLParts(u)
		return append(dst, '"')
	}
	path := f.text(slotURLPath)
	if path == "" {
		path = f.text(slotHTTPTarget)
	}
	host := f.text(slotHTTPHost)
	if host == "" {
		host = f.text(e.serverSlot())
	}
	// An RPC or database call has a server address too, but no URL.
	if f.text(slotHTTPMethod) == "" && path == "" || host == "" && path == "" {
		return dst
	}
	f.take(slotURLPath)
	f.take(slotHTTPTarget)
	dst = append(appendKey(dst, "url"), '"')
	mark := len(dst)
	if host != "" {
		dst = e.appendOrigin(dst, host)
	}
	if q := f.text(slotURLQuery); q != "" {
		f.take(slotURLQuery)
		if e.config.keepQuery && !strings.ContainsRune(path, '?') {
			path += "?" + q
		}
	}
	dst = e.appendCleanURL(dst, path, maxString-utf8.RuneCount(dst[mark:]))
	return append(dst, '"')
}

// appendOrigin writes scheme://host[:port].
func (e *encoder) appendOrigin(dst []byte, host string) []byte {
	f := &e.fields
	scheme := f.takeText(slotURLScheme)
	if scheme == "" {
		scheme = "https"
		if port, ok := f.number(e.portSlot()); ok && port == 80 {
			scheme = "http"
		}
	}
	dst = appendText(dst, cut(scheme, 16))
	dst = append(dst, "://"...)
	dst = appendText(dst, cut(host, maxName))
	if f.text(slotHTTPHost) != "" {
		f.take(slotHTTPHost) // has its port already
		if f.text(slotHTTPHost) == f.text(e.serverSlot()) {
			f.take(e.serverSlot())
		}
		return dst
	}
	f.take(e.serverSlot())
	if port, ok := f.number(e.portSlot()); ok {
		f.take(e.portSlot())
		if !defaultPort(scheme, port) {
			dst = append(dst, ':')
			dst = strconv.AppendInt(dst, port, 10)
		}
	}
	return dst
}

// appendCleanURL writes u without userinfo, and without query and fragment
// unless the option keeps them, at most limit characters of it.
func (e *encoder) appendCleanURL(dst []byte, u string, limit int) []byte {
	if !e.config.keepQuery {
		if i := strings.IndexAny(u, "?#"); i >= 0 {
			u = u[:i]
		}
	}
	if i := strings.Index(u, "://"); i > 0 {
		rest := u[i+3:]
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
			head := cut(u[:i+3], limit)
			dst = appendText(dst, head)
			limit -= utf8.RuneCountInString(head)
			u = rest[at+1:]
		}
	}
	return appendText(dst, cut(u, max(limit, 0)))
}

// takeURLParts takes the attributes that only repeat what the URL says.
func (e *encoder) takeURLParts(u string) {
	f := &e.fields
	scheme, authority := splitURL(u)
	if scheme == "" {
		return
	}
	host, port := authority, ""
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		host, port = authority[:i], authority[i+1:]
	}
	if s := e.serverSlot(); f.text(s) == strings.Trim(host, "[]") {
		f.take(s)
	}
	if n, ok := f.number(e.portSlot()); ok && (port == "" && defaultPort(scheme, n) || portEqual(port, n)) {
		f.take(e.portSlot())
	}
	if f.text(slotURLScheme) == scheme {
		f.take(slotURLScheme)
	}
	if f.text(slotHTTPHost) == authority {
		f.take(slotHTTPHost)
	}
	rest := u[strings.Index(u, "://")+3:]
	for _, s := range [...]slot{slotURLPath, slotHTTPTarget} {
		if p := f.text(s); p != "" && strings.HasSuffix(trimQuery(rest), trimQuery(p)) {
			f.take(s)
		}
	}
	if q := f.text(slotURLQuery); q != "" && strings.HasSuffix(rest, q) {
		f.take(slotURLQuery)
	}
}

func trimQuery(u string) string {
	if i := strings.IndexAny(u, "?#"); i >= 0 {
		return u[:i]
	}
	return u
}

// portEqual reports whether text is the decimal n.
func portEqual(text string, n int64) bool {
	var buf [20]byte
	return text != "" && string(strconv.AppendInt(buf[:0], n, 10)) == text
}

// isText reports whether v is a string that is not empty.
func isText(v *attribute.Value) bool {
	return v != nil && v.Type() == attribute.STRING && v.AsString() != ""
}
