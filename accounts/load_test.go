package accounts_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fundledger/fundledger/accounts"
)

func standardFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	names, err := filepath.Glob("data/cn-2017/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	files := fstest.MapFS{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = &fstest.MapFile{Data: data}
	}
	return files
}

// damage is one change of a data file that the loader must refuse.
type damage struct {
	name, file, old, with string
	code                  accounts.FaultCode
	says                  string
}

var damages = []damage{
	{"an unknown field", "accounts.yaml", `id: "cash", code`, `id: "cash", colour: "red", code`, accounts.FaultUnknown, `"colour"`},
	{"a number without quotes", "accounts.yaml", `code: "1001"`, `code: 1001`, accounts.FaultUnquoted, "1001"},
	{"a fraction without quotes", "standard.yaml", `width: "2"`, `width: 2.0`, accounts.FaultUnquoted, "2.0"},
	{"a truth value without quotes", "own.yaml", `own: "true"`, `own: true`, accounts.FaultUnquoted, "true"},
	{"a word without quotes", "accounts.yaml", `type: "asset", funds: ["all"], source: "SYS 1001"`, `type: asset, funds: ["all"], source: "SYS 1001"`, accounts.FaultUnquoted, "asset"},
	{"a missing field", "accounts.yaml", `zh: "库存现金", `, ``, accounts.FaultMissing, `"zh"`},
	{"a field that comes twice", "accounts.yaml", `zh: "库存现金", `, `zh: "库存现金", zh: "现金", `, accounts.FaultDuplicate, `"zh"`},
	{"a second account of the same id", "accounts.yaml", `id: "fiscal_account"`, `id: "cash"`, accounts.FaultOverlap, `account "cash"`},
	{"a number that two accounts share", "accounts.yaml", `code: "1003"`, `code: "1002"`, accounts.FaultDuplicate, "1002"},
	{"a parent that does not exist", "accounts.yaml", `parent: "entrusted", funds: ["pensions_and_annuity"],
     level`, `parent: "trusted", funds: ["pensions_and_annuity"],
     level`, accounts.FaultDangling, `"trusted"`},
	{"a detail that does not exist", "accounts.yaml", `details: ["entrusted.principal", "entrusted.return"]`, `details: ["entrusted.principal", "entrusted.return", "entrusted.fees"]`, accounts.FaultDangling, `"entrusted.fees"`},
	{"a detail that its account does not list", "accounts.yaml", `details: ["entrusted.principal", "entrusted.return"]`, `details: ["entrusted.principal"]`, accounts.FaultDangling, `"entrusted.return"`},
	{"a closing target that does not exist", "accounts.yaml", `"resident_pension"], close: {default: "general_balance"}`, `"resident_pension"], close: {default: "generous_balance"}`, accounts.FaultDangling, `"generous_balance"`},
	{"a closing target that is no net-assets account", "accounts.yaml", `funds: ["resident_pension"], close: {default: "general_balance"}`, `funds: ["resident_pension"], close: {default: "cash"}`, accounts.FaultDangling, `"cash"`},
	{"a closing target of another fund", "accounts.yaml", `close: {employee_medical: "general_balance.pooled"}`, `close: {employee_medical: "reserve"}`, accounts.FaultDangling, `"reserve"`},
	{"an asset that closes", "accounts.yaml", `code: "1001", `, `code: "1001", close: {default: "general_balance"}, `, accounts.FaultForbidden, `"cash"`},
	{"an unknown type", "accounts.yaml", `type: "asset", funds: ["all"], source: "SYS 1001"`, `type: "treasure", funds: ["all"], source: "SYS 1001"`, accounts.FaultValue, `"treasure"`},
	{"an unknown level", "accounts.yaml", `level: "treating_area"`, `level: "treated_area"`, accounts.FaultValue, `"treated_area"`},
	{"an unknown fund", "accounts.yaml", `funds: ["all"], source: "SYS 1001"`, `funds: ["everyone"], source: "SYS 1001"`, accounts.FaultDangling, `"everyone"`},
	{"an unknown document", "accounts.yaml", `source: "SYS 1001"`, `source: "XYZ 1001"`, accounts.FaultDangling, `"XYZ 1001"`},
	{"a day that does not exist", "standard.yaml", `valid_from: "2026-01-01"`, `valid_from: "2026-02-30"`, accounts.FaultValue, "2026-02-30"},
	{"a row that two records hold for the same days", "forms.yaml", `id: "bs_bonds"`, `id: "bs_cash"`, accounts.FaultOverlap, `row "bs_cash"`},
	{"a formula with an account that does not exist", "forms.yaml", `bal_dr(cash)`, `bal_dr(coins)`, accounts.FaultFormula, "bal_dr(coins)"},
	{"a formula with a row that does not exist", "forms.yaml", `row(bs_cash) +`, `row(bs_coins) +`, accounts.FaultFormula, "row(bs_coins)"},
	{"a formula that reads the wrong side", "forms.yaml", `bal_dr(cash)`, `bal_cr(cash)`, accounts.FaultFormula, "credit side"},
	{"a formula that reads movements of an asset", "forms.yaml", `bal_dr(cash)`, `net_dr(cash)`, accounts.FaultFormula, "carried forward"},
	{"a formula with an account of another fund", "forms.yaml", `net_cr(other_income)", literal`, `net_cr(collective_subsidy)", literal`, accounts.FaultFormula, "does not have"},
	{"a formula that counts a row twice", "forms.yaml", `row(bs_cash) +`, `row(bs_fiscal_account) +`, accounts.FaultFormula, "twice"},
	{"a formula that needs itself", "forms.yaml", `formula: "bal_dr(cash)"`, `formula: "row(bs_total_assets)"`, accounts.FaultFormula, "its own value"},
	{"a formula that cannot be read", "forms.yaml", `bal_dr(cash)`, `bal_dr(cash) *`, accounts.FaultFormula, `"*"`},
	{"columns that no statement has", "forms.yaml", `id: "closing"`, `id: "close"`, accounts.FaultValue, `"close"`},
	{"an entry with an account that does not exist", "entries.yaml", `accounts: ["bonds"]`, `accounts: ["shares"]`, accounts.FaultDangling, `"shares"`},
	{"an entry with one side", "entries.yaml", `{side: "credit", accounts: ["borrowings"]}`, `{side: "debit", accounts: ["borrowings"]}`, accounts.FaultIncomplete, `"E22a"`},
	{"an entry that comes twice", "entries.yaml", `event: "E20a"`, `event: "E20c"`, accounts.FaultOverlap, `"E20c"`},
	{"an entry without a degree of certainty", "entries.yaml", `sure: "practice", `, `sure: "surely", `, accounts.FaultValue, `"surely"`},
	{"a return to an event that does not exist", "entries.yaml", `same_year: "E15a"`, `same_year: "E15x"`, accounts.FaultDangling, `"E15x"`},
	{"a role of an account that does not exist", "roles.yaml", `accounts: ["reserve"]`, `accounts: ["reserves"]`, accounts.FaultDangling, `"reserves"`},
	{"a flow through an account that is no money", "flows.yaml", `banks: ["fiscal_account"], source: "SYS 4101`, `banks: ["bonds"], source: "SYS 4101`, accounts.FaultDangling, `"bonds"`},
	{"two rules for one flow", "flows.yaml", `direction: "out", funds: ["all"], banks: ["fiscal_account"], source: "SYS 1201`, `direction: "in", funds: ["all"], banks: ["fiscal_account"], source: "SYS 1201`, accounts.FaultOverlap, `"bonds"`},
	{"a move by an event that does not exist", "flows.yaml", `events: ["E9"]`, `events: ["E99"]`, accounts.FaultDangling, `"E99"`},
	{"an anchor", "standard.yaml", `title: "社会保险基金会计制度 chart`, `title: &t "社会保险基金会计制度 chart`, accounts.FaultShape, "anchor"},
	{"a list where text belongs", "accounts.yaml", `code: "1001"`, `code: ["1001"]`, accounts.FaultShape, "code"},
	{"an account below itself", "accounts.yaml", `{id: "entrusted", code`, `{id: "entrusted", parent: "entrusted.principal", code`, accounts.FaultDangling, "below itself"},
	{"an account without a usable id", "accounts.yaml", `id: "cash"`, `id: ""`, accounts.FaultValue, `the id ""`},
	{"no YAML", "roles.yaml", `roles:`, `roles: {`, accounts.FaultSyntax, "YAML"},
}

