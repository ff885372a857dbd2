package registration_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

// realm is an open realm with what a test needs beside it.
type realm struct {
	*testing.T
	db       *store.DB
	registry *registration.Registry
	led      *ledger.Ledger
	source   *registrationtest.Source
	orders   int
}

var day = calendar.MustDate(2026, 3, 2)

// each runs fn on both engines, in a realm with three employers and five members, all of working age.
func each(t *testing.T, change func(*registration.Config), fn func(r *realm)) {
	t.Helper()
	storetest.Each(t, registrationtest.Schemas(), func(t *testing.T, db *store.DB) { fn(open(t, db, change)) })
}

func open(t *testing.T, db *store.DB, change func(*registration.Config)) *realm {
	t.Helper()
	r := &realm{T: t, db: db, source: registrationtest.New(5)}
	r.registry, r.led = registrationtest.Open(t, db, change)
	r.must(r.registry.RegisterEmployers(t.Context(), r.order(), r.source.Employers(3)...))
	r.must(r.registry.RegisterMembers(t.Context(), r.order(), r.source.Members(5)...))
	return r
}

// order is a new order, entered by one and approved by another.
func (r *realm) order() registration.Order {
	r.orders++
	return registrationtest.Order("order "+strings.Repeat("I", r.orders), day)
}

func (r *realm) must(receipt registration.Receipt, err error) registration.Receipt {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
	return receipt
}

// refused demands an error with exactly the codes, in the order of rows.
func (r *realm) refused(receipt registration.Receipt, err error) func(codes ...registration.Code) string {
	r.Helper()
	return func(codes ...registration.Code) string {
		r.Helper()
		var faults *registration.Faults
		if !errors.As(err, &faults) || receipt != (registration.Receipt{}) {
			r.Fatalf("%+v %v, want %v", receipt, err, codes)
		}
		got := make([]registration.Code, len(faults.List))
		for i, fault := range faults.List {
			got[i] = fault.Code
			if !errors.Is(err, fault.Code) {
				r.Errorf("errors.Is does not find %s", fault.Code)
			}
		}
		if len(got) != len(codes) {
			r.Fatalf("refused with %v, want %v:\n%v", got, codes, err)
		}
		for i := range codes {
			if got[i] != codes[i] {
				r.Fatalf("refused with %v, want %v:\n%v", got, codes, err)
			}
		}
		return err.Error()
	}
}

var registrationTables = []string{"registration_realm", "registration_act", "registration_sheet", "registration_employer", "registration_member",
	"registration_identity", "registration_spell", "registration_fact"}

// state is what stands in every table, for proving that nothing was written.
func (r *realm) state() string {
	r.Helper()
	var out strings.Builder
	err := r.db.View(r.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, table := range append([]string{"ledger_entry"}, registrationTables...) {
			var rows int64
			if err := tx.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&rows); err != nil {
				return err
			}
			out.WriteString(table + strings.Repeat(".", int(rows)) + "\n")
		}
		var employers, members, spells, facts, superseded int64
		if err := tx.QueryRow(ctx, "SELECT employers, members, spells, facts FROM registration_realm").Scan(&employers, &members, &spells,
			&facts); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM registration_spell WHERE superseded_seq <> 0").Scan(&superseded); err != nil {
			return err
		}
		out.WriteString(strings.Repeat("+", int(employers+members+spells+facts+superseded)))
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	return out.String()
}

// sound demands that Verify of both packages finds nothing.
func (r *realm) sound() {
	r.Helper()
	report, err := r.registry.Verify(r.Context(), registrationtest.Realm)
	if err != nil {
		r.Fatal(err)
	}
	for _, finding := range report.Findings {
		r.Errorf("%v", finding)
	}
}

func (r *realm) spells(member registration.MemberNo, asKnown ledger.Seq) []registration.Spell {
	r.Helper()
	list, err := r.registry.Spells(r.Context(), registrationtest.Realm, member, asKnown)
	if err != nil {
		r.Fatal(err)
	}
	return list
}

// by is a change of a member's pension by an employer.
func by(member registration.MemberNo, employer registration.EmployerNo, from calendar.Month) registration.Change {
	return registration.Change{Member: member, Scheme: registration.EnterprisePension, Employer: employer, From: from}
}

// dump returns every row of a table as text.
func (r *realm) dump(table string) []string {
	r.Helper()
	var list []string
	err := r.db.View(r.Context(), func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Query(ctx, "SELECT * FROM "+table)
		if err != nil {
			return err
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		for rows.Next() {
			values, pointers := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				pointers[i] = &values[i]
			}
			if err := rows.Scan(pointers...); err != nil {
				return err
			}
			var row strings.Builder
			for _, value := range values {
				if text, ok := value.([]byte); ok {
					row.Write(text)
				} else {
					fmt.Fprint(&row, value)
				}
				row.WriteByte('|')
			}
			list = append(list, row.String())
		}
		return rows.Err()
	})
	if err != nil {
		r.Fatal(err)
	}
	return list
}
