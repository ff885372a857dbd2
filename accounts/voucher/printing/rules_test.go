package printing_test

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/accounts/voucher/printing"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"pgregory.net/rapid"
)

var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</style><script>x</script>`, `{{.Fund}}`, `&lt;b&gt;`, `' onmouseover='x`, `</section></body>`, `<!--`,
	"=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "令\u202e额金\u202c", "a\u0000b\u0007", "\ufeffx", "\u2066x\u2069", "a\r\nb", "bad\xff",
}

var markup = regexp.MustCompile(`</?[a-zA-Z!][^>]*>`)

// Every text of a voucher is hostile at once; the tags of the file stay exactly those of the same voucher with a harmless text.
func TestHostileTextIsShownAsText(t *testing.T) {
	for _, figures := range []printing.Figures{printing.Grid, printing.Plain} {
		page := func(text string) string {
			s := sheet(voucher.Receipt, 0, text, line(ledger.Debit, 5, "1 "+text), line(ledger.Credit, 5, "2 "+text, "3 "+text))
			s.Fund, s.Preparer, s.Reviewer, s.Cashier, s.Head, s.Bookkeeper, s.Source = text, text, text, text, text, text, ledger.Source{Kind: text, ID: text}
			s.Number.Type = text
			s.Memorandum = []printing.Line{line(ledger.Debit, 1, "4 "+text)}
			return html(t, printing.Layout{Figures: figures, Unit: text, Series: map[string]printing.Series{text: {Word: text, Title: text}}}, s)
		}
		for _, text := range hostile {
			got := page(text)
			if strings.Join(markup.FindAllString(got, -1), "\n") != strings.Join(markup.FindAllString(page(harmless(text)), -1), "\n") {
				t.Errorf("%q changes the markup", text)
			}
			if strings.ContainsAny(got, "\u202e\u202c\u2066\u2069\u0000\u0007\r\t") || strings.Contains(got, "ZgotmplZ") || strings.ToValidUTF8(got, "") != got {
				t.Errorf("%q leaves something that cannot be seen", text)
			}
		}
	}
}

// harmless is a text that is printed as wide.
func harmless(text string) string {
	out := ""
	for _, r := range text {
		if r >= 0x1100 || r < ' ' {
			out += "中"
		} else {
			out += "x"
		}
	}
	return out
}

func TestNoTextOfACSVFileIsAFormula(t *testing.T) {
	for _, bad := range hostile {
		s := sheet(voucher.Receipt, 0, bad, line(ledger.Debit, -5, "=1 "+bad), line(ledger.Credit, -5, "2 "+bad, "@3 "+bad))
		s.Preparer, s.Reviewer, s.Cashier, s.Head, s.Bookkeeper, s.Number.Type = bad, bad, bad, bad, bad, bad
		reader := csv.NewReader(strings.NewReader(text(t, printing.Layout{}, s)))
		rows, err := reader.ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%q: %d rows, %v", bad, len(rows), err)
		}
		for _, row := range rows[1:] {
			for i, field := range row {
				number := rows[0][i] == "借方金额" || rows[0][i] == "贷方金额"
				if number && field != "" && field != "-0.05" || !number && field != "" && strings.ContainsRune("=+-@\t\r＝", []rune(field)[0]) {
					t.Errorf("%q: %s is %q", bad, rows[0][i], field)
				}
			}
		}
	}
}

func TestACSVFileCanBeginWithAMark(t *testing.T) {
	s := sheet(voucher.Transfer, 1, "x", line(ledger.Debit, 5, "1 x"), line(ledger.Credit, 5, "2 x"))
	plain, marked := text(t, printing.Layout{}, s), text(t, printing.Layout{ByteOrderMark: true}, s)
	if marked != "\ufeff"+plain {
		t.Errorf("%q", marked[:10])
	}
}

var (
	cellPattern  = regexp.MustCompile(`<td class="cell([^"]*)">([^<]*)</td>`)
	totalPattern = regexp.MustCompile(`(?s)<tr class="total">.*?</tr>`)
)

