//! Documentation, its links and its examples in the style of each language.

use serde_json::{Value, json};

use super::{contract, files, generated};
use crate::{codegen, examples::Examples};

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
