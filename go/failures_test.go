package opwire_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
)

// tokenAt returns the test server's token with another address.
func tokenAt(t *testing.T, address string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(server.Token, "ops_"))
	if err != nil {
		t.Fatal(err)
	}
	var payload map[string]any
	if err := json.Unmarshal(text, &payload); err != nil {
		t.Fatal(err)
	}
	payload["signInAddress"] = address
	if text, err = json.Marshal(payload); err != nil {
		t.Fatal(err)
	}
	return "ops_" + base64.RawURLEncoding.EncodeToString(text)
}

// signInFails signs in at this address and returns the error.
func signInFails(t *testing.T, address string, opts ...opwire.ClientOption) error {
	t.Helper()
	opts = append([]opwire.ClientOption{
		opwire.WithServiceAccountToken(tokenAt(t, address)), opwire.WithIntegrationInfo("opwire tests", "v0.1.0"),
	}, opts...)
	client, err := opwire.NewClient(testContext(t), opts...)
	if err == nil {
		client.Close()
		t.Fatal("it signed in")
	}
	return err
}

func holdsAll(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
}

func TestARefusedConnectionNamesTheServerAndKeepsItsCause(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	listener.Close()
	err = signInFails(t, address)
	holdsAll(t, err, "the account server could not be reached: "+address+", without a proxy", "refuses connections")
	var op *net.OpError
	var of *url.Error
	if !errors.Is(err, opwire.ErrNetwork) || !errors.As(err, &op) || !errors.As(err, &of) ||
		!errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the cause is lost: %#v", err)
	}
	if strings.Contains(err.Error(), "authentication error") {
		t.Errorf("the network is no matter of authentication: %v", err)
	}
}

func TestANameThatDoesNotResolveIsTold(t *testing.T) {
	err := signInFails(t, "https://account.invalid")
	holdsAll(t, err, "https://account.invalid:443", "the name of the server does not resolve")
	var dns *net.DNSError
	if !errors.As(err, &dns) || dns.Name != "account.invalid" {
		t.Errorf("the cause is lost: %#v", err)
	}
}

func TestAnUntrustedCertificateIsTold(t *testing.T) {
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // The server logs the failure that is tested.
	untrusted.StartTLS()
	defer untrusted.Close()
	err := signInFails(t, untrusted.URL)
	holdsAll(t, err, untrusted.URL, "TLS failed", "certificate")
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Errorf("the cause is lost: %#v", err)
	}
}

func TestAProxyThatRefusesIsNamedWithoutItsPassword(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}))
	defer refusing.Close()
	proxy, err := url.Parse(refusing.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy.User = url.UserPassword("wendy", "hunter2")
	transport := &http.Transport{Proxy: http.ProxyURL(proxy)}
	err = signInFails(t, "https://account.invalid", opwire.WithTransport(transport))
	holdsAll(t, err, "https://account.invalid:443, through the proxy "+refusing.URL+": the proxy did not connect")
	refusing.Close()
	transport.CloseIdleConnections()
	missing := signInFails(t, "https://account.invalid", opwire.WithTransport(transport))
	holdsAll(t, missing, "through the proxy "+refusing.URL+": the proxy refuses connections")
	if text := err.Error() + missing.Error(); strings.Contains(text, "hunter2") {
		t.Error("the password of the proxy is told")
	}
}

func TestASilentServerIsNamedAndItsTimeoutKept(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address := "http://" + listener.Addr().String()
	err = signInFails(t, address, opwire.WithRequestTimeout(50*time.Millisecond))
	holdsAll(t, err, "request timeout: "+address)
	var timeout net.Error
	if !errors.Is(err, opwire.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) ||
		!errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("the cause is lost: %#v", err)
	}
}

func TestACancelledContextIsTheCause(t *testing.T) {
	client := newClient(t)
	ctx, cancel := context.WithCancel(testContext(t))
	cancel()
	if _, err := client.Vaults().List(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestATokenMayHaveQuotesAndLineEndsAroundIt(t *testing.T) {
	newClient(t, opwire.WithServiceAccountToken(" \""+server.Token+"\"\r\n"))
	_, err := opwire.NewClient(testContext(t), append(credentials(), opwire.WithServiceAccountToken(server.Token[:300]))...)
	if !errors.Is(err, opwire.ErrInvalidServiceAccountToken) {
		t.Fatalf("got %v", err)
	}
	holdsAll(t, err, "please create another token: it is cut off")
	var named *opwire.Error
	if !errors.As(err, &named) || named.Field != "WithServiceAccountToken" {
		t.Errorf("got %#v", named)
	}
}

func TestFieldsAreSpelledAsInGo(t *testing.T) {
	client := newClient(t)
	item := createLogin(t, client, "secret")
	item.VaultID = "Development"
	_, put := client.Items().Put(testContext(t), item)
	_, get := client.Items().Get(testContext(t), "Development", item.ID)
	for field, err := range map[string]error{"item.VaultID": put, "vaultID": get} {
		var named *opwire.Error
		if !errors.As(err, &named) || named.Field != field {
			t.Errorf("%s: got %#v", field, named)
		}
		holdsAll(t, err, "`Development`")
	}
}

func TestACallAfterCloseIsAnErrorOfItsOwn(t *testing.T) {
	client := newClient(t)
	client.Close()
	_, err := client.Vaults().List(testContext(t))
	var closed *opwire.ClientClosedError
	if !errors.As(err, &closed) || !errors.Is(err, opwire.ErrClientClosed) || errors.Is(err, opwire.ErrInternal) {
		t.Errorf("got %#v", err)
	}
}

// Unlike the agent, which composes it.
func TestThePasswordOfAShareMustBeComposed(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	item, shares := created(t, client, builder("Shared by a password")), client.Items().Shares()
	policy, err := shares.GetAccountPolicy(ctx, item.VaultID, item.ID)
	if err != nil {
		t.Fatal(err)
	}
	decomposed := "cafe\u0301"
	if _, err := shares.Create(ctx, item, policy, opwire.ItemShareParams{Password: &decomposed}); !errors.Is(err, opwire.ErrBadInput) {
		t.Errorf("a password that other machines compose: %v", err)
	}
}
