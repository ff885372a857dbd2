package rules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

// L14RedLetters finds red-letter lines that lead to no original, and reversals that are not the mirror of theirs.
func L14RedLetters() audit.Rule {
	return audit.Rule{
		ID: "L14", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "红字冲销无原凭证，或与原凭证金额、科目不符", EN: "Red-letter entry without an original, or not its mirror"},
		Why: audit.Text{
			ZH: "红字直接减少发生额。没有原凭证的红字可以抹去收入或支出而不留痕迹。",
			EN: "Red ink lowers turnovers. Red without an original can wipe out income or expenditure and leave no trace.",
		},
		How: audit.Text{
			ZH: "含红字的凭证须以冲销关系或元数据 corrects 指明同一账簿中更早的原凭证；全额冲销须逐行与原凭证相反，且每张凭证只冲销一次。",
			EN: "An entry with red lines must name an earlier original in the same book, as its reversal or in its metadata \"corrects\". A reversal must be the opposite of its original line by line, and an entry is reversed once.",
		},
		Do: audit.Text{
			ZH: "要求制单人说明红字依据并补充原凭证号；金额或科目不符的，按规定更正。",
			EN: "Ask the preparer for the ground of the red entry and for the original's number; correct what does not agree.",
		},
		Basis: []string{bas + " 第五十一条（五）", bas + " 第六十条（五）"},
		Reads: []audit.Declared{audit.BooksSource},
		Check: checkRedLetters,
	}
}

func checkRedLetters(_ context.Context, t *audit.Task) error {
	books, _ := audit.BooksSource.In(t)
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		r := &redLetters{task: t, books: books, book: book, reversed: map[ledger.Seq]ledger.Seq{}}
		return audit.Hooks{Entry: r.see}, nil
	})
	return nil
}

type redLetters struct {
	task     *audit.Task
	books    audit.Books
	book     *audit.Book
	reversed map[ledger.Seq]ledger.Seq // original to its reversal
}

func (r *redLetters) see(ctx context.Context, e *audit.Entry) error {
	var red []int
	var debits, credits total
	for i, line := range e.Lines {
		if line.Amount >= 0 {
			continue
		}
		red = append(red, i)
		if line.Side == ledger.Debit {
			debits.subtract(line.Amount)
		} else {
			credits.subtract(line.Amount)
		}
	}
	first, twice := r.reversed[e.Reverses]
	if e.Reverses != 0 && !twice {
		r.reversed[e.Reverses] = e.Seq
	}
	if len(red) == 0 && e.Reverses == 0 || !r.task.Scope().HasEntry(e) {
		return nil
	}
	if err := cmp.Or(debits.err, credits.err); err != nil {
		return errRange(r.book, err)
	}
	r.task.Examined(audit.Text{ZH: "含红字的凭证", EN: "entries with red lines"}, 1)
	c := redEntry{redLetters: r, entry: e, red: red, size: max(debits.sum, credits.sum)}
	if twice && e.Reverses != 0 {
		c.report("reversed twice", both("第 %d 笔已由第 %d 笔冲销，第 %d 笔再次冲销", "entry %d was reversed by entry %d; entry %d reverses it again", e.Reverses, first, e.Seq))
	}
	return c.check(ctx)
}

// redEntry is one entry with red lines under examination.
type redEntry struct {
	*redLetters
	entry *audit.Entry
	red   []int
	size  money.Amount // its red lines on the side that has more of them
}

func (c redEntry) report(fault string, text audit.Text, more ...audit.Evidence) {
	c.task.Report(audit.Finding{
		Book: c.book.Ref(), Period: c.entry.Period, Subjects: about(byVoucher, voucherOf(c.entry), byEntry, fmt.Sprint(c.entry.Seq), "fault", fault),
		AtRisk: c.book.Sum(c.size), Text: text, Evidence: append([]audit.Evidence{audit.EntryEvidence(c.entry, c.red...)}, more...),
	})
}

func (c redEntry) check(ctx context.Context) error {
	e := c.entry
	original := e.Reverses
	if original == 0 {
		text, linked := e.Metadata[voucher.MetaCorrects]
		seq, err := strconv.ParseInt(text, 10, 64)
		if !linked || err != nil {
			c.report("no original", both("凭证 %s 含红字 %s，未指明原凭证", "voucher %s has red lines of %s and names no original", voucherOf(e), c.book.Sum(c.size)))
			return nil
		}
		original = ledger.Seq(seq)
	}
	if original >= e.Seq || original < 1 {
		c.report("no original", both("凭证 %s 指向第 %d 笔，不是更早的凭证", "voucher %s points to entry %d, which is no earlier one", voucherOf(e), original))
		return nil
	}
	of, err := c.books.Entry(ctx, c.book.ID, original)
	if errors.Is(err, ledger.ErrEntryUnknown) || errors.Is(err, ledger.ErrCorrupt) || err == nil && len(of.Lines) == 0 {
		c.report("no original", both("凭证 %s 指向第 %d 笔，账簿中没有这张凭证", "voucher %s points to entry %d, and the book has no such voucher", voucherOf(e), original))
		return nil
	}
	if err != nil {
		return err
	}
	if e.Reverses != 0 {
		c.mirror(&of)
	}
	return nil
}

// mirror compares a reversal with its original: the same accounts and sides in the same order with opposite amounts.
func (c redEntry) mirror(of *ledger.Entry) {
	reference := audit.Evidence{
		Kind: "entry", Book: c.book.Ref(), Seq: of.Seq, Voucher: audit.VoucherText(of), Effective: of.Effective, Period: of.Period, Reference: of.Key,
	}
	if len(of.Lines) != len(c.entry.Lines) {
		c.report("not its mirror", both("凭证 %s 有 %d 行，原凭证（第 %d 笔）有 %d 行", "voucher %s has %d lines, its original (entry %d) has %d",
			voucherOf(c.entry), len(c.entry.Lines), of.Seq, len(of.Lines)), reference)
		return
	}
	for i, line := range c.entry.Lines {
		want := of.Lines[i]
		if line.Account == want.Account && line.Code == want.Code && line.Side == want.Side && line.Amount == -want.Amount {
			continue
		}
		is, should := c.shown(&line), c.shown(&ledger.Line{Account: want.Account, Code: want.Code, Side: want.Side, Amount: -want.Amount})
		c.report("not its mirror", audit.Text{
			ZH: fmt.Sprintf("凭证 %s 第 %d 行为%s，按原凭证（第 %d 笔）应为%s", voucherOf(c.entry), i+1, is.ZH, of.Seq, should.ZH),
			EN: fmt.Sprintf("voucher %s, line %d: %s; by its original (entry %d) it should be %s", voucherOf(c.entry), i+1, is.EN, of.Seq, should.EN),
		}, reference)
		return
	}
}

// shown writes a line: side, account, amount.
func (c redEntry) shown(line *ledger.Line) audit.Text {
	side := map[ledger.Side]string{ledger.Debit: "借", ledger.Credit: "贷"}[line.Side]
	account, sum := named(c.book.Chart.Of(line)), c.book.Sum(line.Amount)
	return audit.Text{ZH: fmt.Sprintf("%s %s %s", side, account, sum), EN: fmt.Sprintf("%s %s %s", line.Side, account, sum)}
}
