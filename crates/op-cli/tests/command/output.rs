//! The command's output: escapes, closed pipes and full disks.

use std::fs::File;
use std::process::Stdio;

use tempfile::TempDir;

use crate::support::*;

/// Clears the screen, imitates a vault's line, and makes the rest read from right to left.
const HOSTILE: &str = "a\u{1b}[2J\r\nforged\tline\u{9b}31m\u{202e}b";
const ESCAPED: &str = r"a\u{1b}[2J\r\nforged\tline\u{9b}31m\u{202e}b";

/// Returns a server with a vault and an item that have hostile titles, and commands that print them.
fn commands_that_print(home: &std::path::Path) -> (Server, Vec<Vec<String>>) {
    let (server, _) = start_with_account(home);
    let vault = run(opwire(home).args(["vault", "create", HOSTILE]));
    let template = home.join("template.json");
    let field = serde_json::json!({"id": "f", "title": HOSTILE, "fieldType": "Concealed", "value": HOSTILE});
    let item = serde_json::json!({"category": "SecureNote", "title": HOSTILE, "fields": [field]});
    std::fs::write(&template, item.to_string()).unwrap();
    let item = run(opwire(home).args(["item", "create", "--vault", &vault, "--template"]).arg(&template));
    let environment = run(opwire(home).args(["env", "create", HOSTILE]));
    let link = run(opwire(home).args(["share", "create", &item, "--vault", &vault]));
    let reference = format!("op://{vault}/{item}/f");
    let explained = format!("op://{vault}/{item}/unknown");
    let commands = [
        vec!["vault", "list"],
        vec!["vault", "access", &vault],
        vec!["item", "list", "--vault", &vault],
        vec!["item", "get", &item, "--vault", &vault],
        vec!["read", "--explain", &explained],
        vec!["read", &reference],
        vec!["share", "list"],
        vec!["share", "list", "--json"],
        vec!["share", "show", &link],
        vec!["share", "policy"],
        vec!["env", "list"],
        vec!["env", "export", &environment],
        vec!["user", "list"],
        vec!["group", "list"],
        vec!["session", "list"],
        vec!["audit"],
        vec!["audit", "--json"],
        vec!["account", "list"],
    ];
    (server, commands.into_iter().map(|words| words.into_iter().map(str::to_owned).collect()).collect())
}

#[test]
fn a_closed_pipe_ends_the_command_quietly_and_a_full_disk_with_an_error() {
    let home = TempDir::new().unwrap();
    let (_server, commands) = commands_that_print(home.path());
    for words in commands {
        if words[0] == "env" && words[1] == "export" {
            // There is nothing to write.
            continue;
        }
        // Closed before the command starts: a command that asks no server prints sooner than a test could close it.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = opwire(home.path()).args(&words).stdout(writer).output().unwrap();
        assert_eq!((text(&output.stderr).as_str(), output.status.code()), ("", Some(141)), "{words:?}");

        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = opwire(home.path()).args(&words).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert!(text(&output.stderr).contains("writing to standard output: No space left"), "{words:?}: {output:?}");
    }
    let without_reader =
        opwire(home.path()).args(["vault", "list", "--unknown"]).stderr(Stdio::null()).status().unwrap();
    assert_eq!(without_reader.code(), Some(2));
}

#[test]
fn text_from_others_cannot_control_the_terminal() {
    let home = TempDir::new().unwrap();
    let (_server, commands) = commands_that_print(home.path());
    let is_safe = |text: &str| {
        text.chars().all(|c| matches!(c, '\n' | '\t') || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)))
    };
    for words in &commands {
        let printed = run(opwire(home.path()).args(words));
        if words[0] == "read" && words[1] != "--explain" {
            assert_eq!(printed, HOSTILE, "without a terminal, a secret is printed byte for byte");
        } else {
            assert!(is_safe(&printed), "{words:?}: {printed:?}");
        }
    }
    let list = run(opwire(home.path()).args(["vault", "list"]));
    assert_eq!(list.lines().filter(|line| line.ends_with(&format!("\t{ESCAPED}"))).count(), 1, "{list}");
    assert_eq!(list.lines().filter(|line| line.contains("forged")).count(), 1, "{list}");

    run(opwire(home.path()).args(["vault", "create", HOSTILE]));
    let refused = fails(opwire(home.path()).args(["item", "list", "--vault", HOSTILE]));
    assert!(refused.contains(ESCAPED) && is_safe(&refused) && refused.lines().count() == 1, "{refused:?}");
}

#[test]
fn control_characters_of_a_secret_are_escaped_on_a_terminal() {
    let home = TempDir::new().unwrap();
    let (_server, commands) = commands_that_print(home.path());
    let reference = commands.iter().find(|words| words[0] == "read" && words[1] != "--explain").unwrap();
    // The words need no quotes in the shell: ids, and the path of the program.
    let line = format!("{} read {}", env!("CARGO_BIN_EXE_opwire"), reference[1]);
    let mut terminal = std::process::Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    terminal.env_remove("OP_SERVICE_ACCOUNT_TOKEN").env("OPWIRE_CONFIG_DIR", home.path());
    let printed = run(terminal.env("OPWIRE_PASSWORD", PASSWORD).stdin(Stdio::null()));
    assert_eq!(
        printed, "a\\u{1b}[2J\\r\r\nforged\tline\\u{9b}31m\\u{202e}b",
        "line breaks stay, with those of the terminal"
    );
}
