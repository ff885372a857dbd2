package seal

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
)

// The major types of CBOR that headers and drafts use (ENCODING.md, section 4).
const (
	cborUnsigned = 0 << 5
	cborBytes    = 2 << 5
	cborText     = 3 << 5
	cborArray    = 4 << 5
	cborMap      = 5 << 5
)

// The number of fields of each array.
const (
	headerFields     = 3
	assignedFields   = 6
	draftFields      = 14
	sourceFields     = 3
	attachmentFields = 2
)

// appendHead writes a type with its number or length in the shortest form.
func appendHead(out []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(out, major|byte(n))
	case n < 1<<8:
		return append(out, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(out, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(out, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(out, major|27), n)
}

func appendText(out []byte, text string) []byte {
	return append(appendHead(out, cborText, uint64(len(text))), text...)
}

func appendBytes(out, content []byte) []byte {
	return append(appendHead(out, cborBytes, uint64(len(content))), content...)
}

// appendDraft writes a draft whose fields are in range.
func appendDraft(out []byte, d *Draft) []byte {
	out = appendHead(out, cborArray, draftFields)
	out = appendText(out, d.Kind)
	out = appendText(out, d.Key)
	out = appendHead(out, cborUnsigned, uint64(d.Effective))
	out = appendHead(out, cborUnsigned, uint64(d.Period))
	out = appendText(out, d.VoucherType)
	out = appendText(out, d.Description)
	out = appendText(out, d.EnteredBy)
	out = appendText(out, d.ApprovedBy)
	out = appendHead(out, cborArray, sourceFields)
	out = appendText(out, d.Source.Kind)
	out = appendText(out, d.Source.ID)
	out = appendBytes(out, d.Source.Hash)
	out = appendHead(out, cborArray, uint64(len(d.Attachments)))
	for i := range d.Attachments {
		out = appendHead(out, cborArray, attachmentFields)
		out = appendText(out, d.Attachments[i].Name)
		out = appendBytes(out, d.Attachments[i].Hash)
	}
	out = appendText(out, d.Transfer)
	out = appendHead(out, cborUnsigned, uint64(d.Reverses))
	out = appendMetadata(out, d.Metadata)
	return appendBytes(out, d.Act)
}

func appendMetadata(out []byte, metadata map[string]string) []byte {
	out = appendHead(out, cborMap, uint64(len(metadata)))
	if len(metadata) == 0 {
		return out
	}
	for _, key := range slices.SortedFunc(maps.Keys(metadata), compareKeys) {
		out = appendText(out, key)
		out = appendText(out, metadata[key])
	}
	return out
}

// compareKeys gives the order of the keys' encodings: their length stands first in them.
func compareKeys(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// appendHeader writes a header whose assigned fields are in range.
func appendHeader(out []byte, a *Assigned, draft []byte) []byte {
	out = appendHead(out, cborArray, headerFields)
	out = appendHead(out, cborUnsigned, SuiteSHA256)
	out = appendHead(out, cborArray, assignedFields)
	for _, n := range [assignedFields]int64{a.Seq, a.RecordedMicros, a.VoucherNumber, a.FirstOrdinal, a.LineCount, a.FirstAccount} {
		out = appendHead(out, cborUnsigned, uint64(n))
	}
	return appendBytes(out, draft)
}
