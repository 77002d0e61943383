//! The invoke surface: text in, text out, the same for every language.

use std::sync::Arc;

use crate::{error::Result, host::Host};

/// The core of one program or one client object: a host, and the clients that were made on it.
///
/// Every method takes and gives the JSON of the public SDKs; failures are [`crate::Error`]s, which bindings pass on as
/// [`crate::Error::to_json`].
pub struct Core {
    #[expect(dead_code, reason = "filled in next")]
    host: Arc<dyn Host>,
}

impl Core {
    /// A core that reaches the world through `host`.
    #[must_use]
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self { host }
    }

    /// Signs a client in and returns its id, in decimal.
    ///
    /// # Errors
    /// The configuration is malformed, or sign-in failed.
    pub async fn init_client(&self, _config: &str) -> Result<String> {
        std::future::ready(()).await;
        Ok(String::new())
    }

    /// Runs one method, for instance
    /// `{"invocation":{"clientId":0,"parameters":{"name":"VaultsList","parameters":{}}}}`, and returns its result.
    ///
    /// # Errors
    /// The invocation is malformed, or the method failed.
    pub async fn invoke(&self, _invocation: &str) -> Result<String> {
        std::future::ready(()).await;
        Ok(String::new())
    }

    /// Runs a method that needs neither client nor network, such as `GeneratePassword`.
    ///
    /// # Errors
    /// The invocation is malformed, names a method that waits for the network, or the method failed.
    pub fn invoke_sync(&self, _invocation: &str) -> Result<String> {
        Ok(String::new())
    }

    /// Forgets a client and its keys. Calls under way on it end as they would have.
    ///
    /// # Errors
    /// No client has this id.
    pub fn release_client(&self, _client_id: &str) -> Result<()> {
        Ok(())
    }
}
