//! What people take for a token, and how tokens are spoilt on their way. No answer repeats anything of the text.

use super::{PREFIX, TokenError};

const CUT_OFF: &str = "it is cut off or was changed: copy the whole token";
const TWO: &str = "two tokens follow one another: pass one";
const COPY: &str = "it holds characters that no token has: copy it as it was given";

/// What a text is that does not begin as a token does.
pub(super) fn instead_of_token(text: &str) -> &'static str {
    let begins = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    match text {
        "" => "it is blank",
        _ if text.contains(PREFIX) => "something stands before its `ops_`: pass what begins there",
        _ if begins(PREFIX) || begins("ops-") => "it begins with `ops_`, in small letters",
        _ if begins("op://") => "it is a secret reference: pass the token that is stored there",
        _ if begins("eyJ") && text.matches('.').count() == 2 => {
            "it is the token of a Connect server or another JSON Web Token: create a service account and pass its token"
        }
        _ if begins("eyJ") => "its beginning, `ops_`, is missing: copy the whole token",
        _ if begins("A3-") => "it is a Secret Key: create a service account and pass its token",
        _ if text.starts_with(['$', '%', '{', '<']) => {
            "it is a placeholder, such as the name of a variable, that nothing has filled in"
        }
        _ if text.contains("://") => "it is a URL: the server's address stands in the token",
        _ => "it does not begin with `ops_`, as a password does not: create a service account and pass its token",
    }
}

/// What is wrong with a text after `ops_` that is not base64url.
pub(super) fn in_encoding(body: &str) -> &'static str {
    let foreign = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
    match body {
        _ if body.starts_with(PREFIX) => "it begins with `ops_` twice",
        _ if body.contains(PREFIX) => TWO,
        _ if body.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            "blanks or line ends stand in it: write it as one line"
        }
        _ if body.contains(['*', '\u{2026}']) || body.contains("...") => "a part of it is hidden: copy the whole token",
        _ if body.contains(['+', '/', '=']) => {
            "it was encoded anew, as base64 of another kind: copy it as it was given"
        }
        _ if body.contains(foreign) => COPY,
        _ => CUT_OFF,
    }
}

/// What is wrong with what a token encodes, which could not be read at `path`.
pub(super) fn in_content(body: &str, content: &[u8], path: &str) -> TokenError {
    const MEMBERS: [&str; 8] =
        ["signInAddress", "userAuth", "email", "srpX", "muk", "secretKey", "throttleSecret", "deviceUuid"];
    if body.contains(PREFIX) {
        return TokenError::Content(TWO);
    }
    match (content, path.split('.').next()) {
        ([b'{', .., b'}'], Some(member)) if !member.is_empty() => {
            MEMBERS.into_iter().find(|name| *name == member).map_or(TokenError::Content(CUT_OFF), TokenError::Member)
        }
        ([b'{', .., b'}'] | [], _) => TokenError::Content(CUT_OFF),
        ([b'{', ..], _) => TokenError::Content("it is cut off: copy the whole token"),
        _ => TokenError::Content("it encodes something else than what a service account signs in with"),
    }
}
