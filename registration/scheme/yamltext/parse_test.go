package yamltext

import (
	"errors"
	"strings"
	"testing"
)

func TestScalarsKeepTheirCharacters(t *testing.T) {
	root, err := Parse("law.yaml", []byte("a: [1, 0x10, 010, 1_000, 0.10, .5, 1e3, 2026-01-01, yes, true, '1', \"2\", plain words, ~]\nb: |\n  two\n  lines\nc: folded\n  over lines\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		text   string
		quoted bool
	}{
		{"1", false}, {"0x10", false}, {"010", false}, {"1_000", false}, {"0.10", false}, {".5", false}, {"1e3", false}, {"2026-01-01", false},
		{"yes", false}, {"true", false}, {"1", true}, {"2", true}, {"plain words", false}, {"", false},
	}
	items := root.Field("a").Items
	if len(items) != len(want) {
		t.Fatalf("%d items, want %d", len(items), len(want))
	}
	for i, w := range want {
		if items[i].Text != w.text || items[i].Quoted != w.quoted {
			t.Errorf("item %d is %q quoted %t, want %q quoted %t", i, items[i].Text, items[i].Quoted, w.text, w.quoted)
		}
	}
	if items[13].Kind != Null {
		t.Errorf("~ is a %s, want null", items[13].Kind)
	}
	if b := root.Field("b"); b.Text != "two\nlines" || !b.Quoted {
		t.Errorf("block is %q quoted %t", b.Text, b.Quoted)
	}
	if c := root.Field("c"); c.Text != "folded over lines" {
		t.Errorf("folded text is %q", c.Text)
	}
}

func TestNodesKnowTheirPlace(t *testing.T) {
	root, err := Parse("law.yaml", []byte("first: 1\nlist:\n  - name: a\n    inner: {x: 1, y: '2'}\n"))
	if err != nil {
		t.Fatal(err)
	}
	y := root.Field("list").Items[0].Field("inner").Field("y")
	if y.Line != 4 || y.Column != 22 || y.Path != "list[0].inner.y" {
		t.Errorf("y stands at %d:%d %s", y.Line, y.Column, y.Path)
	}
	if got := y.Fault("is wrong", "mend it").Error(); got != "law.yaml:4:22: list[0].inner.y: is wrong; mend it" {
		t.Errorf("fault reads %q", got)
	}
}

func TestWhatIsNoPlainTreeIsRefusedWithEveryFault(t *testing.T) {
	_, err := Parse("law.yaml", []byte("a: 1\na: 2\nb: &x 3\nc: *x\n<<: {d: 4}\ne: !!str 5\n"))
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 5 {
		t.Fatalf("got %v, want five faults", err)
	}
	for i, line := range []int{2, 3, 4, 5, 6} {
		if faults[i].Line != line {
			t.Errorf("fault %d stands on line %d, want %d: %v", i, faults[i].Line, line, faults[i])
		}
	}
	var one *Fault
	if !errors.As(err, &one) {
		t.Error("no single fault is found by errors.As")
	}
}

func TestUnreadableFilesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"syntax":      "a: b: c",
		"two":         "a: 1\n---\nb: 2\n",
		"not UTF-8":   "a: \xff\n",
		"brackets":    "a: " + strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
		"dashes":      strings.Repeat("- ", MaxDepth+1) + "a",
		"indentation": deepMapping(MaxDepth + 5),
		"too long":    "a: " + strings.Repeat("x", MaxBytes),
	} {
		if _, err := Parse("law.yaml", []byte(text)); err == nil {
			t.Errorf("%s: read without a fault", name)
		}
	}
}

func deepMapping(depth int) string {
	var out strings.Builder
	for i := range depth {
		out.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return out.String()
}

func TestAnEmptyDocumentIsNull(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n"} {
		root, err := Parse("law.yaml", []byte(text))
		if err != nil || !root.IsNull() {
			t.Errorf("%q: %v, %v", text, root, err)
		}
	}
	var none *Node
	if none.Field("a") != nil || !none.IsNull() {
		t.Error("an absent node has fields")
	}
}

func TestUnknownFieldsAreNamed(t *testing.T) {
	root, err := Parse("law.yaml", []byte("id: 1\nvalues: 2\nvaleus: 3\n"))
	if err != nil {
		t.Fatal(err)
	}
	faults := root.UnknownFields("id", "values")
	if len(faults) != 1 || faults[0].Line != 3 || faults[0].Where != "valeus" {
		t.Errorf("got %v", faults)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a: {b: '1', c: [2, 3]}\n"))
	f.Add([]byte("- - a\n- ? b\n  : c\n"))
	f.Add([]byte("a: &x 1\nb: *x\n"))
	f.Add([]byte(`{"json": ["1", null, true]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		root, err := Parse("fuzz.yaml", content)
		if (root == nil) == (err == nil) {
			t.Fatalf("node %v and error %v", root, err)
		}
		var faults Faults
		if err != nil && (!errors.As(err, &faults) || len(faults) == 0 || err.Error() == "") {
			t.Fatalf("an error without faults: %v", err)
		}
	})
}
