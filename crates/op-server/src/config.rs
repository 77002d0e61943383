//! The configuration of a server.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderValue, Uri};
use lettre::message::Mailbox;
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use zeroize::Zeroizing;

use crate::{RateLimits, TrustedProxy};

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the databases and the setup token; made if missing, readable by its owner only.
    pub data_dir: PathBuf,
    /// The PostgreSQL database that is used instead of databases in the folder.
    pub postgres: Option<PostgresUrl>,
    /// Where the content of files is kept.
    pub files: FileStorage,
    /// The largest encrypted size of a file, in bytes. Clients read no file larger than
    /// [`MAX_CIPHERTEXT`](op_protocol::file::MAX_CIPHERTEXT), the default.
    pub max_file_size: u32,
    /// How long an uploaded file waits for an item to refer to it.
    pub upload_ttl: Duration,
    /// How often things may be done.
    pub limits: RateLimits,
    /// How long a session lasts after its sign-in. A client whose session ended signs in again automatically.
    pub session_ttl: Duration,
    /// For how many days lines of the audit log are kept. None: for ever.
    pub audit_days: Option<u32>,
    /// Who may create accounts.
    pub registration: Registration,
    /// Web pages that may call the server from a browser.
    pub origins: Origins,
    /// Proxies that are believed about who their clients are.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// How codes are sent to the recipients of shares. Without it, items are shared only with anyone who has a link.
    pub mail: Option<Mail>,
    /// The host on which shares are opened. Only shares are answered there. If it is not set, they are opened on the
    /// host that their sender's client called.
    pub share_url: Option<ShareUrl>,
}

impl Config {
    /// The defaults over a data folder.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            postgres: None,
            files: FileStorage::Folder,
            max_file_size: op_protocol::file::MAX_CIPHERTEXT,
            upload_ttl: Duration::from_secs(24 * 60 * 60),
            limits: RateLimits::default(),
            session_ttl: Duration::from_secs(8 * 60 * 60),
            audit_days: None,
            registration: Registration::SetupToken,
            origins: Origins::Any,
            trusted_proxies: Vec::new(),
            mail: None,
            share_url: None,
        }
    }
}

/// Where a PostgreSQL database is: `postgres://user:password@host:port/database`.
#[derive(Clone)]
pub struct PostgresUrl(Zeroizing<String>);

/// The text is not the URL of a PostgreSQL database. The message does not contain it, as it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error(
    "a database is given as postgres://user:password@host:port/database; leave it out to use SQLite in the data folder"
)]
pub struct InvalidPostgresUrl;

impl PostgresUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PostgresUrl {
    type Err = InvalidPostgresUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_postgres = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        if is_postgres { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(InvalidPostgresUrl) }
    }
}

/// Without the URL, which may hold a password.
impl std::fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostgresUrl(..)")
    }
}

/// How the server sends mail.
#[derive(Debug, Clone)]
pub enum Mail {
    /// By a mail server.
    Smtp {
        /// The mail server.
        server: SmtpUrl,
        /// The address that mail comes from.
        from: MailAddress,
    },
    /// Into files of a folder, for development and tests.
    Folder(PathBuf),
}

/// Where a mail server is: `smtps://user:password@host`, or `smtp://host?tls=required`.
#[derive(Clone)]
pub struct SmtpUrl(Box<AsyncSmtpTransportBuilder>);

/// The text is not the URL of a mail server. The message does not contain it, as it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error(
    "a mail server is given as smtps://user:password@host[:port], as smtp://user:password@host[:port]?tls=required, which \
     begins without TLS, or as smtp://localhost, without TLS"
)]
pub struct InvalidSmtpUrl;

impl SmtpUrl {
    pub(crate) fn transport(&self) -> AsyncSmtpTransportBuilder {
        (*self.0).clone()
    }
}

impl FromStr for SmtpUrl {
    type Err = InvalidSmtpUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        AsyncSmtpTransport::<Tokio1Executor>::from_url(text)
            .map(|builder| Self(Box::new(builder)))
            .map_err(|_| InvalidSmtpUrl)
    }
}

/// Without the URL, which may hold a password.
impl std::fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SmtpUrl(..)")
    }
}

/// The address that mail comes from: `name@host`, or `Name <name@host>`.
#[derive(Debug, Clone)]
pub struct MailAddress(Mailbox);

/// The text is not the address that mail can come from.
#[derive(Debug, thiserror::Error)]
#[error("an e-mail address is given as name@host, or as `Name <name@host>`")]
pub struct InvalidMailAddress;

impl MailAddress {
    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.0
    }
}

impl FromStr for MailAddress {
    type Err = InvalidMailAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| InvalidMailAddress)
    }
}

/// The origin of the page that opens shares: `https://host[:port]`, or `http` on a loopback host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareUrl(String);

/// The text is not an origin where shares can be opened.
#[derive(Debug, thiserror::Error)]
#[error(
    "the address of shares is https://host[:port], such as https://share.example.com, without a path or a slash at the \
     end; browsers decrypt nothing over http, except on localhost"
)]
pub struct InvalidShareUrl;

