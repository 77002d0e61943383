package opwire_test

import (
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

type roundTrip func(*http.Request) (*http.Response, error)

// switchableTransport uses a transport that can be replaced. At first, it is the network's.
type switchableTransport struct{ current atomic.Pointer[roundTrip] }

func newSwitchableTransport() *switchableTransport {
	s := &switchableTransport{}
	s.set(http.DefaultTransport.RoundTrip)
	return s
}

func (s *switchableTransport) set(respond roundTrip) { s.current.Store(&respond) }

func (s *switchableTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	return (*s.current.Load())(r)
}

// stallingTransport holds requests until they are cancelled, while it is armed.
type stallingTransport struct {
	armed    atomic.Bool
	stalled  chan struct{} // one entry for each request that is held
	released chan struct{} // one entry for each that was cancelled
}

func newStallingTransport() *stallingTransport {
	return &stallingTransport{
		stalled:  make(chan struct{}, 100),
		released: make(chan struct{}, 100),
	}
}

func (s *stallingTransport) arm()    { s.armed.Store(true) }
func (s *stallingTransport) disarm() { s.armed.Store(false) }

func (s *stallingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.armed.Load() {
		s.stalled <- struct{}{}
		defer func() { s.released <- struct{}{} }()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// countingTransport counts requests.
type countingTransport struct{ requests atomic.Int64 }

func (c *countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return http.DefaultTransport.RoundTrip(r)
}

// speaking counts requests, and adds headers to the responses.
type speaking struct {
	requests atomic.Int64
	headers  atomic.Pointer[http.Header]
}

func (s *speaking) RoundTrip(request *http.Request) (*http.Response, error) {
	s.requests.Add(1)
	response, err := http.DefaultTransport.RoundTrip(request)
	if headers := s.headers.Load(); err == nil && headers != nil {
		for name, values := range *headers {
			response.Header[name] = values
		}
	}
	return response, err
}

// await receives a value, or fails the test after a long wait.
func await[T any](t *testing.T, channel <-chan T) T {
	t.Helper()
	select {
	case value := <-channel:
		return value
	case <-time.After(20 * time.Second):
		t.Fatal("nothing happened")
		panic("unreachable")
	}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s\n%s", what, stacks())
		}
	}
}

// engineGoroutines counts the goroutines that run code of the module, except those of tests.
func engineGoroutines() int {
	count := 0
	for _, stack := range strings.Split(stacks(), "\n\n") {
		if strings.Contains(stack, "opwire/go/internal/engine.") {
			count++
		}
	}
	return count
}

func stacks() string {
	buffer := make([]byte, 1<<20)
	return string(buffer[:runtime.Stack(buffer, true)])
}
