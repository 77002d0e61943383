//! Hides secrets when Go prints and logs their types. The types get methods for it, because their members must stay as
//! in the public SDK.

use super::ty;
use crate::{
    model::{Content, Contract, Member, NamedType, Secret, Shape, Type},
    names::go_pascal,
};

/// Returns the methods of a type that contains secrets at any depth; an empty text for other types.
pub(super) fn methods(contract: &Contract, named: &NamedType) -> String {
    let name = go_pascal(&named.name);
    let format = match &named.shape {
        Shape::Struct(members) if members.iter().any(is_secret) => format_method(&name, members),
        _ => String::new(),
    };
    match &named.shape {
        Shape::Struct(_) | Shape::Union(_) if holds_secrets(contract, &Type::Named(named.name.clone())) => {
            format + &log_method(&name, &name)
        }
        _ => format,
    }
}

/// Returns the method for package log/slog, which does not call the methods of values inside a struct.
pub(super) fn log_method(name: &str, ty: &str) -> String {
    let receiver = receiver(name);
    format!(
        "
// LogValue returns {receiver} for package log/slog, with its secrets as <hidden>.
func ({receiver} {ty}) LogValue() slog.Value {{
\treturn slog.StringValue(fmt.Sprintf(\"%+v\", {receiver}))
}}
"
    )
}

fn format_method(name: &str, members: &[Member]) -> String {
    let receiver = receiver(name);
    let (mut fields, mut values) = (String::new(), String::new());
    for member in members {
        let field = go_pascal(&member.name);
        let value = format!("{receiver}.{field}");
        let (ty, value) = match &member.secret {
            Secret::No => (ty(&member.ty), value),
            Secret::Always => ("any".to_owned(), format!("hide({value})")),
            Secret::Where { member, values } => {
                let condition = condition(&receiver, members, member, values);
                ("any".to_owned(), format!("hideIf({condition}, {value})"))
            }
        };
        fields += &format!("\t\t{field} {ty}\n");
        values += &format!("\t\t{value},\n");
    }
    format!(
        "
// Format writes {receiver} as package fmt would, with its secrets as <hidden>.
func ({receiver} {name}) Format(state fmt.State, verb rune) {{
\ttype {name} struct {{
{fields}\t}}
\tfmt.Fprintf(state, fmt.FormatString(state, verb), {name}{{
{values}\t}})
}}
"
    )
}

/// Returns the condition under which a member's value is secret, from the other member that determines it.
fn condition(receiver: &str, members: &[Member], other: &str, values: &[String]) -> String {
    let field = format!("{receiver}.{}", go_pascal(other));
    match members.iter().find(|member| member.name == other).map(|member| &member.ty) {
        Some(Type::Named(name)) => {
            let constants = values.iter().map(|value| format!(", {}{}", go_pascal(name), go_pascal(value)));
            format!("isOneOf({field}{})", constants.collect::<String>())
        }
        _ => field,
    }
}

fn is_secret(member: &Member) -> bool {
    member.secret != Secret::No
}

fn holds_secrets(contract: &Contract, ty: &Type) -> bool {
    let any =
        |members: &[Member]| members.iter().any(|member| is_secret(member) || holds_secrets(contract, &member.ty));
    match ty {
        Type::Named(name) => match contract.named(name).map(|named| &named.shape) {
            Some(Shape::Struct(members)) => any(members),
            Some(Shape::Union(union)) => union.variants.iter().any(|variant| match &variant.content {
                Content::None => false,
                Content::Value(value) => holds_secrets(contract, value),
                Content::Inner(members) => any(members),
            }),
            Some(Shape::Alias(target)) => holds_secrets(contract, target),
            Some(Shape::Enum(_)) | None => false,
        },
        Type::Optional(inner) | Type::List(inner) | Type::Map(inner) => holds_secrets(contract, inner),
        Type::Response(content, error) => holds_secrets(contract, content) || holds_secrets(contract, error),
        _ => false,
    }
}

fn receiver(name: &str) -> String {
    name.chars().take(1).collect::<String>().to_lowercase()
}
