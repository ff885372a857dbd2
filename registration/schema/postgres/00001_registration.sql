-- +goose Up
-- The tables of registration. Numbers are dense in their realm; days are yyyymmdd and months yyyymm.
-- Rows are only ever added. Two things move: the counters of registration_realm, and superseded_seq, which is set once, when a later act replaces a row.
-- What was known after entry N of the register book are the rows with seq <= N whose superseded_seq is 0 or above N.

-- The counters of a realm, and the lock under which its registrations follow one another. The row moves with every act.
CREATE TABLE registration_realm (
    realm_id  int NOT NULL,
    employers int NOT NULL,  -- number of employers, and the last number given
    members   int NOT NULL,  -- likewise of members
    spells    bigint NOT NULL,  -- likewise of spell rows
    facts     bigint NOT NULL,  -- likewise of fact rows
    PRIMARY KEY (realm_id)
);

-- What an act of the register book did here. The act itself, with who and when, is the entry of that number in book 0 of ledger_entry.
CREATE TABLE registration_act (
    realm_id   int NOT NULL,
    seq        bigint NOT NULL,  -- the act's entry in the register book
    kind       text COLLATE "C" NOT NULL,
    rows_count int NOT NULL,  -- rows of its sheet
    first_no   int NOT NULL,  -- the first employer or member number that it gave; 0 for none
    admit      int NOT NULL,  -- flags of what it admitted
    flagged    int NOT NULL,  -- how many rows it flagged
    PRIMARY KEY (realm_id, seq)
);

-- The sheets of the acts, as package registration/sheet encodes them: part 0 is the header. Their SHA-256 stands in the act as source_hash.
CREATE TABLE registration_sheet (
    realm_id int NOT NULL,
    seq      bigint NOT NULL,
    part     int NOT NULL,
    content  bytea NOT NULL,
    PRIMARY KEY (realm_id, seq, part)
);

-- Employers (参保单位). One row for each state; the current one has superseded_seq 0.
CREATE TABLE registration_employer (
    realm_id       int NOT NULL,
    employer_no    int NOT NULL,
    seq            bigint NOT NULL,  -- the act that said so
    row_no         int NOT NULL,  -- its row in the act's sheet, from 1
    credit_code    text COLLATE "C" NOT NULL,  -- 统一社会信用代码
    name           text COLLATE "C" NOT NULL,
    agency         text COLLATE "C" NOT NULL,  -- the agency that handles it
    industry       text COLLATE "C" NOT NULL,
    address        text COLLATE "C" NOT NULL,
    contact        text COLLATE "C" NOT NULL,
    founded_day    int NOT NULL,  -- yyyymmdd, 0 if not known
    registered_day int NOT NULL,  -- yyyymmdd
    cancelled_day  int NOT NULL,  -- yyyymmdd, 0 while registered
    flags          int NOT NULL,
    superseded_seq bigint NOT NULL,  -- the act that replaced this row; 0 if none
    PRIMARY KEY (realm_id, employer_no, seq)
);
CREATE INDEX registration_employer_code ON registration_employer (realm_id, credit_code);

-- Members (参保人), without name and number. One row for each state; the current one has superseded_seq 0.
CREATE TABLE registration_member (
    realm_id       int NOT NULL,
    member_no      int NOT NULL,
    seq            bigint NOT NULL,
    row_no         int NOT NULL,
    pseudonym      text COLLATE "C" NOT NULL,  -- keyed hash of the identity number
    birth_day      int NOT NULL,  -- yyyymmdd
    sex            smallint NOT NULL CHECK (sex IN (1, 2)),  -- 1 male, 2 female
    class          text COLLATE "C" NOT NULL,  -- M60, F55, F50; empty if none
    first_work_day int NOT NULL,  -- 参加工作时间, yyyymmdd, 0 if none
    merged_into    int NOT NULL,  -- the member whose record goes on; 0 if this one does
    flags          int NOT NULL,
    superseded_seq bigint NOT NULL,
    PRIMARY KEY (realm_id, member_no, seq)
);
CREATE INDEX registration_member_pseudonym ON registration_member (realm_id, pseudonym);
CREATE INDEX registration_member_merged ON registration_member (realm_id, merged_into, member_no) WHERE merged_into <> 0;

-- Names and identity numbers, here and nowhere else. A row belongs to the row of registration_member with the same key.
CREATE TABLE registration_identity (
    realm_id  int NOT NULL,
    member_no int NOT NULL,
    seq       bigint NOT NULL,
    number    text COLLATE "C" NOT NULL,  -- 公民身份号码, or what the host's cipher made of it
    name      text COLLATE "C" NOT NULL,  -- likewise
    PRIMARY KEY (realm_id, member_no, seq)
);

-- Spells (参保时段): what is known of a member's enrolment in a scheme by an employer in a stretch of months. Current rows have superseded_seq 0;
-- those of one member, scheme and employer follow one another without a gap, and the last is open.
CREATE TABLE registration_spell (
    realm_id       int NOT NULL,
    member_no      int NOT NULL,
    spell_no       bigint NOT NULL,  -- number of the row in the realm
    scheme         text COLLATE "C" NOT NULL,
    employer_no    int NOT NULL,  -- 0 without an employer
    from_month     int NOT NULL,  -- yyyymm
    to_month       int NOT NULL,  -- yyyymm, the last month; 0 while open
    status         text COLLATE "C" NOT NULL CHECK (status IN ('active', 'suspended', 'terminated', 'void')),
    event          text COLLATE "C" NOT NULL CHECK (event IN ('enrol', 'suspend', 'resume', 'terminate', 'transfer_in', 'transfer_out', 'correct', 'death')),  -- what began it
    began_seq      bigint NOT NULL,  -- the act that began it
    seq            bigint NOT NULL,  -- the act that recorded this row
    row_no         int NOT NULL,
    hired_day      int NOT NULL,  -- 用工之日, yyyymmdd, 0 if none
    counterpart    text COLLATE "C" NOT NULL,  -- the other pooling area of a transfer
    reason         text COLLATE "C" NOT NULL,
    flags          int NOT NULL,
    superseded_seq bigint NOT NULL,
    PRIMARY KEY (realm_id, member_no, spell_no)
);
CREATE INDEX registration_spell_employer ON registration_spell (realm_id, employer_no, scheme, member_no, from_month);

