//! Opens links in the person's browser.

use std::{path::PathBuf, process::Stdio};

use tokio::process::Command;

use crate::prompts::graphical::{self, Session};

/// The program that opens links with whatever the person prefers.
const OPENER: &str = "xdg-open";

/// The programs that may open a link, the preferred one first.
pub(super) struct Browsers {
    session: Session,
    /// Programs with arguments, in which `%s` stands for the link.
    commands: Vec<(PathBuf, Vec<String>)>,
}

impl Browsers {
    /// Returns the programs of a session: those in `BROWSER`, separated by colons, and what opens links by preference.
    /// Returns `None` if there are none.
    pub(super) fn of(session: Session) -> Option<Self> {
        let named = session.variable("BROWSER").unwrap_or_default();
        let commands: Vec<_> = named.split(':').chain([OPENER]).filter_map(parse).collect();
        (!commands.is_empty()).then_some(Self { session, commands })
    }

    /// Opens a link. Completes only if nothing can open it. The browser stays when this is dropped: it is the person's,
    /// and may have been opened by this.
    pub(super) async fn open(&self, link: &str) {
        for (program, arguments) in &self.commands {
            let mut command = Command::new(program);
            self.session.enter(&mut command);
            command.args(arguments.iter().map(|argument| argument.replace("%s", link)));
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            // Not in the process group of an agent that is stopped by Ctrl-C.
            command.process_group(0);
            if command.status().await.is_ok_and(|status| status.success()) {
                return std::future::pending().await;
            }
        }
    }
}

fn parse(text: &str) -> Option<(PathBuf, Vec<String>)> {
    let mut words = text.split_whitespace();
    let program = graphical::program(words.next()?)?;
    let mut arguments: Vec<_> = words.map(str::to_owned).collect();
    if !text.contains("%s") {
        arguments.push("%s".to_owned());
    }
    Some((program, arguments))
}
