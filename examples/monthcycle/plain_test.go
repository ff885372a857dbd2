//go:build unix

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/ledger/store"
)

// plainCopy is how one engine inserts all rows of a database again: tables of the same form are made first, without triggers, and are not timed.
type plainCopy struct {
	make   []string
	insert []string
}

func (c *plainCopy) run(ctx context.Context, conn *sql.Conn, statements []string) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", statement, err), tx.Rollback())
		}
	}
	return tx.Commit()
}

// queryTexts returns the only column of a query.
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

// preparePlain makes the tables on a connection that the copy then goes over.
func preparePlain(ctx context.Context, db *store.DB, file string) (*plainCopy, *sql.Conn, error) {
	write, _ := db.Pools()
	conn, err := write.DB.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	c := &plainCopy{}
	if db.Dialect().Name() == "sqlite" {
		err = c.sqlite(ctx, conn, file)
	} else {
		err = c.postgres(ctx, conn)
	}
	if err == nil {
		err = c.run(ctx, conn, c.make)
	}
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	return c, conn, nil
}

func (c *plainCopy) sqlite(ctx context.Context, conn *sql.Conn, file string) error {
	for _, statement := range []string{"ATTACH DATABASE '" + file + "' AS plain", "PRAGMA plain.journal_mode = WAL", "PRAGMA plain.synchronous = FULL"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	tables, err := queryTexts(ctx, conn, "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
	if err != nil {
		return err
	}
	for _, table := range tables {
		c.insert = append(c.insert, "INSERT INTO plain."+table+" SELECT * FROM main."+table)
	}
	forms, err := queryTexts(ctx, conn, "SELECT sql FROM main.sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name")
	for _, form := range forms {
		for _, kind := range []string{"CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX "} {
			if rest, ok := strings.CutPrefix(form, kind); ok {
				c.make = append(c.make, kind+"plain."+rest)
			}
		}
	}
	return err
}

func (c *plainCopy) postgres(ctx context.Context, conn *sql.Conn) error {
	tables, err := queryTexts(ctx, conn, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
	c.make = []string{"CREATE SCHEMA plain"}
	for _, table := range tables {
		c.make = append(c.make, "CREATE TABLE plain."+table+" (LIKE "+table+" INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)")
		c.insert = append(c.insert, "INSERT INTO plain."+table+" SELECT * FROM "+table)
	}
	return err
}
