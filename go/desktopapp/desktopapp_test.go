package desktopapp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
	"github.com/opwire/opwire/go/desktopapp"
)

const (
	sources   = "../../ci/desktop/library"
	reference = "op://Development/Example/password"
	secret    = "correct-horse-battery"
)

// library is the path of the library that app.c makes.
var library string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "opwire-app-")
	if err != nil {
		panic(err)
	}
	library = filepath.Join(folder, "libop_sdk_ipc_client.so")
	build := exec.Command("gcc", "-shared", "-fPIC", "-O1", "-pthread", "-o", library, filepath.Join(sources, "app.c"))
	if output, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, output))
	}
	os.Setenv("APP_LOG", filepath.Join(folder, "log"))
	// No agent listens there.
	os.Setenv("OPWIRE_AGENT_SOCKET", filepath.Join(folder, "agent.sock"))
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

func connect(ctx context.Context, t *testing.T, account string, opts ...opwire.ClientOption) (*opwire.Client, error) {
	t.Helper()
	all := append([]opwire.ClientOption{
		opwire.WithDesktopAppIntegration(account),
		opwire.WithIntegrationInfo("opwire tests", "v0.1.0"),
		desktopapp.WithLibrary(library),
	}, opts...)
	client, err := opwire.NewClient(ctx, all...)
	if err == nil {
		t.Cleanup(func() { client.Close() })
	}
	return client, err
}

