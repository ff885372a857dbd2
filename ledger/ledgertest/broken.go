package ledgertest

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"pgregory.net/rapid"
)

// BrokenDraft generates drafts that were good before one to three things were done to them. Nearly all have a fault; Model says which.
func BrokenDraft(f Frame) *rapid.Generator[ledger.Draft] {
	return rapid.Custom(func(t *rapid.T) ledger.Draft {
		d := GoodDraft(f).Draw(t, "draft")
		d.Lines = slices.Clone(d.Lines)
		for range rapid.IntRange(1, 3).Draw(t, "faults") {
			breaks := slices.Concat(draftBreaks, lineBreaks)
			if len(d.Lines) == 0 {
				breaks = draftBreaks
			}
			pick(t, breaks, "fault").do(t, f, &d)
		}
		return d
	})
}

// breaking is one way to spoil a draft.
type breaking struct {
	what string
	do   func(t *rapid.T, f Frame, d *ledger.Draft)
}

// badTexts cannot be kept anywhere.
var badTexts = []string{"a\x00b", "\xff\xfe", "cut \xe5\x85", strings.Repeat("長", 400)}

var draftBreaks = []breaking{
	{"text", func(t *rapid.T, _ Frame, d *ledger.Draft) {
		fields := []*string{&d.Key, &d.Kind, &d.Voucher, &d.Description, &d.EnteredBy, &d.ApprovedBy, &d.Source.Kind, &d.Source.ID, &d.Transfer}
		*rapid.SampledFrom(fields).Draw(t, "field") = rapid.SampledFrom(badTexts).Draw(t, "text")
	}},
	{"missing", func(t *rapid.T, _ Frame, d *ledger.Draft) {
		*rapid.SampledFrom([]*string{&d.Key, &d.EnteredBy}).Draw(t, "field") = ""
	}},
	{"kind", func(t *rapid.T, _ Frame, d *ledger.Draft) {
		d.Kind = rapid.SampledFrom([]string{"Entry", "ledger.period.close", "ledger.ENTRY", "two words", strings.Repeat("k", 65)}).Draw(t, "kind")
	}},
	{"effective date", func(t *rapid.T, _ Frame, d *ledger.Draft) {
		d.Effective = rapid.SampledFrom([]calendar.Date{0, -1, 20260230, 20261301, 19991231, 20500101}).Draw(t, "day")
	}},
	{"period", func(t *rapid.T, _ Frame, d *ledger.Draft) {
		d.Period = rapid.SampledFrom([]calendar.Period{-1, 202600, 202614, 199912, 202601, 202602, 202613, 205001}).Draw(t, "period")
	}},
	{"hash", func(t *rapid.T, _ Frame, d *ledger.Draft) {
		d.Source.Hash = make([]byte, rapid.SampledFrom([]int{1, 31, 33}).Draw(t, "length"))
	}},
	{"voucher", func(_ *rapid.T, _ Frame, d *ledger.Draft) { d.Voucher = "memorandum" }},
	{"attachment", func(t *rapid.T, _ Frame, d *ledger.Draft) {
		d.Attachments = append(slices.Clone(d.Attachments), rapid.SampledFrom([]ledger.Attachment{
			{}, {Name: "short", Hash: []byte{1}}, {Name: badTexts[0]}, {Name: badTexts[3]},
		}).Draw(t, "attachment"))
	}},
	{"metadata", func(t *rapid.T, _ Frame, d *ledger.Draft) {
		bad := rapid.SampledFrom(badTexts).Draw(t, "text")
		d.Metadata = rapid.SampledFrom([]map[string]string{{"key": bad}, {bad: "value"}, pairs(ledger.MaxMetadata + 1)}).Draw(t, "metadata")
	}},
	{"act", func(_ *rapid.T, _ Frame, d *ledger.Draft) { d.Act = []byte("content") }},
}

var lineBreaks = []breaking{
	{"line removed", func(t *rapid.T, _ Frame, d *ledger.Draft) {
		at := rapid.IntRange(0, len(d.Lines)-1).Draw(t, "line")
		d.Lines = slices.Delete(d.Lines, at, at+1)
	}},
	{"amount", onLine(func(t *rapid.T, _ Frame, line *ledger.Line) {
		line.Amount = rapid.SampledFrom([]money.Amount{0, math.MinInt64, money.MinAmount, money.MaxAmount, money.MaxAmount / 2, line.Amount + 1, -line.Amount}).Draw(t, "amount")
	})},
	{"side", onLine(func(t *rapid.T, _ Frame, line *ledger.Line) {
		line.Side = rapid.SampledFrom([]ledger.Side{0, 2, -2, -line.Side}).Draw(t, "side")
	})},
	{"unknown account", onLine(func(t *rapid.T, _ Frame, line *ledger.Line) {
		unknown := []ledger.Line{{}, {Account: -1}, {Account: 30000}, {Code: "no such account"}, {Code: badTexts[0]}, {Code: badTexts[3]}}
		account := rapid.SampledFrom(unknown).Draw(t, "account")
		line.Account, line.Code = account.Account, account.Code
	})},
	{"another account", onLine(func(t *rapid.T, f Frame, line *ledger.Line) { // a heading, a closed one, one of another section
		if len(f.Accounts) > 0 {
			line.Account, line.Code = pick(t, f.Accounts, "account").No, "not looked at"
		}
	})},
	{"month", onLine(func(t *rapid.T, _ Frame, line *ledger.Line) {
		line.Month = rapid.SampledFrom([]calendar.Month{-1, 202600, 202613, 20260101}).Draw(t, "month")
	})},
	{"tag", onLine(func(t *rapid.T, _ Frame, line *ledger.Line) {
		line.Tag = rapid.SampledFrom(append(slices.Clone(badTexts), strings.Repeat("t", 65))).Draw(t, "tag")
	})},
}

func onLine(do func(*rapid.T, Frame, *ledger.Line)) func(*rapid.T, Frame, *ledger.Draft) {
	return func(t *rapid.T, f Frame, d *ledger.Draft) {
		if len(d.Lines) > 0 {
			do(t, f, &d.Lines[rapid.IntRange(0, len(d.Lines)-1).Draw(t, "line")])
		}
	}
}

func pairs(n int) map[string]string {
	m := make(map[string]string, n)
	for i := range n {
		m[fmt.Sprint(i)] = ""
	}
	return m
}
