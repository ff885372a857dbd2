package accounts

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Position is the place of a record in its data file.
type Position struct {
	File string
	Line int
}

// String writes file:line.
func (p Position) String() string { return p.File + ":" + strconv.Itoa(p.Line) }

// FaultCode is a stable code for a kind of fault in a data file.
type FaultCode string

// The kinds of fault.
const (
	FaultSyntax     FaultCode = "syntax"
	FaultUnknown    FaultCode = "unknown_field"
	FaultUnquoted   FaultCode = "unquoted"
	FaultShape      FaultCode = "wrong_shape"
	FaultValue      FaultCode = "bad_value"
	FaultMissing    FaultCode = "missing"
	FaultDuplicate  FaultCode = "duplicate"
	FaultOverlap    FaultCode = "overlapping_validity"
	FaultDangling   FaultCode = "dangling_reference"
	FaultFormula    FaultCode = "formula"
	FaultForbidden  FaultCode = "forbidden_change"
	FaultIncomplete FaultCode = "incomplete"
)

// Fault is one fault of a data file.
type Fault struct {
	Position
	Code FaultCode
	Text string // what is wrong
	Fix  string // what to do
}

func (f Fault) Error() string {
	return fmt.Sprintf("accounts: %s: [%s] %s; %s", f.Position, f.Code, f.Text, f.Fix)
}

// Faults are all faults of the files of one load, in the order of files and lines. Get them with errors.As.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.Is and errors.As each fault.
func (f Faults) Unwrap() []error {
	out := make([]error, len(f))
	for i := range f {
		out[i] = f[i]
	}
	return out
}

func (f *Faults) add(at Position, code FaultCode, text, fix string) {
	*f = append(*f, Fault{Position: at, Code: code, Text: text, Fix: fix})
}

func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	return f
}

func quote(s string) string { return strconv.Quote(s) }

// reader decodes one YAML file strictly: only quoted text, only known fields, every record with its position. Numbers and truth values are quoted text
// too, so that no figure ever passes through a binary fraction or a guess about its type.
type reader struct {
	file   string
	faults *Faults
}

// readFile decodes data into the struct that into points to and adds every fault it finds.
func readFile(file string, data []byte, into any, faults *Faults) {
	r := &reader{file: file, faults: faults}
	parsed, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return
	}
	for i, doc := range parsed.Docs {
		if i > 0 {
			r.fault(doc, FaultSyntax, "the file holds a second document", "keep one document a file")
			return
		}
		if doc.Body != nil {
			r.value(doc.Body, reflect.ValueOf(into).Elem(), "the file")
		}
	}
}

func (r *reader) syntax(err error) {
	at := Position{File: r.file, Line: 1}
	text := err.Error()
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) {
		at.Line, text = syntax.Token.Position.Line, syntax.Message
	}
	r.faults.add(at, FaultSyntax, "the file is no YAML: "+text, "mend the syntax")
}

func (r *reader) at(node ast.Node) Position {
	return Position{File: r.file, Line: node.GetToken().Position.Line}
}

func (r *reader) fault(node ast.Node, code FaultCode, text, fix string) {
	r.faults.add(r.at(node), code, text, fix)
}

func (r *reader) value(node ast.Node, target reflect.Value, path string) {
	switch node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.fault(node, FaultShape, path+" uses an anchor, an alias or a tag", "write the value itself")
		return
	}
	switch target.Kind() {
	case reflect.Struct:
		r.structure(node, target, path)
	case reflect.Slice:
		r.list(node, target, path)
	case reflect.Map:
		r.mapping(node, target, path)
	default:
		r.scalar(node, target, path)
	}
}

