//! What a program with a public SDK sends by its library, and how it reads failures. The library passes both on as they
//! come; docs/agent.md describes them.

use std::fmt::Write as _;

use op_core::Error;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

/// What the library of the public SDKs contains, to be told from that of the desktop app.
pub const MARKER: &[u8; 59] = b"opwire: the library of the public SDKs for a person's agent";

/// The longest message of a failure, in characters.
const LONGEST_MESSAGE: usize = 1000;

/// A request.
#[derive(Deserialize)]
pub struct Request {
    /// What is asked for.
    pub kind: RequestKind,
    /// The account. In Go, it is that of the first client of the process.
    #[serde(default)]
    pub account_name: Option<String>,
    /// The text for the core, in base64.
    pub payload: Zeroizing<String>,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// Sign in with the configuration in the payload. The result is the id of the client, in decimal.
    InitClient,
    /// Run the invocation in the payload.
    Invoke,
    /// Forget the client whose id the payload is.
    ReleaseClient,
}

/// Returns a failure as the public SDKs read it: `{"name", "message"}`.
///
/// It is short and ASCII, because the SDK of JavaScript makes a character of each byte, and passes all of them to a
/// function as its arguments.
#[must_use]
pub fn failure(error: &Error) -> String {
    let message: String = error.message().chars().take(LONGEST_MESSAGE).collect();
    let text = json!({ "name": error.kind().name(), "message": message }).to_string();
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            ascii.push(character);
            continue;
        }
        // Other characters are in texts of the JSON only, where they can be escaped.
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(ascii, "\\u{unit:04x}");
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use op_core::ErrorKind;
    use serde_json::Value;

    use super::*;

    #[test]
    fn failures_are_short_and_ascii() {
        let error = Error::new(ErrorKind::AuthorizationDenied, "no account `Zoë 🗝\"` is saved");
        let text = failure(&error);
        assert!(text.is_ascii(), "{text}");
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["name"], "AuthorizationDenied");
        assert_eq!(read["message"], error.message());
        let long = failure(&Error::new(ErrorKind::InvalidInvocation, "🗝".repeat(100_000)));
        assert!(long.len() < 13_000 && serde_json::from_str::<Value>(&long).is_ok());
    }
}
