package accounts

import (
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// AccountType is the element of accounting (会计要素) that an account belongs to. It decides the normal side.
type AccountType string

// The types. Assets and expenses stand in debit, the others in credit.
const (
	Asset     AccountType = "asset"      // 资产
	Liability AccountType = "liability"  // 负债
	NetAssets AccountType = "net_assets" // 净资产
	Income    AccountType = "income"     // 收入
	Expense   AccountType = "expense"    // 支出
)

var accountTypes = []AccountType{Asset, Liability, NetAssets, Income, Expense}

// NormalSide returns the side on which the balance of an account of this type normally stands.
func (t AccountType) NormalSide() Side {
	if t == Asset || t == Expense {
		return Debit
	}
	return Credit
}

// Section is the part of a book an account stands in. Each section balances by itself.
type Section string

// The sections. Memorandum accounts (备查) hold members' rights and registers, which are no part of the fund's own books.
const (
	General    Section = "general"
	Memorandum Section = "memorandum"
)

// Side is the side of an entry line (记账方向).
type Side string

// The sides.
const (
	Debit  Side = "debit"  // 借
	Credit Side = "credit" // 贷
)

// Other returns the opposite side.
func (s Side) Other() Side {
	if s == Debit {
		return Credit
	}
	return Debit
}

// Origin says whose fact a record is.
type Origin string

// The origins.
const (
	OfStandard Origin = "standard" // the state's
	OfProject  Origin = "project"  // this project's own addition
	OfDeployer Origin = "deployer" // added by an overlay
)

// Account is an account of the chart (会计科目) as a dated fact, before it is narrowed to one book. One id may have several records whose validity does not
// overlap.
type Account struct {
	Position
	ID        string           `yaml:"id,required"`
	Code      string           `yaml:"code"` // the standard's number; empty where it gives none (see Chart.Code)
	ZH        string           `yaml:"zh,required"`
	EN        string           `yaml:"en,required"`
	Type      AccountType      `yaml:"type"`
	Section   Section          `yaml:"section"`
	Parent    string           `yaml:"parent"`
	Funds     []FundID         `yaml:"funds"`
	Level     Level            `yaml:"level"`
	Levels    map[FundID]Level `yaml:"levels"` // the level condition of a fund, where it differs
	Rule      Rule             `yaml:"rule"`
	Rules     map[FundID]Rule  `yaml:"rules"` // the rule of a fund, where it differs
	Collector Collector        `yaml:"collector"`
	Validity  `yaml:",inline"`
	Names     map[FundID]string `yaml:"names"` // the Chinese name in the books of a fund, where it differs
	Close     map[FundID]string `yaml:"close"` // income and expense: account that takes the movement at closing; key "default" for other funds
	Details   []string          `yaml:"details"`
	Rest      bool              `yaml:"rest"` // takes what the standard writes on the parent without naming a detail
	Source    string            `yaml:"source,required"`
	Note      string            `yaml:"note"`
	Origin    Origin
}

// inBook reports whether a book of the fund has the account on a day.
func (a *Account) inBook(fund FundID, c Conditions, at calendar.Date) bool {
	level, rule := a.Level, a.Rule
	if l, ok := a.Levels[fund]; ok {
		level = l
	}
	if r, ok := a.Rules[fund]; ok {
		rule = r
	}
	collected := a.Collector == "" || a.Collector == c.Collector || c.Collector == CollectedByBoth
	return slices.Contains(a.Funds, fund) && a.Holds(at) && level.Met(c) && rule.Met(c) && collected
}

// closingTarget returns where the account of a fund closes to: an account id, or "" for an account that is carried forward or split.
func (a *Account) closingTarget(fund FundID) string {
	target, ok := a.Close[fund]
	if !ok {
		target = a.Close[defaultTarget]
	}
	if target == closesNowhereUntilSplit {
		return ""
	}
	return target
}

// checkAccounts checks every account by itself and against the others.
func (l *loading) checkAccounts() {
	for i := range l.chart.accounts {
		a := &l.chart.accounts[i]
		l.checkOne(a)
		l.checkVersions(a)
		if a.Parent != "" {
			l.checkParent(a)
		}
		l.checkDetails(a)
		l.checkClose(a)
	}
}

func (l *loading) checkOne(a *Account) {
	what := "account " + quote(a.ID)
	oneOf(l, a.Position, what+".type", a.Type, accountTypes)
	oneOf(l, a.Position, what+".section", a.Section, []Section{General, Memorandum})
	oneOf(l, a.Position, what+".level", a.Level, levels)
	oneOf(l, a.Position, what+".rule", a.Rule, rules)
	oneOf(l, a.Position, what+".collector", a.Collector, []Collector{"", CollectedByAgency, CollectedByTax})
	l.checkValidity(a.Position, what, a.Validity)
	if len(a.Funds) == 0 {
		l.fault(a.Position, FaultMissing, what+" is for no fund", "name its funds")
	}
	if a.Parent == "" && a.Code == "" {
		l.fault(a.Position, FaultMissing, what+" is a first-level account without a number", "give its code")
	}
	for fund := range a.Names {
		l.checkFundKey(a, "names", fund)
	}
	for fund, level := range a.Levels {
		l.checkFundKey(a, "levels", fund)
		oneOf(l, a.Position, what+".levels", level, levels)
	}
	for fund, rule := range a.Rules {
		l.checkFundKey(a, "rules", fund)
		oneOf(l, a.Position, what+".rules", rule, rules)
	}
}

func (l *loading) checkFundKey(a *Account, field string, fund FundID) {
	if !slices.Contains(a.Funds, fund) {
		l.fault(a.Position, FaultDangling, "account "+quote(a.ID)+"."+field+" names "+quote(string(fund))+", which is none of its funds", "name one of its funds")
	}
}

// checkVersions reports records of one id that overlap, or that change what must stay.
func (l *loading) checkVersions(a *Account) {
	for _, i := range l.chart.byID[a.ID] {
		other := &l.chart.accounts[i]
		if other == a {
			return
		}
		if other.overlaps(a.Validity) {
			l.fault(a.Position, FaultOverlap, "account "+quote(a.ID)+" is also defined at "+other.Position.String()+" for the same days",
				"end the older record the day before the newer one begins")
		}
		if other.Type != a.Type || other.Section != a.Section || other.Parent != a.Parent {
			l.fault(a.Position, FaultForbidden, "account "+quote(a.ID)+" has another type, section or parent than at "+other.Position.String(),
				"give the new account a new id")
		}
	}
}

func (l *loading) checkParent(a *Account) {
	what := "account " + quote(a.ID)
	parent := l.chart.account(a.Parent)
	if parent == nil {
		l.fault(a.Position, FaultDangling, what+" stands below "+quote(a.Parent)+", which does not exist", "name an account of the chart")
		return
	}
	if a.Type != parent.Type || a.Section != parent.Section {
		l.fault(a.Position, FaultForbidden, what+" has another type or section than "+quote(a.Parent)+" above it", "give it those of the account above")
	}
	if !a.within(parent.Validity) || !a.Level.implies(parent.Level) {
		l.fault(a.Position, FaultOverlap, what+" exists where or when "+quote(a.Parent)+" above it does not", "narrow its validity or level")
	}
	for _, fund := range a.Funds {
		if !slices.Contains(parent.Funds, fund) {
			l.fault(a.Position, FaultDangling, what+" is for the fund "+quote(string(fund))+", which "+quote(a.Parent)+" above it is not", "narrow its funds")
		}
	}
	if a.Origin == OfStandard && !slices.Contains(parent.Details, a.ID) {
		l.fault(a.Position, FaultDangling, what+" is not among the details of "+quote(a.Parent), "add it to the details there")
	}
}

// aboveItself reports whether the accounts above a lead back to it or go round without it.
func (l *loading) aboveItself(a *Account) bool {
	id := a.Parent
	for range l.chart.accounts {
		if id == a.ID {
			return true
		}
		above := l.chart.account(id)
		if above == nil {
			return false
		}
		id = above.Parent
	}
	return true
}

func (l *loading) checkDetails(a *Account) {
	for i, id := range a.Details {
		detail := l.chart.account(id)
		switch {
		case detail == nil:
			l.fault(a.Position, FaultDangling, "account "+quote(a.ID)+" has the detail "+quote(id)+", which does not exist", "add the account or remove the detail")
		case detail.Parent != a.ID:
			l.fault(a.Position, FaultDangling, "account "+quote(a.ID)+" has the detail "+quote(id)+", whose parent is "+quote(detail.Parent), "mend one of the two")
		case slices.Contains(a.Details[:i], id):
			l.fault(a.Position, FaultDuplicate, "account "+quote(a.ID)+" has the detail "+quote(id)+" twice", "keep one")
		}
	}
}

func (l *loading) checkClose(a *Account) {
	what := "account " + quote(a.ID)
	result := a.Section == General && (a.Type == Income || a.Type == Expense)
	if result && len(a.Close) == 0 {
		l.fault(a.Position, FaultMissing, what+" has no closing target", "say in close where its movement goes")
	}
	if !result && len(a.Close) > 0 {
		l.fault(a.Position, FaultForbidden, what+" is carried forward and has a closing target", "remove close")
	}
	for fund, id := range a.Close {
		if fund != defaultTarget {
			l.checkFundKey(a, "close", fund)
		}
		if id == closesNowhereUntilSplit {
			continue
		}
		target := l.chart.account(id)
		if target == nil || target.Type != NetAssets || target.Section != General {
			l.fault(a.Position, FaultDangling, what+" closes to "+quote(id)+", which is no net-assets account", "name a net-assets account")
		} else if fund != defaultTarget && !slices.Contains(target.Funds, fund) {
			l.fault(a.Position, FaultDangling, what+" closes to "+quote(id)+", which the fund "+quote(string(fund))+" does not have", "name one it has")
		}
	}
}
