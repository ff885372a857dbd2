package insurance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// P02Interest computes the interest of every personal account and year again.
func P02Interest() audit.Rule {
	return audit.Rule{
		ID: "P02", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "个人账户利息与重新计算不符", EN: "Interest of a personal account is not as recomputed"},
		Why: audit.Text{
			ZH: "少计利息侵害个人权益，多计利息加大基金支付责任；利率或计息办法用错会影响全部账户。",
			EN: "Too little takes from the member, too much burdens the fund, and a wrong rate or method touches every account.",
		},
		How: audit.Text{
			ZH: "按当年公布的利率和计息办法，以年初余额和各月净变动重新计算每个账户的利息，与标签为该年度利息的记账合计比较；截止日前未满的年度和没有利率的年度不判断。",
			EN: "By the rate and the method of the year, the interest of each account is computed from its balance at the beginning and its net movements by month, and compared with what is booked under the year's interest tag. Years that have not ended by the audit's day, or have no rate, are not judged.",
		},
		Do: audit.Text{
			ZH: "核对利率文件、计息办法和计息月数，补记或冲回差额；差额普遍存在的，重新执行年度计息。",
			EN: "Check rate, method and months that earn, and book the difference; where it is everywhere, run the year's interest again.",
		},
		Basis: []string{"SIL 第十四条", "劳办发〔1997〕116号", "人社部发〔2017〕31号"},
		Reads: []audit.Declared{audit.RightsSource, audit.InterestLawSource},
		Parameters: []audit.Parameter{{
			Name: "tolerance", Title: audit.Text{ZH: "容许差额", EN: "difference that is let pass"}, Unit: audit.Text{ZH: "最小货币单位", EN: "minor units"},
			Default: 0, Least: 0, Most: 1_000_000, Source: "none: interest is computed exactly and rounded once",
		}},
		Check: checkInterest,
	}
}

// accountYear is what one account moved in a calendar year, its own interest left out.
type accountYear struct {
	postings [12]tally
	interest tally // tagged as this year's, whenever it was posted
	inYear   tally // what of it was posted in the year itself
}

// accountLife is an account through its years.
type accountLife struct {
	origin audit.Origin
	person string
	years  map[int]*accountYear
	first  int
	last   int
}

func (l *accountLife) year(n int) *accountYear {
	if l.years[n] == nil {
		l.years[n] = &accountYear{}
	}
	l.first, l.last = min(l.first, n), max(l.last, n)
	return l.years[n]
}

