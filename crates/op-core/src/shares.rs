//! What a person with the link of a share does, without an account. Only the native build has it. docs/decisions/0073
//! says how shares work.

use std::{fmt, sync::Arc};

use op_protocol::{
    id,
    item::FileAttributes,
    json,
    jwk::SymmetricKey,
    rest::{
        OpenShareRequest, ShareCodeRequest, ShareContent, ShareState, ShareStatus, ShareTicket, VerifyShareRequest,
        error_code,
        routes::{self, Target},
    },
    share::LinkSecret,
};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    attachments::Bytes,
    error::{Error, ErrorKind, Result},
    host::{Host, HttpResponse},
    items::{files, shares::with_password},
    plaintext::{
        Plaintext,
        decode::{self, RecordMetadata},
    },
    types::Item,
    wire::{plain, transport},
};

/// The path of the page that opens shares.
const PAGE: &str = "/s";

/// A share, as a person with its link sees it. Views are counted for each value of this type, as for each tab of a
/// browser.
pub struct ReceivedShare {
    host: Arc<dyn Host>,
    address: String,
    secret: LinkSecret,
    ticket: ShareTicket,
}

/// The content of a share.
pub struct OpenedShare {
    /// The item. Its id is that of the share, it is in no vault, and its times are those at which it was opened.
    pub item: Item,
    /// RFC 3339.
    pub expires_at: String,
    /// How many further views are left; `None` if they are unlimited.
    pub views_left: Option<u32>,
    files: Vec<FileAttributes>,
}

/// Why a share was not opened.
#[derive(Debug)]
pub enum ShareError {
    /// The code is not the one that was sent last. It may be tried again.
    WrongCode,
    /// The code was tried too often, or is too old. A new one is needed.
    CodeExpired,
    /// The share is for recipients. One has to prove their e-mail address first.
    NeedsEmail,
    /// The password is missing or wrong.
    WrongPassword,
    /// The share has ended.
    Over(ShareState),
    /// Any other failure.
    Other(Error),
}

impl ReceivedShare {
    /// Reads a link.
    ///
    /// # Errors
    /// The text is not the link of a share.
    pub fn new(host: Arc<dyn Host>, link: &str) -> Result<Self> {
        let (address, secret) = read_link(link.trim()).ok_or_else(|| {
            let problem = "that is not the whole link of a share, such as https://share.example.com/s#SECRET";
            Error::new(ErrorKind::InvalidConfiguration, problem)
        })?;
        let mut random = [0; 16];
        host.fill_random(&mut random);
        let ticket = ShareTicket { uuid: secret.uuid(), token: secret.token().to_string(), ticket: id::new_id(random) };
        Ok(Self { host, address, secret, ticket })
    }

    /// Asks what is needed to open the share. Counts no view.
    ///
    /// # Errors
    /// The share does not exist, or the server cannot be reached.
    pub async fn status(&self) -> Result<ShareStatus, ShareError> {
        let target = routes::SHARE_STATUS.at([]);
        decode(&self.post(&target, &self.ticket).await?)
    }

    /// Asks for a code by e-mail. Succeeds also if the share is not for this address; no code is sent then.
    ///
    /// # Errors
    /// The share has ended, or the address has got too many codes.
    pub async fn send_code(&self, email: &str) -> Result<(), ShareError> {
        let request = ShareCodeRequest { share: self.ticket.clone(), email: normal(email) };
        self.post(&routes::SHARE_CODE.at([]), &request).await.map(drop)
    }

    /// Proves an e-mail address by the code that was sent there.
    ///
    /// # Errors
    /// [`ShareError::WrongCode`], or [`ShareError::CodeExpired`].
    pub async fn verify(&self, email: &str, code: &str) -> Result<(), ShareError> {
        let request =
            VerifyShareRequest { share: self.ticket.clone(), email: normal(email), code: code.trim().to_owned() };
        self.post(&routes::VERIFY_SHARE.at([]), &request).await.map(drop)
    }

    /// Views the share. Within 15 minutes, it can be opened again without counting another view.
    ///
    /// # Errors
    /// [`ShareError::NeedsEmail`], [`ShareError::WrongPassword`], or the share has ended.
    pub async fn open(&self, password: Option<&str>) -> Result<OpenedShare, ShareError> {
        let (key, proof) = self.key(password).await?;
        let password_proof = proof.map(|proof| proof.to_string());
        let request = OpenShareRequest { share: self.ticket.clone(), password_proof };
        let content: ShareContent = decode(&self.post(&routes::OPEN_SHARE.at([]), &request).await?)?;
        let open = |envelope: &op_protocol::envelope::Envelope| {
            envelope.open(&key).map_err(|_| Error::new(ErrorKind::Decryption, "the shared item"))
        };
        let plaintext = Plaintext { overview: open(&content.enc_overview)?, details: open(&content.enc_details)? };
        let metadata = RecordMetadata {
            id: &self.ticket.uuid,
            template_uuid: &content.template_uuid,
            version: 1,
            created_at: &content.now,
            updated_at: &content.now,
        };
        Ok(OpenedShare {
            item: decode::item(&metadata, &plaintext, "", self.host.now_millis() / 1000)?,
            files: decode::files(&metadata, &plaintext)?,
            expires_at: content.expires_at,
            views_left: content.views_left,
        })
    }

