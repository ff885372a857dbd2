package insurance

import (
	"context"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/money"
)

// C03Amount computes assessed contributions again from base and rate.
func C03Amount() audit.Rule {
	return audit.Rule{
		ID: "C03", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "核定金额与基数乘费率不符", EN: "Assessed amount is not base times rate"},
		Why: audit.Text{
			ZH: "核定金额错误会多征或少征保费；费率版本用错会影响全部人员。",
			EN: "A wrong amount collects too much or too little; a wrong version of the rates touches everybody.",
		},
		How: audit.Text{
			ZH: "按所属月份的费率和进位办法，以核定基数分别重新计算单位和个人应缴，逐条比较。",
			EN: "Employer's and person's amounts are each computed again from the assessed base by rate and rounding of the wage month, and compared.",
		},
		Do:    audit.Text{ZH: "查明费率版本和进位办法，重新核定，补征或退还差额。", EN: "Find out which version and rounding were used, assess again, and collect or refund the difference."},
		Basis: []string{"SIL 第十二条、第六十条", "国办发〔2019〕13号"},
		Reads: []audit.Declared{audit.AssessmentsSource, audit.ContributionLawSource},
		Check: checkAmount,
	}
}

func checkAmount(_ context.Context, t *audit.Task) error {
	t.AtEnd(func(ctx context.Context) error {
		return eachAssessed(ctx, t, func(a *audit.AssessedContribution, terms *audit.ContributionTerms) error {
			for _, part := range []struct {
				name audit.Text
				part audit.Part
				rate decimal.Decimal
				due  money.Amount
			}{
				{audit.Text{ZH: "单位应缴", EN: "employer's part"}, audit.EmployerPart, terms.EmployerRate, a.EmployerDue},
				{audit.Text{ZH: "个人应缴", EN: "person's part"}, audit.PersonPart, terms.PersonRate, a.PersonDue},
			} {
				product := a.Currency.Decimal(a.Base).Mul(part.rate)
				rounded, err := terms.Rounding.Apply(product)
				if err != nil {
					return err
				}
				should, err := a.Currency.FromDecimal(rounded)
				if err != nil {
					return err
				}
				gap, err := part.due.Sub(should)
				if err != nil {
					return err
				}
				if gap == 0 {
					continue
				}
				text := both(" %s；%s × %s = %s，%v，应为 %s，相差 %s（%s）", " is %s; %s × %s = %s, %v: %s, a difference of %s (%s)",
					a.Sum(part.due), a.Sum(a.Base), part.rate, product, terms.Rounding, a.Sum(should), a.Sum(gap), terms.Source)
				lead := both("个人编号 %s，%v：", "member %s, %v: ", a.Person, a.Month)
				t.Report(audit.Finding{
					Book: audit.BookRef(a.Book), Period: period(a.Month), Subjects: append(assessedSubjects(a), about("part", string(part.part))...),
					AtRisk: a.Sum(gap.Abs()), Evidence: []audit.Evidence{a.Evidence("assessment", a.Base, part.due)},
					Text: audit.Text{ZH: lead.ZH + part.name.ZH + text.ZH, EN: lead.EN + part.name.EN + text.EN},
				})
			}
			return nil
		})
	})
	return nil
}
