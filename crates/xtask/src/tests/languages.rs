//! Names, types and methods as each language has them.

use super::{assert_holds, generated};

#[test]
fn go_methods_call_invoke() {
    assert_holds(
        "go/methods_gen.go",
        &[
            "List(ctx context.Context, vaultID string, filters ...Filter) ([]Item, error)",
            "map[string]any{\"vault_id\": vaultID, \"filters\": orEmptyList(filters)}",
            "func (i itemsSource) Delete(ctx context.Context, itemID string) error {",
            "func (i itemsSource) Files() ItemsFilesAPI {\n\treturn itemsFilesSource{i.inner}\n}",
            "Read(ctx context.Context, itemID string, limit ...uint32) ([]byte, error)",
            "\"limit\": firstOrNil(limit)",
            "var Items = itemsUtil{}",
            "// List lists the items of a vault.",
        ],
    );
}

#[test]
fn go_types_are_named_as_in_the_public_sdk() {
    assert_holds(
        "go/types_gen.go",
        &[
            "ItemID string `json:\"itemId\"`",
            "*State            `json:\"state,omitempty\"`",
            "*time.Time        `json:\"usedAt,omitempty\"`",
            "StateSSHKey State = \"SshKey\"",
            "type FilterByStateInner struct {",
            "func NewFilterTypeVariantByState(content *FilterByStateInner) Filter {",
            "func NewFailureTypeVariantInternal(content Text) Failure {",
            "func (f Failure) Internal() (content Text) {",
            "func NewFailureTypeVariantSSHKeyMissing() Failure {",
            "Entries []Response[Item, Failure] `json:\"entries\"`",
        ],
    );
    assert_holds(
        "go/errors_gen.go",
        &["type ServerError struct{ baseError }", "ErrNotFound    error", "return target == ErrNotFound"],
    );
    assert_holds(
        "go/errors_gen.go",
        &["// ServerError: the server failed.\ntype", "// NotFoundError: the item does not exist.\ntype"],
    );
}

#[test]
fn constants_have_the_types_of_their_languages() {
    assert_holds(
        "go/constants_gen.go",
        &[
            "// ReadItems is the permission to read items.\nconst ReadItems uint32 = 32\n",
            "// Wait is the time to wait.\nconst Wait = 90 * time.Second\n",
            "const MostWaits = 3\n",
            "const SDKVersion = \"1.0\"",
        ],
    );
    let typescript = "/** The time to wait. In milliseconds. */\nexport const WAIT_MS = 90000;\n";
    assert_holds("packages/sdk/src/generated/constants.ts", &[typescript]);
    assert_holds(
        "python/opwire/_constants.py",
        &["WAIT_MS: int = 90000\n\"\"\"The time to wait. In milliseconds.\"\"\"\n"],
    );
}

#[test]
fn go_interfaces_have_public_methods_only() {
    let methods = generated("go/methods_gen.go");
    let (_, interface) = methods.split_once("type ItemsAPI interface {").unwrap();
    let (interface, _) = interface.split_once("\n}").unwrap();
    assert!(interface.contains("\tList(ctx") && !interface.contains("\tCount("), "{interface}");
    assert_holds(
        "go/methods_gen.go",
        &[
            "type BeyondItems struct {\n\tItemsAPI\n",
            "func (b BeyondItems) Count(ctx context.Context) (uint32, error) {",
        ],
    );
    assert_holds("go/client_gen.go", &["func (b Beyond) Items() BeyondItems {"]);
}

#[test]
fn go_prints_no_secrets() {
    assert_holds(
        "go/types_gen.go",
        &[
            "func (f File) Format(state fmt.State, verb rune) {\n\ttype File struct {\n\t\tName    string\n\t\tContent any\n",
            "\t\tf.Name,\n\t\thide(f.Content),\n",
            "hideIf(isOneOf(v.State, StateSSHKey), v.Value),",
            "hideIf(v.Masked, v.Other),",
            "func (i ItemCreateParams) LogValue() slog.Value {",
            "func (r Response[T, E]) LogValue() slog.Value {",
        ],
    );
}

