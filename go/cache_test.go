package opwire_test

import (
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
)

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
