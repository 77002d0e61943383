//! Formats generated files by each language's own formatter, so that emitters need not know its rules.

use std::{
    ffi::OsStr,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use crate::emit::File;

/// A formatter that changes the files named after its command.
struct Formatter {
    /// The extension of the files that it is for.
    extension: &'static str,
    /// The command; what begins with `./` is in the workspace.
    command: &'static [&'static str],
    /// How to get it.
    remedy: &'static str,
}

const FORMATTERS: [Formatter; 3] = [
    Formatter { extension: "go", command: &["gofmt", "-w"], remedy: "it comes with Go, https://go.dev/dl" },
    Formatter {
        extension: "py",
        command: &["./.venv/bin/ruff", "format", "--quiet", "--config", "./python/pyproject.toml"],
        remedy: "run `python3 -m venv .venv && .venv/bin/pip install -r python/requirements-dev.txt`",
    },
    Formatter {
        extension: "ts",
        command: &[
            "node",
            "./packages/sdk/node_modules/prettier/bin/prettier.cjs",
            "--write",
            "--log-level=warn",
            "--config",
            "./packages/sdk/package.json",
        ],
        remedy: "run `npm ci` in packages/sdk, with Node from https://nodejs.org",
    },
];

/// The files as the formatters of the workspace at `root` leave them.
///
/// # Errors
/// A formatter is missing, or refused a file.
pub(crate) fn format(root: &Path, mut files: Vec<File>) -> Result<Vec<File>, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    for formatter in &FORMATTERS {
        let extension = Some(OsStr::new(formatter.extension));
        let (mut own, mut paths) = (Vec::new(), Vec::new());
        for file in files.iter_mut().filter(|file| Path::new(&file.path).extension() == extension) {
            paths.push(folder.path().join(&file.path));
            own.push(file);
        }
        if own.is_empty() {
            continue;
        }
        for (file, path) in own.iter().zip(&paths) {
            file.write(path)?;
        }
        formatter.run(root, &paths)?;
        for (file, path) in own.into_iter().zip(&paths) {
            file.text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", file.path))?;
        }
    }
    Ok(files)
}

impl Formatter {
    fn run(&self, root: &Path, paths: &[PathBuf]) -> Result<(), String> {
        let missing =
            |what: &Path| format!("{} is missing, which formats generated files: {}", what.display(), self.remedy);
        let word = |word: &&str| word.strip_prefix("./").map_or_else(|| PathBuf::from(word), |path| root.join(path));
        let words: Vec<PathBuf> = self.command.iter().map(word).collect();
        // Node's own message about a missing script does not say how to get it.
        if let Some(path) = words.iter().find(|path| path.starts_with(root) && !path.exists()) {
            return Err(missing(path));
        }
        let Some((program, arguments)) = words.split_first() else { return Ok(()) };
        match Command::new(program).args(arguments).args(paths).output() {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(format!("{} failed: {}", program.display(), String::from_utf8_lossy(&output.stderr))),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(missing(program)),
            Err(error) => Err(format!("{}: {error}", program.display())),
        }
    }
}
