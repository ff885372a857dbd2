-- +goose Up
-- The tables of benefits. Every key leads with the realm and the fund's book; days are yyyymmdd, months yyyymm, amounts minor units.
-- Rows are only ever added. The columns that move are counters, statuses and marks; the triggers at the end keep all others.

-- The counters of a fund's benefits, and the lock under which its commands follow one another.
CREATE TABLE benefits_book (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    sheets bigint NOT NULL,  -- the last number given of sheets
    claims bigint NOT NULL,  -- the last number given of claims
    dues bigint NOT NULL,  -- the last number given of dues
    runs bigint NOT NULL,  -- the last number given of runs
    payments bigint NOT NULL,  -- the last number given of payments
    recoveries bigint NOT NULL,  -- the last number given of recoveries
    PRIMARY KEY (realm_id, book_no)
);

-- Commands that were carried out. A command asked for again is answered from here.
CREATE TABLE benefits_command (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    key text COLLATE "C" NOT NULL,  -- idempotency key
    kind text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,  -- SHA-256 of what was asked, hexadecimal
    seq bigint NOT NULL,  -- its act or first entry in the fund's book
    first_no bigint NOT NULL,  -- the first number that it gave, of whatever it makes
    rows_count int NOT NULL,  -- how many of them
    amount bigint NOT NULL,  -- what it moved, minor units
    PRIMARY KEY (realm_id, book_no, key)
);

-- Sheets of rows, as package registration/sheet encodes them: part 0 is the header. The SHA-256 of a sheet stands in its act or entry.
CREATE TABLE benefits_sheet (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    sheet_no bigint NOT NULL,
    part int NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (realm_id, book_no, sheet_no, part)
);

-- Service before this system (启用前缴费), one row for a member; the current one has superseded_seq 0.
CREATE TABLE benefits_prior (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    member_no int NOT NULL,
    seq bigint NOT NULL,  -- the act
    row_no int NOT NULL,
    months int NOT NULL,  -- months contributed, deemed ones too
    index_sum text COLLATE "C" NOT NULL,  -- sum of the monthly indices, decimal
    before_months int NOT NULL,  -- of them, months before personal accounts
    before_index text COLLATE "C" NOT NULL,  -- mean index of those; empty for that of all
    until_month int NOT NULL,  -- the last month counted, yyyymm
    reference text COLLATE "C" NOT NULL,
    superseded_seq bigint NOT NULL,  -- the act that replaced it; 0 if none
    PRIMARY KEY (realm_id, book_no, member_no, seq)
);

-- Claims of a pension (待遇申领).
CREATE TABLE benefits_claim (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    claim_no bigint NOT NULL,
    member_no int NOT NULL,
    seq bigint NOT NULL,  -- the act
    row_no int NOT NULL,
    claimed_day int NOT NULL,  -- yyyymmdd
    retire_day int NOT NULL,  -- yyyymmdd
    ground text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    paid_through int NOT NULL,  -- yyyymm, paid by an earlier system to this month; 0 if not
    clerk text COLLATE "C" NOT NULL,  -- who took it
    status text COLLATE "C" NOT NULL,  -- open, determined, awarded, rejected
    versions int NOT NULL,  -- determinations made
    PRIMARY KEY (realm_id, book_no, claim_no)
);
CREATE INDEX benefits_claim_member ON benefits_claim (realm_id, book_no, member_no, claim_no);

-- Determinations (待遇核定). content is the determination with policy, inputs and trace, as package benefits/pension writes it.
CREATE TABLE benefits_determination (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    claim_no bigint NOT NULL,
    version int NOT NULL,  -- 1, 2, … of the claim
    member_no int NOT NULL,
    stage text COLLATE "C" NOT NULL,  -- provisional or formal
    seq bigint NOT NULL,  -- the act
    row_no int NOT NULL,
    day int NOT NULL,  -- yyyymmdd
    policy text COLLATE "C" NOT NULL,  -- parameter of the policy
    months int NOT NULL,  -- contribution months counted
    content bytea NOT NULL,
    basic bigint NOT NULL,  -- 基础养老金, minor units a month
    account_pension bigint NOT NULL,  -- 个人账户养老金
    transitional bigint NOT NULL,  -- 过渡性养老金
    supplement bigint NOT NULL,  -- 养老金补贴: extras and rounding
    clerk text COLLATE "C" NOT NULL,  -- who determined
    status text COLLATE "C" NOT NULL,  -- open, approved, replaced
    PRIMARY KEY (realm_id, book_no, claim_no, version)
);