func checkInterest(_ context.Context, t *audit.Task) error {
	source, _ := audit.RightsSource.In(t)
	law, _ := audit.InterestLawSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		lives := map[accountKey]*accountLife{}
		for m, err := range source.Movements(ctx) {
			if err != nil {
				return err
			}
			if m.Day > t.Scope().AsOf {
				continue
			}
			if !m.Day.Valid() {
				return fmt.Errorf("insurance: movement %s of account %s has no date", m.ID, m.Account)
			}
			t.Examined(movements, 1)
			key := accountKey{m.Book, m.Account}
			if lives[key] == nil {
				lives[key] = &accountLife{origin: m.Origin, person: m.Person, years: map[int]*accountYear{}, first: m.Day.Year(), last: m.Day.Year()}
			}
			lives[key].move(&m)
		}
		check := &interestCheck{task: t, law: law, rules: map[bookYear]*personal.InterestRule{}}
		for _, key := range sorted(lives, compareAccounts) {
			if err := check.account(ctx, key, lives[key]); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// move puts a movement into its year. The interest of a year is kept apart there, and is a posting of the month in which it was booked for every other year.
func (l *accountLife) move(m *audit.RightsMovement) {
	posted := l.year(m.Day.Year())
	if of, ok := interestYear(m.Tag); ok {
		l.year(of).interest.add(m.Amount, movementEvidence(m))
		if of == m.Day.Year() {
			posted.inYear.add(m.Amount)
			return
		}
	}
	posted.postings[m.Day.MonthOfYear()-1].add(m.Amount)
}

type bookYear struct {
	book ledger.BookID
	year int
}

// interestCheck goes through the accounts.
type interestCheck struct {
	task  *audit.Task
	law   audit.InterestLaw
	rules map[bookYear]*personal.InterestRule // nil: none is known
}

func (c *interestCheck) rule(ctx context.Context, key bookYear) (*personal.InterestRule, error) {
	if rule, asked := c.rules[key]; asked {
		return rule, nil
	}
	rule, ok, err := c.law.InterestRule(ctx, key.book, key.year)
	if err != nil {
		return nil, err
	}
	c.rules[key] = nil
	if ok {
		c.rules[key] = &rule
	}
	return c.rules[key], nil
}

func (c *interestCheck) account(ctx context.Context, key accountKey, life *accountLife) error {
	c.task.Examined(accounts, 1)
	scope := c.task.Scope()
	end := scope.AsOf.AddDays(1).Year() - 1 // the last year that has ended
	var opening tally
	for n := life.first; n <= end; n++ {
		year := life.years[n]
		if year == nil {
			year = &accountYear{}
		}
		computable := personal.Year{Opening: opening.sum}
		for i := range year.postings {
			computable.Postings[i] = year.postings[i].sum
			opening.add(year.postings[i].sum)
			opening.err = errors.Join(opening.err, year.postings[i].err)
		}
		if scope.HasMonth(calendar.MustMonth(n, 12)) && (n <= life.last || computable != personal.Year{}) {
			if err := c.compare(ctx, key, life, n, computable, year); err != nil {
				return err
			}
		}
		// Interest booked in its own year is part of what the next one opens with; booked later, it is among the postings of that later year.
		opening.add(year.inYear.sum)
		if err := errors.Join(opening.err, year.inYear.err, year.interest.err); err != nil {
			return fmt.Errorf("insurance: account %s of book %v: %w", key.code, key.book, err)
		}
	}
	return nil
}

func (c *interestCheck) compare(ctx context.Context, key accountKey, life *accountLife, n int, computable personal.Year, year *accountYear) error {
	rule, err := c.rule(ctx, bookYear{key.book, n})
	if err != nil {
		return err
	}
	if rule == nil {
		c.task.Note(both("基金账套 %v 的 %d 年度没有提供记账利率，未重新计算", "no rate was given for book %v and %d: nothing was recomputed", audit.BookRef(key.book), n))
		return nil
	}
	credit, steps, err := personal.ComputeInterest(computable, *rule, life.origin.Currency)
	if refused, ok := errors.AsType[*personal.AccountError](err); ok {
		c.task.Note(both("账户 %s 的 %d 年度利息无法重新计算：%s", "the interest of account %s for %d cannot be recomputed: %s", key.code, n, refused.Reason))
		return nil
	}
	if err != nil {
		return err
	}
	should, err := credit.OnOpening.Add(credit.OnPostings)
	if err != nil {
		return err
	}
	gap, err := year.interest.sum.Sub(should)
	if err != nil || int64(gap.Abs()) <= c.task.Parameter("tolerance") {
		return err
	}
	c.report(key, life, n, year, should, gap, rule, steps)
	return nil
}

func (c *interestCheck) report(key accountKey, life *accountLife, n int, year *accountYear, should, gap money.Amount, rule *personal.InterestRule, steps []personal.InterestStep) {
	workings := make([]string, len(steps))
	for i, step := range steps {
		workings[i] = fmt.Sprintf("%s: %s = %s", step.Name, step.Formula, step.Result)
	}
	evidence := year.interest.evidence
	if len(evidence) == 0 {
		evidence = []audit.Evidence{life.origin.Evidence("personal account")}
	}
	o := &life.origin
	c.task.Report(audit.Finding{
		Book: audit.BookRef(key.book), Period: calendar.MustMonth(n, 12).Period(), Subjects: about(byAccount, key.code, byMember, life.person), AtRisk: o.Sum(gap.Abs()),
		Evidence: all(evidence),
		Text: both("账户 %s，%d 年度已记利息 %s，按 %s、年利率 %s 重新计算为 %s，相差 %s（%s）", "account %s, interest of %d: %s is booked, %s at %s a year gives %s, a difference of %s (%s)",
			key.code, n, o.Sum(year.interest.sum), rule.Method, rule.Rate, o.Sum(should), o.Sum(gap), strings.Join(workings, "; ")),
	})
}
