package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// MinKeyLength is the least length of a pseudonym key's secret in bytes.
const MinKeyLength = 32

// Key is the secret under which identity numbers become pseudonyms. The host keeps it outside the database: with it and the pseudonyms, the numbers of all
// people can be found by trying. A Key prints as its public ID. It is safe for concurrent use.
type Key struct {
	mac func(label, text string) Digest // a function, not the secret itself: no printer looks into it
	id  string
}

// domain leads everything that is hashed under a Key, so that the host may use the same secret elsewhere without harm.
const domain = "fundledger/identity/1\x00"

// NewKey makes a key of a secret of at least 32 random bytes. The error is an *Error with ErrKeyLength.
func NewKey(bytes []byte) (Key, error) {
	if len(bytes) < MinKeyLength {
		return Key{}, &Error{Code: ErrKeyLength, What: "pseudonym key", Detail: fmt.Sprintf("has %d bytes", len(bytes)),
			Hint: fmt.Sprintf("give at least %d random bytes", MinKeyLength)}
	}
	secret := append([]byte(nil), bytes...)
	k := Key{mac: func(label, text string) Digest {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(domain + label + "\x00" + text))
		return Digest(mac.Sum(nil)[:len(Digest{})])
	}}
	id := k.mac("key", "")
	k.id = hex.EncodeToString(id[:8])
	return k, nil
}

// IsZero reports whether the key was not made by NewKey.
func (k Key) IsZero() bool { return k.mac == nil }

// ID returns 16 hexadecimal digits that name the key without giving it away.
func (k Key) ID() string { return k.id }

// String returns the ID.
func (k Key) String() string { return "identity key " + k.ID() }

// GoString returns the ID.
func (k Key) GoString() string { return k.String() }

// Digest is a keyed hash of a text: the first 16 bytes of HMAC-SHA-256. Equal texts of one label have equal digests; without the key nothing can be tried.
type Digest [16]byte

// Pseudonym stands for an identity number (假名): it joins records of one number and may be kept where the number may not.
type Pseudonym Digest

// Pseudonym returns the pseudonym of a number. A number that is not valid has one too.
func (k Key) Pseudonym(n Number) Pseudonym { return Pseudonym(k.mac("number", n.Reveal())) }

// Digest returns the keyed hash of a text. Digests of different labels never meet, so a name cannot be compared with a number.
func (k Key) Digest(label, text string) Digest { return k.mac("text "+label, text) }

// String writes 32 hexadecimal digits.
func (p Pseudonym) String() string { return hex.EncodeToString(p[:]) }

// MarshalText writes what String does.
func (p Pseudonym) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what String writes. The error is an *Error with ErrPseudonym.
func (p *Pseudonym) UnmarshalText(text []byte) error {
	decoded, err := hex.DecodeString(string(text))
	if err != nil || len(decoded) != len(p) {
		return &Error{Code: ErrPseudonym, What: "pseudonym", Detail: fmt.Sprintf("%d characters", len(text)), Hint: "give 32 hexadecimal digits"}
	}
	*p = Pseudonym(decoded)
	return nil
}
