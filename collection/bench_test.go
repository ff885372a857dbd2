package collection_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

// The agency of the benchmark.
const (
	benchEmployers = 250
	benchHeads     = 400 // members of each
)

// BenchmarkMonth declares, assesses and receives months of 100,000 members of 250 employers, each month against plain bulk inserts of the same numbers of lines, demands
// and sheet parts. The first month, which opens 100,000 personal accounts, is not counted. Bar: ratio 0.4, and at most 300 MiB resident.
func BenchmarkMonth(b *testing.B) {
	for _, kind := range storetest.Kinds(b) {
		b.Run(kind, func(b *testing.B) {
			db := storetest.Open(b, schemas, kind, storetest.Durable())
			d := open(b, db, allocation.Policy{})
			heads := make([]int, benchEmployers)
			for i := range heads {
				heads[i] = benchHeads
			}
			d.enrol(heads...)
			plain := plainTables(b, db)
			month := calendar.MustMonth(2026, 1)
			var took [4]time.Duration // declare, assess, receive, plain
			d.month(month, &took)
			took = [4]time.Duration{}
			resetPeak()
			b.ReportAllocs()
			for b.Loop() {
				month = month.Add(1)
				d.month(month, &took)
				b.StopTimer()
				took[3] += plain(int64(month))
				b.StartTimer()
			}
			members := float64(benchEmployers*benchHeads) * float64(b.N)
			for i, name := range []string{"declare", "assess", "receive", "plain"} {
				b.ReportMetric(members/took[i].Seconds(), name+"-members/s")
			}
			b.ReportMetric(took[3].Seconds()/(took[0]+took[1]+took[2]).Seconds(), "ratio")
			b.ReportMetric(peak(), "peak-MiB")
		})
	}
}

// month declares, assesses and receives a month of all members, and adds what each step took.
func (d *desk) month(month calendar.Month, took *[4]time.Duration) {
	filing := &collection.Filing{Rows: make([]collection.DeclaredRow, 0, benchEmployers*benchHeads)}
	for i := range benchEmployers * benchHeads {
		filing.Rows = append(filing.Rows, collection.DeclaredRow{Employer: registration.EmployerNo(i/benchHeads + 1), Month: month, Member: registration.MemberNo(i + 1),
			Base: 5_000_00 + money.Amount(i)*7 + money.Amount(month)})
	}
	start := time.Now()
	lap := func(i int) { took[i], start = took[i]+time.Since(start), time.Now() }
	value(d.Declare(d.t.Context(), d.order(month.First().AddDays(4)), filing))(d.t)
	lap(0)
	first := d.assess(month).First
	lap(1)
	var lines []collection.Arrival
	for no := range benchEmployers {
		demand := value(d.Demand(d.t.Context(), int32(first)+int32(no)))(d.t)
		lines = append(lines, arrival(month.First().AddDays(20), demand.Outstanding(), 0, fmt.Sprintf("b %v %d", month, no)))
		lines[no].Line.Remittance = demand.Reference()
	}
	start = time.Now()
	for _, r := range value(d.ReceiveAll(d.t.Context(), received, lines))(d.t) {
		if r.Receipt.Principal != r.Receipt.Amount {
			d.t.Fatalf("%+v", r)
		}
	}
	lap(2)
}

// plainTables makes tables with the columns and keys of lines, demands and sheets, and returns what fills them with a month's rows: as many of each as the month made,
// in the order of their keys, the sheets with their bytes.
func plainTables(b *testing.B, db *store.DB) func(month int64) time.Duration {
	b.Helper()
	end := map[string]string{"sqlite": ") WITHOUT ROWID", "postgres": ")"}[db.Dialect().Name()]
	blob := map[string]string{"sqlite": "BLOB", "postgres": "bytea"}[db.Dialect().Name()]
	must(b, db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, statement := range []string{
			"CREATE TABLE plain_line (realm_id int, book_no smallint, segment int, account_no int, ordinal bigint, seq bigint, side smallint, amount bigint, effective_day int, month int, tag text, PRIMARY KEY (realm_id, book_no, segment, account_no, ordinal)" + end,
			"CREATE TABLE plain_demand (realm_id int, book_no smallint, demand_no int, employer_no int, month int, employer_due bigint, person_due bigint, paid bigint, PRIMARY KEY (realm_id, book_no, demand_no)" + end,
			"CREATE TABLE plain_sheet (realm_id int, book_no smallint, sheet_no bigint, part int, content " + blob + ", PRIMARY KEY (realm_id, book_no, sheet_no, part)" + end,
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	}))
	var last int64 // sheet copied
	return func(month int64) time.Duration {
		var sheets []int64
		var parts []int32
		var contents [][]byte
		must(b, db.View(b.Context(), func(ctx context.Context, tx *store.Tx) error {
			sheets, parts, contents = nil, nil, nil
			rows, err := tx.Query(ctx, `SELECT sheet_no, part, content FROM collection_sheet WHERE realm_id = 1 AND book_no = 1 AND sheet_no > ? ORDER BY sheet_no, part`, last)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var no int64
				var part int32
				var content []byte
				if err := rows.Scan(&no, &part, &content); err != nil {
					return err
				}
				sheets, parts, contents = append(sheets, no), append(parts, part), append(contents, bytes.Clone(content))
			}
			return rows.Err()
		}))
		last = sheets[len(sheets)-1]
		n := benchEmployers * (benchHeads + 3)
		accounts, ordinals, amounts, tags := make([]int32, n), make([]int64, n), make([]int64, n), make([]string, n)
		for i := range n {
			accounts[i], ordinals[i], amounts[i], tags[i] = int32(i), month*1_000_000+int64(i), 400_00+int64(i), "contribution"
		}
		demands, dues := make([]int32, benchEmployers), make([]int64, benchEmployers)
		for i := range demands {
			demands[i] = int32(month)*1000 + int32(i)
		}
		start := time.Now()
		must(b, db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
			realm, book := store.Fixed("realm_id", int32(1)), store.Fixed("book_no", int16(1))
			if err := tx.Insert(ctx, "plain_line", realm, book, store.Fixed("segment", int32(0)), store.Int32s("account_no", accounts), store.Int64s("ordinal", ordinals),
				store.Fixed("seq", month), store.Fixed("side", int16(-1)), store.Int64s("amount", amounts), store.Fixed("effective_day", int32(20260121)),
				store.Fixed("month", int32(month)), store.Texts("tag", tags)); err != nil {
				return err
			}
			if err := tx.Insert(ctx, "plain_demand", realm, book, store.Int32s("demand_no", demands), store.Int32s("employer_no", demands), store.Fixed("month", int32(month)),
				store.Int64s("employer_due", dues), store.Int64s("person_due", dues), store.Int64s("paid", dues)); err != nil {
				return err
			}
			return tx.Insert(ctx, "plain_sheet", realm, book, store.Int64s("sheet_no", sheets), store.Int32s("part", parts), store.Blobs("content", contents))
		}))
		return time.Since(start)
	}
}

// resetPeak forgets the greatest resident size so far, where the system can.
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peak is the greatest resident size since, in MiB; 0 where the system does not say.
func peak() float64 {
	text, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := bytes.Cut(text, []byte("VmHWM:"))
	if fields := bytes.Fields(rest); len(fields) > 0 {
		kib, _ := strconv.Atoi(string(fields[0]))
		return float64(kib) / 1024
	}
	return 0
}
