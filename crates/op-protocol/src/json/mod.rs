//! Decoding JSON texts, by way of a tree. docs/decisions/0029 says why.
//!
//! Serde generates the code that reads a type once for each way in which a format may present the type, and that code
//! is most of the size of a WebAssembly module. Here a text becomes a [`Tree`] first, and a struct takes its members
//! out of it in the order of its declaration, like in compact formats, so that only one small function for each type is
//! left. Because the position in the tree is known, a failure names the member.

mod parse;

use std::{borrow::Cow, fmt};

use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};

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

/// Why a text does not have a type. It quotes no values, because they may be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    path: String,
    reason: String,
    /// The index of a missing member in its struct, until its name is known.
    missing: Option<usize>,
}

impl DecodeError {
    /// Returns the path of the value at fault, such as `filters[0].content.active`; empty for the whole text.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
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
        Self(Box::new(Inner { path: String::new(), reason, missing: None }))
    }

    fn malformed(at: usize) -> Self {
        Self::new(format!("not JSON at byte {at}"))
    }

    /// Returns the public SDKs' error for the first half of a surrogate pair without the second half.
    fn half_a_character(at: usize) -> Self {
        Self::new(format!("unexpected end of hex escape at byte {at}"))
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
        Self::new(format!("invalid value: {}, expected {expected}", kind(found)))
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

/// A value to read.
struct Reader<'a> {
    /// `None` for a missing member.
    value: Option<Tree<'a>>,
    /// If this is set, members that a struct does not have are refused, except these.
    strict: Option<&'static PassedOver>,
}

impl<'a> Reader<'a> {
    /// Passes the value to the visitor, by its JSON type.
    fn visit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Some(Tree::Null) => visitor.visit_unit(),
            Some(Tree::List(elements)) => visitor.visit_seq(Elements::new(elements, self.strict)),
            Some(Tree::Object(members)) => visitor.visit_map(Entries::new(members, self.strict)),
            _ => self.visit_scalar(visitor),
        }
    }

    fn visit_scalar<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Some(Tree::Bool(value)) => visitor.visit_bool(value),
            Some(Tree::Number(digits)) => match (digits.parse(), digits.parse()) {
                (Ok(number), _) => visitor.visit_u64(number),
                (Err(_), Ok(number)) => visitor.visit_i64(number),
                _ => self.unfit(&visitor),
            },
            Some(Tree::Text(Cow::Borrowed(text))) => visitor.visit_borrowed_str(text),
            Some(Tree::Text(Cow::Owned(text))) => visitor.visit_string(text),
            _ => self.unfit(&visitor),
        }
    }

    fn unfit<T>(&self, expected: &dyn Expected) -> Result<T, DecodeError> {
        let found = match &self.value {
            None => return Err(DecodeError::new(String::new())),
            Some(Tree::Null) => Unexpected::Unit,
            Some(Tree::Bool(value)) => Unexpected::Bool(*value),
            Some(Tree::Number(digits)) if digits.contains(['.', 'e', 'E']) => Unexpected::Float(0.0),
            Some(Tree::Number(_)) => Unexpected::Unsigned(0),
            Some(Tree::Text(_)) => Unexpected::Str(""),
            Some(Tree::List(_)) => Unexpected::Seq,
            Some(Tree::Object(_)) => Unexpected::Map,
        };
        Err(DecodeError::invalid_type(found, expected))
    }
}

