package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/fundledger/fundledger/examples/monthcycle/synthetic"
)

var update = flag.Bool("update", false, "write the agency folder and the golden files anew")

// The shipped folder is what the generator gives, byte for byte: go test ./examples/monthcycle -run Shipped -update writes it.
func TestTheShippedAgencyFolderIsWhatTheGeneratorGives(t *testing.T) {
	year := synthetic.Year{Seed: shippedSeed, Faults: synthetic.AllFaults}
	if *update {
		if err := os.RemoveAll("agency"); err != nil {
			t.Fatal(err)
		}
		if err := year.Write(t.Context(), "agency", nil); err != nil {
			t.Fatal(err)
		}
	}
	made, shipped := readTree(t, writeYear(t, year)), readTree(t, "agency")
	for name, text := range made {
		if shipped[name] != text {
			t.Errorf("%s is not what the generator gives", filepath.Join("agency", name))
		}
	}
	for name := range shipped {
		if _, ok := made[name]; !ok {
			t.Errorf("%s comes from no generator", filepath.Join("agency", name))
		}
	}
}

// writeYear writes a year's folder that lasts as long as the test.
func writeYear(t *testing.T, year synthetic.Year) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agency")
	if err := year.Write(t.Context(), path, nil); err != nil {
		t.Fatal(err)
	}
	return path
}
