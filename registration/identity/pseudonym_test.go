package identity_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/registration/identity"
)

var secret = bytes.Repeat([]byte("k"), 32)

func key(t *testing.T, secret []byte) identity.Key {
	t.Helper()
	k, err := identity.NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAPseudonymIsTheKeyedHashThatTheCommentSays(t *testing.T) {
	k := key(t, secret)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("fundledger/identity/1\x00number\x0011010519491231002X"))
	want := mac.Sum(nil)[:16]
	got := k.Pseudonym(identity.MustNumber("11010519491231002x"))
	if !bytes.Equal(got[:], want) {
		t.Errorf("%v, want %x", got, want)
	}
}

func TestPseudonymsOfOtherNumbersKeysAndLabelsDiffer(t *testing.T) {
	one, other := key(t, secret), key(t, bytes.Repeat([]byte("l"), 32))
	a, b := identity.MustNumber("11010519491231002X"), identity.MustNumber("440524188001010014")
	if one.Pseudonym(a) == one.Pseudonym(b) || one.Pseudonym(a) == other.Pseudonym(a) {
		t.Error("two pseudonyms are equal")
	}
	if one.Pseudonym(a) != key(t, secret).Pseudonym(a) {
		t.Error("one number has two pseudonyms")
	}
	if identity.Pseudonym(one.Digest("number", a.Reveal())) == one.Pseudonym(a) || one.Digest("name", "x") == one.Digest("address", "x") {
		t.Error("digests of two labels meet")
	}
	if one.ID() == other.ID() || len(one.ID()) != 16 || (identity.Key{}).ID() != "" || !(identity.Key{}).IsZero() || one.IsZero() {
		t.Error("keys are not told apart")
	}
}

func TestAKeyNeverPrintsItsSecret(t *testing.T) {
	k := key(t, secret)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{k, &k, struct{ k identity.Key }{k}} {
			if p := fmt.Sprintf(verb, value); strings.Contains(p, "kkkk") || strings.Contains(p, "107 107") || strings.Contains(p, "0x6b") {
				t.Errorf("%s prints %s", verb, p)
			}
		}
	}
}

func TestAShortKeyIsRefused(t *testing.T) {
	if _, err := identity.NewKey(secret[:31]); !errors.Is(err, identity.ErrKeyLength) {
		t.Errorf("%v", err)
	}
}

func TestAPseudonymIsReadBack(t *testing.T) {
	p := key(t, secret).Pseudonym(identity.MustNumber("11010519491231002X"))
	text, err := p.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var again identity.Pseudonym
	if err := again.UnmarshalText(text); err != nil || again != p {
		t.Errorf("%v %v", again, err)
	}
	for _, bad := range []string{"", "00", strings.Repeat("g", 32), strings.Repeat("0", 34)} {
		if err := again.UnmarshalText([]byte(bad)); !errors.Is(err, identity.ErrPseudonym) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