macro_rules! methods {
    ($show:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            self.$show(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = DecodeError;

    /// Reads any value. A missing one, such as the content of a variant without content, is null.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        Self { value: Some(self.value.unwrap_or_default()), ..self }.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            None | Some(Tree::Null) => visitor.visit_none(),
            Some(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if let (Some(passed_over), Some(Tree::Object(members))) = (self.strict, &self.value) {
            refuse_unknown(members, name, fields, passed_over)?;
        }
        match self.value {
            Some(Tree::Object(members)) => visitor
                .visit_seq(Members { fields: fields.iter(), object: Object(members), strict: self.strict })
                .map_err(|error| match error.0.missing.and_then(|at| fields.get(at)) {
                    Some(field) => DecodeError::missing(field),
                    None => error,
                }),
            _ => self.unfit(&visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let (name, content) = match self.value {
            Some(Tree::Text(name)) => (name, None),
            Some(Tree::Object(members)) if members.len() == 1 => match members.into_iter().next() {
                Some((name, content)) => (name, Some(content)),
                None => return Self { value: None, ..self }.unfit(&visitor),
            },
            _ => return self.unfit(&visitor),
        };
        visitor.visit_enum(Variant { name, content: Self { value: content, strict: self.strict } })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    methods! {
        visit_scalar: deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_identifier
    }

    methods! {
        visit: deserialize_bytes deserialize_byte_buf deserialize_unit
    }

    /// Reads a list. Null is an empty list, and an empty map, because Go writes nil slices and maps as null.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Some(Tree::List(elements)) => visitor.visit_seq(Elements::new(elements, self.strict)),
            Some(Tree::Null) => visitor.visit_seq(Elements::new(Vec::new(), self.strict)),
            _ => self.unfit(&visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Some(Tree::Object(members)) => visitor.visit_map(Entries::new(members, self.strict)),
            Some(Tree::Null) => visitor.visit_map(Entries::new(Vec::new(), self.strict)),
            _ => self.unfit(&visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }
}

#[inline(never)]
fn refuse_unknown(
    members: &[(Cow<'_, str>, Tree<'_>)],
    name: &str,
    fields: &[&str],
    passed_over: &PassedOver,
) -> Result<(), DecodeError> {
    let also = passed_over.0.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, members)| members);
    let is_known = |member: &str| fields.iter().chain(also).any(|known| *known == member);
    match members.iter().find(|(member, value)| *value != Tree::Null && !is_known(member)) {
        Some((member, _)) => Err(DecodeError::unknown(member, fields)),
        None => Ok(()),
    }
}

/// The members of a struct, in the order of its declaration.
struct Members<'a> {
    fields: std::slice::Iter<'static, &'static str>,
    object: Object<'a>,
    strict: Option<&'static PassedOver>,
}

impl<'de> SeqAccess<'de> for Members<'de> {
    type Error = DecodeError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, DecodeError> {
        let Some(field) = self.fields.next() else { return Ok(None) };
        let value = self.object.take(field);
        let is_missing = value.is_none();
        match seed.deserialize(Reader { value, strict: self.strict }) {
            Ok(value) => Ok(Some(value)),
            // The struct then uses the member's default, or fails because of the missing member.
            Err(_) if is_missing => Ok(None),
            Err(error) => Err(error.inside(field)),
        }
    }
}

struct Elements<'a> {
    elements: std::vec::IntoIter<Tree<'a>>,
    index: usize,
    strict: Option<&'static PassedOver>,
}

impl<'a> Elements<'a> {
    fn new(elements: Vec<Tree<'a>>, strict: Option<&'static PassedOver>) -> Self {
        Self { elements: elements.into_iter(), index: 0, strict }
    }
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = DecodeError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, DecodeError> {
        let Some(value) = self.elements.next() else { return Ok(None) };
        let reader = Reader { value: Some(value), strict: self.strict };
        let element = seed.deserialize(reader).map_err(|error| error.inside_element(self.index))?;
        self.index += 1;
        Ok(Some(element))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.elements.len())
    }
}

struct Entries<'a> {
    members: std::vec::IntoIter<(Cow<'a, str>, Tree<'a>)>,
    value: Option<(Cow<'a, str>, Tree<'a>)>,
    strict: Option<&'static PassedOver>,
}

impl<'a> Entries<'a> {
    fn new(members: Vec<(Cow<'a, str>, Tree<'a>)>, strict: Option<&'static PassedOver>) -> Self {
        Self { members: members.into_iter(), value: None, strict }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = DecodeError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, DecodeError> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        let key = seed.deserialize(Reader { value: Some(Tree::Text(name.clone())), strict: None })?;
        self.value = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, DecodeError> {
        let Some((name, value)) = self.value.take() else { return Err(DecodeError::custom("a value without a key")) };
        seed.deserialize(Reader { value: Some(value), strict: self.strict }).map_err(|error| error.inside(&name))
    }
}

struct Variant<'a> {
    name: Cow<'a, str>,
    content: Reader<'a>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = DecodeError;
    type Variant = Reader<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Reader<'de>), DecodeError> {
        let name = Reader { value: Some(Tree::Text(self.name)), strict: None };
        Ok((seed.deserialize(name)?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Reader<'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        match self.value {
            None | Some(Tree::Null) => Ok(()),
            Some(_) => self.unfit(&"a variant without content"),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, DecodeError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_struct("", fields, visitor)
    }
}

#[cfg(test)]
mod tests;
