package opwire_test

import (
	"errors"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

func TestAVaultIsMadeReadChangedAndDeleted(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	description, title, yes := "£ 日本", "Renamed", true
	made, err := client.Vaults().Create(ctx, opwire.VaultCreateParams{Title: "New", Description: &description})
	if err != nil {
		t.Fatal(err)
	}
	if made.VaultType != opwire.VaultTypeUserCreated || made.Description != description {
		t.Errorf("create gave %+v", made)
	}
	got, err := client.Vaults().Get(ctx, made.ID, opwire.VaultGetParams{Accessors: &yes})
	if err != nil || got.Title != "New" || len(got.Access) == 0 {
		t.Errorf("get gave %+v, %v", got, err)
	}
	updated, err := client.Vaults().Update(ctx, made.ID, opwire.VaultUpdateParams{Title: &title})
	if err != nil || updated.Title != title || updated.Description != description {
		t.Errorf("update gave %+v, %v", updated, err)
	}
	if err := client.Vaults().Delete(ctx, made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Vaults().GetOverview(ctx, made.ID); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("a deleted vault: %v", err)
	}
}

func TestOnlyPersonsGivePeopleAccess(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	grant := func(permissions uint32) error {
		list := []opwire.UserAccess{{UserID: missing, Permissions: permissions}}
		return client.Beyond().Vaults().GrantUserPermissions(ctx, server.VaultID, list)
	}
	want := opwire.ErrPermissionDenied
	if isPerson() {
		want = opwire.ErrInvalidConfiguration // The user does not exist.
	}
	if err := grant(opwire.ReadItems); !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
	var failure *opwire.Error
	if err := grant(0); !errors.As(err, &failure) || failure.Field != "userPermissionsList[0].Permissions" {
		t.Errorf("no permission: %v", err)
	}
	vault, err := client.Vaults().Create(ctx, opwire.VaultCreateParams{Title: "Own"})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Beyond().Vaults().RevokeUserPermissions(ctx, vault.ID, missing); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("an access that is not there: %v", err)
	}
	// Administrators manage the vault too, so a person may leave it. The access of a service account is fixed.
	want = opwire.ErrPermissionDenied
	if isPerson() {
		want = nil
	}
	if err := client.Beyond().Vaults().Leave(ctx, vault.ID); !errors.Is(err, want) {
		t.Errorf("leaving one's own vault: %v", err)
	}
	if err := client.Vaults().Delete(ctx, vault.ID); err != nil {
		t.Error(err)
	}
}
