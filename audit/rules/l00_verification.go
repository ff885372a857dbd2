package rules

import (
	"context"

	"github.com/fundledger/fundledger/audit"
)

// L00Verification finds every row of a book that is not what the book's sealed records say, and every record that is not what its hash says. It stands before
// the catalogue: what the other rules find is only as good as the records they read.
func L00Verification() audit.Rule {
	return audit.Rule{
		ID: "L00", Version: 1, Kind: audit.Exact, Severity: audit.Critical,
		Title: audit.Text{ZH: "账簿未通过自身校验", EN: "The book does not verify against its own records"},
		Why: audit.Text{
			ZH: "账簿的每一行都应能由已封存的记录推导出来。两者不一致，说明有人绕过系统改动了数据库，或存储已损坏；其余规则的结论也因此存疑。",
			EN: "Every row of a book follows from its sealed records. A difference means that somebody changed the database behind the system, or that the storage is damaged; it casts doubt on all other results.",
		},
		How: audit.Text{
			ZH: "由记录重新推导全部科目、凭证号、期间、日发生额和默克尔根，逐列与数据库比较。",
			EN: "All accounts, voucher numbers, periods, daily totals and the Merkle root are derived from the records anew and compared with the database, column by column.",
		},
		Do: audit.Text{
			ZH: "停止使用该账簿出具报表；用外部保存的检查点核对历史；从备份恢复并查明改动者。",
			EN: "Issue no statements from the book. Compare its history with a checkpoint kept outside, restore from backup, and find out who made the change.",
		},
		Basis: []string{bas + " 第六十二条"},
		Reads: []audit.Declared{audit.BooksSource, audit.SealsSource},
		Check: checkVerification,
	}
}

func checkVerification(_ context.Context, t *audit.Task) error {
	seals, _ := audit.SealsSource.In(t)
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		return audit.Hooks{End: func(ctx context.Context) error {
			report, err := seals.Verify(ctx, book.ID)
			if err != nil {
				return err
			}
			t.Examined(audit.Text{ZH: "记录", EN: "records"}, report.Entries)
			t.Examined(lines, report.Lines)
			for _, d := range report.Discrepancies {
				t.Report(audit.Finding{
					Book: book.Ref(), Subjects: about("table", d.Table, "row", d.Row, "field", d.Field),
					Text: both("%s，%s，%s：按记录应为 %s，实际为 %s", "%s, %s, %s: the records say %s, there is %s", d.Table, d.Row, d.Field, d.Want, d.Got),
				})
			}
			if more := report.Count - int64(len(report.Discrepancies)); more > 0 {
				t.Note(both("另有 %d 处不一致未逐条列出", "%d further differences are not listed", more))
			}
			return nil
		}}, nil
	})
	return nil
}
