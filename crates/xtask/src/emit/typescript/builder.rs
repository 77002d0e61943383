use super::comment;
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
        comment("", "One method for each type of field. {@link ItemBuilder} inherits them."),
        methods.join("\n")
    )
}

fn method(FieldType { name, doc, takes }: &FieldType) -> String {
    let (params, title, value) = match takes {
        Takes::Text => ("title: string, value: string", "title", "value"),
        Takes::Address => ("title: string, parts: AddressFieldDetails", "title", "parts"),
        Takes::Key => ("value: string", "\"private key\"", "value"),
    };
    let doc = comment("  ", &format!("Adds a field of type `{name}`: {}", crate::docs::mid_sentence(doc)));
    let function = camel(name);
    format!(
        "{doc}  {function}({params}): this {{\n    return this.field(ItemFieldType.{name}, {title}, {value});\n  }}\n"
    )
}
