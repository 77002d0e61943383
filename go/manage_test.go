package opwire_test

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

const readAndReveal = opwire.ReadItems | opwire.RevealItemPassword

var missing = strings.Repeat("a", 26)

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

func TestOnlyPersonsGivePeopleAccess(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	grant := func(permissions uint32) error {
		list := []opwire.UserAccess{{UserID: missing, Permissions: permissions}}
		return client.Beyond().Vaults().GrantUserPermissions(ctx, server.VaultID, list)
	}
	if err := grant(opwire.ReadItems); !errors.Is(err, opwire.ErrPermissionDenied) {
		t.Errorf("by a service account: %v", err)
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
	if err := client.Vaults().Delete(ctx, vault.ID); err != nil {
		t.Error(err)
	}
}

func TestAMissingPermissionIsNamed(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	grant := []opwire.GroupAccess{{GroupID: missing, Permissions: opwire.ReadItems | opwire.UpdateItems}}
	err := client.Vaults().GrantGroupPermissions(ctx, server.VaultID, grant)
	var failure *opwire.Error
	if !errors.As(err, &failure) || failure.Field != "groupPermissionsList[0].Permissions" {
		t.Errorf("a permission without what it needs: %v", err)
	}
	if _, err := client.Groups().Get(ctx, missing, opwire.GroupGetParams{}); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("a group that is not there: %v", err)
	}
}

func TestEnvironmentsAreReadAndWritten(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	want := []opwire.EnvironmentVariable{
		{Name: "DEMO_MODE", Value: "development"},
		{Name: "DEMO_API_KEY", Value: "k3y-of-the-demo", Masked: true},
	}
	got, err := client.Environments().GetVariables(ctx, server.EnvironmentID)
	if err != nil || !reflect.DeepEqual(got.Variables, want) {
		t.Errorf("the demo's variables: %+v, %v", got, err)
	}
	made, err := client.Beyond().Environments().Create(ctx, opwire.EnvironmentCreateParams{Title: "Mine"})
	if err != nil {
		t.Fatal(err)
	}
	variable := opwire.EnvironmentVariable{Name: "A", Value: "1", Masked: true}
	if err := client.Beyond().Environments().SetVariables(ctx, made.ID, []opwire.EnvironmentVariable{variable}); err != nil {
		t.Fatal(err)
	}
	if err := client.Beyond().Environments().UnsetVariables(ctx, made.ID, []string{"A", "B"}); err != nil {
		t.Fatal(err)
	}
	if got, err := client.Environments().GetVariables(ctx, made.ID); err != nil || len(got.Variables) != 0 {
		t.Errorf("an emptied Environment: %+v, %v", got, err)
	}
	if err := client.Beyond().Environments().Delete(ctx, made.ID); err != nil {
		t.Error(err)
	}
	if _, err := client.Environments().GetVariables(ctx, server.VaultID); !errors.Is(err, opwire.ErrBadInput) {
		t.Errorf("a vault as an Environment: %v", err)
	}
}

func TestAnEnvironmentGoesIntoTheProcess(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	t.Setenv("DEMO_MODE", "already there")
	t.Setenv("DEMO_API_KEY", "") // Restored at the end of the test.
	os.Unsetenv("DEMO_API_KEY")
	names, err := opwire.LoadEnvironment(ctx, client, server.EnvironmentID)
	if err != nil || !reflect.DeepEqual(names, []string{"DEMO_API_KEY"}) {
		t.Errorf("load set %v, %v", names, err)
	}
	if os.Getenv("DEMO_API_KEY") != "k3y-of-the-demo" || os.Getenv("DEMO_MODE") != "already there" {
		t.Error("load set something else")
	}
	if _, err := opwire.OverloadEnvironment(ctx, client, server.EnvironmentID); err != nil {
		t.Error(err)
	}
	if os.Getenv("DEMO_MODE") != "development" {
		t.Error("overload kept a variable")
	}
	if _, err := opwire.LoadEnvironment(ctx, client, missing); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("an Environment that is not there: %v", err)
	}
}

func TestANameThatAShellWouldRunIsRefused(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	environments := client.Beyond().Environments()
	made, err := environments.Create(ctx, opwire.EnvironmentCreateParams{Title: "Hostile"})
	if err != nil {
		t.Fatal(err)
	}
	if err := environments.SetVariables(ctx, made.ID, []opwire.EnvironmentVariable{{Name: "X", Value: "1"}}); err != nil {
		t.Fatal(err)
	}
	// As another program may have written it.
	item, err := client.Items().Get(ctx, made.ID, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	item.Fields[0].Title = "X; touch f #"
	if _, err := client.Items().Put(ctx, item); err != nil {
		t.Fatal(err)
	}
	if names, err := opwire.LoadEnvironment(ctx, client, made.ID); err == nil || !strings.Contains(err.Error(), "X; touch f #") || names != nil {
		t.Errorf("load set %v, %v", names, err)
	}
}

func TestServiceAccountsMakeNoGroups(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	if _, err := client.Beyond().Groups().Create(ctx, opwire.GroupCreateParams{Title: "New"}); !errors.Is(err, opwire.ErrPermissionDenied) {
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
