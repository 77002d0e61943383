package opwire_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	opwire "github.com/opwire/opwire/go"
)

// Each fake has only the methods of the public SDK's interface, as the fakes of existing programs do.
type (
	fakeSecrets      struct{}
	fakeItems        struct{}
	fakeShares       struct{}
	fakeFiles        struct{}
	fakeVaults       struct{}
	fakeGroups       struct{}
	fakeEnvironments struct{}
)

var (
	_ opwire.SecretsAPI      = fakeSecrets{}
	_ opwire.ItemsAPI        = fakeItems{}
	_ opwire.ItemsSharesAPI  = fakeShares{}
	_ opwire.ItemsFilesAPI   = fakeFiles{}
	_ opwire.VaultsAPI       = fakeVaults{}
	_ opwire.GroupsAPI       = fakeGroups{}
	_ opwire.EnvironmentsAPI = fakeEnvironments{}
)

// Programs refer to a client through its methods, which return the interfaces.
var _ interface {
	Secrets() opwire.SecretsAPI
	Items() opwire.ItemsAPI
	Vaults() opwire.VaultsAPI
	Groups() opwire.GroupsAPI
	Environments() opwire.EnvironmentsAPI
} = (*opwire.Client)(nil)

var _ func() opwire.ItemsAPI = new(opwire.Client).Items

func (fakeSecrets) Resolve(context.Context, string) (string, error) { return "faked", nil }
func (fakeSecrets) ResolveAll(context.Context, []string) (answer opwire.ResolveAllResponse, err error) {
	return
}

func (fakeItems) Create(context.Context, opwire.ItemCreateParams) (item opwire.Item, err error) {
	return
}
func (fakeItems) CreateAll(context.Context, string, []opwire.ItemCreateParams) (answer opwire.ItemsUpdateAllResponse, err error) {
	return
}
func (fakeItems) Get(_ context.Context, vaultID string, itemID string) (opwire.Item, error) {
	return opwire.Item{ID: itemID, VaultID: vaultID}, nil
}
func (fakeItems) GetAll(context.Context, string, []string) (answer opwire.ItemsGetAllResponse, err error) {
	return
}
func (fakeItems) Put(_ context.Context, item opwire.Item) (opwire.Item, error) { return item, nil }
func (fakeItems) Delete(context.Context, string, string) error {
	return &opwire.RateLimitExceededError{}
}
func (fakeItems) DeleteAll(context.Context, string, []string) (answer opwire.ItemsDeleteAllResponse, err error) {
	return
}
func (fakeItems) Archive(context.Context, string, string) error { return nil }
func (fakeItems) List(context.Context, string, ...opwire.ItemListFilter) (items []opwire.ItemOverview, err error) {
	return
}
func (fakeItems) Shares() opwire.ItemsSharesAPI { return fakeShares{} }
func (fakeItems) Files() opwire.ItemsFilesAPI   { return fakeFiles{} }

func (fakeShares) GetAccountPolicy(context.Context, string, string) (opwire.ItemShareAccountPolicy, error) {
	return opwire.ItemShareAccountPolicy{DefaultExpiry: opwire.ItemShareDurationOneDay}, nil
}
func (fakeShares) ValidateRecipients(_ context.Context, _ opwire.ItemShareAccountPolicy, recipients []string) ([]opwire.ValidRecipient, error) {
	content := opwire.ValidRecipientEmailInner{Email: recipients[0]}
	return []opwire.ValidRecipient{opwire.NewValidRecipientTypeVariantEmail(&content)}, nil
}
func (fakeShares) Create(context.Context, opwire.Item, opwire.ItemShareAccountPolicy, opwire.ItemShareParams) (string, error) {
	return "https://share.example", nil
}

