use super::{comment, source};
use crate::{
    docs::mid_sentence,
    model::{Contract, FieldType, Takes},
    names::go_pascal,
};

pub(super) fn file(contract: &Contract) -> String {
    source(&[], &contract.field_types.iter().map(method).collect::<String>())
}

fn method(FieldType { name, doc, takes }: &FieldType) -> String {
    let (params, arguments) = match takes {
        Takes::Text => ("title string, value string", "title, value, nil"),
        Takes::Address => ("title string, parts AddressFieldDetails", "title, \"\", &parts"),
        Takes::Key => ("value string", "\"private key\", value, nil"),
    };
    let name = go_pascal(name);
    let doc = comment("", &format!("{name} adds a field of type {name}: {}", mid_sentence(doc)));
    format!(
        "{doc}func (b *ItemBuilder) {name}({params}) *ItemBuilder {{\n\treturn b.field(ItemFieldType{name}, \
         {arguments})\n}}\n\n"
    )
}
