//! SSH private keys: reading the formats that people have, and writing OpenSSH's.
//!
//! The OpenSSH container is described in OpenSSH's `PROTOCOL.key`, the keys inside it in RFC 4253 and RFC 8709.

use std::fmt;

use base64ct::{Base64, Base64Unpadded, Encoding};
use curve25519_dalek::EdwardsPoint;
use pkcs1::{RsaPrivateKeyRef, der::Decode};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

const ED25519: &str = "ssh-ed25519";
const RSA: &str = "ssh-rsa";
const ED25519_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const MIN_RSA_BITS: usize = 2048;

const OPENSSH_LABEL: &str = "OPENSSH PRIVATE KEY";
const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";
const OPENSSH_LINE: usize = 70;
/// The block size of the cipher `none`.
const OPENSSH_BLOCK: usize = 8;

/// The text is not a private key of a kind that the SDKs know. Carries no detail, since the text is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SshError;

impl fmt::Display for SshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error parsing private key")
    }
}

/// A private key in OpenSSH's format, from that or from PKCS#8 or PKCS#1.
pub(crate) fn to_openssh(private_key_text: &str) -> Result<String, SshError> {
    Ok(PrivateKey::parse(private_key_text)?.to_openssh())
}

/// The numbers of a private key, big-endian.
pub(super) enum PrivateKey {
    Ed25519 { seed: Zeroizing<[u8; 32]>, public: [u8; 32] },
    Rsa(RsaNumbers),
}

pub(super) struct RsaNumbers {
    n: Vec<u8>,
    e: Vec<u8>,
    d: Zeroizing<Vec<u8>>,
    inverse_of_q: Zeroizing<Vec<u8>>,
    p: Zeroizing<Vec<u8>>,
    q: Zeroizing<Vec<u8>>,
}

impl PrivateKey {
    /// Reads an unencrypted key: Ed25519 in PKCS#8 or OpenSSH format, RSA from 2048 bits also in PKCS#1.
    pub(super) fn parse(text: &str) -> Result<Self, SshError> {
        let (label, bytes) = pem(text).ok_or(SshError)?;
        let key = match label {
            "PRIVATE KEY" => Self::from_pkcs8(&bytes),
            "RSA PRIVATE KEY" => Self::from_pkcs1(&bytes),
            OPENSSH_LABEL => Self::from_openssh(&bytes),
            _ => None,
        };
        key.filter(|key| key.rsa_bits().is_none_or(|bits| bits >= MIN_RSA_BITS)).ok_or(SshError)
    }

    fn from_pkcs8(bytes: &[u8]) -> Option<Self> {
        let info = PrivateKeyInfoRef::try_from(bytes).ok()?;
        match info.algorithm.oid {
            // RFC 8410: an octet string in the octet string.
            ED25519_OID => match info.private_key.as_bytes() {
                [0x04, 0x20, seed @ ..] => Self::from_seed(seed),
                _ => None,
            },
            RSA_OID => Self::from_pkcs1(info.private_key.as_bytes()),
            _ => None,
        }
    }

    fn from_pkcs1(bytes: &[u8]) -> Option<Self> {
        let key = RsaPrivateKeyRef::from_der(bytes).ok()?;
        Some(Self::Rsa(RsaNumbers {
            n: key.modulus.as_bytes().to_vec(),
            e: key.public_exponent.as_bytes().to_vec(),
            d: key.private_exponent.as_bytes().to_vec().into(),
            inverse_of_q: key.coefficient.as_bytes().to_vec().into(),
            p: key.prime1.as_bytes().to_vec().into(),
            q: key.prime2.as_bytes().to_vec().into(),
        }))
    }

