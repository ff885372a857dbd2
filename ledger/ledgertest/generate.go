package ledgertest

import (
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"pgregory.net/rapid"
)

// Frame bounds the drafts that are generated.
type Frame struct {
	Key      string
	Accounts []ledger.Account // of the book; good drafts use those that are open and take lines
	From, To calendar.Date    // effective dates, both included
	Largest  money.Amount     // of a line; 1,000,000.00 if zero
}

func (f Frame) largest() int64 {
	if f.Largest == 0 {
		return 100_000_000
	}
	return int64(f.Largest)
}

// Postable returns the accounts of a section that are open and take lines.
func (f Frame) Postable(section ledger.Section) []ledger.Account {
	return slices.DeleteFunc(slices.Clone(f.Accounts), func(a ledger.Account) bool {
		return a.Section != section || a.Closed != 0 || a.Class == ledger.Heading || a.Class == ledger.Control
	})
}

// GoodDraft generates drafts without a fault of their own: balanced in each section, on open accounts, red letters among them, with all kinds of additions. A
// book may still refuse one for a closed period, for an account that opened later, or for a limit. Without accounts it generates acts.
func GoodDraft(f Frame) *rapid.Generator[ledger.Draft] {
	return rapid.Custom(func(t *rapid.T) ledger.Draft {
		d := ledger.Draft{Key: f.Key, EnteredBy: "clerk", Effective: Day(f.From, f.To).Draw(t, "effective")}
		general, memorandum := f.Postable(ledger.General), f.Postable(ledger.Memorandum)
		which := rapid.SampledFrom([]string{"general", "general", "memorandum", "both"}).Draw(t, "sections")
		voucher := len(general) > 0 && (which != "memorandum" || len(memorandum) == 0)
		if voucher {
			d.Lines = append(d.Lines, f.section(t, general)...)
		}
		if len(memorandum) > 0 && (which != "general" || len(general) == 0) {
			d.Lines = append(d.Lines, f.section(t, memorandum)...)
		}
		if len(d.Lines) == 0 {
			return hostAct(t, f)
		}
		if chance(t, 3, "shuffled") {
			d.Lines = rapid.Permutation(d.Lines).Draw(t, "lines")
		}
		additions(t, &d, voucher)
		return d
	})
}

// HostAct generates acts of the host: drafts without lines.
func HostAct(f Frame) *rapid.Generator[ledger.Draft] {
	return rapid.Custom(func(t *rapid.T) ledger.Draft { return hostAct(t, f) })
}

func hostAct(t *rapid.T, f Frame) ledger.Draft {
	d := ledger.Draft{
		Key: f.Key, Kind: rapid.SampledFrom([]string{"enrolment", "case.decision", "parameters"}).Draw(t, "kind"), EnteredBy: "clerk",
		Effective: Day(f.From, f.To).Draw(t, "effective"), Act: rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "act"),
	}
	source(t, &d)
	return d
}

// Day generates days from one to another, both included, often the first of a month.
func Day(from, to calendar.Date) *rapid.Generator[calendar.Date] {
	return rapid.Custom(func(t *rapid.T) calendar.Date {
		day := from.AddDays(rapid.IntRange(0, to.Sub(from)).Draw(t, "days"))
		if first := day.Month().First(); first >= from && chance(t, 4, "first of month") {
			return first
		}
		return day
	})
}

