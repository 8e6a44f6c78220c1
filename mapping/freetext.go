package mapping

import (
	"bytes"
	"strings"
)

// publicText returns a free text, as the message of an error or the value of an
// attribute that nobody knows, without what may be secret in it: the userinfo of URLs
// and of connection strings, their query unless by option, and values that are called
// password, token and the like.
func (e *encoder) publicText(text string) string { return cleanText(text, e.config.keepQuery) }

// cleanText is publicText. A text without one of the bytes that all of these need is
// returned as it is.
func cleanText(text string, keepQuery bool) string {
	if !mayHaveSecrets(text) { // nearly always
		return text
	}
	return cleanTokens(text, keepQuery)
}

func cleanTokens(text string, keepQuery bool) string {
	c := cleaner{keepQuery: keepQuery, out: make([]byte, 0, len(text))}
	for rest := text; rest != ""; {
		end := strings.IndexAny(rest, tokenEnds)
		if end < 0 {
			end = len(rest)
		}
		c.token(rest[:end])
		rest = rest[end:]
		if rest == "" {
			break
		}
		c.out = append(c.out, rest[0])
		rest = c.value(rest)
	}
	if string(c.out) == text {
		return text
	}
	return string(c.out)
}

// tokenEnds are no parts of URLs in a text.
const tokenEnds = " \t\r\n\"'`<>"

// firstMark returns the index of the first byte that may stand near a secret, -1 if there is none.
func firstMark(text string) int {
	for i := range len(text) {
		if classOf[text[i]]&secretByte != 0 {
			return i
		}
	}
	return -1
}

func mayHaveSecrets(text string) bool {
	i := firstMark(text)
	return i >= 0 && hasSecretMark(text, i)
}

// hasSecretMark looks closer at a text whose first such byte is at i.
func hasSecretMark(text string, i int) bool {
	slash := strings.IndexByte(text[:i], '/') >= 0
	for ; i < len(text); i++ {
		if classOf[text[i]]&(secretByte|slashByte) == 0 {
			continue
		}
		switch text[i] {
		case '@':
			return true
		case '/':
			slash = true
		case '?', '#':
			if slash {
				return true
			}
		case '=':
			if isSecretKey(lastWord(strings.TrimRight(text[:i], " \"'"))) {
				return true
			}
		case '"', '\'': // "password": or "password" :
			if after := strings.TrimLeft(text[i+1:min(i+3, len(text))], " \t"); after != "" && after[0] == ':' || isColonKey(strings.TrimRight(text[:i], " \t")) {
				return true
			}
		case ' ':
			switch before := text[:i]; {
			case i == 0:
			case text[i-1] == ':' && isHeaderColon(before), text[i-1] == 'r' && strings.HasSuffix(before, "earer"), strings.HasPrefix(text[i:], " --"):
				return true
			}
		case '[':
			if isColonKey(text[:i]) || strings.HasSuffix(text[:i], "map") {
				return true
			}
		case '{': // of a value as Go prints it
			return true
		}
	}
	return false
}

// isColonKey reports whether a text ends with the key of a secret and its colon.
func isColonKey(text string) bool {
	key, ok := strings.CutSuffix(text, ":")
	return ok && isSecretKey(lastWord(key))
}

// isHeaderColon is isColonKey for the keys of headers, behind which prose is none.
func isHeaderColon(text string) bool {
	word := lastWord(text[:len(text)-1])
	return strings.HasSuffix(word, "uthorization") || strings.HasSuffix(word, "ookie") || len(word) > 2 && word[1] == '-' && word[0]|' ' == 'x' && isSecretKey(word)
}

// lastWord returns the word that a text ends with.
func lastWord(text string) string {
	start := len(text)
	for start > 0 && (isWordByte(text[start-1]) || text[start-1] == '-') {
		start--
	}
	return text[start:]
}

// textWords are in the keys of values that are secret in a free text.
var textWords = [...]string{
	"password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "api_key", "api-key", "accesskey", "access_key", "access-key",
	"accountkey", "account_key", "private_key", "privatekey", "signature", "credential", "authorization", "cookie", "jwt", "session_id", "sessionid",
}

func isSecretKey(key string) bool {
	if len(key) < len("pwd") || len(key) > 64 {
		return false
	}
	var lower [64]byte
	for i := range len(key) {
		if lower[i] = key[i]; 'A' <= key[i] && key[i] <= 'Z' {
			lower[i] |= ' '
		}
	}
	text := lower[:len(key)]
	if bytes.HasSuffix(text, []byte("tokens")) { // how many
		return false
	}
	for _, word := range textWords {
		if bytes.Contains(text, []byte(word)) {
			return true
		}
	}
	return false
}

// isHeaderKey reports whether a secret key is one that only a header has.
func isHeaderKey(key string) bool {
	key = strings.ToLower(key)
	return strings.Contains(key, "authorization") || strings.Contains(key, "cookie") || strings.HasPrefix(key, "x-")
}

func isQuotedKey(key string) bool { return isSecretKey(key) && lastWord(key) == key }
