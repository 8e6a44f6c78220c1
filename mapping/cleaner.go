package mapping

import (
	"bytes"
	"strings"
)

// cleaner writes a text token by token.
type cleaner struct {
	keepQuery bool
	out       []byte
	secret    secretKey // what the last token says of the next
	escaped   bool      // the quotes around that have backslashes before them

	// What inValue has found in out[:searched].
	searched          int
	brace, arn, goMap bool
}

// secretKey says that a key was read whose value is secret.
type secretKey uint8

const (
	noKey     secretKey = iota
	quotedKey           // in quotes: a value follows if a colon or an equals sign does
	openKey             // with its colon or equals sign
	colonKey            // with its colon: a value in quotes follows, or prose
	headerKey           // a header's: the rest of the line
	listKey             // of a map as Go prints it: what is left of the list
	tokenKey            // Bearer: the next token
)

// token writes a part of the text without spaces and quotes.
func (c *cleaner) token(token string) {
	if token == "" {
		return
	}
	was := c.secret
	c.secret = noKey
	switch {
	case was == tokenKey:
		c.redact()
		return
	case was == quotedKey && (token[0] == ':' || token[0] == '='):
		c.out = append(c.out, token[0])
		if token = token[1:]; token == "" || token == `\` {
			c.secret, c.escaped = openKey, token != ""
			c.out = append(c.out, token...)
			return
		}
		c.redact()
		return
	case was == openKey: // password = x
		end := valueEnd(token)
		c.redact()
		c.settings(token[end:])
		return
	case token == "Bearer", token == "bearer":
		c.secret = tokenKey
	case strings.HasPrefix(token, "--") && strings.IndexByte(token, '=') < 0 && isSecretKey(token[2:]): // of a command line
		c.secret = openKey
	case token == "=" && len(c.out) > 0: // a key, a space, an equals sign
		if isSecretKey(lastWord(strings.TrimRight(string(c.out[max(0, len(c.out)-40):]), " \"'"))) {
			c.secret = openKey
		}
	}
	switch {
	case strings.Contains(token, "://"):
		c.url(token)
	case isDSN(token):
		c.out = append(c.out, token[strings.LastIndexByte(token, '@')+1:]...)
	default:
		c.settings(token)
	}
}

func (c *cleaner) redact() { c.out = append(c.out, redacted...) }

// value goes on behind the separator that rest starts with. What stands in quotes
// after the key of a secret goes, whatever is in it.
func (c *cleaner) value(rest string) string {
	separator, after := rest[0], rest[1:]
	switch c.secret {
	case headerKey, listKey:
		end := strings.IndexAny(after, "\r\n\"'")
		if c.secret == listKey {
			end = strings.IndexByte(after, ']')
		}
		if end < 0 {
			end = len(after)
		}
		if c.secret == headerKey {
			c.redact()
		} else { // which has been done, with what stands before the space
			c.out = c.out[:len(c.out)-1]
		}
		c.secret = noKey
		return after[end:]
	case openKey, colonKey:
		if c.secret == colonKey && separator == ' ' {
			return after
		}
		if strings.IndexByte("\"'`", separator) < 0 {
			return after
		}
		var end int
		if c.escaped {
			if end = 1 + strings.IndexByte(after, separator); end > 1 && rest[end-1] == '\\' {
				end--
			}
		} else {
			end = closing(rest, separator)
		}
		if end <= 0 {
			end = len(rest)
		}
		c.secret, c.escaped = noKey, false
		c.redact()
		return rest[end:]
	case quotedKey, tokenKey:
		if separator == ' ' || separator == '\t' {
			return after
		}
	}
	c.secret = noKey
	if separator == '"' && strings.HasPrefix(after, ":") && bytes.HasSuffix(c.out, []byte(`invalid port "`)) { // net/url's, of a password
		c.out = append(c.out, ':')
		c.redact()
		if end := strings.IndexByte(after, '"'); end >= 0 {
			return after[end:]
		}
		return ""
	}
	if separator == '"' || separator == '\'' {
		if end := strings.IndexByte(after[:min(len(after), 66)], separator); end > 0 && isQuotedKey(strings.TrimRight(after[:end], `\`)) {
			c.out = append(append(c.out, after[:end]...), separator)
			c.secret = quotedKey
			return after[end+1:]
		}
	}
	return after
}

// settings writes a token that is no URL: key=value, joined by ; & or commas, a path
// with a query, or any word.
func (c *cleaner) settings(token string) {
	if !c.keepQuery {
		if path, query := cutQuery(token); query != "" && strings.IndexByte(path, '/') >= 0 && strings.IndexByte(query, '=') > 0 {
			token = path + closingMarks(query)
		}
	}
	for token != "" {
		i := strings.IndexAny(token, "=:")
		if i < 0 {
			break
		}
		key := lastWord(token[:i])
		c.out = append(c.out, token[:i+1]...)
		colon := token[i] == ':'
		token = token[i+1:]
		if !isSecretKey(key) {
			continue
		}
		switch {
		case colon && token == "" && isHeaderKey(key): // Authorization: Basic x
			c.secret = headerKey
			return
		case colon && token == "":
			c.secret = colonKey
			return
		case colon && token[0] == '[': // map[Authorization:[Basic x]]
			c.out = append(c.out, '[')
			c.redact()
			end := strings.IndexByte(token, ']')
			if end < 0 {
				c.secret = listKey
				return
			}
			token = token[end:]
			continue
		case colon && !c.inValue(): // token:x may be a name
			continue
		case token == "":
			c.secret = openKey
			return
		}
		c.redact()
		token = token[valueEnd(token):]
	}
	c.out = append(c.out, token...)
}

// inValue reports whether a value as Go prints it has begun: {Name:x Password:y},
// map[password:y].
func (c *cleaner) inValue() bool {
	fresh := c.out[max(0, min(c.searched, len(c.out))-len("map[")):] // a mark may be half in what was searched before
	c.searched = len(c.out)
	c.brace = c.brace || bytes.IndexByte(fresh, '{') >= 0
	c.arn = c.arn || bytes.Contains(fresh, []byte("arn:"))
	c.goMap = c.goMap || bytes.Contains(fresh, []byte("map["))
	return c.brace && !c.arn || c.goMap
}

// valueEnd returns where a setting's value ends.
func valueEnd(token string) int {
	if token != "" && token[0] == '{' { // ODBC's quotes
		if end := closing(token, '}'); end > 0 {
			return end + 1
		}
		return len(token)
	}
	if end := strings.IndexAny(token, ";&,)]}"); end >= 0 {
		return end
	}
	return len(token)
}

// url writes a token with a URL in it, and with what stands around that.
func (c *cleaner) url(token string) {
	for {
		i := strings.Index(token, "://") + len("://")
		if i < len("://") {
			c.settings(token)
			return
		}
		next := len(token) // where another URL starts
		if n := strings.Index(token[i:], "://"); n >= 0 {
			for next = i + n; next > i && isWordByte(token[next-1]); next-- {
			}
		}
		part := token[i:next]
		path, query := cutQuery(part)
		c.out = append(c.out, token[:i]...)
		c.place(path, query, strings.HasSuffix(strings.ToLower(token[:i]), "http://") || strings.HasSuffix(strings.ToLower(token[:i]), "https://"))
		switch {
		case query == "":
		case c.keepQuery:
			c.out = append(c.out, query...)
		default: // another URL is a part of the query
			c.out = append(c.out, closingMarks(token[i+len(path):])...)
			return
		}
		if token = token[next:]; token == "" {
			return
		}
	}
}

// place writes the authority and the path of a URL without userinfo. Where nothing
// is certain, since a password has one of the characters / ? #, nothing goes out.
func (c *cleaner) place(path, query string, http bool) {
	slash := strings.IndexByte(path, '/')
	if slash < 0 {
		slash = len(path)
	}
	at := strings.LastIndexByte(path, '@')
	if at >= slash && http && !hasPassword(path[:slash]) { // https://h/@user
		at = strings.LastIndexByte(path[:slash], '@')
	}
	path = path[at+1:]
	host, rest := path, ""
	if n := strings.IndexByte(path, '/'); n >= 0 {
		host, rest = path[:n], path[n:]
	}
	if hasPassword(host) || at < 0 && !http && strings.IndexByte(query, '@') >= 0 {
		host, rest = redacted, ""
	}
	c.settings(host + rest)
}

// hasPassword reports whether what stands after the last colon of a host is no port.
func hasPassword(host string) bool {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.IndexByte(host[i:], ']') >= 0 {
		return false
	}
	return strings.Trim(host[i+1:], "0123456789,.;:)(}]") != ""
}

// closingMarks returns what closes a bracket or a sentence at the end of a query,
// which is no part of it.
func closingMarks(query string) string {
	return query[len(strings.TrimRight(query, ").,:;]}")):]
}

// isDSN reports whether a token is a connection string: user:password@tcp(host)/db,
// user/password@host:port/service. An address of mail, an ARN, a path and the
// version of a module are none.
func isDSN(token string) bool {
	at := strings.LastIndexByte(token, '@')
	if at < 0 {
		return false
	}
	user, after := token[:at], token[at+1:]
	for _, network := range [...]string{"tcp(", "unix(", "udp(", "tcp6(", "cloudsql("} {
		if strings.HasPrefix(after, network) {
			return true
		}
	}
	i := strings.IndexAny(user, ":/")
	switch {
	case i <= 0, i == len(user)-1, strings.HasPrefix(user, "arn:"), strings.HasPrefix(after, "sha256:"):
		return false
	case user[i] == '/' && (strings.IndexByte(user[i+1:], '/') >= 0 || strings.IndexByte(user[:i], '.') >= 0):
		return false
	}
	switch user[:i] {
	case "mailto", "sip", "sips", "xmpp", "acct", "http", "https", "file", "node", "pkg":
		return false
	}
	return strings.ContainsAny(after, ":/(")
}
