//! Decoding JSON texts, by way of a tree. docs/decisions/0029 says why.
//!
//! Serde generates the code that reads a type once for each way in which a format may present the type, and that code
//! is most of the size of a WebAssembly module. Here a text becomes a [`Tree`] first, and a struct takes its members
//! out of it in the order of its declaration, like in compact formats, so that only one small function for each type is
//! left. Because the position in the tree is known, a failure names the member.

mod parse;
mod read;

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, DeserializeOwned, Expected, Unexpected};
use serde_json::Value;

use read::Reader;

/// Reads a JSON text. Values may borrow from it.
///
/// The last of repeated members counts, and unknown members are ignored. Numbers must be integers of 64 bits.
///
/// # Errors
/// [`DecodeError`] if the text is not JSON, or does not have this type.
pub fn decode<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, DecodeError> {
    from_tree(parse(text)?)
}

/// Parses a JSON text into a tree.
///
/// # Errors
/// [`DecodeError`] if the text is not JSON.
pub fn parse(text: &[u8]) -> Result<Tree<'_>, DecodeError> {
    parse::parse(text)
}

/// Reads a value from a tree.
///
/// # Errors
/// [`DecodeError`] if the tree does not have this type.
pub fn from_tree<'a, T: Deserialize<'a>>(tree: Tree<'a>) -> Result<T, DecodeError> {
    T::deserialize(Reader { value: Some(tree), strict: None })
}

/// Reads a caller's value from a tree. A member that its struct does not have is an error, which names the member,
/// unless it is null or `passed_over` has it.
///
/// # Errors
/// [`DecodeError`] if the tree does not have this type, or has unknown members.
pub fn from_tree_strictly<'a, T: Deserialize<'a>>(
    tree: Tree<'a>,
    passed_over: &'static PassedOver,
) -> Result<T, DecodeError> {
    T::deserialize(Reader { value: Some(tree), strict: Some(passed_over) })
}

/// Unknown members that are ignored, by the name of the struct that does not have them.
pub struct PassedOver(pub &'static [(&'static str, &'static [&'static str])]);

/// Returns the line and column of a text's last byte.
#[must_use]
pub fn position(text: &[u8]) -> (usize, usize) {
    let lines = text.split(|byte| *byte == b'\n');
    lines.fold((0, 0), |(line, _), last| (line + 1, last.len()))
}

/// A JSON value that borrows from its text.
#[derive(Clone, Default, PartialEq)]
pub enum Tree<'a> {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(&'a str),
    /// A string, borrowed if it has no escapes.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Tree<'a>>),
    /// An object, in the order of the text. A name may occur several times.
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
}

/// Copies a tree. Its numbers may be of any kind, unlike those of other types.
impl TryFrom<Tree<'_>> for Value {
    type Error = DecodeError;

    fn try_from(tree: Tree<'_>) -> Result<Self, DecodeError> {
        Ok(match tree {
            Tree::Null => Self::Null,
            Tree::Bool(value) => Self::Bool(value),
            Tree::Number(digits) => {
                Self::Number(digits.parse().map_err(|_| DecodeError::new("number out of range".to_owned()))?)
            }
            Tree::Text(text) => Self::String(text.into_owned()),
            Tree::List(elements) => Self::Array(elements.into_iter().map(Self::try_from).collect::<Result<_, _>>()?),
            Tree::Object(members) => {
                let mut object = serde_json::Map::new();
                for (name, value) in members {
                    object.insert(name.into_owned(), Self::try_from(value)?);
                }
                Self::Object(object)
            }
        })
    }
}

/// Shows only the kind of value, because values may be secret.
impl fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Object(_) => "object",
        })
    }
}

/// An object whose members are read by hand, because some of them stay trees.
pub struct Object<'a>(Vec<(Cow<'a, str>, Tree<'a>)>);

