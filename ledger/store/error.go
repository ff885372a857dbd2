package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Class is the kind of a storage error: what a caller can do about it.
type Class uint8

// The classes. Their order has no meaning; their texts are stable.
const (
	Other         Class = iota // none of the below: a wrong statement, a fault of the engine
	Busy                       // a lock was not had in time; try again
	Serialization              // the snapshot was overtaken by another transaction; run the transaction again
	Deadlock                   // chosen as victim of a deadlock; run the transaction again
	Duplicate                  // a primary key or unique key exists already
	Integrity                  // a foreign key, check, not-null, domain or trigger rule refused the row, or a value does not fit its type
	AppendOnly                 // a trigger refused to update, delete or truncate what is only ever added
	StorageFull                // no room on disk, or the size limit of the file is reached
	Connection                 // the connection was lost or cannot be made
	Permission                 // the role, or a read-only store, does not allow it
	Corrupt                    // the stored data are damaged
	Canceled                   // the context was cancelled, or a time limit of the server ended the statement
	CommitUnknown              // COMMIT returned an error: the transaction may be stored or not; read back, then decide
)

var classNames = [...]string{
	Other: "other", Busy: "busy", Serialization: "serialization failure", Deadlock: "deadlock", Duplicate: "duplicate key",
	Integrity: "integrity", AppendOnly: "append-only", StorageFull: "storage full", Connection: "connection", Permission: "permission",
	Corrupt: "corrupt", Canceled: "canceled", CommitUnknown: "commit outcome unknown",
}

// String is the stable text of the class.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return fmt.Sprintf("class %d", uint8(c))
}

// AppendOnlyMark is what the message of a trigger contains that refuses UPDATE, DELETE or TRUNCATE of an append-only table, on both engines:
// RAISE EXCEPTION 'append-only: table line' and RAISE(ABORT, 'append-only: table line').
const AppendOnlyMark = "append-only"

// classError is the type of the sentinels; errors.Is compares it with the class of an *Error.
type classError Class

func (c classError) Error() string { return "store: " + Class(c).String() }

// One sentinel for each class, for errors.Is.
var (
	ErrBusy          error = classError(Busy)
	ErrSerialization error = classError(Serialization)
	ErrDeadlock      error = classError(Deadlock)
	ErrDuplicate     error = classError(Duplicate)
	ErrIntegrity     error = classError(Integrity)
	ErrAppendOnly    error = classError(AppendOnly)
	ErrStorageFull   error = classError(StorageFull)
	ErrConnection    error = classError(Connection)
	ErrPermission    error = classError(Permission)
	ErrCorrupt       error = classError(Corrupt)
	ErrCanceled      error = classError(Canceled)
	ErrCommitUnknown error = classError(CommitUnknown)
)

// Errors of misuse, found before the engine is asked. They arrive inside an *Error of class Other.
var (
	ErrNested  = errors.New("nested Update of the same DB; give the inner work the outer Tx")
	ErrLook    = errors.New("DB.Look only queries; write in DB.Update")
	ErrName    = errors.New("a table or column name must match [a-z_][a-z0-9_]*")
	ErrColumns = errors.New("columns of one insert must have the same length, and at least one column is needed")
	ErrText    = errors.New("text must be valid UTF-8 without NUL")
)

// Error is every error that leaves this package. Get it with errors.As, or test its class with errors.Is(err, ErrBusy).
type Error struct {
	Op         string // what was tried: begin, exec "UPDATE …", insert line, commit, migrate ledger
	Class      Class
	Constraint string // the constraint or unique index, as PostgreSQL would name it; empty when the engine does not say
	Table      string // the table it belongs to; empty when the engine does not say
	Err        error  // the cause: the driver's error, possibly joined with the context's
}

func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "store: %s: %s", e.Op, e.Class)
	if e.Constraint != "" {
		fmt.Fprintf(&text, " %s", e.Constraint)
	}
	if e.Table != "" {
		fmt.Fprintf(&text, " on table %s", e.Table)
	}
	if e.Err != nil {
		fmt.Fprintf(&text, ": %v", e.Err)
	}
	return text.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinel of the error's class.
func (e *Error) Is(target error) bool {
	class, ok := target.(classError)
	return ok && Class(class) == e.Class
}

// ClassOf is the class of the outermost *Error in err's chain, and Other when there is none.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return Other
}

// Problem is what a Dialect reads from a driver's error.
type Problem struct {
	Class      Class
	Constraint string
	Table      string
	Outdated   bool // a prepared statement does not fit the tables any more; prepared anew it may
}

// wrap turns any error of a driver or of database/sql into an *Error. An *Error is returned as it is. A context that ended is the reason of
// whatever the driver says next, unless the driver names a rule that the data broke.
func wrap(ctx context.Context, dialect Dialect, op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	problem, known := classify(dialect, err)
	if ended := contextEnd(ctx); ended != nil && endsWithContext(problem.Class, known) {
		problem = Problem{Class: Canceled}
		if !errors.Is(err, ended) {
			err = errors.Join(ended, err)
		}
	}
	return &Error{Op: op, Class: problem.Class, Constraint: problem.Constraint, Table: problem.Table, Err: err}
}

// contextEnd is the context's error. A connection that is dialled gives up at the context's deadline by itself, and may do so a moment before
// the context does; the deadline is of the machine's clock, so that clock decides.
func contextEnd(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && time.Until(deadline) <= 0 {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

func endsWithContext(class Class, known bool) bool {
	switch class {
	case Canceled, Connection, Busy:
		return true
	case Other:
		return !known
	}
	return false
}

// classify asks the dialect, then looks for what database/sql and the net report by themselves. known is false for an error that is no
// storage error at all.
func classify(dialect Dialect, err error) (problem Problem, known bool) {
	if problem, known = dialect.Classify(err); known {
		return problem, true
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Problem{Class: Canceled}, true
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Problem{Class: Connection}, true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return Problem{Class: Connection}, true
	}
	return Problem{}, errors.Is(err, sql.ErrTxDone)
}
