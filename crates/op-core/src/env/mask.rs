//! Masking secrets in texts.

/// The text that replaces a secret.
const MASK: &str = "<concealed by opwire>";

/// Replaces every occurrence of the secrets by a mask. Occurrences that overlap or touch get one mask.
pub(crate) fn mask(text: &str, secrets: &[String]) -> String {
    let mut covered: Vec<(usize, usize)> = Vec::new();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(secret.as_str())) {
            let start = from + at;
            covered.push((start, start + secret.len()));
            // The next occurrence may overlap this one.
            from = start + text.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        }
    }
    covered.sort_unstable();
    let (mut masked, mut shown_to) = (String::new(), 0);
    for (start, end) in covered {
        if start > shown_to || (start == 0 && shown_to == 0) {
            masked.push_str(text.get(shown_to..start).unwrap_or_default());
            masked.push_str(MASK);
        }
        shown_to = shown_to.max(end);
    }
    masked + text.get(shown_to..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(text: &str, secrets: &[&str]) -> String {
        mask(text, &secrets.iter().map(ToString::to_string).collect::<Vec<_>>()).replace(MASK, "*")
    }

    #[test]
    fn every_occurrence_is_covered() {
        for (text, secrets, expected) in [
            ("user:hunter2@host hunter2", ["hunter2", ""].as_slice(), "user:*@host *"),
            ("hunter2", &["hunter2"], "*"),
            ("abcdef", &["abcd", "cdef"], "*"),
            ("abcdef.", &["abc", "def"], "*."),
            ("aXaXa!", &["aXa"], "*!"),
            ("long and longer", &["long", "longer"], "* and *"),
            ("£日本£", &["日本"], "£*£"),
            ("nothing", &["x"], "nothing"),
            ("", &["x"], ""),
            ("same", &["same", "same"], "*"),
        ] {
            assert_eq!(masked(text, secrets), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_secret_is_left(text in "[ab£]{0,30}", secrets in proptest::collection::vec("[ab£]{1,4}", 1..4)) {
            let left = mask(&text, &secrets).replace(MASK, "\n");
            prop_assert!(secrets.iter().all(|secret| !left.contains(secret.as_str())), "{left}");
        }
    }
}
