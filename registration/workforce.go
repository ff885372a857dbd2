package registration

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
)

// Workforce is whom an employer enrols in a scheme for a month (单位参保职工).
type Workforce struct {
	Employer EmployerNo
	Members  []MemberNo // active in the month, in the order of their numbers; at least one
}

// WorkforceQuery says which workforces Workforces returns. Realm, Scheme and Month are required.
type WorkforceQuery struct {
	Realm     int32
	Scheme    Scheme
	Month     calendar.Month
	Employers []EmployerNo // in any order; all employers if nil
	AsKnown   ledger.Seq
}

// pageEmployers is the number of employers whose workforces are read at once.
const pageEmployers = 250

// Workforces returns the workforces of employers in the order of their numbers; employers that enrol nobody are left out. It reads what Enrolments gives for
// Status Active and ByEmployer, but a row for an employer instead of one for a member, for runs over everybody.
func (r *Reader) Workforces(ctx context.Context, q WorkforceQuery) iter.Seq2[Workforce, error] {
	return func(yield func(Workforce, error) bool) {
		seq, last, _, err := r.bounds(ctx, q.Realm, q.AsKnown)
		if err != nil {
			yield(Workforce{}, err)
			return
		}
		q.AsKnown = seq
		named := column(len(q.Employers), func(i int) int64 { return int64(q.Employers[i]) })
		slices.Sort(named)
		named = slices.Compact(named)
		for from, all := 0, q.Employers == nil; all && from < int(last) || from < len(named); from += pageEmployers {
			var list []Workforce
			err := r.view(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				where, args := `employer_no BETWEEN ? AND ?`, []any{from + 1, from + pageEmployers}
				if !all {
					where, args = among(tx, "employer_no", named[from:min(from+pageEmployers, len(named))])
				}
				list, err = workforces(ctx, tx, q, where, args)
				return err
			})
			if err != nil {
				yield(Workforce{}, err)
				return
			}
			for i := range list {
				if !yield(list[i], nil) {
					return
				}
			}
		}
	}
}

// workforces reads the numbers of an employer's members as one text, because a row for each costs a driver ten times what the engine needs to find it.
func workforces(ctx context.Context, tx *store.Tx, q WorkforceQuery, where string, args []any) (list []Workforce, err error) {
	joined := `string_agg(member_no::text, ',')`
	if tx.Dialect().Name() == "sqlite" {
		joined = `group_concat(member_no, ',')`
	}
	err = tx.Each(ctx, `SELECT employer_no, `+joined+` FROM registration_spell`+indexed(tx, "registration_spell_employer")+`WHERE realm_id = ? AND scheme = ?
		AND status = ? AND from_month <= ? AND (to_month = 0 OR to_month >= ?) AND `+knownThen+` AND employer_no > 0 AND `+where+` GROUP BY employer_no ORDER BY employer_no`,
		append([]any{q.Realm, string(q.Scheme), string(Active), int32(q.Month), int32(q.Month), then(q.AsKnown), then(q.AsKnown)}, args...), func(rows *store.Rows) error {
			var w Workforce
			var text string
			if err := rows.Scan(&w.Employer, &text); err != nil {
				return err
			}
			w.Members = make([]MemberNo, 0, strings.Count(text, ",")+1)
			for number := range strings.SplitSeq(text, ",") {
				no, err := strconv.ParseInt(number, 10, 32)
				if err != nil {
					return fmt.Errorf("registration: members of employer %d: %w", w.Employer, err)
				}
				w.Members = append(w.Members, MemberNo(no))
			}
			slices.Sort(w.Members) // no engine promises the order in which it joins
			w.Members = slices.Compact(w.Members)
			list = append(list, w)
			return nil
		})
	return list, err
}
