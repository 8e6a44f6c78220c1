package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

// database is an embedded driver that knows what Postgres answers to who it is.
type database struct{}

func (database) Open(string) (driver.Conn, error) { return conn{}, nil }

type conn struct{}

func (conn) Prepare(q string) (driver.Stmt, error) { return stmt(q), nil }
func (conn) Close() error                          { return nil }
func (conn) Begin() (driver.Tx, error)             { return tx{}, nil }
func (conn) Ping(context.Context) error            { return nil }

func (conn) QueryContext(_ context.Context, q string, _ []driver.NamedValue) (driver.Rows, error) {
	return stmt(q).Query(nil)
}

func (conn) ExecContext(_ context.Context, q string, _ []driver.NamedValue) (driver.Result, error) {
	return stmt(q).Exec(nil)
}

type tx struct{}

func (tx) Commit() error   { return nil }
func (tx) Rollback() error { return nil }

type stmt string

func (stmt) Close() error  { return nil }
func (stmt) NumInput() int { return -1 }

func (s stmt) Exec([]driver.Value) (driver.Result, error) {
	if strings.Contains(string(s), "broken") {
		return nil, errors.New("syntax error")
	}
	return driver.RowsAffected(1), nil
}

func (s stmt) Query([]driver.Value) (driver.Rows, error) {
	if strings.HasPrefix(string(s), "SELECT version()") {
		return &rows{row: []driver.Value{"PostgreSQL 16.1", "app", []byte("orders")}}, nil
	}
	return &rows{row: []driver.Value{int64(7)}}, nil
}

type rows struct {
	row  []driver.Value
	done bool
}

func (r *rows) Columns() []string { return make([]string, len(r.row)) }
func (r *rows) Close() error      { return nil }
func (r *rows) Next(to []driver.Value) error {
	if r.done {
		return io.EOF
	}
	r.done = true
	copy(to, r.row)
	return nil
}

func init() {
	sql.Register("postgres", database{})
	work := func(dsn string) func(context.Context) {
		return func(ctx context.Context) {
			ctx, seg := xray.BeginSegment(ctx, "shop")
			db, err := xray.SQLContext("postgres", dsn)
			check(err)
			db.SetMaxOpenConns(1)
			check(db.PingContext(ctx))
			var n int
			check(db.QueryRowContext(ctx, "SELECT id FROM items WHERE name = $1", "apple").Scan(&n))
			_, err = db.ExecContext(ctx, "UPDATE items SET n = n - 1")
			check(err)
			_, err = db.ExecContext(ctx, "broken")
			fmt.Println(n, err)
			s, err := db.PrepareContext(ctx, "SELECT prepared")
			check(err)
			check(s.QueryRowContext(ctx).Scan(&n))
			t, err := db.BeginTx(ctx, nil)
			check(err)
			_, err = t.ExecContext(ctx, "INSERT INTO items")
			check(err)
			check(t.Commit())
			seg.Close(nil)
		}
	}
	programs["sqlurl"] = work("postgres://app:secret@db.internal:5432/orders?sslmode=disable&password=secret")
	programs["sqlsettings"] = work("host=db.internal user=app password=secret dbname=orders")
}
