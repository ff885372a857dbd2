package ledger

import (
	"fmt"
)

// opening checks a list of accounts to be opened against one another and against those that are there.
type opening struct {
	head    *head
	specs   []AccountSpec
	present map[string]*Account // of the codes and parents named in specs
	acts    []accountAct
	faults  Faults
}

func (o *opening) add(i int, code Code, field, detail, hint string) {
	o.faults = append(o.faults, &Error{Code: code, Book: o.head.id, Draft: i, Line: -1, Field: field, Detail: detail, Hint: hint, listed: "account"})
}

// checkTexts finds the faults that would keep the list from being encoded.
func (o *opening) checkTexts() error {
	if o.head.first == 0 {
		o.add(-1, ErrLinesRefused, "accounts", "a register book takes acts only", "open them in a book of a fund")
	}
	if n := len(o.specs); n == 0 || n > MaxAccountsPerAct {
		o.add(-1, ErrFieldTooLong, "accounts", fmt.Sprintf("%d", n), fmt.Sprintf("open 1 to %d in one act", MaxAccountsPerAct))
		return o.faults.err()
	}
	for i, spec := range o.specs {
		check := draftCheck{draft: &Draft{}}
		check.required("code", spec.Code)
		check.text("code", spec.Code, MaxName)
		check.text("name", spec.Name, MaxName)
		check.text("parent", spec.Parent, MaxName)
		for _, f := range check.faults {
			f.Book, f.Draft, f.listed = o.head.id, i, "account"
		}
		o.faults = append(o.faults, check.faults...)
	}
	return o.faults.err()
}

func (o *opening) codes() []string {
	codes := make([]string, 0, len(o.specs))
	named := make(map[string]bool, len(o.specs))
	for _, spec := range o.specs {
		for _, code := range []string{spec.Code, spec.Parent} {
			if code != "" && !named[code] {
				named[code] = true
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// resolve fills in defaults and the numbers of parents. A parent within the list has the number that the list will get, or, when the act is asked for
// again, the number that it got.
func (o *opening) resolve() {
	inList := make(map[string]int, len(o.specs))
	o.acts = make([]accountAct, len(o.specs))
	for i, spec := range o.specs {
		act := accountAct{Code: spec.Code, Name: spec.Name, Type: spec.Type, Section: spec.Section, Class: spec.Class, NeverBelowZero: spec.NeverBelowZero}
		if act.Section == 0 {
			act.Section = General
		}
		if act.Class == 0 {
			act.Class = Detail
		}
		if parent, ok := o.present[spec.Parent]; ok {
			act.Parent = parent.No
		} else if at, ok := inList[spec.Parent]; ok {
			act.Parent = AccountNo(o.head.accounts) + 1 + AccountNo(at)
		}
		o.acts[i] = act
		if _, taken := inList[spec.Code]; !taken {
			inList[spec.Code] = i
		}
	}
}

// check finds every account of the list that cannot be opened.
func (o *opening) check() (Faults, error) {
	o.faults = nil
	seen := make(map[string]int, len(o.specs))
	for i := range o.specs {
		o.checkOne(i, seen)
		if _, ok := seen[o.specs[i].Code]; !ok {
			seen[o.specs[i].Code] = i
		}
	}
	return o.faults, nil
}

func (o *opening) checkOne(i int, seen map[string]int) {
	spec, act := o.specs[i], o.acts[i]
	if first, ok := seen[spec.Code]; ok {
		o.add(i, ErrAccountExists, spec.Code, fmt.Sprintf("account %d of the list has the same code", first+1), "give each account its own")
	} else if there, ok := o.present[spec.Code]; ok {
		o.add(i, ErrAccountExists, spec.Code, fmt.Sprintf("taken by account number %d", there.No), "choose another code")
	}
	if _, ok := typeNames[act.Type]; !ok {
		o.add(i, ErrFieldInvalid, spec.Code, fmt.Sprintf("type %d", act.Type), "use ledger.Asset, Liability, NetAssets, Income or Expense")
	}
	if _, ok := sectionNames[act.Section]; !ok {
		o.add(i, ErrFieldInvalid, spec.Code, fmt.Sprintf("section %d", act.Section), "use ledger.General or Memorandum")
	}
	if _, ok := classNames[act.Class]; !ok {
		o.add(i, ErrFieldInvalid, spec.Code, fmt.Sprintf("class %d", act.Class), "use ledger.Detail, Heading, Control or Member")
	}
	if act.NeverBelowZero && (act.Class == Heading || act.Class == Control) {
		o.add(i, ErrAccountClass, spec.Code, "a "+act.Class.String()+" takes no lines that could be limited", "limit the accounts below it")
	}
	o.checkParent(i, seen)
}

func (o *opening) checkParent(i int, seen map[string]int) {
	spec, act := o.specs[i], o.acts[i]
	if spec.Parent == "" {
		if act.Class == Member {
			o.add(i, ErrFieldMissing, spec.Code, "a member has no parent", "name its control account")
		}
		return
	}
	var parent accountAct
	if at, ok := seen[spec.Parent]; ok {
		parent = o.acts[at]
	} else if there, ok := o.present[spec.Parent]; ok {
		parent = accountAct{Type: there.Type, Section: there.Section, Class: there.Class}
		if there.Closed != 0 {
			o.add(i, ErrAccountClosed, spec.Code, "its parent "+spec.Parent+" is closed since "+there.Closed.String(), "choose another parent")
		}
	} else {
		o.add(i, ErrAccountUnknown, spec.Code, "no parent "+spec.Parent+" in the book or earlier in the list", "open the parent first")
		return
	}
	above := Heading
	if act.Class == Member {
		above = Control
	}
	if parent.Class != above {
		o.add(i, ErrAccountClass, spec.Code, fmt.Sprintf("a %s cannot stand under a %s", act.Class, parent.Class), fmt.Sprintf("put it under a %s", above))
	}
	if parent.Type != act.Type || parent.Section != act.Section {
		o.add(i, ErrAccountClass, spec.Code, fmt.Sprintf("%s %s under %s %s", act.Section, act.Type, parent.Section, parent.Type),
			"an account has the section and the type of the account above it")
	}
}
