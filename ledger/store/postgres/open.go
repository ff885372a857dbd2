package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"maps"
	"strconv"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Defaults of Open.
const (
	DefaultConnections = 16
	DefaultLockTimeout = 10 * time.Second
	// DefaultIdleTimeout ends a session that holds its locks and does nothing, as when its program hangs in mid-transaction.
	DefaultIdleTimeout = 5 * time.Minute
)

// Option changes what Open does.
type Option func(*options)

type options struct {
	connections int
	lockTimeout time.Duration
	settings    map[string]string
	wrap        func(driver.Connector) driver.Connector
	store       []store.Option
}

// WithConnections is the largest number of connections; they are kept open while used within five minutes.
func WithConnections(n int) Option { return func(o *options) { o.connections = n } }

// WithLockTimeout is how long a statement waits for a lock before it fails with store.Busy; 0 waits for ever.
func WithLockTimeout(d time.Duration) Option { return func(o *options) { o.lockTimeout = d } }

// WithSettings adds run-time parameters of PostgreSQL to each session, over those of Open and of the DSN.
func WithSettings(settings map[string]string) Option {
	return func(o *options) { maps.Copy(o.settings, settings) }
}

// WithConnector puts the caller's connector around the driver's, for tracing, or for faults in tests.
func WithConnector(wrap func(driver.Connector) driver.Connector) Option {
	return func(o *options) { o.wrap = wrap }
}

// WithStore passes options to store.New.
func WithStore(opts ...store.Option) Option {
	return func(o *options) { o.store = append(o.store, opts...) }
}

// Open connects to the server of the DSN (key=value form or URL, as lib/pq reads it) and proves the connection with one round trip.
//
// Each session is set up when it starts, in the start-up message, so that no transaction pays for it: TimeZone UTC, lock_timeout,
// idle_in_transaction_session_timeout, jit off (it costs short statements more than it gives). Settings in the DSN win. Parameters are sent in
// one round trip with the statement (lib/pq binary_parameters).
func Open(ctx context.Context, dsn string, opts ...Option) (*store.DB, error) {
	o := options{connections: DefaultConnections, lockTimeout: DefaultLockTimeout, settings: map[string]string{}}
	for _, opt := range opts {
		opt(&o)
	}
	config, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, &store.Error{Op: "open postgres", Class: store.Connection, Err: err}
	}
	runtime := map[string]string{
		"TimeZone":                            "UTC",
		"jit":                                 "off",
		"lock_timeout":                        strconv.FormatInt(o.lockTimeout.Milliseconds(), 10),
		"idle_in_transaction_session_timeout": strconv.FormatInt(DefaultIdleTimeout.Milliseconds(), 10),
	}
	maps.Copy(runtime, config.Runtime)
	maps.Copy(runtime, o.settings)
	config.Runtime = runtime
	config.BinaryParameters = true
	if config.ApplicationName == "" {
		config.ApplicationName = "fundledger"
	}
	base, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, &store.Error{Op: "open postgres", Class: store.Connection, Err: err}
	}
	var connector driver.Connector = base
	if o.wrap != nil {
		connector = o.wrap(connector)
	}
	pool := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	pool.SetMaxOpenConns(o.connections)
	pool.SetMaxIdleConns(o.connections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	db := New(pool, o.store...)
	if err := db.View(ctx, ping); err != nil {
		_ = pool.Close() // the error of the first round trip is the one to report
		return nil, err
	}
	return db, nil
}

func ping(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, "SELECT 1")
	return err
}

// New puts a store.DB over the host's own pool, which keeps its settings. Set TimeZone to UTC and a lock_timeout on it; binary_parameters=yes in
// its DSN saves a round trip a statement.
func New(db *sqlx.DB, opts ...store.Option) *store.DB {
	return store.New(Dialect{}, db, db, opts...)
}
