use super::{bracketed, comment};
use crate::{
    model::{Contract, FieldType, Takes},
    names::camel,
};

pub(super) fn body(contract: &Contract) -> String {
    let methods: Vec<String> = contract.field_types.iter().map(method).collect();
    format!(
        "import {{ type AddressFieldDetails, ItemFieldType }} from \"./types.js\";\n\n{}export abstract class \
         FieldMethods {{\n  /** Adds a field. */\n  protected abstract field(\n    type: ItemFieldType,\n    title: string,\n    \
         value: string | AddressFieldDetails,\n  ): this;\n\n{}}}\n",
        comment("", "A method for each type of field; {@link ItemBuilder} has them."),
        methods.join("\n")
    )
}

fn method(FieldType { name, doc, takes }: &FieldType) -> String {
    let (params, title, value) = match takes {
        Takes::Text => (vec!["title: string", "value: string"], "title", "value"),
        Takes::Address => (vec!["title: string", "parts: AddressFieldDetails"], "title", "parts"),
        Takes::Key => (vec!["value: string"], "\"private key\"", "value"),
    };
    let params: Vec<String> = params.into_iter().map(str::to_owned).collect();
    let doc = comment("  ", &format!("Adds a field of type `{name}`: {}", crate::names::uncapitalized(doc.trim())));
    let signature = bracketed("  ", &format!("{}(", camel(name)), "", &params, "): this {");
    format!("{doc}{signature}    return this.field(ItemFieldType.{name}, {title}, {value});\n  }}\n")
}
