package desktop

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"

	"github.com/opwire/opwire/go/internal/engine"
)

// reference is what package opwire puts in place of bytes. No text in JSON has an unescaped quotation mark after a brace.
var reference = regexp.MustCompile(`\{"attachment":(\d+)\}`)

// WithNumbers returns the JSON of a message, with its attachments written out as lists of numbers, which is how bytes
// pass through the app.
func WithNumbers(message engine.Message) []byte {
	if len(message.Attachments) == 0 {
		return message.Text
	}
	return reference.ReplaceAllFunc(message.Text, func(found []byte) []byte {
		index, err := strconv.Atoi(string(reference.FindSubmatch(found)[1]))
		if err != nil || index >= len(message.Attachments) {
			return found
		}
		list := []byte{'['}
		for i, value := range message.Attachments[index] {
			if i > 0 {
				list = append(list, ',')
			}
			list = strconv.AppendUint(list, uint64(value), 10)
		}
		return append(list, ']')
	})
}

// FromNumbers returns the bytes of a list of numbers.
func FromNumbers(list []byte) ([]byte, error) {
	var bytes []byte
	// Into bytes, package json also decodes base64, and nulls.
	for _, c := range list {
		if c == '"' || c == 'n' {
			return nil, errors.New("there is something else where bytes are expected")
		}
	}
	if err := json.Unmarshal(list, &bytes); err != nil {
		return nil, err
	}
	return bytes, nil
}
