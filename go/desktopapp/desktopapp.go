// Package desktopapp lets a person approve the program by the 1Password app. Import it for that alone:
//
//	import _ "github.com/opwire/opwire/go/desktopapp"
//
// [opwire.WithDesktopAppIntegration] then asks the app if no `opwire agent` listens. The app's library is used without
// cgo. A program with this package is linked to the system's C library, as one without it is not.
//
// The app cannot limit a program to some vaults or to reading, so that [opwire.WithDesktopScope] is refused there.
// opwire is independent, neither affiliated with nor endorsed by the makers of 1Password.
package desktopapp

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	opwire "github.com/opwire/opwire/go"
	"github.com/opwire/opwire/go/internal/desktop"
)

func init() { desktop.Registered = app{} }

// WithLibrary names the app's library, which is used instead of the agent. The variable OPWIRE_DESKTOP_LIBRARY names one
// for all clients that have no option of their own.
func WithLibrary(path string) opwire.ClientOption {
	return func(client *opwire.Client) error {
		if path == "" {
			return errors.New("desktopapp: WithLibrary needs a path")
		}
		desktop.SetLibrary(client, path)
		return nil
	}
}

type app struct{}

func (app) Places() []string {
	home, _ := os.UserHomeDir() // A place below no home does not exist.
	switch runtime.GOOS {
	case "linux":
		return each("libop_sdk_ipc_client.so", "/usr/bin/1password", "/opt/1Password", "/snap/bin/1password")
	case "darwin":
		frameworks := "Applications/1Password.app/Contents/Frameworks"
		return each("libop_sdk_ipc_client.dylib", "/"+frameworks, filepath.Join(home, frameworks))
	case "windows":
		own := filepath.Join(home, "AppData/Local/1Password")
		return each("op_sdk_ipc_client.dll", own, "C:/Program Files/1Password/app/8",
			"C:/Program Files (x86)/1Password/app/8", filepath.Join(own, "app/8"))
	}
	return nil
}

func each(name string, folders ...string) (places []string) {
	for _, folder := range folders {
		places = append(places, filepath.Join(folder, name))
	}
	return places
}

func (app) New(ctx context.Context, options desktop.Options) (desktop.Caller, error) {
	library, err := load(options.Library)
	if err != nil {
		return nil, err
	}
	return newClient(ctx, library, options)
}
