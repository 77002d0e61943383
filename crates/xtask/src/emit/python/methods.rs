use super::{QUOTES, WIDTH, docstring, module, quoted, ty};
use crate::{
    docs,
    model::{Contract, Group, Method, Param, Passing, Type},
    names::{pascal, snake},
};

/// The two faces of a group: for `async` programs, and for others.
#[derive(Clone, Copy, PartialEq)]
enum Face {
    Async,
    Sync,
}

impl Face {
    fn class(self, group: &Group) -> String {
        let name: String = group.path.iter().map(|part| pascal(part)).collect();
        match self {
            Self::Async => name,
            Self::Sync => format!("Sync{name}"),
        }
    }
}

pub(super) fn source(contract: &Contract, group: &Group) -> String {
    let access = group.path.join(".");
    let body = class(contract, group, Face::Async) + &class(contract, group, Face::Sync);
    let exports = [Face::Async.class(group), Face::Sync.class(group)];
    super::source(&format!("The methods of `{access}`."), &imports(contract, group, &body), &exports, &body)
}

/// The groups of methods that a client offers, for both faces.
pub(super) fn client_source(contract: &Contract) -> String {
    let mut imports = String::from("from ._invoker import Invoker, SyncInvoker\n");
    for group in contract.client_groups() {
        imports += &format!("from .{} import {}\n", module(group), classes(group).join(", "));
    }
    let exports = client_exports(contract);
    let body = apis(contract, Face::Async) + &apis(contract, Face::Sync);
    super::source("The methods of clients.", &imports, &exports, &body)
}

/// The classes of a client's groups.
pub(super) fn client_exports(contract: &Contract) -> Vec<String> {
    contract.client_groups().flat_map(classes).collect()
}

fn classes(group: &Group) -> [String; 2] {
    let mut classes = [Face::Async.class(group), Face::Sync.class(group)];
    classes.sort();
    classes
}

fn apis(contract: &Contract, face: Face) -> String {
    let (class, client, invoker) = match face {
        Face::Async => ("ClientApis", "Client", "Invoker"),
        Face::Sync => ("SyncClientApis", "SyncClient", "SyncInvoker"),
    };
    let mut out = format!(
        "class {class}:\n{}\n",
        docstring(
            "    ",
            &format!(
                "The methods of a `{client}`. What fails raises an `OpwireError`; the documentation of each method names the \
                 kinds that programs may want to tell apart."
            )
        )
    );
    for group in contract.client_groups() {
        out += &format!("    {}: {}\n", group.property(), face.class(group));
    }
    out += &format!("\n    def __init__(self, invoker: {invoker}) -> None:\n");
    for group in contract.client_groups() {
        out += &format!("        self.{} = {}(invoker)\n", group.property(), face.class(group));
    }
    out + "\n\n"
}

fn imports(contract: &Contract, group: &Group, body: &str) -> String {
    let typing: Vec<&str> =
        ["Dict", "List", "Optional"].into_iter().filter(|name| body.contains(&format!("{name}["))).collect();
    let mut out = String::new();
    if !typing.is_empty() {
        out += &format!("from typing import {}\n\n", typing.join(", "));
    }
    let mut inner = vec!["Invoker", "SyncInvoker"];
    if group.offline().next().is_some() {
        inner.push("invoke_offline");
    }
    out += &format!("from ._invoker import {}\n", inner.join(", "));
    for child in group.children(contract) {
        out += &format!("from .{} import {}, {}\n", module(child), Face::Async.class(child), Face::Sync.class(child));
    }
    let mut names = Vec::new();
    for method in &group.methods {
        names.extend(method.params.iter().flat_map(|param| param.ty.names()).chain(method.result.names()));
    }
    names.sort_by_key(|name| name.to_lowercase());
    names.dedup();
    if names.is_empty() { out } else { out + &format!("from .types import {}\n", names.join(", ")) }
}

