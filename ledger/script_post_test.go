package ledger_test

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func (s *script) post(c command) error {
	_, err := s.ledger.Post(s.t.Context(), s.id(c), s.draft(c, c.below))
	return err
}

func (s *script) batch(c command) error {
	var drafts []ledger.Draft
	for i := 0; i < len(c.below); {
		end := i + 1
		for end < len(c.below) && c.below[end].words[0] != "draft" {
			end++
		}
		drafts = append(drafts, s.draft(c.below[i], c.below[i+1:end]))
		i = end
	}
	_, err := s.ledger.PostAll(s.t.Context(), s.id(c), drafts)
	return err
}

func (s *script) draft(c command, lines []command) ledger.Draft {
	d := ledger.Draft{
		Key: c.field("key", fmt.Sprint("key ", s.number)), Kind: c.field("kind", ""), Effective: s.date(c.field("date", "2026-01-05")),
		Period: s.parsePeriod(c.field("period", "0")), Voucher: c.field("voucher", ""), Description: c.field("text", ""), EnteredBy: c.field("by", "clerk"),
		ApprovedBy: c.field("approved", ""), Transfer: c.field("transfer", ""), Act: []byte(c.field("act", "")),
		Source: ledger.Source{Kind: c.field("source", ""), ID: c.field("id", ""), Hash: []byte(c.field("hash", ""))},
	}
	if name, ok := c.fields["attached"]; ok {
		d.Attachments = []ledger.Attachment{{Name: name, Hash: []byte(c.field("attached-hash", ""))}}
	}
	if value, ok := c.fields["meta"]; ok {
		d.Metadata = map[string]string{"meta": value}
	}
	for _, line := range lines {
		d.Lines = append(d.Lines, s.line(line))
	}
	return d
}

func (s *script) line(c command) ledger.Line {
	line := ledger.Line{Code: c.words[1], Tag: c.field("tag", "")}
	switch c.words[0] {
	case "debit":
		line.Side = ledger.Debit
	case "credit":
		line.Side = ledger.Credit
	case "aside": // on no side
	default:
		s.t.Fatalf("%s: neither debit, credit nor aside", c.text)
	}
	amount, err := money.MustCurrency("CNY").Parse(c.words[2])
	must(s.t, err)
	line.Amount = amount
	line.Account = ledger.AccountNo(s.int(c.field("number", "0")))
	line.Month = calendar.Month(s.int(c.field("month", "0")))
	return line
}

func (s *script) reverse(c command) error {
	_, err := s.ledger.Reverse(s.t.Context(), s.id(c), ledger.Seq(s.int(c.words[2])), ledger.Reversal{
		Key: c.field("key", fmt.Sprint("key ", s.number)), Effective: s.date(c.field("date", "2026-01-05")), Period: s.parsePeriod(c.field("period", "0")),
		Reason: c.field("reason", "entered twice"), EnteredBy: c.field("by", "clerk"),
	})
	return err
}

// hold has another program post into the book and not commit before the test ends.
func (s *script) hold(c command) error {
	other := storetest.OpenAt(s.t, s.kind, s.at)
	write, _ := other.Pools()
	tx, err := write.BeginTx(context.Background(), other.Dialect().UpdateOptions())
	if err != nil {
		return err
	}
	s.t.Cleanup(func() { must(s.t, tx.Rollback()) })
	_, err = ledgertest.Ledger(s.t, other, ledgertest.NewClock()).PostTx(s.t.Context(), tx, s.id(c), ledger.Draft{
		Key: "held", Kind: "held", Effective: ledgertest.Opened, EnteredBy: "another program",
	})
	return err
}

func (s *script) damage(c command) error {
	return s.db.Update(s.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := dropTriggers(ctx, tx); err != nil {
			return err
		}
		id := s.id(c)
		_, err := tx.Exec(ctx, `UPDATE ledger_entry SET header = ? WHERE realm_id = ? AND book_no = ? AND seq = ?`, []byte{0x80}, id.Realm, id.Number, s.int(c.words[2]))
		return err
	})
}
