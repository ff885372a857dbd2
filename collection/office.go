// Package collection collects contributions (社会保险费征缴): what employers declare is assessed by dated parameters and demanded, what the bank received is allocated to
// demands, months and members, and posted into the fund's book together with the members' rights; arrears are noticed, surcharges (滞纳金) computed, overpayments and
// mistakes refunded.
//
// The arithmetic is pure: Contribute, ComputeSurcharge, and package allocation beside this one. Dated parameters come from package registration/scheme, sums of
// money are minor units, products are exact and rounded once at the stage a rule names. Every result holds the figures and sources it was computed from.
//
// Office is the service. Bulk facts, such as the members of a declaration, an assessment or an allocation, are sheets (package registration/sheet) that the act
// or entry in the fund's book seals by their hash; rows stand for what is looked up alone.
package collection

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/sheet"
)

// Parameters names the dated parameters that an assessment reads, all as they stand on the first day of the wage month.
type Parameters struct {
	AverageWage  scheme.ID // 缴费工资基准: the average wage that limits are multiples of, an amount a month
	Floor, Cap   scheme.ID // multiples of it
	EmployerRate scheme.ID // 单位缴费比例
	PersonRate   scheme.ID // 个人缴费比例; the person's part goes to the personal account
	Undeclared   scheme.ID // multiple of the month before for months without a declaration (社会保险法 art. 62)
}

// ChinaPension returns the parameters of the employees' pension that come with package scheme; the average wage is the place's own.
func ChinaPension(averageWage scheme.ID) Parameters {
	return Parameters{AverageWage: averageWage, Floor: "cn.contribution.base_floor", Cap: "cn.contribution.base_cap",
		EmployerRate: "cn.pension.employee.employer_rate", PersonRate: "cn.pension.employee.person_rate", Undeclared: "cn.contribution.undeclared_factor"}
}

// DuePolicy says by when the contribution of a wage month is to be paid (缴费期限): on day Day of the month that is Months after it. A day that the month does
// not have is its last day. It is data of the place.
type DuePolicy struct {
	Months int `json:"months"` // 0: within the wage month
	Day    int `json:"day"`    // 1 to 31
}

// on returns the due day of a wage month.
func (p DuePolicy) on(month calendar.Month) calendar.Date {
	due := month.Add(p.Months)
	return due.First().AddDays(min(p.Day, due.Days()) - 1)
}

// NoticeStep is one step against an employer in arrears (催缴步骤): taken when a demand has been overdue for so many days. The steps stand in their order.
type NoticeStep struct {
	Name      string // such as reminder (催缴通知) or order to pay (责令限期缴纳, 社会保险法 art. 63)
	AfterDays int    // days after the due day, from 1
}

// Config is what a place decides: all of it is data.
type Config struct {
	Scheme         registration.Scheme
	Parameters     Parameters
	LimitRounding  money.Rounding // of floor and cap
	BaseRounding   money.Rounding // of a provisional base
	Rounding       money.Rounding // of each member's two parts
	Due            DuePolicy
	Surcharge      SurchargePolicy
	Allocation     allocation.Policy
	Notices        []NoticeStep
	PremiumEvent   string        // event of a premium: E1, or E3a where the tax authority collects; chosen by the chart if empty
	PremiumAccount accounts.Role // account of money that premiums arrive in; accounts.RolePremiumReceipts if empty
}

// Office collects the contributions of one scheme into one fund (征缴机构): it takes declarations, assesses, demands, allocates what the bank received, and
// posts it. It is immutable and safe for concurrent use. Each command is one transaction: its rows, its entries or act in the fund's book and the members'
// rights stand or fall together. Only members whom an employer enrols are assessed.
type Office struct {
	db        *store.DB
	fund      *fund.Fund
	rights    *personal.Rights
	registry  *registration.Registry
	catalogue *scheme.Catalogue
	config    Config
	currency  money.Currency
}

