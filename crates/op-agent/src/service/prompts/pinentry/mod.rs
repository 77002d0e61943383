//! The prompt by pinentry, which many systems have for GnuPG. It is a program of its own, which draws the dialogs.

mod assuan;

use std::{
    env, io,
    path::PathBuf,
    time::{Duration, Instant},
};

use op_core::host::BoxFuture;
use tokio::process::Command;
use zeroize::{Zeroize as _, Zeroizing};

use self::assuan::Assuan;
use super::{
    Choice, DEAD_TIME, Decision, Description, Prompt, Request, Verdict, Verifier, describe,
    graphical::{self, Session},
    plain,
};

/// The programs that draw windows. `pinentry` is whichever the system prefers, and may be one for terminals.
const PROGRAMS: [&str; 10] = [
    "pinentry-gnome3",
    "pinentry-qt",
    "pinentry-qt6",
    "pinentry-qt5",
    "pinentry-gtk",
    "pinentry-gtk-2",
    "pinentry-wayprompt",
    "pinentry-fltk",
    "pinentry-efl",
    "pinentry",
];
/// The kinds that write to terminals, also as what a graphical one becomes if it finds no display.
const TERMINAL_KINDS: [&str; 4] = ["curses", "tty", "emacs", "loopback"];
/// The kind without a third button.
const TWO_BUTTONS: &str = "gnome3";

/// Shorter and shorter values, until the text fits into a line of the protocol.
const LENGTHS: [usize; 6] = [200, 120, 80, 60, 45, 32];

const TIMEOUT: u32 = 62;
const CANCELED: u32 = 99;
const NOT_CONFIRMED: u32 = 114;
const FULLY_CANCELED: u32 = 198;

/// Asks by a pinentry.
#[derive(Debug, Default)]
pub struct Pinentry {
    terminal: Option<Terminal>,
}

/// A terminal that belongs to the prompt.
#[derive(Debug)]
struct Terminal {
    program: PathBuf,
    device: String,
    kind: String,
}

impl Pinentry {
    /// Asks by a graphical pinentry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks by this pinentry in this terminal, such as `/dev/pts/3`, of this kind, such as `xterm`. Nobody else may use
    /// the terminal meanwhile.
    #[must_use]
    pub fn in_terminal(program: PathBuf, device: String, kind: String) -> Self {
        Self { terminal: Some(Terminal { program, device, kind }) }
    }

    async fn start(&self) -> io::Result<Option<Dialogs>> {
        match &self.terminal {
            Some(terminal) => {
                let mut assuan = Assuan::start(Command::new(&terminal.program)).await?;
                assuan.set("OPTION", &format!("ttyname={}", terminal.device)).await?;
                assuan.set("OPTION", &format!("ttytype={}", terminal.kind)).await?;
                assuan.set("OPTION", "lc-ctype=C.UTF-8").await?;
                Ok(Some(Dialogs { assuan, has_third_button: true }))
            }
            None => start_graphical().await,
        }
    }

    async fn converse(&self, request: &Request, verifier: &dyn Verifier) -> io::Result<Option<Decision>> {
        let Some(mut dialogs) = self.start().await? else { return Ok(None) };
        let description = describe(request);
        dialogs.assuan.set("SETTITLE", "opwire").await?;
        // The queue ends the prompt before.
        let seconds = Duration::from_millis(request.timeout_ms).as_secs() + 1;
        dialogs.assuan.set("SETTIMEOUT", &seconds.to_string()).await?;
        dialogs.ask(request, &description, verifier).await
    }
}

impl Prompt for Pinentry {
    fn name(&self) -> &'static str {
        "pinentry"
    }

    fn available(&self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            let is_installed = || PROGRAMS.iter().any(|name| graphical::program(name).is_some());
            self.terminal.is_some() || (is_installed() && Session::find().await.is_some())
        })
    }

    fn ask<'a>(&'a self, request: &'a Request, verifier: &'a dyn Verifier) -> BoxFuture<'a, Option<Decision>> {
        // A pinentry that fails has shown nothing, or has gone: the next prompt asks.
        Box::pin(async move { self.converse(request, verifier).await.unwrap_or_default() })
    }
}

