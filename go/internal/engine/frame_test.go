package engine

import (
	"encoding/binary"
	"testing"
)

func frame(header, attachments string) []byte {
	length := binary.LittleEndian.AppendUint32(nil, uint32(len(header)))
	return append(append(length, header...), attachments...)
}

func TestAttachmentsAreDealtOutInOrder(t *testing.T) {
	s, err := decodeStep(frame(
		`{"http":[{"op":1,"bodyLen":2},{"op":2,"bodyLen":0}],"finished":[{"call":3,"ok":true,"textLen":3}]}`, "abcde"))
	if err != nil {
		t.Fatal(err)
	}
	if string(s.HTTP[0].body) != "ab" || len(s.HTTP[1].body) != 0 || string(s.Finished[0].text) != "cde" {
		t.Errorf("got %+v", s)
	}
}

func TestBrokenFramesAreErrors(t *testing.T) {
	for _, broken := range [][]byte{
		nil,
		{1, 0, 0},
		{255, 255, 255, 255},
		frame(`{`, ""),
		frame(`{"http":[{"bodyLen":3}]}`, "ab"),
		frame(`{"http":[{"bodyLen":-1}]}`, "ab"),
		frame(`{"finished":[{"textLen":1}]}`, ""),
	} {
		if s, err := decodeStep(broken); err == nil {
			t.Errorf("%q was read as %+v", broken, s)
		}
	}
}

func FuzzDecodeStep(f *testing.F) {
	f.Add(frame(`{"started":1,"http":[{"op":1,"bodyLen":1}]}`, "a"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := decodeStep(text); err == nil && s == nil {
			t.Error("neither a step nor an error")
		}
	})
}
