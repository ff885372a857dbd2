package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

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

// item is one of several figures that a case asks for in one list.
type item struct {
	path string // of its figures, with the dot
	*figures
}

// items are the entries of a list in `expected`, each laid over the entry of that list in the inputs and over the inputs themselves; a case without the
// list asks for one figure, and its inputs are it. What is no list is then reported as not computed.
func (c *publishedCase) items(list string) []item {
	expected := c.Expected.Field(list)
	if expected == nil {
		return []item{{"", newFigures(c.Inputs)}}
	}
	given := c.Inputs.Field(list)
	var out []item
	for i, n := range expected.Items {
		merged := *n
		merged.Fields = slices.Clone(n.Fields)
		if given != nil && i < len(given.Items) {
			merged.Fields = append(merged.Fields, given.Items[i].Fields...)
		}
		merged.Fields = append(merged.Fields, c.Inputs.Fields...)
		out = append(out, item{fmt.Sprintf("%s[%d].", list, i), newFigures(&merged)})
	}
	return out
}

// echo repeats what an entry gives, where `expected` has it beside what is computed.
func (a *answer) echo(i item, names ...string) {
	for _, name := range names {
		if v := i.node.Field(name); !v.IsNull() && v.Kind == yamltext.Scalar {
			a.set(i.path+name, v.Text)
		}
	}
}

