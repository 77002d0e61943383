package opwire

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
)

// ItemBuilder builds the parameters of [ItemsAPI.Create], and chooses the ids of fields and sections. Added by opwire.
//
//	params, err := opwire.NewItemBuilder(opwire.ItemCategoryLogin, vaultID, "Example").
//		Username("ada").
//		Password("...").
//		Website("https://example.com").
//		Section("API").
//		Concealed("token", "...").
//		Build(ctx)
type ItemBuilder struct {
	draft   ItemDraft
	section *string
}

// Format writes the item as package fmt would, with its secrets as <hidden>.
func (b *ItemBuilder) Format(state fmt.State, verb rune) {
	fmt.Fprintf(state, fmt.FormatString(state, verb), b.draft)
}

// LogValue returns the item with its secrets as <hidden>, for package log/slog.
func (b *ItemBuilder) LogValue() slog.Value { return b.draft.LogValue() }

// NewItemBuilder returns a builder for an item.
func NewItemBuilder(category ItemCategory, vaultID string, title string) *ItemBuilder {
	// Lists without entries are [] in JSON, not null.
	return &ItemBuilder{draft: ItemDraft{
		Category: category, VaultID: vaultID, Title: title, Fields: []FieldDraft{}, Tags: []string{}, Websites: []Website{},
	}}
}

// Username sets the user name. In a Login, it is the one that is filled in.
func (b *ItemBuilder) Username(value string) *ItemBuilder {
	return b.builtIn(ItemFieldTypeText, "username", value)
}

// Password sets the password. In a Login or Password, it is the one that is filled in.
func (b *ItemBuilder) Password(value string) *ItemBuilder {
	return b.builtIn(ItemFieldTypeConcealed, "password", value)
}

// Notes sets the notes.
func (b *ItemBuilder) Notes(text string) *ItemBuilder {
	b.draft.Notes = &text
	return b
}

// Tag adds tags.
func (b *ItemBuilder) Tag(tags ...string) *ItemBuilder {
	b.draft.Tags = append(b.draft.Tags, tags...)
	return b
}

// Website adds a website to a Login or Password. The item is filled in anywhere on the website.
func (b *ItemBuilder) Website(url string) *ItemBuilder {
	return b.WebsiteWith(Website{URL: url, Label: "website", AutofillBehavior: AutofillBehaviorAnywhereOnWebsite})
}

// WebsiteWith adds a website to a Login or Password, with a label and autofill behavior.
func (b *ItemBuilder) WebsiteWith(website Website) *ItemBuilder {
	b.draft.Websites = append(b.draft.Websites, website)
	return b
}

// Section puts the fields that are added next into the section with this title.
func (b *ItemBuilder) Section(title string) *ItemBuilder {
	b.section = &title
	return b
}

// Build returns the parameters, with ids for all fields and sections, or an error that lists every mistake.
func (b *ItemBuilder) Build(ctx context.Context) (ItemCreateParams, error) {
	built, err := Items.Build(ctx, b.draft)
	if err != nil {
		return ItemCreateParams{}, err
	}
	return ItemCreateParams{
		Category: b.draft.Category,
		VaultID:  b.draft.VaultID,
		Title:    b.draft.Title,
		Fields:   built.Fields,
		Sections: built.Sections,
		Notes:    b.draft.Notes,
		Tags:     slices.Clone(b.draft.Tags),
		Websites: slices.Clone(b.draft.Websites),
	}, nil
}

func (b *ItemBuilder) field(fieldType ItemFieldType, title string, value string, address *AddressFieldDetails) *ItemBuilder {
	field := FieldDraft{FieldType: fieldType, Title: title, Value: value, Section: b.section, Address: address}
	if fieldType == ItemFieldTypeSSHKey {
		id := "private_key"
		field.ID = &id
	}
	b.draft.Fields = append(b.draft.Fields, field)
	return b
}

func (b *ItemBuilder) builtIn(fieldType ItemFieldType, id string, value string) *ItemBuilder {
	b.draft.Fields = append(b.draft.Fields, FieldDraft{FieldType: fieldType, Title: id, Value: value, ID: &id})
	return b
}
