package opwire_test

import (
	"bytes"
	"errors"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

func TestAnItemIsNotMovedToWhereItIs(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	item := created(t, client, builder("Staying"))
	if _, err := client.Beyond().Items().Move(ctx, item.VaultID, item.ID, item.VaultID); !errors.Is(err, opwire.ErrBadInput) {
		t.Errorf("to its own vault: %v", err)
	}
	if _, err := client.Beyond().Items().Move(ctx, item.VaultID, item.ID, missing); !errors.Is(err, opwire.ErrNotFound) {
		t.Errorf("to no vault: %v", err)
	}
	if got, err := client.Items().Get(ctx, item.VaultID, item.ID); err != nil || got.Version != item.Version {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnItemMovesWithItsFiles(t *testing.T) {
	ctx, client := testContext(t), newClient(t)
	target, err := client.Vaults().Create(ctx, opwire.VaultCreateParams{Title: "Target"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Vaults().Delete(testContext(t), target.ID) })
	item, err := client.Items().Create(ctx, newDocument(allBytes()))
	if err != nil {
		t.Fatal(err)
	}
	moved, err := client.Beyond().Items().Move(ctx, item.VaultID, item.ID, target.ID)
	if err != nil {
		t.Fatal(err)
	}
	if moved.Original != opwire.MovedOriginalArchived || moved.Problem != nil || moved.Item.VaultID != target.ID {
		t.Errorf("%+v", moved)
	}
	content, err := client.Items().Files().Read(ctx, target.ID, moved.Item.ID, *moved.Item.Document)
	if err != nil || !bytes.Equal(content, allBytes()) {
		t.Errorf("%v, %v", content, err)
	}
	if _, err := client.Items().Get(ctx, item.VaultID, item.ID); !errors.Is(err, opwire.ErrItemNotActive) {
		t.Errorf("the original: %v", err)
	}
	remove := true
	back, err := client.Beyond().Items().Move(ctx, target.ID, moved.Item.ID, item.VaultID, opwire.ItemMoveOptions{DeleteOriginal: &remove})
	if err != nil || back.Original != opwire.MovedOriginalDeleted || back.Item.Title != item.Title {
		t.Errorf("%+v, %v", back, err)
	}
}
