package accounts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Overlay is a deployer's file that adds to the standard: detail accounts, and numbers for details. Name is used in faults. Its shape:
//
//	id: "anytown"
//	numbering: {separator: "", width: "2", standard_from: "1", deployer_from: "51", own_from: "81", rest: "99"}   # optional
//	accounts:
//	  - {id: "advances.hospital_loans", zh: "…", en: "…", parent: "advances", funds: ["work_injury"], code: "110155", source: "…"}
//	codes:
//	  - {account: "benefits.wi_medical", code: "500101", funds: ["work_injury"]}
//
// A detail takes type, section, funds, level, validity and closing target from the account above it unless it narrows them. First-level accounts, numbers
// that the standard gives, and types are refused.
type Overlay struct {
	Name string
	Data []byte
}

type overlayDocument struct {
	Position
	ID       string           `yaml:"id,required"`
	Title    string           `yaml:"title"`
	Numbers  numbering        `yaml:"numbering"`
	Accounts []Account        `yaml:"accounts"`
	Codes    []numberOverride `yaml:"codes"`
}

// numbering is how details without a number of the standard get one: see data/cn-2017/standard.yaml.
type numbering struct {
	Position
	Separator    string `yaml:"separator"`
	Width        int    `yaml:"width,required"`
	StandardFrom int    `yaml:"standard_from,required"`
	DeployerFrom int    `yaml:"deployer_from,required"`
	OwnFrom      int    `yaml:"own_from,required"`
	Rest         int    `yaml:"rest,required"`
}

// numberOverride gives a detail a number of the deployer's choice, in some funds or in all.
type numberOverride struct {
	Position
	Account string   `yaml:"account,required"`
	Code    string   `yaml:"code,required"`
	Funds   []FundID `yaml:"funds"`
}

func (l *loading) readOverlay(overlay Overlay) {
	var d overlayDocument
	readFile(overlay.Name, overlay.Data, &d, &l.faults)
	if d.Numbers.Width > 0 {
		l.chart.numbering = d.Numbers
	}
	for _, a := range d.Accounts {
		l.addDetail(a)
	}
	for _, n := range d.Codes {
		n.Funds = l.expandFunds(n.Position, "number "+quote(n.Code), n.Funds)
		l.chart.codes = append(l.chart.codes, n)
	}
}

// addDetail completes a detail account of an overlay from the account above it.
func (l *loading) addDetail(a Account) {
	what := "account " + quote(a.ID)
	find := func(id string) int {
		return slices.IndexFunc(l.chart.accounts, func(x Account) bool { return x.ID == id })
	}
	if find(a.ID) >= 0 {
		l.fault(a.Position, FaultForbidden, what+" already exists", "choose another id; an overlay only adds")
		return
	}
	if a.Parent == "" {
		l.fault(a.Position, FaultForbidden, what+" is a first-level account", "put it below one: only the state adds first-level accounts")
		return
	}
	i := find(a.Parent)
	if i < 0 {
		l.fault(a.Position, FaultDangling, what+" stands below "+quote(a.Parent)+", which does not exist", "name an account of the chart")
		return
	}
	parent := l.chart.accounts[i]
	if len(a.Close) > 0 || len(a.Names) > 0 || len(a.Levels) > 0 || len(a.Rules) > 0 || len(a.Details) > 0 {
		l.fault(a.Position, FaultForbidden, what+" has close, names, levels, rules or details", "remove them: they come from the account above")
	}
	a.Origin, a.Close, a.Levels, a.Rules = OfDeployer, parent.Close, parent.Levels, parent.Rules
	a.Type, a.Section = cmp.Or(a.Type, parent.Type), cmp.Or(a.Section, parent.Section)
	a.Level, a.Rule, a.Collector = cmp.Or(a.Level, parent.Level), cmp.Or(a.Rule, parent.Rule), cmp.Or(a.Collector, parent.Collector)
	a.ValidFrom, a.ValidTo = cmp.Or(a.ValidFrom, parent.ValidFrom), cmp.Or(a.ValidTo, parent.ValidTo)
	if a.Funds = l.expandFunds(a.Position, what, a.Funds); len(a.Funds) == 0 {
		a.Funds = parent.Funds
	}
	a.Close = narrow(a.Close, a.Funds)
	a.Levels, a.Rules = narrow(a.Levels, a.Funds), narrow(a.Rules, a.Funds)
	l.chart.accounts = append(l.chart.accounts, a)
}

