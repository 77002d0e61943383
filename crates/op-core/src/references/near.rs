//! Similar names.

/// The number of characters that are compared; longer names are cut.
const MAX_LENGTH: usize = 64;

/// Returns the distance of two names, case-insensitive: 0 if they are the same, 1 if one contains the other, else their
/// Levenshtein distance. The second number is always the Levenshtein distance.
pub(crate) fn distance(a: &str, b: &str) -> (usize, usize) {
    let letters = |text: &str| text.to_lowercase().chars().take(MAX_LENGTH).collect::<Vec<char>>();
    let (short, long) = (letters(a), letters(b));
    let (short, long) = if short.len() <= long.len() { (short, long) } else { (long, short) };
    let holds = short.len() >= 3 && long.windows(short.len()).any(|part| part == short);
    let edits = edits(&short, &long);
    (if holds { edits.min(1) } else { edits }, edits)
}

/// Whether a name at this distance may be the one that was meant by `wanted`.
pub(crate) fn is_near(distance: usize, wanted: &str) -> bool {
    distance <= (wanted.chars().count() / 3).clamp(1, 4)
}

/// Returns the Levenshtein distance.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, letter) in a.iter().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        let mut next = vec![left];
        for (other, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(letter != other)).min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_to_change() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("Database", "database", 0),
            ("kitten", "sitting", 3),
            ("Databse", "Database", 1),
            ("git", "GitHub token", 1),
            ("a/b", "b/a", 2),
            ("ß", "ss", 2),
        ] {
            assert_eq!(distance(a, b).0, expected, "{a} {b}");
            assert_eq!(distance(b, a), distance(a, b), "{b} {a}");
        }
    }

    #[test]
    fn short_names_are_similar_if_they_differ_by_one_letter() {
        assert!(is_near(1, "ab") && !is_near(2, "ab"));
        assert!(is_near(2, "secret") && !is_near(3, "secret"));
    }
}