func (d damage) apply(t *testing.T, files fstest.MapFS) {
	t.Helper()
	text := string(files[d.file].Data)
	if !strings.Contains(text, d.old) {
		t.Fatalf("%s: %s does not hold %q", d.name, d.file, d.old)
	}
	files[d.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, d.old, d.with, 1))}
}

// line returns the line of the damaged text.
func (d damage) line(t *testing.T) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("data/cn-2017", d.file))
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(data), d.old)
	return strings.Count(before, "\n") + 1
}

func loadFaults(t *testing.T, files fs.FS, overlays ...accounts.Overlay) accounts.Faults {
	t.Helper()
	c, err := accounts.Load(files, overlays...)
	if err == nil {
		return nil
	}
	var faults accounts.Faults
	if !errors.As(err, &faults) || c != nil {
		t.Fatalf("load gave %v and %v", c, err)
	}
	return faults
}

func TestTheLoaderRefusesEveryDamageAndSaysWhere(t *testing.T) {
	for _, d := range damages {
		files := standardFiles(t)
		d.apply(t, files)
		found := false
		for _, f := range loadFaults(t, files) {
			// A record's position is its first line; the damaged text may stand a few lines below it, and a check of references may name the other end.
			near := f.File != d.file || (f.Line <= d.line(t)+3 && f.Line >= d.line(t)-8) || d.code == accounts.FaultFormula || d.code == accounts.FaultDangling ||
				d.code == accounts.FaultSyntax || d.code == accounts.FaultOverlap
			found = found || (f.Code == d.code && strings.Contains(f.Text, d.says) && f.Line > 0 && near && f.Fix != "")
		}
		if !found {
			t.Errorf("%s: want the code %s and the words %s near %s:%d, got\n%v", d.name, d.code, d.says, d.file, d.line(t), loadFaults(t, files))
		}
	}
}

