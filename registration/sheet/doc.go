// Package sheet encodes many rows of facts as one canonical sequence of bytes, column by column, so that a single hash in a ledger entry seals them all: the
// enrolments of a file, the lines of a declaration, a month's assessments, a payment run.
//
// # Encoding
//
// A sheet is a header and parts of at most PartRows rows. Its hash is the SHA-256 of all of them, one after another; a store may keep the parts in rows of
// their own. Numbers in the encoding are varints as in encoding/binary, signed ones zigzag.
//
//	header  "fundledger sheet 1\n", title, number of rows, number of columns, then for each column its kind (one byte) and name
//	part    the columns in their order:
//	  ints (1)     each value as the signed difference to the one before, the first of a part to zero
//	  texts (2)    runs of equal texts: the text, then how many rows have it
//	  digests (3)  16 bytes each
//
// A text is its length in bytes and its bytes. One sheet has one encoding: Read takes no other.
package sheet
