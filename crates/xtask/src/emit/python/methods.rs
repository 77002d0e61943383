use super::{QUOTES, WIDTH, docstring, module, quoted, ty};
use crate::{
    docs,
    model::{Contract, Group, Method, Param, Passing, Type},
    names::{pascal, snake},
};

/// The two forms of a group: for `async` programs, and for others.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Async,
    Sync,
}

impl Form {
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
    let body = class(contract, group, Form::Async) + &class(contract, group, Form::Sync);
    let exports = [Form::Async.class(group), Form::Sync.class(group)];
    super::source(&format!("The methods of `{access}`."), &imports(contract, group, &body), &exports, &body)
}

/// Returns the classes with a client's groups of methods, in both forms.
pub(super) fn client_source(contract: &Contract) -> String {
    let mut imports = String::from("from ._invoker import Invoker, SyncInvoker\n");
    for group in contract.client_groups() {
        imports += &format!("from .{} import {}\n", module(group), classes(group).join(", "));
    }
    let exports = client_exports(contract);
    let body = apis(contract, Form::Async) + &apis(contract, Form::Sync);
    super::source("The methods of clients.", &imports, &exports, &body)
}

/// Returns the names of the classes of a client's groups.
pub(super) fn client_exports(contract: &Contract) -> Vec<String> {
    contract.client_groups().flat_map(classes).collect()
}

fn classes(group: &Group) -> [String; 2] {
    let mut classes = [Form::Async.class(group), Form::Sync.class(group)];
    classes.sort();
    classes
}

fn apis(contract: &Contract, form: Form) -> String {
    let (class, client, invoker) = match form {
        Form::Async => ("ClientApis", "Client", "Invoker"),
        Form::Sync => ("SyncClientApis", "SyncClient", "SyncInvoker"),
    };
    let mut out = format!(
        "class {class}:\n{}\n",
        docstring(
            "    ",
            &format!(
                "The methods of a `{client}`. A method that fails raises an `OpwireError`. Its documentation names the kinds \
                 that programs may want to distinguish."
            )
        )
    );
    for group in contract.client_groups() {
        out += &format!("    {}: {}\n", group.property(), form.class(group));
    }
    out += &format!("\n    def __init__(self, invoker: {invoker}) -> None:\n");
    for group in contract.client_groups() {
        out += &format!("        self.{} = {}(invoker)\n", group.property(), form.class(group));
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
        out += &format!("from .{} import {}, {}\n", module(child), Form::Async.class(child), Form::Sync.class(child));
    }
    let mut names = Vec::new();
    for method in &group.methods {
        names.extend(method.params.iter().flat_map(|param| param.ty.names()).chain(method.result.names()));
    }
    names.sort_by_key(|name| name.to_lowercase());
    names.dedup();
    if names.is_empty() { out } else { out + &format!("from .types import {}\n", names.join(", ")) }
}

fn class(contract: &Contract, group: &Group, form: Form) -> String {
    let (name, invoker) = match form {
        Form::Async => (form.class(group), "Invoker"),
        Form::Sync => (form.class(group), "SyncInvoker"),
    };
    let client = if form == Form::Async { "Client" } else { "SyncClient" };
    let mut out = format!(
        "class {name}:\n{}\n",
        docstring("    ", &format!("The methods of a `{client}` on `{}`.", group.path.join(".")))
    );
    out += &format!("    def __init__(self, invoker: {invoker}) -> None:\n        self._invoker = invoker\n");
    for child in group.children(contract) {
        out += &format!("        self.{} = {}(invoker)\n", child.property(), form.class(child));
    }
    for method in &group.methods {
        out.push('\n');
        out += &function(method, form);
    }
    out + "\n\n"
}

fn function(method: &Method, form: Form) -> String {
    let name = snake(&method.name);
    let (prefix, decorator, first) = match (method.offline, form) {
        (true, _) => ("def", "    @staticmethod\n", None),
        (false, Form::Async) => ("async def", "", Some("self".to_owned())),
        (false, Form::Sync) => ("def", "", Some("self".to_owned())),
    };
    let params: Vec<String> = first.into_iter().chain(method.params.iter().map(parameter)).collect();
    let signature = format!("    {prefix} {name}({}) -> {}:\n", params.join(", "), ty(&method.result));
    let doc = method_docstring(method, form);
    let entries: Vec<String> = method.params.iter().map(|param| format!("\"{0}\": {0}", param.name)).collect();
    // Empty parameters are not assigned to a name, which would need a type.
    let (parameters, argument) = match entries.as_slice() {
        [] => (String::new(), "{}".to_owned()),
        entries => (format!("        parameters = {{{}}}\n", entries.join(", ")), "parameters".to_owned()),
    };
    let call = match (method.offline, form) {
        (true, _) => "invoke_offline",
        (false, Form::Async) => "await self._invoker.invoke",
        (false, Form::Sync) => "self._invoker.invoke",
    };
    let wire_name = &method.wire_name;
    let call = match &method.result {
        Type::Unit => format!("        {call}(\"{wire_name}\", {argument})\n"),
        result => format!("        return {call}(\"{wire_name}\", {argument}, {})\n", ty(result)),
    };
    format!("{decorator}{signature}{doc}{parameters}{call}")
}

fn method_docstring(method: &Method, form: Form) -> String {
    const INDENT: &str = "        ";
    let width = WIDTH - INDENT.len() - QUOTES;
    let mut lines = docs::wrap(&method.doc, width);
    let mut section = |title: &str, entries: Vec<String>| {
        if !entries.is_empty() {
            lines.extend([String::new(), format!("{title}:")]);
            lines.extend(entries.iter().map(|line| format!("    {line}")));
        }
    };
    // Continuation lines of an entry are indented more.
    let entry = |(name, text): (&str, String)| {
        let lines = docs::wrap(&format!("{name}: {text}"), width - 8);
        lines.into_iter().enumerate().map(|(at, line)| if at == 0 { line } else { format!("    {line}") })
    };
    let params = method.params.iter().filter(|param| !param.doc.is_empty());
    section("Args", params.map(|param| (param.name.as_str(), param.doc.clone())).flat_map(entry).collect());
    let failures = method.failures.iter();
    let failures = failures.map(|failure| (failure.kind.trim_matches('`'), format!("If {}.", failure.when)));
    section("Raises", failures.flat_map(entry).collect());
    let example = match form {
        Form::Async => method.example.clone(),
        Form::Sync => method.example.replace("await ", ""),
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
