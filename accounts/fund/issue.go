package fund

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
)

// IssueOrder says which statements are sent out, and who answers for them.
type IssueOrder struct {
	Period    calendar.Period // closed; 13 for the statements of the year
	Issued    calendar.Date
	To        string // who receives them; stands in the act's description
	Terms     IssueTerms
	CSV       []byte // the statements as they are sent out: what IssueCSV returned. Keep it: the book keeps its hash only
	EnteredBy string
	Approved  string // by whom: another person
}

// IssueTerms say how the statements were made.
type IssueTerms struct {
	Reading     statement.Reading
	Adjustments []ledger.Seq // entries that adjust an opening balance, as Adjusted takes them
}

// kindStatements is the kind of the source of an act of issue.
const kindStatements = "statements"

// Issue is the issue of the statements of a period (报表报出), as the book has sealed it.
type Issue struct {
	Book      ledger.BookID
	Period    calendar.Period
	Seq       ledger.Seq // of the act
	Issued    calendar.Date
	EnteredBy string
	Approved  string
	Hash      []byte // SHA-256 of the file that was issued; empty if another program issued the period without one
}

// IssueCSV makes the file of both statements of a period, in the state of its closing, as statement.WriteCells writes it. It is the same bytes whenever it is made.
func (f *Fund) IssueCSV(ctx context.Context, period calendar.Period, terms IssueTerms) ([]byte, error) {
	return f.issueCSV(ctx, book{f.ledger, nil}, period, terms)
}

