package collection

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/sheet"
)

// Discrepancy is one place in which the tables of collection are not what the fund's book commits to.
type Discrepancy struct {
	Table  string     // without the prefix collection_
	Row    int64      // number of the sheet, demand, allocation, refund; of the employer for declarations and assessments
	Seq    ledger.Seq // the entry that the row names; zero for a sheet
	Detail string
}

// Verification is what Verify found (核验结果).
type Verification struct {
	Sheets, Rows  int // compared
	Discrepancies []Discrepancy
}

// Sound reports whether nothing was found.
func (v *Verification) Sound() bool { return len(v.Discrepancies) == 0 }

// Verify reads every stored sheet again and holds it against the hash that an entry of the fund's book commits to, and the rows of declarations, assessments,
// demands, allocations and refunds against their sheets and one another. It reports everything that differs, in the order of sheets, then tables and rows;
// whether the book itself is sound is for ledger.Verify to say. What is written while it reads is left for the next time. The error is one of reading only.
func (o *Office) Verify(ctx context.Context) (Verification, error) {
	v := verification{Office: o, entries: map[ledger.Seq]digest{}, sealed: map[digest]bool{}, sheets: map[int64]*summary{}, listed: map[digest]map[int64]string{}, moved: map[int32][6]money.Amount{}}
	err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Each(ctx, `SELECT sheets FROM collection_book WHERE realm_id = ? AND book_no = ?`, o.bookArgs(), func(rows *store.Rows) error { return rows.Scan(&v.limit) })
	})
	if err != nil {
		return v.Verification, err
	}
	for entry, err := range o.fund.Ledger().Entries(ctx, o.fund.Book(), 1, 0) {
		if err != nil {
			return v.Verification, err
		}
		v.head = entry.Seq
		if kind := entry.Source.Kind; (kind == sourceSheet || kind == KindAllocation || kind == KindRefund) && len(entry.Source.Hash) == sha256.Size {
			v.entries[entry.Seq] = digest(entry.Source.Hash)
			v.sealed[digest(entry.Source.Hash)] = true
		}
	}
	err = o.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, step := range []func(context.Context, *store.Tx) error{v.readSheets, v.holdRows, v.holdAllocations, v.holdDemands} {
			if err := step(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	return v.Verification, err
}

type digest = [sha256.Size]byte

// verification is one run of Verify.
type verification struct {
	*Office
	Verification
	limit   int64      // the last sheet that is surely sealed by an entry up to head
	head    ledger.Seq // the last entry read
	entries map[ledger.Seq]digest
	sealed  map[digest]bool // by an entry
	sheets  map[int64]*summary
	listed  map[digest]map[int64]string // by the hash of an index sheet: the hashes of the sheets that it lists
	moved   map[int32][6]money.Amount   // by demand: sums of allocations and refunds
}

// summary is what rows are held against: the hash of a sheet and the sums of its columns.
type summary struct {
	hash  digest
	sums  map[string]int64
	parts map[int32][5]int64 // of an allocation sheet, by demand: principal, surcharge due and paid, employer's and persons' parts, from its rows
}

func (v *verification) differ(table string, row int64, seq ledger.Seq, format string, args ...any) {
	v.Discrepancies = append(v.Discrepancies, Discrepancy{Table: table, Row: row, Seq: seq, Detail: fmt.Sprintf(format, args...)})
}

func (v *verification) readSheets(ctx context.Context, tx *store.Tx) error {
	err := v.eachStored(ctx, tx, `sheet_no > ?`, 0, func(no int64, parts [][]byte) error {
		v.Sheets++
		s := &summary{hash: sheet.HashOf(slices.Values(parts)), sums: map[string]int64{}}
		v.sheets[no] = s
		read, err := decode(parts)
		if err != nil {
			v.differ("sheet", no, 0, "%v", err)
			return nil
		}
		s.sums["heads"] = int64(read.Rows())
		for _, name := range read.Columns() {
			for _, value := range read.Ints(name) {
				s.sums[name] += value
			}
		}
		if numbers, hashes := read.Ints("sheet"), read.Texts("sha256"); hashes != nil {
			v.listed[s.hash] = make(map[int64]string, len(numbers))
			for i, number := range numbers {
				v.listed[s.hash][number] = hashes[i]
			}
		}
		if read.Title() == KindAllocation {
			s.parts = shareRows(read)
		}
		return nil
	})
	if err != nil {
		return err
	}
	under := map[int64]bool{} // sheets that a sealed index lists with their hashes
	for hash, list := range v.listed {
		for no, text := range list {
			s := v.sheets[no]
			under[no] = under[no] || v.sealed[hash] && s != nil && hex.EncodeToString(s.hash[:]) == text
		}
	}
	for _, no := range slices.Sorted(maps.Keys(v.sheets)) {
		if no <= v.limit && !under[no] && !v.sealed[v.sheets[no].hash] {
			v.differ("sheet", no, 0, "no entry of book %s commits to its SHA-256 %x", v.fund.Book(), v.sheets[no].hash)
		}
	}
	return nil
}

// shareRows reads, for each demand, what the sheet's row for it says of principal and surcharge, and the sums of its members' parts.
func shareRows(s *sheet.Sheet) map[int32][5]int64 {
	demands, members, employer, person := s.Ints("demand"), s.Ints("member"), s.Ints("employer_part"), s.Ints("person_part")
	principal, due, paid := s.Ints("principal"), s.Ints("surcharge_due"), s.Ints("surcharge_paid")
	out := map[int32][5]int64{}
	for i, demand := range demands {
		row := out[int32(demand)]
		if members[i] == 0 {
			row[0], row[1], row[2] = principal[i], due[i], paid[i]
		} else {
			row[3], row[4] = row[3]+employer[i], row[4]+person[i]
		}
		out[int32(demand)] = row
	}
	return out
}

// committed finds the sheet of a row and holds it against the entry that the row names; it is nil for rows written since.
func (v *verification) committed(table string, row int64, seq ledger.Seq, no int64) *summary {
	if seq > v.head {
		return nil
	}
	v.Rows++
	s := v.sheets[no]
	if s == nil {
		v.differ(table, row, seq, "its sheet %d is missing", no)
		return nil
	}
	if hash, ok := v.entries[seq]; !ok || hash != s.hash && v.listed[hash][no] != hex.EncodeToString(s.hash[:]) {
		v.differ(table, row, seq, "entry %d does not commit to its sheet %d", seq, no)
	}
	return s
}

// holdRows compares declarations, assessments and refunds with the sums of their sheets.
func (v *verification) holdRows(ctx context.Context, tx *store.Tx) error {
	for _, of := range []struct {
		table, key, more string
		columns, sums    [4]string
	}{
		{"declaration", "employer_no", ``, [4]string{"heads", "base_sum", "0", "0"}, [4]string{"heads", "base"}},
		{"assessment", "employer_no", ``, [4]string{"heads", "base_sum", "employer_sum", "person_sum"}, [4]string{"heads", "base", "employer_part", "person_part"}},
		{"refund", "refund_no", ` AND demand_no <> 0`, [4]string{"employer_part", "person_part", "amount - employer_part - person_part", "0"}, [4]string{"employer_part", "person_part"}},
	} {
		err := tx.Each(ctx, `SELECT `+of.key+`, seq, sheet_no, `+strings.Join(of.columns[:], ", ")+` FROM collection_`+of.table+
			` WHERE realm_id = ? AND book_no = ?`+of.more+` ORDER BY seq, `+of.key, v.bookArgs(), func(rows *store.Rows) error {
			var key, no int64
			var seq ledger.Seq
			var values [4]int64
			err := rows.Scan(&key, &seq, &no, &values[0], &values[1], &values[2], &values[3])
			if s := v.committed(of.table, key, seq, no); s != nil {
				for i, name := range of.sums {
					if want := s.sums[name]; values[i] != want {
						v.differ(of.table, key, seq, "%s is %d, sheet %d gives %d", of.columns[i], values[i], no, want)
					}
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// holdAllocations compares allocations with their sheets and sums them and the refunds for the demands.
func (v *verification) holdAllocations(ctx context.Context, tx *store.Tx) error {
	err := tx.Each(ctx, allocationColumns+` WHERE realm_id = ? AND book_no = ? ORDER BY allocation_no`, v.bookArgs(), func(rows *store.Rows) error {
		a, err := scanAllocation(rows)
		values := [5]int64{int64(a.Principal), int64(a.SurchargeDue), int64(a.SurchargePaid), int64(a.EmployerPart), int64(a.PersonPart)}
		sums := v.moved[a.Demand]
		for i := range values {
			sums[i] += money.Amount(values[i])
		}
		v.moved[a.Demand] = sums
		if s := v.committed("allocation", a.No, a.Seq, a.sheet); s != nil && s.parts[a.Demand] != values {
			v.differ("allocation", a.No, a.Seq, "principal, surcharge due and paid, employer's and persons' parts are %d, sheet %d gives %d", values, a.sheet, s.parts[a.Demand])
		}
		return err
	})
	if err != nil {
		return err
	}
	return tx.Each(ctx, `SELECT demand_no, amount FROM collection_refund WHERE realm_id = ? AND book_no = ? AND demand_no <> 0`, v.bookArgs(), func(rows *store.Rows) error {
		var no int32
		var amount money.Amount
		err := rows.Scan(&no, &amount)
		sums := v.moved[no]
		sums[5] += amount
		v.moved[no] = sums
		return err
	})
}

// holdDemands compares demands with their sheets, and what they say was paid with the sums of allocations and refunds.
func (v *verification) holdDemands(ctx context.Context, tx *store.Tx) error {
	return tx.Each(ctx, `SELECT `+demandColumns+` FROM collection_demand WHERE realm_id = ? AND book_no = ? ORDER BY demand_no`, v.bookArgs(), func(rows *store.Rows) error {
		d, err := scanDemand(rows)
		row, due := int64(d.No), [2]int64{int64(d.EmployerDue), int64(d.PersonDue)}
		if s := v.committed("demand", row, d.Assessment, d.sheet); s != nil && due != [2]int64{s.sums["employer_part"], s.sums["person_part"]} {
			v.differ("demand", row, d.Assessment, "parts of employer and persons are %d, sheet %d gives %d and %d", due, d.sheet, s.sums["employer_part"], s.sums["person_part"])
		}
		if got := [6]money.Amount{d.Paid, d.SurchargeDue, d.SurchargePaid, d.EmployerAllocated, d.PersonAllocated, d.Refunded}; got != v.moved[d.No] {
			v.differ("demand", row, d.Assessment, "paid, surcharge due and paid, allocated to employer's and persons' parts, and refunded are %d, allocations and refunds give %d", got, v.moved[d.No])
		}
		return err
	})
}
