package opwire_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"reflect"
	"sync"
	"testing"

	opwire "github.com/opwire/opwire/go"
	"github.com/opwire/opwire/go/internal/testserver"
)

// generatedCase is a case that opwire-items prints: an item to create, the item that is expected, and an edit of it.
type generatedCase struct {
	Params   opwire.ItemCreateParams `json:"params"`
	Expected opwire.Item             `json:"expected"`
	Edit     struct {
		Title string `json:"title"`
		Field *int   `json:"field"`
		Value string `json:"value"`
	} `json:"edit"`
}

func (c generatedCase) edited(item opwire.Item) opwire.Item {
	item.Title = c.Edit.Title
	if c.Edit.Field != nil {
		item.Fields = append([]opwire.ItemField(nil), item.Fields...)
		item.Fields[*c.Edit.Field].Value = c.Edit.Value
	}
	return item
}

// shown is an item's JSON without the members that follow from the others.
func shown(t *testing.T, item opwire.Item) map[string]any {
	t.Helper()
	text, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"id", "vaultId", "version", "createdAt", "updatedAt"} {
		delete(members, name)
	}
	if document, ok := members["document"].(map[string]any); ok {
		delete(document, "id")
	}
	for _, file := range members["files"].([]any) {
		delete(file.(map[string]any)["attributes"].(map[string]any), "id")
	}
	for _, each := range members["fields"].([]any) {
		field := each.(map[string]any)
		details, _ := field["details"].(map[string]any)
		if field["fieldType"] != "Address" || details["content"] == nil {
			delete(field, "details")
		}
	}
	return members
}

// Every item that the types allow is read from the server as it was created. OPWIRE_GENERATED is the number of items,
// and OPWIRE_SEED selects them.
func TestAnyItemComesBackAsItWasMade(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	seed, count := cmp.Or(os.Getenv("OPWIRE_SEED"), "4"), cmp.Or(os.Getenv("OPWIRE_GENERATED"), "66")
	text, err := testserver.Items(seed, count, server.VaultID)
	if err != nil {
		t.Fatal(err)
	}
	var cases []generatedCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	params := make([]opwire.ItemCreateParams, len(cases))
	for i, c := range cases {
		params[i] = c.Params
	}
	created, err := client.Items().CreateAll(ctx, server.VaultID, params)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(cases))
	for i, response := range created.IndividualResponses {
		if response.Content == nil {
			t.Fatalf("%+v: %+v", params[i], response.Error)
		}
		ids[i] = response.Content.ID
		expectShown(t, *response.Content, cases[i].Expected)
	}
	read := func(expected func(generatedCase) opwire.Item) []opwire.Item {
		got, err := client.Items().GetAll(ctx, server.VaultID, ids)
		if err != nil {
			t.Fatal(err)
		}
		items := make([]opwire.Item, len(cases))
		for i, response := range got.IndividualResponses {
			items[i] = *response.Content
			expectShown(t, items[i], expected(cases[i]))
		}
		return items
	}
	items := read(func(c generatedCase) opwire.Item { return c.Expected })
	var puts sync.WaitGroup
	for i, item := range items {
		puts.Add(1)
		go func() {
			defer puts.Done()
			if _, err := client.Items().Put(ctx, cases[i].edited(item)); err != nil {
				t.Errorf("%+v: %v", params[i], err)
			}
		}()
	}
	puts.Wait()
	items = read(func(c generatedCase) opwire.Item { return c.edited(c.Expected) })
	for i, item := range items {
		expectFiles(t, client, item, params[i])
	}
}

// expectFiles fails unless an item's files have the content that they were created with.
func expectFiles(t *testing.T, client *opwire.Client, item opwire.Item, params opwire.ItemCreateParams) {
	t.Helper()
	var files []opwire.FileAttributes
	var contents [][]byte
	if item.Document != nil {
		files, contents = append(files, *item.Document), append(contents, params.Document.Content)
	}
	for i, file := range item.Files {
		files, contents = append(files, file.Attributes), append(contents, params.Files[i].Content)
	}
	for i, file := range files {
		got, err := client.Items().Files().Read(testContext(t), item.VaultID, item.ID, file)
		if err != nil || !bytes.Equal(got, contents[i]) {
			t.Errorf("%s: %d bytes of %d, %v", file.Name, len(got), len(contents[i]), err)
		}
	}
}

func expectShown(t *testing.T, item, expected opwire.Item) {
	t.Helper()
	if got, want := shown(t, item), shown(t, expected); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
