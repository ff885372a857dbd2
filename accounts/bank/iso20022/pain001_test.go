package iso20022_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// payments is a file of two batches: benefits in yuan to Chinese names, and one payment in euro to an IBAN.
func payments() *bank.PaymentFile {
	expenditure := bank.Account{ID: "zc", Kind: bank.ExpenditureAccount, Currency: cny,
		Holder: bank.Party{Name: "示例市社会保险基金管理中心", AccountNumber: "110101040005678", BankName: "示例银行示例支行", BankCode: "999100000004", BIC: "EXABCNBJ"}}
	foreign := bank.Account{ID: "eur", Kind: bank.FiscalAccount, Currency: money.MustCurrency("EUR"),
		Holder: bank.Party{Name: "Example Fund", AccountNumber: "110101040007777"}}
	return &bank.PaymentFile{
		ID: "PAY-20260410-0001", Created: time.Date(2026, 4, 9, 16, 30, 0, 0, time.FixedZone("", 8*3600)), Initiator: "示例市社会保险基金管理中心",
		Batches: []bank.PaymentBatch{
			{ID: "PAY-202604-01", Debit: expenditure, ExecutionDate: 20260410, Purpose: "SSBE", Orders: []bank.PaymentOrder{
				{EndToEnd: "PEN-000001", Instruction: "I-1", Amount: 1200000, Creditor: bank.Party{Name: "领取人甲", AccountNumber: "622200000000101", BankCode: "999100000021"}, Remittance: "2026年4月养老金"},
				{EndToEnd: "PEN-000002", Amount: 1, Creditor: bank.Party{Name: "阿卜杜拉·示例 & <Söhne>", AccountNumber: "622200000000102", BankName: "示例银行"}, Remittance: "补发\"四月\"'养老金'"},
			}},
			{ID: "PAY-202604-02", Debit: foreign, ExecutionDate: 20260411, Orders: []bank.PaymentOrder{
				{EndToEnd: "EXP-1", Amount: 123456, Creditor: bank.Party{Name: "Example GmbH", AccountNumber: "DE89370400440532013000", BIC: "EXABDEFF001"}},
			}},
		},
	}
}

func written(t testing.TB, file *bank.PaymentFile, options iso20022.PaymentOptions) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := iso20022.WritePayments(&out, file, options); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestThePaymentFileIsWrittenByteForByte(t *testing.T) {
	got := written(t, payments(), iso20022.PaymentOptions{ServiceLevel: "NURG", ChargeBearer: "DEBT"})
	if diff := cmp.Diff(string(fixture(t, "pain001.xml")), string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestThePaymentFileIsValidAgainstItsSchema(t *testing.T) {
	schemas := []string{filepath.Join("testdata", "pain.001.001.09-profile.xsd")}
	if full := os.Getenv("FUNDLEDGER_PAIN001_XSD"); full != "" {
		schemas = append(schemas, full)
	}
	files := map[string][]byte{
		"plain": written(t, payments(), iso20022.PaymentOptions{}),
		"full":  written(t, payments(), iso20022.PaymentOptions{ServiceLevel: "NURG", ChargeBearer: "SLEV"}),
		"limit": written(t, atTheLimits(), iso20022.PaymentOptions{}),
	}
	for _, schema := range schemas {
		for name, content := range files {
			if out, ran := xmllint(t, schema, content); ran && out != "" {
				t.Errorf("%s against %s: %s", name, schema, out)
			}
		}
		broken := bytes.Replace(files["plain"], []byte("<NbOfTxs>"), []byte("<NbOfTxs>x"), 1)
		if out, ran := xmllint(t, schema, broken); ran && out == "" {
			t.Errorf("%s takes a broken file", schema)
		}
	}
}

// xmllint validates content; the output is empty when it is valid. Without xmllint on the PATH the validation does not run, which is an error where
// FUNDLEDGER_REQUIRE_XMLLINT is set, as in CI.
func xmllint(t *testing.T, schema string, content []byte) (output string, ran bool) {
	t.Helper()
	path, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("FUNDLEDGER_REQUIRE_XMLLINT") != "" {
			t.Fatal("xmllint is required here and is not on the PATH; install libxml2-utils")
		}
		t.Log("NOT VALIDATED: xmllint is not on the PATH; install libxml2-utils to run this check")
		return "", false
	}
	file := filepath.Join(t.TempDir(), "file.xml")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "--noout", "--nonet", "--schema", schema, file).CombinedOutput()
	if err == nil {
		return "", true
	}
	return string(out), true
}

