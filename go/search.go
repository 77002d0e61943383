package opwire

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
)

// maxVaultsAtOnce is how many vaults are searched concurrently.
const maxVaultsAtOnce = 8

// SearchItems searches like [BeyondItems.Search], and yields the items of each vault as they arrive. Several vaults are
// searched concurrently. A failure is yielded with an empty item, and ends the search. Leaving the loop cancels the
// requests that are in flight. Added by opwire.
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

// searchVaults searches vaults until ctx ends. The channel is closed when all searches have ended.
func (c *Client) searchVaults(ctx context.Context, params ItemSearchParams, vaultIDs []string, searches *sync.WaitGroup) <-chan foundItems {
	waiting := make(chan string, len(vaultIDs))
	for _, id := range vaultIDs {
		waiting <- id
	}
	close(waiting)
	// The channel has room for all results, so no search waits for a reader that has left.
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
				// A vault that may not be read or was deleted is left out when all vaults are searched.
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
