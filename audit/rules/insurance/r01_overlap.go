package insurance

import (
	"cmp"
	"context"
	"slices"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// R01Overlap finds persons insured twice in the same months and the same insurance, in two areas or two schemes.
func R01Overlap() audit.Rule {
	return audit.Rule{
		ID: "R01", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "同一险种重复参保", EN: "Insured twice in one insurance"},
		Why: audit.Text{
			ZH: "同一人在同一险种、同一月份只应有一份参保关系。重复参保会导致重复补助、重复计算年限和重复领取待遇。",
			EN: "In one insurance a person is insured once a month. A second enrolment leads to subsidies, years and benefits given twice.",
		},
		How: audit.Text{
			ZH: "按身份号码假名（无则按个人编号）和险种归集参保时段，列出统筹区或制度不同而月份重叠的每一对。同一制度内多个单位的时段不在此列。",
			EN: "Spells are brought together by pseudonym of the identity number, or by internal number where there is none, and by insurance; every pair of another area or scheme that shares months is a hit. Several employers within one scheme are not.",
		},
		Do: audit.Text{
			ZH: "核实应保留的参保关系，清退重复缴费，合并或转移个人账户，核查重叠期间的待遇与补助。",
			EN: "Establish which enrolment stands, refund what was contributed twice, merge or transfer the accounts, and check benefits and subsidies of those months.",
		},
		Basis: []string{"SIL 第五十八条", "审计署 2012 年全国社会保障资金审计结果（重复参保）"},
		Reads: []audit.Declared{audit.SpellsSource},
		Check: checkOverlap,
	}
}

type insuredAs struct{ person, insurance string }

func checkOverlap(_ context.Context, t *audit.Task) error {
	source, _ := audit.SpellsSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		list, err := collect(t, spells, source.Spells(ctx))
		if err != nil {
			return err
		}
		held := map[insuredAs][]audit.Spell{}
		for _, s := range list {
			key := insuredAs{person: "identity " + s.Identity, insurance: s.Insurance}
			if s.Identity == "" {
				key.person = "member " + s.Origin.Book.String() + " " + s.Person
			}
			held[key] = append(held[key], s)
		}
		for _, key := range sorted(held, func(a, b insuredAs) int {
			return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.insurance, b.insurance))
		}) {
			own := held[key]
			slices.SortStableFunc(own, func(a, b audit.Spell) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.ID, b.ID)) })
			reportOverlaps(t, own)
		}
		return nil
	})
	return nil
}

func reportOverlaps(t *audit.Task, own []audit.Spell) {
	end := t.Scope().AsOf.Month()
	for i := range own {
		for j := i + 1; j < len(own); j++ {
			a, b := &own[i], &own[j]
			if a.Area == b.Area && a.Scheme == b.Scheme {
				continue
			}
			from, to := max(a.From, b.From), min(until(a, end), until(b, end))
			if !t.Scope().From.IsZero() {
				from = max(from, t.Scope().From.Month())
			}
			if !t.Scope().To.IsZero() {
				to = min(to, t.Scope().To.Month())
			}
			if from <= to {
				reportOverlap(t, a, b, from, to)
			}
		}
	}
}

// until is the last month of a spell; one that is open goes to the month of the audit's day.
func until(s *audit.Spell, end calendar.Month) calendar.Month {
	if s.To.IsZero() {
		return end
	}
	return s.To
}

func reportOverlap(t *audit.Task, a, b *audit.Spell, from, to calendar.Month) {
	mark := audit.Text{ZH: "系统未作标记", EN: "not marked by the system"}
	if a.Flagged || b.Flagged {
		mark = audit.Text{ZH: "系统已标记", EN: "marked by the system"}
	}
	n := to.Sub(from) + 1
	text := both("%s 在 %s/%s（%v 起）与 %s/%s（%v 起）同时参保 %s：%v 至 %v，%d 个月；", "%s is insured in %s/%s (from %v) and in %s/%s (from %v) for %s at once: %v to %v, %d months; ",
		a.Person, a.Area, a.Scheme, a.From, b.Area, b.Scheme, b.From, a.Insurance, from, to, n)
	text.ZH += mark.ZH
	text.EN += mark.EN
	t.Report(audit.Finding{
		Book: audit.BookRef(a.Book), Period: period(from), Subjects: about(byMember, a.Person, "insurance", a.Insurance, "enrolment", a.ID, "enrolment", b.ID), Text: text,
		Evidence: []audit.Evidence{a.Evidence("enrolment"), b.Evidence("enrolment")},
	})
}