// atTheLimits is a file whose texts and amounts are as long as they may be.
func atTheLimits() *bank.PaymentFile {
	file := payments()
	long := strings.Repeat("长", 140)
	o := &file.Batches[0].Orders[0]
	o.Amount, o.Remittance, o.Creditor.Name, o.Creditor.AccountNumber = 899999999999999998, long, long, strings.Repeat("9", 34)
	o.EndToEnd, o.Instruction, o.Creditor.BankCode = strings.Repeat("E", 35), strings.Repeat("I", 35), strings.Repeat("1", 35)
	file.ID, file.Batches[0].ID = strings.Repeat("F", 35), strings.Repeat("B", 35)
	return file
}

func TestControlSumsAreTheSumsOfTheAmounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := payments()
		var want money.Amount
		file.Batches = file.Batches[:1]
		file.Batches[0].Orders = nil
		n := rapid.IntRange(1, 20).Draw(t, "orders")
		for i := range n {
			a := money.Amount(rapid.Int64Range(1, 1e15).Draw(t, "amount"))
			want += a
			file.Batches[0].Orders = append(file.Batches[0].Orders, bank.PaymentOrder{EndToEnd: fmt.Sprint("E", i), Amount: a, Creditor: bank.Party{Name: "甲", AccountNumber: "1"}})
		}
		var out bytes.Buffer
		if err := iso20022.WritePayments(&out, file, iso20022.PaymentOptions{}); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("<NbOfTxs>%d</NbOfTxs>", n)
		sum := "<CtrlSum>" + cny.Text(want) + "</CtrlSum>"
		if strings.Count(out.String(), text) != 2 || strings.Count(out.String(), sum) != 2 {
			t.Fatalf("want twice %s and %s in\n%s", text, sum, out.String())
		}
		for _, o := range file.Batches[0].Orders {
			if !strings.Contains(out.String(), `<InstdAmt Ccy="CNY">`+cny.Text(o.Amount)+"</InstdAmt>") {
				t.Fatalf("amount %d is missing", o.Amount)
			}
		}
	})
}

