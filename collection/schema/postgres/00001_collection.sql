-- +goose Up
-- The tables of collection. Every key leads with the realm and the fund's book; days are yyyymmdd, months yyyymm, amounts minor units.
-- Rows are only ever added. What moves are counters, the columns that add up allocations, and marks that are set once.

-- The counters of a fund's collection, and the lock under which its commands follow one another.
CREATE TABLE collection_book (
    realm_id    integer NOT NULL,
    book_no     smallint NOT NULL,  -- the fund's book
    sheets      bigint NOT NULL,  -- the last number given of sheets
    demands     integer NOT NULL,  -- likewise of demands
    receipts    integer NOT NULL,  -- of receipts
    allocations bigint NOT NULL,  -- of allocations
    items       integer NOT NULL,  -- of items in suspense
    refunds     integer NOT NULL,  -- of refunds
    notices     integer NOT NULL,  -- of notices
    PRIMARY KEY (realm_id, book_no)
);

-- Commands that were carried out. A command asked for again is answered from here.
CREATE TABLE collection_command (
    realm_id   integer NOT NULL,
    book_no    smallint NOT NULL,  -- the fund's book
    key        text COLLATE "C" NOT NULL,  -- idempotency key; of a receipt, the content of the bank's line
    kind       text COLLATE "C" NOT NULL,
    digest     text COLLATE "C" NOT NULL,  -- SHA-256 of what was asked, hexadecimal
    seq        bigint NOT NULL,  -- its act or first entry in the fund's book
    first_no   bigint NOT NULL,  -- the first number that it gave, of whatever it makes
    rows_count integer NOT NULL,  -- how many of them
    PRIMARY KEY (realm_id, book_no, key)
);

-- Sheets of rows, as package registration/sheet encodes them: part 0 is the header. The SHA-256 of a sheet stands in its act or entry, or in the index sheet that does.
CREATE TABLE collection_sheet (
    realm_id integer NOT NULL,
    book_no  smallint NOT NULL,  -- the fund's book
    sheet_no bigint NOT NULL,
    part     integer NOT NULL,
    content  bytea NOT NULL,
    PRIMARY KEY (realm_id, book_no, sheet_no, part)
);

-- Declarations (缴费申报), one row for an employer and month; the current one has superseded_seq 0.
CREATE TABLE collection_declaration (
    realm_id       integer NOT NULL,
    book_no        smallint NOT NULL,  -- the fund's book
    month          integer NOT NULL,  -- yyyymm
    employer_no    integer NOT NULL,
    seq            bigint NOT NULL,  -- the act
    sheet_no       bigint NOT NULL,  -- member and base
    heads          integer NOT NULL,  -- members declared
    base_sum       bigint NOT NULL,  -- minor units
    superseded_seq bigint NOT NULL,  -- the act that replaced it; 0 if none
    PRIMARY KEY (realm_id, book_no, month, employer_no, seq)
);

-- Assessments (核定), one row for an employer and month; the current one has superseded_seq 0.
CREATE TABLE collection_assessment (
    realm_id       integer NOT NULL,
    book_no        smallint NOT NULL,  -- the fund's book
    month          integer NOT NULL,  -- yyyymm
    employer_no    integer NOT NULL,
    seq            bigint NOT NULL,  -- the act, whose content are the terms: parameters, limits, rates, rounding
    sheet_no       bigint NOT NULL,  -- member, declared, base, employer part, person part, basis
    declared_seq   bigint NOT NULL,  -- the declaration's act; 0 for none
    basis          text COLLATE "C" NOT NULL,  -- declared or provisional
    heads          integer NOT NULL,  -- members assessed
    declared_heads integer NOT NULL,  -- of them declared
    base_sum       bigint NOT NULL,
    employer_sum   bigint NOT NULL,
    person_sum     bigint NOT NULL,
    demand_no      integer NOT NULL,  -- the demand that was raised
    superseded_seq bigint NOT NULL,
    PRIMARY KEY (realm_id, book_no, month, employer_no, seq)
);
CREATE INDEX collection_assessment_employer ON collection_assessment (realm_id, book_no, employer_no, month);

