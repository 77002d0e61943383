//! The error table: every failure that a call can have, by name.

use std::{fmt, time::Duration};

use serde::Serialize;
use serde::ser::SerializeMap;

#[cfg(not(target_family = "wasm"))]
use crate::host::TransportErrorKind;
use crate::{host::TransportError, spelling::Spelling};

macro_rules! error_table {
    ($($(#[doc = $doc:literal])+ $name:ident { retryable: $retryable:literal, message: $template:literal })+) => {
        /// The name of a failure. All languages have a class or sentinel with this name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorKind { $($(#[doc = $doc])+ $name),+ }

        impl ErrorKind {
            /// All kinds, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the name that crosses the language boundary.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// Returns what the failure means.
            #[must_use]
            pub fn doc(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc, "\n"),+)),+ }
            }

            /// Returns the message, with `{}` in place of the details.
            #[must_use]
            pub fn template(self) -> &'static str {
                match self { $(Self::$name => $template),+ }
            }

            /// Whether the same call may succeed when it is made again, unchanged.
            #[must_use]
            pub fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable),+ }
            }
        }
    };
}

error_table! {
    /// A configuration value, token, id or parameter is malformed. Nothing was sent.
    InvalidConfiguration { retryable: false, message: "invalid user input: encountered the following errors: {}" }
    /// The service account token cannot be read. Nothing was sent.
    InvalidServiceAccountToken { retryable: false, message: "invalid service account token, please make sure you provide a valid service account token as parameter:  {}" }
    /// The configuration of the client has an unknown, missing or wrongly typed member.
    InvalidClientConfig { retryable: false, message: "{}" }
    /// The method is unknown, or a parameter is unknown, missing or wrongly typed.
    InvalidInvocation { retryable: false, message: "{}" }
    /// The secret reference is malformed.
    ParsingSecretReference { retryable: false, message: "the secret reference could not be parsed: {}" }
    /// The secret reference matches nothing, or more than one thing.
    ResolvingSecretReference { retryable: false, message: "error resolving secret reference: {}" }
    /// Sign-in failed.
    Auth { retryable: false, message: "authentication error: {}" }
    /// The person has proved who they are, but an administrator has not confirmed them yet.
    UserNotConfirmed { retryable: false, message: "authentication error: {}" }
    /// The person has proved who they are, but is suspended.
    UserSuspended { retryable: false, message: "authentication error: {}" }
    /// The session ended, and signing in again did not help.
    BadCredentials { retryable: false, message: "bad credentials, please retry: {}" }
    /// What a person approved has ended: it was not used for some time, they revoked it, or their agent was locked.
    /// Clients ask for approval again by themselves, once.
    DesktopSessionExpired { retryable: true, message: "the approval of this program has ended: {}" }
    /// A person did not approve the program: they denied it, or did not answer in time, or the program may not ask.
    AuthorizationDenied { retryable: false, message: "the program was not approved: {}" }
    /// The person's agent does not run, or the connection to it broke.
    AgentUnavailable { retryable: true, message: "the agent cannot be reached: {}" }
    /// The credential behind the session has expired. opwire never returns this.
    AuthExpired { retryable: false, message: "{}" }
    /// The client may not do this.
    PermissionDenied { retryable: false, message: "you do not have the right permissions to perform this action: {}" }
    /// The vault, item or file does not exist, or is not visible to the client.
    NotFound { retryable: false, message: "{} couldn't be found" }
    /// The server rejected the request as malformed.
    BadRequest { retryable: false, message: "bad request" }
    /// A value that the caller passed is not valid for this call.
    BadInput { retryable: false, message: "bad input passed by the user: {}" }
    /// The item is archived or deleted.
    ItemNotActive { retryable: false, message: "item is not in an active state" }
    /// Someone else changed the same data at the same time. Read it again, and retry.
    Conflict { retryable: false, message: "data conflict occurred on the server: {}" }
    /// The item has changed since it was read. Read it again, and repeat the edit.
    ItemOutdated { retryable: false, message: "invalid user input: encountered the following errors: The submitted item is not up to date. Refetch the item and retry the request." }
    /// The item is larger than the server accepts.
    ItemTooBig { retryable: false, message: "bad input passed by the user: item is too big" }
    /// The file is larger than the server accepts, or than clients read.
    FileTooBig { retryable: false, message: "bad input passed by the user: file is too big" }
    /// The server's rate limit is reached. Wait for {field retryAfterMs} before a retry.
    RateLimitExceeded { retryable: true, message: "{}: rate limit exceeded" }
    /// The server failed.
    ServerError { retryable: true, message: "{}" }
    /// The server responded with a status that the protocol does not use.
    UnexpectedStatus { retryable: false, message: "unexpected status code in response: {}" }
    /// The request timed out, in the client or at the server.
    Timeout { retryable: true, message: "request timeout" }
    /// The server could not be reached, or the connection broke.
    Network { retryable: true, message: "the account server could not be reached: {}" }
    /// The response does not follow the protocol: it is not encrypted, was tampered with, or has another shape.
    InvalidResponse { retryable: false, message: "{}" }
    /// Data from the server cannot be decrypted with the keys of this account.
    Decryption { retryable: false, message: "error decrypting {}" }
    /// The public SDKs can do this, but opwire cannot yet. Nothing was sent.
    NotAvailable { retryable: false, message: "{} is not available in this version of opwire" }
    /// The client was closed before the call. Create a new one.
    ClientClosed { retryable: false, message: "the client is closed" }
    /// A fault in opwire.
    Internal { retryable: false, message: "an internal error occurred: {}" }
}

