package opwire_test

import (
	"errors"
	"strings"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

func TestItemsAreEditedArchivedAndDeleted(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	item := createLogin(t, client, "old")
	stale := item

	item.Title = "Edited " + item.Title
	item.Tags = append(item.Tags, "edited")
	put, err := client.Items().Put(ctx, item)
	if err != nil {
		t.Fatal(err)
	}
	if put.Version != item.Version+1 || put.Title != item.Title || len(put.Tags) != len(item.Tags) {
		t.Errorf("put gave %+v", put)
	}
	if _, err := client.Items().Put(ctx, stale); !errors.Is(err, opwire.ErrItemOutdated) {
		t.Errorf("a stale item: %v", err)
	}

	if err := client.Items().Archive(ctx, item.VaultID, item.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Items().Get(ctx, item.VaultID, item.ID); !errors.Is(err, opwire.ErrItemNotActive) {
		t.Errorf("an archived item: %v", err)
	}
	if err := client.Items().Delete(ctx, item.VaultID, item.ID); err != nil {
		t.Fatal(err)
	}
	if err := client.Items().Delete(ctx, item.VaultID, item.ID); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("a deleted item: %v", err)
	}
}

func TestEachItemOfABatchHasItsOwnOutcome(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	note := func(title string, tags ...string) opwire.ItemCreateParams {
		return opwire.ItemCreateParams{
			Category: opwire.ItemCategorySecureNote, VaultID: server.VaultID, Title: title, Tags: tags,
		}
	}
	created, err := client.Items().CreateAll(ctx, server.VaultID, []opwire.ItemCreateParams{note("one"), note("bad", ""), note("two")})
	if err != nil {
		t.Fatal(err)
	}
	one, bad, two := created.IndividualResponses[0], created.IndividualResponses[1], created.IndividualResponses[2]
	if one.Content == nil || one.Content.Title != "one" || two.Content == nil || two.Content.Title != "two" {
		t.Fatalf("created %+v", created)
	}
	if bad.Error == nil || bad.Error.Type != opwire.ItemUpdateFailureReasonTypeVariantItemValidationError ||
		!strings.Contains(string(bad.Error.ItemValidationError()), "empty tags") {
		t.Errorf("a malformed item: %+v", bad)
	}

	ids := []string{two.Content.ID, missing, one.Content.ID}
	got, err := client.Items().GetAll(ctx, server.VaultID, ids)
	if err != nil {
		t.Fatal(err)
	}
	first, second, third := got.IndividualResponses[0], got.IndividualResponses[1], got.IndividualResponses[2]
	if first.Content == nil || first.Content.Title != "two" || third.Content == nil || third.Content.Title != "one" {
		t.Errorf("got %+v", got)
	}
	if second.Error == nil || second.Error.Type != opwire.ItemsGetAllErrorTypeVariantItemNotFound {
		t.Errorf("a missing item: %+v", second)
	}

	deleted, err := client.Items().DeleteAll(ctx, server.VaultID, ids)
	if err != nil {
		t.Fatal(err)
	}
	if outcome := deleted.IndividualResponses[one.Content.ID]; outcome.Error != nil {
		t.Errorf("deleting: %+v", outcome)
	}
	if outcome := deleted.IndividualResponses[missing]; outcome.Error == nil ||
		outcome.Error.Type != opwire.ItemUpdateFailureReasonTypeVariantItemNotFound {
		t.Errorf("deleting a missing item: %+v", outcome)
	}
}

func TestTextThatIsNotUTF8IsRefused(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	params := opwire.ItemCreateParams{Category: opwire.ItemCategorySecureNote, VaultID: server.VaultID, Title: "Bytes"}
	for _, text := range []string{"\xff", "a\\\xc3(", string([]byte{0xed, 0xa0, 0x80})} {
		params.Notes = &text
		if _, err := client.Items().Create(ctx, params); !errors.Is(err, opwire.ErrInvalidInvocation) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"\ufffd", `\ufffd`, `\\ufffd`, "\\\ufffd"} {
		params.Notes = &text
		item, err := client.Items().Create(ctx, params)
		if err != nil || item.Notes != text {
			t.Errorf("%q: %q, %v", text, item.Notes, err)
		}
	}
}

// A nil list is an empty list, wherever programs leave one out.
func TestNilSlicesAreEmptyLists(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	for name, call := range map[string]func() error{
		"resolve": func() error { _, err := client.Secrets().ResolveAll(ctx, nil); return err },
		"get":     func() error { _, err := client.Items().GetAll(ctx, server.VaultID, nil); return err },
		"create":  func() error { _, err := client.Items().CreateAll(ctx, server.VaultID, nil); return err },
		"delete":  func() error { _, err := client.Items().DeleteAll(ctx, server.VaultID, nil); return err },
		"grant":   func() error { return client.Vaults().GrantGroupPermissions(ctx, server.VaultID, nil) },
		"named":   func() error { _, err := client.Beyond().Secrets().ResolveVariables(ctx, nil); return err },
		"mask":    func() error { _, err := opwire.Secrets.Mask(ctx, "text", nil); return err },
		"filters": func() error {
			_, err := client.Items().List(ctx, server.VaultID, []opwire.ItemListFilter(nil)...)
			return err
		},
	} {
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A widely used Terraform provider builds a new item for each update, with nil for empty lists.
func TestAnUpdateMayLeaveListsOut(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	item, err := client.Items().Create(ctx, opwire.ItemCreateParams{
		Category: opwire.ItemCategoryLogin, VaultID: server.VaultID, Title: "Left out", Websites: []opwire.Website{{URL: "a.example"}},
		Tags: []string{"tag"}, Sections: []opwire.ItemSection{{ID: "s", Title: "S"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Items().Delete(testContext(t), item.VaultID, item.ID) })
	item.Fields, item.Sections, item.Tags, item.Websites, item.Files = nil, nil, nil, nil, nil
	if item, err = client.Items().Put(ctx, item); err != nil {
		t.Fatal(err)
	}
	if item.Fields == nil || item.Sections == nil || len(item.Tags)+len(item.Websites)+len(item.Sections) != 0 {
		t.Errorf("%+v", item)
	}
	item.Websites = []opwire.Website{{URL: "b.example"}}
	if item, err = client.Items().Put(ctx, item); err != nil || item.Websites[0].AutofillBehavior != opwire.AutofillBehaviorAnywhereOnWebsite {
		t.Errorf("%+v, %v", item.Websites, err)
	}
}

func builder(title string) *opwire.ItemBuilder {
	return opwire.NewItemBuilder(opwire.ItemCategoryLogin, server.VaultID, title).Username("ada@go.example").Password("hunter2")
}

// created creates an item, and deletes it at the end of the test.
func created(t *testing.T, client *opwire.Client, builder *opwire.ItemBuilder) opwire.Item {
	t.Helper()
	params, err := builder.Build(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	item, err := client.Items().Create(testContext(t), params)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Items().Delete(testContext(t), item.VaultID, item.ID) })
	return item
}

func TestAnItemIsBuilt(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	parts := opwire.AddressFieldDetails{Street: "1 Main St", City: "X", Country: "us", Zip: "1", State: "CA"}
	item := created(t, client, builder("Built").Section("API").Concealed("token", "t0ken").Address("home", parts))
	if found, err := client.Secrets().Resolve(ctx, "op://"+server.VaultID+"/"+item.ID+"/API/token"); err != nil || found != "t0ken" {
		t.Errorf("%q, %v", found, err)
	}
	if home := item.Fields[3].Details; home == nil || *home.Address() != parts {
		t.Errorf("%+v", item.Fields[3])
	}
	_, err := builder(" ").Date("born", "yesterday").TOTP("code", "!").Build(ctx)
	if !errors.Is(err, opwire.ErrInvalidConfiguration) {
		t.Fatal(err)
	}
	for _, part := range []string{"no title", "invalid date format", "field 'code'"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %q", err, part)
		}
	}
}

func TestStatesOfAnItemAreCompared(t *testing.T) {
	ctx := testContext(t)
	item := created(t, newClient(t), builder("Before").Notes("hush"))
	after := item
	after.Title, after.Notes = "Renamed", "hushed"
	changes, err := opwire.Items.Diff(ctx, item, after)
	if err != nil || len(changes) != 2 || *changes[0].After != "Renamed" || changes[1].Path != "notes" || changes[1].After != nil {
		t.Errorf("%+v, %v", changes, err)
	}
	if changes, err := opwire.Items.Diff(ctx, item, after, true); err != nil || *changes[1].Before != "hush" {
		t.Errorf("%+v, %v", changes, err)
	}
	after.ID = missing
	if _, err := opwire.Items.Diff(ctx, item, after); !errors.Is(err, opwire.ErrInvalidConfiguration) {
		t.Errorf("two items: %v", err)
	}
}
