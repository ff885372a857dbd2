package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Origin says where a record that a source gives stands (记录出处), for the evidence of findings.
type Origin struct {
	Book     ledger.BookID  // the fund's book; of registrations the realm with number 0, its register book
	ID       string         // the record's id in its own system, never an identity number
	Seq      ledger.Seq     // the entry or act that sealed it; zero if none did
	Hash     []byte         // SHA-256 of the record, or empty
	Currency money.Currency // of its amounts
}

// Evidence refers to the record.
func (o *Origin) Evidence(kind string, amounts ...money.Amount) Evidence {
	ev := Evidence{Kind: kind, Book: BookRef(o.Book), Seq: o.Seq, Reference: o.ID, Hash: hex.EncodeToString(o.Hash)}
	for _, amount := range amounts {
		ev.Amounts = append(ev.Amounts, o.Sum(amount))
	}
	return ev
}

// Sum returns an amount in the record's currency.
func (o *Origin) Sum(amount money.Amount) Sum { return Sum{Amount: amount, Currency: o.Currency} }

// Records are records of registration, collection, personal accounts and benefits kept in memory: those of another system as they were taken in (外部业务数据).
// Nothing is put right. A list that is nil was not taken in, and Sources leaves its source out; one that is empty was, and holds nothing.
type Records struct {
	People      []Person
	Spells      []Spell
	Assessed    []AssessedContribution
	Demands     []Demand
	Receipts    []ContributionReceipt
	BankCredits []BankCredit
	Accounts    []RightsAccount
	Movements   []RightsMovement // in the order of posting; together with Accounts they are one source
	Awards      []Award
	Payments    []BenefitPayment
	Grounds     []StopGround
	Recoveries  []Recovery
	Terms       []DatedTerms
	Interest    map[ledger.BookID]map[int]personal.InterestRule // by book and year
	Settlements map[ledger.BookID][]DatedInterest               // by book; together with Interest they are one source
}

// Sources returns what was taken in as sources for New.
func (r *Records) Sources() []Source {
	var sources []Source
	add := func(given bool, source Source) {
		if given {
			sources = append(sources, source)
		}
	}
	add(r.People != nil, PeopleSource.Given(peopleRecords{r}))
	add(r.Spells != nil, SpellsSource.Given(spellRecords{r}))
	add(r.Assessed != nil, AssessmentsSource.Given(assessmentRecords{r}))
	add(r.Demands != nil, DemandsSource.Given(demandRecords{r}))
	add(r.Receipts != nil, ReceiptsSource.Given(receiptRecords{r}))
	add(r.BankCredits != nil, BankCreditsSource.Given(bankCreditRecords{r}))
	add(r.Accounts != nil || r.Movements != nil, RightsSource.Given(rightsRecords{r}))
	add(r.Awards != nil, AwardsSource.Given(awardRecords{r}))
	add(r.Payments != nil, PaymentsSource.Given(paymentRecords{r}))
	add(r.Grounds != nil, StopGroundsSource.Given(groundRecords{r}))
	add(r.Recoveries != nil, RecoveriesSource.Given(recoveryRecords{r}))
	add(r.Terms != nil, ContributionLawSource.Given(termRecords{r}))
	add(r.Interest != nil || r.Settlements != nil, InterestLawSource.Given(interestRecords{r}))
	return sources
}

type (
	peopleRecords     struct{ *Records }
	spellRecords      struct{ *Records }
	assessmentRecords struct{ *Records }
	demandRecords     struct{ *Records }
	receiptRecords    struct{ *Records }
	bankCreditRecords struct{ *Records }
	rightsRecords     struct{ *Records }
	awardRecords      struct{ *Records }
	paymentRecords    struct{ *Records }
	groundRecords     struct{ *Records }
	recoveryRecords   struct{ *Records }
	termRecords       struct{ *Records }
	interestRecords   struct{ *Records }
)

