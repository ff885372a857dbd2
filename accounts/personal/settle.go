package personal

import (
	"context"
	"errors"
	"fmt"

	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// Settlement says how a member's personal account is settled (个人账户清算): all that stands on it is about to be paid out, to heirs, to another area or to the
// member, and the interest that it has earned until then is credited before.
type Settlement struct {
	Account ledger.AccountNo
	Day     calendar.Date // of the settlement, and of the entry of interest
	// Since is the entry that settled the account before: what it paid out is no matter any more. Zero if none did.
	Since ledger.Seq
	// First is the first year whose interest is this book's to credit: what was taken over from an earlier system holds that of the years before. Zero is every year.
	First int
	// Rule is the law on that day: method and rounding, and the last rate that is published. Its Months are set here, and Annual is refused for a part of a year.
	Rule      InterestRule
	Source    ledger.Source // of the rate
	Key       string        // idempotency key of the entry of interest
	EnteredBy string
	Approved  string // by whom: another person
}

// SettledYear is the interest of one year, or of its months before the settlement.
type SettledYear struct {
	Year     int
	Months   int // that earned
	Interest money.Amount
	Steps    []InterestStep
}

// Reckoning is what an account is settled with (清算结果), in minor units: before anything is posted if it comes from Reckon.
type Reckoning struct {
	Balance  money.Amount  // on the account over all dates, the interest included: what is to be paid
	Interest money.Amount  // of it, interest that the settlement credits
	Years    []SettledYear // none where the account was credited before
	event    fund.Event
}

// SettlementError says why an account cannot be settled. Nothing was posted. Get it with errors.As.
type SettlementError struct {
	Account ledger.AccountNo
	Reason  string
	Hint    string
}

func (e *SettlementError) Error() string {
	return fmt.Sprintf("personal: settlement of account %d: %s; %s", e.Account, e.Reason, e.Hint)
}

// Reckon computes, in the host's transaction and without writing, what an account is settled with.
//
// The year of the settlement earns for the months before that of the settlement: what stood on the account on 31 December and what was posted in those months, each
// by the rule's method. What is posted in the month of the settlement earns nothing. Where CreditInterest has not credited the year before on this account yet, that
// year is credited whole by the same rule, unless it lies before First, and its interest earns with the rest. Source: 劳办发〔1997〕116号 for the methods; that only months elapsed earn, at the last
// rate published, is the usage of agencies. When the rate of the year comes out higher, the rest is the host's to order: as a correction (TagCorrection) paid out
// in its turn.
//
// The errors are a *RuleError, *AccountError or *SettlementError, or one of the ledger.
func (r *Rights) Reckon(ctx context.Context, tx store.Handle, s Settlement) (*Reckoning, error) {
	if err := r.settles(ctx, tx, s); err != nil {
		return nil, err
	}
	b := balanceReader{rights: r, tx: tx, account: s.Account, since: s.Since}
	reckoned := &Reckoning{event: s.event()}
	var err error
	if reckoned.Balance, err = b.at(ctx, 0); err != nil {
		return nil, err
	}
	year, opening := s.Day.Year(), money.Amount(0)
	for _, part := range []struct{ year, months int }{{year - 1, 12}, {year, s.Day.MonthOfYear() - 1}} {
		if part.months == 0 || part.year < s.First {
			continue
		}
		credited, err := r.credited(ctx, tx, s, part.year)
		if err != nil {
			return nil, err
		}
		if credited { // it stands in the balances from the end of that year on
			continue
		}
		made, err := b.year(ctx, s.Rule, part.year, part.months, opening)
		if err != nil {
			return nil, err
		}
		if made.Interest != 0 {
			reckoned.Years = append(reckoned.Years, made)
			reckoned.Interest, opening = reckoned.Interest+made.Interest, made.Interest
		}
	}
	reckoned.Balance += reckoned.Interest
	for _, y := range reckoned.Years {
		reckoned.event.Rights = append(reckoned.event.Rights, fund.Right{
			Account: s.Account, Amount: y.Interest, Month: calendar.MustMonth(y.Year, y.Months), Tag: InterestTag(y.Year),
		})
	}
	return reckoned, nil
}

// PostTx credits the interest of a reckoning in the host's transaction, which must be the one that it was made in. Without interest nothing is posted, and the
// receipt is zero. The errors are those of the fund and the ledger.
func (c *Reckoning) PostTx(ctx context.Context, tx store.Handle, f *fund.Fund) (ledger.Receipt, error) {
	if len(c.event.Rights) == 0 {
		return ledger.Receipt{}, nil
	}
	return f.PostTx(ctx, tx, c.event)
}

// SettleTx reckons a settlement and credits its interest, in the host's transaction, in which the host then pays Balance out and takes it from the account: by
// TagHeirs if to heirs, which is what makes CreditInterest leave the account out. Asked again with its key, it answers with what it credited then and with what
// stood on the account after it; without interest it has no entry, and reckons anew. The errors are those of Reckon, the fund and the ledger.
func (r *Rights) SettleTx(ctx context.Context, tx store.Handle, s Settlement) (*Reckoning, error) {
	entry, err := r.fund.Ledger().EntryByKeyTx(ctx, tx, r.fund.Book(), s.Key)
	if err == nil {
		return r.settledBefore(ctx, tx, s, entry)
	}
	if !errors.Is(err, ledger.ErrEntryUnknown) {
		return nil, err
	}
	reckoned, err := r.Reckon(ctx, tx, s)
	if err != nil {
		return nil, err
	}
	_, err = reckoned.PostTx(ctx, tx, r.fund)
	return reckoned, err
}

// settledBefore answers a settlement from its entry.
func (r *Rights) settledBefore(ctx context.Context, tx store.Handle, s Settlement, entry ledger.Entry) (*Reckoning, error) {
	reckoned := &Reckoning{}
	for _, line := range entry.Lines {
		if line.Account == s.Account && line.Side == ledger.Credit {
			reckoned.Interest += line.Amount
			reckoned.Years = append(reckoned.Years, SettledYear{Year: line.Month.Year(), Months: line.Month.OfYear(), Interest: line.Amount})
		}
	}
	if len(reckoned.Years) == 0 || entry.Effective != s.Day {
		return nil, &SettlementError{s.Account, fmt.Sprintf("%q is the key of entry %d of %v, which is not this settlement", s.Key, entry.Seq, entry.Effective), "give another key"}
	}
	var err error
	reckoned.Balance, err = r.Balance(ctx, tx, s.Account, ledger.At{Seq: entry.Seq})
	return reckoned, err
}

// settles returns what is wrong with a settlement before anything is computed.
func (r *Rights) settles(ctx context.Context, tx store.Handle, s Settlement) error {
	rule := s.Rule
	if s.Day.Valid() {
		rule.Months = s.Day.MonthOfYear() - 1
	}
	var faults []error
	if err := rule.Check(fund.Currency()); err != nil {
		faults = append(faults, err)
	}
	if !s.Day.Valid() {
		faults = append(faults, &SettlementError{s.Account, fmt.Sprintf("%d is no day", int32(s.Day)), "give the day, made with calendar.NewDate"})
	}
	found, err := r.fund.Ledger().AccountsByNumberTx(ctx, tx, r.fund.Book(), []ledger.AccountNo{s.Account})
	if err != nil {
		return err
	}
	if account, ok := found[s.Account]; !ok || account.Parent != r.control.No {
		faults = append(faults, &SettlementError{s.Account, "it is no member's account of the fund", "look it up with Accounts"})
	} else if s.Since != 0 {
		held, err := r.Balance(ctx, tx, s.Account, ledger.At{Seq: s.Since})
		if err != nil {
			return err
		}
		if held != 0 {
			faults = append(faults, &SettlementError{s.Account, fmt.Sprintf("entry %d left %s on it", s.Since, fund.Currency().Text(held)), "give the entry that brought it to zero"})
		}
	}
	return errors.Join(faults...)
}

func (s *Settlement) event() fund.Event {
	return fund.Event{
		Event: fund.RightsOnly, Key: s.Key, Effective: s.Day, Description: "个人账户清算计息", EnteredBy: s.EnteredBy, ApprovedBy: s.Approved, Source: s.Source,
		Metadata: metadata(&s.Rule),
	}
}

// credited reports whether CreditInterest has credited a year on the account since it was settled last. Its entries hold accounts in their order.
func (r *Rights) credited(ctx context.Context, tx store.Handle, s Settlement, year int) (bool, error) {
	for number := 0; ; number++ {
		entry, err := r.fund.Ledger().EntryByKeyTx(ctx, tx, r.fund.Book(), interestKey(year, number))
		if errors.Is(err, ledger.ErrEntryUnknown) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if len(entry.Lines) > 0 && entry.Lines[0].Account > s.Account {
			return false, nil
		}
		for i := range entry.Lines {
			if entry.Lines[i].Account == s.Account && entry.Seq > s.Since {
				return true, nil
			}
		}
	}
}

// balanceReader reads what stands on an account of what was posted since an entry, in the host's transaction.
type balanceReader struct {
	rights  *Rights
	tx      store.Handle
	account ledger.AccountNo
	since   ledger.Seq
}

// at returns the balance of a day, or over all dates for zero.
func (b *balanceReader) at(ctx context.Context, day calendar.Date) (money.Amount, error) {
	balance, err := b.rights.Balance(ctx, b.tx, b.account, ledger.At{Date: day})
	if err != nil || b.since == 0 {
		return balance, err
	}
	before, err := b.rights.Balance(ctx, b.tx, b.account, ledger.At{Date: day, Seq: b.since})
	return balance - before, err
}

// year computes the first months of a year, with interest of the year before that is not in the balances yet.
func (b *balanceReader) year(ctx context.Context, rule InterestRule, year, months int, interest money.Amount) (SettledYear, error) {
	rule.Months = months
	opened, err := b.at(ctx, calendar.MustDate(year-1, 12, 31))
	if err != nil {
		return SettledYear{}, err
	}
	y, before := Year{Opening: opened + interest}, opened
	for i := range months {
		closed, err := b.at(ctx, calendar.MustMonth(year, i+1).Last())
		if err != nil {
			return SettledYear{}, err
		}
		y.Postings[i], before = closed-before, closed
	}
	credit, steps, err := ComputeInterest(y, rule, fund.Currency())
	return SettledYear{Year: year, Months: months, Interest: credit.OnOpening + credit.OnPostings, Steps: steps}, err
}
