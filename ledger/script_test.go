package ledger_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/postgres"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// script runs the scripts of testdata/errors. A command is a line; what is indented below it belongs to it; # begins a comment. Words are parted by blanks, and
// a word may be quoted as in Go, or be n*"text" for a text n times over. Behind ! a command must be refused.
//
//	realm 1 code="area" name="Area"
//	book 1/1 currency=CNY first=2026-01
//	accounts 1/1 key=chart
//		1002 asset limited
//		R/1 liability memorandum member under=R
//	post 1/1 key=k1 date=2026-01-05
//		debit 1002 100.00 month=2026-01
//		credit 4001 100.00
//	batch 1/1                       each line below begins a draft with "draft", followed by its lines
//	reverse 1/1 3 key=k2 date=2026-01-06 reason="twice"
//	close 1/1 2026-01               also reopen, issue; finalise 1/1 2026
//	close-account 1/1 1002          also name-account 1/1 1002 name="…"
//	entry 1/1 7                     reads; also account, balance, entries
//	hold 1/1                        another program holds the book from now on
//	damage 1/1 3                    somebody overwrites entry 3 behind the ledger's back
//
// Words that are not given are filled in: key with "key n", n being the number of the command, date with 2026-01-05, by with clerk.
type script struct {
	t        *testing.T
	kind, at string
	db       *store.DB
	ledger   *ledger.Ledger
	number   int
}

func newScript(t *testing.T, kind, at string) *script {
	t.Helper()
	const short = 50 * time.Millisecond // how long a command waits for another program
	var db *store.DB
	var err error
	retry := store.WithRetry(store.Retry{BusyAttempts: 1})
	if kind == storetest.SQLite {
		db, err = ncruces.Open(t.Context(), at, ncruces.WithBusyTimeout(short), ncruces.WithStore(retry))
	} else {
		db, err = postgres.Open(t.Context(), at, postgres.WithLockTimeout(short), postgres.WithStore(retry))
	}
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return &script{t: t, kind: kind, at: at, db: db, ledger: ledgertest.Ledger(t, db, ledgertest.NewClock())}
}

// command is a command or one of the lines below it.
type command struct {
	text   string
	words  []string          // those without =
	fields map[string]string // those with =
	below  []command
}

// run runs a script and returns the errors of what was refused as it should be.
func (s *script) run(text string) []error {
	s.t.Helper()
	var refused []error
	for _, c := range s.parse(text) {
		s.number++
		wanted := c.words[0] == "!"
		if wanted {
			c.words = c.words[1:]
		}
		err := s.do(c)
		switch {
		case err != nil && !wanted:
			s.t.Fatalf("%s: %v", c.text, err)
		case err == nil && wanted:
			s.t.Fatalf("%s: is not refused", c.text)
		case wanted:
			refused = append(refused, err)
		}
	}
	return refused
}

func (s *script) parse(text string) []command {
	var all []command
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if trimmed := strings.TrimSpace(line); trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		c := s.words(strings.TrimSpace(line))
		if strings.HasPrefix(line, "\t") {
			all[len(all)-1].below = append(all[len(all)-1].below, c)
		} else {
			all = append(all, c)
		}
	}
	return all
}

func (s *script) words(text string) command {
	c := command{text: text, fields: map[string]string{}}
	for rest := text; rest != ""; rest = strings.TrimLeft(rest, " ") {
		name := ""
		if i := strings.IndexAny(rest, "= \""); i > 0 && rest[i] == '=' {
			name, rest = rest[:i], rest[i+1:]
		}
		times := 1
		if i := strings.IndexAny(rest, "* \""); i > 0 && rest[i] == '*' {
			var err error
			times, err = strconv.Atoi(rest[:i])
			must(s.t, err)
			rest = rest[i+1:]
		}
		var value string
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			value, err = strconv.Unquote(quoted)
			must(s.t, err)
			rest = rest[len(quoted):]
		} else {
			value, _, _ = strings.Cut(rest, " ")
			rest = rest[len(value):]
		}
		if value = strings.Repeat(value, times); name == "" {
			c.words = append(c.words, value)
		} else {
			c.fields[name] = value
		}
	}
	return c
}

// field is what a command says, or what is filled in.
func (c command) field(name, otherwise string) string {
	if value, ok := c.fields[name]; ok {
		return value
	}
	return otherwise
}

func (s *script) do(c command) error {
	commands := map[string]func(command) error{
		"realm": s.realm, "book": s.book, "accounts": s.accounts, "post": s.post, "batch": s.batch, "reverse": s.reverse, "close": s.period, "reopen": s.period,
		"issue": s.period, "finalise": s.period, "close-account": s.account, "name-account": s.account, "entry": s.read, "account": s.read, "balance": s.read,
		"entries": s.read, "statement": s.read, "hold": s.hold, "damage": s.damage,
	}
	run, ok := commands[c.words[0]]
	if !ok {
		s.t.Fatalf("%s: no such command; there are %v", c.text, slices.Sorted(maps.Keys(commands)))
	}
	return run(c)
}

func (s *script) id(c command) ledger.BookID {
	realm, number, _ := strings.Cut(c.words[1], "/")
	return ledger.BookID{Realm: int32(s.int(realm)), Number: int16(s.int(number))}
}

