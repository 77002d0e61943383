use super::{WIDTH, bracketed, docstring, ty};
use crate::{
    model::{ConstantValue, Content, Contract, EnumValue, Member, NamedType, Secret, Shape, Type, Union, Variant},
    names::{camel, pascal, shouting, snake},
};

pub(super) fn source(contract: &Contract) -> Result<String, String> {
    let mut body = String::new();
    let mut exports: Vec<String> = contract.constants.iter().map(|constant| constant.name.clone()).collect();
    for named in &contract.types {
        body += &definition(named, &mut exports)?;
    }
    if body.contains("Response[") {
        exports.push("Response".to_owned());
        body = RESPONSE.to_owned() + &body;
    }
    for constant in &contract.constants {
        let ty = match constant.value {
            ConstantValue::Number(_) => "int",
            ConstantValue::Text(_) => "str",
        };
        body += &format!("{}: {ty} = {}\n{}\n", constant.name, constant.value, docstring("", &constant.doc));
    }
    exports.sort();
    Ok(super::source("The types of parameters and results.", &imports(&body), &exports, &body))
}

const RESPONSE: &str = "\
T = TypeVar(\"T\")
E = TypeVar(\"E\")


@dataclass
class Response(Model, Generic[T, E]):
    \"\"\"The outcome for one element of a call on several: exactly one member is set.\"\"\"

    content: Optional[T] = None
    \"\"\"The result.\"\"\"
    error: Optional[E] = None
    \"\"\"The failure.\"\"\"


";

fn imports(body: &str) -> String {
    let uses = |name: &str| body.contains(&format!("{name}[")) || body.contains(&format!("{name}("));
    let mut out = String::from(if uses("field") {
        "from dataclasses import dataclass, field\n"
    } else {
        "from dataclasses import dataclass\n"
    });
    if body.contains("datetime") {
        out += "from datetime import datetime\n";
    }
    if body.contains("Enum)") {
        out += "from enum import Enum\n";
    }
    let typing: Vec<&str> = ["Dict", "Generic", "List", "Literal", "Optional", "TypeVar", "Union"]
        .into_iter()
        .filter(|name| uses(name))
        .collect();
    if !typing.is_empty() {
        out += &format!("from typing import {}\n", typing.join(", "));
    }
    out + "\nfrom ._model import Model\n"
}

fn definition(named: &NamedType, exports: &mut Vec<String>) -> Result<String, String> {
    let name = &named.name;
    exports.push(name.clone());
    match &named.shape {
        Shape::Struct(members) => class(name, &named.doc, members),
        Shape::Enum(values) => Ok(enumeration(name, &named.doc, values, str::to_uppercase)),
        Shape::Union(union) => self::union(named, union, exports),
        Shape::Alias(target) => Ok(format!("{name} = {}\n{}\n\n", ty(target), docstring("", &named.doc))),
    }
}

/// A string enum, whose members are spelled by `spelling`.
fn enumeration(name: &str, doc: &str, values: &[EnumValue], spelling: impl Fn(&str) -> String) -> String {
    let entries: String = values
        .iter()
        .map(|value| format!("    {} = \"{}\"\n{}", spelling(&value.value), value.value, docstring("    ", &value.doc)))
        .collect();
    format!("class {name}(str, Enum):\n{}{entries}\n\n", class_docstring(doc))
}

fn class(name: &str, doc: &str, members: &[Member]) -> Result<String, String> {
    // A dataclass wants members without a default first; callers pass members by name.
    let (optional, required): (Vec<&Member>, Vec<&Member>) =
        members.iter().partition(|member| matches!(member.ty, Type::Optional(_)));
    let mut entries = String::new();
    for member in required.into_iter().chain(optional) {
        entries += &attribute(name, member)?;
    }
    Ok(format!("@dataclass\nclass {name}(Model):\n{}{entries}\n\n", class_docstring(doc)))
}

fn class_docstring(doc: &str) -> String {
    let doc = docstring("    ", doc);
    if doc.is_empty() { doc } else { doc + "\n" }
}

fn attribute(class: &str, member: &Member) -> Result<String, String> {
    let name = snake(&member.name);
    if camel(&name) != member.name {
        return Err(format!("{class}.{}: the Python name `{name}` would be `{}` in JSON", member.name, camel(&name)));
    }
    let default = match (&member.ty, member.secret != Secret::No) {
        (Type::Optional(_), false) => " = None",
        (Type::Optional(_), true) => " = field(default=None, repr=False)",
        (_, true) => " = field(repr=False)",
        (_, false) => "",
    };
    let line = format!("    {name}: {}{default}\n", ty(&member.ty));
    let line = if line.trim_end().chars().count() <= WIDTH { line } else { split_subscript(&line) };
    Ok(line + &docstring("    ", &member.doc))
}

/// Breaks `name: Dict[str, Response[...]]` after its first bracket.
fn split_subscript(line: &str) -> String {
    match (line.split_once('['), line.trim_end().strip_suffix(']')) {
        (Some((before, _)), Some(whole)) => {
            let inner = whole.get(before.len() + 1..).unwrap_or_default();
            format!("{before}[\n        {inner}\n    ]\n")
        }
        _ => line.to_owned(),
    }
}

fn union(named: &NamedType, union: &Union, exports: &mut Vec<String>) -> Result<String, String> {
    let name = &named.name;
    let tags = format!("{name}Types");
    let values: Vec<EnumValue> =
        union.variants.iter().map(|variant| EnumValue { value: variant.tag.clone(), doc: String::new() }).collect();
    let mut out = enumeration(&tags, &format!("The types of `{name}`."), &values, shouting);
    exports.push(tags.clone());
    let mut cases = Vec::new();
    for variant in &union.variants {
        let case = format!("{name}{}", pascal(&variant.tag));
        if let Content::Inner(members) = &variant.content {
            let doc = format!("The {} of `{case}`.", union.content);
            out += &class(&format!("{case}Inner"), &doc, members)?;
            exports.push(format!("{case}Inner"));
        }
        out += &format!(
            "@dataclass\nclass {case}(Model):\n{}{}{}\n\n",
            class_docstring(&variant.doc),
            content(&case, union, variant),
            tag(&tags, variant)
        );
        exports.push(case.clone());
        cases.push(case);
    }
    out += &match cases.as_slice() {
        [only] => format!("{name} = {only}\n"),
        cases => bracketed("", &format!("{name} = Union["), cases, "]"),
    };
    Ok(out + &docstring("", &named.doc) + "\n\n")
}

fn content(case: &str, union: &Union, variant: &Variant) -> String {
    let name = snake(&union.content);
    match &variant.content {
        Content::None => String::new(),
        Content::Inner(_) => format!("    {name}: {case}Inner\n"),
        Content::Value(value @ Type::Optional(_)) => format!("    {name}: {} = None\n", ty(value)),
        Content::Value(value) => format!("    {name}: {}\n", ty(value)),
    }
}

/// The tag, as a literal that type checkers tell the cases apart by; broken over lines as ruff does.
fn tag(tags: &str, variant: &Variant) -> String {
    let value = format!("{tags}.{}", shouting(&variant.tag));
    let line = format!("    type: Literal[{value}] = {value}");
    let opened = format!("    type: Literal[{value}] = (");
    if line.len() <= WIDTH {
        format!("{line}\n")
    } else if opened.len() <= WIDTH {
        format!("{opened}\n        {value}\n    )\n")
    } else {
        format!("    type: Literal[\n        {value}\n    ] = {value}\n")
    }
}
