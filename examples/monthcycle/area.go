package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/examples/monthcycle/folder"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/postgres"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/scheme"
)

// cny is the currency of every amount here.
var cny = money.MustCurrency("CNY")

// The people of the agency, by what they do: whoever enters a thing, another approves it.
const (
	clerk      = "经办员甲"
	chief      = "复核员乙"
	accountant = "会计丙"
	head       = "财务主管丁"
	reviewer   = "稽核员戊"
	cashier    = "出纳己"
	bookkeeper = "记账员庚"
)

// area is one pooling area with its books open: everything a month needs.
type area struct {
	*folder.Folder
	out       string
	language  string
	print     io.Writer
	db        *store.DB
	led       *ledger.Ledger
	fund      *fund.Fund
	rights    *personal.Rights
	registry  *registration.Registry
	law       *scheme.Catalogue
	today     calendar.Date                      // the clock: every record of a step bears the step's day
	employers map[string]registration.EmployerNo // by credit code
	members   map[identity.Number]registration.MemberNo
	payees    map[registration.MemberNo]bank.Party // the accounts of those who are paid, as known today
	claims    map[string]claimed                   // by the claim's name in claims.csv
	mislaid   map[string]string                    // why a line of the bank was never booked, by its reference
	many      bool                                 // so many members that somebody waits: say what is being done
	began     time.Time
	benefits  *benefits.Office
	vouchers  *voucher.Office
}

func (a *area) book() ledger.BookID { return ledger.BookID{Realm: a.Realm, Number: 1} }

func (a *area) firstMonth() calendar.Month { return calendar.MustMonth(a.Year, 1) }

// takeOverMonth is the month before the first: the earlier system's last.
func (a *area) takeOverMonth() calendar.Month { return a.firstMonth().Add(-1) }

// clock tells the day of the step that is being done, at nine in the morning in China: a run that was killed and goes on gives every entry the same time.
func (a *area) clock() time.Time {
	return time.Date(a.today.Year(), time.Month(a.today.MonthOfYear()), a.today.Day(), 1, 0, 0, 0, time.UTC)
}

// openDatabase opens an SQLite file or a PostgreSQL database and brings its tables up to date.
func openDatabase(ctx context.Context, name string) (*store.DB, error) {
	open := func() (*store.DB, error) { return ncruces.Open(ctx, name) }
	if strings.HasPrefix(name, "postgres://") || strings.Contains(name, "host=") || strings.Contains(name, "dbname=") {
		open = func() (*store.DB, error) { return postgres.Open(ctx, name) }
	}
	db, err := open()
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, schemas()...); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// schemas are the tables of everything that the year needs.
func schemas() []store.Schema {
	return []store.Schema{ledger.Schema(), voucher.Schema(), registration.Schema(), collection.Schema(), benefits.Schema()}
}

// openArea opens the ledger, the fund's book and the services over a database. What is open already stays as it is.
func openArea(ctx context.Context, a *folder.Folder, db *store.DB, out, language string, print io.Writer) (*area, error) {
	area := &area{Folder: a, db: db, out: out, language: language, print: print, today: calendar.MustDate(a.Year-1, 12, 31), employers: map[string]registration.EmployerNo{},
		members: map[identity.Number]registration.MemberNo{}, payees: map[registration.MemberNo]bank.Party{}, claims: map[string]claimed{}, mislaid: map[string]string{},
		began: time.Now()}
	for r, err := range a.Rows("mislaid") {
		if err != nil {
			return nil, err
		}
		area.mislaid[r.Text("bank_reference")] = r.Text("why")
	}
	// A constant secret gives equal roots in every run; a real agency keeps a random one, or leaves Seeds nil.
	led, err := ledger.New(db, ledger.Config{Clock: area.clock, Seeds: ledger.DerivedSeeds([]byte("monthcycle " + a.Code))})
	if err != nil {
		return nil, err
	}
	area.led = led
	if err := led.OpenRealm(ctx, ledger.RealmSpec{ID: a.Realm, Code: a.Code, Name: a.Name, Opened: area.today, EnteredBy: head}); err != nil {
		return nil, err
	}
	if area.law, err = scheme.China(); err != nil {
		return nil, err
	}
	key, err := identity.NewKey([]byte("an example's key, which protects nobody"))
	if err != nil {
		return nil, err
	}
	if area.registry, err = registration.New(db, led, registration.Config{Key: key, Admit: registration.FlagOverlap}); err != nil {
		return nil, err
	}
	chart, err := accounts.Standard()
	if err != nil {
		return nil, err
	}
	book, err := chart.For(accounts.FundID(a.Scheme), accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, CutOver: true}, area.today)
	if err != nil {
		return nil, err
	}
	err = db.Update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		area.fund, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: area.book(), Code: "EP", Name: a.Name + "企业职工基本养老保险基金", Chart: book,
			First: area.takeOverMonth().Period(), EnteredBy: accountant, Approved: head})
		return err
	})
	if err != nil {
		return nil, err
	}
	if area.rights, err = personal.NewRights(ctx, area.fund); err != nil {
		return nil, err
	}
	if area.vouchers, err = voucher.New(db, led, voucher.Config{}); err != nil {
		return nil, err
	}
	return area, area.openBenefits()
}

