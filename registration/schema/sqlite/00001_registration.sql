-- +goose Up
-- The tables of registration. Numbers are dense in their realm; days are yyyymmdd and months yyyymm.
-- Rows are only ever added. Two things move: the counters of registration_realm, and superseded_seq, which is set once, when a later act replaces a row.
-- What was known after entry N of the register book are the rows with seq <= N whose superseded_seq is 0 or above N.

-- The counters of a realm, and the lock under which its registrations follow one another. The row moves with every act.
CREATE TABLE registration_realm (
    realm_id  INTEGER NOT NULL,
    employers INTEGER NOT NULL,  -- number of employers, and the last number given
    members   INTEGER NOT NULL,  -- likewise of members
    spells    INTEGER NOT NULL,  -- likewise of spell rows
    facts     INTEGER NOT NULL,  -- likewise of fact rows
    PRIMARY KEY (realm_id)
) STRICT, WITHOUT ROWID;

-- What an act of the register book did here. The act itself, with who and when, is the entry of that number in book 0 of ledger_entry.
CREATE TABLE registration_act (
    realm_id   INTEGER NOT NULL,
    seq        INTEGER NOT NULL,  -- the act's entry in the register book
    kind       TEXT NOT NULL,
    rows_count INTEGER NOT NULL,  -- rows of its sheet
    first_no   INTEGER NOT NULL,  -- the first employer or member number that it gave; 0 for none
    admit      INTEGER NOT NULL,  -- flags of what it admitted
    flagged    INTEGER NOT NULL,  -- how many rows it flagged
    PRIMARY KEY (realm_id, seq)
) STRICT, WITHOUT ROWID;

-- The sheets of the acts, as package registration/sheet encodes them: part 0 is the header. Their SHA-256 stands in the act as source_hash.
CREATE TABLE registration_sheet (
    realm_id INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    part     INTEGER NOT NULL,
    content  BLOB NOT NULL,
    PRIMARY KEY (realm_id, seq, part)
) STRICT;

