package insurance

import (
	"cmp"
	"context"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

// P06TwoAccounts finds persons with two personal accounts in one insurance.
func P06TwoAccounts() audit.Rule {
	return audit.Rule{
		ID: "P06", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "一人两个个人账户", EN: "Two personal accounts of one person"},
		Why: audit.Text{
			ZH: "同一人同一险种只应有一个个人账户；两个账户会使权益分散、重复计息或重复领取。",
			EN: "A person has one personal account in an insurance; two split the rights, and let them be paid twice.",
		},
		How: audit.Text{
			ZH: "同一基金内按个人编号、合并关系和身份号码假名（提供人员登记时）归集未销户的个人账户，超过一个的列出；已并入他人且余额为零的不计。",
			EN: "Within a fund, accounts that are not closed are brought together by internal number and, where registered persons are given, by merger and by pseudonym of the identity number; more than one is a hit. An account of a merged number whose balance is zero does not count.",
		},
		Do: audit.Text{
			ZH: "核实是否同一人，是则合并账户；核查两个账户的记账、计息和支付。",
			EN: "Establish whether it is one person and merge the accounts; check what was credited to, and paid from, both.",
		},
		Basis: []string{"SIL 第五十八条"},
		Reads: []audit.Declared{audit.RightsSource},
		Uses:  []audit.Declared{audit.PeopleSource},
		Check: checkTwoAccounts,
	}
}

type ownerKey struct {
	book  ledger.BookID
	owner string
}

func checkTwoAccounts(_ context.Context, t *audit.Task) error {
	source, _ := audit.RightsSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		o, err := ownersOf(ctx, t)
		if err != nil {
			return err
		}
		balances := map[accountKey]*tally{}
		for m, err := range source.Movements(ctx) {
			if err != nil {
				return err
			}
			key := accountKey{m.Book, m.Account}
			if balances[key] == nil {
				balances[key] = &tally{}
			}
			balances[key].add(m.Amount)
		}
		held := map[ownerKey][]audit.RightsAccount{}
		for a, err := range source.Accounts(ctx) {
			if err != nil {
				return err
			}
			t.Examined(accounts, 1)
			balance := balances[accountKey{a.Book, a.Account}]
			emptied := o.merged[personKey{a.Book.Realm, a.Person}] && (balance == nil || balance.err == nil && balance.sum == 0)
			if a.Settled.IsZero() && !emptied {
				key := ownerKey{a.Book, o.owner(personKey{a.Book.Realm, a.Person})}
				held[key] = append(held[key], a)
			}
		}
		for _, key := range sorted(held, func(a, b ownerKey) int { return cmp.Or(compareBooks(a.book, b.book), cmp.Compare(a.owner, b.owner)) }) {
			if list := held[key]; len(list) > 1 {
				if err := reportAccounts(t, list, balances); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return nil
}

// personKey is an internal number in a realm.
type personKey struct {
	realm int32
	no    string
}

// owners says who is who.
type owners struct {
	into     map[personKey]string
	identity map[personKey]string
	merged   map[personKey]bool
}

func ownersOf(ctx context.Context, t *audit.Task) (*owners, error) {
	o := &owners{into: map[personKey]string{}, identity: map[personKey]string{}, merged: map[personKey]bool{}}
	people, ok := audit.PeopleSource.In(t)
	if !ok {
		return o, nil
	}
	for p, err := range people.People(ctx) {
		if err != nil {
			return nil, err
		}
		t.Examined(persons, 1)
		key := personKey{p.Book.Realm, p.No}
		if p.Identity != "" {
			o.identity[key] = p.Identity
		}
		if p.MergedInto != "" {
			o.into[key], o.merged[key] = p.MergedInto, true
		}
	}
	return o, nil
}

// owner follows mergers, each at most once round, to the number that goes on, and names it by its pseudonym where it has one.
func (o *owners) owner(key personKey) string {
	for range len(o.into) {
		next, ok := o.into[key]
		if !ok {
			break
		}
		key.no = next
	}
	if known := o.identity[key]; known != "" {
		return "identity " + known
	}
	return "member " + key.no
}

// reportAccounts puts the balances of all accounts but the greatest at risk.
func reportAccounts(t *audit.Task, list []audit.RightsAccount, balances map[accountKey]*tally) error {
	var sum, most money.Amount
	var err error
	f := audit.Finding{Book: audit.BookRef(list[0].Book)}
	for i := range list {
		a := &list[i]
		var balance money.Amount
		if b := balances[accountKey{a.Book, a.Account}]; b != nil {
			if b.err != nil {
				return b.err
			}
			balance = b.sum.Abs()
		}
		if sum, err = sum.Add(balance); err != nil {
			return err
		}
		most = max(most, balance)
		f.Subjects = append(f.Subjects, about(byAccount, a.Account, byMember, a.Person)...)
		f.Evidence = append(f.Evidence, a.Evidence("personal account", balance))
	}
	f.AtRisk = list[0].Sum(sum - most)
	f.Text = both("同一人有 %d 个未销户的个人账户：%s，余额合计 %s", "one person has %d accounts that are not closed: %s, together %s", len(list), f.Name(), list[0].Sum(sum))
	f.Evidence = all(f.Evidence)
	t.Report(f)
	return nil
}
