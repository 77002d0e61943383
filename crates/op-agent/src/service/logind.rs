//! Ends approvals when the screen is locked or the machine falls asleep, which logind announces on the system's bus.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use nix::unistd::geteuid;
use zbus::{Connection, MatchRule, MessageStream, Proxy, message::Type, zvariant::OwnedObjectPath};

use super::Agent;

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
/// How long to wait before connecting again to a bus that was not there.
const RETRY: Duration = Duration::from_secs(60);

/// Watches for as long as the agent runs. Without a system bus, sleep is noticed by the clocks.
pub(crate) async fn watch(agent: Arc<Agent>) {
    loop {
        let _ = watch_bus(&agent).await;
        tokio::time::sleep(RETRY).await;
    }
}

async fn watch_bus(agent: &Agent) -> zbus::Result<()> {
    let bus = Connection::system().await?;
    let mut locks = signals(&bus, SESSION, "Lock").await?;
    let mut sleeps = signals(&bus, MANAGER, "PrepareForSleep").await?;
    loop {
        tokio::select! {
            Some(signal) = locks.next() => {
                let signal = signal?;
                let Some(session) = signal.header().path().map(ToString::to_string) else { continue };
                // A session of which nothing is known counts as this user's.
                if is_own(&bus, &session).await.unwrap_or(true) {
                    agent.lock_all(true, "the screen was locked");
                }
            }
            Some(signal) = sleeps.next() => {
                // The signal also announces that the machine has woken up.
                if signal?.body().deserialize().unwrap_or(true) {
                    agent.lock_all(true, "the machine falls asleep");
                }
            }
            else => return Ok(()),
        }
    }
}

async fn signals(bus: &Connection, interface: &str, member: &str) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender(LOGIND)?.interface(interface)?.member(member)?;
    MessageStream::for_match_rule(rule.build(), bus, None).await
}

/// Returns whether a login session is this user's.
async fn is_own(bus: &Connection, session: &str) -> zbus::Result<bool> {
    let session = Proxy::new(bus, LOGIND, session, SESSION).await?;
    let (user, _): (u32, OwnedObjectPath) = session.get_property("User").await?;
    Ok(user == geteuid().as_raw())
}