-- Employers (参保单位). One row for each state; the current one has superseded_seq 0.
CREATE TABLE registration_employer (
    realm_id       INTEGER NOT NULL,
    employer_no    INTEGER NOT NULL,
    seq            INTEGER NOT NULL,  -- the act that said so
    row_no         INTEGER NOT NULL,  -- its row in the act's sheet, from 1
    credit_code    TEXT NOT NULL,  -- 统一社会信用代码
    name           TEXT NOT NULL,
    agency         TEXT NOT NULL,  -- the agency that handles it
    industry       TEXT NOT NULL,
    address        TEXT NOT NULL,
    contact        TEXT NOT NULL,
    founded_day    INTEGER NOT NULL,  -- yyyymmdd, 0 if not known
    registered_day INTEGER NOT NULL,  -- yyyymmdd
    cancelled_day  INTEGER NOT NULL,  -- yyyymmdd, 0 while registered
    flags          INTEGER NOT NULL,
    superseded_seq INTEGER NOT NULL,  -- the act that replaced this row; 0 if none
    PRIMARY KEY (realm_id, employer_no, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX registration_employer_code ON registration_employer (realm_id, credit_code);

-- Members (参保人), without name and number. One row for each state; the current one has superseded_seq 0.
CREATE TABLE registration_member (
    realm_id       INTEGER NOT NULL,
    member_no      INTEGER NOT NULL,
    seq            INTEGER NOT NULL,
    row_no         INTEGER NOT NULL,
    pseudonym      TEXT NOT NULL,  -- keyed hash of the identity number
    birth_day      INTEGER NOT NULL,  -- yyyymmdd
    sex            INTEGER NOT NULL CHECK (sex IN (1, 2)),  -- 1 male, 2 female
    class          TEXT NOT NULL,  -- M60, F55, F50; empty if none
    first_work_day INTEGER NOT NULL,  -- 参加工作时间, yyyymmdd, 0 if none
    merged_into    INTEGER NOT NULL,  -- the member whose record goes on; 0 if this one does
    flags          INTEGER NOT NULL,
    superseded_seq INTEGER NOT NULL,
    PRIMARY KEY (realm_id, member_no, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX registration_member_pseudonym ON registration_member (realm_id, pseudonym);
CREATE INDEX registration_member_merged ON registration_member (realm_id, merged_into, member_no) WHERE merged_into <> 0;

-- Names and identity numbers, here and nowhere else. A row belongs to the row of registration_member with the same key.
CREATE TABLE registration_identity (
    realm_id  INTEGER NOT NULL,
    member_no INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    number    TEXT NOT NULL,  -- 公民身份号码, or what the host's cipher made of it
    name      TEXT NOT NULL,  -- likewise
    PRIMARY KEY (realm_id, member_no, seq)
) STRICT, WITHOUT ROWID;

-- Spells (参保时段): what is known of a member's enrolment in a scheme by an employer in a stretch of months. Current rows have superseded_seq 0;
-- those of one member, scheme and employer follow one another without a gap, and the last is open.
CREATE TABLE registration_spell (
    realm_id       INTEGER NOT NULL,
    member_no      INTEGER NOT NULL,
    spell_no       INTEGER NOT NULL,  -- number of the row in the realm
    scheme         TEXT NOT NULL,
    employer_no    INTEGER NOT NULL,  -- 0 without an employer
    from_month     INTEGER NOT NULL,  -- yyyymm
    to_month       INTEGER NOT NULL,  -- yyyymm, the last month; 0 while open
    status         TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'terminated', 'void')),
    event          TEXT NOT NULL CHECK (event IN ('enrol', 'suspend', 'resume', 'terminate', 'transfer_in', 'transfer_out', 'correct', 'death')),  -- what began it
    began_seq      INTEGER NOT NULL,  -- the act that began it
    seq            INTEGER NOT NULL,  -- the act that recorded this row
    row_no         INTEGER NOT NULL,
    hired_day      INTEGER NOT NULL,  -- 用工之日, yyyymmdd, 0 if none
    counterpart    TEXT NOT NULL,  -- the other pooling area of a transfer
    reason         TEXT NOT NULL,
    flags          INTEGER NOT NULL,
    superseded_seq INTEGER NOT NULL,
    PRIMARY KEY (realm_id, member_no, spell_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX registration_spell_employer ON registration_spell (realm_id, employer_no, scheme, member_no, from_month);

-- Facts of a member's life: death, retirement, deemed service. Current rows have superseded_seq 0.
CREATE TABLE registration_fact (
    realm_id       INTEGER NOT NULL,
    member_no      INTEGER NOT NULL,
    fact_no        INTEGER NOT NULL,  -- number of the row in the realm
    kind           TEXT NOT NULL CHECK (kind IN ('death', 'retirement', 'deemed')),
    insurance      TEXT NOT NULL,
    from_day       INTEGER NOT NULL,  -- yyyymmdd
    to_day         INTEGER NOT NULL,  -- yyyymmdd, the last day; 0 if it has none
    months         INTEGER NOT NULL,
    ground         TEXT NOT NULL,
    reference      TEXT NOT NULL,  -- the document in the archive
    seq            INTEGER NOT NULL,
    row_no         INTEGER NOT NULL,
    flags          INTEGER NOT NULL,
    superseded_seq INTEGER NOT NULL,
    PRIMARY KEY (realm_id, member_no, fact_no)
) STRICT, WITHOUT ROWID;

-- The roster as it stands, for reading in SQL.
CREATE VIEW registration_roster AS
SELECT s.realm_id, s.member_no, s.scheme, s.employer_no, e.credit_code, e.name AS employer_name, s.from_month, s.to_month, s.status, s.event, s.seq
FROM registration_spell s
LEFT JOIN registration_employer e ON e.realm_id = s.realm_id AND e.employer_no = s.employer_no AND e.superseded_seq = 0
WHERE s.superseded_seq = 0;

-- +goose StatementBegin
CREATE TRIGGER registration_realm_fixed BEFORE UPDATE ON registration_realm WHEN NEW.realm_id <> OLD.realm_id OR NEW.employers < OLD.employers OR NEW.members < OLD.members
    OR NEW.spells < OLD.spells OR NEW.facts < OLD.facts BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_realm is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_realm_kept BEFORE DELETE ON registration_realm BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_realm is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_act_fixed BEFORE UPDATE ON registration_act BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_act is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_act_kept BEFORE DELETE ON registration_act BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_act is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_sheet_fixed BEFORE UPDATE ON registration_sheet BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_sheet is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_sheet_kept BEFORE DELETE ON registration_sheet BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_sheet is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_employer_fixed BEFORE UPDATE OF realm_id, employer_no, seq, row_no, credit_code, name, agency, industry, address, contact, founded_day, registered_day, cancelled_day, flags ON registration_employer BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_employer is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_employer_once BEFORE UPDATE OF superseded_seq ON registration_employer WHEN OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_employer is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_employer_kept BEFORE DELETE ON registration_employer BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_employer is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_member_fixed BEFORE UPDATE OF realm_id, member_no, seq, row_no, pseudonym, birth_day, sex, class, first_work_day, merged_into, flags ON registration_member BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_member is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_member_once BEFORE UPDATE OF superseded_seq ON registration_member WHEN OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_member is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_member_kept BEFORE DELETE ON registration_member BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_member is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_identity_fixed BEFORE UPDATE ON registration_identity BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_identity is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_identity_kept BEFORE DELETE ON registration_identity BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_identity is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_spell_fixed BEFORE UPDATE OF realm_id, member_no, spell_no, scheme, employer_no, from_month, to_month, status, event, began_seq, seq, row_no, hired_day, counterpart, reason, flags ON registration_spell BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_spell is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_spell_once BEFORE UPDATE OF superseded_seq ON registration_spell WHEN OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_spell is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_spell_kept BEFORE DELETE ON registration_spell BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_spell is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_fact_fixed BEFORE UPDATE OF realm_id, member_no, fact_no, kind, insurance, from_day, to_day, months, ground, reference, seq, row_no, flags ON registration_fact BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_fact is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_fact_once BEFORE UPDATE OF superseded_seq ON registration_fact WHEN OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_fact is refused'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER registration_fact_kept BEFORE DELETE ON registration_fact BEGIN SELECT RAISE(ABORT, 'append-only: change of registration_fact is refused'); END;
-- +goose StatementEnd
