//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// BenchmarkYear runs the whole year with 100,000 members more (FUNDLEDGER_BENCH_MEMBERS says otherwise), from the agency's files to the audit report, each time in a
// process of its own. Beside it the same rows of all tables are inserted by a program that does nothing else: see plainCopy. Run it with
// -benchtime 1x: make bench does.
//
// Reported are lines of the ledger a second over the whole year, the same while the twelve months run, the ratio of the plain inserts' time to each, and the most memory that
// the process ever had.
func BenchmarkYear(b *testing.B) {
	members := 100_000
	if text := os.Getenv("FUNDLEDGER_BENCH_MEMBERS"); text != "" {
		var err error
		if members, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	for _, kind := range storetest.Kinds(b) {
		b.Run(fmt.Sprintf("%s/members=%d", kind, members), func(b *testing.B) {
			for b.Loop() {
				database := storetest.Fresh(b, schemas(), kind, storetest.Durable())
				started := time.Now()
				out, memory := yearInAProcess(b, database, members)
				year := time.Since(started)
				lines, plain := insertAgain(b, database)
				b.ReportMetric(float64(lines)/year.Seconds(), "lines/s")
				b.ReportMetric(plain.Seconds()/year.Seconds(), "ratio")
				months := monthsOf(b, out)
				b.ReportMetric(float64(lines)/months.Seconds(), "lines/s-in-months")
				b.ReportMetric(plain.Seconds()/months.Seconds(), "ratio-in-months")
				b.ReportMetric(float64(lines), "lines")
				b.ReportMetric(float64(memory)/(1<<20), "MiB")
			}
		})
	}
}

// yearInAProcess returns what the run said on its error output, and the most memory it had, in bytes.
func yearInAProcess(b *testing.B, database string, members int) (said string, memory int64) {
	b.Helper()
	var text strings.Builder
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFolder+"="+b.TempDir(), childDatabase+"="+database, childMembers+"="+strconv.Itoa(members))
	child.Stderr = &text
	if err := child.Run(); err != nil {
		b.Fatal(err, text.String())
	}
	usage, ok := child.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("this system does not say how much memory a process had")
	}
	return text.String(), usage.Maxrss << 10
}

// monthsOf is how long the twelve months took, by what the run said: from the first enrolments to the statements of rights.
func monthsOf(b *testing.B, said string) time.Duration {
	b.Helper()
	at := func(what string) float64 {
		for line := range strings.Lines(said) {
			if strings.Contains(line, what) {
				seconds, err := strconv.ParseFloat(strings.Fields(line)[0], 64)
				if err != nil {
					b.Fatal(line, err)
				}
				return seconds
			}
		}
		b.Fatalf("the run never said %q:\n%s", what, said)
		return 0
	}
	return time.Duration((at("statements of rights") - at("2025-01: enrol")) * float64(time.Second))
}

// insertAgain inserts all rows of a database into tables of the same form, and says how many lines of the ledger were among them and how long it took.
func insertAgain(b *testing.B, database string) (lines int64, took time.Duration) {
	b.Helper()
	db, err := openDatabase(b.Context(), database)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	plain := plainCopy{db: db}
	err = plain.run(b.Context(), filepath.Join(b.TempDir(), "plain.db"))
	if err == nil {
		err = db.View(b.Context(), func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, "SELECT count(*) FROM ledger_line").Scan(&lines)
		})
	}
	if err != nil {
		b.Fatal(err)
	}
	return lines, plain.took
}
