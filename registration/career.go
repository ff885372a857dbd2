package registration

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// ContributionMonth (缴费月) is one month that a member contributed, or should have, in one scheme by one employer: the fact that collection establishes and
// benefits count. Amounts are in minor units of the fund's currency.
type ContributionMonth struct {
	Relation
	Insurance       Insurance
	Month           calendar.Month // the wage month (费款所属期)
	Base            money.Amount   // contribution base (缴费基数)
	EmployerDue     money.Amount   // 单位应缴
	MemberDue       money.Amount   // 个人应缴
	EmployerPaid    money.Amount   // 单位实缴; surcharges and interest are no part of it
	MemberPaid      money.Amount   // 个人实缴
	AccountCredited money.Amount   // credited to the personal account (划入个人账户)
	Settled         calendar.Date  // the day on which the last of it was received (到账日期); zero while anything is owed
	Provisional     bool           // the base was set for want of a declaration (社会保险法 art. 62)
	Origin          string         // pooling area in which it was contributed, if another one (转移接续); empty for this one
}

// Paid reports whether the month counts as contributed: nothing of it is owed any more.
func (m *ContributionMonth) Paid() bool { return m.Settled != 0 }

// Career (参保经历) is what entitlement needs to know of one member.
type Career struct {
	Member
	Merged []MemberNo // members whose records go on in this one; their spells and facts are among those here, under their own numbers
	Spells []Spell    // in the order of insurance and months
	Facts  []Fact     // in the order of recording
}

// Died returns the day of death, or zero.
func (c *Career) Died() calendar.Date {
	for i := range c.Facts {
		if c.Facts[i].Kind == FactDeath {
			return c.Facts[i].From
		}
	}
	return 0
}

// Retirement returns the retirement in an insurance; ok is false when none is known.
func (c *Career) Retirement(insurance Insurance) (f Fact, ok bool) {
	for i := range c.Facts {
		if c.Facts[i].Kind == FactRetirement && c.Facts[i].Insurance == insurance {
			return c.Facts[i], true
		}
	}
	return Fact{}, false
}

// DeemedMonths returns how many months of deemed service count in an insurance.
func (c *Career) DeemedMonths(insurance Insurance) int {
	months := 0
	for i := range c.Facts {
		if c.Facts[i].Kind == FactDeemed && c.Facts[i].Insurance == insurance {
			months += c.Facts[i].Months
		}
	}
	return months
}

// ActiveIn returns the spells that make the member insured in a month: none, one, or several where schemes are concurrent or an overlap was admitted.
func (c *Career) ActiveIn(insurance Insurance, month calendar.Month) []Spell {
	var found []Spell
	for i := range c.Spells {
		if s := &c.Spells[i]; s.Insurance == insurance && s.Status == Active && s.Covers(month) {
			found = append(found, *s)
		}
	}
	return found
}

// Career returns the career of one member, or ErrMemberUnknown.
func (r *Reader) Career(ctx context.Context, realm int32, no MemberNo, asKnown ledger.Seq) (career Career, err error) {
	err = r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		list, err := r.registry.careersBetween(ctx, tx, realm, asKnown, int64(no), int64(no))
		if err == nil && len(list) == 0 {
			err = unknown(ErrMemberUnknown, fmt.Sprintf("member %d of realm %d is not registered, or was not yet", no, realm), "check the number")
		}
		if err == nil {
			career = list[0]
		}
		return err
	})
	return career, err
}

// Careers returns the careers of the members from first to last in the order of their numbers; zero for last is all. Members that were merged have an
// empty one of their own: what is known of them stands with the member that goes on.
func (r *Reader) Careers(ctx context.Context, realm int32, first, last MemberNo, asKnown ledger.Seq) iter.Seq2[Career, error] {
	return func(yield func(Career, error) bool) {
		seq, _, members, err := r.bounds(ctx, realm, asKnown)
		if err != nil {
			yield(Career{}, err)
			return
		}
		paged(ctx, r, max(1, int64(first)), upTo(last, members), func(ctx context.Context, tx *store.Tx, from, to int64) ([]Career, error) {
			return r.registry.careersBetween(ctx, tx, realm, seq, from, to)
		}, yield)
	}
}

// Deaths returns the days of death of those of the members who are known to have died, read in sets.
func (r *Reader) Deaths(ctx context.Context, realm int32, members []MemberNo, asKnown ledger.Seq) (map[MemberNo]calendar.Date, error) {
	died := make(map[MemberNo]calendar.Date)
	err := r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		return chunks(len(members), func(from, to int) error {
			where, args := among(tx, "member_no", column(to-from, func(i int) int64 { return int64(members[from+i]) }))
			facts, err := factsWhere(ctx, tx, `realm_id = ? AND `+knownThen+` AND kind = 'death' AND `+where+` ORDER BY member_no, fact_no`,
				append([]any{realm, then(asKnown), then(asKnown)}, args...)...)
			for i := range facts {
				died[facts[i].Member] = facts[i].From
			}
			return err
		})
	})
	return died, err
}

