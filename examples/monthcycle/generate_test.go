package main

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
	"github.com/fundledger/fundledger/registration/scheme"
)

var update = flag.Bool("update", false, "write the agency folder and the golden files anew")

// The shipped folder is what the generator gives, byte for byte: go test ./examples/monthcycle -run Shipped -update writes it.
func TestTheShippedAgencyFolderIsWhatTheGeneratorGives(t *testing.T) {
	files := generate(t, allFaults...)
	for name, content := range files {
		path := filepath.Join("agency", name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, content, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if stored, err := os.ReadFile(path); err != nil || !bytes.Equal(stored, content) {
			t.Errorf("%s is not what the generator gives (%v)", path, err)
		}
	}
	for _, pattern := range []string{"agency/*.csv", "agency/declarations/*", "agency/bank/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			if _, ok := files[strings.TrimPrefix(filepath.ToSlash(path), "agency/")]; !ok && filepath.Ext(path) != ".yaml" {
				t.Errorf("%s comes from no generator", path)
			}
		}
	}
}

// A world is one agency's year, computed by the generator with arithmetic of its own: whole minor units and the published rates.
type world struct {
	t         *testing.T
	random    *rand.Rand
	numbered  int // identity numbers given
	catalogue *scheme.Catalogue
	files     map[string][]byte
	faults    []string
	employers []employer
	people    []person
	claims    []claimant
	base      map[string]int64 // of the month before, by identity number and employer
	bank      map[string]*bankAccount
	payments  int64            // made so far, in the order of the service's numbers
	owed      map[int]int64    // what an employer left unpaid
	rights    map[string]int64 // personal accounts, by identity number
}

func (w *world) has(fault string) bool { return slices.Contains(w.faults, fault) }

type employer struct {
	code, name, account string
}

type person struct {
	number, name, class string
	birth               calendar.Date
	employer            int
	from, left          calendar.Month // first month with the employer, first month without; zero is the whole year
	wage                int64
	opening             int64
}

type claimant struct {
	claim, number, name, class, account string
	place, retired, ground, extra       string
	base, index, coefficient, divisor   string
	balance, extraAmount, published     string
	months, before                      int
	first                               calendar.Month
	death, reported                     calendar.Date
	monthly, fromAccount, payment       int64
}

type bankLine struct {
	day                       calendar.Date
	amount                    int64
	reference, endToEnd       string
	party, partyAccount, text string
}

type bankAccount struct {
	name, number string
	opening      int64
	serial       int
	lines        []bankLine
}

const (
	agencyName = "虚构市社会保险基金管理中心"
	firstMonth = calendar.Month(202501)
	noticeDay  = calendar.Date(20250919) // of the province's notice for 2025
)

// allFaults are what can be planted.
var allFaults = []string{"underpaying employer", "unidentified receipt", "bounced pension", "death reported late", "duplicate enrolment", "mislaid bank line"}

// generate makes a folder with the faults named.
func generate(t *testing.T, faults ...string) map[string][]byte {
	t.Helper()
	catalogue, err := scheme.China()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, random: rand.New(rand.NewPCG(2025, 12)), catalogue: catalogue, files: map[string][]byte{},
		faults: faults, base: map[string]int64{}, owed: map[int]int64{}, rights: map[string]int64{},
		bank: map[string]*bankAccount{
			"income":      {name: "income", number: "590100010001001"},
			"fiscal":      {name: "fiscal", number: "590100010003003", opening: 600_000_000},
			"expenditure": {name: "expenditure", number: "590100010004004", opening: 2_000_000},
		},
	}
	w.makeEmployers()
	w.makePeople()
	w.makeClaimants()
	for i := range 12 {
		w.month(firstMonth.Add(i))
	}
	w.writeLists()
	return w.files
}

// number gives an identity number with a right check character in an area that never existed, so that it can be nobody's.
func (w *world) number(birth calendar.Date, sex identity.Sex) string {
	w.numbered++
	sequence := 2 * w.numbered
	if sex == identity.Male {
		sequence++
	}
	return registrationtest.WithCheck(fmt.Sprintf("590000%08d%03d", int32(birth), sequence))
}

// creditCode gives a credit code of the same area, with its check character.
func creditCode(n int) string {
	for _, last := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		if code, err := identity.ParseCreditCode(fmt.Sprintf("91590000T%08d%c", n, last)); err == nil {
			return string(code)
		}
	}
	panic("no character checks")
}

