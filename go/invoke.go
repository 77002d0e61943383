package opwire

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/opwire/opwire/go/internal/engine"
)

// invoke runs a method of the client. All generated methods are calls of it.
func invoke[T any](ctx context.Context, inner *innerClient, name string, params any) (T, error) {
	return invokeBy[T](ctx, inner.engine.Invoke, name, params)
}

// invokeOffline runs a method that needs neither client nor network.
func invokeOffline[T any](ctx context.Context, name string, params any) (T, error) {
	return invokeBy[T](ctx, engine.InvokeOffline, name, params)
}

type invoker func(ctx context.Context, method string, params json.RawMessage) ([]byte, error)

func invokeBy[T any](ctx context.Context, run invoker, name string, params any) (result T, err error) {
	input, err := json.Marshal(params)
	if err != nil {
		return result, fmt.Errorf("opwire: %s: the parameters: %w", name, err)
	}
	output, err := run(ctx, name, input)
	if err != nil {
		return result, callError(name, err)
	}
	if len(output) == 0 { // Methods that return nothing.
		return result, nil
	}
	if err := json.Unmarshal(output, &result); err != nil {
		return result, fmt.Errorf("opwire: %s: the result: %w", name, err)
	}
	return result, nil
}
