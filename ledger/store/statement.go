package store

import (
	"context"
	"database/sql"
	"sync"
)

// statementLimit is the number of different queries that one pool keeps prepared. Queries beyond it are parsed each time.
const statementLimit = 256

// statementCache keeps the statements of one pool prepared, so that the engine parses and plans each query once a connection: half the time of a
// small transaction, measured on both engines.
//
// A statement is prepared between transactions, when its query was seen twice. database/sql would want a second connection to prepare it inside
// one, and SQLite's write pool has only one.
type statementCache struct {
	pool  *sql.DB
	mutex sync.Mutex
	known map[string]*cachedStatement
	due   []*cachedStatement // seen twice, not prepared yet
}

type cachedStatement struct {
	query string
	uses  int
	stmt  *sql.Stmt // nil until prepared
}

func newStatementCache(pool *sql.DB) *statementCache {
	return &statementCache{pool: pool, known: make(map[string]*cachedStatement)}
}

// find gives the prepared statement of a query, or nil, and remembers that the query was used.
func (c *statementCache) find(query string) *sql.Stmt {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	s, ok := c.known[query]
	if !ok {
		if len(c.known) < statementLimit {
			c.known[query] = &cachedStatement{query: query, uses: 1}
		}
		return nil
	}
	if s.uses++; s.uses == 2 {
		c.due = append(c.due, s)
	}
	return s.stmt
}

// prepareDue prepares what is due. A query that cannot be prepared stays unprepared: whoever runs it gets the engine's error.
func (c *statementCache) prepareDue(ctx context.Context) {
	c.mutex.Lock()
	due := c.due
	c.due = nil
	c.mutex.Unlock()
	for _, s := range due {
		stmt, err := c.pool.PrepareContext(ctx, s.query)
		c.mutex.Lock()
		switch {
		case err == nil:
			s.stmt = stmt
		case ctx.Err() != nil: // not the query's fault; its next use makes it due again
			s.uses = 1
		}
		c.mutex.Unlock()
	}
}

// forget drops a statement that the engine does not accept any more, because a table behind it changed.
func (c *statementCache) forget(query string) {
	c.mutex.Lock()
	s := c.known[query]
	delete(c.known, query)
	c.mutex.Unlock()
	if s != nil && s.stmt != nil {
		_ = s.stmt.Close() // it is broken; its connections are told as they come free
	}
}

// txStatement is a cached statement on a transaction's connection.
type txStatement struct {
	query string
	stmt  *sql.Stmt
}

// prepared gives the statement of a query on this transaction's connection, or nil when the query must be sent as text.
func (tx *Tx) prepared(ctx context.Context, query string) *sql.Stmt {
	if tx.cache == nil {
		return nil
	}
	for _, s := range tx.statements {
		if s.query == query {
			return s.stmt
		}
	}
	stmt := tx.cache.find(query)
	if stmt == nil {
		return nil
	}
	if tx.own == nil { // DB.Look: on any connection of the pool
		return stmt
	}
	stmt = tx.own.StmtContext(ctx, stmt)
	tx.statements = append(tx.statements, txStatement{query, stmt})
	return stmt
}

// planned is an argument, such as a long list, whose value decides how the statement is best executed.
type planned interface{ Planned() bool }

// preparedFor is prepared for a query with arguments, unless one of them wants a plan of its own.
func (tx *Tx) preparedFor(ctx context.Context, query string, args []any) *sql.Stmt {
	if len(args) == 0 {
		return nil
	}
	for _, arg := range args {
		if p, ok := arg.(planned); ok && p.Planned() {
			return nil
		}
	}
	return tx.prepared(ctx, query)
}

// outdated forgets a cached statement whose error says that it must be prepared anew.
func (tx *Tx) outdated(query string, err error) {
	if problem, _ := tx.dialect.Classify(err); problem.Outdated {
		tx.cache.forget(query)
	}
}
