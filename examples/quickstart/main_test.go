package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden file")

// volatile is what differs from run to run: the root (random seeds, the real clock) and the folder.
var volatile = regexp.MustCompile(`(root) [0-9a-f]{16}|(The book lies in) .*`)

// TestTheFirstRunPrintsTheGoldenFileAndTheSecondReplays runs the example as its first line says, and again on the same file: what is there is replayed.
func TestTheFirstRunPrintsTheGoldenFileAndTheSecondReplays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fund.db")
	var first, second bytes.Buffer
	if err := run(t.Context(), path, &first); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), path, &second); err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(first.String(), "replayed false", "replayed true", 1); second.String() != want { // the root too
		t.Errorf("the second run: %s", cmp.Diff(want, second.String()))
	}
	golden := filepath.Join("testdata", "output.golden")
	got := volatile.ReplaceAll(first.Bytes(), []byte("$1$2 …"))
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("−want +got\n%s", diff)
	}
}

func TestAFileThatCannotBeABookIsRefused(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), t.TempDir(), &out); err == nil || out.Len() > 0 {
		t.Errorf("%v, %s", err, &out)
	}
}
