//! A trail's settings as the set of operations it records.

use super::effect::Level;
use super::operations::{Locality, OPERATIONS, Operation, type_id};
use super::selector::{Event, Match, ReadOnly, Selector, any_matches};
use crate::blueprint::{FieldSelector, ReadWrite};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The Region that records global services in the `aws` partition: CloudTrail User Guide, "CloudTrail concepts".
const LEADING_REGION: &str = "us-east-1";

/// What of a trail's settings decides what it records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recording {
    /// CloudTrail API, GetTrailStatus: `IsLogging`. A trail that does not log records nothing.
    pub logging: bool,
    pub selection: Selection,
    pub multi_region: bool,
    /// `IncludeGlobalServiceEvents`; has an effect only with `multi_region`, or at home in the leading Region.
    pub include_global_services: bool,
    /// Whether it records the accounts of the organisation as well as its own.
    pub organization: bool,
    pub home_region: String,
}

/// Which events a trail selects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// No selectors were ever set: all management events, no data events.
    Default,
    /// CloudTrail API: `EventSelectors`.
    Basic(Vec<BasicSelector>),
    /// CloudTrail API: `AdvancedEventSelectors`.
    Advanced(BTreeSet<Selector>),
}

/// A basic event selector, as older trails have them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BasicSelector {
    /// `ReadWriteType`, for management and data events.
    pub events: ReadWrite,
    /// `IncludeManagementEvents`.
    pub management: bool,
    /// `ExcludeManagementEventSources`.
    pub excluded_sources: BTreeSet<String>,
    /// Resource type, such as `AWS::S3::Object`, to ARN prefixes; `arn:aws:s3` and the like mean all.
    pub data_resources: BTreeMap<String, BTreeSet<String>>,
}

impl Selection {
    /// Returns the selection as advanced selectors with the same meaning.
    pub fn to_advanced(&self) -> BTreeSet<Selector> {
        match self {
            Self::Default => BTreeSet::from([Selector::new("", [equals("eventCategory", ["Management"])])]),
            Self::Basic(list) => list.iter().flat_map(BasicSelector::to_advanced).collect(),
            Self::Advanced(selectors) => selectors.clone(),
        }
    }
}

impl BasicSelector {
    fn to_advanced(&self) -> Vec<Selector> {
        let read_only = match self.events {
            ReadWrite::All => None,
            ReadWrite::Read => Some(equals("readOnly", ["true"])),
            ReadWrite::Write => Some(equals("readOnly", ["false"])),
        };
        let of = |category: &str, more: Vec<FieldSelector>| {
            let fixed = [equals("eventCategory", [category])];
            Selector::new("", fixed.into_iter().chain(read_only.clone()).chain(more))
        };
        let mut selectors = Vec::new();
        if self.management {
            let not_equals = self.excluded_sources.clone();
            let field = FieldSelector { field: "eventSource".into(), not_equals, ..FieldSelector::default() };
            let excluded = (!self.excluded_sources.is_empty()).then_some(field);
            selectors.push(of("Management", excluded.into_iter().collect()));
        }
        for (resource_type, arns) in self.data_resources.iter().filter(|(_, arns)| !arns.is_empty()) {
            let mut fields = vec![equals("resources.type", [resource_type.as_str()])];
            // `arn:aws:s3`, `arn:aws:s3:::`, `arn:aws:lambda`, `arn:aws:dynamodb`: all of the account.
            let all = arns.iter().any(|arn| arn.trim_end_matches(':').matches(':').count() <= 2);
            if !all {
                let starts_with = arns.clone();
                fields.push(FieldSelector {
                    field: "resources.ARN".into(),
                    starts_with,
                    ..FieldSelector::default()
                });
            }
            selectors.push(of("Data", fields));
        }
        selectors
    }
}

fn equals<'a>(field: &str, values: impl IntoIterator<Item = &'a str>) -> FieldSelector {
    let equals = values.into_iter().map(String::from).collect();
    FieldSelector { field: field.into(), equals, ..FieldSelector::default() }
}

/// Returns the operations that a trail records, by id.
///
/// [`Level::Full`] is promised only where every call in every Region is recorded, so a trail of one Region records
/// regional operations in part. A resource type that the catalogue does not know appears as one line.
pub fn recorded(recording: &Recording) -> BTreeMap<String, Level> {
    evidence(Some(recording)).into_iter().map(|(id, e)| (id, e.level())).collect()
}

