package benefits

import (
	"context"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// The kinds of acts in the fund's book. Each is also the title of its sheet.
const (
	KindPrior     = "benefits.prior"
	KindClaim     = "benefits.claim"
	KindReject    = "benefits.reject"
	KindDetermine = "benefits.determine"
	KindApprove   = "benefits.approve"
	KindRun       = "benefits.run"
	KindRunPass   = "benefits.run.approve"
	KindRunCancel = "benefits.run.cancel"
	KindPost      = "benefits.run.post"
	KindReturn    = "benefits.return"
	KindReissue   = "benefits.reissue"
	KindStop      = "benefits.stop"
	KindTerms     = "benefits.recovery.terms"
	KindRecover   = "benefits.recovery.receive"
	KindHeirs     = "benefits.heirs"
)

// PriorService is what a member contributed before this system kept months (启用前缴费年限), as taken over from the earlier system or the personnel file. It
// replaces an earlier one of the member.
type PriorService struct {
	Member       registration.MemberNo
	Months       int                 // contributed, deemed ones (视同缴费) too
	IndexSum     decimal.Decimal     // sum of the monthly contribution indices over Months
	BeforeMonths int                 // of them, months before personal accounts: they count for the transitional pension
	BeforeIndex  decimal.NullDecimal // mean index of BeforeMonths; the average of all if absent
	Until        calendar.Month      // the last month counted: later ones come from History
	Reference    string              // the document in the archive; required
}

// RecordPrior records prior service. The error is *Faults, or one of the ledger or the store.
func (o *Office) RecordPrior(ctx context.Context, order Order, prior ...PriorService) (Done, error) {
	return o.run(ctx, order, o.recordPrior(prior))
}

// RecordPriorTx is RecordPrior in the host's transaction.
func (o *Office) RecordPriorTx(ctx context.Context, h store.Handle, order Order, prior ...PriorService) (Done, error) {
	return o.runTx(ctx, h, order, o.recordPrior(prior))
}

func (o *Office) recordPrior(prior []PriorService) command {
	return command{kind: KindPrior, asked: prior, rows: len(prior), moves: true, carry: func(ctx context.Context, s *session) (Done, error) {
		var members, months, before, until []int64
		var sums, beforeIndex, references []string
		for i, p := range prior {
			row := i + 1
			if p.Months < 0 || p.Months > 1200 || p.BeforeMonths < 0 || p.BeforeMonths > p.Months || p.IndexSum.IsNegative() || !p.Until.Valid() {
				s.faults.Rowf(row, ErrInvalid, "months", "give 0 to 1,200 months, at most as many before personal accounts, an index sum and the last month",
					"%d months, %d before, index sum %s, until %d", p.Months, p.BeforeMonths, p.IndexSum, int32(p.Until))
			}
			if p.Reference == "" || len(p.Reference) > ledger.MaxName {
				s.faults.Rowf(row, ErrMissing, "reference", "name the document in the archive, in at most 256 bytes", "is %q", p.Reference)
			}
			index := ""
			if p.BeforeIndex.Valid {
				index = p.BeforeIndex.Decimal.String()
			}
			members, months, before, until = append(members, int64(p.Member)), append(months, int64(p.Months)), append(before, int64(p.BeforeMonths)), append(until, int64(p.Until))
			sums, beforeIndex, references = append(sums, p.IndexSum.String()), append(beforeIndex, index), append(references, p.Reference)
		}
		if _, err := s.members(ctx, members); err != nil {
			return Done{}, err
		}
		if err := s.faults.Err(); err != nil {
			return Done{}, err
		}
		seq, err := s.seal(ctx, KindPrior, map[string]int{"rows": len(prior)}, sheet.Ints("member", members), sheet.Ints("months", months), sheet.Texts("index_sum", sums),
			sheet.Ints("before_months", before), sheet.Texts("before_index", beforeIndex), sheet.Ints("until", until), sheet.Texts("reference", references))
		if err != nil {
			return Done{}, err
		}
		if err := inChunks(members, func(some []int64) error {
			return s.exec(ctx, `UPDATE benefits_prior SET superseded_seq = ?`, ` AND superseded_seq = 0 AND `+s.tx.Dialect().Among("member_no"), int64(seq), s.tx.Dialect().Ints(some))
		}); err != nil {
			return Done{}, err
		}
		return Done{Seq: seq, Count: len(prior)}, s.tx.Insert(ctx, "benefits_prior", s.keys(store.Int64s("member_no", members), store.Fixed("seq", int64(seq)),
			rowNumbers(len(prior)), store.Int64s("months", months), store.Texts("index_sum", sums), store.Int64s("before_months", before),
			store.Texts("before_index", beforeIndex), store.Int64s("until_month", until), store.Texts("reference", references), store.Fixed("superseded_seq", int64(0)))...)
	}}
}

// rowNumbers is the column row_no: 1, 2, …
func rowNumbers(n int) store.Column {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i + 1)
	}
	return store.Int32s("row_no", rows)
}

// pageOfMembers is how many members one page of registration.Reader.Careers reads.
const pageOfMembers = 2_000

