// Package voucher also takes a voucher from hand to hand, and keeps what each hand did: draft (草稿), reviewed (已复核), posted (已记账), or sent back (退回) and
// withdrawn (作废). Whose hands may be one is data (Policy). Posting is one transaction with the ledger's entry, which names preparer, reviewer, bookkeeper, cashier
// and head, and carries a hash over the whole history, so that the steps are sealed with the money.
//
// The paper itself is package accounts/voucher/printing.
//
// In a host's transaction the rows of the vouchers are locked first, in the order of their numbers, then their book by the ledger.
package voucher

import (
	"context"
	"embed"
	"errors"
	"io/fs"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// State is where a voucher stands (凭证状态).
type State string

// The states.
const (
	Drafted   State = "draft"     // 草稿: prepared, waiting for review
	Reviewed  State = "reviewed"  // 已复核: may be signed by cashier and head, and posted
	Posted    State = "posted"    // 已记账: an entry of the book; final
	SentBack  State = "sent_back" // 退回: the preparer revises or withdraws it
	Withdrawn State = "withdrawn" // 作废: final, with a reason
)

// Kind is the kind of a voucher by the accounts of money that it touches (凭证种类).
type Kind string

// The kinds. Money that moves between two accounts of money is a payment, so that it is written once.
const (
	Receipt    Kind = "receipt"    // 收款凭证: money comes in
	Payment    Kind = "payment"    // 付款凭证: money goes out
	Transfer   Kind = "transfer"   // 转账凭证: no money moves
	Memorandum Kind = "memorandum" // 备查登记: every line is in the memorandum section; no voucher of the books
)

// MovesMoney reports whether the cashier signs vouchers of the kind.
func (k Kind) MovesMoney() bool { return k == Receipt || k == Payment }

// Action is a step in the life of a voucher.
type Action string

// The actions. The signatures stand for the duties of the same name.
const (
	ActionPrepare     Action = "prepare"      // 填制
	ActionRevise      Action = "revise"       // 修改
	ActionReview      Action = "review"       // 稽核
	ActionSignCashier Action = "sign_cashier" // 出纳签章
	ActionSignHead    Action = "sign_head"    // 会计主管签章
	ActionPost        Action = "post"         // 记账
	ActionSendBack    Action = "send_back"    // 退回
	ActionWithdraw    Action = "withdraw"     // 作废
)

// Voucher is a voucher (会计凭证) as it stands, without its content.
type Voucher struct {
	Book ledger.BookID
	No   int64  // 制单号: dense in the book from 1 in the order of preparation; not the voucher number, which is given at posting
	Key  string // idempotency key of its draft

	State       State
	Kind        Kind
	Effective   calendar.Date
	Period      calendar.Period
	Description string       // 摘要
	Amount      money.Amount // total of the debits in the general section, red letters with their sign
	Attachments int          // number of originals (附单据张数)

	Preparer   string // 填制
	Reviewer   string // 稽核
	Cashier    string // 出纳
	Head       string // 会计主管
	Bookkeeper string // 记账

	Steps   int           // number of steps taken
	Changed calendar.Date // day of the last step
	Content seal.Hash     // SHA-256 of the content as it stands
	History seal.Hash     // hash of the last step, over all steps before it

	Entry  ledger.Seq     // the entry in the book; zero until posted
	Number ledger.Voucher // the type from the beginning, the number from posting on

	Replayed bool // the step had been taken before, with the same idempotency key

	contentStep int // the step that gave the content
}

// Seen returns what a person who has this voucher before the eyes hands in with a step.
func (v Voucher) Seen() Seen { return Seen{No: v.No, State: v.State, Content: v.Content} }

// Saw returns what a person who has these vouchers before the eyes hands in with a step on all of them.
func Saw(vouchers []Voucher) []Seen {
	seen := make([]Seen, len(vouchers))
	for i := range vouchers {
		seen[i] = vouchers[i].Seen()
	}
	return seen
}

// Seen says which voucher is meant, and in which state and with which content the person saw it. A step on a voucher that has changed meanwhile is refused with
// ErrChanged.
type Seen struct {
	No      int64
	State   State
	Content seal.Hash
}

// Hand says who takes a step, on which day, and why.
type Hand struct {
	Book   ledger.BookID
	Key    string        // idempotency key of the step; not used in preparing, where the key of each draft stands for it
	By     string        // the person, in the host's words: no names
	On     calendar.Date // never before the step that went before
	Reason string        // required for sending back and withdrawing, free otherwise
}

// Step is one step of a voucher's history. It is never changed.
type Step struct {
	No      int // from 1
	Action  Action
	By      string
	On      calendar.Date
	Reason  string
	Key     string
	State   State         // where the voucher stood after it
	Content seal.Hash     // of the content that the person had before the eyes, or gave
	Draft   *ledger.Draft // the content itself, for ActionPrepare and ActionRevise
	Hash    seal.Hash     // over this step and the hash of the one before
	Entry   ledger.Seq    // that ActionPost made; zero for other steps
	Number  int64         // voucher number that ActionPost got; zero for other steps
}

// Config holds what an office takes from its host.
type Config struct {
	// Policy is whose hands may be one, and what a voucher must have. DefaultPolicy if its ID is empty.
	Policy Policy

	// Allow is asked before each command, beyond what the policy says; its error refuses. Everything is allowed if nil.
	Allow func(ctx context.Context, action Action, hand Hand) error
}

// Office is the accounting office (会计机构) through which the vouchers of a database go. It is safe for concurrent use.
type Office struct {
	db     *store.DB
	ledger *ledger.Ledger
	policy Policy
	allow  func(ctx context.Context, action Action, hand Hand) error
}

// New returns the office of a database whose schema is up to date (Schema, after ledger.Schema). The error is Faults.
func New(db *store.DB, led *ledger.Ledger, config Config) (*Office, error) {
	if config.Policy.ID == "" {
		config.Policy = DefaultPolicy()
	}
	faults := config.Policy.faults()
	if db == nil || led == nil {
		faults.add(&Fault{Code: ErrMissing, Field: "database or ledger", Detail: "not given", Hint: "open a store and make its ledger first"})
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	return &Office{db: db, ledger: led, policy: config.Policy, allow: config.Allow}, nil
}

// Ledger returns the ledger that the office posts into.
func (o *Office) Ledger() *ledger.Ledger { return o.ledger }

// Policy returns the policy of the office.
func (o *Office) Policy() Policy { return o.policy }

//go:embed schema
var schemaFiles embed.FS

// Schema returns the tables of this package, for store.DB.Migrate. They stand beside those of ledger.Schema.
func Schema() store.Schema {
	files, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return store.Schema{Line: "voucher", Files: files}
}

// maxUnknownCommits bounds how often a command whose commit ended in an unknown outcome is given again. It finds by its key what it did.
const maxUnknownCommits = 3

func (o *Office) update(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
	var err error
	for range maxUnknownCommits {
		if err = o.db.Update(ctx, fn); !errors.Is(err, store.ErrCommitUnknown) {
			break
		}
	}
	return err
}
