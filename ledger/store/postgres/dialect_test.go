package postgres_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/postgres"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

func TestRebindNumbersMarksOutsideQuotes(t *testing.T) {
	cases := []struct{ query, want string }{
		{"SELECT 1", "SELECT 1"},
		{"", ""},
		{"?", "$1"},
		{"a = ? AND b = ?", "a = $1 AND b = $2"},
		{"(?,?,?,?,?,?,?,?,?,?,?)", "($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)"},
		{"a = '?' AND b = ?", "a = '?' AND b = $1"},
		{"a = 'it''s ?' AND b = ?", "a = 'it''s ?' AND b = $1"},
		{`"odd?name" = ?`, `"odd?name" = $1`},
		{"a -- why?\n = ?", "a -- why?\n = $1"},
		{"a /* ? */ = ?", "a /* ? */ = $1"},
		{"$$ ? $$ || ?", "$$ ? $$ || $1"},
		{"$tag$ ? $ $$ ? $tag$ || ?", "$tag$ ? $ $$ ? $tag$ || $1"},
		{"a = $1", "a = $1"},
		{"'open ?", "'open ?"},
		{"-- ?", "-- ?"},
		{"/* ?", "/* ?"},
		{"a = ANY(?) AND 名 = ?", "a = ANY($1) AND 名 = $2"},
	}
	for _, c := range cases {
		if got := (postgres.Dialect{}).Rebind(c.query); got != c.want {
			t.Errorf("Rebind(%q) = %q, want %q", c.query, got, c.want)
		}
	}
}

func FuzzRebindKeepsEverythingButMarks(f *testing.F) {
	for _, seed := range []string{"a = ?", "'?' ? \"?\" -- ?\n ?", "/* ? */ ?", "$x$ ? $x$ ?", "$", "$$", "'", "$1?", "\xff?"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		bound := (postgres.Dialect{}).Rebind(query)
		if strings.Count(query, "?") == 0 && bound != query {
			t.Errorf("%q without marks became %q", query, bound)
		}
		// Putting the question marks back, in order, must give the query again.
		back := bound
		for n := 1; ; n++ {
			number := fmt.Sprintf("$%d", n)
			at := strings.Index(back, number)
			if len(back) == len(query) || at < 0 {
				break
			}
			back = back[:at] + "?" + back[at+len(number):]
		}
		if !strings.ContainsAny(query, "$") && back != query {
			t.Errorf("%q became %q, which goes back to %q", query, bound, back)
		}
	})
}

