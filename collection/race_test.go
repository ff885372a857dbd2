//go:build race

package collection_test

// scale divides populations under the race detector, which makes every row cost ten times as much and finds nothing more in many rows than in few.
const scale = 10
