//! Links in the contract's documentation, such as `{const READ_ITEMS}`, which each language spells in its own way.
//!
//! | in the documentation | meaning |
//! |---|---|
//! | `{const READ_ITEMS}` | a constant |
//! | `{type Item}` | a type |
//! | `{field Item.vaultId}` | a member of a type |
//! | `{field retryAfterMs}` | a member of every error |
//! | `{value ItemCategory.Login}` | a value of an enum |
//! | `{method items.get}` | a method |
//! | `{error NotFound}` | a kind of failure |

use serde_json::Value;

use crate::model::{Contract, Group, Method, Shape};

/// The members of the errors of each language, except their kind.
const ERROR_FIELDS: [&str; 5] = ["message", "field", "retryable", "status", "retryAfterMs"];

/// The types that every language has, but that are not generated.
const WRITTEN_TYPES: [&str; 1] = ["ItemBuilder"];

/// A link in documentation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Link<'a> {
    Const(&'a str),
    Type(&'a str),
    /// A member of a type, or of every error.
    Field(Option<&'a str>, &'a str),
    /// A value of an enum.
    Value(&'a str, &'a str),
    Method(&'a Group, &'a Method),
    Error(&'a str),
}

/// Returns the contract, with the links in its documentation replaced by `spell`.
///
/// # Errors
/// The target of a link does not exist.
pub(crate) fn spelled(contract: &Value, model: &Contract, spell: &dyn Fn(Link<'_>) -> String) -> Result<Value, String> {
    let mut contract = contract.clone();
    spell_docs("contract", &mut contract, &|doc| replaced(doc, model, spell))?;
    Ok(contract)
}

fn spell_docs(place: &str, value: &mut Value, spell: &dyn Fn(&str) -> Result<String, String>) -> Result<(), String> {
    match value {
        Value::Object(members) => members.iter_mut().try_for_each(|(name, value)| match value {
            Value::String(doc) if name == "doc" || name == "description" => {
                *doc = spell(doc).map_err(|problem| format!("{place}: {problem}"))?;
                Ok(())
            }
            value => spell_docs(&format!("{place}.{name}"), value, spell),
        }),
        Value::Array(entries) => entries.iter_mut().try_for_each(|entry| {
            let name = entry.get("name").and_then(Value::as_str).unwrap_or("*").to_owned();
            spell_docs(&format!("{place}.{name}"), entry, spell)
        }),
        _ => Ok(()),
    }
}

fn replaced(doc: &str, model: &Contract, spell: &dyn Fn(Link<'_>) -> String) -> Result<String, String> {
    let (mut text, mut rest) = (String::new(), doc);
    while let Some((before, link)) = rest.split_once('{') {
        text.push_str(before);
        rest = link;
        let target =
            link.split_once('}').and_then(|(target, after)| Some((target.split_once(char::is_whitespace)?, after)));
        match target {
            Some(((kind @ ("const" | "type" | "field" | "value" | "method" | "error"), name), after)) => {
                let link = find(model, kind, name).ok_or_else(|| format!("there is no {kind} `{name}`"))?;
                text.push_str(&spell(link));
                rest = after;
            }
            _ => text.push('{'),
        }
    }
    Ok(text + rest)
}

fn find<'a>(model: &'a Contract, kind: &str, name: &'a str) -> Option<Link<'a>> {
    let is_type = |name: &str| model.named(name).is_some() || name == "Response" || WRITTEN_TYPES.contains(&name);
    match kind {
        "const" => model.constants.iter().any(|each| each.name == name).then_some(Link::Const(name)),
        "type" => is_type(name).then_some(Link::Type(name)),
        "error" => model.errors.iter().any(|each| each.name == name).then_some(Link::Error(name)),
        "method" => {
            let (group, method) = name.rsplit_once('.')?;
            let group = model.groups.iter().find(|each| each.path.join(".") == group)?;
            Some(Link::Method(group, group.methods.iter().find(|each| each.name == method)?))
        }
        _ => {
            let Some((of, name)) = name.split_once('.') else {
                return (kind == "field" && ERROR_FIELDS.contains(&name)).then_some(Link::Field(None, name));
            };
            match &model.named(of)?.shape {
                Shape::Struct(members) if kind == "field" => {
                    members.iter().any(|member| member.name == name).then_some(Link::Field(Some(of), name))
                }
                Shape::Enum(values) if kind == "value" => {
                    values.iter().any(|each| each.value == name).then_some(Link::Value(of, name))
                }
                _ => None,
            }
        }
    }
}
