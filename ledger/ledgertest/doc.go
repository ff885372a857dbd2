// Package ledgertest helps to test what posts into a ledger: a ledger with a chart that is ready for posting, generators of good and of broken drafts for
// pgregory.net/rapid, and Model, a ledger of maps and slices that says what the real one must do. Only tests may import it.
//
//	f := ledgertest.New(t, db)
//	f.Post(t, ledgertest.Transfer("receipt 1", calendar.MustDate(2026, 1, 5), "1002", "4001", 100_00))
//
// Model shares no code with package ledger but its public types. It adds up every line of every entry for every question, so that its answers are plain to
// see, and it serves tests with thousands of lines, not with millions.
package ledgertest
