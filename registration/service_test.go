package registration_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

func TestARegistryNamesEverythingThatItLacks(t *testing.T) {
	_, err := registration.New(nil, nil, registration.Config{Schemes: []registration.SchemeRule{{Scheme: "a", Insurance: "b", ByMember: true},
		{Scheme: "a", Insurance: "b", ByMember: true},
		{Scheme: "Ä", Insurance: ""}}})
	var faults *registration.Faults
	if !errors.As(err, &faults) || len(faults.List) != 7 {
		t.Errorf("%v", err)
	}
}

func TestTheSchemesOfChinaBearTheNamesOfTheirFunds(t *testing.T) {
	for _, rule := range registration.ChinaSchemes() {
		switch fund := accounts.FundID(rule.Scheme); fund {
		case accounts.EnterprisePension, accounts.ResidentPension, accounts.CivilServicePension, accounts.EmployeeMedical, accounts.ResidentMedical,
			accounts.WorkInjury,
			accounts.Unemployment, accounts.Maternity, accounts.LongTermCare:
		default:
			t.Errorf("%s is no fund", fund)
		}
		if rule.Source == "" {
			t.Errorf("%s has no source", rule.Scheme)
		}
	}
}

func TestTheSameOrderIsAnsweredOnceAndAnotherUnderItsKeyIsRefused(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		order := r.order()
		receipt := r.must(r.registry.Enrol(ctx, order, by(1, 1, 202601), by(2, 1, 202601)))
		again := r.must(r.registry.Enrol(ctx, order, by(1, 1, 202601), by(2, 1, 202601)))
		if !again.Replayed || again.Seq != receipt.Seq || again.Recorded != receipt.Recorded || again.Rows != 2 {
			r.Errorf("%+v, first %+v", again, receipt)
		}
		// A replay comes before every other check, so it is the same after the state has moved on.
		r.must(r.registry.Suspend(ctx, r.order(), by(1, 1, 202603)))
		r.must(r.registry.CancelEmployers(ctx, r.order(), 3))
		if later := r.must(r.registry.Enrol(ctx, order, by(1, 1, 202601), by(2, 1, 202601))); !later.Replayed {
			r.Errorf("%+v", later)
		}
		for name, attempt := range map[string]func() error{
			"other rows":    func() error { _, err := r.registry.Enrol(ctx, order, by(1, 1, 202601)); return err },
			"another month": func() error { _, err := r.registry.Enrol(ctx, order, by(1, 1, 202601), by(2, 1, 202602)); return err },
			"another event": func() error { _, err := r.registry.Suspend(ctx, order, by(1, 1, 202601), by(2, 1, 202601)); return err },
			"another person": func() error {
				order := order
				order.EnteredBy = "x"
				_, err := r.registry.Enrol(ctx, order, by(1, 1, 202601), by(2, 1, 202601))
				return err
			},
			"another day": func() error {
				order := order
				order.Effective = 20260303
				_, err := r.registry.Enrol(ctx, order, by(1, 1, 202601), by(2, 1, 202601))
				return err
			},
		} {
			if err := attempt(); !errors.Is(err, ledger.ErrKeyReused) {
				r.Errorf("%s: %v", name, err)
			}
		}
		person := r.source.Member()
		register := r.order()
		first := r.must(r.registry.RegisterMembers(ctx, register, person))
		if second := r.must(r.registry.RegisterMembers(ctx, register, person)); second.FirstMember != first.FirstMember || !second.Replayed {
			r.Errorf("%+v, first %+v", second, first)
		}
		renamed := person
		renamed.Name = "x"
		if _, err := r.registry.RegisterMembers(ctx, register, renamed); !errors.Is(err, ledger.ErrKeyReused) {
			r.Errorf("another name: %v", err)
		}
		r.sound()
	})
}

