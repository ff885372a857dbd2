// Package calendar holds civil dates, months and accounting periods as plain integers that sort, compare, store and read the same in Go, in SQL
// and on paper: a Date is 20260131, a Month is 202601, a Period is 202601 to 202613.
//
// There is no clock and no time zone here. The zero value of each type means "none"; every other value made by the constructors is a real date.
// All ranges in this module are inclusive at both ends unless a comment says otherwise.
package calendar
