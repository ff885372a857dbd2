package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/pressly/goose/v3"
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
	for {
		provider, err := goose.NewProvider(goose.DialectCustom, db.write.DB, files,
			goose.WithStore(versions), goose.WithSessionLocker(schemaLock{db.dialect}),
			goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
		if err != nil {
			return err
		}
		// Status takes the lock and makes the version table; Up alone would make it without the lock.
		if _, err := provider.Status(ctx); err != nil {
			return err
		}
		if err := versions.check(ctx, db.write.DB); err != nil {
			return err
		}
		_, err = provider.Up(ctx)
		if err == nil {
			return versions.check(ctx, db.write.DB)
		}
		overtaken, lookErr := versions.has(ctx, db.write.DB, failedVersion(err))
		if lookErr != nil || !overtaken {
			return err
		}
	}
}

// failedVersion is the number of the file that Up could not apply, 0 when the error is about something else.
func failedVersion(err error) int64 {
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		return partial.Failed.Source.Version
	}
	return 0
}
