//! The same answers in other words: what AWS may say in several ways is said in a way that a seed picks.
//!
//! AWS promises no order of lists and of members, writes one-element lists of policies as text, leaves out what is at
//! its default, adds members that no client knows yet, and encodes IAM's documents as it likes. A client that
//! compares what it reads must not care. The re-speller stands between an operation's handler and the wire format;
//! `table` knows, for each operation, what may be left out and what is text in some grammar. Only reads are
//! re-spelled, and the same answer under the same seed always in the same way.

mod dice;
mod policy;
mod rule;
mod table;
mod text;

use super::protocol::{Protocol, Reply, time};
use dice::Dice;
use serde_json::{Map, Value, json};
use table::{Grammar, Unset};

/// How answers are re-spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Respelling {
    /// Another seed picks other spellings.
    pub seed: u64,
    /// Where members appear that no client knows.
    pub strangers: Strangers,
}

/// Where an answer has members that no client knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strangers {
    /// In no answer.
    Nowhere,
    /// In about every fourth structure of any answer.
    Anywhere,
    /// In every structure of this operation's answers, and nowhere else.
    In(&'static str),
}

/// Name of the member that no client knows.
pub const STRANGER: &str = "SomethingNew";

impl Respelling {
    /// Returns the re-spelling of a seed, with unknown members anywhere.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self { seed, strangers: Strangers::Anywhere }
    }

    /// Re-spells an operation's output; that of a write stays as it is.
    pub(super) fn answer(self, operation: &str, mut output: Value) -> Value {
        if !["Get", "List", "Describe"].iter().any(|verb| operation.starts_with(verb)) {
            return output;
        }
        let mut dice = Dice::new(self.seed, &format!("{operation} {output}"));
        let mut pen = Pen { operation, strangers: self.strangers, dice: &mut dice };
        pen.write("", &mut output);
        output
    }

    /// Re-spells a body in JSON: other order of members, other white space.
    pub(super) fn body(self, protocol: Protocol, mut reply: Reply) -> Reply {
        if !matches!(protocol, Protocol::AwsJson | Protocol::RestJson) {
            return reply;
        }
        if let Ok(value) = serde_json::from_slice::<Value>(&reply.body) {
            let mut dice = Dice::new(self.seed, &value.to_string());
            reply.body = text::json(&value, &mut dice).into_bytes();
        }
        reply
    }
}

/// One answer that is being re-spelled.
struct Pen<'a> {
    operation: &'a str,
    strangers: Strangers,
    dice: &'a mut Dice,
}

impl Pen<'_> {
    /// Re-spells what stands at a path such as `trailList[]`.
    fn write(&mut self, path: &str, value: &mut Value) {
        match value {
            Value::Array(items) => {
                let inside = format!("{path}[]");
                items.iter_mut().for_each(|item| self.write(&inside, item));
                if !table::is_ordered(self.operation, path) {
                    self.dice.shuffle(items);
                }
            }
            Value::Object(_) if time::explicit(value).is_some() => {}
            Value::Object(members) => {
                for (name, value) in members.iter_mut() {
                    let inside = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.write(&inside, value);
                }
                self.turn_defaults(path, members);
                if !table::is_map(self.operation, path) {
                    self.add_stranger(members);
                }
            }
            Value::String(text) => {
                if let Some(other) = self.reword(path, text) {
                    *text = other;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Leaves out members that are at their default, and writes out defaults that are left out.
    fn turn_defaults(&mut self, path: &str, members: &mut Map<String, Value>) {
        for (_, _, name, default) in table::defaults(self.operation, path) {
            let Some(default) = default.value(members) else { continue };
            let there = members.get(*name).filter(|value| !value.is_null());
            match there {
                Some(value) if *value == default && self.dice.flips() => {
                    members.remove(*name);
                }
                None if self.dice.flips() => {
                    members.insert((*name).into(), default);
                }
                _ => {}
            }
        }
    }

    fn add_stranger(&mut self, members: &mut Map<String, Value>) {
        let adds = match self.strangers {
            Strangers::Nowhere => false,
            Strangers::Anywhere => self.dice.below(4) == 0,
            Strangers::In(operation) => operation == self.operation,
        };
        if adds {
            let value = match self.dice.below(4) {
                0 => json!(true),
                1 => json!("ENABLED"),
                2 => json!(["a", "b"]),
                _ => json!({"Mode": "STRICT"}),
            };
            members.insert(STRANGER.into(), value);
        }
    }

    /// Returns a text in other words, if it is one in a grammar that has some.
    fn reword(&mut self, path: &str, text: &str) -> Option<String> {
        match table::grammar(self.operation, path)? {
            Grammar::Policy => policy::respell(text, self.dice),
            Grammar::EncodedPolicy => {
                let plain = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
                let policy = policy::respell(&plain, self.dice)?;
                Some(text::percent_encoded(&policy, self.dice))
            }
            Grammar::Json => {
                let mut value: Value = serde_json::from_str(text).ok()?;
                text::fractions(&mut value, self.dice);
                Some(text::json(&value, self.dice))
            }
            Grammar::AlarmRule => rule::respell(text, self.dice),
            Grammar::Streams => {
                let bare = text.trim_end_matches(":*");
                Some(if self.dice.flips() { format!("{bare}:*") } else { bare.to_owned() })
            }
            Grammar::KeyArn => {
                let (_, id) = text.split_once(":key/")?;
                self.dice.flips().then(|| id.to_owned())
            }
            Grammar::NewWord => (self.dice.below(3) == 0).then(|| "SOMETHING_NEW".to_owned()),
        }
    }
}

impl Unset {
    /// Returns the default as it stands in a structure; `None` if it follows from a member that is not there.
    fn value(self, members: &Map<String, Value>) -> Option<Value> {
        Some(match self {
            Self::Flag(flag) => json!(flag),
            Self::Number(number) => json!(number),
            Self::Word(word) => json!(word),
            Self::Nothing => json!([]),
            Self::Words(words) => json!(words),
            Self::Empty => json!({}),
            Self::SameAs(other) => members.get(other)?.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_answer_and_another_gives_others() {
        let answer = json!({"trailList": [{"Name": "a", "IsOrganizationTrail": false}, {"Name": "b"}]});
        let told = |seed| Respelling::of(seed).answer("DescribeTrails", answer.clone()).to_string();
        assert_eq!(told(7), told(7));
        let all: std::collections::BTreeSet<String> = (0..64).map(told).collect();
        assert!(all.len() > 16, "{} spellings", all.len());
        assert!(all.iter().any(|text| text.contains(STRANGER)), "members that nobody knows");
    }

    #[test]
    fn writes_and_maps_stay_as_they_are() {
        let made = json!({"TrailARN": "x", "List": [1, 2, 3, 4, 5, 6, 7, 8, 9]});
        let tags = json!({"tags": {"a": "b"}});
        for seed in 0..32 {
            let respelling = Respelling { seed, strangers: Strangers::In("ListTagsForResource") };
            assert_eq!(respelling.answer("CreateTrail", made.clone()), made);
            assert_eq!(respelling.answer("ListTagsForResource", tags.clone())["tags"], tags["tags"]);
        }
    }

    #[test]
    fn strangers_come_where_they_are_asked_for() {
        let respelling = Respelling { seed: 1, strangers: Strangers::In("GetTrail") };
        assert!(respelling.answer("GetTrail", json!({"Trail": {}}))["Trail"].get(STRANGER).is_some());
        assert!(respelling.answer("GetOther", json!({"Trail": {}}))["Trail"].get(STRANGER).is_none());
    }
}
