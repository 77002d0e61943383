// Makes the calls that the public SDK's documentation shows, one after the other, and prints what a program sees of them
// that no two runs tell apart: example CALLS, of which it takes the token. With OPWIRE_TEST_AUTH=agent, a person's agent
// approves it instead. It is built twice, the second time with only the import of the SDK changed, and prints the same.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	sdk "github.com/1password/onepassword-sdk-go"
)

// example is a client, and where its items go.
type example struct {
	ctx    context.Context
	client *sdk.Client
	vault  string
}

func main() {
	ctx := context.Background()
	auth := sdk.WithServiceAccountToken(readToken(os.Args[1]))
	if os.Getenv("OPWIRE_TEST_AUTH") == "agent" {
		auth = sdk.WithDesktopAppIntegration("Acme")
	}
	client, err := sdk.NewClient(ctx, auth, sdk.WithIntegrationInfo("Example", "v1.0.0"))
	check(err)
	e := example{ctx, client, os.Getenv("OP_VAULT_ID")}
	login := e.login()
	e.sshKey()
	e.document()
	e.attachedFile()
	e.update(login)
	e.share(login)
	e.lists()
	e.batches()
	e.passwords()
	e.references(login)
	e.environment(os.Getenv("OP_ENVIRONMENT_ID"))
	e.vaults()
	e.end(login)
}

func readToken(file string) string {
	text, err := os.ReadFile(file)
	check(err)
	var plan struct{ Token string }
	check(json.Unmarshal(text, &plan))
	return plan.Token
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

func newLogin(vault, title string) sdk.ItemCreateParams {
	section := "extraDetails"
	return sdk.ItemCreateParams{
		Title: title, Category: sdk.ItemCategoryLogin, VaultID: vault,
		Fields: []sdk.ItemField{
			{ID: "username", Title: "username", Value: "wendy", FieldType: sdk.ItemFieldTypeText},
			{ID: "password", Title: "password", Value: "a weak password", FieldType: sdk.ItemFieldTypeConcealed},
			{
				ID: "onetimepassword", Title: "one-time password", SectionID: &section, FieldType: sdk.ItemFieldTypeTOTP,
				Value: "otpauth://totp/example?secret=jncrjgbdjnrncbjsr&issuer=Example",
			},
		},
		Sections: []sdk.ItemSection{{ID: section, Title: "Extra Details"}},
		Tags:     []string{"one tag", "two tags"},
		Websites: []sdk.Website{{URL: "example.com", AutofillBehavior: sdk.AutofillBehaviorAnywhereOnWebsite, Label: "website"}},
	}
}

func (e example) login() sdk.Item {
	item := must(e.client.Items().Create(e.ctx, newLogin(e.vault, "Example login")))
	item = must(e.client.Items().Get(e.ctx, item.VaultID, item.ID))
	for _, field := range item.Fields {
		fmt.Println("login:", field.ID, field.Title, field.FieldType)
		if field.FieldType == sdk.ItemFieldTypeTOTP {
			code := field.Details.OTP()
			fmt.Println("login:", len(*code.Code), code.ErrorMessage)
		}
	}
	fmt.Println("login:", item.Sections, item.Tags, item.Websites, item.Version)
	return item
}

func (e example) sshKey() {
	key := must(rsa.GenerateKey(rand.Reader, 2048))
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))}))
	item := must(e.client.Items().Create(e.ctx, sdk.ItemCreateParams{
		Title: "Example key", Category: sdk.ItemCategorySSHKey, VaultID: e.vault,
		Fields: []sdk.ItemField{{ID: "private_key", Title: "private key", Value: text, FieldType: sdk.ItemFieldTypeSSHKey}},
	}))
	attributes := item.Fields[0].Details.SSHKey()
	kind, _, _ := strings.Cut(attributes.PublicKey, " ")
	fmt.Println("key:", item.Fields[0].Value == text, kind, len(attributes.Fingerprint), attributes.KeyType)
	secret := must(e.client.Secrets().Resolve(e.ctx, fmt.Sprintf("op://%s/%s/private_key?ssh-format=openssh", e.vault, item.ID)))
	fmt.Println("key:", strings.HasPrefix(secret, "-----BEGIN OPENSSH PRIVATE KEY-----"))
	check(e.client.Items().Delete(e.ctx, e.vault, item.ID))
}

func (e example) document() {
	item := must(e.client.Items().Create(e.ctx, sdk.ItemCreateParams{
		Title: "Example document", Category: sdk.ItemCategoryDocument, VaultID: e.vault,
		Document: &sdk.DocumentCreateParams{Name: "file.txt", Content: []byte("one")},
	}))
	fmt.Println("document:", item.Document.Name, item.Document.Size)
	item = must(e.client.Items().Files().ReplaceDocument(e.ctx, item, sdk.DocumentCreateParams{
		Name: "other.txt", Content: []byte("three"),
	}))
	content := must(e.client.Items().Files().Read(e.ctx, e.vault, item.ID, *item.Document))
	fmt.Println("document:", item.Document.Name, item.Document.Size, string(content))
	check(e.client.Items().Delete(e.ctx, e.vault, item.ID))
}

