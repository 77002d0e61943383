//! The texts of a prompt. All prompts show the same, and what the kernel knows stands apart from what the program
//! claims.

use std::{borrow::Cow, path::Path};

use super::{Choice, Process, Program, Request, Sandbox, Scope};

/// The longest value that is shown, in characters. A longer one could push the rest out of the prompt.
const LONGEST: usize = 200;
/// How many arguments are shown.
const MOST_ARGUMENTS: usize = 8;

/// What a prompt shows. All texts are harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Which program wants what, such as `deploy.py wants to use the account Acme`.
    pub title: String,
    /// What the program may do.
    pub scope: Vec<String>,
    /// What the system knows about the program.
    pub known: Vec<Line>,
    /// What the program says of itself. Anything may stand there.
    pub claimed: Vec<Line>,
    /// To whom the approval can be given: one text for each of [`Request::choices`].
    pub choices: Vec<String>,
    /// How long the approval holds.
    pub duration: &'static str,
    /// What the person types, such as `Password of you@example.com`; `None` if a button is enough.
    pub password: Option<String>,
}

/// A label and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the value is.
    pub label: &'static str,
    /// The value.
    pub value: String,
}

/// Returns the texts for a request.
#[must_use]
pub fn describe(request: &Request) -> Description {
    let account = &request.account;
    let unlocks = if request.locked { ", which is locked" } else { "" };
    Description {
        title: format!(
            "{} wants to use the account {}{unlocks}",
            process_name(&request.program.process),
            shown(&account.name)
        ),
        scope: scope(&request.scope),
        known: known(request),
        claimed: claimed(request),
        choices: request.choices.iter().map(|choice| holder(choice, &request.program)).collect(),
        duration: "until 10 minutes pass without a call, for 12 hours at most, or until the agent is locked",
        password: (request.locked || request.proof == super::Proof::Password)
            .then(|| format!("Password of {}", shown(&account.email))),
    }
}

impl Description {
    /// Returns everything but the choices as lines, for prompts that show plain text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for line in &self.scope {
            text += &format!("  {line}\n");
        }
        let width = self.known.iter().chain(&self.claimed).map(|line| line.label.len()).max().unwrap_or_default();
        let mut list = |heading: &str, lines: &[Line]| {
            text += &format!("\n{heading}\n");
            for Line { label, value } in lines {
                text += &format!("  {label:width$}  {value}\n");
            }
        };
        list("Known about the program:", &self.known);
        list("The program says:", &self.claimed);
        text += &format!("\nAn approval holds {}.\n", self.duration);
        text
    }
}

/// Returns the name of a program: that of its file.
fn process_name(process: &Process) -> String {
    let file = process.executable.as_deref().and_then(Path::file_name);
    file.map_or_else(|| shown(&process.name), |name| shown(&name.to_string_lossy()))
}

fn scope(scope: &Scope) -> Vec<String> {
    let what = if scope.read_only { "read" } else { "read and write" };
    match &scope.vaults {
        None if scope.read_only => vec!["It may only read, in all vaults of the account.".to_owned()],
        None => vec!["It may do all that you may do in the account.".to_owned()],
        Some(vaults) => {
            let mut lines = vec![format!("It may {what}, in these vaults only:")];
            lines.extend(vaults.iter().map(|vault| format!("  \"{}\"", shown(vault))));
            lines
        }
    }
}

fn known(request: &Request) -> Vec<Line> {
    let program = &request.program;
    let path = |process: &Process| match &process.executable {
        Some(file) => shown(&file.to_string_lossy()),
        None => shown(&process.name),
    };
    let mut lines = vec![
        Line { label: "account", value: shown(&format!("{} ({})", request.account.email, request.account.address)) },
        Line { label: "program", value: path(&program.process) },
        Line { label: "process", value: program.process.pid.to_string() },
    ];
    let mut add = |label, value: Option<String>| lines.extend(value.map(|value| Line { label, value }));
    add("folder", program.folder.as_ref().map(|folder| shown(&folder.to_string_lossy())));
    add("terminal", program.terminal.as_deref().map(shown));
    add(
        "sandbox",
        program.sandbox.as_ref().map(|sandbox| match sandbox {
            Sandbox::Container => "a container".to_owned(),
            Sandbox::Flatpak(name) => shown(&format!("the Flatpak app {name}")),
            Sandbox::Snap(name) => shown(&format!("the snap {name}")),
        }),
    );
    let ancestors: Vec<_> = program.ancestors.iter().map(path).collect();
    add("started by", (!ancestors.is_empty()).then(|| ancestors.join(" < ")));
    lines
}

fn claimed(request: &Request) -> Vec<Line> {
    let claims = &request.claims;
    let mut arguments: Vec<_> = claims.arguments.iter().take(MOST_ARGUMENTS).map(|argument| shown(argument)).collect();
    if claims.arguments.len() > MOST_ARGUMENTS {
        arguments.push("...".to_owned());
    }
    vec![
        Line { label: "name", value: shown(&format!("{} {}", claims.name, claims.version)) },
        Line { label: "command", value: shown(&arguments.join(" ")) },
    ]
}

/// Returns the words for who gets an approval.
#[must_use]
pub fn holder(choice: &Choice, program: &Program) -> String {
    match choice {
        Choice::Process => format!("this process ({}, {})", process_name(&program.process), program.process.pid),
        Choice::Terminal => {
            format!("all programs in this terminal ({})", shown(program.terminal.as_deref().unwrap_or_default()))
        }
        Choice::Ancestor(ancestor) => {
            format!("all programs that {} ({}) starts", process_name(ancestor), ancestor.pid)
        }
    }
}

/// Returns a text from elsewhere as a prompt shows it: harmless, and not too long.
fn shown(text: &str) -> String {
    let harmless = harmless(text);
    match harmless.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", harmless.get(..end).unwrap_or_default()),
        None => harmless.into_owned(),
    }
}

/// Returns a text whose characters cannot move the cursor, hide, imitate another line, or reorder what follows: such
/// characters are shown as escapes.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_harmful(character) { safe.extend(character.escape_default()) } else { safe.push(character) }
    }
    Cow::Owned(safe)
}

/// Control characters, separators of lines, the marks of the Unicode Bidirectional Algorithm (UAX 9), characters that
/// are not visible, and tags.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_programs_are_harmless_and_short() {
        assert_eq!(harmless("Grüße 👋🏽 — שלום"), "Grüße 👋🏽 — שלום");
        assert_eq!(harmless("a\u{1b}[2J\r\nb\u{202e}c\u{200b}"), "a\\u{1b}[2J\\r\\nb\\u{202e}c\\u{200b}");
        assert_eq!(shown(&"x".repeat(1000)).len(), LONGEST + 3);
    }
}
