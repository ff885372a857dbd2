package iso20022

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/shopspring/decimal"
)

// StatusReport is a pain.002: the bank's answer to one payment file, as a whole, by batch and by order. Levels the bank leaves out are empty.
type StatusReport struct {
	Name            string // such as pain.002.001.10
	ID              string // the bank's identification of the answer
	Created         string // as written
	OriginalID      string // PaymentFile.ID
	OriginalMessage string // such as pain.001.001.09
	Stated          Control
	Answer
	Batches []BatchAnswer
	Unread  []Unread
	Source  bank.Source
}

// BatchAnswer is the answer to one PaymentBatch.
type BatchAnswer struct {
	PaymentInformation string // PaymentBatch.ID
	Stated             Control
	Answer
	Orders []OrderAnswer
	Source bank.Source
}

// OrderAnswer is the answer to one PaymentOrder.
type OrderAnswer struct {
	EndToEnd      string // PaymentOrder.EndToEnd
	Instruction   string
	StatusID      string // the bank's identification of this answer
	BankReference string
	Answer
	Source bank.Source
}

// Answer is a status with its reasons.
type Answer struct {
	Status  Status
	Reasons []Reason
}

// Control is what the bank says it received: number of orders and sum of their figures.
type Control struct {
	Count    int64
	HasCount bool
	Sum      decimal.Decimal
	HasSum   bool
}

// Reason says why an order has its status, most of all why it was rejected.
type Reason struct {
	Code        string // external status reason code such as AC01 (account number wrong), AC04 (account closed), AM04 (funds lacking), or the bank's own
	Proprietary bool   // Code is the bank's own
	Text        []string
}

// Status is an ISO 20022 payment status code. Codes this package does not know are kept; their Outcome is Unknown.
type Status string

// Outcome is what a status means for the order.
type Outcome string

// The outcomes.
const (
	Settled  Outcome = "settled"  // ACSC, ACCC: booked at the debtor's or the creditor's bank
	Accepted Outcome = "accepted" // ACTC, ACCP, ACFC, ACSP, ACWC, ACWP: checked, money not yet moved for certain
	Pending  Outcome = "pending"  // RCVD, PDNG, PATC: no decision yet
	Partly   Outcome = "partly"   // PART: some orders below are accepted, others not
	Rejected Outcome = "rejected" // RJCT, CANC: not carried out
	Unknown  Outcome = "unknown"  // another code, or no answer
)

// Outcome classes the status.
func (s Status) Outcome() Outcome {
	switch s {
	case "ACSC", "ACCC":
		return Settled
	case "ACTC", "ACCP", "ACFC", "ACSP", "ACWC", "ACWP":
		return Accepted
	case "RCVD", "PDNG", "PATC":
		return Pending
	case "PART":
		return Partly
	case "RJCT", "CANC":
		return Rejected
	}
	return Unknown
}

