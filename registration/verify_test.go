package registration_test

import (
	"context"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

// behind changes rows behind the library's back, past the triggers.
func (r *realm) behind(statements ...string) {
	r.Helper()
	err := r.db.Update(r.Context(), func(ctx context.Context, tx *store.Tx) error {
		if tx.Dialect().Name() == storetest.Postgres {
			statements = append([]string{"SET LOCAL session_replication_role = replica"}, statements...)
		} else {
			var triggers []string
			rows, err := tx.Query(ctx, "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'registration%'")
			if err != nil {
				return err
			}
			for rows.Next() {
				var name string
				if err := rows.Scan(&name); err != nil {
					return err
				}
				triggers = append(triggers, "DROP TRIGGER "+name)
			}
			if err := rows.Err(); err != nil {
				return err
			}
			statements = append(triggers, statements...)
		}
		for _, statement := range statements {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
}

// storied opens a realm in which everything has happened once.
func storied(t *testing.T, db *store.DB) *realm {
	r := open(t, db, nil)
	ctx := t.Context()
	r.must(r.registry.Enrol(ctx, r.order(), by(1, 1, 202601), by(2, 2, 202601), by(3, 1, 202601), registration.Change{Member: 4,
		Scheme: registration.ResidentPension, From: 202512}))
	r.must(r.registry.Suspend(ctx, r.order(), by(1, 1, 202603), by(2, 2, 202602)))
	r.must(r.registry.Terminate(ctx, r.order(), by(3, 1, 202602)))
	r.must(r.registry.CorrectEnrolments(ctx, r.order(), registration.Change{Member: 2, Scheme: registration.EnterprisePension, Employer: 2,
		From: 202601, To: 202601, Status: registration.Void}))
	r.must(r.registry.ChangeEmployers(ctx, r.order(), registration.EmployerChange{Employer: 2, EmployerSpec: registration.EmployerSpec{Name: "另名"}}))
	r.must(r.registry.CorrectMembers(ctx, r.order(), registration.MemberCorrection{Member: 2, MemberSpec: registration.MemberSpec{Name: "另名"}},
		registration.MemberCorrection{Member: 3, MergedInto: 5}))
	r.must(r.registry.RecordDeaths(ctx, r.order(), registration.DeathSpec{Member: 5, Day: 20260110}, registration.DeathSpec{Member: 4, Day: 20260111}))
	r.must(r.registry.WithdrawFacts(ctx, r.order(), registration.Withdrawal{Member: 4, Kind: registration.FactDeath, From: 20260111, Reason: "error"}))
	r.must(r.registry.CancelEmployers(ctx, r.order(), 3))
	return r
}

func TestVerifyFindsNothingInASoundRealm(t *testing.T) {
	storetest.Each(t, registrationtest.Schemas(), func(t *testing.T, db *store.DB) {
		r := storied(t, db)
		report, err := r.registry.Verify(t.Context(), registrationtest.Realm)
		if err != nil || len(report.Findings) != 0 || report.Acts != 11 || report.Rows != 27 {
			t.Errorf("%+v %v", report, err)
		}
	})
}

// tampering is what may happen to the rows, and what Verify says of it.
var tampering = map[string]struct {
	statement string
	want      []string
}{
	"a month": {"UPDATE registration_spell SET from_month = 202512 WHERE member_no = 1 AND to_month = 202602",
		[]string{"registration_spell, spell of member 1: no act makes it", "from 2026-01 in enterprise_pension by employer 1 is missing"}},
	"a status": {"UPDATE registration_spell SET status = 'active' WHERE status = 'terminated'",
		[]string{"registration_spell, spell of member 3: is"}},
	"a day of hiring": {"UPDATE registration_spell SET hired_day = 20260101 WHERE member_no = 4",
		[]string{"registration_spell, spell of member 4: is"}},
	"a spell revived": {"UPDATE registration_spell SET superseded_seq = 0 WHERE member_no = 1",
		[]string{"registration_spell, spell of member 1: is"}},
	"a spell deleted": {"DELETE FROM registration_spell WHERE member_no = 4",
		[]string{"registration_spell, spell of member 4: from 2025-12 in resident_pension without an employer is missing"}},
	"a birth": {"UPDATE registration_member SET birth_day = 19500101 WHERE member_no = 1", []string{"registration_member, member 1: is"}},
	"a pseudonym": {"UPDATE registration_member SET pseudonym = '00000000000000000000000000000000' WHERE member_no = 4",
		[]string{"registration_identity, member 4: the identity number is not the one of the pseudonym", "registration_member, member 4: is"}},
	"a member deleted": {"DELETE FROM registration_member WHERE member_no = 5", []string{"registration_member, member 5: is missing"}},
	"a merger undone":  {"UPDATE registration_member SET merged_into = 0 WHERE member_no = 3", []string{"registration_member, member 3: is"}},
	"an identity number": {"UPDATE registration_identity SET number = '11010519491231002X' WHERE member_no = 4",
		[]string{"registration_identity, member 4: the identity number is not the one"}},
	"a name":              {"UPDATE registration_identity SET name = 'other' WHERE member_no = 4", []string{"registration_member, member 4: is"}},
	"an identity deleted": {"DELETE FROM registration_identity WHERE member_no = 4", []string{"registration_identity, member 4: is missing"}},
	"an employer's name": {"UPDATE registration_employer SET name = 'other' WHERE employer_no = 2 AND superseded_seq = 0",
		[]string{"registration_employer, employer 2: is"}},
	"an employer revived": {"UPDATE registration_employer SET cancelled_day = 0 WHERE employer_no = 3",
		[]string{"registration_employer, employer 3: is"}},
	"an employer deleted": {"DELETE FROM registration_employer WHERE employer_no = 1", []string{"registration_employer, employer 1: is missing"}},
	"a death": {"UPDATE registration_fact SET from_day = 20260111 WHERE member_no = 5",
		[]string{"registration_fact, death of member 5: no act makes it", "registration_fact, death of member 5: is missing"}},
	"the dead insured":    {"UPDATE registration_spell SET status = 'active' WHERE event = 'death'", []string{"registration_spell, spell of member 4: is"}},
	"a withdrawal undone": {"UPDATE registration_fact SET superseded_seq = 0", []string{"registration_fact, death of member 4: is"}},
	"a number of rows": {"UPDATE registration_act SET rows_count = 9 WHERE kind = 'registration.enrolment.enrol'",
		[]string{"registration_act, registration.enrolment.enrol: 9 rows, the sheet has 4"}},
	"a first number": {"UPDATE registration_act SET first_no = 9 WHERE kind = 'registration.member.register'",
		[]string{"the first number given is 9, 1 follows"}},
	"a kind": {"UPDATE registration_act SET kind = 'registration.x' WHERE kind = 'registration.enrolment.enrol'",
		[]string{`registration_act, registration.enrolment.enrol: kind is "registration.x"`}},
	"an act deleted": {"DELETE FROM registration_act WHERE kind = 'registration.fact.death'",
		[]string{"registration_act, registration.fact.death: is missing"}},
	"an act invented": {"INSERT INTO registration_act (realm_id, seq, kind, rows_count, first_no, admit, flagged) VALUES (1, 1, 'registration.x', 1, 0, 0, 0)", []string{"registration_act, registration.x: has no entry"}},
	"a sheet":         {"UPDATE registration_sheet SET content = (SELECT content FROM registration_sheet WHERE seq = 4 AND part = 1) WHERE seq = 3 AND part = 1", []string{"registration_sheet, registration.member.register: SHA-256 is"}},
	"a sheet deleted": {"DELETE FROM registration_sheet WHERE seq = 4", []string{"registration_sheet, registration.enrolment.enrol: SHA-256 is"}},
	"a counter": {"UPDATE registration_realm SET members = 6",
		[]string{"registration_realm, counters: 3 employers and 6 members, registered are 3 and 5"}},
	"a member invented":    {"INSERT INTO registration_member SELECT realm_id, 6, seq, row_no, pseudonym, birth_day, sex, class, first_work_day, merged_into, flags, superseded_seq FROM registration_member WHERE member_no = 1", []string{"registration_member, member 6: no act makes it"}},
	"an enrolment of none": {"INSERT INTO registration_spell SELECT realm_id, member_no, 99, scheme, 3, from_month, to_month, status, event, began_seq, seq, row_no, hired_day, counterpart, reason, flags, superseded_seq FROM registration_spell WHERE member_no = 4 AND status = 'terminated'", []string{"registration_spell, spell of member 4: no act makes it"}},
}

func TestVerifyNamesEveryRowThatWasChangedBehindTheLibrarysBack(t *testing.T) {
	storetest.Each(t, registrationtest.Schemas(), func(t *testing.T, db *store.DB) {
		r := storied(t, db)
		var keep, restore []string
		for _, table := range registrationTables {
			keep = append(keep, "CREATE TABLE kept_"+table+" AS SELECT * FROM "+table)
			restore = append(restore, "DELETE FROM "+table, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
		}
		r.behind(keep...)
		for name, c := range tampering {
			t.Run(name, func(t *testing.T) {
				r.behind(c.statement)
				defer r.behind(restore...)
				report, err := r.registry.Verify(t.Context(), registrationtest.Realm)
				if err != nil {
					t.Fatal(err)
				}
				var all strings.Builder
				for _, finding := range report.Findings {
					all.WriteString(finding.String() + "\n")
				}
				for _, want := range c.want {
					if !strings.Contains(all.String(), want) {
						t.Errorf("not found: %s\nbut:\n%s", want, all.String())
					}
				}
			})
		}
		r.sound() // everything was put back, so each was found alone
	})
}
