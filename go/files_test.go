package opwire_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

// allBytes contains every byte value.
func allBytes() []byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return all
}

func newDocument(content []byte) opwire.ItemCreateParams {
	return opwire.ItemCreateParams{
		Category: opwire.ItemCategoryDocument, VaultID: server.VaultID, Title: "Document",
		Document: &opwire.DocumentCreateParams{Name: "all.bin", Content: content},
	}
}

func TestEveryByteOfFilesIsKept(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	reversed := allBytes()
	for i := range 128 {
		reversed[i], reversed[255-i] = reversed[255-i], reversed[i]
	}
	params := newDocument(allBytes())
	params.Sections = []opwire.ItemSection{{ID: "s"}}
	params.Files = []opwire.FileCreateParams{{Name: "b.bin", Content: reversed, SectionID: "s", FieldID: "b"}}
	item, err := client.Items().Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []struct {
		attributes opwire.FileAttributes
		want       []byte
	}{{*item.Document, allBytes()}, {item.Files[0].Attributes, reversed}} {
		got, err := client.Items().Files().Read(ctx, item.VaultID, item.ID, file.attributes)
		if err != nil || !bytes.Equal(got, file.want) {
			t.Errorf("%s: got %v, %v", file.attributes.Name, got, err)
		}
	}
	// Programs that keep only the id of a file can read it.
	byID := opwire.FileAttributes{ID: item.Files[0].Attributes.ID}
	if got, err := client.Items().Files().Read(ctx, item.VaultID, item.ID, byID); err != nil || !bytes.Equal(got, reversed) {
		t.Errorf("by its id: %v, %v", got, err)
	}
	created, err := client.Items().CreateAll(ctx, server.VaultID, []opwire.ItemCreateParams{newDocument(nil), params})
	if err != nil {
		t.Fatal(err)
	}
	for i, size := range []uint32{0, 256} {
		if item := created.IndividualResponses[i].Content; item == nil || item.Document.Size != size {
			t.Errorf("item %d: %+v", i, created.IndividualResponses[i])
		}
	}
}

func TestFilesAreAttachedReplacedAndDeleted(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	files := client.Items().Files()
	item, err := client.Items().Create(ctx, newDocument(nil))
	if err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 5<<20)
	_, _ = rand.Read(big)
	item, err = files.ReplaceDocument(ctx, item, opwire.DocumentCreateParams{Name: "big", Content: big})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := files.Read(ctx, item.VaultID, item.ID, *item.Document); err != nil || !bytes.Equal(got, big) {
		t.Errorf("the big file: %d bytes, %v", len(got), err)
	}
	item, err = files.Attach(ctx, item, opwire.FileCreateParams{
		Name: "text", Content: []byte("grüße"), SectionID: "s", FieldID: "f",
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := client.Secrets().Resolve(ctx, "op://"+item.VaultID+"/"+item.ID+"/text")
	if err != nil || text != "grüße" {
		t.Errorf("resolved %q, %v", text, err)
	}
	item, err = files.Delete(ctx, item, "s", "f")
	if err != nil || len(item.Files) != 0 {
		t.Fatalf("deleted: %+v, %v", item.Files, err)
	}
	if err := client.Items().Delete(ctx, item.VaultID, item.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Read(ctx, item.VaultID, item.ID, *item.Document); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("a deleted item's file: %v", err)
	}
}

func TestFilesAreReadConcurrently(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	content := make([]byte, 2<<20)
	_, _ = rand.Read(content)
	item, err := client.Items().Create(ctx, newDocument(content))
	if err != nil {
		t.Fatal(err)
	}
	const readers = 8
	failures := make(chan error, readers)
	for range readers {
		go func() {
			got, err := client.Items().Files().Read(ctx, item.VaultID, item.ID, *item.Document)
			if err == nil && !bytes.Equal(got, content) {
				err = errors.New("other bytes")
			}
			failures <- err
		}()
	}
	for range readers {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
}

// Several documents of the maximum size are written concurrently. The core has several copies of each.
func TestTheLargestFilesComeBackAsTheyWere(t *testing.T) {
	const largest = int(opwire.MaxResponseBytes) - 16
	ctx, client := testContext(t), newClient(t)
	content := bytes.Repeat(allBytes(), largest/256+1)[:largest]
	item, err := client.Items().Create(ctx, newDocument(content))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Items().Delete(ctx, item.VaultID, item.ID)
	got, err := client.Items().Files().Read(ctx, item.VaultID, item.ID, *item.Document)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	quarter := content[:largest/4]
	params := newDocument(quarter)
	params.Sections = []opwire.ItemSection{{ID: "s"}}
	for _, field := range []string{"a", "b", "c"} {
		params.Files = append(params.Files, opwire.FileCreateParams{Name: field, Content: quarter, SectionID: "s", FieldID: field})
	}
	item, err = client.Items().Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Items().Delete(ctx, item.VaultID, item.ID)
	for _, tooLarge := range []int{largest + 1, 5 * largest} {
		_, err := client.Items().Create(ctx, newDocument(make([]byte, tooLarge)))
		if !errors.Is(err, opwire.ErrFileTooBig) {
			t.Errorf("%d bytes: %v", tooLarge, err)
		}
	}
}
