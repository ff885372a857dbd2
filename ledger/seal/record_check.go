package seal

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// The ranges of a record's fields. Encoders and DecodeHeader share them, so that what is sealed can be read and what is read could have been sealed.
// ledger.Draft.Check holds callers to narrower ones first and explains them in the caller's words.

func faultError(part string, faults []string) error {
	if len(faults) == 0 {
		return nil
	}
	return &FormatError{Part: part, Reason: strings.Join(faults, "; ")}
}

func (a *Assigned) faults() []string {
	var faults []string
	check := func(name string, value, least, most int64) {
		if value < least || value > most {
			faults = append(faults, fmt.Sprintf("%s %d is not in %d…%d", name, value, least, most))
		}
	}
	check("sequence number", a.Seq, 1, math.MaxInt64)
	check("recorded time", a.RecordedMicros, 0, math.MaxInt64)
	check("voucher number", a.VoucherNumber, 0, math.MaxInt64)
	check("line count", a.LineCount, 0, maxLineCount)
	check("first ordinal", a.FirstOrdinal, 0, math.MaxInt64-maxLineCount)
	check("first account", a.FirstAccount, 0, math.MaxInt32)
	return faults
}

func (d *Draft) faults() []string {
	var faults []string
	text := func(name, text string) {
		if fault := textFault(text); fault != "" {
			faults = append(faults, name+" "+fault)
		}
	}
	hash := func(name string, hash []byte) {
		if n := len(hash); n != 0 && n != sha256.Size {
			faults = append(faults, fmt.Sprintf("%s of %d bytes, neither none nor %d", name, n, sha256.Size))
		}
	}
	text("kind", d.Kind)
	text("key", d.Key)
	text("voucher type", d.VoucherType)
	text("description", d.Description)
	text("entered by", d.EnteredBy)
	text("approved by", d.ApprovedBy)
	text("source kind", d.Source.Kind)
	text("source id", d.Source.ID)
	hash("source hash", d.Source.Hash)
	text("transfer", d.Transfer)
	if d.Effective != 0 && !calendar.Date(d.Effective).Valid() {
		faults = append(faults, fmt.Sprintf("effective date %d is no day", d.Effective))
	}
	if d.Period != 0 && !calendar.Period(d.Period).Valid() {
		faults = append(faults, fmt.Sprintf("period %d is no period", d.Period))
	}
	if d.Reverses < 0 {
		faults = append(faults, fmt.Sprintf("reversed entry %d is below zero", d.Reverses))
	}
	if n := len(d.Attachments); n > maxArrayElements {
		faults = append(faults, fmt.Sprintf("%d attachments, at most %d are kept", n, maxArrayElements))
	}
	for i := range d.Attachments {
		if a := &d.Attachments[i]; textFault(a.Name) != "" || len(a.Hash) != 0 && len(a.Hash) != sha256.Size { // a name for the field is made only for a fault
			text(fmt.Sprintf("name of attachment %d", i+1), a.Name)
			hash(fmt.Sprintf("hash of attachment %d", i+1), a.Hash)
		}
	}
	if n := len(d.Metadata); n > maxMapPairs {
		faults = append(faults, fmt.Sprintf("%d pairs of metadata, at most %d are kept", n, maxMapPairs))
	}
	for key, value := range d.Metadata {
		if textFault(key) == "" && textFault(value) == "" {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(d.Metadata)) { // all of them, in an order
			text(fmt.Sprintf("metadata key %q", key), key)
			text(fmt.Sprintf("metadata of %q", key), d.Metadata[key])
		}
		break
	}
	return faults
}
