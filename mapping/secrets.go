package mapping

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// redacted stands where a value must not go out, as in OpenTelemetry's conventions.
const redacted = "REDACTED"

// public returns an attribute as annotations and metadata may have it: no credentials
// of a header, a URL or a host, no literals of a query, no query of a URL unless by
// option. entry is its place in the table. It reports false for what may not be there
// at all. The result is good until the next call.
func (e *encoder) public(kv *attribute.KeyValue, entry int) (*attribute.KeyValue, bool) {
	if entry < 0 {
		return e.publicUnknown(kv), true
	}
	if kv.Value.Type() != attribute.STRING {
		return kv, true
	}
	text := kv.Value.AsString()
	switch attributeTable[entry].slot {
	case slotURLFull, slotHTTPTarget, slotURLOriginal, slotURLPath:
		u := splitURL(text)
		if u.rest != "" && !e.config.keepQuery {
			u.rest = ""
		} else if !u.secret {
			return kv, true
		}
		return e.cleaned(kv, string(appendURLText(nil, u))), true
	case slotURLQuery, slotURLFragment:
		return kv, e.config.keepQuery
	case slotAWSQueueURL: // a broker's may have credentials
		return e.cleaned(kv, publicPlace(text)), true
	case slotDBConnection:
		return kv, false
	case slotDBQuery:
		return e.cleaned(kv, e.publicQuery(text)), true
	case slotServerAddress, slotNetPeerName, slotHTTPHost, slotPeerAddress, slotClientAddress:
		return e.cleaned(kv, withoutUserinfo(cleanText(text, e.config.keepQuery))), true
	case slotPeerService, slotRemoteService, slotMessagingDestination, slotDBName, slotErrorType:
		return e.cleaned(kv, publicPlace(text)), true
	}
	return e.cleaned(kv, cleanText(text, e.config.keepQuery)), true
}

// cleaned returns kv with another text.
func (e *encoder) cleaned(kv *attribute.KeyValue, text string) *attribute.KeyValue {
	if kv.Value.Type() == attribute.STRING && text == kv.Value.AsString() {
		return kv
	}
	e.clean = attribute.KeyValue{Key: kv.Key, Value: attribute.StringValue(text)}
	return &e.clean
}

// publicUnknown is public for an attribute that the table does not have.
func (e *encoder) publicUnknown(kv *attribute.KeyValue) *attribute.KeyValue {
	if len(kv.Key) > 0 {
		switch kv.Key[0] {
		case 'h', 'r', 'm':
			if header, ok := cutHeaderKey(string(kv.Key)); ok {
				return e.publicHeader(kv, header)
			}
		case 'g':
			if kv.Key == "graphql.document" && !e.config.keepLiterals {
				return e.cleaned(kv, withoutLiterals(kv.Value.AsString(), "spanner")) // its comments and quotes
			}
		case 'd':
			if isParameter(string(kv.Key)) && !e.config.keepLiterals {
				return e.cleaned(kv, "?")
			}
		}
	}
	switch kv.Value.Type() {
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return kv
	case attribute.STRING, attribute.STRINGSLICE:
		if isSecretAttribute(string(kv.Key)) {
			return e.cleaned(kv, redacted)
		}
		if kv.Value.Type() == attribute.STRING && !mayHaveSecrets(kv.Value.AsString()) { // nearly always
			return kv
		}
	}
	if v, ok := publicValue(&kv.Value, e.config.keepQuery); ok {
		e.clean = attribute.KeyValue{Key: kv.Key, Value: v}
		return &e.clean
	}
	return kv
}

// publicHeader returns the attribute of a header without credentials.
func (e *encoder) publicHeader(kv *attribute.KeyValue, header string) *attribute.KeyValue {
	v := kv.Value
	switch {
	case isSecretHeader(header):
		v = attribute.StringValue(redacted)
	case isPlaceHeader(header) && !e.config.keepQuery:
		v = mapTexts(v, withoutQuery)
	default:
		var ok bool
		if v, ok = publicValue(&kv.Value, e.config.keepQuery); !ok {
			return kv
		}
	}
	e.clean = attribute.KeyValue{Key: kv.Key, Value: v}
	return &e.clean
}

