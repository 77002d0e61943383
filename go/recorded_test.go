package opwire_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	opwire "github.com/opwire/opwire/go"
	"github.com/opwire/opwire/go/internal/testserver"
)

// Items that the apps wrote are read from a real server as the public SDK reads them.
func TestRecordedItemsReadAsInThePublicSDK(t *testing.T) {
	if err := server.PutRecorded(); err != nil {
		t.Fatal(err)
	}
	root, err := testserver.Workspace()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "packages/contract/vectors/recorded/vault-a.expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected struct {
		Overviews []opwire.ItemOverview                    `json:"overviews"`
		Items     map[string]struct{ Content opwire.Item } `json:"items"`
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	ctx, client := testContext(t), newClient(t)
	items, err := client.Items().List(ctx, server.VaultID)
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]opwire.ItemOverview, len(items))
	for _, item := range items {
		listed[item.ID] = item
	}
	for _, overview := range expected.Overviews {
		overview.VaultID = server.VaultID
		if got := listed[overview.ID]; !reflect.DeepEqual(got, overview) {
			t.Errorf("got  %+v\nwant %+v", got, overview)
		}
	}
	for id, item := range expected.Items {
		got, err := client.Items().Get(ctx, server.VaultID, id)
		if err != nil {
			t.Fatal(err)
		}
		item.Content.VaultID, item.Content.Version = server.VaultID, got.Version
		if got, want := withoutCodes(got), withoutCodes(item.Content); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

// withoutCodes removes one-time codes, which depend on the clock.
func withoutCodes(item opwire.Item) opwire.Item {
	for i := range item.Fields {
		if item.Fields[i].FieldType == opwire.ItemFieldTypeTOTP {
			item.Fields[i].Details = nil
		}
	}
	return item
}
