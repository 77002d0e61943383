//! RSA, AES-GCM, PBKDF2 and SHA-256 with aws-lc-rs. Converts RSA keys between JWK and the library's DER.

use std::num::NonZeroU32;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    digest,
    encoding::{AsDer, Pkcs8V1Der},
    pbkdf2,
    rsa::{
        KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
        PublicEncryptingKey, PublicKeyComponents,
    },
};
use icu_normalizer::ComposingNormalizerBorrowed;
use op_core::host::{BoxFuture, Crypto, CryptoError};
use op_protocol::{
    b64,
    jwk::{RsaPrivateKey, RsaPublicKey},
};
use pkcs1::{RsaPrivateKeyRef, UintRef};
use pkcs8::{
    PrivateKeyInfoRef, SecretDocument,
    der::{Decode, asn1::OctetStringRef},
};
use zeroize::Zeroizing;

/// The cryptography of the host, with aws-lc.
#[derive(Clone, Copy, Debug)]
pub struct NativeCrypto;

// An RSA operation takes a fraction of a millisecond, and the largest file some tens of milliseconds, so the futures
// are ready immediately and need no thread.
impl Crypto for NativeCrypto {
    fn rsa_oaep_decrypt<'a>(
        &'a self,
        key: &'a RsaPrivateKey,
        ciphertext: &'a [u8],
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, CryptoError>> {
        Box::pin(async move { decrypt(key, ciphertext) })
    }

    fn rsa_oaep_encrypt<'a>(
        &'a self,
        key: &'a RsaPublicKey,
        plaintext: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, CryptoError>> {
        Box::pin(async move { encrypt(key, plaintext) })
    }

    fn rsa_generate(&self) -> BoxFuture<'_, Result<RsaPrivateKey, CryptoError>> {
        Box::pin(on_another_thread(|| generate_rsa_key("")))
    }

    fn aes_gcm_seal<'a>(
        &'a self,
        key: &'a [u8; 32],
        nonce: &'a [u8; 12],
        plaintext: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, CryptoError>> {
        Box::pin(async move {
            let mut buffer = Vec::with_capacity(plaintext.len() + AES_256_GCM.tag_len());
            buffer.extend_from_slice(plaintext);
            let nonce = Nonce::assume_unique_for_key(*nonce);
            aes_gcm(key)?.seal_in_place_append_tag(nonce, Aad::empty(), &mut buffer).map_err(refused)?;
            Ok(buffer)
        })
    }

    fn aes_gcm_open<'a>(
        &'a self,
        key: &'a [u8; 32],
        nonce: &'a [u8; 12],
        ciphertext: Vec<u8>,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, CryptoError>> {
        Box::pin(async move {
            let mut buffer = Zeroizing::new(ciphertext);
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let length = aes_gcm(key)?.open_in_place(nonce, Aad::empty(), &mut buffer).map_err(refused)?.len();
            buffer.truncate(length);
            Ok(buffer)
        })
    }

    fn composed(&self, password: &str) -> Option<Zeroizing<String>> {
        // As much as it can become, so that nothing of it stays behind where it was before it grew.
        let mut composed = Zeroizing::new(String::with_capacity(3 * password.len()));
        ComposingNormalizerBorrowed::new_nfc().normalize_to(password, &mut *composed).ok()?;
        Some(composed)
    }

    fn pbkdf2_sha256<'a>(
        &'a self,
        password: &'a [u8],
        salt: &'a [u8],
        iterations: u32,
    ) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, CryptoError>> {
        let (password, salt) = (Zeroizing::new(password.to_vec()), Zeroizing::new(salt.to_vec()));
        Box::pin(on_another_thread(move || {
            let iterations = NonZeroU32::new(iterations).ok_or(CryptoError)?;
            let mut out = Zeroizing::new([0; 32]);
            pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, &salt, &password, out.as_mut_slice());
            Ok(out)
        }))
    }

    fn sha256<'a>(&'a self, data: &'a [u8]) -> BoxFuture<'a, Result<[u8; 32], CryptoError>> {
        Box::pin(async move { digest::digest(&digest::SHA256, data).as_ref().try_into().map_err(refused) })
    }
}

/// Performs work that takes long enough to block other tasks.
async fn on_another_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CryptoError> + Send + 'static,
) -> Result<T, CryptoError> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.map_err(refused)?,
        Err(_) => work(),
    }
}

