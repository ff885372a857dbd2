-- +goose Up
-- The tables of collection. Every key leads with the realm and the fund's book; days are yyyymmdd, months yyyymm, amounts minor units.
-- Rows are only ever added. What moves are counters, the columns that add up allocations, and marks that are set once.

-- The counters of a fund's collection, and the lock under which its commands follow one another.
CREATE TABLE collection_book (
    realm_id    INTEGER NOT NULL,
    book_no     INTEGER NOT NULL,  -- the fund's book
    sheets      INTEGER NOT NULL,  -- the last number given of sheets
    demands     INTEGER NOT NULL,  -- likewise of demands
    receipts    INTEGER NOT NULL,  -- of receipts
    allocations INTEGER NOT NULL,  -- of allocations
    items       INTEGER NOT NULL,  -- of items in suspense
    refunds     INTEGER NOT NULL,  -- of refunds
    notices     INTEGER NOT NULL,  -- of notices
    PRIMARY KEY (realm_id, book_no)
) STRICT, WITHOUT ROWID;

-- Commands that were carried out. A command asked for again is answered from here.
CREATE TABLE collection_command (
    realm_id   INTEGER NOT NULL,
    book_no    INTEGER NOT NULL,  -- the fund's book
    key        TEXT NOT NULL,  -- idempotency key; of a receipt, the content of the bank's line
    kind       TEXT NOT NULL,
    digest     TEXT NOT NULL,  -- SHA-256 of what was asked, hexadecimal
    seq        INTEGER NOT NULL,  -- its act or first entry in the fund's book
    first_no   INTEGER NOT NULL,  -- the first number that it gave, of whatever it makes
    rows_count INTEGER NOT NULL,  -- how many of them
    PRIMARY KEY (realm_id, book_no, key)
) STRICT, WITHOUT ROWID;

-- Sheets of rows, as package registration/sheet encodes them: part 0 is the header. The SHA-256 of a sheet stands in its act or entry, or in the index sheet that does.
CREATE TABLE collection_sheet (
    realm_id INTEGER NOT NULL,
    book_no  INTEGER NOT NULL,  -- the fund's book
    sheet_no INTEGER NOT NULL,
    part     INTEGER NOT NULL,
    content  BLOB NOT NULL,
    PRIMARY KEY (realm_id, book_no, sheet_no, part)
) STRICT;

-- Declarations (缴费申报), one row for an employer and month; the current one has superseded_seq 0.
CREATE TABLE collection_declaration (
    realm_id       INTEGER NOT NULL,
    book_no        INTEGER NOT NULL,  -- the fund's book
    month          INTEGER NOT NULL,  -- yyyymm
    employer_no    INTEGER NOT NULL,
    seq            INTEGER NOT NULL,  -- the act
    sheet_no       INTEGER NOT NULL,  -- member and base
    heads          INTEGER NOT NULL,  -- members declared
    base_sum       INTEGER NOT NULL,  -- minor units
    superseded_seq INTEGER NOT NULL,  -- the act that replaced it; 0 if none
    PRIMARY KEY (realm_id, book_no, month, employer_no, seq)
) STRICT, WITHOUT ROWID;

