-- +goose Up
-- The ledger's tables. Amounts are minor units; ledger_journal and ledger_trial show decimals and names.
-- Entries, lines, tree nodes and acts on periods are only ever added. The rows of ledger_book, ledger_account_day and ledger_voucher move with them, and
-- of an account only the name and the day of closing.

CREATE TABLE ledger_book (
    realm_id       int NOT NULL,
    book_no        smallint NOT NULL,
    code           text COLLATE "C" NOT NULL,
    name           text COLLATE "C" NOT NULL,
    currency       text COLLATE "C" NOT NULL,   -- ISO 4217; empty for a register book
    scale          smallint NOT NULL,  -- decimal places of the amounts
    first_period   int NOT NULL,    -- yyyypp; 0 for a register book
    seq            bigint NOT NULL,    -- number of entries
    lines          bigint NOT NULL,    -- number of lines
    accounts       bigint NOT NULL,    -- number of accounts
    gross          bigint NOT NULL,    -- sum of the sizes of all lines
    accounts_state bytea NOT NULL,   -- hash over the acts that opened, closed and named accounts, in order
    recorded_us    bigint NOT NULL,    -- recorded time of the last entry
    closed_through int NOT NULL,    -- yyyypp
    issued_through int NOT NULL,    -- yyyypp, 0 if no statements were issued
    frontier       bytea NOT NULL,   -- right edge of the Merkle tree over the entries
    PRIMARY KEY (realm_id, book_no)
);

CREATE TABLE ledger_account (
    realm_id         int NOT NULL,
    book_no          smallint NOT NULL,
    account_no       int NOT NULL,
    code             text COLLATE "C" NOT NULL,
    name             text COLLATE "C" NOT NULL,
    type             text COLLATE "C" NOT NULL CHECK (type IN ('asset', 'liability', 'net_assets', 'income', 'expense')),
    section          text COLLATE "C" NOT NULL CHECK (section IN ('general', 'memorandum')),
    class            text COLLATE "C" NOT NULL CHECK (class IN ('detail', 'heading', 'control', 'member')),
    parent_no        int NOT NULL,     -- 0 at the top
    never_below_zero boolean NOT NULL,
    opened_day       int NOT NULL,     -- yyyymmdd
    closed_day       int NOT NULL,     -- yyyymmdd, 0 while open
    PRIMARY KEY (realm_id, book_no, account_no),
    CONSTRAINT ledger_account_code UNIQUE (realm_id, book_no, code)
);
-- Partial, so that no planner takes it for looking accounts up by number: queries by parent say parent_no > 0 besides.
CREATE INDEX ledger_account_parent ON ledger_account (realm_id, book_no, parent_no, account_no) WHERE parent_no > 0;

CREATE TABLE ledger_entry (
    realm_id      int NOT NULL,
    book_no       smallint NOT NULL,
    seq           bigint NOT NULL,
    kind          text COLLATE "C" NOT NULL,
    key           text COLLATE "C" NOT NULL,
    effective_day int NOT NULL,    -- yyyymmdd
    period        int NOT NULL,    -- yyyypp, 0 for an act
    voucher_type  text COLLATE "C" NOT NULL,
    voucher_no    bigint NOT NULL,    -- 0 for none
    recorded_us   bigint NOT NULL,    -- microseconds since 1970-01-01 UTC
    description   text COLLATE "C" NOT NULL,
    entered_by    text COLLATE "C" NOT NULL,
    approved_by   text COLLATE "C" NOT NULL,
    source_kind   text COLLATE "C" NOT NULL,
    source_id     text COLLATE "C" NOT NULL,
    source_hash   bytea NOT NULL,
    attachments   int NOT NULL,    -- how many
    transfer_id   text COLLATE "C" NOT NULL,
    reverses_seq  bigint NOT NULL,    -- 0 for none
    metadata      text COLLATE "C" NOT NULL,   -- JSON, or empty
    first_ordinal bigint NOT NULL,
    line_count    bigint NOT NULL,
    header        bytea NOT NULL,   -- the record itself, as ledger/seal/ENCODING.md says; all columns above follow from it
    columns       bytea NOT NULL,
    lines_root    bytea NOT NULL,
    leaf          bytea NOT NULL,
    PRIMARY KEY (realm_id, book_no, seq)
);
CREATE UNIQUE INDEX ledger_entry_key ON ledger_entry (realm_id, book_no, key);
CREATE UNIQUE INDEX ledger_entry_voucher ON ledger_entry (realm_id, book_no, period, voucher_type, voucher_no) WHERE voucher_no > 0;
CREATE UNIQUE INDEX ledger_entry_reverses ON ledger_entry (realm_id, book_no, reverses_seq) WHERE reverses_seq > 0;
CREATE INDEX ledger_entry_transfer ON ledger_entry (realm_id, book_no, transfer_id) WHERE transfer_id <> '';

