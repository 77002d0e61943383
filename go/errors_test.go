package opwire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

// Tests of programs make errors as zero values.
func TestErrorsOfEveryKindAreUsableAsZeroValues(t *testing.T) {
	for _, kind := range errorKinds(t) {
		full := opwire.ErrorOfKind(kind)
		zero := reflect.New(reflect.TypeOf(full).Elem()).Interface().(error)
		var failure *opwire.Error
		if zero.Error() == "" || !errors.As(zero, &failure) || failure.Retryable || failure.RetryAfter != 0 {
			t.Errorf("%s: %q, %+v", kind, zero.Error(), failure)
		}
		if text := fmt.Sprintf("%v %+v %#v", zero, zero, zero); text == "" {
			t.Errorf("%s is shown as nothing", kind)
		}
		if reflect.TypeOf(full) == reflect.TypeFor[*opwire.Error]() || !errors.Is(zero, zero) || errors.Is(zero, new(opwire.Error)) {
			t.Errorf("%s has no type of its own", kind)
		}
		for _, other := range errorKinds(t) {
			sentinel := opwire.ErrorOfKind(other)
			if !errors.As(sentinel, &failure) {
				t.Fatal(other)
			}
			// The variable of a kind is an error with only a name.
			if is := errors.Is(full, failure); is != (kind == other) {
				t.Errorf("%s is %s: %v", kind, other, is)
			}
		}
	}
	if err := error(&opwire.RateLimitExceededError{}); !errors.Is(err, opwire.ErrRateLimitExceeded) || errors.Is(err, opwire.ErrAuth) {
		t.Error("a zero value is not of its kind")
	}
	if (&opwire.Error{}).Error() == "" || errors.Is(&opwire.Error{}, opwire.ErrAuth) {
		t.Error("an error of no kind")
	}
}

func errorKinds(t *testing.T) (names []string) {
	t.Helper()
	text, err := os.ReadFile("../packages/contract/contract.json")
	if err != nil {
		t.Fatal(err)
	}
	var contract struct{ Errors []struct{ Name string } }
	if err := json.Unmarshal(text, &contract); err != nil {
		t.Fatal(err)
	}
	for _, kind := range contract.Errors {
		names = append(names, kind.Name)
	}
	if len(names) < 20 {
		t.Fatalf("only %d kinds", len(names))
	}
	return names
}
