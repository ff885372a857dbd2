package sources_test

import (
	"iter"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/sources"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

// post makes, approves and posts the run of a month, the bank rejecting some of it, and returns the number of the run.
func (d *payingDesk) post(key string, month calendar.Month, rejected ...int64) int64 {
	d.t.Helper()
	ctx, day := d.t.Context(), month.First().AddDays(9)
	run, err := d.PaymentRun(ctx, by("run "+key, day, "payer"), month)
	must(d.t, err)
	d.did(d.ApproveRun(ctx, by("pass "+key, day, "chief"), run.First))
	var refusals []benefits.Refusal
	for _, no := range rejected {
		refusals = append(refusals, benefits.Refusal{Payment: no, Reason: "AC04"})
	}
	d.did(d.PostRun(ctx, by("post "+key, day.AddDays(1), "cashier", "chief"), run.First, refusals...))
	return run.First
}

// collected reads a stream to its end.
func collected[T any](t *testing.T, stream iter.Seq2[T, error]) (list []T) {
	t.Helper()
	for record, err := range stream {
		must(t, err)
		list = append(list, record)
	}
	return list
}

func TestWhatCameBackIsJudgedFromRefusalToIssuingAgain(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema(), registration.Schema(), benefits.Schema()}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d := openPaying(t, db)
		d.award()
		d.post("1", 202603, 1) // payments 1 and 2: the bank refuses the first on 11 March
		d.did(d.Return(ctx, by("return", 20260320, "cashier", "chief"), benefits.Refusal{Payment: 2, Reason: "AC01"}))
		findings(t, runAsOf(t, d.sources(), 20260410, "B14", "P04", "B01"))
		findings(t, runAsOf(t, d.sources(), 20260411, "B14"), "B14 member 1, pension for 2026-03")
		d.did(d.Reissue(ctx, by("reissue", 20260401, "payer", "chief"), 1, 2))
		// April pays two pensions, and 1 and 2 again as 3 and 5; the bank refuses 3 once more.
		d.post("2", 202604, 3)
		late := "B14 member 1, pension for 2026-03: 4,286.67 CNY (payment 1) came back on 2026-03-11; it was issued again on 2026-04-11 only, after 31 days (limit 30)"
		findings(t, runAsOf(t, d.sources(), 20260511, "B14", "P04"), late)
		findings(t, runAsOf(t, d.sources(), 20260512, "B14"), late, "B14 member 1, reissue for 2026-03: ")
	})
}

func TestPaymentsSayWhatTheyReplaceKeptBackAndThatTheBankRefusedThem(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema(), registration.Schema(), benefits.Schema()}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d := openPaying(t, db)
		d.award()
		d.post("1", 202603, 1)
		d.did(d.Reissue(ctx, by("reissue", 20260401, "payer", "chief"), 1))
		ordered, err := d.PaymentRun(ctx, by("ordered", 20260402, "payer"), 202604)
		must(t, err)
		given := sources.Benefits{Office: d.Office}
		if list := collected(t, given.Payments(ctx)); len(list) != 2 { // an order that the bank does not have yet is none
			t.Fatalf("%+v", list)
		}
		d.did(d.CancelRun(ctx, by("cancel", 20260402, "payer", "chief"), ordered.First))
		d.post("2", 202604)
		d.did(d.Stop(ctx, by("stop", 20260420, "payer", "chief"), benefits.StopSpec{Member: 2, Last: 202603, Reason: "emigrated"}))
		list := collected(t, given.Payments(ctx))
		at := func(id string) audit.BenefitPayment {
			i := slices.IndexFunc(list, func(p audit.BenefitPayment) bool { return p.ID == id })
			if i < 0 {
				t.Fatalf("no %s in %+v", id, list)
			}
			return list[i]
		}
		refused, again := at("payment 1"), at("payment 6")
		if !refused.Rejected || !refused.Returned || refused.Day != 20260311 || refused.ReturnedDay != 20260311 || refused.FromAccount != 0 || refused.Seq == 0 {
			t.Errorf("%+v", refused)
		}
		if again.Replaces != "payment 1" || again.Rejected || again.Month != 202603 || again.Amount != refused.Amount || again.FromAccount == 0 {
			t.Errorf("%+v", again)
		}
		if len(list) != 5 {
			t.Errorf("%d payments", len(list))
		}
		awards := collected(t, given.Awards(ctx))
		if len(awards) != 2 || !awards[0].Last.IsZero() || awards[1].Last != 202603 || len(awards[1].Determination) == 0 {
			t.Errorf("%+v", awards)
		}
		cases := collected(t, given.Recoveries(ctx))
		if len(cases) != 1 || len(cases[0].Payments) != 1 || at(cases[0].Payments[0]).Person != "2" || len(cases[0].Repaid) != 0 {
			t.Errorf("%+v", cases)
		}
	})
}
