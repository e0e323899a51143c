//! Whether one condition surely holds whenever another does.
//!
//! IAM User Guide, "IAM JSON policy elements: Condition operators" and "Multivalued context keys". What this cannot
//! decide (networks, dates, policy variables, operators on sets against plain ones) it says it cannot.

use super::glob::{arn_contains, contains, literal, meet, pattern};
use super::shape::Fit;
use std::collections::BTreeSet;

/// One operator on one key, with the values of which one must match (or none, under a negated operator).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Condition {
    pub operator: String,
    /// Lower case: keys are compared without it.
    pub key: String,
    pub values: BTreeSet<String>,
}

/// An operator's name taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Operator<'a> {
    /// `ForAllValues`, `ForAnyValue` or nothing.
    quantity: &'a str,
    base: &'a str,
    if_exists: bool,
}

impl<'a> Operator<'a> {
    fn parse(name: &'a str) -> Self {
        let (quantity, rest) = name.split_once(':').unwrap_or(("", name));
        let (base, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |base| (base, true));
        Self { quantity, base, if_exists }
    }
    /// A negated operator holds where the key is not there at all.
    fn is_negated(self) -> bool {
        self.base.contains("Not")
    }
}

impl Condition {
    /// Returns the condition as several of which one must hold, one value each, where its operator allows that.
    pub fn alternatives(&self) -> Vec<Self> {
        let operator = Operator::parse(&self.operator);
        let splits = !operator.is_negated() && operator.quantity != "ForAllValues" && self.values.len() > 1;
        if !splits {
            return vec![self.clone()];
        }
        let one = |value: &String| Self { values: BTreeSet::from([value.clone()]), ..self.clone() };
        self.values.iter().map(one).collect()
    }

    /// Returns whether this holds only where `wide` holds too; both are on the same key.
    pub fn within(&self, wide: &Self) -> Fit {
        if self == wide {
            return Fit::Yes;
        }
        let (mine, theirs) = (Operator::parse(&self.operator), Operator::parse(&wide.operator));
        let demands_presence = !mine.is_negated() && !mine.if_exists && mine.quantity != "ForAllValues";
        if theirs.base == "Null" && mine.base != "Null" {
            let only_false = wide.values.iter().all(|value| value == "false") && !wide.values.is_empty();
            return if only_false && demands_presence { Fit::Yes } else { Fit::Unknown };
        }
        let variable = |condition: &Self| condition.values.iter().any(|value| value.contains("${"));
        if mine.quantity != theirs.quantity || variable(self) || variable(wide) {
            return Fit::Unknown;
        }
        if mine.if_exists && !theirs.if_exists {
            return if theirs.is_negated() { Fit::Unknown } else { Fit::No };
        }
        self.values_within(wide, mine.base, theirs.base)
    }

    fn values_within(&self, wide: &Self, mine: &str, theirs: &str) -> Fit {
        let arn = |base: &str| matches!(base, "ArnEquals" | "ArnLike");
        let not_arn = |base: &str| matches!(base, "ArnNotEquals" | "ArnNotLike");
        let each = |fits: &dyn Fn(&str, &str) -> bool| {
            let some = |value: &String| wide.values.iter().any(|other| fits(other, value));
            Fit::surely(self.values.iter().all(some))
        };
        // Under a negated operator fewer values admit more.
        let each_refused = |fits: &dyn Fn(&str, &str) -> bool| {
            let some = |value: &String| self.values.iter().any(|other| fits(other, value));
            Fit::surely(wide.values.iter().all(some))
        };
        let apart = |read: fn(&str) -> Vec<super::glob::Place>,
                     theirs: fn(&str) -> Vec<super::glob::Place>| {
            let clear = |value: &String| wide.values.iter().all(|other| !meet(&theirs(other), &read(value)));
            Fit::surely(self.values.iter().all(clear))
        };
        let wild = |text: &str| text.contains(['*', '?']);
        let glob = |wide: &str, narrow: &str| contains(&pattern(wide), &pattern(narrow));
        match (mine, theirs) {
            ("StringEquals", "StringEquals") | ("Bool", "Bool") | ("Null", "Null") => each(&|w, n| w == n),
            ("StringEquals" | "StringEqualsIgnoreCase", "StringEqualsIgnoreCase") => {
                each(&|w, n| w.eq_ignore_ascii_case(n))
            }
            ("StringEquals", "StringLike") => each(&|w, n| contains(&pattern(w), &literal(n))),
            ("StringLike", "StringLike") => each(&glob),
            ("StringLike" | "ArnEquals" | "ArnLike", "StringEquals") => each(&|w, n| !wild(n) && w == n),
            ("StringEquals" | "StringLike", theirs) if arn(theirs) => {
                each(&|w, n| !wild(n) && arn_contains(w, n))
            }
            (mine, theirs) if arn(mine) && arn(theirs) => each(&|w, n| arn_contains(w, n)),
            (mine, "StringLike") if arn(mine) => each(&glob),
            ("StringNotEquals", "StringNotEquals") => each_refused(&|w, n| w == n),
            ("StringNotEqualsIgnoreCase", "StringNotEqualsIgnoreCase" | "StringNotEquals") => {
                each_refused(&|w, n| w.eq_ignore_ascii_case(n))
            }
            ("StringNotLike", "StringNotLike") => each_refused(&glob),
            ("StringNotLike", "StringNotEquals") => each_refused(&|w, n| contains(&pattern(w), &literal(n))),
            (mine, theirs) if not_arn(mine) && not_arn(theirs) => each_refused(&|w, n| arn_contains(w, n)),
            ("StringEquals", "StringNotEquals") => apart(literal, literal),
            ("StringEquals", "StringNotLike") => apart(literal, pattern),
            ("StringLike", "StringNotEquals") => apart(pattern, literal),
            ("StringLike", "StringNotLike") => apart(pattern, pattern),
            ("IpAddress", "IpAddress") if self.values.is_subset(&wide.values) => Fit::Yes,
            ("NotIpAddress", "NotIpAddress") if wide.values.is_subset(&self.values) => Fit::Yes,
            (mine, theirs) if mine.starts_with("Numeric") && theirs.starts_with("Numeric") => {
                self.numbers_within(wide, mine, theirs)
            }
            _ => Fit::Unknown,
        }
    }