impl ShareUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request with this header `Host` is for it.
    pub(crate) fn has_host(&self, host: &str) -> bool {
        let Some((scheme, own)) = self.0.split_once("://") else { return false };
        let host = host.strip_suffix(if scheme == "https" { ":443" } else { ":80" }).unwrap_or(host);
        host.eq_ignore_ascii_case(own)
    }
}

impl FromStr for ShareUrl {
    type Err = InvalidShareUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let _: Origin = text.parse().map_err(|_| InvalidShareUrl)?;
        let url: Uri = text.parse().map_err(|_| InvalidShareUrl)?;
        match (url.scheme_str(), url.host()) {
            (Some("https"), Some(_)) => {}
            (Some("http"), Some(host)) if is_loopback(host) => {}
            _ => return Err(InvalidShareUrl),
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whether browsers take the host for the machine that they run on.
pub(crate) fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "[::1]") || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
}

/// Where the content of files is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileStorage {
    /// In the folder `files` of the data folder.
    Folder,
    /// In a bucket of S3, or of a storage with its protocol. Credentials, region and endpoint come from the usual
    /// variables: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`.
    S3 {
        /// The name of the bucket.
        bucket: String,
        /// The prefix of all files' names; may be empty.
        prefix: String,
    },
}

/// The text is not the address of a file storage.
#[derive(Debug, thiserror::Error)]
#[error("file storage is given as s3://bucket or s3://bucket/prefix; leave it out to use the data folder")]
pub struct InvalidFileStorage;

impl FromStr for FileStorage {
    type Err = InvalidFileStorage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let place = text.strip_prefix("s3://").ok_or(InvalidFileStorage)?;
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() {
            return Err(InvalidFileStorage);
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_end_matches('/').to_owned() })
    }
}

/// Who may create accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Anyone with the setup token, which the server writes into its data folder.
    SetupToken,
    /// Nobody.
    Closed,
}

/// Web pages that may call the server from a browser. Browsers send no cookies or other ambient
/// credentials: a request is authorized by its signature alone, so any page may be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Every page.
    Any,
    /// Pages of these origins.
    List(Vec<Origin>),
}

/// The origin of web pages as browsers write it: `https://host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// The text is not an origin as browsers write it, and would match no page.
#[derive(Debug, thiserror::Error)]
#[error(
    "an origin is a scheme, a host in lower case, and a port unless it is the scheme's own, \
     such as https://app.example.com or http://localhost:5173, without a path or a slash at the end"
)]
pub struct InvalidOrigin;

impl Origin {
    /// The value of the header `Origin`.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(InvalidOrigin);
        };
        let is_default_port = matches!((scheme, authority.port_u16()), ("https", Some(443)) | ("http", Some(80)));
        let named = format!("{scheme}://{}", authority.as_str().to_ascii_lowercase());
        if named != text || is_default_port || text.contains('@') {
            return Err(InvalidOrigin);
        }
        HeaderValue::try_from(named).map(Self).map_err(|_| InvalidOrigin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_in_the_folder_or_in_a_bucket() {
        let s3 = |bucket: &str, prefix: &str| FileStorage::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() };
        assert_eq!("s3://b".parse::<FileStorage>().unwrap(), s3("b", ""));
        assert_eq!("s3://b/p/q/".parse::<FileStorage>().unwrap(), s3("b", "p/q"));
        for text in ["", "s3://", "s3:///p", "/data", "https://b.example"] {
            assert!(text.parse::<FileStorage>().is_err(), "{text}");
        }
    }

    #[test]
    fn shares_are_opened_over_https() {
        for (text, host) in [
            ("https://share.example.com", "share.example.com"),
            ("https://share.example.com:8443", "share.example.com:8443"),
            ("https://share.example.com", "Share.example.com:443"),
            ("http://localhost:8451", "localhost:8451"),
            ("http://127.0.0.1:8451", "127.0.0.1:8451"),
        ] {
            assert!(text.parse::<ShareUrl>().unwrap().has_host(host), "{text}");
        }
        for text in ["http://share.example.com", "https://share.example.com/", "share.example.com", "tauri://localhost"]
        {
            assert!(text.parse::<ShareUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_password_of_a_mail_server_is_not_shown() {
        let url: SmtpUrl = "smtps://me:hunter2@mail.example.com".parse().unwrap();
        assert_eq!(format!("{url:?}"), "SmtpUrl(..)");
        let error = "smtp//me:hunter2@mail.example.com".parse::<SmtpUrl>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn origins_are_what_browsers_send() {
        for text in ["https://app.example.com", "http://localhost:5173", "http://[::1]:8080", "tauri://localhost"] {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        for text in [
            "",
            "*",
            "null",
            "app.example.com",
            "https://app.example.com/",
            "https://app.example.com/page",
            "https://App.example.com",
            "https://app.example.com:443",
            "https://me@app.example.com",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
