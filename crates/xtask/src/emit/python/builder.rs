use super::{bracketed, docstring};
use crate::{
    model::{Contract, FieldType, Takes},
    names::{snake, uncapitalized},
};

pub(super) fn source(contract: &Contract) -> String {
    let mut body = format!(
        "Built = TypeVar(\"Built\", bound=\"FieldMethods\")\n\n\nclass FieldMethods:\n{}\n",
        docstring("    ", "A method for each type of field; `ItemBuilder` has them.")
    );
    body += "    def _field(\n        self: Built,\n        field_type: ItemFieldType,\n        title: str,\n        \
             value: Union[str, AddressFieldDetails],\n    ) -> Built:\n        raise NotImplementedError\n";
    for field_type in &contract.field_types {
        body += &method(field_type);
    }
    let imports = "from typing import TypeVar, Union\n\nfrom .types import AddressFieldDetails, ItemFieldType\n";
    super::source("The fields of item builders.", imports, &["FieldMethods".to_owned()], &body)
}

fn method(FieldType { name, doc, takes }: &FieldType) -> String {
    let (params, title, value) = match takes {
        Takes::Text => (vec!["title: str", "value: str"], "title", "value"),
        Takes::Address => (vec!["title: str", "parts: AddressFieldDetails"], "title", "parts"),
        Takes::Key => (vec!["value: str"], "\"private key\"", "value"),
    };
    let params: Vec<String> = std::iter::once("self: Built").chain(params).map(str::to_owned).collect();
    let signature = bracketed("    ", &format!("def {}(", snake(name)), &params, ") -> Built:");
    let doc = docstring("        ", &format!("Add a field of type `{name}`: {}", uncapitalized(doc.trim())));
    let value_of = name.to_uppercase();
    let arguments = [format!("ItemFieldType.{value_of}"), title.to_owned(), value.to_owned()];
    format!("\n{signature}{doc}{}", bracketed("        ", "return self._field(", &arguments, ")"))
}