// members reads the careers of the members of rows, adds a fault for each that is unknown or stands twice, and returns them by number. Near numbers are read
// in pages, far ones each by itself, whichever takes fewer queries.
func (s *session) members(ctx context.Context, rows []int64) (map[registration.MemberNo]registration.Career, error) {
	found := make(map[registration.MemberNo]registration.Career, len(rows))
	if len(rows) == 0 {
		return found, nil
	}
	at := make(map[int64]int, len(rows))
	first, last := rows[0], rows[0]
	for i, no := range rows {
		if before, ok := at[no]; ok {
			s.faults.Rowf(i+1, ErrRepeated, "member", "give each member once", "member %d stands in row %d too", no, before)
		}
		at[no] = i + 1
		first, last = min(first, no), max(last, no)
	}
	reader, realm := s.registry.In(s.tx.Handle()), s.fund.Book().Realm
	if first >= 1 && (last-first)/pageOfMembers < int64(len(at)) {
		for career, err := range reader.Careers(ctx, realm, registration.MemberNo(first), registration.MemberNo(last), 0) {
			if err != nil {
				return nil, err
			}
			if at[int64(career.No)] > 0 {
				found[career.No] = career
			}
		}
	} else {
		for no := range at {
			if career, err := reader.Career(ctx, realm, registration.MemberNo(no), 0); err == nil {
				found[career.No] = career
			} else if !isUnknownMember(err) {
				return nil, err
			}
		}
	}
	for i, no := range rows {
		if _, ok := found[registration.MemberNo(no)]; !ok {
			s.faults.Rowf(i+1, ErrUnknown, "member", "check the number", "member %d is not registered", no)
		}
	}
	return found, nil
}

// ClaimSpec is a claim of a pension (待遇申领).
type ClaimSpec struct {
	Member      registration.MemberNo
	Retire      calendar.Date  // 退休时间; the pension begins with the month after it
	Ground      string         // registration.GroundStatutory and its sisters, or a code of the place
	Reference   string         // the approval in the archive, for grounds without the statutory age
	PaidThrough calendar.Month // the last month that an earlier system paid; zero if this one pays from the beginning
}

// The statuses of a claim.
const (
	ClaimOpen       = "open"
	ClaimDetermined = "determined"
	ClaimAwarded    = "awarded"
	ClaimRejected   = "rejected"
)

// Claim takes claims (受理), which get numbers in their order from Done.First on. A member has one claim that is not rejected. Whether he is eligible is judged by
// Determine, and beforehand by Judge. The error is *Faults, or one of the ledger or the store.
func (o *Office) Claim(ctx context.Context, order Order, claims ...ClaimSpec) (Done, error) {
	return o.run(ctx, order, o.claim(claims))
}

// ClaimTx is Claim in the host's transaction.
func (o *Office) ClaimTx(ctx context.Context, h store.Handle, order Order, claims ...ClaimSpec) (Done, error) {
	return o.runTx(ctx, h, order, o.claim(claims))
}

func (o *Office) claim(claims []ClaimSpec) command {
	return command{kind: KindClaim, asked: claims, rows: len(claims), carry: func(ctx context.Context, s *session) (Done, error) {
		members, retire, paid := make([]int64, len(claims)), make([]int64, len(claims)), make([]int64, len(claims))
		grounds, references, numbers := make([]string, len(claims)), make([]string, len(claims)), make([]int64, len(claims))
		for i, c := range claims {
			members[i], retire[i], paid[i], grounds[i], references[i] = int64(c.Member), int64(c.Retire), int64(c.PaidThrough), c.Ground, c.Reference
			numbers[i] = s.head.claims + int64(i) + 1
			if !c.Retire.Valid() {
				s.faults.Rowf(i+1, ErrInvalid, "retire", "give the day, made with calendar.NewDate", "%d is no day", int32(c.Retire))
			}
			if c.Ground == "" || len(c.Ground) > 64 || len(c.Reference) > ledger.MaxName {
				s.faults.Rowf(i+1, ErrMissing, "ground", "give a code of at most 64 bytes and a reference of at most 256", "is %q with reference of %d bytes", c.Ground, len(c.Reference))
			}
			if c.PaidThrough != 0 && (!c.PaidThrough.Valid() || c.PaidThrough <= c.Retire.Month()) {
				s.faults.Rowf(i+1, ErrInvalid, "paid through", "give a month after the retirement, or none", "%d", int32(c.PaidThrough))
			}
		}
		if _, err := s.members(ctx, members); err != nil {
			return Done{}, err
		}
		if err := s.claimed(ctx, members); err != nil {
			return Done{}, err
		}
		if err := s.faults.Err(); err != nil {
			return Done{}, err
		}
		seq, err := s.seal(ctx, KindClaim, map[string]int64{"first": s.head.claims + 1}, sheet.Ints("member", members), sheet.Ints("retire", retire),
			sheet.Texts("ground", grounds), sheet.Texts("reference", references), sheet.Ints("paid_through", paid))
		if err != nil {
			return Done{}, err
		}
		done := Done{Seq: seq, First: s.head.claims + 1, Count: len(claims)}
		s.head.claims += int64(len(claims))
		return done, s.tx.Insert(ctx, "benefits_claim", s.keys(store.Int64s("claim_no", numbers), store.Int64s("member_no", members), store.Fixed("seq", int64(seq)),
			rowNumbers(len(claims)), store.Fixed("claimed_day", int32(s.order.Effective)), store.Int64s("retire_day", retire), store.Texts("ground", grounds),
			store.Texts("reference", references), store.Int64s("paid_through", paid), store.Fixed("clerk", s.order.EnteredBy), store.Fixed("status", ClaimOpen),
			store.Fixed("versions", int32(0)))...)
	}}
}

