//! Tests the code of each language that is generated from a small contract, in the form that schemars writes.

use std::fs;

use serde_json::{Value, json};

use crate::{
    codegen::{self, Mode},
    emit::File,
    examples::Examples,
    format,
};

fn contract() -> Value {
    serde_json::from_str(include_str!("fixture.json")).unwrap()
}

fn files(contract: &Value) -> Result<Vec<File>, String> {
    codegen::files(contract, Examples::default())
}

/// Returns the text of the generated file with this path.
fn generated(path: &str) -> String {
    let files = files(&contract()).unwrap();
    files.into_iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).text
}

/// Asserts that the file contains these parts, in any formatting.
#[track_caller]
fn assert_holds(path: &str, parts: &[&str]) {
    let text = generated(path);
    let in_words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(in_words(&text).contains(&in_words(part)), "{path} lacks:\n{part}\n\nIt is:\n{text}");
    }
}

#[test]
fn types_and_methods_keep_the_order_of_the_contract() {
    let in_order = |path: &str, parts: [&str; 3]| {
        let text = generated(path);
        let places = parts.map(|part| text.find(part).unwrap_or_else(|| panic!("{path} lacks {part}")));
        assert!(places.is_sorted(), "{path}: {parts:?} at {places:?}");
    };
    in_order("go/types_gen.go", ["type File struct", "type State string", "type Filter struct"]);
    in_order("python/opwire/types.pyi", ["class File(", "class State(", "Filter ="]);
    in_order("packages/sdk/src/generated/methods.ts", ["async list(", "async createAll(", "static check("]);
}

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
            "func (n NewItem) LogValue() slog.Value {",
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
    assert!(!generated("packages/sdk/src/generated/conceal.ts").contains("concealFilter"));
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

#[test]
fn bytes_cross_the_boundary_beside_the_json() {
    assert_holds(
        "go/types_gen.go",
        &[
            "func (f File) attach(to *attachments) any {\n\treturn struct {\n\t\tFile\n\t\tContent reference \
             `json:\"content\"`\n\t}{f, to.add(f.Content)}\n}",
            "\t\tNewItem\n\t\tFiles    []any `json:\"files,omitempty\"`\n\t\tDocument any   \
             `json:\"document,omitempty\"`\n\t}{n, attachEach(n.Files, to), attachOptional(n.Document, to)}",
        ],
    );
    assert_holds(
        "go/methods_gen.go",
        &[
            "\tvar bytes attachments\n\tencoded := map[string]any{\"items\": attachEach(items, &bytes)}\n\t_, err := \
             invoke[json.RawMessage](ctx, i.inner, \"ItemsCreateAll\", encoded, bytes)\n",
            "encoded := map[string]any{\"item_id\": itemID, \"file\": file.attach(&bytes)}",
            "return invokeForBytes(ctx, i.inner, \"ItemsFilesRead\", map[string]any{",
        ],
    );
    assert_holds(
        "packages/sdk/src/generated/encode.ts",
        &[
            "export function encodeFile(value: File, attachments: Attachments): File {",
            "    content: attachments.add(value?.content),\n",
            "...(value?.files && { files: eachOf(value.files, (entry) => encodeFile(entry, attachments)) }),",
            "...(value?.document && { document: encodeFile(value.document, attachments) }),",
        ],
    );
    assert_holds(
        "packages/sdk/src/generated/methods.ts",
        &[
            "const parameters = { item_id: itemId, file: encodeFile(file, attachments) };",
            "await this.#invoker.invoke(\"ItemsCreateAll\", parameters, attachments);",
            "return this.#invoker.invokeForBytes(\"ItemsFilesRead\", { item_id: itemId, limit });",
        ],
    );
    assert_holds(
        "python/opwire/items_files.py",
        &["        return await self._invoker.invoke(\"ItemsFilesRead\", parameters, bytes)\n"],
    );
}

