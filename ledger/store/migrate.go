package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// Schema is one line of schema files. Files holds <dialect>/NNNNN_name.sql in goose's form, for instance postgres/00001_book.sql. A released file
// never changes; a change of the schema is a new file.
type Schema struct {
	Line  string // [a-z][a-z0-9_]*, at most 40 bytes: ledger, accounts; names the version table fundledger_schema_<line>
	Files fs.FS
}

// versionTablePrefix leads the name of every version table.
const versionTablePrefix = "fundledger_schema_"

// Errors of Migrate. Test with errors.Is.
var (
	ErrNewerSchema   = errors.New("the database was migrated by a newer release; install that release or a later one")
	ErrChangedSchema = errors.New("a schema file differs from the one that was applied; released files never change")
	ErrNoFiles       = errors.New("a schema line holds files for each engine")
	ErrSchemaLine    = errors.New("a schema line is named by [a-z][a-z0-9_]*, at most 40 bytes, once")
)

var linePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// Migrate applies the files that the database does not have yet, line by line in the order given. It may be called at every start and by several
// processes at once. Each file is one transaction unless it says otherwise, so that an interrupted migration goes on where it stopped.
//
// It refuses, before anything is applied to a line: a database that knows a later file of it (ErrNewerSchema), and a file whose bytes differ from
// those applied (ErrChangedSchema). The version table keeps number, name, SHA-256 and time of every file.
func (db *DB) Migrate(ctx context.Context, schemas ...Schema) error {
	seen := make(map[string]bool, len(schemas))
	for _, schema := range schemas {
		if !linePattern.MatchString(schema.Line) || seen[schema.Line] {
			return &Error{Op: "migrate", Class: Other, Err: fmt.Errorf("line %q: %w", schema.Line, ErrSchemaLine)}
		}
		seen[schema.Line] = true
	}
	for _, schema := range schemas {
		if err := db.migrateLine(ctx, schema); err != nil {
			return wrap(ctx, db.dialect, "migrate "+schema.Line, err)
		}
	}
	return nil
}

// migrateLine applies one line. When another process applied a file meanwhile, the attempt fails on that file's version row (its number is the
// primary key, written in the file's own transaction); then the rest is tried again.
func (db *DB) migrateLine(ctx context.Context, schema Schema) error {
	files, err := fs.Sub(schema.Files, db.dialect.Name())
	if err != nil {
		return err
	}
	versions, err := newVersionTable(db.dialect, versionTablePrefix+schema.Line, files)
	if err != nil {
		return err
	}
	if err := db.makeVersionTable(ctx, versions); err != nil {
		return err
	}
	for {
		pending, err := versions.check(ctx, db.write.DB)
		if err != nil || !pending {
			return err
		}
		provider, err := goose.NewProvider(goose.DialectCustom, db.write.DB, files,
			goose.WithStore(versions), goose.WithSessionLocker(schemaLock{db.dialect}),
			goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
		if err != nil {
			return err
		}
		_, upErr := provider.Up(ctx)
		if upErr == nil {
			continue // to check what is there now
		}
		overtaken, err := versions.has(ctx, db.write.DB, failedVersion(upErr))
		if err != nil || !overtaken {
			return upErr
		}
	}
}

// makeVersionTable makes the table of a new line. goose would make it too, but without the lock, and wait a second when two do it at once.
func (db *DB) makeVersionTable(ctx context.Context, versions *versionTable) (err error) {
	if exists, err := versions.TableExists(ctx, db.write.DB); err != nil || exists {
		return err
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := db.dialect.LockSchema(ctx, conn); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.dialect.UnlockSchema(context.WithoutCancel(ctx), conn)) }()
	tx, err := conn.BeginTx(ctx, db.dialect.UpdateOptions())
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing, before it the first error counts
	if exists, err := versions.TableExists(ctx, tx); err != nil || exists {
		return err
	}
	if err := versions.CreateVersionTable(ctx, tx); err != nil {
		return err
	}
	if err := versions.Insert(ctx, tx, database.InsertRequest{Version: 0}); err != nil {
		return err
	}
	return tx.Commit()
}

// failedVersion is the number of the file that Up could not apply, 0 when the error is about something else.
func failedVersion(err error) int64 {
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		return partial.Failed.Source.Version
	}
	return 0
}
