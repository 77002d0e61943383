// Makes the calls of a file, and writes what each gave: run CALLS RESULTS. It is built twice, the second time with only
// the import of the SDK changed.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	sdk "github.com/1password/onepassword-sdk-go"
)

type call struct {
	Name      string
	Method    string
	Arguments []json.RawMessage
	Faults    []any
	Fresh     bool
}

type outcome struct {
	Value    any      `json:"value,omitempty"`
	Error    *string  `json:"error,omitempty"`
	Requests []string `json:"requests"`
	// When the call began and ended, since 1970.
	Seconds [2]int64 `json:"seconds"`
}

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, callsFile, resultsFile string) error {
	text, err := os.ReadFile(callsFile)
	if err != nil {
		return err
	}
	var plan struct {
		Token   string
		Control string
		Calls   []call
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		return err
	}
	auth := sdk.WithServiceAccountToken(plan.Token)
	if os.Getenv("OPWIRE_TEST_AUTH") == "agent" {
		auth = sdk.WithDesktopAppIntegration("Acme")
	}
	client, err := signIn(ctx, auth, "Interop", "v1.0.0")
	if err != nil {
		return err
	}
	results := make(map[string]outcome, len(plan.Calls))
	returned := make(map[string]any, len(plan.Calls))
	for _, call := range plan.Calls {
		if call.Fresh {
			if client, err = signIn(ctx, auth, "Interop", "v1.0.0"); err != nil {
				return err
			}
		}
		if _, err := takeRequests(plan.Control); err != nil {
			return err
		}
		for i := range call.Arguments {
			call.Arguments[i] = toJSON(fromResult(argument[any](call, i), returned))
		}
		if call.Faults != nil {
			if err := ask(plan.Control+"/faults", http.MethodPut, call.Faults, nil); err != nil {
				return err
			}
		}
		var result outcome
		began := time.Now().Unix()
		value, err := perform(ctx, client, call)
		result.Seconds = [2]int64{began, time.Now().Unix()}
		if err != nil {
			message := err.Error()
			result.Error = &message
		} else {
			result.Value, returned[call.Name] = describe(value), value
		}
		if call.Faults != nil {
			if err := ask(plan.Control+"/faults", http.MethodPut, []any{}, nil); err != nil {
				return err
			}
		}
		if result.Requests, err = takeRequests(plan.Control); err != nil {
			return err
		}
		results[call.Name] = result
	}
	text, err = json.Marshal(results)
	if err != nil {
		return err
	}
	return os.WriteFile(resultsFile, text, 0o600)
}

// takeRequests returns the requests since the last time, as the proxy saw them.
func takeRequests(control string) (requests []string, err error) {
	if control == "" {
		return []string{}, nil
	}
	err = ask(control+"/requests", http.MethodDelete, nil, &requests)
	return requests, err
}

// ask sends body to the proxy's control, and reads its answer where there is to be one.
func ask(url, method string, body, answer any) error {
	request, err := http.NewRequest(method, url, bytes.NewReader(toJSON(body)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("the proxy answered %s", response.Status)
	case answer == nil:
		return nil
	default:
		return json.NewDecoder(response.Body).Decode(answer)
	}
}

// fromResult gives an argument as it is, or the part of an earlier result that it names, with its changes.
func fromResult(value any, returned map[string]any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = fromResult(value[i], returned)
		}
	case map[string]any:
		if name, ok := value["$result"].(string); ok {
			return edited(returned[name], value)
		}
		for name := range value {
			if list, ok := value[name].([]any); ok && name == "content" {
				value[name] = octets(list)
			} else {
				value[name] = fromResult(value[name], returned)
			}
		}
	}
	return value
}

// octets are the content of a file, which the calls list as numbers. Go writes bytes as base64.
func octets(list []any) []byte {
	content := make([]byte, len(list))
	for i, number := range list {
		content[i] = byte(number.(float64))
	}
	return content
}

// edited gives the part of the result at edit's path, with the members of its set changed.
func edited(result any, edit map[string]any) any {
	var part any
	if err := json.Unmarshal(toJSON(result), &part); err != nil {
		panic(err)
	}
	for _, step := range edit["path"].([]any) {
		switch step := step.(type) {
		case string:
			part = part.(map[string]any)[step]
		case float64:
			part = part.([]any)[int(step)]
		}
	}
	set, _ := edit["set"].(map[string]any)
	for name, member := range set {
		item := part.(map[string]any)
		// Of a policy for sharing: files.allowed is a member of files.
		if outer, inner, ok := strings.Cut(name, "."); ok {
			item, name = item[outer].(map[string]any), inner
		}
		if name == "field" {
			field := member.([]any)
			item["fields"].([]any)[int(field[0].(float64))].(map[string]any)["value"] = field[1]
		} else {
			item[name] = member
		}
	}
	return part
}

