package opwire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

// In items that other programs stored, a reference resolves to the value that the public SDK returns, or fails.
func TestReferencesIntoStoredItems(t *testing.T) {
	var vectors struct {
		Cases []json.RawMessage `json:"cases"`
	}
	readVectors(t, "stored-items.json", &vectors)
	ids := putItems(t, vectors.Cases)
	ctx, client := testContext(t), newClient(t)
	for i, text := range vectors.Cases {
		var stored struct {
			Why        string             `json:"why"`
			References map[string]*string `json:"references"`
			Websites   []string           `json:"websites"`
		}
		if err := json.Unmarshal(text, &stored); err != nil {
			t.Fatal(err)
		}
		var keys, references []string
		for key := range stored.References {
			keys = append(keys, key)
			references = append(references, fmt.Sprintf("op://%s/%s/%s", server.VaultID, ids[i], key))
		}
		for j, found := range resolveStored(t, ctx, client, references) {
			want := stored.References[keys[j]]
			if got := found.Content; (got == nil) != (want == nil) || got != nil && got.Secret != *want {
				t.Errorf("%s: %q: got %+v", stored.Why, keys[j], found)
			}
		}
		if stored.Websites != nil {
			item, err := client.Items().Get(ctx, server.VaultID, ids[i])
			if err != nil {
				t.Fatal(err)
			}
			var websites []string
			for _, website := range item.Websites {
				websites = append(websites, website.URL)
			}
			if !reflect.DeepEqual(websites, stored.Websites) {
				t.Errorf("%s: got %q", stored.Why, websites)
			}
		}
	}
}

// oneTimePasswords are contents of fields: some with equal codes, some of Steam, and some without a code.
type oneTimePasswords struct {
	Secret string `json:"secret"`
	Cases  []struct {
		Content, Algorithm string
		Digits, Period     int
	} `json:"cases"`
	Steam   struct{ Contents []string }       `json:"steam"`
	Refused []struct{ Content, Error string } `json:"refused"`
}

func TestOneTimePasswordsAsTheyArePasted(t *testing.T) {
	var vectors oneTimePasswords
	readVectors(t, "one-time-passwords.json", &vectors)
	var contents, wanted []string
	for _, each := range vectors.Cases {
		contents = append(contents, each.Content)
		wanted = append(wanted, fmt.Sprintf("otpauth://totp/x?secret=%s&digits=%d&period=%d&algorithm=%s",
			vectors.Secret, each.Digits, each.Period, each.Algorithm))
	}
	for _, content := range vectors.Steam.Contents {
		contents = append(contents, content)
		wanted = append(wanted, "steam://"+vectors.Secret)
	}
	pairs := len(contents)
	contents = append(contents, wanted...)
	for _, each := range vectors.Refused {
		contents = append(contents, each.Content)
	}
	references := putCodes(t, contents)

	ctx, client := testContext(t), newClient(t)
	var found []opwire.Response[opwire.ResolvedReference, opwire.ResolveReferenceError]
	differs := func(i int) bool {
		return found[i].Content == nil || found[pairs+i].Content == nil ||
			found[i].Content.Secret != found[pairs+i].Content.Secret
	}
	// The codes may change during a call.
	for attempt, equal := 0, false; attempt < 3 && !equal; attempt++ {
		found, equal = resolveStored(t, ctx, client, references), true
		for i := range pairs {
			equal = equal && !differs(i)
		}
	}
	steam := regexp.MustCompile("^[2-9BCDFGHJKMNPQRTVWXY]{5}$")
	for i := range pairs {
		switch {
		case differs(i):
			t.Errorf("%q: got %+v, want %+v", contents[i], found[i], found[pairs+i])
		case i < len(vectors.Cases) && len(found[i].Content.Secret) != vectors.Cases[i].Digits,
			i >= len(vectors.Cases) && !steam.MatchString(found[i].Content.Secret):
			t.Errorf("%q: got %q", contents[i], found[i].Content.Secret)
		}
	}
	for i, each := range vectors.Refused {
		failure := found[2*pairs+i].Error
		if failure == nil || string(failure.UnableToGenerateTOTPCode()) != each.Error {
			t.Errorf("%q: got %+v, want %s", each.Content, failure, each.Error)
		}
	}
}

// putCodes stores an item with one-time passwords with these contents, and returns references to their codes.
func putCodes(t *testing.T, contents []string) []string {
	t.Helper()
	var fields []map[string]string
	for i, content := range contents {
		fields = append(fields, map[string]string{
			"n": fmt.Sprintf("TOTP_%d", i), "t": fmt.Sprintf("f%d", i), "k": "concealed", "v": content,
		})
	}
	section := map[string]any{"name": "s", "title": "S", "fields": fields}
	item, err := json.Marshal(map[string]any{
		"templateUuid": "001", "overview": map[string]string{"title": "codes"},
		"details": map[string]any{"sections": []any{section}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := putItems(t, []json.RawMessage{item})[0]
	var references []string
	for i := range contents {
		references = append(references, fmt.Sprintf("op://%s/%s/TOTP_%d?attribute=totp", server.VaultID, id, i))
	}
	return references
}

func TestPrivateKeysAsProgramsStoreThem(t *testing.T) {
	var vectors struct {
		PublicKey      string `json:"publicKey"`
		Cases, Refused []struct{ Why, Text, Says string }
	}
	readVectors(t, "ssh-keys.json", &vectors)
	ctx, client := testContext(t), newClient(t)
	create := func(text string) (opwire.Item, error) {
		return client.Items().Create(ctx, opwire.ItemCreateParams{
			Category: opwire.ItemCategorySSHKey, VaultID: server.VaultID, Title: "key",
			Fields: []opwire.ItemField{{
				ID: "private_key", Title: "private key", FieldType: opwire.ItemFieldTypeSSHKey, Value: text,
			}},
		})
	}
	for _, each := range vectors.Cases {
		item, err := create(each.Text)
		if err != nil {
			t.Errorf("%s: %v", each.Why, err)
			continue
		}
		if got := item.Fields[0].Details.SSHKey().PublicKey; got != vectors.PublicKey {
			t.Errorf("%s: got %s", each.Why, got)
		}
		reference := fmt.Sprintf("op://%s/%s/private key?ssh-format=openssh", server.VaultID, item.ID)
		key, err := client.Secrets().Resolve(ctx, reference)
		if err != nil || !strings.HasPrefix(key, "-----BEGIN OPENSSH") {
			t.Errorf("%s: %v", each.Why, err)
		}
	}
	for _, each := range vectors.Refused {
		_, err := create(each.Text)
		if err == nil || !strings.Contains(err.Error(), "error parsing private key: ") ||
			!strings.Contains(err.Error(), each.Says) {
			t.Errorf("%s: got %v", each.Why, err)
		}
	}
}

func resolveStored(
	t *testing.T, ctx context.Context, client *opwire.Client, references []string,
) []opwire.Response[opwire.ResolvedReference, opwire.ResolveReferenceError] {
	t.Helper()
	all, err := client.Secrets().ResolveAll(ctx, references)
	if err != nil {
		t.Fatal(err)
	}
	found := make([]opwire.Response[opwire.ResolvedReference, opwire.ResolveReferenceError], len(references))
	for i, reference := range references {
		found[i] = all.IndividualResponses[reference]
	}
	return found
}

func putItems(t *testing.T, items []json.RawMessage) []string {
	t.Helper()
	text, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := server.PutItems(text)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}
