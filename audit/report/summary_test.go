package report_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/report"
	"github.com/fundledger/fundledger/ledger/money"
)

// page renders a run in a language.
func page(t *testing.T, run *audit.Run, options report.Options) string {
	t.Helper()
	var out bytes.Buffer
	must(t, report.HTML(&out, run, options))
	return out.String()
}

// table returns the rows of the table of a class, tags taken out.
func table(t *testing.T, text, class string) (rows []string) {
	t.Helper()
	_, after, found := strings.Cut(text, `<table class="`+class+`">`)
	body, _, closed := strings.Cut(after, "</table>")
	if !found || !closed {
		t.Fatalf("no table %s", class)
	}
	for row := range strings.SplitSeq(body, "<tr>") {
		row = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(strings.ReplaceAll(row, "</td>", "|"), "")
		rows = append(rows, strings.TrimSpace(row))
	}
	return rows[2:] // what stands before the first row, and the head
}

func TestTheSummaryNamesRulesByWeightAndWhatWasNotExamined(t *testing.T) {
	run := sampleRun(t)
	english := page(t, run, report.Options{Language: audit.English})
	glance := table(t, english, "glance")
	var kinds []string
	found, last := 0, map[string]int{}
	severities := []string{"critical", "high", "medium", "low"}
	for _, row := range glance {
		cells := strings.Split(row, "|")
		if severity := slices.Index(severities, cells[0]); severity < 0 || severity < last[cells[3]] {
			t.Errorf("out of order: %v", glance)
		} else {
			last[cells[3]] = severity
		}
		kinds = append(kinds, cells[3])
		for i := range run.Outcomes {
			if o := &run.Outcomes[i]; o.Rule == cells[1] {
				found++
				if cells[2] != o.Title.EN || cells[4] != fmt.Sprint(o.Found) || len(o.AtRisk) > 0 && cells[5] != o.AtRisk[0].String() {
					t.Errorf("%v for %+v", cells, o)
				}
			}
		}
	}
	hit := 0
	for i := range run.Outcomes {
		if run.Outcomes[i].Found > 0 {
			hit++
		}
	}
	if found != hit || hit < 6 || !slices.IsSortedFunc(kinds, func(x, y string) int { return strings.Compare(y, x) }) {
		t.Errorf("%d of %d rules, %v", found, hit, kinds)
	}
	unfinished := table(t, english, "unfinished")
	if len(unfinished) == 0 || !strings.Contains(unfinished[0], "L00|") || !strings.Contains(unfinished[0], "not run") || !strings.Contains(unfinished[0], "absent") {
		t.Errorf("%v", unfinished)
	}
	if largest := table(t, english, "largest"); len(largest) == 0 || len(largest) > 10 {
		t.Errorf("%v", largest)
	}
}

// TestTenThousandFindingsDoNotDrownThePage gives one rule 10,000 findings of rising amounts, one of them with 500 pieces of evidence.
func TestTenThousandFindingsDoNotDrownThePage(t *testing.T) {
	const n = 10_000
	run := sampleRun(t)
	var outcome *audit.Outcome
	for i := range run.Outcomes {
		if run.Outcomes[i].Found > 0 && run.Outcomes[i].Kind == audit.Exact {
			outcome = &run.Outcomes[i]
		}
	}
	var one audit.Finding
	for _, f := range run.Findings {
		if f.Rule == outcome.Rule {
			one = f
		}
	}
	if len(one.Evidence) == 0 {
		t.Fatalf("%+v has no evidence", one)
	}
	run.Findings = run.Findings[:0]
	for i := range n {
		f := one
		f.ID, f.AtRisk = fmt.Sprintf("%s-%05d", one.Rule, i), audit.Sum{Amount: money.Amount(1000 + i), Currency: cny}
		if i == n-1 {
			f.Evidence = slices.Repeat(one.Evidence[:1], 500)
		}
		run.Findings = append(run.Findings, f)
	}
	outcome.Found, outcome.Kept = n, n
	began := time.Now()
	text := page(t, run, report.Options{})
	t.Logf("%d kB in %v", len(text)/1000, time.Since(began).Round(time.Millisecond))
	if articles := strings.Count(text, "<article"); articles != report.MostFindings || !strings.Contains(text, "另有 9800 条未在此列出") || !strings.Contains(text, "另有 480 条未在此列出") {
		t.Errorf("%d findings are shown", articles)
	}
	if len(text) > 1_500_000 {
		t.Errorf("a page of %d bytes", len(text))
	}
	largest := table(t, text, "largest")
	if len(largest) != 10 || !strings.Contains(largest[0], "109.99 CNY") || !strings.Contains(text, `id="`+one.Rule+`-09999"`) || strings.Contains(text, `id="`+one.Rule+`-00000"`) {
		t.Errorf("the largest are not shown: %v", largest)
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, `id="`+link[1]+`"`) {
			t.Errorf("the link to %s leads nowhere", link[1])
		}
	}
	var csv, json bytes.Buffer
	must(t, report.CSV(&csv, run, report.Options{}))
	must(t, report.JSON(&json, run))
	for _, id := range []string{one.Rule + "-00000", one.Rule + "-09999"} {
		if !bytes.Contains(csv.Bytes(), []byte(id)) || !bytes.Contains(json.Bytes(), []byte(id)) {
			t.Errorf("%s is not in CSV and JSON", id)
		}
	}
}

func TestLawsAndSubjectsAreWrittenOutForTheReader(t *testing.T) {
	run := sampleRun(t)
	run.Findings[0].Subjects = []audit.Subject{{Name: "employer", Value: "4"}, {Name: "demand", Value: "demand 64"}}
	for i := range run.Outcomes {
		run.Outcomes[i].Basis = []string{"SIL 第六十三条", "国发〔2005〕38号"}
	}
	chinese, english := page(t, run, report.Options{}), page(t, run, report.Options{Language: audit.English})
	for text, words := range map[string][]string{chinese: {"《社会保险法》第六十三条; 国发〔2005〕38号", "单位 4 · 核定单 64"}, english: {"(Social Insurance Law) 第六十三条", "employer 4 · demand 64"}} {
		for _, word := range words {
			if !strings.Contains(text, word) {
				t.Errorf("no %q", word)
			}
		}
		if strings.Contains(text, "SIL ") || strings.Contains(text, "demand demand") {
			t.Error("a short name is left")
		}
	}
}
