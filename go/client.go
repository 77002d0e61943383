package opwire

import (
	"context"
	"errors"
	"fmt"

	"github.com/opwire/opwire/go/internal/engine"
)

// clientState is what a client has besides its APIs.
type clientState struct {
	// A pointer, so that a client that is printed, by an option for instance, does not show the token.
	configured *settings
	// Nil in clients that a program puts together from APIs of its own.
	inner *innerClient
}

// innerClient is what all APIs of a client share.
type innerClient struct{ engine *engine.Engine }

// settings are what the options set.
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

// errNotSignedIn is the cause where a client that NewClient did not make is asked for what opwire added.
var errNotSignedIn = errors.New("the client is not signed in; get one from NewClient")

// NewClient signs in and returns a client. Signing in ends when ctx does; the client lives on, and may be kept.
func NewClient(ctx context.Context, opts ...ClientOption) (*Client, error) {
	client, err := newConfigured(opts)
	if err != nil {
		return nil, err
	}
	config, err := client.settings().engineConfig()
	if err != nil {
		return nil, err
	}
	e, err := engine.New(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("error initializing client: %w", callError("sign in", err))
	}
	// The engine keeps what it needs; the client must not keep the token.
	client.configured = nil
	client.inner = &innerClient{engine: e}
	client.initAPIs(client.inner)
	return client, nil
}

// Close ends the calls under way with [ErrClientClosed], and so all later ones, and wipes the keys and secrets that
// the client holds. A client that is no longer reachable is closed by the garbage collector. Close is beyond the
// surface of the official SDK.
func (c *Client) Close() error {
	if c.inner != nil {
		c.inner.engine.Close()
	}
	return nil
}

// Prepare compiles the core, which the first NewClient of a process does otherwise; of the options, only
// [WithCompilationCache] counts. Call it early, for instance in a goroutine at the start of the program. It is beyond
// the surface of the official SDK.
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
