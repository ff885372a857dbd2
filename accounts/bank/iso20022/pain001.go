package iso20022

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/shopspring/decimal"
)

// PaymentMessage is the message that WritePayments writes: the customer credit transfer of the 2019 release, the generation of camt.053.001.08.
const PaymentMessage = "pain.001.001.09"

// maxDigits is how many digits an amount and a control sum may have in ISO 20022.
const maxDigits = 18

// PaymentOptions of WritePayments. The zero value suits a bank in China that takes Chinese names and CNAPS bank codes.
type PaymentOptions struct {
	Charset        Charset
	ClearingSystem string // external clearing system code for the bank codes, up to five capitals and digits; default CNAPS
	ServiceLevel   string // external service level code such as NURG; none when empty
	ChargeBearer   string // DEBT, CRED, SHAR or SLEV; none when empty
}

// WritePayments writes a payment file as one pain.001.001.09 message: UTF-8, one PmtInf for each batch and so for each debit account, NbOfTxs and CtrlSum
// in the group header and in every PmtInf, amounts with all decimals of their currency. Everything is checked before the first byte: it returns
// *bank.Faults with all faults and writes nothing when the file is not fit to send. The same file and options give the same bytes.
//
// CtrlSum is the sum of the figures of all amounts whatever their currency, as ISO 20022 defines it.
func WritePayments(w io.Writer, file *bank.PaymentFile, options PaymentOptions) error {
	if options.ClearingSystem == "" {
		options.ClearingSystem = "CNAPS"
	}
	if err := checkPayments(file, options); err != nil {
		return err
	}
	p := &paymentWriter{out: bufio.NewWriter(w), options: options}
	p.document(file)
	if p.err == nil {
		p.err = p.out.Flush()
	}
	return p.err
}

// checkPayments gathers the faults of the file itself and of what this message cannot carry.
func checkPayments(file *bank.PaymentFile, options PaymentOptions) error {
	faults, _ := file.Check().(*bank.Faults) //nolint:errorlint // Check returns nothing else
	if faults == nil {
		faults = &bank.Faults{}
	}
	if file.ID != "" {
		identifier("id", file.ID, faults)
	}
	options.check(faults)
	options.Charset.free("initiator", file.Initiator, 140, faults)
	total := decimal.Decimal{}
	for i, b := range file.Batches {
		path := fmt.Sprintf("batches[%d]", i)
		sum := decimal.Decimal{}
		for j, o := range b.Orders {
			sum = sum.Add(b.Debit.Currency.Decimal(o.Amount))
			options.checkOrder(fmt.Sprintf("%s.orders[%d]", path, j), o, b.Debit.Currency, faults)
		}
		identifierIfGiven(path+".id", b.ID, faults)
		externalCode(path+".purpose", b.Purpose, 4, faults)
		if scale := b.Debit.Currency.Scale(); scale > 5 {
			faults.Add(&bank.Fault{Code: bank.FaultCurrency, Path: path + ".debit.currency", Text: b.Debit.Currency.Code(),
				Reason: "has more than 5 decimals",
				Hint:   "ISO 20022 amounts have at most 5"})
		}
		options.checkParty(path+".debit.holder", b.Debit.Holder, faults)
		controlSum(path+".orders", sum, faults)
		total = total.Add(sum)
	}
	controlSum("batches", total, faults)
	return faults.Err()
}

func (o PaymentOptions) check(faults *bank.Faults) {
	externalCode("options.clearing_system", o.ClearingSystem, 5, faults)
	externalCode("options.service_level", o.ServiceLevel, 4, faults)
	switch o.ChargeBearer {
	case "", "DEBT", "CRED", "SHAR", "SLEV":
	default:
		faults.Add(&bank.Fault{Code: bank.FaultValue, Path: "options.charge_bearer", Text: o.ChargeBearer, Reason: "is no charge bearer",
			Hint: "use DEBT, CRED, SHAR or SLEV"})
	}
	if o.Charset != AnyText && o.Charset != LatinText {
		faults.Add(&bank.Fault{Code: bank.FaultValue, Path: "options.charset", Text: string(o.Charset), Reason: "is no character set",
			Hint: "use AnyText or LatinText"})
	}
}

