//! Reads the contract: JSON, with JSON schemas as schemars writes them.
//!
//! There are two extensions to the schemas' keywords. `x-variadic` marks the last parameter of a method as a list that
//! callers pass as separate arguments. `x-secret` marks a member that debug output hides: `true`, or `{"other":
//! ["Value"]}` if it is secret only while another member has one of these values of an enum, or, without values, is
//! true.

use std::fmt;

use serde_json::{Map, Value};

use super::{
    BytesIn, Constant, ConstantValue, Content, Contract, EnumValue, ErrorKind, Failure, FieldType, Group, Member,
    Method, NamedType, Param, Passing, Secret, Shape, Takes, Type, Union, Variant,
};

/// A part of the contract that the languages cannot express.
#[derive(Debug)]
pub(crate) struct ParseError {
    place: String,
    problem: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "contract: {}: {}", self.place, self.problem)
    }
}

impl std::error::Error for ParseError {}

type Result<T, E = ParseError> = std::result::Result<T, E>;

fn fail<T>(place: &str, problem: impl Into<String>) -> Result<T> {
    Err(ParseError { place: place.to_owned(), problem: problem.into() })
}

/// Returns the model of a contract.
///
/// # Errors
/// A part is missing, or has a structure that the languages cannot express. The message names the type and the member.
pub(crate) fn parse(contract: &Value) -> Result<Contract> {
    let reader = Reader { types: object(contract, "types", "contract")? };
    let method_names: Vec<&str> = list(contract, "methods")?.iter().map(|method| text(method, "name")).collect();
    let mut types = Vec::new();
    for (name, schema) in reader.types {
        if !method_names.contains(&name.as_str()) && !is_response(name, schema) {
            types.push(reader.named(name, schema)?);
        }
    }
    let contract = Contract {
        groups: reader.groups(list(contract, "methods")?)?,
        types,
        errors: list(contract, "errors")?.iter().map(error_kind).collect::<Result<_>>()?,
        constants: list(contract, "constants")?.iter().map(constant).collect::<Result<_>>()?,
        field_types: match contract.get("fieldTypes") {
            Some(_) => reader.field_types(list(contract, "fieldTypes")?)?,
            None => Vec::new(),
        },
    };
    check_bytes(&contract)?;
    Ok(contract)
}

/// Checks that the emitters support all bytes in the contract, which cross the boundary beside the JSON.
fn check_bytes(contract: &Contract) -> Result<()> {
    for method in contract.groups.iter().flat_map(|group| &group.methods) {
        if !matches!(contract.bytes_in(&method.result), None | Some(BytesIn::Bytes))
            || method.offline && has_bytes(contract, method)
        {
            return fail(
                &method.wire_name,
                "only the result of a client's method may be bytes, and no result may contain them otherwise",
            );
        }
        for param in &method.params {
            if contract
                .bytes_in(&param.ty)
                .is_some_and(|bytes| bytes == BytesIn::Unsupported || param.passing != Passing::Required)
            {
                return fail(&format!("{}.{}", method.wire_name, param.name), BYTES_PLACES);
            }
        }
    }
    for named in &contract.types {
        let Shape::Struct(members) = &named.shape else { continue };
        for member in members {
            if contract.bytes_in(&member.ty) == Some(BytesIn::Unsupported) {
                return fail(&format!("{}.{}", named.name, member.name), BYTES_PLACES);
            }
        }
    }
    Ok(())
}

const BYTES_PLACES: &str = "the emitters support bytes as parameters, as members, and in lists of structs only";

fn has_bytes(contract: &Contract, method: &Method) -> bool {
    let params = method.params.iter().map(|param| &param.ty);
    params.chain([&method.result]).any(|ty| contract.bytes_in(ty).is_some())
}

struct Reader<'a> {
    types: &'a Map<String, Value>,
}

