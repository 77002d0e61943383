//! The client configuration, which a language package passes to the core at sign-in.

#[cfg(not(target_family = "wasm"))]
use std::collections::BTreeSet;
use std::{collections::BTreeMap, time::Duration};

#[cfg(not(target_family = "wasm"))]
use op_protocol::id::VaultId;
use op_protocol::{
    json,
    token::{ServiceAccountToken, TokenError},
};
use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};

/// The version that the language packages report to account servers: one digit for the major version, two digits each
/// for minor, patch and build.
pub const SDK_VERSION: &str = "0010000";
/// The longest integration name, in characters.
pub(crate) const MAX_INTEGRATION_NAME: usize = 40;
/// The longest integration version, in characters.
pub(crate) const MAX_INTEGRATION_VERSION: usize = 20;
/// The default time limit of one request, in milliseconds.
pub(crate) const DEFAULT_REQUEST_TIMEOUT_MS: u64 = 30_000;
/// The default number of retries of a safe request.
pub(crate) const DEFAULT_MAX_RETRIES: u32 = 2;

/// A checked configuration.
pub(crate) struct ClientConfig {
    pub(crate) token: ServiceAccountToken,
    pub(crate) identity: Identity,
    pub(crate) options: Options,
}

/// How the program identifies itself to the account server.
#[derive(Clone)]
pub struct Identity {
    /// `JS`, `Python`, `Go`, `Rust`.
    pub programming_language: String,
    /// The version of the language package.
    pub sdk_version: String,
    /// The name of the program, for the audit log.
    pub integration_name: String,
    /// The version of the program.
    pub integration_version: String,
    /// The library that sends the requests.
    pub request_library: String,
    /// The version of that library.
    pub request_library_version: String,
    /// The operating system.
    pub os: String,
    /// The version of the operating system.
    pub os_version: String,
    /// The processor architecture.
    pub architecture: String,
    /// The name of the machine; may be empty.
    pub machine_name: String,
}

/// The options of a client.
#[derive(Clone)]
pub struct Options {
    /// The time limit of one request.
    pub request_timeout: Duration,
    /// How often a safe request is retried after a transient failure; 0 for never.
    pub max_retries: u32,
    /// The cache of items and references; `None` for none.
    pub cache: Option<CacheOptions>,
    /// What the client may use of its account. Only the native build has it, for desktop authorization.
    #[cfg(not(target_family = "wasm"))]
    pub scope: Scope,
}

/// What a client may use of its account; by default all that its user may. `wire/scope.rs` enforces it.
#[cfg(not(target_family = "wasm"))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The only vaults and Environments; `None` for all.
    pub vaults: Option<BTreeSet<VaultId>>,
    /// Whether it may only read.
    pub read_only: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_millis(DEFAULT_REQUEST_TIMEOUT_MS),
            max_retries: DEFAULT_MAX_RETRIES,
            cache: None,
            #[cfg(not(target_family = "wasm"))]
            scope: Scope::default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    service_account_token: String,
    programming_language: String,
    sdk_version: String,
    integration_name: String,
    integration_version: String,
    request_library_name: String,
    request_library_version: String,
    os: String,
    os_version: String,
    architecture: String,
    request_timeout_ms: Option<u64>,
    max_retries: Option<u32>,
    cache: Option<CacheOptions>,
}

impl ClientConfig {
    /// Reads the JSON that a language package sends.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wire: Wire = json::decode(text.as_bytes()).map_err(|error| unreadable(&error))?;
        let (token, identity, options) = wire.into_parts();
        identity.check(token_problem(&token))?;
        options.check()?;
        Ok(Self { token: read_token(token.into())?, identity, options })
    }
}

impl Wire {
    /// Returns the token, and the rest, unchecked.
    fn into_parts(self) -> (String, Identity, Options) {
        let identity = Identity {
            programming_language: self.programming_language,
            sdk_version: self.sdk_version,
            integration_name: self.integration_name,
            integration_version: self.integration_version,
            request_library: self.request_library_name,
            request_library_version: self.request_library_version,
            os: self.os,
            os_version: self.os_version,
            architecture: self.architecture,
            machine_name: String::new(),
        };
        let defaults = Options::default();
        let options = Options {
            request_timeout: self.request_timeout_ms.map_or(defaults.request_timeout, Duration::from_millis),
            max_retries: self.max_retries.unwrap_or(defaults.max_retries),
            cache: self.cache,
            #[cfg(not(target_family = "wasm"))]
            scope: Scope::default(),
        };
        (self.service_account_token, identity, options)
    }
}

