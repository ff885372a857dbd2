package scheme

import (
	"errors"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// law wraps parameters into a file of a test jurisdiction.
func law(parameters string) File {
	return File{Name: "law.yaml", Content: []byte("jurisdiction: xx\nversion: '1'\nparameters:\n" + parameters)}
}

// rate is a parameter whose values are the lines given, each indented as a list entry.
func rate(values ...string) string {
	return "  - id: xx.rate\n    title: {zh: 率, en: rate}\n    unit: rate\n    values:\n      - {" + strings.Join(values, "}\n      - {") + "}\n"
}

func TestFaultsNameFileLineFieldAndRemedy(t *testing.T) {
	const sound = "from: 2020-01-01, value: '0.1', source: law, status: confirmed"
	for name, c := range map[string]struct {
		file File
		want string // part of the message
	}{
		"bare number":      {law(rate("from: 2020-01-01, value: 0.1, source: law, status: confirmed")), "law.yaml:8:35: parameters[0].values[0].value: 0.1 is not quoted"},
		"no source":        {law(rate("from: 2020-01-01, value: '0.1', status: confirmed")), "has no source"},
		"blank source":     {law(rate("from: 2020-01-01, value: '0.1', source: ' ', status: confirmed")), "has no source"},
		"unknown field":    {law(rate(sound + ", valid: yes")), "parameters[0].values[0].valid: is no field"},
		"unknown status":   {law(rate("from: 2020-01-01, value: '0.1', source: law, status: sure")), `"sure" is no status`},
		"unknown trust":    {law(rate(sound + ", confidence: certain")), `"certain" is no confidence`},
		"no such day":      {law(rate("from: 2020-02-30, value: '0.1', source: law, status: confirmed")), `"2020-02-30" is no existing day`},
		"end before begin": {law(rate("from: 2020-01-02, to: 2020-01-01, value: '0.1', source: law, status: confirmed")), "is before the first"},
		"gap": {law(rate("from: 2020-01-01, to: 2020-12-31, value: '0.1', source: law, status: confirmed", "from: 2021-02-01, value: '0.2', source: law, status: confirmed")),
			"law.yaml:9:1: xx.rate: gap: nothing holds from 2021-01-01 to 2021-01-31"},
		"overlap": {law(rate("from: 2020-01-01, to: 2020-12-31, value: '0.1', source: law, status: confirmed", "from: 2020-12-31, value: '0.2', source: law, status: confirmed")),
			"overlap: the value before ends on 2020-12-31 and this one begins on 2020-12-31"},
		"overlap with open": {law(rate(sound, "from: 2021-01-01, value: '0.2', source: law, status: confirmed")), "close the earlier one with to: 2020-12-31"},
		"out of order": {law(rate("from: 2021-01-01, to: 2021-12-31, value: '0.1', source: law, status: confirmed", "from: 2020-01-01, to: 2020-12-31, value: '0.2', source: law, status: confirmed")),
			"write values in the order of time"},
		"twice known":           {law(rate(sound, sound)), "was not known later than the first"},
		"other ends":            {law(rate(sound, "from: 2020-01-01, to: 2020-12-31, known_from: 2020-06-01, value: '0.2', source: law, status: confirmed")), "end on different days"},
		"superseded by nothing": {law(rate("from: 2020-01-01, value: '0.1', source: law, status: superseded")), "is superseded by nothing"},
		"rate above one":        {law(rate("from: 2020-01-01, value: '16', source: law, status: confirmed")), "16 is above one and no rate"},
		"negative":              {law(rate("from: 2020-01-01, value: '-0.1', source: law, status: confirmed")), "-0.1 is negative"},
		"exponent":              {law(rate("from: 2020-01-01, value: '1e-1', source: law, status: confirmed")), `"1e-1" is no decimal number`},
		"table as number":       {law(rate("from: 2020-01-01, value: {a: '1'}, source: law, status: confirmed")), "is no single value"},
		"policy as number":      {law(rate("from: 2020-01-01, policy: {}, source: law, status: confirmed")), "stands where a value belongs"},
		"no value":              {law(rate("from: 2020-01-01, source: law, status: confirmed")), "has no value"},
		"no values":             {law("  - {id: xx.rate, title: {zh: 率, en: rate}, unit: rate}\n"), "has no list of values"},
		"no title":              {law("  - {id: xx.rate, unit: rate, values: [{" + sound + "}]}\n"), "has no title"},
		"no unit":               {law("  - {id: xx.rate, title: {zh: 率, en: rate}, values: [{" + sound + "}]}\n"), "has no unit"},
		"strange unit":          {law("  - {id: xx.rate, title: {zh: 率, en: rate}, unit: yuan, values: [{" + sound + "}]}\n"), `"yuan" is no unit`},
		"bare table cell":       {law("  - {id: xx.t, title: {zh: 表, en: t}, unit: table, values: [{from: 2020-01-01, value: {a: 1}, source: law, status: confirmed}]}\n"), "is no quoted text"},
		"capital id":            {law("  - {id: xx.Rate, title: {zh: 率, en: rate}, unit: rate, values: [{" + sound + "}]}\n"), `"xx.Rate" is no id`},
		"foreign id":            {law("  - {id: yy.rate, title: {zh: 率, en: rate}, unit: rate, values: [{" + sound + "}]}\n"), "does not belong to the file's jurisdiction"},
		"duplicate id":          {law(rate(sound) + rate(sound)), "declares xx.rate again: law.yaml:4 declares it already"},
		"override of nothing":   {law("  - {id: xx.rate, override: replace, reason: local, values: [{" + sound + "}]}\n"), "which no earlier file declares"},
		"reason alone":          {law("  - {id: xx.rate, reason: local, title: {zh: 率, en: rate}, unit: rate, values: [{" + sound + "}]}\n"), "stands without an override"},
		"no version":            {File{Name: "law.yaml", Content: []byte("jurisdiction: xx\nparameters:\n" + rate(sound))}, "has no version"},
		"no jurisdiction":       {File{Name: "law.yaml", Content: []byte("version: '1'\nparameters:\n" + rate(sound))}, "has no jurisdiction"},
		"no parameters":         {File{Name: "law.yaml", Content: []byte("jurisdiction: xx\nversion: '1'\n")}, "has no list of parameters"},
		"no mapping":            {File{Name: "law.yaml", Content: []byte("- 1\n")}, "is no parameter file"},
		"no YAML":               {File{Name: "law.yaml", Content: []byte("a: b: c\n")}, "is no YAML"},
		"year zero":             {law(rate("from: 0000-01-01, value: '0.1', source: law, status: confirmed")), "is no existing day"},
		"parameter is text":     {law("  - words\n"), "is no parameter"},
		"value is text":         {law("  - {id: xx.rate, title: {zh: 率, en: rate}, unit: rate, values: [words]}\n"), "is no value"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(c.file)
			if err == nil {
				t.Fatal("loaded without a fault")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got\n%v\nwant it to say\n%s", err, c.want)
			}
			var fault *Fault
			if !errors.As(err, &fault) || fault.File != "law.yaml" || fault.Hint == "" {
				t.Errorf("the fault does not name its file and a remedy: %+v", fault)
			}
		})
	}
}

