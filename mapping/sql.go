package mapping

import (
	"strconv"
	"strings"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// sqlSystems are the values of db.system and db.system.name that speak SQL. As a
// switch they would be 2 KB of code.
var sqlSystems = [...]string{
	"other_sql", "mssql", "mssqlcompact", "microsoft.sql_server", "mysql", "mariadb", "oracle", "oracle.db",
	"db2", "ibm.db2", "postgresql", "redshift", "aws.redshift", "hive", "cloudscape", "hsqldb", "progress",
	"maxdb", "sap.maxdb", "hanadb", "sap.hana", "ingres", "actian.ingres", "firstsql", "edb", "cache",
	"intersystems_cache", "adabas", "softwareag.adabas", "firebird", "firebirdsql", "derby", "filemaker",
	"informix", "ibm.informix", "instantdb", "interbase", "netezza", "ibm.netezza", "pervasive", "pointbase",
	"sqlite", "sybase", "teradata", "vertica", "h2", "h2database", "coldfusion", "cockroachdb", "snowflake",
	"postgres", "microsoft sql server", "clickhouse", "trino", "spanner", "gcp.spanner", "tidb", "duckdb",
}

// speaksSQL reports whether a database does, by its name in the conventions or, in
// whatever case, in the X-Ray SDKs.
func speaksSQL(system string) bool {
	system = strings.ToLower(system)
	for i := range sqlSystems {
		if sqlSystems[i] == system {
			return true
		}
	}
	return false
}

// appendSQL writes the sql block of a call to a database that speaks SQL.
func (e *encoder) appendSQL(dst []byte) []byte {
	f := &e.fields
	system := f.text(slotDBSystem)
	if e.namespace != namespaceRemote || system == "" || !speaksSQL(system) {
		return dst
	}
	f.spend(slotDBSystem)
	dst = append(jsonenc.AppendKey(dst, "sql"), '{')
	dst = e.appendDatabaseURL(dst, system)
	if q := f.spendText(slotDBQuery); q != "" {
		dst = jsonenc.AppendStringMember(dst, "sanitized_query", e.trimText(e.publicQuery(q)))
	}
	dst = jsonenc.AppendStringMember(dst, "database_type", system)
	if u := f.spendUpTo(slotDBUser, maxString); u != "" {
		dst = jsonenc.AppendStringMember(dst, "user", u)
	}
	return append(dst, '}')
}

// appendDatabaseURL writes where the database is: the connection string without its
// credentials, as url if it is one, and else system://host:port/database.
func (e *encoder) appendDatabaseURL(dst []byte, system string) []byte {
	f := &e.fields
	name := f.place(slotDBName)
	if c := f.spendText(slotDBConnection); c != "" {
		_, u := connectionPlace(c)
		key := "connection_string"
		if u.scheme != "" {
			key = "url"
		}
		mark := len(dst)
		dst = append(jsonenc.AppendKey(dst, key), '"')
		open := len(dst)
		switch dst = appendConnection(dst, c); {
		case len(dst) == open: // it does not say where
			dst = dst[:mark]
		case u.scheme == "":
			dst = append(dst, '"')
		default:
			if name != "" && !strings.Contains(c, name) {
				dst = append(dst, '/')
				dst = jsonenc.AppendText(dst, name)
			}
			e.spendServer(connectionHost(c))
			f.spendIf(slotDBName, name)
			return append(dst, '"')
		}
	}
	host := f.host(e.serverSlot())
	if host == "" {
		return dst
	}
	f.spend(e.serverSlot())
	dst = append(jsonenc.AppendKey(dst, "url"), '"')
	dst = jsonenc.AppendText(dst, system)
	dst = append(dst, "://"...)
	if isIPv6(host) {
		dst = append(jsonenc.AppendText(append(dst, '['), host), ']')
	} else {
		dst = jsonenc.AppendText(dst, host)
	}
	if port, ok := e.port(); ok {
		f.spend(e.portSlot())
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, port, 10)
	}
	if name != "" {
		f.spend(slotDBName)
		dst = append(dst, '/')
		dst = jsonenc.AppendText(dst, name)
	}
	return append(dst, '"')
}

// spendServer spends the server's address if it only repeats host.
func (e *encoder) spendServer(host string) {
	e.fields.spendIf(e.serverSlot(), host)
}

// appendConnection writes where a connection string says the database is, and
// nothing else of it: no userinfo, no parameters, of key=value forms only the
// settings that name the place. What it does not know stays out, since it may be
// a secret.
func appendConnection(dst []byte, c string) []byte {
	place, u := connectionPlace(c)
	switch open := strings.IndexByte(c, '('); {
	case u.scheme != "":
		u = placeOnly(u)
		return appendURLParts(dst, &u)
	case open >= 0 && strings.IndexByte(c[:open], '=') < 0 && strings.Contains(place, "="): // Oracle's
		return jsonenc.AppendText(dst, descriptorPlace(c))
	case strings.Contains(place, "="):
		return appendSettings(dst, c)
	}
	// user:password@tcp(host:port)/database, user/password@host:port/database
	return jsonenc.AppendText(dst, place[strings.LastIndexByte(place, '@')+1:])
}

// connectionPlace returns what a connection string has before its parameters,
// and the parts of that if it is a URL. An @ behind it may end a password that has
// one of the characters / ? # ; in it: then nothing is certain, and nothing
// returned.
func connectionPlace(c string) (place string, u urlParts) {
	place, _, _ = strings.Cut(c, ";")
	place, _ = cutQuery(place)
	u = splitURL(place)
	behind := c[len(place):]
	switch {
	case u.scheme != "":
		behind = u.path + behind
	case strings.Contains(place, "="): // settings, each looked at by itself
		return place, u
	}
	if strings.IndexByte(behind, '@') >= 0 {
		return "", urlParts{}
	}
	return place, u
}

