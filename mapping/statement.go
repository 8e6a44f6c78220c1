package mapping

import "strings"

// publicQuery returns what was asked of a database without the values in it, unless
// an option keeps them.
func (e *encoder) publicQuery(query string) string {
	if e.config.keepLiterals {
		return query
	}
	return withoutValues(query, e.fields.text(slotDBSystem))
}

// withoutValues returns a query with ? for its values, in the language of the
// system. Of one that is not known the text says which.
func withoutValues(query, system string) string {
	switch system {
	case "redis", "valkey", "keydb", "memcached":
		return withoutArguments(query)
	case "mongodb", "documentdb", "elasticsearch", "opensearch", "couchdb", "solr":
		if !strings.ContainsAny(query, "{[") { // SQL, or a path
			query = withoutLiterals(query, "")
		}
		return withoutMembers(query, system == "mongodb")
	}
	start := strings.TrimLeft(query, " \t\r\n{[")
	if n := len(query) - len(start); n > 0 && strings.ContainsAny(query[:n], "{[") && (!speaksSQL(system) || strings.HasPrefix(start, `"`)) { // {call f} is SQL
		return withoutMembers(query, false)
	}
	return withoutLiterals(query, system)
}

// valueWriter copies a text that has documents in it, as JSON, Python and the shell
// of MongoDB write them, but for their values.
type valueWriter struct {
	text    string
	at      int
	depth   int  // of braces, brackets and parentheses
	command bool // the next key is the first, and may be a command of MongoDB
	named   bool // the next string is what the command is for
	out     []byte
	copied  int // text[:copied] is in out
}

// withoutMembers returns a text with "?" for the values of its documents. Keys stay,
// names of functions, constants, words outside of documents, and what a command of
// MongoDB is for.
func withoutMembers(text string, mongo bool) string {
	w := valueWriter{text: text, command: mongo}
	for w.at < len(text) {
		w.next()
	}
	if w.out == nil {
		return text
	}
	return string(append(w.out, text[w.copied:]...))
}

// next goes over one token.
func (w *valueWriter) next() {
	start := w.at
	switch c := w.text[start]; {
	case c == '{', c == '[', c == '(':
		w.depth++
		w.at++
	case c == '}', c == ']', c == ')':
		w.depth = max(w.depth-1, 0)
		w.at++
	case c == '"', c == '\'', c == '`':
		w.until(c)
		w.member(start, strings.Trim(w.text[start:w.at], "\"'`"))
	case c == '/' && w.depth > 0: // a regular expression
		w.until('/')
		for w.at < len(w.text) && isWordByte(w.text[w.at]) { // its flags
			w.at++
		}
		w.replace(start, `"?"`)
	case c == '?' && w.depth == 0: // the query of a path
		w.at = len(w.text)
		if n := strings.IndexAny(w.text[start:], " \t\r\n{["); n >= 0 {
			w.at = start + n
		}
		w.replace(start, "?")
	case isValueByte(c):
		for w.at < len(w.text) && isValueByte(w.text[w.at]) {
			w.at++
		}
		w.word(start, w.text[start:w.at])
	default:
		w.at++
	}
}

func isValueByte(c byte) bool { return isWordByte(c) || c == '-' || c == '+' || c == '$' || c == '.' }

// until goes to behind the next end; a backslash escapes one.
func (w *valueWriter) until(end byte) {
	for w.at++; w.at < len(w.text); w.at++ {
		switch w.text[w.at] {
		case '\\':
			w.at++
		case end:
			w.at++
			return
		}
	}
	w.at = len(w.text)
}

// member decides about a string in quotes: a key if a colon follows.
func (w *valueWriter) member(start int, text string) {
	command, named := w.command, w.named
	w.named = false
	switch {
	case w.depth > 0 && w.follows(':'):
		w.command = false
		w.named = command && w.depth == 1 && isMongoCommand(text)
	case !named || !w.follows(','): // a command has more members
		w.replace(start, `"?"`)
	}
}

// word decides about what has no quotes.
func (w *valueWriter) word(start int, text string) {
	number := isDigit((strings.TrimLeft(text, "-+.$") + " ")[0])
	switch {
	case w.depth > 0 && w.follows(':'):
		w.member(start, text)
	case w.follows('(') && !number:
	case w.depth == 0 && !number:
	case text == "true", text == "false", text == "null", text == "True", text == "False", text == "None", text == "new":
	default:
		w.named = false
		w.replace(start, `"?"`)
	}
}

