//go:build !race

package main

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/fundledger/fundledger/examples/monthcycle/synthetic"
)

// Whatever the seed, the year runs to its end, so that engine and generator agree to the cent, and the audit finds what was planted and nothing else. Each seed
// draws the faults that are planted. Twenty seeds are drawn, a hundred by .ci/run: FUNDLEDGER_SEEDS says how many, FUNDLEDGER_FIRST_SEED where to begin.
func TestSeeds(t *testing.T) {
	number := func(variable string, otherwise int) int {
		text := os.Getenv(variable)
		if text == "" {
			return otherwise
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("%s=%q is no number from 1 on", variable, text)
		}
		return n
	}
	seeds, first := number("FUNDLEDGER_SEEDS", 20), number("FUNDLEDGER_FIRST_SEED", 1)
	for i := range seeds {
		seed := uint64(first + i)
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 6))
			faults := slices.DeleteFunc(slices.Clone(synthetic.AllFaults), func(synthetic.Fault) bool { return random.IntN(2) == 0 })
			t.Logf("seed %d: %q", seed, faults)
			folder := writeYear(t, synthetic.Year{Seed: seed, Faults: faults})
			r := mustRun(t, options{in: folder})
			compareFindings(t, folder, r)
			if i%25 == 0 {
				same(t, r, mustRun(t, options{in: folder}))
			}
		})
	}
}
