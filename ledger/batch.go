package ledger

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// batch takes proposals through four steps: prepare reads what they need, check finds their faults, assign gives them their numbers and hashes, write
// inserts them. Nothing is written before the last step, so an error leaves the transaction of a host as it was.
type batch struct {
	ledger    *Ledger
	tx        *store.Tx
	head      *head
	proposals []proposal
	receipts  []Receipt
	each      bool // each proposal stands for itself: one that is refused keeps no other back

	accounts map[AccountNo]*Account
	codes    map[string]*Account
	stored   map[string]*storedEntry // by key, of the keys in the batch
	fresh    []*candidate
	keys     map[string]int // places in the batch of the fresh ones, by key
	faults   Faults
	rows     *rows

	lastVouchers map[voucherKey]int64 // of the series that were read when the book was locked
}

// candidate is a proposal that was not posted before.
type candidate struct {
	*proposal
	at      int // place in the batch
	bytes   []byte
	lines   seal.Lines
	general bool         // has a line in the general section
	size    money.Amount // sum of the sizes of its lines
}

// prepare reads the accounts and the stored entries that the batch names, and settles what each draft leaves open.
func (b *batch) prepare(ctx context.Context) error {
	if err := b.loadAccounts(ctx); err != nil {
		return err
	}
	if err := b.loadStored(ctx); err != nil {
		return err
	}
	b.keys = make(map[string]int, len(b.proposals))
	for i := range b.proposals {
		c := &candidate{proposal: &b.proposals[i], at: i}
		b.resolve(c)
		encoded, err := seal.EncodeDraft(b.canonical(c))
		if err != nil {
			return err
		}
		c.bytes = encoded
		replayed, err := b.replay(c)
		if err != nil {
			return err
		}
		if !replayed {
			b.fresh = append(b.fresh, c)
			b.keys[c.Key] = i
		}
	}
	return nil
}

func (b *batch) loadAccounts(ctx context.Context) error {
	numbers := make(map[AccountNo]bool)
	codes := make(map[string]bool)
	for i := range b.proposals {
		for _, line := range b.proposals[i].Lines {
			if line.Account != 0 {
				numbers[line.Account] = true
			} else {
				codes[line.Code] = true
			}
		}
	}
	wanted := make([]int64, 0, len(numbers))
	for no := range numbers {
		wanted = append(wanted, int64(no))
	}
	slices.Sort(wanted)
	var err error
	if b.accounts, b.codes, err = b.ledger.accounts(ctx, b.tx, b.head, wanted, keys(codes)); err != nil {
		return err
	}
	for _, account := range b.codes {
		b.accounts[account.No] = account
	}
	return nil
}

func (b *batch) loadStored(ctx context.Context) error {
	if b.stored != nil { // read when the book was locked
		return nil
	}
	wanted := make([]string, len(b.proposals))
	for i := range b.proposals {
		wanted[i] = b.proposals[i].Key
	}
	var err error
	b.stored, err = entriesByKey(ctx, b.tx, b.head.id, wanted)
	return err
}

// resolve settles account numbers, the period, the kind and the voucher type. Accounts that do not exist keep the number zero, for check to report.
func (b *batch) resolve(c *candidate) {
	if c.Kind == "" {
		c.Kind = KindEntry
	}
	c.lines.Grow(len(c.Lines))
	for _, line := range c.Lines {
		account := b.account(line)
		no := line.Account
		if account != nil {
			no = account.No
			c.general = c.general || account.Section == General
		}
		c.lines.Append(int32(no), int16(line.Side), int64(line.Amount), int32(line.Month), line.Tag)
	}
	if len(c.Lines) == 0 {
		return
	}
	if c.Period == 0 {
		c.Period = c.Effective.Month().Period()
	}
	if c.Voucher == "" && c.general {
		c.Voucher = VoucherGeneral
	}
}

func (b *batch) account(line Line) *Account {
	if line.Account != 0 {
		return b.accounts[line.Account]
	}
	return b.codes[line.Code]
}

