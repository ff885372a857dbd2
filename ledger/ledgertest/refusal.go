package ledgertest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger"
)

// Refusal is one reason why a ledger refused something, without its words.
type Refusal struct {
	Draft int // place in the batch or in the list of accounts, from 0; −1 where none is meant
	Code  ledger.Code
	Line  int // place of the line in its draft, from 0; −1 where none is meant
}

// String writes the code and, where they are meant, the places.
func (r Refusal) String() string {
	text := string(r.Code)
	if r.Draft >= 0 {
		text = fmt.Sprintf("draft %d: %s", r.Draft, text)
	}
	if r.Line >= 0 {
		text += fmt.Sprintf(" in line %d", r.Line)
	}
	return text
}

// Refusals takes the reasons out of an error of package ledger, in their order. It returns any other error as it is.
func Refusals(err error) ([]Refusal, error) {
	if err == nil {
		return nil, nil
	}
	if faults, ok := errors.AsType[ledger.Faults](err); ok {
		all := make([]Refusal, len(faults))
		for i, f := range faults {
			all[i] = Refusal{Draft: f.Draft, Code: f.Code, Line: f.Line}
		}
		return all, nil
	}
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return []Refusal{{Draft: e.Draft, Code: e.Code, Line: e.Line}}, nil
	}
	return nil, err
}

// one is a refusal of the whole.
func one(code ledger.Code) []Refusal { return []Refusal{{Draft: -1, Code: code, Line: -1}} }

// ordered sorts refusals as the ledger promises to: by drafts, then by precedence, then by lines.
func ordered(refusals []Refusal) []Refusal {
	slices.SortStableFunc(refusals, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(a.Draft, b.Draft), cmp.Compare(slices.Index(ledger.Codes(), a.Code), slices.Index(ledger.Codes(), b.Code)),
			cmp.Compare(a.Line, b.Line))
	})
	return refusals
}