fn class(contract: &Contract, group: &Group, face: Face) -> String {
    let (name, invoker) = match face {
        Face::Async => (face.class(group), "Invoker"),
        Face::Sync => (face.class(group), "SyncInvoker"),
    };
    let client = if face == Face::Async { "Client" } else { "SyncClient" };
    let mut out = format!(
        "class {name}:\n{}\n",
        docstring("    ", &format!("What a `{client}` offers as `{}`.", group.path.join(".")))
    );
    out += &format!("    def __init__(self, invoker: {invoker}) -> None:\n        self._invoker = invoker\n");
    for child in group.children(contract) {
        out += &format!("        self.{} = {}(invoker)\n", child.property(), face.class(child));
    }
    for method in &group.methods {
        out.push('\n');
        out += &function(method, face);
    }
    out + "\n\n"
}

fn function(method: &Method, face: Face) -> String {
    let name = snake(&method.name);
    let (prefix, decorator, first) = match (method.offline, face) {
        (true, _) => ("def", "    @staticmethod\n", None),
        (false, Face::Async) => ("async def", "", Some("self".to_owned())),
        (false, Face::Sync) => ("def", "", Some("self".to_owned())),
    };
    let params: Vec<String> = first.into_iter().chain(method.params.iter().map(parameter)).collect();
    let signature = format!("    {prefix} {name}({}) -> {}:\n", params.join(", "), ty(&method.result));
    let doc = method_docstring(method, face);
    let entries: Vec<String> = method.params.iter().map(|param| format!("\"{0}\": {0}", param.name)).collect();
    // A name for no parameters would need a type.
    let (parameters, argument) = match entries.as_slice() {
        [] => (String::new(), "{}".to_owned()),
        entries => (format!("        parameters = {{{}}}\n", entries.join(", ")), "parameters".to_owned()),
    };
    let call = match (method.offline, face) {
        (true, _) => "invoke_offline",
        (false, Face::Async) => "await self._invoker.invoke",
        (false, Face::Sync) => "self._invoker.invoke",
    };
    let wire_name = &method.wire_name;
    let call = match &method.result {
        Type::Unit => format!("        {call}(\"{wire_name}\", {argument})\n"),
        result => format!("        return {call}(\"{wire_name}\", {argument}, {})\n", ty(result)),
    };
    format!("{decorator}{signature}{doc}{parameters}{call}")
}

fn method_docstring(method: &Method, face: Face) -> String {
    const INDENT: &str = "        ";
    let width = WIDTH - INDENT.len() - QUOTES;
    let mut lines = docs::wrap(&method.doc, width);
    let mut section = |title: &str, entries: Vec<String>| {
        if !entries.is_empty() {
            lines.extend([String::new(), format!("{title}:")]);
            lines.extend(entries.iter().map(|line| format!("    {line}")));
        }
    };
    // Further lines of an entry are indented more.
    let entry = |(name, text): (&str, String)| {
        let lines = docs::wrap(&format!("{name}: {text}"), width - 8);
        lines.into_iter().enumerate().map(|(at, line)| if at == 0 { line } else { format!("    {line}") })
    };
    let params = method.params.iter().filter(|param| !param.doc.is_empty());
    section("Args", params.map(|param| (param.name.as_str(), param.doc.clone())).flat_map(entry).collect());
    let failures = method.failures.iter();
    let failures = failures.map(|failure| (failure.kind.trim_matches('`'), format!("If {}.", failure.when)));
    section("Raises", failures.flat_map(entry).collect());
    let example = match face {
        Face::Async => method.example.clone(),
        Face::Sync => method.example.replace("await ", ""),
    };
    section("Example", example.lines().map(str::to_owned).collect());
    quoted(INDENT, &lines)
}

fn parameter(param: &Param) -> String {
    let ty = ty(&param.ty);
    match param.passing {
        Passing::Required => format!("{}: {ty}", param.name),
        Passing::Optional => format!("{}: Optional[{ty}] = None", param.name),
        Passing::Variadic => format!("*{}: {ty}", param.name),
    }
}
