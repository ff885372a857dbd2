package ledger_test

import (
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
)

func each(t *testing.T, fn func(t *testing.T, f *ledgertest.Fixture)) {
	t.Helper()
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) { fn(t, ledgertest.New(t, db)) })
}

// together runs fn n times at once and waits for all.
func together(n int, fn func(i int)) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	group.Wait()
}

func TestOneKeyPostedByManyAtOnceMakesOneEntry(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		before, err := f.Ledger.Book(t.Context(), f.Book)
		must(t, err)
		receipts := make([]ledger.Receipt, 64)
		together(len(receipts), func(i int) {
			var err error
			if receipts[i], err = f.Ledger.Post(t.Context(), f.Book, ledgertest.Transfer("one key", 20260105, "1002", "4001", 100)); err != nil {
				t.Error(err)
			}
		})
		fresh := 0
		for _, r := range receipts {
			if !r.Replayed {
				fresh++
			}
			r.Replayed = true
			if want := receipts[0]; r.Seq != want.Seq || r.Leaf != want.Leaf || r.Voucher != want.Voucher || !r.Recorded.Equal(want.Recorded) {
				t.Errorf("receipts %+v and %+v of one key", r, want)
			}
		}
		after, err := f.Ledger.Book(t.Context(), f.Book)
		must(t, err)
		if fresh != 1 || after.Seq != before.Seq+1 || after.Lines != before.Lines+2 {
			t.Errorf("%d fresh receipts, from entry %d to %d", fresh, before.Seq, after.Seq)
		}
		f.Verify(t, f.Book)
	})
}

func TestOneKeyForDifferentDraftsAtOnceIsGivenToOne(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		var mutex sync.Mutex
		var won []money.Amount
		together(64, func(i int) {
			amount := money.Amount(i + 1)
			_, err := f.Ledger.Post(t.Context(), f.Book, ledgertest.Transfer("one key", 20260105, "1002", "4001", amount))
			mutex.Lock()
			defer mutex.Unlock()
			if e, ok := errors.AsType[*ledger.Error](err); ok && e.Code == ledger.ErrKeyReused && e.Field == "lines" {
				return
			}
			if err != nil {
				t.Error(err)
			}
			won = append(won, amount)
		})
		if len(won) != 1 || f.Balance(t, "1002") != won[0] {
			t.Errorf("accepted were %v, and the balance is %v", won, f.Balance(t, "1002"))
		}
	})
}

// draftChanges lists, by field of ledger.Draft, ways to make another draft of one, each with the name of the field that the refusal must give.
var draftChanges = map[string]map[string]func(*ledger.Draft){
	"Key":         nil, // another key is another draft
	"Kind":        {"kind": func(d *ledger.Draft) { d.Kind = "contribution" }},
	"Effective":   {"effective date": func(d *ledger.Draft) { d.Effective = 20260106 }},
	"Period":      {"period": func(d *ledger.Draft) { d.Period = 202602 }},
	"Voucher":     {"voucher": func(d *ledger.Draft) { d.Voucher = "receipt" }},
	"Description": {"description": func(d *ledger.Draft) { d.Description += " " }},
	"EnteredBy":   {"entered by": func(d *ledger.Draft) { d.EnteredBy = "another" }},
	"ApprovedBy":  {"approved by": func(d *ledger.Draft) { d.ApprovedBy = "" }},
	"Source": {
		"source":      func(d *ledger.Draft) { d.Source.Kind = "order" },
		"source id":   func(d *ledger.Draft) { d.Source.ID = "18" },
		"source hash": func(d *ledger.Draft) { d.Source.Hash = nil },
	},
	"Attachments": {
		"attachments":      func(d *ledger.Draft) { d.Attachments = nil },
		"attachments name": func(d *ledger.Draft) { d.Attachments = []ledger.Attachment{{Name: "other"}} },
		"attachments hash": func(d *ledger.Draft) { d.Attachments = []ledger.Attachment{{Name: "advice", Hash: make([]byte, 32)}} },
	},
	"Transfer": {"transfer": func(d *ledger.Draft) { d.Transfer = "t2" }},
	"Metadata": {
		"metadata":       func(d *ledger.Draft) { d.Metadata = map[string]string{"run": "8"} },
		"metadata key":   func(d *ledger.Draft) { d.Metadata = map[string]string{"Run": "7"} },
		"metadata empty": func(d *ledger.Draft) { d.Metadata = nil },
	},
	"Act": {"act": func(d *ledger.Draft) {
		d.Act, d.Lines, d.Voucher, d.Kind, d.Period = []byte("x"), nil, "general", "entry", 202601
	}},
	"Lines": {
		"lines":         func(d *ledger.Draft) { d.Lines[0].Amount, d.Lines[1].Amount = 101, 101 },
		"lines side":    func(d *ledger.Draft) { d.Lines[0].Side, d.Lines[1].Side = ledger.Credit, ledger.Debit },
		"lines account": func(d *ledger.Draft) { d.Lines[0].Code = "1003" },
		"lines unknown": func(d *ledger.Draft) { d.Lines[0].Code = "no such account" },
		"lines month":   func(d *ledger.Draft) { d.Lines[0].Month = 202512 },
		"lines tag":     func(d *ledger.Draft) { d.Lines[0].Tag = "other" },
		"lines order":   func(d *ledger.Draft) { slices.Reverse(d.Lines) },
		"lines more": func(d *ledger.Draft) {
			d.Lines = append(d.Lines, ledger.DebitLine("1002", 5), ledger.CreditLine("4001", 5))
		},
		"lines fewer": func(d *ledger.Draft) { d.Lines = d.Lines[:1] },
	},
}