    /// Returns the content of a file of the share, which has to be open.
    ///
    /// # Errors
    /// The share has no such file, or was not opened in the last 15 minutes.
    pub async fn file(&self, opened: &OpenedShare, file_id: &str) -> Result<Bytes, ShareError> {
        let Some(file) = opened.files.iter().find(|file| file.document_id.text() == file_id) else {
            return Err(Error::new(ErrorKind::NotFound, "file").with_reason("the share has no such file").into());
        };
        files::check_id(file_id)?;
        let size = file.unencrypted_size.get().copied().unwrap_or(0);
        let ShareTicket { uuid, token, ticket } = &self.ticket;
        let headers = vec![("authorization", format!("Share {uuid}.{token}.{ticket}"))];
        let target = routes::SHARE_FILE.at([file_id]);
        let response = plain::download(self.host.as_ref(), &self.address, &target, headers, size).await?;
        let ciphertext = checked(response, &target)?.body;
        Ok(files::open(self.host.crypto(), file, ciphertext).await?)
    }

    /// Ends the share for this recipient, or for everybody if anyone may open it.
    ///
    /// # Errors
    /// The share does not exist, or the server cannot be reached.
    pub async fn end(&self) -> Result<(), ShareError> {
        self.post(&routes::END_SHARE.at([]), &self.ticket).await.map(drop)
    }

    /// Returns the key that opens the share and, if there is a password, the proof that it is known.
    async fn key(&self, password: Option<&str>) -> Result<(SymmetricKey, Option<Zeroizing<String>>), ShareError> {
        let Some(password) = password else { return Ok((self.secret.key(), None)) };
        let protected = with_password(self.host.crypto(), &self.secret, password).await?;
        Ok((protected.key, Some(protected.proof)))
    }

    async fn post(&self, target: &Target, body: &impl Serialize) -> Result<HttpResponse, ShareError> {
        let response = plain::post(self.host.as_ref(), &self.address, target, Vec::new(), body).await?;
        checked(response, target)
    }
}

impl fmt::Debug for ReceivedShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedShare")
            .field("address", &self.address)
            .field("id", &self.ticket.uuid)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ShareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongCode => "the code is wrong",
            Self::CodeExpired => "the code has expired, or was tried too often: ask for a new one",
            Self::NeedsEmail => "the share is for recipients, who prove their e-mail address by a code",
            Self::WrongPassword => "the password is wrong",
            Self::Over(ShareState::Expired) => "the share has expired",
            Self::Over(ShareState::Spent) => "the share was viewed as often as it may be",
            Self::Over(ShareState::Revoked) => "the share was revoked",
            Self::Over(_) => "the share was ended by a recipient",
            Self::Other(error) => return error.fmt(f),
        })
    }
}

impl std::error::Error for ShareError {}

impl From<Error> for ShareError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<ShareError> for Error {
    fn from(error: ShareError) -> Self {
        match error {
            ShareError::Other(error) => error,
            refused => Self::new(ErrorKind::PermissionDenied, refused),
        }
    }
}

/// Returns the address of the server, and the secret.
fn read_link(link: &str) -> Option<(String, LinkSecret)> {
    let (page, _) = link.split_once('#').or_else(|| link.split_once("%23"))?;
    // Mailing tools add queries.
    let (page, _) = page.split_once('?').unwrap_or((page, ""));
    let address = page.trim_end_matches('/').strip_suffix(PAGE)?;
    Some((address.to_owned(), LinkSecret::from_link(link)?))
}

fn checked(response: HttpResponse, target: &Target) -> Result<HttpResponse, ShareError> {
    Err(match transport::refusal(&response).map(|refusal| refusal.error_code) {
        Some(error_code::SHARE_WRONG_CODE) => ShareError::WrongCode,
        Some(error_code::SHARE_CODE_EXPIRED) => ShareError::CodeExpired,
        Some(error_code::SHARE_NEEDS_EMAIL) => ShareError::NeedsEmail,
        Some(error_code::SHARE_WRONG_PASSWORD) => ShareError::WrongPassword,
        Some(error_code::SHARE_EXPIRED) => ShareError::Over(ShareState::Expired),
        Some(error_code::SHARE_SPENT) => ShareError::Over(ShareState::Spent),
        Some(error_code::SHARE_REVOKED) => ShareError::Over(ShareState::Revoked),
        Some(error_code::SHARE_ENDED) => ShareError::Over(ShareState::Ended),
        _ => return Ok(transport::checked(response, target)?),
    })
}

fn decode<T: serde::de::DeserializeOwned>(response: &HttpResponse) -> Result<T, ShareError> {
    let decoded = json::decode(&response.body);
    let unreadable = "the server's answer about the share cannot be read; a proxy may have answered for the server";
    decoded.map_err(|_| Error::new(ErrorKind::InvalidResponse, unreadable).into())
}

/// Returns an e-mail address as servers compare them.
fn normal(email: &str) -> String {
    email.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_as_they_arrive() {
        let secret = LinkSecret::new(Zeroizing::new([7; 32]));
        let fragment = secret.fragment();
        for (page, expected) in [
            ("https://share.example.com/s", "https://share.example.com"),
            ("https://example.com/opwire/s/", "https://example.com/opwire"),
            ("https://share.example.com/s?utm_source=mail", "https://share.example.com"),
        ] {
            for separator in ["#", "%23"] {
                let (address, read) = read_link(&format!("{page}{separator}{}", *fragment)).unwrap();
                assert_eq!((address.as_str(), read.uuid()), (expected, secret.uuid()));
            }
        }
        for link in ["", &fragment, "https://share.example.com/s", "https://share.example.com/s#short"] {
            assert!(read_link(link).is_none(), "{link}");
        }
    }
}