/// Where a trail records an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reach {
    Region(String),
    Everywhere,
}

/// Why an operation counts as recorded.
pub(super) struct Evidence {
    matched: Match,
    reach: Reach,
    organization: bool,
    /// Selectors that admit some of its calls.
    selectors: Vec<Selector>,
}

impl Evidence {
    pub(super) fn level(&self) -> Level {
        if self.matched == Match::Yes && self.reach == Reach::Everywhere {
            Level::Full
        } else {
            Level::Partial
        }
    }

    /// Tells whether every call that `other` records is provably recorded here too.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let reach = self.reach == Reach::Everywhere || self.reach == other.reach;
        let accounts = self.organization || !other.organization;
        let calls = self.matched == Match::Yes
            || (other.matched != Match::Yes
                && other.selectors.iter().all(|was| self.selectors.iter().any(|is| was.within(is))));
        reach && accounts && calls
    }
}

/// Returns the operations a trail records, with what proves it.
pub(super) fn evidence(recording: Option<&Recording>) -> BTreeMap<String, Evidence> {
    let Some(recording) = recording.filter(|r| r.logging) else { return BTreeMap::new() };
    let selectors = recording.selection.to_advanced();
    let mut found = BTreeMap::new();
    let mut add = |id: String, locality: Locality, event: &Event<'_>| {
        let matched = any_matches(&selectors, event);
        if let (Some(reach), Match::Partial | Match::Yes) = (reach(recording, locality), matched) {
            let selectors = selectors.iter().filter(|s| s.matches(event) != Match::No).cloned().collect();
            found.insert(id, Evidence { matched, reach, organization: recording.organization, selectors });
        }
    };
    for operation in OPERATIONS.iter() {
        if let Some(event) = operation.event() {
            add(operation.id(), operation.locality(), &event);
        }
    }
    for resource_type in unlisted_types(&selectors) {
        let event = Event {
            category: "Data",
            source: None,
            name: None,
            event_type: None,
            read_only: ReadOnly::Unknown,
            types: &[resource_type],
        };
        add(type_id(resource_type), Locality::Regional, &event);
    }
    found
}

/// Returns where the events of a locality are recorded, if at all.
fn reach(recording: &Recording, locality: Locality) -> Option<Reach> {
    match locality {
        Locality::Global => {
            let sees = recording.multi_region || recording.home_region == LEADING_REGION;
            (sees && recording.include_global_services).then_some(Reach::Everywhere)
        }
        Locality::Regional if recording.multi_region => Some(Reach::Everywhere),
        Locality::Regional => Some(Reach::Region(recording.home_region.clone())),
    }
}

