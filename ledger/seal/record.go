package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"reflect"

	"github.com/fxamacker/cbor/v2"
)

// SuiteSHA256 is the only suite so far: the layout of records that ENCODING.md gives, SHA-256 for hashes, Ed25519 for the signatures of checkpoints.
// Another layout or other algorithms, such as SM3 and SM2, get another number, and a book says in each record which one was used.
const SuiteSHA256 = 1

// Hash is a SHA-256 value.
type Hash [sha256.Size]byte

// Assigned holds what the ledger gave an entry when it accepted it.
type Assigned struct {
	_              struct{} `cbor:",toarray"`
	Seq            int64    // place of the entry in its book, from 1 without gaps; its leaf index is Seq − 1
	RecordedMicros int64    // when it was recorded, microseconds since 1970-01-01T00:00:00Z, never less than the entry before
	VoucherNumber  int64    // number within book, period and voucher type, from 1; 0 for none
	FirstOrdinal   int64    // ordinal in the book of the entry's first line
	LineCount      int64    // number of lines, which take the ordinals from FirstOrdinal on
	FirstAccount   int64    // number of the first account that an act opened, 0 if it opened none
}

// Source names what an entry comes from: a claim, a bank line, a sheet of assessments. Hash is the SHA-256 of its content, or empty.
type Source struct {
	_    struct{} `cbor:",toarray"`
	Kind string
	ID   string
	Hash []byte
}

// Attachment is a document that belongs to an entry's voucher.
type Attachment struct {
	_    struct{} `cbor:",toarray"`
	Name string
	Hash []byte // SHA-256 of the document
}

// Draft holds what the caller said, but for the lines. Dates are yyyymmdd, periods yyyypp, as in package calendar; zero is none.
type Draft struct {
	_           struct{} `cbor:",toarray"`
	Kind        string
	Key         string
	Effective   int32
	Period      int32
	VoucherType string
	Description string
	EnteredBy   string
	ApprovedBy  string
	Source      Source
	Attachments []Attachment
	Transfer    string
	Reverses    int64
	Metadata    map[string]string
	Act         []byte
}

// EncodeDraft writes the canonical bytes of a draft. Equal drafts have equal bytes. A draft that could not be read back is refused with a *FormatError that
// names all its faults.
func EncodeDraft(d *Draft) ([]byte, error) {
	if err := faultError("draft", d.faults()); err != nil {
		return nil, err
	}
	return appendDraft(make([]byte, 0, 128+len(d.Act)), d), nil
}

// EncodeHeader writes the canonical header of a record from the fields assigned and the bytes that EncodeDraft gave. It returns a *FormatError when a
// field is out of its range.
func EncodeHeader(a *Assigned, draft []byte) ([]byte, error) {
	if err := faultError("header", a.faults()); err != nil {
		return nil, err
	}
	return appendHeader(make([]byte, 0, 64+len(draft)), a, draft), nil
}

// DecodeHeader reads a header and returns it with its draft and the draft's bytes. It returns a *FormatError when the bytes are anything but the canonical
// form of what they hold, or when they hold what the encoders refuse. Byte strings of the result share the memory of encoded.
func DecodeHeader(encoded []byte) (Assigned, Draft, []byte, error) {
	var a Assigned
	var d Draft
	r := cborReader{rest: encoded}
	bytes := r.header(&a)
	if r.reason != "" {
		return Assigned{}, Draft{}, nil, &FormatError{Part: "header", Reason: r.reason}
	}
	r.rest = bytes
	if r.draft(&d); r.reason != "" {
		return Assigned{}, Draft{}, nil, &FormatError{Part: "draft", Reason: r.reason}
	}
	if err := faultError("draft", d.faults()); err != nil {
		return Assigned{}, Draft{}, nil, err
	}
	if err := faultError("header", a.faults()); err != nil {
		return Assigned{}, Draft{}, nil, err
	}
	return a, d, bytes, nil
}

// EncodeAct writes the content of an act as canonical CBOR. act is a value or pointer of a type that DecodeAct can read into; content that would not come
// back as the same bytes, such as text that is not UTF-8, is refused with a *FormatError.
func EncodeAct(act any) ([]byte, error) {
	out, err := encoder.Marshal(act)
	if err != nil {
		return nil, fmt.Errorf("seal: encode act: %w", err)
	}
	of := reflect.TypeOf(act)
	if of == nil {
		return nil, &FormatError{Part: "act", Reason: "nothing"}
	}
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if err := DecodeAct(out, reflect.New(of).Interface()); err != nil {
		return nil, err
	}
	return out, nil
}

// DecodeAct reads the content of an act into a pointer, as EncodeAct wrote it; it returns a *FormatError when the bytes are not the canonical form of what
// was read. What the pointer points to should be zero before, and must not be used after an error.
func DecodeAct(encoded []byte, act any) error {
	if err := decoder.Unmarshal(encoded, act); err != nil {
		return &FormatError{Part: "act", Reason: err.Error()}
	}
	again, err := encoder.Marshal(act)
	if err != nil || !bytes.Equal(again, encoded) {
		return &FormatError{Part: "act", Reason: "not in canonical form"}
	}
	return nil
}

// FormatError says that stored bytes are no canonical record, or that what was to be sealed has no place in one. Get it with errors.As.
type FormatError struct {
	Part   string // header, draft, act, lines, columns, frontier or tree
	Reason string
}

func (e *FormatError) Error() string { return fmt.Sprintf("seal: malformed %s: %s", e.Part, e.Reason) }

// The bounds of arrays and maps in headers and acts: attachments, metadata, the accounts that one act opens. The ledger allows fewer.
const (
	maxArrayElements = 1 << 20
	maxMapPairs      = 1 << 12
	maxNestedLevels  = 8
)

var encoder, decoder = modes()

func modes() (cbor.EncMode, cbor.DecMode) {
	options := cbor.CoreDetEncOptions()
	options.NilContainers = cbor.NilContainerAsEmpty
	options.Time = cbor.TimeRFC3339NanoUTC // acts only; the default cuts to seconds
	enc, err := options.EncMode()
	if err != nil {
		panic(err)
	}
	dec, err := cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels:  maxNestedLevels,
		MaxArrayElements: maxArrayElements,
		MaxMapPairs:      maxMapPairs,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		UTF8:             cbor.UTF8RejectInvalid,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return enc, dec
}
