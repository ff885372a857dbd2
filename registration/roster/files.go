package roster

import (
	"fmt"
	"io"

	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/scheme"
)

// ReadEmployers reads a file of employers with the columns credit_code and name, and any of agency, industry, address, contact, founded. The error is
// *registration.Faults, or that of reading.
func ReadEmployers(input io.Reader, name string, options Options) (*File[registration.EmployerSpec], error) {
	text := func(to func(*registration.EmployerSpec) *string) func(*cell, *registration.EmployerSpec) {
		return func(c *cell, row *registration.EmployerSpec) { *to(row) = c.text }
	}
	return read(input, name, options, []field[registration.EmployerSpec]{
		{"credit_code", true, func(c *cell, row *registration.EmployerSpec) { row.Code = c.creditCode() }},
		{"name", true, text(func(row *registration.EmployerSpec) *string { return &row.Name })},
		{"agency", false, text(func(row *registration.EmployerSpec) *string { return &row.Agency })},
		{"industry", false, text(func(row *registration.EmployerSpec) *string { return &row.Industry })},
		{"address", false, text(func(row *registration.EmployerSpec) *string { return &row.Address })},
		{"contact", false, text(func(row *registration.EmployerSpec) *string { return &row.Contact })},
		{"founded", false, func(c *cell, row *registration.EmployerSpec) { row.Founded = c.date() }},
	})
}

// ReadMembers reads a file of persons with the columns identity_number and name, and any of birth, sex, class, first_work. Sex is male, female, 男 or 女; class
// is M60, F55 or F50. The error is *registration.Faults, or that of reading.
func ReadMembers(input io.Reader, name string, options Options) (*File[registration.MemberSpec], error) {
	return read(input, name, options, []field[registration.MemberSpec]{
		{"identity_number", true, func(c *cell, row *registration.MemberSpec) { row.Number = c.number() }},
		{"name", true, func(c *cell, row *registration.MemberSpec) { row.Name = c.text }},
		{"birth", false, func(c *cell, row *registration.MemberSpec) { row.Birth = c.date() }},
		{"sex", false, func(c *cell, row *registration.MemberSpec) { row.Sex = c.sex() }},
		{"class", false, func(c *cell, row *registration.MemberSpec) { row.Class = c.class() }},
		{"first_work", false, func(c *cell, row *registration.MemberSpec) { row.FirstWork = c.date() }},
	})
}

// ReadEnrolments reads a file of enrolments with the columns identity_number, scheme and from, and any of credit_code, hired, counterpart, reason. The same
// file serves Suspend, Resume, Terminate and Transfer. The error is *registration.Faults, or that of reading.
func ReadEnrolments(input io.Reader, name string, options Options) (*File[registration.Change], error) {
	return read(input, name, options, []field[registration.Change]{
		{"identity_number", true, func(c *cell, row *registration.Change) { row.Number = c.number() }},
		{"scheme", true, func(c *cell, row *registration.Change) { row.Scheme = registration.Scheme(c.text) }},
		{"from", true, func(c *cell, row *registration.Change) { row.From = c.month() }},
		{"credit_code", false, func(c *cell, row *registration.Change) { row.Code = c.creditCode() }},
		{"hired", false, func(c *cell, row *registration.Change) { row.Hired = c.date() }},
		{"counterpart", false, func(c *cell, row *registration.Change) { row.Counterpart = c.text }},
		{"reason", false, func(c *cell, row *registration.Change) { row.Reason = c.text }},
	})
}

// number reads an identity number, or takes it as it is where that is admitted.
func (c *cell) number() identity.Number {
	number, err := identity.ParseNumber(c.text)
	if err == nil {
		return number
	}
	if c.admit.Has(registration.FlagIdentityInvalid) {
		unchecked, tooBad := identity.Unchecked(c.text)
		if tooBad == nil {
			return unchecked
		}
		err = tooBad
	}
	c.wrong(registration.ErrIdentityInvalid, err)
	return identity.Number{}
}

// creditCode reads a credit code, or takes it as it is where that is admitted.
func (c *cell) creditCode() identity.CreditCode {
	code, err := identity.ParseCreditCode(c.text)
	if err != nil && c.admit.Has(registration.FlagCreditCodeInvalid) {
		return identity.CreditCode(c.text)
	}
	if err != nil {
		c.wrong(registration.ErrCreditCodeInvalid, err)
	}
	return code
}

func (c *cell) sex() identity.Sex {
	switch c.text {
	case "male", "男":
		return identity.Male
	case "female", "女":
		return identity.Female
	}
	c.fault(registration.ErrInvalid, fmt.Sprintf("%q is no sex", short(c.text)), "write male, female, 男 or 女", nil)
	return 0
}

func (c *cell) class() scheme.RetirementClass {
	switch class := scheme.RetirementClass(c.text); class {
	case scheme.Men60, scheme.Women55, scheme.Women50:
		return class
	}
	c.fault(registration.ErrInvalid, fmt.Sprintf("%q is no class", short(c.text)), "write M60, F55 or F50", nil)
	return ""
}
