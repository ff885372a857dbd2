package insurance

import (
	"cmp"
	"context"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

// P03Balance finds personal accounts that went below zero, or that were paid out and still have a balance.
func P03Balance() audit.Rule {
	return audit.Rule{
		ID: "P03", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "个人账户余额为负或清退后仍有余额", EN: "Personal account below zero, or with a balance after it was paid out"},
		Why: audit.Text{
			ZH: "个人账户余额为负，说明支付超过了个人权益，超出部分由统筹基金垫付；继承、退还或转出后仍有余额，说明结清金额有误。",
			EN: "An account below zero paid more than the person owned, at the pool's cost; a balance after payment to heirs, refund or transfer means that the settlement was wrong.",
		},
		How: audit.Text{
			ZH: "按记账顺序累计每个账户的变动，列出曾低于零的账户；已销户或已支付继承的账户，截止日余额不为零的列出。",
			EN: "The movements of each account are added up in the order of posting, and accounts that were ever below zero are hits; so are those closed, or paid to heirs, whose balance on the audit's day is not zero.",
		},
		Do: audit.Text{
			ZH: "逐笔核对账户变动；多支付的追回，少支付的补发，记账错误的更正。",
			EN: "Go through the account line by line; recover what was overpaid, pay what was underpaid, and correct what was booked wrongly.",
		},
		Basis: []string{"SIL 第十四条"},
		Reads: []audit.Declared{audit.RightsSource},
		Check: checkBalance,
	}
}

// accountKey is a personal account: codes are unique in a book.
type accountKey struct {
	book ledger.BookID
	code string
}

func compareAccounts(a, b accountKey) int {
	return cmp.Or(compareBooks(a.book, b.book), cmp.Compare(a.code, b.code))
}

// accountState follows one account through its movements.
type accountState struct {
	origin  audit.Origin
	person  string
	balance tally
	lowest  money.Amount
	at      audit.Evidence // the movement that took it to the lowest point
	settled audit.Evidence // the last payment to heirs; no Kind where there is none
}

func checkBalance(_ context.Context, t *audit.Task) error {
	source, _ := audit.RightsSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		states := map[accountKey]*accountState{}
		for m, err := range source.Movements(ctx) {
			if err != nil {
				return err
			}
			if m.Day > t.Scope().AsOf {
				continue
			}
			t.Examined(movements, 1)
			key := accountKey{m.Book, m.Account}
			s := states[key]
			if s == nil {
				s = &accountState{origin: m.Origin, person: m.Person}
				states[key] = s
			}
			s.move(&m)
			if s.balance.err != nil {
				return s.balance.err
			}
		}
		for a, err := range source.Accounts(ctx) {
			if err != nil {
				return err
			}
			t.Examined(accounts, 1)
			if s := states[accountKey{a.Book, a.Account}]; s != nil && !a.Settled.IsZero() && a.Settled <= t.Scope().AsOf {
				s.settled = a.Evidence("personal account")
				s.settled.Effective = a.Settled
			}
		}
		for _, key := range sorted(states, compareAccounts) {
			states[key].report(t, key)
		}
		return nil
	})
	return nil
}

func (s *accountState) move(m *audit.RightsMovement) {
	s.balance.add(m.Amount)
	if s.balance.sum < s.lowest {
		s.lowest, s.at = s.balance.sum, movementEvidence(m)
	}
	if m.Tag == personal.TagHeirs && m.Amount < 0 {
		s.settled = movementEvidence(m)
	}
}

// movementEvidence refers to a line of a personal account.
func movementEvidence(m *audit.RightsMovement) audit.Evidence {
	ev := m.Evidence("movement", m.Amount)
	ev.Effective = m.Day
	if m.Seq != 0 {
		ev.Kind, ev.Ordinals = "entry", []int64{m.Ordinal}
	}
	return ev
}

func (s *accountState) report(t *audit.Task, key accountKey) {
	f := audit.Finding{Book: audit.BookRef(key.book), Subjects: about(byAccount, key.code, byMember, s.person)}
	if s.lowest < 0 {
		f.AtRisk, f.Evidence = s.origin.Sum(s.lowest.Abs()), []audit.Evidence{s.at}
		f.Text = both("个人账户 %s 于 %v 余额降至 %s，低于零", "personal account %s fell to %[3]s on %[2]v, below zero", key.code, s.at.Effective, s.origin.Sum(s.lowest))
		t.Report(f)
	}
	if s.settled.Kind != "" && s.balance.sum > 0 {
		f.Subjects = append(f.Subjects, audit.Subject{Name: "settled", Value: s.settled.Effective.String()})
		f.AtRisk, f.Evidence = s.origin.Sum(s.balance.sum.Abs()), []audit.Evidence{s.settled}
		f.Text = both("个人账户 %s 于 %v 结清，至 %v 余额仍为 %s，应为零", "personal account %s was settled on %v; on %v its balance is %s and should be zero",
			key.code, s.settled.Effective, t.Scope().AsOf, s.origin.Sum(s.balance.sum))
		t.Report(f)
	}
}
