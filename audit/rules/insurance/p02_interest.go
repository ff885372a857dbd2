package insurance

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/audit"
)

// P02Interest computes the interest of every personal account and year again.
func P02Interest() audit.Rule {
	return audit.Rule{
		ID: "P02", Version: 2, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "个人账户利息与重新计算不符", EN: "Interest of a personal account is not as recomputed"},
		Why: audit.Text{
			ZH: "少计利息侵害个人权益，多计利息加大基金支付责任；利率或计息办法用错会影响全部账户。",
			EN: "Too little takes from the member, too much burdens the fund, and a wrong rate or method touches every account.",
		},
		How: audit.Text{
			ZH: "按当年公布的利率和计息办法，以年初余额和各月净变动重新计算每个账户的利息，与标签为该年度利息的记账合计比较；截止日前未满的年度和没有利率的年度不判断。支付继承后余额为零的账户视为清算：按清算日的规则，清算当年只计清算月之前的月份，上年尚未计息的一并计算；没有清算计息规则的，清算当年不应有利息。清算后的记账另行起算。",
			EN: "By the rate and the method of the year, the interest of each account is computed from its balance at the beginning and its net movements by month, and compared with what is booked under the year's interest tag. Years that have not ended by the audit's day, or have no rate, are not judged. A payment to heirs that leaves nothing settles the account: by the rule of that day the months before that of the settlement earn, and the year before where it was not credited yet; where no such rule is known, no interest is due for the year of the settlement. What is posted later is reckoned by itself.",
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

func checkInterest(_ context.Context, t *audit.Task) error {
	source, _ := audit.RightsSource.In(t)
	law, _ := audit.InterestLawSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		check := newInterestCheck(t, law)
		if err := check.read(ctx, source, nil); err != nil || len(check.suspects) == 0 {
			return err
		}
		suspects := check.suspects
		check.suspects = nil
		return check.read(ctx, source, suspects)
	})
	return nil
}

// read reads the movements of all accounts, or of some with the records of their interest, and judges them.
func (c *interestCheck) read(ctx context.Context, source audit.Rights, only map[accountKey]bool) error {
	lives := map[accountKey]*accountLife{}
	for m, err := range source.Movements(ctx) {
		if err != nil {
			return err
		}
		key := accountKey{m.Book, m.Account}
		if m.Day > c.task.Scope().AsOf || only != nil && !only[key] {
			continue
		}
		if !m.Day.Valid() {
			return fmt.Errorf("insurance: movement %s of account %s has no date", m.ID, m.Account)
		}
		life := lives[key]
		if life == nil {
			life = &accountLife{currency: m.Currency, person: m.Person}
			if only != nil {
				life.origin, life.evidence = &m.Origin, map[int][]audit.Evidence{}
			}
			lives[key] = life
		}
		if only == nil {
			c.task.Examined(movements, 1)
		}
		if err := life.move(&m); err != nil {
			return fmt.Errorf("insurance: account %s of book %v: %w", m.Account, m.Book, err)
		}
	}
	for _, key := range sorted(lives, compareAccounts) {
		if err := c.account(ctx, key, lives[key]); err != nil {
			return err
		}
	}
	return nil
}