func (w *world) makeEmployers() {
	for i, name := range []string{"虚构机械有限公司", "虚构食品厂", "虚构物流有限公司", "虚构纺织有限公司", "虚构商贸有限公司", "虚构软件有限公司"} {
		w.employers = append(w.employers, employer{code: creditCode(i + 1), name: name, account: fmt.Sprintf("5902000200%05d", i+1)})
	}
}

func (w *world) makePeople() {
	for i := range 54 {
		birth := calendar.MustDate(1975+w.random.IntN(27), 1+w.random.IntN(12), 1+w.random.IntN(28))
		p := person{birth: birth, class: "M60", employer: i % 6, wage: int64(300_000 + 5_000*w.random.IntN(400)), opening: int64(w.random.IntN(9_000_000))}
		sex := identity.Male
		if i%2 == 1 {
			sex, p.class = identity.Female, []string{"F50", "F55"}[w.random.IntN(2)]
		}
		p.number, p.name = w.number(birth, sex), fmt.Sprintf("虚构参保人%02d", i+1)
		p.from = firstMonth
		switch i {
		case 52:
			p.from = 202504 // a new hire
			p.opening = 0
		case 53:
			p.from = 202507
			p.opening = 0
		case 5:
			p.left = 202509 // leaves employer 6
		case 10:
			p.left = 202511 // dies on 2025-10-18
		}
		w.rights[p.number] = p.opening
		w.people = append(w.people, p)
	}
}

// makeClaimants: the first five carry the figures of published determination sheets.
func (w *world) makeClaimants() {
	yunnan := func(c claimant) claimant {
		c.place, c.coefficient = "yunnan", "1.3"
		return c
	}
	rows := []struct {
		birth calendar.Date
		sex   identity.Sex
		claimant
	}{
		{19650110, identity.Male, yunnan(claimant{published: "PUB-P04", retired: "2025-01-10", ground: "early", first: 202502, base: "8183", index: "0.8183", months: 498, before: 148,
			divisor: "139", balance: "102424.73", extra: "only_child_allowance", extraAmount: "171.55"})},
		{19650905, identity.Male, yunnan(claimant{published: "PUB-P05", retired: "2025-09-05", ground: "early", first: 202510, base: "8265", index: "0.6757", months: 430,
			before: 120, divisor: "139", balance: "83946.23", extra: "only_child_allowance", extraAmount: "177.65"})},
		{19650208, identity.Male, claimant{published: "CN-P13", place: "hainan", coefficient: "1.4", retired: "2025-02-08", ground: "early", first: 202503, base: "8131",
			index: "1.8444", months: 503, before: 177, divisor: "139", balance: "223786.86"}},
		{19650814, identity.Male, claimant{published: "CN-P03", place: "hubei", coefficient: "1.2", retired: "2025-10-14", first: 202511, base: "9022", index: "1.7699",
			months: 482, before: 124, divisor: "137.8", balance: "305222.92"}},
		{19651003, identity.Male, claimant{published: "CN-P07", place: "fujian", coefficient: "1.3", retired: "2025-10-03", ground: "early", first: 202511, base: "7932",
			index: "0.572", months: 498, before: 138, divisor: "139", balance: "60269.59"}},
		{19691105, identity.Female, yunnan(claimant{class: "F55", retired: "2024-11-05", first: 202501, base: "8183", index: "0.9120", months: 396, before: 84, divisor: "170",
			balance: "91520.40"})},
		{19641102, identity.Male, yunnan(claimant{retired: "2024-11-02", first: 202501, base: "8183", index: "0.7350", months: 420, before: 132, divisor: "139",
			balance: "70980.15", death: 20250614, reported: 20250910})},
		{19741121, identity.Female, yunnan(claimant{class: "F50", retired: "2024-11-21", first: 202501, base: "8183", index: "0.6400", months: 300, before: 0, divisor: "195",
			balance: "68044.06"})},
	}
	for i, r := range rows {
		c := r.claimant
		c.claim, c.name, c.account = fmt.Sprintf("C%02d", i+1), fmt.Sprintf("虚构退休人%02d", i+1), fmt.Sprintf("5903000300%05d", i+1)
		c.number = w.number(r.birth, r.sex)
		if c.death != 0 && !w.has("death reported late") {
			c.reported = c.death.AddDays(6)
		}
		if c.class == "" {
			c.class = "M60"
		}
		if c.ground == "" {
			c.ground = "statutory"
		}
		w.determine(&c)
		w.rights[c.number] = money.MustDecimal(c.balance).Shift(2).IntPart()
		w.claims = append(w.claims, c)
	}
}

