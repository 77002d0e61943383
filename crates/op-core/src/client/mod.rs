//! A signed-in client.

pub(crate) mod change;
pub(crate) mod keychain;
pub(crate) mod titles;
pub(crate) mod vault_records;
pub(crate) mod wrap;
pub(crate) mod writer;

use std::sync::Arc;

use op_protocol::id;

use crate::{
    client::{keychain::Keychain, titles::Titles, writer::ItemWriter},
    config::{ClientConfig, Identity, Options},
    error::{Error, ErrorKind, Result},
    host::Host,
    wire::{
        address::Address,
        api::Api,
        session::{Connection, Credentials},
    },
};

/// A signed-in client of one account. Calls may run concurrently.
pub struct Client {
    pub(crate) api: Arc<Api>,
    pub(crate) keychain: Arc<Keychain>,
    pub(crate) items: Arc<ItemWriter>,
    pub(crate) titles: Titles,
}

impl Client {
    /// Signs in with the token in a configuration.
    pub(crate) async fn connect(host: Arc<dyn Host>, config: ClientConfig) -> Result<Self> {
        let address = config.token.sign_in_address.clone();
        let credentials = Credentials::service_account(config.token);
        Self::sign_in(host, &address, credentials, config.identity, config.options).await
    }

    /// Signs in at `sign_in_address`.
    ///
    /// # Errors
    /// The address is not allowed, or the server cannot be reached or refuses the credentials.
    pub async fn sign_in(
        host: Arc<dyn Host>,
        sign_in_address: &str,
        credentials: Credentials,
        identity: Identity,
        options: Options,
    ) -> Result<Self> {
        let address = Address::parse(sign_in_address).map_err(|problem| {
            Error::new(ErrorKind::InvalidConfiguration, format_args!("the sign-in address {problem}"))
                .with_field("signInAddress")
        })?;
        let api = Api::new(Arc::new(Connection { host, address, credentials, identity, options }));
        api.session().await?;
        let keychain = Arc::new(Keychain::new(api.clone()));
        let items = ItemWriter::new(api.clone(), keychain.clone());
        Ok(Self { api, keychain, items, titles: Titles::default() })
    }

    /// Returns the credentials of a person without their password, so that other clients can sign in without deriving
    /// keys from it again.
    ///
    /// # Errors
    /// The client did not sign in by a password, or its keys cannot be opened.
    #[cfg(not(target_family = "wasm"))]
    pub async fn unlocked_credentials(&self) -> Result<Credentials> {
        // The first call opens the primary keyset, with the key that is derived from the password.
        self.keychain.keysets().await?;
        let credentials = self.api.connection.credentials.without_password();
        credentials.ok_or_else(|| Error::new(ErrorKind::Internal, "the client did not sign in by a password"))
    }

    /// Returns the id of the signed-in user.
    ///
    /// # Errors
    /// The session has ended, and signing in again failed.
    #[cfg(not(target_family = "wasm"))]
    pub async fn user_id(&self) -> Result<String> {
        Ok(self.api.session().await?.user_id.clone())
    }

    /// Returns the id of the account; empty if the server does not say it.
    ///
    /// # Errors
    /// The session has ended, and signing in again failed.
    #[cfg(not(target_family = "wasm"))]
    pub async fn account_id(&self) -> Result<String> {
        Ok(self.api.session().await?.account_id.clone())
    }

    /// Returns the client's host.
    pub(crate) fn host(&self) -> &dyn Host {
        self.api.connection.host.as_ref()
    }

    /// Returns the seconds since the Unix epoch, by the host's clock.
    pub(crate) fn now_seconds(&self) -> u64 {
        self.now_millis() / 1000
    }

    /// Returns the milliseconds since the Unix epoch, by the host's clock.
    pub(crate) fn now_millis(&self) -> u64 {
        self.api.connection.host.now_millis()
    }

    /// Returns a new id from the host's randomness.
    pub(crate) fn new_id(&self) -> String {
        id::new_id(self.api.connection.random())
    }
}
