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

type bookYear struct {
	book ledger.BookID
	year int
}

type settlementDay struct {
	book ledger.BookID
	day  calendar.Date
}

// interestCheck goes through the accounts, first without evidence, and then again, with it, through those with a difference.
type interestCheck struct {
	task        *audit.Task
	law         audit.InterestLaw
	rules       map[bookYear]*personal.InterestRule // nil: none is known
	settlements map[settlementDay]*personal.InterestRule
	suspects    map[accountKey]bool // nil in the second reading, which reports
}

func newInterestCheck(t *audit.Task, law audit.InterestLaw) *interestCheck {
	return &interestCheck{task: t, law: law, rules: map[bookYear]*personal.InterestRule{}, settlements: map[settlementDay]*personal.InterestRule{}, suspects: map[accountKey]bool{}}
}

// note notes what could not be judged, in the first reading.
func (c *interestCheck) note(text audit.Text) {
	if c.suspects != nil {
		c.task.Note(text)
	}
}

// asked returns the answer of the law to a question, which is asked once.
func asked[K comparable](answers map[K]*personal.InterestRule, key K, ask func() (personal.InterestRule, bool, error)) (*personal.InterestRule, error) {
	if rule, known := answers[key]; known {
		return rule, nil
	}
	rule, ok, err := ask()
	if err != nil {
		return nil, err
	}
	answers[key] = nil
	if ok {
		answers[key] = &rule
	}
	return answers[key], nil
}

func (c *interestCheck) yearly(ctx context.Context, book ledger.BookID, year int) (*personal.InterestRule, error) {
	return asked(c.rules, bookYear{book, year}, func() (personal.InterestRule, bool, error) { return c.law.InterestRule(ctx, book, year) })
}

func (c *interestCheck) atSettlement(ctx context.Context, book ledger.BookID, day calendar.Date) (*personal.InterestRule, error) {
	return asked(c.settlements, settlementDay{book, day}, func() (personal.InterestRule, bool, error) { return c.law.SettlementRule(ctx, book, day) })
}

func (c *interestCheck) account(ctx context.Context, key accountKey, life *accountLife) error {
	if c.suspects != nil {
		c.task.Examined(accounts, 1)
	}
	for i := range life.stretches {
		if err := c.stretch(ctx, key, life, &life.stretches[i]); err != nil {
			return fmt.Errorf("insurance: account %s of book %v: %w", key.code, key.book, err)
		}
	}
	return nil
}

// judgement is one year of one stretch of an account, with what the law gives for it.
type judgement struct {
	key     accountKey
	life    *accountLife
	year    int
	period  calendar.Month // that a finding is about
	settled calendar.Date  // the settlement that it is judged by; zero for the year's own law
	from    personal.Year
	booked  money.Amount
}

// stretch judges every year of a stretch, and the one of its settlement.
func (c *interestCheck) stretch(ctx context.Context, key accountKey, life *accountLife, s *stretch) error {
	end := c.task.Scope().AsOf.AddDays(1).Year() - 1 // the last year that has ended
	if s.settled != 0 {
		end = s.settled.Year()
	}
	var opening money.Amount
	for n := s.first; n <= end; n++ {
		year := &accountYear{}
		if n < s.first+len(s.years) {
			year = &s.years[n-s.first]
		}
		j := judgement{key: key, life: life, year: n, period: calendar.MustMonth(n, 12), from: personal.Year{Opening: opening, Postings: year.postings}, booked: year.interest}
		// Interest booked in its own year is part of what the next one opens with; booked later, it is among the postings of that later year. What the settlement books
		// for the year before counts as if it stood there on 31 December.
		atSettlement := money.Amount(0)
		var err error
		if s.settled != 0 && n == s.settled.Year()-1 {
			if atSettlement, err = year.bookedOn(s.settled); err != nil {
				return err
			}
		}
		if opening, err = opening.Add(year.inYear); err != nil {
			return err
		}
		for _, amount := range append(year.postings[:], atSettlement) {
			if opening, err = opening.Add(amount); err != nil {
				return err
			}
		}
		if err := c.judge(ctx, &j, s, year); err != nil {
			return err
		}
	}
	return nil
}

