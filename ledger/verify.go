package ledger

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// VerifyOptions says how Verify goes about its work. The zero value is usable.
type VerifyOptions struct {
	// Deep recomputes the tree over the lines of every entry as well, which the proofs of single lines stand on. It takes about twice the time.
	Deep bool

	// MostDiscrepancies bounds how many are described; all are counted. 1,000 if zero.
	MostDiscrepancies int

	// Progress, if not nil, is called now and then with the number of lines read, records and rows, and their expected total.
	Progress func(done, total int64)
}

// Discrepancy is one place where the database does not hold what the records say, or the records not what the rules say.
type Discrepancy struct {
	Table string // ledger_entry, ledger_line, …
	Row   string // the key of the row within its book: "seq 17", "account 3 ordinal 5"
	Field string // the column, or the rule that is broken
	Want  string
	Got   string
}

// String writes the discrepancy in one line.
func (d Discrepancy) String() string {
	return fmt.Sprintf("%s, %s, %s: want %s, got %s", d.Table, d.Row, d.Field, d.Want, d.Got)
}

// VerifyReport is what Verify found in one book.
type VerifyReport struct {
	Book          BookID
	Entries       int64
	Lines         int64
	Accounts      int64
	Root          seal.Hash // recomputed from the records
	Deep          bool
	Discrepancies []Discrepancy
	Count         int64 // of all discrepancies, described or not
}

// Sound reports whether nothing was found.
func (r *VerifyReport) Sound() bool { return r.Count == 0 }

// Verify derives everything in a book from its records alone, by the rules of doc.go, and compares every column of every row with it: entries, lines,
// accounts, daily totals, voucher counters, periods, Merkle nodes and the book's own row. It names each changed, missing, added or reordered row. For a
// register book it compares the other books of the realm with what the register sealed of them. The error is for what kept it from looking (the
// database, the context); what it found is in the report. It reads one snapshot, holds memory by accounts and days, not by lines, and writes nothing.
func (l *Ledger) Verify(ctx context.Context, book BookID, options VerifyOptions) (*VerifyReport, error) {
	var report *VerifyReport
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		report, err = l.verify(ctx, tx, book, options)
		return err
	})
	return report, err
}

// VerifyTx is Verify in the host's transaction.
func (l *Ledger) VerifyTx(ctx context.Context, tx store.Handle, book BookID, options VerifyOptions) (*VerifyReport, error) {
	return l.verify(ctx, l.db.Join(tx), book, options)
}

