//! The agent as a person runs it: in its own process, with questions answered in another one.

use std::{
    io::{BufRead, BufReader},
    os::unix::fs::MetadataExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use op_agent::client::AgentClient;
use op_core::{ErrorKind, methods::VaultsList};
use tempfile::TempDir;
use zbus::zvariant::{ObjectPath, OwnedObjectPath};

use crate::{create_item, support::*};

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a command, and waits until it prints a line that contains `ready` on standard error.
fn start(command: &mut Command, ready: &str) -> Running {
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let line = lines.find(|line| line.as_ref().unwrap().contains(ready));
    assert!(line.is_some(), "it ended without: {ready}");
    thread::spawn(move || lines.for_each(drop));
    Running(process)
}

fn start_agent(home: &Path) -> Running {
    start(without_password(home).arg("agent"), "The agent listens on")
}

/// Starts `opwire agent approve --all`, which types the password.
fn approve_all(home: &Path) -> Running {
    start(opwire(home).args(["agent", "approve", "--all"]), "Waiting for programs")
}

fn without_password(home: &Path) -> Command {
    let mut command = opwire(home);
    command.env_remove("OPWIRE_PASSWORD");
    command
}

const LOGIN: &str = r#"{"category":"Login","title":"Web","fields":[
    {"id":"password","title":"password","fieldType":"Concealed","value":"hunter2"}]}"#;