func (fakeFiles) Attach(_ context.Context, item opwire.Item, _ opwire.FileCreateParams) (opwire.Item, error) {
	return item, nil
}
func (fakeFiles) Read(context.Context, string, string, opwire.FileAttributes) ([]byte, error) {
	return nil, nil
}
func (fakeFiles) Delete(_ context.Context, item opwire.Item, _ string, _ string) (opwire.Item, error) {
	return item, nil
}
func (fakeFiles) ReplaceDocument(_ context.Context, item opwire.Item, _ opwire.DocumentCreateParams) (opwire.Item, error) {
	return item, nil
}

func (fakeVaults) Create(context.Context, opwire.VaultCreateParams) (vault opwire.Vault, err error) {
	return
}
func (fakeVaults) List(context.Context, ...opwire.VaultListParams) (vaults []opwire.VaultOverview, err error) {
	return
}
func (fakeVaults) GetOverview(context.Context, string) (vault opwire.VaultOverview, err error) {
	return
}
func (fakeVaults) Get(context.Context, string, opwire.VaultGetParams) (vault opwire.Vault, err error) {
	return
}
func (fakeVaults) Update(context.Context, string, opwire.VaultUpdateParams) (vault opwire.Vault, err error) {
	return
}
func (fakeVaults) Delete(context.Context, string) error { return nil }
func (fakeVaults) GrantGroupPermissions(context.Context, string, []opwire.GroupAccess) error {
	return nil
}
func (fakeVaults) UpdateGroupPermissions(context.Context, []opwire.GroupVaultAccess) error {
	return nil
}
func (fakeVaults) RevokeGroupPermissions(context.Context, string, string) error { return nil }

func (fakeGroups) Get(context.Context, string, opwire.GroupGetParams) (group opwire.Group, err error) {
	return
}

func (fakeEnvironments) GetVariables(context.Context, string) (answer opwire.GetVariablesResponse, err error) {
	return
}

func TestAProgramRunsOnFakesOfTheInterfaces(t *testing.T) {
	ctx := testContext(t)
	client := &opwire.Client{
		SecretsAPI: fakeSecrets{}, ItemsAPI: fakeItems{}, VaultsAPI: fakeVaults{}, GroupsAPI: fakeGroups{},
		EnvironmentsAPI: fakeEnvironments{},
	}
	if secret, err := client.Secrets().Resolve(ctx, example); err != nil || secret != "faked" {
		t.Errorf("%q, %v", secret, err)
	}
	if err := client.Items().Delete(ctx, "v", "i"); !errors.Is(err, opwire.ErrRateLimitExceeded) {
		t.Errorf("%v", err)
	}
	// Methods that opwire added call the fakes too, or return an error that explains what they need.
	if item, err := client.Beyond().Items().Get(ctx, "v", "i"); err != nil || item.ID != "i" {
		t.Errorf("%v, %v", item, err)
	}
	if _, err := client.Beyond().Items().Search(ctx, opwire.ItemSearchParams{}); err == nil || !strings.Contains(err.Error(), "NewClient") {
		t.Errorf("%v", err)
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
}

// The interfaces are those of the public SDK. Another method would break programs that implement or wrap them
// (docs/decisions/0064).
func TestTheInterfacesHaveThePublicMethodsOnly(t *testing.T) {
	for _, each := range []struct {
		api  any
		fake any
	}{
		{new(opwire.SecretsAPI), fakeSecrets{}},
		{new(opwire.ItemsAPI), fakeItems{}},
		{new(opwire.ItemsSharesAPI), fakeShares{}},
		{new(opwire.ItemsFilesAPI), fakeFiles{}},
		{new(opwire.VaultsAPI), fakeVaults{}},
		{new(opwire.GroupsAPI), fakeGroups{}},
		{new(opwire.EnvironmentsAPI), fakeEnvironments{}},
	} {
		api := reflect.TypeOf(each.api).Elem()
		if fake := reflect.TypeOf(each.fake); api.NumMethod() != fake.NumMethod() {
			t.Errorf("%v has %d methods, the public one %d", api, api.NumMethod(), fake.NumMethod())
		}
	}
}
