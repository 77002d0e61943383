package main

import (
	"context"

	sdk "github.com/1password/onepassword-sdk-go"
)

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
