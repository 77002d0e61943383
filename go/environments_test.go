package opwire_test

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

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
	t.Setenv("DEMO_API_KEY", "") // Setenv restores the variable at the end of the test.
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
	// Another program may have written such an Environment.
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