// narrow keeps the entries of the given funds and of "default".
func narrow[V any](m map[FundID]V, funds []FundID) map[FundID]V {
	out := map[FundID]V{}
	for fund, v := range m {
		if fund == defaultTarget || slices.Contains(funds, fund) {
			out[fund] = v
		}
	}
	return out
}

// Code returns the number of an account in the books of a fund: the deployer's, the standard's, or the number of the account above with the place among its
// details (see data/cn-2017/standard.yaml). The same fund gives an account the same number at every level and on every day.
func (c *Chart) Code(fund FundID, id string) string {
	for _, n := range c.codes {
		if n.Account == id && (len(n.Funds) == 0 || slices.Contains(n.Funds, fund)) {
			return n.Code
		}
	}
	a := c.account(id)
	if a == nil || a.Code != "" || a.Parent == "" {
		if a == nil {
			return ""
		}
		return a.Code
	}
	return fmt.Sprintf("%s%s%0*d", c.Code(fund, a.Parent), c.numbering.Separator, c.numbering.Width, c.detailPlace(fund, a))
}

// detailPlace counts the details of the same origin that books of the fund can ever have, up to a.
func (c *Chart) detailPlace(fund FundID, a *Account) int {
	if a.Rest {
		return c.numbering.Rest
	}
	place := map[Origin]int{OfStandard: c.numbering.StandardFrom, OfDeployer: c.numbering.DeployerFrom, OfProject: c.numbering.OwnFrom}[a.Origin]
	for _, sibling := range c.children[a.Parent] {
		s := c.account(sibling)
		if sibling == a.ID {
			break
		}
		if s.Origin == a.Origin && !s.Rest && slices.Contains(s.Funds, fund) {
			place++
		}
	}
	return place
}

// checkNumbers reports a scheme that cannot count, overrides of the standard's numbers, and numbers that two accounts of a fund share.
func (l *loading) checkNumbers() {
	n := l.chart.numbering
	if n.Width < 1 || n.Width > 4 || !(n.StandardFrom < n.DeployerFrom && n.DeployerFrom < n.OwnFrom && n.OwnFrom < n.Rest) {
		l.fault(n.Position, FaultValue, "the numbering leaves no room for the details", "let standard_from < deployer_from < own_from < rest, and width be 1 to 4")
		return
	}
	for _, o := range l.chart.codes {
		a := l.chart.account(o.Account)
		switch {
		case a == nil:
			l.fault(o.Position, FaultDangling, "number "+quote(o.Code)+" is for "+quote(o.Account)+", which does not exist", "name an account of the chart")
		case a.Parent == "" || a.Code != "":
			l.fault(o.Position, FaultForbidden, "account "+quote(o.Account)+" has the number "+quote(a.Code)+" already", "leave it: only details without a number can be numbered")
		}
	}
	for _, fund := range l.chart.Funds {
		l.checkFundNumbers(fund.ID)
	}
}

func (l *loading) checkFundNumbers(fund FundID) {
	holder := map[string]string{}
	for _, id := range l.chart.Subtree(fund, "") {
		a := l.chart.account(id)
		code := l.chart.Code(fund, id)
		if other, taken := holder[code]; taken {
			l.fault(a.Position, FaultDuplicate, fmt.Sprintf("account %q has the number %s of %q in the fund %q", id, code, other, fund), "number one of them otherwise")
			continue
		}
		holder[code] = id
		if a.Parent != "" && !strings.HasPrefix(code, l.chart.Code(fund, a.Parent)) {
			l.fault(a.Position, FaultValue, fmt.Sprintf("account %q has the number %s, which does not continue %s above it", id, code, l.chart.Code(fund, a.Parent)),
				"begin it with the number of the account above")
		}
		n := l.chart.numbering
		limit := map[Origin]int{OfStandard: n.DeployerFrom, OfDeployer: n.OwnFrom, OfProject: n.Rest}[a.Origin]
		if a.Parent != "" && a.Code == "" && !a.Rest && l.chart.detailPlace(fund, a) >= limit {
			l.fault(a.Position, FaultValue, fmt.Sprintf("account %q is detail %d, where the next range of numbers begins", id, limit), "widen the numbering")
		}
	}
}
