package desktopapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/opwire/opwire/go/internal/desktop"
	"github.com/opwire/opwire/go/internal/engine"
)

// defaultTimeout is how long a call waits for the app, which may ask the person.
const defaultTimeout = 2 * time.Minute

// client is a client of the app. Its methods may be called concurrently.
//
// A client that becomes unreachable is closed. Therefore its state is a value of its own: goroutines that wait for the
// app refer only to the state.
type client struct{ state *state }

func newClient(ctx context.Context, library *library, options desktop.Options) (*client, error) {
	if options.Timeout == 0 {
		options.Timeout = defaultTimeout
	}
	s := &state{library: library, options: options, ended: make(chan struct{})}
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	if _, err := s.acquire(ctx, nil); err != nil {
		s.close()
		return nil, err
	}
	c := &client{s}
	runtime.AddCleanup(c, (*state).close, s)
	return c, nil
}

// Invoke runs a method and returns its result. It ends when ctx does, or at the deadline. If what the person approved
// has ended, they are asked again, once.
func (c *client) Invoke(ctx context.Context, method string, params engine.Message) (engine.Message, error) {
	// The cleanup must not run during a call.
	defer runtime.KeepAlive(c)
	ctx, cancel := c.state.withDeadline(ctx)
	defer cancel()
	content := desktop.WithNumbers(params)
	used, err := c.state.acquire(ctx, nil)
	if err != nil {
		return engine.Message{}, err
	}
	result, err := c.state.invoke(ctx, used.id, method, content)
	if desktop.HasExpired(err) {
		if used, err = c.state.acquire(ctx, used); err == nil {
			result, err = c.state.invoke(ctx, used.id, method, content)
		}
	}
	return engine.Message{Text: result}, err
}

// Close ends the calls in flight. Later calls return [engine.ErrClosed].
func (c *client) Close() { c.state.close() }

// state is the state of a client.
type state struct {
	library *library
	options desktop.Options
	ended   chan struct{} // closed with the client

	mu     sync.Mutex // not held during a wait
	closed bool
	signIn *signIn
}

// signIn is a sign-in, in progress or done, which the calls that need it share.
type signIn struct {
	// id and err are set when done is closed.
	id   uint64
	err  error
	done chan struct{}
	// until is when nobody waits for it any more.
	until time.Time
}

// withDeadline returns a context that ends at the deadline of a call.
func (s *state) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	late := desktop.Failure("Timeout", fmt.Sprintf(
		"request timeout: the 1Password app did not answer within %v", s.options.Timeout), true, context.DeadlineExceeded)
	return context.WithTimeoutCause(ctx, s.options.Timeout, late)
}

// acquire returns a sign-in that has succeeded. It begins one if there is none, or if what was approved by ended has
// ended.
func (s *state) acquire(ctx context.Context, ended *signIn) (*signIn, error) {
	if ctx.Err() != nil {
		return nil, reason(ctx)
	}
	current, err := s.current(ended)
	if err != nil {
		return nil, err
	}
	select {
	case <-current.done:
		return current, current.err
	case <-s.ended:
		return nil, engine.ErrClosed
	case <-ctx.Done():
		return nil, reason(ctx)
	}
}

func (s *state) current(ended *signIn) (*signIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, engine.ErrClosed
	}
	if s.signIn == nil || s.signIn == ended || !s.signIn.isUsable() {
		s.signIn = &signIn{done: make(chan struct{}), until: time.Now().Add(s.options.Timeout)}
		go s.begin(s.signIn)
	}
	return s.signIn, nil
}

func (s *state) begin(begun *signIn) {
	text, err := s.exchange(kindSignIn, s.options.Config)
	if err == nil && json.Unmarshal(text, &begun.id) != nil {
		err = desktop.Failure("InvalidResponse", "the 1Password app answered a sign-in without an id", false, nil)
	}
	begun.err = err
	close(begun.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.release(begun)
	}
}

// isUsable reports whether it has succeeded, or may yet. One that hangs is left behind, because the app may have been
// started again since.
func (s *signIn) isUsable() bool {
	select {
	case <-s.done:
		return s.err == nil
	default:
		return time.Now().Before(s.until)
	}
}

func (s *state) invoke(ctx context.Context, id uint64, method string, params []byte) ([]byte, error) {
	text, err := engine.Invocation(&id, method, params)
	if err != nil {
		return nil, err
	}
	type outcome struct {
		text []byte
		err  error
	}
	answered := make(chan outcome, 1)
	// The library blocks a thread, and cannot cancel what it does. When nobody waits any more, it goes on.
	go func() {
		text, err := s.exchange(kindInvoke, text)
		answered <- outcome{text, err}
	}()
	select {
	case outcome := <-answered:
		return outcome.text, outcome.err
	case <-s.ended:
		return nil, engine.ErrClosed
	case <-ctx.Done():
		return nil, reason(ctx)
	}
}

func (s *state) exchange(kind string, payload []byte) ([]byte, error) {
	request, err := encodeRequest(kind, s.options.Account, payload)
	if err != nil {
		return nil, err
	}
	answer, err := s.library.exchange(request)
	if err != nil {
		return nil, err
	}
	return decodeAnswer(answer)
}

func (s *state) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	close(s.ended)
	if s.signIn != nil {
		select {
		case <-s.signIn.done:
			s.release(s.signIn)
		default: // It is released when it is done.
		}
	}
}

// release ends the session of a sign-in. If that fails, the session ends with the program.
func (s *state) release(signIn *signIn) {
	if signIn.err == nil {
		go func() { _, _ = s.exchange(kindRelease, fmt.Append(nil, signIn.id)) }()
	}
}

// reason is why a context has ended: our own deadline, or that of the caller.
func reason(ctx context.Context) error {
	var late *engine.CallError
	if errors.As(context.Cause(ctx), &late) {
		return late
	}
	return ctx.Err()
}
