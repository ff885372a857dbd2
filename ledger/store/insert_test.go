package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// item is a row of the table item; nil is NULL.
type item struct {
	ID     int64
	Small  *int16
	Medium *int32
	Big    *int64
	Name   *string
	Body   []byte
	Flag   *bool
}

func readItems(t *testing.T, db *store.DB) (items []item) {
	t.Helper()
	err := db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Query(ctx, "SELECT id, small, medium, big, name, body, flag FROM item ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var i item
			if err := rows.Scan(&i.ID, &i.Small, &i.Medium, &i.Big, &i.Name, &i.Body, &i.Flag); err != nil {
				return err
			}
			items = append(items, i)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

// columns turns items into columns, with NULL marked by Nullable.
func columns(items []item) []store.Column {
	n := len(items)
	id, small, medium, big := make([]int64, n), make([]int16, n), make([]int32, n), make([]int64, n)
	name, body, flag := make([]string, n), make([][]byte, n), make([]bool, n)
	valid := map[string][]bool{}
	for _, column := range []string{"small", "medium", "big", "name", "flag"} {
		valid[column] = make([]bool, n)
	}
	for i, item := range items {
		id[i], body[i] = item.ID, item.Body
		if valid["small"][i] = item.Small != nil; item.Small != nil {
			small[i] = *item.Small
		}
		if valid["medium"][i] = item.Medium != nil; item.Medium != nil {
			medium[i] = *item.Medium
		}
		if valid["big"][i] = item.Big != nil; item.Big != nil {
			big[i] = *item.Big
		}
		if valid["name"][i] = item.Name != nil; item.Name != nil {
			name[i] = *item.Name
		}
		if valid["flag"][i] = item.Flag != nil; item.Flag != nil {
			flag[i] = *item.Flag
		}
	}
	return []store.Column{
		store.Int64s("id", id), store.Nullable(store.Int16s("small", small), valid["small"]),
		store.Nullable(store.Int32s("medium", medium), valid["medium"]), store.Nullable(store.Int64s("big", big), valid["big"]),
		store.Nullable(store.Texts("name", name), valid["name"]), store.Blobs("body", body), store.Nullable(store.Bools("flag", flag), valid["flag"]),
	}
}

// hostile are texts that break careless quoting, encoding or array syntax.
var hostile = []string{
	"", " ", "'", "''", `"`, `\`, `\\`, `\'`, "NULL", "null", "{}", "{a,b}", `{"a"}`, ",", "$1", "$$", "?", ":name", "@x", "%s", "--", "/* */", ";",
	"'; DROP TABLE item; --", "\t", "\n", "\r\n", "\x01", "\x7f", "\u00a0", "\u200b", "\u202e", "\ufeff", "\U0010ffff", "\ufffd", "é", "e\u0301", "社会保险基金",
	"👩‍👩‍👧‍👦", "١٢٣", "[1]", `{"k":1}`, "<script>", "&amp;", "=1+1", "0x00", "1e5", "true", strings.Repeat("x", 1<<20),
}

func TestInsertKeepsHostileTextAndBytes(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var items []item
		for i, text := range hostile {
			items = append(items, item{ID: int64(i), Name: &text, Body: []byte(text)})
		}
		for _, n := range []int{1, 2, len(items)} {
			run(t, db, "DELETE FROM item")
			update(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, "item", columns(items[:n])...) })
			if diff := cmp.Diff(items[:n], readItems(t, db)); diff != "" {
				t.Fatalf("%d rows: written and read differ:\n%.2000s", n, diff)
			}
		}
		for _, text := range hostile {
			if n := number(t, db, "SELECT count(*) FROM item WHERE name = ?", text); n != 1 {
				t.Errorf("name = %.40q finds %d rows, want 1", text, n)
			}
		}
		if n := number(t, db, "SELECT count(*) FROM item WHERE "+db.Dialect().Among("name"), db.Dialect().Texts(hostile)); n != int64(len(hostile)) {
			t.Errorf("Among finds %d of %d texts", n, len(hostile))
		}
	})
}

