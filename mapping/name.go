package mapping

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// appendName writes the inside of the name string: what X-Ray calls the node or
// the row.
func (e *encoder) appendName(dst []byte) []byte {
	switch {
	case e.role == roleFunctionSegment:
		return appendLegal(dst, e.res.name, e.span.Name)
	case e.role == roleSegment:
		return e.appendServiceName(dst)
	case e.namespace == namespaceAWS:
		return appendLegal(dst, e.awsService(), e.span.Name)
	case e.namespace == namespaceRemote:
		return e.appendRemoteName(dst)
	}
	return appendLegal(dst, e.span.Name, "")
}

// destinationSlot returns the slot that names a queue or topic: the template where there
// is one; slotNone if the broker made the name up, which would be a node a name.
func (e *encoder) destinationSlot() slot {
	f := &e.fields
	if f.text(slotMessagingTemplate) != "" {
		return slotMessagingTemplate
	}
	temporary, _ := f.flag(slotMessagingTemporary)
	anonymous, _ := f.flag(slotMessagingAnonymous)
	name := f.text(slotMessagingDestination)
	if name == "" || temporary || anonymous || isGenerated(name) {
		return slotNone
	}
	return slotMessagingDestination
}

// generatedPrefixes begin the names that brokers and clients make up for queues: of
// RabbitMQ, JMS, ActiveMQ, NATS, TIBCO EMS and Solace.
var generatedPrefixes = [...]string{"amq.gen-", "amq.rabbitmq.reply-to", "amq_gen", "spring.gen-", "ID:", "_INBOX.", "$JS.ACK.", "$TMP$.", "ActiveMQ.Temp.", "#P2P/QTMP/", "TEMP.", "(temporary)", "(anonymous)", "<anonymous>"}

// isGenerated reports whether a destination's name is made up: one of the brokers' own
// forms, or with a UUID, a time in milliseconds or a long hexadecimal number in it.
func isGenerated(name string) bool {
	scheme, after, ok := strings.Cut(name, "://")
	switch {
	case ok && (scheme == "temp-queue" || scheme == "temp-topic"):
		return true
	case ok: // queue://ID:host-1-2-3
		name = after
	}
	if strings.Contains(name, ".anonymous.") { // of Spring Cloud Stream
		return true
	}
	if _, id, ok := strings.Cut(name, "_bus_"); ok && len(id) == 26 { // of MassTransit
		return true
	}
	for _, prefix := range generatedPrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	digits, letters := 0, 0 // of the hexadecimal number so far
	for i := range len(name) {
		switch c := name[i]; {
		case isDigit(c):
			digits++
		case c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			letters++
		case c == '-' && isUUIDPart(digits+letters):
		default:
			digits, letters = 0, 0
		}
		if digits >= 13 && letters == 0 || digits > 0 && letters > 0 && digits+letters >= 16 {
			return true
		}
	}
	return false
}

// isUUIDPart reports whether a hyphen of a UUID stands behind n digits.
func isUUIDPart(n int) bool { return n == 8 || n == 12 || n == 16 || n == 20 }

// appendServiceName writes the name of the span's own service.
func (e *encoder) appendServiceName(dst []byte) []byte {
	if e.fields.text(slotLocalService) != "" {
		return e.appendNameOf(dst, slotLocalService)
	}
	return appendLegal(dst, e.res.name, e.span.Name)
}

// appendRemoteName writes the name of a downstream call that is not to AWS: the
// peer's own name, else the database, destination, service or host.
func (e *encoder) appendRemoteName(dst []byte) []byte {
	f := &e.fields
	host := f.host(e.serverSlot())
	for _, s := range [...]slot{slotPeerService, slotRemoteService} {
		switch text := f.text(s); {
		case text == "":
		case strings.Contains(text, "://"): // an address, of .NET's Entity Framework
			if host == "" {
				host = f.host(s)
			}
		default:
			return e.appendNameOf(dst, s)
		}
	}
	if f.text(slotDBSystem) != "" || f.text(slotDBName) != "" {
		return e.appendDatabaseName(dst, host)
	}
	if f.text(slotMessagingSystem) != "" || f.text(slotMessagingDestination) != "" { // Celery's have no system
		if s := e.destinationSlot(); s != slotNone {
			return e.appendNameOf(dst, s)
		}
		if host == "" && f.text(slotMessagingSystem) != "" {
			return e.appendNameOf(dst, slotMessagingSystem)
		}
	}
	if f.text(slotInvokedProvider) != "" && f.text(slotAWSFunction) != "" { // a function of another cloud
		return e.appendNameOf(dst, slotAWSFunction)
	}
	if f.text(slotRPCSystem) != "" {
		if n := e.rpcService(); n != "" {
			return appendLegal(dst, n, e.span.Name)
		}
	}
	mark := len(dst)
	dst = e.appendHost(dst, host)
	if len(dst) > mark {
		return dst
	}
	if f.text(slotGenAIProvider) != "" { // the span's name has the model
		return e.appendNameOf(dst, slotGenAIProvider)
	}
	return appendLegal(dst, e.span.Name, "")
}

// appendNameOf writes the string of a slot as the name. Where the name cannot
// have all its characters, metadata keeps it as it is.
func (e *encoder) appendNameOf(dst []byte, s slot) []byte {
	mark := len(dst)
	text := e.fields.place(s)
	if dst = appendLegal(dst, text, e.span.Name); string(dst[mark:]) == text {
		e.fields.spend(s)
	}
	return dst
}

// spendLegal spends the string of a slot that is the name of another document,
// unless that cannot have all its characters.
func (e *encoder) spendLegal(s slot) {
	var scratch [maxName]byte
	if text := e.fields.text(s); text != "" && string(appendLegal(scratch[:0], text, "")) == text {
		e.fields.spend(s)
	}
}

