//! Tests that files use each other only as ARCHITECTURE.md says: a file uses its own floor and those below, and no
//! files use each other in a cycle.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, UseTree};

/// The modules of op-core from the bottom up.
const CORE: &[&[&str]] = &[
    &["attachments", "config", "error", "host", "ids", "lock", "spelling", "types"],
    &["password", "plaintext"],
    &["wire"],
    &["client"],
    &["items", "people"],
    &["vaults"],
    &["references"],
    &["admin", "env", "shares"],
    &["methods"],
    &["contract", "core", "remote"],
];

/// For each file, as a path of modules, the files that it uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

fn uses_of(name: &str) -> Uses {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src");
    let mut files = BTreeMap::new();
    read(&root, "", &mut files);
    let names: BTreeSet<String> = files.keys().cloned().collect();
    let uses_in = |(module, text): (&String, &String)| {
        let mut collector = Collector { module, names: &names, imported: BTreeMap::new(), uses: BTreeSet::new() };
        let file = syn::parse_file(text).unwrap();
        // Imports come first, because the paths below may begin with imported names.
        file.items.iter().for_each(|item| {
            if let syn::Item::Use(item) = item {
                collector.visit_item_use(item);
            }
        });
        collector.visit_file(&file);
        collector.uses.remove(module);
        (module.clone(), collector.uses)
    };
    files.iter().map(uses_in).collect()
}

/// Reads the files below a folder, except tests.
fn read(folder: &Path, module: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let name = if module.is_empty() { stem.clone() } else { format!("{module}::{stem}") };
        match stem.as_str() {
            "tests" | "lib" | "main" => {}
            _ if path.is_dir() => read(&path, &name, files),
            _ if path.extension().is_none_or(|extension| extension != "rs") => {}
            "mod" => drop(files.insert(module.to_owned(), fs::read_to_string(&path).unwrap())),
            _ => drop(files.insert(name, fs::read_to_string(&path).unwrap())),
        }
    }
}

/// Collects the files that one file uses.
struct Collector<'a> {
    module: &'a str,
    names: &'a BTreeSet<String>,
    /// Modules by their names in the file.
    imported: BTreeMap<String, String>,
    uses: BTreeSet<String>,
}

impl Collector<'_> {
    /// Records the file of a path from the crate's root. A path that ends with a module itself is not recorded, because
    /// the items used from that module are.
    fn path(&mut self, path: &[String]) {
        let file = (1..path.len()).rev().map(|end| path.iter().take(end).cloned().collect::<Vec<_>>().join("::"));
        self.uses.extend(file.into_iter().find(|name| self.names.contains(name)));
    }

    fn import(&mut self, tree: &UseTree, mut path: Vec<String>) {
        match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.import(&part.tree, path);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, path.clone())),
            UseTree::Name(name) if name.ident == "self" => self.add_import(path.last().cloned().unwrap(), &path),
            UseTree::Name(name) => {
                path.push(name.ident.to_string());
                self.add_import(name.ident.to_string(), &path);
            }
            UseTree::Rename(name) => {
                path.push(name.ident.to_string());
                self.add_import(name.rename.to_string(), &path);
            }
            UseTree::Glob(_) => self.path(&[path.as_slice(), &["*".to_owned()]].concat()),
        }
    }

    fn add_import(&mut self, name: String, path: &[String]) {
        let Some(path) = self.crate_path(path) else { return };
        let full = path.join("::");
        if self.names.contains(&full) {
            self.imported.insert(name, full);
        } else {
            self.path(&path);
        }
    }

    /// Returns a path from the crate's root, or `None` if it is not in the crate.
    fn crate_path(&self, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let start: Vec<String> = match first.as_str() {
            "crate" => Vec::new(),
            "super" => self.module.split("::").map(str::to_owned).collect::<Vec<_>>().split_last()?.1.to_vec(),
            name => self.imported.get(name)?.split("::").map(str::to_owned).collect(),
        };
        Some([start.as_slice(), rest].concat())
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, Vec::new());
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        if let Some(path) = self.crate_path(&parts) {
            self.path(&path);
        }
        visit::visit_path(self, path);
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|name| name.is_ident("test"))
    })
}

/// Returns the files that are part of a cycle.
fn cycles(uses: &Uses) -> Vec<&str> {
    let reached = |start: &str| {
        let (mut reached, mut next) = (BTreeSet::new(), vec![start.to_owned()]);
        while let Some(file) = next.pop() {
            next.extend(uses.get(&file).into_iter().flatten().filter(|used| reached.insert((*used).clone())).cloned());
        }
        reached
    };
    uses.keys().map(String::as_str).filter(|file| reached(file).contains(*file)).collect()
}

#[test]
fn files_of_the_core_use_their_own_floor_and_those_below() {
    let uses = uses_of("op-core");
    let floor = |file: &str| {
        let top = file.split("::").next().unwrap();
        CORE.iter().position(|floor| floor.contains(&top)).unwrap_or_else(|| panic!("{top} has no floor"))
    };
    let up = uses.iter().flat_map(|(file, used)| used.iter().map(move |used| (file, used)));
    let up: Vec<_> = up.filter(|(file, used)| floor(used) > floor(file)).collect();
    assert!(up.is_empty(), "these files use a floor above their own: {up:?}");
}

#[test]
fn no_files_use_each_other_in_a_cycle() {
    for name in ["op-core", "op-protocol", "op-server"] {
        let uses = uses_of(name);
        assert!(uses.values().any(|used| !used.is_empty()), "no uses were found in {name}");
        assert_eq!(cycles(&uses), Vec::<&str>::new(), "{name}");
    }
}

#[test]
fn a_cycle_is_found() {
    let used = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let uses = [("a", used(&["b"])), ("b", used(&["c"])), ("c", used(&["b"]))];
    let uses = uses.map(|(file, used)| (file.to_owned(), used)).into();
    assert_eq!(cycles(&uses), ["b", "c"]);
}
