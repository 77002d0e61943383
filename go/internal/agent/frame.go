package agent

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"

	"github.com/opwire/opwire/go/internal/desktop"
	"github.com/opwire/opwire/go/internal/engine"
)

const (
	// maxHeader is the longest header, in bytes.
	maxHeader = 64 << 10
	// maxFrame is the longest frame, in bytes, without its first four.
	maxFrame = 65 << 20
)

// header is the header of a request or an answer.
type header struct {
	Call    uint64 `json:"call"`
	Kind    string `json:"kind,omitempty"`
	OK      bool   `json:"ok,omitempty"`
	Lengths []int  `json:"lengths,omitempty"`
}

// encode returns the frame of a request.
func encode(head header, message engine.Message) ([]byte, error) {
	parts := append([][]byte{message.Text}, message.Attachments...)
	size := 0
	for _, part := range parts {
		head.Lengths = append(head.Lengths, len(part))
		size += len(part)
	}
	encoded, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	if len(encoded)+size > maxFrame {
		return nil, desktop.Failure("FileTooBig", "bad input passed by the user: file is too big", false, nil)
	}
	frame := make([]byte, 0, 4+len(encoded)+size)
	frame = binary.LittleEndian.AppendUint32(frame, uint32(len(encoded)))
	frame = append(frame, encoded...)
	for _, part := range parts {
		frame = append(frame, part...)
	}
	return frame, nil
}

// decode reads the frame of an answer.
func decode(reader io.Reader) (head header, message engine.Message, err error) {
	var length [4]byte
	if _, err := io.ReadFull(reader, length[:]); err != nil {
		return head, message, err
	}
	size := binary.LittleEndian.Uint32(length[:])
	if size > maxHeader {
		return head, message, errors.New("the header of an answer is too long")
	}
	encoded, err := part(reader, int(size))
	if err != nil {
		return head, message, err
	}
	if err := json.Unmarshal(encoded, &head); err != nil {
		return head, message, err
	}
	left := maxFrame
	for i, length := range head.Lengths {
		if length < 0 || length > left {
			return head, message, errors.New("an answer is too long")
		}
		left -= length
		bytes, err := part(reader, length)
		if err != nil {
			return head, message, err
		}
		if i == 0 {
			message.Text = bytes
		} else {
			message.Attachments = append(message.Attachments, bytes)
		}
	}
	return head, message, nil
}

func part(reader io.Reader, length int) ([]byte, error) {
	bytes := make([]byte, length)
	_, err := io.ReadFull(reader, bytes)
	return bytes, err
}
