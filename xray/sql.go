package xray

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
)

// SQLContext opens a database as [sql.Open] does. Ping, Exec and Query with a
// context are subsegments, one each: calls to the database, with the query as it
// is. Passwords in dsn are not sent.
//
// Each dsn is asked once for the database's version, user and name.
func SQLContext(driver, dsn string) (*sql.DB, error) {
	if err := register(driver, dsn); err != nil {
		return nil, err
	}
	return sql.Open(driver+":xray", dsn)
}

// SQLConnector returns connector with subsegments as [SQLContext] makes them, and
// one for each Connect. dsn is sent as it is: leave passwords out.
func SQLConnector(dsn string, connector driver.Connector) driver.Connector {
	return &tracedConnector{
		Connector: connector,
		driver:    &tracedDriver{Driver: connector.Driver(), name: "unknown"},
		dsn:       dsn,
		filtered:  true,
	}
}

var registered struct {
	sync.Mutex
	drivers map[string]bool
}

// register registers the traced form of a driver.
func register(name, dsn string) error {
	registered.Lock()
	defer registered.Unlock()
	if registered.drivers[name] {
		return nil
	}
	db, err := sql.Open(name, dsn)
	if err != nil {
		return err
	}
	sql.Register(name+":xray", &tracedDriver{Driver: db.Driver(), name: name})
	if registered.drivers == nil {
		registered.drivers = map[string]bool{}
	}
	registered.drivers[name] = true
	return db.Close()
}

type tracedDriver struct {
	driver.Driver
	name string // as it is registered
}

// Open is for those who do not know OpenConnector.
func (d *tracedDriver) Open(dsn string) (driver.Conn, error) {
	c, err := d.OpenConnector(dsn)
	if err != nil {
		return nil, err
	}
	return c.Connect(context.Background())
}

func (d *tracedDriver) OpenConnector(dsn string) (driver.Connector, error) {
	c := &tracedConnector{Connector: plainConnector{d.Driver, dsn}, driver: d, dsn: dsn}
	if dc, ok := d.Driver.(driver.DriverContext); ok {
		inner, err := dc.OpenConnector(dsn)
		if err != nil {
			return nil, err
		}
		c.Connector = inner
	}
	return c, nil
}

// plainConnector is a driver without connectors of its own.
type plainConnector struct {
	driver driver.Driver
	dsn    string
}

func (c plainConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c plainConnector) Driver() driver.Driver                        { return c.driver }

type tracedConnector struct {
	driver.Connector
	driver   *tracedDriver
	dsn      string
	filtered bool // dsn has no secrets

	mu       sync.Mutex
	database *database // nil: not asked yet
}

func (c *tracedConnector) Driver() driver.Driver { return c.driver }

