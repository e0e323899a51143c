//! Texts with wildcards: whether one admits all that another does, and whether both admit something.
//!
//! `*` is any run of characters, also none, and `?` is any one (IAM User Guide, "Resource" and "Condition operators").

/// One place of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Letter(char),
    /// `?`
    One,
    /// `*`
    Many,
}

/// Reads a pattern. In a run of wildcards `?` comes first and `*` stands once: `*?` and `?*` admit the same.
pub(crate) fn pattern(text: &str) -> Vec<Place> {
    let mut places = Vec::new();
    let mut many = false;
    for letter in text.chars() {
        match letter {
            '*' => many = true,
            '?' => places.push(Place::One),
            _ => {
                if std::mem::take(&mut many) {
                    places.push(Place::Many);
                }
                places.push(Place::Letter(letter));
            }
        }
    }
    if many {
        places.push(Place::Many);
    }
    places
}

/// Reads a text in which a star is a star.
pub(crate) fn literal(text: &str) -> Vec<Place> {
    text.chars().map(Place::Letter).collect()
}

/// Returns true if `wide` surely admits every text that `narrow` admits.
pub(crate) fn contains(wide: &[Place], narrow: &[Place]) -> bool {
    // Row by row of `wide`: which prefixes of `narrow` are taken care of.
    let mut row: Vec<bool> = std::iter::once(true).chain(narrow.iter().map(|_| false)).collect();
    for place in wide {
        let mut next = vec![false; row.len()];
        if *place == Place::Many {
            next[0] = row[0];
        }
        for (at, other) in narrow.iter().enumerate() {
            next[at + 1] = match place {
                Place::Many => next[at] || row[at + 1],
                Place::One => row[at] && *other != Place::Many,
                Place::Letter(_) => row[at] && place == other,
            };
        }
        row = next;
    }
    row.last().copied().unwrap_or(false)
}

/// Returns true if some text is admitted by both.
pub(crate) fn meet(one: &[Place], other: &[Place]) -> bool {
    let mut row: Vec<bool> = vec![false; other.len() + 1];
    row[0] = true;
    for (at, place) in other.iter().enumerate() {
        row[at + 1] = row[at] && *place == Place::Many;
    }
    for left in one {
        let mut next = vec![false; row.len()];
        next[0] = row[0] && *left == Place::Many;
        for (at, right) in other.iter().enumerate() {
            next[at + 1] = match (left, right) {
                (Place::Many, _) | (_, Place::Many) => row[at + 1] || next[at] || row[at],
                (Place::Letter(left), Place::Letter(right)) => row[at] && left == right,
                _ => row[at],
            };
        }
        row = next;
    }
    row.last().copied().unwrap_or(false)
}

/// As [`contains`], for ARNs: a wildcard stays within its part between colons (IAM User Guide, ARN operators). What is
/// no ARN of six parts is contained in itself and in `*` only.
pub(crate) fn arn_contains(wide: &str, narrow: &str) -> bool {
    if wide == narrow || wide == "*" {
        return true;
    }
    let (wide, narrow): (Vec<&str>, Vec<&str>) =
        (wide.splitn(6, ':').collect(), narrow.splitn(6, ':').collect());
    wide.len() == 6
        && narrow.len() == 6
        && wide.iter().zip(&narrow).all(|(wide, narrow)| contains(&pattern(wide), &pattern(narrow)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_contain_and_meet() {
        let cases: [(&str, &str, bool, bool); 14] = [
            // (wide, narrow, contains, meet)
            ("*", "a", true, true),
            ("*", "*", true, true),
            ("a*", "ab*", true, true),
            ("ab*", "a*", false, true),
            ("a", "b", false, false),
            ("?", "*", false, true),
            ("*?", "?*", true, true),
            ("?*", "*?", true, true),
            ("a?c", "abc", true, true),
            ("a?c", "a*c", false, true),
            ("a*c", "a?c", true, true),
            ("s3:Get*", "s3:Put*", false, false),
            ("*Get*", "s3:*Object", false, true),
            ("", "*", false, true),
        ];
        for (wide, narrow, within, both) in cases {
            let (left, right) = (pattern(wide), pattern(narrow));
            assert_eq!(contains(&left, &right), within, "{wide} contains {narrow}");
            assert_eq!(meet(&left, &right), both, "{wide} meets {narrow}");
            assert_eq!(meet(&right, &left), both, "{narrow} meets {wide}");
        }
        assert!(!contains(&literal("a*"), &pattern("ab")));
    }

    #[test]
    fn a_wildcard_stays_within_its_part_of_an_arn() {
        let cases = [
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/AWSLogs/*", true),
            ("arn:aws:s3:::b/AWSLogs/*", "arn:aws:s3:::b/*", false),
            ("arn:aws:*:eu:1:x", "arn:aws:sns:us:1:x", false),
            ("arn:aws:*", "arn:aws:s3:::b", false),
            ("*", "arn:aws:s3:::b", true),
        ];
        for (wide, narrow, want) in cases {
            assert_eq!(arn_contains(wide, narrow), want, "{wide} {narrow}");
        }
    }
}
