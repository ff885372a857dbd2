package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/audit"
)

// paper is what the page shows of a run, in one language.
type paper struct {
	Options
	Run        *audit.Run
	Warnings   []string
	Violations []section
	Leads      []section
	Glance     []glance         // violations before leads, the gravest rules first
	Largest    []*audit.Finding // by amount at risk, at most mostLargest
	Unfinished []*audit.Outcome // rules that were not run, failed, or did not see everything
	Counts     counts
	Charts     []template.HTML
	shown      map[string]bool // findings that the page shows, by id
}

// glance is one rule with findings in the summary.
type glance struct {
	Outcome *audit.Outcome
	Class   string // of its colour
}

type counts struct {
	Violations, Leads int64
	Hit, Clean, Open  int
}

// section is one rule with its findings.
type section struct {
	Outcome  *audit.Outcome
	Findings []*audit.Finding
	More     []string
}

func newPaper(run *audit.Run, o Options) *paper {
	p := &paper{Options: o, Run: run, shown: map[string]bool{}}
	for i := range run.Outcomes {
		outcome := &run.Outcomes[i]
		switch {
		case outcome.Status != audit.Ran:
			p.Counts.Open++
			p.Unfinished = append(p.Unfinished, outcome)
		case outcome.Found == 0:
			p.Counts.Clean++
		}
		if outcome.Found == 0 {
			continue
		}
		p.Counts.Hit++
		s := p.section(outcome)
		if outcome.Kind == audit.Exact {
			p.Counts.Violations += outcome.Found
			p.Violations = append(p.Violations, s)
		} else {
			p.Counts.Leads += outcome.Found
			p.Leads = append(p.Leads, s)
		}
	}
	p.summarise()
	p.warn()
	p.draw()
	return p
}

func (p *paper) section(outcome *audit.Outcome) section {
	s := section{Outcome: outcome}
	listed := 0
	for i := range p.Run.Findings {
		if f := &p.Run.Findings[i]; f.Rule == outcome.Rule {
			listed++
			s.Findings = append(s.Findings, f)
		}
	}
	if len(s.Findings) > p.MostFindings { // then the page shows the gravest and largest
		slices.SortStableFunc(s.Findings, graver)
		s.Findings = slices.Clip(s.Findings[:p.MostFindings])
	}
	for _, f := range s.Findings {
		p.shown[f.ID] = true
	}
	if more := listed - len(s.Findings); more > 0 {
		s.More = append(s.More, fmt.Sprintf(p.label("more"), more))
	}
	if lost := outcome.Found - int64(outcome.Kept); lost > 0 {
		s.More = append(s.More, fmt.Sprintf(p.label("unlisted"), outcome.Found, lost))
	}
	return s
}

// warn lists what casts doubt on the rest.
func (p *paper) warn() {
	for _, b := range p.Run.Checkpoint {
		if !b.Agrees {
			p.Warnings = append(p.Warnings, fmt.Sprintf(p.label("disagrees"), b.Book, b.Root, b.Read))
		}
	}
	for _, u := range p.Run.Unreadable {
		text := fmt.Sprintf("%s：第 %d 笔起 %d 笔记录无法读取：%s", u.Book, u.Seq, u.Count, u.Reason)
		if p.Language != audit.Chinese {
			text = fmt.Sprintf("book %s: %d entries from %d on cannot be read: %s", u.Book, u.Count, u.Seq, u.Reason)
		}
		p.Warnings = append(p.Warnings, text)
	}
	for _, o := range p.Run.Outcomes {
		switch o.Status {
		case audit.Incomplete:
			p.Warnings = append(p.Warnings, fmt.Sprintf(p.label("incomplete rule"), o.Rule))
		case audit.Failed:
			p.Warnings = append(p.Warnings, fmt.Sprintf(p.label("failed rule"), o.Rule, o.Failure))
		}
	}
}

func (p *paper) label(name string) string { return label(name).In(p.Language) }

// L is a label, for the page.
func (p *paper) L(name string) string { return p.label(name) }

// T is a text of the run in the paper's language.
func (p *paper) T(text audit.Text) string { return text.In(p.Language) }

// With hands a section to the part of the page that shows it.
func (p *paper) With(s section) map[string]any { return map[string]any{"P": p, "S": s} }

// HTMLLang is the page's language tag.
func (p *paper) HTMLLang() string {
	if p.Language == audit.Chinese {
		return "zh-CN"
	}
	return "en"
}

// Period writes the stretch of periods under audit.
func (p *paper) Period() string {
	s := p.Run.Scope
	if s.From.IsZero() && s.To.IsZero() {
		return p.label("all periods")
	}
	return strings.Trim(s.From.String()+" – "+s.To.String(), "- –") // an open end shows as nothing
}

// State is what became of a rule, with a class for its colour.
func (p *paper) State(o audit.Outcome) map[string]string {
	name, class := "clean", "clean"
	switch {
	case o.Status == audit.NotRun:
		name, class = "not run", "open"
	case o.Status == audit.Failed:
		name, class = "failed", "open"
	case o.Status == audit.Incomplete:
		name, class = "incomplete", "open"
	case o.Found > 0 && o.Kind == audit.Exact:
		name, class = "hit", "violation"
	case o.Found > 0:
		name, class = "hit", "lead"
	}
	return map[string]string{"Name": p.label(name), "Class": class}
}

