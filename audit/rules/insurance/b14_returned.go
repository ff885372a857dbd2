package insurance

import (
	"context"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// B14Returned finds benefits that came back from the bank and were not issued again. It is this project's own addition to the catalogue that the other ids are from.
func B14Returned() audit.Rule {
	return audit.Rule{
		ID: "B14", Version: 1, Kind: audit.Exact, Severity: audit.Medium,
		Title: audit.Text{ZH: "退票待遇未按期重发", EN: "Returned benefit not issued again in time"},
		Why: audit.Text{
			ZH: "退回或被拒付的待遇没有到达本人手中。不及时核实账户并重发，就没有按时足额支付；长期挂账的退款还可能被挪用。",
			EN: "What came back or was refused has not reached its owner. Unless the account is put right and the money sent again, the benefit was not paid in full and on time; and money that lies about can be diverted.",
		},
		How: audit.Text{
			ZH: "每笔退回或拒付的待遇，自退回日起在设定天数内应当重发（按重发关联；没有关联的，以同一人、同一月份、同额且其后支付的一笔为重发）；本人死亡、停发或已立案追回的除外。逾期未重发和逾期才重发的均列出。",
			EN: "Each benefit that was returned or refused must be issued again within the days set from its return: by the payment that names it, or where none does by a later one to the same person, for the same month, of the same amount. Death, a stop, or a recovery case that names it settle it otherwise. Those not issued again, and those issued again too late, are hits.",
		},
		Do:    audit.Text{ZH: "与本人核实银行账户，尽快重发；不应再发的，办理停发或追回手续。", EN: "Establish the payee's account and issue the payment again; where it is no longer due, stop the award or open a recovery case."},
		Basis: []string{"SIL 第七十三条"},
		Reads: []audit.Declared{audit.PaymentsSource},
		Uses:  []audit.Declared{audit.AwardsSource, audit.RecoveriesSource, audit.StopGroundsSource, audit.PeopleSource},
		Parameters: []audit.Parameter{
			{Name: "days", Title: audit.Text{ZH: "重发期限", EN: "days to issue it again"}, Unit: audit.Text{ZH: "天", EN: "days"}, Default: 30, Least: 0, Most: 3660, Source: ownChoice},
		},
		Check: checkReturned,
	}
}

// cameBack is a benefit that the bank returned or refused.
type cameBack struct {
	payment audit.BenefitPayment
	since   calendar.Date
	again   *audit.BenefitPayment // the payment that issues it again
	settled bool                  // otherwise
}

// alike is by what a payment issued again is known where it does not say so.
type alike struct {
	person personKey
	book   ledger.BookID
	month  calendar.Month
	net    money.Amount
}

func alikeOf(p *audit.BenefitPayment) alike {
	return alike{person: personKey{p.Book.Realm, p.Person}, book: p.Book, month: p.Month, net: p.Amount - p.Offset}
}

// returns are what came back, by id and by likeness, in the order of the payments.
type returns struct {
	list  []*cameBack
	byID  map[paymentKey]*cameBack
	alike map[alike][]*cameBack
}

func checkReturned(_ context.Context, t *audit.Task) error {
	source, _ := audit.PaymentsSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		found := returns{byID: map[paymentKey]*cameBack{}, alike: map[alike][]*cameBack{}}
		for p, err := range source.Payments(ctx) {
			if err != nil {
				return err
			}
			t.Examined(payments, 1)
			found.add(t, &p)
		}
		for p, err := range source.Payments(ctx) {
			if err != nil {
				return err
			}
			if p.Day <= t.Scope().AsOf {
				found.issued(&p)
			}
		}
		if err := found.settle(ctx, t); err != nil {
			return err
		}
		for _, c := range found.list {
			c.report(t)
		}
		return nil
	})
	return nil
}

