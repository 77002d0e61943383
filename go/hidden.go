package opwire

import (
	"fmt"
	"io"
	"reflect"
	"slices"
)

// hidden stands for a secret in texts for people.
type hidden struct{}

// Format writes the same whatever it is asked for.
func (hidden) Format(state fmt.State, _ rune) { io.WriteString(state, "<hidden>") }

// hide returns what stands for a secret; the value itself where there is none.
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
