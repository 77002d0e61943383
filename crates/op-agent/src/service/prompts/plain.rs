//! The texts of a prompt for dialogs of other programs, which show one plain text in a font of their own.

use super::{Description, Line};

/// The first line of all texts. Dialogs made with Qt take a text for HTML if there is a tag in its first line, so
/// nothing that a program can choose is in it.
const FIRST_LINE: &str = "A program asks for your approval.";

/// Returns who wants what, with values of at most this many characters.
pub(super) fn summary(description: &Description, longest: usize) -> String {
    let title = shortened(&description.title, longest);
    let mut lines = description.scope.iter().map(|line| shortened(line.trim(), longest));
    let scope = lines.next().unwrap_or_default();
    let vaults: Vec<_> = lines.collect();
    format!("{FIRST_LINE}\n\n{title}.\n{scope} {}\n", vaults.join(", "))
}

/// Returns what is known about the program, and apart from that what it says, with values of at most this many
/// characters.
pub(super) fn details(description: &Description, longest: usize) -> String {
    let mut text = String::new();
    let mut list = |heading: &str, lines: &[Line]| {
        text += &format!("\n{heading}\n");
        for Line { label, value } in lines {
            text += &format!("{label}: {}\n", shortened(value, longest));
        }
    };
    list("Known about the program:", &description.known);
    list("The program says, which may be untrue:", &description.claimed);
    text
}

/// Returns a text that is at most so long. The middle is left out: the ends of paths say the most.
fn shortened(text: &str, longest: usize) -> String {
    let length = text.chars().count();
    if length <= longest {
        return text.to_owned();
    }
    let kept = longest.saturating_sub(3);
    let start: String = text.chars().take(kept / 2).collect();
    let end: String = text.chars().skip(length - (kept - kept / 2)).collect();
    format!("{start}...{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_long_values_stay() {
        assert_eq!(shortened("/usr/bin/node", 13), "/usr/bin/node");
        assert_eq!(shortened("/home/wendy/work/bin/node", 13), "/home.../node");
        assert_eq!(shortened("äöüäöüäöü", 7), "äö...öü");
    }
}
