// Package eligibility judges whether a member may draw the employees' pension (养老待遇领取资格): age by class and month of birth, the least contribution
// years, the end of contributions. It is pure: the law comes in as scheme's dated parameters, the facts as registration's.
package eligibility

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
)

// Code names one reason against a claim; it is stable.
type Code string

// The codes.
const (
	Dead          Code = "dead"           // died before the pension could begin
	Merged        Code = "merged"         // the record goes on under another number
	NoClass       Code = "no_class"       // the retirement class is not registered
	TooEarly      Code = "too_early"      // before the month that the ground allows
	TooLate       Code = "too_late"       // after the latest month that an agreement may choose
	WrongGround   Code = "wrong_ground"   // the ground does not fit the month, or is none that is known
	NoApproval    Code = "no_approval"    // the ground needs an approval in the archive
	TooFewMonths  Code = "too_few_months" // below the least contribution years
	StillEnrolled Code = "still_enrolled" // contributions go on after the month of retirement
	Retired       Code = "retired"        // retired on another day
)

// Reason is one reason against a claim.
type Reason struct {
	Code   Code
	Detail string // with the arithmetic
	Hint   string // what to do
	Source string // legal or published source; empty where the reason is a fact of registration
}

// Request is what is judged.
type Request struct {
	Career    registration.Career
	Insurance registration.Insurance
	Retire    calendar.Date // 退休时间
	Ground    string        // registration.GroundStatutory and its sisters
	Reference string        // the approval in the archive
	Months    int           // contribution months, deemed ones too
}

// Judge returns every reason against a request, or none. The error is one of the catalogue: the law does not cover the day.
func Judge(law *scheme.Catalogue, r Request) ([]Reason, error) {
	reasons := facts(r)
	least, err := law.MinimumYears(r.Retire)
	if err != nil {
		return nil, err
	}
	if need := least.Number.Mul(twelve).Ceil().IntPart(); int64(r.Months) < need {
		reasons = append(reasons, Reason{TooFewMonths, fmt.Sprintf("%d months are contributed and %d (%s years) are needed from %s", r.Months, need, least.Text, least.From),
			"go on contributing, or contribute the missing months at once where the place allows", least.Source})
	}
	switch r.Career.Class {
	case scheme.Men60, scheme.Women55, scheme.Women50:
	default:
		return append(reasons, Reason{NoClass, fmt.Sprintf("class %q", r.Career.Class), "register the class of the member", ""}), nil
	}
	rule, err := law.RetirementRule(r.Career.Class, r.Retire)
	if err != nil {
		return nil, err
	}
	return append(reasons, age(r, rule)...), nil
}

func facts(r Request) (reasons []Reason) {
	if r.Career.MergedInto != 0 {
		reasons = append(reasons, Reason{Merged, fmt.Sprintf("the record goes on under member %d", r.Career.MergedInto), "claim for that member", ""})
	}
	if died := r.Career.Died(); died != 0 && died.Month() <= r.Retire.Month() {
		reasons = append(reasons, Reason{Dead, fmt.Sprintf("died on %s, before the pension would begin", died), "pay the personal account to the heirs", "社会保险法 art. 14"})
	}
	if f, ok := r.Career.Retirement(r.Insurance); ok && f.From != r.Retire {
		reasons = append(reasons, Reason{Retired, fmt.Sprintf("retired on %s", f.From), "claim for that day, or withdraw the fact", ""})
	}
	for _, s := range r.Career.ActiveIn(r.Insurance, r.Retire.Month().Add(1)) {
		reasons = append(reasons, Reason{StillEnrolled, fmt.Sprintf("enrolled in %s from %s on", s.Scheme, s.From), "end the enrolment after the month of retirement", ""})
	}
	return reasons
}

// age holds the month of retirement against the statutory one: early and late are the member's choice within bounds.
func age(r Request, rule scheme.RetirementRule) (reasons []Reason) {
	a, month, source := rule.Age(r.Career.Birth.Month()), r.Retire.Month(), rule.Provenance.Source
	add := func(code Code, hint, format string, args ...any) {
		reasons = append(reasons, Reason{code, fmt.Sprintf(format, args...), hint, source})
	}
	switch r.Ground {
	case registration.GroundStatutory:
		if month < a.Statutory {
			add(TooEarly, "wait, or choose early retirement", "born %s, class %s: %d years and %d months are reached in %s", r.Career.Birth.Month(), rule.Class, a.AgeYears, a.AgeMonths, a.Statutory)
		}
		if month > a.Statutory {
			add(WrongGround, "claim for "+a.Statutory.String()+"; arrears are paid, or give the agreement to retire late", "the statutory month was %s", a.Statutory)
		}
	case registration.GroundEarly:
		if month < a.Earliest {
			add(TooEarly, "choose a later month", "the earliest choice is %s", a.Earliest)
		}
		if month >= a.Statutory {
			add(WrongGround, "claim as statutory", "%s is not before the statutory month %s", month, a.Statutory)
		}
	case registration.GroundLate:
		if month > a.Latest {
			add(TooLate, "choose an earlier month", "the latest agreement is %s", a.Latest)
		}
		if month <= a.Statutory {
			add(WrongGround, "claim as statutory", "%s is not after the statutory month %s", month, a.Statutory)
		}
	default:
		if r.Ground == "" {
			add(WrongGround, "give one", "no ground")
		} else if r.Reference == "" {
			add(NoApproval, "give the approval in the archive", "ground %q goes without the statutory age", r.Ground)
		}
	}
	return reasons
}

// twelve months are a year.
var twelve = decimal.NewFromInt(12)
