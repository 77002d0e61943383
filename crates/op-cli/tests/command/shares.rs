//! Sharing items: the sender's commands, and opening links without an account.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use op_server::Mail;
use op_testkit::TestServer;
use qrcode::{Color, EcLevel, QrCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{create_item, support::*};

const LOGIN: &str = r#"{"category":"Login","title":"Web","notes":"first\nsecond","fields":[
    {"id":"username","title":"username","fieldType":"Text","value":"ada"},
    {"id":"password","title":"password","fieldType":"Concealed","value":"hunter2"}]}"#;

/// An account with the vault Development and the item Web, on a server that writes its mail into a folder.
struct Team {
    home: TempDir,
    item_id: String,
    _server: TestServer,
}

impl Team {
    async fn new() -> Self {
        let home = TempDir::new().unwrap();
        let mail = home.path().join("mail");
        let server = TestServer::start_with(|config| config.mail = Some(Mail::Folder(mail))).await;
        let mut create = opwire(home.path());
        create.args(["account", "create", "Acme", "--server", &server.url, "--email", "you@example.com"]);
        run(create.env("OPWIRE_SETUP_TOKEN", &server.setup_token));
        run(opwire(home.path()).args(["vault", "create", "Development"]));
        let item_id = create_item(home.path(), LOGIN);
        Self { home, item_id, _server: server }
    }

    /// Returns `opwire share` of the owner.
    fn share(&self, arguments: &[&str]) -> Command {
        let mut command = opwire(self.home.path());
        command.arg("share").args(arguments);
        command
    }

    /// Shares the item Web, and returns the link.
    fn link(&self, arguments: &[&str]) -> String {
        run(self.share(&["create", "web", "--vault", "Development"]).args(arguments))
    }

    fn list(&self) -> Vec<Value> {
        serde_json::from_str(&run(&mut self.share(&["list", "--json"]))).unwrap()
    }
}

/// Returns `opwire share open` of somebody without an account.
fn open(link: &str) -> Command {
    let mut command = opwire(Path::new("/nonexistent"));
    command.env_remove("OPWIRE_PASSWORD").env_remove("OPWIRE_SHARE_PASSWORD").args(["share", "open", link]);
    command
}

/// Runs a command that fails, without repeating the link.
fn refused(command: &mut Command, link: &str) -> String {
    let output: Output = command.output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), ""));
    let error = text(&output.stderr);
    assert!(!error.contains(secret(link)), "{error}");
    error
}

fn secret(link: &str) -> &str {
    link.split_once('#').unwrap().1
}

/// Returns the file that a server wrote the next mail into, from its log.
fn mails(stderr: impl std::io::Read + Send + 'static) -> mpsc::Receiver<PathBuf> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(file) = event["fields"]["file"].as_str() {
                let _ = send.send(PathBuf::from(file));
            }
        }
    });
    receive
}

fn code(mail: &Path) -> String {
    let mail = std::fs::read_to_string(mail).unwrap();
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    mail.lines().find(is_code).expect("a mail has a code").to_owned()
}

