package fundledger_test

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/fundledger/fundledger"

// layers orders the top folders: a package imports from its own layer and from those before it. Benefits and collection are siblings.
var layers = [][]string{{"ledger"}, {"accounts"}, {"registration"}, {"collection", "benefits"}, {"audit"}, {"examples"}}

// inside says, for packages of one family, which of the family they must not import: the lowest of a family is imported by the others.
var inside = map[string][]string{
	"ledger/money":    {"ledger"},
	"ledger/calendar": {"ledger"},
	"ledger/seal":     {"ledger", "ledger/store"},
	"ledger/store":    {"ledger", "ledger/seal", "ledger/money"},
	"accounts":        {"accounts/"},
	"registration/scheme": {
		"registration",
	},
	"audit": {"audit/"},
}

type source struct {
	path  string // from the root of the module
	file  *ast.File
	set   *token.FileSet
	lines int
	test  bool
}

func (s *source) folder() string { return path.Dir(s.path) }

func (s *source) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(node.Pos()).Line)
}

func sources(t *testing.T) []*source {
	t.Helper()
	var all []*source
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && name != "." || entry.Name() == "testdata" || entry.Name() == "out") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, &source{path: filepath.ToSlash(name), file: file, set: set, lines: strings.Count(string(text), "\n"), test: strings.HasSuffix(name, "_test.go")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d Go files found: is this the root of the module?", len(all))
	}
	return all
}

func layerOf(folder string) int {
	top, _, _ := strings.Cut(folder, "/")
	return slices.IndexFunc(layers, func(names []string) bool { return slices.Contains(names, top) })
}

func TestImportsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		from := s.folder()
		if from == "." {
			continue
		}
		if layerOf(from) < 0 {
			t.Errorf("%s: no place in the layout for folder %s", s.path, from)
			continue
		}
		for _, spec := range s.file.Imports {
			to, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module+"/")
			if !ours || s.test {
				continue
			}
			fromTop, _, _ := strings.Cut(from, "/")
			toTop, _, _ := strings.Cut(to, "/")
			switch {
			case layerOf(to) > layerOf(from), layerOf(to) == layerOf(from) && fromTop != toTop:
				t.Errorf("%s imports %s, which is not below it", s.at(spec), to)
			case forbiddenInside(from, to):
				t.Errorf("%s imports %s, which is built on it", s.at(spec), to)
			}
		}
	}
}

func forbiddenInside(from, to string) bool {
	for _, banned := range inside[from] {
		if to == banned || strings.HasSuffix(banned, "/") && strings.HasPrefix(to, banned) {
			return true
		}
	}
	return false
}

// supportFolders hold code for tests; production files must not import them.
var supportFolders = []string{"ledger/ledgertest", "ledger/store/storetest", "registration/registrationtest"}

func TestProductionCodeDoesNotImportTestSupport(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || slices.Contains(supportFolders, s.folder()) || strings.HasPrefix(s.path, "examples/") {
			continue
		}
		for _, spec := range s.file.Imports {
			to := strings.TrimPrefix(strings.Trim(spec.Path.Value, `"`), module+"/")
			if slices.Contains(supportFolders, to) || to == "testing" {
				t.Errorf("%s imports %s, which is for tests", s.at(spec), to)
			}
		}
	}
}

// clockFiles may name time.Now: as the default of a clock that the host can replace.
var clockFiles = []string{"ledger/ledger.go"}

// floatFolders draw or count: coordinates are no money, and Prometheus knows no other numbers.
var floatFolders = []string{"audit/report", "ledger/metrics"}

