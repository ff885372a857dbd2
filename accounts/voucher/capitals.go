// Package voucher holds what a printed voucher (会计凭证) needs. The amount in Chinese capitals (大写金额) and the date of a cheque in capitals are written and
// read here, as 会计基础工作规范 article 52 and 正确填写票据和结算凭证的基本规定 (annex 1 of 支付结算办法) have them.
package voucher

import (
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// CapitalsError says why an amount, a date or a text has no form in capitals, or none that the rules allow. Get it with errors.As.
type CapitalsError struct {
	Text   string // what was given
	Reason string
	Hint   string // what to do
}

func (e *CapitalsError) Error() string {
	return fmt.Sprintf("voucher: %q %s; %s", e.Text, e.Reason, e.Hint)
}

const (
	prefix = "人民币"
	digits = "零壹贰叁肆伍陆柒捌玖"
)

var (
	digitNames = []rune(digits)
	placeUnits = []string{"", "拾", "佰", "仟"}
)

// Capitals writes an amount of 分 in its canonical form, without 人民币 before it: 整 after 元 and after 角 (right under both rules), one 零 for zeros between
// figures, no 零 after 元 where the text leaves it free, 壹拾 for ten. Zero is 零元整, less than a yuan has no 元. A negative amount has no form in capitals: it is
// red.
func Capitals(amount money.Amount) (string, error) {
	if amount < 0 {
		return "", &CapitalsError{Text: fmt.Sprint(int64(amount)), Reason: "is negative", Hint: "write the amount without its sign, in red"}
	}
	return writeCapitals(amount, style{ending: "整"}), nil
}

// style says which of the allowed forms to write.
type style struct {
	yuanZero bool   // 零 after 元 where the integer ends in 0 and 角 is not 0
	noZeroAt uint   // bit i: no 零 at the boundary of the i-th group of four, where only the figure before the boundary is zero
	ending   string // 整, 正, or "" after 角
}

func writeCapitals(amount money.Amount, s style) string {
	yuan, jiao, fen := int64(amount)/100, int64(amount)/10%10, int64(amount)%10
	var out strings.Builder
	if yuan > 0 || amount == 0 {
		out.WriteString(writeInteger(yuan, s) + "元")
	}
	switch {
	case jiao > 0:
		if s.yuanZero && freeYuanZero(amount) {
			out.WriteRune(digitNames[0])
		}
		out.WriteString(string(digitNames[jiao]) + "角")
	case fen > 0 && yuan > 0:
		out.WriteRune(digitNames[0])
	}
	if fen > 0 {
		out.WriteString(string(digitNames[fen]) + "分")
	} else {
		out.WriteString(s.ending)
	}
	return out.String()
}

// freeYuanZero reports whether 零 after 元 is free to write.
func freeYuanZero(amount money.Amount) bool {
	yuan, jiao := int64(amount)/100, int64(amount)/10%10
	return yuan > 0 && yuan%10 == 0 && jiao > 0
}

// writeInteger walks the figures of a number of yuan in groups of four. 万 closes the second and fourth group, 亿 the third and fifth; the groups from the third up
// are read as a number of 亿 by themselves.
func writeInteger(yuan int64, s style) string {
	if yuan == 0 {
		return string(digitNames[0])
	}
	text := fmt.Sprint(yuan)
	var out strings.Builder
	zeros := 0                      // figures of the run of zeros just passed
	groupHas, above := false, false // a figure in this group; a figure in the 亿 read by themselves
	for i, figure := range text {
		place := len(text) - 1 - i
		if figure == '0' {
			zeros++
		} else {
			if zeros > 0 && !(zeros == 1 && place%4 == 3 && s.noZeroAt>>(place/4)&1 == 1) {
				out.WriteRune(digitNames[0])
			}
			out.WriteString(string(digitNames[figure-'0']) + placeUnits[place%4])
			zeros, groupHas, above = 0, true, true
		}
		if place%4 != 0 {
			continue
		}
		switch group := place / 4; {
		case group%2 == 1 && groupHas:
			out.WriteString("万")
		case group > 0 && group%2 == 0 && (groupHas || (group == 2 && above)):
			out.WriteString("亿")
		}
		groupHas = false
	}
	return out.String()
}

// freeZeros returns the groups at whose boundary 零 is free to write: the figure before the boundary is a single zero, the one after it is not zero
// (107,000.53 is 壹拾万零柒仟 or 壹拾万柒仟).
func freeZeros(yuan int64) uint {
	text := fmt.Sprint(yuan)
	var free uint
	for i := 1; i+1 < len(text); i++ {
		place := len(text) - 1 - i // of the figure that may be the zero
		if text[i] == '0' && text[i-1] != '0' && text[i+1] != '0' && place%4 == 0 && place > 0 {
			free |= 1 << ((place - 1) / 4)
		}
	}
	return free
}

// maxCapitalsLength bounds what ParseCapitals reads, in runes.
const maxCapitalsLength = 64

// traditional figures that a bank has to accept as well (rule 1 of the PAY rules).
var traditional = strings.NewReplacer("貳", "贰", "陸", "陆", "億", "亿", "萬", "万", "圓", "元")

// ParseCapitals reads every form of an amount that the rules allow, with or without 人民币 before it, and no other: 整 or 正 after 元, and after 角 or left out
// there; 零 where it is free or left out; the traditional figures 貳, 陸, 億, 萬, 圓. It returns a *CapitalsError that names the canonical form where the figures can
// be read at all, and a *money.OverflowError for more than an Amount holds.
func ParseCapitals(text string) (money.Amount, error) {
	if len([]rune(text)) > maxCapitalsLength {
		return 0, &CapitalsError{Text: string([]rune(text)[:maxCapitalsLength]) + "…", Reason: "is too long for an amount", Hint: "give one amount"}
	}
	body := traditional.Replace(strings.TrimPrefix(text, prefix))
	amount, ok, err := looseValue(body)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, &CapitalsError{Text: text, Reason: "is no amount in capitals", Hint: "write figures such as 壹仟肆佰零玖元伍角整"}
	}
	for _, form := range allowedForms(amount) {
		if form == body {
			return amount, nil
		}
	}
	canonical := writeCapitals(amount, style{ending: "整"})
	return 0, &CapitalsError{Text: text, Reason: "is not written as the rules allow", Hint: "if " + money.MustCurrency("CNY").Format(amount) + " is meant, write " + canonical}
}