func (s *script) int(text string) int {
	n, err := strconv.Atoi(text)
	must(s.t, err)
	return n
}

// date reads yyyy-mm-dd, or any number that is no date.
func (s *script) date(text string) calendar.Date {
	if date, err := calendar.ParseDate(text); err == nil {
		return date
	}
	return calendar.Date(s.int(text))
}

func (s *script) period(c command) error {
	act, ctx, id := s.act(c), s.t.Context(), s.id(c)
	var err error
	if c.words[0] == "finalise" {
		_, err = s.ledger.FinaliseYear(ctx, id, act, s.int(c.words[2]))
		return err
	}
	period := s.parsePeriod(c.words[2])
	switch c.words[0] {
	case "close":
		_, err = s.ledger.ClosePeriod(ctx, id, act, period)
	case "reopen":
		_, err = s.ledger.ReopenPeriod(ctx, id, act, period)
	case "issue":
		_, err = s.ledger.IssuePeriod(ctx, id, act, period)
	}
	return err
}

func (s *script) parsePeriod(text string) calendar.Period {
	if period, err := calendar.ParsePeriod(text); err == nil {
		return period
	}
	return calendar.Period(s.int(text))
}

func (s *script) act(c command) ledger.Act {
	return ledger.Act{
		Key: c.field("key", fmt.Sprint("key ", s.number)), Effective: s.date(c.field("date", "2026-01-05")), Description: c.field("text", "as decided"),
		EnteredBy: c.field("by", "clerk"), ApprovedBy: c.field("approved", "chief"),
	}
}

func (s *script) realm(c command) error {
	return s.ledger.OpenRealm(s.t.Context(), ledger.RealmSpec{
		ID: int32(s.int(c.words[1])), Code: c.field("code", "area"), Name: c.field("name", "Area"), Opened: s.date(c.field("date", "2026-01-01")),
		EnteredBy: c.field("by", "clerk"),
	})
}

func (s *script) book(c command) error {
	currency := money.Currency{}
	if code := c.field("currency", "CNY"); code != "" {
		currency = money.MustCurrency(code)
	}
	return s.ledger.OpenBook(s.t.Context(), ledger.BookSpec{
		ID: s.id(c), Code: c.field("code", "pension"), Name: c.field("name", "Pension"), Currency: currency,
		First: s.parsePeriod(c.field("first", "2026-01")), Opened: s.date(c.field("date", "2026-01-01")), EnteredBy: c.field("by", "clerk"),
	})
}

func (s *script) accounts(c command) error {
	var specs []ledger.AccountSpec
	for _, b := range c.below {
		spec := ledger.AccountSpec{Code: b.words[0], Name: b.field("name", ""), Parent: b.field("under", "")}
		for _, word := range b.words[1:] {
			s.accountWord(&spec, word)
		}
		specs = append(specs, spec)
	}
	act := s.act(c)
	act.Effective = s.date(c.field("date", "2026-01-01"))
	_, err := s.ledger.OpenAccounts(s.t.Context(), s.id(c), act, specs)
	return err
}

func (s *script) accountWord(spec *ledger.AccountSpec, word string) {
	for _, t := range []ledger.AccountType{ledger.Asset, ledger.Liability, ledger.NetAssets, ledger.Income, ledger.Expense} {
		if word == t.String() {
			spec.Type = t
			return
		}
	}
	for _, class := range []ledger.Class{ledger.Detail, ledger.Heading, ledger.Control, ledger.Member} {
		if word == class.String() {
			spec.Class = class
			return
		}
	}
	switch word {
	case "memorandum":
		spec.Section = ledger.Memorandum
	case "limited":
		spec.NeverBelowZero = true
	default:
		s.t.Fatalf("account %s: no word %q", spec.Code, word)
	}
}

func (s *script) account(c command) error {
	account, err := s.ledger.Account(s.t.Context(), s.id(c), c.words[2])
	if err != nil {
		account.No = ledger.AccountNo(s.int(c.words[2]))
	}
	if c.words[0] == "close-account" {
		return s.ledger.CloseAccount(s.t.Context(), s.id(c), s.act(c), account.No)
	}
	return s.ledger.NameAccount(s.t.Context(), s.id(c), s.act(c), account.No, c.fields["name"])
}

func (s *script) read(c command) error {
	ctx, id := context.Context(s.t.Context()), s.id(c)
	switch c.words[0] {
	case "entry":
		_, err := s.ledger.Entry(ctx, id, ledger.Seq(s.int(c.words[2])))
		return err
	case "account":
		_, err := s.ledger.Account(ctx, id, c.words[2])
		return err
	case "statement":
		account, err := s.ledger.Account(ctx, id, c.words[2])
		must(s.t, err)
		_, err = s.ledger.Statement(ctx, id, account.No, ledger.Range{From: s.date(c.words[3]), To: s.date(c.words[4])})
		return err
	case "balance":
		_, err := s.ledger.Balance(ctx, id, ledger.AccountNo(s.int(c.words[2])), ledger.At{Seq: ledger.Seq(s.int(c.field("seq", "0")))})
		return err
	}
	for _, err := range s.ledger.Entries(ctx, id, 1, ledger.Seq(s.int(c.words[2]))) {
		if err != nil {
			return err
		}
	}
	return nil
}
