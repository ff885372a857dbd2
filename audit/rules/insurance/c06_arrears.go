package insurance

import (
	"cmp"
	"context"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// C06Arrears finds assessed contributions never demanded, and arrears for which nothing was done in time.
func C06Arrears() audit.Rule {
	return audit.Rule{
		ID: "C06", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "欠费未催缴", EN: "Arrears not pursued"},
		Why: audit.Text{
			ZH: "用人单位未按时足额缴费的，应责令限期缴纳并采取清欠措施；不催缴使基金流失，也使职工权益受损。",
			EN: "An employer who does not pay on time and in full is ordered to pay and enforced against; where nothing is done the fund loses money and employees lose rights.",
		},
		How: audit.Text{
			ZH: "一、已核定但月末后超过设定天数仍无应收核定单；二、核定单逾期后仍欠缴，且逾期之日起设定天数内没有催缴或清欠措施。欠缴额为核定额减截止日前的分配。",
			EN: "First, contributions assessed with no demand the days set after the end of their month. Second, demands still owed after they fell due, with no step of enforcement within the days set from then. What is owed is the demand less what was allocated to it by the audit's day.",
		},
		Do:    audit.Text{ZH: "立即发出催缴通知，按规定加收滞纳金并申请划拨；查明未催缴的原因。", EN: "Give notice at once, add the surcharge, apply for enforcement, and find out why nothing was done."},
		Basis: []string{"SIL 第六十三条、第八十六条"},
		Reads: []audit.Declared{audit.DemandsSource, audit.ReceiptsSource},
		Uses:  []audit.Declared{audit.AssessmentsSource},
		Parameters: []audit.Parameter{
			{Name: "days", Title: audit.Text{ZH: "催缴期限", EN: "days from the due day to the first step"}, Unit: audit.Text{ZH: "天", EN: "days"},
				Default: 30, Least: 1, Most: 3660, Source: ownChoice},
			{Name: "demand_days", Title: audit.Text{ZH: "发出核定单期限", EN: "days from the end of the month to the demand"}, Unit: audit.Text{ZH: "天", EN: "days"},
				Default: 30, Least: 1, Most: 3660, Source: ownChoice},
			{Name: "tolerance", Title: audit.Text{ZH: "不予催缴的欠额", EN: "arrears that are not pursued"}, Unit: audit.Text{ZH: "最小货币单位", EN: "minor units"},
				Default: 0, Least: 0, Most: 1_000_000, Source: "none; a locality may set one"},
		},
		Check: checkArrears,
	}
}

type demandKey struct {
	book ledger.BookID
	id   string
}

// undemandedKey is what one demand would have been for.
type undemandedKey struct {
	book             ledger.BookID
	employer, scheme string
	month            calendar.Month
}

func checkArrears(_ context.Context, t *audit.Task) error {
	source, _ := audit.DemandsSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		paid, err := paidOn(ctx, t)
		if err != nil {
			return err
		}
		known := map[demandKey]bool{}
		for d, err := range source.Demands(ctx) {
			if err != nil {
				return err
			}
			t.Examined(demands, 1)
			key := demandKey{d.Book, d.ID}
			known[key] = true
			if inScope(t, d.Month) {
				if err := reportArrears(t, &d, paid[key]); err != nil {
					return err
				}
			}
		}
		return undemanded(ctx, t, known)
	})
	return nil
}

// paidOn adds the principal that was allocated to each demand by the audit's day.
func paidOn(ctx context.Context, t *audit.Task) (map[demandKey]*tally, error) {
	received, _ := audit.ReceiptsSource.In(t)
	paid := map[demandKey]*tally{}
	for r, err := range received.Receipts(ctx) {
		if err != nil {
			return nil, err
		}
		t.Examined(receipts, 1)
		for _, a := range r.Allocations {
			if a.Part == audit.SurchargePart || a.Day > t.Scope().AsOf {
				continue
			}
			key := demandKey{r.Book, a.Demand}
			if paid[key] == nil {
				paid[key] = &tally{}
			}
			paid[key].add(a.Amount)
		}
	}
	return paid, nil
}