// claimed adds a fault for every member who has a claim that was not rejected.
func (s *session) claimed(ctx context.Context, members []int64) error {
	row := make(map[int64]int, len(members))
	for i, no := range members {
		row[no] = i + 1
	}
	return inChunks(members, func(some []int64) error {
		return s.tx.Each(ctx, `SELECT member_no, claim_no, status FROM benefits_claim WHERE realm_id = ? AND book_no = ? AND status <> 'rejected' AND `+
			s.tx.Dialect().Among("member_no")+` ORDER BY claim_no`, s.args(s.tx.Dialect().Ints(some)), func(rows *store.Rows) error {
			var member, claim int64
			var status string
			err := rows.Scan(&member, &claim, &status)
			s.faults.Rowf(row[member], ErrClaimed, "member", "go on with that claim, or reject it first", "member %d has claim %d, %s", member, claim, status)
			return err
		})
	})
}

// Rejection ends a claim without an award (不予核定).
type Rejection struct {
	Claim  int64
	Reason string // code of the reason, such as one of package eligibility; required
}

// Reject rejects claims that were not awarded. Who rejects is another person than the one who took them. The error is *Faults, or one of the ledger or the store.
func (o *Office) Reject(ctx context.Context, order Order, rejections ...Rejection) (Done, error) {
	return o.run(ctx, order, o.reject(rejections))
}

// RejectTx is Reject in the host's transaction.
func (o *Office) RejectTx(ctx context.Context, h store.Handle, order Order, rejections ...Rejection) (Done, error) {
	return o.runTx(ctx, h, order, o.reject(rejections))
}

func (o *Office) reject(rejections []Rejection) command {
	return command{kind: KindReject, asked: rejections, rows: len(rejections), carry: func(ctx context.Context, s *session) (Done, error) {
		numbers, reasons := make([]int64, len(rejections)), make([]string, len(rejections))
		for i, r := range rejections {
			numbers[i], reasons[i] = r.Claim, r.Reason
			if r.Reason == "" {
				s.faults.Rowf(i+1, ErrMissing, "reason", "give it", "is empty")
			}
		}
		claims, err := s.claims(ctx, numbers)
		if err != nil {
			return Done{}, err
		}
		for i, no := range numbers {
			c, ok := claims[no]
			if !ok {
				continue
			}
			if c.Status != ClaimOpen && c.Status != ClaimDetermined {
				s.faults.Rowf(i+1, ErrStatus, "claim", "reject claims that were not awarded", "claim %d is %s", no, c.Status)
			}
			if c.Clerk == s.order.EnteredBy {
				s.faults.Rowf(i+1, ErrFourEyes, "entered by", "have another person reject it", "%q took claim %d", c.Clerk, no)
			}
		}
		if err := s.faults.Err(); err != nil {
			return Done{}, err
		}
		seq, err := s.seal(ctx, KindReject, map[string]int{"rows": len(numbers)}, sheet.Ints("claim", numbers), sheet.Texts("reason", reasons))
		if err != nil {
			return Done{}, err
		}
		return Done{Seq: seq, Count: len(numbers)}, inChunks(numbers, func(some []int64) error {
			return s.exec(ctx, `UPDATE benefits_claim SET status = ?`, ` AND `+s.tx.Dialect().Among("claim_no"), ClaimRejected, s.tx.Dialect().Ints(some))
		})
	}}
}

// claims reads claims by number and adds a fault for each row whose claim is unknown or stands twice.
func (s *session) claims(ctx context.Context, numbers []int64) (map[int64]Claim, error) {
	found := make(map[int64]Claim, len(numbers))
	err := inChunks(numbers, func(some []int64) error {
		list, err := s.readClaims(ctx, s.tx, ` AND `+s.tx.Dialect().Among("claim_no")+` ORDER BY claim_no`, s.tx.Dialect().Ints(some))
		for _, c := range list {
			found[c.No] = c
		}
		return err
	})
	seen := make(map[int64]int, len(numbers))
	for i, no := range numbers {
		if _, ok := found[no]; !ok && err == nil {
			s.faults.Rowf(i+1, ErrUnknown, "claim", "check the number", "there is no claim %d", no)
		}
		if seen[no] > 0 {
			s.faults.Rowf(i+1, ErrRepeated, "claim", "give each once", "claim %d stands in row %d too", no, seen[no])
		}
		seen[no] = i + 1
	}
	return found, err
}
