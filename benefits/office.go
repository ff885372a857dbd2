package benefits

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/sheet"
)

// History (缴费记录) gives the months that members contributed in a scheme, in the order of members and months, in the host's transaction. Collection's service
// is one. Members without months are left out.
type History interface {
	Contributions(ctx context.Context, h store.Handle, scheme registration.Scheme, members []registration.MemberNo) iter.Seq2[registration.ContributionMonth, error]
}

// Parameters names the dated parameters that a determination reads.
type Parameters struct {
	Policy       scheme.ID // 计发办法, at the month of retirement
	Base         scheme.ID // 计发基数 of the province, at the month of retirement
	BaseLocal    scheme.ID // of the locality; none if empty
	AverageWage  scheme.ID // what contribution bases are indexed by, at each wage month
	Transitional scheme.ID // 过渡性养老金计发系数, in percent; none if empty
}

// Config is what a place decides: all of it is data.
type Config struct {
	Scheme     registration.Scheme // EnterprisePension if empty
	Insurance  registration.Insurance
	Parameters Parameters
	IndexRule  pension.IndexRule // how contributions become the average index
	// SameDeterminer lets who took a claim determine it too. Who approves is another person than either in any case.
	SameDeterminer bool
	// SettlementInterest is the law by which an account that is settled earns up to that day. If nil nothing is credited then, and an account that is settled before the
	// interest of the year before was credited goes without that too.
	SettlementInterest SettlementInterest
	// FirstInterestYear is the first year whose interest is this system's to credit: balances taken over hold that of the years before. Zero is every year.
	FirstInterestYear int
	// PerEntry is the most payments that one entry posts; 100,000 if zero.
	PerEntry int
}

// Office decides and pays the pensions of one scheme from one fund (待遇审核支付): claims, determinations, approvals, payment runs, returns, recoveries. It is
// immutable and safe for concurrent use. Each command is one transaction: its rows, its act or entries in the fund's book and the members' rights stand or
// fall together.
type Office struct {
	db        *store.DB
	fund      *fund.Fund
	rights    *personal.Rights
	registry  *registration.Registry
	catalogue *scheme.Catalogue
	history   History
	config    Config
	currency  money.Currency
}

