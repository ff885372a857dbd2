package accounts_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// A fact is one line of text; the whole standard is a sorted list of them. The same writer serves our loaded data and the reference file.
type facts []string

func (f *facts) add(parts ...string) { *f = append(*f, strings.Join(parts, " | ")) }

func (f *facts) fields(record string, fields map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if fields[key] != "" {
			f.add(record, key, fields[key])
		}
	}
}

func list[T ~string](in []T) string {
	out := make([]string, len(in))
	for i, x := range in {
		out[i] = string(x)
	}
	return strings.Join(out, ",")
}

func mapping[V ~string](m map[accounts.FundID]V) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, string(key)+"="+string(m[key]))
	}
	return strings.Join(out, ",")
}

func date(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func loadedFacts(t *testing.T, c *accounts.Chart) facts {
	t.Helper()
	var f facts
	for _, s := range c.Sources {
		f.fields("source "+s.Key, map[string]string{"title": s.Title, "issued": date(s.Issued), "valid_from": date(s.ValidFrom), "read": s.Read})
	}
	for _, x := range c.Funds {
		f.fields("fund "+string(x.ID), map[string]string{"zh": x.ZH, "en": x.EN, "valid_from": date(x.ValidFrom), "source": x.Source})
	}
	place := 0
	for _, a := range c.Records() {
		if a.Origin != accounts.OfStandard {
			continue
		}
		place++
		rule := a.Rule
		if rule == accounts.RuleWhereLaterPremiumsFiled { // the reference says it in a note
			rule = accounts.RuleRequired
		}
		f.fields("account "+a.ID, map[string]string{"place": strconv.Itoa(place), "code": a.Code, "zh": a.ZH, "en": a.EN, "type": string(a.Type), "parent": a.Parent,
			"funds": list(a.Funds), "level": string(a.Level), "rule": string(rule), "valid_from": date(a.ValidFrom), "valid_to": date(a.ValidTo),
			"names": mapping(a.Names), "close": mapping(a.Close), "details": list(a.Details), "source": a.Source, "note": a.Note})
	}
	for _, form := range c.Forms() {
		f.fields("form "+form.ID, map[string]string{"form": form.Number, "zh": form.ZH, "en": form.EN, "valid_from": date(form.ValidFrom), "funds": list(form.Funds)})
		for kind, columns := range map[string][]accounts.Column{"columns": form.Columns, "annual": form.AnnualColumns} {
			for i, column := range columns {
				f.add("form "+form.ID, kind, strconv.Itoa(i), column.ID, column.ZH, column.EN)
			}
		}
		place := 0
		for _, r := range form.Rows {
			if r.Heading {
				continue
			}
			place++
			f.fields("row "+form.ID+"/"+r.ID, map[string]string{"place": strconv.Itoa(place), "zh": r.ZH, "en": r.EN, "indent": strconv.Itoa(r.Indent), "side": r.Side,
				"formula": r.Formula, "literal": r.Literal, "funds": list(r.Funds), "level": string(r.Level), "valid_from": date(r.ValidFrom),
				"periods": list(r.Periods), "source": r.Source, "note": r.Note})
		}
	}
	for _, e := range c.Templates() {
		if e.Origin != accounts.OfStandard {
			continue
		}
		f.fields("entry "+e.Event, map[string]string{"en": e.EN, "funds": list(e.Funds), "level": string(e.Level), "valid_from": date(e.ValidFrom),
			"sure": string(e.Sure), "source": e.Source, "note": e.Note})
		for i, l := range e.Lines {
			f.add("entry "+e.Event, "line", strconv.Itoa(i), string(l.Side), list(l.Accounts), l.List, l.Amount)
		}
	}
	slices.Sort(f)
	return f
}

type referenceFile struct {
	Sources  map[string]map[string]string `yaml:"sources"`
	Funds    []map[string]string          `yaml:"funds"`
	Accounts []struct {
		ID, Code, ZH, EN, Type, Parent, Level, Rule, Source, Note string
		ValidFrom                                                 string `yaml:"valid_from"`
		ValidTo                                                   string `yaml:"valid_to"`
		Funds, Details                                            []string
		Names, Close                                              map[accounts.FundID]string
	} `yaml:"accounts"`
	Statements []struct {
		ID, Form, ZH, EN string
		ValidFrom        string `yaml:"valid_from"`
		Funds            []string
		Columns          []map[string]string
		Annual           []map[string]string `yaml:"columns_in_annual_statement"`
		Rows             []struct {
			ID, ZH, EN, Indent, Side, Formula, Literal, Level, Source, Note string
			ValidFrom                                                       string `yaml:"valid_from"`
			Funds, Periods                                                  []string
		}
	} `yaml:"statements"`
	Entries []struct {
		ID, EN, Level, Sure, Source, Note string
		ValidFrom                         string `yaml:"valid_from"`
		Funds                             []string
		Lines                             []struct {
			Side, List, Amount string
			Accounts           []string
		}
	} `yaml:"entries"`
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

func referenceFacts(t *testing.T, data []byte) facts {
	t.Helper()
	var r referenceFile
	if err := yaml.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	var f facts
	for key, s := range r.Sources {
		f.fields("source "+key, s)
	}
	for _, x := range r.Funds {
		record := "fund " + x["id"]
		delete(x, "id")
		f.fields(record, x)
	}
	for i, a := range r.Accounts {
		f.fields("account "+a.ID, map[string]string{"place": strconv.Itoa(i + 1), "code": a.Code, "zh": a.ZH, "en": a.EN, "type": a.Type, "parent": a.Parent,
			"funds": list(a.Funds), "level": or(a.Level, "any"), "rule": or(a.Rule, "required"), "valid_from": or(a.ValidFrom, "2018-01-01"), "valid_to": a.ValidTo,
			"names": mapping(a.Names), "close": mapping(a.Close), "details": list(a.Details), "source": a.Source, "note": a.Note})
	}
	for _, form := range r.Statements {
		f.fields("form "+form.ID, map[string]string{"form": form.Form, "zh": form.ZH, "en": form.EN, "valid_from": form.ValidFrom, "funds": list(form.Funds)})
		for kind, columns := range map[string][]map[string]string{"columns": form.Columns, "annual": form.Annual} {
			for i, column := range columns {
				f.add("form "+form.ID, kind, strconv.Itoa(i), column["id"], column["zh"], column["en"])
			}
		}
		for i, row := range form.Rows {
			f.fields("row "+form.ID+"/"+row.ID, map[string]string{"place": strconv.Itoa(i + 1), "zh": row.ZH, "en": row.EN, "indent": row.Indent, "side": row.Side,
				"formula": row.Formula, "literal": row.Literal, "funds": list(row.Funds), "level": or(row.Level, "any"), "valid_from": or(row.ValidFrom, form.ValidFrom),
				"periods": list(row.Periods), "source": row.Source, "note": row.Note})
		}
	}
	for _, e := range r.Entries {
		f.fields("entry "+e.ID, map[string]string{"en": e.EN, "funds": list(e.Funds), "level": or(e.Level, "any"), "valid_from": or(e.ValidFrom, "2018-01-01"),
			"sure": e.Sure, "source": e.Source, "note": e.Note})
		for i, l := range e.Lines {
			f.add("entry "+e.ID, "line", strconv.Itoa(i), l.Side, list(l.Accounts), or(l.List, "closed"), l.Amount)
		}
	}
	slices.Sort(f)
	return f
}

func standard(t testing.TB) *accounts.Chart {
	t.Helper()
	c, err := accounts.Standard()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Where the reference file that the data was restructured from lies beside the repository, every fact is compared with it. The counts and the hash were taken
// when both agreed, and hold everywhere.
func TestTheStandardHoldsExactlyTheFactsOfTheReference(t *testing.T) {
	got := loadedFacts(t, standard(t))
	data, err := os.ReadFile("../../shared/chart-cn-2017.yaml")
	switch {
	case err == nil:
		if diff := cmp.Diff(referenceFacts(t, data), got); diff != "" {
			t.Errorf("reference (−) and loaded data (+) differ:\n%s", diff)
		}
	case !errors.Is(err, fs.ErrNotExist):
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, fact := range got {
		kind, _, _ := strings.Cut(fact, " ")
		count[kind]++
	}
	want := map[string]int{"source": 15, "fund": 44, "account": 1844, "form": 41, "row": 1587, "entry": 1122}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Error(diff)
	}
	sum := sha256.Sum256([]byte(strings.Join(got, "\n")))
	if hash := hex.EncodeToString(sum[:]); hash != standardHash {
		t.Errorf("the facts hash to %s, want %s: a fact of the standard changed", hash, standardHash)
	}
}

const standardHash = "2febe5523228775ca37904ccc43803f3adad7660d21b047b1b364498d25d71ce"

func TestTheStandardHasTheAccountsItNumbers(t *testing.T) {
	c := standard(t)
	first, total := 0, 0
	for _, a := range c.Records() {
		if a.Origin != accounts.OfStandard {
			continue
		}
		total++
		if a.Parent == "" {
			first++
			if len(a.Code) != 4 || !strings.HasPrefix(a.Code, map[accounts.AccountType]string{accounts.Asset: "1", accounts.Liability: "2", accounts.NetAssets: "3",
				accounts.Income: "4", accounts.Expense: "5"}[a.Type]) {
				t.Errorf("%s has the number %s", a.ID, a.Code)
			}
		}
	}
	// 34 of 2017, 5106 and 5107 of 2025, 1006 of 2021.
	if first != 37 || total != 165 {
		t.Errorf("%d first-level accounts of %d, want 37 of 165", first, total)
	}
	rows := 0
	for _, f := range c.Forms() {
		rows += len(f.Rows)
	}
	if got := fmt.Sprint(len(c.Forms()), rows, len(c.Templates())); got != "5 170 142" {
		t.Errorf("forms, rows with headings, templates: %s", got)
	}
}
