package seal

import (
	"encoding/binary"
	"fmt"
	"math"
)

// cborReader takes each item in the one form that the writer gives it, so that what it has read need not be written again to be compared.
type cborReader struct {
	rest   []byte
	reason string // the first fault
}

func (r *cborReader) fail(reason string) {
	if r.reason == "" {
		r.reason = reason
	}
	r.rest = nil
}

// head reads the number or length of an item of the type.
func (r *cborReader) head(major byte) uint64 {
	if len(r.rest) == 0 {
		r.fail("cut")
		return 0
	}
	first := r.rest[0]
	if first&^31 != major {
		r.fail(fmt.Sprintf("type %d where type %d is due", first>>5, major>>5))
		return 0
	}
	n := uint64(first & 31)
	if n < 24 {
		r.rest = r.rest[1:]
		return n
	}
	if n > 27 {
		r.fail("an indefinite or reserved length")
		return 0
	}
	size := 1 << (n - 24)
	if len(r.rest) < 1+size {
		r.fail("cut in a number")
		return 0
	}
	var least uint64 // that needs so many bytes
	switch size {
	case 1:
		n, least = uint64(r.rest[1]), 24
	case 2:
		n, least = uint64(binary.BigEndian.Uint16(r.rest[1:])), 1<<8
	case 4:
		n, least = uint64(binary.BigEndian.Uint32(r.rest[1:])), 1<<16
	default:
		n, least = binary.BigEndian.Uint64(r.rest[1:]), 1<<32
	}
	if n < least {
		r.fail("a number that is not in its shortest form")
		return 0
	}
	r.rest = r.rest[1+size:]
	return n
}

// number reads a number up to most.
func (r *cborReader) number(most int64) int64 {
	n := r.head(cborUnsigned)
	if n > uint64(most) {
		r.fail(fmt.Sprintf("number %d, beyond %d", n, most))
		return 0
	}
	return int64(n)
}

// fields reads the head of an array of n items.
func (r *cborReader) fields(n uint64) {
	if got := r.head(cborArray); got != n && r.reason == "" {
		r.fail(fmt.Sprintf("an array of %d, not %d", got, n))
	}
}

// content reads the bytes of a string. They are shared with what is read.
func (r *cborReader) content(major byte) []byte {
	n := r.head(major)
	if n > uint64(len(r.rest)) {
		r.fail("cut in a string")
		return nil
	}
	content := r.rest[:n:n]
	r.rest = r.rest[n:]
	return content
}

func (r *cborReader) text() string { return string(r.content(cborText)) }

// count reads the head of an array or map of at most most items, of which each takes at least size bytes: a damaged count allocates no more than the bytes it
// came with.
func (r *cborReader) count(major byte, most, size uint64) int {
	n := r.head(major)
	if n > most || n*size > uint64(len(r.rest)) {
		r.fail(fmt.Sprintf("%d items, more than are kept or there are bytes for", n))
		return 0
	}
	return int(n)
}

func (r *cborReader) draft(d *Draft) {
	r.fields(draftFields)
	d.Kind, d.Key = r.text(), r.text()
	d.Effective, d.Period = int32(r.number(math.MaxInt32)), int32(r.number(math.MaxInt32))
	d.VoucherType, d.Description, d.EnteredBy, d.ApprovedBy = r.text(), r.text(), r.text(), r.text()
	r.fields(sourceFields)
	d.Source.Kind, d.Source.ID, d.Source.Hash = r.text(), r.text(), r.content(cborBytes)
	d.Attachments = make([]Attachment, r.count(cborArray, maxArrayElements, 1+attachmentFields))
	for i := range d.Attachments {
		r.fields(attachmentFields)
		d.Attachments[i].Name, d.Attachments[i].Hash = r.text(), r.content(cborBytes)
	}
	d.Transfer = r.text()
	d.Reverses = r.number(math.MaxInt64)
	r.metadata(d)
	d.Act = r.content(cborBytes)
	if len(r.rest) > 0 {
		r.fail("bytes behind it")
	}
}

func (r *cborReader) metadata(d *Draft) {
	pairs := r.count(cborMap, maxMapPairs, 2)
	d.Metadata = make(map[string]string, pairs)
	last := ""
	for i := range pairs {
		key, value := r.text(), r.text()
		if i > 0 && compareKeys(last, key) >= 0 {
			r.fail("metadata that is not in the order of its keys")
			return
		}
		d.Metadata[key], last = value, key
	}
}

func (r *cborReader) header(a *Assigned) (draft []byte) {
	r.fields(headerFields)
	if suite := r.head(cborUnsigned); suite != SuiteSHA256 && r.reason == "" {
		r.fail(fmt.Sprintf("unknown suite %d", suite))
	}
	r.fields(assignedFields)
	for _, field := range [assignedFields]*int64{&a.Seq, &a.RecordedMicros, &a.VoucherNumber, &a.FirstOrdinal, &a.LineCount, &a.FirstAccount} {
		*field = r.number(math.MaxInt64)
	}
	draft = r.content(cborBytes)
	if len(r.rest) > 0 {
		r.fail("bytes behind it")
	}
	return draft
}
