package ncruces

import (
	"errors"
	"syscall"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// fileSystemName is the name under which SQLite finds fileSystem.
const fileSystemName = "fundledger"

// fileSystem is the operating system's files with two differences.
//
// They are not mapped into memory. With page checksums the driver (v0.36.0 and v0.37.0) has no mapping to close, but says at open that it has one,
// and a checkpoint after another process wrote ends in a nil pointer. Files that say from the start that they cannot be mapped are never asked.
//
// A write that finds no room is SQLITE_FULL, as with SQLite's own files on Unix. The driver would say I/O error, and by the time the error is
// made the system's reason may be lost.
type fileSystem struct{ vfs.VFSFilename }

// register makes the file system known to the driver, which may happen again.
func register() {
	if system, ok := vfs.Find("os").(vfs.VFSFilename); ok {
		vfs.Register(fileSystemName, fileSystem{system})
	}
}

// OpenFilename opens a file of the operating system.
func (s fileSystem) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	opened, flags, err := s.VFSFilename.OpenFilename(name, flags)
	if system, ok := opened.(systemFile); ok && err == nil {
		opened = file{system}
	}
	return opened, flags, err
}

// systemFile is what the operating system's files can, but mapping.
type systemFile interface {
	vfs.FileLockState
	vfs.FileHasMoved
	vfs.FileSizeHint
	vfs.FilePersistWAL
	vfs.FilePowersafeOverwrite
	vfs.FileSharedMemory
}

// file has the methods of systemFile and no others.
type file struct{ systemFile }

// WriteAt writes bytes.
func (f file) WriteAt(p []byte, offset int64) (int, error) {
	n, err := f.systemFile.WriteAt(p, offset)
	return n, full(err)
}

// Truncate sets the size.
func (f file) Truncate(size int64) error { return full(f.systemFile.Truncate(size)) }

// SizeHint grows the file ahead of writes.
func (f file) SizeHint(size int64) error { return full(f.systemFile.SizeHint(size)) }

// Sync waits for the disk, which some file systems use to say that they had no room.
func (f file) Sync(flags vfs.SyncFlag) error { return full(f.systemFile.Sync(flags)) }

// full turns the system's ways of saying that there is no room into SQLITE_FULL.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) || errors.Is(err, syscall.EDQUOT) {
		return vfs.SystemError(err, sqlite3.FULL)
	}
	return err
}
