//! What the agent decided: the newest entries in memory, and all in a file. No entry has a secret.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use super::peer::Identified;
use crate::{control::Entry, folders, request::Claims};

/// How many entries are kept in memory.
const KEPT: usize = 500;
/// The size at which the file is renamed and another one begins.
const LARGEST: u64 = 1 << 20;

pub(crate) struct Log {
    file: Option<PathBuf>,
    entries: Mutex<VecDeque<Entry>>,
}

impl Log {
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        Self { file, entries: Mutex::default() }
    }

    /// Notes what happened to the request of a program.
    pub(crate) fn program(&self, event: &str, who: &Identified, account: &str, claims: &Claims, detail: &str) {
        self.add(Entry {
            program: Some(who.kind()),
            pid: Some(who.program.process.pid),
            integration: Some(format!("{} {}", claims.name, claims.version)),
            ..entry(event, Some(account), detail)
        });
    }

    /// Notes something else.
    pub(crate) fn event(&self, event: &str, account: Option<&str>, detail: &str) {
        self.add(entry(event, account, detail));
    }

    /// Returns the newest entries, oldest first.
    pub(crate) fn last(&self, count: usize) -> Vec<Entry> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().skip(entries.len().saturating_sub(count)).cloned().collect()
    }

    fn add(&self, entry: Entry) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that the entries of the file have the same order. A full disk must not stop the agent.
        if let Some(file) = &self.file {
            let _ = append(file, &entry);
        }
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}

/// Returns where the log is by default.
pub(crate) fn default_file() -> Option<PathBuf> {
    Some(folders::state()?.join("opwire/agent.log"))
}

fn entry(event: &str, account: Option<&str>, detail: &str) -> Entry {
    Entry {
        time: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
        event: event.to_owned(),
        account: account.map(str::to_owned),
        program: None,
        pid: None,
        integration: None,
        detail: (!detail.is_empty()).then(|| detail.to_owned()),
    }
}

fn append(file: &Path, entry: &Entry) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    if fs::metadata(file).is_ok_and(|metadata| metadata.len() > LARGEST) {
        fs::rename(file, file.with_extension("log.1"))?;
    }
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    let mut file: File = OpenOptions::new().append(true).create(true).mode(0o600).open(file)?;
    file.write_all(&line)
}
