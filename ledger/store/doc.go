// Package store opens a transaction on PostgreSQL or SQLite, moves rows in bulk, applies schema files and says what kind an error is. It knows
// nothing of accounts: the SQL of a table lives in the package that owns the table.
//
//   - [DB.Update] is one write transaction. It is repeated after a serialization failure, a deadlock or a busy answer, so its function must be
//     repeatable. It is never repeated after COMMIT was sent: such an error has the class [CommitUnknown], and the caller reads back by its
//     idempotency key.
//   - [DB.View] is one read-only snapshot.
//   - [DB.Join] puts a [Tx] over the host's own transaction, so that the host's rows and ours are committed together.
//   - [Tx.Insert] adds many rows from typed columns with few statements.
//   - [DB.Migrate] brings schema lines up to date and refuses a database that is newer than the program.
//
// Queries are written with ? marks on both engines. What differs between them is behind [Dialect] (packages postgres and sqlite).
// Every error is an [*Error] with a [Class]; test it with errors.Is(err, store.ErrDuplicate) and its sisters.
//
// Both engines behave alike after a failed statement: the transaction takes no further statement and cannot be committed. PostgreSQL does so by
// itself; on SQLite the Tx does it, because SQLite rolls back by itself after some errors and would run the next statement outside a transaction.
package store
