use super::docstring;
use crate::{
    model::{Content, Contract, EnumValue, Member, NamedType, Secret, Shape, Type, Union, Variant},
    names::{camel, pascal, shouting, snake},
};

/// Returns the text of `types.py`. All its definitions are public. It imports only modules, under names that start with
/// `_`.
pub(super) fn source(contract: &Contract) -> Result<String, String> {
    let mut body = String::new();
    for named in &contract.types {
        body += &definition(named)?;
    }
    body = RESPONSE.to_owned() + &body;
    for constant in contract.constants.iter().filter(|constant| constant.permission) {
        body += &super::constant(constant);
    }
    body += "# `vars` of this module must return types and permissions only.\ndel annotations\n";
    let imports = "import datetime as _datetime\nimport enum as _enum\nimport typing as _t\n\nfrom . import _model\n";
    Ok(super::source("The types of parameters and results.", imports, &exports(contract), &body))
}

/// Returns the names that `types.py` defines.
pub(super) fn exports(contract: &Contract) -> Vec<String> {
    let mut names = vec!["Response".to_owned()];
    for named in &contract.types {
        names.push(named.name.clone());
        if let Shape::Union(union) = &named.shape {
            names.push(tags(named));
            for variant in &union.variants {
                names.push(case(named, variant));
                if matches!(variant.content, Content::Inner(_)) {
                    names.push(inner(named, variant));
                }
            }
        }
    }
    names.extend(contract.constants.iter().filter(|constant| constant.permission).map(|each| each.name.clone()));
    names.sort();
    names
}

/// Returns the name of the enum of a union's types.
pub(super) fn tags(union: &NamedType) -> String {
    format!("{}Types", union.name)
}

/// Returns the name of the class for a case of a union.
pub(super) fn case(union: &NamedType, variant: &Variant) -> String {
    format!("{}{}", union.name, pascal(&variant.tag))
}

/// Returns the name of the class for the content of a case, if the content has no name of its own.
pub(super) fn inner(union: &NamedType, variant: &Variant) -> String {
    case(union, variant) + "Inner"
}

const RESPONSE: &str = "\
_T = _t.TypeVar(\"_T\")
_E = _t.TypeVar(\"_E\")


class Response(_model.Model, _t.Generic[_T, _E]):
    \"\"\"The outcome for one element of a batch: a result or a failure.\"\"\"

    content: _t.Optional[_T] = None
    \"\"\"The result.\"\"\"
    error: _t.Optional[_E] = None
    \"\"\"The failure.\"\"\"


";

fn definition(named: &NamedType) -> Result<String, String> {
    let name = &named.name;
    match &named.shape {
        Shape::Struct(members) => class(name, &named.doc, members),
        Shape::Enum(values) => Ok(enumeration(name, &named.doc, values, str::to_uppercase)),
        Shape::Union(union) => self::union(named, union),
        Shape::Alias(target) => Ok(format!("{name} = {}\n{}\n\n", ty(target), docstring("", &named.doc))),
    }
}

/// Returns a string enum, whose members `spelling` names.
fn enumeration(name: &str, doc: &str, values: &[EnumValue], spelling: impl Fn(&str) -> String) -> String {
    let entries: String = values
        .iter()
        .map(|value| format!("    {} = \"{}\"\n{}", spelling(&value.value), value.value, docstring("    ", &value.doc)))
        .collect();
    format!("class {name}(str, _enum.Enum):\n{}{entries}\n\n", class_docstring(doc))
}

fn class(name: &str, doc: &str, members: &[Member]) -> Result<String, String> {
    let secrets: Vec<String> = members
        .iter()
        .filter(|member| member.secret != Secret::No)
        .map(|member| format!("\"{}\"", snake(&member.name)))
        .collect();
    let secrets = match secrets.as_slice() {
        [] => String::new(),
        [only] => format!(", secret=({only},)"),
        several => format!(", secret=({})", several.join(", ")),
    };
    let mut out = format!("class {name}(_model.Model{secrets}):\n{}", class_docstring(doc));
    for member in members {
        out += &attribute(name, member)?;
    }
    Ok(out + "\n\n")
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
    Ok(annotated(&name, &member.ty) + &docstring("    ", &member.doc))
}

/// Returns a member with its type, and the default if it is optional.
fn annotated(name: &str, ty: &Type) -> String {
    let default = if matches!(ty, Type::Optional(_)) { " = None" } else { "" };
    format!("    {name}: {}{default}\n", self::ty(ty))
}

fn union(named: &NamedType, union: &Union) -> Result<String, String> {
    let tags = tags(named);
    let mut out = enumeration(&tags, &format!("The types of `{}`.", named.name), &tag_values(union), shouting);
    for variant in &union.variants {
        let case = case(named, variant);
        if let Content::Inner(members) = &variant.content {
            let doc = format!("The {} of `{case}`.", union.content);
            out += &class(&inner(named, variant), &doc, members)?;
        }
        let content = content(named, union, variant).map(|(name, ty)| annotated(&name, &ty)).unwrap_or_default();
        out += &format!(
            "class {case}(_model.Model):\n{}{}{content}\n\n",
            class_docstring(&variant.doc),
            tag(&tags, variant)
        );
    }
    Ok(out + &alias(named, union, "_t.") + &docstring("", &named.doc) + "\n\n")
}

/// Returns the types of a union as the values of an enum.
pub(super) fn tag_values(union: &Union) -> Vec<EnumValue> {
    union.variants.iter().map(|variant| EnumValue { value: variant.tag.clone(), doc: String::new() }).collect()
}

/// Returns the definition of a union as an alias of its cases.
pub(super) fn alias(named: &NamedType, union: &Union, typing: &str) -> String {
    let cases: Vec<String> = union.variants.iter().map(|variant| case(named, variant)).collect();
    match cases.as_slice() {
        [only] => format!("{} = {only}\n", named.name),
        cases => format!("{} = {typing}Union[{}]\n", named.name, cases.join(", ")),
    }
}

/// Returns the member with the content of a case.
pub(super) fn content(named: &NamedType, union: &Union, variant: &Variant) -> Option<(String, Type)> {
    let ty = match &variant.content {
        Content::None => return None,
        Content::Inner(_) => Type::Named(inner(named, variant)),
        Content::Value(value) => value.clone(),
    };
    Some((snake(&union.content), ty))
}

/// Returns the tag as a literal, with which type checkers distinguish the cases.
fn tag(tags: &str, variant: &Variant) -> String {
    let value = format!("{tags}.{}", shouting(&variant.tag));
    format!("    type: _t.Literal[{value}] = {value}\n")
}

/// Returns the type of a value, with the modules that `types.py` imports.
fn ty(ty: &Type) -> String {
    super::qualified(ty, "_t.", "_datetime.")
}
