package mapping

import (
	"strconv"
	"strings"
)

// sqlSystems are the values of db.system and db.system.name that speak SQL.
var sqlSystems = map[string]bool{
	"other_sql": true, "mssql": true, "mssqlcompact": true, "microsoft.sql_server": true,
	"mysql": true, "mariadb": true, "oracle": true, "oracle.db": true, "db2": true, "ibm.db2": true,
	"postgresql": true, "redshift": true, "aws.redshift": true, "hive": true, "cloudscape": true,
	"hsqldb": true, "progress": true, "maxdb": true, "sap.maxdb": true, "hanadb": true, "sap.hana": true,
	"ingres": true, "actian.ingres": true, "firstsql": true, "edb": true, "cache": true, "intersystems_cache": true,
	"adabas": true, "softwareag.adabas": true, "firebird": true, "firebirdsql": true, "derby": true,
	"filemaker": true, "informix": true, "ibm.informix": true, "instantdb": true, "interbase": true,
	"netezza": true, "ibm.netezza": true, "pervasive": true, "pointbase": true, "sqlite": true,
	"sybase": true, "teradata": true, "vertica": true, "h2": true, "h2database": true, "coldfusion": true,
	"cockroachdb": true, "snowflake": true, "clickhouse": true, "trino": true, "spanner": true,
	"gcp.spanner": true, "tidb": true, "duckdb": true,
}

// appendSQL writes the sql block of a call to a database that speaks SQL.
func (e *encoder) appendSQL(dst []byte) []byte {
	f := &e.fields
	system := f.text(slotDBSystem)
	if e.namespace != namespaceRemote || system == "" || !sqlSystems[system] {
		return dst
	}
	f.take(slotDBSystem)
	dst = append(appendKey(dst, "sql"), '{')
	dst = e.appendDatabaseURL(dst, system)
	if q := f.takeText(slotDBQuery); q != "" {
		dst = appendString(appendKey(dst, "sanitized_query"), e.trimText(q))
	}
	dst = appendString(appendKey(dst, "database_type"), system)
	if u := f.takeText(slotDBUser); u != "" {
		dst = appendString(appendKey(dst, "user"), cut(u, maxString))
	}
	return append(dst, '}')
}

// appendDatabaseURL writes where the database is: the connection string
// without its credentials, or system://host:port/database.
func (e *encoder) appendDatabaseURL(dst []byte, system string) []byte {
	f := &e.fields
	name := f.text(slotDBName)
	if c := f.takeText(slotDBConnection); c != "" {
		dst = append(appendKey(dst, "url"), '"')
		dst = appendConnection(dst, c)
		if name != "" && !strings.Contains(c, name) {
			dst = append(dst, '/')
			dst = appendText(dst, name)
		}
		e.takeServer(connectionHost(c))
		f.take(slotDBName)
		return append(dst, '"')
	}
	host := f.text(e.serverSlot())
	if host == "" {
		return dst
	}
	f.take(e.serverSlot())
	dst = append(appendKey(dst, "url"), '"')
	dst = appendText(dst, system)
	dst = append(dst, "://"...)
	dst = appendText(dst, host)
	if port, ok := f.number(e.portSlot()); ok {
		f.take(e.portSlot())
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, port, 10)
	}
	if name != "" {
		f.take(slotDBName)
		dst = append(dst, '/')
		dst = appendText(dst, name)
	}
	return append(dst, '"')
}

// takeServer takes the server's address if it only repeats host.
func (e *encoder) takeServer(host string) {
	if s := e.serverSlot(); e.fields.text(s) == host {
		e.fields.take(s)
	}
}

// appendConnection writes a connection string without userinfo, parameters
// after "?" or ";", and anything that a key=value form calls a password.
func appendConnection(dst []byte, c string) []byte {
	if i := strings.IndexAny(c, "?;"); i >= 0 {
		c = c[:i]
	}
	if u := splitURL(c); u.scheme != "" {
		return appendURLParts(dst, u)
	}
	if strings.Contains(c, "=") { // host=… password=…
		for part := range strings.FieldsSeq(c) {
			key, _, _ := strings.Cut(part, "=")
			switch strings.ToLower(key) {
			case "password", "pwd", "user", "uid", "username":
				continue
			}
			if dst[len(dst)-1] != '"' {
				dst = append(dst, ' ')
			}
			dst = appendText(dst, part)
		}
		return dst
	}
	return appendText(dst, c)
}

// connectionHost returns the host of a connection string, or "".
func connectionHost(c string) string {
	c, _, _ = strings.Cut(c, ";")
	host, _ := hostPort(splitURL(c).authority)
	return host
}
