//! Programs in other processes: which approvals are theirs, and which are refused.

use std::{
    os::unix::fs::PermissionsExt as _,
    process::{Command, Output, Stdio},
};

use op_agent::control::Shown;
use op_agent::prompts::Choice;
use op_testkit::account::PASSWORD;
use serde_json::json;
use tokio::task::spawn_blocking;

use crate::support::{TestAgent, config, lines, program_file, with};

/// Returns what a program printed, if the person allows its first prompt for the choice that `choose` finds.
async fn run_allowed(agent: &TestAgent, command: Command, choose: impl Fn(&Choice) -> bool) -> (Output, Shown) {
    let running = run(command);
    let shown = agent.prompt().await;
    let choice = shown.request.choices.iter().position(choose).expect("the choice is offered");
    agent.answer(shown.request.id, Some(choice), PASSWORD).await;
    (running.await.unwrap(), shown)
}

fn run(mut command: Command) -> tokio::task::JoinHandle<Output> {
    spawn_blocking(move || command.output().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_says_which_program_asks() {
    let agent = TestAgent::start().await;
    let (output, shown) = run_allowed(&agent, agent.program(&config()), |choice| *choice == Choice::Process).await;
    let lines = lines(&output.stdout);
    assert!(lines.len() == 2 && lines[0].0 && lines[1].1.contains("Development"), "{lines:?}");
    let program = &shown.request.program;
    assert!(program.process.executable.as_ref().unwrap().to_string_lossy().contains("python3"), "{program:?}");
    assert_eq!(program.folder, std::env::current_dir().ok());
    assert_eq!(program.ancestors[0].pid, i32::try_from(std::process::id()).unwrap());
    assert!(shown.text.contains("program.py"), "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_for_a_process_is_not_its_siblings() {
    let agent = TestAgent::start().await;
    run_allowed(&agent, agent.program(&config()), |choice| *choice == Choice::Process).await;
    let (output, _) = run_allowed(&agent, agent.program(&config()), |choice| *choice == Choice::Process).await;
    assert!(lines(&output.stdout)[1].0);
    assert_eq!(agent.grants().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_for_an_ancestor_is_for_all_that_it_starts() {
    let agent = TestAgent::start().await;
    let me = i32::try_from(std::process::id()).unwrap();
    let is_me = |choice: &Choice| matches!(choice, Choice::Ancestor(process) if process.pid == me);
    run_allowed(&agent, agent.program(&config()), is_me).await;
    let output = run(agent.program(&config())).await.unwrap();
    assert!(lines(&output.stdout).iter().all(|(ok, _)| *ok));
    // Also through another program, and for this process itself.
    let mut shell = Command::new("sh");
    shell.args(["-c", "python3 \"$@\"", "sh"]).arg(program_file()).arg(&agent.socket).arg(config().to_string());
    shell.stdout(Stdio::piped());
    assert!(lines(&run(shell).await.unwrap().stdout).iter().all(|(ok, _)| *ok));
    agent.sign_in(config()).await.unwrap();
    assert_eq!(agent.grants().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_for_a_terminal_is_for_its_programs_only() {
    let agent = TestAgent::start().await;
    // Two programs, one after the other, in a terminal of their own.
    let in_terminal = || {
        let mut command = Command::new("python3");
        let twice = "import pty, sys; pty.spawn(['sh', '-c', 'python3 \"$@\"; python3 \"$@\"', 'sh', *sys.argv[1:]])";
        command.args(["-c", twice]).arg(program_file()).arg(&agent.socket).arg(config().to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    };
    let (output, shown) = run_allowed(&agent, in_terminal(), |choice| *choice == Choice::Terminal).await;
    assert!(shown.request.program.terminal.as_ref().unwrap().starts_with("/dev/pts/"));
    let results = lines(&output.stdout);
    assert!(results.len() == 4 && results.iter().all(|(ok, _)| *ok), "{results:?}");
    // Another terminal is another approval.
    let (output, _) = run_allowed(&agent, in_terminal(), |choice| *choice == Choice::Terminal).await;
    assert_eq!(lines(&output.stdout).len(), 4);
    assert_eq!(agent.grants().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inherited_socket_is_refused() {
    let agent = TestAgent::start().await;
    let mut command = agent.program(&config());
    command.arg("inherit");
    let lines = lines(&run(command).await.unwrap().stdout);
    assert!(lines.iter().all(|(ok, _)| !ok), "{lines:?}");
    assert!(lines[0].1.contains("AuthorizationDenied") && lines[0].1.contains("has ended"), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_is_refused() {
    if !nix::unistd::geteuid().is_root() {
        // Only root can become another user. CI runs this test as root.
        eprintln!("not root: the socket's folder alone keeps others out");
        return;
    }
    let agent = TestAgent::start().await;
    // As if the folders were open to everybody.
    for open in [agent.folder.path(), agent.socket.parent().unwrap(), agent.socket.as_path()] {
        std::fs::set_permissions(open, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    let script = agent.folder.path().join("program.py");
    std::fs::copy(program_file(), &script).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--clear-groups", "/usr/bin/python3"]).arg(script).arg(&agent.socket);
    command.arg(with(json!({})).to_string()).current_dir("/");
    let output = run(command).await.unwrap();
    let lines = lines(&output.stdout);
    assert!(!lines.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(lines.iter().all(|(ok, text)| !ok && text.contains("another user")), "{lines:?}");
}