    fn numbers_within(&self, wide: &Self, mine: &str, theirs: &str) -> Fit {
        let read = |values: &BTreeSet<String>| {
            values.iter().map(|value| value.parse::<f64>().ok()).collect::<Option<Vec<f64>>>()
        };
        let (Some(narrow), Some(wide)) = (read(&self.values), read(&wide.values)) else {
            return Fit::Unknown;
        };
        let bound = |narrow: f64, wide: f64| match (mine, theirs) {
            ("NumericEquals", "NumericEquals") => Some(narrow == wide),
            ("NumericEquals" | "NumericLessThanEquals", "NumericLessThan") => Some(narrow < wide),
            ("NumericLessThan", "NumericLessThan" | "NumericLessThanEquals")
            | ("NumericEquals" | "NumericLessThanEquals", "NumericLessThanEquals") => Some(narrow <= wide),
            ("NumericEquals" | "NumericGreaterThanEquals", "NumericGreaterThan") => Some(narrow > wide),
            ("NumericGreaterThan", "NumericGreaterThan" | "NumericGreaterThanEquals")
            | ("NumericEquals" | "NumericGreaterThanEquals", "NumericGreaterThanEquals") => {
                Some(narrow >= wide)
            }
            _ => None,
        };
        let mut all = Fit::Yes;
        for value in narrow {
            let fits = wide.iter().map(|other| bound(value, *other).map_or(Fit::Unknown, Fit::surely)).min();
            all = all.and(fits.unwrap_or(Fit::No));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(operator: &str, values: &[&str]) -> Condition {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Condition { operator: operator.into(), key: "k".into(), values }
    }

    #[test]
    fn what_follows_from_what() {
        use Fit::{No, Unknown, Yes};
        type Side = (&'static str, &'static [&'static str]);
        let cases: [(Side, Side, Fit); 27] = [
            (("StringEquals", &["a"]), ("StringEquals", &["a", "b"]), Yes),
            (("StringEquals", &["a", "b"]), ("StringEquals", &["a"]), No),
            (("StringEquals", &["abc"]), ("StringLike", &["a*"]), Yes),
            (("StringLike", &["a*"]), ("StringEquals", &["a*"]), No),
            (("StringLike", &["ab*"]), ("StringLike", &["a*"]), Yes),
            (("StringEquals", &["A"]), ("StringEqualsIgnoreCase", &["a"]), Yes),
            (("StringEquals", &["a"]), ("StringEqualsIfExists", &["a"]), Yes),
            (("StringEqualsIfExists", &["a"]), ("StringEquals", &["a"]), No),
            (("ArnLike", &["arn:aws:s3:::b"]), ("ArnEquals", &["arn:aws:s3:::*"]), Yes),
            (("ArnLike", &["arn:aws:s3:::*"]), ("ArnLike", &["arn:aws:s3:::b"]), No),
            (("ArnLike", &["arn:aws:s3:::b"]), ("StringLike", &["arn:*"]), Yes),
            (("StringNotEquals", &["a", "b"]), ("StringNotEquals", &["a"]), Yes),
            (("StringNotEquals", &["a"]), ("StringNotEquals", &["a", "b"]), No),
            (("StringNotLike", &["a*"]), ("StringNotLike", &["ab*"]), Yes),
            (("StringEquals", &["c"]), ("StringNotEquals", &["a"]), Yes),
            (("StringEquals", &["a"]), ("StringNotLike", &["*"]), No),
            (("StringEquals", &["a"]), ("Null", &["false"]), Yes),
            (("StringNotEquals", &["a"]), ("Null", &["false"]), Unknown),
            (("NumericLessThan", &["1.1"]), ("NumericLessThan", &["1.2"]), Yes),
            (("NumericLessThanEquals", &["1.2"]), ("NumericLessThan", &["1.2"]), No),
            (("NumericEquals", &["1"]), ("NumericLessThan", &["1.2"]), Yes),
            (("NumericGreaterThan", &["3"]), ("NumericLessThan", &["4"]), Unknown),
            (("IpAddress", &["10.0.0.0/8"]), ("IpAddress", &["10.1.0.0/16"]), Unknown),
            (("StringEquals", &["${aws:username}"]), ("StringLike", &["*"]), Unknown),
            (("ForAnyValue:StringEquals", &["a"]), ("ForAnyValue:StringEquals", &["a", "b"]), Yes),
            (("ForAllValues:StringEquals", &["a"]), ("StringEquals", &["a"]), Unknown),
            (("DateLessThan", &["2026-01-01"]), ("DateLessThan", &["2027-01-01"]), Unknown),
        ];
        for ((narrow, values), (wide, others), want) in cases {
            let (left, right) = (condition(narrow, values), condition(wide, others));
            assert_eq!(left.within(&right), want, "{left:?} within {right:?}");
        }
    }
}