func TestAllFaultsOfAllFilesAreReportedTogether(t *testing.T) {
	one := law(rate("from: 2020-01-01, value: 0.1, status: sure", "from: 2020-13-01, value: 'x', source: law, status: confirmed"))
	two := File{Name: "two.yaml", Content: []byte("jurisdiction: yy\nparameters: []\n")}
	_, err := Load(one, two)
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	if len(faults) != 7 {
		t.Errorf("%d faults, want 7: bare number, no source, status, day, decimal, no version, no parameters:\n%v", len(faults), err)
	}
}

func TestTheEndsOfAValidityBelongToIt(t *testing.T) {
	c := mustLoad(t, law(rate("from: 2020-01-01, to: 2020-12-31, value: '0.1', source: a, status: confirmed", "from: 2021-01-01, value: '0.2', source: b, status: confirmed")))
	for day, want := range map[calendar.Date]string{20200101: "0.1", 20201231: "0.1", 20210101: "0.2", 99991231: "0.2"} {
		value, err := c.Rate("xx.rate", day)
		if err != nil || value.Text != want {
			t.Errorf("%s: %s, %v, want %s", day, value.Text, err, want)
		}
	}
	_, err := c.At("xx.rate", 20191231)
	var none *NoValueError
	if !errors.As(err, &none) || none.First != 20200101 || none.Last != 0 || none.Unpublished {
		t.Errorf("before the first day: %v", err)
	}
	var unknown *UnknownParameterError
	if _, err := c.At("yy.rate", 20200101); !errors.As(err, &unknown) || len(unknown.Similar) != 1 {
		t.Errorf("unknown id: %v", err)
	}
}

