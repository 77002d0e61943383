//! Answers the agent's own commands.

use op_core::{Error, ErrorKind, Message};
use serde::{Serialize, de::DeserializeOwned};

use super::{Agent, prompts::Verdict};
use crate::{
    control::{Lock, Log, Pending, Revoke, Status, Unlock},
    wire::Kind,
};

impl Agent {
    /// Answers a command. Waits for a prompt if it asks for one.
    pub(crate) async fn command(&self, kind: Kind, message: &Message) -> Result<Message, Error> {
        match kind {
            Kind::Status => encode(&self.status()?),
            Kind::Lock => self.lock(&decode(message)?),
            Kind::Unlock => self.unlock(decode(message)?).await,
            Kind::Pending => {
                let Pending { after } = decode(message)?;
                encode(&self.queue.board.pending(after).await)
            }
            Kind::Answer => encode(&self.queue.board.answer(decode(message)?).await),
            Kind::Sessions => encode(&self.grants.list()),
            Kind::Revoke => {
                let Revoke { grant } = decode(message)?;
                let ended = match grant {
                    Some(id) => usize::from(self.grants.end_one(id)),
                    None => self.grants.end_of(None),
                };
                self.log.event("revoked", None, &format!("{ended} approvals"));
                encode(&ended)
            }
            Kind::Log => {
                let Log { last } = decode(message)?;
                encode(&self.log.last(last))
            }
            Kind::SignIn | Kind::Invoke | Kind::Desktop | Kind::Cancel | Kind::Unknown => {
                Err(Error::new(ErrorKind::InvalidInvocation, "this agent does not know this kind of request"))
            }
        }
    }

    fn status(&self) -> Result<Status, Error> {
        Ok(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            accounts: self.accounts.status()?,
            grants: self.grants.list().len(),
            prompts: self.queue.prompt_names(),
        })
    }

    fn lock(&self, lock: &Lock) -> Result<Message, Error> {
        let name = lock.account.as_deref().map(|text| self.accounts.find(Some(text))).transpose()?;
        let name = name.map(|profile| profile.name);
        if !lock.keep_keys {
            self.accounts.lock(name.as_deref());
        }
        self.end_of(name.as_deref(), if lock.keep_keys { "soft locked" } else { "locked" });
        Ok(Message::default())
    }

    async fn unlock(&self, Unlock { account, password }: Unlock) -> Result<Message, Error> {
        let profile = self.accounts.find(account.as_deref())?;
        match self.accounts.check(&profile, password).await {
            Verdict::Right => {
                self.log.event("unlocked", Some(&profile.name), "");
                // Who types the password wants to be asked again.
                self.queue.storms.forget();
                Ok(Message::default())
            }
            Verdict::Wrong => {
                self.log.event("wrong password", Some(&profile.name), "");
                Err(Error::new(ErrorKind::Auth, "the password is wrong"))
            }
            Verdict::Unchecked(reason) => Err(Error::new(ErrorKind::AuthorizationDenied, reason)),
        }
    }
}

fn decode<T: DeserializeOwned>(message: &Message) -> Result<T, Error> {
    serde_json::from_str(&message.text)
        .map_err(|error| Error::new(ErrorKind::InvalidInvocation, format_args!("not what the agent takes: {error}")))
}

fn encode(value: &impl Serialize) -> Result<Message, Error> {
    let text = serde_json::to_string(value).map_err(|error| Error::new(ErrorKind::Internal, error))?;
    Ok(text.into())
}