// New returns the office of a fund whose book is open, over a database whose schema is up to date (ledger.Schema, registration.Schema and Schema). rights is nil
// for a fund without personal accounts. The error is *Faults.
func New(db *store.DB, f *fund.Fund, rights *personal.Rights, registry *registration.Registry, catalogue *scheme.Catalogue, config Config) (*Office, error) {
	var faults Faults
	if db == nil || f == nil || registry == nil || catalogue == nil {
		return nil, one(ErrMissing, "office", "give all of them", "database, fund, registry or catalogue is not given")
	}
	if rights != nil && rights.Fund().Book() != f.Book() {
		faults.addf(ErrInvalid, "rights", "make them with personal.NewRights of this fund", "are those of book %s", rights.Fund().Book())
	}
	if _, ok := registry.Rule(config.Scheme); !ok {
		faults.addf(ErrInvalid, "scheme", "add it to registration.Config.Schemes", "%q is not configured in the registry", config.Scheme)
	}
	config.check(catalogue, fund.Currency(), &faults)
	if config.PremiumAccount == "" {
		config.PremiumAccount = accounts.RolePremiumReceipts
	}
	if config.PremiumEvent == "" {
		config.PremiumEvent = "E1"
		if id, err := f.Chart().Role(config.PremiumAccount); err == nil && id == "treasury" {
			config.PremiumEvent = "E3a"
		}
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	return &Office{db: db, fund: f, rights: rights, registry: registry, catalogue: catalogue, config: config, currency: fund.Currency()}, nil
}

func (c *Config) check(catalogue *scheme.Catalogue, currency money.Currency, faults *Faults) {
	for field, id := range map[string]scheme.ID{"average wage": c.Parameters.AverageWage, "floor": c.Parameters.Floor, "cap": c.Parameters.Cap,
		"employer rate": c.Parameters.EmployerRate, "person rate": c.Parameters.PersonRate, "undeclared factor": c.Parameters.Undeclared} {
		p, err := catalogue.Parameter(id)
		switch {
		case err != nil:
			faults.add(&Fault{Code: ErrInvalid, Field: field, Detail: err.Error(), Hint: "load a file with the parameter", Err: err})
		case field == "average wage" && p.Unit != scheme.Unit(currency.Code()+"/month"):
			faults.addf(ErrInvalid, field, "give one in "+currency.Code()+"/month", "%s is in %s", id, p.Unit)
		}
	}
	for field, rounding := range map[string]money.Rounding{"limit rounding": c.LimitRounding, "base rounding": c.BaseRounding, "rounding": c.Rounding,
		"surcharge rounding": c.Surcharge.Rounding} {
		if err := rounding.Check(); err != nil {
			faults.add(&Fault{Code: ErrInvalid, Field: field, Detail: err.Error(), Hint: "give scale and mode", Err: err})
		}
	}
	if c.Due.Day < 1 || c.Due.Day > 31 || c.Due.Months < 0 {
		faults.addf(ErrInvalid, "due", "give a day from 1 to 31 and zero or more months", "day %d, %d months after the wage month", c.Due.Day, c.Due.Months)
	}
	c.Allocation = c.Allocation.Filled()
	if err := c.Allocation.Check(); err != nil {
		faults.add(&Fault{Code: ErrInvalid, Field: "allocation", Detail: err.Error(), Err: err})
	}
	for i, step := range c.Notices {
		if step.Name == "" || step.AfterDays < 1 || i > 0 && step.AfterDays <= c.Notices[i-1].AfterDays {
			faults.addf(ErrInvalid, "notices", "give each a name and more days than the step before", "step %d (%q after %d days) is out of order", i+1, step.Name, step.AfterDays)
		}
	}
}

//go:embed schema
var schemaFiles embed.FS

// Schema returns the tables of this package, for store.DB.Migrate. They stand beside those of ledger.Schema and registration.Schema.
func Schema() store.Schema {
	files, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Line: "collection", Files: files}
}

// Fund returns the fund that the office collects for.
func (o *Office) Fund() *fund.Fund { return o.fund }

