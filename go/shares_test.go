package opwire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

func TestASharedItemIsListedUntilItIsRevoked(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	item := created(t, client, builder("Shared"))
	shares := client.Beyond().Items().Shares()
	policy, err := shares.GetAccountPolicy(ctx, item.VaultID, item.ID)
	if err != nil {
		t.Fatal(err)
	}
	views, password, day := uint32(3), "correct horse", opwire.ItemShareDurationOneDay
	for name, params := range map[string]opwire.ItemShareParams{
		"as the policy says": {},
		"once":               {OneTimeOnly: true},
		"three times":        {MaxViews: &views, ExpireAfter: &day},
		"with a password":    {Password: &password},
	} {
		link, err := client.Items().Shares().Create(ctx, item, policy, params)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		listed, err := shares.List(ctx, opwire.ItemShareListParams{ItemID: &item.ID})
		if err != nil || len(listed) != 1 {
			t.Fatalf("%s: %+v, %v", name, listed, err)
		}
		share := listed[0]
		if share.Link == nil || *share.Link != link || share.HasPassword != (params.Password != nil) {
			t.Errorf("%s: %+v", name, share)
		}
		if strings.Contains(fmt.Sprint(share), link) {
			t.Errorf("%s: the link is printed", name)
		}
		if err := shares.Revoke(ctx, share.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		ended, err := shares.Get(ctx, share.ID)
		if err != nil || ended.State != opwire.ItemShareStateRevoked || ended.Link != nil || ended.EndedAt == nil {
			t.Errorf("%s: %+v, %v", name, ended, err)
		}
		item = created(t, client, builder("Shared"))
	}
	if _, err := shares.Get(ctx, missing); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("no share: %v", err)
	}
}

func TestWhatCannotBeSharedSaysWhy(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	item, shares := created(t, client, builder("Not shared")), client.Items().Shares()
	policy, err := shares.GetAccountPolicy(ctx, item.VaultID, item.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, recipient := range []string{"", "a", "a@b", "http://b.com", "a b@c.com"} {
		if _, err := shares.ValidateRecipients(ctx, policy, []string{recipient}); !errors.Is(err, opwire.ErrBadInput) {
			t.Errorf("%q: %v", recipient, err)
		}
	}
	closed := policy
	closed.AllowedTypes = nil
	if _, err := shares.Create(ctx, item, closed, opwire.ItemShareParams{}); !errors.Is(err, opwire.ErrBadInput) {
		t.Errorf("no type: %v", err)
	}
	views := uint32(0)
	if _, err := shares.Create(ctx, item, policy, opwire.ItemShareParams{MaxViews: &views}); !errors.Is(err, opwire.ErrBadInput) {
		t.Errorf("no views: %v", err)
	}
	composed := "caf\u00e9"
	if _, err := shares.Create(ctx, item, policy, opwire.ItemShareParams{Password: &composed}); err != nil {
		t.Errorf("a composed password: %v", err)
	}
	item.Version++
	if _, err := shares.Create(ctx, item, policy, opwire.ItemShareParams{}); !errors.Is(err, opwire.ErrItemOutdated) {
		t.Errorf("another version: %v", err)
	}
	if _, err := shares.GetAccountPolicy(ctx, missing, item.ID); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("no vault: %v", err)
	}
	if _, err := shares.GetAccountPolicy(ctx, item.VaultID, missing); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("no item: %v", err)
	}
}
