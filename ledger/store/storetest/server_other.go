//go:build !unix

package storetest

import "errors"

// startServer starts no server here: a process cannot be run as another user in the same way.
func startServer(bool) (string, error) {
	return "", errors.New("a server is started on Unix only")
}
