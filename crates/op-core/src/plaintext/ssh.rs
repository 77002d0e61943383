//! SSH private keys: reading the common formats, and writing OpenSSH's.

mod openssh;

use std::fmt;

use base64ct::{Base64, Base64Unpadded, Encoding};
use curve25519_dalek::EdwardsPoint;
use pkcs1::{
    ObjectIdentifier, RsaPrivateKeyRef,
    der::{
        self, Decode, Reader as _, SliceReader,
        asn1::{AnyRef, OctetStringRef},
    },
};
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use openssh::{Writer, unsigned};

const ED25519: &str = "ssh-ed25519";
const RSA: &str = "ssh-rsa";
const ED25519_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const DSA_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");
const MIN_RSA_BITS: usize = 2048;

/// Why a text is not a supported private key. It quotes nothing of the text, which is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SshError {
    /// It has no PEM block of a private key.
    NotPem,
    /// It has several private keys.
    Several,
    /// It is in PuTTY's format.
    Putty,
    /// It is encrypted.
    Passphrase,
    Ecdsa,
    Dsa,
    OtherAlgorithm,
    /// It is an RSA key with this number of bits.
    TooShort(usize),
    /// The content is not what its label says.
    Damaged,
}

impl fmt::Display for SshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let supported = "use Ed25519, or RSA of at least 2048 bits";
        match self {
            Self::NotPem => f.write_str("it has no -----BEGIN … PRIVATE KEY----- with the END that belongs to it"),
            Self::Several => f.write_str("it has more than one private key"),
            Self::Putty => f.write_str("it is in PuTTY's format; convert it: puttygen FILE -O private-openssh"),
            Self::Passphrase => {
                f.write_str("it is protected by a passphrase; remove that from a copy: ssh-keygen -p -f FILE")
            }
            Self::Ecdsa => write!(f, "ECDSA keys are not supported; {supported}"),
            Self::Dsa => write!(f, "DSA keys are not supported; {supported}"),
            Self::OtherAlgorithm => write!(f, "keys of its algorithm are not supported; {supported}"),
            Self::TooShort(bits) => write!(f, "RSA of {bits} bits is too short; {supported}"),
            Self::Damaged => f.write_str("it is damaged or incomplete"),
        }
    }
}

/// Converts a private key in OpenSSH's format, PKCS#8 or PKCS#1 to OpenSSH's format.
pub(crate) fn to_openssh(private_key_text: &str) -> Result<String, SshError> {
    Ok(openssh::write(&PrivateKey::parse(private_key_text)?))
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
    /// Reads an unencrypted key: Ed25519 in PKCS#8 or OpenSSH format, or RSA of at least 2048 bits, also in PKCS#1.
    pub(super) fn parse(text: &str) -> Result<Self, SshError> {
        let (label, bytes) = pem(text)?;
        let key = match label {
            "PRIVATE KEY" => Self::from_pkcs8(&bytes),
            "RSA PRIVATE KEY" => Self::from_pkcs1(&bytes).ok_or(SshError::Damaged),
            _ => openssh::read(&bytes),
        }?;
        match key.rsa_bits() {
            Some(bits) if bits < MIN_RSA_BITS => Err(SshError::TooShort(bits)),
            _ => Ok(key),
        }
    }

    fn from_pkcs8(bytes: &[u8]) -> Result<Self, SshError> {
        let Pkcs8 { algorithm, key, public } = Pkcs8::read(bytes).map_err(|_| SshError::Damaged)?;
        match algorithm {
            // RFC 8410: the key is an octet string within the octet string.
            ED25519_OID => {
                let key = key.strip_prefix(&[0x04, 0x20]).and_then(Self::from_seed);
                key.filter(|key| public.is_none_or(|public| key.has_public(public)))
            }
            RSA_OID => Self::from_pkcs1(key),
            EC_OID => return Err(SshError::Ecdsa),
            DSA_OID => return Err(SshError::Dsa),
            _ => return Err(SshError::OtherAlgorithm),
        }
        .ok_or(SshError::Damaged)
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

    fn has_public(&self, bytes: &[u8]) -> bool {
        matches!(self, Self::Ed25519 { public, .. } if public == bytes)
    }

    /// Returns `ed25519` or `rsa`.
    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed25519 { .. } => "ed25519",
            Self::Rsa(_) => "rsa",
        }
    }

    /// Returns the length of an RSA modulus.
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        match self {
            Self::Ed25519 { .. } => None,
            Self::Rsa(RsaNumbers { n, .. }) => {
                let n = unsigned(n);
                Some(n.len() * 8 - n.first().map_or(0, |byte| byte.leading_zeros() as usize))
            }
        }
    }

    /// Returns the public key in the format of `authorized_keys` files, without a comment.
    pub(super) fn public_key(&self) -> String {
        format!("{} {}", self.name(), Base64::encode_string(&self.public_blob()))
    }

    /// Returns the fingerprint that `ssh-keygen -l` prints.
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
}

/// A private key of RFC 5958.
struct Pkcs8<'a> {
    algorithm: ObjectIdentifier,
    key: &'a [u8],
    public: Option<&'a [u8]>,
}

