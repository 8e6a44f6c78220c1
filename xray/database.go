package xray

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"reflect"
	"strings"
	"time"
)

// database is what the subsegments of a database have in common.
type database struct {
	name string // of the subsegments: name@host
	data SQLData
}

// skipped marks a query that the driver did not take as it was: it comes a second
// time, as a prepared statement.
const skipped = " -- skip fast-path; continue as if unimplemented"

// capture runs f in a subsegment that is a call to the database. preparation is
// "statement" if the query is a prepared one.
func (db *database) capture(ctx context.Context, preparation, query string, f func(context.Context) error) error {
	skip := false
	err := Capture(ctx, db.name, func(ctx context.Context) error {
		err := f(ctx)
		text := query
		if skip = errors.Is(err, driver.ErrSkip); skip {
			err, text = nil, query+skipped
		}
		seg := GetSegment(ctx)
		if seg == nil { // the context is missing, which has been said
			return err
		}
		seg.Lock()
		defer seg.Unlock()
		seg.Namespace = "remote"
		data := db.data
		data.SanitizedQuery, data.Preparation = text, preparation
		seg.SQL = &data
		return err
	})
	if skip {
		return driver.ErrSkip // database/sql compares by ==
	}
	return err
}

// detectors ask a database of a kind for version, user and name.
var detectors = []struct{ kind, query string }{
	{"Postgres", "SELECT version(), current_user, current_database()"},
	{"MySQL", "SELECT version(), current_user(), database()"},
	{"MS SQL", "SELECT @@version, current_user, db_name()"},
	{"Oracle", "SELECT version FROM v$instance UNION SELECT user, ora_database_name FROM dual"},
}

// newDatabase asks the database at the other end of conn what it is. What it does
// not say is "Unknown".
func newDatabase(ctx context.Context, d *tracedDriver, conn driver.Conn, dsn string, filtered bool) *database {
	db := &database{}
	place, host := placeOf(dsn)
	switch {
	case place != "":
		db.data.URL = place
	case filtered:
		db.data.ConnectionString = dsn
	default:
		db.data.ConnectionString = withoutPasswords(dsn)
	}
	name := "Unknown"
	db.data.DatabaseType, db.data.DatabaseVersion, db.data.User = "Unknown", "Unknown", "Unknown"
	for _, detector := range detectors {
		if d.name == "postgres" && detector.kind != "Postgres" || d.name == "mysql" && detector.kind != "MySQL" {
			continue
		}
		answer, err := queryRow(ctx, conn, detector.query)
		if err == nil && len(answer) == 3 {
			db.data.DatabaseType = detector.kind
			db.data.DatabaseVersion, db.data.User, name = answer[0], answer[1], answer[2]
			break
		}
	}
	db.name = name
	if host != "" {
		db.name += "@" + host
	}
	db.data.DriverVersion = versionOf(d.Driver)
	return db
}

// versionOf returns what a driver says about itself, or its package.
func versionOf(d driver.Driver) string {
	if v, ok := d.(interface{ Version() string }); ok {
		return v.Version()
	}
	t := reflect.TypeOf(d)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath()
}

// queryRow returns the first row of a query as text.
func queryRow(ctx context.Context, conn driver.Conn, query string) ([]string, error) {
	stmt, err := (&tracedConn{Conn: conn}).prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	defer stmt.Close()
	var rows driver.Rows
	if q, ok := stmt.(driver.StmtQueryContext); ok {
		rows, err = q.QueryContext(ctx, nil)
	} else {
		//lint:ignore SA1019 all that the driver has
		rows, err = stmt.Query(nil)
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cells := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(cells); err != nil && !errors.Is(err, io.EOF) || err == io.EOF {
		return nil, err
	}
	text := make([]string, len(cells))
	for i, cell := range cells {
		switch v := cell.(type) {
		case nil:
			return nil, fmt.Errorf("xray: column %d is null", i)
		case []byte:
			text[i] = string(v)
		case time.Time:
			text[i] = v.Format(time.RFC3339Nano)
		default:
			text[i] = fmt.Sprint(v)
		}
	}
	return text, nil
}

func (c *tracedConn) prepare(ctx context.Context, query string) (driver.Stmt, error) {
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, query)
	}
	return c.Conn.Prepare(query)
}

// placeOf returns a dsn that is a URL without its secrets, and its host; "" if it
// is none. One without a scheme counts if it has a user or parameters:
// user:password@host:port/database, user/password@host:port/database.
func placeOf(dsn string) (place, host string) {
	text, bare := dsn, !strings.Contains(dsn, "//")
	if bare {
		text = "//" + dsn
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" && u.User == nil && u.RawQuery == "" && !strings.Contains(u.Path, "@") {
		return "", ""
	}
	if strings.Contains(u.Path, "@") { // the slash was one of user/password
		u, err = url.Parse(u.Scheme + "//" + u.Host + "%2F" + u.Path[1:])
		if err != nil {
			return "", ""
		}
	}
	if u.User != nil {
		name, _, _ := strings.Cut(u.User.Username(), "/")
		if _, ok := u.User.Password(); ok {
			name = u.User.Username()
		}
		u.User = url.User(name)
	}
	q := u.Query()
	for key := range q {
		if secretKey(key) {
			q.Del(key)
		}
	}
	u.RawQuery = q.Encode()
	host, _, _ = net.SplitHostPort(u.Host)
	place = u.String()
	if bare {
		place = strings.TrimPrefix(place, "//")
	}
	return place, host
}

// secretKey reports whether a parameter of a dsn is a secret. The token is that of
// IAM authentication.
func secretKey(key string) bool {
	switch strings.ToLower(key) {
	case "password", "pwd", "passwd", "sslpassword", "x-amz-security-token", "x-amz-signature", "x-amz-credential":
		return true
	}
	return false
}

// withoutPasswords leaves the passwords out of "key=value key=value",
// "key=value;key=value" and "user:password@...".
func withoutPasswords(dsn string) string {
	separator := byte(' ')
	if strings.Count(dsn, ";") > strings.Count(dsn, " ") {
		separator = ';'
	}
	if !strings.Contains(dsn, "=") {
		if at := strings.LastIndexByte(dsn, '@'); at >= 0 {
			user, _, _ := strings.Cut(dsn[:at], ":")
			return user + dsn[at:]
		}
		return dsn
	}
	var kept strings.Builder
	for dsn != "" {
		end := settingEnd(dsn, separator)
		setting := dsn[:end]
		dsn = dsn[end:]
		key, _, _ := strings.Cut(setting, "=")
		if !secretKey(strings.Trim(key, " ;\t\r\n")) {
			kept.WriteString(setting)
		}
	}
	return kept.String()
}

// settingEnd returns where the first setting of s ends, its separator included. A
// value may be in braces or quotes.
func settingEnd(s string, separator byte) int {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '{' && i > 0 && s[i-1] == '=':
			quote = '}'
		case (c == '\'' || c == '"') && i > 0 && s[i-1] == '=':
			quote = c
		case c == separator:
			return i + 1
		}
	}
	return len(s)
}
