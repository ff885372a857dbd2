package pension

import (
	"encoding/json"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// Determination is the computed pension of one member (待遇核定), with all it was computed from. Amounts are in major units a month.
type Determination struct {
	Policy         scheme.PensionPolicy `json:"policy"`
	PolicySource   *scheme.Provenance   `json:"policy_source,omitempty"`
	Inputs         Inputs               `json:"inputs"`
	Only           []string             `json:"only,omitempty"` // the components asked for, when not all three
	Basic          decimal.Decimal      `json:"basic"`
	AccountPension decimal.Decimal      `json:"account_pension"`
	Transitional   decimal.Decimal      `json:"transitional"`
	Parts          []Component          `json:"parts,omitempty"` // of the transitional pension
	Extras         []Component          `json:"extras,omitempty"`
	Subtotal       decimal.Decimal      `json:"subtotal"`       // sum of components and extras
	RoundingTopUp  decimal.Decimal      `json:"rounding_topup"` // Total − Subtotal (见分进角补足)
	Total          decimal.Decimal      `json:"total"`
	Trace          []Step               `json:"trace"`
}

// Component is a named amount.
type Component struct {
	Name   string          `json:"name"`
	Amount decimal.Decimal `json:"amount"`
}

// Step is one line of a trace: what was computed, from what, how it was rounded. Numbers are exact texts; a fraction is numerator/denominator.
type Step struct {
	Name      string          `json:"name"`    // what the step computes; later steps name it as an input
	Formula   string          `json:"formula"` // in the names of its inputs
	Inputs    []Figure        `json:"inputs"`
	Unrounded string          `json:"unrounded"` // twelve decimals and an ellipsis where it does not end sooner
	Rounding  *money.Rounding `json:"rounding,omitempty"`
	Result    string          `json:"result"`
}

// Figure is one input of a step.
type Figure struct {
	Name      string    `json:"name"`
	Value     string    `json:"value"`
	Parameter scheme.ID `json:"parameter,omitempty"` // the figure is law; Inputs.Sources holds its provenance
}

// Formula is a checked policy, ready to determine any number of members, from any number of goroutines.
type Formula struct {
	policy     scheme.PensionPolicy
	source     *scheme.Provenance
	policyJSON []byte // of policy and source, as every determination holds them
	sourceJSON []byte
}

// NewFormula checks a policy. source is its provenance and may be nil. The error is a *scheme.PolicyError. The policy must not be changed afterwards.
func NewFormula(policy scheme.PensionPolicy, source *scheme.Provenance) (*Formula, error) {
	if err := policy.Check(); err != nil {
		return nil, err
	}
	f := &Formula{policy: policy, source: source}
	var err error
	if f.policyJSON, err = json.Marshal(policy); err != nil {
		return nil, err
	}
	if source != nil {
		f.sourceJSON, err = json.Marshal(source)
	}
	return f, err
}

// Policy returns the policy, which is shared and must not be changed.
func (f *Formula) Policy() scheme.PensionPolicy { return f.policy }

// Determine computes one member's pension by a policy. For many members by one policy use NewFormula once. The errors are *scheme.PolicyError and
// *InputError.
func Determine(policy scheme.PensionPolicy, in Inputs) (Determination, error) {
	f, err := NewFormula(policy, nil)
	if err != nil {
		return Determination{}, err
	}
	return f.Determine(in)
}

// Determine computes all components, the extras and the total. The error is an *InputError that names everything missing.
func (f *Formula) Determine(in Inputs) (Determination, error) { return f.determine(in, nil) }

// DetermineOnly computes only some components (scheme.Basic, scheme.AccountPension, scheme.Transitional) and what can be added without the others;
// inputs of the rest may be missing. The extras of the policy are left out; those of the inputs are added.
func (f *Formula) DetermineOnly(in Inputs, components ...string) (Determination, error) {
	only := slices.Clone(components)
	if only == nil {
		only = []string{}
	}
	return f.determine(in, only)
}

func (f *Formula) determine(in Inputs, only []string) (Determination, error) {
	c := calculation{f: f, p: &f.policy, in: &in, faults: in.check()}
	c.steps = make([]Step, 0, 12)
	c.figures = make([]Figure, 0, 40+len(in.History))
	d := Determination{Policy: f.policy, PolicySource: f.source, Only: only}
	wants := func(name string) bool { return only == nil || slices.Contains(only, name) }
	if len(c.faults) == 0 {
		c.averageIndex()
		if wants(scheme.Basic) {
			d.Basic = c.basic().num
		}
		if wants(scheme.AccountPension) {
			d.AccountPension = c.accountPension().num
		}
		if wants(scheme.Transitional) {
			d.Transitional = c.transitional().num
		}
		d.Parts, d.Extras = c.parts, c.extras(only == nil)
		c.total(&d)
	}
	if len(c.faults) > 0 {
		return Determination{}, &InputError{Faults: c.faults}
	}
	d.Inputs, d.Trace = in, c.steps
	return d, nil
}

// Amounts lists the components, the parts of the transitional pension, the extras and the sums by name.
func (d *Determination) Amounts() []Component {
	out := []Component{{scheme.Basic, d.Basic}, {scheme.AccountPension, d.AccountPension}, {scheme.Transitional, d.Transitional}}
	out = append(out, d.Parts...)
	out = append(out, d.Extras...)
	return append(out, Component{"subtotal", d.Subtotal}, Component{"rounding_topup", d.RoundingTopUp}, Component{"total", d.Total})
}

// Step returns the step of a name, and false when the determination has none.
func (d *Determination) Step(name string) (Step, bool) {
	for _, s := range d.Trace {
		if s.Name == name {
			return s, true
		}
	}
	return Step{}, false
}

// DetermineOnly is Formula.DetermineOnly for a policy that is used once.
func DetermineOnly(policy scheme.PensionPolicy, in Inputs, components ...string) (Determination, error) {
	f, err := NewFormula(policy, nil)
	if err != nil {
		return Determination{}, err
	}
	return f.DetermineOnly(in, components...)
}
