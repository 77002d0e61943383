//! Tasks of the workspace, run as `cargo xtask <task>`.

mod codegen;
mod docs;
mod emit;
mod examples;
mod format;
mod links;
mod model;
mod names;
#[cfg(test)]
mod tests;

use std::{env, path::Path, process::ExitCode};

use codegen::Mode;
use examples::Examples;

const USAGE: &str = "\
usage: cargo xtask codegen [--check | --dry-run]

  codegen    write packages/contract/contract.json and the generated files of each language
  --check    write nothing; fail if a file is stale
  --dry-run  write nothing; list the files that would be written";

fn main() -> ExitCode {
    match run(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let mode = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["codegen"] => Mode::Write,
        ["codegen", "--check"] => Mode::Check,
        ["codegen", "--dry-run"] => Mode::DryRun,
        _ => return Err(USAGE.to_owned()),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = codegen::files(&op_core::contract::contract(), Examples::OWN)?;
    codegen::run(&root, &format::format(&root, files)?, mode)
}
