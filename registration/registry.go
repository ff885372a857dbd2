// Package registration knows who is insured, in which scheme, by which employer, and since when (参保登记).
//
// A realm is a pooling area (统筹区). In it stand employers (参保单位), members (参保人) and the relations between them: a member's enrolment in a scheme
// (参保关系), by an employer or on his own. A relation is a timeline of spells (参保时段): active, suspended, terminated or void, month after month without
// a gap. Beside them stand the facts of a member's life that entitlement hangs on: death, retirement, deemed service.
//
// # Two times
//
// Every row says for which days or months it holds, and since which act it is known. Acts are the entries of the realm's register book, so what was known at
// a time is what was known after entry N. Nothing is changed: a correction adds rows and marks those it replaces, and a reader who asks for entry N gets
// what entry N left. Zero always asks for what is known now.
//
// # Acts
//
// Every command takes an Order: who, on whose approval, on what day, under what idempotency key. It finds all faults of all its rows before it writes
// anything, and then writes its rows, one sheet of what was ordered (package sheet), and one act in the register book whose source hash commits to the sheet,
// in one transaction. The same order again is answered with the receipt of the first; another order with its key is refused. Verify derives every row from
// the sealed sheets again.
//
// Commands take one row or a million; they read and write in sets, never member by member.
//
// # Persons
//
// Names and identity numbers stand in the table registration_identity alone. Acts and sheets hold internal numbers, pseudonyms and keyed hashes. Reads give
// no name and no number, but for Identities, which says so.
//
// # Layers
//
// Package identity reads numbers, package sheet seals rows, package scheme holds the law. Which schemes there are, and what each allows, is given by the host
// (Config.Schemes). Whether an employer may be struck off while it owes, and whether an actor may do what he asks, are the host's to say (Config.Obligations,
// Config.Allow), because the answers lie above this package.
package registration

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/sheet"
)

// MemberNo is the number of a member (个人编号) in his realm, from 1 in the order of registration, without gaps.
type MemberNo int32

// EmployerNo is the number of an employer (单位编号) in its realm, from 1 in the order of registration, without gaps. Zero in an enrolment means none.
type EmployerNo int32

// The limits of a command.
const (
	MaxRows = 1_000_000
	MaxKey  = 100 // bytes of an idempotency key
)

// Config holds what a registry takes from its host.
type Config struct {
	// Key makes the pseudonyms; required. It must stay the same for the life of a realm: members are found by pseudonym.
	Key identity.Key

	// Schemes are the schemes of the place; ChinaSchemes if nil. A scheme that rows exist for must not be left out later.
	Schemes []SchemeRule

	// Admit is what orders may admit at all (Order.Admit). None by default.
	Admit Flags

	// Cipher protects names and numbers in the table registration_identity. Without one they stand there as they are.
	Cipher Cipher

	// Allow is asked before each command; its error refuses the order. Anything is allowed if nil.
	Allow func(ctx context.Context, order Order, kind string, rows int) error

	// Obligations is asked before employers are struck off, in the transaction that does it: it returns those that owe contributions, surcharges or fines, with
	// what they owe in words (社会保险经办条例 art. 10: these are settled first). Nobody owes if nil.
	Obligations func(ctx context.Context, tx store.Handle, realm int32, employers []EmployerNo) (map[EmployerNo]string, error)
}

// Cipher hides a text and shows it again. Both must be safe for concurrent use; Hide may give another text each time.
type Cipher interface {
	Hide(plain string) (string, error)
	Show(hidden string) (string, error)
}

// Registry is the service of registration over one database. It is safe for concurrent use. Its reads are those of Reader, each in short transactions of
// its own; In gives the same reads inside the host's transaction.
type Registry struct {
	*Reader
	db      *store.DB
	led     *ledger.Ledger
	config  Config
	schemes map[Scheme]SchemeRule
}

