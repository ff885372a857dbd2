package insurance

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/money"
)

// C01Base finds contribution bases outside the limits of their month.
func C01Base() audit.Rule {
	return audit.Rule{
		ID: "C01", Version: 1, Kind: audit.Exact, Severity: audit.Medium,
		Title: audit.Text{ZH: "缴费基数超出上下限", EN: "Contribution base outside its limits"},
		Why: audit.Text{
			ZH: "基数低于下限少征保费，高于上限多计权益；二者都影响养老金计算。",
			EN: "A base below the floor collects too little, one above the cap credits too much; both change the pension.",
		},
		How:   audit.Text{ZH: "按费款所属月份的上下限比较每条核定明细的缴费基数。", EN: "The base of every assessed contribution is compared with floor and cap of its wage month."},
		Do:    audit.Text{ZH: "重新核定，补征或退还差额，并更正个人账户。", EN: "Assess again, collect or refund the difference, and correct the personal account."},
		Basis: []string{"SIL 第十二条、第六十条", "国办发〔2019〕13号"},
		Reads: []audit.Declared{audit.AssessmentsSource, audit.ContributionLawSource},
		Check: checkBase,
	}
}

// eachAssessed calls see for every assessed contribution in scope, with its terms.
func eachAssessed(ctx context.Context, t *audit.Task, see func(a *audit.AssessedContribution, terms *audit.ContributionTerms) error) error {
	source, _ := audit.AssessmentsSource.In(t)
	law, _ := audit.ContributionLawSource.In(t)
	for a, err := range source.Assessed(ctx) {
		if err != nil {
			return err
		}
		if !inScope(t, a.Month) {
			continue
		}
		terms, ok, err := law.Terms(ctx, &a)
		if err != nil {
			return err
		}
		if !ok {
			t.Note(both("%s %v 没有提供费率和上下限，未判断", "no terms were given for %s in %v: nothing was judged", a.Scheme, a.Month))
			continue
		}
		t.Examined(assessments, 1)
		if err := see(&a, &terms); err != nil {
			return err
		}
	}
	return nil
}

func checkBase(_ context.Context, t *audit.Task) error {
	t.AtEnd(func(ctx context.Context) error {
		return eachAssessed(ctx, t, func(a *audit.AssessedContribution, terms *audit.ContributionTerms) error {
			limit, name := terms.Floor, audit.Text{ZH: "下限", EN: "the floor"}
			if a.Base > terms.Cap {
				limit, name = terms.Cap, audit.Text{ZH: "上限", EN: "the cap"}
			}
			if a.Base >= terms.Floor && a.Base <= terms.Cap {
				return nil
			}
			gap, err := a.Base.Sub(limit)
			if err != nil {
				return err
			}
			rate := terms.EmployerRate.Add(terms.PersonRate)
			rounded, err := terms.Rounding.Apply(a.Currency.Decimal(gap.Abs()).Mul(rate))
			if err != nil {
				return err
			}
			risk, err := a.Currency.FromDecimal(rounded)
			if err != nil {
				return err
			}
			reportBase(t, a, terms, limit, name, risk)
			return nil
		})
	})
	return nil
}

func reportBase(t *audit.Task, a *audit.AssessedContribution, terms *audit.ContributionTerms, limit money.Amount, name audit.Text, risk money.Amount) {
	gap := a.Sum((a.Base - limit).Abs())
	rate := terms.EmployerRate.Add(terms.PersonRate)
	t.Report(audit.Finding{
		Book: audit.BookRef(a.Book), Period: period(a.Month), Subjects: assessedSubjects(a), AtRisk: a.Sum(risk),
		Evidence: []audit.Evidence{a.Evidence("assessment", a.Base)},
		Text: audit.Text{
			ZH: fmt.Sprintf("个人编号 %s，%v：基数 %s，%s %s，相差 %s；× %s = %s（%s）", a.Person, a.Month, a.Sum(a.Base), name.ZH, a.Sum(limit), gap, rate, a.Sum(risk), terms.Source),
			EN: fmt.Sprintf("member %s, %v: base %s, %s is %s, a difference of %s; × %s = %s (%s)", a.Person, a.Month, a.Sum(a.Base), name.EN, a.Sum(limit), gap, rate, a.Sum(risk), terms.Source),
		},
	})
}

func assessedSubjects(a *audit.AssessedContribution) []audit.Subject {
	return about(byMember, a.Person, byEmployer, a.Employer, byScheme, a.Scheme, byMonth, a.Month.String())
}
