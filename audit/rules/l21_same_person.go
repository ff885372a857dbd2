package rules

import (
	"context"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/audit"
)

// L21SamePerson finds entries that the same person prepared and approved.
func L21SamePerson() audit.Rule {
	return audit.Rule{
		ID: "L21", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "制单与审核为同一人", EN: "Prepared and approved by the same person"},
		Why: audit.Text{
			ZH: "制单与审核属于不相容职责。一人兼任时，错误和舞弊都没有第二双眼睛。",
			EN: "Preparing and approving are duties that must not meet. Where one person does both, no second pair of eyes sees an error or a fraud.",
		},
		How: audit.Text{
			ZH: "比较每笔记录的制单人与审核人（忽略大小写和首尾空格）。没有审核人的凭证另行计数说明。",
			EN: "The preparer and the approver of every entry are compared, without regard to case and outer blanks. Vouchers without an approver are counted in a remark.",
		},
		Do: audit.Text{
			ZH: "由他人复核这些凭证；检查岗位设置和系统权限，分开不相容职责。",
			EN: "Have another person review these entries; look at posts and rights in the system, and part the duties.",
		},
		Basis: []string{hr + " 第三十六条至第三十八条", "社会保险经办机构内部控制暂行办法（2007）", bas + " 第五十一条（一）"},
		Reads: []audit.Declared{audit.BooksSource},
		Check: checkSamePerson,
	}
}

func checkSamePerson(_ context.Context, t *audit.Task) error {
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		unapproved := 0
		return audit.Hooks{
			Entry: func(_ context.Context, e *audit.Entry) error {
				if !t.Scope().HasEntry(e) {
					return nil
				}
				t.Examined(audit.Text{ZH: "记录", EN: "entries"}, 1)
				by := strings.TrimSpace(e.ApprovedBy)
				if by == "" {
					if len(e.Lines) > 0 {
						unapproved++
					}
					return nil
				}
				if !strings.EqualFold(by, strings.TrimSpace(e.EnteredBy)) {
					return nil
				}
				return reportSamePerson(t, book, e)
			},
			End: func(context.Context) error {
				if unapproved > 0 {
					t.Note(both("账簿 %s 有 %d 张凭证没有审核人", "book %s has %d vouchers without an approver", book.Ref(), unapproved))
				}
				return nil
			},
		}, nil
	})
	return nil
}

func reportSamePerson(t *audit.Task, book *audit.Book, e *audit.Entry) error {
	size, err := debits(e)
	if err != nil {
		return errRange(book, err)
	}
	what := audit.Text{ZH: fmt.Sprintf("凭证 %s（%s）", voucherOf(e), book.Sum(size)), EN: fmt.Sprintf("voucher %s (%s)", voucherOf(e), book.Sum(size))}
	if len(e.Lines) == 0 {
		what = audit.Text{ZH: fmt.Sprintf("第 %d 笔记录（%s）", e.Seq, e.Kind), EN: fmt.Sprintf("entry %d (%s)", e.Seq, e.Kind)}
	}
	t.Report(audit.Finding{
		Book: book.Ref(), Period: e.Period, Subjects: about(byEntry, fmt.Sprint(e.Seq), "person", strings.TrimSpace(e.EnteredBy)), AtRisk: book.Sum(size),
		Evidence: []audit.Evidence{audit.EntryEvidence(e)},
		Text:     audit.Text{ZH: what.ZH + "由 " + e.EnteredBy + " 制单并审核", EN: what.EN + " was prepared and approved by " + e.EnteredBy},
	})
	return nil
}
