package opwire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

const never = "hunter2"

func pointer[T any](value T) *T { return &value }

func field(kind opwire.ItemFieldType, value string) opwire.ItemField {
	return opwire.ItemField{ID: "the id", Title: "the title", FieldType: kind, Value: value}
}

// holders are values of all types that contain secrets.
func holders() map[string]any {
	concealed := field(opwire.ItemFieldTypeConcealed, never)
	item := opwire.Item{ID: "the id", Notes: never, Fields: []opwire.ItemField{concealed}}
	details := opwire.NewItemFieldDetailsTypeVariantOTP(&opwire.OTPFieldDetails{Code: pointer(never)})
	reference := opwire.ResolvedReference{Secret: never, ItemID: "the id"}
	variable := opwire.EnvironmentVariable{Name: "the id", Value: never, Masked: true}
	file := opwire.FileCreateParams{Name: "the id", Content: []byte(never)}
	document := &opwire.DocumentCreateParams{Name: "the id", Content: []byte(never)}
	draft := opwire.FieldDraft{Title: "the id", FieldType: opwire.ItemFieldTypeConcealed, Value: never}
	return map[string]any{
		"a password":            concealed,
		"a one-time password":   field(opwire.ItemFieldTypeTOTP, never),
		"a private key":         field(opwire.ItemFieldTypeSSHKey, never),
		"a card's number":       field(opwire.ItemFieldTypeCreditCardNumber, never),
		"details":               details,
		"a field with details":  opwire.ItemField{ID: "the id", FieldType: opwire.ItemFieldTypeTOTP, Value: never, Details: &details},
		"a code":                opwire.OTPFieldDetails{Code: pointer(never)},
		"an item":               item,
		"a new item":            opwire.ItemCreateParams{Title: "the id", Notes: pointer(never), Fields: item.Fields, Files: []opwire.FileCreateParams{file}, Document: document},
		"a new file":            file,
		"a new document":        *document,
		"a resolved reference":  reference,
		"resolved references":   opwire.ResolveAllResponse{IndividualResponses: map[string]opwire.Response[opwire.ResolvedReference, opwire.ResolveReferenceError]{"the id": {Content: &reference}}},
		"an outcome":            opwire.Response[opwire.Item, opwire.ItemsGetAllError]{Content: &item},
		"items":                 opwire.ItemsGetAllResponse{IndividualResponses: []opwire.Response[opwire.Item, opwire.ItemsGetAllError]{{Content: &item}}},
		"changed items":         opwire.ItemsUpdateAllResponse{IndividualResponses: []opwire.Response[opwire.Item, opwire.ItemUpdateFailureReason]{{Content: &item}}},
		"a moved item":          opwire.ItemsMoveResponse{Item: item},
		"a variable":            variable,
		"variables":             opwire.GetVariablesResponse{Variables: []opwire.EnvironmentVariable{variable}},
		"a resolved .env":       opwire.ResolveEnvResponse{Variables: map[string]string{"the id": never}, Secrets: []string{never}},
		"a generated password":  opwire.GeneratePasswordResponse{Password: never},
		"a difference":          opwire.ItemDifference{Path: "the id", Before: pointer(never), After: pointer(never)},
		"a field to build":      draft,
		"an item to build":      opwire.ItemDraft{Title: "the id", Fields: []opwire.FieldDraft{draft}, Notes: pointer(never)},
		"built fields":          opwire.BuiltFields{Fields: item.Fields},
		"an item builder":       opwire.NewItemBuilder(opwire.ItemCategoryLogin, "the id", "the title").Password(never).Notes(never),
		"a pointer":             &item,
		"a list":                []opwire.Item{item},
		"a struct of a program": struct{ Item *opwire.Item }{&item},
	}
}

func TestNoSecretIsPrintedByAccident(t *testing.T) {
	for name, value := range holders() {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%20.3v"} {
			shown := fmt.Sprintf(verb, value)
			if strings.Contains(shown, never) || strings.Contains(shown, fmt.Sprintf("%x", never)) || strings.Contains(shown, fmt.Sprint([]byte(never))) {
				t.Errorf("%s, %s: %s", name, verb, shown)
			}
		}
	}
}

func TestNoSecretIsLoggedByAccident(t *testing.T) {
	for name, value := range holders() {
		var log bytes.Buffer
		loggers := []*slog.Logger{slog.New(slog.NewTextHandler(&log, nil))}
		switch name {
		case "a list", "a struct of a program": // JSON log handlers write these as JSON, with their secrets.
		default:
			loggers = append(loggers, slog.New(slog.NewJSONHandler(&log, nil)))
		}
		for _, logger := range loggers {
			logger.Info("read", "value", value)
		}
		if strings.Contains(log.String(), never) || strings.Contains(log.String(), "aHVudGVyMg") {
			t.Errorf("%s: %s", name, log.String())
		}
	}
}

func TestWhatIsNoSecretIsPrintedAsEver(t *testing.T) {
	text := field(opwire.ItemFieldTypeText, "wendy")
	unmasked := opwire.EnvironmentVariable{Name: "PORT", Value: "8080"}
	for shown, want := range map[string]string{
		fmt.Sprintf("%v", text): "{the id the title <nil> Text wendy <nil>}",
		fmt.Sprintf("%+v", field(opwire.ItemFieldTypeConcealed, never)):      "{ID:the id Title:the title SectionID:<nil> FieldType:Concealed Value:<hidden> Details:<nil>}",
		fmt.Sprintf("%#v", unmasked):                                         `opwire.EnvironmentVariable{Name:"PORT", Value:"8080", Masked:false}`,
		fmt.Sprintf("%+v", opwire.EnvironmentVariable{Name: "A"}):            "{Name:A Value: Masked:false}",
		fmt.Sprintf("%v", field(opwire.ItemFieldTypeConcealed, "")):          "{the id the title <nil> Concealed  <nil>}",
		fmt.Sprintf("%v", opwire.ItemDifference{Path: "p", Change: "added"}): "{p  added <nil> <nil>}",
	} {
		if shown != want {
			t.Errorf("got  %s\nwant %s", shown, want)
		}
	}
}

func TestJSONKeepsSecrets(t *testing.T) {
	for name, value := range holders() {
		text, err := json.Marshal(value)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if has := strings.Contains(string(text), never) || strings.Contains(string(text), "aHVudGVyMg"); !has && name != "an item builder" {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestATokenIsPrintedNeitherWithClientsNorWithErrors(t *testing.T) {
	var shown bytes.Buffer
	peek := func(client *opwire.Client) error {
		for _, verb := range []string{"%v", "%+v", "%#v"} {
			fmt.Fprintf(&shown, verb, client)
			fmt.Fprintf(&shown, verb, *client)
		}
		return nil
	}
	client := newClient(t, peek)
	peek(client)
	_, err := opwire.NewClient(testContext(t), opwire.WithServiceAccountToken("ops_"+never), peek)
	fmt.Fprintf(&shown, "%+v %#v", err, err)
	if strings.Contains(shown.String(), server.Token) || strings.Contains(shown.String(), never) {
		t.Error(shown.String())
	}
}
