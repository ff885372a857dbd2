package ledger_test

import (
	"errors"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the messages into testdata/errors instead of comparing them")

// The two sections of a file, as in the txtar format.
const (
	scriptMark   = "-- script --\n"
	messagesMark = "-- messages --\n"
)

// Each file of testdata/errors is named after a code. Its script is run on both engines (script_test.go says how it is written); each command behind a ! must be
// refused, the code being the first or among the reasons, and the exact messages stand below the script.
func TestEveryErrorIsWordedAsInTheCatalogue(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.txtar")
	must(t, err)
	for _, file := range files {
		code := ledger.Code(strings.TrimSuffix(filepath.Base(file), ".txtar"))
		t.Run(string(code), func(t *testing.T) {
			for _, kind := range storetest.Kinds(t) {
				compareMessages(t, kind, file, code)
			}
		})
	}
}

func compareMessages(t *testing.T, kind, file string, code ledger.Code) {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	head, want, ok := strings.Cut(string(text), messagesMark)
	comment, commands, ok2 := strings.Cut(head, scriptMark)
	if !ok || !ok2 || comment == "" {
		t.Fatalf("%s: want a comment that says what is shown, then -- script --, then -- messages --", file)
	}
	at := storetest.Fresh(t, []store.Schema{ledger.Schema()}, kind)
	s := newScript(t, kind, at)
	refused := s.run(commands)
	if len(refused) == 0 {
		t.Fatalf("%s: nothing is refused", file)
	}
	var messages strings.Builder
	for i, err := range refused {
		if !errors.Is(err, code) {
			t.Errorf("%s on %s: refusal %d is not %s but:\n%v", file, kind, i+1, code, err)
		}
		messages.WriteString(message(err) + "\n")
	}
	if *update {
		must(t, os.WriteFile(file, []byte(head+messagesMark+messages.String()), 0o644))
		return
	}
	if diff := cmp.Diff(want, messages.String()); diff != "" {
		t.Errorf("%s on %s: messages differ (-file +ledger), -update writes them:\n%s", file, kind, diff)
	}
}

// message is the ledger's own text, without what the engine said.
func message(err error) string {
	if faults, ok := errors.AsType[ledger.Faults](err); ok {
		return faults.Error()
	}
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return e.Error()
	}
	return err.Error()
}

func TestTheCatalogueHasOneFileForEachCode(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*")
	must(t, err)
	var want, got []string
	for _, code := range ledger.Codes() {
		want = append(want, string(code)+".txtar")
	}
	for _, file := range files {
		got = append(got, filepath.Base(file))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("testdata/errors (-codes +files):\n%s", diff)
	}
}

func TestCodesAreInTheOrderOfTheirDeclarations(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	must(t, err)
	var declared []ledger.Code
	for _, declaration := range file.Decls {
		block, ok := declaration.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST {
			continue
		}
		for _, spec := range block.Specs {
			value := spec.(*ast.ValueSpec)
			if of, ok := value.Type.(*ast.Ident); !ok || of.Name != "Code" {
				continue
			}
			text, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
			must(t, err)
			declared = append(declared, ledger.Code(text))
		}
	}
	if len(declared) == 0 {
		t.Fatal("errors.go declares no codes")
	}
	if diff := cmp.Diff(declared, ledger.Codes()); diff != "" {
		t.Errorf("(-declared +Codes)\n%s", diff)
	}
}

func TestAnErrorIsFoundByItsCodeAndByItsType(t *testing.T) {
	e := &ledger.Error{Code: ledger.ErrUnbalanced, Draft: -1, Line: 2}
	all := ledger.Faults{e, {Code: ledger.ErrAmountZero, Draft: -1, Line: -1}}
	for _, err := range []error{e, all, errors.Join(errors.New("other"), all)} {
		if !errors.Is(err, ledger.ErrUnbalanced) || errors.Is(err, ledger.ErrOverflow) {
			t.Errorf("%v: errors.Is does not tell the codes apart", err)
		}
		if found, ok := errors.AsType[*ledger.Error](err); !ok || found.Line != 2 {
			t.Errorf("%v: errors.As finds %v", err, found)
		}
	}
	if ledger.ErrUnbalanced.Error() != "ledger: unbalanced" {
		t.Error(ledger.ErrUnbalanced.Error())
	}
}
