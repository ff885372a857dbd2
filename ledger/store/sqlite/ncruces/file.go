package ncruces

import "github.com/ncruces/go-sqlite3/vfs"

// fileSystemName is the name under which SQLite finds fileSystem.
const fileSystemName = "fundledger"

// fileSystem is the operating system's files without memory mapping. With page checksums the driver (v0.36.0 and v0.37.0) has no mapping to close,
// but says at open that it has one, and a checkpoint after another process wrote ends in a nil pointer. Files that say from the start that they
// cannot be mapped are never asked.
type fileSystem struct{ vfs.VFSFilename }

// register makes the file system known to the driver, which may happen again.
func register() {
	if system, ok := vfs.Find("os").(vfs.VFSFilename); ok {
		vfs.Register(fileSystemName, fileSystem{system})
	}
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

// unmapped has the methods of systemFile and no others.
type unmapped struct{ systemFile }

// OpenFilename opens a file of the operating system.
func (s fileSystem) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, flags, err := s.VFSFilename.OpenFilename(name, flags)
	if system, ok := file.(systemFile); ok && err == nil {
		file = unmapped{system}
	}
	return file, flags, err
}
