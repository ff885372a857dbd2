// Package reconcile holds a bank's statement against the account of money in a fund's book and writes the paper about it: the bank reconciliation statement
// (银行存款余额调节表) with every difference classed, aged and explained in plain words. It reads, and writes nothing but its paper.
package reconcile
