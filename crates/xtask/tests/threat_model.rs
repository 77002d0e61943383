//! Tests that each test that `docs/threat-model.md` names exists.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

use std::fs;
use std::path::Path;

/// The tests that a cell of the page names: a file, `None` for the one before, and a function or title.
fn named(cell: &str) -> Vec<(Option<&str>, &str)> {
    let mut tests = Vec::new();
    let mut file = None;
    let mut rest = cell;
    while let Some(at) = rest.find(['`', '"']) {
        let quote = &rest[at..=at];
        let (text, after) = rest[at + 1..].split_once(quote).unwrap_or_else(|| panic!("a quote is open in: {cell}"));
        if quote == "`" && (text.contains('.') || text.contains('/')) {
            file = Some(text);
            tests.push((file, ""));
        } else {
            tests.push((file, text));
        }
        rest = after;
    }
    tests
}

/// The folders that "The tests are in" names in a section.
fn folders(section: &str) -> Vec<&str> {
    let sentences = section.split("The tests are in ").skip(1).filter_map(|text| text.split(". ").next());
    sentences.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// The last cells of the rows of the tables whose last column is `test`.
fn cells(section: &str) -> Vec<&str> {
    let mut is_of_tests = false;
    let mut cells = Vec::new();
    for line in section.lines() {
        let cell = line.strip_suffix(" |").and_then(|row| Some(row.rsplit_once("| ")?.1));
        match cell {
            Some("test") => is_of_tests = true,
            Some(cell) if is_of_tests => cells.push(cell),
            _ if line.starts_with('|') => {}
            _ => is_of_tests = false,
        }
    }
    cells
}

#[test]
fn every_test_of_the_threat_model_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    let mut checked = 0;
    for section in page.split("\n## ") {
        let folders = folders(section);
        for cell in cells(section) {
            let tests = named(cell);
            assert!(!tests.is_empty(), "no test is named: {cell}");
            for (file, test) in tests {
                let file = file.unwrap_or_else(|| panic!("no file is named: {cell}"));
                let mut places = folders.iter().map(|folder| root.join(folder).join(file)).chain([root.join(file)]);
                let found = places.find(|path| path.exists()).unwrap_or_else(|| panic!("{file} is not there: {cell}"));
                let names_a_test = !test.is_empty() && found.is_file();
                let has_it = || fs::read_to_string(&found).unwrap().contains(test);
                assert!(!names_a_test || has_it(), "{file} has no `{test}`");
                checked += usize::from(names_a_test);
            }
        }
    }
    assert!(checked > 60, "only {checked} tests were found");
}