func (l *Ledger) verify(ctx context.Context, tx *store.Tx, book BookID, options VerifyOptions) (*VerifyReport, error) {
	v := newVerifier(tx, book, options)
	if err := v.readBook(ctx); err != nil {
		return nil, err
	}
	if err := v.walk(ctx, v.entry); err != nil {
		return nil, err
	}
	v.endOfRecords()
	for _, step := range []func(context.Context) error{
		v.reversals, v.duplicateKeys, v.compareAccounts, v.compareLines, v.compareDays, v.compareVouchers, v.comparePeriods, v.compareTree, v.compareRegister,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	v.report.Root, v.report.Entries, v.report.Lines, v.report.Accounts = v.derived.frontier.Root(), v.derived.seq, v.derived.lines, v.derived.accounts
	return v.report, nil
}

// verifier holds what the records say of a book, as far as they have been read.
type verifier struct {
	tx      *store.Tx
	options VerifyOptions
	report  *VerifyReport
	key     maphash.Seed // of this run's fingerprints

	row      *head // the book's row as it stands
	derived  *head // the same from the records
	opened   bool  // the first record opened the book
	accounts []derivedAccount
	codes    map[string]AccountNo
	days     map[dayKey]*dayTotals
	vouchers map[voucherKey]int64
	periods  map[int64]periodRow
	nodes    map[nodeKey]seal.Hash
	mirrors  []mirror
	books    map[int16]seal.Hash // what a register book sealed of the others
	done     int64
	scratch  []byte
	lines    seal.Lines
	leaf     seal.Hash // of the record at hand
}

type derivedAccount struct {
	Account
	balance money.Amount // on the normal side
	count   int64
	sum     money.Amount // debit less credit
	print   uint64       // sum of the fingerprints of its lines
}

type periodRow struct {
	act    string
	period int32
}

type nodeKey struct {
	level int
	index int64
}

type mirror struct{ by, of int64 }

func newVerifier(tx *store.Tx, book BookID, options VerifyOptions) *verifier {
	if options.MostDiscrepancies == 0 {
		options.MostDiscrepancies = 1000
	}
	return &verifier{
		tx: tx, options: options, report: &VerifyReport{Book: book, Deep: options.Deep}, key: maphash.MakeSeed(), derived: &head{id: book},
		codes: map[string]AccountNo{}, days: map[dayKey]*dayTotals{}, vouchers: map[voucherKey]int64{}, periods: map[int64]periodRow{},
		nodes: map[nodeKey]seal.Hash{}, books: map[int16]seal.Hash{},
	}
}

func (v *verifier) find(table, row, field string, want, got any) {
	v.report.Count++
	if len(v.report.Discrepancies) < v.options.MostDiscrepancies {
		v.report.Discrepancies = append(v.report.Discrepancies, Discrepancy{Table: table, Row: row, Field: field, Want: shown(want), Got: shown(got)})
	}
}

func shown(value any) string {
	switch x := value.(type) {
	case []byte:
		return fmt.Sprintf("%x", x[:min(len(x), 40)])
	case seal.Hash:
		return fmt.Sprintf("%x", x[:])
	case string:
		return fmt.Sprintf("%q", clipped(x))
	}
	return fmt.Sprint(value)
}

// same compares a stored value with a derived one.
func same[T comparable](v *verifier, table, row, field string, want, got T) bool {
	if want != got {
		v.find(table, row, field, want, got)
		return false
	}
	return true
}

func (v *verifier) progress(lines int64) {
	v.done += lines
	if v.options.Progress != nil {
		v.options.Progress(v.done, 2*v.row.lines)
	}
}

func (v *verifier) readBook(ctx context.Context) error {
	row, err := readHead(ctx, v.tx, v.report.Book, "")
	if isCode(err, ErrCorrupt) {
		v.find("ledger_book", "book "+v.report.Book.String(), "frontier", "the tree of its entries", err.Error())
		row, err = &head{id: v.report.Book}, nil
	}
	v.row = row
	return err
}

// entryRow is a row of ledger_entry as it stands.
type entryRow struct {
	seq                                      int64
	kind, key, voucherType                   string
	day, period                              int32
	voucherNo, recorded                      int64
	description, enteredBy, approvedBy       string
	sourceKind, sourceID, transfer, metadata string
	sourceHash                               []byte
	attachments                              int32
	reverses, firstOrdinal, lineCount        int64
	header, columns, linesRoot, leaf         []byte
	assigned                                 seal.Assigned
	draft                                    seal.Draft
	name                                     string
}

// walk reads every row of ledger_entry in order.
func (v *verifier) walk(ctx context.Context, visit func(*entryRow)) error {
	rows, err := v.tx.Query(ctx, `SELECT seq, kind, key, effective_day, period, voucher_type, voucher_no, recorded_us, description, entered_by, approved_by,
		source_kind, source_id, source_hash, attachments, transfer_id, reverses_seq, metadata, first_ordinal, line_count, header, columns, lines_root, leaf
		FROM ledger_entry WHERE realm_id = ? AND book_no = ? ORDER BY seq`, v.report.Book.Realm, v.report.Book.Number)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r entryRow
		if err := rows.Scan(&r.seq, &r.kind, &r.key, &r.day, &r.period, &r.voucherType, &r.voucherNo, &r.recorded, &r.description, &r.enteredBy, &r.approvedBy,
			&r.sourceKind, &r.sourceID, &r.sourceHash, &r.attachments, &r.transfer, &r.reverses, &r.metadata, &r.firstOrdinal, &r.lineCount, &r.header, &r.columns,
			&r.linesRoot, &r.leaf); err != nil {
			return err
		}
		r.name = fmt.Sprintf("seq %d", r.seq)
		visit(&r)
	}
	return rows.Err()
}

// entry checks one record against its row, its hashes, its place and the rules, and carries what it says into the derived book.
func (v *verifier) entry(r *entryRow) {
	d := v.derived
	if r.seq != d.seq+1 {
		v.find("ledger_entry", fmt.Sprintf("seq %d", d.seq+1), "entries", "no gap", fmt.Sprintf("the next one is %d", r.seq))
		d.seq = r.seq - 1
	}
	d.seq++
	v.sealed(r)
	assigned, draft, _, err := seal.DecodeHeader(r.header)
	if err != nil {
		v.find("ledger_entry", r.name, "header", "a canonical record", err.Error())
		d.lines += max(r.lineCount, 0)
		return
	}
	r.assigned, r.draft = assigned, draft
	v.columnsOfRow(r)
	v.numbers(r)
	seed, err := seal.DecodeColumnsInto(&v.lines, r.columns, assigned.LineCount)
	if err != nil {
		v.find("ledger_entry", r.name, "columns", "canonical lines", err.Error())
		d.lines += assigned.LineCount
		return
	}
	if v.options.Deep {
		root := seal.LinesRoot(seed, assigned.FirstOrdinal, &v.lines)
		if !bytes.Equal(root[:], r.linesRoot) {
			v.find("ledger_entry", r.name, "lines_root", root, r.linesRoot)
		}
	}
	if assigned.LineCount == 0 {
		v.act(r)
	} else {
		v.posting(r)
	}
	d.lines += assigned.LineCount
	v.progress(assigned.LineCount)
}

