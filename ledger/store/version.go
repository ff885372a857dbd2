package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// versionTable is the table of applied files of one line, in place of goose's own: the number is the primary key, so that two processes cannot
// both apply a file, and the SHA-256 of each file is kept.
type versionTable struct {
	dialect Dialect
	table   string
	files   map[int64]schemaFile // the program's, and an empty one for goose's version 0
	latest  int64
}

type schemaFile struct{ name, sum string }

func newVersionTable(dialect Dialect, table string, files fs.FS) (*versionTable, error) {
	v := &versionTable{dialect: dialect, table: table, files: map[int64]schemaFile{0: {}}}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		number, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("schema file %s/%s: %w", dialect.Name(), name, err)
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		v.files[number] = schemaFile{name: name, sum: hex.EncodeToString(sum[:])}
		v.latest = max(v.latest, number)
	}
	if len(v.files) == 1 {
		return nil, fmt.Errorf("no file %s/NNNNN_name.sql: %w", dialect.Name(), ErrNoFiles)
	}
	return v, nil
}

// check compares the applied files with the program's and reports whether some are still to be applied.
func (v *versionTable) check(ctx context.Context, db database.DBTxConn) (pending bool, err error) {
	rows, err := db.QueryContext(ctx, "SELECT version, name, sha256 FROM "+v.table+" WHERE version > 0 ORDER BY version")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var faults []error
	applied := 0
	for rows.Next() {
		var number int64
		var name, sum string
		if err := rows.Scan(&number, &name, &sum); err != nil {
			return false, err
		}
		applied++
		file, known := v.files[number]
		switch {
		case number > v.latest:
			faults = append(faults, fmt.Errorf("file %d %s was applied, the latest known is %d: %w", number, name, v.latest, ErrNewerSchema))
		case !known:
			faults = append(faults, fmt.Errorf("file %d %s was applied and is now missing: %w", number, name, ErrChangedSchema))
		case file.sum != sum:
			faults = append(faults, fmt.Errorf("file %d %s has SHA-256 %s, applied was %s: %w", number, name, file.sum, sum, ErrChangedSchema))
		}
	}
	return applied < len(v.files)-1, errors.Join(append(faults, rows.Err())...)
}

// has reports whether the file was applied.
func (v *versionTable) has(ctx context.Context, db database.DBTxConn, number int64) (bool, error) {
	if number == 0 {
		return false, nil
	}
	_, err := v.GetMigration(ctx, db, number)
	if errors.Is(err, database.ErrVersionNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Tablename and the methods below make a versionTable a goose database.Store.
func (v *versionTable) Tablename() string { return v.table }

// TableExists looks in the engine's catalogue.
func (v *versionTable) TableExists(ctx context.Context, db database.DBTxConn) (exists bool, err error) {
	err = db.QueryRowContext(ctx, v.dialect.Rebind(v.dialect.TableExists()), v.table).Scan(&exists)
	return exists, err
}

func (v *versionTable) CreateVersionTable(ctx context.Context, db database.DBTxConn) error {
	_, err := db.ExecContext(ctx, "CREATE TABLE "+v.table+" (version bigint NOT NULL PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,"+
		" applied_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)")
	return err
}

func (v *versionTable) Insert(ctx context.Context, db database.DBTxConn, request database.InsertRequest) error {
	file := v.files[request.Version]
	_, err := db.ExecContext(ctx, v.dialect.Rebind("INSERT INTO "+v.table+" (version, name, sha256) VALUES (?, ?, ?)"),
		request.Version, file.name, file.sum)
	return err
}

func (v *versionTable) Delete(ctx context.Context, db database.DBTxConn, version int64) error {
	_, err := db.ExecContext(ctx, v.dialect.Rebind("DELETE FROM "+v.table+" WHERE version = ?"), version)
	return err
}

func (v *versionTable) GetMigration(ctx context.Context, db database.DBTxConn, version int64) (*database.GetMigrationResult, error) {
	var at time.Time
	err := db.QueryRowContext(ctx, v.dialect.Rebind("SELECT applied_at FROM "+v.table+" WHERE version = ?"), version).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, database.ErrVersionNotFound
	}
	if err != nil {
		return nil, err
	}
	return &database.GetMigrationResult{Timestamp: at, IsApplied: true}, nil
}

func (v *versionTable) GetLatestVersion(ctx context.Context, db database.DBTxConn) (int64, error) {
	var latest sql.NullInt64
	if err := db.QueryRowContext(ctx, "SELECT max(version) FROM "+v.table).Scan(&latest); err != nil {
		return 0, err
	}
	if !latest.Valid {
		return 0, database.ErrVersionNotFound
	}
	return latest.Int64, nil
}

func (v *versionTable) ListMigrations(ctx context.Context, db database.DBTxConn) (list []*database.ListMigrationsResult, err error) {
	rows, err := db.QueryContext(ctx, "SELECT version FROM "+v.table+" ORDER BY version DESC")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		result := &database.ListMigrationsResult{IsApplied: true}
		if err := rows.Scan(&result.Version); err != nil {
			return nil, err
		}
		list = append(list, result)
	}
	return list, rows.Err()
}

// schemaLock is the dialect's lock as a goose session locker.
type schemaLock struct{ dialect Dialect }

func (l schemaLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	return l.dialect.LockSchema(ctx, conn)
}

func (l schemaLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	return l.dialect.UnlockSchema(ctx, conn)
}
