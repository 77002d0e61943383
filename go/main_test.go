package opwire_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
	"github.com/opwire/opwire/go/internal/testserver"
)

var server *testserver.Server

// A reference to a secret on the server, and the secret.
const (
	example = "op://Development/Example/password"
	secret  = "correct-horse-battery"
)

var missing = strings.Repeat("a", 26)

// atEnd are what to do after the tests.
var atEnd []func()

func TestMain(m *testing.M) {
	start := testserver.Start
	if os.Getenv("OPWIRE_TEST_AUTH") == "agent" {
		start = testserver.StartWithAgent
	}
	var err error
	if server, err = start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if socket := server.Env["OPWIRE_AGENT_SOCKET"]; socket != "" {
		os.Setenv("OPWIRE_AGENT_SOCKET", socket)
	}
	code := m.Run()
	for _, stop := range append(atEnd, server.Stop) {
		stop()
	}
	os.Exit(code)
}

// newClient returns a client with the [credentials], which is closed at the end of the test.
func newClient(t *testing.T, opts ...opwire.ClientOption) *opwire.Client {
	t.Helper()
	client, err := opwire.NewClient(testContext(t), append(credentials(), opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// isPerson reports whether the [credentials] are a person's.
func isPerson() bool { return server.Env["OPWIRE_ACCOUNT"] != "" }

// credentials are those of the server's service account; with OPWIRE_TEST_AUTH=agent, those of the person.
func credentials() []opwire.ClientOption {
	auth := opwire.WithServiceAccountToken(server.Token)
	if isPerson() {
		auth = opwire.WithDesktopAppIntegration(server.Env["OPWIRE_ACCOUNT"])
	}
	return []opwire.ClientOption{
		auth,
		opwire.WithIntegrationInfo("opwire tests", "v0.1.0"),
	}
}

// testContext returns a context that ends well before the timeout of the test runner.
func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

var logins atomic.Int64

// createLogin creates a login item with this password and a unique title.
func createLogin(t *testing.T, client *opwire.Client, password string) opwire.Item {
	t.Helper()
	title := fmt.Sprintf("%s %d", t.Name(), logins.Add(1))
	item, err := client.Items().Create(testContext(t), opwire.ItemCreateParams{
		Category: opwire.ItemCategoryLogin,
		VaultID:  server.VaultID,
		Title:    title,
		Fields: []opwire.ItemField{
			{ID: "username", Title: "username", FieldType: opwire.ItemFieldTypeText, Value: "wendy"},
			{ID: "password", Title: "password", FieldType: opwire.ItemFieldTypeConcealed, Value: password},
		},
		Tags: []string{"go"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return item
}