impl Reader<'_> {
    fn groups(&self, methods: &[Value]) -> Result<Vec<Group>> {
        let mut groups: Vec<Group> = Vec::new();
        for method in methods {
            let sdk_name = text(method, "sdkName");
            let mut path: Vec<String> = sdk_name.split('.').map(str::to_owned).collect();
            let Some(name) = path.pop().filter(|_| !path.is_empty()) else {
                return fail(text(method, "name"), format!("`{sdk_name}` is not an SDK name such as `items.list`"));
            };
            let method = self.method(name, method)?;
            match groups.iter_mut().find(|group| group.path == path) {
                Some(group) => group.methods.push(method),
                None => groups.push(Group { path, methods: vec![method] }),
            }
        }
        Ok(groups)
    }

    fn field_types(&self, rows: &[Value]) -> Result<Vec<FieldType>> {
        let values = self.types.get("ItemFieldType").and_then(enum_values).unwrap_or_default();
        let row = |row: &Value| {
            let name = required_text(row, "type", "fieldTypes")?;
            let Some(value) = values.iter().find(|value| value.value == name) else {
                return fail(&name, "not a value of `ItemFieldType`");
            };
            let takes = match text(row, "takes") {
                "text" => Takes::Text,
                "address" => Takes::Address,
                "key" => Takes::Key,
                other => return fail(&name, format!("builders do not support `{other}`")),
            };
            Ok(FieldType { name, doc: value.doc.clone(), takes })
        };
        rows.iter().map(row).collect()
    }

    fn method(&self, name: String, method: &Value) -> Result<Method> {
        let wire_name = text(method, "name").to_owned();
        let mut params = Vec::new();
        let schema = method.get("params").map(|schema| self.resolved(&wire_name, schema)).transpose()?;
        let members = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
        for (name, schema) in members.into_iter().flatten() {
            params.push(self.param(&format!("{wire_name}.{name}"), name, schema)?);
        }
        let last = params.len().saturating_sub(1);
        if let Some((_, early)) =
            params.iter().enumerate().find(|(position, param)| param.passing != Passing::Required && *position < last)
        {
            return fail(&format!("{wire_name}.{}", early.name), "an optional or variadic parameter must be the last");
        }
        let result = match method.get("result") {
            Some(schema) => self.ty(&format!("{wire_name} result"), schema)?,
            None => Type::Unit,
        };
        let (doc, failures) = documentation(&wire_name, text(method, "doc"))?;
        Ok(Method {
            name,
            doc,
            failures,
            example: String::new(),
            offline: is_true(method, "offline"),
            added: is_true(method, "added"),
            params,
            result,
            wire_name,
        })
    }

    fn param(&self, place: &str, name: &str, schema: &Value) -> Result<Param> {
        let variadic = is_true(schema, "x-variadic");
        let (ty, passing) = match self.ty(place, schema)? {
            Type::List(entry) if variadic => (*entry, Passing::Variadic),
            _ if variadic => return fail(place, "x-variadic is for lists"),
            Type::Optional(value) => (*value, Passing::Optional),
            ty => (ty, Passing::Required),
        };
        Ok(Param { name: name.to_owned(), doc: text(schema, "description").to_owned(), ty, passing })
    }

    fn named(&self, name: &str, schema: &Value) -> Result<NamedType> {
        Ok(NamedType {
            name: name.to_owned(),
            doc: text(schema, "description").to_owned(),
            shape: self.shape(name, schema)?,
        })
    }

    fn shape(&self, name: &str, schema: &Value) -> Result<Shape> {
        if let Some(values) = enum_values(schema) {
            return Ok(Shape::Enum(values));
        }
        if let Some(variants) = schema.get("oneOf").and_then(Value::as_array) {
            return self.union(name, variants).map(Shape::Union);
        }
        if schema.get("properties").is_some() {
            return self.members(name, schema).map(Shape::Struct);
        }
        self.ty(name, schema).map(Shape::Alias)
    }

    fn members(&self, place: &str, schema: &Value) -> Result<Vec<Member>> {
        let mut members = Vec::new();
        for (name, schema_of_member) in object(schema, "properties", place)? {
            let place = format!("{place}.{name}");
            let ty = self.ty(&place, schema_of_member)?;
            let ty = match ty {
                Type::Optional(_) => ty,
                _ if is_required(schema, name) => ty,
                ty => Type::Optional(Box::new(ty)),
            };
            members.push(Member {
                name: name.clone(),
                doc: text(schema_of_member, "description").to_owned(),
                ty,
                secret: secret(&place, schema_of_member)?,
            });
        }
        check_secrets(place, &members)?;
        Ok(members)
    }

    fn union(&self, name: &str, variants: &[Value]) -> Result<Union> {
        let mut content_member: Option<String> = None;
        let mut read = Vec::new();
        for variant in variants {
            let mut tag = None;
            let mut content = Content::None;
            for (member, schema) in object(variant, "properties", name)? {
                let place = format!("{name}.{member}");
                if let Some(value) = schema.get("const").and_then(Value::as_str) {
                    if member != "type" {
                        return fail(&place, "the tag of a union must be called `type`");
                    }
                    tag = Some(value.to_owned());
                    continue;
                }
                if content_member.get_or_insert_with(|| member.clone()) != member {
                    return fail(&place, "the content of all cases of a union must have one name");
                }
                content = if schema.get("properties").is_some() {
                    Content::Inner(self.members(&place, schema)?)
                } else {
                    Content::Value(self.ty(&place, schema)?)
                };
            }
            let Some(tag) = tag else { return fail(name, "a case of this union has no constant tag") };
            read.push(Variant { tag, doc: text(variant, "description").to_owned(), content });
        }
        Ok(Union { content: content_member.unwrap_or_else(|| "content".to_owned()), variants: read })
    }

    fn ty(&self, place: &str, schema: &Value) -> Result<Type> {
        if let Some(name) = reference(schema) {
            let Some(target) = self.types.get(name) else { return fail(place, format!("no type `{name}`")) };
            return if is_response(name, target) {
                self.response(name, target)
            } else {
                Ok(Type::Named(name.to_owned()))
            };
        }
        if let Some([value, null]) = schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice)
            && text(null, "type") == "null"
        {
            return self.ty(place, value).map(optional);
        }
        match schema.get("type") {
            Some(Value::String(name)) => self.plain(place, name, schema),
            Some(Value::Array(names)) => match names.as_slice() {
                [Value::String(name), Value::String(null)] if null == "null" => {
                    self.plain(place, name, schema).map(optional)
                }
                _ => fail(place, "a value may be of one type, or of one type and null"),
            },
            _ => fail(place, format!("no language has a type for {schema}")),
        }
    }

    fn plain(&self, place: &str, name: &str, schema: &Value) -> Result<Type> {
        match name {
            "null" => Ok(Type::Unit),
            "boolean" => Ok(Type::Bool),
            "string" if text(schema, "format") == "date-time" => Ok(Type::DateTime),
            "string" if schema.get("enum").is_some() || schema.get("const").is_some() => {
                fail(place, "a list of values needs a named type")
            }
            "string" => Ok(Type::String),
            "integer" => integer(place, text(schema, "format")),
            "array" => match schema.get("items") {
                Some(items) if text(items, "format") == "uint8" => Ok(Type::Bytes),
                Some(items) => Ok(Type::List(Box::new(self.ty(&format!("{place}[]"), items)?))),
                None => fail(place, "a list must have `items`"),
            },
            "object" => match schema.get("additionalProperties") {
                Some(values @ Value::Object(_)) => Ok(Type::Map(Box::new(self.ty(&format!("{place}{{}}"), values)?))),
                _ => fail(place, "an object inside a type needs a name of its own, or `additionalProperties`"),
            },
            other => fail(place, format!("no language has a type for `{other}`")),
        }
    }

    /// Reads an instance of `Response<T, E>`, which is generic in every language. Schemars numbers the instances.
    fn response(&self, name: &str, schema: &Value) -> Result<Type> {
        let part = |member: &str| -> Result<Box<Type>> {
            let place = format!("{name}.{member}");
            let Some(schema) = schema.get("properties").and_then(|members| members.get(member)) else {
                return fail(&place, "missing");
            };
            Ok(Box::new(match self.ty(&place, schema)? {
                Type::Optional(value) => *value,
                ty => ty,
            }))
        };
        Ok(Type::Response(part("content")?, part("error")?))
    }

    fn resolved<'s>(&'s self, place: &str, schema: &'s Value) -> Result<&'s Value> {
        match reference(schema) {
            None => Ok(schema),
            Some(name) => self.types.get(name).map_or_else(|| fail(place, format!("no type `{name}`")), Ok),
        }
    }
}

