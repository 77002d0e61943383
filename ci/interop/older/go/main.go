// Signs in with an older version of the public SDK, and prints what it reads: older CALLS, of which it takes the token.
// Each mod file names one version; what they have under other names is looked up as it runs.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"

	sdk "github.com/1password/onepassword-sdk-go"
)

func main() {
	ctx := context.Background()
	client, err := sdk.NewClient(ctx,
		sdk.WithServiceAccountToken(readToken(os.Args[1])),
		sdk.WithIntegrationInfo("Older", "v1"),
	)
	check(err)
	secrets := part(client, "Secrets").Interface().(interface {
		Resolve(ctx context.Context, reference string) (string, error)
	})
	value, err := secrets.Resolve(ctx, "op://Development/Example/password")
	check(err)
	fmt.Println(value)
	fmt.Println(slices.Contains(titles(part(client, "Vaults"), ctx), "Development"))
	fmt.Println(slices.Contains(titles(part(client, "Items"), ctx, os.Getenv("OP_VAULT_ID")), "Example"))
}

func readToken(file string) string {
	text, err := os.ReadFile(file)
	check(err)
	var plan struct{ Token string }
	check(json.Unmarshal(text, &plan))
	return plan.Token
}

// part is a method of clients, and was a field once.
func part(client *sdk.Client, name string) reflect.Value {
	if method := reflect.ValueOf(client).MethodByName(name); method.IsValid() {
		return method.Call(nil)[0]
	}
	return reflect.ValueOf(client).Elem().FieldByName(name)
}

// titles lists by List, or by ListAll, which gave an iterator.
func titles(part reflect.Value, arguments ...any) []string {
	method := part.MethodByName("List")
	if !method.IsValid() {
		method = part.MethodByName("ListAll")
	}
	var values []reflect.Value
	for _, argument := range arguments {
		values = append(values, reflect.ValueOf(argument))
	}
	results := method.Call(values)
	check(results[1].Interface())
	list := results[0]
	var titles []string
	if list.Kind() == reflect.Slice {
		for index := range list.Len() {
			titles = append(titles, list.Index(index).FieldByName("Title").String())
		}
		return titles
	}
	for {
		next := list.MethodByName("Next").Call(nil)
		if !next[1].IsNil() {
			return titles
		}
		titles = append(titles, next[0].Elem().FieldByName("Title").String())
	}
}

func check(err any) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
