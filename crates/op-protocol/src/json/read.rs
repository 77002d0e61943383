//! Reading a type from a tree, as serde's deserializer.

use std::borrow::Cow;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};

use super::{DecodeError, Object, PassedOver, Tree};

/// A value to read.
pub(super) struct Reader<'a> {
    /// `None` for a missing member.
    pub(super) value: Option<Tree<'a>>,
    /// If this is set, members that a struct does not have are refused, except these.
    pub(super) strict: Option<&'static PassedOver>,
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

    pub(super) fn unfit<T>(&self, expected: &dyn Expected) -> Result<T, DecodeError> {
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
