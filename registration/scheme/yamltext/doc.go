// Package yamltext reads a YAML document as a tree of exact texts.
//
// Parameters of law and published cases are decimals. A YAML decoder that types them reads 0.10 as a float and 010 as an octal number; here every
// scalar keeps the characters it was written with, whether it was quoted, and the line it stands on, so that a loader can refuse a bare number and a
// fault can name its place. The parser is github.com/goccy/go-yaml; JSON, being YAML, reads the same way.
//
// Only plain trees are read: one document, text keys, no anchors, aliases, tags or merge keys, and no key twice in one mapping.
package yamltext