const provisionalThenConfirmed = `  - id: xx.base
    title: {zh: 计发基数, en: base}
    unit: CNY/month
    values:
      - {from: 2024-01-01, to: 2024-12-31, value: '7417', source: last year, status: provisional}
      - {from: 2024-01-01, to: 2024-12-31, known_from: 2024-11-20, value: '7618', source: notice, status: confirmed}
      - {from: 2025-01-01, known_from: 2025-02-01, value: '7694', source: notice, status: confirmed}
`

func TestAValueIsAnsweredAsItWasKnown(t *testing.T) {
	c := mustLoad(t, law(provisionalThenConfirmed))
	for known, want := range map[calendar.Date]string{20240301: "7417", 20241119: "7417", 20241120: "7618", 0: "7618"} {
		value, err := c.KnownOn(known).At("xx.base", 20240301)
		if err != nil || value.Text != want {
			t.Errorf("known on %s: %s, %v, want %s", known, value.Text, err, want)
		}
	}
	_, err := c.KnownOn(20250131).At("xx.base", 20250301)
	var none *NoValueError
	if !errors.As(err, &none) || !none.Unpublished || !strings.Contains(err.Error(), "none that was known on 2025-01-31") {
		t.Errorf("an unpublished value: %v", err)
	}
}

func TestProvenanceSaysWhereAValueStands(t *testing.T) {
	file := law(provisionalThenConfirmed)
	value, err := mustLoad(t, file).At("xx.base", 20240601)
	if err != nil {
		t.Fatal(err)
	}
	p := value.Provenance
	if p.Parameter != "xx.base" || p.File != "law.yaml" || p.Version != "1" || p.Source != "notice" || p.Status != Confirmed || p.From != 20240101 || p.To != 20241231 ||
		p.KnownFrom != 20241120 || len(p.SHA256) != 64 || value.Line != 9 {
		t.Errorf("got %+v on line %d", p, value.Line)
	}
	changed := law(strings.Replace(provisionalThenConfirmed, "last year", "the year before", 1))
	if other, _ := mustLoad(t, changed).At("xx.base", 20240601); other.SHA256 == p.SHA256 {
		t.Error("another file has the same digest")
	}
}

