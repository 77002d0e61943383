//! Signs programs in, and makes their calls.

use std::sync::Weak;

use op_core::{DesktopConfig, Error, Message};
use tokio::time::timeout;

use super::{
    Agent, denied,
    peer::Peer,
    queue::Question,
    sessions::{self, Session},
};
use crate::request::{Claims, Scope};

/// What a program has signed in to. It keeps no keys: they go with the session, which ends when the agent is locked.
#[derive(Clone)]
pub(crate) struct SignedIn {
    account: String,
    grant: u64,
    session: Weak<Session>,
}

/// How the bytes of a call cross.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// Beside the JSON.
    Attached,
    /// In the JSON, as lists of numbers.
    Public,
}

impl Agent {
    /// Signs a program in. Asks the person, unless a grant covers the program.
    pub(crate) async fn sign_in(&self, peer: &Peer, config: &DesktopConfig) -> Result<SignedIn, Error> {
        let profile = self.accounts.find(Some(&config.account_name))?;
        let who = peer.identify()?;
        let scope = Scope { vaults: config.vaults.clone(), read_only: config.read_only };
        let claims = Claims {
            name: config.identity.integration_name.clone(),
            version: config.identity.integration_version.clone(),
            arguments: who.arguments.clone(),
        };
        let question = Question { who, profile: profile.clone(), scope, claims };
        let approved = self.approved(&question);
        let grant = match config.timeout {
            Some(limit) => {
                timeout(limit, approved).await.map_err(|_| denied("nobody answered before the caller's deadline"))?
            }
            None => approved.await,
        }?;
        let credentials = self.accounts.credentials(&profile.name).ok_or_else(sessions::ended)?;
        let session = self.sessions.of(&profile, &credentials, config).await;
        let session = session.map_err(|error| self.noticed(&profile.name, error))?;
        Ok(SignedIn { account: profile.name, grant, session })
    }

    /// Makes a call of a program that has signed in. The invocation has the `clientId` 0.
    pub(crate) async fn call(&self, signed_in: &SignedIn, invocation: Message, form: Form) -> Result<Message, Error> {
        let SignedIn { account, grant, session } = signed_in;
        let mut call = self.grants.begin(*grant).ok_or_else(sessions::ended)?;
        let session = session.upgrade().ok_or_else(sessions::ended)?;
        let core = session.core().ok_or_else(sessions::ended)?;
        let run = async {
            match form {
                Form::Attached => core.exchange(invocation).await,
                Form::Public => core.invoke(&invocation.text).await.map(Message::from),
            }
        };
        let outcome = tokio::select! {
            outcome = run => outcome,
            () = call.ended() => Err(sessions::ended()),
        };
        self.sessions.touch(&session);
        outcome.map_err(|error| self.noticed(account, error))
    }
}
