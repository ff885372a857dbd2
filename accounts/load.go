package accounts

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
)

// document is the shape of one data file of the standard. Every section is optional, so that files may be cut as suits.
type document struct {
	Position
	Own        bool   `yaml:"own"` // the file holds this project's own additions
	ID         string `yaml:"id"`
	Version    string `yaml:"version"`
	Title      string `yaml:"title"`
	Currency   string `yaml:"currency"`
	Unit       string `yaml:"unit"`
	Validity   `yaml:",inline"`
	Numbering  numbering      `yaml:"numbering"`
	Sources    []Source       `yaml:"sources"`
	Groups     []fundGroup    `yaml:"fund_groups"`
	Funds      []Fund         `yaml:"funds"`
	Accounts   []Account      `yaml:"accounts"`
	Forms      []Form         `yaml:"forms"`
	Entries    []Template     `yaml:"entries"`
	Without    []withoutEntry `yaml:"without_entry"`
	Returns    []returnRule   `yaml:"returns"`
	RedLetter  []string       `yaml:"red_letter_accounts"`
	Roles      []roleRecord   `yaml:"roles"`
	MoneyItems []string       `yaml:"money_accounts"`
	Moves      []moveRule     `yaml:"moves"`
	Limits     []limitRule    `yaml:"limits"`
	Flows      []flowRule     `yaml:"flows"`
}

// fundGroup is a name for several funds, used in the data files only.
type fundGroup struct {
	Position
	ID    string   `yaml:"id,required"`
	Funds []FundID `yaml:"funds,required"`
}

// loading collects the records of all files and every fault found on the way.
type loading struct {
	chart  *Chart
	groups map[string][]FundID
	named  []fundGroup
	faults Faults
}

func (l *loading) fault(at Position, code FaultCode, text, fix string) {
	l.faults.add(at, code, text, fix)
}

func (l *loading) knowsFund(id FundID) bool {
	return slices.ContainsFunc(l.chart.Funds, func(f Fund) bool { return f.ID == id })
}

func (l *loading) read(name string, data []byte) {
	var d document
	readFile(name, data, &d, &l.faults)
	c := l.chart
	if d.ID != "" {
		if c.ID != "" {
			l.fault(d.Position, FaultDuplicate, "the chart has a second identity "+quote(d.ID), "give id, version and title in one file")
		}
		c.ID, c.Version, c.Title, c.Currency, c.Unit, c.Valid, c.numbering = d.ID, d.Version, d.Title, d.Currency, d.Unit, d.Validity, d.Numbering
	}
	origin := OfStandard
	if d.Own {
		origin = OfProject
	}
	for i := range d.Accounts {
		d.Accounts[i].Origin = origin
	}
	for i := range d.Entries {
		d.Entries[i].Origin = origin
	}
	c.Sources = append(c.Sources, d.Sources...)
	c.Funds = append(c.Funds, d.Funds...)
	c.accounts = append(c.accounts, d.Accounts...)
	c.forms = append(c.forms, d.Forms...)
	c.templates = append(c.templates, d.Entries...)
	c.without = append(c.without, d.Without...)
	c.returns = append(c.returns, d.Returns...)
	c.redLetter = append(c.redLetter, d.RedLetter...)
	c.roles = append(c.roles, d.Roles...)
	c.flows.add(&d)
	l.named = append(l.named, d.Groups...)
}

// expandStandard turns fund groups into funds and fills in what the files leave out.
func (l *loading) expandStandard() {
	c := l.chart
	l.groups = map[string][]FundID{}
	for _, group := range l.named {
		if l.groups[group.ID] != nil || l.knowsFund(FundID(group.ID)) {
			l.fault(group.Position, FaultDuplicate, "fund group "+quote(group.ID)+" has the name of another group or fund", "rename it")
		}
		members := l.expandFunds(group.Position, "fund group "+quote(group.ID), group.Funds)
		l.groups[group.ID] = members
	}
	slices.SortStableFunc(c.accounts, func(a, b Account) int { return cmp.Compare(originOrder(a.Origin), originOrder(b.Origin)) })
	for i := range c.accounts {
		a := &c.accounts[i]
		a.Funds = l.expandFunds(a.Position, "account "+quote(a.ID), a.Funds)
		a.Section, a.Level, a.Rule = cmp.Or(a.Section, General), cmp.Or(a.Level, LevelAny), cmp.Or(a.Rule, RuleRequired)
		a.ValidFrom = cmp.Or(a.ValidFrom, c.Valid.ValidFrom)
	}
	for i := range c.accounts {
		if a := &c.accounts[i]; a.Origin == OfProject && a.Parent != "" && len(a.Close) == 0 {
			if parent := slices.IndexFunc(c.accounts, func(p Account) bool { return p.ID == a.Parent }); parent >= 0 {
				a.Close = c.accounts[parent].Close
			}
		}
	}
	for i := range c.forms {
		l.expandForm(&c.forms[i])
	}
	for i := range c.templates {
		l.expandTemplate(&c.templates[i])
	}
	for i := range c.returns {
		r := &c.returns[i]
		r.Funds = l.expandFunds(r.Position, "return "+quote(r.ID), r.Funds)
		r.ValidFrom = cmp.Or(r.ValidFrom, c.Valid.ValidFrom)
	}
	l.expandFlows()
}

