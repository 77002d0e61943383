package opwire_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
)

func TestItemsAreSearched(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	item := created(t, client, builder("Searched").Tag("go/tests").Website("https://app.go.example"))
	username, website, since := "ADA@go", "go.example", time.Now().Add(-time.Hour)
	query := opwire.ItemSearchParams{Username: &username, Tags: []string{"go"}, Website: &website, UpdatedSince: &since}
	found, err := client.Beyond().Items().Search(ctx, query)
	if err != nil || len(found) != 1 || found[0].ID != item.ID {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := client.Beyond().Items().Search(ctx, opwire.ItemSearchParams{VaultIDs: []string{"x"}}); !errors.Is(err, opwire.ErrInvalidConfiguration) {
		t.Errorf("a bad vault: %v", err)
	}
}

func TestItemsOfAllVaultsArriveOneByOne(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	var titles []string
	for item, err := range client.SearchItems(ctx, opwire.ItemSearchParams{}) {
		if err != nil {
			t.Fatal(err)
		}
		titles = append(titles, item.Title)
	}
	if !slices.Contains(titles, "Example") {
		t.Errorf("%q", titles)
	}
	for range client.SearchItems(ctx, opwire.ItemSearchParams{}) {
		break
	}
	for _, err := range client.SearchItems(ctx, opwire.ItemSearchParams{VaultIDs: []string{missing}}) {
		if !errors.Is(err, opwire.ErrNotFound) {
			t.Errorf("a missing vault: %v", err)
		}
	}
}