func (w *world) determine(c *claimant) {
	w.t.Helper()
	policy, err := w.catalogue.Policy(scheme.ID("cn."+c.place+".pension.policy"), calendar.Date(20251101))
	if err != nil {
		w.t.Fatal(err)
	}
	number := func(text string) decimal.NullDecimal { return decimal.NewNullDecimal(money.MustDecimal(text)) }
	in := pension.Inputs{BaseProvince: number(c.base), AverageIndex: number(c.index), Months: &c.months, AccountBalance: number(c.balance), DivisorMonths: number(c.divisor)}
	if c.before > 0 {
		in.Transitional = []pension.Stretch{{CoefficientPct: number(c.coefficient), Months: &c.before}}
	}
	if c.extra != "" {
		in.Extras = []pension.MemberFigure{{Name: c.extra, Amount: number(c.extraAmount)}}
	}
	d, err := pension.Determine(*policy.Policy, in)
	if err != nil {
		w.t.Fatal(c.claim, err)
	}
	c.monthly, c.fromAccount = d.Total.Shift(2).IntPart(), d.AccountPension.Shift(2).IntPart()
}

func (w *world) post(account string, line bankLine) {
	b := w.bank[account]
	b.serial++
	line.reference = fmt.Sprintf("%c2025-%05d", strings.ToUpper(account)[0], b.serial)
	b.lines = append(b.lines, line)
}

// balance is what stands on an account after a day's lines.
func (b *bankAccount) balance() int64 {
	sum := b.opening
	for _, line := range b.lines {
		sum += line.amount
	}
	return sum
}

// month makes the declaration, the money and the three statements of a month.
func (w *world) month(month calendar.Month) {
	day := func(n int) calendar.Date { return month.First().AddDays(n - 1) }
	due := w.assess(month)
	fiscal, expenditure := w.bank["fiscal"], w.bank["expenditure"]
	opening := map[string]int64{"income": w.bank["income"].balance(), "fiscal": fiscal.balance(), "expenditure": expenditure.balance()}
	before := map[string]int{"income": len(w.bank["income"].lines), "fiscal": len(fiscal.lines), "expenditure": len(expenditure.lines)}

	run := w.pensions(month)
	if month == 202505 { // what came back in April goes out again
		run += w.claims[5].monthly
		w.rights[w.claims[5].number] -= w.claims[5].fromAccount
		w.payments++
	}
	extra := int64(0)
	if month == 202511 {
		extra = w.rights[w.people[10].number] + w.rights[w.claims[6].number]
	}
	funding := (run+extra)/10_000_00*10_000_00 + 10_000_00
	name := fmt.Sprintf("FUND-%06d", month)
	w.post("fiscal", bankLine{day: day(8), amount: -funding, endToEnd: name, party: agencyName, partyAccount: expenditure.number, text: "拨付支出户"})
	w.post("expenditure", bankLine{day: day(8), amount: funding, endToEnd: name, party: "虚构市财政局", partyAccount: fiscal.number, text: "财政拨款"})
	w.receipts(month, due)
	w.post("expenditure", bankLine{day: day(15), amount: -run, endToEnd: "PENSION-" + month.String(), party: "养老金批量代发", text: "养老金"})
	w.returns(month)
	if month.OfYear()%3 == 0 {
		for i, name := range []string{"income", "fiscal", "expenditure"} {
			w.post(name, bankLine{day: day(21), amount: []int64{4_127, 2_250_000, 1_384}[i] + int64(month.OfYear()), text: "结息"})
		}
	}
	sweep := w.bank["income"].balance()
	name = fmt.Sprintf("SWEEP-%06d", month)
	w.post("income", bankLine{day: day(28), amount: -sweep, endToEnd: name, party: "虚构市财政局", partyAccount: fiscal.number, text: "归集"})
	w.post("fiscal", bankLine{day: day(28), amount: sweep, endToEnd: name, party: agencyName, partyAccount: w.bank["income"].number, text: "收入户归集"})
	for name, b := range w.bank {
		lines := slices.Clone(b.lines[before[name]:])
		slices.SortStableFunc(lines, func(a, b bankLine) int { return int(a.day) - int(b.day) })
		w.statement(b, month, opening[name], lines)
	}
}

