//! Generates the package that replaces the public SDK: it exports each exported name of the generated files of package
//! opwire. Names that opwire declares by hand are in `go/dropin/onepassword.go`.

use super::file;
use crate::emit::File;

pub(super) fn source(generated: &[File]) -> String {
    let declarations: String = generated.iter().flat_map(|file| declarations(&file.text)).collect();
    file("onepassword", &[], &format!("import opwire \"github.com/opwire/opwire/go\"\n\n{declarations}"))
}

/// Returns a declaration for each exported declaration of a file. Lines inside a declaration are indented.
fn declarations(text: &str) -> Vec<String> {
    let mut block = "";
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(keyword) = line.strip_suffix(" (").filter(|keyword| ["const", "var"].contains(keyword)) {
            block = keyword;
        } else if line == ")" {
            block = "";
        } else if let Some(name) = line.strip_prefix('\t').filter(|_| !block.is_empty()) {
            found.push(value(block, name));
        } else if let Some((keyword @ ("const" | "var"), name)) = line.split_once(' ') {
            found.push(value(keyword, name));
        } else if let Some(declaration) = line.strip_prefix("type ") {
            found.push(alias(declaration));
        } else if let Some(declaration) = line.strip_prefix("func ") {
            found.push(function(declaration));
        }
    }
    found.into_iter().flatten().collect()
}

fn value(keyword: &str, declaration: &str) -> Option<String> {
    let name = exported(declaration)?;
    Some(format!("{keyword} {name} = opwire.{name}\n\n"))
}

fn alias(declaration: &str) -> Option<String> {
    let name = exported(declaration)?;
    let rest = declaration.strip_prefix(name)?;
    let Some((parameters, _)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return Some(format!("type {name} = opwire.{name}\n\n"));
    };
    let arguments: Vec<&str> =
        parameters.split(", ").filter_map(|parameter| parameter.split_once(' ').map(|(name, _)| name)).collect();
    Some(format!("type {name}[{parameters}] = opwire.{name}[{}]\n\n", arguments.join(", ")))
}

/// Returns a function that calls one with at most one parameter.
fn function(declaration: &str) -> Option<String> {
    let name = exported(declaration)?;
    let (parameter, _) = declaration.strip_prefix(name)?.strip_prefix('(')?.split_once(')')?;
    let argument = parameter.split_once(' ').map_or("", |(name, _)| name);
    Some(format!("func {declaration}\n\treturn opwire.{name}({argument})\n}}\n\n"))
}

/// Returns the name that a declaration begins with, if it is exported.
fn exported(declaration: &str) -> Option<&str> {
    let end = declaration.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(declaration.len());
    declaration.get(..end).filter(|name| name.starts_with(|letter: char| letter.is_uppercase()))
}
