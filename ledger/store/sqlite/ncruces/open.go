// Package ncruces opens SQLite files for package store with github.com/ncruces/go-sqlite3, SQLite without cgo.
package ncruces

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/sqlite"
	"github.com/jmoiron/sqlx"
	"github.com/ncruces/go-sqlite3"
	sqlitedriver "github.com/ncruces/go-sqlite3/driver"
)

// DefaultReaders is the number of connections that read beside the one that writes.
const DefaultReaders = 4

// Option changes what Open does.
type Option func(*options)

type options struct {
	readers  int
	busy     time.Duration
	readOnly bool
	each     func(*sqlite3.Conn) error
	wrap     func(driver.Connector) driver.Connector
	store    []store.Option
}

// WithReaders is the number of reading connections.
func WithReaders(n int) Option { return func(o *options) { o.readers = n } }

// WithBusyTimeout is how long a transaction waits while another process writes before it fails with store.Busy.
func WithBusyTimeout(d time.Duration) Option { return func(o *options) { o.busy = d } }

// ReadOnly opens an existing file for reading only, as audit does; DB.Update fails with store.Permission.
func ReadOnly() Option { return func(o *options) { o.readOnly = true } }

// WithEach runs fn on every connection after it is set up, for instance to lower a limit.
func WithEach(fn func(*sqlite3.Conn) error) Option { return func(o *options) { o.each = fn } }

// WithConnector puts the caller's connector around the driver's, for tracing, or for faults in tests.
func WithConnector(wrap func(driver.Connector) driver.Connector) Option {
	return func(o *options) { o.wrap = wrap }
}

// WithStore passes options to store.New.
func WithStore(opts ...store.Option) Option {
	return func(o *options) { o.store = append(o.store, opts...) }
}

// Dialect is the SQLite dialect that reads this driver's errors and inserts many rows past database/sql.
func Dialect() sqlite.Dialect {
	return sqlite.Dialect{ErrorCode: errorCode, InsertRows: insertRows}
}

// errorCode is the extended result code of an error of the driver.
func errorCode(err error) (int, bool) {
	var code sqlite3.ExtendedErrorCode
	if errors.As(err, &code) {
		return int(code), true
	}
	return 0, false
}

// Open opens the file and creates it, readable by its owner only, when it does not exist.
//
// A new file has page checksums from its first page: a byte that the disk changed is noticed when the page is read (store.Corrupt). Another
// SQLite program that writes the file would not keep them. An existing file stays as it is.
//
// One connection writes, in write-ahead mode with synchronous=FULL and transactions that begin IMMEDIATE; a few others only read. Several
// processes may have the file open on one machine; a network file system is no place for it.
func Open(ctx context.Context, path string, opts ...Option) (*store.DB, error) {
	o := options{readers: DefaultReaders, busy: sqlite.DefaultBusyTimeout}
	for _, opt := range opts {
		opt(&o)
	}
	db, err := open(ctx, path, o)
	if err != nil {
		class := store.Connection
		if problem, ok := Dialect().Classify(err); ok {
			class = problem.Class
		}
		return nil, &store.Error{Op: "open sqlite " + path, Class: class, Err: err}
	}
	return db, nil
}

func open(ctx context.Context, path string, o options) (*store.DB, error) {
	path, name, err := locate(path)
	if err != nil {
		return nil, err
	}
	register()
	const readers = "?vfs=" + fileSystemName + "&mode=ro&_pragma=query_only(true)"
	if o.readOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
		read, err := o.pool(ctx, name+readers, true)
		if err != nil {
			return nil, err
		}
		return store.New(Dialect(), read, read, o.store...), nil
	}
	if err := touch(path); err != nil {
		return nil, err
	}
	modeOf := "&modeof=" + strings.ReplaceAll(url.QueryEscape(path), "+", "%20") // SQLite knows no + for a space
	write, err := o.pool(ctx, name+"?vfs="+fileSystemName+"&_txlock=immediate"+modeOf, false)
	if err != nil {
		return nil, err
	}
	read, err := o.pool(ctx, name+readers, true)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return store.New(Dialect(), write, read, o.store...), nil
}

// locate gives the absolute path and its file: form, in which no character of the path has a meaning of its own.
func locate(path string) (absolute, name string, err error) {
	if path == "" || path == ":memory:" || strings.HasPrefix(path, "file:") {
		return "", "", fmt.Errorf("path %q: a ledger needs the path of a file", path)
	}
	if absolute, err = filepath.Abs(path); err != nil {
		return "", "", err
	}
	slashed := filepath.ToSlash(absolute)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	return absolute, (&url.URL{Scheme: "file", Path: slashed}).String(), nil
}

// touch makes an empty file that only its owner may read; modeof gives its log the same mode.
func touch(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// pool opens one connection at once, so that a file that cannot be used is known now.
func (o options) pool(ctx context.Context, name string, readOnly bool) (*sqlx.DB, error) {
	base, err := (&sqlitedriver.SQLite{}).OpenConnector(name)
	if err != nil {
		return nil, err
	}
	var c driver.Connector = connector{Connector: base, setup: func(c *sqlite3.Conn) error { return o.setup(c, readOnly) }}
	if o.wrap != nil {
		c = o.wrap(c)
	}
	connections := 1
	if readOnly {
		connections = o.readers
	}
	db := sqlx.NewDb(sql.OpenDB(c), "sqlite3")
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// connector is the driver's connector whose connections are set up.
type connector struct {
	driver.Connector
	setup func(*sqlite3.Conn) error
}

// Connect opens a connection and sets it up.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	raw := conn.(sqlitedriver.Conn).Raw()
	raw.SetInterrupt(ctx)
	if err := c.setup(raw); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	raw.SetInterrupt(context.Background()) // from now on each call brings its own context
	return conn, nil
}

// setup is what each new connection runs.
func (o options) setup(c *sqlite3.Conn, readOnly bool) error {
	if err := c.Exec(sqlite.Pragmas(o.busy, readOnly)); err != nil {
		return err
	}
	if !readOnly {
		if err := prepareFile(c); err != nil {
			return err
		}
	}
	if _, err := c.Config(sqlite3.DBCONFIG_DEFENSIVE, true); err != nil {
		return err
	}
	if o.each != nil {
		return o.each(c)
	}
	return nil
}

// prepareFile turns page checksums on in a file without pages, and write-ahead mode in any.
func prepareFile(c *sqlite3.Conn) error {
	pages, err := pageCount(c)
	if err != nil {
		return err
	}
	if pages == 0 {
		if err := c.EnableChecksums("main"); err != nil {
			return err
		}
	}
	return c.Exec("PRAGMA journal_mode = WAL")
}

func pageCount(c *sqlite3.Conn) (int64, error) {
	stmt, _, err := c.Prepare("PRAGMA page_count")
	if err != nil {
		return 0, err
	}
	defer stmt.Close() //nolint:errcheck // it repeats the error of Step, which Err gives
	if !stmt.Step() {
		return 0, stmt.Err()
	}
	return stmt.ColumnInt64(0), nil
}
