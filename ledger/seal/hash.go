package seal

import "crypto/sha256"

// LeafHash is the hash of an entry in the book's log: SHA-256(0x00 ‖ header ‖ SHA-256(columns) ‖ linesRoot). The header ends where its CBOR ends and the
// rest has a fixed length, so no two records share what is hashed.
func LeafHash(encodedHeader, encodedColumns []byte, linesRoot Hash) Hash {
	columns := sha256.Sum256(encodedColumns)
	return LeafHashOf(encodedHeader, columns, linesRoot)
}

// LeafHashOf is LeafHash for who has only the hash of the columns, as the reader of a proof of one line has.
func LeafHashOf(encodedHeader []byte, columns, linesRoot Hash) Hash {
	buffer := make([]byte, 0, 1+len(encodedHeader)+2*sha256.Size)
	buffer = append(buffer, 0)
	buffer = append(buffer, encodedHeader...)
	buffer = append(buffer, columns[:]...)
	buffer = append(buffer, linesRoot[:]...)
	return sha256.Sum256(buffer)
}

// NodeHash joins two neighbouring subtrees: SHA-256(0x01 ‖ left ‖ right).
func NodeHash(left, right Hash) Hash {
	var buffer [1 + 2*sha256.Size]byte
	buffer[0] = 1
	copy(buffer[1:], left[:])
	copy(buffer[1+sha256.Size:], right[:])
	return sha256.Sum256(buffer[:])
}

// EmptyRoot is the root of a log, or of an entry, with nothing in it: SHA-256 of no bytes.
func EmptyRoot() Hash { return sha256.Sum256(nil) }