// section draws lines that add up to zero on accounts of one section.
func (f Frame) section(t *rapid.T, accounts []ledger.Account) []ledger.Line {
	var lines []ledger.Line
	add := func(side ledger.Side, amount money.Amount) {
		account := pick(t, accounts, "account")
		line := ledger.Line{Account: account.No, Side: side, Amount: amount}
		if rapid.Bool().Draw(t, "by code") {
			line = ledger.Line{Code: account.Code, Side: side, Amount: amount}
		}
		lines = append(lines, line)
	}
	var total money.Amount
	for range rapid.IntRange(1, 3).Draw(t, "debits") {
		amount := money.Amount(rapid.Int64Range(1, f.largest()).Draw(t, "amount"))
		add(ledger.Debit, amount)
		total += amount
	}
	for left := rapid.IntRange(0, 2).Draw(t, "more credits"); left > 0 && total > 1; left-- {
		part := money.Amount(rapid.Int64Range(1, int64(total-1)).Draw(t, "part"))
		add(ledger.Credit, part)
		total -= part
	}
	add(ledger.Credit, total)
	if chance(t, 6, "red on one side") { // two lines of one side that cancel each other
		side := rapid.SampledFrom([]ledger.Side{ledger.Debit, ledger.Credit}).Draw(t, "side")
		amount := money.Amount(rapid.Int64Range(1, f.largest()).Draw(t, "amount"))
		add(side, amount)
		add(side, -amount)
	}
	if chance(t, 6, "red") {
		for i := range lines {
			lines[i].Amount = -lines[i].Amount
		}
	}
	return lines
}

// additions draws what an entry may carry beside its lines; one without a line in the general section takes no voucher.
func additions(t *rapid.T, d *ledger.Draft, voucher bool) {
	d.Kind = rapid.SampledFrom([]string{"", "", "", "", ledger.KindEntry, ledger.KindClosing, "contribution"}).Draw(t, "kind")
	if d.Effective.MonthOfYear() == 12 && d.Effective.Day() == 31 && rapid.Bool().Draw(t, "period 13") {
		d.Period = calendar.Period(d.Effective.Year()*100 + calendar.ClosingPeriod)
	}
	if voucher && chance(t, 3, "voucher") {
		d.Voucher = rapid.SampledFrom([]string{ledger.VoucherGeneral, "receipt", "收"}).Draw(t, "voucher type")
	}
	d.Description = rapid.SampledFrom([]string{"", "contribution of March", "养老保险费", "it's \"quoted\"; $1 ? :x"}).Draw(t, "description")
	d.ApprovedBy = rapid.SampledFrom([]string{"", "chief", "clerk"}).Draw(t, "approved by")
	for i := range d.Lines {
		if chance(t, 4, "month") {
			d.Lines[i].Month = d.Effective.Month().Add(-rapid.IntRange(0, 30).Draw(t, "months"))
		}
		if chance(t, 4, "tag") {
			d.Lines[i].Tag = rapid.StringN(0, 10, 64).Filter(clean).Draw(t, "tag text")
		}
	}
	source(t, d)
	for i := range rapid.IntRange(0, 2).Draw(t, "attachments") {
		d.Attachments = append(d.Attachments, ledger.Attachment{Name: fmt.Sprint("document ", i+1), Hash: make([]byte, 32*(i%2))})
	}
	if chance(t, 5, "transfer") {
		d.Transfer = fmt.Sprint("transfer ", rapid.IntRange(1, 3).Draw(t, "transfer id"))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "metadata") {
		if d.Metadata == nil {
			d.Metadata = map[string]string{}
		}
		d.Metadata[fmt.Sprint("key ", i)] = rapid.StringN(0, 20, 100).Filter(clean).Draw(t, "value")
	}
}

func source(t *rapid.T, d *ledger.Draft) {
	if chance(t, 4, "source") {
		d.Source = ledger.Source{Kind: "bank", ID: fmt.Sprint("line ", rapid.IntRange(1, 100).Draw(t, "source id")), Hash: make([]byte, 32)}
	}
}

// pick draws one of a list by its place, which keeps the log of a failed test short.
func pick[T any](t *rapid.T, list []T, label string) T {
	return list[rapid.IntRange(0, len(list)-1).Draw(t, label)]
}

// clean reports whether a text can be kept.
func clean(text string) bool { return textCode(text, boundText) == "" }

// chance is true once in n times, and false when an example is made small.
func chance(t *rapid.T, n int, label string) bool { return rapid.IntRange(1, n).Draw(t, label) == n }
