//! References in a text: `{{ op://vault/item/field }}`.

use super::REFERENCE_START;

/// A part of a text.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum TemplatePart<'a> {
    /// Text, including braces without a reference between them.
    Text(&'a str),
    /// A reference between braces.
    Reference(&'a str),
}

/// Splits a text into its parts.
///
/// # Errors
/// A reference has no closing braces. The error is the byte offset at which it begins.
pub fn split_template(text: &str) -> Result<Vec<TemplatePart<'_>>, usize> {
    let mut parts = Vec::new();
    let (mut text_from, mut from) = (0, 0);
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("{{")).map(|at| from + at) {
        let inside_from = at + 2;
        let inside = text.get(inside_from..).unwrap_or_default();
        if !inside.trim_start().starts_with(REFERENCE_START) {
            // The last two of three braces may begin a reference.
            from = at + 1;
            continue;
        }
        let end = inside.find("}}").ok_or(at)?;
        let before = text.get(text_from..at).filter(|before| !before.is_empty());
        parts.extend(before.map(TemplatePart::Text));
        parts.push(TemplatePart::Reference(inside.get(..end).unwrap_or_default().trim()));
        from = inside_from + end + 2;
        text_from = from;
    }
    let rest = text.get(text_from..).filter(|rest| !rest.is_empty());
    parts.extend(rest.map(TemplatePart::Text));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_references_in_braces_are_extracted() {
        use TemplatePart::{Reference, Text};
        let template = "a: {{ op://v/i/f }}\nb: {{other}} {{op://v/i/g}}{{{ op://x/y/z }}}";
        assert_eq!(
            split_template(template),
            Ok(vec![
                Text("a: "),
                Reference("op://v/i/f"),
                Text("\nb: {{other}} "),
                Reference("op://v/i/g"),
                Text("{"),
                Reference("op://x/y/z"),
                Text("}"),
            ])
        );
        assert_eq!(split_template("x\n{{ op://v/i/f"), Err(2));
        assert_eq!(split_template(""), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn a_text_without_references_stays_whole(text in "[a-z{} /:]{0,40}") {
            if let Ok(parts) = split_template(&text)
                && parts.iter().all(|part| matches!(part, TemplatePart::Text(_)))
            {
                let whole: String = parts.iter().map(|part| match part {
                    TemplatePart::Text(text) | TemplatePart::Reference(text) => *text,
                }).collect();
                prop_assert_eq!(whole, text);
            }
        }
    }
}
