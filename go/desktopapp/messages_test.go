package desktopapp

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

func TestRetryableFailures(t *testing.T) {
	text, err := os.ReadFile("../../packages/contract/contract.json")
	if err != nil {
		t.Fatal(err)
	}
	var contract struct {
		Errors []struct {
			Name      string
			Retryable bool
		}
	}
	if err := json.Unmarshal(text, &contract); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, failure := range contract.Errors {
		if failure.Retryable {
			want = append(want, failure.Name)
		}
	}
	if !slices.Equal(retryable, want) {
		t.Errorf("%v, not %v", retryable, want)
	}
}