func halfUp(amount, numerator, denominator int64) int64 {
	return (2*amount*numerator + denominator) / (2 * denominator)
}

// assess writes the declaration of a month and returns what each employer owes: the declared bases within 60 % and 300 % of the average wage, 16 % and 8 % of
// them, rounded for each member; 110 % of the month before where an employer forgot to declare.
func (w *world) assess(month calendar.Month) []int64 {
	average := int64(7177_00)
	if month.First().AddDays(4) >= noticeDay {
		average = 7263_00
	}
	floor, most := average*6/10, average*3
	due := make([]int64, len(w.employers))
	rows := [][]string{{"credit_code", "month", "identity_number", "base"}}
	for i := range w.people {
		p := &w.people[i]
		if month < p.from || p.left != 0 && month >= p.left {
			continue
		}
		for _, e := range []int{p.employer} {
			key := fmt.Sprint(p.number, e)
			declared := p.wage + int64(month.OfYear())*1_000
			if e == 5 && month == 202508 {
				declared = halfUp(w.base[key], 11, 10)
			} else {
				rows = append(rows, []string{w.employers[e].code, month.String(), p.number, amountText(declared)})
			}
			base := min(max(declared, floor), most)
			w.base[key] = base
			due[e] += halfUp(base, 16, 100) + halfUp(base, 8, 100)
			w.rights[p.number] += halfUp(base, 8, 100)
		}
	}
	w.table("declarations/"+month.String()+".csv", rows)
	return due
}

// receipts are what employers pay. The fifth pays May late, with its surcharge; the fourth pays six tenths from September on.
func (w *world) receipts(month calendar.Month, due []int64) {
	pay := func(e, day int, amount int64, text string) {
		w.post("income", bankLine{day: month.First().AddDays(day - 1), amount: amount, party: w.employers[e].name, partyAccount: w.employers[e].account, text: text})
	}
	for e, amount := range due {
		text := month.String() + " 养老保险费"
		switch {
		case e == 4 && month == 202505:
			w.owed[e] = amount
			continue
		case e == 4 && month == 202506:
			surcharge, err := collection.ComputeSurcharge(money.Amount(w.owed[e]), money.MustCurrency("CNY"), 20250525, 20250612, w.catalogue, surchargePolicy())
			if err != nil {
				w.t.Fatal(err)
			}
			pay(e, 12, w.owed[e]+int64(surcharge.Amount), "2025-05 养老保险费及滞纳金")
		case e == 3 && month >= 202509 && w.has("underpaying employer"):
			amount = amount * 6 / 10
		case e == 2 && month == 202503:
			amount -= 12_600_00 // which another paid for it, see below
		}
		pay(e, 13+e, amount, text)
	}
	switch month {
	case 202503: // the payer writes within the week which employer it paid for
		w.post("income", bankLine{day: 20250320, amount: 12_600_00, party: "虚构人力资源服务部", partyAccount: "590200020009001", text: "代缴社保"})
	case 202504: // never cleared up
		if !w.has("unidentified receipt") {
			break
		}
		w.post("income", bankLine{day: 20250417, amount: 8_900_00, party: "虚构个体户", partyAccount: "590200020009002", text: "往来款"})
	}
}

// pensions is the run of a month: all who have begun and whose death is not yet known, and what came back and goes out again.
func (w *world) pensions(month calendar.Month) int64 {
	sum := int64(0)
	for i := range w.claims {
		c := &w.claims[i]
		if month >= c.first && (c.reported == 0 || c.reported > month.First().AddDays(9)) {
			sum += c.monthly
			w.payments++
			c.payment = w.payments
			w.rights[c.number] -= c.fromAccount
		}
	}
	return sum
}

