package insurance

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// P04Movement agrees the movement of all personal accounts of a fund in a month with what should have moved them.
func P04Movement() audit.Rule {
	return audit.Rule{
		ID: "P04", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "个人账户总变动与分配、计息、转移、退费、支付不符", EN: "Movement of all personal accounts does not agree with its causes"},
		Why: audit.Text{
			ZH: "个人账户总额的每一笔变动都应有来源：分配的个人缴费、利息、转移、退费、支付。差额意味着凭空增减权益。",
			EN: "Whatever moves the personal accounts has a cause: allocated contributions, interest, transfers, refunds, payments. A difference is rights made or lost without one.",
		},
		How: audit.Text{
			ZH: "按基金和月份：全部账户变动 −（到账分配的个人缴费 + 利息 ± 转移 ± 更正 − 退费 − 继承 − 个人账户养老金）。缴费取自到账分配，养老金在提供发放明细时取自发放（退票在退回日冲回），其余按记账标签；没有已知标签的变动成为差额。",
			EN: "By fund and month: all movements − (members' own parts of allocated receipts + interest ± transfers ± corrections − refunds − payments to heirs − account pensions). Contributions are those of the receipts; pensions those of the payments where these are given, given back where returned; the rest goes by tag. What bears no known tag is difference.",
		},
		Do: audit.Text{
			ZH: "按差额月份逐类核对，查明无来源的记账和未记账的分配，逐户更正。",
			EN: "Go through the kinds of movement of that month, find credits without cause and allocations without credit, and correct them account by account.",
		},
		Basis: []string{"SIL 第十四条"},
		Reads: []audit.Declared{audit.RightsSource, audit.ReceiptsSource},
		Uses:  []audit.Declared{audit.PaymentsSource},
		Check: checkMovement,
	}
}

type bookMonth struct {
	book  ledger.BookID
	month calendar.Month
}

func compareBookMonths(a, b bookMonth) int {
	return cmp.Or(compareBooks(a.book, b.book), cmp.Compare(a.month, b.month))
}

// causes are the parts of what should have moved the accounts, in the order in which they are told.
var causes = []audit.Text{
	{ZH: "分配的个人缴费", EN: "allocated contributions"}, {ZH: "利息", EN: "interest"}, {ZH: "转移", EN: "transfers"}, {ZH: "更正", EN: "corrections"},
	{ZH: "退费", EN: "refunds"}, {ZH: "继承", EN: "heirs"}, {ZH: "个人账户养老金", EN: "account pensions"},
}

const (
	ofContributions = iota
	ofInterest
	ofTransfers
	ofCorrections
	ofRefunds
	ofHeirs
	ofPensions
)

// accountsMonth is one month of all accounts of a fund.
type accountsMonth struct {
	origin audit.Origin
	moved  tally
	causes [7]tally
	loose  tally // movements without a known tag, for the evidence
}

