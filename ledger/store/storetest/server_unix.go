//go:build unix

package storetest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// guard waits until the test process is gone (its end of the pipe closes, whatever the reason), ends the server at once and removes the folder.
// It does not ask whether the process is there still: one that ended may wait for its new parent to notice.
const guard = `cat >/dev/null
lock="$1/data/postmaster.pid"
pid=$(head -n 1 "$lock" 2>/dev/null)
if [ -n "$pid" ]; then
	kill -QUIT "$pid" 2>/dev/null
	n=0
	while [ -e "$lock" ] && [ $n -lt 200 ]; do sleep 0.05; n=$((n+1)); done
fi
n=0
while [ -e "$1" ] && [ $n -lt 50 ]; do rm -rf "$1" 2>/dev/null || sleep 0.1; n=$((n+1)); done
`

// startServer starts a server in a temporary folder and gives the DSN of its maintenance database.
func startServer(durable bool) (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	who, err := unprivileged()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "fundledger-pg-")
	if err != nil {
		return "", err
	}
	if who.credential != nil {
		if err := os.Chown(dir, int(who.credential.Uid), int(who.credential.Gid)); err != nil {
			return "", errors.Join(err, os.RemoveAll(dir))
		}
	}
	if err := who.watch(dir); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	data := filepath.Join(dir, "data")
	initdb := who.command(dir, filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-k", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	settings := []string{
		"listen_addresses=", "unix_socket_directories=" + dir, "max_connections=200", "shared_buffers=64MB", "max_wal_size=2GB",
		"fsync=off", "synchronous_commit=off", "full_page_writes=off",
	}
	if durable {
		settings = append(settings, "fsync=on", "synchronous_commit=on", "full_page_writes=on")
	}
	args := []string{"-D", data}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return who.serve(dir, filepath.Join(bin, "postgres"), args)
}

// binaries is the folder that holds initdb and postgres: the one on PATH, else the newest under /usr/lib/postgresql.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "postgres")); err == nil {
				return filepath.Dir(path), nil
			}
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errors.New("no initdb and postgres on PATH or under /usr/lib/postgresql/*/bin")
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for a folder that is no number, which then comes last
		return n
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest), nil
}

// account is the operating system's user that runs the server; without a credential the test's own.
type account struct{ credential *syscall.Credential }

// unprivileged picks the user: PostgreSQL refuses to run as root.
func unprivileged() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
		}
	}
	return account{}, errors.New("running as root, and there is neither a user postgres nor nobody to run the server as")
}

// command runs in its own session, so that a signal to the test's process group does not reach it.
func (a account) command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: a.credential}
	return cmd
}

// watch starts the guard of the folder. The pipe's other end is never closed and not inherited: it closes with this process.
func (a account) watch(dir string) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd := a.command("/", "/bin/sh", "-c", guard, "guard", dir)
	cmd.Stdin = read
	if err := cmd.Start(); err != nil {
		return errors.Join(err, read.Close(), write.Close())
	}
	guards = append(guards, write)
	return read.Close()
}

// guards keeps the pipes' ends from the garbage collector, which would close them. Guarded by the mutex of servers.
var guards []*os.File

// serve starts the server and waits until it answers.
func (a account) serve(dir, postgres string, args []string) (string, error) {
	logPath := filepath.Join(dir, "log")
	logFile, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return "", err
	}
	cmd := a.command(dir, postgres, args...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if err := errors.Join(cmd.Start(), logFile.Close()); err != nil {
		return "", err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	dsn := "host=" + dir + " user=postgres dbname=postgres sslmode=disable"
	deadline := time.After(time.Minute)
	for {
		err := reach(dsn)
		if err == nil {
			return dsn, nil
		}
		select {
		case end := <-exited:
			text, _ := os.ReadFile(logPath) // without the log the exit code must do
			return "", fmt.Errorf("postgres ended: %w: %s", end, strings.TrimSpace(string(text)))
		case <-deadline:
			return "", fmt.Errorf("postgres does not answer after a minute: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
