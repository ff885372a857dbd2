package report

import (
	"bytes"
	"crypto/sha256"
	stdcsv "encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/export/csv"
	"github.com/fundledger/fundledger/ledger/calendar"
)

var findingColumns = []string{
	"id", "rule", "version", "kind", "severity", "book", "period", "subjects", "amount_at_risk", "currency", "finding", "what_it_means", "what_to_do", "basis", "evidence",
	"status", "response_by", "response_at", "response",
}

// CSV writes one record for each finding that the run lists, after a header block of the form that package export/csv has: the run's head, one record for each
// rule with its status and counts, so that a rule that was not run cannot be taken for a clean one, and the number of records with their SHA-256. Texts are in the
// language of the options and guarded against being taken for formulas.
func CSV(w io.Writer, run *audit.Run, options Options) error {
	options = options.complete(run)
	var body bytes.Buffer
	out := stdcsv.NewWriter(&body)
	outcomes := map[string]*audit.Outcome{}
	for i := range run.Outcomes {
		outcomes[run.Outcomes[i].Rule] = &run.Outcomes[i]
	}
	records := [][]string{findingColumns}
	for i := range run.Findings {
		outcome := outcomes[run.Findings[i].Rule]
		if outcome == nil {
			outcome = &audit.Outcome{} // a run that was read from a file may say anything
		}
		records = append(records, findingRecord(&run.Findings[i], outcome, options.Language))
	}
	if err := out.WriteAll(records); err != nil {
		return err
	}
	if err := csvHead(w, run, &options, body.Bytes(), len(run.Findings)); err != nil {
		return err
	}
	_, err := w.Write(body.Bytes())
	return err
}

func csvHead(w io.Writer, run *audit.Run, o *Options, body []byte, records int) error {
	hash := sha256.Sum256(body)
	rows := [][]string{
		{"#", "format", "fundledger findings 1"}, {"#", "title", csv.Text(o.Title)}, {"#", "run_by", csv.Text(run.By)}, {"#", "run_at_utc", run.At.UTC().Format("2006-01-02T15:04:05Z")},
		{"#", "as_of", run.Scope.AsOf.String()}, {"#", "from", periodText(run.Scope.From)}, {"#", "to", periodText(run.Scope.To)}, {"#", "result", run.Result},
	}
	for _, b := range run.Checkpoint {
		rows = append(rows, []string{"#", "book", b.Book.String(), strconv.FormatInt(int64(b.Seq), 10), b.Root, agreement(b.Agrees)})
	}
	for _, u := range run.Unreadable {
		rows = append(rows, []string{"#", "unreadable", u.Book.String(), strconv.FormatInt(int64(u.Seq), 10), strconv.FormatInt(u.Count, 10), csv.Text(u.Reason)})
	}
	for i := range run.Outcomes {
		outcome := &run.Outcomes[i]
		remarks := strings.Join((&paper{Options: *o}).Remarks(*outcome), "; ")
		rows = append(rows, []string{
			"#", "rule", outcome.Rule, strconv.Itoa(outcome.Version), csv.Text(outcome.Title.In(o.Language)), string(outcome.Status), strconv.FormatInt(outcome.Found, 10),
			strconv.Itoa(outcome.Kept), csv.Text(remarks),
		})
	}
	rows = append(rows, []string{"#", "records", strconv.Itoa(records)}, []string{"#", "bytes", strconv.Itoa(len(body))}, []string{"#", "sha256", hex.EncodeToString(hash[:])})
	return stdcsv.NewWriter(w).WriteAll(rows)
}

func agreement(agrees bool) string {
	if agrees {
		return "agrees"
	}
	return "differs"
}

func periodText(p calendar.Period) string {
	if p.IsZero() {
		return ""
	}
	return p.String()
}

func findingRecord(f *audit.Finding, outcome *audit.Outcome, language audit.Language) []string {
	amount, currency := "", ""
	if f.AtRisk.Amount != 0 {
		amount, currency = f.AtRisk.Currency.Text(f.AtRisk.Amount), f.AtRisk.Currency.Code()
	}
	var evidence []string
	for _, e := range f.Evidence {
		evidence = append(evidence, evidenceText(&e, language))
	}
	var response audit.Response
	at := ""
	if f.Response != nil {
		response = *f.Response
		at = response.At.UTC().Format("2006-01-02T15:04:05Z")
	}
	return []string{
		f.ID, f.Rule, strconv.Itoa(f.Version), string(f.Kind), f.Severity.Name().EN, f.Book.String(), periodText(f.Period), csv.Text(f.Name()), amount, currency,
		csv.Text(f.Text.In(language)), csv.Text(outcome.Why.In(language)), csv.Text(outcome.Do.In(language)), csv.Text((&paper{Options: Options{Language: language}}).Basis(outcome.Basis)),
		csv.Text(strings.Join(evidence, "; ")), string(f.Status), csv.Text(response.By), at, csv.Text(response.Text),
	}
}

// evidenceText writes one piece of evidence on one line.
func evidenceText(e *audit.Evidence, language audit.Language) string {
	p := &paper{Options: Options{Language: language}}
	parts := []string{p.EvidenceName(*e)}
	add := func(format string, value any, there bool) {
		if there {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	add("%s", e.Voucher, e.Voucher != "")
	add("%v", e.Effective, !e.Effective.IsZero())
	add("%v", e.Period, !e.Period.IsZero() && e.Voucher == "")
	add("["+p.label("lines")+" %s]", p.Ordinals(e.Ordinals), len(e.Ordinals) > 0)
	add("%s", e.Reference, e.Reference != "")
	add("%s", e.Source, e.Source != "")
	for _, sum := range e.Amounts {
		add("%s", sum, true)
	}
	add("sha256 %s", e.Hash, e.Hash != "")
	return strings.Join(parts, " ")
}
