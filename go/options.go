package opwire

import (
	"errors"
	"net/http"
	"runtime"
	"time"

	"github.com/opwire/opwire/go/internal/engine"
)

const (
	// DefaultIntegrationName is the integration name of a program that has no name.
	DefaultIntegrationName = "Unknown"
	// DefaultIntegrationVersion is the integration version of a program that has no version.
	DefaultIntegrationVersion = "Unknown"
)

// ClientOption configures a client.
type ClientOption func(client *Client) error

// settings are the values of the options.
type settings struct {
	config   coreConfig
	scope    *DesktopScope
	library  string
	http     *http.Client
	cacheDir string
}

// coreConfig is the core's client configuration, as JSON.
type coreConfig struct {
	// One of them says as whom the client acts.
	*tokenConfig
	*desktopConfig

	ProgrammingLanguage   string `json:"programmingLanguage"`
	SDKVersion            string `json:"sdkVersion"`
	IntegrationName       string `json:"integrationName"`
	IntegrationVersion    string `json:"integrationVersion"`
	RequestLibraryName    string `json:"requestLibraryName"`
	RequestLibraryVersion string `json:"requestLibraryVersion"`
	OS                    string `json:"os"`
	OSVersion             string `json:"osVersion"`
	Architecture          string `json:"architecture"`
	RequestTimeoutMs      int64  `json:"requestTimeoutMs,omitempty"`
	MaxRetries            *int   `json:"maxRetries,omitempty"`

	Cache *cacheConfig `json:"cache,omitempty"`
}

type tokenConfig struct {
	ServiceAccountToken string `json:"serviceAccountToken"`
}

type desktopConfig struct {
	AccountName string `json:"accountName"`
	// Nil for all vaults. The agent refuses an empty list.
	Vaults   []string `json:"vaults,omitzero"`
	ReadOnly bool     `json:"readOnly,omitempty"`
}

type cacheConfig struct {
	TTLMs         *int64 `json:"ttlMs,omitempty"`
	StaleMs       *int64 `json:"staleMs,omitempty"`
	NegativeTTLMs *int64 `json:"negativeTtlMs,omitempty"`
	MaxEntries    *int   `json:"maxEntries,omitempty"`
}

func defaultSettings() *settings {
	return &settings{config: coreConfig{
		ProgrammingLanguage:   "Go",
		SDKVersion:            SDKVersion,
		RequestLibraryName:    "net/http",
		RequestLibraryVersion: runtime.Version(),
		OS:                    runtime.GOOS,
		OSVersion:             "0.0.0", // Go has no portable function for the version.
		Architecture:          runtime.GOARCH,
	}}
}

// check completes the settings, and refuses options that exclude each other.
func (s *settings) check() error {
	if s.scope != nil && s.config.desktopConfig == nil {
		return configurationError("WithDesktopScope needs WithDesktopAppIntegration", "WithDesktopScope")
	}
	if s.library != "" && s.config.desktopConfig == nil {
		return configurationError("WithLibrary needs WithDesktopAppIntegration", "WithLibrary")
	}
	if s.config.desktopConfig == nil {
		if s.config.tokenConfig == nil {
			s.config.tokenConfig = &tokenConfig{}
		}
		return nil
	}
	if s.config.tokenConfig != nil {
		return configurationError("use either WithServiceAccountToken or WithDesktopAppIntegration", "WithServiceAccountToken")
	}
	if s.http != nil {
		return configurationError("the agent or app sends the requests, not a client or transport of the program", "WithHTTPClient")
	}
	if s.scope != nil {
		s.config.Vaults, s.config.ReadOnly = s.scope.Vaults, s.scope.ReadOnly
	}
	s.config.RequestLibraryName, s.config.RequestLibraryVersion = "opwire-agent", SDKVersion
	return nil
}

func configurationError(message, field string) error {
	return typedError(&Error{Name: ErrInvalidConfiguration.(*Error).Name, Message: message, Field: field})
}

func (s *settings) engineConfig(text []byte) engine.Config {
	client, own := s.http, false
	if client == nil {
		client, own = &http.Client{Transport: defaultTransport()}, true
	}
	// A redirect would send the session and its signature to another server.
	client = withoutRedirects(client)
	return engine.Config{
		Client: text, HTTP: client, OwnHTTP: own, MaxResponse: int64(MaxResponseBytes), CacheDir: s.cacheDir,
	}
}

// WithServiceAccountToken sets the service account token for signing in.
func WithServiceAccountToken(token string) ClientOption {
	return func(client *Client) error {
		client.settings().config.tokenConfig = &tokenConfig{token}
		return nil
	}
}

// WithIntegrationInfo sets the name and version of your program, which the account's activity log shows. Pass
// [DefaultIntegrationName] and [DefaultIntegrationVersion] if it has none.
func WithIntegrationInfo(name string, version string) ClientOption {
	return func(client *Client) error {
		client.settings().config.IntegrationName = name
		client.settings().config.IntegrationVersion = version
		return nil
	}
}

