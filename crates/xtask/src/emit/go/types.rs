use super::{comment, secrets, source, ty, unions};
use crate::{
    docs,
    model::{BytesIn, Contract, EnumValue, Member, NamedType, Shape, Type},
    names::go_pascal,
};

pub(super) fn file(contract: &Contract) -> String {
    let mut body = String::new();
    for named in &contract.types {
        body += &definition(contract, named);
        body.push('\n');
    }
    if body.contains("Response[") {
        body += RESPONSE;
        body += &secrets::log_method("Response", "Response[T, E]");
    }
    let imports = [("encoding/json", "json."), ("fmt", "fmt."), ("log/slog", "slog."), ("time", "time.")];
    let used: Vec<&str> = imports.iter().filter(|(_, prefix)| body.contains(prefix)).map(|(path, _)| *path).collect();
    source(&used, &body)
}

const RESPONSE: &str = "\
// Response is the outcome for one element of a batch: a result or a failure.
type Response[T any, E any] struct {
\t// The result.
\tContent *T `json:\"content,omitempty\"`
\t// The failure.
\tError *E `json:\"error,omitempty\"`
}
";

fn definition(contract: &Contract, named: &NamedType) -> String {
    let name = go_pascal(&named.name);
    let definition = match &named.shape {
        Shape::Struct(members) => structure(&name, &named.doc, members) + &attach(contract, &name, members),
        Shape::Enum(values) => enumeration(&name, &named.doc, &name, values),
        Shape::Union(union) => unions::definition(contract, &name, &named.doc, union),
        Shape::Alias(target) => format!("{}type {name} {}\n", type_comment(&name, &named.doc), ty(target)),
    };
    definition + &secrets::methods(contract, named)
}

/// Returns the method that attaches the bytes in a struct, if it contains any.
fn attach(contract: &Contract, name: &str, members: &[Member]) -> String {
    let receiver = name.chars().take(1).collect::<String>().to_lowercase();
    let mut fields = String::new();
    let mut values = vec![receiver.clone()];
    for member in members {
        let field = go_pascal(&member.name);
        let (ty, function) = match contract.bytes_in(&member.ty) {
            None => continue,
            Some(BytesIn::Bytes) => ("reference", format!("to.add({receiver}.{field})")),
            Some(BytesIn::Struct(_)) => ("any", format!("{receiver}.{field}.attach(to)")),
            Some(BytesIn::Optional(_)) => ("any", format!("attachOptional({receiver}.{field}, to)")),
            Some(BytesIn::List(_) | BytesIn::Unsupported) => ("[]any", format!("attachEach({receiver}.{field}, to)")),
        };
        fields += &format!("\t\t{field} {ty} {}\n", tag(member));
        values.push(function);
    }
    if fields.is_empty() {
        return String::new();
    }
    format!(
        "
// attach attaches the bytes in the value, and returns the value to encode as JSON.
func ({receiver} {name}) attach(to *attachments) any {{
\treturn struct {{
\t\t{name}
{fields}\t}}{{{}}}
}}
",
        values.join(", ")
    )
}

fn tag(member: &Member) -> String {
    let omit = if matches!(member.ty, Type::Optional(_)) { ",omitempty" } else { "" };
    format!("`json:\"{}{omit}\"`", member.name)
}

pub(super) fn type_comment(name: &str, doc: &str) -> String {
    comment("", &docs::go_sentence(name, doc))
}

pub(super) fn structure(name: &str, doc: &str, members: &[Member]) -> String {
    let fields: String = members
        .iter()
        .map(|member| {
            let comment = comment("\t", &member.doc);
            format!("{comment}\t{} {} {}\n", go_pascal(&member.name), ty(&member.ty), tag(member))
        })
        .collect();
    format!("{}type {name} struct {{\n{fields}}}\n", type_comment(name, doc))
}

/// Returns a string type and its constants, whose names start with `prefix`.
pub(super) fn enumeration(name: &str, doc: &str, prefix: &str, values: &[EnumValue]) -> String {
    let constants: String = values
        .iter()
        .map(|EnumValue { value, doc }| {
            format!("{}\t{prefix}{} {name} = \"{value}\"\n", comment("\t", doc), go_pascal(value))
        })
        .collect();
    format!("{}type {name} string\n\nconst (\n{constants})\n", type_comment(name, doc))
}
