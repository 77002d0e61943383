//! Service account tokens: `ops_`, followed by base64url of JSON with all credentials of a service account.

mod mistakes;

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{b64, json, jwk::SymmetricKey, rest::UserAuth, secret_key::SecretKey};

const PREFIX: &str = "ops_";

/// Why a text is not a token: the text of the public SDKs, and what is wrong. It never quotes the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It does not start with `ops_`.
    #[error("service account token had invalid format: {0}")]
    Prefix(&'static str),
    /// The rest is not UTF-8 in base64url without padding.
    #[error("service account token base64 decoding failed, please create another token: {0}")]
    Encoding(&'static str),
    /// The content is not the JSON of a token.
    #[error("service account deserialization failed, please create another token: {0}")]
    Content(&'static str),
    /// A member of the JSON is missing or malformed.
    #[error("service account deserialization failed, please create another token: its `{0}` is missing or malformed")]
    Member(&'static str),
}

/// The credentials of a service account.
#[derive(Clone)]
pub struct ServiceAccountToken {
    /// The server's address, as it is written: with or without a scheme. A path in it is a prefix of all routes.
    pub sign_in_address: String,
    /// The service account's e-mail address, as it is written.
    pub email: String,
    /// The service account's Secret Key.
    pub secret_key: SecretKey,
    /// The SRP secret x, big-endian.
    pub srp_x: Zeroizing<[u8; 32]>,
    /// The master unlock key.
    pub muk: SymmetricKey,
    /// How the credentials were derived. For information only; the server's parameters are used.
    pub user_auth: UserAuth,
    /// The key that signs rate-limit tokens. docs/decisions/0003 says why it is not used.
    pub throttle_secret: Option<ThrottleSecret>,
    /// The id of the device; any text.
    pub device_uuid: String,
}

/// The key that signs rate-limit tokens.
#[derive(Clone)]
pub struct ThrottleSecret {
    /// The Ed25519 seed.
    pub seed: Zeroizing<[u8; 32]>,
    /// The key's id; any text.
    pub uuid: String,
}

/// The token's JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    sign_in_address: String,
    user_auth: UserAuth,
    email: String,
    srp_x: Zeroizing<String>,
    muk: SymmetricKey,
    secret_key: Zeroizing<String>,
    #[serde(default)]
    throttle_secret: Option<WireThrottleSecret>,
    device_uuid: String,
}

#[derive(Serialize, Deserialize)]
struct WireThrottleSecret {
    seed: Zeroizing<String>,
    uuid: String,
}

impl ServiceAccountToken {
    /// Parses a token. Blanks, line ends and quotes around it are ignored.
    ///
    /// # Errors
    /// [`TokenError`] if the text is not a token.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim_matches(|c: char| !c.is_ascii_graphic() || "\"'`".contains(c));
        let body = text.strip_prefix(PREFIX).ok_or_else(|| TokenError::Prefix(mistakes::instead_of_token(text)))?;
        let bytes = b64::decode(body).map_err(|_| TokenError::Encoding(mistakes::in_encoding(body)))?;
        let bytes = Zeroizing::new(bytes);
        std::str::from_utf8(&bytes).map_err(|_| TokenError::Encoding(mistakes::in_encoding(body)))?;
        let wire: Wire = json::decode(&bytes).map_err(|error| mistakes::in_content(body, &bytes, error.path()))?;

        if !is_address(&wire.sign_in_address) {
            return Err(TokenError::Member("signInAddress"));
        }
        if !wire.email.contains('@') {
            return Err(TokenError::Member("email"));
        }
        let secret_key = SecretKey::parse(&wire.secret_key).map_err(|_| TokenError::Member("secretKey"))?;
        if secret_key.format() == "A2" {
            return Err(TokenError::Member("secretKey"));
        }
        Ok(Self {
            srp_x: parse_srp_x(&wire.srp_x).ok_or(TokenError::Member("srpX"))?,
            throttle_secret: wire.throttle_secret.map(ThrottleSecret::try_from).transpose()?,
            sign_in_address: wire.sign_in_address,
            email: wire.email,
            secret_key,
            muk: wire.muk,
            user_auth: wire.user_auth,
            device_uuid: wire.device_uuid,
        })
    }

    /// Returns the token as text.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<String> {
        let wire = Wire {
            sign_in_address: self.sign_in_address.clone(),
            user_auth: self.user_auth.clone(),
            email: self.email.clone(),
            srp_x: hex(&self.srp_x),
            muk: self.muk.clone(),
            secret_key: self.secret_key.to_string(),
            throttle_secret: self
                .throttle_secret
                .as_ref()
                .map(|secret| WireThrottleSecret { seed: hex(&secret.seed), uuid: secret.uuid.clone() }),
            device_uuid: self.device_uuid.clone(),
        };
        let json = Zeroizing::new(serde_json::to_vec(&wire).expect("a map of texts serializes"));
        let body = Zeroizing::new(b64::encode(&json));
        Zeroizing::new([PREFIX, &body].concat())
    }

    /// Returns the server's address with its scheme, which is https by default, and without slashes at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        let address = self.sign_in_address.trim_end_matches('/');
        if address.contains("://") { address.to_owned() } else { format!("https://{address}") }
    }
}

impl TryFrom<WireThrottleSecret> for ThrottleSecret {
    type Error = TokenError;

    fn try_from(wire: WireThrottleSecret) -> Result<Self, TokenError> {
        let seed = (wire.seed.len() == 64).then(|| parse_hex(&wire.seed)).flatten();
        let seed = seed.filter(|seed| seed.iter().any(|byte| *byte != 0));
        Ok(Self { seed: seed.ok_or(TokenError::Member("throttleSecret"))?, uuid: wire.uuid })
    }
}

impl fmt::Debug for ServiceAccountToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccountToken")
            .field("sign_in_address", &self.sign_in_address)
            .field("email", &self.email)
            .field("device_uuid", &self.device_uuid)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ThrottleSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThrottleSecret").field("uuid", &self.uuid).finish_non_exhaustive()
    }
}

/// Parses a number of at most 64 hex digits that is not zero.
fn parse_srp_x(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    parse_hex(text).filter(|x| x.iter().any(|byte| *byte != 0))
}

/// Parses a number of 1 to 64 hex digits as big-endian bytes, padded on the left.
fn parse_hex(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut padded = Zeroizing::new([b'0'; 64]);
    let start = padded.len().checked_sub(text.len()).filter(|_| !text.is_empty())?;
    padded.get_mut(start..)?.copy_from_slice(text.as_bytes());
    let mut number = Zeroizing::new([0; 32]);
    base16ct::mixed::decode(*padded, &mut *number).ok()?;
    Some(number)
}

fn hex(bytes: &[u8; 32]) -> Zeroizing<String> {
    Zeroizing::new(base16ct::lower::encode_string(bytes))
}

/// Whether `text` has the form `[scheme://]host[:port][/path]`.
fn is_address(text: &str) -> bool {
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, "0"),
        Some((host, port)) => (host, port.strip_prefix(':').unwrap_or("x")),
        None => authority.split_once(':').unwrap_or((authority, "0")),
    };
    !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && !host.is_empty()
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && port.parse::<u16>().is_ok()
}
