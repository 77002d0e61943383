//! Sending codes by e-mail.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::time::timeout;

use crate::Mail;
use crate::system::new_id;

/// How long sending a mail may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// What sends mail.
pub(crate) enum Mailer {
    Smtp { transport: Box<AsyncSmtpTransport<Tokio1Executor>>, from: Mailbox },
    Folder(PathBuf),
}

/// A code for the recipient of a share.
pub(crate) struct Code {
    /// The recipient's address.
    pub(crate) to: String,
    pub(crate) digits: String,
    /// The name of whoever shares.
    pub(crate) sender: String,
    /// The name of their account.
    pub(crate) account: String,
}

/// Why a mail could not be sent. Without addresses and texts.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("the recipient's address is not one that mail can be sent to")]
    Address,
    #[error("the mail could not be composed")]
    Compose,
    /// What a mail server answers may repeat the recipient's address.
    #[error("the mail server refused it, with the status {0}")]
    Refused(String),
    #[error("the mail server could not be reached: {0}")]
    Unreachable(lettre::transport::smtp::Error),
    #[error("the mail server did not take it within 30 s")]
    Slow,
    #[error("writing it into the folder: {0}")]
    Folder(std::io::Error),
}

impl Mailer {
    pub(crate) fn open(mail: &Mail) -> Self {
        match mail {
            Mail::Smtp { server, from } => Self::Smtp {
                transport: Box::new(server.transport().timeout(Some(DEADLINE)).build()),
                from: from.mailbox().clone(),
            },
            Mail::Folder(folder) => Self::Folder(folder.clone()),
        }
    }

    /// Sends a code. A failure is logged: the recipient does not know whether they are one, so they cannot be told.
    pub(crate) async fn send(&self, code: Code) {
        if let Err(error) = self.try_send(code).await {
            tracing::error!(%error, "sending a code by e-mail");
        }
    }

    async fn try_send(&self, code: Code) -> Result<(), SendError> {
        match self {
            Self::Smtp { transport, from } => {
                let message = message(&code, from.clone())?;
                let sent = timeout(DEADLINE, transport.send(message)).await.map_err(|_| SendError::Slow)?;
                sent.map(drop).map_err(|error| match error.status() {
                    Some(status) => SendError::Refused(status.to_string()),
                    None => SendError::Unreachable(error),
                })
            }
            Self::Folder(folder) => {
                let from = "opwire <opwire@localhost>".parse().map_err(|_| SendError::Compose)?;
                let file = write(folder, &message(&code, from)?.formatted()).await.map_err(SendError::Folder)?;
                tracing::info!(file = %file.display(), "a mail is in this file");
                Ok(())
            }
        }
    }
}

/// The mail says nothing about the item.
fn message(code: &Code, from: Mailbox) -> Result<Message, SendError> {
    let Code { digits, sender, account, .. } = code;
    let text = format!(
        "{digits}\r\n\r\nis your code to open what {sender} ({account}) shares with you. Enter it on the page that asked \
         for it. It is valid for ten minutes.\r\n\r\nIf you did not ask for a code, ignore this message.\r\n"
    );
    Message::builder()
        .from(from)
        .to(Mailbox::new(None, code.to.parse().map_err(|_| SendError::Address)?))
        .subject(format!("Your code for what {sender} shares with you"))
        .header(ContentType::TEXT_PLAIN)
        .body(text)
        .map_err(|_| SendError::Compose)
}

async fn write(folder: &Path, mail: &[u8]) -> std::io::Result<PathBuf> {
    tokio::fs::create_dir_all(folder).await?;
    let name = new_id().map_err(std::io::Error::other)?;
    let partial = folder.join(format!(".{name}"));
    tokio::fs::write(&partial, mail).await?;
    let file = folder.join(format!("{name}.eml"));
    tokio::fs::rename(&partial, &file).await?;
    Ok(file)
}
