package voucher

import (
	"fmt"
	"slices"
)

// The rules of the workflow are values and functions without a database. The commands and Verify both apply them, so that the two cannot drift apart.

// rule is what an action needs and does.
type rule struct {
	from []State // the states in which it may be taken
	to   State   // the state after it; empty leaves it
	duty Duty    // in which the person acts; empty for sending back and withdrawing
}

var rules = map[Action]rule{
	ActionPrepare:     {to: Drafted, duty: Preparer},
	ActionRevise:      {from: []State{Drafted, SentBack}, to: Drafted, duty: Preparer},
	ActionReview:      {from: []State{Drafted}, to: Reviewed, duty: Reviewer},
	ActionSignCashier: {from: []State{Reviewed, Posted}, duty: Cashier},
	ActionSignHead:    {from: []State{Reviewed, Posted}, duty: Head},
	ActionPost:        {from: []State{Reviewed}, to: Posted, duty: Bookkeeper},
	ActionSendBack:    {from: []State{Drafted, Reviewed}, to: SentBack},
	ActionWithdraw:    {from: []State{Drafted, SentBack}, to: Withdrawn},
}

// hand returns who did a duty in the current round: since the voucher was prepared, or last sent back.
func (v *Voucher) hand(duty Duty) string {
	switch duty {
	case Preparer:
		return v.Preparer
	case Reviewer:
		return v.Reviewer
	case Cashier:
		return v.Cashier
	case Head:
		return v.Head
	case Bookkeeper:
		return v.Bookkeeper
	}
	return ""
}

// stateFault refuses an action that is not for the voucher's state, or that was done.
func (v *Voucher) stateFault(action Action) *Fault {
	r := rules[action]
	if !slices.Contains(r.from, v.State) {
		return &Fault{Code: ErrState, Field: string(action), Detail: fmt.Sprintf("the voucher is %s, and the step is for one that is %s", v.State, listed(r.from)),
			Hint: nextHint[v.State]}
	}
	if action == ActionSignCashier && !v.Kind.MovesMoney() {
		return &Fault{Code: ErrState, Field: string(action), Detail: fmt.Sprintf("a %s moves no money", v.Kind), Hint: "leave the cashier's signature out"}
	}
	if action != ActionRevise && r.duty != "" && v.hand(r.duty) != "" {
		return &Fault{Code: ErrState, Field: string(action), Detail: fmt.Sprintf("%q has signed as %s already", v.hand(r.duty), r.duty), Hint: "nothing is left to do"}
	}
	return nil
}

var nextHint = map[State]string{
	Drafted: "have it reviewed first", Reviewed: "send it back first, or post it", Posted: "it is final; correct it by another voucher",
	SentBack: "have its preparer revise it", Withdrawn: "it is final; prepare another voucher",
}

// handsFault refuses a person who did a duty that must be in another hand. mayBeOne is the policy's.
func (v *Voucher) handsFault(action Action, by string, mayBeOne func(a, b Duty) bool) *Fault {
	duty := rules[action].duty
	switch {
	case action == ActionPrepare:
		return nil
	case action == ActionRevise && by != v.Preparer:
		return &Fault{Code: ErrNotPreparer, Field: string(action), Detail: fmt.Sprintf("prepared by %q, revised by %q", v.Preparer, by), Hint: "send it back to its preparer"}
	case action == ActionRevise:
		return nil
	case action == ActionSendBack && by == v.Preparer:
		return &Fault{Code: ErrOneHand, Field: string(action), Detail: fmt.Sprintf("%q prepared it", by), Hint: "revise or withdraw it, or have the reviewer send it back"}
	}
	for _, other := range duties {
		if duty != "" && other != duty && v.hand(other) == by && !mayBeOne(duty, other) {
			return &Fault{Code: ErrOneHand, Field: string(action), Detail: fmt.Sprintf("%q is %s of this voucher and cannot be its %s", by, other, duty),
				Hint: "have another person do it"}
		}
	}
	return nil
}

// allowedFault refuses a person whom the policy does not name for the duty.
func (p *Policy) allowedFault(v *Voucher, action Action, by string) *Fault {
	allowed := true
	switch action {
	case ActionSendBack:
		allowed = slices.ContainsFunc([]Duty{Reviewer, Cashier, Head, Bookkeeper}, func(d Duty) bool { return p.holds(by, d) })
	case ActionWithdraw:
		if by != v.Preparer && !slices.Contains(p.Staff[Head], by) {
			return &Fault{Code: ErrNotPreparer, Field: string(action), Detail: fmt.Sprintf("prepared by %q, withdrawn by %q", v.Preparer, by),
				Hint: "have its preparer withdraw it, or a head whom the policy names"}
		}
	default:
		allowed = p.holds(by, rules[action].duty)
	}
	if !allowed {
		return &Fault{Code: ErrNotAllowed, Field: string(action), Detail: fmt.Sprintf("%q does not hold the duty", by), Hint: "name the person in the policy's staff"}
	}
	return nil
}

// unsignedFault refuses to post what cashier or head must sign before.
func (p *Policy) unsignedFault(v *Voucher) *Fault {
	var missing []Duty
	if p.Cashier == BeforePosting && v.Kind.MovesMoney() && v.Cashier == "" {
		missing = append(missing, Cashier)
	}
	if p.Head == BeforePosting && v.Head == "" {
		missing = append(missing, Head)
	}
	if len(missing) == 0 {
		return nil
	}
	return &Fault{Code: ErrUnsigned, Field: string(ActionPost), Detail: "not signed by " + listed(missing), Hint: "have them sign before posting"}
}

// lateFault refuses a signature after posting where the policy wants it before.
func (p *Policy) lateFault(v *Voucher, action Action) *Fault {
	moment := p.Head
	if action == ActionSignCashier {
		moment = p.Cashier
	}
	if v.State != Posted || moment == AnyTime || (action != ActionSignCashier && action != ActionSignHead) {
		return nil
	}
	return &Fault{Code: ErrState, Field: string(action), Detail: "the voucher is posted, and the policy wants the signature before", Hint: nextHint[Posted]}
}

// take moves a voucher on by a step that no rule refuses, and completes the step with its place, state, content and hash.
func (v *Voucher) take(s *Step) error {
	s.No = v.Steps + 1
	s.State = v.State
	if to := rules[s.Action].to; to != "" {
		s.State = to
	}
	switch s.Action {
	case ActionPrepare:
		v.Preparer = s.By
	case ActionReview:
		v.Reviewer = s.By
	case ActionSignCashier:
		v.Cashier = s.By
	case ActionSignHead:
		v.Head = s.By
	case ActionPost:
		v.Bookkeeper = s.By
	case ActionSendBack:
		v.Reviewer, v.Cashier, v.Head = "", "", ""
	}
	if s.Action == ActionPrepare || s.Action == ActionRevise {
		v.Content, v.contentStep = s.Content, s.No
	}
	s.Content = v.Content
	var err error
	if s.Hash, err = hashStep(v.Book, v.No, s, v.History); err != nil {
		return err
	}
	v.State, v.Steps, v.Changed, v.History = s.State, s.No, s.On, s.Hash
	return nil
}