#[test]
fn links_are_spelled_as_in_each_language() {
    let names = |path: &str, start: &str| -> Vec<String> {
        let text = generated(path);
        let names = text.lines().map(str::trim).skip_while(|line| !line.starts_with(start)).skip(2);
        names.take(10).map(|line| line.trim_start_matches(['/', '*', ' ', '-']).to_owned()).collect()
    };
    let go = "[ReadItems] [Item] [Item.ItemID] [Error.RetryAfter] [StateInUse] [ItemsAPI.GetAll] [BeyondItems.Count] \
              Items.Check [NotFoundError] ${OTHER} {}";
    assert_eq!(names("go/methods_gen.go", "// Delete deletes an item.").join(" "), go);
    let typescript = "`READ_ITEMS` {@link Item} {@link Item.itemId} `retryAfterMs` {@link State.InUse} `items.getAll` \
                      `items.count` `Items.check` {@link NotFoundError} ${OTHER} {}";
    assert_eq!(names("packages/sdk/src/generated/methods.ts", "* Deletes an item.").join(" "), typescript);
    let python = "`READ_ITEMS` `Item` `Item.item_id` `retry_after` `State.INUSE` `items.get_all` `items.count` \
                  `Items.check` `NotFoundException` ${OTHER} {}";
    assert_eq!(names("python/opwire/items.py", "\"\"\"Delete an item.").join(" "), python);
}

/// Returns the fixture, with documentation of the parameters and failures of `items.list`.
fn documented() -> Value {
    let mut contract = contract();
    let method = &mut contract["methods"][0];
    method["doc"] = json!(
        "List the items of a vault.\n\n# Errors\n- {error NotFound} if the vault\n  does not exist.\n- {error \
         ServerError} if it is a bad day."
    );
    method["params"]["properties"]["vault_id"]["description"] = json!("The id of the vault.");
    method["params"]["properties"]["filters"]["description"] = json!("The filters, if any.");
    contract
}

