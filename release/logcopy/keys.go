package logcopy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Keys sign copies and marks, and verify them. The newest comes first: it signs, and all of them verify, so that a key
// can be replaced while copies that it signed are still there.
type Keys struct{ all []key }

type key struct {
	id     string // said in clear next to what it signed
	secret []byte
}

// NewKeys takes the secrets of the configuration, the newest first.
func NewKeys(secrets []string) Keys {
	var k Keys
	for _, secret := range secrets {
		id := sha256.Sum256([]byte("slipway recovery key\n" + secret))
		k.all = append(k.all, key{id: hex.EncodeToString(id[:4]), secret: []byte(secret)})
	}
	return k
}

// None says that there is no key: nothing can be signed.
func (k Keys) None() bool { return len(k.all) == 0 }

// sign is the signature under the parts of a text. What it is for is signed as well: a mark is never taken for a copy.
func (k key) sign(purpose string, parts ...string) string {
	mac := hmac.New(sha256.New, k.secret)
	_, _ = mac.Write([]byte("slipway " + purpose + "\n" + strings.Join(parts, "\n"))) // a hash never fails
	return hex.EncodeToString(mac.Sum(nil))
}

// known finds a key by its id.
func (k Keys) known(id string) (key, bool) {
	for _, one := range k.all {
		if one.id == id {
			return one, true
		}
	}
	return key{}, false
}

// same compares signatures in constant time.
func same(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
