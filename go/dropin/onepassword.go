// Package onepassword is opwire under the import path of the public SDK, for programs whose dependencies import it:
//
//	replace github.com/1password/onepassword-sdk-go => /path/to/opwire/go/dropin
//	replace github.com/opwire/opwire/go => /path/to/opwire/go
//
// Package [github.com/opwire/opwire/go] documents every name. opwire is independent, neither affiliated with nor
// endorsed by the makers of 1Password.
package onepassword

import (
	"context"
	"net/http"
	"time"

	opwire "github.com/opwire/opwire/go"
)

const DefaultIntegrationName = opwire.DefaultIntegrationName

const DefaultIntegrationVersion = opwire.DefaultIntegrationVersion

type ClientOption = opwire.ClientOption

func NewClient(ctx context.Context, opts ...ClientOption) (*Client, error) {
	return opwire.NewClient(ctx, opts...)
}

func WithServiceAccountToken(token string) ClientOption { return opwire.WithServiceAccountToken(token) }

func WithIntegrationInfo(name string, version string) ClientOption {
	return opwire.WithIntegrationInfo(name, version)
}

func WithDesktopAppIntegration(accountName string) ClientOption {
	return opwire.WithDesktopAppIntegration(accountName)
}

// The public SDK does not have the following names.

type Error = opwire.Error

type CacheOptions = opwire.CacheOptions

type DesktopScope = opwire.DesktopScope

type ItemBuilder = opwire.ItemBuilder

func NewItemBuilder(category ItemCategory, vaultID string, title string) *ItemBuilder {
	return opwire.NewItemBuilder(category, vaultID, title)
}

func Prepare(ctx context.Context, opts ...ClientOption) error { return opwire.Prepare(ctx, opts...) }

func LoadEnvironment(ctx context.Context, client *Client, environmentID string) ([]string, error) {
	return opwire.LoadEnvironment(ctx, client, environmentID)
}

func OverloadEnvironment(ctx context.Context, client *Client, environmentID string) ([]string, error) {
	return opwire.OverloadEnvironment(ctx, client, environmentID)
}

func WithCache(options CacheOptions) ClientOption { return opwire.WithCache(options) }

func WithCompilationCache(dir string) ClientOption { return opwire.WithCompilationCache(dir) }

func WithDesktopScope(scope DesktopScope) ClientOption { return opwire.WithDesktopScope(scope) }

func WithHTTPClient(httpClient *http.Client) ClientOption { return opwire.WithHTTPClient(httpClient) }

func WithMaxRetries(retries int) ClientOption { return opwire.WithMaxRetries(retries) }

func WithRequestTimeout(timeout time.Duration) ClientOption {
	return opwire.WithRequestTimeout(timeout)
}

func WithTransport(transport http.RoundTripper) ClientOption { return opwire.WithTransport(transport) }