    fn from_seed(seed: &[u8]) -> Option<Self> {
        let seed = Zeroizing::new(<[u8; 32]>::try_from(seed).ok()?);
        let hash = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(*seed)));
        let scalar = Zeroizing::new(*hash.first_chunk::<32>()?);
        let public = EdwardsPoint::mul_base_clamped(*scalar).compress().to_bytes();
        Some(Self::Ed25519 { seed, public })
    }

    fn from_openssh(bytes: &[u8]) -> Option<Self> {
        let mut outer = Reader(bytes.strip_prefix(OPENSSH_MAGIC)?);
        let (cipher, kdf, _kdf_options) = (outer.string()?, outer.string()?, outer.string()?);
        if cipher != b"none" || kdf != b"none" || outer.number()? != 1 {
            return None;
        }
        let _public = outer.string()?;
        let mut inner = Reader(outer.string()?);
        if inner.number()? != inner.number()? {
            return None;
        }
        match std::str::from_utf8(inner.string()?).ok()? {
            ED25519 => {
                let (public, pair) = (inner.string()?, inner.string()?);
                let key = Self::from_seed(pair.get(..32)?)?;
                matches!(&key, Self::Ed25519 { public: derived, .. } if derived == public).then_some(key)
            }
            RSA => {
                let mut number = || Some(unsigned(inner.string()?).to_vec());
                let (n, e, d, inverse_of_q, p, q) = (number()?, number()?, number()?, number()?, number()?, number()?);
                let (d, inverse_of_q, p, q) = (d.into(), inverse_of_q.into(), p.into(), q.into());
                Some(Self::Rsa(RsaNumbers { n, e, d, inverse_of_q, p, q }))
            }
            _ => None,
        }
    }

    /// `ed25519` or `rsa`.
    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed25519 { .. } => "ed25519",
            Self::Rsa(_) => "rsa",
        }
    }

    /// The length of an RSA modulus.
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        match self {
            Self::Ed25519 { .. } => None,
            Self::Rsa(RsaNumbers { n, .. }) => {
                let n = unsigned(n);
                Some(n.len() * 8 - n.first().map_or(0, |byte| byte.leading_zeros() as usize))
            }
        }
    }

    /// The public key as it stands in an `authorized_keys` file, without a comment.
    pub(super) fn public_key(&self) -> String {
        format!("{} {}", self.name(), Base64::encode_string(&self.public_blob()))
    }

    /// As `ssh-keygen -l` prints it.
    pub(super) fn fingerprint(&self) -> String {
        format!("SHA256:{}", Base64Unpadded::encode_string(&Sha256::digest(self.public_blob())))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Ed25519 { .. } => ED25519,
            Self::Rsa(_) => RSA,
        }
    }

    fn public_blob(&self) -> Vec<u8> {
        let mut blob = Writer::default();
        blob.string(self.name().as_bytes());
        match self {
            Self::Ed25519 { public, .. } => blob.string(public),
            Self::Rsa(RsaNumbers { n, e, .. }) => {
                blob.integer(e);
                blob.integer(n);
            }
        }
        blob.0.to_vec()
    }

    fn to_openssh(&self) -> String {
        let public = self.public_blob();
        let mut outer = Writer::default();
        outer.raw(OPENSSH_MAGIC);
        for none in [b"none".as_slice(), b"none", b""] {
            outer.string(none);
        }
        outer.number(1);
        outer.string(&public);
        outer.string(&self.private_section(&public));
        let base64 = Zeroizing::new(Base64::encode_string(&outer.0));
        let mut text = format!("-----BEGIN {OPENSSH_LABEL}-----\n");
        text.reserve(base64.len() + base64.len() / OPENSSH_LINE + 64);
        let mut rest = base64.as_str();
        while !rest.is_empty() {
            let (line, tail) = rest.split_at(rest.len().min(OPENSSH_LINE));
            text.push_str(line);
            text.push('\n');
            rest = tail;
        }
        text.push_str("-----END OPENSSH PRIVATE KEY-----\n");
        text
    }

    fn private_section(&self, public_blob: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut section = Writer::default();
        // Equal numbers tell a right passphrase from a wrong one. Without a cipher they need not be random.
        let check = Sha256::digest(public_blob);
        for _ in 0..2 {
            section.raw(check.first_chunk::<4>().unwrap_or(&[0; 4]));
        }
        section.string(self.name().as_bytes());
        match self {
            Self::Ed25519 { seed, public } => {
                section.string(public);
                section.string(&Zeroizing::new([seed.as_slice(), public].concat()));
            }
            Self::Rsa(RsaNumbers { n, e, d, inverse_of_q, p, q }) => {
                for number in [n, e, d, inverse_of_q, p, q] {
                    section.integer(number);
                }
            }
        }
        section.string(b""); // no comment
        let padding = section.0.len().next_multiple_of(OPENSSH_BLOCK) - section.0.len();
        section.0.extend((1..).take(padding));
        section.0
    }
}

