//! Shares: copies of items that anyone who has the link can open. Everything is derived from the secret in the link,
//! which the server never sees. docs/decisions/0073 says why it is so.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    b64,
    hkdf::hkdf_32,
    id,
    jwk::SymmetricKey,
    kdf::{self, DEFAULT_ITERATIONS},
};

/// The length of a link's secret, in bytes.
pub const SECRET_LENGTH: usize = 32;
/// The PBKDF2 iterations of a share's password.
pub const PASSWORD_ITERATIONS: u32 = DEFAULT_ITERATIONS;

/// The digits of a code by which recipients prove their e-mail address.
pub const CODE_LENGTH: usize = 6;
/// The time for which a code can be used, in minutes.
pub const CODE_MINUTES: u32 = 10;
/// How often a code can be tried.
pub const CODE_TRIES: u32 = 5;
/// The time for which a ticket may open a share again, in minutes.
pub const OPEN_MINUTES: u32 = 15;

/// What HKDF derives the share's key for.
pub const KEY_INFO: &str = "share_item_encryption_key";
/// What HKDF derives the share's id for.
pub const UUID_INFO: &str = "share_item_uuid";
/// What HKDF derives the token for.
pub const TOKEN_INFO: &str = "share_item_token";
/// What HKDF derives the salt of the password for.
pub const PASSWORD_SALT_INFO: &str = "share_item_password_salt";
/// What HKDF derives the proof of the password for.
pub const PASSWORD_PROOF_INFO: &str = "share_item_password_proof";

/// The secret in the fragment of a link.
pub struct LinkSecret(Zeroizing<[u8; SECRET_LENGTH]>);

/// What a password adds to a share.
pub struct SharePassword {
    /// The key that opens the share. Its id is that of the share.
    pub key: SymmetricKey,
    /// What proves to the server that the password is known, 26 characters. The server cannot guess the password from
    /// it, because it does not know the link's secret.
    pub proof: Zeroizing<String>,
}

impl LinkSecret {
    /// Returns the secret of a new link, from random bytes.
    #[must_use]
    pub fn new(random: Zeroizing<[u8; SECRET_LENGTH]>) -> Self {
        Self(random)
    }

    /// Reads the secret from a link, or from its fragment. What follows the secret is ignored, because mailing tools
    /// append parameters of their own to links.
    #[must_use]
    pub fn from_link(link: &str) -> Option<Self> {
        let fragment = link.rsplit_once('#').or_else(|| link.rsplit_once("%23")).map_or(link, |(_, fragment)| fragment);
        let is_text = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let length = fragment.bytes().take_while(|byte| is_text(byte)).count();
        b64::decode_array(fragment.get(..length)?).ok().map(|secret| Self(Zeroizing::new(secret)))
    }

    /// Returns the fragment of the link: the secret as base64url.
    #[must_use]
    pub fn fragment(&self) -> Zeroizing<String> {
        Zeroizing::new(b64::encode(self.0.as_slice()))
    }

    /// Returns the share's id.
    #[must_use]
    pub fn uuid(&self) -> String {
        self.text(UUID_INFO)
    }

    /// Returns the token that proves to the server that the link is known, 26 characters.
    #[must_use]
    pub fn token(&self) -> Zeroizing<String> {
        Zeroizing::new(self.text(TOKEN_INFO))
    }

    /// Returns the key that opens a share without a password. Its id is that of the share.
    #[must_use]
    pub fn key(&self) -> SymmetricKey {
        SymmetricKey::new(self.uuid(), *hkdf_32(self.0.as_slice(), b"", KEY_INFO.as_bytes()))
    }

    /// Returns the salt of the share's password.
    #[must_use]
    pub fn password_salt(&self) -> Zeroizing<[u8; 32]> {
        hkdf_32(self.0.as_slice(), b"", PASSWORD_SALT_INFO.as_bytes())
    }

    /// Returns the key of a share with a password, and the proof, from the stretched password: PBKDF2-HMAC-SHA256 with
    /// [`password_salt`](Self::password_salt) and [`PASSWORD_ITERATIONS`].
    #[must_use]
    pub fn with_stretched_password(&self, stretched: &[u8; 32]) -> SharePassword {
        let both = Zeroizing::new([self.0.as_slice(), stretched].concat());
        let key = SymmetricKey::new(self.uuid(), *hkdf_32(both.as_slice(), b"", KEY_INFO.as_bytes()));
        let proof = hkdf_32(stretched, b"", PASSWORD_PROOF_INFO.as_bytes());
        SharePassword { key, proof: Zeroizing::new(id::new_id(first_16(&proof))) }
    }

    /// Returns the key of a share with this password, and the proof.
    #[must_use]
    pub fn with_password(&self, password: &str) -> SharePassword {
        let salt = self.password_salt();
        let stretched = kdf::pbes2("PBES2-HS256", password.as_bytes(), salt.as_slice(), PASSWORD_ITERATIONS)
            .expect("the algorithm is known and the number of iterations is not zero");
        self.with_stretched_password(&stretched)
    }

    fn text(&self, info: &str) -> String {
        id::new_id(first_16(&hkdf_32(self.0.as_slice(), b"", info.as_bytes())))
    }
}

/// HKDF's shorter output is the beginning of its longer one.
fn first_16(derived: &[u8; 32]) -> [u8; 16] {
    *derived.first_chunk().expect("32 bytes are more than 16")
}

/// Returns what the server stores of a token or a proof.
#[must_use]
pub fn stored_hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kdf::hkdf_sha256;

    fn secret(byte: u8) -> LinkSecret {
        LinkSecret::new(Zeroizing::new([byte; SECRET_LENGTH]))
    }

    #[test]
    fn id_and_token_are_16_bytes_of_hkdf() {
        let short = |info: &[u8]| {
            let bytes = hkdf_sha256(&[7; 32], b"", info, 16).unwrap();
            id::new_id(bytes.as_slice().try_into().unwrap())
        };
        assert_eq!(secret(7).uuid(), short(b"share_item_uuid"));
        assert_eq!(*secret(7).token(), short(b"share_item_token"));
        assert_eq!(secret(7).key().kid(), secret(7).uuid());
    }

    #[test]
    fn a_password_changes_the_key_and_is_proved_without_it() {
        let (plain, one, other) = (secret(1).key(), secret(1).with_password("one"), secret(1).with_password("other"));
        assert_ne!(plain.bytes(), one.key.bytes());
        assert_ne!(one.key.bytes(), other.key.bytes());
        assert_ne!(*one.proof, *other.proof);
        assert_ne!(*secret(2).with_password("one").proof, *one.proof, "the salt is the link's");
    }

    #[test]
    fn a_link_is_read_as_mail_gateways_leave_it() {
        let fragment = secret(9).fragment();
        let uuid = secret(9).uuid();
        for link in [
            format!("https://share.example.com/s#{}", *fragment),
            format!("https://share.example.com/s%23{}", *fragment),
            format!("https://share.example.com/s#{}&utm_source=mail", *fragment),
            fragment.to_string(),
        ] {
            assert_eq!(LinkSecret::from_link(&link).unwrap().uuid(), uuid, "{link}");
        }
        for link in ["", "#", "https://share.example.com/s", "https://share.example.com/s#short", &fragment[1..]] {
            assert!(LinkSecret::from_link(link).is_none(), "{link}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_link_or_none(text in ".*") {
            if let Some(secret) = LinkSecret::from_link(&text) {
                prop_assert!(text.contains(secret.fragment().as_str()));
            }
        }
    }
}
