use super::{comment, source, ty};
use crate::{
    docs,
    model::{BytesIn, Contract, Group, Method, Param, Passing, Type},
    names::{capitalized, go_camel, go_pascal, uncapitalized},
};

pub(super) fn file(contract: &Contract) -> String {
    let mut body = String::new();
    for group in &contract.groups {
        body += &interface(contract, group);
        body += &source_type(contract, group);
        body += &beyond(contract, group);
        body += &offline(contract, group);
    }
    if body.contains("firstOrNil(") {
        body += "// firstOrNil returns the argument of a parameter that may be left out.\n";
        body += "func firstOrNil[T any](arguments []T) *T {\n\tif len(arguments) == 0 {\n\t\treturn nil\n\t}\n";
        body += "\treturn &arguments[0]\n}\n";
    }
    let imports: &[&str] = if body.contains("json.") { &["context", "encoding/json"] } else { &["context"] };
    source(imports, &body)
}

/// Returns the file with the client and its groups of methods.
pub(super) fn client_file(contract: &Contract) -> String {
    let groups: Vec<String> = contract.client_groups().map(group_name).collect();
    let fields: String =
        groups.iter().map(|name| format!("\t// {name}API is the result of {name}.\n\t{name}API {name}API\n")).collect();
    let inits: String = contract
        .client_groups()
        .map(|group| format!("\tc.{}API = {}{{inner}}\n", group_name(group), source_name(group)))
        .collect();
    let mut body = format!(
        "// Client is a signed-in client. Its methods may be called concurrently. A method that fails returns an\n\
         // [Error]. Its documentation names the kinds that programs may want to distinguish.\ntype Client struct {{\n{fields}\n\tclientState\n}}\n\n\
         func (c *Client) initAPIs(inner *innerClient) {{\n{inits}}}\n\n"
    );
    for name in groups {
        body += &format!(
            "// {name} returns the methods on {}.\nfunc (c *Client) {name}() {name}API {{ return c.{name}API }}\n\n",
            name.to_lowercase()
        );
    }
    source(&[], &(body + &beyond_client(contract)))
}

/// Returns the type with which programs reach the methods that opwire added.
fn beyond_client(contract: &Contract) -> String {
    let groups = || contract.client_groups().filter(|group| is_extended(group));
    if groups().next().is_none() {
        return String::new();
    }
    let mut out = String::from(
        "// Beyond has the groups of the public SDK with the methods that opwire added. The interfaces, such as [ItemsAPI], have only\n\
         // the public SDK's methods, so that a type that implements them there also implements them here.\n\
         type Beyond struct{ client *Client }\n\n\
         // Beyond returns the groups of the public SDK with the methods that opwire added:\n//\n\
         //\tfound, err := client.Beyond().Items().Search(ctx, params)\n\
         func (c *Client) Beyond() Beyond { return Beyond{c} }\n\n",
    );
    for group in groups() {
        let (name, ty) = (group_name(group), beyond_name(group));
        out += &format!(
            "// {name} returns the methods on {}, with those that opwire added.\n\
             func (b Beyond) {name}() {ty} {{\n\treturn {ty}{{b.client.{name}API, b.client.inner}}\n}}\n\n",
            name.to_lowercase()
        );
    }
    out
}

/// Returns the methods in the interface of a group: those of the public SDK, or all if the public SDK has no such
/// group.
fn in_interface(group: &Group) -> Vec<&Method> {
    if group.public().next().is_some() { group.public().collect() } else { group.online().collect() }
}

/// Returns whether the public SDK has the group, and opwire has more methods in it.
fn is_extended(group: &Group) -> bool {
    group.public().next().is_some() && group.added().next().is_some()
}

/// Returns the name of a method in documentation.
pub(super) fn link(group: &Group, method: &Method) -> String {
    let name = go_pascal(&method.name);
    if method.offline {
        // A method of a variable, which Go's tools do not link.
        return format!("{}.{name}", group_name(group));
    }
    let is_in_interface = in_interface(group).iter().any(|each| each.name == method.name);
    if is_in_interface {
        format!("[{}API.{name}]", group_name(group))
    } else {
        format!("[{}.{name}]", beyond_name(group))
    }
}