func TestAllFaultsComeTogetherInTheOrderOfFilesAndLines(t *testing.T) {
	files := standardFiles(t)
	for _, i := range []int{0, 1, 9, 12, 22, 31, 37} {
		damages[i].apply(t, files)
	}
	faults := loadFaults(t, files, accounts.Overlay{Name: "town.yaml", Data: []byte(`id: "town"` + "\n" + `accounts: [{id: "x", zh: "x", en: "x", source: "SYS 1"}]`)})
	for _, i := range []int{0, 1, 9, 12, 22, 31, 37} {
		if !strings.Contains(faults.Error(), damages[i].says) {
			t.Errorf("%s is not among\n%v", damages[i].name, faults)
		}
	}
	if !strings.Contains(faults.Error(), "town.yaml:2: [forbidden_change]") {
		t.Errorf("the overlay's fault is not among\n%v", faults)
	}
	for i := 1; i < len(faults); i++ {
		a, b := faults[i-1], faults[i]
		if a.File > b.File || (a.File == b.File && a.Line > b.Line) {
			t.Errorf("%s comes before %s", a.Position, b.Position)
		}
	}
	var one accounts.Fault
	if !errors.As(error(faults), &one) {
		t.Error("no single Fault in Faults")
	}
}

func TestTheTinyChartLoads(t *testing.T) {
	if faults := loadFaults(t, tiny); len(faults) > 0 {
		t.Error(faults)
	}
}

func TestAnEmptyFolderIsRefused(t *testing.T) {
	if faults := loadFaults(t, fstest.MapFS{}); len(faults) == 0 {
		t.Error("an empty folder gave a chart")
	}
}

const townOverlay = `
id: "anytown"
title: "details of Anytown"
accounts:
  - {id: "advances.hospital_loans", zh: "医院周转金", en: "working capital lent to hospitals", parent: "advances", funds: ["employee_medical"],
     valid_from: "2025-01-01", source: "SYS 1.10(4)"}
  - {id: "fiscal_account.demand", zh: "活期", en: "demand deposit", parent: "fiscal_account", source: "SYS 1003"}
  - {id: "fiscal_account.term", zh: "定期", en: "term deposit", parent: "fiscal_account", code: "1003.71", source: "SYS 1003"}
  - {id: "fiscal_account.rest", zh: "未分", en: "not divided", parent: "fiscal_account", rest: "true", source: "SYS 1003"}
codes:
  - {account: "benefits.ue_training", code: "5001.40", funds: ["unemployment"]}
`

func TestAnOverlayAddsDetailsAndNumbers(t *testing.T) {
	c, err := accounts.Standard(accounts.Overlay{Name: "anytown.yaml", Data: []byte(townOverlay)})
	if err != nil {
		t.Fatal(err)
	}
	b := book(t, c, accounts.EmployeeMedical, county, day2026)
	for id, code := range map[string]string{"advances.hospital_loans": "1101.51", "fiscal_account.demand": "1003.51", "fiscal_account.term": "1003.71", "fiscal_account.rest": "1003.99"} {
		a, err := b.Account(id)
		if err != nil || a.Code != code || a.Type != accounts.Asset || a.Origin != accounts.OfDeployer {
			t.Errorf("%s: %+v, %v; want the number %s", id, a, err, code)
		}
	}
	if id, err := b.Role(accounts.RoleFiscalAccount); err != nil || id != "fiscal_account.rest" {
		t.Errorf("the fiscal account is played by %s, %v", id, err)
	}
	if book(t, c, accounts.WorkInjury, county, day2026).Has("advances.hospital_loans") {
		t.Error("a detail of employee medical is in the work-injury book")
	}
	if got := c.Code(accounts.Unemployment, "benefits.ue_training"); got != "5001.40" {
		t.Errorf("number %s", got)
	}
	// the money still counts as money of the fiscal account
	lines, err := b.Lines("E9", accounts.Part{AccountID: "fiscal_account.term", Amount: 100})
	if err != nil {
		t.Fatal(err)
	}
	if v := b.Flows().Check(lines, "E9"); len(v) > 0 {
		t.Error(v)
	}
}

