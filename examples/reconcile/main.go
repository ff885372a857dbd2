// Reconcile holds a bank's statement against the account of money in a fund's book and says, in plain words, where they differ and what to do.
//
//	go run ./examples/reconcile                                       # a month shipped with the example
//	go run ./examples/reconcile -lang zh                              # in Chinese
//	go run ./examples/reconcile -db fund.db -realm 1 -book 1 -account 1002 -statement bank.xml
//	go run ./examples/reconcile … -statement bank.csv -format mapping.yaml
//
// -db is an SQLite file or a PostgreSQL DSN; nothing is written to it. The report is one HTML file that prints on A4.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"github.com/fundledger/fundledger/audit/reconcile"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/postgres"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
)

type settings struct {
	db, account, statement, format, out, lang string
	realm, book, days                         int
}

func main() {
	var s settings
	flag.StringVar(&s.db, "db", "", "SQLite file or PostgreSQL DSN that holds the book; the shipped month if empty")
	flag.IntVar(&s.realm, "realm", 1, "realm of the book")
	flag.IntVar(&s.book, "book", 1, "number of the book")
	flag.StringVar(&s.account, "account", "1002", "code of the account of money")
	flag.StringVar(&s.statement, "statement", "", "the bank's statement: camt.053, or text with -format; the shipped one if empty")
	flag.StringVar(&s.format, "format", "", "YAML file that describes a text statement (see accounts/bank)")
	flag.IntVar(&s.days, "days", 3, "days that the dates of a pair found by its amount may lie apart")
	flag.StringVar(&s.out, "out", "", "HTML file of the report; one in a temporary folder if empty")
	flag.StringVar(&s.lang, "lang", "en", "en or zh")
	flag.Parse()
	if err := run(context.Background(), s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check refuses a number that no book can have, rather than reading another book, and a language that the paper is not written in.
func (s *settings) check() error {
	var faults []error
	if s.realm < 1 || s.realm > math.MaxInt32 || s.book < 1 || s.book > math.MaxInt16 {
		faults = append(faults, fmt.Errorf("book %d of realm %d: books are numbered from 1 to %d, realms from 1 to %d", s.book, s.realm, math.MaxInt16, math.MaxInt32))
	}
	if language := reconcile.Language(s.lang); language != reconcile.Chinese && language != reconcile.English {
		faults = append(faults, fmt.Errorf("language %q: give en or zh", s.lang))
	}
	return errors.Join(faults...)
}

// run compares and writes the report. Differences are no error: they are what the paper is for.
func run(ctx context.Context, s settings, out io.Writer) error {
	if err := s.check(); err != nil {
		return err
	}
	statement, err := readStatement(ctx, s)
	if err != nil {
		return err
	}
	db, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer db.Close()
	led, err := ledger.New(db, ledger.Config{})
	if err != nil {
		return err
	}
	id := ledger.BookID{Realm: int32(s.realm), Number: int16(s.book)}
	if s.db == "" {
		if id, err = shippedMonth(ctx, db, led); err != nil {
			return err
		}
	}
	paper, err := reconcile.Compare(ctx, led, statement, reconcile.Order{Book: id, Account: s.account, Kind: kinds[s.account], DateTolerance: s.days})
	if err != nil {
		return err
	}
	language := reconcile.Language(s.lang)
	if err := paper.WriteText(out, language); err != nil {
		return err
	}
	report, err := writeReport(paper, s.out, language)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\nThe report lies in", report)
	return nil
}

// kinds names the official accounts of money.
var kinds = map[string]bank.AccountKind{"1002": bank.IncomeAccount, "1003": bank.FiscalAccount, "1004": bank.ExpenditureAccount, "1005": bank.TreasuryAccount}

func readStatement(ctx context.Context, s settings) (*bank.Statement, error) {
	path := s.statement
	if path == "" {
		path = filepath.Join(shipped(), "income-account-2026-04.camt053.xml")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if s.format != "" {
		return readText(ctx, file, path, s.format)
	}
	message, err := iso20022.Read(ctx, file, iso20022.Options{File: path})
	if err != nil {
		return nil, err
	}
	if len(message.Statements) != 1 {
		return nil, fmt.Errorf("%s holds %d statements: give a file with one, of one account", path, len(message.Statements))
	}
	return message.Statements[0], nil
}

func readText(ctx context.Context, file io.Reader, path, formatPath string) (*bank.Statement, error) {
	yaml, err := os.ReadFile(formatPath)
	if err != nil {
		return nil, err
	}
	format, err := bank.LoadTextFormat(formatPath, yaml)
	if err != nil {
		return nil, err
	}
	result, err := bank.ReadText(ctx, file, format, bank.TextOptions{File: path})
	if err != nil {
		return nil, err
	}
	if len(result.Statements) != 1 {
		return nil, fmt.Errorf("%s holds %d statements: give a file with one, of one account", path, len(result.Statements))
	}
	return result.Statements[0], nil
}

// open opens the database for reading; the shipped month gets a new file of its own.
func open(ctx context.Context, s settings) (*store.DB, error) {
	switch {
	case s.db == "":
		folder, err := os.MkdirTemp("", "reconcile")
		if err != nil {
			return nil, err
		}
		return ncruces.Open(ctx, filepath.Join(folder, "fund.db"))
	case strings.HasPrefix(s.db, "postgres://"), strings.Contains(s.db, "host="), strings.Contains(s.db, "dbname="):
		return postgres.Open(ctx, s.db)
	}
	return ncruces.Open(ctx, s.db, ncruces.ReadOnly())
}

func writeReport(paper *reconcile.Paper, path string, language reconcile.Language) (string, error) {
	if path == "" {
		folder, err := os.MkdirTemp("", "reconcile")
		if err != nil {
			return "", err
		}
		path = filepath.Join(folder, "reconciliation.html")
	}
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	if err := paper.WriteHTML(file, language); err != nil {
		file.Close()
		return "", err
	}
	return path, file.Close()
}
