package opwire_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
)

func TestFirstProgram(t *testing.T) {
	ctx := testContext(t)
	client := newClient(t)

	created := createLogin(t, client, "£5 and a ☃")
	item, err := client.Items().Get(ctx, created.VaultID, created.ID)
	if err != nil {
		t.Fatal(err)
	}
	if item.Title != created.Title || item.Category != opwire.ItemCategoryLogin || item.Tags[0] != "go" {
		t.Errorf("got %+v", item)
	}
	if age := time.Since(item.CreatedAt); age < -time.Minute || age > time.Hour {
		t.Errorf("created %v ago", age)
	}

	vaults, err := client.Vaults().List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(vaults) != 1 || vaults[0].ID != server.VaultID || vaults[0].Title != "Development" {
		t.Errorf("vaults: %+v", vaults)
	}

	overviews, err := client.Items().List(ctx, server.VaultID)
	if err != nil {
		t.Fatal(err)
	}
	listed := false
	for _, overview := range overviews {
		listed = listed || overview.ID == created.ID && overview.Title == created.Title
	}
	if !listed {
		t.Errorf("the new item is not among %d listed", len(overviews))
	}

	secret, err := client.Secrets().Resolve(ctx, "op://Development/"+created.Title+"/password")
	if err != nil || secret != "£5 and a ☃" {
		t.Errorf("resolved %q, %v", secret, err)
	}
}

func TestResolveAllReportsEachReferenceByItself(t *testing.T) {
	client := newClient(t)
	item := "op://Development/" + createLogin(t, client, "found").Title
	good, bad := item+"/password", item+"/nonsense"
	response, err := client.Secrets().ResolveAll(testContext(t), []string{good, bad})
	if err != nil {
		t.Fatal(err)
	}
	if found := response.IndividualResponses[good]; found.Content == nil || found.Content.Secret != "found" {
		t.Errorf("%s: %+v", good, found)
	}
	missing := response.IndividualResponses[bad]
	if missing.Error == nil || missing.Error.Type != opwire.ResolveReferenceErrorTypeVariantFieldNotFound {
		t.Errorf("%s: %+v", bad, missing)
	}
}

func TestErrorsHaveTypes(t *testing.T) {
	client := newClient(t)
	_, err := client.Items().Get(testContext(t), server.VaultID, "aaaaaaaaaaaaaaaaaaaaaaaaaa")
	var missing *opwire.NotFoundError
	if !errors.Is(err, opwire.ErrNotFound) || !errors.As(err, &missing) {
		t.Fatalf("got %T %v", err, err)
	}
	var base *opwire.Error
	if !errors.As(err, &base) || base.Name != "NotFound" || missing.Message != base.Message {
		t.Errorf("the base error is %+v", base)
	}
	if errors.Is(err, opwire.ErrConflict) {
		t.Error("the error is of two kinds")
	}
}

func TestNewClientRefuses(t *testing.T) {
	token := opwire.WithServiceAccountToken(server.Token)
	info := opwire.WithIntegrationInfo("opwire tests", "v0.1.0")
	for name, test := range map[string]struct {
		opts []opwire.ClientOption
		want string
	}{
		"nothing":          {nil, "integration name was not specified"},
		"no token":         {[]opwire.ClientOption{info}, "service account token"},
		"a wrong token":    {[]opwire.ClientOption{opwire.WithServiceAccountToken("ops_x"), info}, "service account token"},
		"two accounts":     {[]opwire.ClientOption{opwire.WithDesktopAppIntegration("me"), opwire.WithServiceAccountToken("ops_x"), info}, "use either"},
		"scope of a token": {[]opwire.ClientOption{opwire.WithServiceAccountToken("ops_x"), opwire.WithDesktopScope(opwire.DesktopScope{}), info}, "needs WithDesktopAppIntegration"},
		"agent and client": {[]opwire.ClientOption{opwire.WithDesktopAppIntegration("me"), opwire.WithHTTPClient(http.DefaultClient), info}, "the agent or app sends the requests"},
		"no HTTP client":   {[]opwire.ClientOption{token, info, opwire.WithHTTPClient(nil)}, "WithHTTPClient"},
		"no transport":     {[]opwire.ClientOption{token, info, opwire.WithTransport(nil)}, "WithTransport"},
		"no time":          {[]opwire.ClientOption{token, info, opwire.WithRequestTimeout(0)}, "WithRequestTimeout"},
		"negative repeats": {[]opwire.ClientOption{token, info, opwire.WithMaxRetries(-1)}, "WithMaxRetries"},
		"no cache folder":  {[]opwire.ClientOption{token, info, opwire.WithCompilationCache("")}, "WithCompilationCache"},
		"a long, odd name": {[]opwire.ClientOption{token, opwire.WithIntegrationInfo("a/b", "1")}, "integration name"},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := opwire.NewClient(testContext(t), test.opts...)
			if err == nil {
				client.Close()
				t.Fatal("it signed in")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q does not say %q", err, test.want)
			}
			if strings.Contains(err.Error(), server.Token) {
				t.Error("the error shows the token")
			}
		})
	}
}

