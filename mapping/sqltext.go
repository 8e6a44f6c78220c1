package mapping

import "strings"

// withoutLiterals returns an SQL text with ? for its literals: strings in the quotes
// of all dialects and numbers. A list of literals becomes one, and comments go, which
// may hold anything. Identifiers and placeholders stay. A text without literals is
// returned as it is.
func withoutLiterals(query, system string) string {
	w := sqlWriter{text: query, dialect: dialectOf(system)}
	for w.at < len(query) {
		w.next()
	}
	if w.out == nil {
		return query
	}
	return string(append(w.out, query[w.copied:]...))
}

// dialect says where the literals of SQL systems differ.
type dialect struct {
	strings  bool // double quotes make a string, not an identifier, and # a comment
	escapes  bool // a backslash in a string escapes
	standard bool // it does not, but for strings that start with E
}

func dialectOf(system string) dialect {
	switch system {
	case "mysql", "mariadb", "tidb", "hive", "spanner", "gcp.spanner", "cache", "intersystems_cache":
		return dialect{strings: true, escapes: true}
	case "clickhouse", "snowflake", "redshift", "aws.redshift":
		return dialect{escapes: true}
	case "postgresql", "cockroachdb", "mssql", "microsoft.sql_server", "oracle", "oracle.db", "sqlite", "db2", "ibm.db2", "trino", "duckdb", "h2", "hsqldb", "derby":
		return dialect{standard: true}
	}
	return dialect{}
}

// sqlWriter copies an SQL text but for its literals.
type sqlWriter struct {
	text    string
	at      int
	dialect dialect

	out    []byte
	copied int // text[:copied] is in out
	list   int // where out ended after the last literal
}

// next goes over one token.
func (w *sqlWriter) next() {
	c := w.text[w.at]
	switch {
	case c == '\'', c == '"' && w.dialect.strings:
		w.literal(w.at, w.quoted(w.at, false))
	case c == '"', c == '`':
		w.at = w.quoted(w.at, false)
	case c == '[' && w.after("]") > 0 && !w.isIndex():
		w.at = w.after("]")
	case strings.HasPrefix(w.text[w.at:], "--"), c == '#' && w.dialect.strings:
		w.comment("\n")
	case strings.HasPrefix(w.text[w.at:], "/*"):
		w.comment("*/")
	case c == '$':
		w.dollar()
	case c == ':' || c == '@': // a placeholder or a variable
		w.at++
		w.word()
	case isDigit(c), c == '.' && isDigit(w.peek()):
		start := w.at
		w.number()
		w.literal(start, w.at)
	case isWordByte(c):
		w.prefixed()
	default:
		w.at++
	}
}

func (w *sqlWriter) peek() byte {
	if w.at+1 < len(w.text) {
		return w.text[w.at+1]
	}
	return 0
}

// after returns where the next end stands behind the current token, -1 if nowhere.
func (w *sqlWriter) after(end string) int {
	i := strings.Index(w.text[w.at+1:], end)
	if i < 0 {
		return -1
	}
	return w.at + 1 + i + len(end)
}

// isIndex reports whether a bracket holds a number, as of an array.
func (w *sqlWriter) isIndex() bool { return isDigit(w.peek()) || w.peek() == '\'' }

// quoted returns where the quotes that open at start close: a doubled one does not,
// nor one behind a backslash where that escapes. Where nobody knows whether it does,
// and where the quotes never close, all the rest counts as quoted.
func (w *sqlWriter) quoted(start int, escapes bool) int {
	quote := w.text[start]
	escapes = escapes || w.dialect.escapes
	for i := start + 1; i < len(w.text); i++ {
		switch {
		case w.text[i] == '\\' && quote != '`' && escapes:
			i++
		case w.text[i] == '\\' && quote == '\'' && !w.dialect.standard && strings.HasPrefix(w.text[i+1:], "'"):
			return len(w.text)
		case w.text[i] == quote && i+1 < len(w.text) && w.text[i+1] == quote:
			i++
		case w.text[i] == quote:
			return i + 1
		}
	}
	return len(w.text)
}

// dollar goes over $1, a placeholder, or $$text$$ and $tag$text$tag$, strings.
func (w *sqlWriter) dollar() {
	start := w.at
	w.at++
	w.word()
	if w.at == len(w.text) || w.text[w.at] != '$' || isDigit(w.text[start+1]) {
		return
	}
	tag := w.text[start : w.at+1]
	end := len(w.text)
	if i := strings.Index(w.text[w.at+1:], tag); i >= 0 {
		end = w.at + 1 + i + len(tag)
	}
	w.literal(start, end)
}

// prefixed goes over a word: a name, or the prefix of a string as in N'x', E'x', x'ff',
// _utf8'x' and Oracle's q'[x]'.
func (w *sqlWriter) prefixed() {
	start := w.at
	w.word()
	if w.at == len(w.text) || w.text[w.at] != '\'' {
		return
	}
	prefix := strings.ToLower(w.text[start:w.at])
	if strings.HasSuffix(prefix, "q") && len(prefix) <= 2 && w.at+1 < len(w.text) {
		closing := string(w.text[w.at+1])
		if i := strings.IndexByte("[{(<", w.text[w.at+1]); i >= 0 {
			closing = "]})>"[i : i+1]
		}
		if end := w.after(closing + "'"); end > 0 {
			w.literal(start, end)
			return
		}
	}
	if len(prefix) > 2 && prefix[0] != '_' { // a keyword right before a string
		start = w.at
	}
	w.literal(start, w.quoted(w.at, prefix == "e"))
}

func (w *sqlWriter) word() {
	for w.at < len(w.text) && isWordByte(w.text[w.at]) {
		w.at++
	}
}

// number goes over 12, 1.5, 1e-3, 0xff and 1_000.
func (w *sqlWriter) number() {
	for w.at < len(w.text) {
		c := w.text[w.at]
		exponent := (c == '+' || c == '-') && w.text[w.at-1]|0x20 == 'e'
		if !isWordByte(c) && c != '.' && !exponent {
			return
		}
		w.at++
	}
}

func (w *sqlWriter) comment(end string) {
	to := w.after(end)
	if to < 0 {
		to = len(w.text)
	}
	w.replace(w.at, to, " ")
}

// literal replaces text[from:to] by a ?, or by nothing if only a comma stands between
// it and the literal before.
func (w *sqlWriter) literal(from, to int) {
	if w.out != nil && w.list > 0 && w.copied <= from {
		between := strings.TrimSpace(w.text[w.copied:from])
		if between == "," && len(w.out) == w.list {
			w.copied, w.at = to, to
			return
		}
	}
	w.replace(from, to, "?")
	w.list = len(w.out)
}

func (w *sqlWriter) replace(from, to int, by string) {
	if w.out == nil {
		w.out = make([]byte, 0, len(w.text))
	}
	w.out = append(append(w.out, w.text[w.copied:from]...), by...)
	w.copied, w.at = to, to
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isWordByte reports whether c may be in a name. All that is not ASCII may.
func isWordByte(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}
