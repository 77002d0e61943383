// Package engine runs the core, a WebAssembly module, and provides what it imports: HTTP requests, timers, randomness
// and cryptography.
//
// The module is compiled once in a process. Each [Engine] has its own instance (docs/decisions/0005). One goroutine at a
// time enters it, only for as long as its code runs. Requests are performed concurrently outside of it, and their
// results are passed to it. An instance that traps is replaced.
package engine

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"slices"
	"sync"
)

// Config is the configuration of an [Engine].
type Config struct {
	// Client is the core's client configuration, as JSON. It is kept for signing in again after a trap.
	Client []byte
	// HTTP performs the requests.
	HTTP *http.Client
	// OwnHTTP means that only this engine uses HTTP, so Close closes its idle connections.
	OwnHTTP bool
	// MaxResponse is the longest body that a response may have, in bytes.
	MaxResponse int64
	// CacheDir is the folder for compiled code; empty for none.
	CacheDir string
}

// Engine is one signed-in client of the core. Its methods may be called concurrently.
//
// An Engine that becomes unreachable is closed. Therefore its state is a value of its own: goroutines that perform
// requests refer only to the state.
type Engine struct{ state *state }

// New compiles the core if needed, and signs in.
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
	// The cleanup must not run during a call.
	defer runtime.KeepAlive(e)
	session, err := e.state.acquire(ctx)
	if err != nil {
		return Message{}, err
	}
	text, err := Invocation(&session.client, method, params.Text)
	if err != nil {
		return Message{}, err
	}
	return session.guest.call(ctx, callInvoke, Message{text, atMost(e.state.config.MaxResponse, params.Attachments)})
}

// atMost truncates attachments that are longer than the longest file. The core refuses them by their length.
func atMost(limit int64, attachments [][]byte) [][]byte {
	cut := slices.Clone(attachments)
	for i, attachment := range cut {
		cut[i] = attachment[:min(int64(len(attachment)), limit)]
	}
	return cut
}

// Close ends the calls in flight and wipes the core's memory. Later calls return [ErrClosed].
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
	// In its own goroutine, because the caller does not wait for guest code when ctx ends.
	defer func() { go g.close() }()
	text, err := Invocation(nil, method, params.Text)
	if err != nil {
		return Message{}, err
	}
	return g.call(ctx, callInvokeSync, Message{Text: text})
}

// Invocation is the input of the core's invoke functions.
func Invocation(client *uint64, method string, params json.RawMessage) ([]byte, error) {
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

// state is the state of an Engine.
type state struct {
	module *module
	config Config

	mu      sync.Mutex // not held during a wait
	closed  bool
	session *session
}

// session is a guest in which the client is signed in, or is being signed in.
type session struct {
	guest *guest
	ready chan struct{} // closed when client or err is set
	// client is the core's id for the client.
	client uint64
	err    error
}

// acquire returns a session that is signed in. It makes one if there is none or the last one failed. Callers share the
// sign-in, and each waits for it until its ctx ends.
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

// signIn signs in. It takes no context because callers share it; every request has a timeout, and closing the guest
// ends it.
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
