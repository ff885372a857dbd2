package benefits

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/benefits/eligibility"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/sheet"
)

// Stage is how final a determination is.
type Stage string

// The stages. Until the year's base is published a pension is determined with the one before (预核); the formal determination (正式核定) pays the difference.
const (
	Provisional Stage = "provisional"
	Formal      Stage = "formal"
)

// Determination statuses.
const (
	DeterminationOpen     = "open"
	DeterminationApproved = "approved"
	DeterminationReplaced = "replaced"
)

// DetermineSpec asks for a determination of a claim. Where the figures come from history, months, prior service and personal accounts of all numbers under which the
// member was ever registered count: what was merged (registration.Career.Merged) is one life.
type DetermineSpec struct {
	Claim  int64
	Stage  Stage
	Inputs *pension.Inputs // figures handed over by an earlier system, taken as they are; from history, prior service and the personal account if nil
	Policy scheme.ID       // Config.Parameters.Policy if empty
	Known  calendar.Date   // parameters as they were known on this day; the day of the order if zero
}

// NotEligible is why a claim gives no pension. Get it with errors.As from the error of Determine.
type NotEligible struct {
	Claim   int64
	Reasons []eligibility.Reason
}

func (e *NotEligible) Error() string {
	text := fmt.Sprintf("claim %d:", e.Claim)
	for _, r := range e.Reasons {
		text += fmt.Sprintf(" %s (%s; %s)", r.Code, r.Detail, r.Hint)
	}
	return text
}

// Determine determines claims (待遇核定) and stores each determination with its policy, inputs, the versions of its parameters and its trace. Claims of one command
// are all determined or none. An ineligible claim is a fault that holds *NotEligible; a claim that an earlier system paid already is not judged again. The error
// is *Faults, or one of the catalogue, the ledger or the store. A command holds its determinations in memory, some kilobytes each: give a hundred thousand in several.
func (o *Office) Determine(ctx context.Context, order Order, specs ...DetermineSpec) (Done, error) {
	return o.run(ctx, order, o.determine(specs))
}

// DetermineTx is Determine in the host's transaction.
func (o *Office) DetermineTx(ctx context.Context, h store.Handle, order Order, specs ...DetermineSpec) (Done, error) {
	return o.runTx(ctx, h, order, o.determine(specs))
}

// determined is one determination before it is written.
type determined struct {
	claim   Claim
	stage   Stage
	policy  scheme.ID
	months  int
	content []byte
	hash    string
	monthly Amounts
}

func (o *Office) determine(specs []DetermineSpec) command {
	return command{kind: KindDetermine, asked: specs, rows: len(specs), carry: func(ctx context.Context, s *session) (Done, error) {
		d, err := s.prepareDetermination(ctx, specs)
		if err != nil {
			return Done{}, err
		}
		list := make([]determined, 0, len(specs))
		for i := range specs {
			if made, ok := d.one(i, &specs[i]); ok {
				list = append(list, made)
			}
		}
		if err := s.faults.Err(); err != nil {
			return Done{}, err
		}
		return s.writeDeterminations(ctx, list)
	}}
}

// determining holds what determinations of one command are made from.
type determining struct {
	*session
	claims   map[int64]Claim
	careers  map[registration.MemberNo]registration.Career
	prior    map[registration.MemberNo]PriorService
	months   map[registration.MemberNo][]registration.ContributionMonth
	balances map[registration.MemberNo]money.Amount
	formulas map[string]*pension.Formula
}

func (s *session) prepareDetermination(ctx context.Context, specs []DetermineSpec) (*determining, error) {
	numbers := make([]int64, len(specs))
	for i := range specs {
		numbers[i] = specs[i].Claim
	}
	d := &determining{session: s, formulas: map[string]*pension.Formula{}}
	var err error
	if d.claims, err = s.claims(ctx, numbers); err != nil {
		return nil, err
	}
	if err := s.faults.Err(); err != nil { // rows without a claim have no member to read
		return nil, err
	}
	var all []int64
	var figured []registration.MemberNo
	for i := range specs {
		member := d.claims[specs[i].Claim].Member
		all = append(all, int64(member))
		if specs[i].Inputs == nil {
			figured = append(figured, member)
		}
	}
	if d.careers, err = s.members(ctx, all); err != nil || len(figured) == 0 {
		return d, err
	}
	figured = numbersOf(d.careers, figured)
	if d.prior, err = s.readPrior(ctx, figured); err != nil {
		return nil, err
	}
	d.months = map[registration.MemberNo][]registration.ContributionMonth{}
	if s.history != nil {
		for m, err := range s.history.Contributions(ctx, s.tx.Handle(), s.config.Scheme, figured) {
			if err != nil {
				return nil, err
			}
			d.months[m.Member] = append(d.months[m.Member], m)
		}
	}
	if d.balances, err = s.balances(ctx, figured); err != nil {
		return nil, err
	}
	return d, s.addBorne(ctx, figured, d.balances)
}

