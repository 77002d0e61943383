package opwire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/opwire/opwire/go/internal/engine"
)

// clientState is the part of a client besides its APIs.
type clientState struct {
	// A pointer, so that the token is not shown when a client is printed, for instance by an option.
	configured *settings
	// Nil in a client that a program makes from APIs of its own.
	inner *innerClient
}

// innerClient is the state that all APIs of a client share.
type innerClient struct{ engine caller }

// caller makes the calls of one client: the core, a person's agent, or their desktop app.
type caller interface {
	Invoke(ctx context.Context, method string, params engine.Message) (engine.Message, error)
	Close()
}

// settings are the values of the options.
func (c *clientState) settings() *settings {
	if c.configured == nil {
		c.configured = defaultSettings()
	}
	return c.configured
}

func (c *innerClient) invoke(ctx context.Context, method string, params engine.Message) (engine.Message, error) {
	if c == nil {
		return engine.Message{}, errNotSignedIn
	}
	return c.engine.Invoke(ctx, method, params)
}

// errNotSignedIn is the cause when a method that opwire added is called on a client that NewClient did not make.
var errNotSignedIn = errors.New("the client is not signed in; get one from NewClient")

// NewClient signs in and returns a client. Cancelling ctx cancels the sign-in, but does not affect the client later.
func NewClient(ctx context.Context, opts ...ClientOption) (*Client, error) {
	client, err := newConfigured(opts)
	if err != nil {
		return nil, err
	}
	if err := client.settings().check(); err != nil {
		return nil, err
	}
	made, err := newCaller(ctx, client.settings())
	if err != nil {
		return nil, fmt.Errorf("error initializing client: %w", callError("sign in", err))
	}
	// The caller keeps what it needs. The client does not keep the token.
	client.configured = nil
	client.inner = &innerClient{made}
	client.initAPIs(client.inner)
	return client, nil
}

func newCaller(ctx context.Context, s *settings) (caller, error) {
	if s.config.desktopConfig != nil {
		return newDesktopCaller(ctx, s)
	}
	text, err := json.Marshal(s.config)
	if err != nil {
		return nil, err
	}
	return engine.New(ctx, s.engineConfig(text))
}

// Close ends the calls in flight with [ErrClientClosed], as all later ones, and wipes the keys and secrets that the
// client holds. The garbage collector closes a client that is no longer reachable. Added by opwire.
func (c *Client) Close() error {
	if c.inner != nil {
		c.inner.engine.Close()
	}
	return nil
}

// Prepare compiles the core, which otherwise the first NewClient of a process does. Of the options, only
// [WithCompilationCache] counts. Call it early, for instance in a goroutine at the start of the program. Added by
// opwire.
func Prepare(ctx context.Context, opts ...ClientOption) error {
	client, err := newConfigured(opts)
	if err != nil {
		return err
	}
	return callError("prepare", engine.Compile(ctx, client.settings().cacheDir))
}

// newConfigured returns a client that is not signed in, with the options applied.
func newConfigured(opts []ClientOption) (*Client, error) {
	client := new(Client)
	for _, opt := range opts {
		if err := opt(client); err != nil {
			return nil, err
		}
	}
	return client, nil
}