// everyCommand is every command but the registration of the member himself, in an order in which all can be carried out.
func (r *realm) everyCommand(tx store.Handle, no registration.MemberNo) []func(registration.Order) (registration.Receipt, error) {
	ctx := r.Context()
	return []func(registration.Order) (registration.Receipt, error){
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.RegisterEmployersTx(ctx, tx, o, registration.EmployerSpec{Code: identity.MustCreditCode("91350100M000100Y43"),
				Name: "x"})
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.ChangeEmployersTx(ctx, tx, o, registration.EmployerChange{Employer: 2,
				EmployerSpec: registration.EmployerSpec{Name: "x"}})
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.CancelEmployersTx(ctx, tx, o, 3)
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.CorrectMembersTx(ctx, tx, o, registration.MemberCorrection{Member: 1, MemberSpec: registration.MemberSpec{Name: "x"}})
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.EnrolTx(ctx, tx, o, by(no, 1, 202601))
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.SuspendTx(ctx, tx, o, by(no, 1, 202602))
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.ResumeTx(ctx, tx, o, by(no, 1, 202603))
		},
		func(o registration.Order) (registration.Receipt, error) {
			c := by(no, 1, 202604)
			c.Counterpart = "590001"
			return r.registry.TransferTx(ctx, tx, o, c)
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.EnrolTx(ctx, tx, o, by(no, 1, 202605))
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.TerminateTx(ctx, tx, o, by(no, 1, 202606))
		},
		func(o registration.Order) (registration.Receipt, error) {
			c := by(no, 1, 202602)
			c.To, c.Status = 202602, registration.Void
			return r.registry.CorrectEnrolmentsTx(ctx, tx, o, c)
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.RecordDeathsTx(ctx, tx, o, registration.DeathSpec{Member: no, Day: 20260301})
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.RecordRetirementsTx(ctx, tx, o, registration.RetirementSpec{Member: no, Day: 20260201,
				Ground: registration.GroundEarly})
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.RecordDeemedServiceTx(ctx, tx, o, registration.DeemedSpec{Member: no, From: 202401, To: 202412})
		},
		func(o registration.Order) (registration.Receipt, error) {
			return r.registry.WithdrawFactsTx(ctx, tx, o, registration.Withdrawal{Member: no, Kind: registration.FactDeath, From: 20260301,
				Reason: "x"})
		},
	}
}

func TestACommandInTheHostsTransactionCommitsOrVanishesWithIt(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		before := r.state()
		abandoned := errors.New("the host changed its mind")
		person := r.source.Member()
		all := func(tx store.Handle) error {
			registered, err := r.registry.RegisterMembersTx(ctx, tx, registrationtest.Order("in 1", day), person)
			if err != nil {
				return err
			}
			no := registered.FirstMember
			for i, command := range r.everyCommand(tx, no) {
				if receipt, err := command(registrationtest.Order(fmt.Sprintf("in %d", i+2), day)); err != nil || receipt.Seq == 0 {
					return fmt.Errorf("command %d: %w", i, err)
				}
			}
			// Reads in the transaction see what it wrote; a refused command leaves it usable.
			spells, err := r.registry.In(tx).Spells(ctx, 1, no, 0)
			if err != nil || len(spells) != 4 { // the death took the months after it
				return fmt.Errorf("%d spells: %w", len(spells), err)
			}
			if _, err := r.registry.SuspendTx(ctx, tx, registrationtest.Order("in 99", day), by(no, 2, 202601)); !errors.Is(err,
				registration.ErrNotEnrolled) {
				return fmt.Errorf("a command that should be refused: %w", err)
			}
			_, err = r.registry.In(tx).Member(ctx, 1, no, 0)
			return err
		}
		err := r.db.Update(ctx, func(_ context.Context, tx *store.Tx) error { return errors.Join(all(tx.Handle()), abandoned) })
		if err == nil || err.Error() != abandoned.Error() {
			r.Fatal(err)
		}
		if after := r.state(); after != before {
			r.Errorf("an abandoned transaction left something:\n%s\n%s", before, after)
		}
		if err := r.db.Update(ctx, func(_ context.Context, tx *store.Tx) error { return all(tx.Handle()) }); err != nil {
			r.Fatal(err)
		}
		r.sound()
	})
}

func TestTwoWritersOfOneRealmFollowOneAnother(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		const writers, orders = 4, 8
		people := r.source.Members(writers * orders)
		var wait sync.WaitGroup
		errs := make([]error, writers*orders)
		for w := range writers {
			wait.Go(func() {
				for i := range orders {
					at := w*orders + i
					receipt, err := r.registry.RegisterMembers(ctx, registrationtest.Order(fmt.Sprintf("member %d", at), day), people[at])
					if err == nil {
						_, err = r.registry.Enrol(ctx, registrationtest.Order(fmt.Sprintf("enrol %d", at), day), by(receipt.FirstMember, 1, 202601))
					}
					// Everybody fights for member 1; one may have him.
					_, fight := r.registry.Enrol(ctx, registrationtest.Order(fmt.Sprintf("fight %d", at), day), by(1, registration.EmployerNo(w%3+1), 202601))
					if fight != nil && !errors.Is(fight, registration.ErrOverlap) && !errors.Is(fight, registration.ErrStatus) {
						err = errors.Join(err, fight)
					}
					errs[at] = err
				}
			})
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			r.Fatal(err)
		}
		if s := r.spells(1, 0); len(s) != 1 {
			r.Errorf("member 1 is enrolled %d times", len(s))
		}
		count := 0
		for s, err := range r.registry.Enrolments(ctx, registration.SpellQuery{Realm: 1, Month: 202601, Status: registration.Active}) {
			if err != nil {
				r.Fatal(err)
			}
			count++
			if s.Member != 1 && int(s.Member) != count+4 {
				r.Errorf("place %d is member %d", count, s.Member)
			}
		}
		if count != writers*orders+1 {
			r.Errorf("%d active", count)
		}
		r.sound()
	})
}

