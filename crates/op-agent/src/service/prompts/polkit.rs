//! The prompt by polkit: the system asks the person as it is set up to, by their password or their finger, in a dialog
//! that no program of theirs can press. It gives no key, so that it cannot unlock an account.
//!
//! It is asked on the system's bus rather than by `pkcheck`, in whose arguments other users could read the prompt.

use std::{
    collections::HashMap,
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    process,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::unistd::geteuid;
use op_core::host::BoxFuture;
use serde::Serialize;
use tokio::time::timeout;
use zbus::{
    Connection,
    zvariant::{DynamicType, Value},
};

use super::{DEAD_TIME, Decision, Prompt, Request, Verifier, describe, plain};
use crate::service::proc::Stat;

/// The name on the bus, <https://polkit.pages.freedesktop.org/polkit/eggdbus-interface-org.freedesktop.PolicyKit1.Authority.html>.
const POLKIT: &str = "org.freedesktop.PolicyKit1";
const AUTHORITY: &str = "org.freedesktop.PolicyKit1.Authority";
const OBJECT: &str = "/org/freedesktop/PolicyKit1/Authority";
/// The flag of `CheckAuthorization` that lets polkit ask the person.
const ALLOW_USER_INTERACTION: u32 = 1;
const ACTION: &str = "org.opwire.agent.approve";
/// By what a check is cancelled. Each has its own connection to the bus.
const CANCELLATION: &str = "prompt";
/// Where polkit finds actions: those of packages, and since version 126 those of administrators, because the first
/// folder can be read-only.
const FOLDERS: [&str; 2] = ["/usr/share/polkit-1/actions", "/etc/polkit-1/actions"];
/// The longest value that is shown, in characters.
const LONGEST: usize = 200;
/// How long polkit may take to say whether it would ask.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks by polkit.
#[derive(Debug, Default)]
pub struct Polkit;

impl Polkit {
    /// Asks by polkit.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Prompt for Polkit {
    fn name(&self) -> &'static str {
        "polkit"
    }

    /// Whether polkit knows the action and would ask. If a rule of the system allows it without asking, polkit proves
    /// nothing.
    fn available(&self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            let check = async { Check::new().await?.result(None).await };
            matches!(timeout(PATIENCE, check).await, Ok(Ok(Outcome::WouldAsk)))
        })
    }

    fn proves_person(&self) -> bool {
        true
    }

    fn ask<'a>(&'a self, request: &'a Request, _verifier: &'a dyn Verifier) -> BoxFuture<'a, Option<Decision>> {
        Box::pin(async move {
            let description = describe(request);
            let holder = description.choices.first()?;
            let text = format!(
                "{}{}\nThe approval is for {holder}, {}.\n",
                plain::summary(&description, LONGEST),
                plain::details(&description, LONGEST),
                description.duration,
            );
            let mut check = Check::new().await.ok()?;
            let asked = Instant::now();
            match check.result(Some(&text)).await.ok()? {
                Outcome::Authorized if asked.elapsed() < DEAD_TIME => None,
                Outcome::Authorized => Some(Decision::Allow { choice: 0 }),
                // The password was wrong too often.
                Outcome::NotAuthorized => Some(Decision::Dismiss),
                // Its dialogs have no other button to deny.
                Outcome::Dismissed => Some(Decision::Deny),
                // Nothing asks in this session.
                Outcome::WouldAsk => None,
            }
        })
    }
}

/// What polkit says about the action.
enum Outcome {
    Authorized,
    NotAuthorized,
    /// The person closed the dialog.
    Dismissed,
    /// It needs the person, and was not allowed to ask, or nothing asks in this session.
    WouldAsk,
}

/// A check of the action. Dropped, it takes its dialog away.
struct Check {
    bus: Connection,
    /// Whether a dialog may be open.
    asks: bool,
}

impl Check {
    async fn new() -> zbus::Result<Self> {
        Ok(Self { bus: Connection::system().await?, asks: false })
    }