// appendDatabaseName writes database@host, or as much of it as is known.
func (e *encoder) appendDatabaseName(dst []byte, host string) []byte {
	f := &e.fields
	name := f.place(slotDBName)
	system := f.text(slotDBSystem)
	if c := f.text(slotDBConnection); c != "" && speaksSQL(system) && system != "sqlite" {
		if host == "" {
			host = plainPlace(connectionHost(c))
		}
		if name == "" {
			name = plainPlace(connectionName(c))
		}
	} else if c != "" && host == "" && system != "sqlite" {
		host = plainPlace(connectionHost(c))
	}
	if name == "" || !speaksSQL(system) && strings.Trim(name, "0123456789") == "" { // the number of a Redis database
		name = system
	}
	mark := len(dst)
	name, schema, nested := strings.Cut(name, "|") // "database|schema", "instance|database"
	dst = appendLegal(dst, name, e.span.Name)
	if nested && utf8.RuneCount(dst[mark:])+1+utf8.RuneCountInString(schema) <= maxName {
		dst = appendLegalText(append(dst, '.'), schema)
	}
	switch string(dst[mark:]) {
	case f.text(slotDBName):
		f.spend(slotDBName)
	case system:
		f.spend(slotDBSystem)
	}
	if host == "" {
		return dst
	}
	// Both halves are cut so that the whole stays within the limit.
	if used := utf8.RuneCount(dst[mark:]); used+1+utf8.RuneCountInString(host) <= maxName {
		dst = append(dst, '@')
		dst = appendLegal(dst, host, "host")
		f.spendIf(e.serverSlot(), host)
	}
	return dst
}

// appendHost writes the host of an HTTP call, with its port if that is not the
// scheme's own; nothing if no attribute names a host.
func (e *encoder) appendHost(dst []byte, host string) []byte {
	f := &e.fields
	scheme := e.url.scheme
	if scheme == "" {
		scheme = f.text(slotURLScheme)
	}
	if host == "" {
		if host = f.spendHost(slotHTTPHost); host == "" {
			host = e.url.authority
		}
		if host != "" { // has its port already
			return appendLegal(dst, trimDefaultPort(host, scheme), "host")
		}
		if host = f.spendHost(slotPeerAddress); host == "" {
			return dst
		}
	}
	mark := len(dst)
	dst = appendLegal(dst, host, "host")
	if string(dst[mark:]) == host {
		f.spendIf(e.serverSlot(), host)
	}
	port, ok := e.port()
	switch {
	case !ok:
	case !defaultPort(scheme, port):
		const room = maxName - len(":65535")
		if len(dst)-mark <= room || utf8.RuneCount(dst[mark:]) <= room {
			dst = append(dst, ':')
			dst = strconv.AppendInt(dst, port, 10)
			f.spend(e.portSlot())
		}
	case scheme != "":
		f.spend(e.portSlot())
	}
	return dst
}

// serverSlot returns the slot that holds the server's address: in the older
// conventions a client calls the server its peer.
func (e *encoder) serverSlot() slot {
	if !e.server() && e.fields.index[slotServerAddress] == 0 {
		return slotNetPeerName
	}
	return slotServerAddress
}

func (e *encoder) portSlot() slot {
	if !e.server() && e.fields.index[slotServerPort] == 0 {
		return slotNetPeerPort
	}
	return slotServerPort
}

// port returns the server's port.
func (e *encoder) port() (int64, bool) {
	n, ok := e.fields.number(e.portSlot())
	return n, ok && n > 0 && n <= 65535
}

func defaultPort(scheme string, port int64) bool {
	switch scheme {
	case "https":
		return port == 443
	case "http":
		return port == 80
	}
	return port == 443 || port == 80
}

func trimDefaultPort(authority, scheme string) string {
	switch scheme {
	case "https":
		return strings.TrimSuffix(authority, ":443")
	case "http":
		return strings.TrimSuffix(authority, ":80")
	}
	return authority
}

// appendLegal writes name with X-Ray's characters only, at most 200 of them.
// Control characters and , ; | between words become spaces, other illegal ones go. If nothing is left
// it writes fallback, and "unknown" if that has nothing either.
//
// The rule is that of AWS's schema for segment documents: Unicode letters,
// numbers and separators of the basic plane, and _ . : / % & # = + - @.
func appendLegal(dst []byte, name, fallback string) []byte {
	mark := len(dst)
	dst = appendLegalText(dst, name)
	if blank(dst[mark:]) {
		dst = appendLegalText(dst[:mark], fallback)
		if blank(dst[mark:]) {
			dst = append(dst[:mark], "unknown"...)
		}
	}
	return dst
}

func appendLegalText(dst []byte, name string) []byte {
	if len(name) <= maxName && isOnly(name, nameByte) { // nearly always
		return append(dst, name...)
	}
	n := 0
	mark := len(dst)
	for i, r := range name {
		switch {
		case n == maxName:
			return dst
		case r < utf8.RuneSelf && classOf[r]&nameByte != 0:
			dst = append(dst, byte(r))
		case r < ' ':
			dst = append(dst, ' ')
		case r == ',' || r == ';' || r == '|': // between two words
			if len(dst) == mark || dst[len(dst)-1] == ' ' || i+1 == len(name) || name[i+1] == ' ' {
				continue
			}
			dst = append(dst, ' ')
		case r >= utf8.RuneSelf && r <= 0xffff && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Z, r)):
			dst = utf8.AppendRune(dst, r)
		default:
			continue
		}
		n++
	}
	return dst
}

func blank(b []byte) bool {
	for _, c := range b {
		if c != ' ' {
			return false
		}
	}
	return true
}