// sealed recomputes the leaf and extends the tree by it. The stored leaf goes into the tree only where the bytes give none.
func (v *verifier) sealed(r *entryRow) {
	if len(r.linesRoot) != len(seal.Hash{}) {
		v.find("ledger_entry", r.name, "lines_root", "32 bytes", fmt.Sprintf("%d", len(r.linesRoot)))
		r.linesRoot = make([]byte, len(seal.Hash{}))
	}
	leaf := seal.LeafHash(r.header, r.columns, seal.Hash(r.linesRoot))
	if !bytes.Equal(leaf[:], r.leaf) {
		v.find("ledger_entry", r.name, "leaf", leaf, r.leaf)
	}
	v.leaf = leaf
	v.derived.frontier.Append(leaf, func(node seal.Node) {
		if node.Stored() {
			v.nodes[nodeKey{node.Level, node.Index}] = node.Hash
		}
	})
}

// columnsOfRow compares the projected columns with the record.
func (v *verifier) columnsOfRow(r *entryRow) {
	const table = "ledger_entry"
	a, d := &r.assigned, &r.draft
	same(v, table, r.name, "seq", a.Seq, r.seq)
	same(v, table, r.name, "kind", d.Kind, r.kind)
	same(v, table, r.name, "key", d.Key, r.key)
	same(v, table, r.name, "effective_day", d.Effective, r.day)
	same(v, table, r.name, "period", d.Period, r.period)
	same(v, table, r.name, "voucher_type", d.VoucherType, r.voucherType)
	same(v, table, r.name, "voucher_no", a.VoucherNumber, r.voucherNo)
	same(v, table, r.name, "recorded_us", a.RecordedMicros, r.recorded)
	same(v, table, r.name, "description", d.Description, r.description)
	same(v, table, r.name, "entered_by", d.EnteredBy, r.enteredBy)
	same(v, table, r.name, "approved_by", d.ApprovedBy, r.approvedBy)
	same(v, table, r.name, "source_kind", d.Source.Kind, r.sourceKind)
	same(v, table, r.name, "source_id", d.Source.ID, r.sourceID)
	same(v, table, r.name, "source_hash", string(d.Source.Hash), string(r.sourceHash))
	same(v, table, r.name, "attachments", int32(len(d.Attachments)), r.attachments)
	same(v, table, r.name, "transfer_id", d.Transfer, r.transfer)
	same(v, table, r.name, "reverses_seq", d.Reverses, r.reverses)
	same(v, table, r.name, "metadata", metadataText(d.Metadata), r.metadata)
	same(v, table, r.name, "first_ordinal", a.FirstOrdinal, r.firstOrdinal)
	same(v, table, r.name, "line_count", a.LineCount, r.lineCount)
}

// numbers checks what the ledger assigned: invariant 3.
func (v *verifier) numbers(r *entryRow) {
	a, d := &r.assigned, v.derived
	const rule = "ledger_entry"
	same(v, rule, r.name, "first ordinal follows the line before", d.lines, a.FirstOrdinal)
	if a.RecordedMicros < d.recorded {
		v.find(rule, r.name, "recorded time never goes back", d.recorded, a.RecordedMicros)
	}
	d.recorded = max(d.recorded, a.RecordedMicros)
	if r.draft.VoucherType == "" {
		same(v, rule, r.name, "no voucher, no number", 0, a.VoucherNumber)
		return
	}
	key := voucherKey{calendar.Period(r.draft.Period), r.draft.VoucherType}
	v.vouchers[key]++
	same(v, rule, r.name, "voucher number follows the one before", v.vouchers[key], a.VoucherNumber)
}

