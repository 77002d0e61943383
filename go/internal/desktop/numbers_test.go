package desktop_test

import (
	"bytes"
	"testing"

	"github.com/opwire/opwire/go/internal/desktop"
	"github.com/opwire/opwire/go/internal/engine"
)

func TestBytesAsNumbers(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":{"attachment":0},"b":[{"attachment":1}]}`:   `{"a":[1,0,255],"b":[[]]}`,
		`{"a":{"attachment":2}}`:                          `{"a":{"attachment":2}}`,
		`{"a":"{\"attachment\":0} \\{\"attachment\":0}"}`: `{"a":"{\"attachment\":0} \\{\"attachment\":0}"}`,
	} {
		message := engine.Message{Text: []byte(text), Attachments: [][]byte{{1, 0, 255}, {}}}
		if got := desktop.WithNumbers(message); string(got) != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestNumbersAsBytes(t *testing.T) {
	got, err := desktop.FromNumbers([]byte("[0, 7,255]"))
	if err != nil || !bytes.Equal(got, []byte{0, 7, 255}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, other := range []string{"", `"AA=="`, "null", "[null]", "[256]", "[-1]", "[1.5]", `["1"]`, "{}", "3", "[1"} {
		if got, err := desktop.FromNumbers([]byte(other)); err == nil {
			t.Errorf("%s: %v", other, got)
		}
	}
}
