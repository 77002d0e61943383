package engine

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"

	"github.com/tetratelabs/wazero/api"
)

const (
	aesKeySize   = 32
	gcmNonceSize = 12
	gcmTagSize   = 16
)

// aesGCMSeal is aes_gcm_seal(key, nonce, buffer, length). It encrypts in place; the end of the buffer is for the tag.
// docs/decisions/0057 says why.
func aesGCMSeal(_ context.Context, guest api.Module, stack []uint64) {
	aead, nonce, buffer := aesGCM(guest, stack)
	plaintext := buffer[:len(buffer)-gcmTagSize]
	aead.Seal(buffer[:0], nonce, plaintext, nil)
}

// aesGCMOpen is aes_gcm_open(key, nonce, buffer, length) -> 0, or -1 if the tag is wrong. It decrypts in place.
func aesGCMOpen(_ context.Context, guest api.Module, stack []uint64) {
	aead, nonce, buffer := aesGCM(guest, stack)
	stack[0] = 0
	if _, err := aead.Open(buffer[:0], nonce, buffer, nil); err != nil {
		stack[0] = api.EncodeI32(-1)
	}
}

// pbkdf2SHA256 is pbkdf2_sha256(password, password length, salt, salt length, iterations, out). It writes 32 bytes.
func pbkdf2SHA256(_ context.Context, guest api.Module, stack []uint64) {
	memory := guest.Memory()
	password, okPassword := memory.Read(uint32(stack[0]), uint32(stack[1]))
	salt, okSalt := memory.Read(uint32(stack[2]), uint32(stack[3]))
	out, okOut := memory.Read(uint32(stack[5]), sha256.Size)
	if !okPassword || !okSalt || !okOut {
		panic("PBKDF2 buffers outside of the memory") // The guest violated the ABI, and traps.
	}
	key, err := pbkdf2.Key(sha256.New, string(password), salt, int(uint32(stack[4])), sha256.Size)
	if err != nil {
		panic(err) // Only FIPS mode refuses salts and keys, and these are long enough for it.
	}
	copy(out, key)
	clear(key)
}

// sha256Sum is sha256(data, length, out).
func sha256Sum(_ context.Context, guest api.Module, stack []uint64) {
	data, okData := guest.Memory().Read(uint32(stack[0]), uint32(stack[1]))
	out, okOut := guest.Memory().Read(uint32(stack[2]), sha256.Size)
	if !okData || !okOut {
		panic("sha256 outside of the memory") // The guest violated the ABI, and traps.
	}
	sum := sha256.Sum256(data)
	copy(out, sum[:])
}

func aesGCM(guest api.Module, stack []uint64) (aead cipher.AEAD, nonce, buffer []byte) {
	memory := guest.Memory()
	key, okKey := memory.Read(uint32(stack[0]), aesKeySize)
	nonce, okNonce := memory.Read(uint32(stack[1]), gcmNonceSize)
	buffer, okBuffer := memory.Read(uint32(stack[2]), uint32(stack[3]))
	if !okKey || !okNonce || !okBuffer || len(buffer) < gcmTagSize {
		panic("AES buffers outside of the memory") // The guest violated the ABI, and traps.
	}
	block, err := aes.NewCipher(key)
	if err == nil {
		aead, err = cipher.NewGCM(block)
	}
	if err != nil {
		panic(err) // Both functions accept the sizes above.
	}
	return aead, nonce, buffer
}