// figuresOf reads the amounts of a row of a grid back.
func figuresOf(row string) (debit, credit string, red bool) {
	cells := cellPattern.FindAllStringSubmatch(row, -1)
	for i, c := range cells {
		side := &debit
		if i >= len(cells)/2 {
			side = &credit
		}
		*side += c[2]
		red = red || strings.Contains(c[1], "red")
	}
	return debit, credit, red
}

func TestTheGridSaysTheSameAsTheAmount(t *testing.T) {
	cny := money.MustCurrency("CNY")
	rapid.Check(t, func(rt *rapid.T) {
		amount := money.Amount(rapid.OneOf(rapid.Int64Range(-1_000_000, 1_000_000), rapid.Int64Range(int64(money.MinAmount), int64(money.MaxAmount))).
			Filter(func(n int64) bool { return n != 0 }).Draw(rt, "amount"))
		s := sheet(voucher.Transfer, 1, "x", line(ledger.Debit, amount, "1 x"), line(ledger.Credit, amount, "2 x"))
		page := html(t, printing.Layout{}, s)
		total := totalPattern.FindString(page)
		debit, credit, red := figuresOf(total)
		want := strings.NewReplacer(".", "", "-", "−").Replace(cny.Text(amount))
		if amount > 0 {
			want = "¥" + want
		}
		if debit != want || credit != want || red != (amount < 0) {
			rt.Errorf("%s is printed as %q and %q, red %v", cny.Text(amount), debit, credit, red)
		}
		capitals, err := voucher.Capitals(amount)
		switch {
		case amount > 0 && (err != nil || !strings.Contains(total, "人民币"+capitals+"<")):
			rt.Errorf("%s lacks its capitals", cny.Text(amount))
		case amount < 0 && (strings.Contains(page, "人民币") || !strings.Contains(total, "红字")):
			rt.Errorf("%s has capitals, or is not called red", cny.Text(amount))
		}
		plain := totalPattern.FindString(html(t, printing.Layout{Figures: printing.Plain}, s))
		sign := "¥"
		if amount < 0 {
			sign = "−"
		}
		if n := strings.Count(plain, ">"+sign+strings.TrimPrefix(cny.Format(amount), "-")+"<"); n != 2 {
			rt.Errorf("%s stands %d times in %s", cny.Format(amount), n, plain)
		}
	})
}

func TestAVoucherWithManyLinesGoesOnOnFurtherSheets(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rows, n := rapid.IntRange(1, 9).Draw(rt, "rows"), rapid.IntRange(2, 40).Draw(rt, "lines")
		var lines []printing.Line
		for i := range n - 1 {
			lines = append(lines, line(ledger.Debit, money.Amount(i+1), "1 x"))
		}
		lines = append(lines, line(ledger.Credit, money.Amount(n*(n-1)/2), "2 x"))
		page := html(t, printing.Layout{Rows: rows}, sheet(voucher.Transfer, 5, "x", lines...))
		sheets := (n + rows - 1) / rows
		if got := strings.Count(page, "<section"); got != sheets {
			rt.Errorf("%d lines at %d rows take %d sheets, want %d", n, rows, got, sheets)
		}
		if got := strings.Count(page, "√"); got != n {
			rt.Errorf("%d lines are marked of %d", got, n)
		}
		if got := strings.Count(page, "人民币"); got != 1 {
			rt.Errorf("the total stands %d times in capitals", got)
		}
		if struck := strings.Count(page, "<svg"); (n%rows == 0) != (struck == 0) || struck > 1 {
			rt.Errorf("%d lines through empty rows", struck)
		}
		if last := strings.Contains(page, "记字第 5 号"); last != (sheets == 1) {
			rt.Errorf("number of a voucher on %d sheets", sheets)
		}
	})
}