func reportArrears(t *audit.Task, d *audit.Demand, paid *tally) error {
	if paid == nil {
		paid = &tally{}
	}
	owed, err := difference(&tally{sum: d.Amount}, paid)
	if err != nil {
		return err
	}
	days := int(t.Parameter("days"))
	asOf := t.Scope().AsOf
	if owed <= 0 || int64(owed) <= t.Parameter("tolerance") || !d.Due.Valid() || asOf.Sub(d.Due) <= days {
		return nil
	}
	var first audit.EnforcementStep
	for _, step := range d.Steps {
		if step.Day > d.Due && step.Day <= asOf && (first.Day.IsZero() || step.Day < first.Day) {
			first = step
		}
	}
	done := audit.Text{ZH: "没有催缴或清欠措施", EN: "nothing was done"}
	if !first.Day.IsZero() {
		if first.Day.Sub(d.Due) <= days {
			return nil
		}
		done = both("首次措施（%s）在 %v，逾期 %d 天", "the first step (%s) was on %v, %d days late", first.Kind, first.Day, first.Day.Sub(d.Due))
	}
	text := both("单位 %s，%v，核定单 %s：应缴 %s − 已分配 %s = 欠缴 %s，%v 到期，至 %v 逾期 %d 天（期限 %d 天）；", "employer %s, %v, demand %s: %s − %s allocated = %s owed, due on %v, %[9]d days late on %[8]v (limit %[10]d); ",
		d.Employer, d.Month, d.ID, d.Sum(d.Amount), d.Sum(paid.sum), d.Sum(owed), d.Due, asOf, asOf.Sub(d.Due), days)
	text.ZH += done.ZH
	text.EN += done.EN
	t.Report(audit.Finding{
		Book: audit.BookRef(d.Book), Period: period(d.Month), Subjects: about(byEmployer, d.Employer, byScheme, d.Scheme, byMonth, d.Month.String(), "demand", d.ID),
		AtRisk: d.Sum(owed), Evidence: []audit.Evidence{d.Evidence("demand", d.Amount)}, Text: text,
	})
	return nil
}

// undemanded finds assessed contributions that no demand asks for.
func undemanded(ctx context.Context, t *audit.Task, known map[demandKey]bool) error {
	source, ok := audit.AssessmentsSource.In(t)
	if !ok {
		return nil
	}
	days := int(t.Parameter("demand_days"))
	asOf := t.Scope().AsOf
	missing := map[undemandedKey]*tally{}
	origins := map[undemandedKey]audit.Origin{}
	for a, err := range source.Assessed(ctx) {
		if err != nil {
			return err
		}
		t.Examined(assessments, 1)
		if !a.Month.Valid() || known[demandKey{a.Book, a.Demand}] || !inScope(t, a.Month) || asOf.Sub(a.Month.Last()) <= days {
			continue
		}
		key := undemandedKey{a.Book, a.Employer, a.Scheme, a.Month}
		if missing[key] == nil {
			missing[key], origins[key] = &tally{}, a.Origin
		}
		due, err := money.Sum(a.EmployerDue, a.PersonDue)
		if err != nil {
			return err
		}
		missing[key].add(due, a.Evidence("assessment", due))
	}
	for _, key := range sorted(missing, func(a, b undemandedKey) int {
		return cmp.Or(compareBooks(a.book, b.book), cmp.Compare(a.employer, b.employer), cmp.Compare(a.scheme, b.scheme), cmp.Compare(a.month, b.month))
	}) {
		sum, o := missing[key], origins[key]
		if sum.err != nil {
			return sum.err
		}
		t.Report(audit.Finding{
			Book: audit.BookRef(key.book), Period: period(key.month), Subjects: about(byEmployer, key.employer, byScheme, key.scheme, byMonth, key.month.String()),
			AtRisk: o.Sum(sum.sum.Abs()), Evidence: all(sum.evidence),
			Text: both("单位 %s，%v：已核定 %s，月末后 %d 天仍无应收核定单（期限 %d 天）", "employer %s, %v: %s is assessed, and %d days after the end of the month there is no demand (limit %d)",
				key.employer, key.month, o.Sum(sum.sum), asOf.Sub(key.month.Last()), days),
		})
	}
	return nil
}
