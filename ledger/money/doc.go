// Package money holds amounts as checked whole minor units and converts them to and from exact decimals.
//
// Inside the ledger an Amount is an int64 of minor units (fen, cents) whose currency and scale belong to the book. Decimals
// (github.com/shopspring/decimal) stand at the edges: text, rates, formulas. A conversion is exact or it is refused; digits are dropped only by a
// Rounding that the caller names. No float is read or written anywhere.
package money
