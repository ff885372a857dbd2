package voucher

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Duty is a duty in the accounting office (会计岗位) that signs vouchers.
type Duty string

// The duties, in the order in which they sign (会计基础工作规范 51(一), 53).
const (
	Preparer   Duty = "preparer"   // 填制人员
	Reviewer   Duty = "reviewer"   // 稽核人员
	Cashier    Duty = "cashier"    // 出纳人员: receipts and payments only
	Head       Duty = "head"       // 会计机构负责人（会计主管人员）
	Bookkeeper Duty = "bookkeeper" // 记账人员
)

var duties = []Duty{Preparer, Reviewer, Cashier, Head, Bookkeeper}

// Moment says when a signature must be there.
type Moment string

// The moments.
const (
	BeforePosting Moment = "before_posting" // a voucher without it is not posted
	AnyTime       Moment = "any_time"       // it may also follow after posting
)

// Numbering says which voucher type a draft gets that names none (凭证编号).
type Numbering string

// The ways of 会计基础工作规范 50.
const (
	OneSeries Numbering = "general" // 通用记账凭证: one series
	ByKind    Numbering = "by_kind" // 收款, 付款 and 转账凭证: three series
)

// Policy is whose hands may be one, who holds which duty, and what a voucher must have. It is data of the deployment.
type Policy struct {
	ID string // names the policy; required

	// MayBeOne lists pairs of duties that one person may do on the same voucher. All pairs are apart by default. Four never meet: preparer and reviewer; the cashier
	// and the reviewer, bookkeeper or head (会计基础工作规范 12, and 16, which keeps even relatives of the head from being cashier).
	MayBeOne [][2]Duty

	// Staff lists who holds a duty. Anybody may do a duty that is left out, and Config.Allow decides further.
	Staff map[Duty][]string

	Numbering        Numbering
	Cashier          Moment   // of receipts and payments
	Head             Moment   // of all vouchers
	WithoutOriginals []string // kinds of drafts that need neither source nor attachments: closing and correction (会计基础工作规范 51(四))
	SourceHash       bool     // whether the source must have its SHA-256 beside kind and id

	// MoneyAccounts are the first-level codes of the accounts of money (货币资金). They and the accounts below them decide the kind of a voucher.
	MoneyAccounts []string
}

// KindCorrection is the kind of drafts that put a wrong voucher right (更正错账).
const KindCorrection = "correction"

// DefaultPolicy keeps every duty in a hand of its own, wants all signatures before posting, and numbers in one series. Its accounts of money are those of the
// 社会保险基金会计制度 (财会〔2017〕28号): 库存现金, 收入户存款, 财政专户存款, 支出户存款, 国库存款, 归集户存款.
func DefaultPolicy() Policy {
	return Policy{
		ID: "default", Numbering: OneSeries, Cashier: BeforePosting, Head: BeforePosting, WithoutOriginals: []string{ledger.KindClosing, KindCorrection},
		SourceHash: true, MoneyAccounts: []string{"1001", "1002", "1003", "1004", "1005", "1006"},
	}
}

// never are the duties that no policy puts into one hand.
var never = [][2]Duty{{Preparer, Reviewer}, {Cashier, Reviewer}, {Cashier, Bookkeeper}, {Cashier, Head}}

func samePair(x, y [2]Duty) bool { return x == y || x == [2]Duty{y[1], y[0]} }

func neverOne(pair [2]Duty) bool {
	return slices.ContainsFunc(never, func(n [2]Duty) bool { return samePair(n, pair) })
}

func (p *Policy) mayBeOne(a, b Duty) bool {
	pair := [2]Duty{a, b}
	return !neverOne(pair) && slices.ContainsFunc(p.MayBeOne, func(allowed [2]Duty) bool { return samePair(allowed, pair) })
}

// holds reports whether a person may do a duty.
func (p *Policy) holds(person string, duty Duty) bool {
	staff, listed := p.Staff[duty]
	return !listed || slices.Contains(staff, person)
}

// faults finds what is wrong with a policy.
func (p *Policy) faults() Faults {
	var faults Faults
	add := func(field, detail, hint string) {
		faults.add(&Fault{Code: ErrPolicy, Field: field, Detail: detail, Hint: hint})
	}
	for _, pair := range p.MayBeOne {
		field := "may_be_one"
		switch {
		case !slices.Contains(duties, pair[0]) || !slices.Contains(duties, pair[1]) || pair[0] == pair[1]:
			add(field, fmt.Sprintf("%q and %q are no two duties", pair[0], pair[1]), "name two of "+listed(duties))
		case neverOne(pair):
			add(field, fmt.Sprintf("%s and %s are never one person", pair[0], pair[1]), "leave the pair out")
		}
	}
	for _, duty := range slices.Sorted(maps.Keys(p.Staff)) {
		if !slices.Contains(duties, duty) {
			add("staff", fmt.Sprintf("%q is no duty", duty), "name one of "+listed(duties))
		}
		if len(p.Staff[duty]) == 0 || slices.Contains(p.Staff[duty], "") {
			add("staff."+string(duty), "names nobody", "name its holders, or leave the duty out for anybody")
		}
	}
	if p.Numbering != OneSeries && p.Numbering != ByKind {
		add("numbering", fmt.Sprintf("%q", p.Numbering), "write general or by_kind")
	}
	for _, moment := range []struct {
		field string
		value Moment
	}{{"cashier", p.Cashier}, {"head", p.Head}} {
		if moment.value != BeforePosting && moment.value != AnyTime {
			add(moment.field, fmt.Sprintf("%q", moment.value), "write before_posting or any_time")
		}
	}
	if len(p.MoneyAccounts) == 0 || slices.Contains(p.MoneyAccounts, "") {
		add("money_accounts", "names no account", "name the first-level codes of the accounts of money")
	}
	return faults
}

