-- +goose Up
-- The tables of benefits. Every key leads with the realm and the fund's book; days are yyyymmdd, months yyyymm, amounts minor units.
-- Rows are only ever added. The columns that move are counters, statuses and marks; the triggers at the end keep all others.

-- The counters of a fund's benefits, and the lock under which its commands follow one another.
CREATE TABLE benefits_book (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    sheets INTEGER NOT NULL,  -- the last number given of sheets
    claims INTEGER NOT NULL,  -- the last number given of claims
    dues INTEGER NOT NULL,  -- the last number given of dues
    runs INTEGER NOT NULL,  -- the last number given of runs
    payments INTEGER NOT NULL,  -- the last number given of payments
    recoveries INTEGER NOT NULL,  -- the last number given of recoveries
    PRIMARY KEY (realm_id, book_no)
) STRICT, WITHOUT ROWID;

-- Commands that were carried out. A command asked for again is answered from here.
CREATE TABLE benefits_command (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    key TEXT NOT NULL,  -- idempotency key
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,  -- SHA-256 of what was asked, hexadecimal
    seq INTEGER NOT NULL,  -- its act or first entry in the fund's book
    first_no INTEGER NOT NULL,  -- the first number that it gave, of whatever it makes
    rows_count INTEGER NOT NULL,  -- how many of them
    amount INTEGER NOT NULL,  -- what it moved, minor units
    PRIMARY KEY (realm_id, book_no, key)
) STRICT, WITHOUT ROWID;

-- Sheets of rows, as package registration/sheet encodes them: part 0 is the header. The SHA-256 of a sheet stands in its act or entry.
CREATE TABLE benefits_sheet (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    sheet_no INTEGER NOT NULL,
    part INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (realm_id, book_no, sheet_no, part)
) STRICT;

-- Service before this system (启用前缴费), one row for a member; the current one has superseded_seq 0.
CREATE TABLE benefits_prior (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    member_no INTEGER NOT NULL,
    seq INTEGER NOT NULL,  -- the act
    row_no INTEGER NOT NULL,
    months INTEGER NOT NULL,  -- months contributed, deemed ones too
    index_sum TEXT NOT NULL,  -- sum of the monthly indices, decimal
    before_months INTEGER NOT NULL,  -- of them, months before personal accounts
    before_index TEXT NOT NULL,  -- mean index of those; empty for that of all
    until_month INTEGER NOT NULL,  -- the last month counted, yyyymm
    reference TEXT NOT NULL,
    superseded_seq INTEGER NOT NULL,  -- the act that replaced it; 0 if none
    PRIMARY KEY (realm_id, book_no, member_no, seq)
) STRICT, WITHOUT ROWID;

