package ledgertest

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

// Bounds of texts in bytes, as the documentation of package ledger states them.
const (
	boundKey     = 128
	boundKind    = 64
	boundVoucher = 16
	boundName    = 256
	boundText    = 1024
	boundTag     = 64
)

var kindPattern = regexp.MustCompile(`^[a-z0-9._-]*$`)

// draftRefusals are the reasons that a draft shows without a book.
func draftRefusals(r *request, at int) []Refusal {
	var all []Refusal
	add := func(line int, code ledger.Code) {
		all = append(all, Refusal{Draft: r.place(at), Code: code, Line: line})
	}
	text := func(line int, text string, bound int) {
		if code := textCode(text, bound); code != "" {
			add(line, code)
		}
	}
	must := func(text string) {
		if text == "" {
			add(-1, ledger.ErrFieldMissing)
		}
	}
	hash := func(hash []byte) {
		if len(hash) != 0 && len(hash) != 32 {
			add(-1, ledger.ErrFieldInvalid)
		}
	}
	d := &r.draft
	must(d.Key)
	must(d.EnteredBy)
	text(-1, d.Key, boundKey)
	if strings.HasPrefix(d.Key, "ledger.") && !(r.own && (d.Kind == "ledger.realm.open" || d.Kind == "ledger.book.open" || d.Kind == "ledger.book.opened")) {
		add(-1, ledger.ErrFieldInvalid)
	}
	text(-1, d.Voucher, boundVoucher)
	text(-1, d.Source.Kind, boundKind)
	text(-1, d.Description, boundText)
	for _, name := range []string{d.EnteredBy, d.ApprovedBy, d.Transfer, d.Source.ID} {
		text(-1, name, boundName)
	}
	hash(d.Source.Hash)
	for _, a := range d.Attachments {
		must(a.Name)
		text(-1, a.Name, boundName)
		hash(a.Hash)
	}
	for key, value := range d.Metadata {
		text(-1, key, boundName)
		text(-1, value, boundText)
	}
	if len(d.Attachments) > ledger.MaxAttachments || len(d.Act) > ledger.MaxAct {
		add(-1, ledger.ErrFieldTooLong)
	}
	if len(d.Metadata) > ledger.MaxMetadata {
		add(-1, ledger.ErrFieldTooLong)
	}
	if len(d.Act) > 0 && len(d.Lines) > 0 {
		add(-1, ledger.ErrLinesRefused)
	}
	for _, code := range kindCodes(r) {
		add(-1, code)
	}
	for _, code := range dayCodes(d) {
		add(-1, code)
	}
	for i, line := range d.Lines {
		for _, code := range lineCodes(line) {
			add(i, code)
		}
		text(i, line.Code, boundName)
		text(i, line.Tag, boundTag)
	}
	return all
}

func textCode(text string, bound int) ledger.Code {
	switch {
	case len(text) > bound:
		return ledger.ErrFieldTooLong
	case !utf8.ValidString(text) || strings.Contains(text, "\x00"):
		return ledger.ErrFieldInvalid
	}
	return ""
}

func kindCodes(r *request) (codes []ledger.Code) {
	kind := r.draft.Kind
	switch {
	case kind == "" && len(r.draft.Lines) == 0:
		return []ledger.Code{ledger.ErrFieldMissing}
	case len(kind) > boundKind:
		return []ledger.Code{ledger.ErrFieldTooLong}
	}
	if !kindPattern.MatchString(kind) {
		codes = append(codes, ledger.ErrFieldInvalid)
	}
	if strings.HasPrefix(kind, "ledger.") && !r.own {
		codes = append(codes, ledger.ErrFieldInvalid)
	}
	return codes
}

func dayCodes(d *ledger.Draft) (codes []ledger.Code) {
	if d.Effective == 0 {
		codes = append(codes, ledger.ErrFieldMissing)
	} else if !d.Effective.Valid() {
		codes = append(codes, ledger.ErrFieldInvalid)
	}
	if d.Period != 0 && !d.Period.Valid() {
		codes = append(codes, ledger.ErrFieldInvalid)
	}
	return codes
}

func lineCodes(line ledger.Line) (codes []ledger.Code) {
	if line.Account == 0 && line.Code == "" {
		codes = append(codes, ledger.ErrFieldMissing)
	}
	if line.Account < 0 {
		codes = append(codes, ledger.ErrFieldInvalid)
	}
	if line.Side != 1 && line.Side != -1 {
		codes = append(codes, ledger.ErrFieldInvalid)
	}
	if line.Month != 0 && !line.Month.Valid() {
		codes = append(codes, ledger.ErrFieldInvalid)
	}
	if line.Amount == 0 {
		codes = append(codes, ledger.ErrAmountZero)
	}
	if line.Amount < money.MinAmount {
		codes = append(codes, ledger.ErrOverflow)
	}
	return codes
}

// nameRefusals are the reasons of codes and names of realms and books, which must be given.
func nameRefusals(texts ...string) (all []Refusal) {
	for _, text := range texts {
		if text == "" {
			all = append(all, one(ledger.ErrFieldMissing)...)
		}
		if code := textCode(text, boundName); code != "" {
			all = append(all, one(code)...)
		}
	}
	return all
}
