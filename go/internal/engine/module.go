package engine

import (
	"context"
	_ "embed"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
)

//go:embed core.wasm
var coreWasm []byte

// abiVersion is what op_version of the embedded module must return.
const abiVersion = 4

// memoryLimitPages limits the memory of one client, in pages of 64 KiB. It suffices for four concurrent uploads of the
// largest file, each with up to four copies of it. Memory is allocated when it is used.
const memoryLimitPages = 2 << 30 / 65536

// module is the compiled core, shared by all clients of the process. Instances of it run in parallel.
type module struct {
	runtime wazero.Runtime
	core    wazero.CompiledModule
}

var compilation struct {
	mu      sync.Mutex // not held during a wait
	current *attempt
}

// attempt is a compilation: in progress, done or failed.
type attempt struct {
	done   chan struct{} // closed when module or err is set
	module *module
	err    error
}

// Compile compiles the core once in a process, and waits for it until ctx ends; the compilation continues after that.
// The first caller decides whether a cache on disk is used: cacheDir is its folder, or empty for none.
func Compile(ctx context.Context, cacheDir string) error {
	_, err := compiled(ctx, cacheDir)
	return err
}

// IsCompiled reports whether the core has been compiled, or is being compiled.
func IsCompiled() bool {
	compilation.mu.Lock()
	defer compilation.mu.Unlock()
	return compilation.current != nil
}

func compiled(ctx context.Context, cacheDir string) (*module, error) {
	a := currentAttempt(cacheDir)
	select {
	case <-a.done:
		return a.module, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func currentAttempt(cacheDir string) *attempt {
	compilation.mu.Lock()
	defer compilation.mu.Unlock()
	if a := compilation.current; a != nil && !a.failed() {
		return a
	}
	a := &attempt{done: make(chan struct{})}
	compilation.current = a
	go func() {
		a.module, a.err = compile(cacheDir)
		close(a.done)
		// Compiling leaves tens of megabytes of garbage, which Go would keep for later use.
		debug.FreeOSMemory()
	}()
	return a
}

func (a *attempt) failed() bool {
	select {
	case <-a.done:
		return a.err != nil
	default:
		return false
	}
}

func compile(cacheDir string) (*module, error) {
	config := wazero.NewRuntimeConfig().
		WithMemoryLimitPages(memoryLimitPages).
		WithDebugInfoEnabled(false)
	if cacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
		if err != nil {
			return nil, fmt.Errorf("open the compilation cache: %w", err)
		}
		config = config.WithCompilationCache(cache)
	}
	ctx := experimental.WithCompilationWorkers(context.Background(), runtime.GOMAXPROCS(0))
	r := wazero.NewRuntimeWithConfig(ctx, config)
	if err := instantiateImports(ctx, r); err != nil {
		return nil, fmt.Errorf("prepare the core's imports: %w", err)
	}
	core, err := r.CompileModule(ctx, coreWasm)
	if err != nil {
		return nil, fmt.Errorf("compile the core: %w", err)
	}
	return &module{runtime: r, core: core}, nil
}
