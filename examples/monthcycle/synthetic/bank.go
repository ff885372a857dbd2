package synthetic

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
)

type bankLine struct {
	day                       calendar.Date
	amount                    int64 // above zero came in
	reference, endToEnd       string
	party, partyAccount, text string
}

// bankAccount is an account of money: what stood there when the month began, and the month's lines.
type bankAccount struct {
	name, number string
	opening      int64
	serial       int
	lines        []bankLine
}

func (b *bankAccount) post(line bankLine) { b.lines = append(b.lines, line) }

// balanceBefore is what stands there in the morning of a day of the month.
func (b *bankAccount) balanceBefore(day calendar.Date) int64 {
	sum := b.opening
	for _, line := range b.lines {
		if line.day < day {
			sum += line.amount
		}
	}
	return sum
}

// close ends a month: its lines in the order of days, with the bank's references.
func (b *bankAccount) close() (lines []bankLine, opening int64) {
	lines, opening = b.lines, b.opening
	slices.SortStableFunc(lines, func(a, b bankLine) int { return int(a.day) - int(b.day) })
	for i := range lines {
		b.serial++
		lines[i].reference = fmt.Sprintf("%c2025-%05d", strings.ToUpper(b.name)[0], b.serial)
		b.opening += lines[i].amount
	}
	b.lines = nil
	return lines, opening
}

// statement writes a month of an account: the income account mostly as camt.053, the others mostly as the bank's CSV.
func (a *agency) statement(b *bankAccount, month calendar.Month, opening int64, lines []bankLine) error {
	xmlMonth := b.name == "income" && month.OfYear() != 7 && month.OfYear() != 8 || b.name == "expenditure" && (month.OfYear() == 5 || month.OfYear() == 6)
	name := "bank/" + b.name + "-" + month.String()
	if xmlMonth {
		file, err := a.create(name + ".xml")
		if err != nil {
			return err
		}
		w := bufio.NewWriter(file)
		writeCamt(w, b, month, opening, lines)
		return errors.Join(w.Flush(), file.Close())
	}
	t, err := a.newTable(name+".csv", "交易日期", "账号", "借方发生额", "贷方发生额", "余额", "流水号", "业务编号", "对方户名", "对方账号", "摘要")
	if err != nil {
		return err
	}
	t.row(month.First().String(), b.number, "", "", amountText(opening), "", "", "", "", "期初余额")
	balance := opening
	for _, line := range lines {
		balance += line.amount
		debit, credit := "", amountText(line.amount)
		if line.amount < 0 {
			debit, credit = amountText(-line.amount), ""
		}
		t.row(line.day.String(), b.number, debit, credit, amountText(balance), line.reference, line.endToEnd, line.party, line.partyAccount, line.text)
	}
	t.row(month.Last().String(), b.number, "", "", amountText(balance), "", "", "", "", "期末余额")
	return t.close(nil)
}

func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer does not fail
	return b.String()
}

func side(amount int64) (text, mark string) {
	if amount < 0 {
		return amountText(-amount), "DBIT"
	}
	return amountText(amount), "CRDT"
}

// writeCamt writes a statement as camt.053.001.08. What goes wrong is told by the writer's Flush.
func writeCamt(w io.Writer, b *bankAccount, month calendar.Month, opening int64, lines []bankLine) {
	balance := func(code string, amount int64, day calendar.Date) {
		text, mark := side(amount)
		fmt.Fprintf(w, "      <Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Dt><Dt>%s</Dt></Dt></Bal>\n", code, text, mark, day)
	}
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
  <BkToCstmrStmt>
    <GrpHdr><MsgId>%[1]s-%[2]s</MsgId><CreDtTm>%[4]sT06:00:00+08:00</CreDtTm></GrpHdr>
    <Stmt>
      <Id>%[1]s-%[2]s</Id>
      <FrToDt><FrDtTm>%[3]sT00:00:00+08:00</FrDtTm><ToDtTm>%[4]sT23:59:59+08:00</ToDtTm></FrToDt>
      <Acct><Id><Othr><Id>%[5]s</Id></Othr></Id><Ccy>CNY</Ccy><Ownr><Nm>%[6]s</Nm></Ownr></Acct>
`, strings.ToUpper(b.name), month, month.First(), month.Last(), b.number, agencyName)
	balance("OPBD", opening, month.First())
	for _, line := range lines {
		opening += line.amount
	}
	balance("CLBD", opening, month.Last())
	for i := range lines {
		writeCamtLine(w, &lines[i])
	}
	fmt.Fprint(w, "    </Stmt>\n  </BkToCstmrStmt>\n</Document>\n")
}

func writeCamtLine(w io.Writer, line *bankLine) {
	text, mark := side(line.amount)
	fmt.Fprintf(w, "      <Ntry><Amt Ccy=\"CNY\">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><AcctSvcrRef>%s</AcctSvcrRef>\n", text, mark,
		line.day, line.reference)
	fmt.Fprint(w, "        <NtryDtls><TxDtls>")
	if line.endToEnd != "" {
		fmt.Fprintf(w, "<Refs><EndToEndId>%s</EndToEndId></Refs>", line.endToEnd)
	}
	if line.party != "" {
		role := "Dbtr"
		if line.amount < 0 {
			role = "Cdtr"
		}
		account := ""
		if line.partyAccount != "" {
			account = fmt.Sprintf("<%[1]sAcct><Id><Othr><Id>%[2]s</Id></Othr></Id></%[1]sAcct>", role, line.partyAccount)
		}
		fmt.Fprintf(w, "<RltdPties><%[1]s><Pty><Nm>%[2]s</Nm></Pty></%[1]s>%[3]s</RltdPties>", role, escape(line.party), account)
	}
	fmt.Fprintf(w, "<RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n", escape(line.text))
}