// EmployersOf returns the employers, in the order of their numbers, that ever enrolled one of the members in a scheme: by spells since corrected or voided too, since
// what was assessed and paid under those stands until it is corrected there. Members may be given in any order and twice; those never enrolled by an employer have
// none. It reads in sets.
func (r *Reader) EmployersOf(ctx context.Context, realm int32, scheme Scheme, members []MemberNo) ([]EmployerNo, error) {
	wanted := column(len(members), func(i int) int64 { return int64(members[i]) })
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	var employers []EmployerNo
	err := r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		employers = employers[:0]
		return chunks(len(wanted), func(from, to int) error {
			where, args := among(tx, "member_no", wanted[from:to])
			// DISTINCT, or an order, would lead SQLite to read the spells of all employers instead of those of the members.
			return tx.Each(ctx, `SELECT employer_no FROM registration_spell WHERE realm_id = ? AND scheme = ? AND employer_no <> 0 AND `+where,
				append([]any{realm, string(scheme)}, args...), func(rows *store.Rows) error {
					var employer EmployerNo
					err := rows.Scan(&employer)
					if n := len(employers); n == 0 || employers[n-1] != employer {
						employers = append(employers, employer)
					}
					return err
				})
		})
	})
	slices.Sort(employers)
	return slices.Compact(employers), err
}

// careersBetween reads members, those merged into them, and the spells and facts of both.
func (r *Registry) careersBetween(ctx context.Context, tx *store.Tx, realm int32, asKnown ledger.Seq, from, to int64) ([]Career, error) {
	members, err := membersBetween(ctx, tx, realm, asKnown, from, to)
	if err != nil {
		return nil, err
	}
	careers := make([]Career, len(members))
	place := make(map[MemberNo]*Career, len(members))
	for i, m := range members {
		careers[i].Member = m
		if m.MergedInto == 0 {
			place[m.No] = &careers[i]
		}
	}
	outside, err := mergedInto(ctx, tx, realm, asKnown, from, to, place)
	if err != nil {
		return nil, err
	}
	for _, where := range []struct {
		text string
		args []any
	}{{`member_no BETWEEN ? AND ?`, []any{from, to}}, {tx.Dialect().Among("member_no"), []any{tx.Dialect().Ints(outside)}}} {
		args := append([]any{realm, then(asKnown), then(asKnown)}, where.args...)
		spells, err := r.spellsWhere(ctx, tx, `realm_id = ? AND `+knownThen+` AND `+where.text+` ORDER BY member_no, scheme, employer_no, from_month`,
			args...)
		if err != nil {
			return nil, err
		}
		facts, err := factsWhere(ctx, tx, `realm_id = ? AND `+knownThen+` AND `+where.text+` ORDER BY member_no, fact_no`, args...)
		if err != nil {
			return nil, err
		}
		for _, s := range spells {
			if career := place[s.Member]; career != nil {
				career.Spells = append(career.Spells, s)
			}
		}
		for _, f := range facts {
			if career := place[f.Member]; career != nil {
				career.Facts = append(career.Facts, f)
			}
		}
		if len(outside) == 0 {
			break
		}
	}
	for i := range careers {
		slices.SortFunc(careers[i].Spells, byMonths)
		slices.SortFunc(careers[i].Facts, func(a, b Fact) int { return cmp.Compare(a.No, b.No) })
	}
	return careers, nil
}

// mergedInto finds the members that go on in those from … to, directly or by way of others, gives them the same place, and returns those that are not among
// from … to themselves.
func mergedInto(ctx context.Context, tx *store.Tx, realm int32, asKnown ledger.Seq, from, to int64, place map[MemberNo]*Career) (outside []int64, err error) {
	where, args := `merged_into BETWEEN ? AND ?`, []any{from, to}
	for {
		var found []int64
		err = tx.Each(ctx, `SELECT member_no, merged_into FROM registration_member`+indexed(tx, "registration_member_merged")+
			`WHERE realm_id = ? AND merged_into <> 0 AND `+knownThen+` AND `+where+` ORDER BY member_no`, append([]any{realm, then(asKnown),
			then(asKnown)}, args...), func(rows *store.Rows) error {
			var no, into MemberNo
			err := rows.Scan(&no, &into)
			if career := place[into]; career != nil && place[no] == nil {
				career.Merged, place[no] = append(career.Merged, no), career
				found = append(found, int64(no))
				if int64(no) < from || int64(no) > to {
					outside = append(outside, int64(no))
				}
			}
			return err
		})
		if err != nil || len(found) == 0 {
			return outside, err
		}
		where, args = tx.Dialect().Among("merged_into"), []any{tx.Dialect().Ints(found)}
	}
}

// byMonths orders the spells of a person for reading.
func byMonths(a, b Spell) int {
	return cmp.Or(cmp.Compare(a.Insurance, b.Insurance), cmp.Compare(a.From, b.From), byRelation(&a, &b))
}
