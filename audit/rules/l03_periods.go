package rules

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// L03Periods finds vouchers posted into a period that was closed at the time, before the book began, or with a date outside their period.
func L03Periods() audit.Rule {
	return audit.Rule{
		ID: "L03", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "向已结账期间记账，或日期不在所属期间", EN: "Posted into a closed period, or dated outside its period"},
		Why: audit.Text{
			ZH: "结账后追加的凭证会改变已报出的报表；日期与期间不符会使收支跨期，掩盖当期真实情况。",
			EN: "A voucher added after closing changes statements that were issued. A date outside the period moves income or expenditure into another one and hides how the period really was.",
		},
		How: audit.Text{
			ZH: "按账簿先后顺序跟踪结账与反结账，凭证所属期间当时已结账的即为违规；会计日期须落在所属期间内（第 13 期只含 12 月 31 日）。",
			EN: "Closings and reopenings are followed in the order of the book; a voucher whose period stood closed at that point is a hit. The date must lie within the period; period 13 holds 31 December only.",
		},
		Do: audit.Text{
			ZH: "确认结账后改动的授权；需要更正的，在未结账期间另制更正凭证；已报出的报表按规定更正。",
			EN: "Ask who authorised the change after closing. What is wrong is corrected by a voucher in an open period; issued statements are corrected as the rules say.",
		},
		Basis: []string{bas + " 第六十三条", sys + " 第一部分 八"},
		Reads: []audit.Declared{audit.BooksSource},
		Check: checkPeriods,
	}
}

func checkPeriods(_ context.Context, t *audit.Task) error {
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		closed := map[calendar.Period]audit.Evidence{}
		return audit.Hooks{Entry: func(_ context.Context, e *audit.Entry) error {
			if act := e.PeriodAct; act != nil {
				switch act.Kind {
				case ledger.PeriodClosed:
					closed[act.Period] = audit.EntryEvidence(e)
				case ledger.PeriodReopened:
					delete(closed, act.Period)
				}
			}
			if len(e.Lines) == 0 || !t.Scope().HasEntry(e) {
				return nil
			}
			t.Examined(vouchers, 1)
			return checkEntryPeriod(t, book, e, closed)
		}}, nil
	})
	return nil
}

func checkEntryPeriod(t *audit.Task, book *audit.Book, e *audit.Entry, closed map[calendar.Period]audit.Evidence) error {
	size, err := debits(e)
	if err != nil {
		return err
	}
	report := func(fault string, text audit.Text, more ...audit.Evidence) {
		t.Report(audit.Finding{
			Book: book.Ref(), Period: e.Period, Subjects: about(byVoucher, voucherOf(e), byEntry, fmt.Sprint(e.Seq), "fault", fault), AtRisk: book.Sum(size),
			Text: text, Evidence: append([]audit.Evidence{audit.EntryEvidence(e)}, more...),
		})
	}
	if !e.Period.Valid() || !e.Effective.Valid() {
		report("no period", both("凭证 %s 的期间 %d 或日期 %d 不存在", "voucher %s: period %d or date %d does not exist", voucherOf(e), int32(e.Period), int32(e.Effective)))
		return nil
	}
	if !e.Period.Contains(e.Effective) {
		report("date outside period", both("凭证 %s 的日期 %v 不在所属期间 %v 内", "voucher %s: its date %v lies outside its period %v", voucherOf(e), e.Effective, e.Period))
	}
	if act, ok := closed[e.Period]; ok {
		report("closed", both("凭证 %s（第 %d 笔）在期间 %v 结账（第 %d 笔）之后记入该期间，金额 %s", "voucher %s (entry %d) was posted into period %v after that was closed (entry %d), %s",
			voucherOf(e), e.Seq, e.Period, act.Seq, book.Sum(size)), act)
	}
	if !book.First.IsZero() && e.Period < book.First {
		report("before the book", both("凭证 %s 的期间 %v 早于建账期间 %v", "voucher %s: period %v lies before the book's first one, %v", voucherOf(e), e.Period, book.First))
	}
	return nil
}
