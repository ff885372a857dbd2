package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jmoiron/sqlx"
)

// DB is a database: one pool that writes, one that reads (on PostgreSQL the same one), and the dialect of both. It is safe for use by many
// goroutines. Open it with postgres.Open or ncruces.Open, or put it over the host's own pools with New.
type DB struct {
	dialect Dialect
	write   *sqlx.DB
	read    *sqlx.DB
	retry   Retry

	direct                bool // no statement is kept prepared
	writeCache, readCache *statementCache
}

// Option changes a DB when it is made.
type Option func(*DB)

// WithRetry replaces the default bounds of DB.Update's repetition.
func WithRetry(retry Retry) Option {
	return func(db *DB) { db.retry = retry }
}

// WithoutPreparedStatements sends every query as text, as a connection pooler in transaction mode may need (PgBouncer before 1.21).
func WithoutPreparedStatements() Option {
	return func(db *DB) { db.direct = true }
}

// New puts a DB over pools that are already open. read may be the same pool as write. The pools keep their settings; packages postgres and
// ncruces say which ones the ledger expects.
func New(dialect Dialect, write, read *sqlx.DB, options ...Option) *DB {
	db := &DB{dialect: dialect, write: write, read: read}
	for _, option := range options {
		option(db)
	}
	db.retry = db.retry.withDefaults()
	if !db.direct {
		db.writeCache = newStatementCache(write.DB)
		db.readCache = db.writeCache
		if read != write {
			db.readCache = newStatementCache(read.DB)
		}
	}
	return db
}

// Dialect is the engine's dialect.
func (db *DB) Dialect() Dialect { return db.dialect }

// Pools gives the pool that writes and the pool that reads, for what this package does not offer. They may be the same.
func (db *DB) Pools() (write, read *sqlx.DB) { return db.write, db.read }

// Close closes both pools, the reading one first: on SQLite the last writer leaves a file without a write-ahead log beside it.
func (db *DB) Close() error {
	var readErr error
	if db.read != db.write {
		readErr = db.read.Close()
	}
	return wrap(context.Background(), db.dialect, "close", errors.Join(readErr, db.write.Close()))
}

// nestedKey marks the context of a running Update of one DB.
type nestedKey struct{ db *DB }

// Nested reports whether ctx is that of a running Update of this DB, in which another is refused with ErrNested.
func (db *DB) Nested(ctx context.Context) bool { return ctx.Value(nestedKey{db}) != nil }

// Update runs fn in one write transaction and commits it: READ COMMITTED on PostgreSQL, where the caller locks the rows it decides by (SELECT …
// with Dialect.ForUpdate), BEGIN IMMEDIATE on SQLite. When fn returns an error or panics, everything is rolled back.
//
// fn may run several times (see Retry), each time in a fresh transaction, and must not keep anything from an earlier run. After COMMIT was sent
// nothing is repeated: an error of class CommitUnknown means that the transaction may be stored or not. Its cause, if the engine gave one, is
// in the chain (a full disk matches ErrStorageFull too).
func (db *DB) Update(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if db.Nested(ctx) {
		return &Error{Op: "begin", Class: Other, Err: ErrNested}
	}
	inner := context.WithValue(ctx, nestedKey{db}, true)
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, inner, fn)
		if err == nil || !db.retry.again(db.classOf(err), attempt) {
			return err
		}
		if pauseErr := db.retry.pause(ctx, attempt); pauseErr != nil {
			return &Error{Op: "wait before another attempt", Class: Canceled, Err: errors.Join(pauseErr, err)}
		}
	}
}

// classOf is the class of an error that fn returned, which may hold a driver's error that did not pass through a Tx.
func (db *DB) classOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	problem, _ := db.dialect.Classify(err)
	return problem.Class
}

// once is one attempt of Update.
func (db *DB) once(ctx, inner context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	tx, err := db.begin(ctx, db.write, db.writeCache, db.dialect.UpdateOptions())
	if err != nil {
		return err
	}
	ended := false
	defer func() {
		defer tx.end()
		if !ended { // an error, a panic, or runtime.Goexit of a test
			_ = tx.own.Rollback() // the first error is the one to report; a connection that cannot roll back is dropped by its driver
		}
	}()
	if err := fn(inner, tx); err != nil {
		return db.wrapForeign(ctx, err)
	}
	if tx.failed != nil { // fn swallowed it
		return tx.failed
	}
	if err := ctx.Err(); err != nil { // COMMIT is not sent, so the outcome is known
		return wrap(ctx, db.dialect, "commit", err)
	}
	ended = true
	if err := tx.own.Commit(); err != nil {
		cause := wrap(ctx, db.dialect, "commit", err)
		return &Error{Op: "commit", Class: CommitUnknown, Err: cause}
	}
	return nil
}

// begin takes a connection, so that a bulk insert can reach its driver, and begins a transaction on it. What is due is prepared before.
func (db *DB) begin(ctx context.Context, pool *sqlx.DB, cache *statementCache, options *sql.TxOptions) (*Tx, error) {
	if cache != nil {
		cache.prepareDue(ctx)
	}
	for dead := 0; ; dead++ {
		conn, err := pool.DB.Conn(ctx)
		if err != nil {
			return nil, wrap(ctx, db.dialect, "begin", err)
		}
		own, err := conn.BeginTx(ctx, options)
		if err == nil {
			return &Tx{dialect: db.dialect, handle: own, conn: conn, own: own, cache: cache}, nil
		}
		_ = conn.Close() // the error of BEGIN is the one to report
		// A server that restarted leaves every idle connection of the pool dead; the pool drops each that says so.
		if stats := pool.Stats(); !errors.Is(err, driver.ErrBadConn) || dead > max(stats.MaxOpenConnections, stats.OpenConnections) {
			return nil, wrap(ctx, db.dialect, "begin", err)
		}
	}
}

// end gives the connection back.
func (tx *Tx) end() { _ = tx.conn.Close() } // it only says that the connection was given back before

// wrapForeign wraps what fn returned when it is a driver's error that did not pass through a Tx; the caller's own errors stay as they are.
func (db *DB) wrapForeign(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	if _, ok := db.dialect.Classify(err); ok {
		return wrap(ctx, db.dialect, "update", err)
	}
	return err
}

// View runs fn in one read-only transaction that sees one state of the database: the one at its first statement. fn runs once.
func (db *DB) View(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	tx, err := db.begin(ctx, db.read, db.readCache, db.dialect.ViewOptions())
	if err != nil {
		return err
	}
	ended := false
	defer func() {
		defer tx.end()
		if !ended {
			_ = tx.own.Rollback()
		}
	}()
	if err := fn(ctx, tx); err != nil {
		return db.wrapForeign(ctx, err)
	}
	if tx.failed != nil {
		return tx.failed
	}
	ended = true
	if err := tx.own.Commit(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return wrap(ctx, db.dialect, "end of view", err)
	}
	return nil
}

// Look runs fn without a transaction: each of its queries sees the state of its own moment. It is for a single query, which then costs one round
// trip instead of three; with two queries that must agree, use View. Exec and Insert are refused.
func (db *DB) Look(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if db.readCache != nil {
		db.readCache.prepareDue(ctx)
	}
	tx := &Tx{dialect: db.dialect, handle: onlyQueries{db.read.DB}, cache: db.readCache, looking: true}
	if err := fn(ctx, tx); err != nil {
		return db.wrapForeign(ctx, err)
	}
	return nil
}

// Join puts a Tx over a transaction that the caller began and will end. Nothing is repeated and nothing is committed here.
func (db *DB) Join(h Handle) *Tx { return &Tx{dialect: db.dialect, handle: h} }
