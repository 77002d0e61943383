use super::{comment, ty};
use crate::{
    model::{Content, Contract, Member, NamedType, Shape, Type, Union, Variant},
    names::pascal,
};

pub(super) fn body(contract: &Contract) -> String {
    let mut out = String::new();
    for named in &contract.types {
        out += &definition(named);
        out.push('\n');
    }
    if out.contains("Response<") {
        out += RESPONSE;
    }
    out
}

const RESPONSE: &str = "\
/** The outcome for one element of a batch: a result or a failure. */
export interface Response<T, E> {
  /** The result. */
  content?: T | undefined;
  /** The failure. */
  error?: E | undefined;
}
";

fn definition(named: &NamedType) -> String {
    let (name, doc) = (&named.name, comment("", &named.doc));
    match &named.shape {
        Shape::Struct(members) => format!("{doc}{}", interface(name, members)),
        Shape::Enum(values) => {
            let entries: String = values
                .iter()
                .map(|value| {
                    format!("{}  {} = \"{}\",\n", comment("  ", &value.doc), pascal(&value.value), value.value)
                })
                .collect();
            format!("{doc}export enum {name} {{\n{entries}}}\n")
        }
        Shape::Union(union) => {
            let cases: String = union.variants.iter().map(|variant| case(name, union, variant)).collect();
            format!("{cases}{doc}{}", alternatives(name, union))
        }
        Shape::Alias(target) => format!("{doc}export type {name} = {};\n", ty(target)),
    }
}

fn interface(name: &str, members: &[Member]) -> String {
    let entries: String = members
        .iter()
        .map(|member| {
            let (mark, ty) = match &member.ty {
                optional @ Type::Optional(_) => ("?", ty(optional)),
                member => ("", ty(member)),
            };
            format!("{}  {}{mark}: {ty};\n", comment("  ", &member.doc), member.name)
        })
        .collect();
    format!("export interface {name} {{\n{entries}}}\n")
}

fn case(name: &str, union: &Union, variant: &Variant) -> String {
    let case = format!("{name}{}", pascal(&variant.tag));
    let content = &union.content;
    let (inner, content) = match &variant.content {
        Content::None => (String::new(), format!("{content}?: undefined")),
        Content::Value(optional @ Type::Optional(_)) => (String::new(), format!("{content}?: {}", ty(optional))),
        Content::Value(value) => (String::new(), format!("{content}: {}", ty(value))),
        Content::Inner(members) => {
            let doc = comment("", &format!("The {content} of a {{@link {case}}}."));
            (format!("{doc}{}\n", interface(&format!("{case}Inner"), members)), format!("{content}: {case}Inner"))
        }
    };
    let doc = comment("", &variant.doc);
    format!("{inner}{doc}export interface {case} {{\n  type: \"{}\";\n  {content};\n}}\n\n", variant.tag)
}

fn alternatives(name: &str, union: &Union) -> String {
    let cases: Vec<String> = union.variants.iter().map(|variant| format!("{name}{}", pascal(&variant.tag))).collect();
    format!("export type {name} = {};\n", cases.join(" | "))
}
