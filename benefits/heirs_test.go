package benefits_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

// settling is the law of a place where settled accounts earn 1.50 % a year.
func settling(calendar.Date) (personal.InterestRule, ledger.Source, error) {
	return personal.InterestRule{Method: personal.MonthProduct, Rate: money.MustDecimal("0.015"), RateSource: "2025", Rounding: money.Rounding{Scale: 2, Mode: money.HalfUp}},
		ledger.Source{Kind: "parameter", ID: "notional rate", Hash: paper}, nil
}

// dies registers the death of members.
func (d *desk) dies(day calendar.Date, members ...registration.MemberNo) {
	d.t.Helper()
	var specs []registration.DeathSpec
	for _, no := range members {
		specs = append(specs, registration.DeathSpec{Member: no, Day: day, Reference: "certificate"})
	}
	_, err := d.registry.RecordDeaths(d.t.Context(), registrationtest.Order("deaths "+day.String(), day.AddDays(10)), specs...)
	must(d.t, err)
}

// contributes credits a member's account.
func (d *desk) contributes(key string, member int, day calendar.Date, amount money.Amount) error {
	account, err := d.led.Account(d.t.Context(), d.Fund().Book(), d.rights.Code(fmt.Sprint(member)))
	must(d.t, err)
	_, err = d.Fund().Post(d.t.Context(), fund.Event{Event: fund.RightsOnly, Key: key, Effective: day, EnteredBy: "clerk", ApprovedBy: "chief",
		Source: ledger.Source{Kind: "receipt", ID: key}, Rights: []fund.Right{{Account: account.No, Amount: amount, Month: day.Month(), Tag: personal.TagContribution}}})
	return err
}

func (d *desk) heirs(key string, day calendar.Date, spec benefits.HeirsSpec) benefits.Done {
	d.t.Helper()
	return ok(d.t, func() (benefits.Done, error) { return d.PayHeirs(d.t.Context(), by(key, day, "payer", "chief"), spec) })
}

func TestHeirsGetTheInterestUpToTheMonthOfSettlement(t *testing.T) {
	roots := map[string]ledger.Book{}
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, []person{{birth: 19800110, account: 50_000_00}, {birth: 19810110, account: 40_000_00}, {birth: 19820110, account: 30_000_00}},
			func(c *benefits.Config) { c.SettlementInterest = settling })
		d.dies(20260420, 1)
		// 50,000.00 of January for January to April: × 4 × 1.5 % ÷ 12 = 250.00
		paid := d.heirs("first", 20260510, benefits.HeirsSpec{Member: 1})
		if paid.Amount != 50_250_00 || d.balance(1) != 0 || d.role(accounts.RoleAccountLumpSum) != 50_250_00 {
			t.Errorf("%+v, account at %d", paid, d.balance(1))
		}
		entry, err := d.led.EntryByKey(t.Context(), d.Fund().Book(), "benefits first/interest")
		must(t, err)
		if l := entry.Lines[0]; l.Tag != personal.InterestTag(2026) || l.Amount != 250_00 || entry.Source.ID != "notional rate" || entry.Seq+1 != paid.Seq || entry.ApprovedBy != "chief" {
			t.Errorf("%+v", entry)
		}
		// What arrives later is credited, stands there, and is paid in its turn: 600.00 for June and July earn 1.50.
		must(t, d.contributes("late", 1, 20260605, 600_00))
		if d.balance(1) != 600_00 {
			t.Errorf("account at %d", d.balance(1))
		}
		if again := d.heirs("again", 20260810, benefits.HeirsSpec{Member: 1}); again.Amount != 601_50 || d.balance(1) != 0 {
			t.Errorf("%+v", again)
		}
		must(t, d.contributes("late 2", 1, 20261103, 100_00))
		// The second dies in 2027 before the interest of 2026 is credited: 600.00 of 2026, and 40,600.00 × 1.5 % ÷ 12 = 50.75 of January.
		d.dies(20270115, 2)
		if paid := d.heirs("second", 20270220, benefits.HeirsSpec{Member: 2}); paid.Amount != 40_650_75 || d.balance(2) != 0 {
			t.Errorf("%+v", paid)
		}
		rule, source, _ := settling(20261231)
		rule.Months = 12
		for range 2 {
			run, err := d.rights.CreditInterest(t.Context(), personal.InterestRun{Year: 2026, Rule: rule, EnteredBy: "clerk", Approved: "chief", Source: source})
			must(t, err)
			if run.Members != 2 || run.Total != 25+450_00 { // 100.00 for two months, 30,000.00 for twelve
				t.Errorf("%+v", run)
			}
		}
		d.sound()
		roots[db.Dialect().Name()], err = d.led.Book(t.Context(), d.Fund().Book())
		must(t, err)
	})
	if a, b := roots[storetest.SQLite], roots[storetest.Postgres]; b.Seq != 0 && (a.Root != b.Root || a.Seq != b.Seq) {
		t.Error("the engines' books differ")
	}
}

