package collection

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/sheet"
)

// The kinds of acts in the fund's book.
const (
	KindDeclaration = "collection.declaration"
	KindAssessment  = "collection.assessment"
	KindNotice      = "collection.notice"
	KindPayers      = "collection.payers"
)

// Declare takes a declaration (缴费申报) of any number of employers and months. A later declaration of the same employer and month stands in place of the earlier
// one; it changes an assessment only when the month is assessed again. The error is *Faults with the faults of the file and of all rows together, or one of the
// ledger or the store.
func (o *Office) Declare(ctx context.Context, order Order, filing *Filing) (Done, error) {
	return o.run(ctx, order, func() command { return o.declaration(order, filing) })
}

// DeclareTx is Declare in the host's transaction.
func (o *Office) DeclareTx(ctx context.Context, tx store.Handle, order Order, filing *Filing) (Done, error) {
	return o.performTx(ctx, tx, order, o.declaration(order, filing))
}

func (o *Office) declaration(order Order, filing *Filing) command {
	d := &declaration{filing: filing}
	c := command{kind: KindDeclaration, digest: digestOf(order, o.digestRows(filing)), inspect: d.inspect, carry: d.write}
	c.already = Faults{List: slices.Clone(filing.faults.List), Omitted: filing.faults.Omitted}
	if len(filing.Rows) == 0 && len(c.already.List) == 0 {
		c.already.Addf(ErrMissing, "rows", "give at least one", "the declaration has none")
	}
	return c
}

