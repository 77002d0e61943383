//! OpenSSH's format of private keys, which its `PROTOCOL.key` describes. The keys inside it are those of RFC 4253 and
//! RFC 8709.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{ED25519, PrivateKey, RSA, RsaNumbers, SshError};

/// The label of the PEM block.
pub(super) const LABEL: &str = "OPENSSH PRIVATE KEY";
const MAGIC: &[u8] = b"openssh-key-v1\0";
pub(super) const LINE: usize = 70;
/// The block size of the cipher `none`.
const BLOCK: usize = 8;

/// Reads a key without a passphrase.
pub(super) fn read(bytes: &[u8]) -> Result<PrivateKey, SshError> {
    let parts = || {
        let mut outer = Reader(bytes.strip_prefix(MAGIC)?);
        let (cipher, _kdf, _kdf_options, count) = (outer.string()?, outer.string()?, outer.string()?, outer.number()?);
        let name = Reader(outer.string()?).string()?;
        (count == 1).then_some((cipher, name, outer.string()?))
    };
    let (cipher, name, private) = parts().ok_or(SshError::Damaged)?;
    match name {
        b"ssh-ed25519" | b"ssh-rsa" if cipher == b"none" => from_section(private).ok_or(SshError::Damaged),
        b"ssh-ed25519" | b"ssh-rsa" => Err(SshError::Passphrase),
        b"ssh-dss" => Err(SshError::Dsa),
        name if name.starts_with(b"ecdsa-") => Err(SshError::Ecdsa),
        _ => Err(SshError::OtherAlgorithm),
    }
}

/// Reads the unencrypted private section.
fn from_section(bytes: &[u8]) -> Option<PrivateKey> {
    let mut inner = Reader(bytes);
    if inner.number()? != inner.number()? {
        return None;
    }
    match std::str::from_utf8(inner.string()?).ok()? {
        ED25519 => {
            let (public, pair) = (inner.string()?, inner.string()?);
            PrivateKey::from_seed(pair.get(..32)?).filter(|key| key.has_public(public))
        }
        RSA => {
            let mut number = || Some(unsigned(inner.string()?).to_vec());
            let (n, e, d, inverse_of_q, p, q) = (number()?, number()?, number()?, number()?, number()?, number()?);
            let (d, inverse_of_q, p, q) = (d.into(), inverse_of_q.into(), p.into(), q.into());
            Some(PrivateKey::Rsa(RsaNumbers { n, e, d, inverse_of_q, p, q }))
        }
        _ => None,
    }
}

/// Writes a key without a passphrase.
pub(super) fn write(key: &PrivateKey) -> String {
    let public = key.public_blob();
    let mut outer = Writer::default();
    outer.raw(MAGIC);
    for none in [b"none".as_slice(), b"none", b""] {
        outer.string(none);
    }
    outer.number(1);
    outer.string(&public);
    outer.string(&private_section(key, &public));
    let base64 = Zeroizing::new(Base64::encode_string(&outer.0));
    let mut text = format!("-----BEGIN {LABEL}-----\n");
    text.reserve(base64.len() + base64.len() / LINE + 64);
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str("-----END OPENSSH PRIVATE KEY-----\n");
    text
}

fn private_section(key: &PrivateKey, public_blob: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut section = Writer::default();
    // Equal numbers reveal whether a passphrase is right. Without a cipher they need not be random.
    let check = Sha256::digest(public_blob);
    for _ in 0..2 {
        section.raw(check.first_chunk::<4>().unwrap_or(&[0; 4]));
    }
    section.string(key.name().as_bytes());
    match key {
        PrivateKey::Ed25519 { seed, public } => {
            section.string(public);
            section.string(&Zeroizing::new([seed.as_slice(), public].concat()));
        }
        PrivateKey::Rsa(RsaNumbers { n, e, d, inverse_of_q, p, q }) => {
            for number in [n, e, d, inverse_of_q, p, q] {
                section.integer(number);
            }
        }
    }
    section.string(b""); // no comment
    let padding = section.0.len().next_multiple_of(BLOCK) - section.0.len();
    section.0.extend((1..).take(padding));
    section.0
}

/// Returns a number without leading zeros.
pub(super) fn unsigned(number: &[u8]) -> &[u8] {
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
pub(super) struct Writer(pub(super) Zeroizing<Vec<u8>>);

impl Writer {
    fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn number(&mut self, number: u32) {
        self.raw(&number.to_be_bytes());
    }

    pub(super) fn string(&mut self, bytes: &[u8]) {
        self.number(u32::try_from(bytes.len()).expect("keys are far shorter than 4 GiB"));
        self.raw(bytes);
    }

    /// Writes a number. A leading zero is added if its highest bit is set, so that it is not negative.
    pub(super) fn integer(&mut self, number: &[u8]) {
        let number = unsigned(number);
        let sign: &[u8] = if number.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
        self.number(u32::try_from(sign.len() + number.len()).expect("keys are far shorter than 4 GiB"));
        self.raw(sign);
        self.raw(number);
    }
}
