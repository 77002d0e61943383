package opwire

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/opwire/opwire/go/internal/engine"
)

// Error is a failure that the core reports. Each kind has a type of its own around it for [errors.As], and a variable
// for [errors.Is]:
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
	// Message is for people. It never holds a secret.
	Message string
	// Field names the parameter or member at fault; empty if there is none.
	Field string
	// Retryable reports whether the same call may succeed when it is made again.
	Retryable bool
	// Status is the HTTP status that the failure came from, or 0.
	Status int
	// RetryAfter is how long the server asks to wait, or 0.
	RetryAfter time.Duration

	cause error
}

// Error returns the message; the kind's name where there is none, as in values that programs make for their tests.
func (e *Error) Error() string {
	if e.Message == "" {
		return "opwire: " + cmp.Or(e.Name, "an error without a message")
	}
	return e.Message
}

// Unwrap returns the failure of the network that e comes from, as net/http reports it, or nil. So [errors.Is] and
// [errors.As] find [context.DeadlineExceeded], a [*net.OpError], an [x509.UnknownAuthorityError] and their like.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is the variable of e's kind.
func (e *Error) Is(target error) bool {
	kind, ok := target.(*Error)
	return ok && e.Name != "" && *kind == Error{Name: e.Name}
}

// errorInternal is the kind of failure that is opwire's own fault.
const errorInternal = "Internal"

// callError turns what the engine returns into what callers get. The context's errors stay recognisable.
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

// reportedError reads the core's JSON form of an error.
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