fn group_name(group: &Group) -> String {
    group.path.iter().map(|part| go_pascal(part)).collect()
}

/// Returns the calls with which a program reaches the group from a client.
fn access(group: &Group) -> String {
    group.path.iter().map(|part| format!(".{}()", go_pascal(part))).collect()
}

fn source_name(group: &Group) -> String {
    format!("{}Source", uncapitalized(&group_name(group)))
}

fn interface(contract: &Contract, group: &Group) -> String {
    if group.online().next().is_none() {
        return String::new();
    }
    let name = group_name(group);
    let mut entries: Vec<String> = in_interface(group)
        .into_iter()
        .map(|method| format!("{}\t{}\n", method_comment("\t", method), signature(method)))
        .collect();
    for child in group.children(contract) {
        let property = go_pascal(child.property());
        entries.push(format!(
            "\t// {property} returns the methods of {}.\n\t{property}() {}API\n",
            access(child),
            group_name(child)
        ));
    }
    format!(
        "// {name}API is the interface of Client{}.\ntype {name}API interface {{\n{}}}\n\n",
        access(group),
        entries.join("\n")
    )
}

fn source_type(contract: &Contract, group: &Group) -> String {
    if group.online().next().is_none() {
        return String::new();
    }
    let name = source_name(group);
    let mut out = format!("type {name} struct {{\n\tinner *innerClient\n}}\n\n");
    for method in in_interface(group) {
        // The interface has the documentation.
        out += &online_method(contract, method, &name);
    }
    for child in group.children(contract) {
        let property = go_pascal(child.property());
        let receiver = name.chars().take(1).collect::<String>();
        out += &format!(
            "// {property} returns the methods of {}.\nfunc ({receiver} {name}) {property}() {}API {{\n\treturn {}{{{receiver}.inner}}\n}}\n\n",
            access(child),
            group_name(child),
            source_name(child)
        );
    }
    out
}

/// Returns the type of an [extended](is_extended) group, with the methods that its interface does not have.
fn beyond(contract: &Contract, group: &Group) -> String {
    if !is_extended(group) {
        return String::new();
    }
    let (name, group_name) = (beyond_name(group), group_name(group));
    let mut out = format!(
        "// {name} is the result of Client.Beyond(){}: the methods of [{group_name}API], and those that opwire added.\n\
         type {name} struct {{\n\t{group_name}API\n\tinner *innerClient\n}}\n\n",
        access(group)
    );
    for method in group.added() {
        out += &(method_comment("", method) + &online_method(contract, method, &name));
    }
    for child in group.children(contract).filter(|child| is_extended(child)) {
        let (property, ty) = (go_pascal(child.property()), beyond_name(child));
        out += &format!(
            "// {property} returns the methods on {}, with those that opwire added.\n\
             func (b {name}) {property}() {ty} {{\n\treturn {ty}{{b.{group_name}API.{property}(), b.inner}}\n}}\n\n",
            property.to_lowercase()
        );
    }
    out
}

fn online_method(contract: &Contract, method: &Method, ty: &str) -> String {
    let receiver = uncapitalized(ty).chars().take(1).collect::<String>();
    format!("func ({receiver} {ty}) {} {{\n{}}}\n\n", signature(method), online_body(contract, method, &receiver))
}

fn beyond_name(group: &Group) -> String {
    format!("Beyond{}", group_name(group))
}

fn offline(contract: &Contract, group: &Group) -> String {
    if group.offline().next().is_none() {
        return String::new();
    }
    let name = group_name(group);
    let ty = format!("{}Util", uncapitalized(&name));
    let mut out =
        format!("// {name} has the methods that need neither a client nor the network.\nvar {name} = {ty}{{}}\n\n");
    out += &format!("type {ty} struct{{}}\n\n");
    for method in group.offline() {
        let call = format!("(ctx, \"{}\", {})", method.wire_name, arguments(contract, method));
        out += &format!(
            "{}func ({ty}) {} {{\n{}}}\n\n",
            method_comment("", method),
            signature(method),
            body(method, "invokeOffline", &call)
        );
    }
    out
}

