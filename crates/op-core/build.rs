//! Lists the method files, so that adding a method means adding one file: `src/methods/<name>.rs` for a method that needs
//! the network, `src/methods/offline/<name>.rs` for one that does not. The struct in it is named after the file.
//! docs/decisions/0002 says why. Packs the words of the password generator, too.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let source = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("src/methods");
    let mut out = String::new();
    let client = table(&mut out, &source, "CLIENT", "ClientEntry", "client_entry")?;
    let offline = table(&mut out, &source.join("offline"), "OFFLINE", "OfflineEntry", "offline_entry")?;

    writeln!(out, "#[cfg(feature = \"contract\")]")?;
    writeln!(out, "pub(crate) fn describe(contract: &mut crate::contract::Builder) {{")?;
    for (kind, methods) in [("client", client), ("offline", offline)] {
        for (_, name) in methods {
            writeln!(out, "    contract.{kind}_method::<{name}>(\"{name}\");")?;
        }
    }
    writeln!(out, "}}")?;
    let folder = env::var("OUT_DIR")?;
    fs::write(Path::new(&folder).join("methods.rs"), out)?;
    fs::write(Path::new(&folder).join("words.bin"), packed_words("src/password/eff_words.txt")?)?;
    Ok(())
}

/// Packs a sorted list of words in lower case, of at most 8 letters, into 0.4 of its size; `password/words.rs` reads it.
/// A word is the letters in which it differs from the word before it, as numbers below 26. To the first of them, 26 is
/// added, and 26 more for each letter that both words start with.
fn packed_words(file: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={file}");
    let text = fs::read_to_string(file)?;
    let (mut packed, mut previous) = (Vec::new(), "");
    for word in text.lines() {
        let shared = word.bytes().zip(previous.bytes()).take_while(|(one, other)| one == other).count();
        let mut mark = 26 * (u8::try_from(shared)? + 1);
        for letter in word.bytes().skip(shared) {
            packed.push(mark + (letter - b'a'));
            mark = 0;
        }
        previous = word;
    }
    Ok(packed)
}

/// Writes a module and a table row for each file of `folder`; returns the module and type names.
fn table(
    out: &mut String,
    folder: &Path,
    constant: &str,
    entry: &str,
    erase: &str,
) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut methods = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let module = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        if path.extension().is_some_and(|extension| extension == "rs") && module != "mod" {
            methods.push((module.clone(), camel_case(&module)));
        }
    }
    methods.sort();
    for (module, name) in &methods {
        writeln!(out, "#[path = {:?}]\nmod {module};", folder.join(format!("{module}.rs")))?;
        writeln!(out, "pub use {module}::{name};")?;
    }
    writeln!(out, "const {constant}: &[(&str, {entry})] = &[")?;
    for (_, name) in &methods {
        writeln!(out, "    (\"{name}\", {erase}::<{name}>),")?;
    }
    writeln!(out, "];")?;
    Ok(methods)
}

fn camel_case(snake: &str) -> String {
    snake
        .split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
        .collect()
}
