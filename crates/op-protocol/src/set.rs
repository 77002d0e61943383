//! Closed sets of values, such as the types of vaults: enums with a text for each value, which JSON and databases have.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Declares an enum whose values have texts.
#[macro_export]
macro_rules! closed_set {
    ($(#[$about:meta])* $vis:vis enum $set:ident { $($(#[$about_value:meta])* $value:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $vis enum $set {
            $($(#[$about_value])* $value,)+
        }

        impl $set {
            /// All values.
            $vis const ALL: &'static [Self] = &[$(Self::$value),+];

            /// Returns the text of the value.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $text,)+
                }
            }
        }

        impl ::std::convert::AsRef<str> for $set {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::std::fmt::Display for $set {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $set {
            type Err = $crate::set::UnknownValue;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                let value = Self::ALL.iter().copied().find(|value| value.as_str() == text);
                value.ok_or_else(|| $crate::set::UnknownValue { text: text.into(), known: &[$($text),+] })
            }
        }

        impl ::std::convert::TryFrom<String> for $set {
            type Error = $crate::set::UnknownValue;

            fn try_from(text: String) -> ::std::result::Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl ::serde::Serialize for $set {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $set {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err($crate::set::UnknownValue::in_json)
            }
        }
    };
}

/// A text that no value of a closed set has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not one of `{}`", text.escape_debug(), known.join("`, `"))]
pub struct UnknownValue {
    /// The text.
    pub text: Box<str>,
    /// The texts of the set.
    pub known: &'static [&'static str],
}

impl UnknownValue {
    /// Returns the error as one of JSON, in the words of that JSON's reader.
    #[must_use]
    pub fn in_json<E: serde::de::Error>(self) -> E {
        E::unknown_variant(&self.text, self.known)
    }
}

/// A value from a server that may be newer than this program: of the closed set `T`, or another text, which is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Open<T> {
    /// A value of the set.
    Known(T),
    /// The text of another value.
    Other(Box<str>),
}

impl<T: Copy> Open<T> {
    /// Returns the value, if it is one of the set.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Other(_) => None,
        }
    }
}

impl<T> From<T> for Open<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: PartialEq> PartialEq<T> for Open<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Self::Known(value) if value == other)
    }
}

impl<T: AsRef<str>> AsRef<str> for Open<T> {
    fn as_ref(&self) -> &str {
        match self {
            Self::Known(value) => value.as_ref(),
            Self::Other(text) => text,
        }
    }
}

impl<T: AsRef<str>> fmt::Display for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_ref())
    }
}

impl<T: AsRef<str>> Serialize for Open<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_ref())
    }
}

impl<'de, T: FromStr<Err = UnknownValue>> Deserialize<'de> for Open<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.parse().map_or_else(|unknown: UnknownValue| Self::Other(unknown.text), Self::Known))
    }
}
