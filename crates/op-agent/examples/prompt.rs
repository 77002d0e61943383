//! Shows one prompt, to look at it and for `ci/desktop/run`: reads a request as JSON from the first line of standard
//! input and prints what was decided. The end of the input withdraws the prompt. `correct horse` is the password.
//!
//! Usage: prompt polkit|pinentry|page, or prompt pinentry PROGRAM TERMINAL KIND. As root, prompt install-polkit USER
//! lets polkit ask for the user of this number.

use std::{
    env,
    error::Error,
    io::{self, Read as _},
    time::Duration,
};

use op_agent::prompts::{Page, Pinentry, Polkit, Prompt, Request, Verdict, Verifier, polkit};
use op_core::host::BoxFuture;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

/// Longer than the page needs to learn that it has ended.
const LEAVE_AFTER: Duration = Duration::from_millis(500);

struct OnePassword;

impl Verifier for OnePassword {
    fn check<'a>(&'a self, password: Zeroizing<String>) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            match password.as_str() {
                "correct horse" => Verdict::Right,
                "unreachable" => Verdict::Unchecked("the server cannot be reached".to_owned()),
                _ => Verdict::Wrong,
            }
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let prompt: Box<dyn Prompt> = match arguments.as_slice() {
        ["polkit"] => Box::new(Polkit::new()),
        ["pinentry"] => Box::new(Pinentry::new()),
        ["pinentry", program, terminal, kind] => {
            Box::new(Pinentry::in_terminal(program.into(), (*terminal).to_owned(), (*kind).to_owned()))
        }
        ["page"] => Box::new(Page::new()),
        ["install-polkit", user] => {
            println!("{}", polkit::install(user.parse()?)?.display());
            return Ok(());
        }
        _ => return Err("see the first lines of this program for its usage".into()),
    };
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let request: Request = serde_json::from_str(&line)?;
    if !prompt.available().await {
        println!("unavailable");
        return Ok(());
    }
    println!("asks");
    let end = spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
    let decision = tokio::select! {
        decision = prompt.ask(&request, &OnePassword) => format!("{decision:?}"),
        _ = end => "withdrawn".to_owned(),
    };
    println!("{decision}");
    tokio::time::sleep(LEAVE_AFTER).await;
    std::process::exit(0)
}
