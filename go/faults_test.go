package opwire_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
	"github.com/opwire/opwire/go/internal/testserver"
)

const (
	faultyPassword = "a-password-that-no-error-shows"
	faultTimeout   = 500 * time.Millisecond
	// faultSlack is the additional time that a busy machine may take.
	faultSlack = 3 * time.Second
)

// faultTable is packages/contract/vectors/faults.json, which the tests of all languages read.
type faultTable struct {
	Calls  map[string]string `json:"calls"`
	SignIn []string          `json:"signIn"`
	Faults []faultCase       `json:"faults"`
}

type faultCase struct {
	Rule   testserver.Rule `json:"rule"`
	Call   *expectedError  `json:"call"`
	SignIn *expectedError  `json:"signIn"`
	Waits  bool            `json:"waits"`
}

type expectedError struct {
	Name      string `json:"name"`
	Retryable bool   `json:"retryable"`
}

// faulty is a fault proxy in front of the server, with calls of each method.
type faulty struct {
	proxy *testserver.FaultProxy
	table faultTable
	calls map[string]func(context.Context, *opwire.Client) error
	items []opwire.Item
}

func newFaulty(t *testing.T) *faulty {
	t.Helper()
	proxy, err := testserver.StartFaultProxy(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	f := &faulty{proxy: proxy}
	readVectors(t, "faults.json", &f.table)
	owner := newClient(t)
	f.items = []opwire.Item{createLogin(t, owner, faultyPassword), createLogin(t, owner, faultyPassword)}
	byIDs := func(item opwire.Item) string { return fmt.Sprintf("op://%s/%s/password", item.VaultID, item.ID) }
	vaultID, item, other := server.VaultID, f.items[0], f.items[1]
	f.calls = map[string]func(context.Context, *opwire.Client) error{
		"VaultsList": func(ctx context.Context, c *opwire.Client) error {
			_, err := c.Vaults().List(ctx)
			return err
		},
		"VaultsGetOverview": func(ctx context.Context, c *opwire.Client) error {
			_, err := c.Vaults().GetOverview(ctx, vaultID)
			return err
		},
		"ItemsList": func(ctx context.Context, c *opwire.Client) error {
			_, err := c.Items().List(ctx, vaultID)
			return err
		},
		"ItemsGet": func(ctx context.Context, c *opwire.Client) error {
			_, err := c.Items().Get(ctx, vaultID, item.ID)
			return err
		},
		"ItemsCreate": func(ctx context.Context, c *opwire.Client) error {
			note := opwire.ItemCreateParams{Category: opwire.ItemCategorySecureNote, VaultID: vaultID, Title: "Note"}
			_, err := c.Items().Create(ctx, note)
			return err
		},
		"SecretsResolve by ids": func(ctx context.Context, c *opwire.Client) error {
			_, err := c.Secrets().Resolve(ctx, byIDs(item))
			return err
		},
		"SecretsResolve by titles": func(ctx context.Context, c *opwire.Client) error {
			_, err := c.Secrets().Resolve(ctx, "op://Development/"+item.Title+"/password")
			return err
		},
		"SecretsResolveAll": func(ctx context.Context, c *opwire.Client) error {
			_, err := c.Secrets().ResolveAll(ctx, []string{byIDs(item), byIDs(other)})
			return err
		},
	}
	return f
}

func readVectors(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "packages", "contract", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// client returns a client that signed in through the proxy.
func (f *faulty) client(opts ...opwire.ClientOption) (*opwire.Client, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return opwire.NewClient(ctx, append(append(credentials(), opwire.WithServiceAccountToken(f.proxy.Token)), opts...)...)
}

// warmClient returns a client whose caches are filled, so that each call makes one request.
func (f *faulty) warmClient(t *testing.T, opts ...opwire.ClientOption) *opwire.Client {
	t.Helper()
	client, err := f.client(append([]opwire.ClientOption{opwire.WithMaxRetries(0)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	f.allWork(t, client)
	return client
}

func (f *faulty) allWork(t *testing.T, client *opwire.Client) {
	t.Helper()
	for name, call := range f.calls {
		if err := call(testContext(t), client); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func (f *faulty) inject(t *testing.T, rules ...testserver.Rule) {
	t.Helper()
	if err := f.proxy.Inject(rules...); err != nil {
		t.Fatal(err)
	}
}

func (f *faulty) takeRequests(t *testing.T) []string {
	t.Helper()
	requests, err := f.proxy.TakeRequests()
	if err != nil {
		t.Fatal(err)
	}
	return requests
}

// untilStalled waits until that many requests are stalled.
func (f *faulty) untilStalled(t *testing.T, count int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d clients stall", count), func() bool {
		_, stalled, err := f.proxy.Connections()
		return err == nil && stalled == count
	})
}

func (f *faulty) assertFailure(t *testing.T, err error, want *expectedError, where string) {
	t.Helper()
	var failure *opwire.Error
	if !errors.As(err, &failure) {
		t.Fatalf("%s: got %v", where, err)
	}
	if failure.Name != want.Name || failure.Retryable != want.Retryable {
		t.Errorf("%s: got %s, retryable %v: %v", where, failure.Name, failure.Retryable, err)
	}
	for _, secret := range []string{faultyPassword, strings.TrimPrefix(f.proxy.Token, "ops_")} {
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, failure), secret) {
			t.Errorf("%s: the error shows a secret", where)
		}
	}
}

func at(rule testserver.Rule, match string) testserver.Rule {
	rule.Match = match
	return rule
}

func TestEveryFaultInEveryCallHasItsNameAndPasses(t *testing.T) {
	f := newFaulty(t)
	client := f.warmClient(t)
	for _, fault := range f.table.Faults {
		if fault.Waits {
			continue
		}
		for name, call := range f.calls {
			where := fmt.Sprintf("%+v in %s", fault.Rule, name)
			f.inject(t, at(fault.Rule, f.table.Calls[name]))
			err := call(testContext(t), client)
			f.inject(t)
			f.assertFailure(t, err, fault.Call, where)
			if err := call(testContext(t), client); err != nil {
				t.Fatalf("after %s: %v", where, err)
			}
		}
	}
}

func TestEveryFaultInEveryStepOfSignInHasItsNameAndPasses(t *testing.T) {
	f := newFaulty(t)
	for _, fault := range f.table.Faults {
		if fault.SignIn == nil {
			continue
		}
		var opts []opwire.ClientOption
		if fault.Waits {
			opts = append(opts, opwire.WithRequestTimeout(faultTimeout))
		}
		for _, step := range f.table.SignIn {
			f.inject(t, at(fault.Rule, step))
			began := time.Now()
			_, err := f.client(opts...)
			if took := time.Since(began); took > faultTimeout+faultSlack {
				t.Errorf("%+v in %s took %v", fault.Rule, step, took)
			}
			f.inject(t)
			f.assertFailure(t, err, fault.SignIn, fmt.Sprintf("%+v in %s", fault.Rule, step))
		}
		client, err := f.client()
		if err != nil {
			t.Fatal(err)
		}
		client.Close()
	}
}

func TestWhatNeverEndsIsEndedInTime(t *testing.T) {
	f := newFaulty(t)
	client := f.warmClient(t, opwire.WithRequestTimeout(faultTimeout))
	for _, fault := range f.table.Faults {
		if !fault.Waits {
			continue
		}
		for _, match := range []string{"GET", "P"} {
			f.inject(t, at(fault.Rule, match))
			began := time.Now()
			var group sync.WaitGroup
			for name, call := range f.calls {
				if !strings.HasPrefix(f.table.Calls[name], match) {
					continue
				}
				group.Add(1)
				go func() {
					defer group.Done()
					err := call(context.Background(), client)
					if !errors.Is(err, opwire.ErrTimeout) {
						t.Errorf("%s in %s: %v", fault.Rule.Fault, name, err)
					}
				}()
			}
			group.Wait()
			if took := time.Since(began); took < faultTimeout || took > faultTimeout+faultSlack {
				t.Errorf("%s: %v", fault.Rule.Fault, took)
			}
			f.inject(t)
			f.allWork(t, client)
		}
	}
}

func TestAnAnswerWithoutEndIsNotReadToItsEnd(t *testing.T) {
	f := newFaulty(t)
	client := f.warmClient(t)
	f.inject(t, testserver.Rule{Match: "GET", Fault: "endless"})
	if _, err := client.Vaults().List(testContext(t)); !errors.Is(err, opwire.ErrInvalidResponse) {
		t.Errorf("got %v", err)
	}
	f.inject(t)
	f.allWork(t, client)
}

func TestReadsAreRepeatedAsToldAndWritesNever(t *testing.T) {
	f := newFaulty(t)
	for retries, opts := range map[int][]opwire.ClientOption{
		2: nil,
		0: {opwire.WithMaxRetries(0)},
		1: {opwire.WithMaxRetries(1)},
	} {
		client, err := f.client(opts...)
		if err != nil {
			t.Fatal(err)
		}
		f.allWork(t, client)
		for name, want := range map[string]int{"ItemsList": 1 + retries, "ItemsCreate": 1} {
			match := f.table.Calls[name]
			// A broken connection is left out because net/http retries reads on a connection that it kept open.
			f.inject(t, testserver.Rule{Match: match, Fault: "status", Status: 503})
			f.takeRequests(t)
			if err := f.calls[name](testContext(t), client); !errors.Is(err, opwire.ErrUnexpectedStatus) {
				t.Errorf("%s: %v", name, err)
			}
			sent := 0
			for _, line := range f.takeRequests(t) {
				if strings.HasPrefix(line, match) {
					sent++
				}
			}
			if sent != want {
				t.Errorf("%s with %d retries sent %d requests", name, retries, sent)
			}
			f.inject(t)
		}
		client.Close()
	}
}

func TestABrokenWriteIsSentOnce(t *testing.T) {
	f := newFaulty(t)
	client := f.warmClient(t)
	for _, fault := range []string{"reset_before_headers", "reset_after_headers", "half_body"} {
		f.inject(t, testserver.Rule{Match: "PATCH", Fault: fault})
		f.takeRequests(t)
		if err := f.calls["ItemsCreate"](testContext(t), client); !errors.Is(err, opwire.ErrNetwork) {
			t.Errorf("%s: %v", fault, err)
		}
		if sent := strings.Count(strings.Join(f.takeRequests(t), "\n"), "PATCH"); sent != 1 {
			t.Errorf("%s: sent %d times", fault, sent)
		}
		f.inject(t)
	}
}

func signIns(requests []string) int {
	return strings.Count(strings.Join(requests, "\n"), "/auth/start")
}

func TestCallsWhoseSessionEndedShareOneSignIn(t *testing.T) {
	f := newFaulty(t)
	items := createLogins(t, newClient(t), 20)
	client := f.warmClient(t)
	f.inject(t, testserver.Rule{Match: "GET", Fault: "end_session"})
	f.takeRequests(t)
	getAtOnce(t, client, items)
	if count := signIns(f.takeRequests(t)); count != 1 {
		t.Errorf("%d sign-ins", count)
	}
}

func TestRefusedCredentialsAreNotTriedAgainAndAgain(t *testing.T) {
	f := newFaulty(t)
	client := f.warmClient(t)
	f.inject(t, testserver.Rule{Fault: "status", Status: 401})
	if _, err := client.Vaults().List(testContext(t)); !errors.Is(err, opwire.ErrAuth) {
		t.Fatal(err)
	}
	f.takeRequests(t)
	for range 20 {
		if _, err := client.Items().List(testContext(t), server.VaultID); !errors.Is(err, opwire.ErrAuth) {
			t.Fatal(err)
		}
	}
	if requests := f.takeRequests(t); len(requests) != 0 {
		t.Errorf("sent %v", requests)
	}
}

func TestANameThatDoesNotResolveIsANetworkFailure(t *testing.T) {
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(server.Token, "ops_"))
	if err != nil {
		t.Fatal(err)
	}
	var token map[string]any
	if err := json.Unmarshal(text, &token); err != nil {
		t.Fatal(err)
	}
	token["signInAddress"] = "https://no-such-host.invalid"
	if text, err = json.Marshal(token); err != nil {
		t.Fatal(err)
	}
	elsewhere := opwire.WithServiceAccountToken("ops_" + base64.RawURLEncoding.EncodeToString(text))
	_, err = opwire.NewClient(testContext(t), append(credentials(), elsewhere)...)
	var failure *opwire.NetworkError
	if !errors.As(err, &failure) || !failure.Retryable {
		t.Errorf("got %v", err)
	}
}
