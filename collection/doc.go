// Package collection computes what employers and members owe: contributions (社会保险费) and the surcharge on arrears (滞纳金).
//
// The arithmetic here is pure: dated parameters come from package registration/scheme, sums of money are minor units, products are exact and rounded once
// at the stage a rule names. Every result holds the figures and sources it was computed from.
package collection