impl Options {
    fn check(&self) -> Result<()> {
        if self.cache.is_some_and(|cache| cache.max_entries == 0) {
            return Err(invalid("cache.maxEntries must be 1 or more").with_field("cache.maxEntries"));
        }
        Ok(())
    }
}

impl Identity {
    /// Refuses an invalid identity. The error also names the problem with the token, if there is one.
    fn check(&self, token_problem: Option<String>) -> Result<()> {
        let mut field = token_problem.as_ref().map(|_| "serviceAccountToken");
        let mut problems = Vec::from_iter(token_problem);
        for (label, member, value, max) in [
            ("integration name", "integrationName", &self.integration_name, MAX_INTEGRATION_NAME),
            ("integration version", "integrationVersion", &self.integration_version, MAX_INTEGRATION_VERSION),
        ] {
            let found = integration_problems(label, value, max);
            if !found.is_empty() {
                field.get_or_insert(member);
                problems.extend(found);
            }
        }
        for (member, value) in [
            ("programmingLanguage", &self.programming_language),
            ("sdkVersion", &self.sdk_version),
            ("requestLibraryName", &self.request_library),
            ("requestLibraryVersion", &self.request_library_version),
            ("os", &self.os),
            ("osVersion", &self.os_version),
            ("architecture", &self.architecture),
        ] {
            // These values become parts of a header.
            if value.chars().any(|c| !c.is_ascii() || c.is_ascii_control()) {
                field.get_or_insert(member);
                problems.push(format!("{member} may contain only printable ASCII characters"));
            }
        }
        match field {
            None => Ok(()),
            Some(field) => Err(invalid(&problems.join("; ")).with_field(field)),
        }
    }

    /// Returns the configuration by which a program asks a person for `account`: what [`DesktopConfig`] reads.
    #[must_use]
    #[cfg(not(target_family = "wasm"))]
    pub fn desktop_config(&self, account: &str) -> String {
        serde_json::json!({
            "accountName": account,
            "programmingLanguage": self.programming_language,
            "sdkVersion": self.sdk_version,
            "integrationName": self.integration_name,
            "integrationVersion": self.integration_version,
            "requestLibraryName": self.request_library,
            "requestLibraryVersion": self.request_library_version,
            "os": self.os,
            "osVersion": self.os_version,
            "architecture": self.architecture,
        })
        .to_string()
    }

    /// Returns the `user-agent` header.
    pub(crate) fn user_agent(&self) -> String {
        format!(
            "opwire {} SDK/{} {}/{}",
            self.programming_language, self.sdk_version, self.integration_name, self.integration_version
        )
    }

    /// Returns the `op-user-agent` header: client, build, device, machine, library and platform.
    pub(crate) fn op_user_agent(&self, device: &str) -> String {
        format!(
            "1|SDK|999999999|{device}|{}||{}|{}|{}|{}|{}",
            self.machine_name,
            self.request_library,
            self.request_library_version,
            self.os,
            self.os_version,
            self.architecture
        )
    }
}

fn integration_problems(label: &str, value: &str, max: usize) -> Vec<String> {
    if value.is_empty() {
        return vec![format!("{label} was not specified")];
    }
    let mut problems = Vec::new();
    if value.chars().count() > max {
        problems.push(format!("{label} was too long. Max allowed: {max} chars"));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '.' | '-');
    // A long name must not make a long error.
    let foreign = value.chars().take(max).filter(|c| !allowed(*c));
    problems.extend(foreign.map(|c| format!("{label} contained unallowed char: '{c}'")));
    problems
}

/// Returns why a text is not a token. Problems within a token are reported only if nothing else is wrong.
fn token_problem(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("service account token was not specified".to_owned());
    }
    let error = ServiceAccountToken::parse(text).err().filter(|error| matches!(error, TokenError::Prefix(_)));
    error.map(|error| error.to_string())
}

fn read_token(text: zeroize::Zeroizing<String>) -> Result<ServiceAccountToken> {
    ServiceAccountToken::parse(&text)
        .map_err(|error| Error::new(ErrorKind::InvalidServiceAccountToken, error).with_field("serviceAccountToken"))
}

/// Returns the error of the public SDKs for a configuration that they cannot read, followed by what is wrong.
fn unreadable(error: &json::DecodeError) -> Error {
    let details = format_args!("data did not match any variant of untagged enum ClientConfig: {error}");
    Error::new(ErrorKind::InvalidClientConfig, details).with_field(error.path())
}

fn invalid(problems: &str) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, problems)
}