func TestTitleAndNumberFollowSeriesAndKind(t *testing.T) {
	for _, x := range []struct {
		series      string
		kind        voucher.Kind
		title, word string
	}{
		{"general", voucher.Payment, "记账凭证", "记字第 9 号"}, {"receipt", voucher.Receipt, "收款凭证", "收字第 9 号"}, {"payment", voucher.Payment, "付款凭证", "付字第 9 号"},
		{"transfer", voucher.Transfer, "转账凭证", "转字第 9 号"}, {"银收", voucher.Receipt, "收款凭证", "银收字第 9 号"}, {"x", voucher.Transfer, "补提凭证", "补字第 9 号"},
	} {
		s := sheet(x.kind, 9, "x", line(ledger.Debit, 5, "1 x"), line(ledger.Credit, 5, "2 x"))
		s.Number.Type = x.series
		page := html(t, printing.Layout{Series: map[string]printing.Series{"x": {Word: "补", Title: "补提凭证"}}}, s)
		if !strings.Contains(page, "<h1>"+x.title+"</h1>") || !strings.Contains(page, x.word) {
			t.Errorf("series %s, kind %s: no %s, %s", x.series, x.kind, x.title, x.word)
		}
		if got := strings.Contains(page, "出纳"); got != x.kind.MovesMoney() {
			t.Errorf("kind %s: place for the cashier's signature %v", x.kind, got)
		}
	}
}

func TestOtherCurrenciesHavePlainFiguresAndNoCapitals(t *testing.T) {
	s := sheet(voucher.Transfer, 1, "x", line(ledger.Debit, 1234, "1 x"), line(ledger.Credit, 1234, "2 x"))
	s.Currency = money.MustCurrency("KWD")
	if page := html(t, printing.Layout{}, s); !strings.Contains(page, ">1.234<") || strings.Contains(page, "人民币") || strings.Contains(page, "¥") {
		t.Error(page)
	}
}

