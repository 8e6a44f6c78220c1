package mapping

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// redacted stands where a value must not go out, as in OpenTelemetry's conventions.
const redacted = "REDACTED"

// public returns the string of an attribute as annotations and metadata may have it:
// no credentials of a URL or a host, no literals of SQL, no query unless by option.
// entry is its place in the table. It reports false for what may not be there at all.
func (e *encoder) public(kv *attribute.KeyValue, entry int) (string, bool) {
	text := kv.Value.AsString()
	if entry < 0 {
		if isSecretHeader(string(kv.Key)) {
			return redacted, true
		}
		return text, true
	}
	switch attributeTable[entry].slot {
	case slotURLFull, slotHTTPTarget, slotURLOriginal:
		u := splitURL(text)
		if u.rest != "" && !e.config.keepQuery {
			u.rest = ""
		} else if !u.userinfo {
			return text, true
		}
		return string(appendURLText(nil, u)), true
	case slotURLQuery, slotURLFragment:
		return text, e.config.keepQuery
	case slotAWSQueueURL: // a broker's may have credentials
		return text, strings.IndexByte(text, '@') < 0
	case slotDBConnection:
		return "", false
	case slotDBQuery:
		return e.publicQuery(text), true
	case slotServerAddress, slotNetPeerName, slotHTTPHost, slotPeerService, slotRemoteService, slotMessagingDestination,
		slotPeerAddress, slotClientAddress, slotDBName:
		return withoutUserinfo(text), true
	}
	return text, true
}

// publicQuery returns a query without its literals, if it is SQL or may be.
func (e *encoder) publicQuery(query string) string {
	system := e.fields.text(slotDBSystem)
	if e.config.keepLiterals || system != "" && !speaksSQL(system) {
		return query
	}
	return withoutLiterals(query, system)
}

// appendPublic writes an attribute as a member of metadata.
func (e *encoder) appendPublic(dst []byte, kv *attribute.KeyValue, entry int) []byte {
	switch {
	case entry < 0 && isSecretHeader(string(kv.Key)):
		return jsonenc.AppendStringMember(dst, string(kv.Key), redacted)
	case entry < 0 || kv.Value.Type() != attribute.STRING:
		return appendMember(dst, kv)
	}
	text, ok := e.public(kv, entry)
	if !ok {
		return dst
	}
	return jsonenc.AppendStringMember(dst, string(kv.Key), text)
}

// headerPrefixes are the keys under which instrumentation puts headers.
var headerPrefixes = [...]string{
	"http.request.header.", "http.response.header.", "rpc.request.metadata.", "rpc.response.metadata.",
	"rpc.grpc.request.metadata.", "rpc.grpc.response.metadata.", "rpc.connect_rpc.request.metadata.", "rpc.connect_rpc.response.metadata.",
}

// secretWords are in the names of the headers that carry credentials: authorization,
// cookie, set-cookie, x-api-key, x-amz-security-token, x-forwarded-client-cert …
var secretWords = [...]string{"auth", "cookie", "token", "secret", "key", "password", "passwd", "credential", "signature", "session", "jwt", "client-cert", "client_cert", "assertion"}

// isSecretHeader reports whether the key is that of a header which carries
// credentials.
func isSecretHeader(key string) bool {
	if len(key) == 0 || key[0] != 'h' && key[0] != 'r' { // nearly all
		return false
	}
	for _, prefix := range headerPrefixes {
		header, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		header = strings.ToLower(header)
		for _, word := range secretWords {
			if strings.Contains(header, word) {
				return true
			}
		}
		return false
	}
	return false
}

// withoutUserinfo drops what stands before the @ of a host. A name that has an @
// for another reason has no password before it.
func withoutUserinfo(host string) string {
	at := strings.LastIndexByte(host, '@')
	if at < 0 {
		return host
	}
	if scheme := strings.Index(host, "://"); scheme >= 0 && scheme < at {
		return host[:scheme+len("://")] + host[at+1:]
	}
	if strings.IndexByte(host[:at], ':') < 0 {
		return host
	}
	return host[at+1:]
}

// publicText returns a free text, as an error's message, with its URLs as they may
// go out: without userinfo, and without query unless by option.
func (e *encoder) publicText(text string) string {
	if !strings.Contains(text, "://") { // nearly always
		return text
	}
	var out []byte
	rest := text
	for {
		i := strings.Index(rest, "://")
		if i < 0 {
			break
		}
		i += len("://")
		end := len(rest)
		if n := strings.IndexAny(rest[i:], " \t\r\n\"'`<>"); n >= 0 {
			end = i + n
		}
		url, after := rest[i:end], ""
		if path, query := cutQuery(url); query != "" && !e.config.keepQuery {
			// What closes a bracket before the URL is no part of its query.
			after = query[len(strings.TrimRight(query, ").,:;]}")):]
			url = path
		}
		authority, path := url, ""
		if n := strings.IndexByte(url, '/'); n >= 0 {
			authority, path = url[:n], url[n:]
		}
		out = append(out, rest[:i]...)
		out = append(out, authority[strings.LastIndexByte(authority, '@')+1:]...)
		out = append(append(out, path...), after...)
		rest = rest[end:]
	}
	return string(append(out, rest...))
}
