// Monthcycle runs one pooling area through a year: from an agency's files to closed and audited books.
//
//	go run ./examples/monthcycle                          # the year shipped with the example, on an SQLite file in out/monthcycle
//	go run ./examples/monthcycle -months 6                # the first half; run it again without -months and it goes on
//	go run ./examples/monthcycle -db postgres://…/fund    # the same on PostgreSQL: the same roots, the same statements
//	go run ./examples/monthcycle -in folder -out folder -lang en
//	go run ./examples/monthcycle -seed 7 -members 100000  # another year, with 100,000 invented members more
//
// README.md beside this file says what lies in the folder of the agency and in the output folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/examples/monthcycle/folder"
	"github.com/fundledger/fundledger/examples/monthcycle/synthetic"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// memoryGoal is what the collector of garbage tries to stay below, so that a year of 100,000 members runs beside other programs; it is no limit.
const memoryGoal = 320 << 20

type options struct {
	db, in, out, language string
	months, members       int
	seed                  uint64
}

func main() {
	var o options
	flag.StringVar(&o.db, "db", "", "SQLite file or PostgreSQL DSN; fund.db in the output folder if empty")
	flag.StringVar(&o.in, "in", "", "folder of the agency; the shipped one if empty")
	flag.StringVar(&o.out, "out", filepath.Join("out", "monthcycle"), "folder for statements, books, payment files and papers")
	flag.IntVar(&o.months, "months", 12, "how many months to run, from January")
	flag.IntVar(&o.members, "members", 0, "how many invented members to add to the cast of the shipped year; their folder is written to agency in the output folder")
	flag.Uint64Var(&o.seed, "seed", shippedSeed, "what the invented year is drawn from")
	flag.StringVar(&o.language, "lang", "zh", "zh or en: the language of statements and papers")
	flag.Parse()
	debug.SetMemoryLimit(memoryGoal)
	if err := run(context.Background(), o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run runs the months asked for. What an earlier run has done already is found and left as it is.
func run(ctx context.Context, o options, print io.Writer) (err error) {
	if o.months < 1 || o.months > 12 || o.language != "zh" && o.language != "en" {
		return errors.New("-months is from 1 to 12, -lang is zh or en")
	}
	agency, err := openFolder(ctx, o)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return err
	}
	if o.db == "" {
		o.db = filepath.Join(o.out, "fund.db")
	}
	db, err := openDatabase(ctx, o.db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	area, err := openArea(ctx, agency, db, o.out, o.language, print)
	if err != nil {
		return err
	}
	if err := area.takeOver(ctx); err != nil {
		return err
	}
	soFar := make([][]*bank.Statement, len(moneyAccounts))
	for i := range o.months {
		month := area.firstMonth().Add(i)
		for account := range moneyAccounts {
			s, err := area.statement(ctx, moneyAccounts[account].name, month)
			if err != nil {
				return err
			}
			soFar[account] = append(soFar[account], s)
		}
		if err := area.month(ctx, month, soFar); err != nil {
			return fmt.Errorf("%s: %w", month, err)
		}
	}
	return area.finish(ctx, area.firstMonth().Add(o.months-1), soFar)
}

// finish closes the year if it is over, proves the books, audits them, and says where to look.
func (a *area) finish(ctx context.Context, last calendar.Month, soFar [][]*bank.Statement) error {
	if last.OfYear() == 12 {
		if err := a.closeYear(ctx); err != nil {
			return err
		}
	}
	over := last.Period()
	if last.OfYear() == 12 {
		over = over.Next()
	}
	figures, err := a.closed(ctx, over)
	if err != nil {
		return err
	}
	if last.OfYear() == 12 {
		if err := a.statements(figures, last, true); err != nil {
			return err
		}
		if err := a.rightsStatements(ctx); err != nil {
			return err
		}
	}
	if err := a.yearBooks(ctx, figures, last); err != nil {
		return err
	}
	for _, book := range []ledger.BookID{{Realm: a.Realm, Number: ledger.RegisterBook}, a.book()} {
		report, err := a.led.Verify(ctx, book, ledger.VerifyOptions{Deep: true})
		if err != nil {
			return err
		}
		if !report.Sound() {
			return fmt.Errorf("book %v is not sound: %v", book, report.Discrepancies)
		}
		fmt.Fprintf(a.print, "book %v: %d entries and %d lines are sound, root %x\n", book, report.Entries, report.Lines, report.Root)
	}
	if err := a.examine(ctx, last, soFar); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.print, "look into %s: statements, books, reconciliation, rights, determinations, payments, journals, audit\n", a.out)
	return err
}

// shippedSeed is what the shipped year was drawn from.
const shippedSeed = 2025

// openFolder opens the folder named, or the shipped one, or writes one for the seed and the members asked for.
func openFolder(ctx context.Context, o options) (*folder.Folder, error) {
	invented := o.members > 0 || o.seed != 0 && o.seed != shippedSeed
	switch {
	case o.members < 0 || invented && o.in != "":
		return nil, errors.New("-members is not below 0, and -members and -seed write a folder of their own: leave -in out")
	case invented:
		o.in = filepath.Join(o.out, "agency")
		year := synthetic.Year{Seed: o.seed, Members: o.members, Faults: synthetic.AllFaults}
		if err := year.Write(ctx, o.in, func(done, total int) {
			if o.members > 5_000 {
				fmt.Fprintf(os.Stderr, "  inventing the agency's files: %d of %d\n", done, total)
			}
		}); err != nil {
			return nil, err
		}
	case o.in == "":
		o.in = shipped()
	}
	return folder.Open(o.in)
}

// shipped is the agency's folder beside this file, or below the working directory.
func shipped() string {
	if _, file, _, ok := runtime.Caller(0); ok {
		if folder := filepath.Join(filepath.Dir(file), "agency"); isFolder(folder) {
			return folder
		}
	}
	return filepath.Join("examples", "monthcycle", "agency")
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
