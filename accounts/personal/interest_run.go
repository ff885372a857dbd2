package personal

import (
	"context"
	"errors"
	"fmt"

	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// InterestRun says how the interest of a year is credited to all members of a fund (年度计息).
type InterestRun struct {
	Year      int
	Rule      InterestRule
	EnteredBy string
	Approved  string // by whom: another person
	Source    ledger.Source
	// PerEntry is the most members one entry credits; 100,000 if zero. It must be the same when an interrupted run is repeated.
	PerEntry int
	// Progress, if not nil, is told after each entry how many members are credited, and of how many.
	Progress func(done, total int)
}

// InterestResult is what a run credited.
type InterestResult struct {
	Members int          // with interest above zero
	Total   money.Amount // minor units
	Entries []ledger.Receipt
}

// membersPerEntry is the default of InterestRun.PerEntry.
const membersPerEntry = 100_000

// CreditInterest computes the interest of a year for every account and credits it, dated 31 December, in entries of the memorandum section (E27): it is no entry of
// the fund's books. Accounts without interest get no line. Each entry is a transaction of its own with a key of its own, so that a run that was
// interrupted is repeated and goes on where it stopped; when the accounts changed in between, the repetition is refused (ledger.ErrKeyReused).
//
// The interest of a year is reckoned on what stood at its beginning and on the net movement of each month by effective date, this run's own credits left out.
//
// An account that was settled (a line tagged TagHeirs brought it to zero) in the year, or after it and before this run, is left out: what it earned was credited by
// its settlement (SettleTx), or the place credits nothing then. What is posted on it after the settlement is credited and earns from its month like any other
// posting; audit rule P03 reports that a settled account has a balance. Where the published rate of the year turns out higher than the one it was settled at, nothing
// is made up here: the host orders a correction.
func (r *Rights) CreditInterest(ctx context.Context, run InterestRun) (InterestResult, error) {
	if err := run.Rule.Check(fund.Currency()); err != nil {
		return InterestResult{}, err
	}
	numbers, years, err := r.years(ctx, run.Year)
	if err != nil {
		return InterestResult{}, err
	}
	credits, err := ComputeInterests(nil, years, run.Rule, fund.Currency())
	if err != nil {
		return InterestResult{}, r.named(err, numbers)
	}
	return r.postInterest(ctx, run, numbers, credits)
}

// named puts account numbers into errors that know places in a set only.
func (r *Rights) named(err error, numbers []ledger.AccountNo) error {
	var one *AccountError
	if errors.As(err, &one) && one.Index < len(numbers) {
		return fmt.Errorf("account number %d of book %v: %w", numbers[one.Index], r.fund.Book(), err)
	}
	return err
}

func (r *Rights) postInterest(ctx context.Context, run InterestRun, numbers []ledger.AccountNo, credits []Credit) (InterestResult, error) {
	size := run.PerEntry
	if size == 0 {
		size = membersPerEntry
	}
	var result InterestResult
	rights := make([]fund.Right, 0, min(size, len(numbers)))
	post := func(done int) error {
		if len(rights) == 0 {
			return nil
		}
		receipt, err := r.fund.Post(ctx, run.event(len(result.Entries), rights))
		if err != nil {
			return err
		}
		result.Entries = append(result.Entries, receipt)
		rights = rights[:0]
		if run.Progress != nil {
			run.Progress(done, len(numbers))
		}
		return nil
	}
	for i, credit := range credits {
		interest := credit.OnOpening + credit.OnPostings
		if interest == 0 {
			continue
		}
		rights = append(rights, fund.Right{Account: numbers[i], Amount: interest, Month: calendar.MustMonth(run.Year, 12), Tag: InterestTag(run.Year)})
		result.Members++
		var err error
		if result.Total, err = result.Total.Add(interest); err != nil {
			return result, err
		}
		if len(rights) == size {
			if err := post(i + 1); err != nil {
				return result, err
			}
		}
	}
	return result, post(len(numbers))
}

func (run *InterestRun) event(number int, rights []fund.Right) fund.Event {
	return fund.Event{
		Event: fund.RightsOnly, Key: interestKey(run.Year, number), Effective: calendar.MustDate(run.Year, 12, 31),
		Description: fmt.Sprintf("%d年度个人账户计息", run.Year), EnteredBy: run.EnteredBy, ApprovedBy: run.Approved, Source: run.Source, Rights: rights,
		Metadata: metadata(&run.Rule),
	}
}

// metadata names the rule that an entry of interest was computed by.
func metadata(rule *InterestRule) map[string]string {
	return map[string]string{"method": string(rule.Method), "rate": rule.Rate.String(), "rate source": rule.RateSource}
}

// interestRunKey leads the keys of a year's entries of interest.
func interestRunKey(year int) string { return fmt.Sprintf("interest/%d/", year) }

// interestKey is the idempotency key of one of them.
func interestKey(year, number int) string { return fmt.Sprint(interestRunKey(year), number) }
