package synthetic

import (
	"bufio"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

// table is a CSV file being written, row by row.
type table struct {
	file *os.File
	out  *csv.Writer
}

func (a *agency) create(name string) (*os.File, error) {
	path := filepath.Join(a.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	return os.Create(path)
}

// newTable begins a file with the names of its columns.
func (a *agency) newTable(name string, columns ...string) (*table, error) {
	file, err := a.create(name)
	if err != nil {
		return nil, err
	}
	t := &table{file: file, out: csv.NewWriter(bufio.NewWriterSize(file, 1<<16))}
	t.row(columns...)
	return t, nil
}

// row writes a row. What goes wrong is told by close.
func (t *table) row(fields ...string) { _ = t.out.Write(fields) }

func (t *table) close(err error) error {
	t.out.Flush()
	return errors.Join(err, t.out.Error(), t.file.Close())
}

// write writes a whole file.
func (a *agency) write(name string, content []byte) error {
	file, err := a.create(name)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// writeRows writes a short table.
func (a *agency) writeRows(name string, rows [][]string) error {
	t, err := a.newTable(name, rows[0]...)
	if err != nil {
		return err
	}
	for _, row := range rows[1:] {
		t.row(row...)
	}
	return t.close(nil)
}

// amountText writes minor units as yuan.
func amountText(minor int64) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	cents := minor % 100
	text := sign + strconv.FormatInt(minor/100, 10) + "."
	if cents < 10 {
		text += "0"
	}
	return text + strconv.FormatInt(cents, 10)
}
