package iso20022

import (
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/money"
)

// Limits bound what a reader takes; going over one is a bank.FaultLimit. A zero field means its default.
type Limits struct {
	Bytes         int64 // of the whole file; default 1 GiB
	Depth         int   // of nested elements; default 40 (the standard needs about 20)
	Tokens        int64 // tags, texts and comments of the file; default 200 million
	TokenBytes    int   // of one tag, text or comment; default 64 KiB
	Attributes    int   // of one element; default 32
	ElementTokens int   // of an entry without its details, of one detail, of one header element; default 20,000
	Entries       int   // of the file, booked or not; default 2 million
	Details       int   // of one entry; default 500,000
}

// Options of a reader. The zero value reads with the default limits.
type Options struct {
	File       string                    // the file's name in faults and sources
	Currencies map[string]money.Currency // currencies beside those of money.CurrencyOf, by code
	Limits     Limits
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Bytes: cmp.Or(l.Bytes, 1<<30), Depth: cmp.Or(l.Depth, 40), Tokens: cmp.Or(l.Tokens, 200_000_000), TokenBytes: cmp.Or(l.TokenBytes, 64<<10),
		Attributes: cmp.Or(l.Attributes, 32), ElementTokens: cmp.Or(l.ElementTokens, 20_000), Entries: cmp.Or(l.Entries, 2_000_000),
		Details: cmp.Or(l.Details, 500_000),
	}
}

func (o Options) currency(code string) (money.Currency, error) {
	if c, ok := o.Currencies[code]; ok {
		return c, nil
	}
	return money.CurrencyOf(code)
}

// messageName finds the name of an ISO 20022 message in a namespace: the standard's own (urn:iso:std:iso:20022:tech:xsd:camt.053.001.08) and those of
// national variants that carry the name.
var messageName = regexp.MustCompile(`([a-z]{4}\.\d{3}\.001\.\d{2})`)

// kind is a message that a reader takes.
type kind struct {
	prefix string // "camt.053.001."
	root   string // child of Document
	form   bank.Form
}

var (
	statementKind    = kind{"camt.053.001.", "BkToCstmrStmt", bank.StatementForm}
	notificationKind = kind{"camt.054.001.", "BkToCstmrDbtCdtNtfctn", bank.NotificationForm}
	answerKind       = kind{"pain.002.001.", "CstmrPmtStsRpt", ""}
)

// versions that are read: from first to last, both included.
func (k kind) versions() (first, last string) {
	if k == answerKind {
		return "03", "12"
	}
	return "02", "08"
}

// document walks to the message inside Document and calls body for its children, then reads to the end of the file. It returns the message's name.
func (s *scanner) document(kinds []kind, body func(k kind, name string) error) error {
	for {
		token, err := s.next()
		if errors.Is(err, io.EOF) {
			return &bank.Fault{Code: bank.FaultFormat, File: s.options.File, Line: s.in.line, Reason: "there is no Document element in the file",
				Hint: "give the XML file as the bank sent it"}
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "Document" {
			return s.message(start, kinds, body)
		}
	}
}

func (s *scanner) message(document xml.StartElement, kinds []kind, body func(k kind, name string) error) error {
	s.namespace = document.Name.Space
	name := messageName.FindString(s.namespace)
	at := slices.IndexFunc(kinds, func(k kind) bool { return name != "" && strings.HasPrefix(name, k.prefix) })
	if at < 0 {
		return s.wrongFormat(bank.Clip(s.namespace), "is not the namespace of "+wanted(kinds), hintFor(name))
	}
	k := kinds[at]
	if first, last := k.versions(); name < k.prefix+first || name > k.prefix+last {
		return s.wrongFormat(name, "is a version that is not read",
			"ask the bank for versions "+first+" to "+last+" of "+strings.TrimSuffix(k.prefix, ".001."))
	}
	found := 0
	err := s.children(func(start xml.StartElement) error {
		if s.nameOf(start.Name) != k.root {
			return s.skip()
		}
		if found++; found > 1 {
			return s.wrongFormat(k.root, "is there twice", "ask the bank for one message a file")
		}
		return body(k, name)
	})
	if err != nil {
		return err
	}
	if found == 0 {
		return s.wrongFormat("", "holds no "+k.root+", which its namespace promises", "ask the bank for a correct message")
	}
	return s.rest()
}

// rest reads what follows the Document, so that a broken end of the file is noticed.
func (s *scanner) rest() error {
	for {
		token, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok {
			if start.Name.Local == "Document" {
				return s.wrongFormat("", "a second Document follows the first", "give one message a file")
			}
			s.unread.count(s.path(false), s.line)
		}
	}
}

func (s *scanner) wrongFormat(text, reason, hint string) error {
	return &bank.Fault{Code: bank.FaultFormat, File: s.options.File, Line: s.line, Path: s.path(true), Text: text, Reason: reason, Hint: hint}
}

func wanted(kinds []kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = strings.TrimSuffix(k.prefix, ".001.")
	}
	return strings.Join(names, " or ")
}

func hintFor(name string) string {
	switch {
	case strings.HasPrefix(name, "camt.052"):
		return "this is an intraday report; ask the bank for the end-of-day statement, camt.053"
	case strings.HasPrefix(name, "camt.053"), strings.HasPrefix(name, "camt.054"):
		return "read it with Read"
	case strings.HasPrefix(name, "pain.002"):
		return "read it with ReadStatusReport"
	case strings.HasPrefix(name, "pain.001"):
		return "this is a payment file, not an answer of the bank"
	}
	return "give the XML file as the bank sent it"
}
