//! Converts Rust documentation into comments of other languages.

use crate::names::uncapitalized;

/// Returns the text of a doc comment in lines of at most `width` characters. Paragraphs are wrapped again. List items,
/// tags and code blocks keep their line breaks. Headings become a line that ends with a colon.
pub(crate) fn wrap(doc: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut paragraph = String::new();
    let mut fenced = false;
    for line in doc.lines() {
        let text = line.trim();
        let is_fence = text.starts_with("```");
        let is_item = is_item(text);
        let is_heading = text.starts_with('#');
        if text.is_empty() || is_fence || fenced || is_item || is_heading {
            fill(&mut lines, &std::mem::take(&mut paragraph), width);
        }
        if is_fence || fenced {
            lines.push(line.trim_end().to_owned());
            fenced ^= is_fence;
        } else if is_heading {
            lines.push(format!("{}:", text.trim_start_matches('#').trim()));
        } else if text.is_empty() {
            lines.push(String::new());
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(text);
        }
    }
    fill(&mut lines, &paragraph, width);
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Splits a text into words that may be on different lines. Code and links in braces stay together.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_open = |word: &&mut String| {
            word.matches('`').count() % 2 == 1 || word.matches('{').count() > word.matches('}').count()
        };
        match words.last_mut().filter(is_open) {
            Some(open) => *open += &format!(" {word}"),
            None => words.push(word.to_owned()),
        }
    }
    words
}

/// Returns whether a line begins a list item, or a tag such as `@param`.
fn is_item(line: &str) -> bool {
    ["- ", "* ", "@"].iter().any(|start| line.starts_with(start))
}

fn fill(lines: &mut Vec<String>, paragraph: &str, width: usize) {
    let indent = if is_item(paragraph) { "  " } else { "" };
    let mut line = String::new();
    for word in words(paragraph) {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
}

/// Returns the documentation of `name` in Go's style: a sentence that starts with the name.
pub(crate) fn go_sentence(name: &str, doc: &str) -> String {
    const NOUN_STARTS: [&str; 13] =
        ["a", "an", "the", "one", "something", "what", "when", "where", "who", "how", "which", "whether", "why"];
    let doc = doc.trim();
    let first = doc.split_whitespace().next().unwrap_or_default();
    if first == name || doc.is_empty() {
        return doc.to_owned();
    }
    if NOUN_STARTS.contains(&first.to_lowercase().as_str()) {
        return format!("{name} is {}", mid_sentence(doc));
    }
    format!("{name}: {}", mid_sentence(doc))
}

/// Returns a text for use after a colon: its first letter in lower case, unless the first word is in capitals such as
/// `SSH`.
pub(crate) fn mid_sentence(text: &str) -> String {
    let text = text.trim();
    let is_word = text.chars().nth(1).is_none_or(|second| !second.is_uppercase());
    if is_word { uncapitalized(text) } else { text.to_owned() }
}

/// Returns the documentation of a function in Go's style: "List the items" becomes "List lists the items".
pub(crate) fn go_function_sentence(name: &str, doc: &str) -> String {
    format!("{name} {}", uncapitalized(&indicative(doc)))
}

/// Returns the documentation of a function in the indicative: "List the items" becomes "Lists the items".
pub(crate) fn indicative(doc: &str) -> String {
    let doc = doc.trim();
    let (verb, rest) = doc.split_at(doc.find(char::is_whitespace).unwrap_or(doc.len()));
    format!("{}{rest}", third_person(verb))
}

fn third_person(verb: &str) -> String {
    if verb.ends_with("ss") || verb.ends_with("ch") || verb.ends_with("sh") || verb.ends_with('x') {
        return format!("{verb}es");
    }
    if verb.ends_with('s') {
        return verb.to_owned();
    }
    match verb.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{verb}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_filled_and_lists_kept() {
        let doc = " One\n two three.\n\n `a b c d` {@link\n C}\n\n - a long list entry\n - b\n\n # Errors\n None.";
        assert_eq!(
            wrap(doc, 16),
            [
                "One two three.",
                "",
                "`a b c d`",
                "{@link C}",
                "",
                "- a long list",
                "  entry",
                "- b",
                "",
                "Errors:",
                "None."
            ]
        );
    }

    #[test]
    fn go_comments_start_with_the_name() {
        assert_eq!(go_sentence("Item", "An entry of a vault."), "Item is an entry of a vault.");
        assert_eq!(go_sentence("Item", "Parts of a vault."), "Item: parts of a vault.");
        assert_eq!(go_sentence("Key", "SSH keys."), "Key: SSH keys.");
        assert_eq!(go_function_sentence("List", "List the items."), "List lists the items.");
        assert_eq!(go_function_sentence("Get", "Gets an item."), "Get gets an item.");
    }
}
