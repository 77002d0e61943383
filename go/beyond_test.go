package opwire_test

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
)

const (
	example = "op://Development/Example/password"
	secret  = "correct-horse-battery"
)

func builder(title string) *opwire.ItemBuilder {
	return opwire.NewItemBuilder(opwire.ItemCategoryLogin, server.VaultID, title).Username("ada@go.example").Password("hunter2")
}

// created is an item of the builder, deleted with the test.
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

func TestAReferenceIsExplained(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	explained, err := client.Beyond().Secrets().Explain(ctx, example)
	if err != nil || explained.Problem != nil || len(explained.Steps) != 3 || explained.IDReference == nil {
		t.Fatalf("%+v, %v", explained, err)
	}
	if found, err := client.Secrets().Resolve(ctx, *explained.IDReference); err != nil || found != secret {
		t.Errorf("by ids: %v", err)
	}
	missing, err := client.Beyond().Secrets().Explain(ctx, "op://Development/Exampel/password")
	if err != nil || missing.Problem == nil || missing.Steps[1].Near[0].Title != "Example" {
		t.Errorf("%+v, %v", missing, err)
	}
	if _, err := client.Beyond().Secrets().Explain(ctx, "nothing"); !errors.Is(err, opwire.ErrParsingSecretReference) {
		t.Errorf("no reference: %v", err)
	}
}

func TestAnEnvTextIsResolvedAndMasked(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	text := "PASSWORD=" + example + "\nURL=pg://u:${PASSWORD}@${HOST}\nGONE=op://Development/Nothing/x"
	answer, err := client.Beyond().Secrets().ResolveEnv(ctx, text, map[string]string{"HOST": "db"})
	if err != nil {
		t.Fatal(err)
	}
	url := "pg://u:" + secret + "@db"
	if len(answer.Variables) != 2 || answer.Variables["PASSWORD"] != secret || answer.Variables["URL"] != url {
		t.Errorf("%+v", answer.Variables)
	}
	if gone := answer.Errors["GONE"]; gone.Type != opwire.ResolveReferenceErrorTypeVariantItemNotFound {
		t.Errorf("%+v", answer.Errors)
	}
	if masked, err := opwire.Secrets.Mask(ctx, url, answer.Secrets); err != nil || masked != "pg://u:<concealed by opwire>@db" {
		t.Errorf("%q, %v", masked, err)
	}
	var failure *opwire.Error
	_, err = client.Beyond().Secrets().ResolveEnv(ctx, "A=1\nhunter2")
	if !errors.As(err, &failure) || failure.Field != "env" || !strings.Contains(failure.Message, "line 2") || strings.Contains(failure.Message, "hunter2") {
		t.Errorf("a bad line: %v", err)
	}
	named, err := client.Beyond().Secrets().ResolveVariables(ctx, map[string]string{"a b": example})
	if err != nil || named.Variables["a b"] != secret {
		t.Errorf("%v", err)
	}
}

