//! Reading the text of an `.env` file. A line that other readers could read differently is refused.
//! docs/decisions/0035 and 0060 say why.
//!
//! ```text
//! # a comment
//! export NAME=value                  # `export` changes nothing; a blank before the # of a comment
//! NAME=op://vault/item/field         the value up to the end of the line or a comment, without blanks around it
//! NAME="one\ntwo ${OTHER} \${OTHER}" \n \r \t \" \\ \$ \` and line breaks; ${OTHER} is replaced
//! NAME='literal ${text}'             no escapes; line breaks
//! NAME=${OTHER:-default}             a variable defined above, else the default
//! NAME=x{{ op://vault/item/field }}y a reference within a value, in quotes too
//! ```
//!
//! Outside of single quotes, text that a shell would replace (`$NAME`, `$(command)`, backticks) is refused, because
//! other readers of `.env` files disagree about it.

use zeroize::Zeroizing;

/// A definition of a variable.
pub(super) struct Definition {
    pub(super) name: String,
    /// The line in which it begins, counted from 1.
    pub(super) line: usize,
    pub(super) value: Vec<Piece>,
}

/// A part of a value.
pub(super) enum Piece {
    Text(Zeroizing<String>),
    /// `${name}` or `${name:-default}`.
    Variable {
        name: String,
        default: Option<Zeroizing<String>>,
    },
}

/// What is wrong with a line. It never quotes the line, which may contain a secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: usize,
    pub(super) reason: String,
}

/// Returns the definitions in their order, or everything that is wrong.
pub(super) fn parse(text: &str) -> Result<Vec<Definition>, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(before) = text.find('\0').and_then(|at| text.get(..at)) {
        let line = before.matches('\n').count() + 1;
        return Err(vec![Problem { line, reason: "the character NUL, which no variable can hold".to_owned() }]);
    }
    let mut cursor = Cursor { rest: text, line: 1 };
    let (mut definitions, mut problems) = (Vec::new(), Vec::new());
    while !cursor.rest.is_empty() {
        match cursor.definition() {
            Ok(definition) => definitions.extend(definition),
            Err(problem) => {
                problems.push(problem);
                cursor.skip_line();
            }
        }
    }
    if problems.is_empty() { Ok(definitions) } else { Err(problems) }
}

/// The rest of the text, and the line in which it begins.
struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

type Result<T, E = Problem> = std::result::Result<T, E>;

impl<'a> Cursor<'a> {
    /// Reads the next line, and returns its definition if it has one.
    fn definition(&mut self) -> Result<Option<Definition>> {
        self.skip_blanks();
        if self.at_end_of_line() || self.rest.starts_with('#') {
            self.skip_line();
            return Ok(None);
        }
        let line = self.line;
        if let Some(after) = self.rest.strip_prefix("export")
            && after.starts_with([' ', '\t'])
        {
            self.rest = after;
            self.skip_blanks();
        }
        let name = self.name();
        self.skip_blanks();
        if !is_variable_name(name) || !self.take('=') {
            return self
                .fail("expected NAME=value, where a name has letters, digits and _, and does not begin with a digit");
        }
        let before = self.rest;
        self.skip_blanks();
        let value = if self.rest.starts_with('#') && self.rest.len() < before.len() {
            self.skip_line();
            Vec::new()
        } else {
            self.value()?
        };
        Ok(Some(Definition { name: name.to_owned(), line, value }))
    }