func originOrder(o Origin) int { return slices.Index([]Origin{OfStandard, OfProject, OfDeployer}, o) }

var idPattern = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*$`)

// index builds the lookups that the checks and the chart use.
func (l *loading) index() {
	c := l.chart
	c.byID, c.children = map[string][]int{}, map[string][]string{}
	c.accounts = slices.DeleteFunc(c.accounts, func(a Account) bool {
		if !idPattern.MatchString(a.ID) {
			l.fault(a.Position, FaultValue, "an account has the id "+quote(a.ID), "use small letters, digits and _, with points between levels")
			return true
		}
		return false
	})
	for i := range c.accounts {
		c.byID[c.accounts[i].ID] = append(c.byID[c.accounts[i].ID], i)
	}
	for i := range c.accounts {
		if a := &c.accounts[i]; l.aboveItself(a) {
			l.fault(a.Position, FaultDangling, "account "+quote(a.ID)+" stands below itself", "name another parent")
			a.Parent = ""
		}
	}
	for i := range c.accounts {
		if a := &c.accounts[i]; c.byID[a.ID][0] == i {
			c.children[a.Parent] = append(c.children[a.Parent], a.ID)
		}
	}
	for parent, ids := range c.children {
		if above := c.account(parent); above != nil {
			slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(c.rank(above, a), c.rank(above, b)) })
		}
	}
	l.indexSubtrees()
}

// indexSubtrees needs children in tree order.
func (l *loading) indexSubtrees() {
	c := l.chart
	c.subtrees = map[FundID]map[string][]string{}
	for _, f := range c.Funds {
		c.subtrees[f.ID] = map[string][]string{}
		c.subtrees[f.ID][""] = c.subtree(f.ID, "")
	}
}

// rank orders the details of an account: the standard's as it lists them, the deployer's, the project's, and last the one that takes the rest.
func (c *Chart) rank(above *Account, id string) int {
	a := c.account(id)
	switch {
	case a.Rest:
		return 3_000_000
	case a.Origin == OfProject:
		return 2_000_000
	case a.Origin == OfDeployer:
		return 1_000_000
	}
	return slices.Index(above.Details, id)
}

// check runs every check over the indexed chart.
func (l *loading) check() {
	c := l.chart
	if c.ID == "" || c.Version == "" || c.Currency == "" || c.Valid.ValidFrom.IsZero() {
		l.fault(Position{File: "standard.yaml", Line: 1}, FaultMissing, "the chart has no id, version, currency or valid_from", "give them in one file")
	}
	unique(l, "source", c.Sources, func(s Source) (string, Position) { return s.Key, s.Position })
	unique(l, "fund", c.Funds, func(f Fund) (string, Position) { return string(f.ID), f.Position })
	for _, f := range c.Funds {
		l.checkValidity(f.Position, "fund "+quote(string(f.ID)), f.Validity)
		l.checkSource(f.Position, f.Source)
	}
	l.checkAccounts()
	for i := range c.accounts {
		l.checkSource(c.accounts[i].Position, c.accounts[i].Source)
	}
	l.checkNumbers()
	l.checkForms()
	l.checkTemplates()
	l.checkRoles()
	l.checkFlows()
}

func (l *loading) checkValidity(at Position, what string, v Validity) {
	if v.ValidFrom.IsZero() {
		l.fault(at, FaultMissing, what+" has no valid_from", "give it, or one to the chart")
	}
	if !v.ValidTo.IsZero() && v.ValidTo < v.ValidFrom {
		l.fault(at, FaultValue, fmt.Sprintf("%s is valid from %s to %s", what, v.ValidFrom, v.ValidTo), "let it end after it begins")
	}
}

// checkSource reports a citation whose first word is no source of the chart.
func (l *loading) checkSource(at Position, citation string) {
	for _, s := range l.chart.Sources {
		if len(citation) >= len(s.Key) && citation[:len(s.Key)] == s.Key {
			return
		}
	}
	l.fault(at, FaultDangling, "the source "+quote(citation)+" names no document of the chart", "begin it with the key of a source")
}

// oneOf reports a value outside its list; an empty value is left to the caller's defaults unless the list lacks it.
func oneOf[T ~string](l *loading, at Position, what string, value T, allowed []T) {
	if !slices.Contains(allowed, value) {
		l.fault(at, FaultValue, fmt.Sprintf("%s is %q", what, value), fmt.Sprintf("use one of %q", allowed))
	}
}

// unique reports records that share a key.
func unique[T any](l *loading, what string, records []T, key func(T) (string, Position)) {
	seen := map[string]Position{}
	for _, record := range records {
		id, at := key(record)
		if first, ok := seen[id]; ok {
			l.fault(at, FaultDuplicate, fmt.Sprintf("%s %q is also at %s", what, id, first), "keep one")
			continue
		}
		seen[id] = at
	}
}
