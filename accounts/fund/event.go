package fund

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// Event is something that happened to a fund (业务事项), on its way to become an entry.
type Event struct {
	Event       string // E1, E2, … of the chart's templates
	Key         string // idempotency key
	Effective   calendar.Date
	Period      calendar.Period // the month of Effective if zero
	Voucher     string          // voucher type; ledger.VoucherGeneral if empty
	Description string          // the template's summary if empty
	EnteredBy   string
	ApprovedBy  string // another person
	Source      ledger.Source
	Attachments []ledger.Attachment
	Transfer    string
	Metadata    map[string]string // the host's own facts; "event" is the fund's and takes the name of the event
	Parts       []accounts.Part   // the amounts, bound to accounts or roles; empty for an event that concerns rights only
	Rights      []Right           // what changes in members' rights by the same event
}

// Right is a change of one member's rights on the personal account (个人账户记账): a memorandum beside the fund's books, never an entry of them (E27).
type Right struct {
	Account ledger.AccountNo // the member's account
	Amount  money.Amount     // minor units; above zero credits the member, below zero takes from the account
	Month   calendar.Month   // contribution or benefit month
	Tag     string           // what kind of change: see package accounts/personal
}

// RightsOnly is the event of an entry that changes members' rights and nothing else.
const RightsOnly = "E27"

// Prepare makes the ledger's draft of an event before anybody has approved it, as package accounts/voucher takes it. The error holds every reason against it: of
// the chart, of the flow matrix, of the voucher rules.
func (f *Fund) Prepare(e Event) (ledger.Draft, error) {
	draft := ledger.Draft{
		Key: e.Key, Kind: ledger.KindEntry, Effective: e.Effective, Period: e.Period, Voucher: e.Voucher, Description: e.Description,
		EnteredBy: e.EnteredBy, ApprovedBy: e.ApprovedBy, Source: e.Source, Attachments: e.Attachments, Transfer: e.Transfer, Metadata: withEvent(e),
	}
	var faults []error
	if err := f.checkPapers(e); err != nil {
		faults = append(faults, err)
	}
	general, err := f.generalLines(e)
	if err != nil {
		faults = append(faults, err)
	}
	rights, err := f.rightsLines(e)
	if err != nil {
		faults = append(faults, err)
	}
	draft.Lines = append(general, rights...)
	if len(draft.Lines) == 0 && len(faults) == 0 {
		faults = append(faults, f.refuse(ErrNothingToPost, e.Key, "neither amounts nor rights", "give what the event moves", nil))
	}
	if draft.Description == "" {
		if template, err := f.chart.Template(e.Event); err == nil {
			draft.Description = template.ZH
		}
	}
	return draft, errors.Join(faults...)
}

// metaEvent is the key of an entry's metadata that names the event whose template made it.
const metaEvent = "event"

// withEvent puts the event's name among the metadata. The host cannot give it another one: Adjusted relies on it.
func withEvent(e Event) map[string]string {
	metadata := map[string]string{}
	maps.Copy(metadata, e.Metadata)
	metadata[metaEvent] = e.Event
	return metadata
}

// Draft is Prepare for an event that another person than the one who enters it has approved.
func (f *Fund) Draft(e Event) (ledger.Draft, error) {
	var hands error
	if e.ApprovedBy == "" || e.ApprovedBy == e.EnteredBy {
		hands = f.refuse(ErrOneHand, e.Key, fmt.Sprintf("entered by %q, approved by %q", e.EnteredBy, e.ApprovedBy), "have another person review the voucher", nil)
	}
	draft, err := f.Prepare(e)
	return draft, errors.Join(hands, err)
}

