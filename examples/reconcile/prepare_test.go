package main

import (
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
)

// prepareBook posts the shipped month into a file of its own.
func prepareBook(t *testing.T, path string) {
	t.Helper()
	db, err := ncruces.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	led, err := ledger.New(db, ledger.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shippedMonth(t.Context(), db, led); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
