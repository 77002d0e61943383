//! The account server's variant of SRP-6a: client and server of the sign-in.
//!
//! The group is the 4096-bit MODP group of RFC 3526 with g = 5, and the hash is SHA-256. `pad` pads a number to 512
//! bytes, `min` is its shortest form:
//!
//! ```text
//! k = H(N ‖ pad(g))   v = g^x          A = g^a   B = k v + g^b   u = H(pad(A) ‖ pad(B))
//! S = (B - k v)^(a + u x) = (A v^u)^b  K = H(hex of S in ASCII, lower case, without leading zeros)
//! M1 = H((H(N) xor H(g)) ‖ H(I) ‖ salt ‖ min(A) ‖ min(B) ‖ K)
//! M2 = H(min(A) ‖ M1 ‖ K)              I = base64url(H(H(Secret Key id) ‖ H(e-mail in lower case)))
//! ```
//!
//! Older public clients (npm 0.3.1, PyPI 0.2, Go 0.3) use other formulas ([`OlderServer`]): k is the ASCII bytes of the
//! session's id as a number, and u is the hash of both public numbers in hex. Their proofs cover only the ids; that
//! they know K is proved by what they seal with it. docs/decisions/0068 says why they can sign in.
//!
//! ```text
//! u = H(hex of A ‖ hex of B)           M1 = base64url(H(H(Secret Key id) ‖ H(session id)))
//!                                      M2 = base64url(H(H(session id) ‖ H(M1)))
//! ```

mod group;
#[cfg(test)]
mod tests;

use std::fmt;

use crypto_bigint::{U256, U4096};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::b64;
use group::Element;

/// Why a sign-in was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SrpError {
    /// A number is not hex, or longer than 1024 digits.
    #[error("malformed number")]
    Malformed,
    /// A public number or verifier is zero, or not below the modulus.
    #[error("number out of range")]
    OutOfRange,
    /// The scrambling parameter u is zero: the proof would not depend on the password.
    #[error("scrambling parameter is zero")]
    ZeroScramble,
    /// The other side does not know the shared key.
    #[error("proof does not match")]
    Proof,
}

/// The parameters of the account that both sides know.
#[derive(Debug, Clone, Copy)]
pub struct Params<'a> {
    /// The e-mail address, in any letter case.
    pub email: &'a str,
    /// The id of the Secret Key.
    pub secret_key_id: &'a str,
    /// The salt of the SRP secret, decoded.
    pub salt: &'a [u8],
}

/// Returns the verifier of the secret `x` (big-endian), as 1024 hex digits. The server stores it.
#[must_use]
pub fn verifier(x: &[u8; 32]) -> String {
    group::padded_hex(&group::power_of_generator(x).retrieve())
}

/// The client's numbers of one sign-in that do not depend on its secret.
pub struct ClientKeys {
    a: Zeroizing<[u8; 32]>,
    public_key: U4096,
}

impl ClientKeys {
    /// Starts a sign-in with 32 random bytes `a`.
    #[must_use]
    pub fn new(a: [u8; 32]) -> Self {
        let a = Zeroizing::new(a);
        Self { public_key: group::power_of_generator(&a).retrieve(), a }
    }

    /// Returns the public number A, in as few hex digits as possible.
    #[must_use]
    pub fn public_key_hex(&self) -> String {
        group::shortest_hex(&self.public_key).to_string()
    }

    /// Adds the secret `x` (big-endian).
    #[must_use]
    pub fn with_secret(self, x: &Zeroizing<[u8; 32]>) -> Client {
        Client { verifier: group::power_of_generator(x), x: x.clone(), keys: self }
    }
}

/// A client that waits for the server's public number.
pub struct Client {
    keys: ClientKeys,
    x: Zeroizing<[u8; 32]>,
    verifier: Element,
}

impl Client {
    /// Starts a sign-in with the secret `x` (big-endian) and 32 random bytes `a`.
    #[must_use]
    pub fn new(x: &Zeroizing<[u8; 32]>, a: [u8; 32]) -> Self {
        ClientKeys::new(a).with_secret(x)
    }

    /// Returns the public number A, in as few hex digits as possible.
    #[must_use]
    pub fn public_key_hex(&self) -> String {
        self.keys.public_key_hex()
    }