func TestCloseEndsCallsUnderWayAndLaterOnes(t *testing.T) {
	stall := newStallingTransport()
	client := newClient(t, opwire.WithTransport(stall))
	stall.arm()
	underWay := make(chan error, 1)
	go func() {
		_, err := client.Vaults().List(context.Background())
		underWay <- err
	}()
	<-stall.stalled
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if err := await(t, underWay); !errors.Is(err, opwire.ErrClientClosed) {
		t.Errorf("the call under way got %v", err)
	}
	if _, err := client.Vaults().List(testContext(t)); !errors.Is(err, opwire.ErrClientClosed) {
		t.Errorf("a later call got %v", err)
	}
	if err := client.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	await(t, stall.released)
}

func TestContextEndsACallAndItsRequest(t *testing.T) {
	stall := newStallingTransport()
	client := newClient(t, opwire.WithTransport(stall))
	stall.arm()
	ctx, cancel := context.WithCancel(testContext(t))
	ended := make(chan error, 1)
	go func() {
		_, err := client.Vaults().List(ctx)
		ended <- err
	}()
	<-stall.stalled
	cancel()
	if err := await(t, ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	await(t, stall.released)

	stall.disarm()
	if _, err := client.Vaults().List(testContext(t)); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestContextEndsSignIn(t *testing.T) {
	stall := newStallingTransport()
	stall.arm()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := opwire.NewClient(ctx, append(credentials(), opwire.WithTransport(stall))...)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if len(stall.stalled) > 0 {
		await(t, stall.released)
	}
}

func TestAnEndedContextSendsNothing(t *testing.T) {
	counter := &countingTransport{}
	client := newClient(t, opwire.WithTransport(counter))
	before := counter.requests.Load()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := client.Vaults().List(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if sent := counter.requests.Load() - before; sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

func TestRequestTimeout(t *testing.T) {
	stall := newStallingTransport()
	client := newClient(t, opwire.WithTransport(stall), opwire.WithRequestTimeout(300*time.Millisecond))
	stall.arm()
	if _, err := client.Vaults().List(testContext(t)); !errors.Is(err, opwire.ErrTimeout) {
		t.Errorf("got %v", err)
	}
}

func TestTransportsMayFailInEveryWay(t *testing.T) {
	for name, test := range map[string]struct {
		respond roundTrip
		want    error
	}{
		"an error": {func(*http.Request) (*http.Response, error) { return nil, errors.New("out of order") }, opwire.ErrNetwork},
		"a panic":  {func(*http.Request) (*http.Response, error) { panic("out of order") }, opwire.ErrNetwork},
		"a proxy's page": {func(*http.Request) (*http.Response, error) {
			page := httptest.NewRecorder()
			page.WriteString("<html>out of order</html>")
			return page.Result(), nil
		}, opwire.ErrInvalidResponse},
	} {
		t.Run(name, func(t *testing.T) {
			switchable := newSwitchableTransport()
			client := newClient(t, opwire.WithTransport(switchable))
			switchable.set(test.respond)
			if _, err := client.Vaults().List(testContext(t)); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			switchable.set(http.DefaultTransport.RoundTrip)
			if _, err := client.Vaults().List(testContext(t)); err != nil {
				t.Errorf("the next call: %v", err)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	followed := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer elsewhere.Close()
	switchable := newSwitchableTransport()
	client := newClient(t, opwire.WithHTTPClient(&http.Client{Transport: switchable}))
	switchable.set(func(*http.Request) (*http.Response, error) {
		answer := httptest.NewRecorder()
		answer.Header().Set("Location", elsewhere.URL)
		answer.WriteHeader(http.StatusTemporaryRedirect)
		return answer.Result(), nil
	})
	if _, err := client.Vaults().List(testContext(t)); !errors.Is(err, opwire.ErrUnexpectedStatus) {
		t.Errorf("got %v", err)
	}
	if followed {
		t.Error("the redirect was followed")
	}
}

// An operator signs in during one reconciliation, and keeps the client for the next.
func TestAClientOutlivesTheContextThatItWasMadeIn(t *testing.T) {
	ctx, cancel := context.WithCancel(testContext(t))
	client, err := opwire.NewClient(ctx, credentials()...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	cancel()
	if got, err := client.Secrets().Resolve(testContext(t), example); err != nil || got != secret {
		t.Errorf("%v", err)
	}
}

func TestAnAPIOutlivesItsClient(t *testing.T) {
	vaults := func() opwire.VaultsAPI {
		client, err := opwire.NewClient(testContext(t), credentials()...)
		if err != nil {
			t.Fatal(err)
		}
		return client.Vaults()
	}()
	for range 3 {
		runtime.GC()
		if _, err := vaults.List(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNothingIsLeftAfterClose(t *testing.T) {
	client := newClient(t)
	if _, err := client.Vaults().List(testContext(t)); err != nil {
		t.Fatal(err)
	}
	client.Close()
	eventually(t, "no goroutine of the package is left", func() bool { return engineGoroutines() == 0 })
}
