package engine

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
)

var errKey = errors.New("not an RSA key")

// jwk is an RSA key as a JSON Web Key (RFC 7518, section 6.3).
type jwk struct {
	N  keyNumber `json:"n"`
	E  keyNumber `json:"e"`
	D  keyNumber `json:"d"`
	P  keyNumber `json:"p"`
	Q  keyNumber `json:"q"`
	DP keyNumber `json:"dp"`
	DQ keyNumber `json:"dq"`
	QI keyNumber `json:"qi"`
}

// decryptOAEP decrypts with RSA-OAEP and SHA-1, the scheme of the account protocol, and a private JWK.
func decryptOAEP(key, ciphertext []byte) ([]byte, error) {
	private, err := parsePrivateKey(key)
	if err != nil {
		return nil, err
	}
	return rsa.DecryptOAEP(sha1.New(), nil, private, ciphertext, nil)
}

// encryptOAEP encrypts with a public JWK.
func encryptOAEP(key, plaintext []byte) ([]byte, error) {
	public, err := parsePublicKey(key)
	if err != nil {
		return nil, err
	}
	return rsa.EncryptOAEP(sha1.New(), rand.Reader, public, plaintext, nil)
}

func parsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	var k jwk
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, errKey
	}
	public, err := k.public()
	if err != nil {
		return nil, err
	}
	if k.D.Int == nil || k.P.Int == nil || k.Q.Int == nil {
		return nil, errKey
	}
	private := &rsa.PrivateKey{PublicKey: *public, D: k.D.Int, Primes: []*big.Int{k.P.Int, k.Q.Int}}
	// If these are missing, Precompute computes them, which takes as long as a decryption.
	if k.DP.Int != nil && k.DQ.Int != nil && k.QI.Int != nil {
		private.Precomputed = rsa.PrecomputedValues{Dp: k.DP.Int, Dq: k.DQ.Int, Qinv: k.QI.Int}
	}
	private.Precompute()
	return private, private.Validate()
}

func parsePublicKey(text []byte) (*rsa.PublicKey, error) {
	var k jwk
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, errKey
	}
	return k.public()
}

func (k *jwk) public() (*rsa.PublicKey, error) {
	if k.N.Int == nil || k.E.Int == nil || !k.E.IsInt64() || k.E.Int64() > 1<<31-1 {
		return nil, errKey
	}
	return &rsa.PublicKey{N: k.N.Int, E: int(k.E.Int64())}, nil
}

// keyNumber is a big-endian number, in base64url without padding.
type keyNumber struct{ *big.Int }

func (n *keyNumber) UnmarshalJSON(text []byte) error {
	var encoded string
	if err := json.Unmarshal(text, &encoded); err != nil {
		return errKey
	}
	octets, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return errKey
	}
	n.Int = new(big.Int).SetBytes(octets)
	return nil
}