// New returns the registry of a database whose schema is up to date (Schema, after ledger.Schema). The error is *Faults.
func New(db *store.DB, led *ledger.Ledger, config Config) (*Registry, error) {
	var faults Faults
	missing := func(field, hint string) {
		faults.Add(&Fault{Code: ErrMissing, Field: field, Detail: "is not given", Hint: hint})
	}
	if db == nil {
		missing("database", "open one with ledger/store/postgres or ledger/store/sqlite/ncruces")
	}
	if led == nil {
		missing("ledger", "make one with ledger.New")
	}
	if config.Key.IsZero() {
		missing("key", "make one with identity.NewKey and keep its secret outside the database")
	}
	if config.Schemes == nil {
		config.Schemes = ChinaSchemes()
	}
	config.Schemes = slices.Clone(config.Schemes)
	r := &Registry{db: db, led: led, config: config, schemes: make(map[Scheme]SchemeRule, len(config.Schemes))}
	for _, rule := range config.Schemes {
		rule.check(&faults)
		if _, twice := r.schemes[rule.Scheme]; twice {
			faults.Add(&Fault{Code: ErrRepeated, Field: "scheme " + string(rule.Scheme), Detail: "is given twice", Hint: "keep one rule"})
		}
		r.schemes[rule.Scheme] = rule
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	r.Reader = &Reader{registry: r, view: db.View}
	return r, nil
}

//go:embed schema
var schemaFiles embed.FS

// Schema returns the tables of this package, for store.DB.Migrate. They stand beside those of ledger.Schema.
func Schema() store.Schema {
	files, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Line: "registration", Files: files}
}

// Schemes lists the rules of the configured schemes.
func (r *Registry) Schemes() []SchemeRule { return slices.Clone(r.config.Schemes) }

// Rule returns the rule of a scheme; ok is false when it is not configured.
func (r *Registry) Rule(scheme Scheme) (rule SchemeRule, ok bool) {
	rule, ok = r.schemes[scheme]
	return rule, ok
}

// Key returns the key of pseudonyms, for packages above that join by them.
func (r *Registry) Key() identity.Key { return r.config.Key }

// Order is the head of a command (经办业务单): who asks for it, who approved it, and when. Names and identity numbers do not belong into any field, since all of
// it is sealed in the register book.
type Order struct {
	Realm      int32
	Key        string              // idempotency key, unique among the realm's orders of registration, at most MaxKey bytes; required
	Effective  calendar.Date       // the day on which it was handled (受理日期); required. Months and days of the rows may lie before and after
	EnteredBy  string              // who handled it (经办人); required
	ApprovedBy string              // who checked it (复核人), another person than EnteredBy
	Documents  []ledger.Attachment // documents in the archive, by name and hash
	Admit      Flags               // what is taken and flagged instead of refused. Needs Config.Admit and an approval
}

// Receipt says what became of an order.
type Receipt struct {
	Seq           ledger.Seq // the act in the register book; what is known from now on
	Recorded      time.Time  // UTC, whole microseconds
	Rows          int        // rows of the command
	Flagged       int        // how many of them were flagged
	FirstEmployer EmployerNo // number of the first employer registered, the others follow; or zero
	FirstMember   MemberNo   // number of the first member registered, the others follow; or zero
	Replayed      bool       // an equal order was carried out before, and this is its receipt
}

// maxUnknownCommits bounds how often a command whose commit ended in an unknown outcome is asked for again.
const maxUnknownCommits = 3

// update runs fn in a write transaction. When the answer to COMMIT is lost, fn runs again: it finds by the order's key what it has already written.
func (r *Registry) update(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
	var err error
	for range maxUnknownCommits {
		if err = r.db.Update(ctx, fn); !errors.Is(err, store.ErrCommitUnknown) {
			break
		}
	}
	return err
}

// pseudonym of a number; no number has none.
func (r *Registry) pseudonym(n identity.Number) identity.Pseudonym {
	if n.IsZero() {
		return identity.Pseudonym{}
	}
	return r.config.Key.Pseudonym(n)
}

// digest hides a text of a sheet; no text has no digest.
func (r *Registry) digest(label, text string) sheet.Digest {
	if text == "" {
		return sheet.Digest{}
	}
	return r.config.Key.Digest(label, text)
}

// hide makes of a text what stands in registration_identity.
func (r *Registry) hide(plain string) (string, error) {
	if r.config.Cipher == nil {
		return plain, nil
	}
	return r.config.Cipher.Hide(plain)
}

func (r *Registry) show(hidden string) (string, error) {
	if r.config.Cipher == nil {
		return hidden, nil
	}
	return r.config.Cipher.Show(hidden)
}

// reveal reads what stands in registration_identity.
func (r *Registry) reveal(hiddenNumber, hiddenName string) (identity.Number, string, error) {
	text, err := r.show(hiddenNumber)
	if err != nil {
		return identity.Number{}, "", err
	}
	name, err := r.show(hiddenName)
	if err != nil {
		return identity.Number{}, "", err
	}
	number, err := identity.Unchecked(text)
	return number, name, err
}
