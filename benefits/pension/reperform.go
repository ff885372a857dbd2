package pension

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// DifferenceError says that a stored determination is not what its own policy and inputs give. Get it with errors.As.
type DifferenceError struct {
	Differences []Difference
}

// Difference is one figure that was stored with one value and computed anew with another.
type Difference struct {
	Name     string // a component, a step of the trace, or "encoding" when only the bytes differ
	Stored   string
	Computed string
}

func (e *DifferenceError) Error() string {
	lines := make([]string, len(e.Differences))
	for i, d := range e.Differences {
		lines[i] = fmt.Sprintf("pension: %s is stored as %s and computed anew as %s", d.Name, d.Stored, d.Computed)
	}
	return strings.Join(lines, "\n")
}

// Reperform reads a stored determination and computes it again from the policy and inputs it holds. The result is the determination computed anew; the
// error is a *DifferenceError when its bytes are not those stored, and otherwise one of reading or of Determine.
func Reperform(stored []byte) (Determination, error) {
	var old Determination
	decoder := json.NewDecoder(bytes.NewReader(stored))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&old); err != nil {
		return Determination{}, fmt.Errorf("pension: the stored determination cannot be read: %w", err)
	}
	f, err := NewFormula(old.Policy, old.PolicySource)
	if err != nil {
		return Determination{}, err
	}
	anew, err := f.determine(old.Inputs, old.Only)
	if err != nil {
		return Determination{}, err
	}
	again, err := f.AppendJSON(nil, &anew)
	if err != nil {
		return Determination{}, err
	}
	if bytes.Equal(again, bytes.TrimSpace(stored)) {
		return anew, nil
	}
	return anew, &DifferenceError{Differences: differences(&old, &anew)}
}

func differences(old, anew *Determination) []Difference {
	var out []Difference
	note := func(name, stored, computed string) {
		if stored != computed {
			out = append(out, Difference{name, stored, computed})
		}
	}
	was := map[string]string{}
	for _, c := range old.Amounts() {
		was[c.Name] = c.Amount.String()
	}
	for _, c := range anew.Amounts() {
		stored, ok := was[c.Name]
		if !ok {
			stored = "nothing"
		}
		note(c.Name, stored, c.Amount.String())
		delete(was, c.Name)
	}
	for _, c := range old.Amounts() {
		if _, left := was[c.Name]; left {
			note(c.Name, c.Amount.String(), "nothing")
		}
	}
	note("trace length", fmt.Sprint(len(old.Trace)), fmt.Sprint(len(anew.Trace)))
	for i := range min(len(old.Trace), len(anew.Trace)) {
		was, is := string(old.Trace[i].append(nil)), string(anew.Trace[i].append(nil))
		note("step "+anew.Trace[i].Name, was, is)
	}
	if len(out) == 0 {
		out = append(out, Difference{"encoding", "other bytes", "the stable form"})
	}
	return out
}
