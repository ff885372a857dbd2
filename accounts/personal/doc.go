// Package personal keeps members' personal accounts (个人账户).
//
// The interest of a year is computed here without a database: the method, the rate and the rounding are data of the scheme, one account gives its steps,
// and a whole set of accounts is computed in machine words with the same results.
package personal
