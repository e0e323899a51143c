//! A saved plan: what a reviewer approves, and what `apply` compares with the account before it does the same again.
//!
//! The file promises content. It holds the plan's document, and a hash of everything that the plan was made from: each
//! part of the resolved blueprint, each live value, account, Region, partition and tool version. `apply` reads and plans
//! anew, and carries out its own plan only if that is the plan of the file. Nothing of the file is ever replayed.

mod compare;
mod file;

pub use compare::{Moved, is_spent, moved};
pub use file::{SavedError, is_plan, read, write};

use crate::blueprint::Blueprint;
use crate::engine::observe::Observation;
use crate::engine::plan::{Goal, Intent};
use crate::engine::reading::{Found, Reading};
use crate::model::{AddressPattern, Names, digest};
use crate::render::document::Document;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Version of the file; the major part is raised when an older release would read it wrongly.
pub const VERSION: &str = "1.0";

/// How much of a SHA-256 stands for one value: 128 bits, in hexadecimal digits.
const MARK: usize = 32;

/// What was planned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Path of the blueprint as it was given; `apply` looks there again, from its own working directory.
    pub path: String,
    /// SHA-256 of the resolved blueprint.
    pub hash: String,
    /// Hash of each part of the resolved blueprint, by key path, so that a change can be named.
    pub parts: BTreeMap<String, String>,
}

/// What was asked for on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub adopt: Vec<String>,
    /// Approvals that were given with the plan: they are part of what a reviewer approves.
    #[serde(default)]
    pub allow: Vec<String>,
    #[serde(default)]
    pub prune: bool,
    #[serde(default)]
    pub delete: Vec<String>,
    /// What the plan was narrowed to: `apply` is narrowed in the same way.
    #[serde(default)]
    pub target: Vec<String>,
    #[serde(default)]
    pub exclude: Vec<String>,
    /// The day it was planned, UTC: written into releases.
    pub today: String,
}

impl Asked {
    /// Returns what an intent asks for, as text.
    pub fn of(intent: &Intent) -> Self {
        let texts = |patterns: &[AddressPattern]| patterns.iter().map(ToString::to_string).collect();
        Self {
            adopt: texts(&intent.adopt),
            allow: intent.allow.iter().map(|(kind, address)| format!("{kind}:{address}")).collect(),
            prune: intent.prune,
            delete: texts(&intent.delete),
            target: texts(&intent.target),
            exclude: texts(&intent.exclude),
            today: intent.today.clone(),
        }
    }
    /// Returns the intent again.
    ///
    /// # Errors
    /// An address that cannot be read: the file was not written by this tool.
    pub fn intent(&self, goal: Goal) -> Result<Intent, String> {
        let patterns = |texts: &[String]| {
            texts.iter().map(|text| text.parse::<AddressPattern>()).collect::<Result<Vec<_>, _>>()
        };
        let allow = self.allow.iter().map(|text| {
            let (kind, address) = text.split_once(':').ok_or_else(|| format!("`{text}` is no approval"))?;
            Ok::<_, String>((kind.to_owned(), address.parse()?))
        });
        Ok(Intent {
            goal,
            adopt: patterns(&self.adopt)?,
            allow: allow.collect::<Result<_, _>>()?,
            prune: self.prune,
            delete: patterns(&self.delete)?,
            target: patterns(&self.target)?,
            exclude: patterns(&self.exclude)?,
            gone: Vec::new(),
            today: self.today.clone(),
        })
    }
}

/// What one look answered, value by value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// `found`, `absent`, `foreign` or `unreadable`.
    pub reading: String,
    /// Hash of each value, by attribute.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

/// A plan with everything it was made from, in hashes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Version of the file's format; its name is how the file is recognised.
    pub auditscope_plan: String,
    /// SHA-256 of everything else in the file.
    pub id: String,
    /// Release of the tool that made it.
    pub tool_version: String,
    /// When it was made (RFC 3339, UTC).
    pub made: String,
    /// ARN of whoever made it.
    pub made_by: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    pub blueprint: Source,
    pub asked: Asked,
    /// Every reading, by address.
    pub live: BTreeMap<String, Live>,
    /// Number of the ledger's last record when it was made; `None`: there was no ledger yet.
    pub ledger: Option<u64>,
    pub document: Document,
}

/// What a saved plan is made of.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    pub path: &'a Path,
    pub blueprint: &'a Blueprint,
    pub intent: &'a Intent,
    pub seen: &'a Observation,
    pub document: &'a Document,
    /// RFC 3339, UTC.
    pub made: &'a str,
    pub made_by: &'a str,
    pub ledger: Option<u64>,
}

impl Saved {
    /// Makes it, with its id.
    pub fn of(parts: Parts<'_>) -> Self {
        let names = Names::of(parts.blueprint);
        let mut saved = Self {
            auditscope_plan: VERSION.into(),
            id: String::new(),
            tool_version: env!("CARGO_PKG_VERSION").into(),
            made: parts.made.into(),
            made_by: parts.made_by.into(),
            partition: names.home().partition().into(),
            blueprint: Source {
                path: parts.path.display().to_string(),
                hash: digest::of(parts.blueprint),
                parts: blueprint_parts(parts.blueprint),
            },
            asked: Asked::of(parts.intent),
            live: live(parts.seen),
            ledger: parts.ledger,
            document: parts.document.clone(),
        };
        saved.id = saved.digest();
        saved
    }
    /// Returns the SHA-256 of everything but the id.
    pub fn digest(&self) -> String {
        let mut value = serde_json::to_value(self).expect("a saved plan is plain data");
        file::digest(&mut value)
    }
    /// Returns the id as people read it.
    pub fn short_id(&self) -> &str {
        self.id.get(..12).unwrap_or(&self.id)
    }
}