/// Returns the resource types that selectors name and no row of the catalogue has.
fn unlisted_types(selectors: &BTreeSet<Selector>) -> BTreeSet<&str> {
    let listed: BTreeSet<&str> = OPERATIONS.iter().flat_map(|o: &Operation| o.types).copied().collect();
    selectors.iter().flat_map(|s| s.equals("resources.type")).filter(|t| !listed.contains(t)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::{Effect, effect};

    fn data(resource_type: &str, more: &[FieldSelector]) -> Selector {
        let fixed = [equals("eventCategory", ["Data"]), equals("resources.type", [resource_type])];
        Selector::new(resource_type, fixed.into_iter().chain(more.iter().cloned()))
    }

    fn management(more: &[FieldSelector]) -> Selector {
        Selector::new("m", [equals("eventCategory", ["Management"])].into_iter().chain(more.iter().cloned()))
    }

    fn trail(selectors: &[Selector]) -> Recording {
        Recording {
            logging: true,
            selection: Selection::Advanced(selectors.iter().cloned().collect()),
            multi_region: true,
            include_global_services: true,
            organization: false,
            home_region: "eu-central-1".into(),
        }
    }

    fn bucket(arn: &str) -> FieldSelector {
        let starts_with = BTreeSet::from([arn.to_string()]);
        FieldSelector { field: "resources.ARN".into(), starts_with, ..FieldSelector::default() }
    }

    #[test]
    fn each_trap_of_selectors_shows_in_what_is_recorded() {
        let all = || trail(&[management(&[])]);
        let single = |home: &str| Recording { multi_region: false, home_region: home.into(), ..all() };
        let basic = |selector| Recording { selection: Selection::Basic(vec![selector]), ..all() };
        let selector = |events, management, types: &[(&str, &str)]| BasicSelector {
            events,
            management,
            excluded_sources: BTreeSet::new(),
            data_resources: types
                .iter()
                .map(|(t, a)| (t.to_string(), BTreeSet::from([a.to_string()])))
                .collect(),
        };
        let s3 = "AWS::S3::Object";
        let (model, asynchronous) = ("AWS::Bedrock::Model", "AWS::Bedrock::AsyncInvoke");
        let (full, part) = (Some(Level::Full), Some(Level::Partial));
        let cases = [
            ("default", Recording { selection: Selection::Default, ..all() }, "bedrock:InvokeModel", full),
            (
                "default has no data events",
                Recording { selection: Selection::Default, ..all() },
                "bedrock:InvokeAgent",
                None,
            ),
            ("stopped", Recording { logging: false, ..all() }, "bedrock:InvokeModel", None),
            ("data only", trail(&[data(model, &[])]), "bedrock:InvokeModel", None),
            (
                "write only",
                trail(&[management(&[equals("readOnly", ["false"])])]),
                "bedrock:InvokeModel",
                None,
            ),
            (
                "write only",
                trail(&[management(&[equals("readOnly", ["false"])])]),
                "bedrock:UpdateGuardrail",
                full,
            ),
            ("one of two types", trail(&[data(model, &[])]), "bedrock:StartAsyncInvoke", part),
            (
                "both types",
                trail(&[data(model, &[]), data(asynchronous, &[])]),
                "bedrock:StartAsyncInvoke",
                full,
            ),
            ("one bucket", trail(&[data(s3, &[bucket("arn:aws:s3:::b/")])]), "s3:DeleteObject", part),
            ("never claimed", trail(&[management(&[]), data(model, &[])]), "bedrock:Rerank", None),
            (
                "a type as a whole",
                trail(&[data("AWS::Bedrock::Tool", &[])]),
                "AWS::Bedrock::Tool (data events)",
                full,
            ),
            (
                "a type nobody knows",
                trail(&[data("AWS::New::Thing", &[])]),
                "AWS::New::Thing (data events)",
                full,
            ),
            ("one Region", single("eu-central-1"), "bedrock:InvokeModel", part),
            ("one Region misses IAM", single("eu-central-1"), "iam:CreateRole", None),
            ("the leading Region has IAM", single("us-east-1"), "iam:CreateRole", full),
            (
                "unless left out",
                Recording { include_global_services: false, ..single("us-east-1") },
                "iam:CreateRole",
                None,
            ),
            ("basic writes", basic(selector(ReadWrite::Write, true, &[])), "bedrock:InvokeModel", None),
            ("basic all", basic(selector(ReadWrite::All, true, &[])), "bedrock:InvokeModel", full),
            (
                "basic without management",
                basic(selector(ReadWrite::All, false, &[])),
                "bedrock:InvokeModel",
                None,
            ),
            (
                "basic all objects",
                basic(selector(ReadWrite::All, false, &[(s3, "arn:aws:s3")])),
                "s3:GetObject",
                full,
            ),
            (
                "basic all objects, colons",
                basic(selector(ReadWrite::Write, false, &[(s3, "arn:aws:s3:::")])),
                "s3:PutObject",
                full,
            ),
            (
                "basic one bucket",
                basic(selector(ReadWrite::All, false, &[(s3, "arn:aws:s3:::b/")])),
                "s3:GetObject",
                part,
            ),
            (
                "basic reads",
                basic(selector(ReadWrite::Read, false, &[(s3, "arn:aws:s3")])),
                "s3:PutObject",
                None,
            ),
        ];
        for (case, recording, operation, want) in cases {
            assert_eq!(recorded(&recording).get(operation).copied(), want, "{case}: {operation}");
        }
    }

    #[test]
    fn kms_can_be_left_out() {
        let not_equals = BTreeSet::from(["kms.amazonaws.com".to_string()]);
        let excluded = FieldSelector { field: "eventSource".into(), not_equals, ..FieldSelector::default() };
        let lost = effect(Some(&trail(&[management(&[])])), Some(&trail(&[management(&[excluded])])));
        assert!(lost.no_longer_recorded.iter().all(|id| id.starts_with("kms:")));
        assert!(lost.no_longer_recorded.contains(&"kms:ScheduleKeyDeletion".to_string()));
    }

    #[test]
    fn network_activity_is_recorded_by_source() {
        let fields =
            [equals("eventCategory", ["NetworkActivity"]), equals("eventSource", ["bedrock.amazonaws.com"])];
        let found = recorded(&trail(&[Selector::new("vpc", fields)]));
        assert_eq!(found, BTreeMap::from([("bedrock (network activity)".to_string(), Level::Full)]));
    }

    #[test]
    fn an_effect_names_what_is_gained_lost_and_weakened() {
        let agents = data("AWS::Bedrock::AgentAlias", &[]);
        let objects =
            |arn: &str| data("AWS::S3::Object", &[equals("eventName", ["DeleteObject"]), bucket(arn)]);
        let (a, b) = (objects("arn:aws:s3:::a/"), objects("arn:aws:s3:::b/"));
        let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        let gained = |list: &[&str]| Effect { newly_recorded: ids(list), ..Effect::default() };
        let lost = |list: &[&str]| Effect { no_longer_recorded: ids(list), ..Effect::default() };
        let weaker = |list: &[&str]| Effect { weaker: ids(list), ..Effect::default() };
        let stronger = |list: &[&str]| Effect { stronger: ids(list), ..Effect::default() };
        let two = || trail(&[a.clone(), b.clone()]);
        let none = || trail(&[]);
        let agent_trail = || trail(std::slice::from_ref(&agents));
        let delete = "s3:DeleteObject";
        let part = |selector: Selector| trail(&[selector]);
        let cases = [
            ("nothing", Some(none()), Some(none()), Effect::default()),
            ("a new trail", None, Some(agent_trail()), gained(&["bedrock:InvokeAgent"])),
            ("no trail", Some(agent_trail()), None, lost(&["bedrock:InvokeAgent"])),
            ("gained in part", None, Some(part(a.clone())), gained(&["s3:DeleteObject (in part)"])),
            (
                "full to part",
                Some(agent_trail()),
                Some(Recording { multi_region: false, ..agent_trail() }),
                weaker(&["bedrock:InvokeAgent"]),
            ),
            (
                "part to full",
                Some(Recording { multi_region: false, ..agent_trail() }),
                Some(agent_trail()),
                stronger(&["bedrock:InvokeAgent"]),
            ),
            ("a bucket less", Some(two()), Some(part(a.clone())), weaker(&[delete])),
            ("a bucket more", Some(part(a.clone())), Some(two()), stronger(&[delete])),
            ("another bucket", Some(part(a.clone())), Some(part(b.clone())), weaker(&[delete])),
            (
                "another name for the selector",
                Some(part(a.clone())),
                Some(part(Selector { name: "x".into(), ..a.clone() })),
                Effect::default(),
            ),
            (
                "member accounts lost",
                Some(Recording { organization: true, ..agent_trail() }),
                Some(agent_trail()),
                weaker(&["bedrock:InvokeAgent"]),
            ),
        ];
        for (case, before, after, want) in cases {
            let found = effect(before.as_ref(), after.as_ref());
            assert_eq!(found, want, "{case}");
            assert_eq!(
                found.loses(),
                !want.no_longer_recorded.is_empty() || !want.weaker.is_empty(),
                "{case}"
            );
        }
    }

    #[test]
    fn levels_alone_can_be_compared_too() {
        let map = |pairs: &[(&str, Level)]| pairs.iter().map(|(k, v)| (k.to_string(), *v)).collect();
        let before = map(&[("a", Level::Full), ("b", Level::Full), ("c", Level::Partial)]);
        let after = map(&[("b", Level::Partial), ("c", Level::Full), ("d", Level::Partial)]);
        let effect = Effect::between(&before, &after);
        insta::assert_snapshot!(serde_json::to_string(&effect).expect("plain data"), @r#"{"newly_recorded":["d (in part)"],"no_longer_recorded":["a"],"weaker":["b"],"stronger":["c"]}"#);
    }
}
