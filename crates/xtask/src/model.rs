//! The contract as a model for the emitters: methods, types, errors and constants, independent of any language.

mod parse;

use std::{collections::BTreeSet, fmt};

pub(crate) use parse::parse;

/// Everything that the code of each language is generated from.
#[derive(Debug)]
pub(crate) struct Contract {
    /// The groups of methods, in the order in which methods name them.
    pub(crate) groups: Vec<Group>,
    /// The named types, in the order in which methods mention them.
    pub(crate) types: Vec<NamedType>,
    /// The kinds of failure, in the order of the core's table.
    pub(crate) errors: Vec<ErrorKind>,
    /// The named values that callers use, in the order of the core's table.
    pub(crate) constants: Vec<Constant>,
    /// The types of fields that item builders create, in the order of the core's table.
    pub(crate) field_types: Vec<FieldType>,
}

impl Contract {
    /// Returns the groups that are properties of a client.
    pub(crate) fn client_groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.path.len() == 1 && group.online().next().is_some())
    }

    /// Returns the type with this name.
    pub(crate) fn named(&self, name: &str) -> Option<&NamedType> {
        self.types.iter().find(|named| named.name == name)
    }

    /// Returns the types that methods return, those of these `names`, and all types in them, in the order of the
    /// contract.
    pub(crate) fn returned(&self, names: &[&str]) -> Vec<&NamedType> {
        let results = self.groups.iter().flat_map(|group| &group.methods).flat_map(|method| method.result.names());
        let mut open: Vec<String> = names.iter().map(|name| (*name).to_owned()).chain(results).collect();
        let mut found = BTreeSet::new();
        while let Some(name) = open.pop() {
            if let Some(named) = self.named(&name)
                && found.insert(name)
            {
                open.extend(named.names());
            }
        }
        self.types.iter().filter(|named| found.contains(&named.name)).collect()
    }

    /// Returns how a value of this type contains bytes, which cross the boundary beside the JSON, or `None` if it
    /// contains none.
    pub(crate) fn bytes_in(&self, ty: &Type) -> Option<BytesIn> {
        match ty {
            Type::Bytes => Some(BytesIn::Bytes),
            Type::Named(name) => self.is_holder(name).then(|| BytesIn::Struct(name.clone())),
            Type::Optional(inner) => match (inner.as_ref(), self.bytes_in(inner)?) {
                (Type::Named(_), BytesIn::Struct(name)) => Some(BytesIn::Optional(name)),
                (Type::List(_), list @ BytesIn::List(_)) => Some(list),
                _ => Some(BytesIn::Unsupported),
            },
            Type::List(entry) => match (entry.as_ref(), self.bytes_in(entry)?) {
                (Type::Named(_), BytesIn::Struct(name)) => Some(BytesIn::List(name)),
                _ => Some(BytesIn::Unsupported),
            },
            Type::Map(inner) | Type::Response(inner, _) => self.bytes_in(inner).map(|_| BytesIn::Unsupported),
            _ => None,
        }
    }

    /// Returns whether the type with this name is a struct that contains bytes.
    pub(crate) fn is_holder(&self, name: &str) -> bool {
        match self.named(name).map(|named| &named.shape) {
            Some(Shape::Struct(members)) => members.iter().any(|member| self.bytes_in(&member.ty).is_some()),
            _ => false,
        }
    }
}

/// How a value contains bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BytesIn {
    /// It is bytes.
    Bytes,
    /// It is a struct with this name.
    Struct(String),
    /// It is such a struct, or nothing.
    Optional(String),
    /// It is a list of such structs, or nothing.
    List(String),
    /// It contains bytes in a way that no emitter supports.
    Unsupported,
}

/// The methods that a client offers under one property, such as `items`, or `items.files`.
#[derive(Debug)]
pub(crate) struct Group {
    /// The path in lower case: `["items"]` or `["items", "files"]`.
    pub(crate) path: Vec<String>,
    /// The methods, in the order of the contract.
    pub(crate) methods: Vec<Method>,
}