#[test]
fn parameters_failures_and_examples_are_documented_in_the_style_of_each_language() {
    let examples = Examples {
        typescript: "export async function itemsList(\n  client: Client,\n): Promise<void> {\n  if (true) {\n    \
                     await client.items.list();\n  }\n}\n",
        python: "async def items_list(client: Client) -> None:\n    if True:\n        await client.items.list()\n\n\ndef \
                 other() -> None:\n    pass\n",
    };
    let files = codegen::files(&documented(), examples).unwrap();
    let holds = |path: &str, part: &str| {
        let text = &files.iter().find(|file| file.path == path).unwrap().text;
        assert!(text.contains(part), "{path} lacks:\n{part}\n\nIt is:\n{text}");
    };
    holds(
        "go/methods_gen.go",
        "\t// List lists the items of a vault.
\t//
\t// filters are the filters, if any.
\t//
\t// It fails with [NotFoundError] if the vault does not exist, and with [ServerError] if it is a
\t// bad day.
\tList(",
    );
    holds(
        "packages/sdk/src/generated/methods.ts",
        "  /**
   * Lists the items of a vault.
   *
   * @param vaultId - The id of the vault.
   * @param filters - The filters, if any.
   * @throws {@link NotFoundError} if the vault does not exist.
   * @throws {@link ServerError} if it is a bad day.
   * @example
   * ```ts
   * if (true) {
   *   await client.items.list();
   * }
   * ```
   */
  list(",
    );
    let python = |call: &str| {
        format!(
            "        \"\"\"List the items of a vault.

        Args:
            vault_id: The id of the vault.
            filters: The filters, if any.

        Raises:
            NotFoundException: If the vault does not exist.
            ServerException: If it is a bad day.

        Example:
            if True:
                {call}client.items.list()
        \"\"\"
"
        )
    };
    holds("python/opwire/items.py", &python("await "));
    holds("python/opwire/items.py", &python(""));
}

#[test]
fn an_example_needs_a_method_and_a_failure_needs_a_condition() {
    let examples = Examples { python: "async def items_gone(client: Client) -> None:\n", ..Examples::default() };
    assert_eq!(codegen::files(&contract(), examples).unwrap_err(), "no method matches the example `items_gone`");

    let mut contract = contract();
    contract["methods"][0]["doc"] = json!("List.\n\n# Errors\nMany.");
    let message = files(&contract).unwrap_err();
    assert_eq!(
        message,
        "contract: ItemsList: an entry under `# Errors` must have the form `- {error ...} if ...`, not `Many.`"
    );
}

#[test]
fn targets_of_links_must_exist() {
    let problem = |link: &str| {
        let mut contract = contract();
        contract["methods"][0]["doc"] = json!(format!("List {{{link}}}."));
        files(&contract).unwrap_err()
    };
    assert_eq!(problem("const GONE"), "contract.methods.ItemsList: there is no const `GONE`");
    for link in [
        "type Gone",
        "type ItemsList",
        "field Item.gone",
        "field Gone.id",
        "field gone",
        "value State.itemId",
        "value State.gone",
        "method items.gone",
        "method gone.list",
        "method list",
        "error Gone",
    ] {
        assert!(problem(link).contains("there is no "), "{link}");
    }
}

#[test]
fn the_error_names_what_languages_cannot_express() {
    let problem = |pointer: &str, value: Value| {
        let mut contract = contract();
        *contract.pointer_mut(pointer).unwrap() = value;
        files(&contract).unwrap_err()
    };
    assert_eq!(
        problem("/types/Item/properties/value", json!({ "type": ["string", "integer"] })),
        "contract: Item.value: a value may be of one type, or of one type and null"
    );
    assert_eq!(
        problem("/types/Item/properties/labels", json!({ "type": "object", "properties": {} })),
        "contract: Item.labels: an object inside a type needs a name of its own, or `additionalProperties`"
    );
    assert_eq!(
        problem("/methods/0/params/properties/vault_id", json!({ "type": ["string", "null"] })),
        "contract: ItemsList.vault_id: an optional or variadic parameter must be the last"
    );
    assert_eq!(
        problem("/types/Filter/oneOf/0/properties", json!({ "kind": { "const": "ByState" } })),
        "contract: Filter.kind: the tag of a union must be called `type`"
    );
    assert_eq!(
        problem("/types/Item/properties/value", json!({ "$ref": "#/types/File" })),
        "contract: ItemsList: only the result of a client's method may be bytes, and no result may contain them otherwise"
    );
    assert_eq!(
        problem(
            "/types/NewItem/properties/files",
            json!({ "type": "object", "additionalProperties": { "$ref": "#/types/File" } })
        ),
        "contract: NewItem.files: the emitters support bytes as parameters, as members, and in lists of structs only"
    );
    assert_eq!(
        problem("/types/Variable/properties/other/x-secret", json!({ "gone": true })),
        "contract: Variable.other: x-secret names `gone`, which is neither a required boolean nor a required enum"
    );
    assert_eq!(
        problem("/types/Response2/properties/error", json!({ "$ref": "#/types/Gone" })),
        "contract: Response2.error: no type `Gone`"
    );
}

#[test]
fn the_check_names_stale_files_and_the_remedy() {
    let root = tempfile::tempdir().unwrap();
    let files = files(&contract()).unwrap();
    codegen::run(root.path(), &files, Mode::DryRun).unwrap();
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);

    codegen::run(root.path(), &files, Mode::Write).unwrap();
    codegen::run(root.path(), &files, Mode::Check).unwrap();

    fs::write(root.path().join("go/types_gen.go"), "package opwire\n").unwrap();
    let message = codegen::run(root.path(), &files, Mode::Check).unwrap_err();
    assert_eq!(message, "stale: go/types_gen.go\nRun `cargo xtask codegen` and commit the result.");
}

#[test]
fn a_missing_formatter_is_named_with_the_remedy() {
    let root = tempfile::tempdir().unwrap();
    let problem = |path: &str| {
        let file = File { path: path.to_owned(), text: String::new() };
        format::format(root.path(), vec![file]).unwrap_err()
    };
    let message = problem("python/opwire/types.py");
    assert!(message.contains("/.venv/bin/ruff is missing: run `python3 -m venv"), "{message}");
    let message = problem("packages/sdk/src/generated/types.ts");
    assert!(message.contains("/prettier.cjs is missing") && message.contains("run `npm ci`"), "{message}");
}

#[test]
fn the_error_of_a_formatter_is_reported() {
    let root = tempfile::tempdir().unwrap();
    let file = File { path: "go/types_gen.go".to_owned(), text: "func".to_owned() };
    let message = format::format(root.path(), vec![file]).unwrap_err();
    assert!(message.starts_with("gofmt failed: ") && message.contains("types_gen.go:1"), "{message}");
}
