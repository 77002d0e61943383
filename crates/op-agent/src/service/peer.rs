//! Which program connected. The process that called `connect` counts, also if another one inherited its socket.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::socket::{getsockopt, sockopt},
    unistd::{Uid, geteuid},
};
use op_core::Error;
use tokio::{
    io::{Interest, unix::AsyncFd},
    net::UnixStream,
};

use super::{
    denied,
    proc::{self, ProcessKey, Stat, TerminalKey},
};
use crate::request::{Choice, Process, Program};

/// How many ancestors a prompt shows.
const SHOWN_ANCESTORS: usize = 4;

/// The process on the other side of a connection.
#[derive(Debug)]
pub(crate) struct Peer {
    pidfd: AsyncFd<OwnedFd>,
    pid: i32,
}

/// What is known about a program.
#[derive(Clone, Debug)]
pub(crate) struct Identified {
    pub(crate) program: Program,
    pub(crate) arguments: Vec<String>,
    pub(crate) process: ProcessKey,
    pub(crate) terminal: Option<TerminalKey>,
    /// All of them, nearest first.
    pub(crate) ancestors: Vec<ProcessKey>,
}

impl Peer {
    /// Returns the process that connected.
    ///
    /// # Errors
    /// It is another user's, or the kernel does not say which process it is.
    pub(crate) fn of(stream: &UnixStream) -> Result<Self, Error> {
        let credentials = getsockopt(stream, sockopt::PeerCredentials).map_err(|error| unknown(&error.into()))?;
        check_user(Uid::from_raw(credentials.uid()))?;
        let pidfd = getsockopt(stream, sockopt::PeerPidfd).map_err(|error| unknown(&error.into()))?;
        #[expect(deprecated, reason = "its replacement is unsafe because of other types; an OwnedFd stays open")]
        let pidfd = AsyncFd::with_interest(pidfd, Interest::READABLE).map_err(|error| unknown(&error))?;
        Ok(Self { pidfd, pid: credentials.pid() })
    }

    /// Returns the failure of a request if the process has ended. A request can still come from a process that
    /// inherited its socket.
    pub(crate) fn check_alive(&self) -> Result<(), Error> {
        let mut fds = [PollFd::new(self.pidfd.as_fd(), PollFlags::POLLIN)];
        // The descriptor of a process becomes readable when the process ends.
        match poll(&mut fds, PollTimeout::ZERO) {
            Ok(0) => Ok(()),
            _ => Err(has_ended()),
        }
    }

    /// Waits until the process has ended, and returns the failure of its requests.
    pub(crate) async fn ended(&self) -> Error {
        let _ = self.pidfd.readable().await;
        has_ended()
    }

    /// Returns the process.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn process(&self) -> Result<ProcessKey, Error> {
        let stat = Stat::read(self.pid);
        // Afterwards, as in `identify`.
        self.check_alive()?;
        stat.map(|stat| stat.key).ok_or_else(unnamed)
    }

    /// Returns what is known about the process.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn identify(&self) -> Result<Identified, Error> {
        let identified = self.read();
        // Afterwards: while the process lives, no other one has its number, so what was read is about it.
        self.check_alive()?;
        identified.ok_or_else(unnamed)
    }

    fn read(&self) -> Option<Identified> {
        let stat = Stat::read(self.pid)?;
        let ancestors = stat.ancestors();
        let terminal = stat.terminal();
        Some(Identified {
            program: Program {
                process: stat.process(),
                ancestors: ancestors.iter().take(SHOWN_ANCESTORS).map(Stat::process).collect(),
                folder: proc::folder(self.pid),
                terminal: terminal.as_ref().map(|(_, name)| name.clone()),
                sandbox: proc::sandbox(self.pid),
            },
            arguments: proc::arguments(self.pid),
            process: stat.key,
            terminal: terminal.map(|(key, _)| key),
            ancestors: ancestors.iter().map(|ancestor| ancestor.key).collect(),
        })
    }
}

impl Identified {
    /// Returns to whom an approval can be given.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        let terminal = self.terminal.map(|_| Choice::Terminal);
        // The process that starts everything would include everything.
        let starts_all = |process: &&Process| process.name == "systemd" || process.name == "init";
        let ancestors = self.program.ancestors.iter().take_while(|process| !starts_all(process));
        let wider = terminal.into_iter().chain(ancestors.cloned().map(Choice::Ancestor));
        let process = std::iter::once(Choice::Process);
        if self.is_command() { wider.chain(process).collect() } else { process.chain(wider).collect() }
    }

    /// Returns whether it is the `opwire` command. Each command is a process of its own, so that an approval for the
    /// process would not spare the next one a prompt.
    fn is_command(&self) -> bool {
        let agent = std::env::current_exe().ok();
        agent.is_some() && agent == self.program.process.executable
    }

    /// Returns the program by which storms of prompts are counted: its file, and the script that it runs.
    pub(crate) fn kind(&self) -> String {
        let file = self.program.process.executable.as_ref().map(|file| file.to_string_lossy().into_owned());
        let file = file.unwrap_or_else(|| self.program.process.name.clone());
        match self.script() {
            Some(script) => format!("{file} {script}"),
            None => file,
        }
    }

    /// Returns the first argument that is the path of a file, if the program is probably an interpreter of it.
    fn script(&self) -> Option<String> {
        let folder = self.program.folder.as_ref()?;
        let argument = self.arguments.iter().skip(1).find(|argument| !argument.starts_with('-'))?;
        let path = folder.join(argument);
        path.is_file().then(|| path.to_string_lossy().into_owned())
    }
}

fn check_user(uid: Uid) -> Result<(), Error> {
    if uid == geteuid() {
        return Ok(());
    }
    Err(if uid.is_root() {
        denied(
            "it runs as root, perhaps by sudo, and this agent is another user's: run it as that user, or use a service \
             account token",
        )
    } else {
        denied("it belongs to another user")
    })
}

fn unnamed() -> Error {
    denied("the system does not say which program asks")
}

fn has_ended() -> Error {
    denied("the process that opened this connection has ended; each process has to open its own")
}

fn unknown(error: &io::Error) -> Error {
    let is_old = error.raw_os_error() == Some(nix::Error::ENOPROTOOPT as i32);
    let hint = if is_old { "; Linux 6.5 or later is needed" } else { "" };
    denied(&format!("the system does not say which process connected: {error}{hint}"))
}
