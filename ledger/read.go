package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// Entry is an entry of a book (凭证, or an act), read from its record.
type Entry struct {
	Book         BookID
	Seq          Seq
	Recorded     time.Time // UTC, whole microseconds
	Kind         string
	Key          string
	Effective    calendar.Date
	Period       calendar.Period // zero for an act
	Voucher      Voucher
	Description  string
	EnteredBy    string
	ApprovedBy   string
	Source       Source
	Attachments  []Attachment
	Transfer     string
	Reverses     Seq // the entry that this one mirrors, or zero
	Metadata     map[string]string
	Act          []byte
	FirstOrdinal int64
	Lines        []Line
	Leaf         seal.Hash
}

// Entry returns one entry of a book, or ErrEntryUnknown.
func (l *Ledger) Entry(ctx context.Context, book BookID, seq Seq) (Entry, error) {
	var entry Entry
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		entry, err = readEntry(ctx, tx, book, seq)
		return err
	})
	return entry, err
}

// EntryTx is Entry in the host's transaction.
func (l *Ledger) EntryTx(ctx context.Context, tx store.Handle, book BookID, seq Seq) (Entry, error) {
	return readEntry(ctx, l.db.Join(tx), book, seq)
}

// EntryByKey returns the entry with an idempotency key, or ErrEntryUnknown.
func (l *Ledger) EntryByKey(ctx context.Context, book BookID, key string) (Entry, error) {
	var entry Entry
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		entry, err = readEntryByKey(ctx, tx, book, key)
		return err
	})
	return entry, err
}

// EntryByKeyTx is EntryByKey in the host's transaction.
func (l *Ledger) EntryByKeyTx(ctx context.Context, tx store.Handle, book BookID, key string) (Entry, error) {
	return readEntryByKey(ctx, l.db.Join(tx), book, key)
}

func readEntryByKey(ctx context.Context, tx *store.Tx, book BookID, key string) (Entry, error) {
	found, err := entriesByKey(ctx, tx, book, []string{key})
	if err != nil {
		return Entry{}, err
	}
	stored, ok := found[key]
	if !ok {
		return Entry{}, fault(ErrEntryUnknown, book, fmt.Sprintf("no entry with key %q", clipped(key)), "check book and key")
	}
	return stored.entry(book)
}

func readEntry(ctx context.Context, tx *store.Tx, book BookID, seq Seq) (Entry, error) {
	var header, columns, leaf []byte
	err := tx.QueryRow(ctx, `SELECT header, columns, leaf FROM ledger_entry WHERE realm_id = ? AND book_no = ? AND seq = ?`,
		book.Realm, book.Number, int64(seq)).Scan(&header, &columns, &leaf)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, fault(ErrEntryUnknown, book, fmt.Sprintf("no entry %d", seq), "check book and number")
	}
	if err != nil {
		return Entry{}, err
	}
	stored, err := decodeStored(book, header, columns, leaf)
	if err != nil {
		return Entry{}, err
	}
	return stored.entry(book)
}

// entriesByKey finds the stored entries that bear any of the keys.
func entriesByKey(ctx context.Context, tx *store.Tx, book BookID, wanted []string) (map[string]*storedEntry, error) {
	rows, err := tx.Query(ctx, `SELECT header, columns, leaf FROM ledger_entry WHERE realm_id = ? AND book_no = ? AND `+tx.Dialect().Among("key"),
		book.Realm, book.Number, tx.Dialect().Texts(wanted))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[string]*storedEntry)
	for rows.Next() {
		var header, columns, leaf []byte
		if err := rows.Scan(&header, &columns, &leaf); err != nil {
			return nil, err
		}
		stored, err := decodeStored(book, header, columns, leaf)
		if err != nil {
			return nil, err
		}
		found[stored.draft.Key] = stored
	}
	return found, rows.Err()
}

func decodeStored(book BookID, header, columns, leaf []byte) (*storedEntry, error) {
	assigned, draft, bytes, err := seal.DecodeHeader(header)
	if err == nil && len(leaf) != len(seal.Hash{}) {
		err = &seal.FormatError{Part: "leaf", Reason: fmt.Sprintf("%d bytes", len(leaf))}
	}
	if err != nil {
		return nil, errors.Join(fault(ErrCorrupt, book, err.Error(), "run Verify"), err)
	}
	return &storedEntry{assigned: assigned, draft: draft, bytes: bytes, columns: columns, leaf: seal.Hash(leaf)}, nil
}