/// The configuration of a program that a person approves. Only the native build has it.
#[cfg(not(target_family = "wasm"))]
pub struct DesktopConfig {
    /// The account, as the program names it.
    pub account_name: String,
    /// Titles or ids of the only vaults; `None` for all.
    pub vaults: Option<BTreeSet<String>>,
    /// Whether the program may only read.
    pub read_only: bool,
    /// When the caller gives up.
    pub timeout: Option<Duration>,
    /// How the program identifies itself to the account server.
    pub identity: Identity,
    /// The options of the client. Their scope is not set yet, because it takes ids of vaults.
    pub options: Options,
}

#[cfg(not(target_family = "wasm"))]
impl DesktopConfig {
    /// Reads the JSON that a language package sends: its client configuration, with an account in place of the token.
    ///
    /// # Errors
    /// A member is missing, wrongly typed or invalid.
    pub fn parse(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Desktop {
            account_name: String,
            vaults: Option<Vec<String>>,
            #[serde(default)]
            read_only: bool,
            timeout_ms: Option<u64>,
        }
        let read = || {
            let mut tree = json::parse(text.as_bytes())?;
            let desktop: Desktop = json::from_tree(tree.clone())?;
            // The rest is read like the configuration with a token, which this one does not have.
            if let json::Tree::Object(members) = &mut tree {
                members.push(("serviceAccountToken".into(), json::Tree::Text("".into())));
            }
            json::from_tree::<Wire>(tree).map(|wire| (desktop, wire))
        };
        let (desktop, wire) = read().map_err(|error| unreadable(&error))?;
        let (_, identity, options) = wire.into_parts();
        identity.check(None)?;
        options.check()?;
        if desktop.account_name.trim().is_empty() {
            return Err(invalid("account name was not specified").with_field("accountName"));
        }
        let vaults = desktop.vaults.map(BTreeSet::from_iter);
        if vaults.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(invalid("vaults names no vault: leave it out for all vaults").with_field("vaults"));
        }
        let timeout = desktop.timeout_ms.map(Duration::from_millis);
        Ok(Self {
            account_name: desktop.account_name,
            vaults,
            read_only: desktop.read_only,
            timeout,
            identity,
            options,
        })
    }
}

/// The options of a client's cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, u64>")]
pub struct CacheOptions {
    /// How long an entry counts as fresh, in milliseconds.
    pub ttl_ms: u64,
    /// How long after that a stale entry may still be returned, while one call refreshes it or the server fails.
    pub stale_ms: u64,
    /// How long the cache remembers that something does not exist.
    pub negative_ttl_ms: u64,
    /// How many entries are kept; each item and each reference has one.
    pub max_entries: u32,
}

/// The default time for which an entry counts as fresh, in milliseconds.
pub(crate) const DEFAULT_CACHE_TTL_MS: u64 = 60_000;

/// The default time for which the cache remembers that something does not exist, in milliseconds.
pub(crate) const DEFAULT_CACHE_NEGATIVE_TTL_MS: u64 = 5_000;

/// The default number of entries that are kept.
pub(crate) const DEFAULT_CACHE_MAX_ENTRIES: u32 = 1_000;

impl Default for CacheOptions {
    fn default() -> Self {
        Self {
            ttl_ms: DEFAULT_CACHE_TTL_MS,
            stale_ms: 0,
            negative_ttl_ms: DEFAULT_CACHE_NEGATIVE_TTL_MS,
            max_entries: DEFAULT_CACHE_MAX_ENTRIES,
        }
    }
}

impl TryFrom<BTreeMap<String, u64>> for CacheOptions {
    type Error = String;

    /// Reads the options. An unknown name is an error, because a misspelt option must not be ignored.
    fn try_from(members: BTreeMap<String, u64>) -> Result<Self, String> {
        let mut options = Self::default();
        for (name, value) in members {
            match name.as_str() {
                "ttlMs" => options.ttl_ms = value,
                "staleMs" => options.stale_ms = value,
                "negativeTtlMs" => options.negative_ttl_ms = value,
                "maxEntries" => options.max_entries = u32::try_from(value).unwrap_or(u32::MAX),
                _ => {
                    return Err(format!(
                        "unknown field `{name}`, expected `ttlMs`, `staleMs`, `negativeTtlMs` or `maxEntries`"
                    ));
                }
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_gets_a_short_error() {
        let problems = integration_problems("integration name", &"<".repeat(100_000), MAX_INTEGRATION_NAME);
        assert_eq!(problems.len(), 1 + MAX_INTEGRATION_NAME);
    }

    #[test]
    fn the_reported_version_is_the_packages_version() {
        let digits: String = env!("CARGO_PKG_VERSION").split('.').map(|part| format!("{part:0>2}")).collect();
        assert_eq!(format!("0{SDK_VERSION}"), format!("{digits}00"));
    }
}
