package engine

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"testing"
)

// jwkOf returns a key as JWK texts.
func jwkOf(t testing.TB, key *rsa.PrivateKey) (private, public []byte) {
	t.Helper()
	encode := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	members := map[string]any{"kty": "RSA", "n": encode(key.N), "e": encode(big.NewInt(int64(key.E)))}
	public, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	members["d"], members["p"], members["q"] = encode(key.D), encode(key.Primes[0]), encode(key.Primes[1])
	members["dp"], members["dq"] = encode(key.Precomputed.Dp), encode(key.Precomputed.Dq)
	members["qi"] = encode(key.Precomputed.Qinv)
	if private, err = json.Marshal(members); err != nil {
		t.Fatal(err)
	}
	return private, public
}

func TestWhatAPublicKeyEncryptsItsPrivateKeyDecrypts(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private, public := jwkOf(t, key)
	plaintext := []byte("a vault's key")
	ciphertext, err := encryptOAEP(public, plaintext)
	if err != nil {
		t.Fatal(err)
	}
	decrypted, err := decryptOAEP(private, ciphertext)
	if err != nil || !bytes.Equal(decrypted, plaintext) {
		t.Errorf("got %q, %v", decrypted, err)
	}
	ciphertext[0] ^= 1
	if _, err := decryptOAEP(private, ciphertext); err == nil {
		t.Error("a changed ciphertext was decrypted")
	}
	if _, err := decryptOAEP(public, ciphertext); err == nil {
		t.Error("a public key decrypts")
	}
}

func TestTextsThatAreNoKeysAreErrors(t *testing.T) {
	for _, text := range []string{``, `{}`, `{"n":1,"e":"AQAB"}`, `{"n":"AQAB","e":"/w"}`, `{"n":"AQAB","e":"____________"}`} {
		if _, err := encryptOAEP([]byte(text), nil); err == nil {
			t.Errorf("%s serves as a key", text)
		}
	}
}

func TestPrivateKeysThatMakeNoSenseAreErrors(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private, public := jwkOf(t, key)
	ciphertext, err := encryptOAEP(public, []byte("a vault's key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"n", "e", "d", "p", "q", "dp", "dq", "qi"} {
		for _, number := range []string{"", "AA", "AQ", "Ag", "AQAB"} {
			var members map[string]string
			if err := json.Unmarshal(private, &members); err != nil {
				t.Fatal(err)
			}
			if members[member] == number {
				continue
			}
			members[member] = number
			text, _ := json.Marshal(members)
			if _, err := decryptOAEP(text, ciphertext); err == nil {
				t.Errorf("%s = %q serves as a key", member, number)
			}
		}
	}
}

func BenchmarkDecryptOAEP(b *testing.B) {
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	private, public := jwkOf(b, key)
	ciphertext, _ := encryptOAEP(public, []byte("a vault's key"))
	for b.Loop() {
		if _, err := decryptOAEP(private, ciphertext); err != nil {
			b.Fatal(err)
		}
	}
}
