//! Formats generated files with each language's own formatter, so that emitters need not know its rules.

use std::{
    ffi::OsStr,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use crate::emit::File;

/// A formatter, which changes the files given as its arguments.
struct Formatter {
    /// The extension of its files.
    extension: &'static str,
    /// The command. Words that begin with `./` are paths in the workspace.
    command: &'static [&'static str],
    /// How to install it.
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

/// Returns the files, formatted with the formatters of the workspace at `root`.
///
/// # Errors
/// A formatter is missing, or fails.
pub(crate) fn format(root: &Path, mut files: Vec<File>) -> Result<Vec<File>, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("cannot create a temporary folder: {error}"))?;
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
        let missing = |program: &Path| format!("the formatter {} is missing: {}", program.display(), self.remedy);
        let word = |word: &&str| word.strip_prefix("./").map_or_else(|| PathBuf::from(word), |path| root.join(path));
        let words: Vec<PathBuf> = self.command.iter().map(word).collect();
        // Checked here, because Node's message about a missing script does not say how to install it.
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
