package seal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/ledger/seal"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew; once a version is released, a change of it is a new suite")

const vectorsFile = "testdata/vectors.json"

// The types below are the published form. Integers that may pass 2⁵³ are decimal strings, bytes are lower-case hex.
type (
	jsonAssigned struct {
		Seq            int64 `json:"seq,string"`
		RecordedMicros int64 `json:"recorded_micros,string"`
		VoucherNumber  int64 `json:"voucher_number,string"`
		FirstOrdinal   int64 `json:"first_ordinal,string"`
		LineCount      int64 `json:"line_count,string"`
		FirstAccount   int64 `json:"first_account,string"`
	}
	jsonSource struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
		Hash string `json:"hash"`
	}
	jsonAttachment struct {
		Name string `json:"name"`
		Hash string `json:"hash"`
	}
	jsonDraft struct {
		Kind        string            `json:"kind"`
		Key         string            `json:"key"`
		Effective   int32             `json:"effective"`
		Period      int32             `json:"period"`
		VoucherType string            `json:"voucher_type"`
		Description string            `json:"description"`
		EnteredBy   string            `json:"entered_by"`
		ApprovedBy  string            `json:"approved_by"`
		Source      jsonSource        `json:"source"`
		Attachments []jsonAttachment  `json:"attachments"`
		Transfer    string            `json:"transfer"`
		Reverses    int64             `json:"reverses,string"`
		Metadata    map[string]string `json:"metadata"`
		Act         string            `json:"act"`
	}
	jsonLine struct {
		Account int32  `json:"account"`
		Side    int16  `json:"side"`
		Amount  int64  `json:"amount,string"`
		Month   int32  `json:"month"`
		Tag     string `json:"tag"`
	}
	jsonRecord struct {
		Name      string       `json:"name"`
		Assigned  jsonAssigned `json:"assigned"`
		Draft     jsonDraft    `json:"draft"`
		Seed      string       `json:"seed"`
		Lines     []jsonLine   `json:"lines"`
		Header    string       `json:"header"`
		Columns   string       `json:"columns"`
		LinesRoot string       `json:"lines_root"`
		Leaf      string       `json:"leaf"`
	}
	jsonTree struct {
		Size     int64  `json:"size"`
		Root     string `json:"root"`
		Frontier string `json:"frontier"`
	}
	jsonProof struct {
		Record int      `json:"record"` // place in records, from 0
		Line   int64    `json:"line"`   // place in the record, from 0
		Salt   string   `json:"salt"`
		Hash   string   `json:"hash"`
		Path   []string `json:"path"`
	}
	jsonRefused struct {
		Part  string `json:"part"`
		Why   string `json:"why"`
		Count int64  `json:"count,omitempty"` // of lines, for columns
		Bytes string `json:"bytes"`
	}
)

// vectorsText writes one vector a line, so that a difference shows which.
func vectorsText(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	list := func(name string, items []any, last bool) {
		out.WriteString("  \"" + name + "\": [\n")
		for i, item := range items {
			var text bytes.Buffer
			encoder := json.NewEncoder(&text)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(item); err != nil {
				t.Fatal(err)
			}
			out.WriteString("    " + strings.TrimSpace(text.String()))
			if i < len(items)-1 {
				out.WriteString(",")
			}
			out.WriteString("\n")
		}
		out.WriteString("  ]")
		if !last {
			out.WriteString(",")
		}
		out.WriteString("\n")
	}
	out.WriteString("{\n  \"suite\": 1,\n")
	records := vectorRecords(t)
	list("records", recordVectors(t, records), false)
	list("logs", logVectors(t, records), false)
	list("trees", treeVectors(t), false)
	list("line_proofs", proofVectors(t, records), false)
	list("refused", refusedVectors(t), true)
	out.WriteString("}\n")
	return out.Bytes()
}