// allowedForms returns every allowed form of an amount.
func allowedForms(amount money.Amount) []string {
	endings := []string{"整", "正"}
	if int64(amount)%10 > 0 {
		endings = []string{""}
	} else if int64(amount)/10%10 > 0 {
		endings = append(endings, "")
	}
	var out []string
	free := freeZeros(int64(amount) / 100)
	for mask := uint(0); mask <= free; mask++ {
		if mask&^free != 0 {
			continue
		}
		for _, ending := range endings {
			out = append(out, writeCapitals(amount, style{noZeroAt: mask, ending: ending}))
			if freeYuanZero(amount) {
				out = append(out, writeCapitals(amount, style{noZeroAt: mask, ending: ending, yuanZero: true}))
			}
		}
	}
	return out
}

// looseValue reads the figures and units of a text whatever its zeros and ending; allowedForms then decides about the form.
func looseValue(body string) (amount money.Amount, ok bool, err error) {
	var yuan, section, group money.Amount // yuan: closed by 亿; section: closed by 万; group: below 万
	pending, seen := money.Amount(-1), false
	var total money.Amount
	add := func(to *money.Amount, a money.Amount, factor int64) {
		if err != nil {
			return
		}
		if a, err = a.Times(factor); err == nil {
			*to, err = to.Add(a)
		}
	}
	for _, r := range body {
		digit := strings.IndexRune(digits, r) / len("零")
		switch {
		case strings.ContainsRune(digits, r):
			if pending > 0 {
				return 0, false, nil
			}
			pending, seen = money.Amount(digit), true
		case r == '拾' || r == '佰' || r == '仟':
			add(&group, max(pending, 0), map[rune]int64{'拾': 10, '佰': 100, '仟': 1000}[r])
			pending = -1
		case r == '万':
			add(&section, group+max(pending, 0), 10_000)
			group, pending = 0, -1
		case r == '亿':
			add(&yuan, section+group+max(pending, 0), 1)
			yuan, err = timesKeeping(yuan, 100_000_000, err)
			section, group, pending = 0, 0, -1
		case r == '元':
			add(&yuan, section+group+max(pending, 0), 1)
			add(&total, yuan, 100)
			yuan, section, group, pending = 0, 0, 0, -1
		case r == '角' || r == '分':
			add(&total, max(pending, 0), map[rune]int64{'角': 10, '分': 1}[r])
			pending = -1
		case r == '整' || r == '正':
		default:
			return 0, false, nil
		}
	}
	return total, seen && err == nil, err
}