// posting checks an entry with lines against the rules of posting (check.go) and adds its lines to their accounts.
func (v *verifier) posting(r *entryRow) {
	d := v.derived
	period, effective := calendar.Period(r.draft.Period), calendar.Date(r.draft.Effective)
	if d.first == 0 || period < d.first || period <= d.closedThrough || !period.Contains(effective) {
		v.find("ledger_entry", r.name, "posted into an open period that holds its date", fmt.Sprintf("after %v", d.closedThrough),
			fmt.Sprintf("%v on %v", period, effective))
	}
	if r.draft.Reverses != 0 {
		v.mirrors = append(v.mirrors, mirror{by: r.assigned.Seq, of: r.draft.Reverses})
	}
	var sums [Memorandum + 1]int64
	general := false
	line := lineRow{seq: r.assigned.Seq, day: int64(r.draft.Effective)}
	for i, no := range v.lines.Accounts {
		account := v.account(r, no)
		if account == nil {
			continue
		}
		net := money.Amount(v.lines.Sides[i]) * money.Amount(v.lines.Amounts[i])
		sums[account.Section] += int64(net)
		general = general || account.Section == General
		account.count++
		account.sum += net
		line.account, line.ordinal, line.side, line.amount = int64(no), r.assigned.FirstOrdinal+int64(i), int64(v.lines.Sides[i]), v.lines.Amounts[i]
		line.month, line.tag = int64(v.lines.Months[i]), append(line.tag[:0], v.lines.Tags[i]...)
		account.print += v.fingerprint(&line)
		account.balance += net * money.Amount(account.Type.Normal())
		d.gross += money.Amount(v.lines.Amounts[i]).Abs()
		v.addDay(account, dayKey{account: account.No, day: effective, period: period}, i, r.draft.Kind == KindClosing)
	}
	if sums[General] != 0 || sums[Memorandum] != 0 {
		v.find("ledger_entry", r.name, "adds up to zero", "0 and 0", fmt.Sprintf("%d in general, %d in memorandum", sums[General], sums[Memorandum]))
	}
	if general != (r.draft.VoucherType != "") {
		v.find("ledger_entry", r.name, "a voucher where a line is general", general, r.draft.VoucherType)
	}
	for _, no := range v.lines.Accounts {
		if int(no) <= len(v.accounts) && v.accounts[no-1].NeverBelowZero && v.accounts[no-1].balance < 0 {
			v.find("ledger_entry", r.name, "never below zero: account "+v.accounts[no-1].Code, "0 or more", v.accounts[no-1].balance)
		}
	}
}

func (v *verifier) account(r *entryRow, no int32) *derivedAccount {
	if int(no) > len(v.accounts) {
		v.find("ledger_entry", r.name, "lines on accounts that are open", "an account of the book", fmt.Sprintf("account number %d", no))
		return nil
	}
	account := &v.accounts[no-1]
	if account.Class == Heading || account.Class == Control || account.Closed != 0 || calendar.Date(r.draft.Effective) < account.Opened {
		v.find("ledger_entry", r.name, "lines on accounts that are open and take lines", "such an account", "account "+account.Code)
	}
	return account
}

func (v *verifier) addDay(account *derivedAccount, key dayKey, i int, closing bool) {
	if account.Class == Member {
		key.account = account.Parent
	}
	totals, ok := v.days[key]
	if !ok {
		totals = &dayTotals{}
		v.days[key] = totals
	}
	totals.add(v.lines.Sides[i], v.lines.Amounts[i], closing)
}

// endOfRecords compares the book's row with what the records add up to.
func (v *verifier) endOfRecords() {
	const table = "ledger_book"
	name := "book " + v.report.Book.String()
	w, g := v.derived, v.row
	if !v.opened {
		v.find("ledger_entry", "seq 1", "kind", kindBookOpen+" or "+kindRealmOpen, "something else")
		return
	}
	same(v, table, name, "code", w.code, g.code)
	same(v, table, name, "name", w.name, g.name)
	same(v, table, name, "currency", w.currency, g.currency)
	same(v, table, name, "first_period", w.first, g.first)
	same(v, table, name, "seq", w.seq, g.seq)
	same(v, table, name, "lines", w.lines, g.lines)
	same(v, table, name, "accounts", w.accounts, g.accounts)
	same(v, table, name, "gross", w.gross, g.gross)
	same(v, table, name, "accounts_state", w.accountsState, g.accountsState)
	same(v, table, name, "recorded_us", w.recorded, g.recorded)
	same(v, table, name, "closed_through", w.closedThrough, g.closedThrough)
	same(v, table, name, "issued_through", w.issuedThrough, g.issuedThrough)
	want, err1 := w.frontier.MarshalBinary()
	got, err2 := g.frontier.MarshalBinary()
	if err1 != nil || err2 != nil || !bytes.Equal(want, got) {
		v.find(table, name, "frontier", w.frontier.Root(), g.frontier.Root())
	}
}