func (b *batch) canonical(c *candidate) *seal.Draft {
	attachments := make([]seal.Attachment, len(c.Attachments))
	for i, a := range c.Attachments {
		attachments[i] = seal.Attachment{Name: a.Name, Hash: a.Hash}
	}
	return &seal.Draft{
		Kind: c.Kind, Key: c.Key, Effective: int32(c.Effective), Period: int32(c.Period), VoucherType: c.Voucher, Description: c.Description,
		EnteredBy: c.EnteredBy, ApprovedBy: c.ApprovedBy, Source: seal.Source{Kind: c.Source.Kind, ID: c.Source.ID, Hash: c.Source.Hash},
		Attachments: attachments, Transfer: c.Transfer, Reverses: int64(c.reverses), Metadata: c.Metadata, Act: c.Act,
	}
}

// replay answers a proposal from the entry that bears its key, if there is one: with its receipt when they are equal, with a fault when they are not. This
// comes before every other check, so that a retry succeeds even after the period was closed.
func (b *batch) replay(c *candidate) (bool, error) {
	if earlier, ok := b.keys[c.Key]; ok {
		b.add(c, ErrKeyReused, -1, "key", fmt.Sprintf("draft %d of the batch has it too", earlier+1), "give each draft its own key")
		return true, nil
	}
	stored, ok := b.stored[c.Key]
	if !ok {
		return false, nil
	}
	field, err := stored.differs(c)
	if err != nil {
		return false, err
	}
	if field != "" {
		b.add(c, ErrKeyReused, -1, field, fmt.Sprintf("entry %d has this key and differs in %s", stored.assigned.Seq, field),
			"use a new key for a new entry; to correct an entry, reverse it")
		return true, nil
	}
	b.receipts[c.at] = stored.receipt()
	return true, nil
}

func (b *batch) add(c *candidate, code Code, line int, field, detail, hint string) {
	b.faults = append(b.faults, &Error{Code: code, Book: b.head.id, Key: c.Key, Draft: c.place(c.at), Line: line, Field: field, Detail: detail, Hint: hint})
}

func keys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for key := range set {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// storedEntry is an entry as it stands in the book, with the exact bytes of its draft.
type storedEntry struct {
	assigned seal.Assigned
	draft    seal.Draft
	bytes    []byte
	columns  []byte
	leaf     seal.Hash
}

func (s *storedEntry) receipt() Receipt {
	return Receipt{
		Seq: Seq(s.assigned.Seq), Recorded: fromMicros(s.assigned.RecordedMicros), Period: calendar.Period(s.draft.Period),
		Voucher:      Voucher{Type: s.draft.VoucherType, Number: s.assigned.VoucherNumber},
		FirstOrdinal: s.assigned.FirstOrdinal, Leaf: s.leaf, Replayed: true, firstAccount: AccountNo(s.assigned.FirstAccount),
	}
}

// differs names the first field in which a candidate is not the stored entry, or nothing.
func (s *storedEntry) differs(c *candidate) (string, error) {
	seed, _, err := seal.DecodeColumns(s.columns, s.assigned.LineCount)
	if err != nil {
		return "", err
	}
	if !bytes.Equal(s.bytes, c.bytes) {
		return s.differingField(c), nil
	}
	again, err := seal.EncodeColumns(seed, &c.lines)
	if err != nil || !bytes.Equal(s.columns, again) {
		return "lines", nil //nolint:nilerr // lines that cannot be encoded are not those of a stored entry
	}
	return "", nil
}

func (s *storedEntry) differingField(c *candidate) string {
	d := &s.draft
	for _, f := range []struct {
		name string
		same bool
	}{
		{"kind", d.Kind == c.Kind}, {"effective date", d.Effective == int32(c.Effective)}, {"period", d.Period == int32(c.Period)},
		{"voucher", d.VoucherType == c.Voucher}, {"description", d.Description == c.Description}, {"entered by", d.EnteredBy == c.EnteredBy},
		{"approved by", d.ApprovedBy == c.ApprovedBy}, {"transfer", d.Transfer == c.Transfer}, {"reversed entry", d.Reverses == int64(c.reverses)},
		{"source", d.Source.Kind == c.Source.Kind && d.Source.ID == c.Source.ID && bytes.Equal(d.Source.Hash, c.Source.Hash)},
		{"act", bytes.Equal(d.Act, c.Act)},
	} {
		if !f.same {
			return f.name
		}
	}
	if len(d.Attachments) != len(c.Attachments) || !slices.EqualFunc(d.Attachments, c.Attachments, func(a seal.Attachment, b Attachment) bool {
		return a.Name == b.Name && bytes.Equal(a.Hash, b.Hash)
	}) {
		return "attachments"
	}
	return "metadata"
}