// Remarks are what a reader must know beside the count of findings.
func (p *paper) Remarks(o audit.Outcome) []string {
	var remarks []string
	for _, source := range o.Missing {
		remarks = append(remarks, fmt.Sprintf(p.label("missing"), p.T(source)))
	}
	if o.Status == audit.Failed {
		remarks = append(remarks, o.Failure)
	}
	for _, source := range o.Without {
		remarks = append(remarks, fmt.Sprintf(p.label("without"), p.T(source)))
	}
	for _, note := range o.Notes {
		remarks = append(remarks, p.T(note))
	}
	return remarks
}

// Sums writes amounts at risk, one for each currency.
func (p *paper) Sums(sums []audit.Sum) string {
	texts := make([]string, len(sums))
	for i, s := range sums {
		texts[i] = s.String()
	}
	return strings.Join(texts, "; ")
}

// Subjects writes what a finding is about.
func (p *paper) Subjects(f *audit.Finding) string {
	var parts []string
	for _, s := range f.Subjects {
		name := s.Name
		if translated, ok := subjectNames[s.Name]; ok && p.Language == audit.Chinese {
			name = translated
		}
		value := strings.TrimPrefix(s.Value, s.Name+" ")             // a source's own reference may say once more what it is: demand 64
		if s.Name != "fault" && s.Name != "section" && value != "" { // the text says what is wrong, and where
			parts = append(parts, name+" "+value)
		}
	}
	return strings.Join(parts, " · ")
}

// EvidenceName names what an evidence refers to.
func (p *paper) EvidenceName(e audit.Evidence) string {
	name := e.Kind
	if known, ok := evidenceKinds[e.Kind]; ok {
		name = p.T(known)
	}
	if e.Seq != 0 {
		name += fmt.Sprintf(" %s #%d", e.Book, e.Seq)
	}
	return name
}

// Anchor is where the page shows a finding: at its own place, or at its rule's when it is one of those left out.
func (p *paper) Anchor(f *audit.Finding) string {
	if p.shown[f.ID] {
		return f.ID
	}
	return f.Rule
}

// mostEvidence bounds the references of one finding that the page shows.
const mostEvidence = 20

// Evidence is what a finding rests on, as far as the page shows it.
func (p *paper) Evidence(f *audit.Finding) []audit.Evidence {
	return f.Evidence[:min(len(f.Evidence), mostEvidence)]
}

// MoreEvidence says how much evidence of a finding the page leaves out; nothing when it shows all.
func (p *paper) MoreEvidence(f *audit.Finding) string {
	if len(f.Evidence) <= mostEvidence {
		return ""
	}
	return fmt.Sprintf(p.label("more"), len(f.Evidence)-mostEvidence)
}

// statutes are the short names by which rules cite the laws, written out for a reader of the paper.
var statutes = []struct {
	short string
	name  audit.Text
}{
	{"SIL ", audit.Text{ZH: "《社会保险法》", EN: "社会保险法 (Social Insurance Law) "}},
	{"HR ", audit.Text{ZH: "《社会保险经办条例》", EN: "社会保险经办条例 (Regulations on Social Insurance Handling) "}},
	{"FIN ", audit.Text{ZH: "《社会保险基金财务制度》（财社〔2017〕144号）", EN: "社会保险基金财务制度 (financial rules of the funds, 财社〔2017〕144号) "}},
	{"COL ", audit.Text{ZH: "《社会保险费征缴暂行条例》", EN: "社会保险费征缴暂行条例 (Interim Regulations on Collection) "}},
}

// Basis writes the provisions that a rule rests on.
func (p *paper) Basis(basis []string) string {
	cited := make([]string, len(basis))
	for i, b := range basis {
		cited[i] = b
		for _, s := range statutes {
			if rest, found := strings.CutPrefix(b, s.short); found {
				cited[i] = p.T(s.name) + rest
			}
		}
	}
	return strings.Join(cited, "; ")
}

// Identity is what tells a source from another of its kind, without the root that the checkpoint has already.
func (p *paper) Identity(identity string) string {
	what, _, _ := strings.Cut(identity, ", root ")
	if strings.Trim(what, "0123456789abcdef") == "" {
		return p.Short(what) // a hash
	}
	return what
}

// Ordinals writes line numbers, neighbours as a stretch: 4–7, 9.
func (p *paper) Ordinals(ordinals []int64) string {
	sorted := slices.Sorted(slices.Values(ordinals))
	var parts []string
	for i := 0; i < len(sorted); {
		end := i
		for end+1 < len(sorted) && sorted[end+1] == sorted[end]+1 {
			end++
		}
		if end > i {
			parts = append(parts, fmt.Sprintf("%d–%d", sorted[i], sorted[end]))
		} else {
			parts = append(parts, fmt.Sprint(sorted[i]))
		}
		i = end + 1
	}
	return strings.Join(parts, ", ")
}

// Short shows the beginning of a hash.
func (p *paper) Short(hash string) string {
	if len(hash) > 16 {
		return hash[:16] + "…"
	}
	return hash
}
