package registration

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/sheet"
)

// Act is what an order did (业务办理记录). Who gave it, when, and for which day is the entry Seq of the register book.
type Act struct {
	Seq           ledger.Seq
	Kind          string // KindEnrol and its sisters
	Rows          int
	FirstEmployer EmployerNo
	FirstMember   MemberNo
	Admit         Flags
	Flagged       int
}

func readAct(ctx context.Context, tx *store.Tx, realm int32, seq ledger.Seq) (Act, error) {
	acts, err := actsFrom(ctx, tx, realm, seq, seq)
	if err != nil {
		return Act{}, err
	}
	if len(acts) == 0 {
		return Act{}, unknown(ErrActUnknown, fmt.Sprintf("entry %d of the register book of realm %d is no act of registration", seq, realm), "check the number")
	}
	return acts[0], nil
}

func actsFrom(ctx context.Context, tx *store.Tx, realm int32, from, to ledger.Seq) (acts []Act, err error) {
	err = query(ctx, tx, `SELECT seq, kind, rows_count, first_no, admit, flagged FROM registration_act WHERE realm_id = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`,
		[]any{realm, int64(from), int64(to), pageMembers}, func(rows *store.Rows) error {
			var a Act
			var first int32
			if err := rows.Scan(&a.Seq, &a.Kind, &a.Rows, &first, &a.Admit, &a.Flagged); err != nil {
				return err
			}
			switch a.Kind {
			case KindEmployerRegister:
				a.FirstEmployer = EmployerNo(first)
			case KindMemberRegister:
				a.FirstMember = MemberNo(first)
			}
			acts = append(acts, a)
			return nil
		})
	return acts, err
}

// Acts returns the acts of registration from an entry on, in their order.
func (r *Reader) Acts(ctx context.Context, realm int32, from ledger.Seq) iter.Seq2[Act, error] {
	return func(yield func(Act, error) bool) {
		for {
			var acts []Act
			err := r.view(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				acts, err = actsFrom(ctx, tx, realm, from, math.MaxInt64)
				return err
			})
			if err != nil {
				yield(Act{}, err)
				return
			}
			for _, a := range acts {
				if !yield(a, nil) {
					return
				}
				from = a.Seq + 1
			}
			if len(acts) < pageMembers {
				return
			}
		}
	}
}

// Sheet returns the sealed sheet of an act: what was ordered, row by row. The error is ErrActUnknown, or a *sheet.FormatError for a damaged one.
func (r *Reader) Sheet(ctx context.Context, realm int32, seq ledger.Seq) (found *sheet.Sheet, err error) {
	err = r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		parts, err := sheetParts(ctx, tx, realm, seq)
		if err != nil {
			return err
		}
		found, err = readSheet(parts)
		return err
	})
	return found, err
}

func sheetParts(ctx context.Context, tx *store.Tx, realm int32, seq ledger.Seq) (parts [][]byte, err error) {
	err = query(ctx, tx, `SELECT content FROM registration_sheet WHERE realm_id = ? AND seq = ? ORDER BY part`, []any{realm, int64(seq)}, func(rows *store.Rows) error {
		var part []byte
		err := rows.Scan(&part)
		parts = append(parts, part)
		return err
	})
	if err == nil && len(parts) == 0 {
		err = unknown(ErrActUnknown, fmt.Sprintf("entry %d of the register book of realm %d has no sheet", seq, realm), "check the number")
	}
	return parts, err
}

func readSheet(parts [][]byte) (*sheet.Sheet, error) {
	return sheet.Read(func(yield func([]byte, error) bool) {
		for _, part := range parts {
			if !yield(part, nil) {
				return
			}
		}
	})
}
