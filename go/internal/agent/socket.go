package agent

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/opwire/opwire/go/internal/engine"
)

// socketPath returns the path of the agent's socket.
func socketPath() (string, error) {
	if named := os.Getenv("OPWIRE_AGENT_SOCKET"); named != "" {
		return named, nil
	}
	if folder := os.Getenv("XDG_RUNTIME_DIR"); folder != "" {
		return filepath.Join(folder, "opwire/agent.sock"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".config/opwire/agent.sock"), nil
}

// IsAbsent reports whether a sign-in failed because no agent listens, or because this system can have none.
func IsAbsent(err error) bool {
	var failure *engine.CallError
	return errors.As(err, &failure) && (isMissing(failure.Cause) || errors.Is(failure.Cause, errors.ErrUnsupported))
}

func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// unreachable is the error for a socket that cannot be opened.
func unreachable(path string, err error) error {
	if !isMissing(err) {
		return unavailable(path+": "+err.Error(), err)
	}
	return unavailable("no agent listens on "+path+": start one with `opwire agent`"+sudoHint(), err)
}

func sudoHint() string {
	if os.Getenv("SUDO_USER") == "" {
		return ""
	}
	return "; this program runs by sudo, and the agent of the person does not serve root: run it without sudo"
}
