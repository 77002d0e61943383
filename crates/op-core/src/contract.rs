//! The contract that the language packages are generated from: methods, types, errors and constants, as data.

use op_protocol::permissions;
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::{
    config,
    env::VARIABLE_NAME_PATTERN,
    error::ErrorKind,
    host::MAX_RESPONSE_BYTES,
    methods::{self, ClientMethod, OfflineMethod},
    plaintext::kinds,
    types::{ItemCategory, ItemFieldType},
};

/// Returns the contract as JSON: `version`, `methods`, `types`, `errors`, `constants`, `fieldTypes`.
///
/// Parameters and results are JSON Schemas that refer to `#/types/<Name>`. A parameter marked `x-variadic` is a
/// trailing list that languages take as separate arguments.
#[must_use]
pub fn contract() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/types".into();
    settings.meta_schema = None;
    let mut builder = Builder { generator: settings.into_generator(), methods: Vec::new() };
    methods::describe(&mut builder);
    let types = builder.generator.take_definitions(false);
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "methods": builder.methods,
        "types": types,
        "errors": ErrorKind::ALL.iter().map(|kind| json!({
            "name": kind.name(),
            "doc": kind.doc().trim(),
            "message": kind.template(),
            "retryable": kind.retryable(),
        })).collect::<Vec<_>>(),
        "constants": constants(),
        "fieldTypes": kinds::field_types().map(|field_type| json!({
            "type": field_type,
            "takes": match field_type {
                ItemFieldType::Address => "address",
                // Only the value is a parameter; its title and id are fixed.
                ItemFieldType::SshKey => "key",
                _ => "text",
            },
        })).collect::<Vec<_>>(),
    })
}

/// Returns each template id of an item and its category.
pub fn categories() -> impl Iterator<Item = (&'static str, ItemCategory)> {
    kinds::categories()
}

/// Returns each kind of a stored field and the type that it means.
pub fn kinds() -> impl Iterator<Item = (&'static str, ItemFieldType)> {
    kinds::meanings()
}

fn constants() -> Vec<Value> {
    let permissions = permissions::TABLE
        .iter()
        .map(|(name, value, doc)| json!({ "name": name, "value": value, "doc": doc, "permission": true }));
    let defaults = [
        json!({
            "name": "SDK_VERSION",
            "value": config::SDK_VERSION,
            "doc": "The version that the package reports to account servers.",
        }),
        json!({
            "name": "DEFAULT_REQUEST_TIMEOUT_MS",
            "value": config::DEFAULT_REQUEST_TIMEOUT_MS,
            "doc": "The default time limit of one request.",
        }),
        json!({
            "name": "DEFAULT_MAX_RETRIES",
            "value": config::DEFAULT_MAX_RETRIES,
            "doc": "The default number of times that a read is retried after a transient failure.",
        }),
        json!({
            "name": "DEFAULT_CACHE_TTL_MS",
            "value": config::DEFAULT_CACHE_TTL_MS,
            "doc": "The default time for which a cached item counts as fresh.",
        }),
        json!({
            "name": "DEFAULT_CACHE_NEGATIVE_TTL_MS",
            "value": config::DEFAULT_CACHE_NEGATIVE_TTL_MS,
            "doc": "The default time for which a cache remembers that something does not exist.",
        }),
        json!({
            "name": "DEFAULT_CACHE_MAX_ENTRIES",
            "value": config::DEFAULT_CACHE_MAX_ENTRIES,
            "doc": "The default number of items and references that a cache keeps; the least recently used go first.",
        }),
        json!({
            "name": "MAX_RESPONSE_BYTES",
            "value": MAX_RESPONSE_BYTES,
            "doc": "The size of the largest response that is read, in bytes.",
        }),
        json!({
            "name": "VARIABLE_NAME_PATTERN",
            "value": VARIABLE_NAME_PATTERN,
            "doc": "The regular expression for names of variables: every name that shells accept, and no text that they would run.",
        }),
    ];
    permissions.chain(defaults).collect()
}

/// Collects the methods that the build script lists.
pub(crate) struct Builder {
    generator: SchemaGenerator,
    methods: Vec<Value>,
}

impl Builder {
    pub(crate) fn client_method<M>(&mut self, name: &str)
    where
        M: ClientMethod + JsonSchema,
        M::Output: JsonSchema,
    {
        self.method::<M, M::Output>(name, M::SDK_NAME, Kind { offline: false, added: M::ADDED });
    }

    pub(crate) fn offline_method<M>(&mut self, name: &str)
    where
        M: OfflineMethod + JsonSchema,
        M::Output: JsonSchema,
    {
        self.method::<M, M::Output>(name, M::SDK_NAME, Kind { offline: true, added: M::ADDED });
    }

    fn method<P: JsonSchema, R: JsonSchema>(&mut self, name: &str, sdk_name: &str, kind: Kind) {
        let mut parameters: Schema = P::json_schema(&mut self.generator);
        let doc = parameters.remove("description").as_ref().and_then(Value::as_str).map(|doc| kind.documented(doc));
        let result = self.generator.subschema_for::<R>();
        self.methods.push(json!({
            "name": name,
            "sdkName": sdk_name,
            "offline": kind.offline,
            "added": kind.added,
            "doc": doc,
            "params": parameters,
            "result": result,
        }));
    }
}

/// The kind of a method.
#[derive(Clone, Copy)]
struct Kind {
    offline: bool,
    added: bool,
}

impl Kind {
    /// Returns the documentation. Its first paragraph says if opwire added the method.
    fn documented(self, doc: &str) -> String {
        if !self.added {
            return doc.to_owned();
        }
        match doc.split_once("\n\n") {
            Some((first, rest)) => format!("{first} Added by opwire.\n\n{rest}"),
            None => format!("{doc} Added by opwire."),
        }
    }
}
