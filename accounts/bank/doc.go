// Package bank holds the bank's side of a fund: its accounts (银行账户), the statements the bank sends (银行对账单), the payment orders sent to the bank
// (付款指令), and the reconciliation of statement and books (银行对账) with its closing paper, the 银行存款余额调节表.
//
// Everything here is pure: types, readers, writers and calculations; nothing is stored. An Amount is in minor units of its account's currency and is
// signed as the account holder sees it: money in (a credit on the bank's statement) is positive, money out negative. Dates are civil dates as the bank
// wrote them; no time zone is applied.
//
// Two kinds of trouble are kept apart. A Fault says that a file cannot be read (a bad line, an impossible amount, a wrong encoding): all faults of a file
// come together in *Faults and nothing of the file is returned. A Discrepancy says that a readable statement disagrees with itself or with its neighbour
// (it does not foot, a control total differs, it came twice): the statement is returned with it, and the caller decides. Neither is ever dropped.
//
// ReadText reads delimited text by a mapping file and WriteText writes payment files for banks that take no ISO 20022; the package iso20022 beside this
// one reads camt.053 and camt.054, writes pain.001 and reads pain.002.
package bank