-- Awards: approved determinations. The current one of a claim has superseded_seq 0; paid_through, last_month and stopped_seq of the current one move.
CREATE TABLE benefits_award (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    claim_no bigint NOT NULL,
    version int NOT NULL,
    member_no int NOT NULL,
    stage text COLLATE "C" NOT NULL,
    from_month int NOT NULL,  -- first month due, yyyymm
    basic bigint NOT NULL,  -- 基础养老金, minor units a month
    account_pension bigint NOT NULL,  -- 个人账户养老金
    transitional bigint NOT NULL,  -- 过渡性养老金
    supplement bigint NOT NULL,  -- 养老金补贴: extras and rounding
    seq bigint NOT NULL,  -- the act of approval
    approver text COLLATE "C" NOT NULL,
    paid_through int NOT NULL,  -- last month that a run holds, yyyymm
    last_month int NOT NULL,  -- last month due, yyyymm; 0 while it goes on
    stop_reason text COLLATE "C" NOT NULL,
    stopped_seq bigint NOT NULL,
    superseded_seq bigint NOT NULL,  -- the act that replaced it; 0 if none
    PRIMARY KEY (realm_id, book_no, claim_no, version)
);
CREATE INDEX benefits_award_member ON benefits_award (realm_id, book_no, member_no, claim_no);

-- Differences due once (核定补发) between a provisional and a formal award.
CREATE TABLE benefits_due (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    due_no bigint NOT NULL,
    member_no int NOT NULL,
    claim_no bigint NOT NULL,
    version int NOT NULL,
    from_month int NOT NULL,
    to_month int NOT NULL,
    basic bigint NOT NULL,  -- 基础养老金, minor units in all
    account_pension bigint NOT NULL,  -- 个人账户养老金
    transitional bigint NOT NULL,  -- 过渡性养老金
    supplement bigint NOT NULL,  -- 养老金补贴: extras and rounding
    seq bigint NOT NULL,
    run_no bigint NOT NULL,  -- the run that holds it; 0 while open
    PRIMARY KEY (realm_id, book_no, due_no)
);
CREATE INDEX benefits_due_open ON benefits_due (realm_id, book_no, due_no) WHERE run_no = 0;

-- Payment runs (支付批次). The sheet holds every payment.
CREATE TABLE benefits_run (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    run_no bigint NOT NULL,
    month int NOT NULL,  -- yyyymm
    seq bigint NOT NULL,  -- the act
    sheet_no bigint NOT NULL,
    ordered_day int NOT NULL,
    first_payment bigint NOT NULL,
    payments int NOT NULL,
    basic bigint NOT NULL,  -- 基础养老金, minor units in all
    account_pension bigint NOT NULL,  -- 个人账户养老金
    transitional bigint NOT NULL,  -- 过渡性养老金
    supplement bigint NOT NULL,  -- 养老金补贴: extras and rounding
    offset_amount bigint NOT NULL,  -- kept back for recoveries
    amount bigint NOT NULL,  -- to be paid
    clerk text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,  -- ordered, approved, posted, cancelled
    approver text COLLATE "C" NOT NULL,
    approved_seq bigint NOT NULL,
    posted_seq bigint NOT NULL,  -- first entry
    posted_day int NOT NULL,
    PRIMARY KEY (realm_id, book_no, run_no)
);