// New returns the office of a fund whose book is open, over a database whose schema is up to date (ledger.Schema, registration.Schema and Schema). rights is
// nil for a fund without personal accounts; history is nil where every month comes from PriorService or explicit inputs. The error is *Faults.
func New(db *store.DB, f *fund.Fund, rights *personal.Rights, registry *registration.Registry, catalogue *scheme.Catalogue, history History,
	config Config,
) (*Office, error) {
	var faults Faults
	if db == nil || f == nil || registry == nil || catalogue == nil {
		return nil, fault.One(ErrMissing, "office", "give all of them", "database, fund, registry or catalogue is not given")
	}
	if rights != nil && rights.Fund().Book() != f.Book() {
		faults.Rowf(0, ErrInvalid, "rights", "make them with personal.NewRights of this fund", "are those of book %s", rights.Fund().Book())
	}
	if config.Scheme == "" {
		config.Scheme = registration.EnterprisePension
	}
	rule, ok := registry.Rule(config.Scheme)
	if !ok {
		faults.Rowf(0, ErrInvalid, "scheme", "add it to registration.Config.Schemes", "%q is not configured in the registry", config.Scheme)
	}
	if config.Insurance == "" {
		config.Insurance = rule.Insurance
	}
	p := config.Parameters
	for field, id := range map[string]scheme.ID{"policy": p.Policy, "base": p.Base, "local base": p.BaseLocal, "average wage": p.AverageWage, "transitional": p.Transitional} {
		if _, err := catalogue.Parameter(id); id != "" && err != nil {
			faults.Add(&Fault{Code: ErrInvalid, Field: field, Detail: err.Error(), Hint: "load a file with the parameter", Err: err})
		}
	}
	if config.PerEntry == 0 {
		config.PerEntry = 100_000
	}
	for _, role := range components {
		if _, err := f.RoleCode(role); err != nil {
			faults.Add(&Fault{Code: ErrInvalid, Field: "fund", Detail: err.Error(), Hint: "give a fund that pays this scheme's pensions", Err: err})
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return &Office{db: db, fund: f, rights: rights, registry: registry, catalogue: catalogue, history: history, config: config, currency: fund.Currency()}, nil
}

// components are the roles of the four amounts of a pension, in the order of Amounts.
var components = [4]accounts.Role{accounts.RoleBasicPension, accounts.RoleAccountPension, accounts.RoleTransitionalPension, accounts.RolePensionSupplement}

// Amounts are the components of a pension in minor units. The account pension keeps its name when the personal account is exhausted and the fund pays on: the
// accounting system has one detail for it (社会保险基金会计制度 5001), and what the account bore stands on the account.
type Amounts struct {
	Basic          money.Amount // 基础养老金
	AccountPension money.Amount // 个人账户养老金
	Transitional   money.Amount // 过渡性养老金
	Supplement     money.Amount // 养老金补贴: extras of the place and rounding up
}

// Total adds the components.
func (a Amounts) Total() money.Amount {
	return a.Basic + a.AccountPension + a.Transitional + a.Supplement
}

func (a Amounts) list() [4]money.Amount {
	return [4]money.Amount{a.Basic, a.AccountPension, a.Transitional, a.Supplement}
}

func amountsOf(l [4]money.Amount) Amounts { return Amounts{l[0], l[1], l[2], l[3]} }

func (a Amounts) times(n int) Amounts {
	list := a.list()
	for i := range list {
		list[i] *= money.Amount(n)
	}
	return amountsOf(list)
}

func (a Amounts) plus(b Amounts, sign money.Amount) Amounts {
	list, other := a.list(), b.list()
	for i := range list {
		list[i] += sign * other[i]
	}
	return amountsOf(list)
}

// take splits off up to limit, component by component, and returns what was taken.
func (a Amounts) take(limit money.Amount) Amounts {
	list := a.list()
	for i := range list {
		list[i] = max(0, min(list[i], limit))
		limit -= list[i]
	}
	return amountsOf(list)
}

// maxMonthly bounds a component, so that no sum of a run leaves the range of an amount: a hundred million a month in minor units.
const maxMonthly money.Amount = 10_000_000_000

// parts are the amounts that an event binds to the components, zeroes left out.
func (a Amounts) parts() (parts []accounts.Part) {
	for i, amount := range a.list() {
		if amount != 0 {
			parts = append(parts, accounts.Part{Role: components[i], Amount: amount})
		}
	}
	return parts
}

//go:embed schema
var schemaFiles embed.FS

// Schema returns the tables of this package, for store.DB.Migrate. They stand beside those of ledger.Schema and registration.Schema.
func Schema() store.Schema {
	files, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Line: "benefits", Files: files}
}

// Fund returns the fund that the office pays from.
func (o *Office) Fund() *fund.Fund { return o.fund }

// Config returns what the office was made with, defaults filled in.
func (o *Office) Config() Config { return o.config }

// Order is the head of a command: who asks for it, who approved it, and when. No names or identity numbers of members belong into it: it is sealed.
type Order struct {
	Key        string        // idempotency key, at most MaxKey bytes
	Effective  calendar.Date // the day of the act or entry
	EnteredBy  string        // 经办人; required. Of an approval, who approves
	ApprovedBy string        // 复核人, another person; required where money or rights move
	Documents  []ledger.Attachment
}

// MaxKey bounds an idempotency key, in bytes; MaxRows the rows of a command.
const (
	MaxKey  = 90
	MaxRows = 1_000_000
)

// Done says what became of a command.
type Done struct {
	Seq      ledger.Seq   // its act, or its first entry, in the fund's book
	First    int64        // the first number that it gave: of a claim, run, payment, recovery
	Count    int          // how many of them, or rows
	Amount   money.Amount // what it moved or decided
	Replayed bool         // an equal command was carried out before, and this is what became of it
}

// session is one command under way.
type session struct {
	*Office
	tx     *store.Tx
	order  Order
	head   counters
	faults Faults
}

// counters is the row of benefits_book.
type counters struct{ sheets, claims, dues, runs, payments, recoveries int64 }

// command is what perform needs to know: its kind, what was asked (hashed for replay), whether money moves, and what it does. carry finds every fault
// before it writes, and ends with s.faults.Err().
type command struct {
	kind  string
	asked any
	rows  int
	moves bool
	carry func(ctx context.Context, s *session) (Done, error)
}

func (c *command) digest(order Order) (string, error) {
	hash := sha256.New()
	if err := json.NewEncoder(hash).Encode([]any{order, c.asked}); err != nil {
		return "", fault.One(ErrInvalid, "command", "give numbers and texts that JSON can hold", "%v", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// maxUnknownCommits bounds how often a command whose commit ended in an unknown outcome is asked for again.
const maxUnknownCommits = 3

// run carries a command out in a transaction of its own. When the answer to COMMIT is lost it runs again, and finds by its key what it has written.
func (o *Office) run(ctx context.Context, order Order, c command) (Done, error) {
	var done Done
	var err error
	for range maxUnknownCommits {
		err = o.db.Update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			done, err = o.perform(ctx, tx, order, c)
			return err
		})
		if !errors.Is(err, store.ErrCommitUnknown) {
			break
		}
	}
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

func (o *Office) runTx(ctx context.Context, h store.Handle, order Order, c command) (Done, error) {
	return o.perform(ctx, o.db.Join(h), order, c)
}

// perform carries a command out: every fault is known before the first row is written.
func (o *Office) perform(ctx context.Context, tx *store.Tx, order Order, c command) (Done, error) {
	s := &session{Office: o, tx: tx, order: order}
	order.check(c.moves, &s.faults)
	if c.rows < 1 || c.rows > MaxRows {
		s.faults.Rowf(0, ErrTooLong, "rows", "give 1 to 1,000,000", "%d rows", c.rows)
	}
	if err := s.faults.Err(); err != nil {
		return Done{}, err
	}
	digest, err := c.digest(order)
	if err != nil {
		return Done{}, err
	}
	if err := s.lock(ctx); err != nil {
		return Done{}, err
	}
	if done, found, err := s.replay(ctx, c.kind, digest); found || err != nil {
		return done, err
	}
	done, err := c.carry(ctx, s)
	if err != nil {
		return Done{}, err
	}
	if err := tx.Insert(ctx, "benefits_command", s.keys(store.Fixed("key", order.Key), store.Fixed("kind", c.kind), store.Fixed("digest", digest),
		store.Fixed("seq", int64(done.Seq)), store.Fixed("first_no", done.First), store.Fixed("rows_count", int32(done.Count)),
		store.Fixed("amount", int64(done.Amount)))...); err != nil {
		return Done{}, err
	}
	h := s.head
	return done, s.exec(ctx, `UPDATE benefits_book SET sheets = ?, claims = ?, dues = ?, runs = ?, payments = ?, recoveries = ?`, ``, h.sheets, h.claims, h.dues, h.runs,
		h.payments, h.recoveries)
}

func (o *Order) check(moves bool, faults *Faults) {
	for field, text := range map[string]string{"key": o.Key, "entered by": o.EnteredBy} {
		if text == "" {
			faults.Rowf(0, ErrMissing, field, "give it", "is empty")
		}
	}
	if len(o.Key) > MaxKey {
		faults.Rowf(0, ErrTooLong, "key", "shorten it", "%d bytes, at most %d", len(o.Key), MaxKey)
	}
	if !o.Effective.Valid() {
		faults.Rowf(0, ErrInvalid, "effective date", "give the day, made with calendar.NewDate", "%d is no day", int32(o.Effective))
	}
	if moves && o.ApprovedBy == "" || o.ApprovedBy != "" && o.ApprovedBy == o.EnteredBy {
		faults.Rowf(0, ErrApproval, "approved by", "have another person approve it", "%q, entered by %q", o.ApprovedBy, o.EnteredBy)
	}
}

// lock takes the book's row of counters, under which one command at a time works for the fund. The register book and the fund's book are locked after it.
func (s *session) lock(ctx context.Context) error {
	h := &s.head
	read := func() error {
		return s.tx.QueryRow(ctx, `SELECT sheets, claims, dues, runs, payments, recoveries FROM benefits_book WHERE realm_id = ? AND book_no = ?`+
			s.tx.Dialect().ForUpdate(), s.args()...).Scan(&h.sheets, &h.claims, &h.dues, &h.runs, &h.payments, &h.recoveries)
	}
	err := read()
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if _, err := s.tx.Exec(ctx, `INSERT INTO benefits_book (realm_id, book_no, sheets, claims, dues, runs, payments, recoveries)
		VALUES (?, ?, 0, 0, 0, 0, 0, 0) ON CONFLICT (realm_id, book_no) DO NOTHING`, s.args()...); err != nil {
		return err
	}
	return read()
}

// replay answers a command that was carried out before.
func (s *session) replay(ctx context.Context, kind, digest string) (Done, bool, error) {
	var oldKind, oldDigest string
	done := Done{Replayed: true}
	err := s.tx.QueryRow(ctx, `SELECT kind, digest, seq, first_no, rows_count, amount FROM benefits_command WHERE realm_id = ? AND book_no = ? AND key = ?`,
		s.args(s.order.Key)...).Scan(&oldKind, &oldDigest, &done.Seq, &done.First, &done.Count, &done.Amount)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Done{}, false, nil
	case err != nil:
		return Done{}, false, err
	case kind != oldKind || digest != oldDigest:
		return Done{}, false, fault.One(ErrKeyReused, "key", "ask with the content of then, or with another key", "%q belongs to a %s of entry %d with other content",
			s.order.Key, oldKind, done.Seq)
	}
	return done, true, nil
}

const (
	keyPrefix   = "benefits " // leads the idempotency keys in the fund's book, which other packages share
	sourceSheet = "benefits.sheet"
	chunk       = 20_000 // members or payments that one query speaks of
)

// act seals an act in the fund's book.
func (s *session) act(ctx context.Context, kind string, content any, hash [sha256.Size]byte) (ledger.Seq, error) {
	encoded, err := json.Marshal(content)
	if err != nil {
		return 0, err
	}
	posted, err := s.fund.Ledger().PostTx(ctx, s.tx.Handle(), s.fund.Book(), ledger.Draft{
		Key: keyPrefix + s.order.Key, Kind: kind, Effective: s.order.Effective, EnteredBy: s.order.EnteredBy, ApprovedBy: s.order.ApprovedBy,
		Source: ledger.Source{Kind: sourceSheet, ID: s.order.Key, Hash: hash[:]}, Attachments: s.order.Documents, Act: encoded,
	})
	return posted.Seq, err
}

// seal keeps a sheet and seals it by an act.
func (s *session) seal(ctx context.Context, kind string, content any, columns ...sheet.Column) (ledger.Seq, error) {
	made, err := sheet.New(kind, columns...)
	if err != nil {
		return 0, err
	}
	_, hash, err := s.keep(ctx, made)
	if err != nil {
		return 0, err
	}
	return s.act(ctx, kind, content, hash)
}

// keep stores a sheet and returns its number and hash.
func (s *session) keep(ctx context.Context, kept *sheet.Sheet) (int64, [sha256.Size]byte, error) {
	s.head.sheets++
	hash := sha256.New()
	var parts [][]byte
	var numbers []int32
	for part := range kept.Parts() {
		hash.Write(part)
		parts, numbers = append(parts, part), append(numbers, int32(len(numbers)))
	}
	err := s.tx.Insert(ctx, "benefits_sheet", s.keys(store.Fixed("sheet_no", s.head.sheets), store.Int32s("part", numbers), store.Blobs("content", parts))...)
	return s.head.sheets, [sha256.Size]byte(hash.Sum(nil)), err
}

// keys are the columns that lead every table.
func (o *Office) keys(columns ...store.Column) []store.Column {
	book := o.fund.Book()
	return append([]store.Column{store.Fixed("realm_id", book.Realm), store.Fixed("book_no", book.Number)}, columns...)
}

// args are the arguments that lead every query.
func (o *Office) args(more ...any) []any {
	book := o.fund.Book()
	return append([]any{book.Realm, book.Number}, more...)
}

// exec runs an UPDATE … SET over rows of the book: text, then the keys, then the rest of the condition; args in the order of the marks without the keys.
func (s *session) exec(ctx context.Context, text, and string, args ...any) error {
	n := marks(text)
	all := append(append(append([]any{}, args[:n]...), s.args()...), args[n:]...)
	_, err := s.tx.Exec(ctx, text+` WHERE realm_id = ? AND book_no = ?`+and, all...)
	return err
}

func marks(text string) (n int) {
	for _, r := range text {
		if r == '?' {
			n++
		}
	}
	return n
}

// inChunks calls with stretches of numbers short enough for one query.
func inChunks(numbers []int64, call func(some []int64) error) error {
	for from := 0; from < len(numbers); from += chunk {
		if err := call(numbers[from:min(from+chunk, len(numbers))]); err != nil {
			return err
		}
	}
	return nil
}
