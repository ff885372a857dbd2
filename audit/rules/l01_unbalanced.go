package rules

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

// L01Unbalanced finds vouchers whose debits and credits differ, lines on accounts that the book does not have, and halves of movements between funds whose other
// half is missing.
func L01Unbalanced() audit.Rule {
	return audit.Rule{
		ID: "L01", Version: 1, Kind: audit.Exact, Severity: audit.Critical,
		Title: audit.Text{ZH: "凭证借贷不平，或跨基金无对应凭证", EN: "Voucher out of balance, or movement between funds without its other half"},
		Why: audit.Text{
			ZH: "借贷不平的凭证使账簿整体失衡；跨基金的资金只在一方入账，意味着基金之间的资金被挤占或去向不明。",
			EN: "An unbalanced voucher throws the whole book out of balance. A movement between funds that only one of them booked is money of one fund used by another, or gone.",
		},
		How: audit.Text{
			ZH: "按普通科目和备查科目分别比较每张凭证的借方与贷方合计；按划转编号在全部受审账簿中查找另一半。",
			EN: "Debits and credits of every voucher are added up, general and memorandum accounts apart. Each transfer number is looked for in all audited books.",
		},
		Do: audit.Text{
			ZH: "核对原始凭证，补记缺失的分录行或对方基金的凭证；确认资金实际去向。",
			EN: "Go back to the original documents; add the missing line or the other fund's voucher; establish where the money went.",
		},
		Basis: []string{sys + " 第一部分 四、七", sil + " 第六十四条", bas + " 第五十一条"},
		Reads: []audit.Declared{audit.BooksSource},
		Check: checkUnbalanced,
	}
}

func checkUnbalanced(_ context.Context, t *audit.Task) error {
	halves := &transferHalves{task: t, found: map[string]*transferHalf{}}
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		halves.books++
		return audit.Hooks{Entry: func(_ context.Context, e *audit.Entry) error {
			if len(e.Lines) == 0 {
				return nil
			}
			size, err := debits(e)
			if err != nil {
				return fmt.Errorf("rules: entry %d of book %s: %w", e.Seq, book.Ref(), err)
			}
			halves.see(e, book.Sum(size))
			if !t.Scope().HasEntry(e) {
				return nil
			}
			t.Examined(vouchers, 1)
			return checkVoucherBalance(t, book, e)
		}}, nil
	})
	t.AtEnd(halves.report)
	return nil
}

func checkVoucherBalance(t *audit.Task, book *audit.Book, e *audit.Entry) error {
	for section := ledger.General; section <= ledger.Memorandum; section++ {
		var debit, credit total
		var places []int
		for i, line := range e.Lines {
			if of := e.Account(i).Section; of != section && (section != ledger.General || of != 0) {
				continue // lines on unknown accounts count as general
			}
			places = append(places, i)
			if line.Side == ledger.Debit {
				debit.add(line.Amount)
			} else {
				credit.add(line.Amount)
			}
		}
		difference, err := debit.sum.Sub(credit.sum)
		if debit.err != nil || credit.err != nil || err != nil {
			return fmt.Errorf("rules: entry %d of book %s: its sums leave the range of an amount", e.Seq, book.Ref())
		}
		if difference != 0 {
			reportUnbalanced(t, book, e, section, debit.sum, credit.sum, difference, places)
		}
	}
	for i := range e.Lines {
		if account := e.Account(i); !audit.Known(account) {
			t.Report(audit.Finding{
				Book: book.Ref(), Period: e.Period, Subjects: about(byVoucher, voucherOf(e), "line", fmt.Sprint(i+1), byAccount, account.Code),
				AtRisk: book.Sum(e.Lines[i].Amount.Abs()), Evidence: []audit.Evidence{audit.EntryEvidence(e, i)},
				Text: both("凭证 %s 第 %d 行记入科目 %s，该账簿无此科目", "voucher %s, line %d: account %s is not in the book", voucherOf(e), i+1, account.Code),
			})
		}
	}
	return nil
}

func reportUnbalanced(t *audit.Task, book *audit.Book, e *audit.Entry, section ledger.Section, debit, credit, difference money.Amount, places []int) {
	names := map[ledger.Section]audit.Text{ledger.General: {ZH: "普通科目", EN: "general accounts"}, ledger.Memorandum: {ZH: "备查科目", EN: "memorandum accounts"}}
	c := book.Currency
	arithmetic := fmt.Sprintf("%s − %s = %s %s", c.Format(debit), c.Format(credit), c.Format(difference), c)
	t.Report(audit.Finding{
		Book: book.Ref(), Period: e.Period, Subjects: about(byVoucher, voucherOf(e), byEntry, fmt.Sprint(e.Seq), "section", section.String()),
		AtRisk: book.Sum(difference.Abs()), Evidence: []audit.Evidence{audit.EntryEvidence(e, places...)},
		Text: audit.Text{
			ZH: fmt.Sprintf("凭证 %s，%s：借方合计 − 贷方合计 = %s", voucherOf(e), names[section].ZH, arithmetic),
			EN: fmt.Sprintf("voucher %s, %s: debits − credits = %s", voucherOf(e), names[section].EN, arithmetic),
		},
	})
}

// transferHalves follows the halves of movements between books over all of them.
type transferHalves struct {
	task  *audit.Task
	books int
	found map[string]*transferHalf
	order []string
}

type transferHalf struct {
	evidence audit.Evidence
	size     audit.Sum
	inScope  bool
	paired   bool
}

func (h *transferHalves) see(e *audit.Entry, size audit.Sum) {
	if e.Transfer == "" {
		return
	}
	half := h.found[e.Transfer]
	if half == nil {
		h.found[e.Transfer] = &transferHalf{evidence: audit.EntryEvidence(e), size: size, inScope: h.task.Scope().HasEntry(e)}
		h.order = append(h.order, e.Transfer)
		return
	}
	half.paired = half.paired || half.evidence.Book != audit.BookRef(e.Book)
}

func (h *transferHalves) report(context.Context) error {
	alone := 0
	for _, id := range h.order {
		half := h.found[id]
		if half.paired || !half.inScope {
			continue
		}
		alone++
		if h.books < 2 {
			continue
		}
		h.task.Report(audit.Finding{
			Book: half.evidence.Book, Period: half.evidence.Period, Subjects: about("transfer", id), AtRisk: half.size, Evidence: []audit.Evidence{half.evidence},
			Text: both("划转 %s（%s）只在账簿 %s 入账，其他 %d 个受审账簿中没有对应凭证", "transfer %s (%s) is booked in book %s only; none of the other %d audited books has its other half",
				id, half.size, half.evidence.Book, h.books-1),
		})
	}
	if alone > 0 && h.books < 2 {
		h.task.Note(both("本次只审计一个账簿，%d 笔跨基金划转的另一半无法核对", "only one book is audited: the other halves of %d movements between funds could not be looked for", alone))
	}
	return nil
}
