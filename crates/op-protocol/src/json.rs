//! JSON texts into types, by way of one tree.
//!
//! serde makes the code that reads a type once for every way in which a format may present it, and that code is most of
//! what a WebAssembly module weighs. Here a text becomes a [`Value`] first, and a struct takes its members out of it in
//! the order of its declaration, as compact formats do. So one small function of each type is left. As the tree knows
//! where it is, a failure names the member.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde_json::{Map, Number, Value};

/// Reads a JSON text.
///
/// Of members that repeat, the last counts; unknown ones are ignored. Numbers must be integers of 64 bits.
///
/// # Errors
/// [`DecodeError`] when the text is not JSON, or not of this type.
pub fn decode<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, DecodeError> {
    from_value(parse(text)?)
}

/// Reads a JSON text as a tree; its numbers keep all their digits.
///
/// # Errors
/// [`DecodeError`] when the text is not JSON.
pub fn parse(text: &[u8]) -> Result<Value, DecodeError> {
    // The parser's words give the position and what it expected, and quote nothing.
    serde_json::from_slice(text).map_err(DecodeError::custom)
}

/// Reads a tree.
///
/// # Errors
/// [`DecodeError`] when it is not of this type.
pub fn from_value<'a, T: Deserialize<'a>>(value: Value) -> Result<T, DecodeError> {
    T::deserialize(Tree(Some(value)))
}

/// An object that is taken apart by hand, because parts of it stay trees.
pub struct Object(Map<String, Value>);

impl Object {
    /// The object.
    ///
    /// # Errors
    /// It is none.
    pub fn of(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            other => Tree(Some(other)).unfit(&"an object"),
        }
    }

    /// Takes out a member.
    ///
    /// # Errors
    /// It is missing.
    pub fn value(&mut self, member: &str) -> Result<Value, DecodeError> {
        self.0.remove(member).ok_or_else(|| DecodeError::missing(member))
    }

    /// Takes out and reads a member.
    ///
    /// # Errors
    /// It is missing, or not of this type.
    pub fn member<T: DeserializeOwned>(&mut self, member: &str) -> Result<T, DecodeError> {
        from_value(self.value(member)?).map_err(|error| error.inside(member))
    }
}

/// Why a text is not of a type. It quotes no value, since values may be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    path: String,
    reason: String,
    /// The place in its struct of a member that is missing, until the struct has said its name.
    missing: Option<usize>,
}

impl DecodeError {
    /// The value at fault, such as `filters[0].content.active`; empty for the whole.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The error of a value that lies at `step` of the one that is being read.
    #[must_use]
    pub fn inside(mut self, step: &str) -> Self {
        let dot = if self.0.path.is_empty() || self.0.path.starts_with('[') { "" } else { "." };
        self.0.path = [step, dot, &self.0.path].concat();
        self.0.missing = None;
        self
    }

    fn new(reason: String) -> Self {
        Self(Box::new(Inner { path: String::new(), reason, missing: None }))
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

/// A value to read; `None` stands for a member that is missing.
struct Tree(Option<Value>);

impl Tree {
    /// Shows the value as what it is.
    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0 {
            Some(Value::Null) => visitor.visit_unit(),
            Some(Value::Bool(value)) => visitor.visit_bool(value),
            Some(Value::Number(number)) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => Self(Some(Value::Number(number))).unfit(&visitor),
            },
            Some(Value::String(text)) => visitor.visit_string(text),
            Some(Value::Array(values)) => visitor.visit_seq(Elements { values: values.into_iter(), index: 0 }),
            Some(Value::Object(members)) => visitor.visit_map(Entries { members: members.into_iter(), value: None }),
            None => self.unfit(&visitor),
        }
    }

    fn unfit<T>(&self, expected: &dyn Expected) -> Result<T, DecodeError> {
        Err(DecodeError::invalid_type(
            match &self.0 {
                None => return Err(DecodeError::new(String::new())),
                Some(Value::Null) => Unexpected::Unit,
                Some(Value::Bool(value)) => Unexpected::Bool(*value),
                Some(Value::Number(number)) if is_integer(number) => Unexpected::Unsigned(0),
                Some(Value::Number(_)) => Unexpected::Float(0.0),
                Some(Value::String(_)) => Unexpected::Str(""),
                Some(Value::Array(_)) => Unexpected::Seq,
                Some(Value::Object(_)) => Unexpected::Map,
            },
            expected,
        ))
    }
}