func toJSON(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

func signIn(ctx context.Context, auth sdk.ClientOption, name, version string) (*sdk.Client, error) {
	return sdk.NewClient(ctx, auth, sdk.WithIntegrationInfo(name, version))
}

func perform(ctx context.Context, client *sdk.Client, call call) (any, error) {
	switch call.Method {
	case "authenticate":
		text := all[string](call)
		_, err := signIn(ctx, sdk.WithServiceAccountToken(text[0]), text[1], text[2])
		return nil, err
	case "vaults.list":
		return client.Vaults().List(ctx, all[sdk.VaultListParams](call)...)
	case "vaults.create":
		return client.Vaults().Create(ctx, argument[sdk.VaultCreateParams](call, 0))
	case "vaults.getOverview":
		return client.Vaults().GetOverview(ctx, all[string](call)[0])
	case "vaults.get":
		return client.Vaults().Get(ctx, argument[string](call, 0), argument[sdk.VaultGetParams](call, 1))
	case "vaults.update":
		return client.Vaults().Update(ctx, argument[string](call, 0), argument[sdk.VaultUpdateParams](call, 1))
	case "vaults.delete":
		return nil, client.Vaults().Delete(ctx, argument[string](call, 0))
	case "vaults.grantGroupPermissions":
		vault, list := argument[string](call, 0), argument[[]sdk.GroupAccess](call, 1)
		return nil, client.Vaults().GrantGroupPermissions(ctx, vault, list)
	case "vaults.updateGroupPermissions":
		return nil, client.Vaults().UpdateGroupPermissions(ctx, argument[[]sdk.GroupVaultAccess](call, 0))
	case "vaults.revokeGroupPermissions":
		ids := all[string](call)
		return nil, client.Vaults().RevokeGroupPermissions(ctx, ids[0], ids[1])
	case "groups.get":
		return client.Groups().Get(ctx, argument[string](call, 0), argument[sdk.GroupGetParams](call, 1))
	case "environments.getVariables":
		return client.Environments().GetVariables(ctx, argument[string](call, 0))
	case "items.list":
		vault := argument[string](call, 0)
		call.Arguments = call.Arguments[1:]
		return client.Items().List(ctx, vault, all[sdk.ItemListFilter](call)...)
	case "items.get":
		ids := all[string](call)
		return client.Items().Get(ctx, ids[0], ids[1])
	case "items.create":
		return client.Items().Create(ctx, argument[sdk.ItemCreateParams](call, 0))
	case "items.files.read":
		file := argument[sdk.FileAttributes](call, 2)
		return client.Items().Files().Read(ctx, argument[string](call, 0), argument[string](call, 1), file)
	case "files":
		ids := all[string](call)
		item, err := client.Items().Get(ctx, ids[0], ids[1])
		if err != nil {
			return nil, err
		}
		return contents(ctx, client, item)
	case "items.files.attach":
		return client.Items().Files().Attach(ctx, argument[sdk.Item](call, 0), argument[sdk.FileCreateParams](call, 1))
	case "items.files.delete":
		section, field := argument[string](call, 1), argument[string](call, 2)
		return client.Items().Files().Delete(ctx, argument[sdk.Item](call, 0), section, field)
	case "items.files.replaceDocument":
		document := argument[sdk.DocumentCreateParams](call, 1)
		return client.Items().Files().ReplaceDocument(ctx, argument[sdk.Item](call, 0), document)
	case "unmatched methods":
		called := argument[[]string](call, 0)
		all := append(methods(reflect.ValueOf(client), ""), methods(reflect.ValueOf(sdk.Secrets), "secrets.")...)
		return slices.DeleteFunc(slices.Concat(called, all), func(name string) bool {
			return slices.Contains(called, name) && slices.Contains(all, name)
		}), nil
	case "items.put":
		return client.Items().Put(ctx, argument[sdk.Item](call, 0))
	case "items.shares.getAccountPolicy":
		ids := all[string](call)
		return client.Items().Shares().GetAccountPolicy(ctx, ids[0], ids[1])
	case "items.shares.validateRecipients":
		policy := argument[sdk.ItemShareAccountPolicy](call, 0)
		return client.Items().Shares().ValidateRecipients(ctx, policy, argument[[]string](call, 1))
	case "items.shares.create":
		policy, params := argument[sdk.ItemShareAccountPolicy](call, 1), argument[sdk.ItemShareParams](call, 2)
		return client.Items().Shares().Create(ctx, argument[sdk.Item](call, 0), policy, params)
	case "items.archive":
		ids := all[string](call)
		return nil, client.Items().Archive(ctx, ids[0], ids[1])
	case "items.delete":
		ids := all[string](call)
		return nil, client.Items().Delete(ctx, ids[0], ids[1])
	case "items.getAll":
		return client.Items().GetAll(ctx, argument[string](call, 0), argument[[]string](call, 1))
	case "items.createAll":
		return client.Items().CreateAll(ctx, argument[string](call, 0), argument[[]sdk.ItemCreateParams](call, 1))
	case "items.deleteAll":
		return client.Items().DeleteAll(ctx, argument[string](call, 0), argument[[]string](call, 1))
	case "secrets.resolve":
		return client.Secrets().Resolve(ctx, all[string](call)[0])
	case "secrets.resolveAll":
		return client.Secrets().ResolveAll(ctx, argument[[]string](call, 0))
	case "secrets.validateSecretReference":
		return nil, sdk.Secrets.ValidateSecretReference(ctx, all[string](call)[0])
	case "secrets.generatePassword":
		response, err := sdk.Secrets.GeneratePassword(ctx, argument[sdk.PasswordRecipe](call, 0))
		return len(response.Password), err
	default:
		panic("unknown method " + call.Method)
	}
}

func all[T any](call call) []T {
	values := make([]T, len(call.Arguments))
	for i := range call.Arguments {
		values[i] = argument[T](call, i)
	}
	return values
}

func argument[T any](call call, i int) (value T) {
	if err := json.Unmarshal(call.Arguments[i], &value); err != nil {
		panic(fmt.Sprintf("%s: argument %d: %v", call.Name, i, err))
	}
	return value
}
