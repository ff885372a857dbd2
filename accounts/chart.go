// Package accounts holds the chart of accounts (会计科目) of Chinese social-insurance funds as versioned data, and what follows from it without any
// database: which accounts a book has, what each role of a program means in it, the entry templates (分录模板) of every event, the closing entries, and
// the flows of money that the finance rules allow (允许的资金流向).
//
// The standard's facts stand in data/cn-2017, with the paragraph each comes from: 社会保险基金会计制度 (财会〔2017〕28号), its supplement of 2025
// (财会〔2025〕35号), the occupational-annuity rules (财会〔2021〕19号) and 社会保险基金财务制度 (财社〔2017〕144号). The file own.yaml there holds what this
// project adds, marked as such. A deployer adds details, and numbers for details, by an Overlay; first-level accounts, their numbers and their types are
// the state's and cannot be changed. The loader reports all faults of all files together, each with file and line.
//
// Everything here is pure: no clock, no input or output beyond the given file system, no state that changes. A Chart may be shared by goroutines.
package accounts

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
)

//go:embed data/cn-2017/*.yaml
var standardData embed.FS

// Source is a document that the facts of a chart come from.
type Source struct {
	Position
	Key       string        `yaml:"key,required"`
	Title     string        `yaml:"title,required"`
	Issued    calendar.Date `yaml:"issued"`
	ValidFrom calendar.Date `yaml:"valid_from"`
	Read      string        `yaml:"read"` // how it was read, and how paragraphs are cited
}

// Chart is one version of the standard with the overlays of a deployment: every account, form, template, role and flow with its validity. It never changes.
type Chart struct {
	ID       string
	Version  string
	Title    string
	Currency string // ISO 4217 code
	Unit     string // unit printed on statements, 元
	Valid    Validity
	Funds    []Fund
	Sources  []Source

	accounts  []Account
	byID      map[string][]int    // records of an account, in file order
	children  map[string][]string // ids of the accounts directly below, in tree order; "" for the first level
	subtrees  map[FundID]map[string][]string
	numbering numbering
	codes     []numberOverride
	forms     []Form
	templates []Template
	without   []withoutEntry
	returns   []returnRule
	redLetter []string
	roles     []roleRecord
	flows     flowRules
}

// Standard returns the embedded chart 社会保险基金会计制度 of 2017 with its supplements and the given overlays. It reads the files on every call: call it
// once and keep the chart. Its error is a Faults.
func Standard(overlays ...Overlay) (*Chart, error) {
	files, err := fs.Sub(standardData, "data/cn-2017")
	if err != nil {
		return nil, err
	}
	return Load(files, overlays...)
}

// Load reads a chart from the .yaml files in the root of a file system, in the shape of data/cn-2017, with the given overlays. Its error is a Faults that
// holds every fault of every file, or that of the file system.
func Load(files fs.FS, overlays ...Overlay) (*Chart, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	l := &loading{chart: &Chart{}}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		l.read(name, data)
	}
	if len(names) == 0 {
		l.fault(Position{File: ".", Line: 1}, FaultMissing, "there is no data file", "give a folder with .yaml files")
	}
	l.expandStandard()
	for _, overlay := range overlays {
		l.readOverlay(overlay)
	}
	l.index()
	l.check()
	if len(l.faults) > 0 {
		return nil, l.faults.sorted()
	}
	return l.chart, nil
}

// AccountOpening is one account of a book, ready to be opened in a ledger.
type AccountOpening struct {
	ID       string
	Code     string
	NameZH   string
	NameEN   string
	Type     AccountType
	Section  Section
	ParentID string // "" on the first level
	Heading  bool   // has accounts below it in this book and takes no lines itself
	Origin   Origin
}

// BookChart is the chart of one book (账套科目): the accounts that a fund's agency has under its conditions on a day. It never changes; ask for another one
// when a condition or the standard changes.
type BookChart struct {
	Fund       FundID
	Conditions Conditions
	At         calendar.Date

	chart    *Chart
	accounts []AccountOpening
	place    map[string]int
}

// For returns the chart of a book in tree order: the general section by number, then the memorandum section, every account before its details. It returns
// an *Error when there is no such fund on that day or a condition is missing.
func (c *Chart) For(fund FundID, conditions Conditions, at calendar.Date) (*BookChart, error) {
	if err := conditions.check(); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(c.Funds, func(f Fund) bool { return f.ID == fund })
	if i < 0 {
		return nil, &Error{Code: CodeUnknownFund, Subject: string(fund), Reason: "is no fund of " + c.ID, Hint: "name a fund of the chart"}
	}
	if !c.Funds[i].Holds(at) {
		return nil, &Error{Code: CodeUnknownFund, Subject: string(fund), Reason: "does not exist on " + at.String(), Hint: "it exists from " + c.Funds[i].ValidFrom.String()}
	}
	b := &BookChart{Fund: fund, Conditions: conditions, At: at, chart: c, place: map[string]int{}}
	b.add("")
	return b, nil
}

func (b *BookChart) add(parent string) (added bool) {
	for _, id := range b.chart.children[parent] {
		a := b.record(id)
		if a == nil {
			continue
		}
		added = true
		name := cmp.Or(a.Names[b.Fund], a.ZH)
		b.place[id] = len(b.accounts)
		b.accounts = append(b.accounts, AccountOpening{ID: id, Code: b.chart.Code(b.Fund, id), NameZH: name, NameEN: a.EN, Type: a.Type, Section: a.Section,
			ParentID: a.Parent, Origin: a.Origin})
		heading := b.add(id)
		b.accounts[b.place[id]].Heading = heading
	}
	return added
}