    /// Takes the text where a name is expected, whether it is a valid name or not.
    fn name(&mut self) -> &'a str {
        let end = self.rest.find(['=', ' ', '\t', '\n', '\r', '#']).unwrap_or(self.rest.len());
        self.advance(end)
    }

    fn value(&mut self) -> Result<Vec<Piece>> {
        let quote = self.rest.chars().next().filter(|first| matches!(first, '"' | '\''));
        let value = match quote {
            Some('\'') => self.single_quoted()?,
            Some(_) => self.double_quoted()?,
            None => return self.unquoted(),
        };
        let before = self.rest;
        self.skip_blanks();
        let is_comment = self.rest.starts_with('#') && before.len() > self.rest.len();
        if !is_comment && !self.at_end_of_line() {
            return self.fail("something follows the closing quote");
        }
        self.skip_line();
        Ok(value)
    }

    fn single_quoted(&mut self) -> Result<Vec<Piece>> {
        self.advance(1);
        let Some(end) = self.rest.find('\'') else { return self.fail("the value has no closing '") };
        let text = self.advance(end);
        self.line += text.matches('\n').count();
        self.advance(1);
        Ok(vec![Piece::Text(text.to_owned().into())])
    }

    fn double_quoted(&mut self) -> Result<Vec<Piece>> {
        let mut pieces = Pieces::default();
        let start = Cursor { rest: self.rest, line: self.line };
        self.advance(1);
        loop {
            let end = self.rest.find(['"', '\\', '$', '`', '\n']).unwrap_or(self.rest.len());
            pieces.push(self.advance(end));
            let mut following = self.rest.chars();
            match (following.next(), following.next()) {
                (Some('"'), _) => {
                    self.advance(1);
                    return Ok(pieces.0);
                }
                (Some('$'), Some('{')) => pieces.0.push(self.variable()?),
                (Some('$'), Some(next)) if is_expanded(next) => return self.fail(DOLLAR),
                (Some('`'), _) => return self.fail(BACKTICK),
                (Some('\\'), escaped) => {
                    let text = match escaped {
                        Some('n') => "\n",
                        Some('r') => "\r",
                        Some('t') => "\t",
                        Some('"') => "\"",
                        Some('\\') => "\\",
                        Some('$') => "$",
                        Some('`') => "`",
                        _ => return self.fail(r#"between double quotes, \ is followed by one of n r t " \ $ `"#),
                    };
                    pieces.push(text);
                    self.advance(2);
                }
                (Some(other), _) => {
                    self.line += usize::from(other == '\n');
                    pieces.push(self.advance(1));
                }
                (None, _) => {
                    // The following lines may be valid.
                    *self = start;
                    return self.fail("the value has no closing \"");
                }
            }
        }
    }

    fn unquoted(&mut self) -> Result<Vec<Piece>> {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let line = self.rest.get(..end).unwrap_or_default();
        let after_blank = |at: &usize| line.get(..*at).is_some_and(|before| before.ends_with([' ', '\t']));
        let comment = line.match_indices('#').map(|(at, _)| at).find(after_blank);
        let text = line.get(..comment.unwrap_or(line.len())).unwrap_or_default().trim_matches([' ', '\t', '\r']);
        if text.contains(['"', '\'']) {
            return self.fail("a quote within the value: put the whole value between quotes");
        }
        if text.contains('`') {
            return self.fail(BACKTICK);
        }
        let mut pieces = Pieces::default();
        let mut value = Cursor { rest: text, line: self.line };
        while let Some(at) = value.rest.find('$') {
            pieces.push(value.advance(at));
            match value.rest.chars().nth(1) {
                Some('{') => pieces.0.push(value.variable()?),
                Some(next) if is_expanded(next) => return self.fail(DOLLAR),
                _ => pieces.push(value.advance(1)),
            }
        }
        pieces.push(value.rest);
        self.skip_line();
        Ok(pieces.0)
    }

    /// Reads `${name}` or `${name:-default}`.
    fn variable(&mut self) -> Result<Piece> {
        let line = self.rest.split('\n').next().unwrap_or_default();
        let Some((inside, _)) = line.strip_prefix("${").and_then(|inside| inside.split_once('}')) else {
            return self.fail("${ has no closing }");
        };
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default.to_owned().into())),
            None => (inside, None),
        };
        if !is_variable_name(name) {
            return self.fail(
                "expected ${NAME} or ${NAME:-default}; if the characters themselves are meant, put the value between '",
            );
        }
        self.advance("${}".len() + inside.len());
        Ok(Piece::Variable { name: name.to_owned(), default })
    }

    fn fail<T>(&self, reason: &str) -> Result<T> {
        Err(Problem { line: self.line, reason: reason.to_owned() })
    }

    fn take(&mut self, expected: char) -> bool {
        let is_there = self.rest.starts_with(expected);
        if is_there {
            self.advance(expected.len_utf8());
        }
        is_there
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let (before, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        before
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn at_end_of_line(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with('\n') || self.rest.starts_with("\r\n")
    }

    fn skip_line(&mut self) {
        match self.rest.split_once('\n') {
            Some((_, rest)) => {
                self.rest = rest;
                self.line += 1;
            }
            None => self.rest = "",
        }
    }
}

/// The pieces of a value. Adjacent texts are joined.
#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn push(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Text(before)) => before.push_str(text),
            _ => self.0.push(Piece::Text(text.to_owned().into())),
        }
    }
}

const DOLLAR: &str = "a $ that a shell would replace: write ${NAME} for a variable; if the characters themselves are \
                      meant, put the value between '";
const BACKTICK: &str = "a backtick, with which shells run a command: if the character itself is meant, put the value \
                        between '";

/// Whether a shell expands a `$` before this character.
fn is_expanded(next: char) -> bool {
    next.is_ascii_alphanumeric() || "_({@*#?!-$".contains(next)
}

/// The regular expression for the names that [`is_variable_name`] accepts.
#[cfg(feature = "contract")]
pub(crate) const VARIABLE_NAME_PATTERN: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