// numbersOf adds to members the numbers under which they were registered before and that were merged into theirs (个人账户合并), in order, each once.
func numbersOf(careers map[registration.MemberNo]registration.Career, members []registration.MemberNo) []registration.MemberNo {
	all := slices.Clone(members)
	for _, no := range members {
		all = append(all, careers[no].Merged...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// addBorne adds what pensions have taken from personal accounts already, so that a later determination starts from the same account as the first. Interest
// credited since stands in it; where a place wants it out, it gives the inputs itself.
func (s *session) addBorne(ctx context.Context, members []registration.MemberNo, balances map[registration.MemberNo]money.Amount) error {
	numbers := make([]int64, len(members))
	for i, no := range members {
		numbers[i] = int64(no)
	}
	return inChunks(numbers, func(some []int64) error {
		return s.tx.Each(ctx, `SELECT member_no, CAST(sum(amount) AS bigint) FROM benefits_debit WHERE realm_id = ? AND book_no = ? AND `+
			s.tx.Dialect().Among("member_no")+` GROUP BY member_no`, s.args(s.tx.Dialect().Ints(some)), func(rows *store.Rows) error {
			var no registration.MemberNo
			var taken money.Amount
			err := rows.Scan(&no, &taken)
			balances[no] += taken
			return err
		})
	})
}

// one determines row i, or adds its faults.
func (d *determining) one(i int, spec *DetermineSpec) (made determined, ok bool) {
	claim, row := d.claims[spec.Claim], i+1
	before := len(d.faults.List)
	if spec.Stage != Provisional && spec.Stage != Formal {
		d.faults.Rowf(row, ErrInvalid, "stage", "give Provisional or Formal", "%q", spec.Stage)
	}
	if claim.Status == ClaimRejected {
		d.faults.Rowf(row, ErrStatus, "claim", "claim anew", "claim %d is rejected", claim.No)
	}
	if claim.Clerk == d.order.EnteredBy && !d.config.SameDeterminer {
		d.faults.Rowf(row, ErrFourEyes, "entered by", "have another person determine it", "%q took claim %d", claim.Clerk, claim.No)
	}
	var err error
	known := spec.Known
	if known == 0 {
		known = d.order.Effective
	}
	law := d.catalogue.KnownOn(known)
	in, months := spec.Inputs, 0
	if in != nil {
		months = inputMonths(in)
	} else if in, months, err = d.inputs(law, claim, row, spec.Stage); err != nil {
		return made, d.fail(row, "inputs", err)
	}
	if claim.PaidThrough == 0 {
		reasons, err := eligibility.Judge(law, eligibility.Request{Career: d.careers[claim.Member], Insurance: d.config.Insurance, Retire: claim.Retire,
			Ground: claim.Ground, Reference: claim.Reference, Months: months})
		if err != nil {
			return made, d.fail(row, "law", err)
		}
		if len(reasons) > 0 {
			refused := &NotEligible{Claim: claim.No, Reasons: reasons}
			d.faults.Add(&Fault{Code: ErrNotEligible, Row: row, Field: "claim", Detail: refused.Error(), Hint: "see the reasons", Err: refused})
		}
	}
	if len(d.faults.List) > before {
		return made, false
	}
	made = determined{claim: claim, stage: spec.Stage, policy: spec.Policy, months: months}
	return made, d.compute(law, &made, in, row)
}

// compute runs the formula and turns its result into minor units.
func (d *determining) compute(law *scheme.Catalogue, made *determined, in *pension.Inputs, row int) bool {
	if made.policy == "" {
		made.policy = d.config.Parameters.Policy
	}
	value, err := law.Policy(made.policy, made.claim.Retire)
	if err != nil {
		return d.fail(row, "policy", err)
	}
	key := string(made.policy) + " " + value.From.String() + " " + value.SHA256
	formula := d.formulas[key]
	if formula == nil {
		if formula, err = pension.NewFormula(*value.Policy, &value.Provenance); err != nil {
			return d.fail(row, "policy", err)
		}
		d.formulas[key] = formula
	}
	result, err := formula.Determine(*in)
	if err != nil {
		return d.fail(row, "inputs", err)
	}
	supplement := result.Total.Sub(result.Basic).Sub(result.AccountPension).Sub(result.Transitional)
	var list [4]money.Amount
	for i, x := range []decimal.Decimal{result.Basic, result.AccountPension, result.Transitional, supplement} {
		if list[i], err = d.currency.FromDecimal(x); err != nil {
			return d.fail(row, "amount", err)
		}
		if list[i] < 0 || list[i] > maxMonthly {
			d.faults.Rowf(row, ErrInputs, "amount", "check the figures", "a component of %s is not paid by month", x)
			return false
		}
	}
	made.monthly = amountsOf(list)
	if made.content, err = formula.AppendJSON(nil, &result); err != nil {
		return d.fail(row, "inputs", err)
	}
	hash := sha256.Sum256(made.content)
	made.hash = hex.EncodeToString(hash[:])
	return true
}

// fail adds a fault of what the catalogue or the formula refused; it is false.
func (d *determining) fail(row int, field string, err error) bool {
	d.faults.Add(&Fault{Code: ErrInputs, Row: row, Field: field, Detail: err.Error(), Hint: "correct the figures or the parameter", Err: err})
	return false
}

func inputMonths(in *pension.Inputs) int {
	if in.Months != nil {
		return *in.Months
	}
	if in.Years.Valid {
		return int(in.Years.Decimal.Mul(decimal.NewFromInt(12)).Round(0).IntPart())
	}
	return 0
}

// contentsPerInsert bounds how many stored determinations, some kilobytes each, one statement carries.
const contentsPerInsert = 2_000

// writeDeterminations seals and stores determinations; open ones of the same claims are replaced.
func (s *session) writeDeterminations(ctx context.Context, list []determined) (Done, error) {
	n := len(list)
	claims, versions := make([]int64, n), make([]int64, n)
	stages, policies, hashes := make([]string, n), make([]string, n), make([]string, n)
	var amounts [4][]int64
	var total money.Amount
	for i, d := range list {
		claims[i], versions[i], stages[i], policies[i], hashes[i] = d.claim.No, int64(d.claim.Versions)+1, string(d.stage), string(d.policy), d.hash
		for k, amount := range d.monthly.list() {
			amounts[k] = append(amounts[k], int64(amount))
		}
		total += d.monthly.Total()
	}
	seq, err := s.seal(ctx, KindDetermine, map[string]int64{"rows": int64(n), "total": int64(total)}, sheet.Ints("claim", claims), sheet.Ints("version", versions),
		sheet.Texts("stage", stages), sheet.Texts("policy", policies), sheet.Ints("basic", amounts[0]), sheet.Ints("account_pension", amounts[1]),
		sheet.Ints("transitional", amounts[2]), sheet.Ints("supplement", amounts[3]), sheet.Texts("content_sha256", hashes))
	if err != nil {
		return Done{}, err
	}
	err = inChunks(claims, func(some []int64) error {
		among, arg := s.tx.Dialect().Among("claim_no"), s.tx.Dialect().Ints(some)
		if err := s.exec(ctx, `UPDATE benefits_determination SET status = ?`, ` AND status = 'open' AND `+among, DeterminationReplaced, arg); err != nil {
			return err
		}
		return s.exec(ctx, `UPDATE benefits_claim SET versions = versions + 1, status = CASE WHEN status = 'open' THEN 'determined' ELSE status END`, ` AND `+among, arg)
	})
	for from := 0; from < n && err == nil; from += contentsPerInsert {
		err = s.insertDeterminations(ctx, seq, int32(from), list[from:min(from+contentsPerInsert, n)])
	}
	return Done{Seq: seq, First: claims[0], Count: n, Amount: total}, err
}

// insertDeterminations stores some determinations of a command; before is how many rows came before them.
func (s *session) insertDeterminations(ctx context.Context, seq ledger.Seq, before int32, list []determined) error {
	var claims, versions, members, months []int64
	var rows []int32
	var stages, policies []string
	var contents [][]byte
	var amounts [4][]int64
	for i, d := range list {
		rows = append(rows, before+int32(i)+1)
		claims, versions = append(claims, d.claim.No), append(versions, int64(d.claim.Versions)+1)
		members, months = append(members, int64(d.claim.Member)), append(months, int64(d.months))
		stages, policies, contents = append(stages, string(d.stage)), append(policies, string(d.policy)), append(contents, d.content)
		for k, amount := range d.monthly.list() {
			amounts[k] = append(amounts[k], int64(amount))
		}
	}
	return s.tx.Insert(ctx, "benefits_determination", s.keys(store.Int64s("claim_no", claims),
		store.Int64s("version", versions), store.Int64s("member_no", members), store.Texts("stage", stages), store.Fixed("seq", int64(seq)), store.Int32s("row_no", rows),
		store.Fixed("day", int32(s.order.Effective)), store.Texts("policy", policies), store.Int64s("months", months), store.Blobs("content", contents),
		store.Int64s("basic", amounts[0]), store.Int64s("account_pension", amounts[1]), store.Int64s("transitional", amounts[2]), store.Int64s("supplement", amounts[3]),
		store.Fixed("clerk", s.order.EnteredBy), store.Fixed("status", DeterminationOpen))...)
}

// balances returns what members have on their personal accounts, in two queries for every 20,000.
func (s *session) balances(ctx context.Context, members []registration.MemberNo) (map[registration.MemberNo]money.Amount, error) {
	found := make(map[registration.MemberNo]money.Amount, len(members))
	accounts, err := s.accounts(ctx, members)
	if err != nil {
		return nil, err
	}
	for from := 0; from < len(members); from += chunk {
		var numbers []ledger.AccountNo
		some := members[from:min(from+chunk, len(members))]
		for _, no := range some {
			if account := accounts[no]; account != 0 {
				numbers = append(numbers, account)
			}
		}
		held, err := s.fund.Ledger().MemberBalancesTx(ctx, s.tx.Handle(), s.fund.Book(), numbers)
		if err != nil {
			return nil, err
		}
		for _, no := range some {
			found[no] = held[accounts[no]]
		}
	}
	return found, nil
}