    /// Checks it. With a text, polkit asks the person, and shows it. The check is about the agent rather than the
    /// program that asks, so that polkit asks in the person's session, wherever the program runs.
    async fn result(&mut self, text: Option<&str>) -> zbus::Result<Outcome> {
        let pid = process::id();
        let own = i32::try_from(pid).ok().and_then(Stat::read).map(|stat| stat.key);
        let own = own.ok_or_else(|| zbus::Error::Failure("/proc cannot be read".to_owned()))?;
        let facts: HashMap<&str, Value<'_>> = [
            ("pid", Value::from(pid)),
            ("start-time", Value::from(own.start)),
            ("uid", Value::from(geteuid().as_raw().cast_signed())),
        ]
        .into();
        let details: HashMap<&str, &str> = text.iter().map(|text| ("text", *text)).collect();
        let flags = if text.is_some() { ALLOW_USER_INTERACTION } else { 0 };
        self.asks = text.is_some();
        let body = (("unix-process", facts), ACTION, details, flags, CANCELLATION);
        let reply = call(&self.bus, "CheckAuthorization", &body).await;
        self.asks = false;
        let (is_authorized, would_ask, details): (bool, bool, HashMap<String, String>) = reply?.body().deserialize()?;
        Ok(match (is_authorized, would_ask) {
            (true, _) => Outcome::Authorized,
            (false, true) => Outcome::WouldAsk,
            (false, false) if details.contains_key("polkit.dismissed") => Outcome::Dismissed,
            (false, false) => Outcome::NotAuthorized,
        })
    }
}

impl Drop for Check {
    fn drop(&mut self) {
        if self.asks {
            let bus = self.bus.clone();
            tokio::spawn(async move { call(&bus, "CancelCheckAuthorization", &CANCELLATION).await });
        }
    }
}

async fn call<B: Serialize + DynamicType + Sync>(
    bus: &Connection,
    method: &str,
    body: &B,
) -> zbus::Result<zbus::Message> {
    bus.call_method(Some(POLKIT), OBJECT, Some(AUTHORITY), method, body).await
}

/// Returns the user for whom root acts: who ran `sudo` or `pkexec`. Returns `None` if this is not root.
#[must_use]
pub fn user_behind_root() -> Option<u32> {
    let number = |name| env::var(name).ok()?.parse().ok();
    geteuid().is_root().then(|| number("SUDO_UID").or_else(|| number("PKEXEC_UID"))).flatten()
}

/// Lets polkit ask for this user. Returns the file that says so. Needs root.
///
/// # Errors
/// The file cannot be written.
pub fn install(user: u32) -> Result<PathBuf> {
    let mut users = installed_users();
    if !users.contains(&user) {
        users.push(user);
    }
    let mut refused = None;
    for folder in FOLDERS {
        let file = Path::new(folder).join(format!("{ACTION}.policy"));
        match write(&file, &policy(&users)) {
            Ok(()) => return Ok(file),
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => refused = Some((file, error)),
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        }
    }
    match refused {
        Some((file, error)) => Err(error).with_context(|| file.display().to_string()),
        None => bail!("polkit has no folder for actions"),
    }
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    // At once, because polkit reads the file as soon as it changes.
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(&new, file)
}

/// Returns the users for whom polkit asks already.
fn installed_users() -> Vec<u32> {
    let files = FOLDERS.iter().map(|folder| Path::new(folder).join(format!("{ACTION}.policy")));
    let texts: Vec<_> = files.filter_map(|file| fs::read_to_string(file).ok()).collect();
    texts.iter().flat_map(|text| text.split("unix-user:").skip(1)).filter_map(number).collect()
}

fn number(text: &str) -> Option<u32> {
    text.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// Returns the action. Only its owners may say what the prompt shows.
fn policy(users: &[u32]) -> String {
    let mut owners = String::new();
    for user in users {
        let _ = write!(owners, "{}unix-user:{user}", if owners.is_empty() { "" } else { " " });
    }
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD PolicyKit Policy Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/PolicyKit/1/policyconfig.dtd">
<policyconfig>
  <vendor>opwire</vendor>
  <action id="{ACTION}">
    <description>Approve a program that wants to use an account</description>
    <message>$(text)</message>
    <icon_name>dialog-password</icon_name>
    <defaults>
      <allow_any>auth_self</allow_any>
      <allow_inactive>auth_self</allow_inactive>
      <allow_active>auth_self</allow_active>
    </defaults>
    <annotate key="org.freedesktop.policykit.owner">{owners}</annotate>
  </action>
</policyconfig>
"#
    )
}