func (r peopleRecords) People(ctx context.Context) iter.Seq2[Person, error] {
	return each(ctx, r.Records.People)
}
func (r spellRecords) Spells(ctx context.Context) iter.Seq2[Spell, error] {
	return each(ctx, r.Records.Spells)
}
func (r assessmentRecords) Assessed(ctx context.Context) iter.Seq2[AssessedContribution, error] {
	return each(ctx, r.Records.Assessed)
}
func (r demandRecords) Demands(ctx context.Context) iter.Seq2[Demand, error] {
	return each(ctx, r.Records.Demands)
}
func (r receiptRecords) Receipts(ctx context.Context) iter.Seq2[ContributionReceipt, error] {
	return each(ctx, r.Records.Receipts)
}
func (r bankCreditRecords) BankCredits(ctx context.Context) iter.Seq2[BankCredit, error] {
	return each(ctx, r.Records.BankCredits)
}
func (r rightsRecords) Accounts(ctx context.Context) iter.Seq2[RightsAccount, error] {
	return each(ctx, r.Records.Accounts)
}
func (r rightsRecords) Movements(ctx context.Context) iter.Seq2[RightsMovement, error] {
	return each(ctx, r.Records.Movements)
}
func (r awardRecords) Awards(ctx context.Context) iter.Seq2[Award, error] {
	return each(ctx, r.Records.Awards)
}
func (r paymentRecords) Payments(ctx context.Context) iter.Seq2[BenefitPayment, error] {
	return each(ctx, r.Records.Payments)
}
func (r groundRecords) StopGrounds(ctx context.Context) iter.Seq2[StopGround, error] {
	return each(ctx, r.Records.Grounds)
}
func (r recoveryRecords) Recoveries(ctx context.Context) iter.Seq2[Recovery, error] {
	return each(ctx, r.Records.Recoveries)
}

// Terms implements ContributionLaw: the last of the rows that hold for the contribution.
func (r termRecords) Terms(_ context.Context, of *AssessedContribution) (ContributionTerms, bool, error) {
	for i := len(r.Records.Terms) - 1; i >= 0; i-- {
		if d := &r.Records.Terms[i]; d.Book == of.Book && d.Scheme == of.Scheme && d.From <= of.Month && (d.To.IsZero() || of.Month <= d.To) {
			return d.ContributionTerms, true, nil
		}
	}
	return ContributionTerms{}, false, nil
}

// InterestRule implements InterestLaw.
func (r interestRecords) InterestRule(_ context.Context, book ledger.BookID, year int) (personal.InterestRule, bool, error) {
	rule, ok := r.Interest[book][year]
	return rule, ok, nil
}

// SettlementRule implements InterestLaw: the last of the rows that hold for the day.
func (r interestRecords) SettlementRule(_ context.Context, book ledger.BookID, day calendar.Date) (personal.InterestRule, bool, error) {
	rows := r.Settlements[book]
	for i := len(rows) - 1; i >= 0; i-- {
		if d := &rows[i]; d.From <= day && (d.To.IsZero() || day <= d.To) {
			return d.InterestRule, true, nil
		}
	}
	return personal.InterestRule{}, false, nil
}

// Each record source names what it holds by its own hash.
func (r peopleRecords) Identity(context.Context) (string, error) { return identityOf(r.Records.People) }
func (r spellRecords) Identity(context.Context) (string, error)  { return identityOf(r.Records.Spells) }
func (r assessmentRecords) Identity(context.Context) (string, error) {
	return identityOf(r.Records.Assessed)
}
func (r demandRecords) Identity(context.Context) (string, error) {
	return identityOf(r.Records.Demands)
}
func (r receiptRecords) Identity(context.Context) (string, error) {
	return identityOf(r.Records.Receipts)
}
func (r bankCreditRecords) Identity(context.Context) (string, error) {
	return identityOf(r.Records.BankCredits)
}
func (r rightsRecords) Identity(context.Context) (string, error) {
	return identityOf([]any{r.Records.Accounts, r.Records.Movements})
}
func (r awardRecords) Identity(context.Context) (string, error) { return identityOf(r.Records.Awards) }
func (r paymentRecords) Identity(context.Context) (string, error) {
	return identityOf(r.Records.Payments)
}
func (r groundRecords) Identity(context.Context) (string, error) {
	return identityOf(r.Records.Grounds)
}
func (r recoveryRecords) Identity(context.Context) (string, error) {
	return identityOf(r.Records.Recoveries)
}
func (r termRecords) Identity(context.Context) (string, error) { return identityOf(r.Records.Terms) }
func (r interestRecords) Identity(context.Context) (string, error) {
	return identityOf([]any{r.Records.Interest, r.Records.Settlements})
}

// identityOf is the SHA-256 of the records' JSON, in which identity numbers are masked.
func identityOf(records any) (string, error) {
	encoded, err := json.Marshal(records)
	if err != nil {
		encoded = fmt.Appendf(nil, "%+v", records) // a date no JSON can hold
	}
	hash := sha256.Sum256(encoded)
	return hex.EncodeToString(hash[:]), nil
}

func each[T any](ctx context.Context, list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, record := range list {
			if err := ctx.Err(); err != nil {
				var none T
				yield(none, err)
				return
			}
			if !yield(record, nil) {
				return
			}
		}
	}
}
