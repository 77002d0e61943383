// Package testserver starts an account server for tests.
package testserver

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// startTimeout limits the start of the server, which makes an account and its keys.
const startTimeout = 60 * time.Second

// Server is a running server with a temporary account.
type Server struct {
	// Token is the token of a service account that may read and write the vault.
	Token string
	// VaultID is the id of the vault, whose title is Development.
	VaultID string
	// EnvironmentID is the id of an Environment that the service account may read.
	EnvironmentID string
	// Env is the environment that the server wrote for programs.
	Env map[string]string

	command *exec.Cmd
	exited  chan error
	dir     string
}

// Start starts `opwire server dev` and waits until it is ready. The binary is OPWIRE_BIN, or the one that was built in
// the workspace.
func Start() (*Server, error) {
	return start(func(binary, env string) (*exec.Cmd, error) {
		return exec.Command(binary, "server", "dev", "--port", "0", "--env-file", env), nil
	})
}

// StartWithAgent starts `ci/dev-agent`: a server, and the agent of a person who allows every program.
func StartWithAgent() (*Server, error) {
	return start(func(binary, env string) (*exec.Cmd, error) {
		root, err := Workspace()
		if err != nil {
			return nil, err
		}
		command := exec.Command(filepath.Join(root, "ci/dev-agent"), env)
		command.Env = append(os.Environ(), "OPWIRE_BIN="+binary)
		return command, nil
	})
}

func start(commandFor func(binary, env string) (*exec.Cmd, error)) (*Server, error) {
	binary, err := findBinary()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "opwire-test-")
	if err != nil {
		return nil, err
	}
	env := filepath.Join(dir, "env")
	command, err := commandFor(binary, env)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &Server{command: command, exited: make(chan error, 1), dir: dir}
	go func() {
		s.exited <- command.Wait()
		close(s.exited)
	}()
	if err := s.await(env); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// Stop ends the server and removes its files.
func (s *Server) Stop() {
	// Not killed, so that it can end what it has started.
	_ = s.command.Process.Signal(syscall.SIGTERM)
	<-s.exited
	_ = os.RemoveAll(s.dir)
}

func (s *Server) await(envFile string) error {
	deadline := time.After(startTimeout)
	for {
		select {
		case err := <-s.exited:
			return fmt.Errorf("the server exited before it was ready: %v", err)
		case <-deadline:
			return fmt.Errorf("the server was not ready after %v", startTimeout)
		case <-time.After(20 * time.Millisecond):
		}
		if s.read(envFile) {
			return nil
		}
	}
}

// read reports whether the file is complete.
func (s *Server) read(envFile string) bool {
	values := readEnv(envFile)
	s.Env = values
	s.Token, s.VaultID = values["OP_SERVICE_ACCOUNT_TOKEN"], values["OP_VAULT_ID"]
	s.EnvironmentID = values["OP_ENVIRONMENT_ID"]
	return s.Token != "" && s.VaultID != ""
}

// readEnv returns the NAME=VALUE lines of a file, or nil if the file does not exist.
func readEnv(path string) map[string]string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	values := make(map[string]string)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		values[name] = value
	}
	return values
}

func findBinary() (string, error) {
	if binary := os.Getenv("OPWIRE_BIN"); binary != "" {
		return binary, nil
	}
	root, err := Workspace()
	if err != nil {
		return "", err
	}
	for _, profile := range []string{"release", "debug"} {
		binary := filepath.Join(root, "target", profile, "opwire")
		if _, err := os.Stat(binary); err == nil {
			return binary, nil
		}
	}
	return "", errors.New("the tests need the opwire server: run `cargo build --release -p op-cli`, or set OPWIRE_BIN")
}

// Beside returns the path of what is built together with the opwire command.
func Beside(name string) (string, error) {
	binary, err := findBinary()
	return filepath.Join(filepath.Dir(binary), name), err
}

// Workspace returns the root of the repository.
func Workspace() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "Cargo.toml")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no Cargo.toml above the working directory: %w", err)
}

// WriteFiles writes files, such as those of a module, below a folder. The keys are their paths there.
func WriteFiles(folder string, files map[string]string) error {
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Items returns generated items as JSON, printed by `opwire-items SEED COUNT VAULT-ID`.
func Items(seed, count, vaultID string) ([]byte, error) {
	command, err := itemsCommand(seed, count, vaultID)
	if err != nil {
		return nil, err
	}
	return command.Output()
}

// PutRecorded puts the items of packages/contract/vectors/recorded/vault-a.json into the vault.
func (s *Server) PutRecorded() error {
	command, err := itemsCommand("recorded", s.VaultID)
	if err != nil {
		return err
	}
	command.Env = append(os.Environ(), "OP_SERVICE_ACCOUNT_TOKEN="+s.Token)
	return command.Run()
}

// PutItems puts items into the vault as other programs may have stored them. The items are a JSON list of objects with
// `templateUuid` and the plaintexts `overview` and `details`. PutItems returns their ids.
func (s *Server) PutItems(items []byte) ([]string, error) {
	command, err := itemsCommand("put", s.VaultID)
	if err != nil {
		return nil, err
	}
	command.Env = append(os.Environ(), "OP_SERVICE_ACCOUNT_TOKEN="+s.Token)
	command.Stdin = bytes.NewReader(items)
	printed, err := command.Output()
	if err != nil {
		return nil, err
	}
	var ids []string
	return ids, json.Unmarshal(printed, &ids)
}

func itemsCommand(arguments ...string) (*exec.Cmd, error) {
	program, err := Beside("opwire-items")
	if err != nil {
		return nil, err
	}
	command := exec.Command(program, arguments...)
	command.Stderr = os.Stderr
	return command, nil
}
