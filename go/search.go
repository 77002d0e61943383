package opwire

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
)

// maxVaultsAtOnce is how many vaults a search asks at the same time.
const maxVaultsAtOnce = 8

// SearchItems searches like [BeyondItems.Search], and gives the items of each vault as they arrive: the vaults are asked
// side by side, a few at a time. A failure is given with an empty item, and ends the search. Leaving the loop ends the
// requests under way. It is beyond the surface of the official SDK.
//
//	for item, err := range client.SearchItems(ctx, opwire.ItemSearchParams{Username: &name}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(item.Title)
//	}
func (c *Client) SearchItems(ctx context.Context, params ItemSearchParams) iter.Seq2[ItemOverview, error] {
	return func(yield func(ItemOverview, error) bool) {
		vaultIDs, err := c.searchedVaults(ctx, params)
		if err != nil {
			yield(ItemOverview{}, err)
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		var searches sync.WaitGroup
		defer searches.Wait()
		defer cancel()
		for found := range c.searchVaults(ctx, params, vaultIDs, &searches) {
			if found.err != nil {
				yield(ItemOverview{}, found.err)
				return
			}
			for _, item := range found.items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

func (c *Client) searchedVaults(ctx context.Context, params ItemSearchParams) ([]string, error) {
	if len(params.VaultIDs) > 0 {
		ids := slices.Clone(params.VaultIDs)
		slices.Sort(ids)
		return slices.Compact(ids), nil
	}
	vaults, err := c.Vaults().List(ctx)
	ids := make([]string, 0, len(vaults))
	for _, vault := range vaults {
		ids = append(ids, vault.ID)
	}
	return ids, err
}

type foundItems struct {
	items []ItemOverview
	err   error
}

// searchVaults searches vaults until ctx ends. The channel is closed when all have answered.
func (c *Client) searchVaults(ctx context.Context, params ItemSearchParams, vaultIDs []string, searches *sync.WaitGroup) <-chan foundItems {
	waiting := make(chan string, len(vaultIDs))
	for _, id := range vaultIDs {
		waiting <- id
	}
	close(waiting)
	// There is room for all, so that no search waits for a reader who is gone.
	found := make(chan foundItems, len(vaultIDs))
	areNamed := len(params.VaultIDs) > 0
	searches.Add(min(maxVaultsAtOnce, len(vaultIDs)))
	for range min(maxVaultsAtOnce, len(vaultIDs)) {
		go func() {
			defer searches.Done()
			for id := range waiting {
				params := params
				params.VaultIDs = []string{id}
				items, err := c.Beyond().Items().Search(ctx, params)
				// Of all vaults, those that may not be read, or went away, are left out.
				if !areNamed && (errors.Is(err, ErrPermissionDenied) || errors.Is(err, ErrNotFound)) {
					err = nil
				}
				found <- foundItems{items, err}
			}
		}()
	}
	go func() {
		searches.Wait()
		close(found)
	}()
	return found
}
