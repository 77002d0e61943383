package agent

import (
	"bufio"
	"context"
	"net"
	"sync"

	"github.com/opwire/opwire/go/internal/desktop"
	"github.com/opwire/opwire/go/internal/engine"
)

const (
	kindSignIn = "signIn"
	kindInvoke = "invoke"
	kindCancel = "cancel"
)

// waitingFrames is how many frames may wait for the connection before calls do.
const waitingFrames = 16

// conn is a connection to the agent. Its requests run concurrently.
type conn struct {
	socket net.Conn
	frames chan []byte
	closed chan struct{} // closed with the connection, after err is set

	mu       sync.Mutex // not held during a wait
	err      error
	retired  bool
	lastCall uint64
	waiting  map[uint64]chan<- answer
}

// answer is what the agent answered: a result, or the core's error as JSON.
type answer struct {
	ok      bool
	message engine.Message
}

// dial connects to the agent.
func dial(ctx context.Context) (*conn, error) {
	path, err := socketPath()
	if err != nil {
		return nil, unavailable(err.Error(), err)
	}
	if err := checkOwner(path); err != nil {
		return nil, err
	}
	var dialer net.Dialer
	socket, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, unreachable(path, err)
	}
	c := &conn{
		socket:  socket,
		frames:  make(chan []byte, waitingFrames),
		closed:  make(chan struct{}),
		waiting: make(map[uint64]chan<- answer),
	}
	go c.write()
	go c.read()
	return c, nil
}

// request sends a request and waits for its answer. The agent cancels it when ctx ends.
func (c *conn) request(ctx context.Context, kind string, message engine.Message) (engine.Message, error) {
	call, answered := c.register()
	defer c.forget(call)
	// It is a copy, because callers may change their bytes once their call has ended, and it may be sent later.
	frame, err := encode(header{Call: call, Kind: kind}, message)
	if err != nil {
		return engine.Message{}, err
	}
	select {
	case c.frames <- frame:
	case <-c.closed:
		return engine.Message{}, c.failure()
	case <-ctx.Done():
		return engine.Message{}, ctx.Err()
	}
	select {
	case answer := <-answered:
		if answer.ok {
			return answer.message, nil
		}
		return engine.Message{}, &engine.CallError{JSON: answer.message.Text}
	case <-c.closed:
		return engine.Message{}, c.failure()
	case <-ctx.Done():
		go c.cancel(call)
		return engine.Message{}, ctx.Err()
	}
}

func (c *conn) register() (uint64, <-chan answer) {
	answered := make(chan answer, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastCall++
	c.waiting[c.lastCall] = answered
	return c.lastCall, answered
}

func (c *conn) forget(call uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, call)
	c.closeIfRetired()
}

// retire closes the connection once its requests have ended.
func (c *conn) retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retired = true
	c.closeIfRetired()
}

func (c *conn) closeIfRetired() {
	if c.retired && len(c.waiting) == 0 {
		c.end(engine.ErrClosed)
	}
}

// cancel ends a request at the agent.
func (c *conn) cancel(call uint64) {
	frame, err := encode(header{Call: call, Kind: kindCancel}, engine.Message{})
	if err != nil {
		return
	}
	select {
	case c.frames <- frame:
	case <-c.closed:
	}
}

func (c *conn) write() {
	for {
		select {
		case frame := <-c.frames:
			if _, err := c.socket.Write(frame); err != nil {
				c.close(broke(err))
				return
			}
		case <-c.closed:
			return
		}
	}
}

func (c *conn) read() {
	reader := bufio.NewReader(c.socket)
	for {
		header, message, err := decode(reader)
		if err != nil {
			c.close(broke(err))
			return
		}
		c.mu.Lock()
		if answered := c.waiting[header.Call]; answered != nil {
			// It has room for the only answer. An answer with a number that was answered before has no place.
			select {
			case answered <- answer{header.OK, message}:
			default:
			}
		}
		c.mu.Unlock()
	}
}

// close ends the requests in flight with err, as all later ones.
func (c *conn) close(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(err)
}

func (c *conn) end(err error) {
	if c.err == nil {
		c.err = err
		close(c.closed)
		_ = c.socket.Close()
	}
}

func (c *conn) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

func (c *conn) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func broke(cause error) error { return unavailable("the connection to it broke", cause) }

// unavailable is the error AgentUnavailable.
func unavailable(why string, cause error) error {
	return desktop.Failure("AgentUnavailable", "the agent cannot be reached: "+why, true, cause)
}
