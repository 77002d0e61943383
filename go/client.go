package opwire

import (
	"context"
	"errors"
	"fmt"

	"github.com/opwire/opwire/go/internal/engine"
)

// clientState is what a client has besides its APIs.
type clientState struct {
	settings settings
	inner    *innerClient
}

// innerClient is what all APIs of a client share.
type innerClient struct{ engine *engine.Engine }

// NewClient signs in and returns a client. It ends when ctx does.
func NewClient(ctx context.Context, opts ...ClientOption) (*Client, error) {
	client := &Client{clientState: clientState{settings: defaultSettings()}}
	for _, opt := range opts {
		if err := opt(client); err != nil {
			return nil, err
		}
	}
	config, err := client.settings.engineConfig()
	if err != nil {
		return nil, err
	}
	e, err := engine.New(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("error initializing client: %w", callError("sign in", err))
	}
	// The engine keeps what it needs; the client must not keep the token.
	client.settings = settings{}
	client.inner = &innerClient{engine: e}
	client.initAPIs(client.inner)
	return client, nil
}

// Close ends the calls under way with [ErrClientClosed], and so all later ones, and wipes the keys and secrets that
// the client holds. A client that is no longer reachable is closed by the garbage collector. Close is beyond the
// surface of the official SDK.
func (c *Client) Close() error {
	c.inner.engine.Close()
	return nil
}

// Prepare compiles the core, which the first NewClient of a process does otherwise; of the options, only
// [WithCompilationCache] counts. Call it early, for instance in a goroutine at the start of the program. It is beyond
// the surface of the official SDK.
func Prepare(ctx context.Context, opts ...ClientOption) error {
	client := &Client{clientState: clientState{settings: defaultSettings()}}
	for _, opt := range opts {
		if err := opt(client); err != nil {
			return err
		}
	}
	return callError("prepare", engine.Compile(ctx, client.settings.cacheDir))
}

// ErrClientClosed is what calls on a client return after [Client.Close].
var ErrClientClosed = errors.New("opwire: the client is closed")