// follows reports whether c comes next, but for spaces.
func (w *valueWriter) follows(c byte) bool {
	for i := w.at; i < len(w.text); i++ {
		switch w.text[i] {
		case ' ', '\t', '\r', '\n':
		default:
			return w.text[i] == c
		}
	}
	return false
}

func (w *valueWriter) replace(from int, by string) {
	if w.out == nil {
		w.out = make([]byte, 0, len(w.text))
	}
	w.out = append(append(w.out, w.text[w.copied:from]...), by...)
	w.copied = w.at
}

// isMongoCommand reports whether the name is a command's whose value is the name of
// a collection.
func isMongoCommand(name string) bool {
	switch name {
	case "find", "insert", "update", "delete", "aggregate", "count", "distinct", "findAndModify", "findandmodify", "createIndexes", "drop":
		return true
	}
	return false
}

// redisCommands are the commands of Redis and Memcached whose first argument is a
// key, and redisOthers some that have none.
const (
	redisCommands = " append bitcount bitfield bitop bitpos blpop brpop brpoplpush bzpopmax bzpopmin decr decrby del dump exists expire expireat geoadd geodist geohash geopos georadius geosearch " +
		"get getbit getdel getex getrange getset hdel hexists hget hgetall hincrby hincrbyfloat hkeys hlen hmget hmset hscan hset hsetnx hstrlen hvals incr incrby incrbyfloat lindex linsert llen lmove lpop lpos lpush lpushx " +
		"lrange lrem lset ltrim mget mset msetnx persist pexpire pexpireat pfadd pfcount psetex pttl publish rename restore rpop rpoplpush rpush rpushx sadd scard sdiff set setbit setex setnx setrange sinter sismember smembers " +
		"smove sort spop srandmember srem sscan strlen subscribe sunion touch ttl type unlink watch xack xadd xclaim xdel xlen xpending xrange xrevrange xtrim zadd zcard zcount zincrby zpopmax zpopmin zrange zrangebyscore zrank zrem " +
		"zremrangebyrank zremrangebyscore zrevrange zrevrangebyscore zrevrank zscan zscore gets add replace prepend cas delete "
	redisOthers = " acl auth client cluster command config dbsize discard echo eval evalsha exec fcall flushall flushdb function hello info keys lastsave migrate monitor multi ping psubscribe pubsub quit scan script select unwatch wait xgroup xread xreadgroup "
)

// withoutArguments returns commands of Redis, one a line, with ? for their
// arguments. Of a key what names its kind stays: user:? of user:42.
func withoutArguments(text string) string {
	var out []byte
	for n := 0; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		name, arguments, _ := strings.Cut(strings.TrimSpace(line), " ")
		bare := strings.ToLower(strings.Trim(name, `"'`))
		keyed := isCommand(redisCommands, bare)
		if n > 0 {
			out = append(out, '\n')
		}
		if !keyed && (n > 0 || strings.Trim(bare, "abcdefghijklmnopqrstuvwxyz._") != "") && !isCommand(redisOthers, bare) {
			return string(append(out, '?')) // the rest of a value that has lines
		}
		out = append(out, name...)
		if keyed {
			var key string
			if key, arguments, _ = strings.Cut(strings.TrimLeft(arguments, " "), " "); key != "" {
				out = appendKeyKind(append(out, ' '), key)
			}
		}
		if strings.TrimSpace(arguments) != "" {
			out = append(out, " ?"...)
		}
	}
	return string(out)
}

func isCommand(list, name string) bool {
	return name != "" && strings.Contains(list, " "+name+" ")
}

// appendKeyKind writes a key with ? for each of its parts that is no plain word.
func appendKeyKind(dst []byte, key string) []byte {
	const separators = ":./|{}"
	for key != "" {
		end := strings.IndexAny(key, separators)
		if end < 0 {
			end = len(key)
		}
		if part := key[:end]; len(part) > 24 || strings.Trim(strings.ToLower(part), "abcdefghijklmnopqrstuvwxyz_-") != "" {
			dst = append(dst, '?')
		} else {
			dst = append(dst, part...)
		}
		if key = key[end:]; key != "" {
			dst = append(dst, key[0])
			key = key[1:]
		}
	}
	return dst
}
