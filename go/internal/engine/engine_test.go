package engine

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/opwire/opwire/go/internal/testserver"
)

// trap makes the engine's guest read outside of its memory.
func trap(t *testing.T, e *Engine) {
	t.Helper()
	g := e.state.session.guest
	g.mu.Lock()
	defer g.mu.Unlock()
	_, err := g.enter(g.entry.start, uint64(callInvoke), 0xffff0000, 1<<20)
	if err == nil {
		t.Fatal("the guest did not trap")
	}
	g.die(err)
}

func TestATrappedGuestIsReplaced(t *testing.T) {
	e := newEngine(t, http.DefaultTransport)
	for range 3 {
		trap(t, e)
		if err := listVaults(t, e); err != nil {
			t.Fatalf("after a trap: %v", err)
		}
	}
}

func TestATrapEndsCallsUnderWay(t *testing.T) {
	held := make(chan struct{})
	e := newEngine(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/vaults") {
			held <- struct{}{}
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return http.DefaultTransport.RoundTrip(r)
	}))
	ended := make(chan error, 1)
	go func() {
		_, err := e.Invoke(testContext(t), "VaultsList", noParams)
		ended <- err
	}()
	<-held
	trap(t, e)
	var trapped *TrapError
	if err := <-ended; !errors.As(err, &trapped) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

func TestAContextEndsTheWaitForABusyGuest(t *testing.T) {
	e := newEngine(t, http.DefaultTransport)
	g := e.state.session.guest
	g.mu.Lock()
	ctx, cancel := context.WithTimeout(testContext(t), 50*time.Millisecond)
	defer cancel()
	_, err := e.Invoke(ctx, "VaultsList", noParams)
	g.mu.Unlock()
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := listVaults(t, e); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestARefusedSignInIsTriedAgain(t *testing.T) {
	var refuse atomic.Bool
	e := newEngine(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		if refuse.Load() {
			return nil, errors.New("out of order")
		}
		return http.DefaultTransport.RoundTrip(r)
	}))
	refuse.Store(true)
	trap(t, e)
	var failed *CallError
	if err := listVaults(t, e); !errors.As(err, &failed) {
		t.Errorf("without a network: %v", err)
	}
	refuse.Store(false)
	if err := listVaults(t, e); err != nil {
		t.Errorf("with the network back: %v", err)
	}
}

func TestAnUnreachableEngineIsClosed(t *testing.T) {
	g := func() *guest {
		e, err := New(testContext(t), config(http.DefaultClient))
		if err != nil {
			t.Fatal(err)
		}
		return e.state.session.guest
	}()
	for deadline := time.Now().Add(20 * time.Second); g.alive(); time.Sleep(10 * time.Millisecond) {
		runtime.GC()
		if time.Now().After(deadline) {
			t.Fatal("the guest still lives")
		}
	}
}

func TestAClosedGuestKeepsNothing(t *testing.T) {
	e := newEngine(t, http.DefaultTransport)
	g := e.state.session.guest
	memory, _ := g.memory.Read(0, g.memory.Size())
	e.Close()
	for position, octet := range memory {
		if octet != 0 {
			t.Fatalf("byte %d of the memory is %d", position, octet)
		}
	}
}

// The module imports only the functions that wasm/host/exports.txt lists, so it cannot bypass its host.
func TestExportsAndImportsAreThoseListed(t *testing.T) {
	root, err := testserver.Workspace()
	if err != nil {
		t.Fatal(err)
	}
	listed, err := os.ReadFile(filepath.Join(root, "wasm", "host", "exports.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(listed)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			want = append(want, line)
		}
	}
	m, err := compiled(testContext(t), "")
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]bool)
	for name, f := range m.core.ExportedFunctions() {
		got["export "+name+signature(f)] = true
	}
	for name := range m.core.ExportedMemories() {
		got["export "+name] = true
	}
	for _, f := range m.core.ImportedFunctions() {
		module, name, _ := f.Import()
		got["import "+module+"."+name+signature(f)] = true
	}
	for _, line := range want {
		if !got[line] {
			t.Errorf("listed, but not there: %s", line)
		}
		delete(got, line)
	}
	for line := range got {
		t.Errorf("not listed: %s", line)
	}
}

func signature(f api.FunctionDefinition) string {
	types := func(types []api.ValueType) string {
		names := make([]string, len(types))
		for i, t := range types {
			names[i] = api.ValueTypeName(t)
		}
		return strings.Join(names, ", ")
	}
	text := "(" + types(f.ParamTypes()) + ")"
	if results := types(f.ResultTypes()); results != "" {
		text += " -> " + results
	}
	return text
}

func TestCompilationCache(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		m, err := compile(dir)
		if err != nil {
			t.Fatal(err)
		}
		g, err := newGuest(m, sender{})
		if err != nil {
			t.Fatal(err)
		}
		g.close()
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) == 0 {
		t.Errorf("the cache holds %v, %v", entries, err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := compile(file); err == nil {
		t.Error("a file serves as cache folder")
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		m, err := compile("")
		if err != nil {
			b.Fatal(err)
		}
		_ = m.runtime.Close(testContext(b))
	}
}

func BenchmarkGuest(b *testing.B) {
	m, err := compiled(testContext(b), "")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		g, err := newGuest(m, sender{})
		if err != nil {
			b.Fatal(err)
		}
		g.close()
	}
}

func BenchmarkSignIn(b *testing.B) {
	for b.Loop() {
		e, err := New(testContext(b), config(http.DefaultClient))
		if err != nil {
			b.Fatal(err)
		}
		e.Close()
	}
}