func TestWithoutALawOfSettlementHeirsGetTheBalance(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, []person{{birth: 19800110, account: 50_000_00}}, nil)
		d.dies(20260420, 1)
		if paid := d.heirs("first", 20260510, benefits.HeirsSpec{Member: 1}); paid.Amount != 50_000_00 || d.balance(1) != 0 {
			t.Errorf("%+v", paid)
		}
	})
}

func TestAPaymentToHeirsThatCannotBeLeavesNothingBehind(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		law := settling
		d := open(t, db, []person{{birth: 19800110, account: 50_000_00}, {birth: 19810110}}, func(c *benefits.Config) {
			c.SettlementInterest = func(day calendar.Date) (personal.InterestRule, ledger.Source, error) { return law(day) }
		})
		before, err := d.led.Book(t.Context(), d.Fund().Book())
		must(t, err)
		refused := func(spec benefits.HeirsSpec, codes ...error) {
			t.Helper()
			_, err := d.PayHeirs(t.Context(), by("heirs", 20260510, "payer", "chief"), spec)
			for _, code := range codes {
				if !errors.Is(err, code) {
					t.Errorf("%v is no %v", err, code)
				}
			}
		}
		refused(benefits.HeirsSpec{Member: 1, Offset: 50_250_01}, benefits.ErrNotDead, benefits.ErrTooMuch)
		d.dies(20260420, 1, 2)
		refused(benefits.HeirsSpec{Member: 2}, benefits.ErrNothing)
		refused(benefits.HeirsSpec{Member: 1, Recovery: 7}, benefits.ErrUnknown)
		law = func(calendar.Date) (personal.InterestRule, ledger.Source, error) {
			return personal.InterestRule{}, ledger.Source{}, errors.New("no rate is published")
		}
		refused(benefits.HeirsSpec{Member: 1}, benefits.ErrInputs)
		law = func(day calendar.Date) (personal.InterestRule, ledger.Source, error) {
			rule, source, err := settling(day)
			rule.Method, rule.AnnualFactor = personal.Annual, personal.Fraction{Numerator: 13, Denominator: 12}
			return rule, source, err
		}
		refused(benefits.HeirsSpec{Member: 1}, benefits.ErrInputs)
		after, err := d.led.Book(t.Context(), d.Fund().Book())
		must(t, err)
		if before.Root != after.Root || d.balance(1) != 50_000_00 {
			t.Error("a refused payment was booked")
		}
	})
}

// A contribution that another transaction posts between the reading of an account and its payment is seen. SQLite has one writer at a time: there it cannot happen.
func TestAContributionBetweenReadingAndPayingIsNotLost(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		if kind != storetest.Postgres {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			var meanwhile func()
			db := storetest.Open(t, schemas, kind, storetest.WithFault(func(at storetest.Point) error {
				if meanwhile != nil && !at.After && strings.Contains(at.Query, "INTO benefits_sheet") {
					once := meanwhile
					meanwhile = nil
					once()
					meanwhile = nil
				}
				return nil
			}))
			d := open(t, db, []person{{birth: 19800110, account: 50_000_00}}, func(c *benefits.Config) { c.SettlementInterest = settling })
			d.dies(20260420, 1)
			var posted error
			meanwhile = func() { posted = d.contributes("meanwhile", 1, 20260509, 70_00) }
			_, err := d.PayHeirs(t.Context(), by("heirs", 20260510, "payer", "chief"), benefits.HeirsSpec{Member: 1})
			must(t, posted)
			if !errors.Is(err, benefits.ErrMoved) || d.balance(1) != 50_070_00 {
				t.Errorf("%v, %d on the account", err, d.balance(1))
			}
			if paid := d.heirs("heirs", 20260510, benefits.HeirsSpec{Member: 1}); paid.Amount != 50_320_00 || d.balance(1) != 0 {
				t.Errorf("asked again: %+v", paid)
			}
		})
	}
}