-- Claims of a pension (待遇申领).
CREATE TABLE benefits_claim (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    claim_no INTEGER NOT NULL,
    member_no INTEGER NOT NULL,
    seq INTEGER NOT NULL,  -- the act
    row_no INTEGER NOT NULL,
    claimed_day INTEGER NOT NULL,  -- yyyymmdd
    retire_day INTEGER NOT NULL,  -- yyyymmdd
    ground TEXT NOT NULL,
    reference TEXT NOT NULL,
    paid_through INTEGER NOT NULL,  -- yyyymm, paid by an earlier system to this month; 0 if not
    clerk TEXT NOT NULL,  -- who took it
    status TEXT NOT NULL,  -- open, determined, awarded, rejected
    versions INTEGER NOT NULL,  -- determinations made
    PRIMARY KEY (realm_id, book_no, claim_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX benefits_claim_member ON benefits_claim (realm_id, book_no, member_no, claim_no);

-- Determinations (待遇核定). content is the determination with policy, inputs and trace, as package benefits/pension writes it.
CREATE TABLE benefits_determination (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    claim_no INTEGER NOT NULL,
    version INTEGER NOT NULL,  -- 1, 2, … of the claim
    member_no INTEGER NOT NULL,
    stage TEXT NOT NULL,  -- provisional or formal
    seq INTEGER NOT NULL,  -- the act
    row_no INTEGER NOT NULL,
    day INTEGER NOT NULL,  -- yyyymmdd
    policy TEXT NOT NULL,  -- parameter of the policy
    months INTEGER NOT NULL,  -- contribution months counted
    content BLOB NOT NULL,
    basic INTEGER NOT NULL,  -- 基础养老金, minor units a month
    account_pension INTEGER NOT NULL,  -- 个人账户养老金
    transitional INTEGER NOT NULL,  -- 过渡性养老金
    supplement INTEGER NOT NULL,  -- 养老金补贴: extras and rounding
    clerk TEXT NOT NULL,  -- who determined
    status TEXT NOT NULL,  -- open, approved, replaced
    PRIMARY KEY (realm_id, book_no, claim_no, version)
) STRICT;

-- Awards: approved determinations. The current one of a claim has superseded_seq 0; paid_through, last_month and stopped_seq of the current one move.
CREATE TABLE benefits_award (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    claim_no INTEGER NOT NULL,
    version INTEGER NOT NULL,
    member_no INTEGER NOT NULL,
    stage TEXT NOT NULL,
    from_month INTEGER NOT NULL,  -- first month due, yyyymm
    basic INTEGER NOT NULL,  -- 基础养老金, minor units a month
    account_pension INTEGER NOT NULL,  -- 个人账户养老金
    transitional INTEGER NOT NULL,  -- 过渡性养老金
    supplement INTEGER NOT NULL,  -- 养老金补贴: extras and rounding
    seq INTEGER NOT NULL,  -- the act of approval
    approver TEXT NOT NULL,
    paid_through INTEGER NOT NULL,  -- last month that a run holds, yyyymm
    last_month INTEGER NOT NULL,  -- last month due, yyyymm; 0 while it goes on
    stop_reason TEXT NOT NULL,
    stopped_seq INTEGER NOT NULL,
    superseded_seq INTEGER NOT NULL,  -- the act that replaced it; 0 if none
    PRIMARY KEY (realm_id, book_no, claim_no, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX benefits_award_member ON benefits_award (realm_id, book_no, member_no, claim_no);

-- Differences due once (核定补发) between a provisional and a formal award.
CREATE TABLE benefits_due (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    due_no INTEGER NOT NULL,
    member_no INTEGER NOT NULL,
    claim_no INTEGER NOT NULL,
    version INTEGER NOT NULL,
    from_month INTEGER NOT NULL,
    to_month INTEGER NOT NULL,
    basic INTEGER NOT NULL,  -- 基础养老金, minor units in all
    account_pension INTEGER NOT NULL,  -- 个人账户养老金
    transitional INTEGER NOT NULL,  -- 过渡性养老金
    supplement INTEGER NOT NULL,  -- 养老金补贴: extras and rounding
    seq INTEGER NOT NULL,
    run_no INTEGER NOT NULL,  -- the run that holds it; 0 while open
    PRIMARY KEY (realm_id, book_no, due_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX benefits_due_open ON benefits_due (realm_id, book_no, due_no) WHERE run_no = 0;

-- Payment runs (支付批次). The sheet holds every payment.
CREATE TABLE benefits_run (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    run_no INTEGER NOT NULL,
    month INTEGER NOT NULL,  -- yyyymm
    seq INTEGER NOT NULL,  -- the act
    sheet_no INTEGER NOT NULL,
    ordered_day INTEGER NOT NULL,
    first_payment INTEGER NOT NULL,
    payments INTEGER NOT NULL,
    basic INTEGER NOT NULL,  -- 基础养老金, minor units in all
    account_pension INTEGER NOT NULL,  -- 个人账户养老金
    transitional INTEGER NOT NULL,  -- 过渡性养老金
    supplement INTEGER NOT NULL,  -- 养老金补贴: extras and rounding
    offset_amount INTEGER NOT NULL,  -- kept back for recoveries
    amount INTEGER NOT NULL,  -- to be paid
    clerk TEXT NOT NULL,
    status TEXT NOT NULL,  -- ordered, approved, posted, cancelled
    approver TEXT NOT NULL,
    approved_seq INTEGER NOT NULL,
    posted_seq INTEGER NOT NULL,  -- first entry
    posted_day INTEGER NOT NULL,
    PRIMARY KEY (realm_id, book_no, run_no)
) STRICT, WITHOUT ROWID;

-- Payments (支付明细).
CREATE TABLE benefits_payment (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    payment_no INTEGER NOT NULL,
    run_no INTEGER NOT NULL,  -- 0 for a payment to heirs
    member_no INTEGER NOT NULL,
    claim_no INTEGER NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,  -- pension, difference, reissue, heirs
    from_month INTEGER NOT NULL,  -- first month paid for
    to_month INTEGER NOT NULL,  -- last month paid for
    basic INTEGER NOT NULL,  -- 基础养老金, minor units
    account_pension INTEGER NOT NULL,  -- 个人账户养老金
    transitional INTEGER NOT NULL,  -- 过渡性养老金
    supplement INTEGER NOT NULL,  -- 养老金补贴: extras and rounding
    offset_amount INTEGER NOT NULL,  -- kept back for a recovery
    recovery_no INTEGER NOT NULL,  -- the recovery it counts for when the payment is made; 0 if none
    origin_no INTEGER NOT NULL,  -- the due, or the payment issued again
    status TEXT NOT NULL,  -- ordered, paid, rejected, returned, reissue, reissued, cancelled
    posted_seq INTEGER NOT NULL,
    posted_day INTEGER NOT NULL,
    returned_seq INTEGER NOT NULL,
    returned_day INTEGER NOT NULL,
    reason TEXT NOT NULL,  -- the bank's code of a rejection or return
    PRIMARY KEY (realm_id, book_no, payment_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX benefits_payment_member ON benefits_payment (realm_id, book_no, member_no, payment_no);
CREATE INDEX benefits_payment_run ON benefits_payment (realm_id, book_no, run_no, payment_no);
-- What the next run issues again: few of all payments that there ever were.
CREATE INDEX benefits_payment_again ON benefits_payment (realm_id, book_no, payment_no) WHERE status = 'reissue';

-- What payments took from personal accounts; a return or a restoration is below zero.
CREATE TABLE benefits_debit (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    payment_no INTEGER NOT NULL,
    seq INTEGER NOT NULL,  -- the entry
    member_no INTEGER NOT NULL,
    account_no INTEGER NOT NULL,  -- in the fund's book
    amount INTEGER NOT NULL,  -- minor units
    PRIMARY KEY (realm_id, book_no, payment_no, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX benefits_debit_member ON benefits_debit (realm_id, book_no, member_no);

-- Recovery cases (追回多发待遇).
CREATE TABLE benefits_recovery (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    recovery_no INTEGER NOT NULL,
    member_no INTEGER NOT NULL,
    claim_no INTEGER NOT NULL,
    reason TEXT NOT NULL,  -- death, formal_lower, other
    seq INTEGER NOT NULL,  -- the act
    opened_day INTEGER NOT NULL,
    amount INTEGER NOT NULL,  -- minor units
    instalment INTEGER NOT NULL,  -- agreed a month; 0 if none
    first_due INTEGER NOT NULL,  -- yyyymm of the first instalment; 0 if none
    monthly_offset INTEGER NOT NULL,  -- kept back from each month's pension; 0 if none
    agreed_seq INTEGER NOT NULL,
    recovered INTEGER NOT NULL,
    PRIMARY KEY (realm_id, book_no, recovery_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX benefits_recovery_member ON benefits_recovery (realm_id, book_no, member_no, recovery_no);

-- What was paid too much, by payment.
CREATE TABLE benefits_overpayment (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    recovery_no INTEGER NOT NULL,
    payment_no INTEGER NOT NULL,  -- 0 for a lower formal award
    member_no INTEGER NOT NULL,
    from_month INTEGER NOT NULL,
    to_month INTEGER NOT NULL,
    paid_day INTEGER NOT NULL,  -- of the payment
    basic INTEGER NOT NULL,  -- 基础养老金, minor units
    account_pension INTEGER NOT NULL,  -- 个人账户养老金
    transitional INTEGER NOT NULL,  -- 过渡性养老金
    supplement INTEGER NOT NULL,  -- 养老金补贴: extras and rounding
    PRIMARY KEY (realm_id, book_no, recovery_no, payment_no)
) STRICT, WITHOUT ROWID;

-- What came back of recoveries.
CREATE TABLE benefits_recovered (
    realm_id INTEGER NOT NULL,
    book_no INTEGER NOT NULL,  -- the fund's book
    recovery_no INTEGER NOT NULL,
    seq INTEGER NOT NULL,  -- the entry, or the entry of the run that kept it back
    part INTEGER NOT NULL,
    kind TEXT NOT NULL,  -- cash or offset
    event TEXT NOT NULL,  -- E12, E13; empty for an offset
    payment_no INTEGER NOT NULL,  -- the payment it was kept back from; 0 for cash
    day INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (realm_id, book_no, recovery_no, seq, part)
) STRICT, WITHOUT ROWID;

CREATE VIEW benefits_pensioner AS
SELECT realm_id, book_no, member_no, claim_no, version, stage, from_month, paid_through, last_month, basic + account_pension + transitional + supplement AS monthly
FROM benefits_award WHERE superseded_seq = 0;

-- +goose StatementBegin
CREATE TRIGGER benefits_book_fixed BEFORE UPDATE OF realm_id, book_no ON benefits_book BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_book is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_book_kept BEFORE DELETE ON benefits_book BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_book is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_command_fixed BEFORE UPDATE ON benefits_command BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_command is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_command_kept BEFORE DELETE ON benefits_command BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_command is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_sheet_fixed BEFORE UPDATE ON benefits_sheet BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_sheet is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_sheet_kept BEFORE DELETE ON benefits_sheet BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_sheet is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_prior_fixed BEFORE UPDATE OF realm_id, book_no, member_no, seq, row_no, months, index_sum, before_months, before_index, until_month, reference ON benefits_prior BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_prior is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_prior_kept BEFORE DELETE ON benefits_prior BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_prior is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_prior_once BEFORE UPDATE OF superseded_seq ON benefits_prior WHEN OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_prior is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_claim_fixed BEFORE UPDATE OF realm_id, book_no, claim_no, member_no, seq, row_no, claimed_day, retire_day, ground, reference, paid_through, clerk ON benefits_claim BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_claim is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_claim_kept BEFORE DELETE ON benefits_claim BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_claim is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_determination_fixed BEFORE UPDATE OF realm_id, book_no, claim_no, version, member_no, stage, seq, row_no, day, policy, months, content, basic, account_pension, transitional, supplement, clerk ON benefits_determination BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_determination is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_determination_kept BEFORE DELETE ON benefits_determination BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_determination is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_award_fixed BEFORE UPDATE OF realm_id, book_no, claim_no, version, member_no, stage, from_month, basic, account_pension, transitional, supplement, seq, approver ON benefits_award BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_award is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_award_kept BEFORE DELETE ON benefits_award BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_award is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_award_once BEFORE UPDATE OF superseded_seq ON benefits_award WHEN OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_award is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_due_fixed BEFORE UPDATE OF realm_id, book_no, due_no, member_no, claim_no, version, from_month, to_month, basic, account_pension, transitional, supplement, seq ON benefits_due BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_due is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_due_kept BEFORE DELETE ON benefits_due BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_due is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_run_fixed BEFORE UPDATE OF realm_id, book_no, run_no, month, seq, sheet_no, ordered_day, first_payment, payments, basic, account_pension, transitional, supplement, offset_amount, amount, clerk ON benefits_run BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_run is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_run_kept BEFORE DELETE ON benefits_run BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_run is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_payment_fixed BEFORE UPDATE OF realm_id, book_no, payment_no, run_no, member_no, claim_no, version, kind, from_month, to_month, basic, account_pension, transitional, supplement, offset_amount, recovery_no, origin_no ON benefits_payment BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_payment is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_payment_kept BEFORE DELETE ON benefits_payment BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_payment is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_debit_fixed BEFORE UPDATE ON benefits_debit BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_debit is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_debit_kept BEFORE DELETE ON benefits_debit BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_debit is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_recovery_fixed BEFORE UPDATE OF realm_id, book_no, recovery_no, member_no, claim_no, reason, seq, opened_day, amount ON benefits_recovery BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_recovery is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_recovery_kept BEFORE DELETE ON benefits_recovery BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_recovery is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_recovery_grows BEFORE UPDATE OF recovered ON benefits_recovery WHEN NEW.recovered < OLD.recovered OR NEW.recovered > OLD.amount BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_recovery is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_overpayment_fixed BEFORE UPDATE ON benefits_overpayment BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_overpayment is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_overpayment_kept BEFORE DELETE ON benefits_overpayment BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_overpayment is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_recovered_fixed BEFORE UPDATE ON benefits_recovered BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_recovered is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER benefits_recovered_kept BEFORE DELETE ON benefits_recovered BEGIN SELECT RAISE(ABORT, 'append-only: change of benefits_recovered is refused'); END;
-- +goose StatementEnd