#[test]
fn the_drop_in_has_every_name_of_the_go_package() {
    assert_holds(
        "go/dropin/onepassword_gen.go",
        &[
            "package onepassword\n",
            "type Item = opwire.Item\n",
            "type Response[T any, E any] = opwire.Response[T, E]\n",
            "const StateSSHKey = opwire.StateSSHKey\n",
            "const ReadItems = opwire.ReadItems\n",
            "var ErrNotFound = opwire.ErrNotFound\n",
            "var Items = opwire.Items\n",
            "func NewFailureTypeVariantInternal(content Text) Failure {\n\treturn opwire.NewFailureTypeVariantInternal(content)\n}",
        ],
    );
    assert!(!generated("go/dropin/onepassword_gen.go").contains("itemsSource"));
}

#[test]
fn typescript_decodes_times_and_nothing_else() {
    assert_holds(
        "packages/sdk/src/generated/decode.ts",
        &[
            "createdAt: new Date(wire.createdAt),",
            "const { usedAt, ...rest } = wire;",
            "...(usedAt && { usedAt: new Date(usedAt) }),",
            "entries: wire.entries.map((entry) => decodeResponse(entry, decodeItem)),",
        ],
    );
    let decoders = generated("packages/sdk/src/generated/decode.ts");
    assert!(!decoders.contains("decodeFilter"));
    assert!(!decoders.contains("decodeItemCreateParams"), "no method returns them");
}

#[test]
fn typescript_classes_call_the_invoker() {
    assert_holds(
        "packages/sdk/src/generated/methods.ts",
        &[
            "list(vaultId: string, ...filters: Filter[]): Promise<Item[]>;",
            "const value = result.map(decodeItem);\n    value.forEach(concealItem);\n    return value;",
            "readonly files: ItemsFilesApi;",
            "this.files = new ItemsFiles(invoker);",
            "async read(itemId: string, limit?: number): Promise<Uint8Array> {",
            "static check(id: string): void {\n    invokeSync(\"Check\", { id });",
        ],
    );
    assert_holds(
        "packages/sdk/src/generated/types.ts",
        &[
            "state?: State | undefined;",
            "InUse = \"inUse\",",
            "message?: undefined;",
            "export type Filter = FilterByState;",
        ],
    );
    assert_holds("packages/sdk/src/generated/errors.ts", &["export class ServerError extends OpwireError {"]);
}

#[test]
fn typescript_conceals_what_is_secret() {
    assert_holds(
        "packages/sdk/src/generated/conceal.ts",
        &[
            "hiding<File>([\"content\"]);",
            "hiding<Item>([\"value\"]);",
            "value.entries.forEach(({ content }) => content && concealItem(content));",
            "  if (value.files) value.files.forEach(concealFile);\n",
        ],
    );
    let concealers = generated("packages/sdk/src/generated/conceal.ts");
    assert!(!concealers.contains("concealFilter"));
    assert!(!concealers.contains("concealVariable"), "no method returns it");
}

#[test]
fn python_members_are_snake_case_and_secrets_do_not_print() {
    assert_holds(
        "python/opwire/types.py",
        &[
            "    item_id: str\n    \"\"\"The id.\"\"\"\n",
            "class Variable(_model.Model, secret=(\"value\", \"other\")):\n",
            "    state: _t.Optional[State] = None\n",
            "    INUSE = \"inUse\"\n",
            "    S_SH_KEY_MISSING = \"sSHKeyMissing\"\n",
            "class FailureSSHKeyMissing(_model.Model):",
            "    entries: _t.List[Response[Item, Failure]]\n",
            "READ_ITEMS: int = 32\n",
        ],
    );
    assert_holds("python/opwire/errors.py", &["class ServerException(OpwireError):", "class NotFoundException("]);
}

#[test]
fn python_methods_come_async_and_sync() {
    assert_holds(
        "python/opwire/items.py",
        &[
            "    async def list(self, vault_id: str, *filters: Filter) -> List[Item]:",
            "        return await self._invoker.invoke(\"ItemsList\", parameters, List[Item])\n",
            "class SyncItems:",
            "        return self._invoker.invoke(\"ItemsList\", parameters, List[Item])\n",
            "        self.files = SyncItemsFiles(invoker)\n",
            "    @staticmethod\n    def check(id: str) -> None:\n",
        ],
    );
}
