package main

import (
	"context"
	"encoding/json"

	sdk "github.com/1password/onepassword-sdk-go"
)

// numbers are bytes as JSON lists them; Go's own form is base64.
type numbers []uint16

func (n numbers) bytes() []byte {
	bytes := make([]byte, len(n))
	for i, number := range n {
		bytes[i] = byte(number)
	}
	return bytes
}

// newItem reads the parameters of a new item, whose files have their bytes as numbers.
func newItem(call call) sdk.ItemCreateParams {
	type file struct {
		Name, SectionID, FieldID string
		Content                  numbers
	}
	var contents struct {
		Files    []file
		Document *file
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(call.Arguments[0], &contents); err != nil {
		panic(err)
	}
	if err := json.Unmarshal(call.Arguments[0], &members); err != nil {
		panic(err)
	}
	delete(members, "files")
	delete(members, "document")
	call.Arguments[0], _ = json.Marshal(members)
	params := argument[sdk.ItemCreateParams](call, 0)
	for _, each := range contents.Files {
		params.Files = append(params.Files, sdk.FileCreateParams{
			Name: each.Name, Content: each.Content.bytes(), SectionID: each.SectionID, FieldID: each.FieldID,
		})
	}
	if document := contents.Document; document != nil {
		params.Document = &sdk.DocumentCreateParams{Name: document.Name, Content: document.Content.bytes()}
	}
	return params
}

type content struct {
	Name  string
	Size  uint32
	Bytes []int
}

// contents are the names and bytes of an item's files.
func contents(ctx context.Context, client *sdk.Client, item sdk.Item) ([]content, error) {
	var files []sdk.FileAttributes
	if item.Document != nil {
		files = append(files, *item.Document)
	}
	for _, file := range item.Files {
		files = append(files, file.Attributes)
	}
	read := []content{}
	for _, file := range files {
		bytes, err := client.Items().Files().Read(ctx, item.VaultID, item.ID, file)
		if err != nil {
			return nil, err
		}
		list := make([]int, len(bytes))
		for i, octet := range bytes {
			list[i] = int(octet)
		}
		read = append(read, content{file.Name, file.Size, list})
	}
	return read, nil
}

// editFiles tells what becomes of a Document whose files are edited, step by step, without what no two items share.
func editFiles(ctx context.Context, client *sdk.Client, vaultID string) ([]any, error) {
	files := client.Items().Files()
	var steps []any
	step := func(edited sdk.Item, err error) (sdk.Item, error) {
		if err != nil {
			return edited, err
		}
		read, err := contents(ctx, client, edited)
		var places [][2]string
		for _, file := range edited.Files {
			places = append(places, [2]string{file.SectionID, file.FieldID})
		}
		steps = append(steps, edited.Title, edited.Version, edited.Sections, len(places), read)
		return edited, err
	}
	failed := func(_ sdk.Item, err error) { steps = append(steps, err.Error()) }
	file := func(name, field string) sdk.FileCreateParams {
		return sdk.FileCreateParams{Name: name, Content: []byte{2, 3}, SectionID: "s", FieldID: field}
	}
	item, err := step(client.Items().Create(ctx, sdk.ItemCreateParams{
		Category: sdk.ItemCategoryDocument, VaultID: vaultID, Title: "Edited",
		Document: &sdk.DocumentCreateParams{Name: "a", Content: []byte{1}},
	}))
	if err != nil {
		return nil, err
	}
	if item, err = step(files.Attach(ctx, item, file("b", "f"))); err != nil {
		return nil, err
	}
	failed(files.Attach(ctx, item, file("b", "f")))
	failed(files.Attach(ctx, item, file("", "g")))
	failed(files.Delete(ctx, item, "s", "g"))
	failed(files.Delete(ctx, item, "t", "f"))
	if item, err = step(files.ReplaceDocument(ctx, item, sdk.DocumentCreateParams{Name: "c", Content: []byte{4}})); err != nil {
		return nil, err
	}
	if item, err = step(files.Delete(ctx, item, "s", "f")); err != nil {
		return nil, err
	}
	item.Title = "Put"
	if item, err = step(client.Items().Put(ctx, item)); err != nil {
		return nil, err
	}
	return steps, client.Items().Delete(ctx, vaultID, item.ID)
}
