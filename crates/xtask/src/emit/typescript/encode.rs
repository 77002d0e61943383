//! Generates encoders for parameters that contain bytes, which cross the boundary beside the JSON.

use super::import_types;
use crate::model::{BytesIn, Contract, NamedType, Shape, Type};

pub(super) fn body(contract: &Contract) -> String {
    let holders = || contract.types.iter().filter(|named| contract.is_holder(&named.name));
    let encoders: String = holders().map(|named| encoder(contract, named)).collect();
    let each = if encoders.contains("eachOf(") { ", eachOf" } else { "" };
    let imports = format!("import {{ type Attachments{each} }} from \"../invoker.js\";\n");
    let types = import_types(holders().map(|named| named.name.clone()).collect(), "./types.js");
    if encoders.is_empty() { "export {};\n".to_owned() } else { format!("{imports}{types}\n{encoders}") }
}

fn encoder(contract: &Contract, named: &NamedType) -> String {
    let Shape::Struct(members) = &named.shape else { return String::new() };
    let name = &named.name;
    let mut entries = String::new();
    for member in members {
        let name = &member.name;
        // JavaScript programs may pass nothing, and then the engine reports the error.
        entries += &match (&member.ty, contract.bytes_in(&member.ty)) {
            (_, None) => continue,
            (ty @ Type::Optional(_), _) => {
                let encoded = expression(contract, ty, &format!("value.{name}")).unwrap_or_default();
                format!("    ...(value?.{name} && {{ {name}: {encoded} }}),\n")
            }
            (ty, _) => {
                let encoded = expression(contract, ty, &format!("value?.{name}")).unwrap_or_default();
                format!("    {name}: {encoded},\n")
            }
        };
    }
    format!(
        "/** Attaches the bytes in a {{@link {name}}}. */\nexport function encode{name}(value: {name}, attachments: \
         Attachments): {name} {{\n  return {{\n    ...value,\n{entries}  }};\n}}\n\n"
    )
}

/// Returns the expression for `value` in JSON, or `None` if it contains no bytes and stays as it is.
pub(super) fn expression(contract: &Contract, ty: &Type, value: &str) -> Option<String> {
    Some(match contract.bytes_in(ty)? {
        BytesIn::Bytes | BytesIn::Unsupported => format!("attachments.add({value})"),
        BytesIn::Struct(name) | BytesIn::Optional(name) => format!("encode{name}({value}, attachments)"),
        BytesIn::List(name) => format!("eachOf({value}, (entry) => encode{name}(entry, attachments))"),
    })
}
