//! Generates the functions that keep secrets from being printed, one for each type with secrets.

use super::{comment, import_types};
use crate::model::{Content, Contract, Member, NamedType, Secret, Shape, Type};

/// The type that the item builder returns. The builder is not generated.
const BUILT: &str = "ItemCreateParams";

pub(super) fn body(contract: &Contract) -> String {
    let concealed = contract.returned(&[BUILT]);
    let holders = || concealed.iter().filter(|named| is_holder(contract, named));
    let types = import_types(holders().map(|named| named.name.clone()).collect(), "./types.js");
    let functions: Vec<String> = holders().map(|named| function(contract, named)).collect();
    if functions.is_empty() {
        return "export {};\n".to_owned();
    }
    format!("import {{ hide, hiding }} from \"../hidden.js\";\n{types}\n{}", functions.join("\n"))
}

fn is_holder(contract: &Contract, named: &NamedType) -> bool {
    match &named.shape {
        Shape::Struct(members) => {
            members.iter().any(|member| member.secret != Secret::No || holds_secret(contract, &member.ty))
        }
        Shape::Union(union) => union.variants.iter().any(|variant| match &variant.content {
            Content::Value(ty) => holds_secret(contract, ty),
            Content::Inner(members) => members.iter().any(|member| holds_secret(contract, &member.ty)),
            Content::None => false,
        }),
        Shape::Enum(_) | Shape::Alias(_) => false,
    }
}

/// Returns whether a value of this type contains secrets.
pub(super) fn holds_secret(contract: &Contract, ty: &Type) -> bool {
    match ty {
        Type::Named(name) => contract.named(name).is_some_and(|named| is_holder(contract, named)),
        Type::Optional(inner) | Type::List(inner) | Type::Map(inner) | Type::Response(inner, _) => {
            holds_secret(contract, inner)
        }
        _ => false,
    }
}

fn function(contract: &Contract, named: &NamedType) -> String {
    let name = &named.name;
    let (before, body) = match &named.shape {
        Shape::Struct(members) => {
            let inside = members.iter().filter(|member| holds_secret(contract, &member.ty));
            let inside: String =
                inside.map(|member| statement(contract, &member.ty, &format!("value.{}", member.name))).collect();
            let (before, hide) = own_secrets(name, members);
            (before, inside + &hide)
        }
        Shape::Union(union) => {
            let inside = union.variants.iter().filter_map(|variant| match &variant.content {
                Content::Value(ty) if holds_secret(contract, ty) => Some(format!(
                    "  if (value.type === \"{}\") {}",
                    variant.tag,
                    statement(contract, ty, &format!("value.{}", union.content)).trim_start()
                )),
                _ => None,
            });
            (String::new(), inside.collect())
        }
        Shape::Enum(_) | Shape::Alias(_) => (String::new(), String::new()),
    };
    let doc = comment("", &format!("Keeps the secrets of {{@link {name}}} from being printed."));
    format!("{before}{doc}export function conceal{name}(value: {name}): void {{\n{body}}}\n")
}

/// Returns the constant with the secret members of a struct, and the statement that hides them.
fn own_secrets(name: &str, members: &[Member]) -> (String, String) {
    let secret: Vec<&Member> = members.iter().filter(|member| member.secret != Secret::No).collect();
    if secret.is_empty() {
        return (String::new(), String::new());
    }
    let names: Vec<String> = secret.iter().map(|member| format!("\"{}\"", member.name)).collect();
    let mut arguments = vec![format!("[{}]", names.join(", "))];
    let condition = secret.iter().find_map(|member| match &member.secret {
        Secret::Where { member, values } => Some((member, values)),
        Secret::No | Secret::Always => None,
    });
    if let Some((member, values)) = condition {
        let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
        arguments.push(format!("\"{member}\""));
        arguments.push(if values.is_empty() { "[true]".to_owned() } else { format!("[{}]", values.join(", ")) });
    }
    let constant = format!("secretsOf{name}");
    let definition = format!("const {constant} = /* @__PURE__ */ hiding<{name}>({});\n\n", arguments.join(", "));
    (definition, format!("  hide(value, {constant});\n"))
}

fn statement(contract: &Contract, ty: &Type, value: &str) -> String {
    match ty {
        Type::Optional(inner) => format!("  if ({value}) {}", statement(contract, inner, value).trim_start()),
        ty => format!("  {};\n", call(contract, ty, value)),
    }
}

/// Returns the expression that conceals the secrets in `value` of this type.
pub(super) fn call(contract: &Contract, ty: &Type, value: &str) -> String {
    match ty {
        Type::Named(name) => format!("conceal{name}({value})"),
        Type::Optional(inner) => format!("{value} && {}", call(contract, inner, value)),
        Type::List(entry) => format!("{value}.forEach({})", callback(contract, entry)),
        Type::Map(entry) => format!("Object.values({value}).forEach({})", callback(contract, entry)),
        Type::Response(content, _) => {
            let content_of = format!("{value}.content");
            format!("{content_of} && {}", call(contract, content, &content_of))
        }
        _ => value.to_owned(),
    }
}

fn callback(contract: &Contract, ty: &Type) -> String {
    match ty {
        Type::Named(name) => format!("conceal{name}"),
        Type::Response(content, _) => {
            format!("({{ content }}) => content && {}", call(contract, content, "content"))
        }
        ty => format!("(entry) => {}", call(contract, ty, "entry")),
    }
}

/// Returns the name of the function that [`call`] calls for this type.
pub(super) fn function_in(ty: &Type) -> Option<String> {
    match ty {
        Type::Named(name) => Some(format!("conceal{name}")),
        Type::Optional(inner) | Type::List(inner) | Type::Map(inner) | Type::Response(inner, _) => function_in(inner),
        _ => None,
    }
}