func (o PaymentOptions) checkOrder(path string, order bank.PaymentOrder, c money.Currency, faults *bank.Faults) {
	identifierIfGiven(path+".end_to_end", order.EndToEnd, faults)
	identifierIfGiven(path+".instruction", order.Instruction, faults)
	o.Charset.free(path+".remittance", order.Remittance, 140, faults)
	o.checkParty(path+".creditor", order.Creditor, faults)
	if len(strconv.FormatInt(int64(order.Amount), 10)) > maxDigits {
		faults.Add(&bank.Fault{Code: bank.FaultAmount, Path: path + ".amount", Text: c.Text(order.Amount), Reason: "has more than 18 digits",
			Hint: "split the payment"})
	}
}

func (o PaymentOptions) checkParty(path string, p bank.Party, faults *bank.Faults) {
	o.Charset.free(path+".name", p.Name, 140, faults)
	o.Charset.free(path+".bank_name", p.BankName, 140, faults)
}

func identifierIfGiven(path, text string, faults *bank.Faults) {
	if text != "" {
		identifier(path, text, faults)
	}
}

func externalCode(path, code string, limit int, faults *bank.Faults) {
	if len(code) > limit || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		faults.Add(&bank.Fault{Code: bank.FaultValue, Path: path, Text: code, Reason: fmt.Sprintf("is no code of at most %d capitals and digits", limit),
			Hint: "take it from the ISO 20022 external code sets"})
	}
}

func controlSum(path string, sum decimal.Decimal, faults *bank.Faults) {
	if sum.NumDigits() > maxDigits {
		faults.Add(&bank.Fault{Code: bank.FaultAmount, Path: path, Text: sum.String(), Reason: "has a control sum of more than 18 digits",
			Hint: "split the file"})
	}
}

// paymentWriter writes elements with indentation; the first error stops it.
type paymentWriter struct {
	out     *bufio.Writer
	options PaymentOptions
	depth   int
	err     error
}

func (p *paymentWriter) raw(text string) {
	if p.err == nil {
		_, p.err = p.out.WriteString(text)
	}
}

func (p *paymentWriter) indent() { p.raw(strings.Repeat("  ", p.depth)) }

// in writes an element around what body writes.
func (p *paymentWriter) in(name string, body func()) {
	p.indent()
	p.raw("<" + name + ">\n")
	p.depth++
	body()
	p.depth--
	p.indent()
	p.raw("</" + name[:strings.IndexByte(name+" ", ' ')] + ">\n")
}

// leaf writes an element with text, or nothing when the text is empty. attribute is written as given.
func (p *paymentWriter) leaf(name, attribute, text string) {
	if text == "" || p.err != nil {
		return
	}
	p.indent()
	p.raw("<" + name + attribute + ">")
	if p.err == nil {
		p.err = xml.EscapeText(p.out, []byte(text))
	}
	p.raw("</" + name + ">\n")
}

func (p *paymentWriter) document(file *bank.PaymentFile) {
	p.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	p.in(`Document xmlns="urn:iso:std:iso:20022:tech:xsd:`+PaymentMessage+`"`, func() {
		p.in("CstmrCdtTrfInitn", func() {
			p.in("GrpHdr", func() {
				p.leaf("MsgId", "", file.ID)
				p.leaf("CreDtTm", "", file.Created.Format("2006-01-02T15:04:05Z07:00"))
				total := decimal.Decimal{}
				for _, b := range file.Batches {
					total = total.Add(batchSum(b))
				}
				p.control(file.Count(), total)
				p.in("InitgPty", func() { p.leaf("Nm", "", file.Initiator) })
			})
			for _, b := range file.Batches {
				p.in("PmtInf", func() { p.batch(b) })
			}
		})
	})
}

