//! Whether one JSON pattern surely matches whatever another one does.

use super::json::{Check, Expr, Test};
use super::operand::{Compare, Operand};

/// Comparisons after which the answer is "not surely": nested alternatives can take very many.
const MOST_STEPS: usize = 20_000;

pub(super) fn covers(wide: &Expr, narrow: &Expr) -> bool {
    let mut left = MOST_STEPS;
    within(wide, narrow, &mut left)
}

fn within(wide: &Expr, narrow: &Expr, left: &mut usize) -> bool {
    let Some(fewer) = left.checked_sub(1) else { return false };
    *left = fewer;
    match (wide, narrow) {
        (_, Expr::Or(members)) => members.iter().all(|member| within(wide, member, left)),
        (Expr::And(members), _) => members.iter().all(|member| within(member, narrow, left)),
        (Expr::Or(wide), Expr::And(members)) => {
            wide.iter().any(|member| within(member, narrow, left))
                || members.iter().any(|member| within(&Expr::Or(wide.clone()), member, left))
        }
        (Expr::Or(members), Expr::Test(_)) => members.iter().any(|member| within(member, narrow, left)),
        (Expr::Test(_), Expr::And(members)) => members.iter().any(|member| within(wide, member, left)),
        (Expr::Test(wide), Expr::Test(narrow)) => follows(wide, narrow),
    }
}

/// Returns true if the first test holds wherever the second does.
fn follows(wide: &Test, narrow: &Test) -> bool {
    if wide == narrow {
        return true;
    }
    if wide.selector != narrow.selector {
        return false;
    }
    let (Check::Compare(one, Operand::Text(wide)), Check::Compare(other, Operand::Text(narrow))) =
        (&wide.check, &narrow.check)
    else {
        return false;
    };
    match (one, other) {
        (Compare::Equal, Compare::Equal) => text_within(wide, narrow),
        (Compare::NotEqual, Compare::NotEqual) => text_within(narrow, wide),
        _ => false,
    }
}

/// A star is a wildcard at the ends only (see [`Operand::Text`]).
fn text_within(wide: &str, narrow: &str) -> bool {
    if wide == narrow || wide == "*" {
        return true;
    }
    // The star alone matches numbers too.
    if narrow == "*" {
        return false;
    }
    let inner =
        |text: &str| text.strip_prefix('*').map_or((false, text.to_owned()), |rest| (true, rest.to_owned()));
    let (open_start, rest) = inner(wide);
    let (open_end, middle) = match rest.strip_suffix('*') {
        Some(middle) => (true, middle.to_owned()),
        None => (false, rest),
    };
    match (open_start, open_end) {
        (false, false) => false,
        (true, false) => narrow.ends_with(&middle),
        // The narrow text's own last star stands for nothing more than the wide one's does.
        (false, true) => narrow.starts_with(&middle),
        (true, true) => narrow.trim_matches('*').contains(&middle),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Pattern;

    #[test]
    fn what_surely_matches_as_much() {
        let cases = [
            ("the same", "{ $.a = 1 }", "{ $.a = 1 }", true),
            ("blanks and quotes", "{ ($.a = x) && ($.b = y) }", "{ $.a = \"x\" && $.b = y }", true),
            ("another order", "{ ($.a = x) && ($.b = y) }", "{ $.b = y && $.a = x }", true),
            ("an alternative more", "{ $.a = x || $.a = y }", "{ $.a = x }", true),
            ("an alternative less", "{ $.a = x }", "{ $.a = x || $.a = y }", false),
            ("a condition less", "{ $.a = x }", "{ $.a = x && $.b = y }", true),
            ("a condition more", "{ $.a = x && $.b = y }", "{ $.a = x }", false),
            ("a wildcard", "{ $.a = \"Invoke*\" }", "{ $.a = InvokeModel }", true),
            ("no wildcard", "{ $.a = InvokeModel }", "{ $.a = \"Invoke*\" }", false),
            ("an exception less", "{ $.a != \"x\" }", "{ $.a != \"x*\" }", true),
            ("an exception more", "{ $.a != \"x*\" }", "{ $.a != \"x\" }", false),
            (
                "what would need distributing",
                "{ ($.a = x && $.c = z) || $.b = y }",
                "{ ($.a = x || $.b = y) && $.c = z }",
                false,
            ),
            ("other fields", "{ $.a = x }", "{ $.b = x }", false),
            ("another form", "{ $.a = x }", "x", false),
        ];
        for (case, wide, narrow, want) in cases {
            let read = |text| Pattern::parse(text).expect(case);
            assert_eq!(read(wide).covers(&read(narrow)), want, "{case}");
        }
    }
}