/// The label and content of a PEM text, whatever its line breaks.
fn pem(text: &str) -> Option<(&str, Zeroizing<Vec<u8>>)> {
    let (label, rest) = text.trim().strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let body = rest.strip_suffix("-----")?.strip_suffix(label)?.strip_suffix("-----END ")?;
    let symbols: Zeroizing<String> = Zeroizing::new(body.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    Some((label, Base64::decode_vec(&symbols).ok()?.into()))
}

fn unsigned(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// Reads the data types of RFC 4251, section 5.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }
}

/// Writes the data types of RFC 4251, section 5.
#[derive(Default)]
struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn number(&mut self, number: u32) {
        self.raw(&number.to_be_bytes());
    }

    fn string(&mut self, bytes: &[u8]) {
        self.number(u32::try_from(bytes.len()).expect("keys are far shorter than 4 GiB"));
        self.raw(bytes);
    }

    /// A leading zero keeps a number with its highest bit set from reading as negative.
    fn integer(&mut self, number: &[u8]) {
        let number = unsigned(number);
        let sign: &[u8] = if number.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
        self.number(u32::try_from(sign.len() + number.len()).expect("keys are far shorter than 4 GiB"));
        self.raw(sign);
        self.raw(number);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    /// Keys that OpenSSL 3 made and OpenSSH 9.2 converted, with what `ssh-keygen` says of them.
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Fixture {
        name: String,
        text: String,
        openssh: Option<String>,
        public_key: Option<String>,
        fingerprint: Option<String>,
        bits: Option<usize>,
    }

    fn fixtures() -> Vec<Fixture> {
        serde_json::from_str(include_str!("../../tests/data/ssh-keys.json")).unwrap()
    }

    /// The container without its check numbers and comment, which differ from writer to writer.
    fn numbers(openssh: &str) -> (String, String) {
        let key = PrivateKey::parse(openssh).unwrap();
        let secret = match &key {
            PrivateKey::Ed25519 { seed, .. } => format!("{seed:?}"),
            PrivateKey::Rsa(RsaNumbers { n, e, d, inverse_of_q, p, q }) => {
                format!("{:?}", [n, e, &**d, &**inverse_of_q, &**p, &**q].map(|number| unsigned(number).to_vec()))
            }
        };
        (key.public_key(), secret)
    }

    #[test]
    fn keys_convert_to_what_openssh_makes_of_them() {
        for fixture in fixtures().iter().filter(|fixture| fixture.openssh.is_some()) {
            let expected = fixture.openssh.as_deref().unwrap();
            let converted = to_openssh(&fixture.text).unwrap();
            assert_eq!(numbers(&converted), numbers(expected), "{}", fixture.name);
            assert_eq!(converted.lines().map(str::len).max(), Some(OPENSSH_LINE), "{}", fixture.name);
            assert_eq!(to_openssh(&converted).as_deref(), Ok(converted.as_str()), "{}", fixture.name);
        }
    }

    #[test]
    fn public_facts_are_those_of_ssh_keygen() {
        for fixture in fixtures().iter().filter(|fixture| fixture.openssh.is_some()) {
            let key = PrivateKey::parse(&fixture.text).unwrap();
            assert_eq!(Some(key.public_key()), fixture.public_key, "{}", fixture.name);
            assert_eq!(Some(key.fingerprint()), fixture.fingerprint, "{}", fixture.name);
            assert_eq!(key.rsa_bits(), fixture.bits, "{}", fixture.name);
        }
    }

    #[test]
    fn encrypted_short_and_other_keys_are_refused() {
        let mut refused = 0;
        for fixture in fixtures().iter().filter(|fixture| fixture.openssh.is_none()) {
            assert_eq!(to_openssh(&fixture.text), Err(SshError), "{}", fixture.name);
            refused += 1;
        }
        assert_eq!(refused, 5);
    }

    #[test]
    fn line_breaks_do_not_matter() {
        for fixture in fixtures().iter().filter(|fixture| fixture.openssh.is_some()) {
            let windows = fixture.text.replace('\n', "\r\n");
            assert_eq!(to_openssh(&windows), to_openssh(&fixture.text), "{}", fixture.name);
        }
    }

    proptest! {
        #[test]
        fn damaged_keys_never_panic(which in 0usize..6, at in 0usize..2000, byte: u8) {
            let fixtures = fixtures();
            let fixture = &fixtures[which % fixtures.len()];
            if let Some((label, mut bytes)) = pem(&fixture.text) {
                let length = bytes.len();
                bytes[at % length] = byte;
                let text = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", Base64::encode_string(&bytes));
                let _ = to_openssh(&text);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*|-----BEGIN .{0,20}-----.{0,20}-----END .{0,20}-----") {
            let _ = to_openssh(&text);
        }
    }
}