// checkPapers holds the voucher rules that need no chart: a source, and originals with their hashes.
func (f *Fund) checkPapers(e Event) error {
	var faults []error
	if e.Source.Kind == "" || e.Source.ID == "" {
		faults = append(faults, f.refuse(ErrNoSource, e.Key, "no source", "name the document, claim or sheet that the entry comes from", nil))
	}
	if len(e.Parts) > 0 && len(e.Attachments) == 0 {
		faults = append(faults, f.refuse(ErrNoAttachment, e.Key, "no originals attached", "attach them by name and SHA-256 (会计基础工作规范 51(四))", nil))
	}
	for _, a := range e.Attachments {
		if len(a.Hash) == 0 {
			faults = append(faults, f.refuse(ErrNoAttachment, e.Key, fmt.Sprintf("original %q without hash", a.Name), "give its SHA-256", nil))
		}
	}
	return errors.Join(faults...)
}

func (f *Fund) refuse(code Code, key, detail, hint string, cause error) *Error {
	return &Error{Code: code, Book: f.book, Key: key, Detail: detail, Hint: hint, Cause: cause}
}

// generalLines makes the lines of the fund's own books from the template, and holds them against the flow matrix.
func (f *Fund) generalLines(e Event) ([]ledger.Line, error) {
	if len(e.Parts) == 0 {
		return nil, nil
	}
	lines, err := f.chart.Lines(e.Event, e.Parts...)
	if err != nil {
		return nil, err
	}
	return f.ledgerLines(e.Key, e.Event, lines)
}

// ledgerLines checks the flows of lines of the chart and gives them the ledger's codes.
func (f *Fund) ledgerLines(key, event string, lines []accounts.Line) ([]ledger.Line, error) {
	var faults []error
	for _, violation := range f.chart.Flows().Check(lines, event) {
		faults = append(faults, f.refuse(ErrFlow, key, violation.Error(), "use the accounts of money that the paragraph names", violation))
	}
	out := make([]ledger.Line, len(lines))
	for i, line := range lines {
		code, err := f.AccountCode(line.AccountID)
		if err != nil {
			faults = append(faults, err)
		}
		out[i] = ledger.Line{Code: code, Side: sides[line.Side], Amount: line.Amount}
	}
	return out, errors.Join(faults...)
}

var sides = map[accounts.Side]ledger.Side{accounts.Debit: ledger.Debit, accounts.Credit: ledger.Credit}

// rightsLines makes the memorandum lines: one for each member, and one or two against the contra account.
func (f *Fund) rightsLines(e Event) ([]ledger.Line, error) {
	if len(e.Rights) == 0 {
		return nil, nil
	}
	contra, err := f.RoleCode(accounts.RoleMembersRightsContra)
	if err != nil {
		return nil, f.refuse(ErrNoRights, e.Key, "the fund keeps no personal accounts", "leave the rights out", err)
	}
	lines := make([]ledger.Line, 0, len(e.Rights)+2)
	var up, down money.Amount
	for _, r := range e.Rights {
		switch {
		case r.Amount > 0:
			lines = append(lines, ledger.Line{Account: r.Account, Side: ledger.Credit, Amount: r.Amount, Month: r.Month, Tag: r.Tag})
			up, err = up.Add(r.Amount)
		case r.Amount < 0:
			lines = append(lines, ledger.Line{Account: r.Account, Side: ledger.Debit, Amount: -r.Amount, Month: r.Month, Tag: r.Tag})
			down, err = down.Add(-r.Amount)
		}
		if err != nil {
			return nil, err
		}
	}
	if up > 0 {
		lines = append(lines, ledger.Line{Code: contra, Side: ledger.Debit, Amount: up})
	}
	if down > 0 {
		lines = append(lines, ledger.Line{Code: contra, Side: ledger.Credit, Amount: down})
	}
	return lines, nil
}

// Post posts an event in a transaction of its own.
func (f *Fund) Post(ctx context.Context, e Event) (ledger.Receipt, error) {
	draft, err := f.Draft(e)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return f.ledger.Post(ctx, f.book, draft)
}

// PostTx posts an event in the host's transaction.
func (f *Fund) PostTx(ctx context.Context, tx store.Handle, e Event) (ledger.Receipt, error) {
	draft, err := f.Draft(e)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return f.ledger.PostTx(ctx, tx, f.book, draft)
}
