package insurance

import (
	"cmp"
	"context"
	"slices"

	"github.com/fundledger/fundledger/audit"
)

// stops are the grounds for which nothing is payable, by person.
type stops map[personKey][]audit.StopGround

func readStops(ctx context.Context, t *audit.Task) (stops, error) {
	found := stops{}
	if people, ok := audit.PeopleSource.In(t); ok {
		for p, err := range people.People(ctx) {
			if err != nil {
				return nil, err
			}
			t.Examined(persons, 1)
			if !p.Died.IsZero() {
				key := personKey{p.Book.Realm, p.No}
				found[key] = append(found[key], audit.StopGround{Origin: p.Origin, Person: p.No, Kind: audit.Died, From: p.Died, List: "registration"})
			}
		}
	}
	if source, ok := audit.StopGroundsSource.In(t); ok {
		for g, err := range source.StopGrounds(ctx) {
			if err != nil {
				return nil, err
			}
			t.Examined(audit.Text{ZH: "停发事由", EN: "grounds to stop"}, 1)
			key := personKey{g.Book.Realm, g.Person}
			found[key] = append(found[key], g)
		}
	}
	for _, list := range found {
		slices.SortStableFunc(list, func(a, b audit.StopGround) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.ID, b.ID)) })
	}
	return found, nil
}

// of returns the first ground for which a payment was not due: one from a month before its benefit month. What the bank sent back was not paid.
func (s stops) of(p *audit.BenefitPayment) *audit.StopGround {
	if p.Returned {
		return nil
	}
	list := s[personKey{p.Book.Realm, p.Person}]
	for i := range list {
		if g := &list[i]; p.Month > g.From.Month() && (g.To.IsZero() || p.Month <= g.To.Month()) {
			return g
		}
	}
	return nil
}

// stopName names a ground.
func stopName(kind audit.StopKind) audit.Text {
	switch kind {
	case audit.Died:
		return audit.Text{ZH: "死亡", EN: "died"}
	case audit.Imprisoned:
		return audit.Text{ZH: "服刑", EN: "in prison"}
	case audit.CertificationOver:
		return audit.Text{ZH: "资格认证逾期", EN: "certification expired"}
	}
	return audit.Text{ZH: string(kind), EN: string(kind)}
}
