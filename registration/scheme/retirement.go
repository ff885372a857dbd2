package scheme

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// RetirementClass is a group of members with one original retirement age (原法定退休年龄).
type RetirementClass string

// The classes.
const (
	Men60   RetirementClass = "M60"
	Women55 RetirementClass = "F55"
	Women50 RetirementClass = "F50"
)

// MinimumYears is the parameter of the least contribution years for a pension (最低缴费年限).
const MinimumYears ID = "cn.pension.minimum_years"

// PlaceMonths is the parameter of the contribution months that a place needs to pay the pension of a member who moved (待遇领取地).
const PlaceMonths ID = "cn.pension.place.minimum_months"

// RetirementRule is how the statutory retirement age of a class rises (渐进式延迟法定退休年龄): by one month for every StepMonths months of birth from
// FirstBirth on, up to CapMonths. The first cohort is delayed by one month, not by none. A rule of before 2025 (国发〔1978〕104号) delays nobody and leaves no choice: all
// its fields but OriginalAge are zero.
type RetirementRule struct {
	Class       RetirementClass
	OriginalAge int            // years
	FirstBirth  calendar.Month // the first month of birth that is delayed; zero where nobody is
	StepMonths  int
	CapMonths   int
	EarlyMonths int // how much earlier a member may choose to retire, never below the original age (弹性提前)
	LateMonths  int // how much later, by agreement (弹性延迟)
	Provenance  Provenance
}

// RetirementAge is what a rule says of one month of birth.
type RetirementAge struct {
	DelayMonths int
	Statutory   calendar.Month // month of the statutory age
	Earliest    calendar.Month // month of the earliest choice
	Latest      calendar.Month // month of the latest agreement
	AgeYears    int            // the statutory age: whole years
	AgeMonths   int            // and further months
}

// RetirementRule returns the rule of a class in force on a day. The errors are those of Table, and a *TableError.
func (c *Catalogue) RetirementRule(class RetirementClass, day calendar.Date) (RetirementRule, error) {
	value, err := c.Table(ID("cn.retirement.rule."+strings.ToLower(string(class))), day)
	if err != nil {
		return RetirementRule{}, err
	}
	t := tableReader{value: value}
	rule := RetirementRule{Class: class, OriginalAge: t.whole("original_age"), Provenance: value.Provenance}
	delays := len(value.Table) > 1
	if delays {
		rule.FirstBirth, rule.StepMonths, rule.CapMonths = t.month("first_birth"), t.whole("step_months"), t.whole("cap_months")
		rule.EarlyMonths, rule.LateMonths = t.whole("early_months"), t.whole("late_months")
	}
	if t.err == nil && (rule.OriginalAge < 1 || delays && rule.StepMonths < 1) {
		t.fault("original_age and step_months are not above zero")
	}
	return rule, t.err
}

// Age returns the retirement months of a member born in a month.
func (r RetirementRule) Age(birth calendar.Month) RetirementAge {
	delay := 0
	if k := birth.Sub(r.FirstBirth); r.FirstBirth != 0 && k >= 0 {
		delay = min(r.CapMonths, k/r.StepMonths+1)
	}
	original := birth.Add(12 * r.OriginalAge)
	statutory := original.Add(delay)
	months := 12*r.OriginalAge + delay
	return RetirementAge{
		DelayMonths: delay, Statutory: statutory, Earliest: max(original, statutory.Add(-r.EarlyMonths)), Latest: statutory.Add(r.LateMonths),
		AgeYears: months / 12, AgeMonths: months % 12,
	}
}

// MinimumYears returns the least contribution years (Value.Number) for a pension from a day on.
func (c *Catalogue) MinimumYears(day calendar.Date) (Value, error) {
	return c.Number(MinimumYears, day)
}

// PlaceSpell is how many months a member contributed in one place.
type PlaceSpell struct {
	Place  string
	Months int
}

// EntitlementPlace returns the place that determines and pays the pension of an employee who contributed in several (待遇领取地): home when the last
// enrolment is there; else the place of the last enrolment when it has the months of PlaceMonths; else the latest of the earlier places that has them; else
// home. spells stand in the order of time; the last enrolment is current. Source: 国办发〔2009〕66号 art. 6.
func (c *Catalogue) EntitlementPlace(home, current string, spells []PlaceSpell, day calendar.Date) (string, error) {
	need, err := c.Number(PlaceMonths, day)
	if err != nil {
		return "", err
	}
	total := map[string]int64{}
	for _, s := range spells {
		total[s.Place] += int64(s.Months)
	}
	least := need.Number.IntPart()
	if current == home || total[current] >= least {
		return current, nil
	}
	for i := len(spells) - 1; i >= 0; i-- {
		if total[spells[i].Place] >= least {
			return spells[i].Place, nil
		}
	}
	return home, nil
}

// TableError says that a table lacks a row that a rule needs, or holds another text than the rule can read. Get it with errors.As.
type TableError struct {
	ID     ID
	From   calendar.Date // of the value's validity
	Reason string
	Hint   string
}

func (e *TableError) Error() string {
	return fmt.Sprintf("scheme: the table %s from %s cannot be used: %s; %s", e.ID, e.From, e.Reason, e.Hint)
}

// tableReader reads typed cells and keeps the first fault.
type tableReader struct {
	value Value
	err   error
}

func (t *tableReader) fault(reason string) {
	if t.err == nil {
		t.err = &TableError{ID: t.value.Parameter, From: t.value.From, Reason: reason, Hint: "correct the file " + t.value.File}
	}
}

func (t *tableReader) whole(key string) int {
	text, _ := t.value.Table.Text(key)
	number, err := money.ParseDecimal(text)
	if err != nil || !number.IsInteger() || number.IsNegative() {
		t.fault(fmt.Sprintf("%s is %q, no whole number", key, text))
		return 0
	}
	count, err := strconv.Atoi(number.String())
	if err != nil {
		t.fault(fmt.Sprintf("%s is %q, no count", key, text))
	}
	return count
}

func (t *tableReader) month(key string) calendar.Month {
	text, _ := t.value.Table.Text(key)
	month, err := calendar.ParseMonth(text)
	if err != nil {
		t.fault(fmt.Sprintf("%s is %q, no month", key, text))
	}
	return month
}
