package opwire_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	opwire "github.com/opwire/opwire/go"
	"github.com/opwire/opwire/go/internal/testserver"
)

// golden is a case of the recorded behaviour of the public SDKs.
type golden struct {
	Input json.RawMessage `json:"input"`
	OK    bool            `json:"ok"`
	Error string          `json:"error"`
	Value struct {
		Stats struct{ MinLength, MaxLength int }
	} `json:"value"`
}

// inexpressible reports whether Go's types cannot express the input, such as a number instead of a string, or half of a
// surrogate pair.
func (g golden) inexpressible() bool { return !g.OK && !strings.HasPrefix(g.Error, "{") }

func readGolden(t *testing.T, name string) []golden {
	t.Helper()
	root, err := testserver.Workspace()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "packages", "contract", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	var cases []golden
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// checkError compares an error with a recorded one.
func checkError(t *testing.T, input json.RawMessage, err error, recorded string) {
	t.Helper()
	var want struct{ Name, Message string }
	if json.Unmarshal([]byte(recorded), &want) != nil {
		t.Fatalf("%s: %q is not an error's JSON", input, recorded)
	}
	var got *opwire.Error
	if !errors.As(err, &got) || got.Name != want.Name || got.Message != want.Message {
		t.Errorf("%s: got %v, want %s", input, err, recorded)
	}
}

func TestSecretReferencesAreJudgedAsRecorded(t *testing.T) {
	ctx := testContext(t)
	for _, test := range readGolden(t, "references.json") {
		if test.inexpressible() {
			continue
		}
		var reference string
		if err := json.Unmarshal(test.Input, &reference); err != nil {
			t.Fatal(err)
		}
		err := opwire.Secrets.ValidateSecretReference(ctx, reference)
		if !test.OK {
			checkError(t, test.Input, err, test.Error)
		} else if err != nil {
			t.Errorf("%s: %v", test.Input, err)
		}
	}
}

func TestPasswordsAreMadeAsRecorded(t *testing.T) {
	ctx := testContext(t)
	for _, test := range readGolden(t, "passwords.json") {
		if test.inexpressible() {
			continue
		}
		var recipe opwire.PasswordRecipe
		if err := json.Unmarshal(test.Input, &recipe); err != nil {
			t.Errorf("%s: %v", test.Input, err)
			continue
		}
		response, err := opwire.Secrets.GeneratePassword(ctx, recipe)
		if !test.OK {
			checkError(t, test.Input, err, test.Error)
			continue
		}
		// Lengths vary only if words are chosen. The record contains the lengths of 200 samples.
		const slack = 12
		shortest, longest := test.Value.Stats.MinLength, test.Value.Stats.MaxLength
		if shortest != longest {
			shortest, longest = shortest-slack, longest+slack
		}
		if length := len(response.Password); err != nil || length < shortest || length > longest {
			t.Errorf("%s: %d characters, %v", test.Input, length, err)
		}
	}
}

func TestRecipesThroughTypedConstructors(t *testing.T) {
	recipe := opwire.NewPasswordRecipeTypeVariantPin(&opwire.PasswordRecipePinInner{Length: 6})
	response, err := opwire.Secrets.GeneratePassword(testContext(t), recipe)
	if err != nil || len(response.Password) != 6 || strings.Trim(response.Password, "0123456789") != "" {
		t.Errorf("got %q, %v", response.Password, err)
	}
}
