//! Reads the examples for the documentation of methods. They are the bodies of functions in one program for each
//! language, which the tests of that language check. The function `items_get`, or `itemsGet`, is the example of
//! `items.get`.

use crate::{model::Contract, names::snake};

/// The texts of the programs with the examples of TypeScript and of Python.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Examples {
    pub(crate) typescript: &'static str,
    pub(crate) python: &'static str,
}

impl Examples {
    /// The examples of this workspace.
    pub(crate) const OWN: Self = Self {
        typescript: include_str!("../../../packages/sdk/test/types/examples.mts"),
        python: include_str!("../../../python/tests/examples.py"),
    };
}

/// Adds the examples to the methods of a contract.
///
/// # Errors
/// No method matches an example.
pub(crate) fn add(program: &str, contract: &mut Contract) -> Result<(), String> {
    let mut lines = program.lines();
    while let Some(line) = lines.next() {
        let Some(name) = function(line) else { continue };
        // A long list of parameters has several lines.
        if !opens(line) {
            lines.by_ref().find(|line| opens(line));
        }
        let body: Vec<&str> =
            lines.clone().take_while(|line| line.is_empty() || line.starts_with(' ')).map(str::trim_end).collect();
        let method = contract.groups.iter_mut().find_map(|group| {
            let prefix = format!("{}_", group.path.join("_"));
            let name = name.strip_prefix(&prefix)?;
            group.methods.iter_mut().find(|method| snake(&method.name) == name)
        });
        method.ok_or_else(|| format!("no method matches the example `{name}`"))?.example = dedented(&body);
    }
    Ok(())
}

/// Returns the name of the function that begins on this line, in snake case.
fn function(line: &str) -> Option<String> {
    let start = line.strip_prefix("export async function ").or_else(|| line.strip_prefix("async def "))?;
    let (name, _) = start.split_once('(')?;
    Some(snake(name))
}

fn opens(line: &str) -> bool {
    line.ends_with(" {") || line.ends_with(':') && !line.starts_with(' ')
}

/// Joins lines, without the indentation of the first line and without empty lines at the end.
fn dedented(lines: &[&str]) -> String {
    let indentation = lines.first().map_or(0, |line| line.len() - line.trim_start().len());
    let lines: Vec<&str> = lines.iter().map(|line| line.get(indentation..).unwrap_or_default()).collect();
    lines.join("\n").trim_end().to_owned()
}
