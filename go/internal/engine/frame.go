package engine

import (
	"encoding/binary"
	"encoding/json"
	"errors"
)

var errFrame = errors.New("the core's answer could not be read")

// step is the output of the core when it returns. All its requests may run concurrently.
type step struct {
	Started  uint64         `json:"started"`
	HTTP     []httpRequest  `json:"http"`
	Sleep    []sleepRequest `json:"sleep"`
	Finished []finishedCall `json:"finished"`
	Unwanted []uint64       `json:"unwanted"`
}

type httpRequest struct {
	Op        uint64      `json:"op"`
	Method    string      `json:"method"`
	URL       string      `json:"url"`
	Headers   [][2]string `json:"headers"`
	TimeoutMs uint64      `json:"timeoutMs"`
	BodyLen   int         `json:"bodyLen"`
	body      []byte
}

type sleepRequest struct {
	Op uint64 `json:"op"`
	Ms uint64 `json:"ms"`
}

type finishedCall struct {
	Call uint64 `json:"call"`
	OK   bool   `json:"ok"`
	// Lengths are the lengths of the text and of each attachment.
	Lengths []int `json:"lengths"`
	message Message
}

// Message is JSON text, and the bytes that it refers to.
type Message struct {
	Text        []byte
	Attachments [][]byte
}

// header is the frame's header: the lengths of the parts that follow.
func (m Message) header() []byte {
	lengths := []int{len(m.Text)}
	for _, attachment := range m.Attachments {
		lengths = append(lengths, len(attachment))
	}
	text, err := json.Marshal(lengths)
	if err != nil {
		panic(err) // Marshaling numbers does not fail.
	}
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(text))), text...)
}

// parts returns the parts of the frame. They are not joined because they may be large.
func (m Message) parts() [][]byte {
	return append([][]byte{m.header(), m.Text}, m.Attachments...)
}

// decodeStep parses a frame: the length of a JSON header, the header, and the bytes that it announces. The result
// refers to frame.
func decodeStep(frame []byte) (*step, error) {
	if len(frame) < 4 {
		return nil, errFrame
	}
	length, rest := binary.LittleEndian.Uint32(frame), frame[4:]
	if uint64(length) > uint64(len(rest)) {
		return nil, errFrame
	}
	var s step
	if err := json.Unmarshal(rest[:length], &s); err != nil {
		return nil, errFrame
	}
	rest = rest[length:]
	take := func(n int) (part []byte, ok bool) {
		if n < 0 || n > len(rest) {
			return nil, false
		}
		part, rest = rest[:n:n], rest[n:]
		return part, true
	}
	var ok bool
	for i := range s.HTTP {
		if s.HTTP[i].body, ok = take(s.HTTP[i].BodyLen); !ok {
			return nil, errFrame
		}
	}
	for i := range s.Finished {
		finished := &s.Finished[i]
		for part, length := range finished.Lengths {
			taken, ok := take(length)
			if !ok {
				return nil, errFrame
			}
			if part == 0 {
				finished.message.Text = taken
			} else {
				finished.message.Attachments = append(finished.message.Attachments, taken)
			}
		}
	}
	return &s, nil
}

// event is the result of a request.
type event struct {
	header any
	body   []byte
	// cause is the reason why there was no response. It is kept here, and the core's error refers to it.
	cause error
}

type responseHeader struct {
	Response struct {
		Status  int         `json:"status"`
		Headers [][2]string `json:"headers"`
	} `json:"response"`
}

type failureHeader struct {
	Failure failure `json:"failure"`
}

// failure is the reason why a request got no response. The kinds are those of the core's TransportErrorKind.
type failure struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	// Proxy is the proxy that was used, empty for none, nil if unknown.
	Proxy *string `json:"proxy,omitempty"`
	// Cause is the number of the operation.
	Cause uint64 `json:"cause"`
}

// parts returns the parts of the event's frame. They are not joined because the body may be large.
func (e event) parts() [][]byte {
	header, err := json.Marshal(e.header)
	if err != nil {
		// Marshaling strings and numbers does not fail. The core would treat an empty header as a failed request.
		header = nil
	}
	return [][]byte{binary.LittleEndian.AppendUint32(nil, uint32(len(header))), header, e.body}
}
