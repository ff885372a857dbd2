package registration_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

const benchMembers = 100_000

// BenchmarkRegisterAndEnrol registers 100,000 persons and enrols them by 250 employers, against plain bulk inserts of the same rows of members, identities and spells
// into tables with the same keys.
func BenchmarkRegisterAndEnrol(b *testing.B) {
	for _, kind := range storetest.Kinds(b) {
		b.Run(kind, func(b *testing.B) {
			db := storetest.Open(b, registrationtest.Schemas(), kind, storetest.Durable())
			registry, _ := registrationtest.Open(b, db, nil)
			source, handled := registrationtest.New(3), calendar.MustDate(2026, 2, 1)
			check := func(err error) {
				b.Helper()
				if err != nil {
					b.Fatal(err)
				}
			}
			_, err := registry.RegisterEmployers(b.Context(), registrationtest.Order("employers", handled), source.Employers(250)...)
			check(err)
			plainRegistration(b, db)
			var registering, enrolling, plain time.Duration
			b.ReportAllocs()
			round := 0
			for b.Loop() {
				b.StopTimer()
				people := source.Members(benchMembers)
				start := time.Now()
				check(insertPlain(b.Context(), db, round, people))
				plain += time.Since(start)
				b.StartTimer()
				start = time.Now()
				receipt, err := registry.RegisterMembers(b.Context(), registrationtest.Order(fmt.Sprint("members ", round), handled), people...)
				check(err)
				registering += time.Since(start)
				changes := make([]registration.Change, benchMembers)
				for i := range changes {
					changes[i] = registration.Change{Member: receipt.FirstMember + registration.MemberNo(i), Scheme: registration.EnterprisePension,
						Employer: registration.EmployerNo(i%250 + 1), From: 202601}
				}
				start = time.Now()
				_, err = registry.Enrol(b.Context(), registrationtest.Order(fmt.Sprint("enrol ", round), handled), changes...)
				check(err)
				enrolling += time.Since(start)
				round++
			}
			n := float64(benchMembers) * float64(b.N)
			b.ReportMetric(n/registering.Seconds(), "registered/s")
			b.ReportMetric(n/enrolling.Seconds(), "enrolled/s")
			b.ReportMetric(n/plain.Seconds(), "plain/s")
			b.ReportMetric(plain.Seconds()/(registering+enrolling).Seconds(), "ratio")
		})
	}
}

// plainRegistration makes copies of the tables, keys and indices without what registration adds.
func plainRegistration(b *testing.B, db *store.DB) {
	b.Helper()
	end := map[string]string{storetest.SQLite: ") WITHOUT ROWID", storetest.Postgres: ")"}[db.Dialect().Name()]
	err := db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, statement := range []string{
			"CREATE TABLE plain_member (realm_id int, member_no int, seq bigint, row_no int, pseudonym text, birth_day int, sex smallint, class text, first_work_day int, merged_into int, flags int, superseded_seq bigint, PRIMARY KEY (realm_id, member_no, seq)" + end,
			"CREATE INDEX plain_pseudonym ON plain_member (realm_id, pseudonym)",
			"CREATE TABLE plain_identity (realm_id int, member_no int, seq bigint, number text, name text, PRIMARY KEY (realm_id, member_no, seq)" + end,
			"CREATE TABLE plain_spell (realm_id int, member_no int, spell_no bigint, scheme text, employer_no int, from_month int, to_month int, status text, event text, began_seq bigint, seq bigint, row_no int, hired_day int, counterpart text, reason text, flags int, superseded_seq bigint, PRIMARY KEY (realm_id, member_no, spell_no)" + end,
			"CREATE INDEX plain_employer ON plain_spell (realm_id, employer_no, scheme, member_no, from_month)",
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func insertPlain(ctx context.Context, db *store.DB, round int, people []registration.MemberSpec) error {
	n := len(people)
	members, employers, rows, births, sexes := make([]int32, n), make([]int32, n), make([]int32, n), make([]int32, n), make([]int16, n)
	spells, numbers, names, pseudonyms := make([]int64, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range people {
		at := round*n + i
		members[i], employers[i], rows[i], births[i], sexes[i] = int32(at+1), int32(i%250+1), int32(i+1), int32(people[i].Birth), int16(people[i].Sex)
		spells[i], numbers[i], names[i], pseudonyms[i] = int64(at+1), people[i].Number.Reveal(), people[i].Name, fmt.Sprintf("%032x", uint64(at+1)*0x9e3779b97f4a7c15)
	}
	return db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		realm, seq, no := store.Fixed("realm_id", int32(1)), store.Fixed("seq", int64(round+1)), store.Int32s("member_no", members)
		zero, zeros := func(name string) store.Column { return store.Fixed(name, int32(0)) }, store.Fixed("superseded_seq", int64(0))
		if err := tx.Insert(ctx, "plain_member", realm, no, seq, store.Int32s("row_no", rows), store.Texts("pseudonym", pseudonyms), store.Int32s("birth_day", births),
			store.Int16s("sex", sexes), store.Fixed("class", "M60"), store.Int32s("first_work_day", births), zero("merged_into"), zero("flags"), zeros); err != nil {
			return err
		}
		if err := tx.Insert(ctx, "plain_identity", realm, no, seq, store.Texts("number", numbers), store.Texts("name", names)); err != nil {
			return err
		}
		return tx.Insert(ctx, "plain_spell", realm, no, store.Int64s("spell_no", spells), store.Fixed("scheme", "enterprise_pension"), store.Int32s("employer_no", employers),
			store.Fixed("from_month", int32(202601)), zero("to_month"), store.Fixed("status", "active"), store.Fixed("event", "enrol"), store.Fixed("began_seq", int64(round+1)),
			seq, store.Int32s("row_no", rows), zero("hired_day"), store.Fixed("counterpart", ""), store.Fixed("reason", ""), zero("flags"), zeros)
	})
}
