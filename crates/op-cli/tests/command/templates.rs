//! Templates of items and texts, and `.env` files.

use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::*;

fn create(home: &std::path::Path, template: &Value) -> std::process::Command {
    let file = home.join("template.json");
    std::fs::write(&file, template.to_string()).unwrap();
    let mut command = opwire(home);
    command.args(["item", "create", "--vault", "Personal", "--template"]).arg(file);
    command
}

#[test]
fn a_template_of_the_op_command_is_accepted_completely() {
    let home = TempDir::new().unwrap();
    let _server = start_with_account(home.path());
    let template = json!({
        "id": "mb3rkvc2jkqyoahxd2e6x3y4fa", "version": 1, "vault": {"id": "x", "name": "Private"},
        "title": "Shop", "category": "LOGIN", "tags": ["a", "b"],
        "sections": [{"id": "add more"}, {"id": "s1", "label": "Prod"}],
        "urls": [{"label": "website", "primary": true, "href": "https://shop.example"}],
        "fields": [
            {"id": "username", "type": "STRING", "purpose": "USERNAME", "label": "username", "value": "ada"},
            {"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password", "value": "pw",
             "password_details": {"strength": "GOOD"}},
            {"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain", "value": "a note"},
            {"id": "f1", "type": "CONCEALED", "label": "token", "value": "t0k", "section": {"id": "s1", "label": "Prod"}},
            {"type": "MONTH_YEAR", "label": "until", "value": "203001", "section": {"id": "s1", "label": "Prod"}},
            {"id": "otp", "type": "OTP", "label": "one-time password", "value": ""},
        ],
    });
    let id = run(&mut create(home.path(), &template));
    let item: Value =
        serde_json::from_str(&run(opwire(home.path()).args(["item", "get", &id, "--vault", "Personal"]))).unwrap();
    assert_eq!((&item["notes"], &item["tags"]), (&json!("a note"), &json!(["a", "b"])));
    assert_eq!(item["websites"][0]["url"], "https://shop.example");
    for (reference, value) in
        [("username", "ada"), ("password", "pw"), ("Prod/token", "t0k"), ("Prod/until", "01/2030")]
    {
        assert_eq!(run(opwire(home.path()).args(["read", &format!("op://Personal/Shop/{reference}")])), value);
    }
}

#[test]
fn unknown_members_are_named_in_the_error() {
    let home = TempDir::new().unwrap();
    let _server = start_with_account(home.path());
    let field = json!({"id": "f", "title": "f", "fieldType": "Text", "value": "v"});
    for (template, name) in [
        (json!({"category": "Login", "title": "A", "url": "https://a.example"}), "url"),
        (json!({"category": "Login", "title": "A", "notesPlain": "n"}), "notesPlain"),
        (
            json!({"category": "Login", "title": "A", "fields": [{"id": "f", "title": "f", "type": "STRING", "value": "v"}]}),
            "type",
        ),
        (
            json!({"category": "Login", "title": "A", "fields": [field], "sections": [{"id": "s", "label": "S"}]}),
            "label",
        ),
        (json!({"category": "LOGIN", "title": "A", "websites": []}), "websites"),
        (json!({"category": "LOGIN", "title": "A", "fields": [{"label": "f", "valeu": "v"}]}), "valeu"),
        (json!({"category": "LOGINS", "title": "A"}), "LOGINS"),
        (json!({"category": "LOGIN", "title": "A", "fields": [{"label": "f", "type": "FILE", "value": "v"}]}), "FILE"),
    ] {
        let refused = fails(&mut create(home.path(), &template));
        assert!(refused.contains(name), "{template}: {refused}");
    }
    assert_eq!(run(opwire(home.path()).args(["item", "list", "--vault", "Personal"])), "");
}