/// Starts the first program that draws windows in the person's session.
async fn start_graphical() -> io::Result<Option<Dialogs>> {
    let Some(session) = Session::find().await else { return Ok(None) };
    let is_kde = session.variable("XDG_CURRENT_DESKTOP").is_some_and(|desktop| desktop.contains("KDE"));
    let mut programs: Vec<_> = PROGRAMS.iter().filter_map(|name| graphical::program(name)).collect();
    // Those of another desktop work too, but look foreign.
    programs.sort_by_key(|program| is_kde && !program.to_string_lossy().contains("-qt"));
    for program in programs {
        let mut command = Command::new(program);
        session.enter(&mut command);
        // The terminal in which GnuPG asks is not this prompt's.
        command.env_remove("GPG_TTY");
        let Ok(mut assuan) = Assuan::start(command).await else { continue };
        let kind = assuan.send("GETINFO", "flavor").await?;
        let kind = String::from_utf8_lossy(&kind.data).into_owned();
        if kind.is_empty() || kind.split(':').any(|part| TERMINAL_KINDS.contains(&part)) {
            continue;
        }
        if let Ok(language) = env::var("LC_MESSAGES").or_else(|_| env::var("LANG")) {
            assuan.send("OPTION", &format!("lc-messages={language}")).await?;
        }
        return Ok(Some(Dialogs { assuan, has_third_button: !kind.contains(TWO_BUTTONS) }));
    }
    Ok(None)
}

/// A pinentry that has started.
struct Dialogs {
    assuan: Assuan,
    has_third_button: bool,
}

/// How a dialog ended.
enum Outcome {
    Ok(Zeroizing<Vec<u8>>),
    /// By the third button.
    NotOk,
    Cancel,
    /// By closing its window, or after a time.
    Closed,
}

impl Dialogs {
    /// Asks to whom the approval is given, if there is a choice, and then for the proof.
    async fn ask(
        &mut self,
        request: &Request,
        description: &Description,
        verifier: &dyn Verifier,
    ) -> io::Result<Option<Decision>> {
        let has_choice = self.has_third_button && request.choices.len() > 1;
        let mut choice = 0;
        if has_choice {
            match self.choose(request, description).await? {
                Some(Ok(chosen)) => choice = chosen,
                Some(Err(decision)) => return Ok(Some(decision)),
                None => return Ok(None),
            }
        }
        let holder = description.choices.get(choice).map(String::as_str).unwrap_or_default();
        let text = fitting(|longest| {
            let details = if has_choice { String::new() } else { plain::details(description, longest) };
            let end = format!("\nThe approval is for {holder}, {}.", description.duration);
            plain::summary(description, longest) + &details + &end
        });
        let Some(text) = text else { return Ok(None) };
        self.assuan.set("SETDESC", &text).await?;
        match &description.password {
            Some(label) => self.password(choice, label, verifier).await.map(Some),
            None if self.has_third_button => self.button(choice).await.map(Some),
            // Enter would approve.
            None => Ok(None),
        }
    }

    /// Offers the choices one by one. The buttons approve nothing yet. Returns `None` if not all can be said.
    async fn choose(
        &mut self,
        request: &Request,
        description: &Description,
    ) -> io::Result<Option<Result<usize, Decision>>> {
        self.assuan.set("SETNOTOK", "For others...").await?;
        self.assuan.set("SETCANCEL", "Deny").await?;
        let choices = request.choices.iter().zip(&description.choices).enumerate();
        for (index, (choice, holder)) in choices.cycle() {
            let text = fitting(|longest| match index {
                0 => plain::summary(description, longest) + &plain::details(description, longest),
                _ => format!("{}\nFor {holder}?", plain::summary(description, longest)),
            });
            let Some(text) = text else { return Ok(None) };
            self.assuan.set("SETDESC", &text).await?;
            self.assuan.set("SETOK", button_of(choice)).await?;
            match self.show("CONFIRM").await? {
                Outcome::Ok(_) => return Ok(Some(Ok(index))),
                Outcome::NotOk => {}
                Outcome::Cancel => return Ok(Some(Err(Decision::Deny))),
                Outcome::Closed => return Ok(Some(Err(Decision::Dismiss))),
            }
        }
        Ok(None)
    }

