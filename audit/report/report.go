// Package report renders an audit run as a working paper (审计工作底稿): HTML to read and print, JSON to process, CSV for a spreadsheet.
//
// All three say the same, from the run alone: which books at which checkpoint, which rules with which settings, what was found, and what could not be looked at.
// Violations and leads are listed apart, because a lead is no finding of fault. The HTML is one file without scripts and without anything fetched from elsewhere.
package report

import (
	"bufio"
	"encoding/json"
	"io"

	"github.com/fundledger/fundledger/audit"
)

// Options are the head of a working paper. The zero value is usable.
type Options struct {
	Language     audit.Language // of the paper; Chinese if empty
	Title        string         // the run's title, or a plain one, if empty
	Organisation string         // who audits (审计单位)
	Audited      string         // who is audited (被审计单位)
	Reference    string         // number of the paper (底稿编号)

	// MostFindings bounds how many findings of one rule the HTML shows; it says how many it leaves out. MostFindings (200) if zero. JSON and CSV have all that
	// the run lists.
	MostFindings int
}

// MostFindings is how many findings of one rule the HTML shows if the options do not say.
const MostFindings = 200

func (o Options) complete(run *audit.Run) Options {
	if o.Language == "" {
		o.Language = audit.Chinese
	}
	if o.Title == "" {
		o.Title = run.Title
	}
	if o.Title == "" {
		o.Title = label("report").In(o.Language)
	}
	if o.MostFindings <= 0 {
		o.MostFindings = MostFindings
	}
	return o
}

// JSON writes the run as indented JSON, which reads back into an audit.Run.
func JSON(w io.Writer, run *audit.Run) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(run)
}

// HTML writes the run as one self-contained page.
func HTML(w io.Writer, run *audit.Run, options Options) error {
	out := bufio.NewWriter(w)
	if err := page.Execute(out, newPaper(run, options.complete(run))); err != nil {
		return err
	}
	return out.Flush()
}
