//go:build official

package main

import (
	"context"

	sdk "github.com/1password/onepassword-sdk-go"
)

func signIn(ctx context.Context, token string) (resolver, error) {
	client, err := sdk.NewClient(ctx,
		sdk.WithServiceAccountToken(token),
		sdk.WithIntegrationInfo("Bench", "v1.0.0"),
	)
	if err != nil {
		return resolver{}, err
	}
	resolveAll := func(ctx context.Context, references []string) error {
		_, err := client.Secrets().ResolveAll(ctx, references)
		return err
	}
	return resolver{client.Secrets(), resolveAll}, nil
}