func TestHouseRules(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || slices.Contains(supportFolders, s.folder()) {
			continue
		}
		example := strings.HasPrefix(s.path, "examples/")
		ast.Inspect(s.file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.Ident:
				if (n.Name == "float64" || n.Name == "float32") && !slices.Contains(floatFolders, s.folder()) {
					t.Errorf("%s: %s: money, rates and years are exact", s.at(n), n.Name)
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT && !slices.Contains(floatFolders, s.folder()) {
					t.Errorf("%s: %s: write decimals as text", s.at(n), n.Value)
				}
			case *ast.SelectorExpr:
				checkSelector(t, s, n, example)
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s: init has effects that the host did not ask for", s.at(n))
				}
			}
			return true
		})
		for _, spec := range s.file.Imports {
			if p := strings.Trim(spec.Path.Value, `"`); strings.HasSuffix(p, "/promauto") || p == "log" {
				t.Errorf("%s imports %s: registries and loggers come from the host", s.at(spec), p)
			}
		}
	}
}

func checkSelector(t *testing.T, s *source, n *ast.SelectorExpr, example bool) {
	t.Helper()
	from, _ := n.X.(*ast.Ident)
	name := n.Sel.Name
	switch {
	case from != nil && from.Name == "time" && name == "Now" && !slices.Contains(clockFiles, s.path) && !example:
		t.Errorf("%s: time.Now: take a clock", s.at(n))
	case name == "Div" || strings.HasPrefix(name, "NewFromFloat") || name == "InexactFloat64" || name == "DivisionPrecision":
		t.Errorf("%s: %s: use money.Divide, or an exact fraction", s.at(n), name)
	case from != nil && from.Name == "fmt" && (name == "Print" || name == "Println" || name == "Printf") && !example:
		t.Errorf("%s: fmt.%s: the library prints nothing", s.at(n), name)
	case from != nil && from.Name == "prometheus" && (name == "MustRegister" || name == "Register" || name == "DefaultRegisterer"):
		t.Errorf("%s: prometheus.%s: the host registers", s.at(n), name)
	}
}

const (
	mostLines         = 500
	mostFunctionLines = 70
)

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if s.lines > mostLines && !s.test {
			t.Errorf("%s has %d lines, more than %d: is it one idea?", s.path, s.lines, mostLines)
		}
		for _, declaration := range s.file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || s.test {
				continue
			}
			if n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; n > mostFunctionLines {
				t.Errorf("%s: %s has %d lines, more than %d", s.at(f), f.Name.Name, n, mostFunctionLines)
			}
		}
	}
}

// A block of Go in the README stands between <!-- from FILE FUNCTION --> and its end, and must be in that function's body, line by line.
var readmeMark = regexp.MustCompile(`^<!-- from (\S+) (\S+) -->$`)

func TestReadmeIsInStepWithTheTests(t *testing.T) {
	readme, err := os.Open("README.md")
	if err != nil {
		t.Fatal(err)
	}
	defer readme.Close()
	var file, function string
	blocks, inBlock := 0, false
	var body []string
	for scan, number := bufio.NewScanner(readme), 1; scan.Scan(); number++ {
		line := scan.Text()
		if mark := readmeMark.FindStringSubmatch(line); mark != nil {
			file, function = mark[1], mark[2]
			body = bodyOf(t, file, function)
			continue
		}
		switch {
		case line == "```go":
			inBlock, blocks = true, blocks+1
			if body == nil {
				t.Errorf("README.md:%d: a block of Go without <!-- from FILE FUNCTION --> above it", number)
			}
		case strings.HasPrefix(line, "```"):
			inBlock, body = false, nil
		case inBlock && strings.TrimSpace(line) != "" && !slices.Contains(body, strings.TrimSpace(line)):
			t.Errorf("README.md:%d: not in %s of %s: %s", number, function, file, line)
		}
	}
	if blocks == 0 {
		t.Error("README.md shows no Go")
	}
}

func bodyOf(t *testing.T, file, function string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(string(text), "\n")
	for _, declaration := range parsed.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Name.Name == function {
			var body []string
			for _, line := range all[set.Position(f.Body.Pos()).Line : set.Position(f.Body.End()).Line-1] {
				body = append(body, strings.TrimSpace(line))
			}
			return body
		}
	}
	t.Fatalf("%s has no function %s", file, function)
	return nil
}