func (s *storedEntry) entry(book BookID) (Entry, error) {
	_, lines, err := seal.DecodeColumns(s.columns, s.assigned.LineCount)
	if err != nil {
		return Entry{}, errors.Join(fault(ErrCorrupt, book, fmt.Sprintf("entry %d: %v", s.assigned.Seq, err), "run Verify"), err)
	}
	d := &s.draft
	entry := Entry{
		Book: book, Seq: Seq(s.assigned.Seq), Recorded: fromMicros(s.assigned.RecordedMicros), Kind: d.Kind, Key: d.Key,
		Effective: calendar.Date(d.Effective), Period: calendar.Period(d.Period), Voucher: Voucher{Type: d.VoucherType, Number: s.assigned.VoucherNumber},
		Description: d.Description, EnteredBy: d.EnteredBy, ApprovedBy: d.ApprovedBy,
		Source:   Source{Kind: d.Source.Kind, ID: d.Source.ID, Hash: d.Source.Hash},
		Transfer: d.Transfer, Reverses: Seq(d.Reverses), Metadata: d.Metadata, Act: d.Act, FirstOrdinal: s.assigned.FirstOrdinal, Leaf: s.leaf,
	}
	for _, a := range d.Attachments {
		entry.Attachments = append(entry.Attachments, Attachment{Name: a.Name, Hash: a.Hash})
	}
	entry.Lines = make([]Line, lines.Len())
	for i := range entry.Lines {
		entry.Lines[i] = Line{
			Account: AccountNo(lines.Accounts[i]), Side: Side(lines.Sides[i]), Amount: money.Amount(lines.Amounts[i]),
			Month: calendar.Month(lines.Months[i]), Tag: lines.Tags[i],
		}
	}
	return entry, nil
}

// entriesPerPage bounds what one short read transaction of Entries fetches.
const entriesPerPage = 256

// Entries returns the entries from one number to another, both included, in order; zero as the last means the book as it stands when the reading begins, and one that
// the book does not have is ErrEntryUnknown. Each page is a short transaction of its own, so a loop may post while it reads. Stop at the first error.
func (l *Ledger) Entries(ctx context.Context, book BookID, first, last Seq) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		head, err := l.Book(ctx, book)
		if err == nil && last > head.Seq {
			err = fault(ErrEntryUnknown, book, fmt.Sprintf("no entry %d, the book has %d", last, head.Seq), "read up to an entry that exists, or up to 0 for all")
		}
		if err != nil {
			yield(Entry{}, err)
			return
		}
		if last == 0 {
			last = head.Seq
		}
		for next := max(first, 1); next <= last; {
			var page []Entry
			err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				page, err = readEntries(ctx, tx, book, next, min(last, next+entriesPerPage-1))
				return err
			})
			if err == nil && len(page) == 0 {
				err = missingEntry(book, next)
			}
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for i := range page {
				if page[i].Seq != next {
					yield(Entry{}, missingEntry(book, next))
					return
				}
				if !yield(page[i], nil) {
					return
				}
				next++
			}
		}
	}
}

func missingEntry(book BookID, seq Seq) error {
	return fault(ErrCorrupt, book, fmt.Sprintf("entry %d is missing", seq), "run Verify")
}

func readEntries(ctx context.Context, tx *store.Tx, book BookID, first, last Seq) ([]Entry, error) {
	rows, err := tx.Query(ctx, `SELECT header, columns, leaf FROM ledger_entry WHERE realm_id = ? AND book_no = ? AND seq BETWEEN ? AND ? ORDER BY seq`,
		book.Realm, book.Number, int64(first), int64(last))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []Entry
	for rows.Next() {
		var header, columns, leaf []byte
		if err := rows.Scan(&header, &columns, &leaf); err != nil {
			return nil, err
		}
		stored, err := decodeStored(book, header, columns, leaf)
		if err != nil {
			return nil, err
		}
		entry, err := stored.entry(book)
		if err != nil {
			return nil, err
		}
		page = append(page, entry)
	}
	return page, rows.Err()
}