// secretEndings end the keys of attributes that are a secret themselves: db.password,
// auth_token, AWS_SECRET_ACCESS_KEY. They stand under their last letter, as most keys
// end in one of few: all 22 compared each time make the six-span trace 3 % slower.
var secretEndings = [32][]string{
	'd' & 31: {"password", "passwd", "pwd"},
	'e' & 31: {"passphrase", "cookie"},
	'l' & 31: {"credential"},
	'n' & 31: {"token", "authorization"},
	's' & 31: {"credentials"},
	't' & 31: {"secret", "jwt"},
	'y' & 31: {"api_key", "api-key", "api.key", "apikey", "access_key", "accesskey", "secret_key", "secretkey", "private_key", "privatekey", "accountkey"},
}

// isSecretAttribute reports whether the whole value of an attribute is secret.
func isSecretAttribute(key string) bool {
	if key == "" {
		return false
	}
	for _, ending := range secretEndings[key[len(key)-1]&31] {
		if n := len(key) - len(ending); n >= 0 && strings.EqualFold(key[n:], ending) {
			return true
		}
	}
	return false
}

// isParameter reports whether a key is that of a value beside a query.
func isParameter(key string) bool {
	return strings.HasPrefix(key, "db.query.parameter") || strings.HasPrefix(key, "db.operation.parameter") || strings.HasPrefix(key, "db.statement.parameter") || strings.HasPrefix(key, "db.sql.parameter")
}

// publicValue returns the value of an attribute that nobody knows without secrets in
// its texts; it reports false if it has none.
func publicValue(v *attribute.Value, keepQuery bool) (attribute.Value, bool) {
	found := false
	switch v.Type() {
	case attribute.STRING:
		found = mayHaveSecrets(v.AsString())
	case attribute.STRINGSLICE:
		l := list(v)
		for i := 0; i < l.Len() && !found; i++ {
			text := l.Index(i).String()
			found = mayHaveSecrets(text) || strings.HasPrefix(text, "-")
		}
	}
	if !found {
		return attribute.Value{}, false
	}
	return mapTexts(*v, func(text string) string { return cleanText(text, keepQuery) }), true
}

// mapTexts returns a value with each text in it changed. What a list has after the flag
// of a secret is redacted. Maps and lists of unlike values are cleaned when they are
// written: to make new ones is 20 KB of code.
func mapTexts(v attribute.Value, change func(string) string) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		return attribute.StringValue(change(v.AsString()))
	case attribute.STRINGSLICE:
		texts := v.AsStringSlice()
		for i := range texts {
			if i > 0 && isSecretFlag(texts[i-1]) && !strings.HasPrefix(texts[i], "-") {
				texts[i] = redacted
			} else {
				texts[i] = change(texts[i])
			}
		}
		return attribute.StringSliceValue(texts)
	}
	return v
}

// isSecretFlag reports whether an argument of a command says that the next one is
// secret.
func isSecretFlag(argument string) bool {
	return strings.HasPrefix(argument, "-") && strings.IndexByte(argument, '=') < 0 && isSecretKey(strings.TrimLeft(argument, "-"))
}

func withoutQuery(url string) string {
	path, _ := cutQuery(url)
	return cleanText(path, false)
}

