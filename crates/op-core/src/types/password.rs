//! Recipes for generated passwords.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The kind of password to generate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "parameters", rename_all_fields = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum PasswordRecipe {
    /// Random words with separators between them: easy to read out and to type.
    Memorable {
        /// What separates the words.
        separator_type: SeparatorType,
        /// Whether one word, chosen at random, is in capitals.
        capitalize: bool,
        /// The kind of words.
        word_list_type: WordListType,
        /// The number of words: 3 to 15.
        word_count: u32,
    },
    /// Random digits, 0 to 9.
    Pin {
        /// The number of digits: 3 to 12.
        length: u32,
    },
    /// Random characters, without those that are easily confused, such as `l` and `1`.
    Random {
        /// Whether to include digits; if so, there is at least one.
        include_digits: bool,
        /// Whether to include symbols (`!*-.@_`); if so, there is at least one.
        include_symbols: bool,
        /// The number of characters: 8 to 100.
        length: u32,
    },
}

/// What separates the words of a memorable password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum SeparatorType {
    /// A random digit in each place: `stone7river2cloud`.
    Digits,
    /// A random digit or symbol in each place, and at least one of each: `stone7river@cloud`.
    DigitsAndSymbols,
    /// A space: `stone river cloud`.
    Spaces,
    /// A hyphen: `stone-river-cloud`.
    Hyphens,
    /// An underscore: `stone_river_cloud`.
    Underscores,
    /// A full stop: `stone.river.cloud`.
    Periods,
    /// A comma: `stone,river,cloud`.
    Commas,
}

/// The kind of words in a memorable password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum WordListType {
    /// English words of 3 to 8 letters. Each word adds 12.6 bits of entropy.
    FullWords,
    /// Pronounceable syllables of 2 to 4 letters. Each syllable adds 13.4 bits of entropy.
    Syllables,
    /// Sequences of three random letters. Each sequence adds 13.4 bits of entropy.
    ThreeLetters,
}

/// A generated password.
#[derive(Clone, PartialEq, Eq, Serialize, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GeneratePasswordResponse {
    /// The password.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub password: String,
}

impl fmt::Debug for GeneratePasswordResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeneratePasswordResponse").finish_non_exhaustive()
    }
}