/// Returns a new 2048-bit key pair for RSA-OAEP with the id `kid`. Takes some hundred milliseconds.
///
/// # Errors
/// The library cannot generate a key.
pub fn generate_rsa_key(kid: &str) -> Result<RsaPrivateKey, CryptoError> {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(refused)?;
    let document: Pkcs8V1Der<'_> = key.as_der().map_err(refused)?;
    let info = PrivateKeyInfoRef::from_der(document.as_ref()).map_err(refused)?;
    let parts = RsaPrivateKeyRef::from_der(info.private_key.as_bytes()).map_err(refused)?;
    let text = |number: UintRef<'_>| b64::encode(number.as_bytes());
    Ok(RsaPrivateKey {
        kty: "RSA".into(),
        alg: "RSA-OAEP".into(),
        kid: kid.into(),
        n: text(parts.modulus),
        e: text(parts.public_exponent),
        d: text(parts.private_exponent),
        p: text(parts.prime1),
        q: text(parts.prime2),
        dp: text(parts.exponent1),
        dq: text(parts.exponent2),
        qi: text(parts.coefficient),
    })
}

fn aes_gcm(key: &[u8; 32]) -> Result<LessSafeKey, CryptoError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(refused)
}

fn decrypt(key: &RsaPrivateKey, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let document = pkcs8(key)?;
    let key = PrivateDecryptingKey::from_pkcs8(document.as_bytes()).map_err(refused)?;
    let key = OaepPrivateDecryptingKey::new(key).map_err(refused)?;
    let mut buffer = Zeroizing::new(vec![0; key.min_output_size()]);
    let plaintext = key.decrypt(&OAEP_SHA1_MGF1SHA1, ciphertext, &mut buffer, None).map_err(refused)?;
    let length = plaintext.len();
    buffer.truncate(length);
    Ok(buffer)
}

fn encrypt(key: &RsaPublicKey, plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let parts = PublicKeyComponents { n: unsigned(&key.n)?, e: unsigned(&key.e)? };
    let key: PublicEncryptingKey = parts.try_into().map_err(refused)?;
    let key = OaepPublicEncryptingKey::new(key).map_err(refused)?;
    let mut ciphertext = vec![0; key.ciphertext_size()];
    let length = key.encrypt(&OAEP_SHA1_MGF1SHA1, plaintext, &mut ciphertext, None).map_err(refused)?.len();
    ciphertext.truncate(length);
    Ok(ciphertext)
}

/// Returns the key as a PKCS#8 document.
fn pkcs8(key: &RsaPrivateKey) -> Result<SecretDocument, CryptoError> {
    let [n, e, d, p, q, dp, dq, qi] =
        [&key.n, &key.e, &key.d, &key.p, &key.q, &key.dp, &key.dq, &key.qi].map(|text| unsigned(text));
    let (n, e, d, p, q, dp, dq, qi) = (n?, e?, d?, p?, q?, dp?, dq?, qi?);
    let parts = RsaPrivateKeyRef {
        modulus: UintRef::new(&n).map_err(refused)?,
        public_exponent: UintRef::new(&e).map_err(refused)?,
        private_exponent: UintRef::new(&d).map_err(refused)?,
        prime1: UintRef::new(&p).map_err(refused)?,
        prime2: UintRef::new(&q).map_err(refused)?,
        exponent1: UintRef::new(&dp).map_err(refused)?,
        exponent2: UintRef::new(&dq).map_err(refused)?,
        coefficient: UintRef::new(&qi).map_err(refused)?,
        other_prime_infos: None,
    };
    let document = SecretDocument::encode_msg(&parts).map_err(refused)?;
    let octets = OctetStringRef::new(document.as_bytes()).map_err(refused)?;
    SecretDocument::encode_msg(&PrivateKeyInfoRef::new(pkcs1::ALGORITHM_ID, octets)).map_err(refused)
}

/// Returns the bytes of a JWK's big-endian number, without leading zeros.
fn unsigned(text: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let bytes = Zeroizing::new(b64::decode(text).map_err(refused)?);
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    Ok(Zeroizing::new(bytes.iter().copied().skip(zeros).collect()))
}

/// Drops the library's reason for refusing a key or a ciphertext, which would help only an attacker.
fn refused<E>(_: E) -> CryptoError {
    CryptoError
}