func recordVectors(t *testing.T, records []record) []any {
	var out []any
	for _, r := range records {
		s, d := r.seal(t), &r.draft
		v := jsonRecord{
			Name: r.name, Assigned: jsonAssigned{r.assigned.Seq, r.assigned.RecordedMicros, r.assigned.VoucherNumber, r.assigned.FirstOrdinal,
				r.assigned.LineCount, r.assigned.FirstAccount},
			Draft: jsonDraft{
				Kind: d.Kind, Key: d.Key, Effective: d.Effective, Period: d.Period, VoucherType: d.VoucherType, Description: d.Description,
				EnteredBy: d.EnteredBy, ApprovedBy: d.ApprovedBy, Source: jsonSource{d.Source.Kind, d.Source.ID, hex.EncodeToString(d.Source.Hash)},
				Attachments: []jsonAttachment{}, Transfer: d.Transfer, Reverses: d.Reverses, Metadata: d.Metadata, Act: hex.EncodeToString(d.Act),
			},
			Lines: []jsonLine{}, Header: hex.EncodeToString(s.header), Columns: hex.EncodeToString(s.columns),
			LinesRoot: hex.EncodeToString(s.linesRoot[:]), Leaf: hex.EncodeToString(s.leaf[:]),
		}
		for _, a := range d.Attachments {
			v.Draft.Attachments = append(v.Draft.Attachments, jsonAttachment{a.Name, hex.EncodeToString(a.Hash)})
		}
		if d.Metadata == nil {
			v.Draft.Metadata = map[string]string{}
		}
		if r.lines.Len() > 0 {
			v.Seed = hex.EncodeToString(r.seed[:])
		}
		for i, account := range r.lines.Accounts {
			v.Lines = append(v.Lines, jsonLine{account, r.lines.Sides[i], r.lines.Amounts[i], r.lines.Months[i], r.lines.Tags[i]})
		}
		out = append(out, v)
	}
	return out
}

// logVectors are the log of the records in their order, at every size.
func logVectors(t *testing.T, records []record) []any {
	var tree seal.Frontier
	out := []any{treeVector(&tree)}
	for _, r := range records {
		tree.Append(r.seal(t).leaf, nil)
		out = append(out, treeVector(&tree))
	}
	return out
}

// treeVectors are larger trees, whose i-th leaf from 0 is SHA-256 of i in 8 bytes, big-endian.
func treeVectors(t *testing.T) []any {
	var tree seal.Frontier
	var out []any
	for _, size := range []int64{0, 1, 2, 3, 63, 64, 65, 255, 256, 257, 1000, 4097} {
		for tree.Size() < size {
			tree.Append(numberedLeaf(int(tree.Size())), nil)
		}
		out = append(out, treeVector(&tree))
	}
	return out
}

func treeVector(tree *seal.Frontier) jsonTree {
	root := tree.Root()
	stored, _ := tree.MarshalBinary()
	return jsonTree{tree.Size(), hex.EncodeToString(root[:]), hex.EncodeToString(stored)}
}

// proofVectors are proofs of single lines. Their paths come from package tlog.
func proofVectors(t *testing.T, records []record) []any {
	var out []any
	for at, r := range records {
		for _, n := range []int64{0, 1, 8, 137, 256, 299} {
			if n >= int64(r.lines.Len()) {
				break
			}
			path, err := tlog.ProveRecord(int64(r.lines.Len()), n, linesTree(t, &r))
			if err != nil {
				t.Fatal(err)
			}
			salt, hash := seal.LineSalt(r.seed, r.assigned.FirstOrdinal+n), lineHashOf(t, &r, int(n))
			v := jsonProof{Record: at, Line: n, Salt: hex.EncodeToString(salt[:]), Hash: hex.EncodeToString(hash[:]), Path: []string{}}
			for _, h := range path {
				v.Path = append(v.Path, hex.EncodeToString(h[:]))
			}
			out = append(out, v)
		}
	}
	return out
}

func lineHashOf(t *testing.T, r *record, i int) seal.Hash {
	t.Helper()
	hash, err := seal.LineHash(seal.LineSalt(r.seed, r.assigned.FirstOrdinal+int64(i)), r.lines.Accounts[i], r.lines.Sides[i], r.lines.Amounts[i],
		r.lines.Months[i], r.lines.Tags[i])
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// linesTree is package tlog's view of the lines of a record.
func linesTree(t *testing.T, r *record) tlog.HashReader {
	t.Helper()
	var all []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = all[index]
		}
		return out, nil
	})
	for i := range r.lines.Len() {
		hashes, err := tlog.StoredHashesForRecordHash(int64(i), tlog.Hash(lineHashOf(t, r, i)), reader)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, hashes...)
	}
	return reader
}

func TestVectorsAreWhatThePackageMakes(t *testing.T) {
	text := vectorsText(t)
	if *update {
		if err := os.WriteFile(vectorsFile, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	published, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	want, got := strings.Split(string(published), "\n"), strings.Split(string(text), "\n")
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Errorf("%s:%d differs from what the package makes:\n%s\n%s", vectorsFile, i+1, want[i], got[i])
		}
	}
	if len(want) != len(got) {
		t.Errorf("%s has %d lines, the package makes %d", vectorsFile, len(want), len(got))
	}
}