// add takes a payment that came back by the day of the audit. Where the day of the return is not known it counts from the payment. What has no benefit month is none
// that is paid by month.
func (r *returns) add(t *audit.Task, p *audit.BenefitPayment) {
	c := &cameBack{payment: *p, since: max(p.Day, p.ReturnedDay)}
	if !p.Returned || p.Month.IsZero() || c.since > t.Scope().AsOf || !c.since.Valid() {
		return
	}
	r.list = append(r.list, c)
	r.byID[paymentKey{p.Book, p.ID}] = c
	r.alike[alikeOf(p)] = append(r.alike[alikeOf(p)], c)
}

// issued takes a payment that may issue an earlier one again. One payment issues one again.
func (r *returns) issued(p *audit.BenefitPayment) {
	if p.Replaces != "" {
		if c := r.byID[paymentKey{p.Book, p.Replaces}]; c != nil && (c.again == nil || p.Day < c.again.Day) {
			c.again = new(*p)
		}
		return
	}
	for _, c := range r.alike[alikeOf(p)] {
		if c.again == nil && c.payment.ID != p.ID && p.Day >= c.since {
			c.again = new(*p)
			return
		}
	}
}

// settle marks what was settled otherwise: by death, stop or recovery known within the days.
func (r *returns) settle(ctx context.Context, t *audit.Task) error {
	grounds, err := readStops(ctx, t)
	if err != nil {
		return err
	}
	days := int(t.Parameter("days"))
	of := map[personKey][]*cameBack{}
	for _, c := range r.list {
		key := personKey{c.payment.Book.Realm, c.payment.Person}
		of[key] = append(of[key], c)
		for _, g := range grounds[key] {
			c.settled = c.settled || g.From <= c.since.AddDays(days) && (g.To.IsZero() || g.To >= c.since)
		}
	}
	if source, ok := audit.AwardsSource.In(t); ok {
		for a, err := range source.Awards(ctx) {
			if err != nil {
				return err
			}
			t.Examined(awards, 1)
			for _, c := range of[personKey{a.Book.Realm, a.Person}] {
				c.settled = c.settled || !a.Last.IsZero() && a.Book == c.payment.Book && a.Last.First() <= c.since.AddDays(days)
			}
		}
	}
	if source, ok := audit.RecoveriesSource.In(t); ok {
		for v, err := range source.Recoveries(ctx) {
			if err != nil {
				return err
			}
			t.Examined(recoveries, 1)
			for _, id := range v.Payments {
				if c := r.byID[paymentKey{v.Book, id}]; c != nil {
					c.settled = c.settled || v.Opened <= c.since.AddDays(days) && v.Opened <= t.Scope().AsOf
				}
			}
		}
	}
	return nil
}

func (c *cameBack) report(t *audit.Task) {
	p, days, until := &c.payment, int(t.Parameter("days")), t.Scope().AsOf
	if c.again != nil {
		until = c.again.Day
	}
	if age := until.Sub(c.since); c.settled || age <= days || !inScope(t, p.Month) {
		return
	}
	net := p.Amount - p.Offset
	text := both("个人编号 %s，%v %s %s（%s）于 %v 退回，", "member %s, %[3]s for %[2]v: %[4]s (%[5]s) came back on %[6]v; ", p.Person, p.Month, p.Benefit, p.Sum(net), p.ID, c.since)
	back := p.Evidence("return", net)
	back.Seq, back.Effective = p.ReturnedSeq, c.since
	evidence := []audit.Evidence{paymentEvidence(p), back}
	rest := both("至 %v 已 %d 天未重发（期限 %d 天）", "on %v it was not issued again for %d days (limit %d)", until, until.Sub(c.since), days)
	if c.again != nil {
		rest = both("%v 才重发，历时 %d 天（期限 %d 天）", "it was issued again on %v only, after %d days (limit %d)", until, until.Sub(c.since), days)
		evidence = append(evidence, paymentEvidence(c.again))
	}
	text.ZH += rest.ZH
	text.EN += rest.EN
	t.Report(audit.Finding{
		Book: audit.BookRef(p.Book), Period: period(p.Month), Subjects: about(byMember, p.Person, "payment", p.ID, byMonth, p.Month.String()), AtRisk: p.Sum(net.Abs()), Text: text,
		Evidence: evidence,
	})
}