func TestRowsAreOnlyEverAdded(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		r.must(r.registry.Enrol(ctx, r.order(), by(1, 1, 202601)))
		r.must(r.registry.Suspend(ctx, r.order(), by(1, 1, 202603)))
		r.must(r.registry.RecordDeaths(ctx, r.order(), registration.DeathSpec{Member: 2, Day: 20260101}))
		for _, statement := range []string{
			"UPDATE registration_spell SET from_month = 202001", "UPDATE registration_spell SET superseded_seq = 99 WHERE superseded_seq <> 0",
			"UPDATE registration_spell SET superseded_seq = 0", "UPDATE registration_spell SET superseded_seq = 1 WHERE superseded_seq = 0",
			"DELETE FROM registration_spell",
			"UPDATE registration_member SET birth_day = 19000101", "DELETE FROM registration_member", "UPDATE registration_identity SET name = 'x'",
			"DELETE FROM registration_identity",
			"UPDATE registration_employer SET name = 'x'", "DELETE FROM registration_employer", "UPDATE registration_fact SET from_day = 20200101",
			"DELETE FROM registration_fact",
			"UPDATE registration_act SET flagged = 9", "DELETE FROM registration_act", "UPDATE registration_sheet SET part = 9",
			"DELETE FROM registration_sheet",
			"UPDATE registration_realm SET members = 1", "DELETE FROM registration_realm",
		} {
			err := r.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, statement)
				return err
			})
			if !errors.Is(err, store.ErrAppendOnly) {
				r.Errorf("%s: %v", statement, err)
			}
		}
		r.sound()
	})
}

func TestEveryKeyBeginsWithTheRealm(t *testing.T) {
	keys := regexp.MustCompile(`(?:PRIMARY KEY|UNIQUE|ON registration_[a-z]+) \(([a-z_, ]+)\)`)
	files := registration.Schema().Files
	names, err := fs.Glob(files, "*/*.sql")
	if err != nil || len(names) != 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		found := keys.FindAllStringSubmatch(string(text), -1)
		if len(found) != 12 {
			t.Errorf("%s: %d keys", name, len(found))
		}
		for _, key := range found {
			if !strings.HasPrefix(key[1], "realm_id") {
				t.Errorf("%s: %s", name, key[0])
			}
		}
		if strings.Contains(string(text), "REFERENCES") {
			t.Errorf("%s: a foreign key, which must hold the realm", name)
		}
	}
}

func TestEqualOrdersGiveEqualRootsOnBothEngines(t *testing.T) {
	one, other := storetest.Pair(t, registrationtest.Schemas())
	if other == nil {
		t.Log("only one engine was to be had")
		return
	}
	var roots, rows [2]string
	for i, db := range []*store.DB{one, other} {
		r := open(t, db, nil)
		ctx := t.Context()
		source := registrationtest.New(8)
		r.must(r.registry.RegisterMembers(ctx, r.order(), source.Members(50)...))
		var changes []registration.Change
		for no := range registration.MemberNo(50) {
			changes = append(changes, by(no+1, registration.EmployerNo(no%3+1), 202601), registration.Change{Member: no + 1,
				Scheme: registration.ResidentMedical, From: 202601})
		}
		r.must(r.registry.Enrol(ctx, r.order(), changes...))
		r.must(r.registry.Suspend(ctx, r.order(), by(7, 1, 202603), by(8, 2, 202602)))
		r.must(r.registry.RecordDeaths(ctx, r.order(), registration.DeathSpec{Member: 3, Day: 20260101}))
		book, err := r.led.Book(ctx, ledger.BookID{Realm: 1})
		if err != nil {
			t.Fatal(err)
		}
		roots[i] = fmt.Sprintf("%d %x", book.Seq, book.Root)
		for s, err := range r.registry.Enrolments(ctx, registration.SpellQuery{Realm: 1}) {
			rows[i] += fmt.Sprintf("%+v %v\n", s, err)
		}
		for c, err := range r.registry.Careers(ctx, 1, 0, 0, 0) {
			rows[i] += fmt.Sprintf("%+v %v\n", c, err)
		}
		r.sound()
	}
	if roots[0] != roots[1] {
		t.Errorf("roots differ: %s and %s", roots[0], roots[1])
	}
	if rows[0] != rows[1] {
		t.Error("rows differ")
	}
}