-- Assessments (核定), one row for an employer and month; the current one has superseded_seq 0.
CREATE TABLE collection_assessment (
    realm_id       INTEGER NOT NULL,
    book_no        INTEGER NOT NULL,  -- the fund's book
    month          INTEGER NOT NULL,  -- yyyymm
    employer_no    INTEGER NOT NULL,
    seq            INTEGER NOT NULL,  -- the act, whose content are the terms: parameters, limits, rates, rounding
    sheet_no       INTEGER NOT NULL,  -- member, declared, base, employer part, person part, basis
    declared_seq   INTEGER NOT NULL,  -- the declaration's act; 0 for none
    basis          TEXT NOT NULL,  -- declared or provisional
    heads          INTEGER NOT NULL,  -- members assessed
    declared_heads INTEGER NOT NULL,  -- of them declared
    base_sum       INTEGER NOT NULL,
    employer_sum   INTEGER NOT NULL,
    person_sum     INTEGER NOT NULL,
    demand_no      INTEGER NOT NULL,  -- the demand that was raised
    superseded_seq INTEGER NOT NULL,
    PRIMARY KEY (realm_id, book_no, month, employer_no, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_assessment_employer ON collection_assessment (realm_id, book_no, employer_no, month);

-- Demands (应收). What was paid is the sum of the demand's allocations, kept here beside it.
CREATE TABLE collection_demand (
    realm_id           INTEGER NOT NULL,
    book_no            INTEGER NOT NULL,  -- the fund's book
    demand_no          INTEGER NOT NULL,
    employer_no        INTEGER NOT NULL,
    month              INTEGER NOT NULL,  -- wage month, yyyymm
    kind               TEXT NOT NULL,  -- regular or supplementary
    seq                INTEGER NOT NULL,  -- the act of the assessment
    sheet_no           INTEGER NOT NULL,  -- member, employer part, person part
    issued_day         INTEGER NOT NULL,  -- yyyymmdd
    due_day            INTEGER NOT NULL,  -- the last day for payment
    employer_due       INTEGER NOT NULL,  -- minor units
    person_due         INTEGER NOT NULL,
    paid               INTEGER NOT NULL,  -- principal paid
    surcharge_due      INTEGER NOT NULL,  -- of the principal paid late so far
    surcharge_paid     INTEGER NOT NULL,
    employer_allocated INTEGER NOT NULL,  -- allocated to members
    person_allocated   INTEGER NOT NULL,  -- likewise, and credited
    refunded           INTEGER NOT NULL,
    settled_day        INTEGER NOT NULL,  -- when principal and surcharge were paid; 0 while open
    replaced_seq       INTEGER NOT NULL,  -- the assessment that took its place before anything was paid; 0 if none
    notice_step        INTEGER NOT NULL,  -- the last step of notices; 0 for none
    noticed_day        INTEGER NOT NULL,
    PRIMARY KEY (realm_id, book_no, demand_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_demand_employer ON collection_demand (realm_id, book_no, employer_no, month);
CREATE INDEX collection_demand_due ON collection_demand (realm_id, book_no, settled_day, due_day);

-- Receipts (实收): one for each line of the bank.
CREATE TABLE collection_receipt (
    realm_id       INTEGER NOT NULL,
    book_no        INTEGER NOT NULL,  -- the fund's book
    receipt_no     INTEGER NOT NULL,
    line_key       TEXT NOT NULL,  -- content of the bank's line
    bank_account   TEXT NOT NULL,  -- the host's id of the own account
    bank_reference TEXT NOT NULL,
    line_hash      TEXT NOT NULL,  -- SHA-256 of the line, hexadecimal
    paid_day       INTEGER NOT NULL,  -- the bank's booking day
    effective_day  INTEGER NOT NULL,  -- of the entries
    payer_account  TEXT NOT NULL,
    amount         INTEGER NOT NULL,
    employer_no    INTEGER NOT NULL,  -- 0: not identified
    matched_by     TEXT NOT NULL,  -- order, reference, payer or none
    principal      INTEGER NOT NULL,
    surcharge      INTEGER NOT NULL,
    suspense       INTEGER NOT NULL,
    principal_seq  INTEGER NOT NULL,  -- the entry; 0 for none
    surcharge_seq  INTEGER NOT NULL,
    suspense_seq   INTEGER NOT NULL,
    sheet_no       INTEGER NOT NULL,  -- the allocation sheet; 0 for none
    item_no        INTEGER NOT NULL,  -- the item of what is left; 0 for none
    PRIMARY KEY (realm_id, book_no, receipt_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_receipt_day ON collection_receipt (realm_id, book_no, paid_day);

-- Allocations of receipts and of items in suspense to demands.
CREATE TABLE collection_allocation (
    realm_id       INTEGER NOT NULL,
    book_no        INTEGER NOT NULL,  -- the fund's book
    allocation_no  INTEGER NOT NULL,
    demand_no      INTEGER NOT NULL,
    receipt_no     INTEGER NOT NULL,  -- the receipt that the money came with
    item_no        INTEGER NOT NULL,  -- the item that it was taken from; 0 when it came straight from the receipt
    seq            INTEGER NOT NULL,  -- the entry of the principal, else of the surcharge
    paid_day       INTEGER NOT NULL,  -- the day that the surcharge counts to
    effective_day  INTEGER NOT NULL,  -- of the entry: its year is the year of the income
    principal      INTEGER NOT NULL,
    surcharge_due  INTEGER NOT NULL,  -- of this principal
    surcharge_paid INTEGER NOT NULL,
    employer_part  INTEGER NOT NULL,  -- allocated to members by this
    person_part    INTEGER NOT NULL,  -- likewise, and credited
    sheet_no       INTEGER NOT NULL,  -- the allocation sheet
    PRIMARY KEY (realm_id, book_no, allocation_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_allocation_demand ON collection_allocation (realm_id, book_no, demand_no);
CREATE INDEX collection_allocation_receipt ON collection_allocation (realm_id, book_no, receipt_no);

-- Items in suspense (暂收款): money not identified, and employers' overpayments.
CREATE TABLE collection_item (
    realm_id    INTEGER NOT NULL,
    book_no     INTEGER NOT NULL,  -- the fund's book
    item_no     INTEGER NOT NULL,
    receipt_no  INTEGER NOT NULL,
    kind        TEXT NOT NULL,  -- unidentified or credit
    opened_day  INTEGER NOT NULL,
    amount      INTEGER NOT NULL,
    seq         INTEGER NOT NULL,  -- the entry
    employer_no INTEGER NOT NULL,  -- 0 while not identified
    remaining   INTEGER NOT NULL,
    settled_day INTEGER NOT NULL,  -- 0 while something remains
    PRIMARY KEY (realm_id, book_no, item_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_item_open ON collection_item (realm_id, book_no, settled_day, opened_day);

-- Refunds (退费), of items or of contributions.
CREATE TABLE collection_refund (
    realm_id      INTEGER NOT NULL,
    book_no       INTEGER NOT NULL,  -- the fund's book
    refund_no     INTEGER NOT NULL,
    demand_no     INTEGER NOT NULL,  -- 0 for an item
    item_no       INTEGER NOT NULL,  -- 0 for contributions
    seq           INTEGER NOT NULL,  -- the entry
    paid_day      INTEGER NOT NULL,
    event         TEXT NOT NULL,  -- E4b, E15a or E15b
    amount        INTEGER NOT NULL,
    employer_part INTEGER NOT NULL,
    person_part   INTEGER NOT NULL,  -- taken back from the accounts
    payer_account TEXT NOT NULL,  -- who had paid
    payee_account TEXT NOT NULL,
    reason        TEXT NOT NULL,  -- why it goes to another account
    sheet_no      INTEGER NOT NULL,
    PRIMARY KEY (realm_id, book_no, refund_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_refund_demand ON collection_refund (realm_id, book_no, demand_no);

-- Notices to employers in arrears (催缴).
CREATE TABLE collection_notice (
    realm_id  INTEGER NOT NULL,
    book_no   INTEGER NOT NULL,  -- the fund's book
    notice_no INTEGER NOT NULL,
    demand_no INTEGER NOT NULL,
    step      INTEGER NOT NULL,  -- from 1
    name      TEXT NOT NULL,
    day       INTEGER NOT NULL,
    principal INTEGER NOT NULL,  -- outstanding then
    surcharge INTEGER NOT NULL,  -- outstanding then, accrued included
    seq       INTEGER NOT NULL,  -- the act
    PRIMARY KEY (realm_id, book_no, notice_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_notice_demand ON collection_notice (realm_id, book_no, demand_no);

-- Accounts that employers pay from. An account belongs to one employer; the current row has superseded_seq 0.
CREATE TABLE collection_payer (
    realm_id       INTEGER NOT NULL,
    book_no        INTEGER NOT NULL,  -- the fund's book
    account        TEXT NOT NULL,
    seq            INTEGER NOT NULL,
    employer_no    INTEGER NOT NULL,
    superseded_seq INTEGER NOT NULL,
    PRIMARY KEY (realm_id, book_no, account, seq)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER collection_book_fixed BEFORE UPDATE OF realm_id, book_no ON collection_book BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_book is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_book_kept BEFORE DELETE ON collection_book BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_book is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_command_fixed BEFORE UPDATE ON collection_command BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_command is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_command_kept BEFORE DELETE ON collection_command BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_command is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_sheet_fixed BEFORE UPDATE ON collection_sheet BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_sheet is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_sheet_kept BEFORE DELETE ON collection_sheet BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_sheet is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_declaration_fixed BEFORE UPDATE OF realm_id, book_no, month, employer_no, seq, sheet_no, heads, base_sum ON collection_declaration BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_declaration is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_declaration_kept BEFORE DELETE ON collection_declaration BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_declaration is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_declaration_once BEFORE UPDATE OF superseded_seq ON collection_declaration WHEN OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_declaration is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_assessment_fixed BEFORE UPDATE OF realm_id, book_no, month, employer_no, seq, sheet_no, declared_seq, basis, heads, declared_heads, base_sum, employer_sum, person_sum, demand_no ON collection_assessment BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_assessment is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_assessment_kept BEFORE DELETE ON collection_assessment BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_assessment is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_assessment_once BEFORE UPDATE OF superseded_seq ON collection_assessment WHEN OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_assessment is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_demand_fixed BEFORE UPDATE OF realm_id, book_no, demand_no, employer_no, month, kind, seq, sheet_no, issued_day, due_day, employer_due, person_due ON collection_demand BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_demand is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_demand_kept BEFORE DELETE ON collection_demand BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_demand is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_receipt_fixed BEFORE UPDATE ON collection_receipt BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_receipt is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_receipt_kept BEFORE DELETE ON collection_receipt BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_receipt is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_allocation_fixed BEFORE UPDATE ON collection_allocation BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_allocation is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_allocation_kept BEFORE DELETE ON collection_allocation BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_allocation is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_item_fixed BEFORE UPDATE OF realm_id, book_no, item_no, receipt_no, kind, opened_day, amount, seq ON collection_item BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_item is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_item_kept BEFORE DELETE ON collection_item BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_item is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_refund_fixed BEFORE UPDATE ON collection_refund BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_refund is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_refund_kept BEFORE DELETE ON collection_refund BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_refund is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_notice_fixed BEFORE UPDATE ON collection_notice BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_notice is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_notice_kept BEFORE DELETE ON collection_notice BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_notice is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_payer_fixed BEFORE UPDATE OF realm_id, book_no, account, seq, employer_no ON collection_payer BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_payer is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_payer_kept BEFORE DELETE ON collection_payer BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_payer is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_payer_once BEFORE UPDATE OF superseded_seq ON collection_payer WHEN OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'append-only: change of collection_payer is refused'); END;
-- +goose StatementEnd