    /// Computes the shared key from the server's public number.
    ///
    /// # Errors
    /// [`SrpError`] if that number is malformed, or would make the key predictable.
    pub fn finish(self, server_b_hex: &str, params: &Params<'_>) -> Result<ClientProof, SrpError> {
        let public_keys = PublicKeys { a: self.keys.public_key, b: group::parse(server_b_hex)? };
        let u = public_keys.scramble()?;
        let base = Element::new(&public_keys.b) - multiplier() * self.verifier;
        let secret = group::power_of_sum(&base, &self.keys.a, &u, &self.x);
        let session_key = session_key(&secret);
        let m1 = client_proof(params, &public_keys, &session_key);
        let expected_m2 = server_proof(&public_keys, &m1, &session_key);
        Ok(ClientProof { m1, session_key, expected_m2 })
    }
}

/// A client's proof, and the proof that the server must return.
pub struct ClientProof {
    /// The proof that the client knows the session key.
    pub m1: [u8; 32],
    /// The shared key. It must not be used before [`verify_server`](Self::verify_server) has succeeded.
    pub session_key: Zeroizing<[u8; 32]>,
    expected_m2: [u8; 32],
}

impl ClientProof {
    /// Checks the server's proof, in constant time.
    ///
    /// # Errors
    /// [`SrpError::Proof`]: the server does not know the verifier.
    pub fn verify_server(&self, m2: &[u8]) -> Result<(), SrpError> {
        verify(&self.expected_m2, m2)
    }
}

/// A server that waits for the client's public number. The same verifier and random bytes make the same server, so that
/// its state can be stored in a database between two requests.
pub struct Server {
    verifier: Element,
    b: Zeroizing<[u8; 32]>,
    public_key: U4096,
}

impl Server {
    /// Starts a sign-in with the account's verifier and 32 random bytes `b`.
    ///
    /// # Errors
    /// [`SrpError`] if the verifier is invalid.
    pub fn new(verifier_hex: &str, b: [u8; 32]) -> Result<Self, SrpError> {
        Self::with_multiplier(verifier_hex, b, multiplier())
    }

    fn with_multiplier(verifier_hex: &str, b: [u8; 32], k: Element) -> Result<Self, SrpError> {
        let b = Zeroizing::new(b);
        let verifier = Element::new(&group::parse(verifier_hex)?);
        let public_key = k * verifier + group::power_of_generator(&b);
        Ok(Self { verifier, b, public_key: public_key.retrieve() })
    }

    /// Returns the public number B, in 1024 hex digits, because some clients refuse an odd number of digits.
    #[must_use]
    pub fn public_key_hex(&self) -> String {
        group::padded_hex(&self.public_key)
    }

    /// Computes the shared key from the client's public number.
    ///
    /// # Errors
    /// [`SrpError`] if that number is malformed, or would make the key predictable.
    pub fn finish(&self, client_a_hex: &str, params: &Params<'_>) -> Result<ServerProof, SrpError> {
        let public_keys = PublicKeys { a: group::parse(client_a_hex)?, b: self.public_key };
        let u = public_keys.scramble()?;
        let session_key = self.session_key(&public_keys.a, &u);
        let expected_m1 = client_proof(params, &public_keys, &session_key);
        let m2 = server_proof(&public_keys, &expected_m1, &session_key);
        Ok(ServerProof { expected_m1, m2, session_key })
    }

    fn session_key(&self, a: &U4096, u: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        let base = Element::new(a) * group::power(&self.verifier, u);
        session_key(&group::power(&base, &self.b))
    }
}

/// A server for older clients, which waits for the client's public number.
pub struct OlderServer(Server);

impl OlderServer {
    /// Starts a sign-in in the session `session_id`, like [`Server::new`].
    ///
    /// # Errors
    /// [`SrpError`] if the verifier is invalid.
    pub fn new(verifier_hex: &str, b: [u8; 32], session_id: &str) -> Result<Self, SrpError> {
        Server::with_multiplier(verifier_hex, b, group::from_bytes(session_id.as_bytes())?).map(Self)
    }

    /// Returns the public number B, like [`Server::public_key_hex`].
    #[must_use]
    pub fn public_key_hex(&self) -> String {
        self.0.public_key_hex()
    }

