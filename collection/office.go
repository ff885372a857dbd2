// Package collection collects contributions (社会保险费征缴): what employers declare is assessed by dated parameters and demanded, what the bank received is allocated to
// demands, months and members, and posted into the fund's book together with the members' rights; arrears are noticed, surcharges (滞纳金) computed, overpayments and
// mistakes refunded.
//
// The arithmetic is pure: Contribute, ComputeSurcharge, and package allocation beside this one. Dated parameters come from package registration/scheme, sums of
// money are minor units, products are exact and rounded once at the stage a rule names. Every result holds the figures and sources it was computed from.
//
// Office is the service. Bulk facts, such as the members of a declaration, an assessment or an allocation, are sheets (package registration/sheet) that the act
// or entry in the fund's book seals by their hash; rows stand for what is looked up alone.
package collection

import (
	"embed"
	"io/fs"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
)

// Parameters names the dated parameters that an assessment reads, all as they stand on the first day of the wage month.
type Parameters struct {
	AverageWage  scheme.ID // 缴费工资基准: the average wage that limits are multiples of, an amount a month
	Floor, Cap   scheme.ID // multiples of it
	EmployerRate scheme.ID // 单位缴费比例
	PersonRate   scheme.ID // 个人缴费比例; the person's part goes to the personal account
	Undeclared   scheme.ID // multiple of the month before for months without a declaration (社会保险法 art. 62)
}

// ChinaPension returns the parameters of the employees' pension that come with package scheme; the average wage is the place's own.
func ChinaPension(averageWage scheme.ID) Parameters {
	return Parameters{AverageWage: averageWage, Floor: "cn.contribution.base_floor", Cap: "cn.contribution.base_cap",
		EmployerRate: "cn.pension.employee.employer_rate", PersonRate: "cn.pension.employee.person_rate", Undeclared: "cn.contribution.undeclared_factor"}
}

// DuePolicy says by when the contribution of a wage month is to be paid (缴费期限): on day Day of the month that is Months after it. A day that the month does
// not have is its last day. It is data of the place.
type DuePolicy struct {
	Months int `json:"months"` // 0: within the wage month
	Day    int `json:"day"`    // 1 to 31
}

// on returns the due day of a wage month.
func (p DuePolicy) on(month calendar.Month) calendar.Date {
	due := month.Add(p.Months)
	return due.First().AddDays(min(p.Day, due.Days()) - 1)
}

// NoticeStep is one step against an employer in arrears (催缴步骤): taken when a demand has been overdue for so many days. The steps stand in their order.
type NoticeStep struct {
	Name      string // such as reminder (催缴通知) or order to pay (责令限期缴纳, 社会保险法 art. 63)
	AfterDays int    // days after the due day, from 1
}

// Config is what a place decides: all of it is data.
type Config struct {
	Scheme         registration.Scheme
	Parameters     Parameters
	LimitRounding  money.Rounding // of floor and cap
	BaseRounding   money.Rounding // of a provisional base
	Rounding       money.Rounding // of each member's two parts
	Due            DuePolicy
	Surcharge      SurchargePolicy
	Allocation     allocation.Policy
	Notices        []NoticeStep
	PremiumEvent   string        // event of a premium: E1, or E3a where the tax authority collects; chosen by the chart if empty
	PremiumAccount accounts.Role // account of money that premiums arrive in; accounts.RolePremiumReceipts if empty
}

// Office collects the contributions of one scheme into one fund (征缴机构): it takes declarations, assesses, demands, allocates what the bank received, and
// posts it. It is immutable and safe for concurrent use. Each command is one transaction: its rows, its entries or act in the fund's book and the members'
// rights stand or fall together. Only members whom an employer enrols are assessed.
type Office struct {
	db        *store.DB
	fund      *fund.Fund
	rights    *personal.Rights
	registry  *registration.Registry
	catalogue *scheme.Catalogue
	config    Config
	currency  money.Currency
}

