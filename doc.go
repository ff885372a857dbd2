// Package fundledger is the root of a fund accounting and audit engine for social-insurance agencies. It holds no code; begin with the packages
//
//   - ledger: double-entry books, append-only and tamper-evident, on PostgreSQL and SQLite
//   - accounts: charts of accounts, funds, vouchers, personal accounts, bank statements, financial statements
//   - registration: employers, members, enrolments, and the law as dated parameters
//   - collection and benefits: what is owed, what came in, what is paid
//   - audit: rules, findings, reports, exports
//
// and with the programs in examples. Imports point from the end of this list to its beginning, never back; layout_test.go holds that.
package fundledger
