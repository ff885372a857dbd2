-- +goose Up
-- The tables of accounts/voucher. Amounts are minor units of the book's currency; days are yyyymmdd, periods yyyypp.
-- Steps and contents are only ever added. The row of voucher_voucher moves with each step, until the voucher is withdrawn, or posted and signed by all. Every
-- column of it but the first four follows from the steps and the content.

-- The last number given in a book, and the lock under which vouchers are prepared.
CREATE TABLE voucher_book (
    realm_id int NOT NULL,
    book_no  smallint NOT NULL,
    last     bigint NOT NULL,  -- the last voucher_no
    PRIMARY KEY (realm_id, book_no)
);

-- Vouchers as they stand (会计凭证).
CREATE TABLE voucher_voucher (
    realm_id       int NOT NULL,
    book_no        smallint NOT NULL,
    voucher_no     bigint NOT NULL,  -- 制单号, dense in the book from 1
    key            text COLLATE "C" NOT NULL,  -- idempotency key of the draft, and of the entry
    state          text COLLATE "C" NOT NULL CHECK (state IN ('draft', 'reviewed', 'posted', 'sent_back', 'withdrawn')),
    kind           text COLLATE "C" NOT NULL CHECK (kind IN ('receipt', 'payment', 'transfer', 'memorandum')),  -- by the accounts of money it touches
    voucher_type   text COLLATE "C" NOT NULL,  -- 凭证字; empty for a memorandum
    effective_day  int NOT NULL,
    period         int NOT NULL,
    description    text COLLATE "C" NOT NULL,  -- 摘要
    amount         bigint NOT NULL,  -- total of the debits in the general section
    attachments    int NOT NULL,  -- how many originals
    prepared_by    text COLLATE "C" NOT NULL,  -- 填制
    reviewed_by    text COLLATE "C" NOT NULL,  -- 稽核; empty until done, and again when sent back
    cashier        text COLLATE "C" NOT NULL,  -- 出纳; likewise
    head           text COLLATE "C" NOT NULL,  -- 会计主管; likewise
    posted_by      text COLLATE "C" NOT NULL,  -- 记账; empty until posted
    steps          int NOT NULL,  -- number of steps taken
    changed_day    int NOT NULL,  -- day of the last step
    content_step   int NOT NULL,  -- the step that gave the content
    content_hash   bytea NOT NULL,  -- SHA-256 of the content
    history_hash   bytea NOT NULL,  -- step_hash of the last step
    entry_seq      bigint NOT NULL,  -- the entry in ledger_entry; 0 until posted
    voucher_number bigint NOT NULL,  -- 凭证号, given at posting; 0 until then
    PRIMARY KEY (realm_id, book_no, voucher_no),
    CONSTRAINT voucher_voucher_key UNIQUE (realm_id, book_no, key)
);
CREATE UNIQUE INDEX voucher_voucher_entry ON voucher_voucher (realm_id, book_no, entry_seq) WHERE entry_seq > 0;
CREATE INDEX voucher_voucher_open ON voucher_voucher (realm_id, book_no, state, voucher_no) WHERE state IN ('draft', 'reviewed', 'sent_back');

-- What each hand did, one row for each step (凭证流转记录).
CREATE TABLE voucher_step (
    realm_id       int NOT NULL,
    book_no        smallint NOT NULL,
    voucher_no     bigint NOT NULL,
    step_no        int NOT NULL,  -- from 1
    action         text COLLATE "C" NOT NULL,
    person         text COLLATE "C" NOT NULL,  -- who
    day            int NOT NULL,  -- when, as given
    reason         text COLLATE "C" NOT NULL,
    key            text COLLATE "C" NOT NULL,  -- idempotency key of the step
    state          text COLLATE "C" NOT NULL,  -- where the voucher stood after it
    content_hash   bytea NOT NULL,  -- SHA-256 of the content that was signed, or given
    step_hash      bytea NOT NULL,  -- over this step and the step_hash before it; that of the posting stands in the metadata of the entry
    entry_seq      bigint NOT NULL,  -- of posting, else 0
    voucher_number bigint NOT NULL,  -- likewise
    PRIMARY KEY (realm_id, book_no, voucher_no, step_no),
    CONSTRAINT voucher_step_key UNIQUE (realm_id, book_no, voucher_no, key)
);

-- Every version of every voucher's content, as the step that gave it.
CREATE TABLE voucher_content (
    realm_id   int NOT NULL,
    book_no    smallint NOT NULL,
    voucher_no bigint NOT NULL,
    step_no    int NOT NULL,
    content    bytea NOT NULL,  -- canonical CBOR of the draft, as content.go says
    PRIMARY KEY (realm_id, book_no, voucher_no, step_no)
);

-- +goose StatementBegin
CREATE FUNCTION voucher_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % of % is refused', TG_OP, TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER voucher_book_forward BEFORE UPDATE ON voucher_book FOR EACH ROW WHEN (NEW.realm_id <> OLD.realm_id OR NEW.book_no <> OLD.book_no OR NEW.last < OLD.last) EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_book_kept BEFORE DELETE ON voucher_book FOR EACH ROW EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_voucher_fixed BEFORE UPDATE OF realm_id, book_no, voucher_no, key, prepared_by ON voucher_voucher FOR EACH ROW EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_voucher_forward BEFORE UPDATE ON voucher_voucher FOR EACH ROW WHEN (NEW.steps <> OLD.steps + 1 OR OLD.state = 'withdrawn' OR (OLD.state = 'posted' AND (NEW.state <> 'posted' OR NEW.content_hash <> OLD.content_hash OR NEW.entry_seq <> OLD.entry_seq OR NEW.voucher_number <> OLD.voucher_number OR NEW.reviewed_by <> OLD.reviewed_by OR NEW.posted_by <> OLD.posted_by))) EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_voucher_kept BEFORE DELETE ON voucher_voucher FOR EACH ROW EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_step_fixed BEFORE UPDATE ON voucher_step FOR EACH ROW EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_step_kept BEFORE DELETE ON voucher_step FOR EACH ROW EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_content_fixed BEFORE UPDATE ON voucher_content FOR EACH ROW EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_content_kept BEFORE DELETE ON voucher_content FOR EACH ROW EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_book_whole BEFORE TRUNCATE ON voucher_book FOR EACH STATEMENT EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_voucher_whole BEFORE TRUNCATE ON voucher_voucher FOR EACH STATEMENT EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_step_whole BEFORE TRUNCATE ON voucher_step FOR EACH STATEMENT EXECUTE FUNCTION voucher_append_only();
CREATE TRIGGER voucher_content_whole BEFORE TRUNCATE ON voucher_content FOR EACH STATEMENT EXECUTE FUNCTION voucher_append_only();