#[test]
fn commands_go_by_the_agent_and_ask_for_no_password() {
    let home = TempDir::new().unwrap();
    let (_server, _) = start_with_account(home.path());
    run(opwire(home.path()).args(["vault", "create", "Development"]));
    create_item(home.path(), LOGIN);
    let read = || {
        let mut command = without_password(home.path());
        command.args(["read", "op://Development/Web/password"]);
        command
    };
    let alone = fails(&mut read());
    assert!(alone.contains("With `opwire agent` running") && alone.contains("without a terminal"), "{alone}");

    let agent = start_agent(home.path());
    let approver = approve_all(home.path());
    assert_eq!(run(&mut read()), "hunter2");
    drop(approver);
    // The approval is for all that this test starts, because each command is a process of its own.
    assert_eq!(run(&mut read()), "hunter2");
    let own = |arguments: &[&str]| run(without_password(home.path()).args(arguments));
    assert_eq!(own(&["agent", "sessions"]).lines().count(), 1);
    let accounts = own(&["account", "list"]);
    let account_id = accounts.rsplit('\t').next().unwrap();
    assert_eq!(own(&["vault", "list", "--account", account_id]), own(&["vault", "list"]));
    let file = home.path().join("file.bin");
    std::fs::write(&file, [0, 255, 10]).unwrap();
    let id = own(&["document", "create", file.to_str().unwrap(), "--vault", "Development"]);
    let out = home.path().join("out.bin");
    own(&["document", "get", &id, "--vault", "Development", "--out", out.to_str().unwrap()]);
    assert_eq!(std::fs::read(&out).unwrap(), [0, 255, 10]);
    let link = own(&["share", "create", "Web", "--vault", "Development"]);
    assert!(link.contains("/s#"), "{link}");
    // The audit log says which program acted.
    let sessions = run(opwire(home.path()).args(["session", "list"]));
    assert!(sessions.contains("opwire CLI/"), "{sessions}");

    let status = own(&["agent", "status"]);
    assert!(status.contains("Acme\tyou@example.com\t") && status.contains("unlocked for 13 days"), "{status}");
    let me = own(&["whoami"]);
    assert!(me.starts_with("Acme\tyou@example.com\t") && !me.ends_with("locked"), "{me}");
    let log = own(&["agent", "log"]);
    assert!(log.contains("\tallowed\tAcme\t") && log.contains("opwire CLI"), "{log}");
    for text in [status, log, own(&["agent", "sessions"])] {
        assert!(!text.contains("hunter2") && !text.contains(PASSWORD), "{text}");
    }

    assert_eq!(own(&["agent", "revoke", "--all"]), "Approvals ended: 1.");
    own(&["signout"]);
    assert!(own(&["whoami"]).ends_with("\tlocked"));
    run(opwire(home.path()).arg("signin"));
    assert!(own(&["agent", "status"]).contains("unlocked"));
    let wrong = fails(opwire(home.path()).env("OPWIRE_PASSWORD", "wrong").arg("signin"));
    assert!(wrong.contains("the password is wrong"), "{wrong}");
    drop(agent);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_killed_can_be_started_again() {
    let home = TempDir::new().unwrap();
    let (_server, _) = start_with_account(home.path());
    let mut agent = start_agent(home.path());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", agent.0.id())).unwrap();
    let cores = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert!(cores.split_whitespace().nth(4) == Some("0"), "{cores}");
    let second = fails(without_password(home.path()).arg("agent"));
    assert!(second.contains("an agent runs already"), "{second}");

    let socket = home.path().join("run/agent.sock");
    let signing_in = AgentClient::sign_in_at(socket.clone(), config());
    let kill = async |agent: &mut Running| {
        tokio::time::sleep(Duration::from_millis(200)).await;
        agent.0.kill().unwrap();
        agent.0.wait().unwrap();
    };
    let (failed, ()) = tokio::join!(signing_in, kill(&mut agent));
    assert_eq!(failed.err().unwrap().kind(), ErrorKind::AgentUnavailable);
    let gone = AgentClient::sign_in_at(socket.clone(), config()).await.err().unwrap();
    assert!(gone.message().contains("start one with `opwire agent`") && gone.retryable(), "{gone}");

    // What the agent left is replaced, and a client connects anew by itself.
    let mut agent = start_agent(home.path());
    let approver = approve_all(home.path());
    let client = AgentClient::sign_in_at(socket, config()).await.unwrap();
    let list = || client.exchange(op_core::remote::invocation(&VaultsList { params: None }).unwrap());
    list().await.unwrap();
    kill(&mut agent).await;
    drop(approver);
    assert_eq!(list().await.unwrap_err().kind(), ErrorKind::AgentUnavailable);
    let _agent = start_agent(home.path());
    let _approver = approve_all(home.path());
    list().await.unwrap();
}

/// Returns the configuration of a program.
fn config() -> String {
    let mut config = op_testkit::account::config("");
    let members = config.as_object_mut().unwrap();
    members.remove("serviceAccountToken");
    members.insert("accountName".to_owned(), "Acme".into());
    config.to_string()
}

#[test]
fn accounts_can_be_forgotten_and_units_printed() {
    let home = TempDir::new().unwrap();
    let (_server, _) = start_with_account(home.path());
    assert!(fails(opwire(home.path()).args(["account", "forget", "Acme"])).contains("--yes"));
    run(opwire(home.path()).args(["account", "forget", "acme", "--yes"]));
    assert_eq!(run(opwire(home.path()).args(["account", "list"])), "");
    let units = run(opwire(home.path()).args(["agent", "setup", "--print"]));
    assert!(units.contains("ListenStream=%t/opwire/agent.sock") && units.contains("\" agent\n"), "{units}");
}

/// A session of logind's, on a bus of the test's.
struct LoginSession {
    user: u32,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl LoginSession {
    #[zbus(property)]
    fn user(&self) -> (u32, OwnedObjectPath) {
        (self.user, ObjectPath::from_static_str_unchecked("/org/freedesktop/login1/user/_0").into())
    }
}

const OWN: &str = "/org/freedesktop/login1/session/own";
const FOREIGN: &str = "/org/freedesktop/login1/session/foreign";

#[tokio::test(flavor = "multi_thread")]
async fn approvals_end_when_the_screen_is_locked_and_before_sleep() {
    let home = TempDir::new().unwrap();
    let (_server, _) = start_with_account(home.path());
    let mut daemon = Command::new("dbus-daemon");
    let mut daemon = daemon.args(["--session", "--nofork", "--print-address"]).stdout(Stdio::piped()).spawn().unwrap();
    let address = BufReader::new(daemon.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let _daemon = Running(daemon);
    let me = std::fs::metadata(home.path()).unwrap().uid();
    let logind = zbus::connection::Builder::address(address.as_str()).unwrap();
    let logind = logind.name("org.freedesktop.login1").unwrap();
    let logind = logind.serve_at(OWN, LoginSession { user: me }).unwrap();
    let logind = logind.serve_at(FOREIGN, LoginSession { user: me + 1 }).unwrap().build().await.unwrap();
    let mut agent = without_password(home.path());
    let _agent = start(agent.arg("agent").env("DBUS_SYSTEM_BUS_ADDRESS", &address), "The agent listens on");
    let _approver = approve_all(home.path());
    let own = |arguments: &[&str]| run(without_password(home.path()).args(arguments));
    let approvals = || own(&["agent", "sessions"]).lines().count();

    let lock =
        |path: &'static str| logind.emit_signal(None::<&str>, path, "org.freedesktop.login1.Session", "Lock", &());
    let sleep = |begins: bool| {
        let (path, manager) = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
        let logind = logind.clone();
        async move { logind.emit_signal(None::<&str>, path, manager, "PrepareForSleep", &begins).await }
    };
    own(&["vault", "list"]);
    assert_eq!(approvals(), 1);
    // The agent may not listen yet.
    while approvals() > 0 {
        lock(OWN).await.unwrap();
    }
    assert!(!own(&["whoami"]).ends_with("locked"), "the keys stay");
    own(&["vault", "list"]);
    lock(FOREIGN).await.unwrap();
    sleep(false).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(approvals(), 1, "another person's screen, and waking up, end nothing");
    sleep(true).await.unwrap();
    while approvals() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Starts `opwire agent approve` in a terminal, in which these steps are typed. Returns once the first is done.
fn in_terminal(home: &Path, steps: &[(&str, &str)]) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/command/terminal.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(serde_json::to_string(steps).unwrap());
    command.args([env!("CARGO_BIN_EXE_opwire"), "agent", "approve"]);
    command.env("OPWIRE_AGENT_SOCKET", home.join("run/agent.sock")).env_remove("OPWIRE_PASSWORD");
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), steps[0].0);
    thread::spawn(move || lines.for_each(drop));
    process
}

#[test]
fn a_terminal_asks_and_enter_alone_denies() {
    let home = TempDir::new().unwrap();
    let (_server, _) = start_with_account(home.path());
    let _agent = start_agent(home.path());
    let list = || {
        let mut command = without_password(home.path());
        command.args(["vault", "list"]);
        command
    };
    let password = format!("{PASSWORD}\n");
    let waiting = "Ctrl-C ends this.";
    // What is typed before the question appears answers nothing.
    let steps = [(waiting, "1\nwrong\n"), ("Number, or Enter to deny:", "\n"), ("Denied.", "")];
    let mut terminal = in_terminal(home.path(), &steps);
    let denied = fails(&mut list());
    assert!(denied.contains("the person denied it"), "{denied}");
    assert!(terminal.wait().unwrap().success());
    // Who types the password wants to be asked again.
    run(opwire(home.path()).arg("signin"));
    let steps = [
        (waiting, ""),
        ("wants to use the account Acme", ""),
        ("Number, or Enter to deny:", "1\n"),
        ("Password of you@example.com:", "wrong\n"),
        ("The password is wrong.", ""),
        ("Number, or Enter to deny:", "1\n"),
        ("Password of you@example.com:", &password),
        ("Allowed.", ""),
    ];
    let mut terminal = in_terminal(home.path(), &steps);
    assert!(run(&mut list()).contains("Personal"));
    assert!(terminal.wait().unwrap().success());
}
