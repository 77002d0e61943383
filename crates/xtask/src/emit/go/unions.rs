use super::{
    ty,
    types::{enumeration, structure, type_comment},
};
use crate::{
    model::{Content, Contract, EnumValue, Shape, Type, Union, Variant},
    names::go_pascal,
};

/// The content of a case of a union, in Go.
struct CaseContent {
    /// The type of the content, without a pointer.
    ty: String,
    /// Whether callers get it by pointer, as for structs, and not by value, as for texts.
    by_pointer: bool,
}

fn content_of(contract: &Contract, name: &str, variant: &Variant) -> Option<CaseContent> {
    let value = match &variant.content {
        Content::None => return None,
        Content::Inner(_) => return Some(CaseContent { ty: inner_name(name, variant), by_pointer: true }),
        Content::Value(Type::Optional(value)) => value.as_ref(),
        Content::Value(value) => value,
    };
    let is_struct = match value {
        Type::Named(name) => {
            contract.named(name).is_some_and(|named| matches!(named.shape, Shape::Struct(_) | Shape::Union(_)))
        }
        _ => false,
    };
    Some(CaseContent { ty: ty(value), by_pointer: is_struct })
}

fn inner_name(name: &str, variant: &Variant) -> String {
    format!("{name}{}Inner", go_pascal(&variant.tag))
}

pub(super) fn definition(contract: &Contract, name: &str, doc: &str, union: &Union) -> String {
    let tags = format!("{name}Types");
    let values: Vec<EnumValue> = union
        .variants
        .iter()
        .map(|variant| EnumValue { value: variant.tag.clone(), doc: variant.doc.clone() })
        .collect();
    let mut out = String::new();
    for variant in &union.variants {
        if let Content::Inner(members) = &variant.content {
            let doc = format!("The content of {} [{name}] of type {}.", article(name), go_pascal(&variant.tag));
            out += &structure(&inner_name(name, variant), &doc, members);
            out.push('\n');
        }
    }
    let doc_of_tags = format!("The type of {} [{name}], which determines its content.", article(name));
    out += &enumeration(&tags, &doc_of_tags, &format!("{name}TypeVariant"), &values);
    out += &format!(
        "\n{}type {name} struct {{\n\tType {tags} `json:\"type\"`\n\tcontent any\n}}\n",
        type_comment(name, doc)
    );
    out += &unmarshal(contract, name, &tags, union);
    out += &marshal(name, &tags, union);
    for variant in &union.variants {
        out += &accessor(contract, name, variant);
    }
    for variant in &union.variants {
        out += &constructor(contract, name, variant);
    }
    out
}

fn unmarshal(contract: &Contract, name: &str, tags: &str, union: &Union) -> String {
    let receiver = receiver(name);
    let cases: String = union
        .variants
        .iter()
        .filter_map(|variant| {
            let content = content_of(contract, name, variant)?;
            let case = go_pascal(&variant.tag);
            Some(format!("\tcase {name}TypeVariant{case}:\n\t\t{receiver}.content = new({})\n", content.ty))
        })
        .collect();
    let member = &union.content;
    format!(
        "
// UnmarshalJSON reads the type, and the content in the form of that type.
func ({receiver} *{name}) UnmarshalJSON(data []byte) error {{
\tvar wire struct {{
\t\tType {tags} `json:\"type\"`
\t\tContent json.RawMessage `json:\"{member}\"`
\t}}
\tif err := json.Unmarshal(data, &wire); err != nil {{
\t\treturn err
\t}}
\t{receiver}.Type, {receiver}.content = wire.Type, nil
\tif len(wire.Content) == 0 || string(wire.Content) == \"null\" {{
\t\treturn nil
\t}}
\tswitch wire.Type {{
{cases}\tdefault:
\t\treturn nil
\t}}
\treturn json.Unmarshal(wire.Content, {receiver}.content)
}}
"
    )
}

fn marshal(name: &str, tags: &str, union: &Union) -> String {
    let receiver = receiver(name);
    let member = &union.content;
    format!(
        "
// MarshalJSON writes the type and the content.
func ({receiver} {name}) MarshalJSON() ([]byte, error) {{
\treturn json.Marshal(struct {{
\t\tType {tags} `json:\"type\"`
\t\tContent any `json:\"{member},omitempty\"`
\t}}{{{receiver}.Type, {receiver}.content}})
}}
"
    )
}

fn accessor(contract: &Contract, name: &str, variant: &Variant) -> String {
    let Some(CaseContent { ty, by_pointer }) = content_of(contract, name, variant) else { return String::new() };
    let receiver = receiver(name);
    let case = go_pascal(&variant.tag);
    if by_pointer {
        return format!(
            "
// {case} returns the content if the type is {case} and there is content; otherwise nil.
func ({receiver} {name}) {case}() *{ty} {{
\tif {receiver}.Type != {name}TypeVariant{case} {{
\t\treturn nil
\t}}
\tcontent, _ := {receiver}.content.(*{ty})
\treturn content
}}
"
        );
    }
    format!(
        "
// {case} returns the content if the type is {case}; otherwise the zero value.
func ({receiver} {name}) {case}() (content {ty}) {{
\tif value, ok := {receiver}.content.(*{ty}); ok && {receiver}.Type == {name}TypeVariant{case} {{
\t\tcontent = *value
\t}}
\treturn content
}}
"
    )
}

fn constructor(contract: &Contract, name: &str, variant: &Variant) -> String {
    let case = go_pascal(&variant.tag);
    let function = format!("New{name}TypeVariant{case}");
    let (parameter, content) = match content_of(contract, name, variant) {
        None => (String::new(), String::new()),
        Some(CaseContent { ty, by_pointer: true }) => (format!("content *{ty}"), ", content: content".to_owned()),
        Some(CaseContent { ty, by_pointer: false }) => (format!("content {ty}"), ", content: &content".to_owned()),
    };
    format!(
        "
// {function} returns {} {name} of type {case}.
func {function}({parameter}) {name} {{
\treturn {name}{{Type: {name}TypeVariant{case}{content}}}
}}
",
        article(name)
    )
}

fn receiver(name: &str) -> String {
    name.chars().take(1).collect::<String>().to_lowercase()
}

fn article(name: &str) -> &'static str {
    if name.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" }
}
