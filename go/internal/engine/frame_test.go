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
		`{"http":[{"op":1,"bodyLen":2},{"op":2,"bodyLen":0}],"finished":[{"call":3,"ok":true,"lengths":[3,0,2]}]}`, "abcdefg"))
	if err != nil {
		t.Fatal(err)
	}
	result := s.Finished[0].message
	if string(s.HTTP[0].body) != "ab" || len(s.HTTP[1].body) != 0 || string(result.Text) != "cde" {
		t.Errorf("got %+v", s)
	}
	if len(result.Attachments) != 2 || len(result.Attachments[0]) != 0 || string(result.Attachments[1]) != "fg" {
		t.Errorf("got the attachments %q", result.Attachments)
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
		frame(`{"finished":[{"lengths":[1]}]}`, ""),
		frame(`{"finished":[{"lengths":[1,1]}]}`, "a"),
		frame(`{"finished":[{"lengths":[-1,2]}]}`, "a"),
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
