package ledger

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"errors"
	"io/fs"
	"time"

	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// Seq is the place of an entry in its book, from 1 without gaps. As a point of reading, it means the book as it stood after that entry.
type Seq int64

// AccountNo is the number of an account in its book, from 1 in the order of opening, without gaps.
type AccountNo int32

// Config holds what a ledger takes from its host. Its zero value is usable.
type Config struct {
	// Clock tells the recorded time of entries. The system's clock if nil. It may go backwards: within a book the recorded time then stands still.
	Clock func() time.Time

	// Seeds gives each entry the secret that hides its lines in proofs. Random if nil. See DerivedSeeds.
	Seeds func(book BookID, key string) (seal.Seed, error)

	// Limit is how long a transaction may take that callers of Post share. DefaultLimit if zero.
	Limit time.Duration
}

// DefaultLimit is the default of Config.Limit. It leaves room for a lock time-out of the database and another attempt.
const DefaultLimit = 30 * time.Second

// Ledger keeps the books of one database. It is safe for concurrent use and holds no state of its own but its
// configuration and a bounded memory of accounts, which the database can always refute.
type Ledger struct {
	db    *store.DB
	clock func() time.Time
	seeds func(book BookID, key string) (seal.Seed, error)
	limit time.Duration

	cache  accountCache
	queues queues
}

// New returns the ledger of a database whose schema is up to date (see Schema). db and its pools stay the host's to close.
func New(db *store.DB, config Config) (*Ledger, error) {
	if db == nil {
		return nil, fault(ErrFieldMissing, BookID{}, "no database", "open one with ledger/store/postgres or ledger/store/sqlite/ncruces")
	}
	l := &Ledger{db: db, clock: config.Clock, seeds: config.Seeds, limit: cmp.Or(config.Limit, DefaultLimit)}
	if l.clock == nil {
		l.clock = time.Now
	}
	if l.seeds == nil {
		l.seeds = randomSeed
	}
	return l, nil
}

func randomSeed(BookID, string) (seal.Seed, error) {
	var seed seal.Seed
	_, err := rand.Read(seed[:])
	return seed, err
}

// DerivedSeeds returns a Config.Seeds that derives each seed from a secret of the host, the book and the entry's key, so that a run that is repeated, or
// killed and started again, gives the same records. Whoever knows the secret can test guesses about lines of which he sees only proofs.
func DerivedSeeds(secret []byte) func(book BookID, key string) (seal.Seed, error) {
	kept := append([]byte(nil), secret...)
	return func(book BookID, key string) (seal.Seed, error) {
		mac := hmac.New(sha256.New, kept)
		var place [6]byte
		binary.BigEndian.PutUint32(place[:], uint32(book.Realm))
		binary.BigEndian.PutUint16(place[4:], uint16(book.Number))
		mac.Write(place[:])
		mac.Write([]byte(key))
		return seal.Seed(mac.Sum(nil)[:seal.SeedSize]), nil
	}
}

//go:embed schema
var schemaFiles embed.FS

// Schema returns the tables of this package, for store.DB.Migrate.
func Schema() store.Schema {
	files, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Line: "ledger", Files: files}
}

// maxUnknownCommits bounds how often an operation whose commit ended in an unknown outcome is asked for again.
const maxUnknownCommits = 3

// update runs fn in a write transaction. When the answer to COMMIT is lost, fn runs again: every operation of this package finds what it has already
// written by its idempotency key, so it happens once whatever became of the first commit.
func (l *Ledger) update(ctx context.Context, book BookID, fn func(ctx context.Context, tx *store.Tx) error) error {
	return busy(l.settled(ctx, fn), book)
}

// settled is update without a book. When the outcome of a commit cannot be found out, as when the context ends over it, the error says so.
func (l *Ledger) settled(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
	var unknown error
	for range maxUnknownCommits {
		err := l.db.Update(ctx, fn)
		if _, database := errors.AsType[*store.Error](err); err == nil || !database {
			return err
		}
		if unknown = errors.Join(unknown, err); !errors.Is(err, store.ErrCommitUnknown) {
			break
		}
	}
	return unknown
}

// busy turns the store's lock time-out into the ledger's error.
func busy(err error, book BookID) error {
	if errors.Is(err, store.ErrBusy) {
		e := fault(ErrBookBusy, book, "another writer holds the book", "try again later; the same key posts once")
		return errors.Join(e, err)
	}
	return err
}