-- Facts of a member's life: death, retirement, deemed service. Current rows have superseded_seq 0.
CREATE TABLE registration_fact (
    realm_id       int NOT NULL,
    member_no      int NOT NULL,
    fact_no        bigint NOT NULL,  -- number of the row in the realm
    kind           text COLLATE "C" NOT NULL CHECK (kind IN ('death', 'retirement', 'deemed')),
    insurance      text COLLATE "C" NOT NULL,
    from_day       int NOT NULL,  -- yyyymmdd
    to_day         int NOT NULL,  -- yyyymmdd, the last day; 0 if it has none
    months         int NOT NULL,
    ground         text COLLATE "C" NOT NULL,
    reference      text COLLATE "C" NOT NULL,  -- the document in the archive
    seq            bigint NOT NULL,
    row_no         int NOT NULL,
    flags          int NOT NULL,
    superseded_seq bigint NOT NULL,
    PRIMARY KEY (realm_id, member_no, fact_no)
);

-- The roster as it stands, for reading in SQL.
CREATE VIEW registration_roster AS
SELECT s.realm_id, s.member_no, s.scheme, s.employer_no, e.credit_code, e.name AS employer_name, s.from_month, s.to_month, s.status, s.event, s.seq
FROM registration_spell s
LEFT JOIN registration_employer e ON e.realm_id = s.realm_id AND e.employer_no = s.employer_no AND e.superseded_seq = 0
WHERE s.superseded_seq = 0;

-- +goose StatementBegin
CREATE FUNCTION registration_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % of % is refused', TG_OP, TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER registration_realm_fixed BEFORE UPDATE ON registration_realm FOR EACH ROW WHEN (NEW.realm_id <> OLD.realm_id OR NEW.employers < OLD.employers OR NEW.members < OLD.members
    OR NEW.spells < OLD.spells OR NEW.facts < OLD.facts) EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_realm_kept BEFORE DELETE ON registration_realm FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_realm_whole BEFORE TRUNCATE ON registration_realm FOR EACH STATEMENT EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_act_fixed BEFORE UPDATE ON registration_act FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_act_kept BEFORE DELETE ON registration_act FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_act_whole BEFORE TRUNCATE ON registration_act FOR EACH STATEMENT EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_sheet_fixed BEFORE UPDATE ON registration_sheet FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_sheet_kept BEFORE DELETE ON registration_sheet FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_sheet_whole BEFORE TRUNCATE ON registration_sheet FOR EACH STATEMENT EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_employer_fixed BEFORE UPDATE OF realm_id, employer_no, seq, row_no, credit_code, name, agency, industry, address, contact, founded_day, registered_day, cancelled_day, flags ON registration_employer FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_employer_once BEFORE UPDATE OF superseded_seq ON registration_employer FOR EACH ROW WHEN (OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq) EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_employer_kept BEFORE DELETE ON registration_employer FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_employer_whole BEFORE TRUNCATE ON registration_employer FOR EACH STATEMENT EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_member_fixed BEFORE UPDATE OF realm_id, member_no, seq, row_no, pseudonym, birth_day, sex, class, first_work_day, merged_into, flags ON registration_member FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_member_once BEFORE UPDATE OF superseded_seq ON registration_member FOR EACH ROW WHEN (OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq) EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_member_kept BEFORE DELETE ON registration_member FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_member_whole BEFORE TRUNCATE ON registration_member FOR EACH STATEMENT EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_identity_fixed BEFORE UPDATE ON registration_identity FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_identity_kept BEFORE DELETE ON registration_identity FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_identity_whole BEFORE TRUNCATE ON registration_identity FOR EACH STATEMENT EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_spell_fixed BEFORE UPDATE OF realm_id, member_no, spell_no, scheme, employer_no, from_month, to_month, status, event, began_seq, seq, row_no, hired_day, counterpart, reason, flags ON registration_spell FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_spell_once BEFORE UPDATE OF superseded_seq ON registration_spell FOR EACH ROW WHEN (OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq) EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_spell_kept BEFORE DELETE ON registration_spell FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_spell_whole BEFORE TRUNCATE ON registration_spell FOR EACH STATEMENT EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_fact_fixed BEFORE UPDATE OF realm_id, member_no, fact_no, kind, insurance, from_day, to_day, months, ground, reference, seq, row_no, flags ON registration_fact FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_fact_once BEFORE UPDATE OF superseded_seq ON registration_fact FOR EACH ROW WHEN (OLD.superseded_seq <> 0 OR NEW.superseded_seq <= OLD.seq) EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_fact_kept BEFORE DELETE ON registration_fact FOR EACH ROW EXECUTE FUNCTION registration_append_only();
CREATE TRIGGER registration_fact_whole BEFORE TRUNCATE ON registration_fact FOR EACH STATEMENT EXECUTE FUNCTION registration_append_only();