func fullDraft() ledger.Draft {
	d := ledgertest.Transfer("full", 20260105, "1002", "4001", 100)
	d.Description, d.Transfer, d.Metadata = "contribution", "t1", map[string]string{"run": "7"}
	d.Source = ledger.Source{Kind: "bank", ID: "17", Hash: make([]byte, 32)}
	d.Attachments = []ledger.Attachment{{Name: "advice"}}
	d.Lines[0].Tag, d.Lines[0].Month = "bank", 202601
	return d
}

func TestAnotherDraftWithAUsedKeyIsRefusedNamingTheField(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		f.Post(t, fullDraft())
		before := allRows(t, f.DB, f.Book.Realm)
		for _, field := range reflect.VisibleFields(reflect.TypeFor[ledger.Draft]()) {
			changes, ok := draftChanges[field.Name]
			if !ok {
				t.Errorf("ledger.Draft.%s: say in draftChanges how drafts differ in it", field.Name)
			}
			for name, change := range changes {
				d := fullDraft()
				change(&d)
				_, err := f.Ledger.Post(t.Context(), f.Book, d)
				e, ok := errors.AsType[*ledger.Error](err)
				if !ok || e.Code != ledger.ErrKeyReused || e.Key != "full" || e.Draft != -1 || len(name) < len(e.Field) || name[:len(e.Field)] != e.Field {
					t.Errorf("another %s: %v", name, err)
				}
			}
		}
		if diff := cmp.Diff(before, allRows(t, f.DB, f.Book.Realm)); diff != "" {
			t.Errorf("refusals left something behind:\n%s", diff)
		}
	})
}