func timesKeeping(a money.Amount, n int64, err error) (money.Amount, error) {
	if err != nil {
		return 0, err
	}
	return a.Times(n)
}

// DateCapitals writes the date of a cheque or bill (票据出票日期): the year figure by figure; 零 before the months 壹, 贰 and 壹拾, and before the days 壹 to 玖, 壹拾, 贰拾
// and 叁拾; 壹 before the other tens. 2026-01-15 is 贰零贰陆年零壹月壹拾伍日.
func DateCapitals(d calendar.Date) (string, error) {
	if !d.Valid() {
		return "", &CapitalsError{Text: fmt.Sprint(int32(d)), Reason: "is no date", Hint: "give an existing day"}
	}
	var out strings.Builder
	for _, figure := range fmt.Sprintf("%04d", d.Year()) {
		out.WriteRune(digitNames[figure-'0'])
	}
	out.WriteString("年")
	if m := d.MonthOfYear(); m == 1 || m == 2 || m == 10 {
		out.WriteRune(digitNames[0])
	}
	out.WriteString(writeInteger(int64(d.MonthOfYear()), style{}) + "月")
	if d.Day() < 10 || d.Day()%10 == 0 {
		out.WriteRune(digitNames[0])
	}
	out.WriteString(writeInteger(int64(d.Day()), style{}) + "日")
	return out.String(), nil
}

// ParseDateCapitals reads exactly what DateCapitals writes. The rules have banks refuse any other way of writing it that could be altered.
func ParseDateCapitals(text string) (calendar.Date, error) {
	refused := &CapitalsError{Text: text, Reason: "is no date of a cheque in capitals", Hint: "write it as 贰零贰陆年零壹月壹拾伍日"}
	yearText, rest, ok := strings.Cut(text, "年")
	monthText, dayText, ok2 := strings.Cut(rest, "月")
	if !ok || !ok2 || len([]rune(text)) > maxCapitalsLength || len([]rune(yearText)) != 4 {
		return 0, refused
	}
	year := 0
	for _, r := range yearText {
		if !strings.ContainsRune(digits, r) {
			return 0, refused
		}
		year = year*10 + strings.IndexRune(digits, r)/len("零")
	}
	month, okMonth, _ := looseValue(monthText + "元")
	day, okDay, _ := looseValue(strings.TrimSuffix(dayText, "日") + "元")
	if !okMonth || !okDay || month > 1200 || day > 3100 {
		return 0, refused
	}
	d, err := calendar.NewDate(year, int(month)/100, int(day)/100)
	if err != nil {
		return 0, refused
	}
	if canonical, err := DateCapitals(d); err != nil || canonical != text {
		return 0, refused
	}
	return d, nil
}
