//! Generates decoders for results that contain times. Only values that are times in the contract become a `Date`.

use super::import_types;
use crate::model::{Contract, NamedType, Shape, Type};

pub(super) fn body(contract: &Contract) -> String {
    let returned = contract.returned(&[]);
    let decoded = || returned.iter().filter(|named| is_decoded(contract, named));
    let decoders: String = decoded().map(|named| decoder(contract, named)).collect();
    let mut names: Vec<String> = decoded().map(|named| named.name.clone()).collect();
    let response = if uses_decoded_response(contract) {
        names.push("Response".to_owned());
        RESPONSE
    } else {
        ""
    };
    format!("{}\n{WIRE}\n{response}{decoders}", import_types(names, "./types.js"))
}

const WIRE: &str = "\
/** A type as JSON has it: the same, but times are texts. */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer E)[]
    ? Wire<E>[]
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T;
";

const RESPONSE: &str = "\
/** Decodes the content of a response. */
export function decodeResponse<T, E>(
  wire: Response<Wire<T>, E>,
  decode: (content: Wire<T>) => T,
): Response<T, E> {
  const { content } = wire;
  return content ? { ...wire, content: decode(content) } : (wire as Response<never, E>);
}

";

fn is_decoded(contract: &Contract, named: &NamedType) -> bool {
    match &named.shape {
        Shape::Struct(members) => members.iter().any(|member| holds_time(contract, &member.ty)),
        _ => false,
    }
}

/// Returns whether the JSON of this type must be decoded.
pub(super) fn holds_time(contract: &Contract, ty: &Type) -> bool {
    match ty {
        Type::DateTime => true,
        Type::Named(name) => contract.named(name).is_some_and(|named| is_decoded(contract, named)),
        Type::Optional(inner) | Type::List(inner) | Type::Map(inner) | Type::Response(inner, _) => {
            holds_time(contract, inner)
        }
        _ => false,
    }
}

fn uses_decoded_response(contract: &Contract) -> bool {
    let members = contract.returned(&[]).into_iter().filter_map(|named| match &named.shape {
        Shape::Struct(members) => Some(members.iter().map(|member| &member.ty)),
        _ => None,
    });
    let results = contract.groups.iter().flat_map(|group| &group.methods).map(|method| &method.result);
    members
        .flatten()
        .chain(results)
        .any(|ty| ty.names().iter().any(|name| name == "Response") && holds_time(contract, ty))
}

fn decoder(contract: &Contract, named: &NamedType) -> String {
    let Shape::Struct(members) = &named.shape else { return String::new() };
    let name = &named.name;
    let (mut entries, mut optional) = (String::new(), Vec::new());
    for member in members.iter().filter(|member| holds_time(contract, &member.ty)) {
        let key = &member.name;
        entries += &match &member.ty {
            Type::Optional(ty) => {
                optional.push(key.as_str());
                format!("    ...({key} && {{ {key}: {} }}),\n", expression(contract, ty, key))
            }
            ty => format!("    {key}: {},\n", expression(contract, ty, &format!("wire.{key}"))),
        };
    }
    // Taken out, because otherwise its text would be one of the member's types.
    let (taken_out, rest) = match optional.as_slice() {
        [] => (String::new(), "wire"),
        names => (format!("  const {{ {}, ...rest }} = wire;\n", names.join(", ")), "rest"),
    };
    format!(
        "/** Decodes the JSON of {{@link {name}}}. */\nexport function decode{name}(wire: Wire<{name}>): {name} \
         {{\n{taken_out}  return {{\n    ...{rest},\n{entries}  }};\n}}\n\n"
    )
}

/// Returns the expression that decodes `value` of this type.
pub(super) fn expression(contract: &Contract, ty: &Type, value: &str) -> String {
    match ty {
        Type::DateTime => format!("new Date({value})"),
        Type::Named(name) => format!("decode{name}({value})"),
        Type::Optional(inner) => format!("{value} && {}", expression(contract, inner, value)),
        Type::List(entry) => format!("{value}.map({})", function(contract, entry)),
        Type::Map(entry) => format!(
            "Object.fromEntries(Object.entries({value}).map(([key, entry]) => [key, {}]))",
            expression(contract, entry, "entry")
        ),
        Type::Response(content, _) => format!("decodeResponse({value}, {})", function(contract, content)),
        _ => value.to_owned(),
    }
}

fn function(contract: &Contract, ty: &Type) -> String {
    match ty {
        Type::Named(name) => format!("decode{name}"),
        ty => format!("(entry) => {}", expression(contract, ty, "entry")),
    }
}

/// Adds the names of the decoders that [`expression`] calls for this type.
pub(super) fn functions_in(ty: &Type, functions: &mut Vec<String>) {
    let names = match ty {
        Type::Response(content, _) => [vec!["Response".to_owned()], content.names()].concat(),
        ty => ty.names(),
    };
    functions.extend(names.iter().map(|name| format!("decode{name}")));
}