func TestWhatCannotBePrintedIsRefused(t *testing.T) {
	for field, layout := range map[string]printing.Layout{"language": {Language: "fr"}, "figures": {Figures: "roman"}, "rows": {Rows: 10}} {
		var e *printing.LayoutError
		if err := printing.WriteHTML(io.Discard, all(), layout); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
		if err := printing.WriteCSV(io.Discard, all(), layout); !errors.As(err, &e) {
			t.Errorf("%s: %v", field, err)
		}
	}
	over := sheet(voucher.Transfer, 1, "x", line(ledger.Debit, money.MaxAmount, "1 x"), line(ledger.Debit, 1, "2 x"))
	var overflow *money.OverflowError
	if err := printing.WriteHTML(io.Discard, all(over), printing.Layout{}); !errors.As(err, &overflow) {
		t.Error(err)
	}
	broken := errors.New("broken")
	failing := func(yield func(printing.Sheet, error) bool) { yield(printing.Sheet{}, broken) }
	if err := printing.WriteHTML(io.Discard, failing, printing.Layout{}); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := printing.WriteCSV(io.Discard, failing, printing.Layout{}); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := printing.WriteHTML(full{}, all(examples()...), printing.Layout{}); !errors.Is(err, io.ErrShortWrite) {
		t.Error(err)
	}
	if err := printing.WriteCSV(full{}, all(examples()...), printing.Layout{}); !errors.Is(err, io.ErrShortWrite) {
		t.Error(err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// The whole way on both engines: a fund's events, prepared, reviewed, one of them posted; what comes out is the same file.
func TestVouchersOfAFundArePrintedFromTheirBook(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema(), voucher.Schema()}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		office, f := fundWithOffice(t, db)
		hand := func(by string) voucher.Hand {
			return voucher.Hand{Book: f.Book(), By: by, Key: by, On: 20260115}
		}
		event := fund.Event{Event: "E1", Key: "premium", Effective: 20260110, Source: ledger.Source{Kind: "bank", ID: "1", Hash: make([]byte, 32)},
			Attachments: []ledger.Attachment{{Name: "advice", Hash: make([]byte, 32)}},
			Parts:       []accounts.Part{{Role: accounts.RoleIncomeAccount, Amount: 16800053}, {Role: accounts.RoleContributions, Amount: 16800053}}}
		control, err := f.RoleCode(accounts.RoleMembersRights)
		must(t, err)
		members, err := f.Ledger().OpenAccounts(ctx, f.Book(), ledger.Act{Key: "m", Effective: 20260101, EnteredBy: "setup"}, []ledger.AccountSpec{
			{Code: control + "/1", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: control},
			{Code: control + "/2", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: control}})
		must(t, err)
		event.Rights = []fund.Right{{Account: members[0], Amount: 100}, {Account: members[1], Amount: 200}}
		draft, err := f.Prepare(event)
		must(t, err)
		v, err := office.Prepare(ctx, hand("lin"), draft)
		must(t, err)
		v, err = office.Review(ctx, hand("he"), v.Seen())
		must(t, err)
		for _, sign := range []struct {
			by   string
			duty voucher.Duty
		}{{"chu", voucher.Cashier}, {"zhu", voucher.Head}} { // in this order: the entry's metadata hold it
			_, err = office.Sign(ctx, hand(sign.by), sign.duty, v.Seen())
			must(t, err)
		}
		v, err = office.Post(ctx, hand("ji"), v.Seen())
		must(t, err)
		event.Key, event.Rights = "second", nil
		draft, err = f.Prepare(event)
		must(t, err)
		open, err := office.Prepare(ctx, hand("lin"), draft)
		must(t, err)
		var out strings.Builder
		must(t, printing.WriteHTML(&out, printing.Vouchers(ctx, office, f.Book(), []int64{open.No, v.No}), printing.Layout{Unit: "某市社会保险基金管理中心"}))
		golden(t, "fund.html", out.String())
		if strings.Contains(out.String(), control+"/") {
			t.Error("a member's account is on paper")
		}
		out.Reset()
		english := printing.Layout{Language: printing.English, Account: printing.EnglishNames(f.Chart()), Person: strings.ToUpper}
		must(t, printing.WriteCSV(&out, printing.Entries(ctx, f.Ledger(), f.Book(), 1, 0, office.Policy().MoneyAccounts), english))
		golden(t, "fund.csv", out.String())
		for _, err := range printing.Vouchers(ctx, office, f.Book(), []int64{99}) {
			if !errors.Is(err, voucher.ErrUnknown) {
				t.Error(err)
			}
		}
		for _, err := range printing.Entries(ctx, f.Ledger(), ledger.BookID{Realm: 1, Number: 9}, 1, 0, nil) {
			if !errors.Is(err, ledger.ErrBookUnknown) {
				t.Error(err)
			}
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fundWithOffice(t *testing.T, db *store.DB) (*voucher.Office, *fund.Fund) {
	t.Helper()
	opened := calendar.MustDate(2026, 1, 1)
	led, err := ledger.New(db, ledger.Config{Seeds: ledger.DerivedSeeds([]byte("print")), Clock: func() time.Time { return time.Unix(1767225600, 0) }})
	must(t, err)
	must(t, led.OpenRealm(t.Context(), ledger.RealmSpec{ID: 1, Code: "area", Name: "统筹区", Opened: opened, EnteredBy: "setup"}))
	chart, err := accounts.Standard()
	must(t, err)
	bookChart, err := chart.For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, HasUpperLevel: true}, opened)
	must(t, err)
	var f *fund.Fund
	must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		f, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: ledger.BookID{Realm: 1, Number: 1}, Code: "EP", Name: "企业职工基本养老保险基金", Chart: bookChart, First: 202601,
			EnteredBy: "setup", Approved: "zhu"})
		return err
	}))
	office, err := voucher.New(db, led, voucher.Config{})
	must(t, err)
	return office, f
}