-- Demands (应收). What was paid is the sum of the demand's allocations, kept here beside it.
CREATE TABLE collection_demand (
    realm_id           integer NOT NULL,
    book_no            smallint NOT NULL,  -- the fund's book
    demand_no          integer NOT NULL,
    employer_no        integer NOT NULL,
    month              integer NOT NULL,  -- wage month, yyyymm
    kind               text COLLATE "C" NOT NULL,  -- regular or supplementary
    seq                bigint NOT NULL,  -- the act of the assessment
    sheet_no           bigint NOT NULL,  -- member, employer part, person part
    issued_day         integer NOT NULL,  -- yyyymmdd
    due_day            integer NOT NULL,  -- the last day for payment
    employer_due       bigint NOT NULL,  -- minor units
    person_due         bigint NOT NULL,
    paid               bigint NOT NULL,  -- principal paid
    surcharge_due      bigint NOT NULL,  -- of the principal paid late so far
    surcharge_paid     bigint NOT NULL,
    employer_allocated bigint NOT NULL,  -- allocated to members
    person_allocated   bigint NOT NULL,  -- likewise, and credited
    refunded           bigint NOT NULL,
    settled_day        integer NOT NULL,  -- when principal and surcharge were paid; 0 while open
    replaced_seq       bigint NOT NULL,  -- the assessment that took its place before anything was paid; 0 if none
    notice_step        integer NOT NULL,  -- the last step of notices; 0 for none
    noticed_day        integer NOT NULL,
    PRIMARY KEY (realm_id, book_no, demand_no)
);
CREATE INDEX collection_demand_employer ON collection_demand (realm_id, book_no, employer_no, month);
CREATE INDEX collection_demand_due ON collection_demand (realm_id, book_no, settled_day, due_day);

-- Receipts (实收): one for each line of the bank.
CREATE TABLE collection_receipt (
    realm_id       integer NOT NULL,
    book_no        smallint NOT NULL,  -- the fund's book
    receipt_no     integer NOT NULL,
    line_key       text COLLATE "C" NOT NULL,  -- content of the bank's line
    bank_account   text COLLATE "C" NOT NULL,  -- the host's id of the own account
    bank_reference text COLLATE "C" NOT NULL,
    line_hash      text COLLATE "C" NOT NULL,  -- SHA-256 of the line, hexadecimal
    paid_day       integer NOT NULL,  -- the bank's booking day
    effective_day  integer NOT NULL,  -- of the entries
    payer_account  text COLLATE "C" NOT NULL,
    amount         bigint NOT NULL,
    employer_no    integer NOT NULL,  -- 0: not identified
    matched_by     text COLLATE "C" NOT NULL,  -- order, reference, payer or none
    principal      bigint NOT NULL,
    surcharge      bigint NOT NULL,
    suspense       bigint NOT NULL,
    principal_seq  bigint NOT NULL,  -- the entry; 0 for none
    surcharge_seq  bigint NOT NULL,
    suspense_seq   bigint NOT NULL,
    sheet_no       bigint NOT NULL,  -- the allocation sheet; 0 for none
    item_no        integer NOT NULL,  -- the item of what is left; 0 for none
    PRIMARY KEY (realm_id, book_no, receipt_no)
);
CREATE INDEX collection_receipt_day ON collection_receipt (realm_id, book_no, paid_day);