func checkMovement(_ context.Context, t *audit.Task) error {
	t.AtEnd(func(ctx context.Context) error {
		c := &movementCheck{task: t, months: map[bookMonth]*accountsMonth{}}
		if err := c.read(ctx); err != nil {
			return err
		}
		for _, key := range sorted(c.months, compareBookMonths) {
			if t.Scope().HasMonth(key.month) {
				if err := c.agree(key, c.months[key]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return nil
}

type movementCheck struct {
	task   *audit.Task
	months map[bookMonth]*accountsMonth
}

func (c *movementCheck) of(o *audit.Origin, day calendar.Date) (*accountsMonth, error) {
	if !day.Valid() {
		return nil, fmt.Errorf("insurance: record %s has no date", o.ID)
	}
	key := bookMonth{o.Book, day.Month()}
	if c.months[key] == nil {
		c.months[key] = &accountsMonth{origin: *o}
	}
	return c.months[key], nil
}

func (c *movementCheck) read(ctx context.Context) error {
	rights, _ := audit.RightsSource.In(c.task)
	paid, hasPayments := audit.PaymentsSource.In(c.task)
	for m, err := range rights.Movements(ctx) {
		if err != nil {
			return err
		}
		c.task.Examined(movements, 1)
		month, err := c.of(&m.Origin, m.Day)
		if err != nil {
			return err
		}
		month.move(&m, hasPayments)
	}
	if err := c.readReceipts(ctx); err != nil || !hasPayments {
		return err
	}
	for p, err := range paid.Payments(ctx) {
		if err != nil {
			return err
		}
		c.task.Examined(payments, 1)
		if err := c.payment(&p); err != nil {
			return err
		}
	}
	return nil
}

// payment takes what the account bore on the day of payment, and gives it back on the day of a return.
func (c *movementCheck) payment(p *audit.BenefitPayment) error {
	if p.FromAccount == 0 || p.Returned && p.ReturnedDay.IsZero() {
		return nil
	}
	month, err := c.of(&p.Origin, p.Day)
	if err != nil {
		return err
	}
	month.causes[ofPensions].add(-p.FromAccount)
	if !p.Returned {
		return nil
	}
	if month, err = c.of(&p.Origin, p.ReturnedDay); err == nil {
		month.causes[ofPensions].add(p.FromAccount)
	}
	return err
}

func (c *movementCheck) readReceipts(ctx context.Context) error {
	received, _ := audit.ReceiptsSource.In(c.task)
	for r, err := range received.Receipts(ctx) {
		if err != nil {
			return err
		}
		c.task.Examined(receipts, 1)
		for _, a := range r.Allocations {
			if a.Part != audit.PersonPart {
				continue
			}
			month, err := c.of(&r.Origin, a.Day)
			if err != nil {
				return err
			}
			month.causes[ofContributions].add(a.Amount)
		}
	}
	return nil
}

func (m *accountsMonth) move(moved *audit.RightsMovement, hasPayments bool) {
	m.moved.add(moved.Amount)
	_, interest := interestYear(moved.Tag)
	switch tag := moved.Tag; {
	case tag == personal.TagContribution, tag == personal.TagPension && hasPayments: // told by their own sources
	case tag == personal.TagPension:
		m.causes[ofPensions].add(moved.Amount)
	case interest:
		m.causes[ofInterest].add(moved.Amount)
	case tag == personal.TagTransfer:
		m.causes[ofTransfers].add(moved.Amount)
	case tag == personal.TagCorrection:
		m.causes[ofCorrections].add(moved.Amount)
	case tag == personal.TagRefund:
		m.causes[ofRefunds].add(moved.Amount)
	case tag == personal.TagHeirs:
		m.causes[ofHeirs].add(moved.Amount)
	default:
		m.loose.add(moved.Amount, movementEvidence(moved))
	}
}

func (c *movementCheck) agree(key bookMonth, m *accountsMonth) error {
	var explained tally
	zh, en := make([]string, len(causes)), make([]string, len(causes))
	for i := range m.causes {
		if m.causes[i].err != nil {
			return m.causes[i].err
		}
		explained.add(m.causes[i].sum)
		zh[i], en[i] = causes[i].ZH+" "+m.origin.Sum(m.causes[i].sum).String(), causes[i].EN+" "+m.origin.Sum(m.causes[i].sum).String()
	}
	gap, err := difference(&m.moved, &explained)
	if err != nil || gap == 0 {
		return err
	}
	text := both("%v 个人账户变动合计 %s，可说明 %s，相差 %s；其中", "%v: all personal accounts moved by %s, of which %s is explained, a difference of %s; ",
		key.month, m.origin.Sum(m.moved.sum), m.origin.Sum(explained.sum), m.origin.Sum(gap))
	text.ZH += strings.Join(zh, "，")
	text.EN += strings.Join(en, ", ")
	evidence := m.loose.evidence
	if len(evidence) == 0 {
		evidence = []audit.Evidence{m.origin.Evidence("month of personal accounts")}
	}
	c.task.Report(audit.Finding{
		Book: audit.BookRef(key.book), Period: period(key.month), Subjects: about(byMonth, key.month.String()), AtRisk: m.origin.Sum(gap.Abs()), Text: text, Evidence: evidence,
	})
	return nil
}
