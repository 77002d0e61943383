//! The JSON parser. It borrows from the text where possible, and keeps numbers as text, so that they keep all digits.
//!
//! Its errors are serde_json's, because callers of the public SDKs get those for an invocation that is not JSON.

use std::borrow::Cow;

use super::{DecodeError, Tree};

/// The deepest nesting that is allowed, because each level uses stack.
const MAX_DEPTH: usize = 127;

pub(super) fn parse(text: &[u8]) -> Result<Tree<'_>, DecodeError> {
    let text = std::str::from_utf8(text)
        .map_err(|error| DecodeError::malformed("invalid unicode code point", text, error.valid_up_to() + 1))?;
    let mut parser = Parser { text, at: 0, depth: 0 };
    let tree = parser.value()?;
    parser.skip_blanks();
    if parser.peek().is_none() { Ok(tree) } else { Err(parser.malformed("trailing characters")) }
}

struct Parser<'a> {
    text: &'a str,
    /// The position of the next byte, which is always the first byte of a character.
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self) -> Result<Tree<'a>, DecodeError> {
        self.skip_blanks();
        match self.peek() {
            Some(b'"') => self.string().map(Tree::Text),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'n') => self.word("null", Tree::Null),
            Some(b't') => self.word("true", Tree::Bool(true)),
            Some(b'f') => self.word("false", Tree::Bool(false)),
            _ => Err(self.unexpected("expected value", "a value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Tree<'a>, DecodeError>) -> Result<Tree<'a>, DecodeError> {
        if self.depth == MAX_DEPTH {
            return Err(self.malformed("recursion limit exceeded"));
        }
        self.depth += 1;
        self.at += 1;
        let tree = read(self)?;
        self.depth -= 1;
        Ok(tree)
    }

    fn object(&mut self) -> Result<Tree<'a>, DecodeError> {
        let mut members = Vec::new();
        self.skip_blanks();
        if self.skip(b'}') {
            return Ok(Tree::Object(members));
        }
        // What the text ends in if it ends before the next name.
        let mut inside = "an object";
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("key must be a string", inside));
            }
            let name = self.string()?;
            self.skip_blanks();
            self.expect(b':', "expected `:`", "an object")?;
            members.push((name, self.value()?));
            if !self.has_next(b'}', "expected `,` or `}`", "an object")? {
                return Ok(Tree::Object(members));
            }
            inside = "a value";
        }
    }

    fn list(&mut self) -> Result<Tree<'a>, DecodeError> {
        let mut elements = Vec::new();
        self.skip_blanks();
        if self.skip(b']') {
            return Ok(Tree::List(elements));
        }
        if self.peek().is_none() {
            return Err(self.malformed_before("EOF while parsing a list"));
        }
        loop {
            elements.push(self.value()?);
            if !self.has_next(b']', "expected `,` or `]`", "a list")? {
                return Ok(Tree::List(elements));
            }
        }
    }

    /// Takes a comma or `end`, and returns whether it was a comma.
    fn has_next(&mut self, end: u8, expected: &str, inside: &str) -> Result<bool, DecodeError> {
        self.skip_blanks();
        if !self.skip(b',') {
            return self.expect(end, expected, inside).map(|()| false);
        }
        self.skip_blanks();
        if self.peek() == Some(end) { Err(self.malformed("trailing comma")) } else { Ok(true) }
    }

    /// Takes a string. The caller saw its first quote.
    fn string(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        self.at += 1;
        let plain = self.plain();
        if self.skip(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        while !self.skip(b'"') {
            self.expect(b'\\', "control character (\\u0000-\\u001F) found while parsing a string", "a string")?;
            text.push(self.escaped()?);
            text.push_str(self.plain());
        }
        Ok(Cow::Owned(text))
    }

    /// Takes the next characters of a string that are not escaped.
    fn plain(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn escaped(&mut self) -> Result<char, DecodeError> {
        let escaped = match self.peek() {
            Some(escape @ (b'"' | b'\\' | b'/')) => char::from(escape),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.code_point();
            }
            _ => return Err(self.unexpected("invalid escape", "a string")),
        };
        self.at += 1;
        Ok(escaped)
    }

    /// Takes the four digits of `\u`, and the second half of a surrogate pair.
    fn code_point(&mut self) -> Result<char, DecodeError> {
        let mut code = self.four_digits()?;
        if (0xd800..0xdc00).contains(&code) {
            for byte in [b'\\', b'u'] {
                self.expect(byte, "unexpected end of hex escape", "a string")?;
            }
            // Another first half is no character, as is a second half alone.
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                code = 0x1_0000 + ((code - 0xd800) << 10) + (second - 0xdc00);
            }
        }
        char::from_u32(code).ok_or_else(|| self.malformed_before("lone leading surrogate in hex escape"))
    }

    fn four_digits(&mut self) -> Result<u32, DecodeError> {
        let Some(digits) = self.text.as_bytes().get(self.at..self.at + 4) else {
            self.at = self.text.len();
            return Err(self.malformed_before("EOF while parsing a string"));
        };
        self.at += 4;
        let number = digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?));
        number.ok_or_else(|| self.malformed_before("invalid escape"))
    }

    fn number(&mut self) -> Result<Tree<'a>, DecodeError> {
        let start = self.at;
        self.skip(b'-');
        if !self.skip(b'0') {
            self.digits()?;
        } else if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.malformed("invalid number"));
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _sign = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        Ok(Tree::Number(self.text.get(start..self.at).unwrap_or_default()))
    }

    fn digits(&mut self) -> Result<(), DecodeError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.unexpected("invalid number", "a value")) }
    }

    fn word(&mut self, word: &str, meaning: Tree<'a>) -> Result<Tree<'a>, DecodeError> {
        word.bytes().try_for_each(|byte| self.expect(byte, "expected ident", "a value")).map(|()| meaning)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, expected: &str, inside: &str) -> Result<(), DecodeError> {
        if self.skip(byte) { Ok(()) } else { Err(self.unexpected(expected, inside)) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Something else than `expected` follows, or the text ends inside what `inside` says.
    fn unexpected(&self, expected: &str, inside: &str) -> DecodeError {
        match self.peek() {
            Some(_) => self.malformed(expected),
            None => self.malformed_before(&["EOF while parsing ", inside].concat()),
        }
    }

    /// The next byte is at fault.
    fn malformed(&self, reason: &str) -> DecodeError {
        DecodeError::malformed(reason, self.text.as_bytes(), self.at + 1)
    }

    /// What was taken last is at fault.
    fn malformed_before(&self, reason: &str) -> DecodeError {
        DecodeError::malformed(reason, self.text.as_bytes(), self.at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::json::from_tree;

    /// Checks that serde_json parses the text the same way, except for numbers that are not integers of 64 bits, such
    /// as -0, and refuses it with the same error.
    fn agrees(text: &[u8]) {
        let (ours, theirs) = (parse(text), serde_json::from_slice::<Value>(text));
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?}: {ours:?} {theirs:?}", String::from_utf8_lossy(text));
        if let (Err(ours), Err(theirs)) = (&ours, &theirs)
            && std::str::from_utf8(text).is_ok()
        {
            assert_eq!(ours.to_string(), theirs.to_string(), "{:?}", String::from_utf8_lossy(text));
        }
        if let (Ok(ours), Ok(theirs)) = (ours, theirs)
            && !text.windows(2).any(|pair| pair == b"-0")
            && let Ok(ours) = from_tree::<Value>(ours)
        {
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn agrees_with_serde_json_on_hard_cases() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        for text in [
            "",
            " ",
            "null",
            "nul",
            "nullx",
            "true",
            "fals",
            "-",
            "0",
            "-0",
            "00",
            "01",
            "1.",
            "1.5",
            ".5",
            "1e5",
            "1e",
            "1E+5",
            "1e-",
            "+1",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "\"",
            "\"a",
            "\"\\\"",
            "\"\\u0041\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ud83d\\u0041\"",
            "\"\\ude00\"",
            "\"\\u00e\"",
            "\"\\u00e",
            "\"\\u00eé\"",
            "\"\\u00ex\"",
            "\"\\ud83dx\"",
            "\"\\ud83d\\n\"",
            "\"\\ud83d\\ud83d\"",
            "\"\\x\"",
            "\"\u{1f}\"",
            "\"\\u0000\"",
            "\"\u{7f}é\"",
            "\"\\/\\b\\f\\n\\r\\t\"",
            "[",
            "[]",
            "[,]",
            "[1,]",
            "[1 2]",
            "[1,2 ]",
            "{",
            "{}",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1,",
            "{\"a\":1,b",
            "{\"a\":1",
            "{\"a\"",
            "{\"a\":",
            "[1,\n\n 2\n}",
            "[1,",
            "[1",
            "{\"a\":1,\"a\":2}",
            "{a:1}",
            "{\"a\" : [ ] } x",
            "\u{feff}1",
            &nested(127),
            &nested(128),
        ] {
            agrees(text.as_bytes());
        }
        agrees(b"\"\xff\"");
        assert!(parse(nested(127).as_bytes()).is_ok());
    }

    #[test]
    fn strings_without_escapes_are_borrowed() {
        let Ok(Tree::List(texts)) = parse(br#"["plain", "esc\u0061ped"]"#) else { unreachable!() };
        let owned = |tree: &Tree<'_>| matches!(tree, Tree::Text(Cow::Owned(_)));
        assert_eq!(texts.iter().map(owned).collect::<Vec<_>>(), [false, true]);
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in r#"[\[\]{},: "\\/a-fnrtux0-9.eE+\-\n\x00é💡]{0,24}"#) {
            agrees(text.as_bytes());
        }

        #[test]
        fn agrees_with_serde_json_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            agrees(&bytes);
        }
    }
}
