// Package scheme holds the law as dated data: parameters (rates, amounts, tables) and the rules of a locality (待遇计发政策), each with its validity,
// its source and what is known about its certainty.
//
// A Catalogue is loaded from YAML files, those embedded here for China and those a deployer lays over them. Loading refuses what would make a figure
// doubtful later: a gap or an overlap in time, a value without a source, a number that is not quoted, a field nobody reads, two parameters of one id. All
// faults of all files are reported together, each with file, line and column.
//
// Time has two axes. A value is valid from a day to a day (both inclusive, the last value may be open), and it may be known only from a later day: a
// province publishes the year's calculation base (计发基数) in autumn, and until then last year's figure stands in as provisional. At answers with what
// is known now; KnownOn gives the catalogue as it was known on a day, so that a provisional determination can be repeated years later.
//
// Every answer carries its Provenance. Where the law of a place differs, the place adds a file; no code changes.
package scheme