fn mark(value: &Value) -> String {
    let mut text = digest::of(value);
    text.truncate(MARK);
    text
}

/// Hashes each part of a blueprint: tables two levels down, items of lists by their id or name.
fn blueprint_parts(blueprint: &Blueprint) -> BTreeMap<String, String> {
    let json = serde_json::to_value(blueprint).expect("a blueprint is plain data");
    let mut parts = BTreeMap::new();
    for (key, value) in json.as_object().into_iter().flatten() {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    parts.insert(format!("{key}.{name}"), mark(value));
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let name = ["id", "name"].into_iter().find_map(|member| item[member].as_str());
                    let name = name.map_or_else(|| index.to_string(), ToOwned::to_owned);
                    parts.insert(format!("{key}[{name}]"), mark(item));
                }
            }
            other => {
                parts.insert(key.clone(), mark(other));
            }
        }
    }
    parts
}

fn live(seen: &Observation) -> BTreeMap<String, Live> {
    let known = seen.readings.iter().map(|(address, reading)| {
        let word = match reading {
            Reading::Found(_) => "found",
            Reading::Absent => "absent",
            Reading::Foreign { .. } => "foreign",
            Reading::Unreadable(_) => "unreadable",
        };
        let values = reading.found().map(values).unwrap_or_default();
        (address.to_string(), Live { reading: word.into(), values })
    });
    let blind = seen.blind.iter().map(|(kind, scope, _)| {
        (format!("{kind}.*@{scope}"), Live { reading: "unreadable".into(), values: BTreeMap::new() })
    });
    known.chain(blind).collect()
}

fn values(found: &Found) -> BTreeMap<String, String> {
    let json = found.state.json();
    let mut values: BTreeMap<String, String> =
        json.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), mark(value))).collect();
    // A key that was replaced under the same alias has other outputs and may have the same settings.
    for (name, value) in &found.outputs {
        values.insert(format!("({name})"), mark(&Value::from(value.as_str())));
    }
    if let Some(date) = &found.released {
        values.insert("(released)".into(), mark(&Value::from(date.as_str())));
    }
    values
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cli::exit::Verdict;
    use crate::engine::plan::{Plan, plan};
    use crate::kinds::{Facts, desired, example};
    use crate::render::document::Place;

    /// Returns a plan that creates everything but a trail that is there.
    pub fn saved() -> Saved {
        let blueprint = example::blueprint();
        let wanted = desired(&blueprint, &Facts::default());
        let mut seen = Observation::default();
        for (address, state) in &wanted {
            let reading = match address.kind {
                crate::kinds::Kind::Trail => Reading::Found(Box::new(Found::new(state.clone(), []))),
                _ => Reading::Absent,
            };
            seen.readings.insert(address.clone(), reading);
        }
        let intent = Intent { today: "2026-11-24".into(), ..Intent::default() };
        let names = Names::of(&blueprint);
        let plan: Plan = plan(&wanted, &seen, &names, &intent).expect("an order");
        let coverage = crate::engine::effect::of(&plan);
        let document = Document::of("plan", Place::Sandbox, &blueprint, &plan, &coverage, Verdict::Ok);
        Saved::of(Parts {
            path: Path::new("blueprint.toml"),
            blueprint: &blueprint,
            intent: &intent,
            seen: &seen,
            document: &document,
            made: "2026-11-24T10:00:00Z",
            made_by: "arn:aws:iam::111122223333:role/plan",
            ledger: None,
        })
    }

    #[test]
    fn what_was_asked_for_survives_the_file() {
        let intent = Intent {
            goal: Goal::Destroy,
            adopt: vec!["s3_bucket.logs".parse().expect("valid")],
            allow: vec![(
                "weaken".into(),
                "log_group.trail@111122223333/eu-central-1".parse().expect("valid"),
            )],
            prune: true,
            delete: vec!["trail.main".parse().expect("valid")],
            target: vec!["trail.main".parse().expect("valid")],
            exclude: vec!["dashboard.main".parse().expect("valid")],
            gone: Vec::new(),
            today: "2026-11-24".into(),
        };
        let again = Asked::of(&intent).intent(Goal::Destroy).expect("readable");
        assert_eq!(format!("{again:?}"), format!("{intent:?}"));
        assert!(Asked { allow: vec!["weaken".into()], ..Asked::default() }.intent(Goal::Converge).is_err());
    }

    #[test]
    fn every_part_of_the_blueprint_and_every_value_has_a_hash() {
        let saved = saved();
        let trail = &saved.live["trail.main@111122223333/eu-central-1"];
        assert_eq!(trail.reading, "found");
        assert!(
            trail.values.contains_key("event_selectors")
                && trail.values.values().all(|hash| hash.len() == MARK)
        );
        let blueprint = serde_json::to_value(example::blueprint()).expect("plain data");
        // A list that is empty has no part, and one that is filled is another blueprint.
        let is_filled = |value: &Value| value.as_array().is_none_or(|list| !list.is_empty());
        let parts = blueprint.as_object().expect("a table").iter().filter(|(_, value)| is_filled(value));
        for (part, _) in parts {
            let is_of = |name: &String| {
                name.strip_prefix(part.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            assert!(saved.blueprint.parts.keys().any(is_of), "{part}: {:?}", saved.blueprint.parts.keys());
        }
        assert!(saved.live.values().any(|live| live.reading == "absent"));
    }
}
