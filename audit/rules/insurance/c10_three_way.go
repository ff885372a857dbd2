package insurance

import (
	"cmp"
	"context"
	"fmt"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// C10ThreeWay agrees receipts, bank credits and the books day by day.
func C10ThreeWay() audit.Rule {
	return audit.Rule{
		ID: "C10", Version: 1, Kind: audit.Exact, Severity: audit.Critical,
		Title: audit.Text{ZH: "征缴到账、银行、账务三方不一致", EN: "Receipts, bank and books do not agree"},
		Why: audit.Text{
			ZH: "业务、银行、财务三方金额应逐日一致。不一致说明有资金未入账、虚记到账或截留。",
			EN: "What collection, bank and accounting show for a day must agree. Where it does not, money was kept out of the books, or receipts were invented.",
		},
		How: audit.Text{
			ZH: "按基金和日期比较：业务到账合计、银行保费贷记合计、凭证中存入收入户、财政专户或国库并记入社会保险费收入、滞纳金收入或暂收款的金额。红字冲销按原方向抵减。",
			EN: "By fund and day: receipts, contributions credited by the bank, and what vouchers with money coming into the income account, fiscal account or treasury credit to contribution income, surcharge income or temporary receipts. Reversals take off.",
		},
		Do:    audit.Text{ZH: "取得当日银行回单，逐笔核对业务到账与凭证，补记或更正，查明资金去向。", EN: "Get the bank's papers of the day, go through receipts and vouchers, book or correct, and follow the money."},
		Basis: []string{"SIL 第六十四条", "HR 第三十九条至第四十一条", "FIN 第三十九条至第四十二条"},
		Reads: []audit.Declared{audit.ReceiptsSource, audit.BankCreditsSource, audit.BooksSource, audit.RolesSource},
		Check: checkThreeWay,
	}
}

type bookDay struct {
	book ledger.BookID
	day  calendar.Date
}

// threeWays is one day of one fund: what each side shows.
type threeWays struct {
	origin audit.Origin
	side   [3]tally // receipts, bank, books
}

type threeWayCheck struct {
	task  *audit.Task
	days  map[bookDay]*threeWays
	books map[ledger.BookID]money.Currency
}

func checkThreeWay(_ context.Context, t *audit.Task) error {
	roles, _ := audit.RolesSource.In(t)
	c := &threeWayCheck{task: t, days: map[bookDay]*threeWays{}, books: map[ledger.BookID]money.Currency{}}
	t.EachBook(func(ctx context.Context, book *audit.Book) (audit.Hooks, error) {
		bank, err := codesOf(ctx, roles, book.ID, audit.RoleIncomeAccount, audit.RoleFiscalAccount, audit.RoleTreasury)
		if err != nil {
			return audit.Hooks{}, err
		}
		income, err := codesOf(ctx, roles, book.ID, audit.RoleContributionIncome, audit.RoleSurchargeIncome, audit.RoleTemporaryReceipts)
		if err != nil {
			return audit.Hooks{}, err
		}
		c.books[book.ID] = book.Currency
		return audit.Hooks{Entry: func(_ context.Context, e *audit.Entry) error { return c.entry(book, e, bank, income) }}, nil
	})
	t.AtEnd(c.agree)
	return nil
}

func codesOf(ctx context.Context, roles audit.Roles, book ledger.BookID, wanted ...audit.Role) ([]string, error) {
	var codes []string
	for _, role := range wanted {
		more, err := roles.Accounts(ctx, book, role)
		if err != nil {
			return nil, err
		}
		codes = append(codes, more...)
	}
	return codes, nil
}

// entry takes what a voucher brings in. Money that goes out again to a payer is a refund and no receipt taken back, unless the voucher reverses another.
func (c *threeWayCheck) entry(book *audit.Book, e *audit.Entry, bank, income []string) error {
	var in, credited tally
	for i, line := range e.Lines {
		account := e.Account(i)
		switch signed := line.Amount * money.Amount(line.Side); {
		case book.Chart.Below(account, bank):
			in.add(signed * money.Amount(ledger.Debit))
		case book.Chart.Below(account, income):
			credited.add(signed * money.Amount(ledger.Credit))
		}
	}
	if in.err != nil || credited.err != nil {
		return fmt.Errorf("insurance: book %s, entry %d: amounts leave their range", book.Ref(), e.Seq)
	}
	came, taken := in.sum > 0 && credited.sum > 0, e.Reverses != 0 && in.sum < 0 && credited.sum < 0
	if came || taken {
		c.add(&audit.Origin{Book: book.ID, Currency: book.Currency}, e.Effective, 2, credited.sum, audit.EntryEvidence(e))
	}
	return nil
}

func (c *threeWayCheck) add(o *audit.Origin, day calendar.Date, side int, amount money.Amount, evidence audit.Evidence) {
	if day > c.task.Scope().AsOf || day.Valid() && !inScope(c.task, day.Month()) {
		return
	}
	key := bookDay{o.Book, day}
	if c.days[key] == nil {
		c.days[key] = &threeWays{origin: *o}
	}
	c.days[key].side[side].add(amount, evidence)
}

func (c *threeWayCheck) agree(ctx context.Context) error {
	received, _ := audit.ReceiptsSource.In(c.task)
	credits, _ := audit.BankCreditsSource.In(c.task)
	for r, err := range received.Receipts(ctx) {
		if err != nil {
			return err
		}
		c.task.Examined(receipts, 1)
		c.add(&r.Origin, r.Day, 0, r.Amount, r.Evidence("receipt", r.Amount))
	}
	for b, err := range credits.BankCredits(ctx) {
		if err != nil {
			return err
		}
		c.task.Examined(audit.Text{ZH: "银行贷记", EN: "bank credits"}, 1)
		c.add(&b.Origin, b.Day, 1, b.Amount, b.Evidence("bank statement line", b.Amount))
	}
	for _, key := range sorted(c.days, func(a, b bookDay) int { return cmp.Or(compareBooks(a.book, b.book), cmp.Compare(a.day, b.day)) }) {
		if _, read := c.books[key.book]; !read {
			c.task.Note(both("账套 %v 不在本次审计的账簿之内，其到账未核对", "book %v is not among the books of this audit: its receipts were not agreed", audit.BookRef(key.book)))
			continue
		}
		if err := c.report(key, c.days[key]); err != nil {
			return err
		}
	}
	return nil
}

func (c *threeWayCheck) report(key bookDay, d *threeWays) error {
	least, most := d.side[0].sum, d.side[0].sum
	var evidence []audit.Evidence
	for i := range d.side {
		if d.side[i].err != nil {
			return d.side[i].err
		}
		least, most = min(least, d.side[i].sum), max(most, d.side[i].sum)
		evidence = append(evidence, d.side[i].evidence...)
	}
	risk, err := most.Sub(least)
	if err != nil || risk == 0 {
		return err
	}
	o := &d.origin
	c.task.Report(audit.Finding{
		Book: audit.BookRef(key.book), Period: period(key.day.Month()), Subjects: about(byDay, key.day.String()), AtRisk: o.Sum(risk), Evidence: all(evidence),
		Text: both("%v：业务到账 %s，银行贷记 %s，账务入账 %s，最大相差 %s", "%v: receipts %s, bank %s, books %s, at most %s apart",
			key.day, o.Sum(d.side[0].sum), o.Sum(d.side[1].sum), o.Sum(d.side[2].sum), o.Sum(risk)),
	})
	return nil
}
