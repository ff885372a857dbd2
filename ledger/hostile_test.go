package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// hostileTexts are what breaks programs that put texts together: quotes, placeholders, comments, markup, formulas, marks of direction, control characters.
var hostileTexts = []string{
	`'`, `''`, `"`, `\`, `\\`, `\'`, "`", `$1`, `$$`, `?`, `??`, `:x`, `@x`, `%s`, `%00`, `{}`, `{"a":1}`, `[1]`, `--`, `/*`, `*/`, `;`, `NULL`, `null`, `0`, `-1`, `1e9`, `true`,
	`'; DROP TABLE ledger_entry; --`, `" OR "1"="1`, `E'\x27'`, `\x00`, `x'00'`, `<script>alert(1)</script>`, `&amp;`, `=cmd|' /C calc'!A0`, `+1`, `@SUM(A1)`,
	"line\nbreak", "carriage\r\nreturn", "tab\t", "\x01\x02\x1b[31m", "\u2028\u2029", "\u202egnp.exe", "\u2066left\u2069", "\ufeffmark", "\u200bnothing", "a\u0301", "á", "ı İ ß ﬁ",
	"養老保險", "𠮷野家", "👩‍👩‍👧‍👦", "🏳️‍🌈", "ٱلْعَرَبِيَّة", "ก็็็็็", " leading", "trailing ", "  ", "\U0010ffff", "\ufffd", strings.Repeat("長", 341) + "x",
}

// cut keeps a text within a number of bytes, in whole characters.
func cut(text string, most int) string {
	for len(text) > most {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// another is a code near a text.
func another(name string) string { return cut(name, ledger.MaxName-1) + "'" }

func TestHostileTextsComeBackAsTheyWere(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		before := schemaOf(t, f)
		for i, text := range hostileTexts {
			name := cut(text, ledger.MaxName)
			id := ledger.BookID{Realm: int32(100 + i), Number: 1}
			hostileBook(t, f, id, name)
			hostileEntry(t, f, id, text, name)
			f.Verify(t, id, id.Register())
		}
		if diff := cmp.Diff(before, schemaOf(t, f)); diff != "" {
			t.Errorf("the schema changed:\n%s", diff)
		}
	})
}