// returns are the payments that came back, and the money of heirs.
func (w *world) returns(month calendar.Month) {
	back := func(c int, day calendar.Date, text string) {
		w.post("expenditure", bankLine{day: day, amount: w.claims[c].monthly, endToEnd: benefits.Reference(int64(month.OfYear()), w.claims[c].payment), party: w.claims[c].name,
			partyAccount: w.claims[c].account, text: text})
	}
	dead := w.claims[6]
	switch month {
	case 202504:
		back(5, 20250417, "退汇：账户不存在")
		w.rights[w.claims[5].number] += w.claims[5].fromAccount
	case 202510: // the heirs return the pensions of July and August; the one of September was stopped in time
		if !w.has("death reported late") {
			break
		}
		w.post("expenditure", bankLine{day: 20251020, amount: 2 * dead.monthly, endToEnd: "OVERPAID-" + dead.claim, party: "继承人", partyAccount: "590300030009901",
			text: "退回多发养老金"})
		w.rights[dead.number] += 2 * dead.fromAccount
	case 202511: // what comes back is not issued again before the year ends
		for i, number := range []string{dead.number, w.people[10].number} {
			w.post("expenditure", bankLine{day: 20251120, amount: -w.rights[number], endToEnd: fmt.Sprintf("HEIRS-%02d", i+1), party: "继承人",
				partyAccount: fmt.Sprintf("59030003000990%d", i+1), text: "个人账户余额继承"})
			w.rights[number] = 0
		}
		if w.has("bounced pension") {
			back(7, 20251118, "退汇：账户已销户")
		}
	}
}

func amountText(minor int64) string { return decimal.New(minor, -2).StringFixed(2) }

func (w *world) table(name string, rows [][]string) {
	w.t.Helper()
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	if err := out.WriteAll(rows); err != nil {
		w.t.Fatal(err)
	}
	w.files[name] = b.Bytes()
}

// statement writes a month of an account: the income account mostly as camt.053, the others mostly as the bank's CSV.
func (w *world) statement(b *bankAccount, month calendar.Month, opening int64, lines []bankLine) {
	xmlMonth := b.name == "income" && month.OfYear() != 7 && month.OfYear() != 8 || b.name == "expenditure" && (month.OfYear() == 5 || month.OfYear() == 6)
	name := "bank/" + b.name + "-" + month.String()
	if xmlMonth {
		w.files[name+".xml"] = camt(b, month, opening, lines)
		return
	}
	rows := [][]string{{"交易日期", "账号", "借方发生额", "贷方发生额", "余额", "流水号", "业务编号", "对方户名", "对方账号", "摘要"},
		{month.First().String(), b.number, "", "", amountText(opening), "", "", "", "", "期初余额"}}
	balance := opening
	for _, line := range lines {
		balance += line.amount
		row := []string{line.day.String(), b.number, "", amountText(line.amount), amountText(balance), line.reference, line.endToEnd, line.party, line.partyAccount, line.text}
		if line.amount < 0 {
			row[2], row[3] = amountText(-line.amount), ""
		}
		rows = append(rows, row)
	}
	w.table(name+".csv", append(rows, []string{month.Last().String(), b.number, "", "", amountText(balance), "", "", "", "", "期末余额"}))
}