-- Payments (支付明细).
CREATE TABLE benefits_payment (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    payment_no bigint NOT NULL,
    run_no bigint NOT NULL,  -- 0 for a payment to heirs
    member_no int NOT NULL,
    claim_no bigint NOT NULL,
    version int NOT NULL,
    kind text COLLATE "C" NOT NULL,  -- pension, difference, reissue, heirs
    from_month int NOT NULL,  -- first month paid for
    to_month int NOT NULL,  -- last month paid for
    basic bigint NOT NULL,  -- 基础养老金, minor units
    account_pension bigint NOT NULL,  -- 个人账户养老金
    transitional bigint NOT NULL,  -- 过渡性养老金
    supplement bigint NOT NULL,  -- 养老金补贴: extras and rounding
    offset_amount bigint NOT NULL,  -- kept back for a recovery
    recovery_no bigint NOT NULL,  -- the recovery it counts for when the payment is made; 0 if none
    origin_no bigint NOT NULL,  -- the due, or the payment issued again
    status text COLLATE "C" NOT NULL,  -- ordered, paid, rejected, returned, reissue, reissued, cancelled
    posted_seq bigint NOT NULL,
    posted_day int NOT NULL,
    returned_seq bigint NOT NULL,
    returned_day int NOT NULL,
    reason text COLLATE "C" NOT NULL,  -- the bank's code of a rejection or return
    PRIMARY KEY (realm_id, book_no, payment_no)
);
CREATE INDEX benefits_payment_member ON benefits_payment (realm_id, book_no, member_no, payment_no);
CREATE INDEX benefits_payment_run ON benefits_payment (realm_id, book_no, run_no, payment_no);
-- What the next run issues again: few of all payments that there ever were.
CREATE INDEX benefits_payment_again ON benefits_payment (realm_id, book_no, payment_no) WHERE status = 'reissue';

-- What payments took from personal accounts; a return or a restoration is below zero.
CREATE TABLE benefits_debit (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    payment_no bigint NOT NULL,
    seq bigint NOT NULL,  -- the entry
    member_no int NOT NULL,
    account_no int NOT NULL,  -- in the fund's book
    amount bigint NOT NULL,  -- minor units
    PRIMARY KEY (realm_id, book_no, payment_no, seq)
);
CREATE INDEX benefits_debit_member ON benefits_debit (realm_id, book_no, member_no);

-- Recovery cases (追回多发待遇).
CREATE TABLE benefits_recovery (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    recovery_no bigint NOT NULL,
    member_no int NOT NULL,
    claim_no bigint NOT NULL,
    reason text COLLATE "C" NOT NULL,  -- death, formal_lower, other
    seq bigint NOT NULL,  -- the act
    opened_day int NOT NULL,
    amount bigint NOT NULL,  -- minor units
    instalment bigint NOT NULL,  -- agreed a month; 0 if none
    first_due int NOT NULL,  -- yyyymm of the first instalment; 0 if none
    monthly_offset bigint NOT NULL,  -- kept back from each month's pension; 0 if none
    agreed_seq bigint NOT NULL,
    recovered bigint NOT NULL,
    PRIMARY KEY (realm_id, book_no, recovery_no)
);
CREATE INDEX benefits_recovery_member ON benefits_recovery (realm_id, book_no, member_no, recovery_no);

-- What was paid too much, by payment.
CREATE TABLE benefits_overpayment (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    recovery_no bigint NOT NULL,
    payment_no bigint NOT NULL,  -- 0 for a lower formal award
    member_no int NOT NULL,
    from_month int NOT NULL,
    to_month int NOT NULL,
    paid_day int NOT NULL,  -- of the payment
    basic bigint NOT NULL,  -- 基础养老金, minor units
    account_pension bigint NOT NULL,  -- 个人账户养老金
    transitional bigint NOT NULL,  -- 过渡性养老金
    supplement bigint NOT NULL,  -- 养老金补贴: extras and rounding
    PRIMARY KEY (realm_id, book_no, recovery_no, payment_no)
);

-- What came back of recoveries.
CREATE TABLE benefits_recovered (
    realm_id int NOT NULL,
    book_no smallint NOT NULL,  -- the fund's book
    recovery_no bigint NOT NULL,
    seq bigint NOT NULL,  -- the entry, or the entry of the run that kept it back
    part int NOT NULL,
    kind text COLLATE "C" NOT NULL,  -- cash or offset
    event text COLLATE "C" NOT NULL,  -- E12, E13; empty for an offset
    payment_no bigint NOT NULL,  -- the payment it was kept back from; 0 for cash
    day int NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (realm_id, book_no, recovery_no, seq, part)
);

CREATE VIEW benefits_pensioner AS
SELECT realm_id, book_no, member_no, claim_no, version, stage, from_month, paid_through, last_month, basic + account_pension + transitional + supplement AS monthly
FROM benefits_award WHERE superseded_seq = 0;

