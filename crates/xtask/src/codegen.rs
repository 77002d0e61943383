//! `cargo xtask codegen`: writes the contract and, from it, the typed API of each language.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    emit::{self, File},
    examples::{self, Examples},
    links::{self, Link},
    model,
};

/// What to do with stale files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write them.
    Write,
    /// List them, and fail.
    Check,
    /// List them.
    DryRun,
}

/// Returns the generated files of a contract, not yet formatted.
///
/// # Errors
/// The contract contains something that a language cannot express.
pub(crate) fn files(contract: &Value, examples: Examples) -> Result<Vec<File>, String> {
    let model = model::parse(contract).map_err(|error| error.to_string())?;
    let mut text = serde_json::to_string_pretty(contract).map_err(|error| error.to_string())?;
    text.push('\n');
    let mut files = vec![File { path: "packages/contract/contract.json".to_owned(), text }];
    let spelled = |spell: &dyn Fn(Link<'_>) -> String| {
        model::parse(&links::spelled(contract, &model, spell)?).map_err(|error| error.to_string())
    };
    files.extend(emit::go::files(&spelled(&emit::go::link)?));
    let mut typescript = spelled(&emit::typescript::link)?;
    examples::add(examples.typescript, &mut typescript)?;
    files.extend(emit::typescript::files(&typescript));
    let mut python = spelled(&emit::python::link)?;
    examples::add(examples.python, &mut python)?;
    files.extend(emit::python::files(&python)?);
    files.push(emit::share_page::file());
    files.push(emit::errors_page(&spelled(&emit::link)?));
    Ok(files)
}

/// Updates the files under `root`, or lists the stale ones.
///
/// # Errors
/// A file cannot be written or, with [`Mode::Check`], is stale.
pub(crate) fn run(root: &Path, files: &[File], mode: Mode) -> Result<(), String> {
    let mut stale = Vec::new();
    for file in files {
        let path = root.join(&file.path);
        // Git may check files out with the line breaks of the platform.
        let current = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        if current == file.text {
            continue;
        }
        stale.push(file.path.as_str());
        if mode == Mode::Write {
            file.write(&path)?;
        }
    }
    match mode {
        Mode::Check if !stale.is_empty() => {
            Err(format!("stale: {}\nRun `cargo xtask codegen` and commit the result.", stale.join(", ")))
        }
        Mode::Check => Ok(()),
        Mode::DryRun | Mode::Write => {
            let verb = if mode == Mode::Write { "wrote" } else { "would write" };
            stale.iter().for_each(|path| println!("{verb} {path}"));
            Ok(())
        }
    }
}