// office is the collection service with the law as it was known on a day: the province's average wage of 2025 was published in September.
func (a *area) office(known calendar.Date) (*collection.Office, error) {
	cent := money.Rounding{Scale: 2, Mode: money.HalfUp}
	return collection.New(a.db, a.fund, a.rights, a.registry, a.law.KnownOn(known), collection.Config{
		Scheme: registration.Scheme(a.Scheme), Parameters: collection.ChinaPension(scheme.ID(a.AverageWage)), LimitRounding: cent, BaseRounding: cent, Rounding: cent,
		Due: collection.DuePolicy{Day: 25}, Surcharge: surchargePolicy(),
		Notices: []collection.NoticeStep{{Name: "催缴通知", AfterDays: 35}, {Name: "责令限期缴纳", AfterDays: 60}},
	})
}

func surchargePolicy() collection.SurchargePolicy {
	return collection.SurchargePolicy{ToPaidDay: true, Rounding: money.Rounding{Scale: 2, Mode: money.HalfUp}}
}

// order heads a command of registration, command one of collection.
func (a *area) order(key string, day calendar.Date) registration.Order {
	a.today = day
	return registration.Order{Realm: a.Realm, Key: key, Effective: day, EnteredBy: clerk, ApprovedBy: chief}
}

func (a *area) command(key string, day calendar.Date) collection.Order {
	a.today = day
	return collection.Order{Key: key, Effective: day, EnteredBy: clerk, ApprovedBy: chief}
}

// event fills in who enters and approves an event of the fund and what it comes from.
func (a *area) event(name, key string, day calendar.Date, source ledger.Source, text string, parts ...accounts.Part) fund.Event {
	a.today = day
	return fund.Event{Event: name, Key: key, Effective: day, Description: text, EnteredBy: accountant, ApprovedBy: head, Source: source,
		Attachments: []ledger.Attachment{{Name: source.Kind + " " + source.ID, Hash: source.Hash}}, Parts: parts}
}

func part(role accounts.Role, amount money.Amount) accounts.Part {
	return accounts.Part{Role: role, Amount: amount}
}

// posted reports whether an entry with the key is in the fund's book already: what a step would compute from today's balances stands there.
func (a *area) posted(ctx context.Context, key string) (bool, error) {
	_, err := a.led.EntryByKey(ctx, a.book(), key)
	if errors.Is(err, ledger.ErrEntryUnknown) {
		return false, nil
	}
	return err == nil, err
}

// fileSource names a file of the folder as the source of an act, with its SHA-256.
func (a *area) fileSource(name string) (ledger.Source, error) {
	file, err := os.Open(a.File(name))
	if err != nil {
		return ledger.Source{}, err
	}
	defer file.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	return ledger.Source{Kind: "file", ID: filepath.ToSlash(name), Hash: hash.Sum(nil)}, err
}

// memberNo and employerNo find the numbers that registration gave; the folder was checked to name nobody else.
func (a *area) memberNo(r folder.Row) registration.MemberNo {
	return a.members[r.Identity("identity_number")]
}

func (a *area) employerNo(r folder.Row) registration.EmployerNo {
	return a.employers[r.Text("credit_code")]
}

// rowsAtOnce is how many rows of a list one command takes.
const rowsAtOnce = 50_000

// inBatches hands the rows of a list over in groups of at most size, numbered from 1.
func inBatches(rows iter.Seq2[folder.Row, error], size int, do func(number int, some []folder.Row) error) error {
	var some []folder.Row
	number := 0
	flush := func() error {
		if len(some) == 0 {
			return nil
		}
		number++
		err := do(number, some)
		some = some[:0]
		return err
	}
	for r, err := range rows {
		if err != nil {
			return err
		}
		if some = append(some, r); len(some) == size {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// say tells on the error output what is being done, where there are so many members that it takes a while.
func (a *area) say(format string, args ...any) {
	if a.many {
		fmt.Fprintf(os.Stderr, "  %6.1f s  %s\n", time.Since(a.began).Seconds(), fmt.Sprintf(format, args...))
	}
}
