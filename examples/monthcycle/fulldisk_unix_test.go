//go:build unix

package main

import (
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// childLimit is the environment variable that lets no file of a child grow beyond so many bytes: to the database that is a full disk.
const childLimit = "MONTHCYCLE_CHILD_LIMIT"

// limitFiles carries the variable out.
func limitFiles() error {
	text := os.Getenv(childLimit)
	if text == "" {
		return nil
	}
	bytes, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ) // else the system ends the process where it should tell it
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: bytes})
}

// runOnAFullDisk runs the year in a process of its own until there is no space, and returns what it said.
func runOnAFullDisk(t *testing.T, out string) string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFolder+"="+out, childLimit+"=2000000")
	var said strings.Builder
	child.Stderr = &said
	if err := child.Run(); err == nil {
		t.Fatal("the limit was never met")
	}
	return said.String()
}
