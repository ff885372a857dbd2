package pension

import (
	"fmt"
	"io"
	"strings"

	"github.com/fundledger/fundledger/registration/scheme"
)

// WriteTrace writes steps for a reader: what was computed, the formula with its figures, the rounding, and the parameters of law that went in.
func WriteTrace(w io.Writer, steps []Step) error {
	width := 0
	for _, s := range steps {
		width = max(width, len(s.Name))
	}
	var out strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&out, "%2d  %-*s = %s\n", i+1, width, s.Name, s.Formula)
		figures := make([]string, len(s.Inputs))
		for j, f := range s.Inputs {
			figures[j] = f.Name + " " + f.Value
			if f.Parameter != "" {
				figures[j] += " [" + string(f.Parameter) + "]"
			}
		}
		fmt.Fprintf(&out, "    %*s   %s\n", width, "", strings.Join(figures, ", "))
		if s.Rounding != nil {
			fmt.Fprintf(&out, "    %*s   %s, %s: %s\n", width, "", s.Unrounded, s.Rounding, s.Result)
		} else {
			fmt.Fprintf(&out, "    %*s   %s\n", width, "", s.Unrounded)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// WriteText writes the whole determination: components, additions, total, trace and sources.
func (d *Determination) WriteText(w io.Writer) error {
	var out strings.Builder
	for _, c := range d.Amounts() {
		fmt.Fprintf(&out, "%-32s %14s\n", c.Name, c.Amount.StringFixed(max(2, -c.Amount.Exponent())))
	}
	out.WriteString("\n")
	if err := WriteTrace(&out, d.Trace); err != nil {
		return err
	}
	if d.PolicySource != nil {
		writeSource(&out, "policy", d.PolicySource)
	}
	for i := range d.Inputs.Sources {
		writeSource(&out, d.Inputs.Sources[i].Input, &d.Inputs.Sources[i].Provenance)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func writeSource(out *strings.Builder, name string, p *scheme.Provenance) {
	fmt.Fprintf(out, "%s: %s, valid from %s to %s, %s: %s (%s, version %s, sha256 %s)\n", name, p.Parameter, p.From, p.To, p.Status, p.Source, p.File,
		p.Version, p.SHA256)
}
