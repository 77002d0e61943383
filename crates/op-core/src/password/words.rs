//! The words of memorable passwords.

use super::{Random, below, pick};
use crate::types::WordListType;

/// The length of the longest word of any kind.
pub(super) const MAX_LENGTH: usize = 8;

/// Words of 3 to 8 letters from the EFF's large list (see NOTICE); log2(6216) = 12.6 bits a word. Packed by the build
/// script, which says how: the list is a good part of what the WebAssembly modules consist of.
const FULL_WORDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/words.bin"));
pub(super) const FULL_WORDS_COUNT: usize = 6216;

/// Letters that are not easily mistaken for another letter or a digit; 3 * log2(22) = 13.4 bits for three.
const CLEAR_LETTERS: &[u8; 22] = b"abcdefghjkmnpqrtuvwxyz";

// A syllable is an onset, a nucleus and a coda, with 2 to 4 letters in total: log2(10622) = 13.4 bits. Onsets contain
// no vowels (`q` occurs only as `qu`), nuclei contain only vowels, and codas start with a consonant, so that each
// syllable has only one combination of parts. Uniform parts, drawn again until the length fits, therefore make uniform
// syllables.
#[rustfmt::skip]
pub(super) const ONSETS: &[&str] = &[
    "", "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "y", "z",
    "bl", "br", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "ph", "pl", "pr", "qu", "sh", "sk", "sl", "sm", "sn",
    "sp", "st", "sw", "th", "tr", "tw",
];
pub(super) const NUCLEI: &[&str] = &["a", "e", "i", "o", "u", "ai", "ea", "ee", "oa", "oo", "ou"];
#[rustfmt::skip]
pub(super) const CODAS: &[&str] = &[
    "", "b", "c", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "x", "y", "z",
    "ct", "ft", "ld", "lk", "ll", "lm", "lt", "mp", "nd", "ng", "nk", "nt", "pt", "rb", "rd", "rk", "rl", "rm", "rn",
    "rp", "rt", "sh", "sp", "st", "th",
    "de", "ge", "ke", "le", "me", "ne", "pe", "re", "se", "te", "ve", "ze",
];

/// Appends a random word of the list, in lower case.
pub(super) fn push(password: &mut String, list: WordListType, random: Random<'_>) {
    match list {
        WordListType::FullWords => push_full_word(password, below(FULL_WORDS_COUNT, random)),
        WordListType::Syllables => password.extend(syllable(random)),
        WordListType::ThreeLetters => password.extend((0..3).map(|_| char::from(pick(CLEAR_LETTERS, random)))),
    }
}

/// Appends the word with this index. It is made from those before it, at the end of the password, which has room for it.
pub(super) fn push_full_word(password: &mut String, index: usize) {
    let start = password.len();
    let mut words = 0;
    for &byte in FULL_WORDS {
        if let Some(shared) = (byte / 26).checked_sub(1) {
            if words > index {
                break;
            }
            words += 1;
            password.truncate(start + usize::from(shared));
        }
        password.push(char::from(b'a' + byte % 26));
    }
}

fn syllable(random: Random<'_>) -> [&'static str; 3] {
    loop {
        let parts = [pick(ONSETS, random), pick(NUCLEI, random), pick(CODAS, random)];
        if is_syllable(parts) {
            return parts;
        }
    }
}

pub(super) fn is_syllable(parts: [&str; 3]) -> bool {
    (2..=4).contains(&parts.iter().map(|part| part.len()).sum::<usize>())
}
