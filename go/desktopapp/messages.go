package desktopapp

import (
	"encoding/base64"
	"encoding/json"
	"slices"

	"github.com/opwire/opwire/go/internal/desktop"
	"github.com/opwire/opwire/go/internal/engine"
)

const (
	kindSignIn  = "init_client"
	kindInvoke  = "invoke"
	kindRelease = "release_client"
)

// encodeRequest returns a request. The payload is the text that the core would get.
func encodeRequest(kind, account string, payload []byte) ([]byte, error) {
	return json.Marshal(struct {
		Kind    string `json:"kind"`
		Account string `json:"account_name"`
		Payload []byte `json:"payload"` // as base64
	}{kind, account, payload})
}

// decodeAnswer returns the text of an answer, or the failure that it is.
func decodeAnswer(answer []byte) ([]byte, error) {
	var decoded struct {
		Success bool            `json:"success"`
		Payload json.RawMessage `json:"payload"`
	}
	err := json.Unmarshal(answer, &decoded)
	var text []byte
	if err == nil {
		text, err = decodePayload(decoded.Payload)
	}
	if err != nil {
		return nil, desktop.Failure("InvalidResponse", "the answer of the 1Password app cannot be read", false, err)
	}
	if decoded.Success {
		return text, nil
	}
	return nil, reported(text)
}

func decodePayload(payload json.RawMessage) ([]byte, error) {
	if len(payload) == 0 || payload[0] != '"' {
		return desktop.FromNumbers(payload)
	}
	return base64.StdEncoding.AppendDecode(nil, payload[1:len(payload)-1])
}

// retryable are the kinds of failures after which the same call may succeed. The app does not say it.
var retryable = []string{"DesktopSessionExpired", "AgentUnavailable", "RateLimitExceeded", "ServerError", "Timeout", "Network"}

// reported is the error of a text: JSON with a name and a message, or any text.
func reported(text []byte) error {
	var named struct {
		Name      string `json:"name"`
		Message   string `json:"message"`
		Retryable *bool  `json:"retryable"`
	}
	if err := json.Unmarshal(text, &named); err != nil || named.Name == "" {
		return desktop.Failure("Unknown", string(text), false, nil)
	}
	if named.Retryable == nil {
		return desktop.Failure(named.Name, named.Message, slices.Contains(retryable, named.Name), nil)
	}
	return &engine.CallError{JSON: text}
}
