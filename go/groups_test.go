package opwire_test

import (
	"errors"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

const readAndReveal = opwire.ReadItems | opwire.RevealItemPassword

func TestAGroupGetsAccessAndLosesIt(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	vault, err := client.Vaults().Create(ctx, opwire.VaultCreateParams{Title: "Shared"})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := client.Beyond().Groups().List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var group opwire.Group
	for _, each := range groups {
		if each.GroupType == opwire.GroupTypeTeamMembers {
			group = each
		}
	}
	permissions := func() uint32 {
		t.Helper()
		yes := true
		got, err := client.Groups().Get(ctx, group.ID, opwire.GroupGetParams{VaultPermissions: &yes})
		if err != nil {
			t.Fatal(err)
		}
		for _, access := range got.VaultAccess {
			if access.VaultUuid == vault.ID {
				return access.Permissions
			}
		}
		return opwire.NoAccess
	}
	grant := []opwire.GroupAccess{{GroupID: group.ID, Permissions: readAndReveal}}
	if err := client.Vaults().GrantGroupPermissions(ctx, vault.ID, grant); err != nil {
		t.Fatal(err)
	}
	if got := permissions(); got != readAndReveal {
		t.Errorf("granted: %d", got)
	}
	change := opwire.GroupVaultAccess{
		VaultID: vault.ID, GroupID: group.ID, Permissions: readAndReveal | opwire.UpdateItems,
	}
	if err := client.Vaults().UpdateGroupPermissions(ctx, []opwire.GroupVaultAccess{change}); err != nil {
		t.Fatal(err)
	}
	if got := permissions(); got != change.Permissions {
		t.Errorf("updated: %d", got)
	}
	if err := client.Vaults().RevokeGroupPermissions(ctx, vault.ID, group.ID); err != nil {
		t.Fatal(err)
	}
	if got := permissions(); got != opwire.NoAccess {
		t.Errorf("revoked: %d", got)
	}
	if err := client.Vaults().Delete(ctx, vault.ID); err != nil {
		t.Error(err)
	}
}

func TestAMissingPermissionIsNamed(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	grant := []opwire.GroupAccess{{GroupID: missing, Permissions: opwire.ReadItems | opwire.UpdateItemHistory}}
	err := client.Vaults().GrantGroupPermissions(ctx, server.VaultID, grant)
	var failure *opwire.Error
	if !errors.As(err, &failure) || failure.Field != "groupPermissionsList[0].Permissions" {
		t.Errorf("a permission without what it needs: %v", err)
	}
	if _, err := client.Groups().Get(ctx, missing, opwire.GroupGetParams{}); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("a group that is not there: %v", err)
	}
}

func TestOnlyPersonsMakeGroups(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	made, err := client.Beyond().Groups().Create(ctx, opwire.GroupCreateParams{Title: "New"})
	if isPerson() {
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Beyond().Groups().Delete(ctx, made.ID); err != nil {
			t.Error(err)
		}
		return
	}
	if !errors.Is(err, opwire.ErrPermissionDenied) {
		t.Errorf("create: %v", err)
	}
	groups, err := client.Beyond().Groups().List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Beyond().Groups().Delete(ctx, groups[0].ID); !errors.Is(err, opwire.ErrPermissionDenied) {
		t.Errorf("delete: %v", err)
	}
}
