// Package ledger keeps double-entry books: decimal-exact, append-only and tamper-evident, on PostgreSQL and SQLite.
//
// A realm is a pooling area, or any other tenant. It holds books; a book holds accounts and entries in one currency. An Entry is immutable, numbered
// without gaps, and balances to zero in each of the two sections, general and memorandum. An entry without lines records an act, so that opening an account
// or closing a month is sealed like money. Nothing is ever changed or deleted: Reverse posts the mirror of an entry in red, and what was wrong is posted
// anew.
//
// # Invariants
//
// Each is held at least twice, in places that name each other: where entries are posted, and in Verify, which derives everything from the records alone.
// TestRandomHistoriesEqualTheModel proves all but 2, 8 and 9 against a naive model, and TestVerifyNamesEveryChangeBehindTheLedgersBack that Verify sees each
// broken; the tests named are the ones to read first.
//
//  1. Every entry adds up to zero in each section, and so does every book after every entry (check.go, batch.balanced, verify): TestVerifyFindsNothingInABookThatOnlyTheLedgerWrote.
//  2. Records, entries and lines are only ever added. No function changes them; triggers in the schema refuse it: TestWhatIsWrittenOnceIsNotChangedOrDeleted.
//  3. Numbers of entries, lines, accounts and vouchers have no gaps. The recorded time never goes back in a book: TestManyWritersOfOneBookLeaveNoGap.
//  4. One idempotency key, one entry: an equal draft is answered with the entry that is there, another one is refused. This comes before every other check.
//  5. Nothing is posted into a closed period. Periods close in order and reopen in reverse; an issued one never reopens (period.go serves both sides).
//  6. Every derived row equals what the records say. Limits of accounts hold after every entry.
//  7. A reversal mirrors one entry, at most once, and says why.
//  8. The Merkle root of a book covers every byte of every record in its order.
//  9. The same operations give the same records, rows and roots on both engines, clock and seeds given.
//  10. Overflow, more digits than the currency has, an unknown account, another book's account: a typed error, and nothing is written.
//
// # Transactions
//
// Every write and read exists twice: X in a transaction of its own, and XTx in the host's, for any transaction with ExecContext and QueryContext. A book has one
// writer at a time; its row is the lock. Callers of Post who come together share one transaction (queue.go), so that many of them pay one commit. Whoever
// writes several books in one transaction locks them in the order of realm and number.
//
// # Errors
//
// Whatever the ledger refuses comes back as an *Error with a stable Code, or as Faults when there are several; test with errors.Is(err, ledger.ErrUnbalanced).
// Errors of the database are *store.Error.
package ledger
