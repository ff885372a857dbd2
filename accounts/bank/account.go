// Package bank holds the bank's side of a fund: its accounts (银行账户), the statements the bank sends (银行对账单), the payment orders sent to the bank
// (付款指令), and the reconciliation of statement and books (银行对账) with its closing paper, the 银行存款余额调节表.
//
// Everything here is pure: types, readers, writers and calculations; nothing is stored. An Amount is in minor units of its account's currency and is
// signed as the account holder sees it: money in (a credit on the bank's statement) is positive, money out negative. Dates are civil dates as the bank
// wrote them; no time zone is applied.
//
// Two kinds of trouble are kept apart. A Fault says that a file cannot be read (a bad line, an impossible amount, a wrong encoding): all faults of a file
// come together in *Faults and nothing of the file is returned. A Discrepancy says that a readable statement disagrees with itself or with its neighbour
// (it does not foot, a control total differs, it came twice): the statement is returned with it, and the caller decides. Neither is ever dropped.
//
// ReadText reads delimited text by a mapping file and WriteText writes payment files for banks that take no ISO 20022; the package iso20022 beside this
// one reads camt.053 and camt.054, writes pain.001 and reads pain.002.
package bank

import (
	"strings"

	"github.com/fundledger/fundledger/ledger/money"
)

// AccountKind is the use a fund's bank account may be put to (社会保险基金财务制度, 财社〔2017〕144号, articles 39 to 42).
type AccountKind string

// The kinds. Which of them a fund has is local data; where the tax authority collects there is no income account.
const (
	IncomeAccount      AccountKind = "income"             // 收入户: takes contributions, swept to the fiscal special account
	ExpenditureAccount AccountKind = "expenditure"        // 支出户: pays benefits
	FiscalAccount      AccountKind = "fiscal_special"     // 财政专户: the fund's money in the fiscal department's account
	TreasuryAccount    AccountKind = "treasury"           // 国库: contributions that the tax authority collected, before the fiscal special account
	AnnuityAccount     AccountKind = "annuity_collection" // 归集户: collects occupational annuity contributions for the trustee
)

// Valid reports whether k is one of the kinds.
func (k AccountKind) Valid() bool { return k.Chinese() != "" }

// Chinese returns the name of the kind in the financial rules, and nothing for an unknown kind.
func (k AccountKind) Chinese() string {
	switch k {
	case IncomeAccount:
		return "收入户"
	case ExpenditureAccount:
		return "支出户"
	case FiscalAccount:
		return "财政专户"
	case TreasuryAccount:
		return "国库"
	case AnnuityAccount:
		return "归集户"
	}
	return ""
}

// Account is one bank account of a fund (基金银行账户).
type Account struct {
	ID       string      // the host's own identification of the account, stable when the bank renumbers it
	Kind     AccountKind // what it may be used for
	Currency money.Currency
	Holder   Party // holder's name (户名), number and bank
}

// Party is one side of a payment with its account: name, number, bank. All fields are text as written on a payment form.
type Party struct {
	Name          string // 户名
	AccountNumber string // 账号: an IBAN when it starts with two letters and two digits and has a correct check number, else the bank's own form
	BankName      string // 开户行
	BankCode      string // 行号: the twelve digits of the People's Bank's payment system (CNAPS), or the member number of another clearing system
	BIC           string // ISO 9362, 8 or 11 characters
}

// HasIBAN reports whether the account number is an IBAN (ISO 13616): two capitals, two check digits, then capitals and digits, 15 to 34 characters in all,
// and the rearranged number leaves 1 when divided by 97.
func (p Party) HasIBAN() bool {
	n := p.AccountNumber
	if len(n) < 15 || len(n) > 34 {
		return false
	}
	remainder := 0
	for i := range len(n) {
		c := n[(i+4)%len(n)]
		switch at := (i + 4) % len(n); {
		case c >= '0' && c <= '9' && at > 1:
			remainder = (remainder*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z' && (at < 2 || at > 3):
			remainder = (remainder*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return remainder == 1
}

// Check returns every fault of the account as *Faults, or nil.
func (a Account) Check() error {
	var faults Faults
	a.check("account", &faults)
	return faults.Err()
}

func (a Account) check(path string, faults *Faults) {
	if !a.Kind.Valid() {
		faults.Add(&Fault{Code: FaultValue, Path: path + ".kind", Text: string(a.Kind), Reason: "is no kind of bank account",
			Hint: "use income, expenditure, fiscal_special, treasury or annuity_collection"})
	}
	if a.Currency.IsZero() {
		faults.Add(&Fault{Code: FaultCurrency, Path: path + ".currency", Reason: "is missing", Hint: "give the account's currency"})
	}
	a.Holder.check(path+".holder", faults)
}

func (p Party) check(path string, faults *Faults) {
	if strings.TrimSpace(p.Name) == "" {
		faults.Add(&Fault{Code: FaultMissing, Path: path + ".name", Reason: "is missing", Hint: "give the name that the bank knows (户名)"})
	}
	number := p.AccountNumber
	switch {
	case number == "":
		faults.Add(&Fault{Code: FaultMissing, Path: path + ".account_number", Reason: "is missing", Hint: "give the account number (账号)"})
	case len(number) > 34 || strings.ContainsFunc(number, notAccountCharacter):
		faults.Add(&Fault{Code: FaultText, Path: path + ".account_number", Text: Mask(number), Reason: "is no account number",
			Hint: "give at most 34 digits, Latin letters and hyphens, without blanks"})
	}
	if p.BIC != "" && !validBIC(p.BIC) {
		faults.Add(&Fault{Code: FaultText, Path: path + ".bic", Text: p.BIC, Reason: "is no BIC", Hint: "give 8 or 11 capitals and digits (ISO 9362)"})
	}
	if len(p.BankCode) > 35 || strings.ContainsFunc(p.BankCode, notAccountCharacter) {
		faults.Add(&Fault{Code: FaultText, Path: path + ".bank_code", Text: p.BankCode, Reason: "is no bank code",
			Hint: "give the digits of the clearing system (行号)"})
	}
}

// Mask hides an account number but for its last four characters, for messages and papers.
func Mask(number string) string {
	runes := []rune(number)
	if len(runes) <= 4 {
		return strings.Repeat("*", len(runes))
	}
	return strings.Repeat("*", min(len(runes)-4, 12)) + string(runes[len(runes)-4:])
}

func notAccountCharacter(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-'
}

func validBIC(bic string) bool {
	if len(bic) != 8 && len(bic) != 11 {
		return false
	}
	for i := range len(bic) {
		letter := bic[i] >= 'A' && bic[i] <= 'Z'
		digit := bic[i] >= '0' && bic[i] <= '9'
		if !letter && (!digit || i == 4 || i == 5) {
			return false
		}
	}
	return true
}
