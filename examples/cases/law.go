package main

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

// inForce is a day on which all parameters that a case compares without a date are in force: after the reform of the retirement age.
const inForce calendar.Date = 20250701

// source notes the provenance of a parameter in the trace.
func (a *answer) source(p scheme.Provenance) {
	fmt.Fprintf(&a.trace, "%s, valid from %s to %s, %s: %s\n", p.Parameter, p.From, p.To, p.Status, p.Source)
}

// setTable puts the cells of a table under a path.
func (a *answer) setTable(path string, value scheme.Value) {
	for _, r := range value.Table {
		a.set(joined(path, r.Key), r.Text)
	}
	a.source(value.Provenance)
}

func solveDivisorTable(law *scheme.Catalogue, _ *publishedCase) (*answer, error) {
	a := newAnswer()
	value, err := law.Table(scheme.DivisorTable, inForce)
	if err != nil {
		return nil, err
	}
	a.setTable("table", value)
	return a, nil
}

var agePattern = regexp.MustCompile(`^(\d+)(?:y| years?)?(?: ?(\d+)(?:m| months?)?)?$`)

func readAge(text string) (years, months int, err error) {
	m := agePattern.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, fmt.Errorf("%q is no age such as 60y2m", text)
	}
	years, err = strconv.Atoi(m[1])
	if err == nil && m[2] != "" {
		months, err = strconv.Atoi(m[2])
	}
	return years, months, err
}

func solveDivisorPoints(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	points := c.Expected.Field("points")
	if points == nil || points.Kind != yamltext.List {
		return a, nil // every figure expected is then reported as not computed
	}
	for i, item := range points.Items {
		f := newFigures(item)
		age := f.text("age")
		years, months, err := readAge(age)
		if err != nil {
			return nil, err
		}
		divisor, err := law.Divisor(years, months, inForce)
		if err != nil {
			return nil, err
		}
		path := fmt.Sprintf("points[%d].", i)
		a.set(path+"age", age)
		a.set(path+"divisor", divisor.Months.String())
		fmt.Fprintf(&a.trace, "%s: %s, %s and %s\n", age, divisor.Months, divisor.Table.Source, divisor.Method.Source)
	}
	return a, nil
}

func solveRetirement(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	cases := c.Expected.Field("cases")
	if cases == nil || cases.Kind != yamltext.List {
		return a, nil
	}
	for i, item := range cases.Items {
		f := newFigures(item)
		class, birthText := f.text("cls", "class"), f.text("birth")
		birth, err := calendar.ParseMonth(birthText)
		if err != nil {
			return nil, err
		}
		rule, err := law.RetirementRule(scheme.RetirementClass(class), inForce)
		if err != nil {
			return nil, err
		}
		age := rule.Age(birth)
		path := fmt.Sprintf("cases[%d].", i)
		a.set(path+"cls", class)
		a.set(path+"class", class)
		a.set(path+"birth", birthText)
		a.set(path+"delay_months", strconv.Itoa(age.DelayMonths))
		a.set(path+"retire", age.Statutory.String())
		a.set(path+"earliest", age.Earliest.String())
		a.set(path+"latest", age.Latest.String())
		a.set(path+"age", fmt.Sprintf("%dy%dm", age.AgeYears, age.AgeMonths))
		fmt.Fprintf(&a.trace, "%s born %s: delay %d months, %s\n", class, birth, age.DelayMonths, rule.Provenance.Source)
	}
	return a, nil
}

// eachKey calls with every key of a mapping in `expected`.
func eachKey(c *publishedCase, name string, call func(path, key string) error) error {
	n := c.Expected.Field(name)
	if n == nil {
		return nil
	}
	for _, f := range n.Fields {
		if err := call(joined(name, f.Name), f.Name); err != nil {
			return err
		}
	}
	return nil
}

func firstOfYear(text string) (calendar.Date, error) {
	year, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no year", text)
	}
	return calendar.NewDate(year, 1, 1)
}

func solveMinimumYears(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	err := eachKey(c, "years", func(path, key string) error {
		day, err := firstOfYear(key)
		if err != nil {
			return err
		}
		value, err := law.MinimumYears(day)
		a.set(path, value.Text)
		a.source(value.Provenance)
		return err
	})
	return a, err
}

