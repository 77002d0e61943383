//! The examples in the documentation of methods: the bodies of functions in a program of each language, which the tests
//! of that language check. The function `items_get`, or `itemsGet`, is the example of `items.get`.

use crate::{model::Contract, names::snake};

/// The examples of TypeScript and of Python, as the text of the programs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Examples {
    pub(crate) typescript: &'static str,
    pub(crate) python: &'static str,
}

impl Examples {
    /// Those of this workspace.
    pub(crate) const OWN: Self = Self {
        typescript: include_str!("../../../packages/sdk/test/types/examples.mts"),
        python: include_str!("../../../python/tests/examples.py"),
    };
}

/// Gives the methods of a contract their examples.
///
/// # Errors
/// An example is for no method.
pub(crate) fn add(program: &str, contract: &mut Contract) -> Result<(), String> {
    let mut lines = program.lines();
    while let Some(line) = lines.next() {
        let Some(name) = function(line) else { continue };
        // A long list of parameters takes several lines.
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
        method.ok_or_else(|| format!("the example `{name}` is for no method"))?.example = dedented(&body);
    }
    Ok(())
}

/// The name of the function that a line begins, in snake case.
fn function(line: &str) -> Option<String> {
    let start = line.strip_prefix("export async function ").or_else(|| line.strip_prefix("async def "))?;
    let (name, _) = start.split_once('(')?;
    Some(snake(name))
}

fn opens(line: &str) -> bool {
    line.ends_with(" {") || line.ends_with(':') && !line.starts_with(' ')
}

/// Lines without the indentation of the first, and without empty ones at the end.
fn dedented(lines: &[&str]) -> String {
    let indentation = lines.first().map_or(0, |line| line.len() - line.trim_start().len());
    let lines: Vec<&str> = lines.iter().map(|line| line.get(indentation..).unwrap_or_default()).collect();
    lines.join("\n").trim_end().to_owned()
}
