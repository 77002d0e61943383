//! Tests the code of each language that is generated from a small contract, in the form that schemars writes.

mod documentation;
mod languages;

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
fn bytes_cross_the_boundary_beside_the_json() {
    assert_holds(
        "go/types_gen.go",
        &[
            "func (f File) attach(to *attachments) any {\n\treturn struct {\n\t\tFile\n\t\tContent reference \
             `json:\"content\"`\n\t}{f, to.add(f.Content)}\n}",
            "\t\tItemCreateParams\n\t\tFiles    []any `json:\"files,omitempty\"`\n\t\tDocument any   \
             `json:\"document,omitempty\"`\n\t}{i, attachEach(i.Files, to), attachOptional(i.Document, to)}",
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
            "/types/ItemCreateParams/properties/files",
            json!({ "type": "object", "additionalProperties": { "$ref": "#/types/File" } })
        ),
        "contract: ItemCreateParams.files: the emitters support bytes as parameters, as members, and in lists of structs only"
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