func solveInterestRates(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	for name, shift := range map[string]int32{"rates_pct": 2, "rates": 0} {
		err := eachKey(c, name, func(path, key string) error {
			day, err := firstOfYear(key)
			if err != nil {
				return err
			}
			value, err := law.Rate(notionalRate, day)
			a.set(path, value.Number.Shift(shift).String())
			a.source(value.Provenance)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return a, nil
}

// ratesByName says which parameter a case of dated rates means.
var ratesByName = map[string]scheme.ID{"rate_per_day": "cn.surcharge.daily_rate", "notional_rate": notionalRate}

func solveDatedRate(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	f := newFigures(c.Inputs)
	named := scheme.ID(f.text("parameter"))
	for _, field := range c.Expected.Fields {
		id := ratesByName[field.Name]
		if named != "" {
			id = named
		}
		if id == "" {
			continue // reported as not computed
		}
		err := eachKey(c, field.Name, func(path, key string) error {
			day, err := calendar.ParseDate(key)
			if err != nil {
				return err
			}
			value, err := law.At(id, day)
			a.set(path, value.Text)
			a.source(value.Provenance)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return a, nil
}

func solvePlace(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	cases := c.Expected.Field("cases")
	if cases == nil || cases.Kind != yamltext.List {
		return a, nil
	}
	for i, item := range cases.Items {
		f := newFigures(item)
		home, current := f.text("home"), f.text("current")
		path := fmt.Sprintf("cases[%d].", i)
		a.set(path+"home", home)
		a.set(path+"current", current)
		var spells []scheme.PlaceSpell
		months, _ := f.field("months")
		if months != nil {
			for _, field := range months.Fields {
				n := newFigures(months).count(field.Name)
				if n == nil {
					return nil, fmt.Errorf("%smonths.%s is no number of months", path, field.Name)
				}
				spells = append(spells, scheme.PlaceSpell{Place: field.Name, Months: *n})
				a.set(path+"months."+field.Name, strconv.Itoa(*n))
			}
		}
		place, err := law.EntitlementPlace(home, current, spells, inForce)
		if err != nil {
			return nil, err
		}
		a.set(path+"place", place)
	}
	return a, nil
}

func solveWorkInjury(law *scheme.Catalogue, _ *publishedCase) (*answer, error) {
	a := newAnswer()
	for path, id := range map[string]scheme.ID{
		"one_off_months": "cn.work_injury.one_off_months", "allowance_pct": "cn.work_injury.allowance_pct",
		"nursing_pct_of_regional_wage": "cn.work_injury.nursing_pct", "death": "cn.work_injury.death",
	} {
		value, err := law.Table(id, inForce)
		if err != nil {
			return nil, err
		}
		a.setTable(path, value)
		if path == "death" {
			a.setDeathWords(value)
		}
	}
	return a, nil
}

// setDeathWords puts two figures of the table in the words that published tables use for them.
func (a *answer) setDeathWords(death scheme.Value) {
	if times, ok := death.Table.Text("lump_sum_times_national_urban_income"); ok {
		a.set("death.lump_sum", times+" x national urban disposable income per capita of prior year")
	}
	if pct, _ := death.Table.Text("survivors_cap_pct_of_wage"); pct == "100" {
		a.set("death.cap", "sum <= wage of the deceased")
	}
}

func solveUnemployment(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	table, err := law.Table(benefits.UnemploymentMaxMonths, inForce)
	if err != nil {
		return nil, err
	}
	a.source(table.Provenance)
	most, err := law.Number("cn.unemployment.carry_over_cap", inForce)
	if err != nil {
		return nil, err
	}
	a.set("carry_over_cap_months", most.Text)
	if cases := c.Expected.Field("cases"); cases != nil {
		for i, item := range cases.Items {
			f := newFigures(item)
			years := f.number("years")
			if !years.Valid {
				return nil, fmt.Errorf("cases[%d] has no years", i)
			}
			months, err := benefits.UnemploymentMonths(years.Decimal, table)
			if err != nil {
				return nil, err
			}
			a.set(fmt.Sprintf("cases[%d].years", i), years.Decimal.String())
			a.set(fmt.Sprintf("cases[%d].max_months", i), strconv.Itoa(months))
		}
	}
	return a, nil
}
