package testserver

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Agent is an agent with the accounts of a server that [StartWithAgent] started, beside that server's own.
type Agent struct {
	// Socket is its socket.
	Socket string
	// VaultID is the id of the vault Development of the account Acme.
	VaultID string

	t                *testing.T
	binary           string
	env              []string
	process, approve *exec.Cmd
}

// NewAgent starts an agent that is unlocked, and whose person allows every program. It ends with the test, whose
// programs find it.
func (s *Server) NewAgent(t *testing.T) *Agent {
	t.Helper()
	binary, err := findBinary()
	if err != nil {
		t.Fatal(err)
	}
	// The folder of a test may be too long for a socket.
	dir, err := os.MkdirTemp("", "opwire-agent-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	a := &Agent{t: t, binary: binary, Socket: filepath.Join(dir, "run/agent.sock"), VaultID: s.VaultID, env: os.Environ()}
	for name, value := range s.Env {
		a.env = append(a.env, name+"="+value)
	}
	a.env = append(a.env, "OPWIRE_AGENT_SOCKET="+a.Socket, "XDG_STATE_HOME="+dir)
	t.Setenv("OPWIRE_AGENT_SOCKET", a.Socket)
	t.Cleanup(func() { a.Leave(); a.Kill() })
	a.Start()
	a.Run("unlock")
	a.Approve()
	return a
}

// Start starts the agent again.
func (a *Agent) Start() {
	a.t.Helper()
	a.process = a.start(nil, "--prompt", "terminal")
	for deadline := time.Now().Add(startTimeout); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(a.Socket); err == nil {
			return
		}
		if time.Now().After(deadline) {
			a.t.Fatal("the agent did not start")
		}
	}
}

// Kill ends the agent as a crash would.
func (a *Agent) Kill() {
	end(&a.process)
	_ = os.Remove(a.Socket)
}

// Approve allows every program from now on.
func (a *Agent) Approve() { a.approve = a.start(nil, "approve", "--all") }

// Leave answers no question from now on.
func (a *Agent) Leave() { end(&a.approve) }

// DenyNext denies the next program.
func (a *Agent) DenyNext() { a.approve = a.start([]byte("\n"), "approve") }

// Pause stops the agent, so that calls last until GoOn.
func (a *Agent) Pause() { _ = a.process.Process.Signal(syscall.SIGSTOP) }

// GoOn ends Pause.
func (a *Agent) GoOn() { _ = a.process.Process.Signal(syscall.SIGCONT) }

// Run runs `opwire agent` with these arguments, and returns the lines that it prints.
func (a *Agent) Run(arguments ...string) []string {
	a.t.Helper()
	command := a.command(arguments)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	printed, err := command.Output()
	if err != nil {
		a.t.Fatal(fmt.Errorf("opwire agent %v: %w: %s", arguments, err, &stderr))
	}
	return strings.FieldsFunc(string(printed), func(r rune) bool { return r == '\n' })
}

func (a *Agent) start(input []byte, arguments ...string) *exec.Cmd {
	a.t.Helper()
	command := a.command(arguments)
	if input != nil {
		command.Stdin = bytes.NewReader(input)
	}
	if err := command.Start(); err != nil {
		a.t.Fatal(err)
	}
	return command
}

func (a *Agent) command(arguments []string) *exec.Cmd {
	command := exec.Command(a.binary, append([]string{"agent"}, arguments...)...)
	command.Env = a.env
	return command
}

func end(command **exec.Cmd) {
	if *command == nil {
		return
	}
	_ = (*command).Process.Kill()
	var exit *exec.ExitError
	if err := (*command).Wait(); err != nil && !errors.As(err, &exit) {
		panic(err)
	}
	*command = nil
}