#[test]
fn a_recipient_opens_a_share_with_a_code() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("env");
    let mut dev = opwire(home.path());
    dev.args(["server", "dev", "--env-file"]).arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = dev.spawn().unwrap();
    let mails = mails(process.stderr.take().unwrap());
    let mut welcome = BufReader::new(process.stdout.take().unwrap());
    let _server = Server { process, address: String::new() };
    welcome.read_line(&mut String::new()).unwrap();
    let environment = std::fs::read_to_string(&file).unwrap();
    let token = environment.lines().find_map(|line| line.strip_prefix("OP_SERVICE_ACCOUNT_TOKEN=")).unwrap();

    let mut create = opwire(home.path());
    create.env("OP_SERVICE_ACCOUNT_TOKEN", token).args(["share", "create", "Example", "--vault", "Development"]);
    let output = create.args(["--to", "Ada@example.com,example.org", "--expires", "1d", "--once"]).output().unwrap();
    let (link, note) = (text(&output.stdout).trim_end().to_owned(), text(&output.stderr));
    assert!(link.starts_with("http://127.0.0.1:") && link.lines().count() == 1, "{link}{note}");
    assert!(note.contains("ada@example.com, everyone at example.org can open it, once each."), "{note}");
    assert!(!note.contains(secret(&link)), "{note}");

    assert!(refused(&mut open(&link), &link).contains("pass your e-mail address with --email"));
    let mut stranger = open(&link);
    assert!(refused(stranger.args(["--email", "eve@example.com"]), &link).contains("the code that was sent to eve@"));

    let recipient = |words: &[&str], lines: &[&str]| {
        let mut command = open("-");
        command.args(["--email", "ada@example.com"]).args(words);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut input = process.stdin.take().unwrap();
        writeln!(input, "{link}").unwrap();
        let code = code(&mails.recv_timeout(Duration::from_secs(60)).expect("a mail is sent"));
        for line in lines.iter().copied().chain([code.as_str()]) {
            writeln!(input, "{line}").unwrap();
        }
        drop(input);
        process.wait_with_output().unwrap()
    };
    let unconfirmed = recipient(&["--reveal"], &[]);
    assert!(text(&unconfirmed.stderr).contains("pass --yes"), "{unconfirmed:?}");
    let unclear = recipient(&["--yes"], &[]);
    assert!(text(&unclear.stderr).contains("pass --reveal, --field"), "{unclear:?}");
    let opened = recipient(&["--yes", "--field", "password"], &["not digits"]);
    assert_eq!(text(&opened.stdout), "correct-horse-battery\n", "{opened:?}");
    let errors = text(&opened.stderr);
    assert!(
        errors.contains("Demo programs (Demo) shares this until") && errors.contains("The code is wrong"),
        "{errors}"
    );
    let again = recipient(&["--yes", "--json"], &[]);
    assert_eq!(again.status.code(), Some(1));
    let errors = text(&again.stderr);
    assert!(errors.contains("the share was viewed as often as it may be: ask whoever sent the link"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_with_the_link_sees_what_is_shared() {
    let team = Team::new().await;
    let link = team.link(&[]);
    let page = run(&mut open(&link));
    for shown in ["Web\n", "\nusername: ada\n", "\npassword: ••••••••\n", "\nNotes\n  first\n  second"]
    {
        assert!(page.contains(shown), "{page}");
    }
    assert!(!page.contains("hunter2"), "{page}");
    assert!(run(open(&link).arg("--reveal")).contains("\npassword: hunter2\n"));
    assert_eq!(run(open(&link).args(["--field", "Notes"])), "first\nsecond");
    let unknown = refused(open(&link).args(["--field", "passwort"]), &link);
    assert!(unknown.contains("no field passwort, but these: username, password, notes"), "{unknown}");

    let shown: Value = serde_json::from_str(&run(open(&link).arg("--json"))).unwrap();
    assert_eq!(members(&shown), ["account", "expiresAt", "item", "savedFiles", "sender", "viewsLeft"]);
    assert_eq!((&shown["account"], &shown["viewsLeft"]), (&json!("Acme"), &json!(null)));
    assert_eq!(shown["item"]["fields"][1]["value"], "hunter2");

    run(open(&link).arg("--end"));
    let ended = refused(&mut open(&link), &link);
    assert!(ended.contains("the share was ended by a recipient: ask whoever sent the link"), "{ended}");
    let at = link.len() - 20;
    let other = format!("{}{}{}", &link[..at], if &link[at..=at] == "x" { "y" } else { "x" }, &link[at + 1..]);
    assert!(refused(&mut open(&other), &other).contains("no share has this link"));
    let cut = &link[..link.len() - 9];
    assert!(refused(&mut open(cut), cut).contains("not the whole link of a share"));
}

fn members(value: &Value) -> Vec<&str> {
    let mut members: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    members
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_asked_for_and_never_an_argument() {
    let team = Team::new().await;
    let mut create = team.share(&["create", &team.item_id, "--vault", "Development"]);
    let output = create.env("OPWIRE_SHARE_PASSWORD", "between us").output().unwrap();
    let link = text(&output.stdout).trim_end().to_owned();
    assert!(text(&output.stderr).contains("can open it, with the password,"), "{output:?}");

    // Without a terminal that it could ask on.
    let mut without = Command::new("setsid");
    without.args(["--wait", env!("CARGO_BIN_EXE_opwire"), "share", "open", &link]);
    without.env_remove("OPWIRE_SHARE_PASSWORD").stdin(Stdio::null());
    assert!(refused(&mut without, &link).contains("set OPWIRE_SHARE_PASSWORD"));
    let wrong = refused(open(&link).env("OPWIRE_SHARE_PASSWORD", "among us"), &link);
    assert!(wrong.contains("the password is wrong: OPWIRE_SHARE_PASSWORD has another one"), "{wrong}");
    let mut right = open(&link);
    assert_eq!(run(right.env("OPWIRE_SHARE_PASSWORD", "between us").args(["--field", "password"])), "hunter2");
    assert_eq!(team.list()[0]["views"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_are_listed_shown_and_revoked() {
    let team = Team::new().await;
    let link = team.link(&["--views", "2", "--expires", "1h"]);
    let created =
        run(&mut team.share(&["create", "Web", "--vault", "Development", "--to", "ada@example.com", "--json"]));
    let created: Value = serde_json::from_str(&created).unwrap();
    assert!(created["link"].as_str().unwrap().contains("/s#"), "{created}");
    run(open(&link).args(["--yes", "--reveal"]));

    let listed = team.list();
    let share = listed.iter().find(|share| share["link"] == json!(link)).unwrap();
    let all = [
        "createdAt",
        "creatorId",
        "endedAt",
        "expiresAt",
        "hasPassword",
        "id",
        "itemId",
        "itemVersion",
        "link",
        "maxViews",
        "recipients",
        "state",
        "title",
        "vaultId",
        "views",
        "viewsLog",
    ];
    assert_eq!(members(share), all);
    let (id, until) = (share["id"].as_str().unwrap(), share["expiresAt"].as_str().unwrap());
    let table = run(&mut team.share(&["list", "--vault", "Development", "--item", "Web"]));
    let row = format!("{id}\tWeb\tactive\tanyone who has the link\t1 of 2\t{until}");
    assert!(table.lines().any(|line| line == row) && table.lines().count() == 2, "{table}");
    assert!(table.contains("\tactive\tada@example.com\t0\t"), "{table}");

    for name in [id, &link] {
        let shown = run(&mut team.share(&["show", name]));
        assert!(shown.contains(&format!("link\t{link}\n")) && shown.contains("\nviews\t1 of 2\n"), "{shown}");
        let view = shown.lines().last().unwrap();
        assert!(view.starts_with("viewed\t20") && view.ends_with("\t-\t127.0.0.1"), "{shown}");
    }
    run(&mut team.share(&["revoke", id]));
    assert!(refused(open(&link).args(["--yes", "--reveal"]), &link).contains("the share was revoked"));
    let shown: Value = serde_json::from_str(&run(&mut team.share(&["show", id, "--json"]))).unwrap();
    assert_eq!((&shown["state"], &shown["link"]), (&json!("revoked"), &json!(null)));
    let table = run(&mut team.share(&["list"]));
    assert!(table.contains(&format!("{id}\tWeb\trevoked\t")), "{table}");

    let cut = &link[..link.len() - 9];
    assert!(refused(&mut team.share(&["show", cut]), cut).contains("pass its id"));
    assert!(fails(&mut team.share(&["revoke", &team.item_id])).contains("share"));
    let unknown = fails(&mut team.share(&["create", "Wep", "--vault", "Development"]));
    assert!(unknown.contains("no item matches Wep (`opwire item list --vault"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_refuses_what_it_does_not_allow() {
    let team = Team::new().await;
    let policy = |arguments: &[&str]| {
        let mut command = team.share(&["policy"]);
        command.args(arguments);
        command
    };
    let of_account = run(&mut policy(&[]));
    assert!(of_account.starts_with("types\trecipients,anyone\n"), "{of_account}");
    assert!(
        of_account.contains("\nmax-expiry\t30d\n") && of_account.contains("\nmax-views\tunlimited\n"),
        "{of_account}"
    );

    let narrow = ["set", "--vault", "Development", "--max-expiry", "1d", "--max-views", "3", "--allow", "example.com"];
    run(&mut policy(&narrow));
    let shown: Value = serde_json::from_str(&run(&mut policy(&["--vault", "Development", "--json"]))).unwrap();
    let expected = json!({
        "types": ["recipients", "anyone"], "recipientTypes": ["email", "domain"], "maxExpiry": "1d",
        "defaultExpiry": "1d", "maxViews": 3, "allow": ["example.com"],
        "files": { "allowed": true, "maxSize": shown["files"]["maxSize"] },
    });
    assert_eq!(shown, expected);
    let create = |arguments: &[&str]| {
        let mut command = team.share(&["create", "Web", "--vault", "Development"]);
        fails(command.args(arguments))
    };
    let refused = create(&["--expires", "7d"]);
    assert!(refused.contains("--expires 7d is too long: the policy for sharing items allows 1d at most"), "{refused}");
    assert!(create(&["--views", "4"]).contains("--views 4 is too much: the policy for sharing items allows 3"));
    let refused = create(&["--to", "eve@example.net"]);
    assert!(refused.contains("cannot share Web") && refused.contains("recipients"), "{refused}");
    run(&mut policy(&["set", "--vault", "Development", "--types", "recipients"]));
    let refused = create(&[]);
    assert!(refused.contains("cannot share Web") && refused.contains("name recipients"), "{refused}");

    run(&mut policy(&["clear", "--vault", "Development"]));
    team.link(&["--expires", "30d"]);
    run(&mut policy(&["set", "--max-expiry", "7d"]));
    let wider = fails(&mut policy(&["set", "--vault", "Development", "--max-expiry", "30d"]));
    assert!(wider.contains("policy"), "{wider}");
    run(&mut policy(&["set", "--types", "none"]));
    assert!(create(&[]).contains("cannot share Web"));
    let words = policy(&["set", "--types", "everyone"]).output().unwrap();
    assert_eq!(words.status.code(), Some(2));
    assert!(text(&words.stderr).contains("\"everyone\" is not one of recipients, anyone, none"), "{words:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_saved_beside_what_is_there() {
    let team = Team::new().await;
    let file = |number: u8, name: &str| {
        json!({
            "name": name, "content": [number, 0, 255], "sectionId": "files", "fieldId": format!("file{number}"),
        })
    };
    let names = ["../../evil.txt", "plain.txt", "plain.txt", "/etc/cron.d/x", "a\u{202e}txt.exe"];
    let files: Vec<Value> = (0..).zip(names).map(|(number, name)| file(number, name)).collect();
    let item = json!({
        "category": "SecureNote", "title": "Files\u{1b}[2J", "files": files,
        "sections": [{ "id": "files", "title": "Files" }],
    });
    let item = create_item(team.home.path(), &item.to_string());
    let link = run(&mut team.share(&["create", &item, "--vault", "Development", "--views", "2"]));

    let folder = team.home.path().join("new/folder");
    let mut refuse = open(&link);
    assert!(refused(refuse.args(["--yes", "--save-files", "/proc/none"]), &link).contains("cannot save files in"));
    let mut save = open(&link);
    save.args(["--yes", "--json", "--save-files"]).arg(&folder);
    let opened: Value = serde_json::from_str(&run(&mut save)).unwrap();
    assert_eq!(opened["viewsLeft"], 1, "what cannot be saved uses no view");
    let expected = ["_.._evil.txt", "plain.txt", "plain (2).txt", "_etc_cron.d_x", "a_txt.exe"];
    for (number, name) in (0..).zip(expected) {
        assert_eq!(std::fs::read(folder.join(name)).unwrap(), [number, 0, 255], "{name}");
    }
    let saved: Vec<_> = opened["savedFiles"].as_array().unwrap().iter().map(|file| file["path"].clone()).collect();
    assert_eq!(saved.len(), expected.len());
    assert!(!folder.join("../../evil.txt").exists());

    std::fs::write(folder.join("plain.txt"), "mine").unwrap();
    let page = run(open(&link).args(["--yes", "--save-files"]).arg(&folder));
    assert_eq!(std::fs::read(folder.join("plain.txt")).unwrap(), b"mine");
    assert!(folder.join("plain (4).txt").exists());
    assert!(page.starts_with("Files\\u{1b}[2J\n") && page.contains("  a\\u{202e}txt.exe (3 bytes)"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qr_code_has_the_link() {
    let team = Team::new().await;
    let output = team.share(&["create", "Web", "--vault", "Development", "--qr"]).output().unwrap();
    let (link, drawn) = (text(&output.stdout), text(&output.stderr));
    let rows =
        drawn.lines().filter_map(|line| line.strip_prefix("\u{1b}[38;5;16;48;5;231m")?.strip_suffix("\u{1b}[0m"));
    let rows: Vec<Vec<char>> = rows.map(|row| row.chars().collect()).collect();
    // Each line has two rows of modules. The margin of four is light.
    let is_dark = |row: usize, column: usize| match rows[(row + 4) / 2][column + 4] {
        '█' => true,
        '▀' => row.is_multiple_of(2),
        '▄' => row % 2 == 1,
        _ => false,
    };
    let code = QrCode::with_error_correction_level(link.trim_end(), EcLevel::M).unwrap();
    let width = code.width();
    assert!(rows.iter().all(|row| row.len() == width + 8) && rows.len() == width.div_ceil(2) + 4);
    for (at, module) in code.to_colors().into_iter().enumerate() {
        assert_eq!(is_dark(at / width, at % width), module == Color::Dark, "module {at}");
    }
    let dark = rows.iter().flatten().filter(|drawn| **drawn != ' ').count();
    let inside =
        rows[2..rows.len() - 2].iter().flat_map(|row| &row[4..width + 4]).filter(|drawn| **drawn != ' ').count();
    assert_eq!(dark, inside, "the margin is light");
}

/// On a terminal, the command asks for what it needs, and shows concealed values only when told to.
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_is_asked() {
    let team = Team::new().await;
    let link = team.link(&["--once"]);
    let line = format!("{} share open -", env!("CARGO_BIN_EXE_opwire"));
    let on_terminal = |answers: &[&str]| {
        let mut terminal = Command::new("script");
        terminal.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        let mut process = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut input, mut output) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut printed = String::new();
        for answer in answers {
            // A question ends with a colon or a bracket and a blank.
            while !(printed.ends_with(": ") || printed.ends_with("] ")) {
                let mut byte = [0];
                std::io::Read::read_exact(&mut output, &mut byte).unwrap_or_else(|_| panic!("{printed}"));
                printed.push(char::from(byte[0]));
            }
            writeln!(input, "{answer}").unwrap();
            printed.push('\n');
        }
        let mut rest = Vec::new();
        std::io::Read::read_to_end(&mut output, &mut rest).unwrap();
        (process.wait().unwrap().success(), printed + &String::from_utf8_lossy(&rest))
    };
    let (opened, printed) = on_terminal(&[&link, "n"]);
    assert!(!opened && printed.contains("not confirmed, so nothing was changed"), "{printed}");
    let (opened, printed) = on_terminal(&[&link, "y", "y"]);
    assert!(opened && printed.contains("password: hunter2"), "{printed}");
    let (opened, printed) = on_terminal(&[&link]);
    assert!(!opened && printed.contains("the share was viewed as often as it may be"), "{printed}");
}