func TestAnEqualDraftIsAnsweredWhateverHappenedSince(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		ctx := t.Context()
		first := f.Post(t, fullDraft())
		reversed, err := f.Ledger.Reverse(ctx, f.Book, first.Seq, ledgertest.Reversal("reversal", 20260106))
		must(t, err)
		must(t, f.Ledger.NameAccount(ctx, f.Book, ledgertest.Act("name", 20260131), f.Account(t, "1002").No, "Another name"))
		must(t, f.Ledger.CloseAccount(ctx, f.Book, ledgertest.Act("close", 20260131), f.Account(t, "1002").No))
		closed, err := f.Ledger.ClosePeriod(ctx, f.Book, ledgertest.Act("period", 20260131), 202601)
		must(t, err)
		before := allRows(t, f.DB, f.Book.Realm)
		byNumber := fullDraft() // the same draft in other words: what was left open is given, what was given as code is a number
		byNumber.Kind, byNumber.Period, byNumber.Voucher = ledger.KindEntry, 202601, ledger.VoucherGeneral
		for i, line := range byNumber.Lines {
			byNumber.Lines[i].Account, byNumber.Lines[i].Code = f.Account(t, line.Code).No, ""
		}
		for _, d := range []ledger.Draft{fullDraft(), byNumber} {
			again, err := f.Ledger.Post(ctx, f.Book, d)
			sameReceipt(t, first, again, err)
		}
		again, err := f.Ledger.Reverse(ctx, f.Book, first.Seq, ledgertest.Reversal("reversal", 20260106))
		sameReceipt(t, reversed, again, err)
		again, err = f.Ledger.ClosePeriod(ctx, f.Book, ledgertest.Act("period", 20260131), 202601)
		sameReceipt(t, closed, again, err)
		numbers, err := f.Ledger.OpenAccounts(ctx, f.Book, ledgertest.Act("chart", ledgertest.Opened), ledgertest.Chart())
		if err != nil || len(numbers) != 15 || numbers[0] != 1 || numbers[14] != 15 {
			t.Errorf("the chart again: %v %v", numbers, err)
		}
		must(t, f.Ledger.NameAccount(ctx, f.Book, ledgertest.Act("name", 20260131), f.Account(t, "1002").No, "Another name"))
		must(t, f.Ledger.CloseAccount(ctx, f.Book, ledgertest.Act("close", 20260131), f.Account(t, "1002").No))
		must(t, f.Ledger.OpenBook(ctx, ledgertest.BookSpec(f.Book)))
		must(t, f.Ledger.OpenRealm(ctx, ledgertest.RealmSpec(f.Book.Realm)))
		if diff := cmp.Diff(before, allRows(t, f.DB, f.Book.Realm)); diff != "" {
			t.Errorf("asking again changed something:\n%s", diff)
		}
	})
}

func sameReceipt(t *testing.T, want, got ledger.Receipt, err error) {
	t.Helper()
	must(t, err)
	want.Replayed = true
	if !reflect.DeepEqual(want, got) {
		t.Errorf("receipt %+v, want %+v", got, want)
	}
}

func TestAnotherReversalWithAUsedKeyIsRefusedNamingTheEntry(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		first := f.Post(t, ledgertest.Transfer("first", 20260105, "1002", "4001", 100))
		second := f.Post(t, ledgertest.Transfer("second", 20260105, "1002", "4001", 100))
		_, err := f.Ledger.Reverse(t.Context(), f.Book, first.Seq, ledgertest.Reversal("reversal", 20260106))
		must(t, err)
		_, err = f.Ledger.Reverse(t.Context(), f.Book, second.Seq, ledgertest.Reversal("reversal", 20260106))
		if e, ok := errors.AsType[*ledger.Error](err); !ok || e.Code != ledger.ErrKeyReused || e.Field != "reversed entry" {
			t.Error(err)
		}
		if _, err = f.Ledger.Post(t.Context(), f.Book, ledgertest.Transfer("reversal", 20260106, "1002", "4001", -100)); !errors.Is(err, ledger.ErrKeyReused) {
			t.Error(err)
		}
	})
}

func TestAnotherActWithAUsedKeyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		ctx := t.Context()
		chart := ledgertest.Act("chart", ledgertest.Opened)
		_, errList := f.Ledger.OpenAccounts(ctx, f.Book, chart, ledgertest.Chart()[:14])
		errName := f.Ledger.NameAccount(ctx, f.Book, chart, 1, "x")
		_, errPeriod := f.Ledger.ClosePeriod(ctx, f.Book, chart, 202601)
		for i, err := range []error{errList, errName, errPeriod} {
			if e, ok := errors.AsType[*ledger.Error](err); !ok || e.Code != ledger.ErrKeyReused || e.Field != []string{"act", "kind", "kind"}[i] || e.Draft != -1 {
				t.Error(err)
			}
		}
	})
}
