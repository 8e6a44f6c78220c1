package mapping

import (
	"strconv"
	"strings"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// appendHTTP writes the http block: of a downstream call what was asked and
// answered, of a served request who asked as well.
func (e *encoder) appendHTTP(dst []byte) []byte {
	if !e.config.keepQuery {
		e.fields.spend(slotURLQuery)
	}
	if target := e.fields.text(slotHTTPTarget); target != "" {
		u := splitURL(target)
		if u.secret || u.rest != "" && !e.config.keepQuery {
			e.fields.spend(slotHTTPTarget)
		}
	}
	if e.fields.have&blockHTTP == 0 && e.status == 0 {
		return dst
	}
	dst, http := jsonenc.OpenObject(dst, "http")
	dst = e.appendRequest(dst)
	dst = e.appendResponse(dst)
	return http.Close(dst)
}

func (e *encoder) appendRequest(dst []byte) []byte {
	dst, request := jsonenc.OpenObject(dst, "request")
	if m := e.fields.spendUpTo(slotHTTPMethod, maxString); m != "" {
		dst = jsonenc.AppendStringMember(dst, "method", m)
	}
	dst = e.appendURL(dst)
	if ua := e.fields.spendUpTo(slotUserAgent, maxString); ua != "" {
		dst = jsonenc.AppendStringMember(dst, "user_agent", e.publicText(ua))
	}
	if e.server() {
		dst = e.appendClientIP(dst)
	}
	if traced, ok := e.fields.flag(slotTraced); ok && !e.segment() {
		if e.fields.spend(slotTraced); traced {
			dst = strconv.AppendBool(jsonenc.AppendKey(dst, "traced"), true)
		}
	}
	return request.Close(dst)
}

func (e *encoder) appendResponse(dst []byte) []byte {
	size, hasSize := e.fields.count(slotResponseSize)
	if e.status == 0 && !hasSize {
		return dst
	}
	dst, response := jsonenc.OpenObject(dst, "response")
	if e.status != 0 {
		e.fields.spend(slotHTTPStatus)
		dst = jsonenc.AppendIntMember(dst, "status", e.status)
	}
	if hasSize {
		e.fields.spend(slotResponseSize)
		dst = jsonenc.AppendIntMember(dst, "content_length", size)
	}
	return response.Close(dst)
}

// appendClientIP writes who asked. x_forwarded_for says that the address came
// from a header: the peer of the connection is another one. Only a segment may
// say so.
func (e *encoder) appendClientIP(dst []byte) []byte {
	f := &e.fields
	ip := f.spendUpTo(slotClientAddress, maxString)
	if ip == "" {
		if f.text(slotHTTPMethod) == "" {
			return dst
		}
		ip = f.spendUpTo(slotPeerAddress, maxString)
	}
	if ip == "" {
		return dst
	}
	dst = jsonenc.AppendStringMember(dst, "client_ip", publicHost(ip))
	forwarded, said := f.flag(slotForwardedFor)
	if e.segment() && said {
		f.spend(slotForwardedFor)
	}
	if peer := f.text(slotPeerAddress); e.segment() && (forwarded || !said && peer != "" && peer != ip) {
		dst = append(dst, `,"x_forwarded_for":true`...)
	}
	return dst
}

// appendURL writes the request's URL: as the producer gives it, or put together
// from its parts. Userinfo never goes out, the query only by option.
func (e *encoder) appendURL(dst []byte) []byte {
	f := &e.fields
	if f.spendText(slotURLFull) == "" {
		return e.appendBuiltURL(dst)
	}
	e.spendURLParts()
	return e.appendURLField(dst, e.url)
}

func (e *encoder) appendURLField(dst []byte, u urlParts) []byte {
	if !e.config.keepQuery {
		u.rest = ""
	}
	dst = append(jsonenc.AppendKey(dst, "url"), '"')
	if len(u.scheme)+len(u.authority)+len(u.path)+len(u.rest)+16 <= maxString {
		return append(appendURLParts(dst, &u), '"')
	}
	text := string(appendURLText(nil, u))
	short := cut(text, maxString)
	if len(short) < len(text) {
		e.wholeURL = text
	}
	return append(jsonenc.AppendText(dst, short), '"')
}

// appendURLParts writes a URL into a JSON string.
func appendURLParts(dst []byte, u *urlParts) []byte {
	if u.authority != "" || u.scheme != "" {
		if u.scheme != "" {
			dst = append(jsonenc.AppendText(dst, u.scheme), ':')
		}
		dst = jsonenc.AppendText(append(dst, '/', '/'), u.authority)
		if u.port != 0 {
			dst = append(dst, ':')
			dst = strconv.AppendInt(dst, u.port, 10)
		}
	}
	dst = jsonenc.AppendText(dst, u.path)
	return jsonenc.AppendText(dst, u.rest)
}

// appendURLText puts a URL together as it is.
func appendURLText(dst []byte, u urlParts) []byte {
	if u.authority != "" || u.scheme != "" {
		if u.scheme != "" {
			dst = append(append(dst, u.scheme...), ':')
		}
		dst = append(append(dst, '/', '/'), u.authority...)
		if u.port != 0 {
			dst = strconv.AppendInt(append(dst, ':'), u.port, 10)
		}
	}
	return append(append(dst, u.path...), u.rest...)
}

// appendBuiltURL writes scheme://host[:port]/path, or the path alone where no
// attribute names the host.
func (e *encoder) appendBuiltURL(dst []byte) []byte {
	f := &e.fields
	path := slotURLPath
	if f.text(path) == "" {
		path = slotHTTPTarget
	}
	host := slotHTTPHost // has its port
	if f.text(host) == "" {
		host = e.serverSlot()
	}
	// An RPC or database call has a server address too, but no URL.
	if f.text(path) == "" && (f.text(slotHTTPMethod) == "" || f.text(host) == "") {
		return dst
	}
	u := splitURL(f.spendText(path))
	if u.authority == "" && f.text(host) != "" {
		u.scheme = e.spendScheme()
		u.authority = f.spendHost(host)
		if isIPv6(u.authority) {
			u.authority = "[" + u.authority + "]"
		}
		if host == slotHTTPHost {
			u.authority = e.spendHost(&u)
		} else if port, ok := e.port(); ok {
			f.spend(e.portSlot())
			if !defaultPort(u.scheme, port) {
				u.port = port
			}
		}
	}
	if q := f.spendText(slotURLQuery); q != "" && u.rest == "" {
		u.rest = "?" + q
	}
	return e.appendURLField(dst, u)
}

// spendScheme returns the scheme; without one the port says which.
func (e *encoder) spendScheme() string {
	if s := e.fields.spendText(slotURLScheme); s != "" {
		return s
	}
	if port, ok := e.port(); ok && port == 80 {
		return "http"
	}
	return "https"
}

// spendHost spends the server's address and port where they only repeat the
// authority of u, and returns that.
func (e *encoder) spendHost(u *urlParts) string {
	f := &e.fields
	address := e.serverSlot()
	if u.authority != "" && f.text(address) == u.authority { // no port, as most URLs have none
		f.spend(address)
		if n, ok := e.port(); ok && defaultPort(u.scheme, n) {
			f.spend(e.portSlot())
		}
		return u.authority
	}
	host, port := hostPort(u.authority)
	f.spendIf(address, host)
	if n, ok := e.port(); ok && (port == "" && defaultPort(u.scheme, n) || portEqual(port, n)) {
		f.spend(e.portSlot())
	}
	return u.authority
}

// spendURLParts spends the attributes that only repeat what the URL says.
func (e *encoder) spendURLParts() {
	f := &e.fields
	if e.url.scheme == "" {
		return
	}
	e.spendHost(&e.url)
	if f.have&blockURL == 0 {
		return
	}
	f.spendIf(slotURLScheme, e.url.scheme)
	f.spendIf(slotHTTPHost, e.url.authority)
	for _, s := range [...]slot{slotURLPath, slotHTTPTarget} {
		if path, _ := cutQuery(f.text(s)); path != "" && path == e.url.path {
			f.spend(s)
		}
	}
	if q := f.text(slotURLQuery); q != "" && strings.HasSuffix(e.url.rest, q) {
		f.spend(slotURLQuery)
	}
}

// portEqual reports whether text is the decimal n.
func portEqual(text string, n int64) bool {
	var buf [20]byte
	return text != "" && string(strconv.AppendInt(buf[:0], n, 10)) == text
}