func TestClassifyReadsTheStateAndBehindXX000TheMessage(t *testing.T) {
	cases := []struct {
		name string
		err  pq.Error
		want store.Problem
	}{
		{"serialization failure", pq.Error{Code: "40001"}, store.Problem{Class: store.Serialization}},
		{"deadlock", pq.Error{Code: "40P01"}, store.Problem{Class: store.Deadlock}},
		{"lock timeout", pq.Error{Code: "55P03"}, store.Problem{Class: store.Busy}},
		{"duplicate key", pq.Error{Code: "23505", Constraint: "entry_pkey", Table: "entry"},
			store.Problem{Class: store.Duplicate, Constraint: "entry_pkey", Table: "entry"}},
		{"duplicate key of a shard", pq.Error{Code: "23505", Constraint: "entry_pkey_102705", Table: "entry_102705"},
			store.Problem{Class: store.Duplicate, Constraint: "entry_pkey", Table: "entry"}},
		{"foreign key", pq.Error{Code: "23503", Constraint: "line_entry_fkey", Table: "line"},
			store.Problem{Class: store.Integrity, Constraint: "line_entry_fkey", Table: "line"}},
		{"exclusion", pq.Error{Code: "23P01", Constraint: "spell_no_overlap"}, store.Problem{Class: store.Integrity, Constraint: "spell_no_overlap"}},
		{"number out of range", pq.Error{Code: "22003"}, store.Problem{Class: store.Integrity}},
		{"text of another encoding", pq.Error{Code: "22021"}, store.Problem{Class: store.Integrity}},
		{"trigger", pq.Error{Code: "P0001", Message: "entry does not balance"}, store.Problem{Class: store.Integrity}},
		{"append-only trigger", pq.Error{Code: "P0001", Message: "append-only: table line"}, store.Problem{Class: store.AppendOnly}},
		{"append-only trigger of a worker", pq.Error{Code: "XX000", Message: "append-only: table line_102008"}, store.Problem{Class: store.AppendOnly}},
		{"disk full", pq.Error{Code: "53100"}, store.Problem{Class: store.StorageFull}},
		{"too many connections", pq.Error{Code: "53300"}, store.Problem{Class: store.Connection}},
		{"shutdown", pq.Error{Code: "57P01"}, store.Problem{Class: store.Connection}},
		{"worker down", pq.Error{Code: "08006"}, store.Problem{Class: store.Connection}},
		{"no privilege", pq.Error{Code: "42501"}, store.Problem{Class: store.Permission}},
		{"wrong password", pq.Error{Code: "28P01"}, store.Problem{Class: store.Permission}},
		{"read-only transaction", pq.Error{Code: "25006"}, store.Problem{Class: store.Permission}},
		{"damaged data", pq.Error{Code: "XX001"}, store.Problem{Class: store.Corrupt}},
		{"damaged index", pq.Error{Code: "XX002"}, store.Problem{Class: store.Corrupt}},
		{"cancelled", pq.Error{Code: "57014"}, store.Problem{Class: store.Canceled}},
		{"a changed table", pq.Error{Code: "0A000", Routine: "RevalidateCachedQuery"}, store.Problem{Class: store.Serialization, Outdated: true}},
		{"a lost statement", pq.Error{Code: "26000"}, store.Problem{Class: store.Serialization, Outdated: true}},
		{"not supported", pq.Error{Code: "0A000"}, store.Problem{Class: store.Other}},
		{"syntax error", pq.Error{Code: "42601"}, store.Problem{Class: store.Other}},
		{"hidden duplicate key", pq.Error{Code: "XX000", Message: `duplicate key value violates unique constraint "entry_pkey_102705"`},
			store.Problem{Class: store.Duplicate, Constraint: "entry_pkey"}},
		{"hidden foreign key", pq.Error{Code: "XX000",
			Message: `insert or update on table "line_102011" violates foreign key constraint "line_entry_fkey_102011"`},
			store.Problem{Class: store.Integrity, Constraint: "line_entry_fkey"}},
		{"hidden serialization failure", pq.Error{Code: "XX000", Message: "could not serialize access due to concurrent update"},
			store.Problem{Class: store.Serialization}},
		{"worker lost at commit", pq.Error{Code: "XX000", Message: "connection to the remote node worker:5433 failed"},
			store.Problem{Class: store.Connection}},
		{"unknown fault of the engine", pq.Error{Code: "XX000", Message: "could not commit transaction for shard 102008"},
			store.Problem{Class: store.Other}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, err := range []error{&c.err, fmt.Errorf("while posting: %w", &c.err)} {
				got, ok := postgres.Dialect{}.Classify(err)
				if !ok || got != c.want {
					t.Errorf("got %+v %v, want %+v", got, ok, c.want)
				}
			}
		})
	}
	for _, err := range []error{nil, io.EOF, errors.New("other"), context.Canceled} {
		if problem, ok := (postgres.Dialect{}).Classify(err); ok {
			t.Errorf("%v was read as %+v", err, problem)
		}
	}
}

// dsn is a fresh database, or empty when there is no server, which the log says.
func dsn(t *testing.T) string {
	t.Helper()
	if !slices.Contains(storetest.Kinds(t), storetest.Postgres) {
		return ""
	}
	return storetest.Fresh(t, nil, storetest.Postgres)
}