-- Allocations of receipts and of items in suspense to demands.
CREATE TABLE collection_allocation (
    realm_id       integer NOT NULL,
    book_no        smallint NOT NULL,  -- the fund's book
    allocation_no  bigint NOT NULL,
    demand_no      integer NOT NULL,
    receipt_no     integer NOT NULL,  -- the receipt that the money came with
    item_no        integer NOT NULL,  -- the item that it was taken from; 0 when it came straight from the receipt
    seq            bigint NOT NULL,  -- the entry of the principal, else of the surcharge
    paid_day       integer NOT NULL,  -- the day that the surcharge counts to
    effective_day  integer NOT NULL,  -- of the entry: its year is the year of the income
    principal      bigint NOT NULL,
    surcharge_due  bigint NOT NULL,  -- of this principal
    surcharge_paid bigint NOT NULL,
    employer_part  bigint NOT NULL,  -- allocated to members by this
    person_part    bigint NOT NULL,  -- likewise, and credited
    sheet_no       bigint NOT NULL,  -- the allocation sheet
    PRIMARY KEY (realm_id, book_no, allocation_no)
);
CREATE INDEX collection_allocation_demand ON collection_allocation (realm_id, book_no, demand_no);
CREATE INDEX collection_allocation_receipt ON collection_allocation (realm_id, book_no, receipt_no);

-- Items in suspense (暂收款): money not identified, and employers' overpayments.
CREATE TABLE collection_item (
    realm_id    integer NOT NULL,
    book_no     smallint NOT NULL,  -- the fund's book
    item_no     integer NOT NULL,
    receipt_no  integer NOT NULL,
    kind        text COLLATE "C" NOT NULL,  -- unidentified or credit
    opened_day  integer NOT NULL,
    amount      bigint NOT NULL,
    seq         bigint NOT NULL,  -- the entry
    employer_no integer NOT NULL,  -- 0 while not identified
    remaining   bigint NOT NULL,
    settled_day integer NOT NULL,  -- 0 while something remains
    PRIMARY KEY (realm_id, book_no, item_no)
);
CREATE INDEX collection_item_open ON collection_item (realm_id, book_no, settled_day, opened_day);

-- Refunds (退费), of items or of contributions.
CREATE TABLE collection_refund (
    realm_id      integer NOT NULL,
    book_no       smallint NOT NULL,  -- the fund's book
    refund_no     integer NOT NULL,
    demand_no     integer NOT NULL,  -- 0 for an item
    item_no       integer NOT NULL,  -- 0 for contributions
    seq           bigint NOT NULL,  -- the entry
    paid_day      integer NOT NULL,
    event         text COLLATE "C" NOT NULL,  -- E4b, E15a or E15b
    amount        bigint NOT NULL,
    employer_part bigint NOT NULL,
    person_part   bigint NOT NULL,  -- taken back from the accounts
    payer_account text COLLATE "C" NOT NULL,  -- who had paid
    payee_account text COLLATE "C" NOT NULL,
    reason        text COLLATE "C" NOT NULL,  -- why it goes to another account
    sheet_no      bigint NOT NULL,
    PRIMARY KEY (realm_id, book_no, refund_no)
);
CREATE INDEX collection_refund_demand ON collection_refund (realm_id, book_no, demand_no);

-- Notices to employers in arrears (催缴).
CREATE TABLE collection_notice (
    realm_id  integer NOT NULL,
    book_no   smallint NOT NULL,  -- the fund's book
    notice_no integer NOT NULL,
    demand_no integer NOT NULL,
    step      integer NOT NULL,  -- from 1
    name      text COLLATE "C" NOT NULL,
    day       integer NOT NULL,
    principal bigint NOT NULL,  -- outstanding then
    surcharge bigint NOT NULL,  -- outstanding then, accrued included
    seq       bigint NOT NULL,  -- the act
    PRIMARY KEY (realm_id, book_no, notice_no)
);
CREATE INDEX collection_notice_demand ON collection_notice (realm_id, book_no, demand_no);

