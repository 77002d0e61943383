package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/opwire/opwire/go/internal/testserver"
)

var server *testserver.Server

func TestMain(m *testing.M) {
	var err error
	if server, err = testserver.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// clientConfig returns the client configuration of the core.
func clientConfig(token string) []byte {
	text, _ := json.Marshal(map[string]string{
		"serviceAccountToken": token, "programmingLanguage": "Go", "sdkVersion": "0000100",
		"integrationName": "opwire tests", "integrationVersion": "v0.1.0", "requestLibraryName": "net/http",
		"requestLibraryVersion": "1", "os": "linux", "osVersion": "0.0.0", "architecture": "amd64",
	})
	return text
}

func config(client *http.Client) Config {
	return Config{Client: clientConfig(server.Token), HTTP: client, MaxResponse: 1 << 20}
}

func newEngine(t *testing.T, transport http.RoundTripper) *Engine {
	t.Helper()
	e, err := New(testContext(t), config(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

var noParams = Message{Text: []byte(`{}`)}

func listVaults(t *testing.T, e *Engine) error {
	t.Helper()
	result, err := e.Invoke(testContext(t), "VaultsList", noParams)
	if err != nil {
		return err
	}
	var vaults []struct{ ID string }
	if err := json.Unmarshal(result.Text, &vaults); err != nil || len(vaults) != 1 || vaults[0].ID != server.VaultID {
		return fmt.Errorf("vaults %s: %v", result.Text, err)
	}
	return nil
}
