package desktop

import (
	"encoding/json"
	"errors"

	"github.com/opwire/opwire/go/internal/engine"
)

// Failure is an error as the core reports it.
func Failure(name, message string, retryable bool, cause error) error {
	return failure(map[string]any{"name": name, "message": message, "retryable": retryable}, cause)
}

// ConfigurationFailure is the error for an option that cannot be used.
func ConfigurationFailure(message, option string, cause error) error {
	return failure(map[string]any{"name": "InvalidConfiguration", "message": message, "field": option}, cause)
}

// WithReason adds to the message of an error that the core reports.
func WithReason(err error, reason string) error {
	var reported *engine.CallError
	var members map[string]any
	if !errors.As(err, &reported) || json.Unmarshal(reported.JSON, &members) != nil {
		return err
	}
	text, _ := members["message"].(string)
	members["message"] = text + reason
	return failure(members, reported.Cause)
}

// HasExpired reports whether an error says that what the person approved has ended.
func HasExpired(err error) bool {
	var failure *engine.CallError
	if !errors.As(err, &failure) {
		return false
	}
	var named struct {
		Name string `json:"name"`
	}
	return json.Unmarshal(failure.JSON, &named) == nil && named.Name == "DesktopSessionExpired"
}

func failure(members map[string]any, cause error) error {
	text, err := json.Marshal(members)
	if err != nil {
		return err
	}
	return &engine.CallError{JSON: text, Cause: cause}
}
