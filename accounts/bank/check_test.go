package bank_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// statement makes a statement that foots.
func statement(id string, opening money.Amount, from, to calendar.Date, amounts ...money.Amount) *bank.Statement {
	s := &bank.Statement{Form: bank.StatementForm, ID: id, Account: "1234", Currency: cny, From: from, To: to, Source: bank.Source{File: id + ".xml", Line: 1},
		Opening: &bank.Balance{Code: "OPBD", Amount: opening, Currency: cny, Date: from}}
	closing := opening
	for i, a := range amounts {
		closing += a
		s.Lines = append(s.Lines, bank.Line{BookingDate: from, Amount: a, BankReference: id + "-" + string(rune('a'+i)), Source: bank.Source{File: id + ".xml", Line: 10 + i}})
	}
	s.Closing = &bank.Balance{Code: "CLBD", Amount: closing, Currency: cny, Date: to, Source: bank.Source{File: id + ".xml", Line: 2}}
	return s
}

func codes(found []*bank.Discrepancy) []string {
	out := []string{}
	for _, d := range found {
		out = append(out, string(d.Code))
	}
	return out
}

func TestAStatementFootsExactlyWhenItsSumsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(-1e15, 1e15)
		var amounts []money.Amount
		for _, a := range rapid.SliceOfN(amount, 0, 20).Draw(t, "lines") {
			amounts = append(amounts, money.Amount(a))
		}
		s := statement("S", money.Amount(amount.Draw(t, "opening")), 20260401, 20260430, amounts...)
		if d := s.Foot(); d != nil {
			t.Fatal(d)
		}
		off := money.Amount(amount.Draw(t, "off"))
		s.Closing.Amount += off
		d := s.Foot()
		if (d == nil) != (off == 0) {
			t.Fatalf("off by %d: %v", off, d)
		}
		if d != nil && (d.Difference != off || d.Opening+d.Sum+d.Difference != d.Closing || d.Code != bank.DoesNotFoot) {
			t.Fatalf("%+v", d)
		}
	})
}

func TestTheArithmeticOfAStatementThatDoesNotFootIsShown(t *testing.T) {
	s := statement("S", 21199319, 20201124, 20201124, 465602)
	s.Closing.Amount = 21511221
	want := `bank: S.xml:2: statement "S": opening balance and booked lines do not give the closing balance: 211,993.19 + 4,656.02 = 216,649.21, not 215,112.21; difference -1,537.00 [does_not_foot]`
	if got := s.Foot().Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(s.Lines) != 1 {
		t.Error("the statement was changed")
	}
}

func TestSumsOutOfRangeAreSaidAndNotWrapped(t *testing.T) {
	s := statement("S", 0, 20260401, 20260430)
	s.Lines = []bank.Line{{Amount: money.MaxAmount}, {Amount: 1}}
	s.Closing.Amount = money.MinAmount
	s.Stated = []bank.ControlTotal{{Kind: bank.CreditSum, Value: 5}}
	if got := codes(s.Check()); len(got) != 1 || got[0] != string(bank.OutOfRange) {
		t.Error(got)
	}
}

func TestControlTotalsAreCompared(t *testing.T) {
	s := statement("S", 0, 20260401, 20260430, 100, 200, -50)
	right := []bank.ControlTotal{{Kind: bank.TotalCount, Value: 3}, {Kind: bank.CreditCount, Value: 2}, {Kind: bank.DebitCount, Value: 1}, {Kind: bank.CreditSum, Value: 300}, {Kind: bank.DebitSum, Value: 50}}
	s.Stated = right
	if found := s.Check(); len(found) > 0 {
		t.Error(found)
	}
	for i := range right {
		s.Stated = append([]bank.ControlTotal(nil), right...)
		s.Stated[i].Value++
		found := s.Check()
		if len(found) != 1 || found[0].Difference != 1 {
			t.Errorf("%s: %v", right[i].Kind, found)
		}
	}
	pending := bank.StatusTally{Status: "PDNG"}
	pending.Add(70)
	s.Unbooked = []bank.StatusTally{pending}
	s.Stated = []bank.ControlTotal{{Kind: bank.TotalCount, Value: 4}, {Kind: bank.CreditSum, Value: 370}}
	if found := s.Check(); len(found) > 0 {
		t.Errorf("totals that count pending entries: %v", found)
	}
}

