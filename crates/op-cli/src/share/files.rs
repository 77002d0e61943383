//! Saves the files of a share. Whoever shared them chose their names.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use op_core::shares::{OpenedShare, ReceivedShare};
use serde::Serialize;

use super::shown;
use crate::out;

/// The maximum length of a name, in bytes. Systems allow 255; the rest is for a number.
const MAX_NAME: usize = 200;
/// How many names are tried for a file.
const MAX_NUMBER: u32 = 10_000;
/// Names that Windows takes for devices, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A file that was saved.
#[derive(Serialize)]
pub(super) struct SavedFile {
    id: String,
    path: PathBuf,
}

/// Creates the folder, unless it exists, and checks that files can be saved in it.
pub(super) fn prepare(folder: &Path) -> Result<()> {
    let check = fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder).map(drop));
    check.with_context(|| format!("cannot save files in {}", folder.display()))
}

/// Saves all files of the share, and adds them to `saved`.
pub(super) async fn save(
    share: &ReceivedShare,
    opened: &OpenedShare,
    folder: &Path,
    saved: &mut Vec<SavedFile>,
) -> Result<()> {
    for file in shown::files(&opened.item) {
        let place = || format!("cannot save {}", file.name);
        let content = share.file(opened, &file.id).await.with_context(place)?;
        let path = write(folder, &safe_name(&file.name), &content).with_context(place)?;
        out::note(&format!("Saved {}", path.display()));
        saved.push(SavedFile { id: file.id.clone(), path });
    }
    Ok(())
}

/// Writes a new file that only this user can read. If the name is in use, a number is added to it.
fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<PathBuf> {
    let (mut file, path) = create(folder, name)?;
    if let Err(error) = file.write_all(content) {
        let _ = fs::remove_file(&path);
        return Err(error);
    }
    Ok(path)
}

fn create(folder: &Path, name: &str) -> io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    // Neither an existing file nor a link is opened.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let (stem, extension) = parts(name);
    for number in 1..MAX_NUMBER {
        let number = if number == 1 { String::new() } else { format!(" ({number})") };
        let path = folder.join(format!("{stem}{number}{extension}"));
        match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => return Ok((opened?, path)),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Returns a name like this one that is the name of a visible file on every system, and not a path, an option or a
/// device.
fn safe_name(name: &str) -> String {
    let is_unsafe = |c: char| "/\\<>:\"|?*".contains(c) || out::acts_on_terminal(c);
    let safe: String = name.chars().map(|c| if is_unsafe(c) { '_' } else { c }).collect();
    let safe = safe.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, extension) = parts(safe);
    let stem = shortened(stem, MAX_NAME - extension.len());
    let device = stem.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let is_device = DEVICES.contains(&device.trim_end_matches(|c: char| c.is_ascii_digit()));
    let prefix = if stem.is_empty() || stem.starts_with('-') || is_device { "_" } else { "" };
    format!("{prefix}{stem}{extension}")
}

/// Splits a name before its extension, if it has one of a usual length.
fn parts(name: &str) -> (&str, &str) {
    let dot = name.rfind('.').filter(|dot| (1..=16).contains(&(name.len() - dot)));
    name.split_at(dot.unwrap_or(name.len()))
}

fn shortened(text: &str, length: usize) -> &str {
    let end = (0..=length).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    text.get(..end).unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_changed() {
        for (name, expected) in [
            ("report.pdf", "report.pdf"),
            ("Grüße an alle.txt", "Grüße an alle.txt"),
            ("../../.ssh/authorized_keys", "_.._.ssh_authorized_keys"),
            ("..\\..\\boot.ini", "_.._boot.ini"),
            ("/etc/passwd", "_etc_passwd"),
            ("C:\\Windows\\win.ini", "C__Windows_win.ini"),
            ("..", "_"),
            ("", "_"),
            (".bashrc", "bashrc"),
            ("-rf", "_-rf"),
            ("nul.txt", "_nul.txt"),
            ("COM1", "_COM1"),
            ("console.log", "console.log"),
            ("invoice\u{202e}fdp.exe", "invoice_fdp.exe"),
            ("a\nb\u{1b}[2J.txt", "a_b_[2J.txt"),
            ("trailing. . ", "trailing"),
        ] {
            assert_eq!(safe_name(name), expected, "{name:?}");
        }
        let long = format!("{}.tar.gz", "ü".repeat(300));
        assert!(safe_name(&long).len() <= MAX_NAME + 1 && safe_name(&long).ends_with(".gz"));
    }

    #[test]
    fn existing_files_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let write = |content: &str| write(folder.path(), "a.tar.gz", content.as_bytes()).unwrap();
        assert_eq!(write("one"), folder.path().join("a.tar.gz"));
        assert_eq!(write("two"), folder.path().join("a.tar (2).gz"));
        assert_eq!(fs::read(folder.path().join("a.tar.gz")).unwrap(), b"one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let target = folder.path().join("elsewhere");
            std::os::unix::fs::symlink(&target, folder.path().join("link")).unwrap();
            assert_eq!(super::write(folder.path(), "link", b"three").unwrap(), folder.path().join("link (2)"));
            assert!(!target.exists());
            let mode = fs::metadata(folder.path().join("link (2)")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    proptest! {
        #[test]
        fn every_name_is_one_file_in_the_folder(name in ".*") {
            let safe = safe_name(&name);
            prop_assert_eq!(Path::new(&safe).file_name().and_then(|name| name.to_str()), Some(safe.as_str()));
            prop_assert!(!safe.starts_with(['.', '-']) && safe.len() < 255, "{safe}");
        }
    }
}
