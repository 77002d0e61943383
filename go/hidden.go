package opwire

import (
	"fmt"
	"io"
	"reflect"
	"slices"
)

// hidden replaces a secret in printed texts.
type hidden struct{}

// Format writes the same text for every verb.
func (hidden) Format(state fmt.State, _ rune) { io.WriteString(state, "<hidden>") }

// hide returns the replacement of a secret, or the value itself if it is empty.
func hide(secret any) any {
	if value := reflect.ValueOf(secret); !value.IsValid() || value.IsZero() {
		return secret
	}
	return hidden{}
}

func hideIf(secret bool, value any) any {
	if secret {
		return hide(value)
	}
	return value
}

func isOneOf[T comparable](value T, others ...T) bool { return slices.Contains(others, value) }