impl<'a> Object<'a> {
    /// Returns the tree as an object.
    ///
    /// # Errors
    /// The tree is not an object.
    pub fn of(tree: Tree<'a>) -> Result<Self, DecodeError> {
        match tree {
            Tree::Object(members) => Ok(Self(members)),
            other => Reader { value: Some(other), strict: None }.unfit(&"an object"),
        }
    }

    /// Takes out a member, which is possible once.
    ///
    /// # Errors
    /// The member is missing.
    pub fn tree(&mut self, member: &str) -> Result<Tree<'a>, DecodeError> {
        self.take(member).ok_or_else(|| DecodeError::missing(member))
    }

    /// Takes out and reads a member.
    ///
    /// # Errors
    /// The member is missing, or does not have this type.
    pub fn member<T: DeserializeOwned>(&mut self, member: &str) -> Result<T, DecodeError> {
        from_tree(self.tree(member)?).map_err(|error| error.inside(member))
    }

    fn take(&mut self, member: &str) -> Option<Tree<'a>> {
        let found = self.0.iter_mut().rev().find(|(name, _)| name == member);
        found.map(|(_, value)| std::mem::take(value))
    }
}

/// Why a text does not have a type. Its text quotes no values, because they may be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    path: String,
    reason: String,
    /// The index of a missing member in its struct, until its name is known.
    missing: Option<usize>,
    not_an_id: Option<String>,
}

impl DecodeError {
    /// Returns the path of the value at fault, such as `filters[0].content.active`; empty for the whole text.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Returns the text that stands where an id belongs, if that is the only fault.
    #[must_use]
    pub fn not_an_id(&self) -> Option<&str> {
        self.0.not_an_id.as_deref()
    }

    /// Adds a step to the beginning of the path: the value at fault is inside the member `step`.
    #[must_use]
    pub fn inside(mut self, step: &str) -> Self {
        let dot = if self.0.path.is_empty() || self.0.path.starts_with('[') { "" } else { "." };
        self.0.path = [step, dot, &self.0.path].concat();
        self.0.missing = None;
        self
    }

    fn inside_element(self, index: usize) -> Self {
        self.inside(&format!("[{index}]"))
    }

    fn new(reason: String) -> Self {
        Self(Box::new(Inner { path: String::new(), reason, missing: None, not_an_id: None }))
    }

    /// Returns the error of a text that is not JSON. The byte before `end` is at fault.
    fn malformed(reason: &str, text: &[u8], end: usize) -> Self {
        let (line, column) = position(text.get(..end).unwrap_or(text));
        Self::new(format!("{reason} at line {line} column {column}"))
    }

    fn unknown(member: &str, fields: &[&str]) -> Self {
        Self::new(format!("unknown member, expected one of `{}`", fields.join("`, `"))).inside(member)
    }

    fn missing(member: &str) -> Self {
        Self::new(["missing field `", member, "`"].concat()).inside(member)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { path, reason, .. } = &*self.0;
        if path.is_empty() || reason.starts_with("missing field") {
            f.write_str(reason)
        } else {
            write!(f, "`{path}`: {reason}")
        }
    }
}

impl std::error::Error for DecodeError {}

impl serde::de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("invalid type: {}, expected {expected}", kind(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let mut error = Self::new(format!("invalid value: {}, expected {expected}", kind(found)));
        if let Unexpected::Other(text) = found {
            error.0.not_an_id = Some(text.to_owned());
        }
        error
    }

    fn unknown_variant(_found: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown variant, expected one of `{}`", expected.join("`, `")))
    }

    fn missing_field(member: &'static str) -> Self {
        Self::missing(member)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let mut error = Self::new(format!("invalid length {length}, expected {expected}"));
        error.0.missing = Some(length);
        error
    }
}

fn kind(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "integer",
        Unexpected::Float(_) => "floating point",
        Unexpected::Char(_) | Unexpected::Str(_) => "string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "sequence",
        Unexpected::Map => "map",
        _ => "value",
    }
}

#[cfg(test)]
mod tests;