/// Splits documentation into the text, and the list under `# Errors`: `- {error NotFound} if the vault has no such
/// item.`
fn documentation(place: &str, doc: &str) -> Result<(String, Vec<Failure>)> {
    let (doc, list) = doc.split_once("\n\n# Errors\n").unwrap_or((doc, ""));
    let failure = |entry: &str| {
        let words = entry.split_whitespace().collect::<Vec<_>>().join(" ");
        match words.trim_end_matches('.').split_once(" if ") {
            Some((kind, when)) => Ok(Failure { kind: kind.to_owned(), when: when.to_owned() }),
            None => fail(
                place,
                format!("an entry under `# Errors` must have the form `- {{error ...}} if ...`, not `{words}`"),
            ),
        }
    };
    let entries = list.split("- ").map(str::trim).filter(|entry| !entry.is_empty());
    Ok((doc.to_owned(), entries.map(failure).collect::<Result<_>>()?))
}

fn secret(place: &str, schema: &Value) -> Result<Secret> {
    match schema.get("x-secret") {
        None => Ok(Secret::No),
        Some(Value::Bool(true)) => Ok(Secret::Always),
        Some(Value::Object(conditions)) if conditions.len() == 1 => {
            let Some((member, values)) = conditions.iter().next() else { return fail(place, "x-secret is empty") };
            let values = values.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            Ok(Secret::Where { member: member.clone(), values })
        }
        Some(_) => fail(place, "x-secret must be `true`, or an object with one member"),
    }
}

