// Package statement makes the statements of a fund (会计报表) from the balances of its book: 资产负债表 and 收支表, monthly and yearly, of every fund whose form the
// standard gives; the trial balance (科目余额表); and the pages of the general and detail ledgers (总账, 明细账). It checks the logic relations between them and
// writes them as HTML and CSV.
//
// Every figure leads to its terms, accounts and lines (Statement.Traced, TrialBalance.Traced, Detail); a State says of which records a paper was made; WriteCells
// is the file in which figures are issued; Roll shows how net assets moved, with what nothing explains on a line of its own.
//
// Rows and formulas are data of package accounts, parsed and type-checked when the chart is loaded. This package only evaluates them over a Balances, which a
// host implements on its ledger; there is no database, no clock and no output here, and equal figures give equal bytes. Every cell knows the accounts it came
// from.
//
// Where the official text contradicts itself, the data hold both readings, and Reading chooses.
package statement