func TestAFileThatIsNotFitToSendIsNotWritten(t *testing.T) {
	cases := []struct {
		name string
		do   func(f *bank.PaymentFile, o *iso20022.PaymentOptions)
		path string
		code bank.FaultCode
	}{
		{"no identification", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.ID = "" }, "id", bank.FaultMissing},
		{"long identification", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.ID = strings.Repeat("x", 36) }, "id", bank.FaultText},
		{"Chinese in an identification", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[0].ID = "批次1" }, "batches[0].id", bank.FaultText},
		{"slash in front", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[0].Orders[0].EndToEnd = "/1" }, "batches[0].orders[0].end_to_end", bank.FaultText},
		{"repeated end-to-end", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[1].Orders[0].EndToEnd = "PEN-000001" }, "batches[1].orders[0].end_to_end", bank.FaultRepeated},
		{"no time", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Created = time.Time{} }, "created", bank.FaultMissing},
		{"no batch", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches = nil }, "batches", bank.FaultMissing},
		{"empty batch", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[0].Orders = nil }, "batches[0].orders", bank.FaultMissing},
		{"one debit account twice", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[1].Debit = f.Batches[0].Debit }, "batches[1].debit", bank.FaultRepeated},
		{"no such day", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[0].ExecutionDate = 20260230 }, "batches[0].execution_date", bank.FaultDate},
		{"nothing to pay", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[0].Orders[0].Amount = 0 }, "batches[0].orders[0].amount", bank.FaultAmount},
		{"negative", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[0].Orders[0].Amount = -1 }, "batches[0].orders[0].amount", bank.FaultAmount},
		{"19 digits", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) {
			f.Batches[0].Orders[0].Amount = money.MaxAmount - 1
		}, "batches[0].orders[0].amount", bank.FaultAmount},
		{"overflowing sum", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) {
			f.Batches[0].Orders[0].Amount, f.Batches[0].Orders[1].Amount = money.MaxAmount, money.MaxAmount
		}, "batches[0].orders", bank.FaultAmount},
		{"line break in a name", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) {
			f.Batches[0].Orders[0].Creditor.Name = "甲\n乙"
		}, "batches[0].orders[0].creditor.name", bank.FaultText},
		{"turned direction", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) {
			f.Batches[0].Orders[0].Creditor.Name = "甲\u202e乙"
		}, "batches[0].orders[0].creditor.name", bank.FaultText},
		{"not UTF-8", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[0].Orders[0].Remittance = "\xd1\xf8" }, "batches[0].orders[0].remittance", bank.FaultText},
		{"long text", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) {
			f.Batches[0].Orders[0].Remittance = strings.Repeat("长", 141)
		}, "batches[0].orders[0].remittance", bank.FaultText},
		{"no payee", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[0].Orders[0].Creditor.Name = " " }, "batches[0].orders[0].creditor.name", bank.FaultMissing},
		{"blank in a number", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) {
			f.Batches[0].Orders[0].Creditor.AccountNumber = "6222 0000"
		}, "batches[0].orders[0].creditor.account_number", bank.FaultText},
		{"to itself", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) {
			f.Batches[0].Orders[0].Creditor.AccountNumber = f.Batches[0].Debit.Holder.AccountNumber
		}, "batches[0].orders[0].creditor.account_number", bank.FaultValue},
		{"no BIC", func(f *bank.PaymentFile, _ *iso20022.PaymentOptions) { f.Batches[0].Debit.Holder.BIC = "12" }, "batches[0].debit.holder.bic", bank.FaultText},
		{"Chinese where the bank takes Latin", func(_ *bank.PaymentFile, o *iso20022.PaymentOptions) { o.Charset = iso20022.LatinText }, "initiator", bank.FaultText},
		{"unknown bearer", func(_ *bank.PaymentFile, o *iso20022.PaymentOptions) { o.ChargeBearer = "OUR" }, "options.charge_bearer", bank.FaultValue},
		{"unknown set", func(_ *bank.PaymentFile, o *iso20022.PaymentOptions) { o.Charset = "ascii" }, "options.charset", bank.FaultValue},
		{"long code", func(_ *bank.PaymentFile, o *iso20022.PaymentOptions) { o.ClearingSystem = "CNAPS2" }, "options.clearing_system", bank.FaultValue},
	}
	for _, c := range cases {
		file, options := payments(), iso20022.PaymentOptions{}
		c.do(file, &options)
		var out bytes.Buffer
		err := iso20022.WritePayments(&out, file, options)
		found := false
		var faults *bank.Faults
		if errors.As(err, &faults) {
			for _, f := range faults.List {
				found = found || (f.Path == c.path && f.Code == c.code)
			}
		}
		if !found || out.Len() > 0 {
			t.Errorf("%s: %v (%d bytes written), want %s at %s", c.name, err, out.Len(), string(c.code), c.path)
		}
	}
}

func TestAnIBANIsToldFromAnotherNumberByItsCheckDigits(t *testing.T) {
	for number, want := range map[string]bool{"DE89370400440532013000": true, "GB82WEST12345698765432": true, "DE88370400440532013000": false,
		"110101040005678": false, "": false, "DE89": false, "de89370400440532013000": false, "NO9386011117947": true} {
		if got := (bank.Party{AccountNumber: number}).HasIBAN(); got != want {
			t.Errorf("%q: %v", number, got)
		}
	}
}

func TestAWriteErrorIsReturned(t *testing.T) {
	if err := iso20022.WritePayments(brokenWriter{}, payments(), iso20022.PaymentOptions{}); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}

var errBroken = errors.New("no room")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