/// Whether shells accept this text as the name of a variable.
#[must_use]
pub fn is_variable_name(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
#[allow(clippy::panic, reason = "helpers of tests fail the test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns the definitions as `NAME=[piece]...`, with `name?` or `name?default` for a variable.
    fn read(text: &str) -> Vec<String> {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => format!("[{}]", text.as_str()),
            Piece::Variable { name, default } => {
                format!("[{name}?{}]", default.as_ref().map(|default| default.as_str()).unwrap_or_default())
            }
        };
        let definitions = parse(text).unwrap_or_else(|problems| panic!("{text:?}: {problems:?}"));
        let line = |definition: &Definition| {
            format!("{}={}", definition.name, definition.value.iter().map(piece).collect::<String>())
        };
        definitions.iter().map(line).collect()
    }

    fn problems(text: &str) -> Vec<(usize, String)> {
        let problems = parse(text).err().unwrap_or_default();
        problems.into_iter().map(|problem| (problem.line, problem.reason)).collect()
    }

    #[test]
    fn values_are_read_as_documented() {
        for (text, expected) in [
            ("A=b", "A=[b]"),
            ("  export\tA = b c  \t# comment", "A=[b c]"),
            ("A=", "A="),
            ("A= # comment", "A="),
            ("A=#x", "A=[#x]"),
            ("A=b#c", "A=[b#c]"),
            ("A=p$/a$", "A=[p$/a$]"),
            (r#"A="a\`b""#, "A=[a`b]"),
            ("A='$B `c` $(d)'", "A=[$B `c` $(d)]"),
            ("A=C:\\dir", "A=[C:\\dir]"),
            ("A=op://Vault/My item/field?attribute=otp", "A=[op://Vault/My item/field?attribute=otp]"),
            ("A='${B} \\n \"' # c", "A=[${B} \\n \"]"),
            ("A='one\n# two'", "A=[one\n# two]"),
            (r#"A="a\nb\t\"\\ \${B} $ 'x'""#, "A=[a\nb\t\"\\ ${B} $ 'x']"),
            ("A=\"one\ntwo\"", "A=[one\ntwo]"),
            ("A=x${B}y${C:-d e}", "A=[x][B?][y][C?d e]"),
            ("A=\"${B:-}\"", "A=[B?]"),
            ("A=''", "A=[]"),
            ("\u{feff}A=b\r", "A=[b]"),
            ("exported=1", "exported=[1]"),
            ("export=1", "export=[1]"),
        ] {
            assert_eq!(read(text), [expected], "{text:?}");
        }
        assert_eq!(read("\n # nothing\n\r\nA=1\r\nB='x\n\n'\r\nC=2"), ["A=[1]", "B=[x\n\n]", "C=[2]"]);
        assert_eq!(read(""), [""; 0]);
    }

    #[test]
    fn lines_count_through_values() {
        let lines = |text| parse(text).unwrap_or_default().iter().map(|each| each.line).collect::<Vec<_>>();
        assert_eq!(lines("# 1\nA=\"\n\n\"\nB='\n'\nC=1"), [2, 5, 7]);
    }

    #[test]
    fn shell_expansions_are_refused_outside_of_single_quotes() {
        for value in ["p$ss", "$A", "$1", "$(x)", "$$", "`x`", "a`b"] {
            for text in [format!("A=1\nB={value}"), format!("A=1\nB=\"{value}\"\nC=1")] {
                let problems = problems(&text);
                assert!(matches!(problems.as_slice(), [(2, reason)] if reason.contains('\'')), "{text}: {problems:?}");
            }
            assert_eq!(read(&format!("B='{value}'")), [format!("B=[{value}]")]);
        }
        assert_eq!(problems("A=1\nB='x\n\0'\n"), [(3, "the character NUL, which no variable can hold".to_owned())]);
    }

    #[test]
    fn each_bad_line_is_named_and_not_quoted() {
        let problems =
            problems("A=1\nhunter2\n2B=1\nC=\"\\x\"\nD='a' b\nE=a\"b\"\nF=${G\nH=${1}\nI-J=1\nK=\"open\nL=ok\nM='open");
        let lines: Vec<usize> = problems.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8, 9, 10, 12]);
        assert!(problems.iter().all(|(_, reason)| !reason.contains("hunter2") && reason.len() > 10), "{problems:?}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_from_quotes(value in "[^'\0]{0,40}", name in "[A-Za-z_][A-Za-z0-9_]{0,9}") {
            prop_assert_eq!(read(&format!("{name}='{value}'")), [format!("{name}=[{value}]")]);
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('`', "\\`");
            let expected = if value.is_empty() { format!("{name}=") } else { format!("{name}=[{value}]") };
            prop_assert_eq!(read(&format!("{name}=\"{escaped}\"")), [expected]);
        }

        #[test]
        fn never_panics(text in "[A-C=${}'\"\\\\#: \t\r\nn-]{0,40}") {
            let _ = parse(&text);
        }
    }
}
