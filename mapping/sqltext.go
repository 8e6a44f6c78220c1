package mapping

import "strings"

// withoutLiterals returns an SQL text with ? for its literals: strings in the quotes
// of all dialects and numbers. A list of literals becomes one, and comments go, which
// may hold anything. Identifiers and placeholders stay. A text without literals is
// returned as it is.
func withoutLiterals(query, system string) string {
	w := sqlWriter{text: query, dialect: dialectOf(system)}
	text := w.write()
	if w.doubtful && w.open { // a backslash before a quote was meant to escape
		w = sqlWriter{text: query, dialect: dialect{strings: w.dialect.strings}}
		return w.write()
	}
	return text
}

func (w *sqlWriter) write() string {
	for w.at < len(w.text) {
		w.next()
	}
	if w.out == nil {
		return w.text
	}
	return string(append(w.out, w.text[w.copied:]...))
}

// dialect says where the literals of SQL systems differ. Of a system that is not
// known no more is left of a text than is left in all of them.
type dialect struct {
	strings  bool // double quotes make a string, not an identifier
	triple   bool // so do three quotes
	hash     bool // # starts a comment
	escapes  bool // a backslash in a string escapes
	standard bool // it does not, but for strings that start with E
	brackets bool // [x] is an identifier
	money    bool // $1 is a number
	q        bool // q'[x]' is a string
}

func dialectOf(system string) dialect {
	switch system {
	case "mysql", "mariadb", "tidb":
		return dialect{strings: true, hash: true, escapes: true}
	case "spanner", "gcp.spanner", "bigquery", "gcp.bigquery", "databricks", "spark":
		return dialect{strings: true, triple: true, hash: true, escapes: true}
	case "hive", "neo4j", "memgraph", "arangodb", "couchbase":
		return dialect{strings: true, escapes: true}
	case "clickhouse", "snowflake":
		return dialect{escapes: true}
	case "redshift", "aws.redshift", "teradata", "vertica":
		return dialect{}
	case "oracle", "oracle.db":
		return dialect{standard: true, q: true}
	case "mssql", "microsoft.sql_server":
		return dialect{standard: true, brackets: true, money: true}
	case "sqlite":
		return dialect{standard: true, brackets: true}
	case "postgresql", "cockroachdb", "db2", "ibm.db2", "trino", "duckdb", "h2", "h2database", "hsqldb", "derby", "cassandra", "edb":
		return dialect{standard: true}
	}
	return dialect{strings: true, q: true}
}

// sqlWriter copies an SQL text but for its literals.
type sqlWriter struct {
	text    string
	at      int
	dialect dialect

	out    []byte
	copied int // text[:copied] is in out
	list   int // where out ended after the last literal

	noBracket bool // there is no ] any more
	doubtful  bool // a string ended behind a backslash
	open      bool // quotes never close
}

// next goes over one token.
func (w *sqlWriter) next() {
	c := w.text[w.at]
	switch {
	case c == '\'', c == '"' && w.dialect.strings:
		w.literal(w.at, w.quoted(w.at, false))
	case c == '"', c == '`':
		w.at = w.quoted(w.at, false)
	case c == '[' && w.dialect.brackets:
		w.bracket()
	case strings.HasPrefix(w.text[w.at:], "--"), c == '#' && w.dialect.hash:
		w.line()
	case strings.HasPrefix(w.text[w.at:], "/*"):
		w.comment()
	case c == '$':
		w.dollar()
	case c == ':', c == '@', c == '?': // a placeholder or a variable
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

// bracket goes over [a name].
func (w *sqlWriter) bracket() {
	end := -1
	if !w.noBracket {
		end = w.after("]")
	}
	if end < 0 {
		w.noBracket = true // not looked for at every bracket
		end = w.at + 1
	}
	w.at = end
}

// quoted returns where the quotes that open at start close: a doubled one does not,
// nor one behind a backslash where that escapes. Where nobody knows whether it does,
// and where the quotes never close, all the rest counts as quoted.
func (w *sqlWriter) quoted(start int, escapes bool) int {
	quote := w.text[start]
	escapes = escapes || w.dialect.escapes
	if w.dialect.triple && strings.HasPrefix(w.text[start+1:], w.text[start:start+1]+w.text[start:start+1]) {
		if end := strings.Index(w.text[start+3:], w.text[start:start+3]); end >= 0 {
			return start + 3 + end + 3
		}
		return len(w.text)
	}
	for i := start + 1; i < len(w.text); i++ {
		switch {
		case w.text[i] == '\\' && quote != '`' && escapes:
			i++
		case w.text[i] == '\\' && quote != '`' && i+1 < len(w.text) && w.text[i+1] == quote:
			if !w.dialect.standard {
				return len(w.text)
			}
			w.doubtful = true
		case w.text[i] == quote && i+1 < len(w.text) && w.text[i+1] == quote:
			i++
		case w.text[i] == quote:
			return i + 1
		}
	}
	w.open = true
	return len(w.text)
}

// dollar goes over $1, a placeholder, or $$text$$ and $tag$text$tag$, strings.
func (w *sqlWriter) dollar() {
	start := w.at
	w.at++
	w.word()
	if isDigit(w.text[min(start+1, len(w.text)-1)]) && (w.dialect.money || w.at < len(w.text) && w.text[w.at] == '.') {
		w.number()
		w.literal(start, w.at)
		return
	}
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
	for w.at < len(w.text) && (isWordByte(w.text[w.at]) || w.text[w.at] == '$') { // v$session
		w.at++
	}
	if w.at == len(w.text) || w.text[w.at] != '\'' {
		return
	}
	prefix := strings.ToLower(w.text[start:min(w.at, start+3)])
	if w.dialect.q && len(prefix) <= 2 && strings.HasSuffix(prefix, "q") && w.at+1 < len(w.text) {
		closing := w.text[w.at+1 : w.at+2]
		if i := strings.IndexByte("[{(<", w.text[w.at+1]); i >= 0 {
			closing = "]})>"[i : i+1]
		}
		end := len(w.text)
		if i := strings.Index(w.text[w.at+2:], closing+"'"); i >= 0 {
			end = w.at + 2 + i + len("]'")
		}
		w.literal(start, end)
		return
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

// line goes over a comment that ends with its line.
func (w *sqlWriter) line() {
	to := w.after("\n")
	if to < 0 {
		to = len(w.text)
	}
	w.replace(w.at, to, " ")
}

// comment goes over a comment. In some dialects one may hold another: where they
// may not, more of the text goes, and never less.
func (w *sqlWriter) comment() {
	depth, i := 0, w.at
	for i < len(w.text) {
		switch {
		case strings.HasPrefix(w.text[i:], "/*"):
			depth++
			i += 2
			continue
		case strings.HasPrefix(w.text[i:], "*/"):
			depth--
			i += 2
		default:
			i++
			continue
		}
		if depth == 0 {
			break
		}
	}
	w.replace(w.at, i, " ")
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