#[test]
fn a_reference_without_braces_is_reported() {
    let home = TempDir::new().unwrap();
    let _server = start_with_account(home.path());
    run(&mut create(
        home.path(),
        &json!({"category": "Password", "title": "P", "fields": [
        {"id": "password", "title": "password", "fieldType": "Concealed", "value": "pw"}]}),
    ));
    let template = home.path().join("config");
    std::fs::write(&template, "a: {{ op://Personal/P/password }}\nb: op://Personal/P/password\n").unwrap();
    let output = opwire(home.path()).arg("inject").arg("--in-file").arg(&template).output().unwrap();
    assert_eq!(text(&output.stdout), "a: pw\nb: op://Personal/P/password\n");
    assert!(text(&output.stderr).starts_with("line 2: a reference without braces was left as it is"), "{output:?}");
}

#[test]
fn an_environment_keeps_variables_byte_for_byte() {
    let home = TempDir::new().unwrap();
    let _server = start_with_account(home.path());
    let own = |words: &[&str]| run(opwire(home.path()).args(words));
    own(&["env", "create", "E"]);
    let file = home.path().join("value");
    std::fs::write(&file, "-----BEGIN-----\r\nx\n\n").unwrap();
    run(opwire(home.path()).args(["env", "set", "E", "KEY", "--file"]).arg(&file));
    let got = opwire(home.path()).args(["env", "get", "E", "KEY"]).output().unwrap();
    assert_eq!(text(&got.stdout), "-----BEGIN-----\r\nx\n\n\n", "the line break of the output comes after it");
    assert!(fails(opwire(home.path()).args(["env", "export", "E"])).contains("KEY"));
    own(&["env", "unset", "E", "KEY"]);

    let values =
        [("A", "two words"), ("B", "it's"), ("C", "a\n\nb\n"), ("D", ""), ("E", "p$ss `x` \"q\" \\n #"), ("F", "=")];
    for (name, value) in values {
        std::fs::write(&file, value).unwrap();
        run(opwire(home.path()).args(["env", "set", "E", name, "--file"]).arg(&file));
    }
    let exported = home.path().join("exported.env");
    run(opwire(home.path()).args(["env", "export", "E", "--output"]).arg(&exported));
    let script = format!("set -a; . {}; exec env -0", exported.display());
    let by_shell = std::process::Command::new("sh").args(["-c", &script]).env_clear().output().unwrap();
    let run_file =
        opwire(home.path()).arg("run").arg("--env-file").arg(&exported).args(["--", "env", "-0"]).output().unwrap();
    for output in [by_shell, run_file] {
        let all = text(&output.stdout);
        let all: Vec<_> = all.split('\0').collect();
        for (name, value) in values {
            assert!(all.contains(&format!("{name}={value}").as_str()), "{name}: {all:?}");
        }
    }
    own(&["env", "create", "Copy"]);
    run(opwire(home.path()).args(["env", "import", "Copy"]).arg(&exported));
    for (name, value) in values {
        let got = opwire(home.path()).args(["env", "get", "Copy", name]).output().unwrap();
        assert_eq!(text(&got.stdout), format!("{value}\n"));
    }
}

#[test]
fn the_error_names_invalid_lines_of_env_files() {
    let home = TempDir::new().unwrap();
    let _server = start_with_account(home.path());
    let file = home.path().join("bad.env");
    std::fs::write(&file, "OK=1\nX; touch f #=2\nB=$HOME\nC=`id`\nD=pg://op://v/i/f@h\n").unwrap();
    let command = |words: &[&str]| {
        let mut command = opwire(home.path());
        command.args(words).stdin(Stdio::null());
        command
    };
    let refused = fails(command(&["run", "--env-file"]).arg(&file).args(["--", "true"]));
    for part in ["line 2", "line 3", "line 4"] {
        assert!(refused.contains(part), "{refused}");
    }
    std::fs::write(&file, "D=pg://op://v/i/f@h\n").unwrap();
    let refused = fails(command(&["run", "--env-file"]).arg(&file).args(["--", "true"]));
    assert!(refused.contains("line 1: a reference within a value"), "{refused}");
    std::fs::write(&file, b"A=1\nB=x\0y\n").unwrap();
    run(&mut command(&["env", "create", "E"]));
    let refused = fails(command(&["env", "import", "E"]).arg(&file));
    assert!(refused.contains("line 2") && refused.contains("NUL"), "{refused}");
}