// judge finds the law of a year: its own, or that of the settlement.
func (c *interestCheck) judge(ctx context.Context, j *judgement, s *stretch, year *accountYear) error {
	months := 0
	if s.settled != 0 {
		switch before := len(year.later) > 0 && year.later[0].day < s.settled; {
		case j.year == s.settled.Year() && !(year.whole && s.settled.MonthOfYear() == 12):
			months = s.settled.MonthOfYear() - 1
			j.settled, j.period = s.settled, s.settled.Month()
		case j.year == s.settled.Year()-1 && !year.credited && !before:
			// Nothing is due where the law of that year is not known, as before the books began.
			if known, err := c.yearly(ctx, j.key.book, j.year); err != nil || known == nil {
				return errors.Join(err, c.byYear(ctx, j))
			}
			months = 12
			j.settled, j.period = s.settled, s.settled.Month()
		}
	}
	if j.settled == 0 {
		if !c.task.Scope().HasMonth(j.period) || j.year >= s.first+len(s.years) && j.from == (personal.Year{}) {
			return nil
		}
		return c.byYear(ctx, j)
	}
	rule, err := c.atSettlement(ctx, j.key.book, j.settled)
	if err != nil {
		return err
	}
	if !c.task.Scope().HasMonth(j.period) {
		return nil
	}
	for i := months; i < 12; i++ {
		j.from.Postings[i] = 0
	}
	switch {
	case rule != nil:
		own := *rule
		own.Months = months
		return c.compare(j, &own)
	case j.year < j.settled.Year(): // that nothing is credited at a settlement takes no whole year away
		return c.byYear(ctx, j)
	}
	return c.report(j, 0, nil, nil)
}

// byYear compares by the law of the year, where one is known.
func (c *interestCheck) byYear(ctx context.Context, j *judgement) error {
	rule, err := c.yearly(ctx, j.key.book, j.year)
	if err != nil {
		return err
	}
	if rule == nil {
		c.note(both("基金账套 %v 的 %d 年度没有提供记账利率，未重新计算", "no rate was given for book %v and %d: nothing was recomputed", audit.BookRef(j.key.book), j.year))
		return nil
	}
	return c.compare(j, rule)
}

func (c *interestCheck) compare(j *judgement, rule *personal.InterestRule) error {
	credit, steps, err := personal.ComputeInterest(j.from, *rule, j.life.currency)
	if refused, ok := errors.AsType[*personal.AccountError](err); ok {
		c.note(both("账户 %s 的 %d 年度利息无法重新计算：%s", "the interest of account %s for %d cannot be recomputed: %s", j.key.code, j.year, refused.Reason))
		return nil
	}
	if err != nil {
		return err
	}
	should, err := credit.OnOpening.Add(credit.OnPostings)
	if err != nil {
		return err
	}
	return c.report(j, should, rule, steps)
}

// report reports a difference beyond the tolerance. The rule is nil where no interest is due at all.
func (c *interestCheck) report(j *judgement, should money.Amount, rule *personal.InterestRule, steps []personal.InterestStep) error {
	gap, err := j.booked.Sub(should)
	if err != nil || int64(gap.Abs()) <= c.task.Parameter("tolerance") {
		return err
	}
	if c.suspects != nil {
		c.suspects[j.key] = true
		return nil
	}
	evidence, o := j.life.evidence[j.year], j.life.origin
	if len(evidence) == 0 {
		evidence = []audit.Evidence{o.Evidence("personal account")}
	}
	f := audit.Finding{
		Book: audit.BookRef(j.key.book), Period: j.period.Period(), Subjects: about(byAccount, j.key.code, byMember, j.life.person), AtRisk: o.Sum(gap.Abs()), Evidence: all(evidence),
	}
	if j.settled != 0 {
		f.Subjects = append(f.Subjects, audit.Subject{Name: "settled", Value: j.settled.String()})
	}
	f.Text = j.text(should, gap, rule, steps)
	c.task.Report(f)
	return nil
}

func (j *judgement) text(should, gap money.Amount, rule *personal.InterestRule, steps []personal.InterestStep) audit.Text {
	o := j.life.origin
	text := both("账户 %s，%d 年度", "account %s, interest of %d", j.key.code, j.year)
	if j.settled != 0 {
		when := both("（%v 清算）", ", settled on %v", j.settled)
		text.ZH, text.EN = text.ZH+when.ZH, text.EN+when.EN
	}
	if rule == nil {
		why := both("已记利息 %s，清算当年不计息，相差 %s", ": %s is booked, the place credits none at a settlement, a difference of %s", o.Sum(j.booked), o.Sum(gap))
		return audit.Text{ZH: text.ZH + why.ZH, EN: text.EN + why.EN}
	}
	workings := make([]string, len(steps))
	for i, step := range steps {
		workings[i] = fmt.Sprintf("%s: %s = %s", step.Name, step.Formula, step.Result)
	}
	why := both("已记利息 %s，按 %s、年利率 %s 重新计算为 %s，相差 %s（%s）", ": %s is booked, %s at %s a year gives %s, a difference of %s (%s)",
		o.Sum(j.booked), rule.Method, rule.Rate, o.Sum(should), o.Sum(gap), strings.Join(workings, "; "))
	return audit.Text{ZH: text.ZH + why.ZH, EN: text.EN + why.EN}
}
