package opwire_test

import (
	"errors"
	"strings"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

func TestAReferenceIsExplained(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	explained, err := client.Beyond().Secrets().Explain(ctx, example)
	if err != nil || explained.Problem != nil || len(explained.Steps) != 3 || explained.IDReference == nil {
		t.Fatalf("%+v, %v", explained, err)
	}
	if found, err := client.Secrets().Resolve(ctx, *explained.IDReference); err != nil || found != secret {
		t.Errorf("by ids: %v", err)
	}
	missing, err := client.Beyond().Secrets().Explain(ctx, "op://Development/Exampel/password")
	if err != nil || missing.Problem == nil || missing.Steps[1].Near[0].Title != "Example" {
		t.Errorf("%+v, %v", missing, err)
	}
	if _, err := client.Beyond().Secrets().Explain(ctx, "nothing"); !errors.Is(err, opwire.ErrParsingSecretReference) {
		t.Errorf("no reference: %v", err)
	}
}

func TestAnEnvTextIsResolvedAndMasked(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	text := "PASSWORD=" + example + "\nURL=pg://u:${PASSWORD}@${HOST}\nGONE=op://Development/Nothing/x"
	answer, err := client.Beyond().Secrets().ResolveEnv(ctx, text, map[string]string{"HOST": "db"})
	if err != nil {
		t.Fatal(err)
	}
	url := "pg://u:" + secret + "@db"
	if len(answer.Variables) != 2 || answer.Variables["PASSWORD"] != secret || answer.Variables["URL"] != url {
		t.Errorf("%+v", answer.Variables)
	}
	if gone := answer.Errors["GONE"]; gone.Type != opwire.ResolveReferenceErrorTypeVariantItemNotFound {
		t.Errorf("%+v", answer.Errors)
	}
	if masked, err := opwire.Secrets.Mask(ctx, url, answer.Secrets); err != nil || masked != "pg://u:<concealed by opwire>@db" {
		t.Errorf("%q, %v", masked, err)
	}
	var failure *opwire.Error
	_, err = client.Beyond().Secrets().ResolveEnv(ctx, "A=1\nhunter2")
	if !errors.As(err, &failure) || failure.Field != "env" || !strings.Contains(failure.Message, "line 2") || strings.Contains(failure.Message, "hunter2") {
		t.Errorf("a bad line: %v", err)
	}
	named, err := client.Beyond().Secrets().ResolveVariables(ctx, map[string]string{"a b": example})
	if err != nil || named.Variables["a b"] != secret {
		t.Errorf("%v", err)
	}
}