// The worked example of ENCODING.md is the record "two lines".
func TestTheSpecificationShowsTheBytesOfItsExample(t *testing.T) {
	page, err := os.ReadFile("ENCODING.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.Join(strings.Fields(string(page)), "")
	records := vectorRecords(t)
	r := records[4]
	s := r.seal(t)
	columns := sha256.Sum256(s.columns)
	salts := [2]seal.Hash{seal.LineSalt(r.seed, r.assigned.FirstOrdinal), seal.LineSalt(r.seed, r.assigned.FirstOrdinal+1)}
	hashes := [2]seal.Hash{lineHashOf(t, &r, 0), lineHashOf(t, &r, 1)}
	before := []byte{0}
	for name, part := range map[string][]byte{
		"bytes of the first line":  slices.Concat(before, salts[0][:], unhex(t, "0000000100000000000001e2400000000000")),
		"bytes of the second line": slices.Concat(before, salts[1][:], unhex(t, "0000000201000000000001e240000317690170")),
		"draft":                    s.draft, "header": s.header, "seed": r.seed[:], "columns": s.columns, "hash of the columns": columns[:], "salt of the first line": salts[0][:],
		"salt of the second line": salts[1][:], "hash of the first line": hashes[0][:], "hash of the second line": hashes[1][:],
		"lines root": s.linesRoot[:], "leaf": s.leaf[:],
	} {
		if !strings.Contains(shown, hex.EncodeToString(part)) {
			t.Errorf("ENCODING.md does not show the %s %x", name, part)
		}
	}
}

// python finds the interpreter for the independent reader. Without one the test says so, or fails where FUNDLEDGER_REQUIRE_PYTHON is 1.
func python(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("FUNDLEDGER_REQUIRE_PYTHON") == "1" {
			t.Fatalf("FUNDLEDGER_REQUIRE_PYTHON is 1: %v", err)
		}
		t.Logf("WARNING: NOT CHECKED: no python3 on this machine, so testdata/verify_vectors.py did not read testdata/vectors.json")
	}
	return path
}

func TestAnIndependentReaderAgreesWithTheVectors(t *testing.T) {
	interpreter := python(t)
	if interpreter == "" {
		return
	}
	out, err := exec.CommandContext(t.Context(), interpreter, "testdata/verify_vectors.py", vectorsFile).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", bytes.TrimSpace(out))
}

// A reader that cannot disagree proves nothing.
func TestTheIndependentReaderFindsEveryKindOfChange(t *testing.T) {
	interpreter := python(t)
	if interpreter == "" {
		return
	}
	text, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	records := vectorRecords(t)
	s := records[4].seal(t)
	replace := func(old, with string) []byte {
		if strings.Count(string(text), old) == 0 {
			t.Fatalf("%q is not in the vectors", old)
		}
		return []byte(strings.Replace(string(text), old, with, 1))
	}
	turn := func(of []byte) []byte { // the last digit of a hex value
		digits := hex.EncodeToString(of)
		last := byte('0')
		if digits[len(digits)-1] == '0' {
			last = '1'
		}
		return replace(digits, digits[:len(digits)-1]+string(last))
	}
	refused := refusedVectors(t)[0].(jsonRefused)
	for name, changed := range map[string][]byte{
		"header": turn(s.header), "columns": turn(s.columns), "lines root": turn(s.linesRoot[:]), "leaf": turn(s.leaf[:]),
		"an amount": replace(`"amount":"123456"`, `"amount":"123457"`), "a text": replace("January contributions", "January contribution5"),
		"a seed": turn(records[4].seed[:]), "suite": replace(`"suite": 1`, `"suite": 2`),
		"a refused value that is right": replace(refused.Bytes, hex.EncodeToString(s.header)),
		"a root":                        replace(`"trees": [`+"\n"+`    {"size":0,"root":"e3`, `"trees": [`+"\n"+`    {"size":0,"root":"e4`),
	} {
		file := filepath.Join(t.TempDir(), "vectors.json")
		if err := os.WriteFile(file, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), interpreter, "testdata/verify_vectors.py", file).CombinedOutput(); err == nil {
			t.Errorf("%s: the change was not noticed\n%s", name, out)
		}
	}
}