    async fn password(&mut self, choice: usize, label: &str, verifier: &dyn Verifier) -> io::Result<Decision> {
        self.assuan.set("SETPROMPT", &format!("{label}:")).await?;
        self.assuan.set("SETOK", "Allow").await?;
        self.assuan.set("SETCANCEL", "Deny").await?;
        loop {
            let shown = Instant::now();
            let error = match self.show("GETPIN").await? {
                Outcome::Ok(_) if shown.elapsed() < DEAD_TIME => "That was too fast to have been read.".to_owned(),
                Outcome::Ok(typed) if typed.is_empty() => "Type the password of the account.".to_owned(),
                Outcome::Ok(typed) => match verifier.check(text_of(typed)).await {
                    Verdict::Right => return Ok(Decision::Allow { choice }),
                    Verdict::Wrong => "The password is wrong.".to_owned(),
                    Verdict::Unchecked(reason) => format!("The password cannot be checked: {reason}."),
                },
                Outcome::NotOk | Outcome::Cancel => return Ok(Decision::Deny),
                Outcome::Closed => return Ok(Decision::Dismiss),
            };
            self.assuan.set("SETERROR", &error).await?;
        }
    }

    /// Asks by the second of three buttons, because Enter presses the first.
    async fn button(&mut self, choice: usize) -> io::Result<Decision> {
        self.assuan.set("SETOK", "Deny").await?;
        self.assuan.set("SETNOTOK", "Allow").await?;
        self.assuan.set("SETCANCEL", "Close").await?;
        loop {
            let shown = Instant::now();
            match self.show("CONFIRM").await? {
                Outcome::NotOk if shown.elapsed() < DEAD_TIME => {}
                Outcome::NotOk => return Ok(Decision::Allow { choice }),
                Outcome::Ok(_) => return Ok(Decision::Deny),
                Outcome::Cancel | Outcome::Closed => return Ok(Decision::Dismiss),
            }
        }
    }

    /// Shows a dialog, and waits until it is answered.
    async fn show(&mut self, command: &str) -> io::Result<Outcome> {
        let reply = self.assuan.send(command, "").await?;
        match reply.failure {
            None => Ok(Outcome::Ok(reply.data)),
            Some(NOT_CONFIRMED) => Ok(Outcome::NotOk),
            Some(TIMEOUT) => Ok(Outcome::Closed),
            Some(CANCELED | FULLY_CANCELED) if reply.closed => Ok(Outcome::Closed),
            Some(CANCELED | FULLY_CANCELED) => Ok(Outcome::Cancel),
            Some(number) => Err(io::Error::other(format!("pinentry failed: {number}"))),
        }
    }
}

/// Returns the text with the longest values that a line of the protocol can hold. Nothing is left out but the middles
/// of long values; if that is not enough, `None`.
fn fitting(text: impl Fn(usize) -> String) -> Option<String> {
    LENGTHS.into_iter().map(text).find(|text| assuan::fits("SETDESC", text))
}

fn button_of(choice: &Choice) -> &'static str {
    match choice {
        Choice::Process => "For this process",
        Choice::Terminal => "For this terminal",
        Choice::Ancestor(_) => "For what it starts",
    }
}

fn text_of(mut typed: Zeroizing<Vec<u8>>) -> Zeroizing<String> {
    match String::from_utf8(std::mem::take(&mut *typed)) {
        Ok(text) => Zeroizing::new(text),
        Err(error) => {
            // No password that this program takes: it is a wrong one.
            error.into_bytes().zeroize();
            Zeroizing::default()
        }
    }
}