func TestALaterFileOverridesOnlyBySayingSo(t *testing.T) {
	base := law(rate("from: 2020-01-01, to: 2020-12-31, value: '0.1', source: a, status: confirmed", "from: 2021-01-01, value: '0.2', source: b, status: confirmed"))
	overlay := func(mode, values string) File {
		return File{Name: "local.yaml", Content: []byte("jurisdiction: yy\nversion: '7'\nparameters:\n  - {id: xx.rate, override: " + mode + ", reason: local rule, values: [{" + values + "}]}\n")}
	}
	t.Run("extend keeps what was before and closes it", func(t *testing.T) {
		c := mustLoad(t, base, overlay("extend", "from: 2022-07-01, value: '0.3', source: local, status: confirmed"))
		for day, want := range map[calendar.Date]string{20200601: "0.1", 20220630: "0.2", 20220701: "0.3"} {
			if value, err := c.At("xx.rate", day); err != nil || value.Text != want {
				t.Errorf("%s: %s, %v", day, value.Text, err)
			}
		}
		value, _ := c.At("xx.rate", 20220630)
		if value.To != 20220630 || value.File != "law.yaml" {
			t.Errorf("the closed value ends on %s in %s", value.To, value.File)
		}
		local, _ := c.At("xx.rate", 20230101)
		if local.File != "local.yaml" || local.Version != "7" {
			t.Errorf("the new value stands in %s version %s", local.File, local.Version)
		}
		p, _ := c.Parameter("xx.rate")
		if len(p.Overrides) != 1 || p.Overrides[0].Reason != "local rule" || p.Overrides[0].Mode != Extend {
			t.Errorf("overrides %+v", p.Overrides)
		}
	})
	t.Run("replace drops what was before", func(t *testing.T) {
		c := mustLoad(t, base, overlay("replace", "from: 2022-07-01, value: '0.3', source: local, status: confirmed"))
		if _, err := c.At("xx.rate", 20200601); err == nil {
			t.Error("a replaced value is still answered")
		}
	})
	for name, c := range map[string]struct {
		file File
		want string
	}{
		"extend before the first": {overlay("extend", "from: 2019-01-01, value: '0.3', source: local, status: confirmed"), "use override: replace"},
		"another mode":            {overlay("amend", "from: 2022-01-01, value: '0.3', source: local, status: confirmed"), "is no way to override"},
		"no override":             {law(rate("from: 2022-01-01, value: '0.3', source: local, status: confirmed")), "declares xx.rate again"},
		"no reason":               {File{Name: "l.yaml", Content: []byte("jurisdiction: yy\nversion: '7'\nparameters:\n  - {id: xx.rate, override: extend, values: [{from: 2022-01-01, value: '0.3', source: local, status: confirmed}]}\n")}, "has no reason"},
		"another unit":            {File{Name: "l.yaml", Content: []byte("jurisdiction: yy\nversion: '7'\nparameters:\n  - {id: xx.rate, override: extend, reason: r, unit: factor, values: [{from: 2022-01-01, value: '0.3', source: local, status: confirmed}]}\n")}, "changes the unit"},
	} {
		if _, err := Load(base, c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to say %s", name, err, c.want)
		}
	}
	if closed := law(rate("from: 2020-01-01, to: 2020-12-31, value: '0.1', source: a, status: confirmed")); closed.Name != "" {
		if _, err := Load(closed, overlay("extend", "from: 2022-01-01, value: '0.3', source: local, status: confirmed")); err == nil || !strings.Contains(err.Error(), "gap: xx.rate ends on 2020-12-31") {
			t.Errorf("an extension after a gap: %v", err)
		}
	}
}

func TestSpansCoverEveryDayOnce(t *testing.T) {
	c := mustLoad(t, law(rate("from: 2020-01-01, to: 2020-12-31, value: '0.1', source: a, status: confirmed", "from: 2021-01-01, value: '0.2', source: b, status: confirmed")))
	spans, err := c.Spans("xx.rate", 20201230, 20210103)
	if err != nil || len(spans) != 2 {
		t.Fatalf("%v, %v", spans, err)
	}
	if spans[0].From != 20201230 || spans[0].To != 20201231 || spans[1].From != 20210101 || spans[1].To != 20210103 || spans[1].Value.Text != "0.2" {
		t.Errorf("got %v", spans)
	}
	if none, err := c.Spans("xx.rate", 20210103, 20210102); err != nil || len(none) != 0 {
		t.Errorf("a stretch of no days: %v, %v", none, err)
	}
	if _, err := c.Spans("xx.rate", 20191231, 20200102); err == nil {
		t.Error("a day without a rate has one")
	}
}

func TestAccessorsRefuseAnotherUnit(t *testing.T) {
	c := mustLoad(t, law(rate("from: 2020-01-01, value: '0.1', source: a, status: confirmed")))
	var unit *UnitError
	if _, err := c.Number("xx.rate", 20200101); !errors.As(err, &unit) {
		t.Errorf("a rate as a number: %v", err)
	}
	if _, err := c.Table("xx.rate", 20200101); !errors.As(err, &unit) {
		t.Errorf("a rate as a table: %v", err)
	}
	if _, err := c.Policy("xx.rate", 20200101); !errors.As(err, &unit) {
		t.Errorf("a rate as a policy: %v", err)
	}
}

func mustLoad(t *testing.T, files ...File) *Catalogue {
	t.Helper()
	c, err := Load(files...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func FuzzLoad(f *testing.F) {
	for _, file := range ChinaFiles() {
		f.Add(file.Content)
	}
	f.Add(law(provisionalThenConfirmed).Content)
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := Load(File{Name: "fuzz.yaml", Content: content})
		if err != nil {
			var faults Faults
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("an error without faults: %v", err)
			}
			return
		}
		for _, id := range c.IDs() {
			p, _ := c.Parameter(id)
			if _, err := c.At(id, p.Values[0].From); err != nil {
				t.Fatalf("%s says nothing on its first day: %v", id, err)
			}
		}
	})
}