// appendSettings writes the settings of "key=value key=value" (libpq) and
// "key=value;key=value" (ADO, ODBC) that say where the database is.
func appendSettings(dst []byte, c string) []byte {
	separator := settingsSeparator(c)
	mark := len(dst)
	for c != "" {
		var key, value string
		key, c, _ = strings.Cut(c, "=")
		value, c = cutSetting(c, separator)
		key = settingKey(key)
		if strings.IndexByte(value, '(') >= 0 {
			value = descriptorPlace(value)
		}
		if !namesPlace(key) || value == "" {
			continue
		}
		if len(dst) > mark {
			dst = append(dst, separator)
		}
		dst = append(jsonenc.AppendText(dst, key), '=')
		dst = jsonenc.AppendText(dst, value)
	}
	return dst
}

// settingsSeparator returns what stands between the settings of c.
func settingsSeparator(c string) byte {
	if strings.IndexByte(c, ';') >= 0 {
		return ';'
	}
	return ' '
}

// cutSetting splits c after the value at its start, which may be in quotes or
// braces.
func cutSetting(c string, separator byte) (value, rest string) {
	c = strings.TrimLeft(c, " \t\n\r")
	if c == "" {
		return "", ""
	}
	start, end := 0, strings.IndexByte(c, separator)
	quoted := strings.IndexByte("'\"{", c[0])
	if quoted >= 0 {
		start = 1
		if end = closing(c, "'\"}"[quoted]); end < 0 { // nobody knows what is in it
			return "", ""
		}
	}
	if end < 0 {
		end = len(c)
	}
	value, rest = strings.TrimSpace(c[start:end]), c[end:]
	if strings.IndexByte(value, '=') >= 0 && strings.IndexByte(value, '(') < 0 { // another setting behind another separator
		value = ""
	}
	_, rest, _ = strings.Cut(rest, string(separator))
	return value, rest
}

// closing returns where the quote that c starts with closes: a doubled or
// escaped one does not close. -1 if it never does.
func closing(c string, quote byte) int {
	for i := 1; i < len(c); i++ {
		switch {
		case c[i] == '\\':
			i++
		case c[i] == quote && i+1 < len(c) && c[i+1] == quote:
			i++
		case c[i] == quote:
			return i
		}
	}
	return -1
}

// namesPlace reports whether a connection setting says where the database is.
func namesPlace(key string) bool {
	switch strings.ToLower(key) {
	case "host", "hostaddr", "hostname", "server", "data source", "address", "addr", "network address",
		"port", "dbname", "database", "initial catalog", "service_name", "sid", "dsn", "servername", "connectstring":
		return true
	}
	return false
}

// connectionHost returns the host that a connection string names, "" if none.
func connectionHost(c string) string {
	place, u := connectionPlace(c)
	authority := placeOnly(u).authority
	switch host := descriptorValue(c, "host"); {
	case host != "":
		return host
	case u.scheme != "":
		if authority == "" {
			_, parameters, _ := strings.Cut(c, ";")
			authority = settingsHost(parameters)
		}
		authority, _, _ = strings.Cut(authority, ",") // the first of several
		authority, _, _ = strings.Cut(authority, "\\")
	case strings.Contains(place, "="):
		if authority = settingsHost(c); authority == "" { // cache:6379,password=x
			if first, _, _ := strings.Cut(place, ","); strings.IndexByte(first, '=') < 0 {
				authority = first
			}
		}
	default:
		authority = placeHost(place)
	}
	if strings.HasPrefix(authority, "/") { // a socket's path
		return ""
	}
	host, _ := hostPort(authority)
	return host
}

// settingsHost returns the host of "key=value;key=value", as in
// Server=tcp:db.example.com,1433 and Data Source=db.example.com\instance.
func settingsHost(c string) string {
	separator := settingsSeparator(c)
	for c != "" {
		var key, value string
		key, c, _ = strings.Cut(c, "=")
		value, c = cutSetting(c, separator)
		switch strings.ToLower(settingKey(key)) {
		case "host", "hostname", "hostaddr", "server", "data source", "address", "addr", "network address", "servername", "connectstring":
			value = strings.TrimPrefix(strings.TrimPrefix(value, "tcp:"), "np:")
			value, _, _ = strings.Cut(strings.TrimLeft(value, "\\"), ",") // \\db\pipe\sql\query
			value, _, _ = strings.Cut(value, "\\")
			return value
		}
	}
	return ""
}

// placeHost returns the host of user:password@tcp(host:port)/database and
// user/password@//host:port/database; a path and a name alone have none.
func placeHost(place string) string {
	_, after, ok := strings.Cut(place, "@")
	if strings.HasPrefix(place, "//") {
		after, ok = place, true
	}
	if !ok {
		return ""
	}
	after = after[strings.LastIndexByte(after, '@')+1:]
	if _, inside, ok := strings.Cut(after, "("); ok {
		after, _, _ = strings.Cut(inside, ")")
	}
	after, _, _ = strings.Cut(strings.TrimPrefix(after, "//"), "/")
	if host, behind, ok := strings.Cut(after, ":"); ok && strings.Count(behind, ":") == 1 && host != "" && host[0] != '[' { // host:port:sid
		return host
	}
	return after
}
