//go:build !race

package collection_test

const scale = 1
