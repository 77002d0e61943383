// The first program: sign in, list vaults, load a secret.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/opwire/opwire/go"
)

const reference = "op://Development/Example/password"

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "first program:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	client, err := opwire.NewClient(ctx,
		opwire.WithServiceAccountToken(os.Getenv("OP_SERVICE_ACCOUNT_TOKEN")),
		opwire.WithIntegrationInfo("First program", "v1.0.0"),
	)
	if err != nil {
		return err
	}
	defer client.Close()

	vaults, err := client.Vaults().List(ctx)
	if err != nil {
		return err
	}
	for _, vault := range vaults {
		fmt.Printf("vault  %s\n", vault.Title)
	}
	secret, err := client.Secrets().Resolve(ctx, reference)
	if err != nil {
		return err
	}
	fmt.Printf("secret %s = %s\n", reference, strings.Repeat("*", len(secret)))
	return nil
}
