//! The configuration of a server.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderValue, Uri};
use zeroize::Zeroizing;

use crate::RateLimits;

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
    /// Who may create accounts.
    pub registration: Registration,
    /// Web pages that may call the server from a browser.
    pub origins: Origins,
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
            registration: Registration::SetupToken,
            origins: Origins::Any,
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