func TestStatementsFollowOneAnother(t *testing.T) {
	april, may, june := statement("04", 100, 20260401, 20260430, 50), statement("05", 150, 20260501, 20260531, -20), statement("06", 130, 20260601, 20260630)
	april.Sequence, may.Sequence, june.Sequence = 4, 5, 6
	if found := bank.Continuity([]*bank.Statement{june, april, may}); len(found) > 0 {
		t.Error(found)
	}
	other := statement("x", 7, 20260501, 20260531)
	other.Account = "9"
	notice := &bank.Statement{Form: bank.NotificationForm, Account: "1234", Currency: cny, To: 20260502}
	if diff := cmp.Diff([]string{"not_continuous", "sequence_gap"}, codes(bank.Continuity([]*bank.Statement{april, june, other, notice}))); diff != "" {
		t.Error(diff)
	}
	if d := bank.Continuity([]*bank.Statement{april, june})[0]; d.Opening != 150 || d.Closing != 130 || d.Difference != -20 || d.Statement != "06" {
		t.Errorf("%+v", d)
	}
}

func TestWhatCameTwiceIsFound(t *testing.T) {
	first := statement("A", 0, 20260401, 20260430, 100, 100)
	again := statement("A", 0, 20260401, 20260430, 100, 100)
	renamed := statement("A", 0, 20260401, 20260430, 100, 100)
	renamed.ID, renamed.Source.File = "B", "other.csv"
	changed := statement("A", 0, 20260401, 20260430, 100, 101)
	intraday := statement("A", 0, 20260401, 20260401, 100)
	intraday.ID = "I"
	unrelated := statement("C", 200, 20260501, 20260531, 5)
	for name, c := range map[string]struct {
		statements []*bank.Statement
		want       []string
	}{
		"nothing":                   {[]*bank.Statement{first, unrelated}, []string{}},
		"the same file again":       {[]*bank.Statement{first, again}, []string{"repeated_statement"}},
		"the same under a new name": {[]*bank.Statement{first, unrelated, renamed}, []string{"repeated_statement"}},
		"one name, two contents":    {[]*bank.Statement{first, changed}, []string{"reused_identity", "repeated_line"}},
		"a line in two statements":  {[]*bank.Statement{intraday, first}, []string{"repeated_line"}},
	} {
		if diff := cmp.Diff(c.want, codes(bank.Repeats(c.statements))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	notice := statement("A", 0, 20260401, 20260430, 100)
	notice.Form = bank.NotificationForm
	if found := bank.Repeats([]*bank.Statement{notice, first}); len(found) > 0 {
		t.Errorf("a notification and its statement: %v", found)
	}
}

func TestTwoEqualPaymentsOfADayAreNotOneLine(t *testing.T) {
	s := statement("A", 0, 20260401, 20260430, 100, 100)
	s.Lines[0].BankReference, s.Lines[1].BankReference = "", ""
	keys := s.LineKeys()
	if keys[0] == keys[1] {
		t.Error("one key for two payments")
	}
	if found := bank.Repeats([]*bank.Statement{s}); len(found) > 0 {
		t.Error(found)
	}
}

func TestEveryContentOfALineIsInItsKey(t *testing.T) {
	base := func() *bank.Statement { return statement("A", 0, 20260401, 20260430, 100) }
	changes := map[string]func(*bank.Statement){
		"account": func(s *bank.Statement) { s.Account = "1235" }, "currency": func(s *bank.Statement) { s.Currency = money.MustCurrency("USD") },
		"booking date": func(s *bank.Statement) { s.Lines[0].BookingDate++ }, "value date": func(s *bank.Statement) { s.Lines[0].ValueDate = 20260401 },
		"amount": func(s *bank.Statement) { s.Lines[0].Amount++ }, "reversal": func(s *bank.Statement) { s.Lines[0].Reversal = true },
		"bank reference": func(s *bank.Statement) { s.Lines[0].BankReference += "x" }, "end to end": func(s *bank.Statement) { s.Lines[0].EndToEnd = "x" },
		"name": func(s *bank.Statement) { s.Lines[0].Counterparty.Name = "x" }, "number": func(s *bank.Statement) { s.Lines[0].Counterparty.AccountNumber = "x" },
		"text": func(s *bank.Statement) { s.Lines[0].Remittance = "x" },
	}
	for name, change := range changes {
		s := base()
		change(s)
		if s.LineKeys()[0] == base().LineKeys()[0] || s.ContentKey() == base().ContentKey() {
			t.Errorf("%s is not in the key", name)
		}
	}
	s := base()
	s.Lines[0].Source, s.Lines[0].Hash, s.ID, s.Lines[0].Note = bank.Source{File: "x"}, [32]byte{1}, "other", "x"
	if s.LineKeys()[0] != base().LineKeys()[0] || s.ContentKey() != base().ContentKey() {
		t.Error("place, hash or the bank's remark are in the key")
	}
}

func TestAStatementFindsItsAccount(t *testing.T) {
	accounts := []bank.Account{{ID: "sr", Currency: cny, Holder: bank.Party{AccountNumber: "1234"}}, {ID: "usd", Currency: money.MustCurrency("USD"), Holder: bank.Party{AccountNumber: "1234"}}}
	s := statement("A", 0, 20260401, 20260430)
	if err := s.Assign(accounts); err != nil || s.AccountID != "sr" {
		t.Error(s.AccountID, err)
	}
	for name, list := range map[string][]bank.Account{"none": accounts[1:], "two": {accounts[0], accounts[0]}} {
		err := s.Assign(list)
		if !errors.Is(err, bank.FaultValue) || s.AccountID != "" || strings.Contains(err.Error(), `"1234"`) {
			t.Errorf("%s: %q %v", name, s.AccountID, err)
		}
	}
}

func TestEveryDiscrepancyAndFaultSaysItself(t *testing.T) {
	for _, code := range []bank.DiscrepancyCode{bank.DoesNotFoot, bank.BalanceMissing, bank.OutOfRange, bank.DetailsDiffer, bank.TotalsDiffer, bank.CountsDiffer, bank.RunningDiffers,
		bank.NotContinuous, bank.SequenceGap, bank.RepeatedStatement, bank.ReusedIdentity, bank.RepeatedLine, bank.UnknownOrder, bank.SentDiffers} {
		d := &bank.Discrepancy{Code: code, Statement: "S", Source: bank.Source{File: "f", Line: 3}, Currency: cny, Opening: 100, Sum: 5, Closing: 110, Difference: 5, Text: "what"}
		if text := d.Error(); !strings.HasPrefix(text, `bank: f:3: statement "S": what`) || !strings.HasSuffix(text, "["+string(code)+"]") {
			t.Error(text)
		}
	}
	f := &bank.Fault{Code: bank.FaultAmount, File: "f", Line: 3, Column: 4, Path: "p", Text: strings.Repeat("长", 100), Reason: "is wrong", Hint: "mend it", Err: money.ErrOverflow}
	if want := `bank: f:3:4: p: "` + strings.Repeat("长", 64) + `…" is wrong; mend it [amount]`; f.Error() != want || !errors.Is(f, bank.FaultAmount) || !errors.Is(f, money.ErrOverflow) || errors.Is(f, bank.FaultDate) {
		t.Error(f)
	}
}