-- +goose StatementBegin
CREATE FUNCTION benefits_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % of % is refused', TG_OP, TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER benefits_book_fixed BEFORE UPDATE OF realm_id, book_no ON benefits_book FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_book_kept BEFORE DELETE ON benefits_book FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_book_whole BEFORE TRUNCATE ON benefits_book FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_command_fixed BEFORE UPDATE ON benefits_command FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_command_kept BEFORE DELETE ON benefits_command FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_command_whole BEFORE TRUNCATE ON benefits_command FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_sheet_fixed BEFORE UPDATE ON benefits_sheet FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_sheet_kept BEFORE DELETE ON benefits_sheet FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_sheet_whole BEFORE TRUNCATE ON benefits_sheet FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_prior_fixed BEFORE UPDATE OF realm_id, book_no, member_no, seq, row_no, months, index_sum, before_months, before_index, until_month, reference ON benefits_prior FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_prior_kept BEFORE DELETE ON benefits_prior FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_prior_whole BEFORE TRUNCATE ON benefits_prior FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_prior_once BEFORE UPDATE OF superseded_seq ON benefits_prior FOR EACH ROW WHEN (OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq) EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_claim_fixed BEFORE UPDATE OF realm_id, book_no, claim_no, member_no, seq, row_no, claimed_day, retire_day, ground, reference, paid_through, clerk ON benefits_claim FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_claim_kept BEFORE DELETE ON benefits_claim FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_claim_whole BEFORE TRUNCATE ON benefits_claim FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_determination_fixed BEFORE UPDATE OF realm_id, book_no, claim_no, version, member_no, stage, seq, row_no, day, policy, months, content, basic, account_pension, transitional, supplement, clerk ON benefits_determination FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_determination_kept BEFORE DELETE ON benefits_determination FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_determination_whole BEFORE TRUNCATE ON benefits_determination FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_award_fixed BEFORE UPDATE OF realm_id, book_no, claim_no, version, member_no, stage, from_month, basic, account_pension, transitional, supplement, seq, approver ON benefits_award FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_award_kept BEFORE DELETE ON benefits_award FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_award_whole BEFORE TRUNCATE ON benefits_award FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_award_once BEFORE UPDATE OF superseded_seq ON benefits_award FOR EACH ROW WHEN (OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq) EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_due_fixed BEFORE UPDATE OF realm_id, book_no, due_no, member_no, claim_no, version, from_month, to_month, basic, account_pension, transitional, supplement, seq ON benefits_due FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_due_kept BEFORE DELETE ON benefits_due FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_due_whole BEFORE TRUNCATE ON benefits_due FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_run_fixed BEFORE UPDATE OF realm_id, book_no, run_no, month, seq, sheet_no, ordered_day, first_payment, payments, basic, account_pension, transitional, supplement, offset_amount, amount, clerk ON benefits_run FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_run_kept BEFORE DELETE ON benefits_run FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_run_whole BEFORE TRUNCATE ON benefits_run FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_payment_fixed BEFORE UPDATE OF realm_id, book_no, payment_no, run_no, member_no, claim_no, version, kind, from_month, to_month, basic, account_pension, transitional, supplement, offset_amount, recovery_no, origin_no ON benefits_payment FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_payment_kept BEFORE DELETE ON benefits_payment FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_payment_whole BEFORE TRUNCATE ON benefits_payment FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_debit_fixed BEFORE UPDATE ON benefits_debit FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_debit_kept BEFORE DELETE ON benefits_debit FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_debit_whole BEFORE TRUNCATE ON benefits_debit FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_recovery_fixed BEFORE UPDATE OF realm_id, book_no, recovery_no, member_no, claim_no, reason, seq, opened_day, amount ON benefits_recovery FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_recovery_kept BEFORE DELETE ON benefits_recovery FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_recovery_whole BEFORE TRUNCATE ON benefits_recovery FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_recovery_grows BEFORE UPDATE OF recovered ON benefits_recovery FOR EACH ROW WHEN (NEW.recovered < OLD.recovered OR NEW.recovered > OLD.amount) EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_overpayment_fixed BEFORE UPDATE ON benefits_overpayment FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_overpayment_kept BEFORE DELETE ON benefits_overpayment FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_overpayment_whole BEFORE TRUNCATE ON benefits_overpayment FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_recovered_fixed BEFORE UPDATE ON benefits_recovered FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_recovered_kept BEFORE DELETE ON benefits_recovered FOR EACH ROW EXECUTE FUNCTION benefits_append_only();
CREATE TRIGGER benefits_recovered_whole BEFORE TRUNCATE ON benefits_recovered FOR EACH STATEMENT EXECUTE FUNCTION benefits_append_only();