// WithDesktopAppIntegration asks the person at this machine for the use of their account, by their `opwire agent`. The
// program gets no key and no token. accountName is the account's name, its address or the e-mail address, as `opwire
// account list` or the app shows them. The core is not loaded: the agent makes the calls.
//
// If no agent runs, a program that imports [github.com/opwire/opwire/go/desktopapp] is approved by the 1Password app.
func WithDesktopAppIntegration(accountName string) ClientOption {
	return func(client *Client) error {
		client.settings().config.desktopConfig = &desktopConfig{AccountName: accountName}
		return nil
	}
}

// DesktopScope is what a program asks for less than all of a person's account. Added by opwire.
type DesktopScope struct {
	// Vaults are the titles or ids of the only vaults that the program may use; nil for all.
	Vaults []string
	// ReadOnly is whether the program may only read.
	ReadOnly bool
}

// WithDesktopScope asks for less than all of the account of [WithDesktopAppIntegration]. The person sees it, and the
// agent enforces it. The 1Password app cannot, so that it is refused there. Added by opwire.
func WithDesktopScope(scope DesktopScope) ClientOption {
	return func(client *Client) error {
		client.settings().scope = &scope
		return nil
	}
}

// WithHTTPClient sends all requests with the transport, timeout and cookie jar of the given client. Redirects are not
// followed, whatever its CheckRedirect is. Added by opwire.
func WithHTTPClient(httpClient *http.Client) ClientOption {
	return func(client *Client) error {
		if httpClient == nil {
			return errors.New("opwire: WithHTTPClient needs a client")
		}
		client.settings().http = httpClient
		return nil
	}
}

// WithTransport sends all requests with the given transport. Added by opwire.
func WithTransport(transport http.RoundTripper) ClientOption {
	return func(client *Client) error {
		if transport == nil {
			return errors.New("opwire: WithTransport needs a transport")
		}
		client.settings().http = &http.Client{Transport: transport}
		return nil
	}
}

// WithRequestTimeout sets the timeout of each HTTP request; a call may make several. The default is
// [DefaultRequestTimeout]. Added by opwire.
func WithRequestTimeout(timeout time.Duration) ClientOption {
	return func(client *Client) error {
		if timeout < time.Millisecond {
			return errors.New("opwire: WithRequestTimeout needs at least a millisecond")
		}
		client.settings().config.RequestTimeoutMs = timeout.Milliseconds()
		return nil
	}
}

// WithMaxRetries sets how often a read is retried after a transient failure; the default is [DefaultMaxRetries], and 0
// switches retries off. Writes are not retried. Added by opwire.
func WithMaxRetries(retries int) ClientOption {
	return func(client *Client) error {
		if retries < 0 {
			return errors.New("opwire: WithMaxRetries needs 0 or more")
		}
		client.settings().config.MaxRetries = &retries
		return nil
	}
}

// CacheOptions are the options of the cache that [SecretsAPI.Resolve], [SecretsAPI.ResolveAll] and [ItemsAPI.Get] use. A
// write by the same client removes what it changes. Items are cached encrypted, as the server sends them. Added by
// opwire.
type CacheOptions struct {
	// TTL is how long an item counts as fresh; [DefaultCacheTTL] if 0.
	TTL time.Duration
	// Stale is how long an older item is still returned, while one call refreshes it or the server fails.
	Stale time.Duration
	// NegativeTTL is how long the cache remembers that something does not exist; [DefaultCacheNegativeTTL] if 0. If
	// negative, the cache does not remember it.
	NegativeTTL time.Duration
	// MaxEntries is how many items and references are cached at most; [DefaultCacheMaxEntries] if 0.
	MaxEntries int
}

// WithCache caches items and references. Nothing is cached by default. Added by opwire.
func WithCache(options CacheOptions) ClientOption {
	return func(client *Client) error {
		if options.TTL < 0 || options.Stale < 0 || options.MaxEntries < 0 {
			return errors.New("opwire: WithCache needs times and entries of 0 or more")
		}
		config := &cacheConfig{}
		stale := options.Stale.Milliseconds()
		config.StaleMs = &stale
		if ttl := options.TTL.Milliseconds(); options.TTL > 0 {
			config.TTLMs = &ttl
		}
		if negative := max(options.NegativeTTL, 0).Milliseconds(); options.NegativeTTL != 0 {
			config.NegativeTTLMs = &negative
		}
		if options.MaxEntries > 0 {
			config.MaxEntries = &options.MaxEntries
		}
		client.settings().config.Cache = config
		return nil
	}
}

// WithCompilationCache keeps the compiled core in a folder, so that later processes start in milliseconds. The folder
// is created if it does not exist. Anyone who can write to it can run code in those processes. The core is compiled
// once in a process, by the first client or by [Prepare], so the option counts only there. Added by opwire.
func WithCompilationCache(dir string) ClientOption {
	return func(client *Client) error {
		if dir == "" {
			return errors.New("opwire: WithCompilationCache needs a folder")
		}
		client.settings().cacheDir = dir
		return nil
	}
}