func TestInsertKeepsExtremeValuesAndNull(t *testing.T) {
	zero16, low16, high16 := int16(0), int16(math.MinInt16), int16(math.MaxInt16)
	zero32, low32, high32 := int32(0), int32(math.MinInt32), int32(math.MaxInt32)
	zero64, low64, high64 := int64(0), int64(math.MinInt64), int64(math.MaxInt64)
	empty, yes, no := "", true, false
	allBytes := make([]byte, 256)
	for i := range allBytes {
		allBytes[i] = byte(i)
	}
	items := []item{
		{ID: math.MinInt64, Small: &low16, Medium: &low32, Big: &low64, Name: &empty, Body: []byte{}, Flag: &no},
		{ID: -1},
		{ID: 0, Small: &zero16, Medium: &zero32, Big: &zero64, Body: []byte{0}, Flag: &yes},
		{ID: 1, Body: allBytes},
		{ID: 2},
		{ID: math.MaxInt64, Small: &high16, Medium: &high32, Big: &high64, Body: []byte{0xff}, Flag: &yes},
	}
	each(t, func(t *testing.T, db *store.DB) {
		for n := 1; n <= len(items); n++ { // few rows go as VALUES on PostgreSQL, more as arrays
			for from := 0; from+n <= len(items); from++ {
				run(t, db, "DELETE FROM item")
				update(t, db, func(ctx context.Context, tx *store.Tx) error {
					return tx.Insert(ctx, "item", columns(items[from:from+n])...)
				})
				if diff := cmp.Diff(items[from:from+n], readItems(t, db)); diff != "" {
					t.Fatalf("rows %d to %d: written and read differ:\n%s", from, from+n-1, diff)
				}
			}
		}
		if n := number(t, db, "SELECT count(*) FROM item WHERE "+db.Dialect().Among("id"), db.Dialect().Ints([]int64{math.MinInt64, 1, math.MaxInt64, 77})); n != 3 {
			t.Errorf("Among finds %d of 3 numbers", n)
		}
		if n := number(t, db, "SELECT count(*) FROM item WHERE "+db.Dialect().Among("id"), db.Dialect().Ints(nil)); n != 0 {
			t.Errorf("Among over nothing finds %d rows", n)
		}
		lookup := "SELECT count(*) FROM (" + db.Dialect().Lookup("item", "item.id", "item.id = wanted.value AND item.id > ?") + ") AS found"
		if n := number(t, db, lookup, db.Dialect().Ints([]int64{math.MinInt64, 1, math.MaxInt64, 77, 1}), -5); n != 3 {
			t.Errorf("Lookup finds %d rows, want 3: each value of the list by itself", n)
		}
		if n := number(t, db, lookup, db.Dialect().Ints(nil), -5); n != 0 {
			t.Errorf("Lookup of nothing finds %d rows", n)
		}
	})
}

func TestInsertOfRandomRowsReadsBackTheSame(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		text := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 && (r < 0xd800 || r > 0xdfff) }))
		one := rapid.Custom(func(r *rapid.T) item {
			i := item{
				Small: rapid.Ptr(rapid.Int16(), true).Draw(r, "small"), Medium: rapid.Ptr(rapid.Int32(), true).Draw(r, "medium"),
				Big: rapid.Ptr(rapid.Int64(), true).Draw(r, "big"), Name: rapid.Ptr(text, true).Draw(r, "name"), Flag: rapid.Ptr(rapid.Bool(), true).Draw(r, "flag"),
			}
			if rapid.Bool().Draw(r, "body given") {
				i.Body = append([]byte{}, rapid.SliceOf(rapid.Byte()).Draw(r, "body")...)
			}
			return i
		})
		rapid.Check(t, func(r *rapid.T) {
			items := rapid.SliceOfN(one, 0, 40).Draw(r, "items")
			for i := range items {
				items[i].ID = int64(i)
			}
			run(t, db, "DELETE FROM item")
			update(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, "item", columns(items)...) })
			if got := readItems(t, db); len(items)+len(got) > 0 && !cmp.Equal(items, got) {
				r.Fatalf("written and read differ:\n%s", cmp.Diff(items, got))
			}
		})
	})
}

func TestInsertOfAHundredThousandRowsIsWhole(t *testing.T) {
	const n = 100_000
	each(t, func(t *testing.T, db *store.DB) {
		id, big, name, medium, thirds := make([]int64, n), make([]int64, n), make([]string, n), make([]int32, n), make([]bool, n)
		for i := range n {
			id[i], big[i], name[i], medium[i], thirds[i] = int64(i), int64(i)*int64(i), fmt.Sprintf("item %d", i), int32(-i), i%3 == 0
		}
		update(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.Insert(ctx, "item", store.Int64s("id", id), store.Int64s("big", big), store.Texts("name", name), store.Fixed("small", int16(7)),
				store.Nullable(store.Int32s("medium", medium), thirds), store.FixedBlob("body", []byte{1, 2}), store.Fixed("flag", true))
		})
		got := number(t, db, "SELECT count(*) FROM item WHERE big = id * id AND name = 'item ' || id AND small = 7 AND length(body) = 2"+
			" AND CASE WHEN id % 3 = 0 THEN medium = -id ELSE medium IS NULL END")
		if got != n {
			t.Errorf("%d of %d rows are right", got, n)
		}
	})
}

func TestACancelledBulkInsertKeepsNothing(t *testing.T) {
	const n = 300_000
	id := make([]int64, n)
	for i := range n {
		id[i] = int64(i)
	}
	each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := db.Update(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, "item", store.Int64s("id", id)) })
		want(t, err, store.Canceled, context.DeadlineExceeded)
		if rows := count(t, db); rows != 0 {
			t.Errorf("%d rows were kept", rows)
		}
		update(t, db, add(1))
	})
}