func (f *Fund) issueCSV(ctx context.Context, from book, period calendar.Period, terms IssueTerms) ([]byte, error) {
	state, err := f.closingState(ctx, from, period)
	if err != nil {
		return nil, err
	}
	figures, err := f.figuresAt(ctx, from, state)
	if err != nil {
		return nil, err
	}
	if figures, err = f.adjusted(ctx, from, figures, terms.Adjustments); err != nil {
		return nil, err
	}
	request := statement.Request{Month: period.Month(), Annual: period.IsClosing(), Reading: terms.Reading, Practice: f.practice()}
	violations, err := statement.Check(f.chart, figures, request)
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, v := range violations {
		if !v.Lead && terms.Reading != statement.ReadLiteral { // the text's own numbers are known not to agree
			faults = append(faults, f.refuse(ErrRelation, period.String(), v.Error(), "find the cause and correct it before anything is sent out", v))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	var made []*statement.Statement
	for _, kind := range []accounts.FormKind{accounts.BalanceSheet, accounts.IncomeExpenditure} {
		request.Kind = kind
		s, err := statement.Make(f.chart, figures, request)
		if err != nil {
			return nil, err
		}
		made = append(made, s)
	}
	var out bytes.Buffer
	err = statement.WriteCells(&out, state.Printed(), made...)
	return out.Bytes(), err
}

// practice is the closing method as statements know it.
func (f *Fund) practice() statement.Practice {
	if f.closing == CloseYearly {
		return statement.CloseYearly
	}
	return statement.CloseMonthly
}

// Issue records that the statements of a closed period were sent out, with the SHA-256 of their file, in a transaction of its own. From then on the period and all
// before it stay closed for good (ledger.IssuePeriod). A file that is not what the book gives is refused with ErrDiffers and the first line that differs, statements
// whose relations do not hold with ErrRelation. Issuing the same again changes nothing. Where somebody reopened and closed the period during the call, the act stands
// and ErrDiffers comes with it; IssueTx leaves the host the choice to roll back.
func (f *Fund) Issue(ctx context.Context, order IssueOrder) (Issue, error) {
	act, err := f.issueAct(ctx, book{f.ledger, nil}, order)
	if err != nil {
		return Issue{}, err
	}
	receipt, err := f.ledger.IssuePeriod(ctx, f.book, act, order.Period)
	if err != nil {
		return Issue{}, err
	}
	return f.issued(act, order.Period, receipt.Seq), f.unchanged(ctx, book{f.ledger, nil}, order)
}

// IssueTx is Issue in the host's transaction.
func (f *Fund) IssueTx(ctx context.Context, tx store.Handle, order IssueOrder) (Issue, error) {
	act, err := f.issueAct(ctx, book{f.ledger, tx}, order)
	if err != nil {
		return Issue{}, err
	}
	receipt, err := f.ledger.IssuePeriodTx(ctx, tx, f.book, act, order.Period)
	if err != nil {
		return Issue{}, err
	}
	return f.issued(act, order.Period, receipt.Seq), f.unchanged(ctx, book{f.ledger, tx}, order)
}

// issueAct makes the act of an issue, after everything that speaks against it was looked at.
func (f *Fund) issueAct(ctx context.Context, from book, order IssueOrder) (ledger.Act, error) {
	var faults []error
	key := "issue/" + order.Period.String()
	if order.Approved == "" || order.Approved == order.EnteredBy {
		faults = append(faults, f.refuse(ErrOneHand, key, fmt.Sprintf("entered by %q, approved by %q", order.EnteredBy, order.Approved), "have another person approve the issue", nil))
	}
	if want, err := f.issueCSV(ctx, from, order.Period, order.Terms); err != nil {
		faults = append(faults, err)
	} else if difference := firstDifference(want, order.CSV); difference != "" {
		faults = append(faults, f.refuse(ErrDiffers, key, difference, "send out what IssueCSV gives", nil))
	}
	hash := sha256.Sum256(order.CSV)
	description := "报出报表 " + order.Period.String()
	if order.To != "" {
		description += "：" + order.To
	}
	return ledger.Act{Key: key, Effective: order.Issued, Description: description, EnteredBy: order.EnteredBy, ApprovedBy: order.Approved,
		Source: ledger.Source{Kind: kindStatements, ID: order.Period.String(), Hash: hash[:]}}, errors.Join(faults...)
}

// unchanged looks, now that the period stays closed for good, whether it was reopened and closed anew between the making of its statements and the act.
func (f *Fund) unchanged(ctx context.Context, from book, order IssueOrder) error {
	state, err := f.closingState(ctx, from, order.Period)
	if err != nil {
		return err
	}
	for figure, err := range statement.ReadCells(bytes.NewReader(order.CSV), Currency()) {
		if err != nil || figure.State == state.Printed() {
			return err
		}
		return f.refuse(ErrDiffers, "issue/"+order.Period.String(), fmt.Sprintf("the period was closed anew by entry %d while its statements were issued", state.Seq),
			"roll back, or issue a correction with the next period", nil)
	}
	return nil
}

// firstDifference says where a file leaves what the book gives, or nothing.
func firstDifference(want, got []byte) string {
	if bytes.Equal(want, got) {
		return ""
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range max(len(w), len(g)) {
		var a, b string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d is %q, the book gives %q", i+1, b, a)
		}
	}
	return "it ends otherwise"
}

func (f *Fund) issued(act ledger.Act, period calendar.Period, seq ledger.Seq) Issue {
	return Issue{Book: f.book, Period: period, Seq: seq, Issued: act.Effective, EnteredBy: act.EnteredBy, Approved: act.ApprovedBy, Hash: act.Source.Hash}
}

// Issues returns every issue of statements of the book, in the order of their acts.
func (f *Fund) Issues(ctx context.Context) ([]Issue, error) {
	return f.issues(ctx, book{f.ledger, nil})
}

// IssuesTx is Issues in the host's transaction.
func (f *Fund) IssuesTx(ctx context.Context, tx store.Handle) ([]Issue, error) {
	return f.issues(ctx, book{f.ledger, tx})
}

func (f *Fund) issues(ctx context.Context, from book) ([]Issue, error) {
	acts, err := from.periodActs(ctx, f.book)
	if err != nil {
		return nil, err
	}
	var list []Issue
	for _, act := range acts {
		if act.Kind != ledger.PeriodIssued {
			continue
		}
		e, err := from.entry(ctx, f.book, act.Seq)
		if err != nil {
			return nil, err
		}
		issue := Issue{Book: f.book, Period: act.Period, Seq: act.Seq, Issued: e.Effective, EnteredBy: e.EnteredBy, Approved: e.ApprovedBy}
		if e.Source.Kind == kindStatements {
			issue.Hash = e.Source.Hash
		}
		list = append(list, issue)
	}
	return list, nil
}

// Check holds a file against the hash that the book has sealed. One that was altered, and an issue without a hash, is an *Error of code ErrAltered.
func (i Issue) Check(csv []byte) error {
	hash := sha256.Sum256(csv)
	if bytes.Equal(hash[:], i.Hash) {
		return nil
	}
	detail := fmt.Sprintf("the file has SHA-256 %x, entry %d sealed %x", hash, i.Seq, i.Hash)
	if len(i.Hash) == 0 {
		detail = fmt.Sprintf("entry %d sealed no file", i.Seq)
	}
	return &Error{Code: ErrAltered, Book: i.Book, Key: "issue/" + i.Period.String(), Detail: detail, Hint: "find the file as it was sent out, at a receiver if need be"}
}