/// Checks that each condition depends on a member that all languages can test.
fn check_secrets(place: &str, members: &[Member]) -> Result<()> {
    for each in members {
        let Secret::Where { member, values } = &each.secret else { continue };
        let expressible = members.iter().any(|other| {
            other.name == *member
                && match other.ty {
                    Type::Bool => values.is_empty(),
                    Type::Named(_) => !values.is_empty(),
                    _ => false,
                }
        });
        if !expressible {
            let problem = format!("x-secret names `{member}`, which is neither a required boolean nor a required enum");
            return fail(&format!("{place}.{}", each.name), problem);
        }
    }
    Ok(())
}

fn is_response(name: &str, schema: &Value) -> bool {
    let members = schema.get("properties").and_then(Value::as_object);
    name.starts_with("Response")
        && members.is_some_and(|members| {
            members.len() == 2 && members.contains_key("content") && members.contains_key("error")
        })
}

fn enum_values(schema: &Value) -> Option<Vec<EnumValue>> {
    let undocumented = |values: &Vec<Value>| -> Option<Vec<EnumValue>> {
        let entry = |value: &Value| Some(EnumValue { value: value.as_str()?.to_owned(), doc: String::new() });
        values.iter().map(entry).collect()
    };
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return undocumented(values);
    }
    let mut read = Vec::new();
    for variant in schema.get("oneOf")?.as_array()? {
        if let Some(values) = variant.get("enum").and_then(Value::as_array) {
            read.extend(undocumented(values)?);
        } else {
            let value = variant.get("const")?.as_str()?.to_owned();
            read.push(EnumValue { value, doc: text(variant, "description").to_owned() });
        }
    }
    Some(read)
}

fn integer(place: &str, format: &str) -> Result<Type> {
    match format {
        "uint8" | "uint16" | "uint32" | "uint64" | "int8" | "int16" | "int32" | "int64" => {
            Ok(Type::Integer(format.to_owned()))
        }
        other => fail(place, format!("no language has an integer of format `{other}`")),
    }
}

fn optional(ty: Type) -> Type {
    Type::Optional(Box::new(ty))
}

fn error_kind(error: &Value) -> Result<ErrorKind> {
    Ok(ErrorKind {
        name: required_text(error, "name", "errors")?,
        doc: text(error, "doc").to_owned(),
        message: required_text(error, "message", "errors")?,
        retryable: is_true(error, "retryable"),
    })
}

fn constant(constant: &Value) -> Result<Constant> {
    let name = required_text(constant, "name", "constants")?;
    let value = match constant.get("value") {
        Some(Value::String(text)) => ConstantValue::Text(text.clone()),
        Some(Value::Number(number)) if number.is_u64() => ConstantValue::Number(number.as_u64().unwrap_or_default()),
        _ => return fail(&name, "a constant must be a text, or a whole number that is not negative"),
    };
    Ok(Constant { value, doc: text(constant, "doc").to_owned(), permission: is_true(constant, "permission"), name })
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/types/")
}

fn is_required(schema: &Value, member: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|name| name == member))
}

fn is_true(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn required_text(value: &Value, key: &str, place: &str) -> Result<String> {
    match value.get(key).and_then(Value::as_str) {
        Some(text) => Ok(text.to_owned()),
        None => fail(place, format!("an entry has no `{key}`")),
    }
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value.get(key).and_then(Value::as_array).map_or_else(|| fail(key, "missing, or not a list"), Ok)
}

fn object<'a>(value: &'a Value, key: &str, place: &str) -> Result<&'a Map<String, Value>> {
    value
        .get(key)
        .and_then(Value::as_object)
        .map_or_else(|| fail(place, format!("`{key}` is missing, or not an object")), Ok)
}
