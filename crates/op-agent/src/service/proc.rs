//! What `/proc` says about a process.

use std::{fs, path::PathBuf};

use crate::request::{Process, Sandbox};

/// A process that cannot be confused with a later one of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ProcessKey {
    pub(crate) pid: i32,
    /// When it started, in clock ticks since the machine started.
    pub(crate) start: u64,
}

impl ProcessKey {
    pub(crate) fn is_alive(self) -> bool {
        Stat::read(self.pid).is_some_and(|stat| stat.key == self)
    }
}

/// A terminal as one login or window uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TerminalKey {
    device: u32,
    /// The first process of the terminal's session.
    pub(crate) leader: ProcessKey,
}

/// The state of a process that the kernel reports in one line.
pub(crate) struct Stat {
    pub(crate) key: ProcessKey,
    pub(crate) parent: i32,
    name: String,
    session: i32,
    terminal: u32,
}

impl Stat {
    /// Reads the state of a process; `None` if there is none.
    pub(crate) fn read(pid: i32) -> Option<Self> {
        Self::parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Parses the line: the number, the name in parentheses, which may contain any character, and the other fields.
    fn parse(pid: i32, line: &str) -> Option<Self> {
        let (start, rest) = line.rsplit_once(')')?;
        let (_, name) = start.split_once('(')?;
        // The first of these is the third field in the kernel's documentation.
        let fields: Vec<_> = rest.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).copied();
        Some(Self {
            key: ProcessKey { pid, start: field(22)?.parse().ok()? },
            parent: field(4)?.parse().ok()?,
            name: name.to_owned(),
            session: field(6)?.parse().ok()?,
            terminal: u32::from_ne_bytes(field(7)?.parse::<i32>().ok()?.to_ne_bytes()),
        })
    }

    /// Returns the process as a prompt shows it.
    pub(crate) fn process(&self) -> Process {
        let pid = self.key.pid;
        Process { pid, executable: link(pid, "exe"), name: self.name.clone() }
    }

    /// Returns the terminal, and its name, if the process has one whose session leader lives.
    pub(crate) fn terminal(&self) -> Option<(TerminalKey, String)> {
        let name = terminal_name(self.terminal)?;
        let leader = Self::read(self.session)?.key;
        Some((TerminalKey { device: self.terminal, leader }, name))
    }

    /// Returns the processes that started this one, nearest first, without the first process of the system.
    pub(crate) fn ancestors(&self) -> Vec<Self> {
        let mut ancestors: Vec<Self> = Vec::new();
        while ancestors.len() < MAX_ANCESTORS {
            let child = ancestors.last().unwrap_or(self);
            if child.parent <= 1 {
                break;
            }
            match Self::read(child.parent) {
                // A later process has taken the number of one that ended.
                Some(parent) if parent.key.start <= child.key.start => ancestors.push(parent),
                _ => break,
            }
        }
        ancestors
    }
}

const MAX_ANCESTORS: usize = 32;

/// Returns the name of a terminal by its device number; `None` for none, and for a device that is no terminal of a
/// person's.
fn terminal_name(device: u32) -> Option<String> {
    let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00));
    match major {
        136..=143 => Some(format!("/dev/pts/{}", (major - 136) * 256 + minor)),
        4 => Some(format!("/dev/tty{minor}")),
        _ => None,
    }
}

/// Returns the arguments of a process, which it can change.
pub(crate) fn arguments(pid: i32) -> Vec<String> {
    let text = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.trim_end_matches('\0').split('\0').map(str::to_owned).collect()
}

/// Returns the folder in which a process runs.
pub(crate) fn folder(pid: i32) -> Option<PathBuf> {
    link(pid, "cwd")
}

/// Returns what a process runs in, apart from the rest of the system.
pub(crate) fn sandbox(pid: i32) -> Option<Sandbox> {
    if let Ok(text) = fs::read_to_string(format!("/proc/{pid}/root/.flatpak-info")) {
        let name = text.lines().find_map(|line| line.strip_prefix("name="));
        return Some(Sandbox::Flatpak(name.unwrap_or_default().to_owned()));
    }
    let label = fs::read_to_string(format!("/proc/{pid}/attr/current")).unwrap_or_default();
    if let Some(name) = label.strip_prefix("snap.").and_then(|rest| rest.split('.').next()) {
        return Some(Sandbox::Snap(name.to_owned()));
    }
    let differs = |kind: &&str| {
        let of = |process: &str| fs::read_link(format!("/proc/{process}/ns/{kind}")).ok();
        of(&pid.to_string()) != of("self")
    };
    ["pid", "mnt", "user"].iter().any(differs).then_some(Sandbox::Container)
}

fn link(pid: i32, name: &str) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/{name}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_contain_parentheses() {
        let fields = "S 1 2 3 34818 4 5 6 7 8 9 10 11 12 13 14 15 16 17 777 20 21";
        let stat = Stat::parse(5, &format!("5 (a) S 1 (b) {fields}")).unwrap();
        assert_eq!((stat.parent, stat.session, stat.key.start, stat.name.as_str()), (1, 3, 777, "a) S 1 (b"));
        assert_eq!(terminal_name(stat.terminal).as_deref(), Some("/dev/pts/2"));
        assert_eq!(terminal_name(0), None);
    }

    #[test]
    fn this_process_is_described() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let stat = Stat::read(pid).unwrap();
        assert_eq!(stat.process().executable, std::env::current_exe().ok());
        assert!(!stat.ancestors().is_empty());
        assert_eq!(folder(pid), std::env::current_dir().ok());
        assert_eq!(sandbox(pid), None);
        assert_eq!(arguments(pid).len(), std::env::args().count());
    }
}
