package fund

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// DetailOrder says which detail ledger is wanted.
type DetailOrder struct {
	AccountID  string // of the chart; an account that takes lines
	Year       int
	LinesAPage int               // as in statement.Detail
	Heading    statement.Heading // the state is set to that of the figures where it is zero

	// Leaves puts the hash of its entry beside every line. It costs a read of each entry.
	Leaves bool
}

// Detail returns the detail ledger (明细账) of an account for a year, through the last period of figures and in their state: its lines are read from the book while
// it is written, month by month, a page of them at a time, and every month is compared with the figures. ctx serves until then. A heading and the control of
// members' accounts have no lines of their own and are an *Error of code ErrNoLines; a year that the figures do not reach is one of code ErrNotRead.
func (f *Fund) Detail(ctx context.Context, figures *Figures, order DetailOrder) (*statement.Detail, error) {
	refuse := func(code Code, detail, hint string) error { return f.refuse(code, order.AccountID, detail, hint, nil) }
	if first := figures.Book.First; order.Year > figures.Through.Year() || order.Year < first.Year() {
		return nil, refuse(ErrNotRead, fmt.Sprintf("the figures are of %s to %s, the ledger is to be of %d", first, figures.Through, order.Year), "read the figures through that year")
	}
	chart, id := f.chart.Chart(), order.AccountID
	account, err := f.ledger.Account(ctx, f.book, chart.Code(f.chart.Fund, id))
	if err != nil {
		return nil, err
	}
	if account.Class == ledger.Heading || account.Class == ledger.Control {
		return nil, refuse(ErrNoLines, "a "+account.Class.String()+" has no lines of its own", "take the accounts below it, or the general ledger")
	}
	opening, err := figures.Opening(id, order.Year)
	if err != nil {
		return nil, err
	}
	if order.Heading.State == (statement.State{}) {
		order.Heading.State = figures.State.Printed()
	}
	last := min(figures.Through, calendar.Period(order.Year*100+calendar.ClosingPeriod)) // the last period of the ledger
	d := &statement.Detail{
		Account: f.opening(account, id), Fund: f.named(), Year: order.Year, Money: Currency(), Heading: order.Heading, Opening: opening, Through: last.Month(),
		First: max(figures.Book.First.Month(), calendar.Month(order.Year*100+1)), Complete: last.IsClosing() && last <= figures.Book.ClosedThrough, LinesAPage: order.LinesAPage,
		Expected: func(m calendar.Month) (debit, credit money.Amount, err error) {
			return figures.Turnover(id, m.Period(), lastOf(m, last), statement.WithClosing)
		},
	}
	d.Lines = func(yield func(statement.Posted, error) bool) {
		for m := d.First; m <= d.Through; m = m.Add(1) {
			if !figures.Moved(id, m.Period()) && !figures.Moved(id, lastOf(m, last)) {
				continue
			}
			if !f.detailLines(ctx, figures, account.No, m, last, order.Leaves, yield) {
				return
			}
		}
	}
	return d, nil
}

// lastOf returns the last period that belongs to a month in a ledger that ends with last: December has the closing period in it.
func lastOf(m calendar.Month, last calendar.Period) calendar.Period {
	if m.OfYear() == 12 && last.IsClosing() {
		return last
	}
	return m.Period()
}

// detailLines yields the lines of one month in the order of their entries. It reports whether more are wanted.
func (f *Fund) detailLines(ctx context.Context, figures *Figures, account ledger.AccountNo, m calendar.Month, last calendar.Period, leaves bool,
	yield func(statement.Posted, error) bool,
) bool {
	lines, err := f.ledger.Statement(ctx, f.book, account, ledger.Range{From: m.First(), To: m.Last(), Seq: figures.State.Seq})
	if err != nil {
		yield(statement.Posted{}, err)
		return false
	}
	var entry ledger.Seq // whose leaf was read last
	var leaf seal.Hash
	for line, err := range lines.Lines() {
		if err != nil {
			yield(statement.Posted{}, err)
			return false
		}
		if line.Period > last || figures.adjusting[line.Seq] { // an adjustment is in the opening balance
			continue
		}
		if leaves && line.Seq != entry {
			read, err := f.ledger.Entry(ctx, f.book, line.Seq)
			if err != nil {
				yield(statement.Posted{}, err)
				return false
			}
			entry, leaf = line.Seq, read.Leaf
		}
		posted := statement.Posted{Date: line.Effective, Voucher: voucherText(line.Voucher), Summary: line.Description, Entry: int64(line.Seq), Leaf: leaf}
		if posted.Source = line.SourceKind; line.SourceID != "" {
			posted.Source += " " + line.SourceID
		}
		if line.Side == ledger.Debit {
			posted.Debit = line.Amount
		} else {
			posted.Credit = line.Amount
		}
		if !yield(posted, nil) {
			return false
		}
	}
	return true
}

// voucherWords are the words before the number of a voucher, by its type (凭证字).
var voucherWords = map[string]string{ledger.VoucherGeneral: "记", "receipt": "收", "payment": "付", "transfer": "转"}

// voucherText writes the number of a voucher, and nothing for an entry without one.
func voucherText(v ledger.Voucher) string {
	if v.Number == 0 {
		return ""
	}
	word, ok := voucherWords[v.Type]
	if !ok {
		word = v.Type
	}
	return word + "-" + strconv.FormatInt(v.Number, 10)
}

// opening describes an account of the ledger as the chart has it, or as the ledger has it where the chart of today has it no longer.
func (f *Fund) opening(account ledger.Account, id string) accounts.AccountOpening {
	if opening, err := f.chart.Account(id); err == nil {
		return opening
	}
	opening := accounts.AccountOpening{ID: id, Code: account.Code, NameZH: account.Name}
	for _, record := range f.chart.Chart().Records() {
		if record.ID == id {
			opening.NameEN = record.EN
		}
	}
	return opening
}

// named returns the fund with its names.
func (f *Fund) named() accounts.Fund {
	for _, each := range f.chart.Chart().Funds {
		if each.ID == f.chart.Fund {
			return each
		}
	}
	return accounts.Fund{ID: f.chart.Fund}
}