func batchSum(b bank.PaymentBatch) decimal.Decimal {
	sum := decimal.Decimal{}
	for _, o := range b.Orders {
		sum = sum.Add(b.Debit.Currency.Decimal(o.Amount))
	}
	return sum
}

func (p *paymentWriter) control(count int, sum decimal.Decimal) {
	p.leaf("NbOfTxs", "", strconv.Itoa(count))
	p.leaf("CtrlSum", "", sum.StringFixed(max(0, -sum.Exponent())))
}

func (p *paymentWriter) batch(b bank.PaymentBatch) {
	p.leaf("PmtInfId", "", b.ID)
	p.leaf("PmtMtd", "", "TRF")
	p.control(len(b.Orders), batchSum(b))
	if p.options.ServiceLevel != "" || b.Purpose != "" {
		p.in("PmtTpInf", func() {
			if p.options.ServiceLevel != "" {
				p.in("SvcLvl", func() { p.leaf("Cd", "", p.options.ServiceLevel) })
			}
			if b.Purpose != "" {
				p.in("CtgyPurp", func() { p.leaf("Cd", "", b.Purpose) })
			}
		})
	}
	p.in("ReqdExctnDt", func() { p.leaf("Dt", "", b.ExecutionDate.String()) })
	p.in("Dbtr", func() { p.leaf("Nm", "", b.Debit.Holder.Name) })
	p.account("DbtrAcct", b.Debit.Holder, b.Debit.Currency.Code())
	p.agent("DbtrAgt", b.Debit.Holder, true)
	p.leaf("ChrgBr", "", p.options.ChargeBearer)
	currency := ` Ccy="` + b.Debit.Currency.Code() + `"`
	for _, o := range b.Orders {
		p.in("CdtTrfTxInf", func() { p.order(o, b.Debit.Currency.Text(o.Amount), currency) })
	}
}

func (p *paymentWriter) order(o bank.PaymentOrder, amount, currency string) {
	p.in("PmtId", func() {
		p.leaf("InstrId", "", o.Instruction)
		p.leaf("EndToEndId", "", o.EndToEnd)
	})
	p.in("Amt", func() { p.leaf("InstdAmt", currency, amount) })
	p.agent("CdtrAgt", o.Creditor, false)
	p.in("Cdtr", func() { p.leaf("Nm", "", o.Creditor.Name) })
	p.account("CdtrAcct", o.Creditor, "")
	if o.Remittance != "" {
		p.in("RmtInf", func() { p.leaf("Ustrd", "", o.Remittance) })
	}
}

func (p *paymentWriter) account(name string, party bank.Party, currency string) {
	p.in(name, func() {
		p.in("Id", func() {
			if party.HasIBAN() {
				p.leaf("IBAN", "", party.AccountNumber)
				return
			}
			p.in("Othr", func() { p.leaf("Id", "", party.AccountNumber) })
		})
		p.leaf("Ccy", "", currency)
	})
}

// agent writes a bank: BIC, clearing system number and name, as far as they are known. The debtor's bank is mandatory in the message; the standard's
// word for one that is not known is NOTPROVIDED.
func (p *paymentWriter) agent(name string, party bank.Party, mandatory bool) {
	known := party.BIC != "" || party.BankCode != "" || party.BankName != ""
	if !known && !mandatory {
		return
	}
	p.in(name, func() {
		p.in("FinInstnId", func() {
			p.leaf("BICFI", "", party.BIC)
			if party.BankCode != "" {
				p.in("ClrSysMmbId", func() {
					p.in("ClrSysId", func() { p.leaf("Cd", "", p.options.ClearingSystem) })
					p.leaf("MmbId", "", party.BankCode)
				})
			}
			p.leaf("Nm", "", party.BankName)
			if !known {
				p.in("Othr", func() { p.leaf("Id", "", "NOTPROVIDED") })
			}
		})
	})
}
