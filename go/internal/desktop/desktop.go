// Package desktop has what clients that a person approves share, whether the person's agent makes their calls or the
// public desktop app. It also connects package opwire to package desktopapp, which makes the calls by the app, and which
// only some programs import.
package desktop

import (
	"context"
	"time"

	"github.com/opwire/opwire/go/internal/engine"
)

// Caller makes the calls of one client.
type Caller interface {
	Invoke(ctx context.Context, method string, params engine.Message) (engine.Message, error)
	Close()
}

// App is the public desktop app.
type App interface {
	// Places are the paths at which it has its library on this system.
	Places() []string
	// New asks the person for approval.
	New(ctx context.Context, options Options) (Caller, error)
}

// Options are the options of a client of the app.
type Options struct {
	// Library is the path of the app's library.
	Library string
	// Account is the name of the account.
	Account string
	// Config is the core's client configuration as JSON, without account and token.
	Config []byte
	// Timeout is how long a call waits for the app; 0 for the default.
	Timeout time.Duration
}

// Registered is the app, or nil in a program that does not import package desktopapp, which sets it.
var Registered App

// SetLibrary sets the path of the library in the settings of an *opwire.Client. Package opwire sets it.
var SetLibrary func(client any, path string)
