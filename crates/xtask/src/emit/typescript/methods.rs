use super::{
    comment, conceal,
    decode::{expression, functions_in, holds_time},
    encode, import, import_types, ty,
};
use crate::{
    docs,
    model::{BytesIn, Contract, Group, Method, Param, Passing, Type},
    names::{camel, pascal},
};

pub(super) fn body(contract: &Contract) -> String {
    let classes: String = contract.groups.iter().map(|group| class(contract, group)).collect();
    imports(contract) + "\n" + &classes
}

/// Returns the class with a client's groups of methods.
pub(super) fn client_body(contract: &Contract) -> String {
    let groups: Vec<(&str, String)> =
        contract.client_groups().map(|group| (group.property(), class_name(group))).collect();
    let imports: Vec<String> =
        groups.iter().flat_map(|(_, class)| [class.clone(), format!("type {class}Api")]).collect();
    let fields: String = groups.iter().map(|(name, class)| format!("  {name}: {class}Api;\n")).collect();
    let inits: String =
        groups.iter().map(|(name, class)| format!("    this.{name} = new {class}(invoker);\n")).collect();
    let imports = import("import", imports, "./methods.js");
    format!(
        "import type {{ Invoker }} from \"../invoker.js\";\n{imports}\n{}export class ClientApis {{\n{fields}\n  \
         constructor(invoker: Invoker) {{\n{inits}  }}\n}}\n",
        comment(
            "",
            "The methods of a client. A method that fails throws an {@link OpwireError}. Its documentation names the kinds \
             that programs may want to distinguish."
        )
    )
}

fn imports(contract: &Contract) -> String {
    let mut names = Vec::new();
    let mut decoders = Vec::new();
    let mut concealers = Vec::new();
    let methods = || contract.groups.iter().flat_map(|group| &group.methods);
    for method in methods() {
        names.extend(method.params.iter().flat_map(|param| param.ty.names()).chain(method.result.names()));
        if holds_time(contract, &method.result) {
            functions_in(&method.result, &mut decoders);
        }
        if conceal::holds_secret(contract, &method.result) {
            concealers.extend(conceal::function_in(&method.result));
        }
    }
    let bytes = methods().flat_map(|method| &method.params).filter_map(|param| contract.bytes_in(&param.ty));
    let mut encoders = Vec::new();
    let (mut attaches, mut lists) = (false, false);
    for bytes in bytes {
        attaches = true;
        lists |= matches!(bytes, BytesIn::List(_));
        if let BytesIn::Struct(name) | BytesIn::Optional(name) | BytesIn::List(name) = bytes {
            encoders.push(format!("encode{name}"));
        }
    }
    let mut out = String::from(match (attaches, lists) {
        (false, _) => "import type { Invoker } from \"../invoker.js\";\n",
        (true, false) => "import { Attachments, type Invoker } from \"../invoker.js\";\n",
        (true, true) => "import { Attachments, eachOf, type Invoker } from \"../invoker.js\";\n",
    });
    if contract.groups.iter().any(|group| group.offline().next().is_some()) {
        out += "import { invokeSync } from \"../platform.js\";\n";
    }
    if !decoders.is_empty() {
        decoders.push("type Wire".to_owned());
    }
    out += &import("import", concealers, "./conceal.js");
    out += &import("import", decoders, "./decode.js");
    out += &import("import", encoders, "./encode.js");
    out + &import_types(names, "./types.js")
}

fn class(contract: &Contract, group: &Group) -> String {
    let name = class_name(group);
    let access = group.path.join(".");
    let children: Vec<&Group> = group.children(contract).collect();
    let properties: String =
        children.iter().map(|child| format!("  readonly {}: {}Api;\n", child.property(), class_name(child))).collect();

    let mut members: Vec<String> =
        group.online().map(|method| format!("{}{}", method_comment(method), signature("", method, ";\n"))).collect();
    if !properties.is_empty() {
        members.insert(0, properties.clone());
    }
    let doc = comment("", &format!("A client's methods on `{access}`."));
    let mut out = format!("{doc}export interface {name}Api {{\n{}}}\n\n", members.join("\n"));

    let construct: String = children
        .iter()
        .map(|child| format!("    this.{} = new {}(invoker);\n", child.property(), class_name(child)))
        .collect();
    let mut members = vec![format!(
        "  readonly #invoker: Invoker;\n{properties}\n  constructor(invoker: Invoker) {{\n    this.#invoker = \
         invoker;\n{construct}  }}\n"
    )];
    for method in &group.methods {
        // Editors show the interface's documentation for the class too.
        let (doc, prefix, body) = if method.offline {
            (method_comment(method), "static ", offline_body(contract, method))
        } else {
            (String::new(), "async ", online_body(contract, method))
        };
        let signature = signature(prefix, method, " {\n");
        members.push(format!("{doc}{signature}{body}  }}\n"));
    }
    let doc = comment("", &format!("The methods of `{access}`."));
    out += &format!("{doc}export class {name} implements {name}Api {{\n{}}}\n\n", members.join("\n"));
    out
}