func TestAFaultyRowInABulkInsertKeepsNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for _, n := range []int64{2, 10, 50_000} {
			id := make([]int64, n)
			for i := range n {
				id[i] = i
			}
			id[n-1] = 0
			err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, "item", store.Int64s("id", id)) })
			if e := want(t, err, store.Duplicate, store.ErrDuplicate); e.Constraint != "item_pkey" || e.Table != "item" {
				t.Errorf("constraint %q of table %q", e.Constraint, e.Table)
			}
			if rows := count(t, db); rows != 0 {
				t.Errorf("%d rows were kept", rows)
			}
		}
	})
}

func TestInsertOfNoRowsIsNoStatement(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.Insert(ctx, "item", store.Int64s("id", nil), store.Fixed("small", int16(1)))
		})
		if n := number(t, db, "SELECT count(*) FROM item"); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestInsertOfFixedColumnsAddsOneRow(t *testing.T) {
	yes, seven, text := true, int16(7), "x"
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.Insert(ctx, "item", store.Fixed("id", int64(5)), store.Fixed("small", seven), store.Fixed("name", text), store.Fixed("flag", yes),
				store.FixedBlob("body", nil), store.Nullable(store.Fixed("big", int64(9)), []bool{false}))
		})
		if diff := cmp.Diff([]item{{ID: 5, Small: &seven, Name: &text, Flag: &yes}}, readItems(t, db)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestInsertRefusesFaultsBeforeTheEngineSeesThem(t *testing.T) {
	cases := []struct {
		name    string
		table   string
		columns []store.Column
		want    error
	}{
		{"a table name with a quote", `item"`, []store.Column{store.Int64s("id", []int64{1})}, store.ErrName},
		{"a table name in capitals", "Item", []store.Column{store.Int64s("id", []int64{1})}, store.ErrName},
		{"an empty column name", "item", []store.Column{store.Int64s("", []int64{1})}, store.ErrName},
		{"a column name with a space", "item", []store.Column{store.Int64s("id; --", []int64{1})}, store.ErrName},
		{"no columns", "item", nil, store.ErrColumns},
		{"columns of different length", "item", []store.Column{store.Int64s("id", []int64{1, 2}), store.Texts("name", []string{"a"})}, store.ErrColumns},
		{"marks of another length", "item", []store.Column{store.Nullable(store.Int64s("id", []int64{1, 2}), []bool{true})}, store.ErrColumns},
		{"text with NUL", "item", []store.Column{store.Int64s("id", []int64{1}), store.Texts("name", []string{"a\x00b"})}, store.ErrText},
		{"text that is no UTF-8", "item", []store.Column{store.Int64s("id", []int64{1}), store.Texts("name", []string{"\xff"})}, store.ErrText},
		{"fixed text with NUL", "item", []store.Column{store.Int64s("id", []int64{1}), store.Fixed("name", "\x00")}, store.ErrText},
	}
	each(t, func(t *testing.T, db *store.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				update(t, db, func(ctx context.Context, tx *store.Tx) error {
					err := tx.Insert(ctx, c.table, c.columns...)
					want(t, err, store.Other, c.want)
					_, err = tx.Exec(ctx, "DELETE FROM item") // the transaction still works
					return err
				})
			})
		}
	})
}

func TestListsRefuseTextThatOneEngineWouldNotKeep(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for _, text := range []string{"a\x00b", "\xff"} {
			err := db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				var n int
				return tx.QueryRow(ctx, "SELECT count(*) FROM item WHERE "+tx.Dialect().Among("name"), tx.Dialect().Texts([]string{text})).Scan(&n)
			})
			if !errors.Is(err, store.ErrText) {
				t.Errorf("%q: got %v, want ErrText", text, err)
			}
		}
	})
}

func TestJoinedInsertWritesTheSameAsAnOwnedOne(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		write, _ := db.Pools()
		for _, n := range []int{1, 3, 50} {
			run(t, db, "DELETE FROM item")
			tx, err := write.BeginTxx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			id, name := make([]int64, n), make([]string, n)
			for i := range n {
				id[i], name[i] = int64(i), hostile[i%len(hostile)]
			}
			if err := db.Join(tx).Insert(t.Context(), "item", store.Int64s("id", id), store.Texts("name", name), store.Fixed("flag", true)); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			items := readItems(t, db)
			if len(items) != n {
				t.Fatalf("%d rows, want %d", len(items), n)
			}
			for i, item := range items {
				if *item.Name != name[i] || !*item.Flag {
					t.Errorf("row %d: %+v", i, item)
				}
			}
		}
	})
}