// publicPlace returns the name of a peer, a destination or a database without the
// credentials and the query that some producers leave in it.
func publicPlace(text string) string {
	if !mayHaveSecrets(text) { // nearly always
		return text
	}
	text = cleanText(text, false)
	if strings.Contains(text, "://") {
		text, _ = cutQuery(text)
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 && strings.IndexByte(text[:at], ':') >= 0 && strings.IndexByte(text[:at], '/') < 0 {
		return text[at+1:]
	}
	return text
}

// appendPublic writes an attribute as a member of metadata.
func (e *encoder) appendPublic(dst []byte, kv *attribute.KeyValue, entry int) []byte {
	if kv, ok := e.public(kv, entry); ok {
		return appendMember(dst, kv)
	}
	return dst
}

// headerPrefixes are the keys under which instrumentation puts headers.
var headerPrefixes = [...]string{
	"http.request.header.", "http.response.header.", "rpc.request.metadata.", "rpc.response.metadata.",
	"rpc.grpc.request.metadata.", "rpc.grpc.response.metadata.", "rpc.connect_rpc.request.metadata.", "rpc.connect_rpc.response.metadata.",
	"http.request.headers.", "http.response.headers.", "http.header.", "http.headers.", "messaging.header.",
}

// cutHeaderKey returns the name of the header that an attribute is for.
func cutHeaderKey(key string) (header string, ok bool) {
	for _, prefix := range headerPrefixes {
		if header, ok = strings.CutPrefix(key, prefix); ok {
			return header, true
		}
	}
	return "", false
}

// secretWords are in the names of the headers that carry credentials: authorization,
// cookie, set-cookie, x-api-key, x-amz-security-token, x-forwarded-client-cert …
var secretWords = [...]string{"auth", "cookie", "token", "secret", "key", "passw", "passphrase", "credential", "signature", "session", "jwt", "client-cert", "client_cert", "assertion", "dpop", "oidc-data", "oidc_data"}

// isSecretHeader reports whether a header carries credentials.
func isSecretHeader(header string) bool {
	header = strings.ToLower(header)
	if strings.HasSuffix(header, "authority") { // the host of HTTP/2
		return false
	}
	for _, word := range secretWords {
		if strings.Contains(header, word) {
			return true
		}
	}
	return false
}

// isPlaceHeader reports whether a header is a URL or the path of one.
func isPlaceHeader(header string) bool {
	header = strings.ToLower(header)
	for _, word := range [...]string{"url", "uri", "path", "location", "referer", "referrer", "refresh", "link"} {
		if strings.Contains(header, word) {
			return true
		}
	}
	return false
}

// publicHost returns a host without userinfo and query; of a URL its host.
func publicHost(host string) string {
	if !hasAny(host, secretByte|slashByte) { // nearly always
		return host
	}
	if strings.Contains(host, "://") {
		host, _ = hostPort(splitURL(host).authority)
	}
	if !mayHaveSecrets(host) {
		return host
	}
	host, _ = cutQuery(withoutUserinfo(cleanText(host, false)))
	return host
}

// withoutUserinfo drops what stands before the @ of a host.
func withoutUserinfo(host string) string {
	at := strings.LastIndexByte(host, '@')
	if at < 0 {
		return host
	}
	if scheme := strings.Index(host, "://"); scheme >= 0 && scheme < at {
		return host[:scheme+len("://")] + host[at+1:]
	}
	return host[at+1:]
}

// mayHaveLiterals reports whether a name may be a query, and not only what a query is
// about, as in SELECT shop.orders.
func mayHaveLiterals(name string) bool {
	spaces, digits := 0, false
	for i := range len(name) {
		if classOf[name[i]]&(secretByte|digitByte) == 0 {
			continue
		}
		switch c := name[i]; {
		case c == '\'', c == '"':
			return true
		case c == ' ':
			spaces++
		case isDigit(c):
			digits = true
		}
	}
	return spaces > 1 || spaces == 1 && digits
}

// publicName returns the name of a span without a URL's query and without the
// literals of a query that it repeats.
func (e *encoder) publicName(s *Span) string {
	name := s.Name
	first := firstMark(name)
	if first < 0 { // nearly always; a query has spaces or quotes
		return name
	}
	if hasSecretMark(name, first) {
		name = cleanTokens(name, e.config.keepQuery)
	}
	if e.config.keepLiterals || !mayHaveLiterals(name) {
		return name
	}
	system, ok := "", false
	for i := range s.Attributes {
		switch kv := &s.Attributes[i]; kv.Key {
		case "db.system", "db.system.name":
			system, ok = kv.Value.AsString(), true
		case "db.statement", "db.query.text":
			ok = true
		}
	}
	switch first, _, _ := strings.Cut(name, " "); {
	case !ok:
	case system == "redis" || system == "valkey":
		if isCommand(redisCommands, strings.ToLower(first)) || isCommand(redisOthers, strings.ToLower(first)) {
			return withoutArguments(name)
		}
		return withoutMembers(name, false)
	default:
		return withoutValues(name, system)
	}
	return name
}