// New returns the office of a fund whose book is open, over a database whose schema is up to date (ledger.Schema, registration.Schema and Schema). rights is nil
// for a fund without personal accounts. The error is *Faults.
func New(db *store.DB, f *fund.Fund, rights *personal.Rights, registry *registration.Registry, catalogue *scheme.Catalogue, config Config) (*Office, error) {
	var faults Faults
	if db == nil || f == nil || registry == nil || catalogue == nil {
		return nil, fault.One(ErrMissing, "office", "give all of them", "database, fund, registry or catalogue is not given")
	}
	if rights != nil && rights.Fund().Book() != f.Book() {
		faults.Addf(ErrInvalid, "rights", "make them with personal.NewRights of this fund", "are those of book %s", rights.Fund().Book())
	}
	if _, ok := registry.Rule(config.Scheme); !ok {
		faults.Addf(ErrInvalid, "scheme", "add it to registration.Config.Schemes", "%q is not configured in the registry", config.Scheme)
	}
	config.check(catalogue, fund.Currency(), &faults)
	if config.PremiumAccount == "" {
		config.PremiumAccount = accounts.RolePremiumReceipts
	}
	if config.PremiumEvent == "" {
		config.PremiumEvent = "E1"
		if id, err := f.Chart().Role(config.PremiumAccount); err == nil && id == "treasury" {
			config.PremiumEvent = "E3a"
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return &Office{db: db, fund: f, rights: rights, registry: registry, catalogue: catalogue, config: config, currency: fund.Currency()}, nil
}

func (c *Config) check(catalogue *scheme.Catalogue, currency money.Currency, faults *Faults) {
	for field, id := range map[string]scheme.ID{"average wage": c.Parameters.AverageWage, "floor": c.Parameters.Floor, "cap": c.Parameters.Cap,
		"employer rate": c.Parameters.EmployerRate, "person rate": c.Parameters.PersonRate, "undeclared factor": c.Parameters.Undeclared} {
		p, err := catalogue.Parameter(id)
		switch {
		case err != nil:
			faults.Add(&Fault{Code: ErrInvalid, Field: field, Detail: err.Error(), Hint: "load a file with the parameter", Err: err})
		case field == "average wage" && p.Unit != scheme.Unit(currency.Code()+"/month"):
			faults.Addf(ErrInvalid, field, "give one in "+currency.Code()+"/month", "%s is in %s", id, p.Unit)
		}
	}
	for field, rounding := range map[string]money.Rounding{"limit rounding": c.LimitRounding, "base rounding": c.BaseRounding, "rounding": c.Rounding,
		"surcharge rounding": c.Surcharge.Rounding} {
		if err := rounding.Check(); err != nil {
			faults.Add(&Fault{Code: ErrInvalid, Field: field, Detail: err.Error(), Hint: "give scale and mode", Err: err})
		}
	}
	if c.Due.Day < 1 || c.Due.Day > 31 || c.Due.Months < 0 {
		faults.Addf(ErrInvalid, "due", "give a day from 1 to 31 and zero or more months", "day %d, %d months after the wage month", c.Due.Day, c.Due.Months)
	}
	c.Allocation = c.Allocation.Filled()
	if err := c.Allocation.Check(); err != nil {
		faults.Add(&Fault{Code: ErrInvalid, Field: "allocation", Detail: err.Error(), Err: err})
	}
	for i, step := range c.Notices {
		if step.Name == "" || step.AfterDays < 1 || i > 0 && step.AfterDays <= c.Notices[i-1].AfterDays {
			faults.Addf(ErrInvalid, "notices", "give each a name and more days than the step before", "step %d (%q after %d days) is out of order", i+1, step.Name, step.AfterDays)
		}
	}
}

//go:embed schema
var schemaFiles embed.FS

// Schema returns the tables of this package, for store.DB.Migrate. They stand beside those of ledger.Schema and registration.Schema.
func Schema() store.Schema {
	files, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Line: "collection", Files: files}
}

// Fund returns the fund that the office collects for.
func (o *Office) Fund() *fund.Fund { return o.fund }

// Config returns what the office was made with, defaults filled in.
func (o *Office) Config() Config { return o.config }

// times multiplies an amount by a factor and rounds.
func (o *Office) times(amount money.Amount, factor decimal.Decimal) (money.Amount, error) {
	return roundTo(o.currency.Decimal(amount).Mul(factor), o.currency, o.config.BaseRounding)
}

func int32s[T any](rows []T, of func(*T) int32) []int32  { return mapped(rows, of) }
func int64s[T any](rows []T, of func(*T) int64) []int64  { return mapped(rows, of) }
func texts[T any](rows []T, of func(*T) string) []string { return mapped(rows, of) }
func mapped[T, V any](rows []T, of func(*T) V) []V {
	out := make([]V, len(rows))
	for i := range rows {
		out[i] = of(&rows[i])
	}
	return out
}
