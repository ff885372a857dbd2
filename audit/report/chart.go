package report

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// bar is one bar of a chart: its label, its size, and what is printed beside it.
type bar struct {
	label string
	size  int64
	text  string
	class string
	hover string
}

// draw makes the charts of the summary.
func (p *paper) draw() {
	var found []bar
	byCurrency := map[string][]bar{}
	for i := range p.Run.Outcomes {
		o := &p.Run.Outcomes[i]
		if o.Found == 0 {
			continue
		}
		class := p.State(*o)["Class"]
		if class == "open" {
			class = map[audit.Kind]string{audit.Exact: "violation", audit.Heuristic: "lead"}[o.Kind]
		}
		found = append(found, bar{label: o.Rule, size: o.Found, text: fmt.Sprint(o.Found), class: class, hover: p.T(o.Title)})
		for _, sum := range o.AtRisk {
			code := sum.Currency.Code()
			byCurrency[code] = append(byCurrency[code], bar{label: o.Rule, size: int64(sum.Amount.Abs()), text: sum.Currency.Format(sum.Amount), class: class, hover: p.T(o.Title)})
		}
	}
	if len(found) == 0 {
		return
	}
	bySize := func(bars []bar) []bar {
		slices.SortStableFunc(bars, func(x, y bar) int { return cmp.Compare(y.size, x.size) })
		return bars
	}
	p.Charts = append(p.Charts, horizontalBars(p.label("findings chart"), bySize(found)))
	for _, code := range slices.Sorted(maps.Keys(byCurrency)) {
		p.Charts = append(p.Charts, horizontalBars(fmt.Sprintf("%s (%s)", p.label("risk chart"), code), bySize(byCurrency[code])))
	}
	if months := p.months(); len(months) > 0 {
		p.Charts = append(p.Charts, columns(p.label("month chart"), months))
	}
}

// mostColumns bounds the months of a chart; earlier ones are counted together.
const mostColumns = 24

// months counts the listed findings by month, from the first one to the last one that has any, a closing period in its December.
func (p *paper) months() []bar {
	byMonth := map[calendar.Month]int64{}
	for _, f := range p.Run.Findings {
		month := calendar.Month(0)
		if f.Period.Valid() {
			month = f.Period.Month()
		}
		byMonth[month]++
	}
	var bars []bar
	add := func(name string, n int64) {
		bars = append(bars, bar{label: name, size: n, text: fmt.Sprint(n), class: "count", hover: name})
	}
	if n := byMonth[0]; n > 0 {
		add(p.label("no period"), n)
		delete(byMonth, 0)
	}
	if len(byMonth) == 0 {
		return bars
	}
	first, last := slices.Min(slices.Collect(maps.Keys(byMonth))), slices.Max(slices.Collect(maps.Keys(byMonth)))
	from := max(first, last.Add(1-mostColumns))
	var earlier int64
	for month, n := range byMonth {
		if month < from {
			earlier += n
		}
	}
	if earlier > 0 {
		add(p.label("earlier"), earlier)
	}
	for month := from; month <= last; month = month.Add(1) {
		add(month.String(), byMonth[month])
	}
	return bars
}

// The measures of charts, in the units of their view boxes.
const (
	chartWidth  = 640
	barHeight   = 18
	barStep     = 26
	labelWidth  = 44
	textWidth   = 150
	columnChart = 130
	wideWidth   = 1280
)

// scaled is size as a share of the largest, in units of room. A bar that is not zero is at least two units long.
func scaled(size, largest int64, room int) int {
	if size <= 0 || largest <= 0 {
		return 0
	}
	// Both shrink together until the product fits.
	for largest > 1<<40 {
		size, largest = size>>1, largest>>1
	}
	return max(2, int(size*int64(room)/largest))
}

func largest(bars []bar) int64 {
	var most int64
	for _, b := range bars {
		most = max(most, b.size)
	}
	return most
}

// horizontalBars draws a bar for each rule, from the left.
func horizontalBars(title string, bars []bar) template.HTML {
	s := newDrawing(title, chartWidth, len(bars)*barStep+4)
	most := largest(bars)
	for i, b := range bars {
		y := i*barStep + 4
		s.text(labelWidth-8, y+13, "end", "axis", b.label)
		s.bar(labelWidth, y, scaled(b.size, most, chartWidth-labelWidth-textWidth), barHeight, b)
		s.text(labelWidth+scaled(b.size, most, chartWidth-labelWidth-textWidth)+6, y+13, "start", "figure", b.text)
	}
	return s.end()
}

// columns draws a column for each month, from the foot, over the whole width of the page.
func columns(title string, bars []bar) template.HTML {
	const foot, widest, narrowest, roomForLabel = 22, 96, 44, 64
	step := max(narrowest, min(widest, wideWidth/len(bars)))
	s := newDrawing(title, max(wideWidth, step*len(bars)), columnChart+foot)
	most := largest(bars)
	for i, b := range bars {
		height := scaled(b.size, most, columnChart-20)
		x := i * step
		s.bar(x+step/6, columnChart-height, step-step/3, height, b)
		s.text(x+step/2, columnChart-height-5, "middle", "figure", b.text)
		if step >= roomForLabel || (len(bars)-1-i)%2 == 0 { // where it is narrow every other one, the last among them
			s.text(x+step/2, columnChart+16, "middle", "axis", b.label)
		}
	}
	s.line(0, columnChart, step*len(bars))
	return s.end()
}