func listed[T ~string](names []T) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return strings.Join(texts, ", ")
}

// ParsePolicy reads a policy from YAML. Fields that are left out are those of DefaultPolicy. All values are quoted texts; unknown fields, unquoted values and what
// Policy does not allow are refused. The error is Faults, each with file and line.
//
//	id: "county"
//	may_be_one: [["reviewer", "bookkeeper"]]
//	staff: {cashier: ["u21", "u22"]}
//	numbering: "by_kind"             # or "general"
//	cashier: "before_posting"        # or "any_time"
//	head: "any_time"
//	without_originals: ["closing", "correction"]
//	source_hash: "required"          # or "optional"
//	money_accounts: ["1001", "1002"]
func ParsePolicy(file string, data []byte) (Policy, error) {
	r := &policyReader{file: file, policy: DefaultPolicy(), lines: map[string]int{}}
	r.policy.ID = ""
	parsed, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, text := 1, err.Error()
		if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok {
			line, text = syntax.Token.Position.Line, syntax.Message
		}
		return Policy{}, Faults{{Code: ErrPolicy, File: file, Line: line, Detail: "no YAML: " + text, Hint: "mend the syntax"}}
	}
	if len(parsed.Docs) != 1 || parsed.Docs[0].Body == nil {
		return Policy{}, Faults{{Code: ErrPolicy, File: file, Line: 1, Detail: "not one document", Hint: "write one mapping"}}
	}
	r.document(parsed.Docs[0].Body)
	if r.policy.ID == "" {
		r.faults.add(&Fault{Code: ErrPolicy, File: file, Line: 1, Field: "id", Detail: "not given", Hint: "name the policy"})
	}
	for _, fault := range r.policy.faults() {
		field, _, _ := strings.Cut(fault.Field, ".")
		fault.File, fault.Line = file, max(r.lines[field], 1)
		r.faults.add(fault)
	}
	return r.policy, r.faults.err()
}

type policyReader struct {
	file   string
	policy Policy
	lines  map[string]int // of the fields
	faults Faults
}

func (r *policyReader) fault(node ast.Node, field, detail, hint string) {
	r.faults.add(&Fault{Code: ErrPolicy, File: r.file, Line: node.GetToken().Position.Line, Field: field, Detail: detail, Hint: hint})
}

func (r *policyReader) document(body ast.Node) {
	for key, value := range r.pairs(body, "the file") {
		r.lines[key] = value.GetToken().Position.Line
		switch p := &r.policy; key {
		case "id":
			p.ID = r.text(value, key)
		case "numbering":
			p.Numbering = Numbering(r.text(value, key))
		case "cashier":
			p.Cashier = Moment(r.text(value, key))
		case "head":
			p.Head = Moment(r.text(value, key))
		case "source_hash":
			text := r.text(value, key)
			p.SourceHash = text == "required"
			if text != "required" && text != "optional" {
				r.fault(value, key, fmt.Sprintf("%q", text), "write required or optional")
			}
		case "without_originals":
			p.WithoutOriginals = r.texts(value, key)
		case "money_accounts":
			p.MoneyAccounts = r.texts(value, key)
		case "may_be_one":
			for _, item := range r.items(value, key) {
				pair := r.texts(item, key)
				if len(pair) != 2 {
					r.fault(item, key, fmt.Sprintf("%d duties", len(pair)), "write pairs of duties")
					continue
				}
				p.MayBeOne = append(p.MayBeOne, [2]Duty{Duty(pair[0]), Duty(pair[1])})
			}
		case "staff":
			p.Staff = map[Duty][]string{}
			for duty, people := range r.pairs(value, key) {
				p.Staff[Duty(duty)] = r.texts(people, key+"."+duty)
			}
		default:
			r.fault(value, clipped(key), "no field of a policy", "remove it or mend its name")
		}
	}
}

// pairs yields the fields of a mapping in the order of the file and reports those that come twice.
func (r *policyReader) pairs(node ast.Node, field string) func(yield func(string, ast.Node) bool) {
	return func(yield func(string, ast.Node) bool) {
		mapping, ok := node.(ast.MapNode)
		if !ok {
			r.fault(node, field, "no mapping", "write fields with values")
			return
		}
		seen := map[string]bool{}
		for it := mapping.MapRange(); it.Next(); {
			key := it.Key().GetToken().Value
			if seen[key] {
				r.fault(it.Value(), clipped(key), "comes twice", "keep one")
				continue
			}
			seen[key] = true
			if !yield(key, it.Value()) {
				return
			}
		}
	}
}

func (r *policyReader) items(node ast.Node, field string) []ast.Node {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		r.fault(node, field, "no list", "write a list")
		return nil
	}
	return sequence.Values
}

func (r *policyReader) texts(node ast.Node, field string) []string {
	var out []string
	for _, item := range r.items(node, field) {
		out = append(out, r.text(item, field))
	}
	return out
}

func (r *policyReader) text(node ast.Node, field string) string {
	text, ok := node.(*ast.StringNode)
	if !ok || (text.Token.Type != token.DoubleQuoteType && text.Token.Type != token.SingleQuoteType) {
		r.fault(node, field, "no quoted text", "put it in double quotes")
		return ""
	}
	return text.Value
}