func TestAnOverlayCannotTouchWhatTheStateSets(t *testing.T) {
	cases := map[string]struct {
		text string
		code accounts.FaultCode
	}{
		"a first-level account":       {`accounts: [{id: "gold", code: "1301", zh: "黄金", en: "gold", type: "asset", source: "SYS 1"}]`, accounts.FaultForbidden},
		"a new number of a first one": {`codes: [{account: "cash", code: "1009"}]`, accounts.FaultForbidden},
		"a number the annuity has":    {`codes: [{account: "contributions.annuity_other", code: "400109"}]`, accounts.FaultForbidden},
		"another type":                {`accounts: [{id: "cash.x", zh: "x", en: "x", parent: "cash", type: "income", source: "SYS 1"}]`, accounts.FaultForbidden},
		"an account that exists":      {`accounts: [{id: "cash", zh: "x", en: "x", parent: "bonds", source: "SYS 1"}]`, accounts.FaultForbidden},
		"a closing target":            {`accounts: [{id: "other_income.x", zh: "x", en: "x", parent: "other_income", close: {default: "reserve"}, source: "SYS 1"}]`, accounts.FaultForbidden},
		"a parent that is not there":  {`accounts: [{id: "x.y", zh: "x", en: "x", parent: "x", source: "SYS 1"}]`, accounts.FaultDangling},
		"a fund without the parent":   {`accounts: [{id: "reserve.x", zh: "x", en: "x", parent: "reserve", funds: ["maternity"], source: "SYS 1"}]`, accounts.FaultDangling},
		"a number that is taken":      {`codes: [{account: "interest.deposit", code: "4201.02"}]`, accounts.FaultDuplicate},
		"a number of another account": {`codes: [{account: "interest.deposit", code: "4301.01"}]`, accounts.FaultValue},
		"a form":                      {`forms: []`, accounts.FaultUnknown},
		"a scheme without room":       {`numbering: {separator: ".", width: "2", standard_from: "1", deployer_from: "3", own_from: "2", rest: "99"}`, accounts.FaultValue},
		"too many details":            {`numbering: {separator: ".", width: "2", standard_from: "1", deployer_from: "3", own_from: "81", rest: "99"}`, accounts.FaultValue},
	}
	for name, x := range cases {
		found := false
		for _, f := range loadFaults(t, standardFiles(t), accounts.Overlay{Name: "town.yaml", Data: []byte("id: \"town\"\n" + x.text)}) {
			found = found || f.Code == x.code
		}
		if !found {
			t.Errorf("%s: want a fault %s, got %v", name, x.code, loadFaults(t, standardFiles(t), accounts.Overlay{Name: "town.yaml", Data: []byte("id: \"town\"\n" + x.text)}))
		}
	}
}

// tiny is a chart small enough to be read thousands of times a second.
var tiny = fstest.MapFS{"tiny.yaml": &fstest.MapFile{Data: []byte(`
id: "tiny"
version: "1"
currency: "CNY"
valid_from: "2018-01-01"
numbering: {width: "2", standard_from: "1", deployer_from: "51", own_from: "81", rest: "99"}
sources: [{key: "SYS", title: "t"}]
funds: [{id: "work_injury", zh: "工伤", en: "work injury", valid_from: "2018-01-01", source: "SYS 1"}]
accounts: [{id: "fiscal_account", code: "1003", zh: "财政专户", en: "fiscal account", type: "asset", funds: ["work_injury"], source: "SYS 1"}]
`)}}

func FuzzOverlaysNeverPanic(f *testing.F) {
	f.Add(townOverlay)
	f.Add("id: \"x\"\naccounts: [{id: &a \"b\", parent: *a}]")
	f.Add("id: |\n  text\ncodes: [[]]")
	f.Add("? a\n: b\n---\nid: \"x\"")
	f.Add("<<: {id: \"x\"}")
	f.Add("id: \"t\"\naccounts: [{id: \"a\", zh: \"x\", en: \"x\", parent: \"fiscal_account\", source: \"SYS\"}, {id: \"b\", zh: \"x\", en: \"x\", parent: \"a\", source: \"SYS\"}]")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := accounts.Load(tiny, accounts.Overlay{Name: "f.yaml", Data: []byte(text)})
		var faults accounts.Faults
		if (c == nil) == (err == nil) || (err != nil && !errors.As(err, &faults)) {
			t.Fatalf("%v, %v", c, err)
		}
	})
}