func (r *reader) list(node ast.Node, target reflect.Value, path string) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		r.fault(node, FaultShape, path+" is no list", "write a list")
		return
	}
	out := reflect.MakeSlice(target.Type(), len(sequence.Values), len(sequence.Values))
	for i, item := range sequence.Values {
		r.value(item, out.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
	target.Set(out)
}

func (r *reader) mapping(node ast.Node, target reflect.Value, path string) {
	out := reflect.MakeMap(target.Type())
	for key, value := range r.pairs(node, path) {
		element := reflect.New(target.Type().Elem()).Elem()
		r.value(value, element, path+"."+key)
		out.SetMapIndex(reflect.ValueOf(key).Convert(target.Type().Key()), element)
	}
	target.Set(out)
}

func (r *reader) structure(node ast.Node, target reflect.Value, path string) {
	fields := map[string]reflect.Value{}
	required := map[string]bool{}
	collectFields(target, fields, required)
	if at := target.FieldByName("Position"); at.IsValid() {
		at.Set(reflect.ValueOf(r.at(node)))
	}
	for key, value := range r.pairs(node, path) {
		field, known := fields[key]
		if !known {
			r.fault(value, FaultUnknown, fmt.Sprintf("%s has a field %q", path, key), "remove it or mend its name")
			continue
		}
		delete(required, key)
		r.value(value, field, path+"."+key)
	}
	for _, key := range slices.Sorted(maps.Keys(required)) {
		r.fault(node, FaultMissing, fmt.Sprintf("%s has no field %q", path, key), "add it")
	}
}

func collectFields(target reflect.Value, fields map[string]reflect.Value, required map[string]bool) {
	for i := range target.NumField() {
		name, option, _ := strings.Cut(target.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			collectFields(target.Field(i), fields, required)
		case name != "":
			fields[name] = target.Field(i)
			if option == "required" {
				required[name] = true
			}
		}
	}
}

// pairs yields the keys and values of a mapping in file order and reports keys that come twice.
func (r *reader) pairs(node ast.Node, path string) func(yield func(string, ast.Node) bool) {
	return func(yield func(string, ast.Node) bool) {
		mapping, ok := node.(ast.MapNode)
		if !ok {
			r.fault(node, FaultShape, path+" is no mapping", "write fields with values")
			return
		}
		seen := map[string]bool{}
		for it := mapping.MapRange(); it.Next(); {
			key := it.Key().GetToken().Value
			if seen[key] {
				r.fault(it.Value(), FaultDuplicate, fmt.Sprintf("%s has the field %q twice", path, key), "keep one")
				continue
			}
			seen[key] = true
			if !yield(key, it.Value()) {
				return
			}
		}
	}
}

func (r *reader) scalar(node ast.Node, target reflect.Value, path string) {
	text, ok := node.(*ast.StringNode)
	if !ok || (text.Token.Type != token.DoubleQuoteType && text.Token.Type != token.SingleQuoteType) {
		if _, isScalar := node.(ast.ScalarNode); isScalar {
			r.fault(node, FaultUnquoted, fmt.Sprintf("%s is the unquoted value %s", path, node.String()), "put it in double quotes")
		} else {
			r.fault(node, FaultShape, path+" is no text", "write a quoted text")
		}
		return
	}
	switch target.Interface().(type) {
	case calendar.Date:
		if date, err := calendar.ParseDate(text.Value); err == nil {
			target.Set(reflect.ValueOf(date))
		} else if text.Value != "" {
			r.fault(node, FaultValue, fmt.Sprintf("%s is %q, which is no date", path, text.Value), "write yyyy-mm-dd")
		}
	case bool:
		if text.Value != "true" {
			r.fault(node, FaultValue, fmt.Sprintf("%s is %q", path, text.Value), "write \"true\" or leave the field out")
		}
		target.SetBool(true)
	case int:
		number, err := strconv.Atoi(text.Value)
		if err != nil || number < 0 || strconv.Itoa(number) != text.Value {
			r.fault(node, FaultValue, fmt.Sprintf("%s is %q, which is no whole number", path, text.Value), "write digits")
			return
		}
		target.SetInt(int64(number))
	default:
		target.SetString(text.Value)
	}
}
