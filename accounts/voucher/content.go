package voucher

import (
	"crypto/sha256"
	"fmt"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// The content of a voucher is its draft without the signatures, as canonical CBOR (seal.EncodeAct): an array of the fields below in their order. Its hash is the
// SHA-256 of these bytes. What is signed is this hash.
type content struct {
	_           struct{} `cbor:",toarray"`
	Version     int64
	Kind        string
	Key         string
	Effective   int32
	Period      int32
	Voucher     string
	Description string
	EnteredBy   string
	Source      contentSource
	Attachments []contentAttachment
	Transfer    string
	Metadata    map[string]string
	Lines       []contentLine
	Moves       string // the kind of voucher, by the accounts of money that the policy named
}

type contentSource struct {
	_        struct{} `cbor:",toarray"`
	Kind, ID string
	Hash     []byte
}

type contentAttachment struct {
	_    struct{} `cbor:",toarray"`
	Name string
	Hash []byte
}

type contentLine struct {
	_       struct{} `cbor:",toarray"`
	Account int32
	Code    string
	Side    int16
	Amount  int64
	Month   int32
	Tag     string
}

const contentVersion = 1

// encodeDraft writes the content of a draft and its hash. Equal drafts have equal bytes.
func encodeDraft(d *ledger.Draft, kind Kind) ([]byte, seal.Hash, error) {
	c := content{
		Version: contentVersion, Kind: d.Kind, Key: d.Key, Effective: int32(d.Effective), Period: int32(d.Period), Voucher: d.Voucher, Description: d.Description,
		EnteredBy: d.EnteredBy, Source: contentSource{Kind: d.Source.Kind, ID: d.Source.ID, Hash: d.Source.Hash}, Transfer: d.Transfer, Metadata: d.Metadata,
		Attachments: make([]contentAttachment, len(d.Attachments)), Lines: make([]contentLine, len(d.Lines)), Moves: string(kind),
	}
	for i, a := range d.Attachments {
		c.Attachments[i] = contentAttachment{Name: a.Name, Hash: a.Hash}
	}
	for i, l := range d.Lines {
		c.Lines[i] = contentLine{Account: int32(l.Account), Code: l.Code, Side: int16(l.Side), Amount: int64(l.Amount), Month: int32(l.Month), Tag: l.Tag}
	}
	encoded, err := seal.EncodeAct(&c)
	if err != nil {
		return nil, seal.Hash{}, err
	}
	return encoded, sha256.Sum256(encoded), nil
}

// decodeDraft reads a content back and refuses one that does not have the hash that was signed.
func decodeDraft(encoded []byte, want seal.Hash) (ledger.Draft, Kind, error) {
	if got := seal.Hash(sha256.Sum256(encoded)); got != want {
		return ledger.Draft{}, "", fmt.Errorf("content has SHA-256 %x, signed was %x", got, want)
	}
	var c content
	if err := seal.DecodeAct(encoded, &c); err != nil {
		return ledger.Draft{}, "", err
	}
	if c.Version != contentVersion {
		return ledger.Draft{}, "", fmt.Errorf("content has version %d, known is %d", c.Version, contentVersion)
	}
	d := ledger.Draft{
		Kind: c.Kind, Key: c.Key, Effective: calendar.Date(c.Effective), Period: calendar.Period(c.Period), Voucher: c.Voucher, Description: c.Description,
		EnteredBy: c.EnteredBy, Source: ledger.Source{Kind: c.Source.Kind, ID: c.Source.ID, Hash: c.Source.Hash}, Transfer: c.Transfer, Metadata: c.Metadata,
		Attachments: make([]ledger.Attachment, len(c.Attachments)), Lines: make([]ledger.Line, len(c.Lines)),
	}
	for i, a := range c.Attachments {
		d.Attachments[i] = ledger.Attachment{Name: a.Name, Hash: a.Hash}
	}
	for i, l := range c.Lines {
		d.Lines[i] = ledger.Line{
			Account: ledger.AccountNo(l.Account), Code: l.Code, Side: ledger.Side(l.Side), Amount: money.Amount(l.Amount), Month: calendar.Month(l.Month), Tag: l.Tag,
		}
	}
	return d, Kind(c.Moves), nil
}

// stepRecord is what the hash of a step covers, as canonical CBOR: everything but the entry that posting makes, which carries the hash itself.
type stepRecord struct {
	_        struct{} `cbor:",toarray"`
	Version  int64
	Realm    int32
	Book     int16
	Voucher  int64
	Step     int64
	Action   string
	By       string
	On       int32
	Reason   string
	Key      string
	State    string
	Content  []byte
	Previous []byte // hash of the step before, or empty
}

// hashStep returns the hash of a step over itself and all steps before it.
func hashStep(book ledger.BookID, voucher int64, s *Step, previous seal.Hash) (seal.Hash, error) {
	r := stepRecord{
		Version: contentVersion, Realm: book.Realm, Book: book.Number, Voucher: voucher, Step: int64(s.No), Action: string(s.Action), By: s.By, On: int32(s.On),
		Reason: s.Reason, Key: s.Key, State: string(s.State), Content: s.Content[:],
	}
	if s.No > 1 {
		r.Previous = previous[:]
	}
	encoded, err := seal.EncodeAct(&r)
	if err != nil {
		return seal.Hash{}, err
	}
	return sha256.Sum256(encoded), nil
}

// What posting adds to the metadata of an entry.
const (
	MetaPostedBy = "posted_by"       // 记账
	MetaPostedOn = "posted_on"       // yyyy-mm-dd
	MetaCashier  = "cashier"         // 出纳, where the cashier signed before posting
	MetaHead     = "head"            // 会计主管, where the head signed before posting
	MetaHistory  = "voucher_history" // hash of the posting step, over all steps before it, in hexadecimal
)

var reservedMetadata = []string{MetaPostedBy, MetaPostedOn, MetaCashier, MetaHead, MetaHistory}