// Config returns what the office was made with, defaults filled in.
func (o *Office) Config() Config { return o.config }

// Order is the head of a command: who asks for it, who approved it, and when. No names or identity numbers of members belong into it: it is sealed.
type Order struct {
	Key        string        // idempotency key, at most MaxKey bytes; Receive makes its own from the bank's line
	Effective  calendar.Date // the day of the act or entry; Receive takes the bank's booking day if zero
	EnteredBy  string        // 经办人; required
	ApprovedBy string        // 复核人, another person; required where money or rights move
	Documents  []ledger.Attachment
}

// MaxKey bounds an idempotency key, in bytes.
const MaxKey = 90

// Done says what became of a command.
type Done struct {
	Seq      ledger.Seq // its act, or its first entry, in the fund's book
	First    int64      // the first number that it gave: of a demand, receipt, refund, notice
	Count    int        // how many of them, or rows of a declaration
	Replayed bool       // an equal command was carried out before, and this is what became of it
}

// session is one command under way.
type session struct {
	*Office
	tx    *store.Tx
	order Order
	head  counters
}

// counters is the row of collection_book.
type counters struct {
	sheets                  int64
	demands, receipts       int32
	allocations             int64
	items, refunds, notices int32
}

// command is what perform needs to know: its kind, what was asked (hashed for replay), whether money moves, and what it does.
type command struct {
	kind    string
	digest  string
	moves   bool
	carry   func(ctx context.Context, s *session) (Done, error)
	already Faults // what is wrong with it before the database is asked
	inspect func(ctx context.Context, s *session, faults *Faults) error
}

// digestOf hashes what was asked. The value must marshal the same way each time.
func digestOf(order Order, asked any) string {
	hash := sha256.New()
	encoder := json.NewEncoder(hash)
	_ = encoder.Encode([]any{order, asked}) // plain values of this package always marshal, and a hash takes all bytes
	return hex.EncodeToString(hash.Sum(nil))
}

// maxUnknownCommits bounds how often a command whose commit ended in an unknown outcome is asked for again.
const maxUnknownCommits = 3

