package seal

import (
	"bytes"
	"fmt"
)

// The codec of headers over a general CBOR library, which accepts what is well formed and then writes it again to compare: the oracle of the one written by
// hand. The tags of the types of a record are for it.

type header struct {
	_        struct{} `cbor:",toarray"`
	Suite    uint64
	Assigned Assigned
	Draft    []byte
}

// OracleEncodeDraft writes the canonical bytes of a draft. Equal drafts have equal bytes. A draft that could not be read back is refused with a *FormatError that
// names all its faults.
func OracleEncodeDraft(d *Draft) ([]byte, error) {
	if err := faultError("draft", d.faults()); err != nil {
		return nil, err
	}
	out, err := encoder.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("seal: encode draft: %w", err)
	}
	return out, nil
}

// OracleEncodeHeader writes the canonical header of a record from the fields assigned and the bytes that EncodeDraft gave. It returns a *FormatError when a
// field is out of its range.
func OracleEncodeHeader(a *Assigned, draft []byte) ([]byte, error) {
	if err := faultError("header", a.faults()); err != nil {
		return nil, err
	}
	out, err := encoder.Marshal(&header{Suite: SuiteSHA256, Assigned: *a, Draft: draft})
	if err != nil {
		return nil, fmt.Errorf("seal: encode header: %w", err)
	}
	return out, nil
}

// OracleDecodeHeader reads a header and returns it with its draft and the draft's bytes. It returns a *FormatError when the bytes are anything but the canonical
// form of what they hold, or when they hold what the encoders refuse.
func OracleDecodeHeader(encoded []byte) (Assigned, Draft, []byte, error) {
	var h header
	if err := decoder.Unmarshal(encoded, &h); err != nil {
		return Assigned{}, Draft{}, nil, &FormatError{Part: "header", Reason: err.Error()}
	}
	if h.Suite != SuiteSHA256 {
		return Assigned{}, Draft{}, nil, &FormatError{Part: "header", Reason: fmt.Sprintf("unknown suite %d", h.Suite)}
	}
	var d Draft
	if err := decoder.Unmarshal(h.Draft, &d); err != nil {
		return Assigned{}, Draft{}, nil, &FormatError{Part: "draft", Reason: err.Error()}
	}
	again, err := OracleEncodeDraft(&d)
	if err != nil {
		return Assigned{}, Draft{}, nil, err
	}
	if !bytes.Equal(again, h.Draft) {
		return Assigned{}, Draft{}, nil, &FormatError{Part: "draft", Reason: "not in canonical form"}
	}
	again, err = OracleEncodeHeader(&h.Assigned, h.Draft)
	if err != nil {
		return Assigned{}, Draft{}, nil, err
	}
	if !bytes.Equal(again, encoded) {
		return Assigned{}, Draft{}, nil, &FormatError{Part: "header", Reason: "not in canonical form"}
	}
	return h.Assigned, d, h.Draft, nil
}
