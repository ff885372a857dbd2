package iso20022

import (
	"context"
	"encoding/xml"
	"io"
	"iter"

	"github.com/fundledger/fundledger/accounts/bank"
)

// Message is a camt.053 or camt.054 read whole.
type Message struct {
	Summary
	Statements []*bank.Statement
}

// Summary says what a file was and what of it was not used.
type Summary struct {
	Name       string // such as camt.053.001.08
	ID         string // MsgId
	Created    string // CreDtTm as written
	Statements int    // statements or notifications
	Booked     int    // booked entries
	Unbooked   int    // entries with another status
	Unread     []Unread
}

// Item is one step of reading: a booked line, or the end of a statement.
type Item struct {
	Statement *bank.Statement // the statement so far, without Lines; whole at its end
	Line      *bank.Line      // nil at the end of the statement
	Tally     bank.Tally      // of the booked lines so far; at the end, Tally.Foot(Statement) foots the statement
}

// Reader reads one camt.053 or camt.054 line by line with flat memory.
type Reader struct {
	source  io.Reader
	options Options
	summary Summary
}

// NewReader returns a reader of one message. Nothing is read yet.
func NewReader(source io.Reader, options Options) *Reader {
	return &Reader{source: source, options: options}
}

// Summary returns what has been read so far; it is whole after the iteration.
func (r *Reader) Summary() Summary { return r.summary }

// Items reads the message. An error in the sequence is a *bank.Fault; reading goes on behind a fault of substance, so that all faults of the file are
// seen, and ends after one that makes the rest unreadable. A line is final only when the iteration has ended without a fault: until then nothing that was
// taken from it may be kept. Items can be used once.
func (r *Reader) Items(ctx context.Context) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		s, fault := newScanner(ctx, r.source, r.options)
		if fault != nil {
			yield(Item{}, fault)
			return
		}
		w := &camtWalk{scanner: s, reader: r, yield: yield}
		err := s.document([]kind{statementKind, notificationKind}, w.body)
		r.summary.Unread = s.unread.list
		if err != nil && err != errStopped && w.report() {
			yield(Item{}, err)
		}
	}
}

// Read reads a whole message. When the file has any fault it returns *bank.Faults with all of them and no message. A statement that disagrees with itself
// is no fault: ask Statement.Check.
func Read(ctx context.Context, source io.Reader, options Options) (*Message, error) {
	r := NewReader(source, options)
	var faults bank.Faults
	var message Message
	var lines []bank.Line
	for item, err := range r.Items(ctx) {
		switch {
		case err != nil:
			faults.Add(err.(*bank.Fault)) //nolint:errorlint // Items yields nothing else
		case item.Line != nil:
			lines = append(lines, *item.Line)
		default:
			item.Statement.Lines = lines
			message.Statements = append(message.Statements, item.Statement)
			lines = nil
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	message.Summary = r.Summary()
	return &message, nil
}

// errStopped ends the walk when the caller stops iterating. It is never returned.
var errStopped = &bank.Fault{Reason: "the caller stopped"}

// camtWalk is the state of one walk through a message.
type camtWalk struct {
	*scanner
	reader    *Reader
	yield     func(Item, error) bool
	statement *bank.Statement
	seen      map[string]bool // header elements of the statement that must not come twice
	tally     bank.Tally
	unbooked  map[string]int // status → index in statement.Unbooked
}

// report yields the faults gathered since the last time; false when the caller stops.
func (w *camtWalk) report() bool {
	list := w.faults.List
	w.faults = bank.Faults{}
	for _, f := range list {
		if !w.yield(Item{}, f) {
			return false
		}
	}
	return true
}

func (w *camtWalk) reportOrStop() error {
	if !w.report() {
		return errStopped
	}
	return nil
}

func (w *camtWalk) body(k kind, name string) error {
	w.reader.summary.Name = name
	err := w.children(func(start xml.StartElement) error {
		switch w.nameOf(start.Name) {
		case "GrpHdr":
			return w.groupHeader(start)
		case "Stmt", "Ntfctn":
			return w.oneStatement(k)
		}
		return w.skip()
	})
	if err != nil {
		return err
	}
	if w.reader.summary.Statements == 0 {
		w.fault(nil, bank.FaultMissing, "", "holds no statement", "ask the bank for the statement")
	}
	return w.reportOrStop()
}

func (w *camtWalk) groupHeader(start xml.StartElement) error {
	w.budget = w.options.Limits.ElementTokens
	header, err := w.tree(start, nil)
	if err != nil {
		return err
	}
	header.read = true
	w.reader.summary.ID, w.reader.summary.Created = header.value("MsgId"), header.value("CreDtTm")
	w.countUnread(header)
	return nil
}