-- Accounts that employers pay from. An account belongs to one employer; the current row has superseded_seq 0.
CREATE TABLE collection_payer (
    realm_id       integer NOT NULL,
    book_no        smallint NOT NULL,  -- the fund's book
    account        text COLLATE "C" NOT NULL,
    seq            bigint NOT NULL,
    employer_no    integer NOT NULL,
    superseded_seq bigint NOT NULL,
    PRIMARY KEY (realm_id, book_no, account, seq)
);

-- +goose StatementBegin
CREATE FUNCTION collection_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % of % is refused', TG_OP, TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER collection_book_fixed BEFORE UPDATE OF realm_id, book_no ON collection_book FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_book_kept BEFORE DELETE ON collection_book FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_book_whole BEFORE TRUNCATE ON collection_book FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_command_fixed BEFORE UPDATE ON collection_command FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_command_kept BEFORE DELETE ON collection_command FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_command_whole BEFORE TRUNCATE ON collection_command FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_sheet_fixed BEFORE UPDATE ON collection_sheet FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_sheet_kept BEFORE DELETE ON collection_sheet FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_sheet_whole BEFORE TRUNCATE ON collection_sheet FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_declaration_fixed BEFORE UPDATE OF realm_id, book_no, month, employer_no, seq, sheet_no, heads, base_sum ON collection_declaration FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_declaration_kept BEFORE DELETE ON collection_declaration FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_declaration_whole BEFORE TRUNCATE ON collection_declaration FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_declaration_once BEFORE UPDATE OF superseded_seq ON collection_declaration FOR EACH ROW WHEN (OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq) EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_assessment_fixed BEFORE UPDATE OF realm_id, book_no, month, employer_no, seq, sheet_no, declared_seq, basis, heads, declared_heads, base_sum, employer_sum, person_sum, demand_no ON collection_assessment FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_assessment_kept BEFORE DELETE ON collection_assessment FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_assessment_whole BEFORE TRUNCATE ON collection_assessment FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_assessment_once BEFORE UPDATE OF superseded_seq ON collection_assessment FOR EACH ROW WHEN (OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq) EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_demand_fixed BEFORE UPDATE OF realm_id, book_no, demand_no, employer_no, month, kind, seq, sheet_no, issued_day, due_day, employer_due, person_due ON collection_demand FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_demand_kept BEFORE DELETE ON collection_demand FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_demand_whole BEFORE TRUNCATE ON collection_demand FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_receipt_fixed BEFORE UPDATE ON collection_receipt FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_receipt_kept BEFORE DELETE ON collection_receipt FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_receipt_whole BEFORE TRUNCATE ON collection_receipt FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_allocation_fixed BEFORE UPDATE ON collection_allocation FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_allocation_kept BEFORE DELETE ON collection_allocation FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_allocation_whole BEFORE TRUNCATE ON collection_allocation FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_item_fixed BEFORE UPDATE OF realm_id, book_no, item_no, receipt_no, kind, opened_day, amount, seq ON collection_item FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_item_kept BEFORE DELETE ON collection_item FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_item_whole BEFORE TRUNCATE ON collection_item FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_refund_fixed BEFORE UPDATE ON collection_refund FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_refund_kept BEFORE DELETE ON collection_refund FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_refund_whole BEFORE TRUNCATE ON collection_refund FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_notice_fixed BEFORE UPDATE ON collection_notice FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_notice_kept BEFORE DELETE ON collection_notice FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_notice_whole BEFORE TRUNCATE ON collection_notice FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_payer_fixed BEFORE UPDATE OF realm_id, book_no, account, seq, employer_no ON collection_payer FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_payer_kept BEFORE DELETE ON collection_payer FOR EACH ROW EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_payer_whole BEFORE TRUNCATE ON collection_payer FOR EACH STATEMENT EXECUTE FUNCTION collection_append_only();
CREATE TRIGGER collection_payer_once BEFORE UPDATE OF superseded_seq ON collection_payer FOR EACH ROW WHEN (OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq) EXECUTE FUNCTION collection_append_only();