func (e example) attachedFile() {
	params := newLogin(e.vault, "Example with a file")
	params.Files = []sdk.FileCreateParams{{Name: "a.txt", Content: []byte("a"), SectionID: "extraDetails", FieldID: "file_field"}}
	item := must(e.client.Items().Create(e.ctx, params))
	item = must(e.client.Items().Files().Attach(e.ctx, item, sdk.FileCreateParams{
		Name: "b.txt", Content: []byte("bb"), SectionID: "extraDetails", FieldID: "new_file_field",
	}))
	for _, file := range item.Files {
		content := must(e.client.Items().Files().Read(e.ctx, e.vault, item.ID, file.Attributes))
		fmt.Println("files:", file.Attributes.Name, file.SectionID, file.FieldID, string(content))
	}
	item = must(e.client.Items().Files().Delete(e.ctx, item, item.Files[0].SectionID, item.Files[0].FieldID))
	fmt.Println("files:", len(item.Files))
	check(e.client.Items().Delete(e.ctx, e.vault, item.ID))
}

func (e example) update(item sdk.Item) {
	item = must(e.client.Items().Get(e.ctx, item.VaultID, item.ID))
	item.Fields[0].Value = "another"
	item.Title = "Example, renamed"
	item.Websites = append(item.Websites, sdk.Website{
		URL: "example.org", Label: "second website", AutofillBehavior: sdk.AutofillBehaviorNever,
	})
	updated := must(e.client.Items().Put(e.ctx, item))
	fmt.Println("update:", updated.Title, updated.Fields[0].Value, updated.Websites, updated.Version)
	// Lists that a program leaves out are empty ones.
	updated.Tags, updated.Websites, updated.Files = nil, nil, nil
	updated = must(e.client.Items().Put(e.ctx, updated))
	fmt.Println("update:", len(updated.Tags), len(updated.Websites), len(updated.Files), updated.Version)
}

func (e example) share(item sdk.Item) {
	item = must(e.client.Items().Get(e.ctx, item.VaultID, item.ID))
	policy := must(e.client.Items().Shares().GetAccountPolicy(e.ctx, item.VaultID, item.ID))
	fmt.Println("share:", policy.AllowedTypes, policy.AllowedRecipientTypes, policy.MaxExpiry, policy.DefaultExpiry)
	fmt.Println("share:", policy.MaxViews, policy.Files.Allowed, policy.Files.MaxSize)
	recipients := must(e.client.Items().Shares().ValidateRecipients(e.ctx, policy, []string{"helloworld@agilebits.com", "agilebits.com"}))
	fmt.Println("share:", recipients[0].Type, *recipients[0].Email(), recipients[1].Type, *recipients[1].Domain())
	hour := sdk.ItemShareDurationOneHour
	for _, params := range []sdk.ItemShareParams{
		{Recipients: recipients, ExpireAfter: &policy.DefaultExpiry, OneTimeOnly: false},
		{ExpireAfter: &hour, OneTimeOnly: true},
	} {
		page, secret, _ := strings.Cut(must(e.client.Items().Shares().Create(e.ctx, item, policy, params)), "#")
		fmt.Println("share:", strings.HasSuffix(page, "/s"), len(secret))
	}
}

func (e example) lists() {
	var titles []string
	for _, item := range must(e.client.Items().List(e.ctx, e.vault)) {
		if strings.HasPrefix(item.Title, "Example, ") {
			titles = append(titles, item.Title+" "+string(item.State))
		}
	}
	archived := must(e.client.Items().List(e.ctx, e.vault, sdk.NewItemListFilterTypeVariantByState(
		&sdk.ItemListFilterByStateInner{Active: false, Archived: true},
	)))
	fmt.Println("lists:", titles, slices.ContainsFunc(archived, func(item sdk.ItemOverview) bool {
		return item.State != sdk.ItemStateArchived
	}))
}