func TestItemsAreBuiltSearchedAndCompared(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	parts := opwire.AddressFieldDetails{Street: "1 Main St", City: "X", Country: "us", Zip: "1", State: "CA"}
	item := created(t, client, builder("Built by Go").Notes("hush").Tag("go/tests").Website("https://app.go.example").
		Section("API").Concealed("token", "t0ken").Address("home", parts))
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

	username, website, since := "ADA@go", "go.example", time.Now().Add(-time.Hour)
	query := opwire.ItemSearchParams{Username: &username, Tags: []string{"go"}, Website: &website, UpdatedSince: &since}
	found, err := client.Beyond().Items().Search(ctx, query)
	if err != nil || len(found) != 1 || found[0].ID != item.ID {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := client.Beyond().Items().Search(ctx, opwire.ItemSearchParams{VaultIDs: []string{"x"}}); !errors.Is(err, opwire.ErrInvalidConfiguration) {
		t.Errorf("a bad vault: %v", err)
	}

	after := item
	after.Title, after.Notes = "Renamed", "hushed"
	changes, err := opwire.Items.Diff(ctx, item, after)
	if err != nil || len(changes) != 2 || *changes[0].After != "Renamed" || changes[1].Path != "notes" || changes[1].After != nil {
		t.Errorf("%+v, %v", changes, err)
	}
	if changes, err := opwire.Items.Diff(ctx, item, after, true); err != nil || *changes[1].Before != "hush" {
		t.Errorf("%+v, %v", changes, err)
	}
	after.ID = strings.Repeat("a", 26)
	if _, err := opwire.Items.Diff(ctx, item, after); !errors.Is(err, opwire.ErrInvalidConfiguration) {
		t.Errorf("two items: %v", err)
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
	for _, err := range client.SearchItems(ctx, opwire.ItemSearchParams{VaultIDs: []string{strings.Repeat("a", 26)}}) {
		if !errors.Is(err, opwire.ErrNotFound) {
			t.Errorf("a missing vault: %v", err)
		}
	}
}

// speaking counts requests, and says headers with the answers.
type speaking struct {
	requests atomic.Int64
	headers  atomic.Pointer[http.Header]
}

func (s *speaking) RoundTrip(request *http.Request) (*http.Response, error) {
	s.requests.Add(1)
	response, err := http.DefaultTransport.RoundTrip(request)
	if headers := s.headers.Load(); err == nil && headers != nil {
		for name, values := range *headers {
			response.Header[name] = values
		}
	}
	return response, err
}

func TestWhatIsCachedCostsNoRequest(t *testing.T) {
	ctx, transport := testContext(t), &speaking{}
	client := newClient(t, opwire.WithTransport(transport), opwire.WithCache(opwire.CacheOptions{Stale: time.Minute}))
	resolve := func() {
		t.Helper()
		if found, err := client.Secrets().Resolve(ctx, example); err != nil || found != secret {
			t.Fatal(err)
		}
	}
	resolve()
	before := transport.requests.Load()
	resolve()
	resolve()
	if after := transport.requests.Load(); after != before {
		t.Errorf("%d requests", after-before)
	}
	item := created(t, client, builder("Cached"))
	get := func() opwire.Item {
		t.Helper()
		item, err := client.Items().Get(ctx, item.VaultID, item.ID)
		if err != nil {
			t.Fatal(err)
		}
		return item
	}
	got := get()
	got.Title = "Cached anew"
	if _, err := client.Items().Put(ctx, got); err != nil {
		t.Fatal(err)
	}
	if get().Title != "Cached anew" {
		t.Error("the write is not seen")
	}
	if _, err := opwire.NewClient(ctx, opwire.WithCache(opwire.CacheOptions{TTL: -1})); err == nil {
		t.Error("a negative time is taken")
	}
}

func TestLimitsAreToldAsTheServerSaysThem(t *testing.T) {
	ctx, transport := testContext(t), &speaking{}
	client := newClient(t, opwire.WithTransport(transport))
	list := func() {
		t.Helper()
		if _, err := client.Vaults().List(ctx); err != nil {
			t.Fatal(err)
		}
	}
	list()
	if limits, err := client.Account().RateLimit(ctx); err != nil || limits.Reads != nil {
		t.Errorf("%+v, %v", limits, err)
	}
	transport.headers.Store(&http.Header{
		"Ratelimit-Policy": {`"reads";q=100;w=3600`}, "Ratelimit": {`"reads";r=7;t=1800`},
	})
	list()
	limits, err := client.Account().RateLimit(ctx)
	if err != nil || limits.Reads == nil || limits.Reads.Limit != 100 || limits.Reads.Remaining != 7 {
		t.Fatalf("%+v, %v", limits, err)
	}
	if limits.Reads.ResetsAt.Before(time.Now().Add(25 * time.Minute)) {
		t.Errorf("%v", limits.Reads.ResetsAt)
	}
}

func TestAnItemIsNotMovedToWhereItIs(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	item := created(t, client, builder("Staying"))
	if _, err := client.Beyond().Items().Move(ctx, item.VaultID, item.ID, item.VaultID); !errors.Is(err, opwire.ErrBadInput) {
		t.Errorf("to its own vault: %v", err)
	}
	if _, err := client.Beyond().Items().Move(ctx, item.VaultID, item.ID, strings.Repeat("a", 26)); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("to no vault: %v", err)
	}
	if got, err := client.Items().Get(ctx, item.VaultID, item.ID); err != nil || got.Version != item.Version {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnItemMovesWithItsFiles(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	target, err := client.Vaults().Create(ctx, opwire.VaultCreateParams{Title: "Target"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Vaults().Delete(testContext(t), target.ID) })
	item, err := client.Items().Create(ctx, newDocument(allBytes()))
	if err != nil {
		t.Fatal(err)
	}
	moved, err := client.Beyond().Items().Move(ctx, item.VaultID, item.ID, target.ID)
	if err != nil {
		t.Fatal(err)
	}
	if moved.Original != opwire.MovedOriginalArchived || moved.Problem != nil || moved.Item.VaultID != target.ID {
		t.Errorf("%+v", moved)
	}
	content, err := client.Items().Files().Read(ctx, target.ID, moved.Item.ID, *moved.Item.Document)
	if err != nil || !bytes.Equal(content, allBytes()) {
		t.Errorf("%v, %v", content, err)
	}
	if _, err := client.Items().Get(ctx, item.VaultID, item.ID); !errors.Is(err, opwire.ErrItemNotActive) {
		t.Errorf("the original: %v", err)
	}
	remove := true
	back, err := client.Beyond().Items().Move(ctx, target.ID, moved.Item.ID, item.VaultID, opwire.ItemMoveOptions{DeleteOriginal: &remove})
	if err != nil || back.Original != opwire.MovedOriginalDeleted || back.Item.Title != item.Title {
		t.Errorf("%+v, %v", back, err)
	}
}