func (c *tracedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	db, err := c.ask(ctx)
	if err != nil {
		return nil, err
	}
	var conn driver.Conn
	err = db.capture(ctx, "", "CONNECT", func(ctx context.Context) error {
		var err error
		conn, err = c.Connector.Connect(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &tracedConn{Conn: conn, database: db}, nil
}

// ask finds out once which database it is, over a connection of its own.
func (c *tracedConnector) ask(ctx context.Context) (*database, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.database != nil {
		return c.database, nil
	}
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	c.database = newDatabase(ctx, c.driver, conn, c.dsn, c.filtered)
	return c.database, nil
}

// tracedConn is a connection whose Ping, Exec and Query are subsegments. It has
// every optional interface; where the driver's connection lacks one it does as
// database/sql would.
type tracedConn struct {
	driver.Conn
	database *database
}

var (
	_ driver.Pinger             = (*tracedConn)(nil)
	_ driver.ExecerContext      = (*tracedConn)(nil)
	_ driver.QueryerContext     = (*tracedConn)(nil)
	_ driver.ConnPrepareContext = (*tracedConn)(nil)
	_ driver.ConnBeginTx        = (*tracedConn)(nil)
	_ driver.SessionResetter    = (*tracedConn)(nil)
	_ driver.Validator          = (*tracedConn)(nil)
	_ driver.NamedValueChecker  = (*tracedConn)(nil)
)

func (c *tracedConn) Ping(ctx context.Context) error {
	return c.database.capture(ctx, "", "PING", func(ctx context.Context) error {
		if p, ok := c.Conn.(driver.Pinger); ok {
			return p.Ping(ctx)
		}
		return nil
	})
}

func (c *tracedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	execer, ok := c.Conn.(driver.ExecerContext)
	//lint:ignore SA1019 drivers have it still
	old, oldOK := c.Conn.(driver.Execer)
	if !ok && !oldOK {
		return nil, driver.ErrSkip // database/sql prepares a statement
	}
	err = c.database.capture(ctx, "", query, func(ctx context.Context) error {
		if ok {
			result, err = execer.ExecContext(ctx, query, args)
			return err
		}
		values, err := positional(ctx, args)
		if err == nil {
			result, err = old.Exec(query, values)
		}
		return err
	})
	return result, err
}

func (c *tracedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	queryer, ok := c.Conn.(driver.QueryerContext)
	//lint:ignore SA1019 drivers have it still
	old, oldOK := c.Conn.(driver.Queryer)
	if !ok && !oldOK {
		return nil, driver.ErrSkip
	}
	err = c.database.capture(ctx, "", query, func(ctx context.Context) error {
		if ok {
			rows, err = queryer.QueryContext(ctx, query, args)
			return err
		}
		values, err := positional(ctx, args)
		if err == nil {
			rows, err = old.Query(query, values)
		}
		return err
	})
	return rows, err
}

func (c *tracedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	var stmt driver.Stmt
	var err error
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		stmt, err = p.PrepareContext(ctx, query)
	} else if err = ctx.Err(); err == nil {
		stmt, err = c.Conn.Prepare(query)
	}
	if err != nil {
		return nil, err
	}
	return &tracedStmt{Stmt: stmt, conn: c, query: query}, nil
}

func (c *tracedConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if b, ok := c.Conn.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, opts)
	}
	if opts.Isolation != driver.IsolationLevel(sql.LevelDefault) {
		return nil, errors.New("xray: driver does not support non-default isolation level")
	}
	if opts.ReadOnly {
		return nil, errors.New("xray: driver does not support read-only transactions")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	//lint:ignore SA1019 all that the driver has
	return c.Conn.Begin()
}

func (c *tracedConn) ResetSession(ctx context.Context) error {
	if r, ok := c.Conn.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

func (c *tracedConn) IsValid() bool {
	v, ok := c.Conn.(driver.Validator)
	return !ok || v.IsValid()
}

func (c *tracedConn) CheckNamedValue(nv *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(nv)
	}
	return convert(nv)
}

// convert is what database/sql does without a NamedValueChecker.
func convert(nv *driver.NamedValue) (err error) {
	nv.Value, err = driver.DefaultParameterConverter.ConvertValue(nv.Value)
	return err
}

// tracedStmt is a prepared statement whose Exec and Query are subsegments.
type tracedStmt struct {
	driver.Stmt
	conn  *tracedConn
	query string
}

var (
	_ driver.StmtExecContext   = (*tracedStmt)(nil)
	_ driver.StmtQueryContext  = (*tracedStmt)(nil)
	_ driver.NamedValueChecker = (*tracedStmt)(nil)
)

func (s *tracedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (result driver.Result, err error) {
	err = s.conn.database.capture(ctx, "statement", s.query, func(ctx context.Context) error {
		if e, ok := s.Stmt.(driver.StmtExecContext); ok {
			result, err = e.ExecContext(ctx, args)
			return err
		}
		values, err := positional(ctx, args)
		if err == nil {
			//lint:ignore SA1019 all that the driver has
			result, err = s.Stmt.Exec(values)
		}
		return err
	})
	return result, err
}

func (s *tracedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = s.conn.database.capture(ctx, "statement", s.query, func(ctx context.Context) error {
		if q, ok := s.Stmt.(driver.StmtQueryContext); ok {
			rows, err = q.QueryContext(ctx, args)
			return err
		}
		values, err := positional(ctx, args)
		if err == nil {
			//lint:ignore SA1019 all that the driver has
			rows, err = s.Stmt.Query(values)
		}
		return err
	})
	return rows, err
}

func (s *tracedStmt) CheckNamedValue(nv *driver.NamedValue) error {
	if checker, ok := s.Stmt.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(nv)
	}
	if checker, ok := s.conn.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(nv)
	}
	//lint:ignore SA1019 drivers have it still
	if c, ok := s.Stmt.(driver.ColumnConverter); ok {
		var err error
		nv.Value, err = c.ColumnConverter(nv.Ordinal - 1).ConvertValue(nv.Value)
		return err
	}
	return convert(nv)
}

// positional returns args for a driver that knows no names and no context.
func positional(ctx context.Context, args []driver.NamedValue) ([]driver.Value, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	values := make([]driver.Value, len(args))
	for i, a := range args {
		if a.Name != "" {
			return nil, errors.New("xray: driver does not support the use of Named Parameters")
		}
		values[i] = a.Value
	}
	return values, nil
}