func schemaOf(t *testing.T, f *ledgertest.Fixture) []string {
	t.Helper()
	if f.DB.Dialect().Name() == storetest.SQLite {
		return rowsOf(t, f.DB, "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
	}
	return append(rowsOf(t, f.DB, "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns WHERE table_name LIKE 'ledger%' ORDER BY 1, 2, 3"),
		rowsOf(t, f.DB, "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1")...)
}

// hostileBook opens a realm, a book and accounts whose codes and names are the text.
func hostileBook(t *testing.T, f *ledgertest.Fixture, id ledger.BookID, name string) {
	t.Helper()
	ctx := t.Context()
	must(t, f.Ledger.OpenRealm(ctx, ledger.RealmSpec{ID: id.Realm, Code: name, Name: name, Opened: ledgertest.Opened, EnteredBy: name}))
	spec := ledgertest.BookSpec(id)
	spec.Code, spec.Name, spec.EnteredBy = name, name, name
	must(t, f.Ledger.OpenBook(ctx, spec))
	act := ledger.Act{Key: cut(name, ledger.MaxKey), Effective: ledgertest.Opened, EnteredBy: name, ApprovedBy: name, Description: name,
		Source: ledger.Source{Kind: cut(name, ledger.MaxKind), ID: name}}
	_, err := f.Ledger.OpenAccounts(ctx, id, act, []ledger.AccountSpec{
		{Code: name, Name: name, Type: ledger.Asset, Class: ledger.Heading}, {Code: "below", Name: name, Type: ledger.Asset, Parent: name},
		{Code: another(name), Name: name, Type: ledger.Income},
	})
	must(t, err)
	for _, id := range []ledger.BookID{id, id.Register()} {
		book, err := f.Ledger.Book(ctx, id)
		must(t, err)
		if book.Code != name || book.Name != name {
			t.Errorf("book %v: code %q and name %q, want %q", id, book.Code, book.Name, name)
		}
	}
	account, err := f.Ledger.Account(ctx, id, name)
	must(t, err)
	below, err := f.Ledger.Account(ctx, id, "below")
	must(t, err)
	if account.No != 1 || account.Code != name || account.Name != name || below.Parent != 1 {
		t.Errorf("account %+v, want code and name %q", account, name)
	}
}

// hostileEntry posts an entry whose every text is the text, reads it in each way, and renames and reverses.
func hostileEntry(t *testing.T, f *ledgertest.Fixture, id ledger.BookID, text, name string) {
	t.Helper()
	ctx := t.Context()
	tag := cut(text, ledger.MaxTag)
	draft := ledger.Draft{
		Key: cut("k"+text, ledger.MaxKey), Effective: 20260105, Voucher: cut(text, ledger.MaxVoucherType), Description: cut(text, ledger.MaxText), EnteredBy: name,
		ApprovedBy: name, Source: ledger.Source{Kind: cut(text, ledger.MaxKind), ID: name}, Transfer: name, Attachments: []ledger.Attachment{{Name: name}},
		Metadata: map[string]string{name: cut(text, ledger.MaxText), "b": "'"}, Lines: []ledger.Line{
			{Code: "below", Side: ledger.Debit, Amount: 100, Tag: tag}, {Code: another(name), Side: ledger.Credit, Amount: 100, Tag: tag},
		},
	}
	receipt, err := f.Ledger.Post(ctx, id, draft)
	must(t, err)
	want := ledger.Entry{
		Book: id, Seq: receipt.Seq, Recorded: receipt.Recorded, Kind: ledger.KindEntry, Key: draft.Key, Effective: draft.Effective, Period: 202601,
		Voucher: ledger.Voucher{Type: draft.Voucher, Number: 1}, Description: draft.Description, EnteredBy: name, ApprovedBy: name, Source: draft.Source,
		Transfer: name, Attachments: draft.Attachments, Metadata: draft.Metadata, Leaf: receipt.Leaf, Lines: []ledger.Line{
			{Account: 2, Side: ledger.Debit, Amount: 100, Tag: tag}, {Account: 3, Side: ledger.Credit, Amount: 100, Tag: tag},
		},
	}
	entry, err := f.Ledger.Entry(ctx, id, receipt.Seq)
	must(t, err)
	byKey, err := f.Ledger.EntryByKey(ctx, id, draft.Key)
	must(t, err)
	if diff := cmp.Diff([]ledger.Entry{want, want}, []ledger.Entry{entry, byKey}, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%q: (-posted +read)\n%s", text, diff)
	}
	statement, err := f.Ledger.Statement(ctx, id, 2, ledger.Range{From: 20260101, To: 20260131})
	must(t, err)
	for line, err := range statement.Lines() {
		must(t, err)
		if line.Tag != tag || line.Description != draft.Description || line.Voucher.Type != draft.Voucher {
			t.Errorf("%q: statement line %+v", text, line)
		}
	}
	again, err := f.Ledger.Post(ctx, id, draft)
	sameReceipt(t, receipt, again, err)
	_, err = f.Ledger.Reverse(ctx, id, receipt.Seq, ledger.Reversal{Key: "reversal", Effective: 20260106, Reason: cut(text, ledger.MaxText), EnteredBy: name})
	must(t, err)
	must(t, f.Ledger.NameAccount(ctx, id, ledgertest.Act("name", 20260106), 3, cut(name+"ß", ledger.MaxName)))
}

func TestTextThatNoRecordCanHoldIsRefusedInEveryField(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		before := allRows(t, f.DB, 1)
		for _, bad := range []string{"\x00", "a\x00b", "\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80"} {
			for name, set := range map[string]func(*ledger.Draft){
				"key": func(d *ledger.Draft) { d.Key = bad }, "kind": func(d *ledger.Draft) { d.Kind = bad }, "voucher": func(d *ledger.Draft) { d.Voucher = bad },
				"description": func(d *ledger.Draft) { d.Description = bad }, "entered by": func(d *ledger.Draft) { d.EnteredBy = bad },
				"approved by": func(d *ledger.Draft) { d.ApprovedBy = bad }, "source kind": func(d *ledger.Draft) { d.Source.Kind = bad },
				"source id": func(d *ledger.Draft) { d.Source.ID = bad }, "transfer": func(d *ledger.Draft) { d.Transfer = bad },
				"attachment 1": func(d *ledger.Draft) { d.Attachments = []ledger.Attachment{{Name: bad}} },
				"metadata key": func(d *ledger.Draft) { d.Metadata = map[string]string{bad: ""} },
				"metadata m":   func(d *ledger.Draft) { d.Metadata = map[string]string{"m": bad} },
				"code":         func(d *ledger.Draft) { d.Lines[0].Code = bad }, "tag": func(d *ledger.Draft) { d.Lines[0].Tag = bad },
			} {
				draft := ledgertest.Transfer("bad", 20260105, "1002", "4001", 1)
				set(&draft)
				_, err := f.Ledger.Post(t.Context(), f.Book, draft)
				refusedField(t, fmt.Sprintf("%q as %s", bad, name), name, err)
			}
			ctx, act := t.Context(), ledgertest.Act("bad", 20260105)
			for name, spec := range map[string]ledger.AccountSpec{"code": {Code: bad}, "name": {Code: "x", Name: bad}, "parent": {Code: "x", Parent: bad}} {
				_, err := f.Ledger.OpenAccounts(ctx, f.Book, act, []ledger.AccountSpec{spec})
				refusedField(t, fmt.Sprintf("%q as %s of an account", bad, name), name, err)
			}
			refusedField(t, "name of an account", "name", f.Ledger.NameAccount(ctx, f.Book, act, 1, bad))
			refusedField(t, "name of a realm", "name", f.Ledger.OpenRealm(ctx, ledger.RealmSpec{ID: 5, Code: "x", Name: bad, Opened: 20260101, EnteredBy: "x"}))
			act.Description = bad
			refusedField(t, "description of an act", "description", f.Ledger.NameAccount(ctx, f.Book, act, 1, "x"))
			_, err := f.Ledger.Reverse(ctx, f.Book, 3, ledger.Reversal{Key: bad, Reason: bad, EnteredBy: bad})
			if !errors.Is(err, ledger.ErrEntryUnknown) {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(before, allRows(t, f.DB, 1)); diff != "" {
			t.Error(diff)
		}
	})
}

func refusedField(t *testing.T, what, field string, err error) {
	t.Helper()
	if e, ok := errors.AsType[*ledger.Error](err); !ok || e.Code != ledger.ErrFieldInvalid || e.Field != field {
		t.Errorf("%s: %v", what, err)
	}
}
