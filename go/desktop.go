package opwire

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"strings"
	"time"

	"github.com/opwire/opwire/go/internal/agent"
	"github.com/opwire/opwire/go/internal/desktop"
)

// libraryVariable names the library of the public desktop app.
const libraryVariable = "OPWIRE_DESKTOP_LIBRARY"

func init() {
	// Package desktopapp has no other way to the settings.
	desktop.SetLibrary = func(client any, path string) { client.(*Client).settings().library = path }
}

// newDesktopCaller returns what makes the calls of a client that a person approves: their agent or, if none listens, the
// public desktop app.
func newDesktopCaller(ctx context.Context, s *settings) (caller, error) {
	if library := cmp.Or(s.library, os.Getenv(libraryVariable)); library != "" {
		return newAppCaller(ctx, s, library)
	}
	text, err := json.Marshal(s.config)
	if err != nil {
		return nil, err
	}
	made, err := agent.New(ctx, text)
	if err == nil {
		return made, nil
	}
	if !agent.IsAbsent(err) {
		return nil, err
	}
	if desktop.Registered == nil {
		return nil, desktop.WithReason(err, "; a program that imports github.com/opwire/opwire/go/desktopapp may use the 1Password app too")
	}
	places := desktop.Registered.Places()
	for _, place := range places {
		if _, err := os.Stat(place); err == nil {
			return newAppCaller(ctx, s, place)
		}
	}
	return nil, desktop.WithReason(err, "; nor is the 1Password app installed, whose library would be "+strings.Join(places, " or "))
}

func newAppCaller(ctx context.Context, s *settings, library string) (caller, error) {
	if desktop.Registered == nil {
		return nil, configurationError(libraryVariable+" needs a program that imports github.com/opwire/opwire/go/desktopapp", libraryVariable)
	}
	// Nothing that a program asks for is ignored.
	switch config := s.config; {
	case s.scope != nil && (s.scope.Vaults != nil || s.scope.ReadOnly):
		return nil, configurationError("the 1Password app cannot limit a program to some vaults, or to reading: "+
			"leave WithDesktopScope out, or start the agent, which can: `opwire agent`", "WithDesktopScope")
	case config.Cache != nil:
		return nil, configurationError("the 1Password app has no cache: leave WithCache out", "WithCache")
	case config.MaxRetries != nil:
		return nil, configurationError("the 1Password app decides on retries: leave WithMaxRetries out", "WithMaxRetries")
	}
	config := s.config
	config.desktopConfig, config.RequestTimeoutMs = nil, 0
	config.RequestLibraryName = "op_sdk_ipc_client"
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return desktop.Registered.New(ctx, desktop.Options{
		Library: library,
		Account: s.config.AccountName,
		Config:  text,
		Timeout: time.Duration(s.config.RequestTimeoutMs) * time.Millisecond,
	})
}