impl Group {
    /// Returns the name of the property, such as `files`.
    pub(crate) fn property(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// Returns the groups directly under this one.
    pub(crate) fn children<'a>(&'a self, contract: &'a Contract) -> impl Iterator<Item = &'a Group> {
        contract
            .groups
            .iter()
            .filter(|group| group.path.len() == self.path.len() + 1 && group.path.starts_with(&self.path))
    }

    /// Returns the methods of a client.
    pub(crate) fn online(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(|method| !method.offline)
    }

    /// Returns the methods of a client that the public SDKs have.
    pub(crate) fn public(&self) -> impl Iterator<Item = &Method> {
        self.online().filter(|method| !method.added)
    }

    /// Returns the methods of a client that opwire added.
    pub(crate) fn added(&self) -> impl Iterator<Item = &Method> {
        self.online().filter(|method| method.added)
    }

    /// Returns the methods that need no client.
    pub(crate) fn offline(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(|method| method.offline)
    }
}

/// One method.
#[derive(Debug)]
pub(crate) struct Method {
    /// The name that crosses the boundary, such as `ItemsList`.
    pub(crate) wire_name: String,
    /// The last part of the SDK name, such as `list`.
    pub(crate) name: String,
    /// What it does.
    pub(crate) doc: String,
    /// The failures that callers may want to distinguish.
    pub(crate) failures: Vec<Failure>,
    /// An example of a call; empty if there is none.
    pub(crate) example: String,
    /// Whether it needs neither client nor network.
    pub(crate) offline: bool,
    /// Whether opwire added it; the public SDKs have all others.
    pub(crate) added: bool,
    /// The parameters, in order.
    pub(crate) params: Vec<Param>,
    /// What it returns; [`Type::Unit`] for nothing.
    pub(crate) result: Type,
}

/// A failure of a method.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The kind, as documentation names it.
    pub(crate) kind: String,
    /// When it happens: "the vault has no such item".
    pub(crate) when: String,
}

/// One parameter.
#[derive(Debug)]
pub(crate) struct Param {
    /// The name on the wire, in snake case.
    pub(crate) name: String,
    /// What it means.
    pub(crate) doc: String,
    /// The type: of one entry if the parameter is variadic, of the value if it is optional.
    pub(crate) ty: Type,
    /// How it is passed.
    pub(crate) passing: Passing,
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    /// Must be given.
    Required,
    /// May be omitted; always the last parameter.
    Optional,
    /// Any number of arguments; always the last parameter.
    Variadic,
}

/// A type with a name.
#[derive(Debug)]
pub(crate) struct NamedType {
    /// The name, as in Rust.
    pub(crate) name: String,
    /// What it means.
    pub(crate) doc: String,
    /// Its structure.
    pub(crate) shape: Shape,
}

impl NamedType {
    /// Returns the names of the types in this type.
    fn names(&self) -> Vec<String> {
        let in_members = |members: &[Member]| members.iter().flat_map(|member| member.ty.names()).collect();
        match &self.shape {
            Shape::Struct(members) => in_members(members),
            Shape::Enum(_) => Vec::new(),
            Shape::Union(union) => union
                .variants
                .iter()
                .flat_map(|variant| match &variant.content {
                    Content::None => Vec::new(),
                    Content::Value(ty) => ty.names(),
                    Content::Inner(members) => in_members(members),
                })
                .collect(),
            Shape::Alias(ty) => ty.names(),
        }
    }
}

/// The structure of a named type.
#[derive(Debug)]
pub(crate) enum Shape {
    /// An object.
    Struct(Vec<Member>),
    /// One of a list of strings.
    Enum(Vec<EnumValue>),
    /// An object whose tag determines its content.
    Union(Union),
    /// Another name for a type.
    Alias(Type),
}

/// One member of a struct.
#[derive(Debug)]
pub(crate) struct Member {
    /// The name in JSON, in camel case.
    pub(crate) name: String,
    /// What it means.
    pub(crate) doc: String,
    /// Its type.
    pub(crate) ty: Type,
    /// When logs and debug output hide it.
    pub(crate) secret: Secret,
}