CREATE TABLE ledger_line (
    realm_id      int NOT NULL,
    book_no       smallint NOT NULL,
    segment       int NOT NULL,    -- ordinal / 2^20
    account_no    int NOT NULL,
    ordinal       bigint NOT NULL,    -- place of the line in the book, from 0
    seq           bigint NOT NULL,
    side          smallint NOT NULL CHECK (side IN (1, -1)),  -- 1 debit, -1 credit
    amount        bigint NOT NULL,    -- minor units; negative in red
    effective_day int NOT NULL,    -- yyyymmdd
    month         int NOT NULL,    -- attribution month yyyymm, 0 for none
    tag           text COLLATE "C" NOT NULL,
    PRIMARY KEY (realm_id, book_no, segment, account_no, ordinal) INCLUDE (seq, side, amount, effective_day, month, tag)
);

CREATE TABLE ledger_account_day (
    realm_id       int NOT NULL,
    book_no        smallint NOT NULL,
    account_no     int NOT NULL,   -- an account of the chart; a control stands for its members
    day            int NOT NULL,   -- effective day, yyyymmdd
    period         int NOT NULL,   -- yyyypp: 31 December has lines of periods 12 and 13
    debit          bigint NOT NULL,
    credit         bigint NOT NULL,
    closing_debit  bigint NOT NULL,   -- of entries of kind closing
    closing_credit bigint NOT NULL,
    PRIMARY KEY (realm_id, book_no, account_no, day, period)
);

CREATE TABLE ledger_voucher (
    realm_id     int NOT NULL,
    book_no      smallint NOT NULL,
    period       int NOT NULL,
    voucher_type text COLLATE "C" NOT NULL,
    last         bigint NOT NULL,     -- the last number given
    PRIMARY KEY (realm_id, book_no, period, voucher_type)
);

CREATE TABLE ledger_period (
    realm_id int NOT NULL,
    book_no  smallint NOT NULL,
    seq      bigint NOT NULL,         -- the act's entry
    act      text COLLATE "C" NOT NULL,        -- its kind: ledger.period.close, .reopen, .issue, ledger.year.finalise
    period   int NOT NULL,
    PRIMARY KEY (realm_id, book_no, seq)
);

CREATE TABLE ledger_tree (
    realm_id int NOT NULL,
    book_no  smallint NOT NULL,
    level    smallint NOT NULL,       -- 8, 16, 24 ...: the root of a complete subtree of 2^level entries
    idx      bigint NOT NULL,         -- its place among those of its level
    hash     bytea NOT NULL,
    PRIMARY KEY (realm_id, book_no, level, idx)
);

-- 12345e-2 is 123.45 exactly; a division would round what has more than sixteen digits.
CREATE VIEW ledger_journal AS
SELECT l.realm_id, l.book_no, l.seq, l.ordinal, l.effective_day, e.period, e.voucher_type, e.voucher_no, e.kind, e.description, a.code, a.name, a.section,
       CASE WHEN l.side = 1 THEN CAST(l.amount || 'e-' || b.scale AS numeric) END AS debit,
       CASE WHEN l.side = -1 THEN CAST(l.amount || 'e-' || b.scale AS numeric) END AS credit,
       b.currency, l.month, l.tag, e.entered_by, e.approved_by, e.source_kind, e.source_id
FROM ledger_line l
JOIN ledger_entry e ON e.realm_id = l.realm_id AND e.book_no = l.book_no AND e.seq = l.seq
JOIN ledger_account a ON a.realm_id = l.realm_id AND a.book_no = l.book_no AND a.account_no = l.account_no
JOIN ledger_book b ON b.realm_id = l.realm_id AND b.book_no = l.book_no;

CREATE VIEW ledger_trial AS
SELECT t.realm_id, t.book_no, t.account_no, a.code, a.name, a.section, t.day, t.period,
       CAST((t.debit + t.closing_debit) || 'e-' || b.scale AS numeric) AS debit,
       CAST((t.credit + t.closing_credit) || 'e-' || b.scale AS numeric) AS credit, b.currency
FROM ledger_account_day t
JOIN ledger_account a ON a.realm_id = t.realm_id AND a.book_no = t.book_no AND a.account_no = t.account_no
JOIN ledger_book b ON b.realm_id = t.realm_id AND b.book_no = t.book_no;

-- +goose StatementBegin
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % of % is refused', TG_OP, TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_line_append_only BEFORE UPDATE OR DELETE ON ledger_line FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_tree_append_only BEFORE UPDATE OR DELETE ON ledger_tree FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_period_append_only BEFORE UPDATE OR DELETE ON ledger_period FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_book_fixed BEFORE UPDATE OF realm_id, book_no, code, name, currency, scale, first_period ON ledger_book FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_book_kept BEFORE DELETE ON ledger_book FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_account_fixed BEFORE UPDATE OF realm_id, book_no, account_no, code, type, section, class, parent_no, never_below_zero, opened_day ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_account_kept BEFORE DELETE ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_account_day_kept BEFORE DELETE ON ledger_account_day FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_voucher_kept BEFORE DELETE ON ledger_voucher FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_book_whole BEFORE TRUNCATE ON ledger_book FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_account_whole BEFORE TRUNCATE ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_entry_whole BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_line_whole BEFORE TRUNCATE ON ledger_line FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_account_day_whole BEFORE TRUNCATE ON ledger_account_day FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_voucher_whole BEFORE TRUNCATE ON ledger_voucher FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_period_whole BEFORE TRUNCATE ON ledger_period FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_tree_whole BEFORE TRUNCATE ON ledger_tree FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
