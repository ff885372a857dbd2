package collection

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/sheet"
)

// sheetRows are rows of collection_sheet on their way.
type sheetRows struct {
	sheets []int64
	parts  []int32
	blobs  [][]byte
	bytes  int
}

// keptBytes is how much of sheets waits before it is written.
const keptBytes = 1 << 20

// keep takes a sheet and returns its number and hash. It is written with those that follow it, at the end of the command at the latest.
func (s *session) keep(ctx context.Context, kept *sheet.Sheet) (int64, [sha256.Size]byte, error) {
	s.head.sheets++
	hash := sha256.New()
	part := int32(0)
	for blob := range kept.Parts() {
		hash.Write(blob)
		s.kept.sheets, s.kept.parts, s.kept.blobs = append(s.kept.sheets, s.head.sheets), append(s.kept.parts, part), append(s.kept.blobs, blob)
		s.kept.bytes += len(blob)
		part++
	}
	var err error
	if s.kept.bytes >= keptBytes {
		err = s.writeSheets(ctx)
	}
	return s.head.sheets, [sha256.Size]byte(hash.Sum(nil)), err
}

func (s *session) writeSheets(ctx context.Context) error {
	rows := *s.kept
	*s.kept = sheetRows{}
	if len(rows.sheets) == 0 {
		return nil
	}
	return s.tx.Insert(ctx, "collection_sheet", s.keys(store.Int64s("sheet_no", rows.sheets), store.Int32s("part", rows.parts), store.Blobs("content", rows.blobs))...)
}

// sheets reads sheets by their numbers, in one query.
func (o *Office) sheets(ctx context.Context, tx *store.Tx, numbers []int64) (map[int64]*sheet.Sheet, error) {
	found := make(map[int64]*sheet.Sheet, len(numbers))
	return found, o.eachSheet(ctx, tx, numbers, func(no int64, s *sheet.Sheet) error {
		found[no] = s
		return nil
	})
}

// eachSheet reads sheets in the order of their numbers by one query, and holds one at a time. each must not use the transaction.
func (o *Office) eachSheet(ctx context.Context, tx *store.Tx, numbers []int64, each func(no int64, s *sheet.Sheet) error) error {
	if len(numbers) == 0 {
		return nil
	}
	read := make(map[int64]bool, len(numbers))
	err := o.eachStored(ctx, tx, tx.Dialect().Among("sheet_no"), tx.Dialect().Ints(numbers), func(no int64, parts [][]byte) error {
		s, err := decode(parts)
		if err != nil {
			return fmt.Errorf("collection: sheet %d of book %s: %w", no, o.fund.Book(), err)
		}
		read[no] = true
		return each(no, s)
	})
	for _, no := range numbers {
		if err == nil && !read[no] {
			err = fmt.Errorf("collection: sheet %d of book %s is missing; run Verify", no, o.fund.Book())
		}
	}
	return err
}

// eachStored reads the stored parts of sheets in the order of their numbers.
func (o *Office) eachStored(ctx context.Context, tx *store.Tx, where string, arg any, each func(no int64, parts [][]byte) error) error {
	var current int64
	var parts [][]byte
	finish := func() error {
		if current == 0 {
			return nil
		}
		return each(current, parts)
	}
	err := tx.Each(ctx, `SELECT sheet_no, content FROM collection_sheet WHERE realm_id = ? AND book_no = ? AND `+where+` ORDER BY sheet_no, part`, o.bookArgs(arg),
		func(rows *store.Rows) error {
			var no int64
			var part []byte
			err := rows.Scan(&no, &part)
			if err == nil && no != current {
				err = finish()
				current, parts = no, nil
			}
			parts = append(parts, part)
			return err
		})
	if err == nil {
		err = finish()
	}
	return err
}

func decode(parts [][]byte) (*sheet.Sheet, error) {
	return sheet.Read(func(yield func([]byte, error) bool) {
		for _, part := range parts {
			if !yield(part, nil) {
				return
			}
		}
	})
}
