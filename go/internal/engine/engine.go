// Package engine runs the core, a WebAssembly module, and performs what it asks for: HTTP requests, timers, randomness
// and RSA.
//
// The module is compiled once in a process. Each [Engine] has an instance of its own, entered by one goroutine at a
// time and only for as long as its code runs; requests are performed outside, concurrently, and their results are
// handed back in. An instance that traps is replaced.
package engine

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"slices"
	"sync"
)

// Config is what an [Engine] is made from.
type Config struct {
	// Client is the JSON text that the core makes a client from. It is kept, to make it anew after a trap.
	Client []byte
	// HTTP performs the requests.
	HTTP *http.Client
	// OwnHTTP says that HTTP serves this engine alone, so that Close closes its idle connections.
	OwnHTTP bool
	// MaxResponse bounds the body of one response, in bytes.
	MaxResponse int64
	// CacheDir is the folder for compiled code; empty for none.
	CacheDir string
}

// Engine is one signed-in client of the core. Its methods may be called concurrently.
//
// An Engine that becomes unreachable is closed. That is why its state is apart: goroutines that perform requests refer
// to the state alone.
type Engine struct{ state *state }

// New compiles the core if need be, and signs in.
func New(ctx context.Context, config Config) (*Engine, error) {
	m, err := compiled(ctx, config.CacheDir)
	if err != nil {
		return nil, err
	}
	s := &state{module: m, config: config}
	if _, err := s.acquire(ctx); err != nil {
		s.close()
		return nil, err
	}
	e := &Engine{state: s}
	runtime.AddCleanup(e, (*state).close, s)
	return e, nil
}

// Invoke runs a method of the client and returns its result. It ends when ctx does. Errors are those of ctx,
// [ErrClosed], a [*CallError] or a [*TrapError].
func (e *Engine) Invoke(ctx context.Context, method string, params Message) (Message, error) {
	// The cleanup must not run while a call does.
	defer runtime.KeepAlive(e)
	session, err := e.state.acquire(ctx)
	if err != nil {
		return Message{}, err
	}
	text, err := invocation(&session.client, method, params.Text)
	if err != nil {
		return Message{}, err
	}
	return session.guest.call(ctx, callInvoke, Message{text, atMost(e.state.config.MaxResponse, params.Attachments)})
}

// atMost cuts attachments that are longer than any file may be: the core needs no more of one to refuse it.
func atMost(limit int64, attachments [][]byte) [][]byte {
	cut := slices.Clone(attachments)
	for i, attachment := range cut {
		cut[i] = attachment[:min(int64(len(attachment)), limit)]
	}
	return cut
}

// Close ends the calls under way and wipes the core's memory. Further calls return [ErrClosed].
func (e *Engine) Close() {
	e.state.close()
}

// InvokeOffline runs a method that needs neither client nor network, in an instance of its own.
func InvokeOffline(ctx context.Context, method string, params Message) (Message, error) {
	m, err := compiled(ctx, "")
	if err != nil {
		return Message{}, err
	}
	g, err := newGuest(m, sender{})
	if err != nil {
		return Message{}, err
	}
	// In its own goroutine, for the caller does not wait for guest code when ctx ends.
	defer func() { go g.close() }()
	text, err := invocation(nil, method, params.Text)
	if err != nil {
		return Message{}, err
	}
	return g.call(ctx, callInvokeSync, Message{Text: text})
}

// invocation is the input of the core's invoke functions.
func invocation(client *uint64, method string, params json.RawMessage) ([]byte, error) {
	type parameters struct {
		Name       string          `json:"name"`
		Parameters json.RawMessage `json:"parameters"`
	}
	type content struct {
		ClientID   *uint64    `json:"clientId,omitempty"`
		Parameters parameters `json:"parameters"`
	}
	return json.Marshal(struct {
		Invocation content `json:"invocation"`
	}{content{client, parameters{method, params}}})
}

// state is an Engine without its handle.
type state struct {
	module *module
	config Config

	mu      sync.Mutex // never held while anything waits
	closed  bool
	session *session
}

// session is a guest in which the client is signed in, or about to be.
type session struct {
	guest *guest
	ready chan struct{} // closed when client or err is set
	// client is the core's id for the client.
	client uint64
	err    error
}

// acquire returns a session that is signed in, making one if there is none or the last one failed. Callers share the
// sign-in, and each waits for it no longer than its ctx allows.
func (s *state) acquire(ctx context.Context) (*session, error) {
	session, err := s.current()
	if err != nil {
		return nil, err
	}
	select {
	case <-session.ready:
		return session, session.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *state) current() (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if s.session == nil || !s.session.guest.alive() {
		g, err := newGuest(s.module, sender{s.config.HTTP, s.config.MaxResponse})
		if err != nil {
			return nil, err
		}
		s.session = &session{guest: g, ready: make(chan struct{})}
		go s.session.signIn(s.config.Client)
	}
	return s.session, nil
}

// signIn has no caller's context, because callers share it. The core gives every request a deadline, and closing the
// guest ends it.
func (s *session) signIn(config []byte) {
	defer close(s.ready)
	id, err := s.guest.call(context.Background(), callInitClient, Message{Text: config})
	if err == nil {
		err = json.Unmarshal(id.Text, &s.client)
	}
	if err != nil {
		s.err = err
		s.guest.close()
	}
}

func (s *state) close() {
	s.mu.Lock()
	s.closed = true
	session := s.session
	s.mu.Unlock()
	if session != nil {
		session.guest.close()
	}
	if s.config.OwnHTTP {
		s.config.HTTP.CloseIdleConnections()
	}
}