    /// Computes the shared key from the client's public number. The client proves that it has the key by what it seals.
    ///
    /// # Errors
    /// [`SrpError`] if that number is malformed, or would make the key predictable.
    pub fn finish(&self, client_a_hex: &str) -> Result<Zeroizing<[u8; 32]>, SrpError> {
        let a = group::parse(client_a_hex)?;
        let (hex_a, hex_b) = (group::shortest_hex(&a), group::shortest_hex(&self.0.public_key));
        let u = non_zero(hash(&[hex_a.as_bytes(), hex_b.as_bytes()]))?;
        Ok(self.0.session_key(&a, &u))
    }
}

/// Returns M1 and M2 for older clients, which prove only that both sides mean the same session.
#[must_use]
pub fn older_proofs(secret_key_id: &str, session_id: &str) -> (String, String) {
    let session = hash(&[session_id.as_bytes()]);
    let m1 = b64::encode(&hash(&[&hash(&[secret_key_id.as_bytes()]), &session]));
    let m2 = b64::encode(&hash(&[&session, &hash(&[m1.as_bytes()])]));
    (m1, m2)
}

/// A server's proof, and the proof that the client must have sent.
pub struct ServerProof {
    expected_m1: [u8; 32],
    /// The proof that the server knows the verifier. It must not be sent before [`verify_client`](Self::verify_client)
    /// has succeeded.
    pub m2: [u8; 32],
    /// The shared key.
    pub session_key: Zeroizing<[u8; 32]>,
}

impl ServerProof {
    /// Checks the client's proof, in constant time.
    ///
    /// # Errors
    /// [`SrpError::Proof`]: the client does not know the password or the Secret Key.
    pub fn verify_client(&self, m1: &[u8]) -> Result<(), SrpError> {
        verify(&self.expected_m1, m1)
    }
}

macro_rules! redacted_debug {
    ($($name:ident),+) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })+
    };
}
redacted_debug!(ClientKeys, Client, ClientProof, Server, OlderServer, ServerProof);

/// Both public numbers, each from 1 to N - 1.
struct PublicKeys {
    a: U4096,
    b: U4096,
}

impl PublicKeys {
    /// Returns u, big-endian.
    fn scramble(&self) -> Result<[u8; 32], SrpError> {
        non_zero(hash(&[&group::padded(&self.a), &group::padded(&self.b)]))
    }
}

fn non_zero(u: [u8; 32]) -> Result<[u8; 32], SrpError> {
    if u == [0; 32] { Err(SrpError::ZeroScramble) } else { Ok(u) }
}

/// Returns k.
fn multiplier() -> Element {
    let generator = group::padded(&U4096::from_u8(group::GENERATOR));
    let k = hash(&[&group::modulus(), &generator]);
    Element::new(&U256::from_be_slice(&k).resize())
}

/// Returns K.
fn session_key(secret: &Element) -> Zeroizing<[u8; 32]> {
    let secret = Zeroizing::new(secret.retrieve());
    Zeroizing::new(hash(&[group::shortest_hex(&secret).as_bytes()]))
}

/// Returns M1.
fn client_proof(params: &Params<'_>, public_keys: &PublicKeys, session_key: &[u8; 32]) -> [u8; 32] {
    let mut group = hash(&[&group::modulus()]);
    for (byte, generator_byte) in group.iter_mut().zip(hash(&[&[group::GENERATOR]])) {
        *byte ^= generator_byte;
    }
    let account = hash(&[&hash(&[params.secret_key_id.as_bytes()]), &hash(&[params.email.to_lowercase().as_bytes()])]);
    let identity = hash(&[b64::encode(&account).as_bytes()]);
    let (a, b) = (group::shortest(&public_keys.a), group::shortest(&public_keys.b));
    hash(&[&group, &identity, params.salt, &a, &b, session_key])
}

/// Returns M2.
fn server_proof(public_keys: &PublicKeys, m1: &[u8; 32], session_key: &[u8; 32]) -> [u8; 32] {
    hash(&[&group::shortest(&public_keys.a), m1, session_key])
}

fn verify(expected: &[u8; 32], proof: &[u8]) -> Result<(), SrpError> {
    if expected.as_slice().ct_eq(proof).into() { Ok(()) } else { Err(SrpError::Proof) }
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