func connected(t *testing.T, account string, opts ...opwire.ClientOption) *opwire.Client {
	t.Helper()
	client, err := connect(testContext(t), t, account, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// failure is the error of a call of an account whose calls fail, or of its sign-in.
func failure(t *testing.T, account string, opts ...opwire.ClientOption) error {
	t.Helper()
	client, err := connect(testContext(t), t, account, opts...)
	if err == nil {
		_, err = client.Secrets().Resolve(testContext(t), reference)
	}
	if err == nil {
		t.Errorf("%s: no error", account)
	}
	return err
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

type request struct{ kind, payload string }

// requests are those of an account so far.
func requests(t *testing.T, account string) (found []request) {
	t.Helper()
	log, err := os.ReadFile(os.Getenv("APP_LOG"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		if parts := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3); parts[1] == account {
			found = append(found, request{parts[0], parts[2]})
		}
	}
	return found
}

func kinds(t *testing.T, account string) (kinds []string) {
	t.Helper()
	for _, request := range requests(t, account) {
		kinds = append(kinds, request.kind)
	}
	return kinds
}

// waitFor waits for requests of an account.
func waitFor(t *testing.T, account string, want ...string) {
	t.Helper()
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if got := kinds(t, account); slices.Equal(got, want) {
			return
		} else if time.Since(start) > 10*time.Second {
			t.Fatalf("%s: %q", account, got)
		}
	}
}

func resolve(t *testing.T, client *opwire.Client, want string) {
	t.Helper()
	if got, err := client.Secrets().Resolve(testContext(t), reference); err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestEachCallGoesToItsOwnAccount(t *testing.T) {
	one, two, base64 := connected(t, "One"), connected(t, "Two"), connected(t, "base64")
	resolve(t, one, "One by client 1")
	resolve(t, two, "Two by client 1")
	resolve(t, one, "One by client 1")
	resolve(t, base64, "base64 by client 1")
	var config map[string]string // Those that the core requires are texts.
	if err := json.Unmarshal([]byte(requests(t, "One")[0].payload), &config); err != nil {
		t.Fatal(err)
	}
	if len(config) != 9 || config["programmingLanguage"] != "Go" || config["integrationName"] != "opwire tests" {
		t.Errorf("configuration: %v", config)
	}
}

func TestBytesPassAsNumbers(t *testing.T) {
	client := connected(t, "Files")
	read, err := client.Items().Files().Read(testContext(t), "v", "i", opwire.FileAttributes{Name: "a", ID: "f"})
	if err != nil || !bytes.Equal(read, []byte{0, 1, 127, 128, 255}) {
		t.Errorf("read %v, %v", read, err)
	}
	_, err = client.Items().Create(testContext(t), opwire.ItemCreateParams{
		Category: opwire.ItemCategoryDocument, VaultID: "v", Title: "t",
		Document: &opwire.DocumentCreateParams{Name: "a", Content: []byte{0, 7, 255}},
	})
	if err == nil || !strings.Contains(err.Error(), "does not have this method") {
		t.Errorf("got %v", err)
	}
	sent := requests(t, "Files")
	if last := sent[len(sent)-1].payload; !strings.Contains(last, `"content":[0,7,255]`) {
		t.Errorf("sent %s", last)
	}
}

func TestFailuresHaveTheirName(t *testing.T) {
	var limit *opwire.RateLimitExceededError
	err := failure(t, `error {"name":"RateLimitExceeded","message":"too many"}`)
	if !errors.As(err, &limit) || !limit.Retryable || limit.Message != "too many" {
		t.Errorf("got %v", err)
	}
	var other *opwire.Error
	err = failure(t, `error {"name":"SomethingNew","message":"what it is"}`)
	if !errors.As(err, &other) || other.Name != "SomethingNew" || other.Message != "what it is" {
		t.Errorf("got %#v", err)
	}
	for _, text := range []string{"it went wrong", "[]", "7"} {
		err = failure(t, "error "+text)
		if !errors.As(err, &other) || other.Name != "Unknown" || other.Message != text {
			t.Errorf("%s: got %v", text, err)
		}
	}
	for _, account := range []string{"garbled", "nameless"} {
		if err := failure(t, account); !errors.Is(err, opwire.ErrInvalidResponse) {
			t.Errorf("%s: got %v", account, err)
		}
	}
}

func TestReturnCodes(t *testing.T) {
	for _, account := range []string{"code -2", "code -5", "init code -2"} {
		var unavailable *opwire.AgentUnavailableError
		err := failure(t, account)
		if !errors.As(err, &unavailable) || !unavailable.Retryable || !strings.Contains(err.Error(), "Integrate with other apps") {
			t.Errorf("%s: %v", account, err)
		}
	}
	err := failure(t, "code 7")
	if !errors.Is(err, opwire.ErrInternal) || !strings.HasSuffix(err.Error(), "return code: 7") {
		t.Errorf("got %v", err)
	}
}

func TestAnApprovalEnds(t *testing.T) {
	client := connected(t, "expired once")
	var calls sync.WaitGroup
	for range 20 {
		calls.Add(1)
		go func() {
			defer calls.Done()
			resolve(t, client, "expired once by client 2")
		}()
	}
	calls.Wait()
	signIns := 0
	for _, kind := range kinds(t, "expired once") {
		if kind == "init_client" {
			signIns++
		}
	}
	if signIns != 2 {
		t.Errorf("%d sign-ins", signIns)
	}

	var expired *opwire.DesktopSessionExpiredError
	if err := failure(t, "expired always"); !errors.As(err, &expired) || !expired.Retryable {
		t.Errorf("got %v", err)
	}
	want := []string{"init_client", "invoke", "init_client", "invoke"}
	if got := kinds(t, "expired always"); !slices.Equal(got, want) {
		t.Errorf("requests: %v", got)
	}
}

func TestACallIsGivenUp(t *testing.T) {
	client := connected(t, "hang")
	brief, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := client.Secrets().Resolve(brief, reference); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a call: %v", err)
	}
	if _, err := connect(brief, t, "init hang"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a sign-in: %v", err)
	}
	var late *opwire.TimeoutError
	err := failure(t, "init hang", opwire.WithRequestTimeout(100*time.Millisecond))
	if !errors.As(err, &late) || !late.Retryable || !strings.Contains(err.Error(), "did not answer within 100ms") {
		t.Errorf("a sign-in without a deadline of its own: %v", err)
	}
	time.AfterFunc(100*time.Millisecond, func() { client.Close() })
	if _, err := client.Secrets().Resolve(testContext(t), reference); !errors.Is(err, opwire.ErrClientClosed) {
		t.Errorf("a call of a client that is closed: %v", err)
	}
}

func TestClosingEndsTheSession(t *testing.T) {
	client := connected(t, "Closed")
	client.Close()
	waitFor(t, "Closed", "init_client", "release_client")
	if got := requests(t, "Closed")[1].payload; got != "1" {
		t.Errorf("released %s", got)
	}
	if _, err := client.Secrets().Resolve(testContext(t), reference); !errors.Is(err, opwire.ErrClientClosed) {
		t.Errorf("got %v", err)
	}

	if _, err := opwire.NewClient(testContext(t), opwire.WithDesktopAppIntegration("Forgotten"),
		opwire.WithIntegrationInfo("opwire tests", "v0.1.0"), desktopapp.WithLibrary(library)); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		runtime.GC()
	}
	waitFor(t, "Forgotten", "init_client", "release_client")
}

func TestWhatTheAppCannotDoIsRefused(t *testing.T) {
	retries := opwire.WithMaxRetries(0)
	for option, refused := range map[string]opwire.ClientOption{
		"WithDesktopScope": opwire.WithDesktopScope(opwire.DesktopScope{Vaults: []string{}}),
		"WithCache":        opwire.WithCache(opwire.CacheOptions{}),
		"WithMaxRetries":   retries,
	} {
		var wrong *opwire.InvalidConfigurationError
		if err := failure(t, "Refused", refused); !errors.As(err, &wrong) || wrong.Field != option {
			t.Errorf("%s: %v", option, err)
		}
	}
	readOnly := opwire.WithDesktopScope(opwire.DesktopScope{ReadOnly: true})
	if err := failure(t, "Refused", readOnly); !strings.Contains(err.Error(), "cannot limit a program to some vaults") {
		t.Errorf("got %v", err)
	}
	if sent := requests(t, "Refused"); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
	_, err := opwire.NewClient(testContext(t), desktopapp.WithLibrary(library), opwire.WithServiceAccountToken("x"))
	if !errors.Is(err, opwire.ErrInvalidConfiguration) {
		t.Errorf("with a token: %v", err)
	}
}

func TestALibraryThatOthersCanChangeIsRefused(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "app.so")
	text, err := os.ReadFile(library)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"app.so": text, "text.so": []byte("text")} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	check := func(path string, fileMode, folderMode os.FileMode, want string) {
		t.Helper()
		if err := errors.Join(os.Chmod(file, fileMode), os.Chmod(folder, folderMode)); err != nil {
			t.Fatal(err)
		}
		_, err := connect(testContext(t), t, "Acme", desktopapp.WithLibrary(path))
		var wrong *opwire.InvalidConfigurationError
		if !errors.As(err, &wrong) || wrong.Field != "WithLibrary" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
	check(file, 0o775, 0o755, "other users can change "+file+": prevent it with `chmod go-w`")
	check(file, 0o755, 0o777, "other users can change "+folder)
	if os.Geteuid() == 0 {
		if err := os.Chown(file, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		check(file, 0o755, 0o755, "belongs to another user")
	}
	check(filepath.Join(folder, "nothing.so"), 0o755, 0o755, "nothing.so cannot be read")
	check(filepath.Join(folder, "text.so"), 0o755, 0o755, "text.so cannot be loaded")
}

func TestAVariableNamesTheLibraryToo(t *testing.T) {
	t.Setenv("OPWIRE_DESKTOP_LIBRARY", library)
	client, err := opwire.NewClient(testContext(t), opwire.WithDesktopAppIntegration("Variable"), opwire.WithIntegrationInfo("x", "1"))
	if err != nil {
		t.Fatal(err)
	}
	resolve(t, client, "Variable by client 1")
	t.Setenv("OPWIRE_DESKTOP_LIBRARY", filepath.Join(t.TempDir(), "nothing.so"))
	connected(t, "Variable")
	_, err = opwire.NewClient(testContext(t), opwire.WithDesktopAppIntegration("Variable"), opwire.WithIntegrationInfo("x", "1"))
	if !errors.Is(err, opwire.ErrInvalidConfiguration) {
		t.Errorf("got %v", err)
	}
}

func TestNeitherAgentNorApp(t *testing.T) {
	_, err := opwire.NewClient(testContext(t), opwire.WithDesktopAppIntegration("Acme"), opwire.WithIntegrationInfo("x", "1"))
	var unavailable *opwire.AgentUnavailableError
	if !errors.As(err, &unavailable) || !unavailable.Retryable || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	for _, want := range []string{"no agent listens on", "start one with `opwire agent`", "/opt/1Password/libop_sdk_ipc_client.so"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
}
