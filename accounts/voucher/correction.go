package voucher

import (
	"fmt"
	"maps"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// MetaCorrects is the key of an entry's metadata that names the entry it puts right, by its number in the same book in decimal text. A voucher of differences
// mirrors nothing, so that the ledger does not link it; the audit's rule on red letters (L14) follows this key.
const MetaCorrects = "corrects"

// CorrectionPaper is what the vouchers of a correction (更正凭证) say beside their lines.
type CorrectionPaper struct {
	Key         string              // idempotency key; where there are two vouchers they get it with "/cancel" and "/right"
	Effective   calendar.Date       // in an open period
	EnteredBy   string              // the preparer; the office fills it when empty
	Reason      string              // follows the words of the rule in the summary; may be empty
	Source      ledger.Source       // may be empty: corrections go without originals (会计基础工作规范 51(四))
	Attachments []ledger.Attachment // likewise
	Metadata    map[string]string   // the host's own facts
}

// Corrections makes the drafts that put a posted voucher right, in the order in which they are to be posted: the full red copy (注销) and the right voucher
// (订正), or one voucher of the differences (调整), as accounts.BookChart.Correct decided. They name the wrong voucher in their summaries, as 会计基础工作规范 51(五)
// words them, and in their metadata under MetaCorrects. code gives the ledger's code of an account of the chart: fund.Fund.AccountCode.
//
// Equal arguments make equal drafts, so that a run that was stopped is simply run again. The error is Faults, all of them together, or what code returned.
func Corrections(wrong *ledger.Entry, c accounts.Correction, code func(accountID string) (string, error), paper CorrectionPaper) ([]ledger.Draft, error) {
	var faults Faults
	add := func(field, detail, hint string, err error) {
		faults.add(&Fault{Code: ErrInvalid, Book: wrong.Book, Key: paper.Key, Field: field, Detail: detail, Hint: hint, Err: err})
	}
	if wrong.Seq == 0 || len(wrong.Lines) == 0 {
		add("wrong voucher", "no entry with lines", "read it from the ledger", nil)
	}
	if len(c.Cancel) == 0 && len(c.Right) == 0 {
		add("correction", "nothing differs", "leave the voucher as it is", nil)
	}
	if paper.Effective < wrong.Effective {
		add("effective", fmt.Sprintf("%v, before the wrong voucher of %v", paper.Effective, wrong.Effective), "give the day on which it was found", nil)
	}
	if _, taken := paper.Metadata[MetaCorrects]; taken {
		faults.add(&Fault{Code: ErrReserved, Book: wrong.Book, Key: paper.Key, Field: "metadata " + MetaCorrects, Detail: "the correction fills it", Hint: "use another name"})
	}
	both := len(c.Cancel) > 0 && len(c.Right) > 0
	var drafts []ledger.Draft
	for _, half := range []struct {
		lines     []accounts.Line
		word, key string
	}{{c.Cancel, "注销", "/cancel"}, {c.Right, "订正", "/right"}} {
		if len(half.lines) == 0 {
			continue
		}
		if !both {
			half.key = ""
			if len(c.Cancel) == 0 {
				half.word = "调整"
			}
		}
		draft := paper.draft(wrong, half.word, half.key)
		for i, line := range half.lines {
			account, err := code(line.AccountID)
			if err != nil {
				add(fmt.Sprintf("line %d of %q", i+1, half.word), line.AccountID+": "+err.Error(), "name an account of the book's chart", err)
			}
			draft.Lines = append(draft.Lines, ledger.Line{Code: account, Side: ledgerSides[line.Side], Amount: line.Amount})
		}
		drafts = append(drafts, draft)
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	return drafts, nil
}

var ledgerSides = map[accounts.Side]ledger.Side{accounts.Debit: ledger.Debit, accounts.Credit: ledger.Credit}

// draft makes one voucher of a correction without its lines.
func (p *CorrectionPaper) draft(wrong *ledger.Entry, word, key string) ledger.Draft {
	metadata := maps.Clone(p.Metadata)
	if metadata == nil {
		metadata = map[string]string{}
	}
	metadata[MetaCorrects] = strconv.FormatInt(int64(wrong.Seq), 10)
	summary := word + named(wrong)
	if p.Reason != "" {
		summary += "：" + p.Reason
	}
	return ledger.Draft{Key: p.Key + key, Kind: KindCorrection, Effective: p.Effective, Voucher: wrong.Voucher.Type, Description: summary, EnteredBy: p.EnteredBy,
		Source: p.Source, Attachments: p.Attachments, Metadata: metadata}
}

// seriesWords stand before the number of a voucher (凭证字).
var seriesWords = map[string]string{ledger.VoucherGeneral: "记字", string(Receipt): "收字", string(Payment): "付字", string(Transfer): "转字"}

// named is how a summary names a voucher: 2026年1月10日记字第5号凭证.
func named(e *ledger.Entry) string {
	word, known := seriesWords[e.Voucher.Type]
	if !known {
		word = e.Voucher.Type
	}
	return fmt.Sprintf("%d年%d月%d日%s第%d号凭证", e.Effective.Year(), e.Effective.MonthOfYear(), e.Effective.Day(), word, e.Voucher.Number)
}
