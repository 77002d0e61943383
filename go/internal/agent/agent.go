// Package agent makes calls by a person's agent, which asks the person first. docs/agent.md describes its socket.
package agent

import (
	"context"
	"runtime"
	"sync"

	"github.com/opwire/opwire/go/internal/desktop"
	"github.com/opwire/opwire/go/internal/engine"
)

// clientID is the id of the only client of a connection.
var clientID uint64

// Client is a client of a person's account. Its methods may be called concurrently.
//
// A Client that becomes unreachable is closed. Therefore its state is a value of its own: goroutines that wait for the
// agent refer only to the state.
type Client struct{ state *state }

// New asks the person for approval, unless they have approved the program before. config is the core's client
// configuration as JSON, with an account in place of the token.
func New(ctx context.Context, config []byte) (*Client, error) {
	s := &state{config: config}
	if _, err := s.acquire(ctx, nil); err != nil {
		s.close()
		return nil, err
	}
	c := &Client{state: s}
	runtime.AddCleanup(c, (*state).close, s)
	return c, nil
}

// Invoke runs a method and returns its result. It ends when ctx does. If what the person approved has ended, they are
// asked again, once. Errors are those of ctx, [engine.ErrClosed] or an [*engine.CallError].
func (c *Client) Invoke(ctx context.Context, method string, params engine.Message) (engine.Message, error) {
	// The cleanup must not run during a call.
	defer runtime.KeepAlive(c)
	text, err := engine.Invocation(&clientID, method, params.Text)
	if err != nil {
		return engine.Message{}, err
	}
	invocation := engine.Message{Text: text, Attachments: params.Attachments}
	signedIn, err := c.state.acquire(ctx, nil)
	if err != nil {
		return engine.Message{}, err
	}
	result, err := signedIn.conn.request(ctx, kindInvoke, invocation)
	if !desktop.HasExpired(err) {
		return result, err
	}
	if signedIn, err = c.state.acquire(ctx, signedIn); err != nil {
		return engine.Message{}, err
	}
	return signedIn.conn.request(ctx, kindInvoke, invocation)
}

// Close ends the calls in flight. Later calls return [engine.ErrClosed].
func (c *Client) Close() { c.state.close() }

// state is the state of a Client.
type state struct {
	config []byte

	mu     sync.Mutex // not held during a wait
	closed bool
	signIn *signIn
}

// signIn is a sign-in, in progress or done, which all calls that wait for it share.
type signIn struct {
	// conn and err are set when done is closed.
	conn *conn
	err  error
	done chan struct{}
	// cancel ends the sign-in, which withdraws the prompt.
	cancel  context.CancelFunc
	waiting int
}

// acquire returns a sign-in that has succeeded. It begins one if there is none, if its connection broke, or if what was
// approved by ended has ended. When all callers that wait for a sign-in have given up, it is cancelled.
func (s *state) acquire(ctx context.Context, ended *signIn) (*signIn, error) {
	signIn, err := s.join(ended)
	if err != nil {
		return nil, err
	}
	defer s.leave(signIn)
	select {
	case <-signIn.done:
		return signIn, signIn.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *state) join(ended *signIn) (*signIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, engine.ErrClosed
	}
	if s.signIn != nil && s.signIn == ended {
		s.signIn.conn.retire()
		s.signIn = nil
	}
	if s.signIn == nil || s.signIn.isOver() {
		s.signIn = s.begin()
	}
	s.signIn.waiting++
	return s.signIn, nil
}

func (s *state) leave(signIn *signIn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	signIn.waiting--
	if signIn.waiting > 0 || signIn.isDone() {
		return
	}
	signIn.cancel()
	if s.signIn == signIn {
		s.signIn = nil
	}
}

// begin signs in on a new connection.
func (s *state) begin() *signIn {
	ctx, cancel := context.WithCancel(context.Background())
	begun := &signIn{done: make(chan struct{}), cancel: cancel}
	go func() {
		defer cancel()
		begun.conn, begun.err = connect(ctx, s.config)
		close(begun.done)
		s.closeIfClosed(begun)
	}()
	return begun
}

func connect(ctx context.Context, config []byte) (*conn, error) {
	conn, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.request(ctx, kindSignIn, engine.Message{Text: config}); err != nil {
		conn.close(engine.ErrClosed)
		return nil, err
	}
	return conn, nil
}

// closeIfClosed closes the connection of a sign-in that succeeded after the client was closed.
func (s *state) closeIfClosed(begun *signIn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && begun.err == nil {
		begun.conn.close(engine.ErrClosed)
	}
}

func (s *state) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.signIn == nil {
		return
	}
	s.signIn.cancel()
	if s.signIn.isDone() && s.signIn.err == nil {
		s.signIn.conn.close(engine.ErrClosed)
	}
}

func (s *signIn) isDone() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// isOver reports whether the sign-in failed, or its connection broke.
func (s *signIn) isOver() bool { return s.isDone() && (s.err != nil || s.conn.isClosed()) }