fn is_integer(number: &Number) -> bool {
    number.is_u64() || number.is_i64()
}

macro_rules! as_it_is {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            self.visit(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Tree {
    type Error = DecodeError;

    /// What takes any value takes null for one that is missing, such as the content of a variant without content.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        Self(Some(self.0.unwrap_or_default())).visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0 {
            None | Some(Value::Null) => visitor.visit_none(),
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
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.0 {
            Some(Value::Object(members)) => {
                visitor.visit_seq(Members { fields: fields.iter(), members }).map_err(|error| {
                    match error.0.missing.and_then(|at| fields.get(at)) {
                        Some(field) => DecodeError::missing(field),
                        None => error,
                    }
                })
            }
            _ => self.unfit(&visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.0 {
            Some(Value::String(variant)) => visitor.visit_enum(Variant { name: variant, content: Tree(None) }),
            Some(Value::Object(members)) if members.len() == 1 => match members.into_iter().next() {
                Some((name, content)) => visitor.visit_enum(Variant { name, content: Tree(Some(content)) }),
                None => Tree(None).unfit(&visitor),
            },
            _ => self.unfit(&visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    as_it_is! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_seq deserialize_map
        deserialize_identifier
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.visit(visitor)
    }
}

/// The members of a struct, in the order of its declaration.
struct Members {
    fields: std::slice::Iter<'static, &'static str>,
    members: Map<String, Value>,
}

impl<'de> SeqAccess<'de> for Members {
    type Error = DecodeError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, DecodeError> {
        let Some(field) = self.fields.next() else { return Ok(None) };
        let value = self.members.remove(*field);
        let is_missing = value.is_none();
        match seed.deserialize(Tree(value)) {
            Ok(value) => Ok(Some(value)),
            // A default takes its place, or else the struct asks for the member.
            Err(_) if is_missing => Ok(None),
            Err(error) => Err(error.inside(field)),
        }
    }
}

struct Elements {
    values: std::vec::IntoIter<Value>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Elements {
    type Error = DecodeError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, DecodeError> {
        let Some(value) = self.values.next() else { return Ok(None) };
        let element =
            seed.deserialize(Tree(Some(value))).map_err(|error| error.inside(&format!("[{}]", self.index)))?;
        self.index += 1;
        Ok(Some(element))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.values.len())
    }
}

struct Entries {
    members: serde_json::map::IntoIter,
    value: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = DecodeError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, DecodeError> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        let key = seed.deserialize(Tree(Some(Value::String(name.clone()))))?;
        self.value = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, DecodeError> {
        let Some((name, value)) = self.value.take() else { return Err(DecodeError::custom("a value without a key")) };
        seed.deserialize(Tree(Some(value))).map_err(|error| error.inside(&name))
    }
}

struct Variant {
    name: String,
    content: Tree,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = DecodeError;
    type Variant = Tree;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Tree), DecodeError> {
        Ok((seed.deserialize(Tree(Some(Value::String(self.name))))?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Tree {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        match self.0 {
            None | Some(Value::Null) => Ok(()),
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
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Outer {
        list_of_all: Vec<Inner>,
        #[serde(default)]
        number: u32,
        text: Option<String>,
        #[serde(rename = "map")]
        by_name: BTreeMap<String, Unit>,
        #[serde(default = "seven")]
        seven: i8,
        pair: (bool, i64),
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type", content = "content", rename_all = "camelCase")]
    enum Inner {
        Nothing,
        Text(String),
        Maybe(Option<Wrapped>),
        Flags { first: bool, second: Option<bool> },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Wrapped(u64);

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Unit {
        One,
        Two(String),
        Three { a: u8 },
    }

    fn seven() -> i8 {
        7
    }

    fn read<T: DeserializeOwned>(value: Value) -> Result<T, (String, String)> {
        from_value(value).map_err(|error| (error.path().to_owned(), error.to_string()))
    }

    fn error_of(value: Value) -> (String, String) {
        read::<Outer>(value).unwrap_err()
    }

    #[test]
    fn members_that_are_missing_are_named_unless_they_have_a_default() {
        let least = json!({"listOfAll": [], "map": {}, "pair": [true, -1]});
        let Outer { number, text, seven, pair, .. } = read(least.clone()).unwrap();
        assert_eq!((number, text, seven, pair), (0, None, 7, (true, -1)));
        for member in ["listOfAll", "map", "pair"] {
            let mut less = least.clone();
            less.as_object_mut().unwrap().remove(member);
            assert_eq!(error_of(less), (member.to_owned(), format!("missing field `{member}`")));
        }
        let flags = json!({"listOfAll": [{"type": "nothing"}, {"type": "flags", "content": {}}], "map": {}});
        assert_eq!(error_of(flags), ("listOfAll[1].content.first".into(), "missing field `first`".into()));
        let untyped = json!({"listOfAll": [{"content": {}}], "map": {}});
        assert_eq!(error_of(untyped), ("listOfAll[0].type".into(), "missing field `type`".into()));
    }

    #[test]
    fn errors_give_the_place_and_the_kind_but_not_the_value() {
        for (value, path, reason) in [
            (json!("hush"), "", "invalid type: string, expected struct Outer"),
            (json!([1]), "", "invalid type: sequence, expected struct Outer"),
            (json!({"listOfAll": 1}), "listOfAll", "invalid type: integer, expected a sequence"),
            (json!({"listOfAll": null}), "listOfAll", "invalid type: null, expected a sequence"),
            (
                json!({"listOfAll": [{"type": "hush"}]}),
                "listOfAll[0].type",
                "unknown variant, expected one of `nothing`, `text`, `maybe`, `flags`",
            ),
            (
                json!({"listOfAll": [{"type": "text", "content": ["hush"]}]}),
                "listOfAll[0].content",
                "invalid type: sequence, expected a string",
            ),
            (json!({"listOfAll": [], "number": -1}), "number", "invalid value: integer, expected u32"),
            (json!({"listOfAll": [], "number": 1.5}), "number", "invalid type: floating point, expected u32"),
            (json!({"listOfAll": [], "number": "5"}), "number", "invalid type: string, expected u32"),
            (
                json!({"listOfAll": [], "map": {"a": {"Three": {"a": "hush"}}}}),
                "map.a.a",
                "invalid type: string, expected u8",
            ),
        ] {
            let reason = if path.is_empty() { reason.to_owned() } else { format!("`{path}`: {reason}") };
            assert_eq!(error_of(value), (path.to_owned(), reason));
        }
    }

    #[test]
    fn what_is_no_json_is_refused_without_being_quoted() {
        let error = decode::<Outer>(b"{\"text\": hush").unwrap_err();
        assert_eq!((error.path(), error.to_string().as_str()), ("", "expected value at line 1 column 10"));
    }

    fn inner() -> impl Strategy<Value = Inner> {
        prop_oneof![
            Just(Inner::Nothing),
            ".{0,4}".prop_map(Inner::Text),
            any::<Option<u64>>().prop_map(|number| Inner::Maybe(number.map(Wrapped))),
            any::<(bool, Option<bool>)>().prop_map(|(first, second)| Inner::Flags { first, second }),
        ]
    }

    fn unit() -> impl Strategy<Value = Unit> {
        prop_oneof![Just(Unit::One), ".{0,4}".prop_map(Unit::Two), any::<u8>().prop_map(|a| Unit::Three { a })]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            list_of_all in prop::collection::vec(inner(), 0..4),
            by_name in prop::collection::btree_map(".{0,3}", unit(), 0..4),
            (number, text, seven, pair) in any::<(u32, Option<String>, i8, (bool, i64))>(),
        ) {
            let outer = Outer { list_of_all, number, text, by_name, seven, pair };
            prop_assert_eq!(decode::<Outer>(&serde_json::to_vec(&outer).unwrap()), Ok(outer));
        }
    }
}
