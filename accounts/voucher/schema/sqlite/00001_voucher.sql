-- +goose Up
-- The tables of accounts/voucher. Amounts are minor units of the book's currency; days are yyyymmdd, periods yyyypp.
-- Steps and contents are only ever added. The row of voucher_voucher moves with each step, until the voucher is withdrawn, or posted and signed by all. Every
-- column of it but the first four follows from the steps and the content.

-- The last number given in a book, and the lock under which vouchers are prepared.
CREATE TABLE voucher_book (
    realm_id INTEGER NOT NULL,
    book_no  INTEGER NOT NULL,
    last     INTEGER NOT NULL,  -- the last voucher_no
    PRIMARY KEY (realm_id, book_no)
) STRICT, WITHOUT ROWID;

-- Vouchers as they stand (会计凭证).
CREATE TABLE voucher_voucher (
    realm_id       INTEGER NOT NULL,
    book_no        INTEGER NOT NULL,
    voucher_no     INTEGER NOT NULL,  -- 制单号, dense in the book from 1
    key            TEXT NOT NULL,  -- idempotency key of the draft, and of the entry
    state          TEXT NOT NULL CHECK (state IN ('draft', 'reviewed', 'posted', 'sent_back', 'withdrawn')),
    kind           TEXT NOT NULL CHECK (kind IN ('receipt', 'payment', 'transfer', 'memorandum')),  -- by the accounts of money it touches
    voucher_type   TEXT NOT NULL,  -- 凭证字; empty for a memorandum
    effective_day  INTEGER NOT NULL,
    period         INTEGER NOT NULL,
    description    TEXT NOT NULL,  -- 摘要
    amount         INTEGER NOT NULL,  -- total of the debits in the general section
    attachments    INTEGER NOT NULL,  -- how many originals
    prepared_by    TEXT NOT NULL,  -- 填制
    reviewed_by    TEXT NOT NULL,  -- 稽核; empty until done, and again when sent back
    cashier        TEXT NOT NULL,  -- 出纳; likewise
    head           TEXT NOT NULL,  -- 会计主管; likewise
    posted_by      TEXT NOT NULL,  -- 记账; empty until posted
    steps          INTEGER NOT NULL,  -- number of steps taken
    changed_day    INTEGER NOT NULL,  -- day of the last step
    content_step   INTEGER NOT NULL,  -- the step that gave the content
    content_hash   BLOB NOT NULL,  -- SHA-256 of the content
    history_hash   BLOB NOT NULL,  -- step_hash of the last step
    entry_seq      INTEGER NOT NULL,  -- the entry in ledger_entry; 0 until posted
    voucher_number INTEGER NOT NULL,  -- 凭证号, given at posting; 0 until then
    PRIMARY KEY (realm_id, book_no, voucher_no),
    CONSTRAINT voucher_voucher_key UNIQUE (realm_id, book_no, key)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX voucher_voucher_entry ON voucher_voucher (realm_id, book_no, entry_seq) WHERE entry_seq > 0;
CREATE INDEX voucher_voucher_open ON voucher_voucher (realm_id, book_no, state, voucher_no) WHERE state IN ('draft', 'reviewed', 'sent_back');

-- What each hand did, one row for each step (凭证流转记录).
CREATE TABLE voucher_step (
    realm_id       INTEGER NOT NULL,
    book_no        INTEGER NOT NULL,
    voucher_no     INTEGER NOT NULL,
    step_no        INTEGER NOT NULL,  -- from 1
    action         TEXT NOT NULL,
    person         TEXT NOT NULL,  -- who
    day            INTEGER NOT NULL,  -- when, as given
    reason         TEXT NOT NULL,
    key            TEXT NOT NULL,  -- idempotency key of the step
    state          TEXT NOT NULL,  -- where the voucher stood after it
    content_hash   BLOB NOT NULL,  -- SHA-256 of the content that was signed, or given
    step_hash      BLOB NOT NULL,  -- over this step and the step_hash before it; that of the posting stands in the metadata of the entry
    entry_seq      INTEGER NOT NULL,  -- of posting, else 0
    voucher_number INTEGER NOT NULL,  -- likewise
    PRIMARY KEY (realm_id, book_no, voucher_no, step_no),
    CONSTRAINT voucher_step_key UNIQUE (realm_id, book_no, voucher_no, key)
) STRICT;

-- Every version of every voucher's content, as the step that gave it.
CREATE TABLE voucher_content (
    realm_id   INTEGER NOT NULL,
    book_no    INTEGER NOT NULL,
    voucher_no INTEGER NOT NULL,
    step_no    INTEGER NOT NULL,
    content    BLOB NOT NULL,  -- canonical CBOR of the draft, as content.go says
    PRIMARY KEY (realm_id, book_no, voucher_no, step_no)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER voucher_book_forward BEFORE UPDATE ON voucher_book WHEN NEW.realm_id <> OLD.realm_id OR NEW.book_no <> OLD.book_no OR NEW.last < OLD.last BEGIN SELECT RAISE(ABORT, 'append-only: change of voucher_book is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER voucher_book_kept BEFORE DELETE ON voucher_book BEGIN SELECT RAISE(ABORT, 'append-only: change of voucher_book is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER voucher_voucher_fixed BEFORE UPDATE OF realm_id, book_no, voucher_no, key, prepared_by ON voucher_voucher BEGIN SELECT RAISE(ABORT, 'append-only: change of voucher_voucher is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER voucher_voucher_forward BEFORE UPDATE ON voucher_voucher WHEN NEW.steps <> OLD.steps + 1 OR OLD.state = 'withdrawn' OR (OLD.state = 'posted' AND (NEW.state <> 'posted' OR NEW.content_hash <> OLD.content_hash OR NEW.entry_seq <> OLD.entry_seq OR NEW.voucher_number <> OLD.voucher_number OR NEW.reviewed_by <> OLD.reviewed_by OR NEW.posted_by <> OLD.posted_by)) BEGIN SELECT RAISE(ABORT, 'append-only: change of voucher_voucher is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER voucher_voucher_kept BEFORE DELETE ON voucher_voucher BEGIN SELECT RAISE(ABORT, 'append-only: change of voucher_voucher is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER voucher_step_fixed BEFORE UPDATE ON voucher_step BEGIN SELECT RAISE(ABORT, 'append-only: change of voucher_step is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER voucher_step_kept BEFORE DELETE ON voucher_step BEGIN SELECT RAISE(ABORT, 'append-only: change of voucher_step is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER voucher_content_fixed BEFORE UPDATE ON voucher_content BEGIN SELECT RAISE(ABORT, 'append-only: change of voucher_content is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER voucher_content_kept BEFORE DELETE ON voucher_content BEGIN SELECT RAISE(ABORT, 'append-only: change of voucher_content is refused'); END;
-- +goose StatementEnd