pub(super) fn class_name(group: &Group) -> String {
    group.path.iter().map(|part| pascal(part)).collect()
}

fn method_comment(method: &Method) -> String {
    let params = method
        .params
        .iter()
        .filter(|param| !param.doc.is_empty())
        .map(|param| format!("\n@param {} - {}", camel(&param.name), param.doc));
    let failures = method.failures.iter().map(|failure| format!("\n@throws {} if {}.", failure.kind, failure.when));
    let tags: String = params.chain(failures).collect();
    let example = match method.example.as_str() {
        "" => String::new(),
        example => format!("\n@example\n```ts\n{example}\n```"),
    };
    comment("  ", &format!("{}\n{tags}{example}", docs::indicative(&method.doc)))
}

fn signature(prefix: &str, method: &Method, end: &str) -> String {
    let params: Vec<String> = method.params.iter().map(parameter).collect();
    let result = match (&method.result, method.offline) {
        (Type::Unit, true) => "void".to_owned(),
        (Type::Unit, false) => "Promise<void>".to_owned(),
        (result, true) => ty(result),
        (result, false) => format!("Promise<{}>", ty(result)),
    };
    format!("  {prefix}{}({}): {result}{end}", camel(&method.name), params.join(", "))
}

fn parameter(param: &Param) -> String {
    let (name, ty) = (camel(&param.name), ty(&param.ty));
    match param.passing {
        Passing::Required => format!("{name}: {ty}"),
        Passing::Optional => format!("{name}?: {ty}"),
        Passing::Variadic => format!("...{name}: {ty}[]"),
    }
}

/// Returns the arguments as an object literal.
fn arguments(contract: &Contract, method: &Method) -> String {
    let entry = |param: &Param| {
        let name = camel(&param.name);
        match encode::expression(contract, &param.ty, &name) {
            Some(encoded) => format!("{}: {encoded}", param.name),
            None if name == param.name => name,
            None => format!("{}: {name}", param.name),
        }
    };
    let entries: Vec<String> = method.params.iter().map(entry).collect();
    if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
}

fn online_body(contract: &Contract, method: &Method) -> String {
    let decoded = holds_time(contract, &method.result);
    let kept = decoded || conceal::holds_secret(contract, &method.result);
    let result_type = if decoded { wire(&method.result) } else { ty(&method.result) };
    let (start, end) = match &method.result {
        Type::Unit => ("await this.#invoker.invoke(", ");".to_owned()),
        Type::Bytes => ("return this.#invoker.invokeForBytes(", ");".to_owned()),
        _ if kept => ("const result = (await this.#invoker.invoke(", format!(")) as {result_type};")),
        _ => ("return (await this.#invoker.invoke(", format!(")) as {result_type};")),
    };
    let arguments = arguments(contract, method);
    let name = &method.wire_name;
    let out = if method.params.iter().any(|param| contract.bytes_in(&param.ty).is_some()) {
        format!(
            "    const attachments = new Attachments();\n    const parameters = {arguments};\n    {start}\"{name}\", \
             parameters, attachments{end}\n"
        )
    } else {
        format!("    {start}\"{name}\", {arguments}{end}\n")
    };
    if kept { out + &returned(contract, &method.result, decoded) } else { out }
}

fn offline_body(contract: &Contract, method: &Method) -> String {
    let kept = conceal::holds_secret(contract, &method.result);
    let (start, end) = match &method.result {
        Type::Unit => ("", String::new()),
        result if kept => ("const result = ", format!(" as {}", ty(result))),
        result => ("return ", format!(" as {}", ty(result))),
    };
    let (name, arguments) = (&method.wire_name, arguments(contract, method));
    let out = format!("    {start}invokeSync(\"{name}\", {arguments}){end};\n");
    if kept { out + &returned(contract, &method.result, false) } else { out }
}

/// Returns the statements that return the value of `result`, with its secrets hidden from printing.
fn returned(contract: &Contract, result: &Type, decoded: bool) -> String {
    let value = if decoded { expression(contract, result, "result") } else { "result".to_owned() };
    if !conceal::holds_secret(contract, result) {
        return format!("    return {value};\n");
    }
    let (before, name) =
        if decoded { (format!("    const value = {value};\n"), "value") } else { (String::new(), "result") };
    format!("{before}    {};\n    return {name};\n", conceal::call(contract, result, name))
}

/// Returns the type of the JSON of a type that contains times.
fn wire(result: &Type) -> String {
    match result {
        Type::List(entry) => format!("{}[]", wire(entry)),
        result => format!("Wire<{}>", ty(result)),
    }
}
