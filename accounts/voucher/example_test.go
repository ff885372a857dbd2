package voucher_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/accounts/voucher/printing"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
)

// A month's bank interest: the events become drafts, the drafts vouchers, and the vouchers go from hand to hand as one batch. Every step has a key of its own, and
// the same key on the next day's run finds what was done: a run that was killed anywhere is simply given again.
func ExampleOffice() {
	ctx := context.Background()
	f, office, done := exampleFund(ctx)
	defer done()

	interest := func(account accounts.Role, name string, amount money.Amount) fund.Event {
		advice := hash("利息清单 " + name)
		return fund.Event{Event: "E8a", Key: "interest 2026-03 " + name, Effective: 20260321, Source: ledger.Source{Kind: "bank advice", ID: "2026-03-21 " + name, Hash: advice},
			Attachments: []ledger.Attachment{{Name: "利息清单", Hash: advice}},
			Parts:       []accounts.Part{part(account, amount), part(accounts.RoleDepositInterest, amount)}}
	}
	run := func() ([]voucher.Voucher, error) {
		var drafts []ledger.Draft
		for _, e := range []fund.Event{interest(accounts.RoleIncomeAccount, "收入户", 312_50), interest(accounts.RoleFiscalAccount, "财政专户", 8_043_17)} {
			draft, err := f.Prepare(e)
			if err != nil {
				return nil, err
			}
			drafts = append(drafts, draft)
		}
		by := func(person, step string) voucher.Hand {
			return voucher.Hand{Book: f.Book(), By: person, Key: step, On: 20260325}
		}
		vouchers, err := office.PrepareMany(ctx, by("林", ""), drafts)
		if err != nil {
			return nil, err
		}
		if vouchers, err = office.ReviewMany(ctx, by("何", "review"), voucher.Saw(vouchers)); err != nil {
			return nil, err
		}
		for _, signature := range []struct {
			person string
			duty   voucher.Duty
		}{{"楚", voucher.Cashier}, {"朱", voucher.Head}} {
			if vouchers, err = office.Sign(ctx, by(signature.person, string(signature.duty)), signature.duty, voucher.Saw(vouchers)...); err != nil {
				return nil, err
			}
		}
		return office.PostMany(ctx, by("季", "post"), voucher.Saw(vouchers))
	}
	for range 2 {
		vouchers, err := run()
		if err != nil {
			log.Fatal(err)
		}
		for _, v := range vouchers {
			fmt.Println(v.No, v.Kind, v.State, "voucher", v.Number.Number, "entry", v.Entry, "replayed", v.Replayed)
		}
	}
	march := printing.Month(ctx, f.Ledger(), f.Book(), 202603, office.Policy().MoneyAccounts)
	var list strings.Builder // printing.WriteHTML makes the sheets for binding of the same
	if err := printing.WriteCSV(&list, march, printing.Layout{}); err != nil {
		log.Fatal(err)
	}
	fmt.Print(strings.ReplaceAll(list.String(), "\r", ""))
	// Output:
	// 1 receipt posted voucher 1 entry 3 replayed false
	// 2 receipt posted voucher 2 entry 4 replayed false
	// 1 receipt posted voucher 1 entry 3 replayed true
	// 2 receipt posted voucher 2 entry 4 replayed true
	// 凭证字,凭证号,制单号,日期,会计期间,行号,摘要,科目编码,总账科目,明细科目,借方金额,贷方金额,币种,附单据数,制单,稽核,出纳,会计主管,记账,状态,分录
	// 记,1,,2026-03-21,2026-03,1,收到存款利息,1002,收入户存款,,312.50,,CNY,1,林,何,楚,朱,季,已记账,3
	// 记,1,,2026-03-21,2026-03,2,收到存款利息,4201.01,利息收入,存款利息,,312.50,CNY,1,林,何,楚,朱,季,已记账,3
	// 记,2,,2026-03-21,2026-03,1,收到存款利息,1003,财政专户存款,,8043.17,,CNY,1,林,何,楚,朱,季,已记账,4
	// 记,2,,2026-03-21,2026-03,2,收到存款利息,4201.01,利息收入,存款利息,,8043.17,CNY,1,林,何,楚,朱,季,已记账,4
}

// exampleFund opens a pension fund and its accounting office in a file that done removes.
func exampleFund(ctx context.Context) (f *fund.Fund, office *voucher.Office, done func()) {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	folder, err := os.MkdirTemp("", "voucher-example-")
	check(err)
	db, err := ncruces.Open(ctx, filepath.Join(folder, "fund.sqlite"))
	check(err)
	check(db.Migrate(ctx, ledger.Schema(), voucher.Schema()))
	led, err := ledger.New(db, ledger.Config{})
	check(err)
	check(led.OpenRealm(ctx, ledger.RealmSpec{ID: 1, Code: "area", Name: "统筹区", Opened: opened, EnteredBy: "setup"}))
	chart, err := accounts.Standard()
	check(err)
	bookChart, err := chart.For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, HasUpperLevel: true}, opened)
	check(err)
	check(db.Update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		f, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: book, Code: "EP", Name: "企业职工基本养老保险基金", Chart: bookChart, First: 202601, EnteredBy: "setup", Approved: "zhu"})
		return err
	}))
	office, err = voucher.New(db, led, voucher.Config{})
	check(err)
	return f, office, func() {
		check(db.Close())
		check(os.RemoveAll(folder))
	}
}
