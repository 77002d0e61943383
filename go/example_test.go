package opwire_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	opwire "github.com/opwire/opwire/go"
)

func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	client, err := opwire.NewClient(ctx,
		opwire.WithServiceAccountToken(os.Getenv("OP_SERVICE_ACCOUNT_TOKEN")),
		opwire.WithIntegrationInfo("My program", "v1.0.0"),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	secret, err := client.Secrets().Resolve(ctx, "op://Development/Example/password")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(secret), "characters")
}

func ExampleError() {
	ctx := context.Background()
	var client *opwire.Client // from NewClient

	_, err := client.Vaults().List(ctx)
	var limit *opwire.RateLimitExceededError
	var failure *opwire.Error
	switch {
	case errors.As(err, &limit):
		time.Sleep(limit.RetryAfter)
	case errors.Is(err, opwire.ErrPermissionDenied):
		fmt.Println("the token does not allow this")
	case errors.Is(err, context.DeadlineExceeded):
		fmt.Println("too slow")
	case errors.As(err, &failure) && failure.Retryable:
		fmt.Println("try again later:", failure.Name)
	}
}

func ExampleSecretsAPI_resolve() {
	ctx, client := context.Background(), exampleClient()

	password, err := client.Secrets().Resolve(ctx, "op://Development/Database/password")
	if err != nil {
		fmt.Println(err)
		return
	}
	connect(password)
}

func ExampleSecretsAPI_resolveAll() {
	ctx, client := context.Background(), exampleClient()
	var references []string

	answer, err := client.Secrets().ResolveAll(ctx, references)
	if err != nil {
		fmt.Println(err)
		return
	}
	for reference, response := range answer.IndividualResponses {
		if response.Error != nil {
			fmt.Println(reference, response.Error.Type)
		} else {
			connect(response.Content.Secret)
		}
	}
}

func ExampleItemsAPI_get() {
	ctx, client := context.Background(), exampleClient()

	item, err := client.Items().Get(ctx, vaultID, itemID)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, field := range item.Fields {
		fmt.Println(field.ID, field.Title)
	}
}

func ExampleItemsAPI_create() {
	ctx, client := context.Background(), exampleClient()

	item, err := client.Items().Create(ctx, opwire.ItemCreateParams{
		Category: opwire.ItemCategoryLogin,
		VaultID:  vaultID,
		Title:    "Database",
		Fields: []opwire.ItemField{
			{ID: "username", Title: "username", FieldType: opwire.ItemFieldTypeText, Value: "ada"},
			{ID: "password", Title: "password", FieldType: opwire.ItemFieldTypeConcealed, Value: "..."},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(item.ID)
}

func ExampleItemsAPI_put() {
	ctx, client := context.Background(), exampleClient()

	item, err := client.Items().Get(ctx, vaultID, itemID)
	if err != nil {
		fmt.Println(err)
		return
	}
	item.Title = "Database (old)"
	updated, err := client.Items().Put(ctx, item)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(updated.Version)
}

func ExampleItemsAPI_list() {
	ctx, client := context.Background(), exampleClient()

	archived := opwire.NewItemListFilterTypeVariantByState(&opwire.ItemListFilterByStateInner{Archived: true})
	items, err := client.Items().List(ctx, vaultID, archived)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range items {
		fmt.Println(item.ID, item.Title)
	}
}

func ExampleItemsFilesAPI_read() {
	ctx, client := context.Background(), exampleClient()

	item, err := client.Items().Get(ctx, vaultID, itemID)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range item.Files {
		content, err := client.Items().Files().Read(ctx, vaultID, itemID, file.Attributes)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(file.Attributes.Name, len(content))
	}
}

func ExampleVaultsAPI_list() {
	ctx, client := context.Background(), exampleClient()

	vaults, err := client.Vaults().List(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, vault := range vaults {
		fmt.Println(vault.ID, vault.Title)
	}
}

func ExampleEnvironmentsAPI_getVariables() {
	ctx, client := context.Background(), exampleClient()

	answer, err := client.Environments().GetVariables(ctx, environmentID)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, variable := range answer.Variables {
		os.Setenv(variable.Name, variable.Value)
	}
}

func ExampleBeyondEnvironments_SetVariables() {
	ctx, client := context.Background(), exampleClient()

	err := client.Beyond().Environments().SetVariables(ctx, environmentID, []opwire.EnvironmentVariable{
		{Name: "DATABASE_HOST", Value: "db.example.com"},
		{Name: "DATABASE_PASSWORD", Value: "...", Masked: true},
	})
	if err != nil {
		fmt.Println(err)
	}
}

func ExampleWithTransport() {
	proxy, err := url.Parse("http://proxy.example.com:8080")
	if err != nil {
		fmt.Println(err)
		return
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(proxy)
	client, err := opwire.NewClient(context.Background(),
		opwire.WithServiceAccountToken(os.Getenv("OP_SERVICE_ACCOUNT_TOKEN")),
		opwire.WithIntegrationInfo("My program", "v1.0.0"),
		opwire.WithTransport(transport),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
}

func ExamplePrepare() {
	// The core is compiled while the program reads its configuration. Later starts read it from disk.
	go opwire.Prepare(context.Background(), opwire.WithCompilationCache("/var/cache/my-program"))
}

// The variables that the examples of methods use.
const vaultID, itemID, environmentID = "", "", ""

func exampleClient() *opwire.Client { return nil }

func connect(password string) {}
