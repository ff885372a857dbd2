//go:build unix

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/fundledger/fundledger/ledger/store"
)

// plainRows is how many rows are read, untimed, before they are inserted.
const plainRows = 20_000

// plainCopy inserts all rows of a database again as a program does that does nothing else: by one prepared statement on SQLite, by COPY on PostgreSQL, table by table, in
// transactions of twenty thousand rows. The tables are of the same form, without triggers.
type plainCopy struct {
	db     *store.DB
	tables []string // without the schema
	took   time.Duration
}

func queryTexts(ctx context.Context, conn *sql.Conn, query string) (list []string, err error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

// run makes the tables and fills them. Only the inserting is timed, and the commits.
func (c *plainCopy) run(ctx context.Context, file string) error {
	write, read := c.db.Pools()
	conn, err := write.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	form, own := c.postgres, ""
	if c.db.Dialect().Name() == "sqlite" {
		form, own = c.sqlite, "main."
	}
	statements, err := form(ctx, conn, file)
	for _, statement := range statements {
		if err == nil {
			_, err = conn.ExecContext(ctx, statement)
		}
	}
	for _, table := range c.tables {
		if err == nil {
			err = c.copy(ctx, read.DB, conn, own+table, table)
		}
	}
	return err
}

// copy reads a table on one connection and inserts it on the other.
func (c *plainCopy) copy(ctx context.Context, from *sql.DB, to *sql.Conn, source, table string) error {
	rows, err := from.QueryContext(ctx, "SELECT * FROM "+strings.TrimPrefix(source, "main."))
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	var batch [][]any
	for rows.Next() {
		row, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			places[i] = &row[i]
		}
		if err := rows.Scan(places...); err != nil {
			return err
		}
		if batch = append(batch, row); len(batch) == plainRows {
			if err := c.insert(ctx, to, table, columns, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return errors.Join(rows.Err(), c.insert(ctx, to, table, columns, batch))
}

func (c *plainCopy) insert(ctx context.Context, conn *sql.Conn, table string, columns []string, batch [][]any) error {
	started := time.Now()
	defer func() { c.took += time.Since(started) }()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	quoted := make([]string, len(columns))
	for i, column := range columns {
		quoted[i] = pq.QuoteIdentifier(column)
	}
	statement := "COPY plain." + table + " (" + strings.Join(quoted, ", ") + ") FROM STDIN"
	if c.db.Dialect().Name() == "sqlite" {
		statement = "INSERT INTO plain." + table + " VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
	}
	prepared, err := tx.PrepareContext(ctx, statement)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for _, row := range batch {
		if _, err := prepared.ExecContext(ctx, row...); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", table, err), tx.Rollback())
		}
	}
	if c.db.Dialect().Name() != "sqlite" {
		_, err = prepared.ExecContext(ctx) // ends COPY
	}
	return errors.Join(err, prepared.Close(), tx.Commit())
}

func (c *plainCopy) sqlite(ctx context.Context, conn *sql.Conn, file string) (statements []string, err error) {
	statements = []string{"ATTACH DATABASE '" + file + "' AS plain", "PRAGMA plain.journal_mode = WAL", "PRAGMA plain.synchronous = FULL"}
	if c.tables, err = queryTexts(ctx, conn, "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"); err != nil {
		return nil, err
	}
	forms, err := queryTexts(ctx, conn, "SELECT sql FROM main.sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name")
	for _, form := range forms {
		for _, kind := range []string{"CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX "} {
			if rest, ok := strings.CutPrefix(form, kind); ok {
				statements = append(statements, kind+"plain."+rest)
			}
		}
	}
	return statements, err
}

func (c *plainCopy) postgres(ctx context.Context, conn *sql.Conn, _ string) (statements []string, err error) {
	c.tables, err = queryTexts(ctx, conn, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
	statements = []string{"CREATE SCHEMA plain"}
	for _, table := range c.tables {
		statements = append(statements, "CREATE TABLE plain."+table+" (LIKE "+table+" INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)")
	}
	return statements, err
}