func camt(b *bankAccount, month calendar.Month, opening int64, lines []bankLine) []byte {
	escape := func(text string) string {
		var b bytes.Buffer
		_ = xml.EscapeText(&b, []byte(text))
		return b.String()
	}
	var x strings.Builder
	side := func(amount int64) (string, string) {
		if amount < 0 {
			return amountText(-amount), "DBIT"
		}
		return amountText(amount), "CRDT"
	}
	balance := func(code string, amount int64, day calendar.Date) {
		text, mark := side(amount)
		fmt.Fprintf(&x, "      <Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Dt><Dt>%s</Dt></Dt></Bal>\n", code, text, mark, day)
	}
	fmt.Fprintf(&x, `<?xml version="1.0" encoding="UTF-8"?>
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
	for _, line := range lines {
		text, mark := side(line.amount)
		fmt.Fprintf(&x, "      <Ntry><Amt Ccy=\"CNY\">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><AcctSvcrRef>%s</AcctSvcrRef>\n", text, mark,
			line.day, line.reference)
		x.WriteString("        <NtryDtls><TxDtls>")
		if line.endToEnd != "" {
			fmt.Fprintf(&x, "<Refs><EndToEndId>%s</EndToEndId></Refs>", line.endToEnd)
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
			fmt.Fprintf(&x, "<RltdPties><%[1]s><Pty><Nm>%[2]s</Nm></Pty></%[1]s>%[3]s</RltdPties>", role, escape(line.party), account)
		}
		fmt.Fprintf(&x, "<RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n", escape(line.text))
	}
	x.WriteString("    </Stmt>\n  </BkToCstmrStmt>\n</Document>\n")
	return []byte(x.String())
}

// writeLists writes who and what there was at the beginning, and what became known in the year.
func (w *world) writeLists() {
	employers := [][]string{{"credit_code", "name", "account", "registered"}}
	for _, e := range w.employers {
		employers = append(employers, []string{e.code, e.name, e.account, "2025-01-01"})
	}
	members := [][]string{{"identity_number", "name", "class", "payee_account"}}
	enrolments := [][]string{{"day", "action", "identity_number", "scheme", "credit_code", "month", "admit"}}
	opening := [][]string{{"identity_number", "amount"}}
	for i, p := range w.people {
		members = append(members, []string{p.number, p.name, p.class, ""})
		enrolments = append(enrolments, []string{p.from.First().String(), "enrol", p.number, "enterprise_pension", w.employers[p.employer].code, p.from.String(), ""})
		if p.left != 0 {
			enrolments = append(enrolments, []string{p.left.First().String(), "terminate", p.number, "enterprise_pension", w.employers[p.employer].code, p.left.String(), ""})
		}
		if i == 20 && w.has("duplicate enrolment") { // in the residents' scheme besides, and its end
			enrolments = append(enrolments, []string{"2025-03-01", "enrol", p.number, "resident_pension", "", "2025-03", "overlap"},
				[]string{"2025-06-01", "terminate", p.number, "resident_pension", "", "2025-06", ""})
		}
		if p.opening > 0 {
			opening = append(opening, []string{p.number, amountText(p.opening)})
		}
	}
	slices.SortStableFunc(enrolments[1:], func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	claims := [][]string{{"claim", "identity_number", "place", "retired", "ground", "first_month", "base", "average_index", "months_total", "months_before", "coefficient_pct",
		"divisor_months", "account_balance", "extra", "extra_amount", "published"}}
	deaths := [][]string{{"identity_number", "day", "reported", "heirs_paid"}, {w.people[10].number, "2025-10-18", "2025-11-05", "2025-11-20"}}
	for _, c := range w.claims {
		members = append(members, []string{c.number, c.name, c.class, c.account})
		opening = append(opening, []string{c.number, c.balance})
		claims = append(claims, []string{c.claim, c.number, c.place, c.retired, c.ground, c.first.String(), c.base, c.index, fmt.Sprint(c.months), fmt.Sprint(c.before), c.coefficient,
			c.divisor, c.balance, c.extra, c.extraAmount, c.published})
		if c.death != 0 {
			deaths = append(deaths, []string{c.number, c.death.String(), c.reported.String(), "2025-11-20"})
		}
	}
	slices.SortStableFunc(deaths[1:], func(a, b []string) int { return strings.Compare(a[2], b[2]) })
	w.table("employers.csv", employers)
	w.table("members.csv", members)
	w.table("enrolments.csv", enrolments)
	w.table("opening_rights.csv", opening)
	w.table("claims.csv", claims)
	w.table("deaths.csv", deaths)
	w.table("payee_changes.csv", [][]string{{"day", "identity_number", "account"}, {"2025-05-06", w.claims[5].number, w.claims[5].account[:14] + "9"}})
	w.table("opening_balances.csv", [][]string{{"role", "amount"}, {"fiscal_account", amountText(w.bank["fiscal"].opening)},
		{"expenditure_account", amountText(w.bank["expenditure"].opening)}, {"general_balance", amountText(w.bank["fiscal"].opening + w.bank["expenditure"].opening)}})
	identified, mislaid := [][]string{{"bank_reference", "day", "credit_code"}}, [][]string{{"bank_reference", "account", "why"}}
	for name, b := range w.bank {
		for _, line := range b.lines {
			switch {
			case name == "income" && line.amount == 12_600_00:
				identified = append(identified, []string{line.reference, "2025-03-26", w.employers[2].code})
			case name == "expenditure" && line.day == 20250921 && line.text == "结息" && w.has("mislaid bank line"):
				mislaid = append(mislaid, []string{line.reference, name, "the bank's advice of interest never reached the accountant"})
			}
		}
	}
	w.table("identified.csv", identified)
	w.table("mislaid.csv", mislaid)
}
