package engine

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// instantiateImports defines the functions that the core imports. They use the memory of the instance that calls them,
// so one definition serves all instances.
func instantiateImports(ctx context.Context, r wazero.Runtime) error {
	const i32, i64 = api.ValueTypeI32, api.ValueTypeI64
	_, err := r.NewHostModuleBuilder("opwire").
		NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(randomFill), []api.ValueType{i32, i32}, nil).
		Export("random_fill").
		NewFunctionBuilder().
		WithGoFunction(api.GoFunc(nowMillis), nil, []api.ValueType{i64}).
		Export("now_millis").
		NewFunctionBuilder().
		WithGoModuleFunction(rsaFunction(decryptOAEP), []api.ValueType{i32, i32, i32, i32, i32, i32}, []api.ValueType{i32}).
		Export("rsa_oaep_decrypt").
		NewFunctionBuilder().
		WithGoModuleFunction(rsaFunction(encryptOAEP), []api.ValueType{i32, i32, i32, i32, i32, i32}, []api.ValueType{i32}).
		Export("rsa_oaep_encrypt").
		NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(aesGCMSeal), []api.ValueType{i32, i32, i32, i32}, nil).
		Export("aes_gcm_seal").
		NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(aesGCMOpen), []api.ValueType{i32, i32, i32, i32}, []api.ValueType{i32}).
		Export("aes_gcm_open").
		NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(pbkdf2SHA256), []api.ValueType{i32, i32, i32, i32, i32, i32}, nil).
		Export("pbkdf2_sha256").
		NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(sha256Sum), []api.ValueType{i32, i32, i32}, nil).
		Export("sha256").
		Instantiate(ctx)
	return err
}

// randomFill is random_fill(pointer, length).
func randomFill(_ context.Context, guest api.Module, stack []uint64) {
	buffer, ok := guest.Memory().Read(uint32(stack[0]), uint32(stack[1]))
	if !ok {
		panic("random_fill outside of the memory") // The guest violated the ABI, and traps.
	}
	// Since Go 1.24, Read does not fail: it ends the process instead.
	_, _ = rand.Read(buffer)
}

// nowMillis is now_millis().
func nowMillis(_ context.Context, stack []uint64) {
	stack[0] = uint64(time.Now().UnixMilli())
}

// rsaFunction adapts op to (key, key length, input, input length, out, out length) -> length written, or -1.
// docs/decisions/0001 says why the core imports RSA.
func rsaFunction(op func(key, input []byte) ([]byte, error)) api.GoModuleFunc {
	return func(_ context.Context, guest api.Module, stack []uint64) {
		memory := guest.Memory()
		key, okKey := memory.Read(uint32(stack[0]), uint32(stack[1]))
		input, okInput := memory.Read(uint32(stack[2]), uint32(stack[3]))
		out, okOut := memory.Read(uint32(stack[4]), uint32(stack[5]))
		if !okKey || !okInput || !okOut {
			panic("RSA buffers outside of the memory") // The guest violated the ABI, and traps.
		}
		result, err := op(key, input)
		if err != nil || len(result) > len(out) {
			stack[0] = api.EncodeI32(-1)
			return
		}
		stack[0] = api.EncodeI32(int32(copy(out, result)))
		clear(result)
	}
}
