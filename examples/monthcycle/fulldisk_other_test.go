//go:build !unix

package main

import "testing"

func limitFiles() error { return nil }

func runOnAFullDisk(t *testing.T, _ string) string {
	t.Skip("SKIPPED: this system has no limit of file sizes for a process, so that no full disk can be made")
	return ""
}
