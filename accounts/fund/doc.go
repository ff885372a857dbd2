// Package fund keeps the books of social-insurance funds (社会保险基金): it opens a book in the ledger from the chart of accounts, turns events into entries by
// the standard's templates, holds every movement of money against the allowed-flow matrix, and closes months and years.
// Statements are made in the state of a closing (ClosingState, FiguresAt), so that they are the same whenever they are made, and their issue is sealed (Issue).
//
// Each fund of each agency is one book. An event's entry and the change of members' rights that goes with it are one entry of the ledger, so that they stand or
// fall together. Vouchers name two persons, the source they come from and the originals attached to them; only closing and correcting vouchers go without
// originals (会计基础工作规范 51(四)).
package fund
