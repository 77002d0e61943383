//! Splits an input. Choices come first, one byte each, so that a mutation changes one choice at a time.

use serde_json::{Value, value::RawValue};

/// The rest of an input.
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    /// Returns the next byte, or 0 at the end.
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// Returns the next eight bytes as a number.
    pub(crate) fn number(&mut self) -> u64 {
        u64::from_be_bytes([(); 8].map(|()| self.byte()))
    }

    /// Returns one of `choices`, by the next byte.
    pub(crate) fn choice<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// Returns the bytes before the next zero byte, or all remaining bytes.
    pub(crate) fn part(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        let (part, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        part
    }
}

/// Returns any bytes as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns an input that starts with `choices`.
pub(crate) fn seed(choices: &[u8], rest: impl AsRef<[u8]>) -> Vec<u8> {
    [choices, rest.as_ref()].concat()
}

/// Returns the JSON text of a value.
pub(crate) fn json_bytes(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("structs and JSON values can be serialized")
}

/// Returns the elements of a vector file that is a list, except those with lone surrogates, which a Rust text cannot
/// contain.
pub(crate) fn vectors(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(op_testkit::vectors::path(name)).expect("the vectors are in the project");
    let elements: Vec<&RawValue> = serde_json::from_str(&text).expect("the vectors are a list");
    elements.into_iter().filter_map(|element| serde_json::from_str(element.get()).ok()).collect()
}