func solveDivisorTable(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, f := newAnswer(), newFigures(c.Inputs)
	value, err := law.Table(scheme.DivisorTable, f.lawDay())
	if err := errors.Join(f.err(), err); err != nil {
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

// solveDivisorPoints reads divisors at ages: a list of points, a mapping from age to divisor, or one age among the inputs.
func solveDivisorPoints(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	if points := c.Expected.Field("points"); points != nil && points.Kind == yamltext.Map {
		day := newFigures(c.Inputs)
		return a, eachKey(c, "points", func(path, age string) error {
			years, months, err := readAge(age)
			if err != nil {
				return err
			}
			return a.setDivisor(law, years, months, day, path)
		})
	}
	for _, point := range c.items("points") {
		years, months, err := point.age()
		if err != nil {
			return nil, err
		}
		a.echo(point, "age", "age_years", "age_months", "years", "months", "date")
		for _, name := range [...]string{"divisor", "divisor_months"} {
			if err := a.setDivisor(law, years, months, point.figures, point.path+name); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

// age reads an age as one text or as whole years and further months.
func (f *figures) age() (years, months int, err error) {
	if v, _ := f.field("age"); v != nil {
		if years, months, err = readAge(v.Text); err != nil {
			return 0, 0, err
		}
	} else if n := f.count("age_years", "years"); n != nil {
		years = *n
	} else {
		f.fault("age is missing")
	}
	if n := f.count("age_months", "months"); n != nil && months == 0 {
		months = *n
	}
	return years, months, f.err()
}

func (a *answer) setDivisor(law *scheme.Catalogue, years, months int, f *figures, path string) error {
	day := f.lawDay()
	divisor, err := law.Divisor(years, months, day)
	if err := errors.Join(f.err(), err); err != nil {
		return err
	}
	a.set(path, divisor.Months.String())
	fmt.Fprintf(&a.trace, "%dy%dm at %s: %s, %s and %s\n", years, months, day, divisor.Months, divisor.Table.Source, divisor.Method.Source)
	return nil
}

// classNames are the words that cases use for the three groups of the reform, beside their codes.
var classNames = map[string]scheme.RetirementClass{
	"m60": scheme.Men60, "male": scheme.Men60, "man": scheme.Men60, "men": scheme.Men60, "m": scheme.Men60, "男": scheme.Men60, "男职工": scheme.Men60,
	"f55": scheme.Women55, "female_cadre": scheme.Women55, "女干部": scheme.Women55,
	"f50": scheme.Women50, "female_worker": scheme.Women50, "女工人": scheme.Women50,
}

func solveRetirement(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	for _, one := range c.items("cases") {
		name, birth := one.text("cls", "class", "sex", "category"), one.month("birth", "birth_month", "birth_date", "born")
		class, known := classNames[strings.ToLower(name)]
		if !known {
			class = scheme.RetirementClass(name) // the law says which there are
		}
		rule, err := law.RetirementRule(class, one.lawDay())
		if err := errors.Join(one.err(), err); err != nil {
			return nil, err
		}
		age := rule.Age(birth)
		a.echo(one, "cls", "class", "sex", "category", "birth", "birth_month", "birth_date", "born")
		a.set(one.path+"delay_months", strconv.Itoa(age.DelayMonths))
		for _, name := range [...]string{"retire", "retire_month", "retirement_month", "statutory"} {
			a.set(one.path+name, age.Statutory.String())
		}
		a.set(one.path+"earliest", age.Earliest.String())
		a.set(one.path+"latest", age.Latest.String())
		for _, name := range [...]string{"age", "retirement_age"} {
			a.set(one.path+name, fmt.Sprintf("%dy%dm", age.AgeYears, age.AgeMonths))
		}
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

// valuesByYear puts a parameter of each year that `expected` lists under one of several names. A single value there is of the year among the inputs.
func (a *answer) valuesByYear(c *publishedCase, names []string, value func(day calendar.Date) (string, error)) error {
	for _, name := range names {
		n, f := c.Expected.Field(name), newFigures(c.Inputs)
		if n == nil || n.Kind == yamltext.Scalar {
			day, year := f.day("date", "as_of"), f.text("year", "retirement_year")
			if n == nil && day == 0 && year == "" {
				continue
			}
			var err error
			if day == 0 {
				day, err = firstOfYear(year)
			}
			if err := errors.Join(f.err(), err); err != nil {
				return err
			}
			text, err := value(day)
			if err != nil {
				return err
			}
			a.set(name, text)
			continue
		}
		err := eachKey(c, name, func(path, key string) error {
			day, err := firstOfYear(key)
			if err != nil {
				return err
			}
			text, err := value(day)
			a.set(path, text)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func solveMinimumYears(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	return a, a.valuesByYear(c, []string{"years", "min_years", "minimum_years"}, func(day calendar.Date) (string, error) {
		value, err := law.MinimumYears(day)
		a.source(value.Provenance)
		return value.Text, err
	})
}

func solveInterestRates(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	for shift, names := range map[int32][]string{2: {"rates_pct", "rate_pct"}, 0: {"rates", "rate"}} {
		err := a.valuesByYear(c, names, func(day calendar.Date) (string, error) {
			value, err := law.Rate(notionalRate, day)
			a.source(value.Provenance)
			return value.Number.Shift(shift).String(), err
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
		if field.Value.Kind == yamltext.Scalar {
			value, err := law.At(id, f.lawDay())
			if err := errors.Join(f.err(), err); err != nil {
				return nil, err
			}
			a.set(field.Name, value.Text)
			a.source(value.Provenance)
			continue
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
	for _, one := range c.items("cases") {
		home, current := one.text("home"), one.text("current")
		a.echo(one, "home", "current")
		var spells []scheme.PlaceSpell
		if months, _ := one.field("months"); months != nil {
			counts := one.inner(months, "months")
			for _, field := range months.Fields {
				if n := counts.count(field.Name); n != nil {
					spells = append(spells, scheme.PlaceSpell{Place: field.Name, Months: *n})
					a.set(one.path+"months."+field.Name, strconv.Itoa(*n))
				} else {
					one.fault("months.%s is no number of months", field.Name)
				}
			}
		}
		if home == "" || current == "" {
			one.fault("home and current are needed")
		}
		place, err := law.EntitlementPlace(home, current, spells, one.lawDay())
		if err := errors.Join(one.err(), err); err != nil {
			return nil, err
		}
		a.set(one.path+"place", place)
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
	if c.Expected.Field("cases") == nil && c.Inputs.Field("years").IsNull() {
		return a, nil
	}
	for _, one := range c.items("cases") {
		years := one.number("years")
		if !years.Valid {
			one.fault("years are missing")
		}
		if err := one.err(); err != nil {
			return nil, err
		}
		months, err := benefits.UnemploymentMonths(years.Decimal, table)
		if err != nil {
			return nil, err
		}
		a.echo(one, "years")
		a.set(one.path+"max_months", strconv.Itoa(months))
	}
	return a, nil
}