/// When logs and debug output hide a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Secret {
    /// Never.
    No,
    /// Always.
    Always,
    /// If another member is true, or is one of these values of its enum.
    Where {
        /// The other member's name in JSON.
        member: String,
        /// The values; none for a boolean member.
        values: Vec<String>,
    },
}

/// One value of a string enum.
#[derive(Debug)]
pub(crate) struct EnumValue {
    /// The string.
    pub(crate) value: String,
    /// What it means.
    pub(crate) doc: String,
}

/// A tagged union: `{"type": tag, "content": ...}`, where the name of the second member varies.
#[derive(Debug)]
pub(crate) struct Union {
    /// The name of the member with the content.
    pub(crate) content: String,
    /// The cases.
    pub(crate) variants: Vec<Variant>,
}

/// One case of a union.
#[derive(Debug)]
pub(crate) struct Variant {
    /// The tag's value.
    pub(crate) tag: String,
    /// What it means.
    pub(crate) doc: String,
    /// Its content.
    pub(crate) content: Content,
}

/// The content of a case of a union.
#[derive(Debug)]
pub(crate) enum Content {
    /// Nothing.
    None,
    /// One value.
    Value(Type),
    /// An object without its own name.
    Inner(Vec<Member>),
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Nothing.
    Unit,
    /// A text.
    String,
    /// True or false.
    Bool,
    /// An integer, as its schema format: `uint32`, `int64`, ... (which are also the names in Go).
    Integer(String),
    /// A time in RFC 3339.
    DateTime,
    /// Bytes.
    Bytes,
    /// One of [`Contract::types`].
    Named(String),
    /// A value or nothing.
    Optional(Box<Type>),
    /// A list.
    List(Box<Type>),
    /// Values by text keys.
    Map(Box<Type>),
    /// The content or the error of one entry of a batch.
    Response(Box<Type>, Box<Type>),
}

impl Type {
    /// Returns the names of the types in this type.
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::Named(name) => vec![name.clone()],
            Self::Optional(inner) | Self::List(inner) | Self::Map(inner) => inner.names(),
            Self::Response(content, error) => [vec!["Response".to_owned()], content.names(), error.names()].concat(),
            _ => Vec::new(),
        }
    }
}

/// A kind of failure.
#[derive(Debug)]
pub(crate) struct ErrorKind {
    /// The name, such as `NotFound`.
    pub(crate) name: String,
    /// What it means.
    pub(crate) doc: String,
    /// The message, with `{}` for details.
    pub(crate) message: String,
    /// Whether the same call may succeed when retried.
    pub(crate) retryable: bool,
}

/// A type of fields.
#[derive(Debug)]
pub(crate) struct FieldType {
    /// The value of the enum `ItemFieldType`, such as `MonthYear`.
    pub(crate) name: String,
    /// Its documentation in the enum.
    pub(crate) doc: String,
    /// What a field of this type is created from.
    pub(crate) takes: Takes,
}

/// What a field is created from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// A title and a text.
    Text,
    /// A title and the parts of an address.
    Address,
    /// A private key; its title and id are fixed.
    Key,
}

/// A named value.
#[derive(Debug)]
pub(crate) struct Constant {
    /// The name, such as `READ_ITEMS`.
    pub(crate) name: String,
    /// The value.
    pub(crate) value: ConstantValue,
    /// What it means.
    pub(crate) doc: String,
    /// Whether it is a permission in vaults.
    pub(crate) permission: bool,
}

impl Constant {
    /// Returns its documentation with its unit, for languages whose times are plain numbers.
    pub(crate) fn doc_with_unit(&self) -> String {
        let unit = if self.name.ends_with("_MS") { " In milliseconds." } else { "" };
        format!("{}{unit}", self.doc)
    }
}

/// The value of a [`Constant`].
#[derive(Debug)]
pub(crate) enum ConstantValue {
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
}

impl fmt::Display for ConstantValue {
    /// Writes the value as a literal; the languages share its form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(value) => write!(f, "{value:?}"),
        }
    }
}
