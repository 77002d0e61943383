//! Members that keep what they do not understand.

use std::{collections::BTreeMap, fmt, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;
use zeroize::Zeroize;

/// Members that this crate has no name for, by name.
pub type Other = BTreeMap<String, Json>;

/// Any JSON value. Its text is wiped on drop and never printed.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Value);

/// A text that is wiped on drop and never printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

/// A member of which other clients may have written another JSON type.
///
/// Such a value reads as if it were missing, and is written back unchanged.
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
    /// The value, if it has the right type.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Missing | Self::Unknown(_) => None,
        }
    }

    /// Whether the member is missing; it is then not written either.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

impl Loose<Text> {
    /// The text; empty where there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        self.get().map_or("", |text| text)
    }
}

impl<T> Loose<Vec<Loose<T>>> {
    /// The elements of the right type.
    pub fn elements(&self) -> impl Iterator<Item = &T> {
        self.get().into_iter().flatten().filter_map(Loose::get)
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
///
/// Implementations promise that deserializing succeeds for every value that fits.
pub(super) trait Shape: DeserializeOwned {
    fn fits(value: &Value) -> bool;
}

impl Shape for Text {
    fn fits(value: &Value) -> bool {
        value.is_string()
    }
}

impl Shape for bool {
    fn fits(value: &Value) -> bool {
        value.is_boolean()
    }
}

impl Shape for u64 {
    fn fits(value: &Value) -> bool {
        value.is_u64()
    }
}

impl<T: Shape> Shape for Vec<Loose<T>> {
    fn fits(value: &Value) -> bool {
        value.is_array()
    }
}

impl<'de, T: Shape> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if T::fits(&value) {
            T::deserialize(value).map(Self::Known).map_err(serde::de::Error::custom)
        } else {
            Ok(Self::Unknown(Json(value)))
        }
    }
}

impl<T: Serialize> Serialize for Loose<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Missing => serializer.serialize_unit(),
            Self::Known(value) => value.serialize(serializer),
            Self::Unknown(value) => value.serialize(serializer),
        }
    }
}

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
