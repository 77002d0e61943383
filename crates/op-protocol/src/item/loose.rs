//! Members that keep values of unexpected types.

use std::{collections::BTreeMap, fmt, ops::Deref};

use serde_json::{Map, Value};
use zeroize::Zeroize;

/// Members that are unknown to this crate, by name.
pub type Other = BTreeMap<String, Json>;

/// Any JSON value. Its text is wiped on drop and never printed.
#[derive(Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Json(Value);

/// A text that is wiped on drop and never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(String);

/// A member that other clients may have written with another JSON type.
///
/// Such a value is read as missing, and written back unchanged.
#[derive(Clone, Default, PartialEq)]
pub enum Loose<T> {
    /// The member is missing.
    #[default]
    Missing,
    /// The member has the JSON type that it should have.
    Known(T),
    /// The member has another JSON type.
    Unknown(Json),
}

impl<T> Loose<T> {
    /// Returns the value, if it has the right type.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Missing | Self::Unknown(_) => None,
        }
    }

    /// Returns the value mutably, if it has the right type.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Missing | Self::Unknown(_) => None,
        }
    }

    /// Whether the member is missing. It is then not written.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

impl Loose<Text> {
    /// Returns the text; empty if there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        self.get().map_or("", |text| text)
    }
}

impl<T> Loose<Vec<Loose<T>>> {
    /// Returns the elements of the right type.
    pub fn elements(&self) -> impl Iterator<Item = &T> {
        self.get().into_iter().flatten().filter_map(Loose::get)
    }

    /// Returns the elements of the right type mutably.
    pub fn elements_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.get_mut().into_iter().flatten().filter_map(Loose::get_mut)
    }
}

impl<T> From<T> for Loose<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl From<&str> for Loose<Text> {
    fn from(text: &str) -> Self {
        Self::Known(text.into())
    }
}

impl<T> FromIterator<T> for Loose<Vec<Loose<T>>> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self::Known(elements.into_iter().map(Loose::Known).collect())
    }
}

/// The JSON type of a [`Loose`] member.
pub(super) trait Shape: Sized {
    /// Converts a value; returns it if it has another type.
    fn read(value: Value) -> Result<Self, Value>;
    /// Converts it back to a value.
    fn write(&self) -> Value;
}

impl Shape for Text {
    fn read(value: Value) -> Result<Self, Value> {
        if let Value::String(text) = value { Ok(Self(text)) } else { Err(value) }
    }

    fn write(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl Shape for bool {
    fn read(value: Value) -> Result<Self, Value> {
        value.as_bool().ok_or(value)
    }

    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Shape for u64 {
    fn read(value: Value) -> Result<Self, Value> {
        value.as_u64().ok_or(value)
    }

    fn write(&self) -> Value {
        Value::from(*self)
    }
}

impl<T: Shape> Shape for Vec<Loose<T>> {
    fn read(value: Value) -> Result<Self, Value> {
        if let Value::Array(elements) = value { Ok(elements.into_iter().map(read).collect()) } else { Err(value) }
    }

    fn write(&self) -> Value {
        self.iter().map(write).collect()
    }
}

/// The member of a struct for a member of an object.
pub(super) trait Member {
    /// Takes the member with this name out of an object.
    fn take(members: &mut Map<String, Value>, name: &str) -> Self;
    /// Puts it back, unless it is missing.
    fn put(&self, members: &mut Map<String, Value>, name: &str);
}

impl<T: Shape> Member for Loose<T> {
    fn take(members: &mut Map<String, Value>, name: &str) -> Self {
        members.remove(name).map_or(Self::Missing, read)
    }

    fn put(&self, members: &mut Map<String, Value>, name: &str) {
        if !self.is_missing() {
            members.insert(name.to_owned(), write(self));
        }
    }
}

fn read<T: Shape>(value: Value) -> Loose<T> {
    T::read(value).map_or_else(|other| Loose::Unknown(Json(other)), Loose::Known)
}

fn write<T: Shape>(member: &Loose<T>) -> Value {
    match member {
        Loose::Missing => Value::Null,
        Loose::Known(value) => value.write(),
        Loose::Unknown(Json(value)) => value.clone(),
    }
}

/// A member of any type. Null is a value, and is written back.
impl Member for Option<Json> {
    fn take(members: &mut Map<String, Value>, name: &str) -> Self {
        members.remove(name).map(Json)
    }

    fn put(&self, members: &mut Map<String, Value>, name: &str) {
        if let Some(Json(value)) = self {
            members.insert(name.to_owned(), value.clone());
        }
    }
}

/// Returns the remaining members of an object, which are unknown.
pub(super) fn others(members: Map<String, Value>) -> Other {
    let mut others = Other::new();
    // Added one by one, because collecting would sort them again.
    others.extend(members.into_iter().map(|(name, value)| (name, Json(value))));
    others
}

/// Puts the unknown members back into an object.
pub(super) fn put_others(others: &Other, members: &mut Map<String, Value>) {
    members.extend(others.iter().map(|(name, Json(value))| (name.clone(), value.clone())));
}

/// Declares the members of an object with their names in plaintexts. All other members are kept in `other`.
macro_rules! object {
    ($object:ident { $($member:ident: $name:literal),+ $(,)? }) => {
        impl $crate::item::loose::Shape for $object {
            fn read(value: serde_json::Value) -> Result<Self, serde_json::Value> {
                use $crate::item::loose::{Member, others};
                let serde_json::Value::Object(mut members) = value else { return Err(value) };
                Ok(Self { $($member: Member::take(&mut members, $name),)+ other: others(members) })
            }

            fn write(&self) -> serde_json::Value {
                use $crate::item::loose::{Member, put_others};
                let mut members = serde_json::Map::new();
                $(self.$member.put(&mut members, $name);)+
                put_others(&self.other, &mut members);
                serde_json::Value::Object(members)
            }
        }
    };
}
pub(super) use object;

impl<T> fmt::Debug for Loose<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Known(_) => "known",
            Self::Unknown(_) => "unknown",
        })
    }
}

impl Deref for Json {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Drop for Json {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