/// A failure: its kind, and what a caller needs to act on it. Never carries a secret.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    retryable: bool,
    field: Option<String>,
    status: Option<u16>,
    retry_after: Option<Duration>,
    cause: Option<Cause>,
}

/// The network failure that caused a failure. A binding turns it into an error of its language.
#[derive(Clone, Debug, Serialize)]
struct Cause {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
}

impl Error {
    /// Returns a failure of `kind`, with `details` in the kind's message.
    #[must_use]
    pub fn new(kind: ErrorKind, details: impl fmt::Display) -> Self {
        let message = kind.template().replacen("{}", &details.to_string(), 1);
        Self(Box::new(Inner {
            kind,
            message,
            retryable: kind.retryable(),
            field: None,
            status: None,
            retry_after: None,
            cause: None,
        }))
    }

    /// Names the parameter or member at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Spells the name of the member at fault as a language does.
    #[must_use]
    pub fn spelled(mut self, spelling: Spelling) -> Self {
        self.0.field = self.0.field.map(|field| spelling.path(&field));
        self
    }

    /// Adds the HTTP status that the failure came from.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the time that the server asks to wait.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// Sets whether a retry may succeed, in place of the kind's default.
    #[must_use]
    pub fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// Adds the network failure that caused it.
    #[must_use]
    pub(crate) fn with_cause(mut self, error: &TransportError) -> Self {
        self.0.cause = Some(Cause { kind: error.kind.name(), message: error.message.clone(), id: error.cause });
        self
    }

    /// Adds what is wrong, or where, after the text of the public SDKs.
    #[must_use]
    pub fn with_reason(mut self, reason: impl fmt::Display) -> Self {
        self.0.message.push_str(": ");
        self.0.message.push_str(&reason.to_string());
        self
    }

    /// Puts `prefix` before the message.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        self.0.message.insert_str(0, prefix);
        self
    }

    /// Replaces the message, for cases in which the public SDKs have another text than the kind's.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.0.message);
        self
    }

    /// Reads the text of [`Error::to_json`]; `None` if it is not one.
    #[must_use]
    #[cfg(not(target_family = "wasm"))]
    pub fn from_json(text: &str) -> Option<Self> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            name: String,
            message: String,
            retryable: bool,
            field: Option<String>,
            status: Option<u16>,
            retry_after_ms: Option<u64>,
            cause: Option<WireCause>,
        }
        #[derive(serde::Deserialize)]
        struct WireCause {
            kind: String,
            message: String,
        }
        let Wire { name, message, retryable, field, status, retry_after_ms, cause } =
            serde_json::from_str(text).ok()?;
        let kind = ErrorKind::ALL.iter().copied().find(|kind| kind.name() == name).unwrap_or(ErrorKind::Internal);
        let cause = cause.map(|WireCause { kind, message }| {
            let kind = TransportErrorKind::from_name(&kind).name();
            Cause { kind, message, id: None }
        });
        let retry_after = retry_after_ms.map(Duration::from_millis);
        Some(Self(Box::new(Inner { kind, message, retryable, field, status, retry_after, cause })))
    }

    /// Returns the kind of failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether content does not open, or cannot be read once it is open. Of failures of requests, which may have the same
    /// kinds, this must not be asked.
    pub(crate) fn is_of_content(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Decryption | ErrorKind::InvalidResponse)
    }

    /// Returns the message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the parameter or member at fault, if there is one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Returns the HTTP status that the failure came from.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the time that the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may succeed when it is made again, unchanged.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.0.retryable
    }

    /// Returns the failure as the JSON text that crosses a language boundary:
    /// `{"name", "message", "retryable"}` and, if they are known, `field`, `status`, `retryAfterMs` and `cause`.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_else(|_| r#"{"name":"Internal","message":"an internal error occurred"}"#.into())
    }
}

/// Returns the content, or `None` if it does not open. One who has access to a vault can put content there that nobody
/// can open; it must not stop a call that is about more than that.
pub(crate) fn if_it_opens<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if error.is_of_content() => Ok(None),
        result => result.map(Some),
    }
}

impl Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", self.0.kind.name())?;
        map.serialize_entry("message", &self.0.message)?;
        map.serialize_entry("retryable", &self.0.retryable)?;
        if let Some(field) = &self.0.field {
            map.serialize_entry("field", field)?;
        }
        if let Some(status) = self.0.status {
            map.serialize_entry("status", &status)?;
        }
        if let Some(wait) = self.0.retry_after {
            map.serialize_entry("retryAfterMs", &u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))?;
        }
        if let Some(cause) = &self.0.cause {
            map.serialize_entry("cause", cause)?;
        }
        map.end()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind.name(), self.0.message)
    }
}

impl std::error::Error for Error {}

/// The result of the core's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;