func (e example) batches() {
	var params []sdk.ItemCreateParams
	for i := range 3 {
		params = append(params, newLogin(e.vault, fmt.Sprintf("Example of many %d", i+1)))
	}
	var ids []string
	for _, response := range must(e.client.Items().CreateAll(e.ctx, e.vault, params)).IndividualResponses {
		fmt.Println("created:", response.Content.Title, response.Error)
		ids = append(ids, response.Content.ID)
	}
	missing := strings.Repeat("a", 26)
	for _, response := range must(e.client.Items().GetAll(e.ctx, e.vault, append(ids, missing))).IndividualResponses {
		if response.Error != nil {
			fmt.Println("got:", response.Error.Type)
		} else {
			fmt.Println("got:", response.Content.Title)
		}
	}
	for id, response := range must(e.client.Items().DeleteAll(e.ctx, e.vault, ids)).IndividualResponses {
		fmt.Println("deleted:", slices.Contains(ids, id), response.Error)
	}
}

func (e example) passwords() {
	for _, recipe := range []sdk.PasswordRecipe{
		sdk.NewPasswordRecipeTypeVariantPin(&sdk.PasswordRecipePinInner{Length: 10}),
		sdk.NewPasswordRecipeTypeVariantRandom(&sdk.PasswordRecipeRandomInner{IncludeDigits: true, IncludeSymbols: true, Length: 10}),
	} {
		fmt.Println("password:", recipe.Type, len(must(sdk.Secrets.GeneratePassword(e.ctx, recipe)).Password))
	}
	memorable := must(sdk.Secrets.GeneratePassword(e.ctx, sdk.NewPasswordRecipeTypeVariantMemorable(
		&sdk.PasswordRecipeMemorableInner{
			SeparatorType: sdk.SeparatorTypeCommas, WordListType: sdk.WordListTypeFullWords, Capitalize: true, WordCount: 10,
		},
	)))
	fmt.Println("password:", len(strings.Split(memorable.Password, ",")))
}

func (e example) references(item sdk.Item) {
	to := func(field string) string { return fmt.Sprintf("op://%s/%s/%s", e.vault, item.ID, field) }
	check(sdk.Secrets.ValidateSecretReference(e.ctx, to("username")))
	fmt.Println("reference:", sdk.Secrets.ValidateSecretReference(e.ctx, "op:/a/b"))
	fmt.Println("reference:", must(e.client.Secrets().Resolve(e.ctx, to("username"))))
	fmt.Println("reference:", len(must(e.client.Secrets().Resolve(e.ctx, to("TOTP_onetimepassword?attribute=totp")))))
	all := must(e.client.Secrets().ResolveAll(e.ctx, []string{to("username"), to("password"), to("nothing")}))
	for _, field := range []string{"username", "password", "nothing"} {
		response := all.IndividualResponses[to(field)]
		if response.Error != nil {
			fmt.Println("reference:", field, response.Error.Type)
		} else {
			fmt.Println("reference:", field, response.Content.Secret, response.Content.ItemID == item.ID)
		}
	}
}

func (e example) environment(id string) {
	for _, variable := range must(e.client.Environments().GetVariables(e.ctx, id)).Variables {
		fmt.Println("environment:", variable.Name, variable.Value, variable.Masked)
	}
}

func (e example) vaults() {
	description := "made by an example"
	vault := must(e.client.Vaults().Create(e.ctx, sdk.VaultCreateParams{Title: "Example", Description: &description}))
	overview := must(e.client.Vaults().GetOverview(e.ctx, vault.ID))
	fmt.Println("vault:", overview.Title, overview.Description, overview.VaultType, overview.ActiveItemCount)
	title := "Example, renamed"
	check(second(e.client.Vaults().Update(e.ctx, vault.ID, sdk.VaultUpdateParams{Title: &title})))
	accessors := true
	details := must(e.client.Vaults().Get(e.ctx, vault.ID, sdk.VaultGetParams{Accessors: &accessors}))
	for _, access := range details.Access {
		if access.AccessorType == sdk.VaultAccessorTypeGroup {
			group := must(e.client.Groups().Get(e.ctx, access.AccessorUuid, sdk.GroupGetParams{}))
			fmt.Println("vault:", details.Title, group.GroupType, group.State, access.Permissions)
		}
	}
	check(e.client.Vaults().Delete(e.ctx, vault.ID))
	listed := slices.ContainsFunc(must(e.client.Vaults().List(e.ctx)), func(each sdk.VaultOverview) bool {
		return each.ID == vault.ID
	})
	_, err := e.client.Vaults().GetOverview(e.ctx, vault.ID)
	// opwire says which vault it was as well.
	fmt.Println("vault:", listed, err != nil && strings.HasPrefix(err.Error(), "vault couldn't be found"))
}

func second[T any](_ T, err error) error { return err }

func (e example) end(item sdk.Item) {
	check(e.client.Items().Archive(e.ctx, e.vault, item.ID))
	check(e.client.Items().Delete(e.ctx, e.vault, item.ID))
	_, err := e.client.Items().Get(e.ctx, e.vault, item.ID)
	var limit *sdk.RateLimitExceededError
	fmt.Println("end:", err != nil, errors.As(err, &limit))
}