impl<'a> Pkcs8<'a> {
    fn read(bytes: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(bytes)?;
        let read = reader.sequence(|fields| {
            let _version: u8 = fields.decode()?;
            let algorithm = fields.decode::<AnyRef<'a>>()?.sequence(|parts| {
                let algorithm = parts.decode()?;
                parts.drain(parts.remaining_len())?;
                Ok::<_, der::Error>(algorithm)
            })?;
            let key: &OctetStringRef = fields.decode()?;
            let mut public = None;
            while !fields.is_finished() {
                // The tag `[1]` replaces the tag of the bit string (IMPLICIT), as in the RFC, or precedes it
                // (EXPLICIT).
                match fields.tlv_bytes()? {
                    [0x81, 0x21, 0, public_key @ ..] | [0xa1, 0x23, 0x03, 0x21, 0, public_key @ ..] => {
                        public = Some(public_key);
                    }
                    _ => {}
                }
            }
            Ok::<_, der::Error>(Self { algorithm, key: key.as_bytes(), public })
        })?;
        reader.finish()?;
        Ok(read)
    }
}

/// Returns the label and content of the private key in a text, whatever its line breaks are. Other parts of the text,
/// such as notes, certificates and a byte order mark, are ignored.
fn pem(text: &str) -> Result<(&str, Zeroizing<Vec<u8>>), SshError> {
    let mut keys = blocks(text).filter(|(label, _)| label.ends_with("PRIVATE KEY"));
    let (label, body) = match (keys.next(), keys.next()) {
        (Some(only), None) => only,
        (Some(_), Some(_)) => return Err(SshError::Several),
        (None, _) if text.contains("PuTTY-User-Key-File") => return Err(SshError::Putty),
        (None, _) => return Err(SshError::NotPem),
    };
    match label {
        "EC PRIVATE KEY" => return Err(SshError::Ecdsa),
        "DSA PRIVATE KEY" => return Err(SshError::Dsa),
        "ENCRYPTED PRIVATE KEY" => return Err(SshError::Passphrase),
        // RFC 1421's header, as OpenSSL writes it.
        _ if body.contains("ENCRYPTED") => return Err(SshError::Passphrase),
        "PRIVATE KEY" | "RSA PRIVATE KEY" | openssh::LABEL => {}
        _ => return Err(SshError::OtherAlgorithm),
    }
    let lines = body.lines().filter(|line| !line.contains(':'));
    let symbols: Zeroizing<String> = Zeroizing::new(lines.flat_map(str::split_whitespace).collect());
    Ok((label, Base64::decode_vec(&symbols).map_err(|_| SshError::Damaged)?.into()))
}

/// Returns the labels and bodies of the PEM blocks in a text.
fn blocks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("-----BEGIN ").skip(1).filter_map(|block| {
        let (label, rest) = block.split_once("-----")?;
        let (body, end) = rest.split_once("-----END ")?;
        end.strip_prefix(label)?.starts_with("-----").then_some((label, body))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    /// Keys that OpenSSL 3 generated and OpenSSH 9.2 converted, with the output of `ssh-keygen`.
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

    /// Returns the numbers of a key. The container also has check numbers and a comment, which depend on the writer.
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
    fn keys_convert_as_in_openssh() {
        for fixture in fixtures().iter().filter(|fixture| fixture.openssh.is_some()) {
            let expected = fixture.openssh.as_deref().unwrap();
            let converted = to_openssh(&fixture.text).unwrap();
            assert_eq!(numbers(&converted), numbers(expected), "{}", fixture.name);
            assert_eq!(converted.lines().map(str::len).max(), Some(openssh::LINE), "{}", fixture.name);
            assert_eq!(to_openssh(&converted).as_deref(), Ok(converted.as_str()), "{}", fixture.name);
        }
    }

    #[test]
    fn the_metadata_is_that_of_ssh_keygen() {
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
            assert!(to_openssh(&fixture.text).is_err(), "{}", fixture.name);
            refused += 1;
        }
        assert_eq!(refused, 5);
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Texts {
        public_key: String,
        cases: Vec<Stored>,
        refused: Vec<Stored>,
    }

    #[derive(Deserialize)]
    struct Stored {
        why: String,
        text: String,
        says: Option<String>,
    }

    fn texts() -> Texts {
        serde_json::from_str(include_str!("../../../../packages/contract/vectors/ssh-keys.json")).unwrap()
    }

    #[test]
    fn one_key_is_read_from_texts_that_programs_store() {
        let texts = texts();
        for Stored { why, text, .. } in &texts.cases {
            let key = PrivateKey::parse(text);
            assert_eq!(key.map(|key| key.public_key()).as_ref(), Ok(&texts.public_key), "{why}");
            let converted = PrivateKey::parse(&to_openssh(text).unwrap());
            assert_eq!(converted.map(|key| key.public_key()).as_ref(), Ok(&texts.public_key), "{why}");
        }
    }

    #[test]
    fn refusals_say_why() {
        for Stored { why, text, says } in texts().refused {
            let error = to_openssh(&text).unwrap_err().to_string();
            assert!(error.contains(&says.unwrap()), "{why}: {error}");
        }
        let key = &texts().cases[1].text;
        assert_eq!(to_openssh(&format!("{key}{key}")), Err(SshError::Several));
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
            if let Ok((label, mut bytes)) = pem(&fixture.text) {
                let length = bytes.len();
                bytes[at % length] = byte;
                let text = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", Base64::encode_string(&bytes));
                let _ = to_openssh(&text);
            }
        }

        #[test]
        fn text_around_a_key_is_ignored(before in "[^-]{0,40}", after in "[^-]{0,40}", which in 0usize..16) {
            let texts = texts();
            let text = &texts.cases[which % texts.cases.len()].text;
            let key = PrivateKey::parse(&format!("{before}{text}{after}")).unwrap();
            prop_assert_eq!(key.public_key(), texts.public_key);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*|-----BEGIN .{0,20}-----.{0,20}-----END .{0,20}-----") {
            let _ = to_openssh(&text);
        }
    }
}
