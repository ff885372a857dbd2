// Package seal turns the entries of a book into canonical bytes and the bytes into one Merkle root, so that any change to any entry, or to their order
// or number, changes the root.
//
// ENCODING.md beside this file is the specification; testdata/vectors.json holds records with every byte and hash, for other programs to check
// themselves against. The log is that of RFC 6962 (SHA-256), compatible with golang.org/x/mod/sumdb/tlog. Nothing here knows a database.
package seal