func show(t *testing.T, db *store.DB, name string) (value string) {
	t.Helper()
	err := db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT current_setting(?)", name).Scan(&value)
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestOpenSetsUpEverySession(t *testing.T) {
	at := dsn(t)
	if at == "" {
		return
	}
	cases := []struct {
		name    string
		dsn     string
		options []postgres.Option
		want    map[string]string
	}{
		{"by default", at, nil, map[string]string{
			"TimeZone": "UTC", "lock_timeout": "10s", "jit": "off", "idle_in_transaction_session_timeout": "5min", "application_name": "fundledger",
			"transaction_isolation": "repeatable read", "transaction_read_only": "on",
		}},
		{"with options", at, []postgres.Option{postgres.WithLockTimeout(250 * time.Millisecond), postgres.WithSettings(map[string]string{"work_mem": "8MB"})},
			map[string]string{"lock_timeout": "250ms", "work_mem": "8MB"}},
		{"with settings in the DSN", at + " lock_timeout=3000 application_name=payroll", nil, map[string]string{"lock_timeout": "3s", "application_name": "payroll"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			db, err := postgres.Open(t.Context(), c.dsn, append(c.options, postgres.WithConnections(3))...)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for name, want := range c.want {
				if got := show(t, db, name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
			write, _ := db.Pools()
			if got := write.Stats().MaxOpenConnections; got != 3 {
				t.Errorf("%d connections, want 3", got)
			}
		})
	}
}

func TestOpenSaysWhyThereIsNoConnection(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := postgres.Open(ctx, "not a dsn"); !errors.Is(err, store.ErrConnection) {
		t.Errorf("bad DSN: %v", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil { // now nobody listens there
		t.Fatal(err)
	}
	if _, err := postgres.Open(ctx, "host=127.0.0.1 port="+port+" user=x dbname=x sslmode=disable"); !errors.Is(err, store.ErrConnection) {
		t.Errorf("closed port: %v", err)
	}
	if at := dsn(t); at != "" {
		if _, err := postgres.Open(ctx, at+" dbname=nowhere"); err == nil || store.ClassOf(err) != store.Other {
			t.Errorf("missing database: %v", err)
		}
	}
}

func TestInsertWorksOverAHostsPoolWithoutBinaryParameters(t *testing.T) {
	at := dsn(t)
	if at == "" {
		return
	}
	host, err := sqlx.Open("postgres", at)
	if err != nil {
		t.Fatal(err)
	}
	db := postgres.New(host)
	defer db.Close()
	texts := []string{"", "NULL", `a"b\c`, "{}", "a,b", "'", "\n\t", "社保", `\x41`}
	blobs := [][]byte{{}, nil, {0, 1, 255}, []byte(`\x`), []byte("a,b"), {'"'}, {'\\'}, []byte("NULL"), {10}}
	bools := []bool{true, false, true, false, true, false, true, false, true}
	ints := []int64{1, 2, 3, 4, 5, 6, 7, 8, -9223372036854775808}
	valid := []bool{true, true, false, true, true, true, true, true, true}
	small, medium := make([]int16, len(ints)), make([]int32, len(ints))
	for i := range ints {
		small[i], medium[i] = int16(-i), int32(-i)
	}
	err = db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "CREATE TABLE thing (n bigint, s smallint, m integer, t text, b bytea, f boolean)"); err != nil {
			return err
		}
		return tx.Insert(ctx, "thing", store.Int64s("n", ints), store.Int16s("s", small), store.Int32s("m", medium), store.Nullable(store.Texts("t", texts), valid),
			store.Blobs("b", blobs), store.Bools("f", bools))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Query(ctx, "SELECT n, s, m, t, b, f FROM thing ORDER BY s DESC")
		if err != nil {
			return err
		}
		defer rows.Close()
		i := 0
		for ; rows.Next(); i++ {
			var n int64
			var s int16
			var m int32
			var text *string
			var b []byte
			var f bool
			if err := rows.Scan(&n, &s, &m, &text, &b, &f); err != nil {
				return err
			}
			if n != ints[i] || s != small[i] || m != medium[i] || f != bools[i] || (b == nil) != (blobs[i] == nil) || string(b) != string(blobs[i]) {
				t.Errorf("row %d: %d %d %d %q %v", i, n, s, m, b, f)
			}
			if (text == nil) == valid[i] || text != nil && *text != texts[i] {
				t.Errorf("row %d: text %v, want %q", i, text, texts[i])
			}
		}
		if i != len(ints) {
			t.Errorf("%d rows, want %d", i, len(ints))
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPreparedStatementOfAChangedTableIsPreparedAnew(t *testing.T) {
	at := dsn(t)
	if at == "" {
		return
	}
	db, err := postgres.Open(t.Context(), at, postgres.WithConnections(1))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(fn func(ctx context.Context, tx *store.Tx) error) {
		t.Helper()
		if err := db.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	do(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "CREATE TABLE thing (n integer)")
		return err
	})
	read := func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Query(ctx, "SELECT * FROM thing WHERE n > ?", 0)
		if err != nil {
			return err
		}
		return errors.Join(rows.Err(), rows.Close())
	}
	for range 4 {
		do(read)
	}
	do(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "ALTER TABLE thing ALTER n TYPE bigint")
		return err
	})
	for range 4 {
		do(read)
	}
	do(func(ctx context.Context, tx *store.Tx) error { // as a pooler would
		_, err := tx.Exec(ctx, "DEALLOCATE ALL")
		return err
	})
	for range 4 {
		do(read)
	}
}

func TestArraysAreRefusedWhenTheirTextIsBad(t *testing.T) {
	for _, text := range []string{"a\x00", "\xff"} {
		value := postgres.Dialect{}.Texts([]string{text})
		if _, err := value.(driver.Valuer).Value(); !errors.Is(err, store.ErrText) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