func TestQueriesNarrowOrderAndPage(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		const n = 2_500 // more than a page of members
		first := r.must(r.registry.RegisterMembers(ctx, r.order(), r.source.Members(n)...)).FirstMember
		var changes []registration.Change
		for i := range registration.MemberNo(n) {
			changes = append(changes, by(first+i, registration.EmployerNo(i%3+1), 202601), registration.Change{Member: first + i,
				Scheme: registration.WorkInjuryScheme, Employer: 1, From: 202601},
				registration.Change{Member: first + i, Scheme: registration.ResidentMedical, From: 202602})
		}
		enrolled := r.must(r.registry.Enrol(ctx, r.order(), changes...))
		r.must(r.registry.Terminate(ctx, r.order(), by(first, 1, 202603)))
		for name, c := range map[string]struct {
			q    registration.SpellQuery
			want int
		}{
			"all, the ended one twice":      {registration.SpellQuery{}, 3*n + 1},
			"all, by employer":              {registration.SpellQuery{ByEmployer: true}, 3*n + 1},
			"in a month":                    {registration.SpellQuery{Month: 202601}, 2 * n},
			"active in a month":             {registration.SpellQuery{Month: 202603, Status: registration.Active}, 3*n - 1},
			"as known before the end":       {registration.SpellQuery{Month: 202603, Status: registration.Active, AsKnown: enrolled.Seq}, 3 * n},
			"as known before the beginning": {registration.SpellQuery{AsKnown: enrolled.Seq - 1}, 0},
			"of a scheme":                   {registration.SpellQuery{Scheme: registration.WorkInjuryScheme}, n},
			"of an insurance":               {registration.SpellQuery{Insurance: registration.Pension}, n + 1},
			"of an employer":                {registration.SpellQuery{Employer: 2}, 833},
			"of employer 1":                 {registration.SpellQuery{Employer: 1, Month: 202603, Status: registration.Active}, n + 834 - 1},
			"without an employer":           {registration.SpellQuery{Own: true}, n},
			"of some members":               {registration.SpellQuery{First: first + 10, Last: first + 19, Scheme: registration.ResidentMedical}, 10},
			"terminated":                    {registration.SpellQuery{Status: registration.Terminated}, 1},
		} {
			c.q.Realm = registrationtest.Realm
			var last registration.Spell
			got := 0
			for s, err := range r.registry.Enrolments(ctx, c.q) {
				if err != nil {
					r.Fatal(name, err)
				}
				if got > 0 && !c.q.ByEmployer && c.q.Employer == 0 && (s.Member < last.Member || s.Member == last.Member && s.Scheme < last.Scheme) ||
					got > 0 && c.q.ByEmployer && (s.Employer < last.Employer || s.Employer == last.Employer && s.Scheme == last.Scheme && s.Member < last.Member) {
					r.Fatalf("%s: %+v after %+v", name, s, last)
				}
				last = s
				got++
			}
			if got != c.want {
				r.Errorf("%s: %d spells, want %d", name, got, c.want)
			}
		}
	})
}

func TestALoopOverASequenceMayWriteAndStopEarly(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		r.must(r.registry.RegisterMembers(ctx, r.order(), r.source.Members(2_500)...))
		seen := 0
		for m, err := range r.registry.Members(ctx, registrationtest.Realm, 0) {
			if err != nil {
				r.Fatal(err)
			}
			if seen++; seen == 2_100 {
				r.must(r.registry.RecordDeaths(ctx, r.order(), registration.DeathSpec{Member: m.No, Day: 20260101}))
				break
			}
		}
		employers := 0
		for e, err := range r.registry.Employers(ctx, registrationtest.Realm, 0) {
			if employers++; err != nil || int(e.No) != employers {
				r.Errorf("%+v %v", e, err)
			}
		}
		acts := 0
		for a, err := range r.registry.Acts(ctx, registrationtest.Realm, 0) {
			if acts++; err != nil || a.Seq == 0 {
				r.Errorf("%+v %v", a, err)
			}
		}
		if known, err := r.registry.Known(ctx, registrationtest.Realm); err != nil || int(known) != acts+1 || employers != 3 {
			r.Errorf("%d acts, %d employers, known %d, %v", acts, employers, known, err)
		}
		for _, err := range r.registry.Members(ctx, 77, 0) {
			if !errors.Is(err, ledger.ErrBookUnknown) {
				r.Errorf("a realm that is not open: %v", err)
			}
		}
	})
}
