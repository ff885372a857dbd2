// Package identity reads the two numbers by which social insurance knows people and organisations, and says exactly what is wrong with a bad one:
//
//   - [Number], the resident identity number (公民身份号码, GB 11643-1999), 18 characters with a check character modulo 11 (ISO 7064 MOD 11-2);
//   - [CreditCode], the unified social credit code (统一社会信用代码, GB 32100-2015), 18 characters with a check character modulo 31.
//
// An identity number is personal. Number therefore prints masked everywhere (fmt, JSON, slog), cannot be handed to a database driver by accident, and shows
// itself only through Reveal. What may leave the one table that holds the numbers is a [Pseudonym]: a keyed hash that is equal for equal numbers and says
// nothing to who does not have the [Key].
//
// A correct check character proves that a number was not mistyped, not that it was ever issued. Everything here is pure.
package identity
