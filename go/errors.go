package opwire

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/opwire/opwire/go/internal/engine"
)

// Error is a failure that the core reports. Each kind has a type for [errors.As], which contains an Error, and a
// variable for [errors.Is]:
//
//	if errors.Is(err, opwire.ErrRateLimitExceeded) { ... }
//
//	var limit *opwire.RateLimitExceededError
//	if errors.As(err, &limit) {
//		time.Sleep(limit.RetryAfter)
//	}
type Error struct {
	// Name is the kind of failure, the same in every language.
	Name string
	// Message describes the failure. It does not contain secrets.
	Message string
	// Field names the parameter or member at fault; empty if there is none.
	Field string
	// Retryable reports whether the same call may succeed when it is retried.
	Retryable bool
	// Status is the HTTP status that caused the failure, or 0.
	Status int
	// RetryAfter is how long the server asks to wait, or 0.
	RetryAfter time.Duration

	cause error
}

// Error returns the message, or the name of the kind if there is none, as in values that programs make for their tests.
func (e *Error) Error() string {
	if e.Message == "" {
		return "opwire: " + cmp.Or(e.Name, "an error without a message")
	}
	return e.Message
}

// Unwrap returns the network failure that caused e, as net/http reports it, or nil. Therefore [errors.Is] and
// [errors.As] find [context.DeadlineExceeded], a [*net.OpError], an [x509.UnknownAuthorityError] and similar errors.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is the variable for e's kind.
func (e *Error) Is(target error) bool {
	kind, ok := target.(*Error)
	return ok && e.Name != "" && *kind == Error{Name: e.Name}
}

// errorInternal is the kind of a failure that is a fault of opwire.
const errorInternal = "Internal"

// callError converts an error of the engine into one for callers. The context's errors stay recognisable.
func callError(call string, err error) error {
	var reported *engine.CallError
	var trap *engine.TrapError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reported):
		return reportedError(reported.JSON, reported.Cause)
	case errors.As(err, &trap):
		return typedError(&Error{Name: errorInternal, Message: "an internal error occurred: " + trap.Error(), Retryable: true})
	case errors.Is(err, engine.ErrClosed):
		return typedError(&Error{Name: ErrClientClosed.(*Error).Name, Message: "the client is closed"})
	default:
		return fmt.Errorf("opwire: %s: %w", call, err)
	}
}

// reportedError parses the core's JSON form of an error.
func reportedError(text []byte, cause error) error {
	var e struct {
		Name         string `json:"name"`
		Message      string `json:"message"`
		Field        string `json:"field"`
		Retryable    bool   `json:"retryable"`
		Status       int    `json:"status"`
		RetryAfterMs int64  `json:"retryAfterMs"`
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return typedError(&Error{Name: errorInternal, Message: "an internal error occurred: the core's error could not be read"})
	}
	return typedError(&Error{
		Name:       e.Name,
		Message:    e.Message,
		Field:      e.Field,
		Retryable:  e.Retryable,
		Status:     e.Status,
		RetryAfter: time.Duration(e.RetryAfterMs) * time.Millisecond,
		cause:      cause,
	})
}