// ReadStatusReport reads a pain.002 of versions 03 to 12. When the file has any fault it returns *bank.Faults with all of them and no report.
func ReadStatusReport(ctx context.Context, source io.Reader, options Options) (*StatusReport, error) {
	var faults bank.Faults
	s, fault := newScanner(ctx, source, options)
	if fault != nil {
		faults.Add(fault)
		return nil, &faults
	}
	r := &reportWalk{scanner: s, report: &StatusReport{Source: bank.Source{File: options.File, Line: 1}}}
	err := s.document([]kind{answerKind}, func(_ kind, name string) error {
		r.report.Name = name
		return s.children(r.child)
	})
	if err == nil && r.report.OriginalID == "" {
		s.fault(nil, bank.FaultMissing, "", "the answer does not name the file it answers (OrgnlMsgId)", "ask the bank for a correct message")
	}
	faults = s.faults
	if err != nil {
		faults.Add(err.(*bank.Fault)) //nolint:errorlint // the scanner returns nothing else
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	r.report.Unread = s.unread.list
	return r.report, nil
}

type reportWalk struct {
	*scanner
	report *StatusReport
	orders int
}

func (r *reportWalk) child(start xml.StartElement) error {
	name := r.nameOf(start.Name)
	if name == "OrgnlPmtInfAndSts" {
		return r.batch()
	}
	if name != "GrpHdr" && name != "OrgnlGrpInfAndSts" {
		return r.skip()
	}
	n, err := r.small(start)
	if err != nil {
		return err
	}
	if name == "GrpHdr" {
		r.report.ID, r.report.Created = n.value("MsgId"), n.value("CreDtTm")
	} else {
		r.report.OriginalID, r.report.OriginalMessage = n.value("OrgnlMsgId"), n.value("OrgnlMsgNmId")
		r.report.Stated = r.control(n)
		r.report.Answer = r.answer(n, "GrpSts")
	}
	r.countUnread(n)
	return nil
}

func (r *reportWalk) small(start xml.StartElement) (*node, error) {
	r.budget = r.options.Limits.ElementTokens
	n, err := r.tree(start, nil)
	if err == nil {
		n.read = true
	}
	return n, err
}

// batch reads an OrgnlPmtInfAndSts whose start was just returned.
func (r *reportWalk) batch() error {
	own := r.openNode()
	own.read = true
	b := BatchAnswer{Source: r.sourceOf(own)}
	left := r.options.Limits.ElementTokens
	err := r.children(func(start xml.StartElement) error {
		if r.nameOf(start.Name) == "TxInfAndSts" {
			return r.order(start, &b)
		}
		r.budget = left
		child, err := r.tree(start, own)
		left = r.budget
		if err == nil {
			own.children = append(own.children, child)
		}
		return err
	})
	if err != nil {
		return err
	}
	b.PaymentInformation = own.value("OrgnlPmtInfId")
	b.Stated, b.Answer = r.control(own), r.answer(own, "PmtInfSts")
	r.countUnread(own)
	r.report.Batches = append(r.report.Batches, b)
	return nil
}

func (r *reportWalk) order(start xml.StartElement, b *BatchAnswer) error {
	if r.orders++; r.orders > r.options.Limits.Entries {
		return limitFault(r.options.File, r.line, "the file has more than", int64(r.options.Limits.Entries), "answers")
	}
	n, err := r.small(start)
	if err != nil {
		return err
	}
	o := OrderAnswer{EndToEnd: n.value("OrgnlEndToEndId"), Instruction: n.value("OrgnlInstrId"), StatusID: n.value("StsId"),
		BankReference: n.value("AcctSvcrRef"), Answer: r.answer(n, "TxSts"), Source: r.sourceOf(n)}
	if o.EndToEnd == "" && o.Instruction == "" {
		r.fault(n, bank.FaultMissing, "", "an answer names no order (neither OrgnlEndToEndId nor OrgnlInstrId)", "ask the bank for a correct message")
	}
	b.Orders = append(b.Orders, o)
	r.countUnread(n)
	return nil
}

func (s *scanner) sourceOf(n *node) bank.Source {
	return bank.Source{File: s.options.File, Line: n.line, Path: s.pathOf(n, true)}
}

// answer reads a status and its reasons.
func (r *reportWalk) answer(n *node, name string) Answer {
	var a Answer
	if status := r.single(n, name); status != nil {
		status.taken = true
		a.Status = Status(status.text)
	}
	for _, info := range n.all("StsRsnInf") {
		reason := Reason{Code: info.value("Rsn", "Cd")}
		if reason.Code == "" {
			reason.Code = info.value("Rsn", "Prtry")
			reason.Proprietary = reason.Code != ""
		}
		for _, text := range info.all("AddtlInf") {
			text.taken = true
			reason.Text = append(reason.Text, text.text)
		}
		a.Reasons = append(a.Reasons, reason)
	}
	return a
}

// control reads OrgnlNbOfTxs and OrgnlCtrlSum.
func (r *reportWalk) control(n *node) Control {
	var c Control
	if count := r.single(n, "OrgnlNbOfTxs"); count != nil {
		c.Count, c.HasCount = r.number(count)
	}
	if sum := r.single(n, "OrgnlCtrlSum"); sum != nil {
		sum.taken = true
		d, err := money.ParseDecimal(xsDecimal(sum.text))
		if err != nil {
			r.fault(sum, bank.FaultAmount, sum.text, "is no decimal number", "ask the bank for a correct message")
			return c
		}
		c.Sum, c.HasSum = d, true
	}
	return c
}

// OrderStatus is what an answer means for one order of the file that was sent.
type OrderStatus struct {
	Batch, Order int // indexes into PaymentFile.Batches and their Orders
	Outcome      Outcome
	Status       Status
	Reasons      []Reason
	Level        string // where the status was found: order, batch, file, or nothing when the bank has not answered
}

// Apply lays the answer beside the file that was sent. It returns one status for each order, in the order of the file: its own where the bank gives one,
// else that of its batch, else that of the file. A status that only says "some of them" (PART) answers nothing below it, so such an order is Unknown until
// the bank names it. Discrepancies tell of an answer to another file, of batches and orders that were not sent, and of counts and sums that are not ours.
// When the answer is for another file no status is returned.
func (r *StatusReport) Apply(file *bank.PaymentFile) ([]OrderStatus, []*bank.Discrepancy) {
	if r.OriginalID != file.ID {
		return nil, []*bank.Discrepancy{r.unknown(r.Source, fmt.Sprintf("the bank answers file %q, not %q", bank.Clip(r.OriginalID), file.ID))}
	}
	a := newApplication(r, file)
	a.compare("the file", r.Stated, file.Count(), fileSum(file), r.Source)
	for i := range r.Batches {
		a.batch(&r.Batches[i])
	}
	return a.statuses, a.found
}

func (r *StatusReport) unknown(source bank.Source, text string) *bank.Discrepancy {
	return &bank.Discrepancy{Code: bank.UnknownOrder, Statement: r.ID, Source: source, Text: text}
}

func fileSum(file *bank.PaymentFile) decimal.Decimal {
	var sum decimal.Decimal
	for _, b := range file.Batches {
		sum = sum.Add(batchSum(b))
	}
	return sum
}

// application is an answer being laid beside its file.
type application struct {
	report   *StatusReport
	file     *bank.PaymentFile
	statuses []OrderStatus
	batches  map[string]int // batch ID → index
	first    []int          // batch index → index of its first order in statuses
	byEnd    map[string]int // EndToEnd → index in statuses
	byInstr  map[string]int // batch index and Instruction → index in statuses, for banks that answer with it alone
	found    []*bank.Discrepancy
}

func newApplication(r *StatusReport, file *bank.PaymentFile) *application {
	a := &application{report: r, file: file, batches: map[string]int{}, byEnd: map[string]int{}, byInstr: map[string]int{}}
	for i, b := range file.Batches {
		a.batches[b.ID] = i
		a.first = append(a.first, len(a.statuses))
		for j, o := range b.Orders {
			a.byEnd[o.EndToEnd] = len(a.statuses)
			if o.Instruction != "" {
				a.byInstr[fmt.Sprint(i, " ", o.Instruction)] = len(a.statuses)
			}
			s := OrderStatus{Batch: i, Order: j, Outcome: Unknown}
			s.take(r.Answer, "file")
			a.statuses = append(a.statuses, s)
		}
	}
	return a
}

// take sets the status unless the answer says nothing about a single order.
func (s *OrderStatus) take(answer Answer, level string) {
	if answer.Status == "" {
		return
	}
	outcome := answer.Status.Outcome()
	if outcome == Partly {
		*s = OrderStatus{Batch: s.Batch, Order: s.Order, Outcome: Unknown}
		return
	}
	s.Outcome, s.Status, s.Reasons, s.Level = outcome, answer.Status, answer.Reasons, level
}

func (a *application) batch(b *BatchAnswer) {
	i, known := a.batches[b.PaymentInformation]
	if !known {
		a.found = append(a.found, a.report.unknown(b.Source, fmt.Sprintf("the bank answers batch %q, which was not sent", bank.Clip(b.PaymentInformation))))
		return
	}
	sent := a.file.Batches[i]
	a.compare("batch "+sent.ID, b.Stated, len(sent.Orders), batchSum(sent), b.Source)
	for j := range sent.Orders {
		a.statuses[a.first[i]+j].take(b.Answer, "batch")
	}
	for _, o := range b.Orders {
		at, known := a.byEnd[o.EndToEnd]
		if o.EndToEnd == "" {
			at, known = a.byInstr[fmt.Sprint(i, " ", o.Instruction)]
		}
		if !known || a.statuses[at].Batch != i {
			a.found = append(a.found, a.report.unknown(o.Source, fmt.Sprintf("the bank answers order %q, which was not sent in this batch",
				bank.Clip(o.EndToEnd+o.Instruction))))
			continue
		}
		a.statuses[at].take(o.Answer, "order")
	}
}

// compare lays the count and sum that the bank states beside ours.
func (a *application) compare(what string, stated Control, count int, sum decimal.Decimal, source bank.Source) {
	if stated.HasCount && stated.Count != int64(count) {
		a.found = append(a.found, &bank.Discrepancy{Code: bank.CountsDiffer, Statement: a.report.ID, Source: source,
			Sum: money.Amount(int64(count)), Closing: money.Amount(stated.Count), Difference: money.Amount(stated.Count - int64(count)),
			Text: "the bank's number of orders in " + what + " is not the number sent"})
	}
	if stated.HasSum && !stated.Sum.Equal(sum) {
		a.found = append(a.found, &bank.Discrepancy{Code: bank.SentDiffers, Statement: a.report.ID, Source: source,
			Text: fmt.Sprintf("the bank's control sum of %s is %s, sent was %s", what, stated.Sum, sum)})
	}
}
