// A program with the public SDK that a person's agent approves: desktop [denied | nobody]. Says what it has checked.
// `denied` if the person denies it, `nobody` if no agent runs.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	sdk "github.com/1password/onepassword-sdk-go"
)

var ctx = context.Background()

func main() {
	expected := ""
	if len(os.Args) > 1 {
		expected = os.Args[1]
	}
	switch expected {
	case "denied":
		checked("a denied program is told so", strings.Contains(refusal("Acme"), "the person denied it"))
	case "nobody":
		told := strings.Contains(refusal("Acme"), "with `opwire agent`")
		checked("without an agent, it is told how to start one", told)
	default:
		approved()
	}
}

func approved() {
	acme, other := must(signIn("Acme")), must(signIn("Other"))
	ofAcme, ofOther := vaults(acme), vaults(other)
	apart := slices.Contains(ofAcme, os.Getenv("OP_VAULT_ID")) && !slices.Contains(ofOther, ofAcme[0])
	checked("each client has its own account", apart)
	checked("an account that is not saved is named", strings.Contains(refusal("Zoë"), "no account named Zoë"))
	files(acme)
	agent("revoke", "--all")
	// A program gets three prompts a minute. The password says that they are welcome again.
	agent("unlock")
	checked("after the approvals have ended, calls sign in again", slices.Equal(vaults(acme), ofAcme))
	checked("and stay with their account", slices.Equal(vaults(other), ofOther))
}

func files(client *sdk.Client) {
	content := make([]byte, 3<<20)
	must(rand.Read(content))
	item := withFile(client, content)
	checked("a file of 3 MiB comes back", bytes.Equal(must(read(client, item)), content))
	large := withFile(client, append(content, content...))
	_, err := read(client, large)
	checked("one of 6 MiB is refused with the limit", err != nil && strings.Contains(err.Error(), "a file of about 4 MiB"))
	for _, each := range []sdk.Item{item, large} {
		check(client.Items().Delete(ctx, each.VaultID, each.ID))
	}
}

func withFile(client *sdk.Client, content []byte) sdk.Item {
	return must(client.Items().Create(ctx, sdk.ItemCreateParams{
		Title: "With a file", Category: sdk.ItemCategoryLogin, VaultID: os.Getenv("OP_VAULT_ID"),
		Sections: []sdk.ItemSection{{}},
		Files:    []sdk.FileCreateParams{{Name: "large", Content: content, FieldID: "large"}},
	}))
}

func read(client *sdk.Client, item sdk.Item) ([]byte, error) {
	return client.Items().Files().Read(ctx, item.VaultID, item.ID, item.Files[0].Attributes)
}

func agent(arguments ...string) {
	must(exec.Command(os.Getenv("OPWIRE_BIN"), append([]string{"agent"}, arguments...)...).Output())
}

func signIn(account string) (*sdk.Client, error) {
	return sdk.NewClient(ctx, sdk.WithDesktopAppIntegration(account), sdk.WithIntegrationInfo("Interop", "v1.0.0"))
}

func refusal(account string) string {
	if _, err := signIn(account); err != nil {
		return err.Error()
	}
	return "nothing failed"
}

func vaults(client *sdk.Client) []string {
	var ids []string
	for _, each := range must(client.Vaults().List(ctx)) {
		ids = append(ids, each.ID)
	}
	slices.Sort(ids)
	return ids
}

func checked(what string, ok bool) {
	if !ok {
		fmt.Fprintln(os.Stderr, "Go: not so:", what)
		os.Exit(1)
	}
	fmt.Println("Go:", what)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}
