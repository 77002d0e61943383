package agent_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/opwire/opwire/go/internal/agent"
	"github.com/opwire/opwire/go/internal/engine"
	"github.com/opwire/opwire/go/internal/testserver"
)

const config = `{
	"accountName": "Acme", "programmingLanguage": "Go", "sdkVersion": "0010000", "integrationName": "opwire tests",
	"integrationVersion": "v0.1.0", "requestLibraryName": "opwire-agent", "requestLibraryVersion": "1", "os": "linux",
	"osVersion": "0.0.0", "architecture": "amd64"
}`

func TestClientsDoNotCompileTheCore(t *testing.T) {
	server, err := testserver.StartWithAgent()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	server.NewAgent(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client, err := agent.New(ctx, []byte(config))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	vaults, err := client.Invoke(ctx, "VaultsList", engine.Message{Text: []byte("{}")})
	if err != nil || !strings.Contains(string(vaults.Text), "Development") {
		t.Errorf("got %s, %v", vaults.Text, err)
	}
	if engine.IsCompiled() {
		t.Error("the core was compiled")
	}
}
