-- +goose Up
-- The ledger's tables. Amounts are minor units; ledger_journal and ledger_trial show decimals and names.
-- Entries, lines, tree nodes and acts on periods are only ever added. The rows of ledger_book, ledger_account_day and ledger_voucher move with them, and
-- of an account only the name and the day of closing.

CREATE TABLE ledger_book (
    realm_id       INTEGER NOT NULL,
    book_no        INTEGER NOT NULL,
    code           TEXT NOT NULL,
    name           TEXT NOT NULL,
    currency       TEXT NOT NULL,   -- ISO 4217; empty for a register book
    scale          INTEGER NOT NULL,  -- decimal places of the amounts
    first_period   INTEGER NOT NULL,    -- yyyypp; 0 for a register book
    seq            INTEGER NOT NULL,    -- number of entries
    lines          INTEGER NOT NULL,    -- number of lines
    accounts       INTEGER NOT NULL,    -- number of accounts
    gross          INTEGER NOT NULL,    -- sum of the sizes of all lines
    accounts_state BLOB NOT NULL,   -- hash over the acts that opened, closed and named accounts, in order
    recorded_us    INTEGER NOT NULL,    -- recorded time of the last entry
    closed_through INTEGER NOT NULL,    -- yyyypp
    issued_through INTEGER NOT NULL,    -- yyyypp, 0 if no statements were issued
    frontier       BLOB NOT NULL,   -- right edge of the Merkle tree over the entries
    PRIMARY KEY (realm_id, book_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_account (
    realm_id         INTEGER NOT NULL,
    book_no          INTEGER NOT NULL,
    account_no       INTEGER NOT NULL,
    code             TEXT NOT NULL,
    name             TEXT NOT NULL,
    type             TEXT NOT NULL CHECK (type IN ('asset', 'liability', 'net_assets', 'income', 'expense')),
    section          TEXT NOT NULL CHECK (section IN ('general', 'memorandum')),
    class            TEXT NOT NULL CHECK (class IN ('detail', 'heading', 'control', 'member')),
    parent_no        INTEGER NOT NULL,     -- 0 at the top
    never_below_zero INTEGER NOT NULL,
    opened_day       INTEGER NOT NULL,     -- yyyymmdd
    closed_day       INTEGER NOT NULL,     -- yyyymmdd, 0 while open
    PRIMARY KEY (realm_id, book_no, account_no),
    CONSTRAINT ledger_account_code UNIQUE (realm_id, book_no, code)
) STRICT, WITHOUT ROWID;
-- Partial, so that no planner takes it for looking accounts up by number: queries by parent say parent_no > 0 besides.
CREATE INDEX ledger_account_parent ON ledger_account (realm_id, book_no, parent_no, account_no) WHERE parent_no > 0;

CREATE TABLE ledger_entry (
    realm_id      INTEGER NOT NULL,
    book_no       INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    key           TEXT NOT NULL,
    effective_day INTEGER NOT NULL,    -- yyyymmdd
    period        INTEGER NOT NULL,    -- yyyypp, 0 for an act
    voucher_type  TEXT NOT NULL,
    voucher_no    INTEGER NOT NULL,    -- 0 for none
    recorded_us   INTEGER NOT NULL,    -- microseconds since 1970-01-01 UTC
    description   TEXT NOT NULL,
    entered_by    TEXT NOT NULL,
    approved_by   TEXT NOT NULL,
    source_kind   TEXT NOT NULL,
    source_id     TEXT NOT NULL,
    source_hash   BLOB NOT NULL,
    attachments   INTEGER NOT NULL,    -- how many
    transfer_id   TEXT NOT NULL,
    reverses_seq  INTEGER NOT NULL,    -- 0 for none
    metadata      TEXT NOT NULL,   -- JSON, or empty
    first_ordinal INTEGER NOT NULL,
    line_count    INTEGER NOT NULL,
    header        BLOB NOT NULL,   -- the record itself, as ledger/seal/ENCODING.md says; all columns above follow from it
    columns       BLOB NOT NULL,
    lines_root    BLOB NOT NULL,
    leaf          BLOB NOT NULL,
    PRIMARY KEY (realm_id, book_no, seq)
) STRICT;
CREATE UNIQUE INDEX ledger_entry_key ON ledger_entry (realm_id, book_no, key);
CREATE UNIQUE INDEX ledger_entry_voucher ON ledger_entry (realm_id, book_no, period, voucher_type, voucher_no) WHERE voucher_no > 0;
CREATE UNIQUE INDEX ledger_entry_reverses ON ledger_entry (realm_id, book_no, reverses_seq) WHERE reverses_seq > 0;
CREATE INDEX ledger_entry_transfer ON ledger_entry (realm_id, book_no, transfer_id) WHERE transfer_id <> '';

CREATE TABLE ledger_line (
    realm_id      INTEGER NOT NULL,
    book_no       INTEGER NOT NULL,
    segment       INTEGER NOT NULL,    -- ordinal / 2^20
    account_no    INTEGER NOT NULL,
    ordinal       INTEGER NOT NULL,    -- place of the line in the book, from 0
    seq           INTEGER NOT NULL,
    side          INTEGER NOT NULL CHECK (side IN (1, -1)),  -- 1 debit, -1 credit
    amount        INTEGER NOT NULL,    -- minor units; negative in red
    effective_day INTEGER NOT NULL,    -- yyyymmdd
    month         INTEGER NOT NULL,    -- attribution month yyyymm, 0 for none
    tag           TEXT NOT NULL,
    PRIMARY KEY (realm_id, book_no, segment, account_no, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_account_day (
    realm_id       INTEGER NOT NULL,
    book_no        INTEGER NOT NULL,
    account_no     INTEGER NOT NULL,   -- an account of the chart; a control stands for its members
    day            INTEGER NOT NULL,   -- effective day, yyyymmdd
    period         INTEGER NOT NULL,   -- yyyypp: 31 December has lines of periods 12 and 13
    debit          INTEGER NOT NULL,
    credit         INTEGER NOT NULL,
    closing_debit  INTEGER NOT NULL,   -- of entries of kind closing
    closing_credit INTEGER NOT NULL,
    PRIMARY KEY (realm_id, book_no, account_no, day, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_voucher (
    realm_id     INTEGER NOT NULL,
    book_no      INTEGER NOT NULL,
    period       INTEGER NOT NULL,
    voucher_type TEXT NOT NULL,
    last         INTEGER NOT NULL,     -- the last number given
    PRIMARY KEY (realm_id, book_no, period, voucher_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_period (
    realm_id INTEGER NOT NULL,
    book_no  INTEGER NOT NULL,
    seq      INTEGER NOT NULL,         -- the act's entry
    act      TEXT NOT NULL,        -- its kind: ledger.period.close, .reopen, .issue, ledger.year.finalise
    period   INTEGER NOT NULL,
    PRIMARY KEY (realm_id, book_no, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_tree (
    realm_id INTEGER NOT NULL,
    book_no  INTEGER NOT NULL,
    level    INTEGER NOT NULL,       -- 8, 16, 24 ...: the root of a complete subtree of 2^level entries
    idx      INTEGER NOT NULL,         -- its place among those of its level
    hash     BLOB NOT NULL,
    PRIMARY KEY (realm_id, book_no, level, idx)
) STRICT, WITHOUT ROWID;

CREATE VIEW ledger_journal AS
SELECT l.realm_id, l.book_no, l.seq, l.ordinal, l.effective_day, e.period, e.voucher_type, e.voucher_no, e.kind, e.description, a.code, a.name, a.section,
       CASE WHEN l.side = 1 THEN CASE WHEN b.scale = 0 THEN CAST(l.amount AS TEXT) ELSE CASE WHEN l.amount < 0 THEN '-' ELSE '' END || substr(printf('%0*d', b.scale + 1, abs(l.amount)), 1, length(printf('%0*d', b.scale + 1, abs(l.amount))) - b.scale) || '.' || substr(printf('%0*d', b.scale + 1, abs(l.amount)), -b.scale) END END AS debit,
       CASE WHEN l.side = -1 THEN CASE WHEN b.scale = 0 THEN CAST(l.amount AS TEXT) ELSE CASE WHEN l.amount < 0 THEN '-' ELSE '' END || substr(printf('%0*d', b.scale + 1, abs(l.amount)), 1, length(printf('%0*d', b.scale + 1, abs(l.amount))) - b.scale) || '.' || substr(printf('%0*d', b.scale + 1, abs(l.amount)), -b.scale) END END AS credit,
       b.currency, l.month, l.tag, e.entered_by, e.approved_by, e.source_kind, e.source_id
FROM ledger_line l
JOIN ledger_entry e ON e.realm_id = l.realm_id AND e.book_no = l.book_no AND e.seq = l.seq
JOIN ledger_account a ON a.realm_id = l.realm_id AND a.book_no = l.book_no AND a.account_no = l.account_no
JOIN ledger_book b ON b.realm_id = l.realm_id AND b.book_no = l.book_no;

CREATE VIEW ledger_trial AS
SELECT t.realm_id, t.book_no, t.account_no, a.code, a.name, a.section, t.day, t.period,
       CASE WHEN b.scale = 0 THEN CAST((t.debit + t.closing_debit) AS TEXT) ELSE CASE WHEN (t.debit + t.closing_debit) < 0 THEN '-' ELSE '' END || substr(printf('%0*d', b.scale + 1, abs((t.debit + t.closing_debit))), 1, length(printf('%0*d', b.scale + 1, abs((t.debit + t.closing_debit)))) - b.scale) || '.' || substr(printf('%0*d', b.scale + 1, abs((t.debit + t.closing_debit))), -b.scale) END AS debit,
       CASE WHEN b.scale = 0 THEN CAST((t.credit + t.closing_credit) AS TEXT) ELSE CASE WHEN (t.credit + t.closing_credit) < 0 THEN '-' ELSE '' END || substr(printf('%0*d', b.scale + 1, abs((t.credit + t.closing_credit))), 1, length(printf('%0*d', b.scale + 1, abs((t.credit + t.closing_credit)))) - b.scale) || '.' || substr(printf('%0*d', b.scale + 1, abs((t.credit + t.closing_credit))), -b.scale) END AS credit, b.currency
FROM ledger_account_day t
JOIN ledger_account a ON a.realm_id = t.realm_id AND a.book_no = t.book_no AND a.account_no = t.account_no
JOIN ledger_book b ON b.realm_id = t.realm_id AND b.book_no = t.book_no;

-- +goose StatementBegin
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_entry is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_entry is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_line_no_update BEFORE UPDATE ON ledger_line BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_line is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_line_no_delete BEFORE DELETE ON ledger_line BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_line is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_tree_no_update BEFORE UPDATE ON ledger_tree BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_tree is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_tree_no_delete BEFORE DELETE ON ledger_tree BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_tree is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_period_no_update BEFORE UPDATE ON ledger_period BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_period is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_period_no_delete BEFORE DELETE ON ledger_period BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_period is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_book_fixed BEFORE UPDATE OF realm_id, book_no, code, name, currency, scale, first_period ON ledger_book BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_book is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_book_kept BEFORE DELETE ON ledger_book BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_book is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_account_fixed BEFORE UPDATE OF realm_id, book_no, account_no, code, type, section, class, parent_no, never_below_zero, opened_day ON ledger_account BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_account is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_account_kept BEFORE DELETE ON ledger_account BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_account is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_account_day_kept BEFORE DELETE ON ledger_account_day BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_account_day is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_voucher_kept BEFORE DELETE ON ledger_voucher BEGIN SELECT RAISE(ABORT, 'append-only: change of ledger_voucher is refused'); END;
-- +goose StatementEnd
