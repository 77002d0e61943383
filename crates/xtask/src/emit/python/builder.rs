use super::docstring;
use crate::{
    docs::mid_sentence,
    model::{Contract, FieldType, Takes},
    names::snake,
};

pub(super) fn source(contract: &Contract) -> String {
    let mut body = format!(
        "Built = TypeVar(\"Built\", bound=\"FieldMethods\")\n\n\nclass FieldMethods:\n{}\n",
        docstring("    ", "One method for each type of field. `ItemBuilder` inherits them.")
    );
    body += "    def _field(self: Built, field_type: ItemFieldType, title: str, value: Union[str, AddressFieldDetails]) -> \
             Built:\n        raise NotImplementedError\n";
    for field_type in &contract.field_types {
        body += &method(field_type);
    }
    let imports = "from typing import TypeVar, Union\n\nfrom .types import AddressFieldDetails, ItemFieldType\n";
    super::source("The fields of item builders.", imports, &["FieldMethods".to_owned()], &body)
}

fn method(FieldType { name, doc, takes }: &FieldType) -> String {
    let (params, title, value) = match takes {
        Takes::Text => ("title: str, value: str", "title", "value"),
        Takes::Address => ("title: str, parts: AddressFieldDetails", "title", "parts"),
        Takes::Key => ("value: str", "\"private key\"", "value"),
    };
    let doc = docstring("        ", &format!("Add a field of type `{name}`: {}", mid_sentence(doc)));
    let (function, value_of) = (snake(name), name.to_uppercase());
    format!(
        "\n    def {function}(self: Built, {params}) -> Built:\n{doc}        return \
         self._field(ItemFieldType.{value_of}, {title}, {value})\n"
    )
}
