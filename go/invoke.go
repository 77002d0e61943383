package opwire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/opwire/opwire/go/internal/desktop"
	"github.com/opwire/opwire/go/internal/engine"
)

// invoke runs a method of the client. All generated methods call it, or [invokeForBytes].
func invoke[T any](ctx context.Context, inner *innerClient, name string, params any, bytes attachments) (T, error) {
	return invokeBy[T](ctx, inner.invoke, name, params, bytes)
}

// invokeForBytes runs a method of the client whose result is bytes.
func invokeForBytes(ctx context.Context, inner *innerClient, name string, params any, bytes attachments) ([]byte, error) {
	output, err := exchange(ctx, inner.invoke, name, params, bytes)
	if err != nil {
		return nil, err
	}
	if len(output.Attachments) == 1 {
		return output.Attachments[0], nil
	}
	// The desktop app attaches nothing.
	result, err := desktop.FromNumbers(output.Text)
	if err != nil {
		return nil, fmt.Errorf("opwire: %s: the result: %w", name, err)
	}
	return result, nil
}

// invokeOffline runs a method that needs neither client nor network.
func invokeOffline[T any](ctx context.Context, name string, params any) (T, error) {
	return invokeBy[T](ctx, engine.InvokeOffline, name, params, nil)
}

type invoker func(ctx context.Context, method string, params engine.Message) (engine.Message, error)

func invokeBy[T any](ctx context.Context, run invoker, name string, params any, bytes attachments) (result T, err error) {
	output, err := exchange(ctx, run, name, params, bytes)
	if err != nil || len(output.Text) == 0 { // The text is empty if the method returns nothing.
		return result, err
	}
	if err := json.Unmarshal(output.Text, &result); err != nil {
		return result, fmt.Errorf("opwire: %s: the result: %w", name, err)
	}
	return result, nil
}

func exchange(ctx context.Context, run invoker, name string, params any, bytes attachments) (engine.Message, error) {
	text, err := json.Marshal(params)
	if err != nil {
		return engine.Message{}, fmt.Errorf("opwire: %s: the parameters: %w", name, err)
	}
	if hasInvalidText(text) {
		return engine.Message{}, typedError(&Error{
			Name:    ErrInvalidInvocation.(*Error).Name,
			Message: fmt.Sprintf("invalid parameters of %s: a text is not valid UTF-8; keep bytes in a file, or encode them", name),
		})
	}
	output, err := run(ctx, name, engine.Message{Text: text, Attachments: bytes})
	if err != nil {
		return engine.Message{}, callError(name, err)
	}
	return output, nil
}

// hasInvalidText reports whether [json.Marshal] replaced bytes that are not UTF-8. In that case it escapes the
// replacement character, which it otherwise writes unescaped.
func hasInvalidText(encoded []byte) bool {
	escape := []byte(`\ufffd`)
	for from := 0; ; {
		at := bytes.Index(encoded[from:], escape)
		if at < 0 {
			return false
		}
		at += from
		before := at
		for before > 0 && encoded[before-1] == '\\' {
			before--
		}
		// If an odd number of backslashes precedes it, its own backslash is escaped.
		if (at-before)%2 == 0 {
			return true
		}
		from = at + len(escape)
	}
}

// attachments are the bytes of one call. They are passed to the core beside the JSON that refers to them
// (docs/decisions/0025).
type attachments [][]byte

// reference refers to attached bytes in JSON.
type reference struct {
	Attachment int `json:"attachment"`
}

// add attaches bytes, and returns their reference.
func (a *attachments) add(bytes []byte) reference {
	*a = append(*a, bytes)
	return reference{len(*a) - 1}
}

// holder is a generated type that contains bytes.
type holder interface {
	// attach attaches the bytes of the value, and returns the value for the JSON.
	attach(to *attachments) any
}

func attachEach[T holder](values []T, to *attachments) []any {
	encoded := make([]any, len(values))
	for i, value := range values {
		encoded[i] = value.attach(to)
	}
	return encoded
}

func attachOptional[T holder](value *T, to *attachments) any {
	if value == nil {
		return nil
	}
	return (*value).attach(to)
}

// orEmptyList returns an empty list for nil, so that it is [] in JSON and not null.
func orEmptyList[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// orEmptyMap returns an empty map for nil, so that it is {} in JSON and not null.
func orEmptyMap[T any](values map[string]T) map[string]T {
	if values == nil {
		return map[string]T{}
	}
	return values
}