// run carries a command out in a transaction of its own. When the answer to COMMIT is lost it runs again, and finds by its key what it has written.
func (o *Office) run(ctx context.Context, order Order, make func() command) (Done, error) {
	var done Done
	var err error
	for range maxUnknownCommits {
		err = o.db.Update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			done, err = o.perform(ctx, tx, order, make())
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

// performTx carries a command out in the host's transaction. What a refused command wrote is taken back, so that the host may go on.
func (o *Office) performTx(ctx context.Context, tx store.Handle, order Order, c command) (Done, error) {
	const begin, end, back = `SAVEPOINT collection_command`, `RELEASE SAVEPOINT collection_command`, `ROLLBACK TO SAVEPOINT collection_command`
	if _, err := tx.ExecContext(ctx, begin); err != nil {
		return Done{}, err
	}
	done, err := o.perform(ctx, o.db.Join(tx), order, c)
	if err != nil {
		_, undone := tx.ExecContext(ctx, back)
		return Done{}, errors.Join(err, undone)
	}
	_, err = tx.ExecContext(ctx, end)
	return done, err
}

// perform carries a command out: every fault is known before the first row is written.
func (o *Office) perform(ctx context.Context, tx *store.Tx, order Order, c command) (Done, error) {
	order.check(c.moves, &c.already)
	s := &session{Office: o, tx: tx, order: order}
	if err := s.lock(ctx); err != nil {
		return Done{}, err
	}
	if done, found, err := s.replay(ctx, c); found || err != nil {
		return done, err
	}
	if c.inspect != nil {
		if err := c.inspect(ctx, s, &c.already); err != nil {
			return Done{}, err
		}
	}
	if err := c.already.err(); err != nil {
		return Done{}, err
	}
	done, err := c.carry(ctx, s)
	if err != nil {
		return Done{}, err
	}
	book := o.fund.Book()
	if err := tx.Insert(ctx, "collection_command", store.Fixed("realm_id", book.Realm), store.Fixed("book_no", book.Number), store.Fixed("key", order.Key),
		store.Fixed("kind", c.kind), store.Fixed("digest", c.digest), store.Fixed("seq", int64(done.Seq)), store.Fixed("first_no", done.First),
		store.Fixed("rows_count", int32(done.Count))); err != nil {
		return Done{}, err
	}
	_, err = tx.Exec(ctx, `UPDATE collection_book SET sheets = ?, demands = ?, receipts = ?, allocations = ?, items = ?, refunds = ?, notices = ?
		WHERE realm_id = ? AND book_no = ?`, s.head.sheets, s.head.demands, s.head.receipts, s.head.allocations, s.head.items, s.head.refunds, s.head.notices,
		book.Realm, book.Number)
	return done, err
}

func (o *Order) check(moves bool, faults *Faults) {
	for field, text := range map[string]string{"key": o.Key, "entered by": o.EnteredBy} {
		if text == "" {
			faults.addf(ErrMissing, field, "give it", "is empty")
		}
	}
	if len(o.Key) > MaxKey {
		faults.addf(ErrTooLong, "key", "shorten it", "%d bytes, at most %d", len(o.Key), MaxKey)
	}
	if !o.Effective.Valid() {
		faults.addf(ErrInvalid, "effective date", "give the day, made with calendar.NewDate", "%d is no day", int32(o.Effective))
	}
	if moves && o.ApprovedBy == "" || o.ApprovedBy != "" && o.ApprovedBy == o.EnteredBy {
		faults.addf(ErrApproval, "approved by", "have another person approve it", "%q, entered by %q", o.ApprovedBy, o.EnteredBy)
	}
}

// lock takes the book's row of counters, under which one command at a time collects for the fund. The fund's book is locked after it.
func (s *session) lock(ctx context.Context) error {
	book := s.fund.Book()
	read := func() error {
		return s.tx.QueryRow(ctx, `SELECT sheets, demands, receipts, allocations, items, refunds, notices FROM collection_book WHERE realm_id = ? AND book_no = ?`+
			s.tx.Dialect().ForUpdate(), book.Realm, book.Number).
			Scan(&s.head.sheets, &s.head.demands, &s.head.receipts, &s.head.allocations, &s.head.items, &s.head.refunds, &s.head.notices)
	}
	err := read()
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if _, err := s.tx.Exec(ctx, `INSERT INTO collection_book (realm_id, book_no, sheets, demands, receipts, allocations, items, refunds, notices)
		VALUES (?, ?, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT (realm_id, book_no) DO NOTHING`, book.Realm, book.Number); err != nil {
		return err
	}
	return read()
}

// replay answers a command that was carried out before.
func (s *session) replay(ctx context.Context, c command) (Done, bool, error) {
	book := s.fund.Book()
	var kind, digest string
	done := Done{Replayed: true}
	err := s.tx.QueryRow(ctx, `SELECT kind, digest, seq, first_no, rows_count FROM collection_command WHERE realm_id = ? AND book_no = ? AND key = ?`,
		book.Realm, book.Number, s.order.Key).Scan(&kind, &digest, &done.Seq, &done.First, &done.Count)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Done{}, false, nil
	case err != nil:
		return Done{}, false, err
	case kind != c.kind || digest != c.digest:
		return Done{}, false, one(ErrKeyReused, "key", "ask with the content of then, or with another key",
			"%q belongs to a %s of entry %d with other content", s.order.Key, kind, done.Seq)
	}
	return done, true, nil
}

const (
	keyPrefix   = "collection " // leads the idempotency keys in the fund's book, which other packages share
	sourceSheet = "collection.sheet"
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

// keys are the columns that lead every table.
func (s *session) keys(columns ...store.Column) []store.Column {
	book := s.fund.Book()
	return append([]store.Column{store.Fixed("realm_id", book.Realm), store.Fixed("book_no", book.Number)}, columns...)
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
	err := s.tx.Insert(ctx, "collection_sheet", s.keys(store.Fixed("sheet_no", s.head.sheets), store.Int32s("part", numbers), store.Blobs("content", parts))...)
	return s.head.sheets, [sha256.Size]byte(hash.Sum(nil)), err
}

// bookArgs are the arguments that lead every query.
func (o *Office) bookArgs(more ...any) []any {
	book := o.fund.Book()
	return append([]any{book.Realm, book.Number}, more...)
}

// query runs a query and calls each for every row.
func query(ctx context.Context, tx *store.Tx, text string, args []any, each func(rows *store.Rows) error) error {
	rows, err := tx.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err below tells how the reading ended
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// sheets reads sheets by their numbers, in one query.
func (o *Office) sheets(ctx context.Context, tx *store.Tx, numbers []int64) (map[int64]*sheet.Sheet, error) {
	found := make(map[int64]*sheet.Sheet, len(numbers))
	return found, o.eachSheet(ctx, tx, numbers, func(no int64, s *sheet.Sheet) error {
		found[no] = s
		return nil
	})
}

// eachSheet reads sheets in the order of their numbers by one query, and holds one at a time. each must not use the transaction.
func (o *Office) eachSheet(ctx context.Context, tx *store.Tx, numbers []int64, each func(no int64, s *sheet.Sheet) error) error {
	if len(numbers) == 0 {
		return nil
	}
	read := make(map[int64]bool, len(numbers))
	err := o.eachStored(ctx, tx, tx.Dialect().Among("sheet_no"), tx.Dialect().Ints(numbers), func(no int64, parts [][]byte) error {
		s, err := decode(parts)
		if err != nil {
			return fmt.Errorf("collection: sheet %d of book %s: %w", no, o.fund.Book(), err)
		}
		read[no] = true
		return each(no, s)
	})
	for _, no := range numbers {
		if err == nil && !read[no] {
			err = fmt.Errorf("collection: sheet %d of book %s is missing; run Verify", no, o.fund.Book())
		}
	}
	return err
}

// eachStored reads the stored parts of sheets in the order of their numbers.
func (o *Office) eachStored(ctx context.Context, tx *store.Tx, where string, arg any, each func(no int64, parts [][]byte) error) error {
	var current int64
	var parts [][]byte
	finish := func() error {
		if current == 0 {
			return nil
		}
		return each(current, parts)
	}
	err := query(ctx, tx, `SELECT sheet_no, content FROM collection_sheet WHERE realm_id = ? AND book_no = ? AND `+where+` ORDER BY sheet_no, part`, o.bookArgs(arg),
		func(rows *store.Rows) error {
			var no int64
			var part []byte
			err := rows.Scan(&no, &part)
			if err == nil && no != current {
				err = finish()
				current, parts = no, nil
			}
			parts = append(parts, part)
			return err
		})
	if err == nil {
		err = finish()
	}
	return err
}

func decode(parts [][]byte) (*sheet.Sheet, error) {
	return sheet.Read(func(yield func([]byte, error) bool) {
		for _, part := range parts {
			if !yield(part, nil) {
				return
			}
		}
	})
}

// times multiplies an amount by a factor and rounds.
func (o *Office) times(amount money.Amount, factor decimal.Decimal) (money.Amount, error) {
	return roundTo(o.currency.Decimal(amount).Mul(factor), o.currency, o.config.BaseRounding)
}

func int32s[T any](rows []T, of func(*T) int32) []int32  { return mapped(rows, of) }
func int64s[T any](rows []T, of func(*T) int64) []int64  { return mapped(rows, of) }
func texts[T any](rows []T, of func(*T) string) []string { return mapped(rows, of) }
func mapped[T, V any](rows []T, of func(*T) V) []V {
	out := make([]V, len(rows))
	for i := range rows {
		out[i] = of(&rows[i])
	}
	return out
}