// digestRows hashes rows as they were filed. Identity numbers go in as pseudonyms.
func (o *Office) digestRows(filing *Filing) string {
	h := sha256.New()
	var line []byte
	for i := range filing.Rows {
		row := &filing.Rows[i]
		line = append(append(line[:0], row.Code...), 0)
		if !row.Number.IsZero() {
			line = append(line, o.registry.Key().Pseudonym(row.Number).String()...)
		}
		for _, number := range []int64{int64(row.Employer), int64(row.Month), int64(row.Member), int64(row.Base)} {
			line = strconv.AppendInt(append(line, 0), number, 10)
		}
		h.Write(append(line, 0))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeRow(h hash.Hash, values ...any) {
	for _, value := range values {
		_, _ = fmt.Fprintf(h, "%v\x00", value) // a hash takes all bytes
	}
}

// declaration is the command under way: rows with their numbers, in the order of month, employer and member.
type declaration struct {
	filing *Filing
	rows   []declaredMember
}

type declaredMember struct {
	month    calendar.Month
	employer registration.EmployerNo
	member   registration.MemberNo
	base     money.Amount
	at       int // in filing.Rows
}

// inspect finds the numbers of employers and members, and every fault of the rows in the state of the realm.
func (d *declaration) inspect(ctx context.Context, s *session, faults *Faults) error {
	d.rows = make([]declaredMember, 0, len(d.filing.Rows))
	employers, err := d.employers(ctx, s, faults)
	if err != nil {
		return err
	}
	members, err := d.members(ctx, s, faults)
	if err != nil {
		return err
	}
	for i := range d.filing.Rows {
		row := &d.filing.Rows[i]
		good := employers[i] != 0 && members[i] != 0
		if !row.Month.Valid() {
			d.filing.fault(faults, i, columnMonth, &Fault{Code: ErrInvalid, Field: "month", Detail: fmt.Sprintf("%d is no month", int32(row.Month)), Hint: "make it with calendar.NewMonth"})
			good = false
		}
		if row.Base < 0 {
			d.filing.fault(faults, i, columnBase, &Fault{Code: ErrInvalid, Field: "base", Detail: "is negative", Hint: "give zero or more"})
		}
		if good {
			d.rows = append(d.rows, declaredMember{month: row.Month, employer: employers[i], member: members[i], base: row.Base, at: i})
		}
	}
	slices.SortStableFunc(d.rows, func(a, b declaredMember) int {
		return cmp.Or(cmp.Compare(a.month, b.month), cmp.Compare(a.employer, b.employer), cmp.Compare(a.member, b.member))
	})
	for i := 1; i < len(d.rows); i++ {
		if a, b := d.rows[i-1], d.rows[i]; a.month == b.month && a.employer == b.employer && a.member == b.member {
			d.filing.fault(faults, b.at, columnMember, &Fault{Code: ErrRepeated, Field: "member",
				Detail: fmt.Sprintf("member %d stands in %s already", b.member, d.filing.where(a.at)), Hint: "keep one row for the member and month"})
		}
	}
	return d.enrolled(ctx, s, faults)
}

func (f *Filing) where(row int) string {
	if f.read {
		return fmt.Sprintf("line %d", f.Rows[row].line)
	}
	return fmt.Sprintf("row %d", row+1)
}

// employers returns the employer of each row, zero where it is not known.
func (d *declaration) employers(ctx context.Context, s *session, faults *Faults) ([]registration.EmployerNo, error) {
	named, coded := map[registration.EmployerNo]bool{}, map[identity.CreditCode]bool{}
	for i := range d.filing.Rows {
		if row := &d.filing.Rows[i]; row.Code != "" {
			coded[row.Code] = true
		} else {
			named[row.Employer] = true
		}
	}
	numbers, err := s.registered(ctx, slices.Collect(maps.Keys(named)))
	if err != nil {
		return nil, err
	}
	codes, err := s.registry.In(s.tx.Handle()).EmployersByCodes(ctx, s.fund.Book().Realm, slices.Collect(maps.Keys(coded)))
	if err != nil {
		return nil, err
	}
	out := make([]registration.EmployerNo, len(d.filing.Rows))
	for i := range d.filing.Rows {
		row := &d.filing.Rows[i]
		switch found := codes[row.Code]; {
		case row.Code != "" && row.Employer != 0:
			d.filing.fault(faults, i, columnEmployer, &Fault{Code: ErrInvalid, Field: "employer", Detail: "is given twice", Hint: "give its number or its credit code"})
		case row.Code == "" && isIn(numbers, row.Employer):
			out[i] = row.Employer
		case row.Code != "" && len(found) == 1:
			out[i] = found[0]
		case row.Code != "":
			d.filing.fault(faults, i, columnEmployer, &Fault{Code: ErrEmployerUnknown, Field: "employer", Detail: fmt.Sprintf("%d employers have the code %s", len(found), row.Code),
				Hint: "register it first, or give the number of the realm"})
		default:
			d.filing.fault(faults, i, columnEmployer, &Fault{Code: ErrEmployerUnknown, Field: "employer", Detail: fmt.Sprintf("employer %d is not registered", row.Employer),
				Hint: "register it first, or correct the number"})
		}
	}
	return out, nil
}

// members returns the member of each row, zero where he is not known. Numbers of the realm are proved by the enrolment.
func (d *declaration) members(ctx context.Context, s *session, faults *Faults) ([]registration.MemberNo, error) {
	var numbers []identity.Number
	for i := range d.filing.Rows {
		if row := &d.filing.Rows[i]; !row.Number.IsZero() {
			numbers = append(numbers, row.Number)
		}
	}
	found := map[identity.Number][]registration.MemberNo{}
	if len(numbers) > 0 {
		var err error
		if found, err = s.registry.In(s.tx.Handle()).MembersByNumber(ctx, s.fund.Book().Realm, numbers...); err != nil {
			return nil, err
		}
	}
	out := make([]registration.MemberNo, len(d.filing.Rows))
	for i := range d.filing.Rows {
		row := &d.filing.Rows[i]
		owners := found[row.Number]
		switch {
		case (row.Member != 0) != row.Number.IsZero() || row.Member < 0:
			d.filing.fault(faults, i, columnMember, &Fault{Code: ErrInvalid, Field: "member", Detail: "is not given, or given twice", Hint: "give his number or his identity number"})
		case row.Member != 0:
			out[i] = row.Member
		case len(owners) == 1:
			out[i] = owners[0]
		default:
			d.filing.fault(faults, i, columnMember, &Fault{Code: ErrMemberUnknown, Field: "member", Detail: fmt.Sprintf("%d members have the identity number %v", len(owners), row.Number),
				Hint: "register him first, or give the number of the realm"})
		}
	}
	return out, nil
}

// enrolled finds rows of members whom the employer has not enrolled for the month. Rows and workforces stand in the same order.
func (d *declaration) enrolled(ctx context.Context, s *session, faults *Faults) error {
	for from := 0; from < len(d.rows); {
		to, month := from, d.rows[from].month
		var employers []registration.EmployerNo
		for ; to < len(d.rows) && d.rows[to].month == month; to++ {
			if n := len(employers); n == 0 || employers[n-1] != d.rows[to].employer {
				employers = append(employers, d.rows[to].employer)
			}
		}
		at := from
		before := func(employer registration.EmployerNo) { // rows of employers without anybody enrolled
			for ; at < to && d.rows[at].employer < employer; at++ {
				d.notEnrolled(s, faults, &d.rows[at])
			}
		}
		for w, err := range s.workforces(ctx, month, employers, 0) {
			if err != nil {
				return err
			}
			before(w.Employer)
			for place := 0; at < to && d.rows[at].employer == w.Employer; at++ {
				for place < len(w.Members) && w.Members[place] < d.rows[at].member {
					place++
				}
				if place == len(w.Members) || w.Members[place] != d.rows[at].member {
					d.notEnrolled(s, faults, &d.rows[at])
				}
			}
		}
		before(math.MaxInt32)
		from = to
	}
	return nil
}

func (d *declaration) notEnrolled(s *session, faults *Faults, row *declaredMember) {
	d.filing.fault(faults, row.at, columnMember, &Fault{Code: ErrNotEnrolled, Field: "member",
		Detail: fmt.Sprintf("member %d is not enrolled by employer %d in %s for %v", row.member, row.employer, s.config.Scheme, row.month),
		Hint:   "enrol him first (增员), or leave him out"})
}

// workforces reads whom employers enrol for a month; of all employers when none is named.
func (s *session) workforces(ctx context.Context, month calendar.Month, employers []registration.EmployerNo, known ledger.Seq) iter.Seq2[registration.Workforce, error] {
	q := registration.WorkforceQuery{Realm: s.fund.Book().Realm, Scheme: s.config.Scheme, Month: month, AsKnown: known}
	if len(employers) > 0 {
		q.Employers = employers
	}
	return s.registry.In(s.tx.Handle()).Workforces(ctx, q)
}

// write keeps one sheet for each employer and month, and seals their index.
func (d *declaration) write(ctx context.Context, s *session) (Done, error) {
	var index indexSheet
	type group struct {
		month, employer, heads int32
		sheet, sum             int64
	}
	var groups []group
	for from := 0; from < len(d.rows); {
		to := from
		var members, bases []int64
		var sum money.Amount
		for ; to < len(d.rows) && d.rows[to].month == d.rows[from].month && d.rows[to].employer == d.rows[from].employer; to++ {
			members, bases = append(members, int64(d.rows[to].member)), append(bases, int64(d.rows[to].base))
			var err error
			if sum, err = sum.Add(d.rows[to].base); err != nil {
				return Done{}, err
			}
		}
		kept, err := sheet.New(KindDeclaration, sheet.Ints("member", members), sheet.Ints("base", bases))
		if err != nil {
			return Done{}, err
		}
		no, hash, err := s.keep(ctx, kept)
		if err != nil {
			return Done{}, err
		}
		index.add(d.rows[from].month, d.rows[from].employer, no, hash)
		groups = append(groups, group{month: int32(d.rows[from].month), employer: int32(d.rows[from].employer), heads: int32(to - from), sheet: no, sum: int64(sum)})
		from = to
	}
	seq, err := index.seal(ctx, s, KindDeclaration, map[string]any{"rows": len(d.rows)})
	if err != nil {
		return Done{}, err
	}
	n := len(groups)
	months, employers, heads, sheets, sums := make([]int32, n), make([]int32, n), make([]int32, n), make([]int64, n), make([]int64, n)
	for i, g := range groups {
		months[i], employers[i], heads[i], sheets[i], sums[i] = g.month, g.employer, g.heads, g.sheet, g.sum
	}
	if err := s.supersede(ctx, "collection_declaration", months, employers, seq); err != nil {
		return Done{}, err
	}
	return Done{Seq: seq, First: int64(seq), Count: len(d.rows)}, s.tx.Insert(ctx, "collection_declaration", s.keys(store.Int32s("month", months), store.Int32s("employer_no", employers),
		store.Fixed("seq", int64(seq)), store.Int64s("sheet_no", sheets), store.Int32s("heads", heads), store.Int64s("base_sum", sums), store.Fixed("superseded_seq", int64(0)))...)
}

// supersede marks the current rows of employers and months, which stand in the order of months, as replaced.
func (s *session) supersede(ctx context.Context, table string, months, employers []int32, seq ledger.Seq) error {
	for from := 0; from < len(months); {
		to := from
		var numbers []int64
		for ; to < len(months) && months[to] == months[from]; to++ {
			numbers = append(numbers, int64(employers[to]))
		}
		if _, err := s.tx.Exec(ctx, `UPDATE `+table+` SET superseded_seq = ? WHERE realm_id = ? AND book_no = ? AND month = ? AND superseded_seq = 0 AND `+
			s.tx.Dialect().Among("employer_no"), append([]any{int64(seq)}, s.bookArgs(months[from], s.tx.Dialect().Ints(numbers))...)...); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// indexSheet lists the sheets of one act by their hashes, so that the act's one hash seals them all.
type indexSheet struct {
	months, employers, sheets []int64
	hashes                    []string
}

func (x *indexSheet) add(month calendar.Month, employer registration.EmployerNo, no int64, hash [sha256.Size]byte) {
	x.months, x.employers, x.sheets = append(x.months, int64(month)), append(x.employers, int64(employer)), append(x.sheets, no)
	x.hashes = append(x.hashes, hex.EncodeToString(hash[:]))
}

// seal keeps the index and posts the act.
func (x *indexSheet) seal(ctx context.Context, s *session, kind string, content any) (ledger.Seq, error) {
	kept, err := sheet.New(kind+".index", sheet.Ints("month", x.months), sheet.Ints("employer", x.employers), sheet.Ints("sheet", x.sheets), sheet.Texts("sha256", x.hashes))
	if err != nil {
		return 0, err
	}
	_, hash, err := s.keep(ctx, kept)
	if err != nil {
		return 0, err
	}
	return s.act(ctx, kind, content, hash)
}
