package printing

import (
	"strings"

	"github.com/fundledger/fundledger/ledger/money"
)

// figure is an amount in one column: as text, and as one text for each cell of the grid.
type figure struct {
	Text  string
	Cells []string
	Red   bool
}

// figuring is how the amounts of one voucher are written: with as many cells as the longest of them needs.
type figuring struct {
	currency money.Currency
	grid     bool
	cells    int
}

// leastCells are 亿 to 分.
const leastCells = 11

func (l *Layout) figuring(s *Sheet, lines []Line, totals ...money.Amount) figuring {
	g := figuring{currency: s.Currency, grid: l.Figures == Grid && s.Currency.Code() == renminbi, cells: leastCells}
	for _, line := range lines {
		totals = append(totals, line.Amount)
	}
	for _, amount := range totals {
		g.cells = max(g.cells, len(digitsOf(g.currency, amount))+1) // one more for the sign
	}
	return g
}

// The most cells that fit a column at normal size.
const (
	widestGrid  = 13
	widestPlain = 16
)

const renminbi = "CNY"

// digitsOf are the figures of an amount without sign and point: 5 分 is 005.
func digitsOf(currency money.Currency, amount money.Amount) string {
	return strings.NewReplacer("-", "", ".", "").Replace(currency.Text(amount))
}

// figure writes an amount. A total has the sign of the currency before it, an amount in red its minus (会计基础工作规范 52(一)).
func (g figuring) figure(amount money.Amount, total bool) figure {
	f := figure{Text: g.currency.Format(amount), Red: amount < 0}
	sign := ""
	switch {
	case amount < 0:
		sign = "-"
	case total && g.currency.Code() == renminbi:
		sign = "¥"
	}
	if total && amount >= 0 {
		f.Text = sign + f.Text
	}
	if f.Red {
		f.Text = "−" + strings.TrimPrefix(f.Text, "-")
		sign = "−"
	}
	f.Cells = g.empty()
	digits := digitsOf(g.currency, amount)
	at := len(f.Cells) - len(digits)
	for i, digit := range digits {
		f.Cells[at+i] = string(digit)
	}
	if sign != "" {
		f.Cells[at-1] = sign
	}
	return f
}

func (g figuring) empty() []string { return make([]string, g.cells) }

// labels are the places over the cells, from the left: 亿 千 百 十 万 千 百 十 元 角 分 for eleven.
func (g figuring) labels() []string {
	out := make([]string, g.cells)
	for i := range out {
		switch place := g.cells - 1 - i; place {
		case 0:
			out[i] = "分"
		case 1:
			out[i] = "角"
		case 2:
			out[i] = "元"
		default:
			out[i] = []string{"亿", "十", "百", "千", "万", "十", "百", "千"}[(place-2)%8]
		}
	}
	return out
}