fn online_body(contract: &Contract, method: &Method, receiver: &str) -> String {
    let holds_bytes = method.params.iter().any(|param| contract.bytes_in(&param.ty).is_some());
    let (before, parameters, bytes) = if holds_bytes {
        let encode = format!("\tvar bytes attachments\n\tencoded := {}\n", arguments(contract, method));
        (encode, "encoded".to_owned(), "bytes")
    } else {
        (String::new(), arguments(contract, method), "nil")
    };
    let call = format!("(ctx, {receiver}.inner, \"{}\", {parameters}, {bytes})", method.wire_name);
    match &method.result {
        Type::Bytes => format!("{before}\treturn invokeForBytes{call}\n"),
        _ => before + &body(method, "invoke", &call),
    }
}

fn body(method: &Method, function: &str, call: &str) -> String {
    match &method.result {
        Type::Unit => format!("\t_, err := {function}[json.RawMessage]{call}\n\treturn err\n"),
        result => format!("\treturn {function}[{}]{call}\n", ty(result)),
    }
}

fn method_comment(indent: &str, method: &Method) -> String {
    let mut paragraphs = vec![docs::go_function_sentence(&capitalized(&go_pascal(&method.name)), &method.doc)];
    let params: Vec<String> = method.params.iter().filter(|param| !is_named_for(param)).map(param_sentence).collect();
    paragraphs.push(params.join(" "));
    if !method.failures.is_empty() {
        let failures: Vec<String> =
            method.failures.iter().map(|failure| format!("with {} if {}", failure.kind, failure.when)).collect();
        paragraphs.push(format!("It fails {}.", listed(&failures)));
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    comment(indent, &paragraphs.join("\n\n"))
}

/// Returns whether a parameter's name says as much as its documentation, such as "The id of the vault."
fn is_named_for(param: &Param) -> bool {
    let name = param.name.split('_').collect::<Vec<_>>();
    let doc = param.doc.to_lowercase();
    let mut words = doc.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.all(|word| {
        ["the", "id", "ids", "of"].contains(&word) || name.contains(&word.trim_end_matches('s')) || name.contains(&word)
    })
}

fn param_sentence(param: &Param) -> String {
    let is_plural = param.passing == Passing::Variadic || matches!(param.ty, Type::List(_) | Type::Map(_));
    let verb = if is_plural { "are" } else { "is" };
    format!("{} {verb} {}", go_camel(&param.name), docs::mid_sentence(&param.doc))
}

/// Joins entries as in "a", "a, and b", "a, b, and c".
fn listed(entries: &[String]) -> String {
    match entries {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    }
}

fn signature(method: &Method) -> String {
    let params: String = method
        .params
        .iter()
        .map(|param| {
            let dots = if param.passing == Passing::Required { "" } else { "..." };
            format!(", {} {dots}{}", go_camel(&param.name), ty(&param.ty))
        })
        .collect();
    let result = match &method.result {
        Type::Unit => "error".to_owned(),
        result => format!("({}, error)", ty(result)),
    };
    format!("{}(ctx context.Context{params}) {result}", go_pascal(&method.name))
}

fn arguments(contract: &Contract, method: &Method) -> String {
    let entries: Vec<String> =
        method.params.iter().map(|param| format!("\"{}\": {}", param.name, argument(contract, param))).collect();
    format!("map[string]any{{{}}}", entries.join(", "))
}

fn argument(contract: &Contract, param: &Param) -> String {
    let name = go_camel(&param.name);
    match contract.bytes_in(&param.ty) {
        None => {}
        Some(BytesIn::Bytes) => return format!("bytes.add({name})"),
        Some(BytesIn::List(_)) => return format!("attachEach({name}, &bytes)"),
        Some(_) => return format!("{name}.attach(&bytes)"),
    }
    match param.passing {
        // Nil is an empty list or map, which must not become `null` in JSON.
        Passing::Required => match param.ty {
            Type::List(_) => format!("orEmptyList({name})"),
            Type::Map(_) => format!("orEmptyMap({name})"),
            _ => name,
        },
        Passing::Optional => format!("firstOrNil({name})"),
        Passing::Variadic => format!("orEmptyList({name})"),
    }
}
