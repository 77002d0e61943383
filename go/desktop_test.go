package opwire_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
	"github.com/opwire/opwire/go/internal/testserver"
)

// withAgent is the server whose person has an agent. It starts with the first test that needs it.
var withAgent = sync.OnceValues(func() (*testserver.Server, error) {
	started, err := testserver.StartWithAgent()
	if err == nil {
		atEnd = append(atEnd, started.Stop)
	}
	return started, err
})

func newAgent(t *testing.T) *testserver.Agent {
	t.Helper()
	started, err := withAgent()
	if err != nil {
		t.Fatal(err)
	}
	return started.NewAgent(t)
}

func desktopClient(ctx context.Context, t *testing.T, account string, opts ...opwire.ClientOption) (*opwire.Client, error) {
	t.Helper()
	all := append([]opwire.ClientOption{
		opwire.WithDesktopAppIntegration(account),
		opwire.WithIntegrationInfo("opwire tests", "v0.1.0"),
	}, opts...)
	client, err := opwire.NewClient(ctx, all...)
	if err == nil {
		t.Cleanup(func() { client.Close() })
	}
	return client, err
}

// newDesktopClient returns a client that the person has approved.
func newDesktopClient(t *testing.T, account string, opts ...opwire.ClientOption) *opwire.Client {
	t.Helper()
	client, err := desktopClient(testContext(t), t, account, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func titles(t *testing.T, client *opwire.Client) []string {
	t.Helper()
	vaults, err := client.Vaults().List(testContext(t))
	if err != nil {
		t.Error(err)
	}
	var titles []string
	for _, vault := range vaults {
		titles = append(titles, vault.Title)
	}
	return titles
}

// listAtOnce lists the vaults 20 times at once.
func listAtOnce(t *testing.T, client *opwire.Client) {
	t.Helper()
	var calls sync.WaitGroup
	for range 20 {
		calls.Add(1)
		go func() {
			defer calls.Done()
			titles(t, client)
		}()
	}
	calls.Wait()
}

func TestDesktopAccountsOfOneProcess(t *testing.T) {
	newAgent(t)
	acme, other := newDesktopClient(t, "Acme"), newDesktopClient(t, "Other")
	if got := titles(t, acme); !slices.Contains(got, "Development") {
		t.Errorf("Acme: %v", got)
	}
	if got := titles(t, other); slices.Contains(got, "Development") {
		t.Errorf("Other: %v", got)
	}
	if got := titles(t, acme); !slices.Contains(got, "Development") {
		t.Errorf("Acme again: %v", got)
	}
}

func TestDesktopScope(t *testing.T) {
	agent := newAgent(t)
	scope := opwire.DesktopScope{Vaults: []string{agent.VaultID}, ReadOnly: true}
	client := newDesktopClient(t, "Acme", opwire.WithDesktopScope(scope))
	if got := titles(t, client); !slices.Equal(got, []string{"Development"}) {
		t.Errorf("vaults: %v", got)
	}
	if got, err := client.Secrets().Resolve(testContext(t), example); err != nil || got != secret {
		t.Errorf("resolved %q, %v", got, err)
	}
	created := opwire.VaultCreateParams{Title: "Mine"}
	if _, err := client.Vaults().Create(testContext(t), created); !errors.Is(err, opwire.ErrPermissionDenied) {
		t.Errorf("created a vault: %v", err)
	}
	for _, vaults := range [][]string{{}, {"Nowhere"}} {
		_, err := desktopClient(testContext(t), t, "Acme", opwire.WithDesktopScope(opwire.DesktopScope{Vaults: vaults}))
		if !errors.Is(err, opwire.ErrInvalidConfiguration) {
			t.Errorf("%q: %v", vaults, err)
		}
	}
}

func TestDesktopDenied(t *testing.T) {
	agent := newAgent(t)
	agent.Leave()
	agent.DenyNext()
	_, err := desktopClient(testContext(t), t, "Acme")
	var denied *opwire.AuthorizationDeniedError
	if !errors.As(err, &denied) {
		t.Errorf("got %v", err)
	}
}

func TestDesktopApprovalEnds(t *testing.T) {
	agent := newAgent(t)
	client := newDesktopClient(t, "Acme")
	for _, end := range [][]string{{"lock", "--keep-keys"}, {"revoke", "--all"}} {
		agent.Run(end...)
		listAtOnce(t, client)
		if approvals := agent.Run("sessions"); len(approvals) != 1 {
			t.Errorf("%v: approvals %q", end, approvals)
		}
	}
}

func TestDesktopPromptIsWithdrawn(t *testing.T) {
	agent := newAgent(t)
	agent.Leave()
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	if _, err := desktopClient(ctx, t, "Acme"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	agent.Approve()
	client := newDesktopClient(t, "Acme", opwire.WithDesktopScope(opwire.DesktopScope{ReadOnly: true}))
	if approvals := agent.Run("sessions"); len(approvals) != 1 {
		t.Errorf("the prompt that nobody waited for was answered: %q", approvals)
	}

	// A call that gives up leaves the sign-in to those that still wait.
	agent.Leave()
	agent.Run("revoke", "--all")
	agent.Run("unlock")
	patient := make(chan error, 1)
	go func() {
		_, err := client.Vaults().List(context.Background())
		patient <- err
	}()
	brief, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	if _, err := client.Vaults().List(brief); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	agent.Approve()
	if err := <-patient; err != nil {
		t.Error(err)
	}
}

func TestDesktopCallIsCancelled(t *testing.T) {
	agent := newAgent(t)
	client := newDesktopClient(t, "Acme")
	agent.Pause()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := client.Vaults().List(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	agent.GoOn()
	titles(t, client)
	client.Close()
	if _, err := client.Vaults().List(testContext(t)); !errors.Is(err, opwire.ErrClientClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestDesktopAgentEndsInMidCall(t *testing.T) {
	agent := newAgent(t)
	client := newDesktopClient(t, "Acme")
	agent.Pause()
	failed := make(chan error, 1)
	go func() {
		_, err := client.Vaults().List(context.Background())
		failed <- err
	}()
	time.Sleep(50 * time.Millisecond)
	agent.Leave()
	agent.Kill()
	var unavailable *opwire.AgentUnavailableError
	if err := <-failed; !errors.As(err, &unavailable) || !unavailable.Retryable {
		t.Errorf("got %v", err)
	}
	_, err := client.Vaults().List(testContext(t))
	if !errors.Is(err, opwire.ErrAgentUnavailable) || !strings.Contains(err.Error(), "start one with `opwire agent`") {
		t.Errorf("got %v", err)
	}
	agent.Start()
	agent.Approve()
	titles(t, client)
}

func TestDesktopSocketOfOthers(t *testing.T) {
	agent := newAgent(t)
	folder := filepath.Dir(agent.Socket)
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := desktopClient(testContext(t), t, "Acme"); !errors.Is(err, opwire.ErrAgentUnavailable) {
		t.Errorf("got %v", err)
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	newDesktopClient(t, "Acme")
}
