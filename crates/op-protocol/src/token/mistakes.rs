//! Recognizing texts that people mistake for tokens, and damaged tokens. No message quotes the text.

use super::{PREFIX, TokenError};

const CUT_OFF: &str = "it is cut off or was changed: copy the whole token";
const TWO: &str = "it is two tokens: pass one";
const COPY: &str = "it contains characters that no token has: copy the token again";

/// Returns what a text probably is that does not begin like a token.
pub(super) fn instead_of_token(text: &str) -> &'static str {
    let has_prefix = |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    match text {
        "" => "it is blank",
        _ if text.contains(PREFIX) => "there is text before `ops_`: pass only what begins with it",
        _ if has_prefix(PREFIX) || has_prefix("ops-") => "its prefix must be `ops_`, in lower case",
        _ if has_prefix("op://") => "it is a secret reference: pass the token that is stored there",
        _ if has_prefix("eyJ") && text.matches('.').count() == 2 => {
            "it is the token of a Connect server or another JSON Web Token: create a service account and pass its token"
        }
        _ if has_prefix("eyJ") => "its prefix `ops_` is missing: copy the whole token",
        _ if has_prefix("A3-") => "it is a Secret Key: create a service account and pass its token",
        _ if text.starts_with(['$', '%', '{', '<']) => {
            "it is a placeholder, such as the name of a variable, that was not replaced"
        }
        _ if text.contains("://") => "it is a URL: pass a token, which contains the server's address",
        _ => "it does not begin with `ops_`, and may be a password: create a service account and pass its token",
    }
}

/// Returns what is wrong with a text after `ops_` that is not base64url.
pub(super) fn in_encoding(body: &str) -> &'static str {
    let foreign = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
    match body {
        _ if body.starts_with(PREFIX) => "it begins with `ops_` twice",
        _ if body.contains(PREFIX) => TWO,
        _ if body.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            "it contains blanks or line ends: write it on one line"
        }
        _ if body.contains(['*', '\u{2026}']) || body.contains("...") => "a part of it is hidden: copy the whole token",
        _ if body.contains(['+', '/', '=']) => "it was re-encoded as another kind of base64: copy the token again",
        _ if body.contains(foreign) => COPY,
        _ => CUT_OFF,
    }
}

/// Returns what is wrong with the content of a token, which could not be read at `path`.
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
        _ => TokenError::Content("its content is not that of a service account token"),
    }
}
