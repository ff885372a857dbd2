package synthetic

import (
	"embed"
	"io/fs"
)

// fixedFiles are those that are the same in every year: the place with its bank accounts, and how its bank writes files.
//
//go:embed fixed
var fixedFiles embed.FS

// writeFixed writes them.
func (a *agency) writeFixed() error {
	return fs.WalkDir(fixedFiles, "fixed", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fixedFiles.ReadFile(path)
		if err != nil {
			return err
		}
		return a.write(path[len("fixed/"):], content)
	})
}
