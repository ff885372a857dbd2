package statement

import (
	"encoding/hex"
	"fmt"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/seal"
)

// State is the state of a book that figures were read from (账簿状态): after how many records, and the Merkle root over them. Whoever holds the book computes the
// root anew and knows that not a byte of what the figures rest on has changed. The zero State is printed as nothing, for books of other systems.
type State struct {
	Book   string          // such as 1/1
	Seq    int64           // number of the last record, from 1
	Root   seal.Hash       // over the first Seq records
	Period calendar.Period // the period that record Seq closed; zero where the book was read in the middle of a period
	Closed calendar.Date   // the day of that closing; zero likewise
}

// Text says the state in words, or nothing for the zero State. Figures that were read in the middle of a period are called open: they may still change.
func (s State) Text(l Language) string {
	if s == (State{}) {
		return ""
	}
	root := hex.EncodeToString(s.Root[:])
	zh, en := fmt.Sprintf("账簿 %s 第 %d 号记录", s.Book, s.Seq), fmt.Sprintf("book %s after record %d", s.Book, s.Seq)
	if s.Period.IsZero() {
		zh, en = zh+"（期间未结账，数字尚可变动）", en+" (period not closed, figures may change)"
	} else {
		zh, en = zh+fmt.Sprintf("（%s 结账，%s）", s.Period, s.Closed), en+fmt.Sprintf(" (closing of %s, %s)", s.Period, s.Closed)
	}
	return l.label(zh+"，根 "+root, en+", root "+root)
}