// record returns the record of an account that holds for the book, or nil.
func (b *BookChart) record(id string) *Account {
	for _, i := range b.chart.byID[id] {
		if a := &b.chart.accounts[i]; a.inBook(b.Fund, b.Conditions, b.At) {
			return a
		}
	}
	return nil
}

// Chart returns the chart that the book's chart was taken from.
func (b *BookChart) Chart() *Chart { return b.chart }

// Accounts returns all accounts of the book in tree order. The slice is the caller's.
func (b *BookChart) Accounts() []AccountOpening { return slices.Clone(b.accounts) }

// Account returns an account of the book by its id, or an *Error.
func (b *BookChart) Account(id string) (AccountOpening, error) {
	if i, ok := b.place[id]; ok {
		return b.accounts[i], nil
	}
	if len(b.chart.byID[id]) == 0 {
		return AccountOpening{}, b.fail(CodeUnknownAccount, id, "is no account of the chart", "name an account by its id")
	}
	return AccountOpening{}, b.fail(CodeNotInBook, id, "is no account of this book", "its fund, level, collector, rule or validity does not fit")
}

// Has reports whether the book has the account.
func (b *BookChart) Has(id string) bool {
	_, ok := b.place[id]
	return ok
}

// Postable returns the account that takes the lines of id: id itself, or the detail that takes the rest where id is a heading. It returns an *Error that
// names the details to choose from where a heading has no such detail.
func (b *BookChart) Postable(id string) (string, error) {
	a, err := b.Account(id)
	if err != nil {
		return "", err
	}
	if !a.Heading {
		return id, nil
	}
	var details []string
	for _, child := range b.chart.children[id] {
		if !b.Has(child) {
			continue
		}
		if b.record(child).Rest {
			return b.Postable(child)
		}
		details = append(details, child)
	}
	return "", b.fail(CodeHeading, id, "is a heading", "post to one of its details: "+strings.Join(details, ", "))
}

// Below reports whether id is the account above or stands below it.
func (c *Chart) Below(id, above string) bool {
	for id != above {
		a := c.account(id)
		if a == nil || a.Parent == "" {
			return false
		}
		id = a.Parent
	}
	return true
}

// depth counts the accounts above an account.
func (c *Chart) depth(id string) int {
	n := 0
	for a := c.account(id); a != nil && a.Parent != ""; a = c.account(a.Parent) {
		n++
	}
	return n
}

// Subtree returns the ids of an account and of all accounts below it that books of the fund ever have, in tree order, whatever the level and the day; all accounts
// for the empty id. Sums over it miss nothing that an older chart of the same book held. The slice is the caller's.
func (c *Chart) Subtree(fund FundID, id string) []string {
	return slices.Clone(c.subtrees[fund][id])
}

// subtree computes what Subtree returns.
func (c *Chart) subtree(fund FundID, id string) []string {
	var out []string
	if slices.ContainsFunc(c.byID[id], func(i int) bool { return slices.Contains(c.accounts[i].Funds, fund) }) {
		out = append(out, id)
	}
	for _, child := range c.children[id] {
		below := c.subtree(fund, child)
		c.subtrees[fund][child] = below
		out = append(out, below...)
	}
	return out
}

// Record returns the facts about an account that hold on a day.
func (c *Chart) Record(id string, at calendar.Date) (Account, bool) {
	for _, i := range c.byID[id] {
		if c.accounts[i].Holds(at) {
			return c.accounts[i], true
		}
	}
	return Account{}, false
}

// Records returns every record of every account in file order: the standard's, then the project's, then the deployer's.
func (c *Chart) Records() []Account { return slices.Clone(c.accounts) }

// account returns the first record of an id, whose type, section and parent all records of the id share.
func (c *Chart) account(id string) *Account {
	if places := c.byID[id]; len(places) > 0 {
		return &c.accounts[places[0]]
	}
	return nil
}

// ErrorCode is a stable code of an Error.
type ErrorCode string

// The codes.
const (
	CodeBadCondition   ErrorCode = "bad_condition"
	CodeUnknownFund    ErrorCode = "unknown_fund"
	CodeUnknownAccount ErrorCode = "unknown_account"
	CodeNotInBook      ErrorCode = "not_in_book"
	CodeHeading        ErrorCode = "heading"
	CodeUnknownRole    ErrorCode = "unknown_role"
	CodeUnknownEvent   ErrorCode = "unknown_event"
	CodeNoEntry        ErrorCode = "event_without_entry"
	CodeNotForBook     ErrorCode = "not_for_book"
	CodeNoLine         ErrorCode = "no_line_takes_account"
	CodeMissingAmount  ErrorCode = "missing_amount"
	CodeNegative       ErrorCode = "negative_amount"
	CodeUnbalanced     ErrorCode = "unbalanced"
	CodeNotRegulated   ErrorCode = "not_regulated"
	CodeUnsplit        ErrorCode = "unsplit_at_year_end"
	CodeOverflow       ErrorCode = "overflow"
)

// Error says why a question to a chart has no answer. Get it with errors.As.
type Error struct {
	Code    ErrorCode
	Subject string // the account, role, event or value asked for
	Book    string // fund and day, where a book was asked
	Reason  string
	Hint    string // what to do
	Cause   error  // the *money.OverflowError of CodeOverflow, nil otherwise
}

func (e *Error) Error() string {
	book := ""
	if e.Book != "" {
		book = " in the book of " + e.Book
	}
	return fmt.Sprintf("accounts: [%s] %q%s %s; %s", e.Code, e.Subject, book, e.Reason, e.Hint)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

func (b *BookChart) fail(code ErrorCode, subject, reason, hint string) *Error {
	return &Error{Code: code, Subject: subject, Book: string(b.Fund) + " on " + b.At.String(), Reason: reason, Hint: hint}
}
