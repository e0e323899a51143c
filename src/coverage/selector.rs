//! The meaning of CloudTrail's advanced event selectors.
//!
//! CloudTrail User Guide, "Filtering data events by using advanced event selectors": inside one field the positive
//! operators are alternatives, the negative ones must all hold, and both groups must hold; the fields of a selector
//! must all hold; a trail records what any of its selectors admits. Values are compared exactly, without wildcards.
//!
//! What is not known of an operation beforehand (who will call it, on which resource) makes an answer
//! [`Match::Partial`], never a guess.

use crate::blueprint::FieldSelector;
use serde::Serialize;
use std::collections::BTreeSet;

/// An advanced event selector in canonical form: fields and values are sets, so that `==` compares meaning.
///
/// The order in which CloudTrail reads selectors back is not promised. As JSON:
/// `{"name": …, "fields": [{"field": "eventCategory", "equals": ["Data"]}, …]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Selector {
    /// Label, at most 1,000 characters; empty: none. It has no influence on what is recorded.
    pub name: String,
    pub fields: BTreeSet<FieldSelector>,
}

/// How much of a class of events something admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// None of them.
    No,
    /// Some of them, or it cannot be told.
    Partial,
    /// All of them.
    Yes,
}

/// What is known of an operation's `readOnly` field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadOnly {
    True,
    False,
    /// Records show `true`, but some source shows `false`: a selector on `false` must not be credited with it, and
    /// one on `true` not with all of it.
    MostlyTrue,
    Unknown,
}

/// A class of events: every call of one operation, or everything of one resource type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// `Management`, `Data` or `NetworkActivity`.
    pub category: &'a str,
    /// `bedrock.amazonaws.com`; `None`: not known.
    pub source: Option<&'a str>,
    /// `InvokeModel`; `None`: many, or not known.
    pub name: Option<&'a str>,
    /// `AwsApiCall`, `AwsConsoleSignIn` …; `None`: not known.
    pub event_type: Option<&'a str>,
    pub read_only: ReadOnly,
    /// `resources.type` values the events may carry. All of them must be selected for the whole class to be
    /// recorded; empty for events without a type, as management events are.
    pub types: &'a [&'a str],
}

/// One of the events of a class, as far as the class tells.
struct Single<'a> {
    event: &'a Event<'a>,
    resource_type: Option<&'a str>,
    read_only: bool,
}

impl Selector {
    /// Builds a selector from its name and fields.
    pub fn new(name: impl Into<String>, fields: impl IntoIterator<Item = FieldSelector>) -> Self {
        Self { name: name.into(), fields: fields.into_iter().collect() }
    }

    /// Tells how much of a class of events this selector admits by itself.
    pub fn matches(&self, event: &Event<'_>) -> Match {
        any_matches(std::slice::from_ref(self), event)
    }

    /// Tells whether everything this selector admits is provably admitted by `other` too.
    ///
    /// Compares conditions only, so it holds for resources and callers that nobody knows yet. `false` means "not
    /// proved". Names do not count.
    pub fn within(&self, other: &Self) -> bool {
        other.fields.iter().all(|wide| {
            unconditional(wide)
                || self.fields.iter().any(|narrow| narrow.field == wide.field && field_within(narrow, wide))
        })
    }

    /// Returns the values that `field` must equal, over all conditions of this selector on it.
    pub fn equals(&self, field: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |f| f.field == field).flat_map(|f| &f.equals).map(String::as_str)
    }

    fn admits(&self, single: &Single<'_>) -> Match {
        self.fields.iter().map(|field| field_matches(field, single)).min().unwrap_or(Match::Yes)
    }
}

/// Tells how much of a class of events a list of selectors admits together.
pub fn any_matches<'s>(
    selectors: impl IntoIterator<Item = &'s Selector> + Clone,
    event: &Event<'_>,
) -> Match {
    let best = |resource_type, read_only| {
        let single = Single { event, resource_type, read_only };
        selectors.clone().into_iter().map(|s| s.admits(&single)).max().unwrap_or(Match::No)
    };
    let of_type = |resource_type| match event.read_only {
        ReadOnly::True => best(resource_type, true),
        ReadOnly::False => best(resource_type, false),
        ReadOnly::Unknown => all_of([best(resource_type, true), best(resource_type, false)]),
        ReadOnly::MostlyTrue => match best(resource_type, true) {
            Match::Yes if best(resource_type, false) != Match::Yes => Match::Partial,
            likely => likely,
        },
    };
    if event.types.is_empty() { of_type(None) } else { all_of(event.types.iter().map(|t| of_type(Some(*t)))) }
}

/// `Yes` or `No` if all agree, else `Partial`.
fn all_of(parts: impl IntoIterator<Item = Match>) -> Match {
    parts
        .into_iter()
        .reduce(|a, b| if a == b { a } else { Match::Partial })
        .expect("a class of events has at least one part")
}

/// What a field holds in an event.
enum Value<'a> {
    Is(&'a str),
    Absent,
    Unknown,
}

fn field_matches(field: &FieldSelector, single: &Single<'_>) -> Match {
    if unconditional(field) {
        return Match::Yes;
    }
    let known = |value| Option::map_or(value, Value::Unknown, Value::Is);
    let value = match field.field.as_str() {
        "eventCategory" => Value::Is(single.event.category),
        "eventSource" => known(single.event.source),
        "eventName" => known(single.event.name),
        "eventType" => known(single.event.event_type),
        "readOnly" => Value::Is(if single.read_only { "true" } else { "false" }),
        "resources.type" => single.resource_type.map_or(Value::Absent, Value::Is),
        // resources.ARN, userIdentity.arn, sessionCredentialFromConsole, vpcEndpointId, errorCode, and whatever AWS adds.
        _ => Value::Unknown,
    };
    let holds = match value {
        Value::Unknown => return Match::Partial,
        Value::Absent => !has_positive(field),
        Value::Is(value) => {
            (!has_positive(field) || positive(field).any(|p| p.holds(value)))
                && !negative(field).any(|p| p.holds(value))
        }
    };
    if holds { Match::Yes } else { Match::No }
}

/// One value of one operator, without its sign.
#[derive(Clone, Copy)]
enum Pattern<'a> {
    Equals(&'a str),
    StartsWith(&'a str),
    EndsWith(&'a str),
}

impl Pattern<'_> {
    fn holds(self, value: &str) -> bool {
        match self {
            Self::Equals(p) => value == p,
            Self::StartsWith(p) => value.starts_with(p),
            Self::EndsWith(p) => value.ends_with(p),
        }
    }

    /// Tells whether every value of `self` is one of `wide`.
    fn within(self, wide: Pattern<'_>) -> bool {
        match (self, wide) {
            (Self::Equals(value), wide) => wide.holds(value),
            (Self::StartsWith(narrow), Pattern::StartsWith(wide)) => narrow.starts_with(wide),
            (Self::EndsWith(narrow), Pattern::EndsWith(wide)) => narrow.ends_with(wide),
            _ => false,
        }
    }
}

fn positive(field: &FieldSelector) -> impl Iterator<Item = Pattern<'_>> {
    patterns(&field.equals, &field.starts_with, &field.ends_with)
}

fn negative(field: &FieldSelector) -> impl Iterator<Item = Pattern<'_>> {
    patterns(&field.not_equals, &field.not_starts_with, &field.not_ends_with)
}

fn patterns<'a>(
    equals: &'a BTreeSet<String>,
    starts_with: &'a BTreeSet<String>,
    ends_with: &'a BTreeSet<String>,
) -> impl Iterator<Item = Pattern<'a>> {
    let equals = equals.iter().map(|v| Pattern::Equals(v));
    let starts_with = starts_with.iter().map(|v| Pattern::StartsWith(v));
    equals.chain(starts_with).chain(ends_with.iter().map(|v| Pattern::EndsWith(v)))
}

fn has_positive(field: &FieldSelector) -> bool {
    positive(field).next().is_some()
}

/// A field without operators. CloudTrail refuses it; here it admits everything.
fn unconditional(field: &FieldSelector) -> bool {
    !has_positive(field) && negative(field).next().is_none()
}

fn field_within(narrow: &FieldSelector, wide: &FieldSelector) -> bool {
    let admitted = !has_positive(wide)
        || (has_positive(narrow) && positive(narrow).all(|n| positive(wide).any(|w| n.within(w))));
    let excluded = negative(wide).all(|out| {
        negative(narrow).any(|n| out.within(n))
            || (has_positive(narrow)
                && positive(narrow).all(|p| matches!(p, Pattern::Equals(value) if !out.holds(value))))
    });
    admitted && excluded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(values: &[&str]) -> BTreeSet<String> {
        values.iter().map(ToString::to_string).collect()
    }

    fn equals(field: &str, values: &[&str]) -> FieldSelector {
        FieldSelector { field: field.into(), equals: set(values), ..FieldSelector::default() }
    }

    fn data(resource_type: &str, more: &[FieldSelector]) -> Selector {
        let fixed = [equals("eventCategory", &["Data"]), equals("resources.type", &[resource_type])];
        Selector::new("", fixed.into_iter().chain(more.iter().cloned()))
    }

    fn management(more: &[FieldSelector]) -> Selector {
        Selector::new("", [equals("eventCategory", &["Management"])].into_iter().chain(more.iter().cloned()))
    }

    const INVOKE_MODEL: Event<'_> = Event {
        category: "Management",
        source: Some("bedrock.amazonaws.com"),
        name: Some("InvokeModel"),
        event_type: Some("AwsApiCall"),
        read_only: ReadOnly::MostlyTrue,
        types: &[],
    };
    const INVOKE_AGENT: Event<'_> = Event {
        category: "Data",
        name: Some("InvokeAgent"),
        read_only: ReadOnly::Unknown,
        types: &["AWS::Bedrock::AgentAlias"],
        ..INVOKE_MODEL
    };
    const START_ASYNC_INVOKE: Event<'_> = Event {
        name: Some("StartAsyncInvoke"),
        types: &["AWS::Bedrock::Model", "AWS::Bedrock::AsyncInvoke"],
        ..INVOKE_AGENT
    };

    #[test]
    fn a_selector_admits_what_cloudtrail_would_record() {
        let agent = "AWS::Bedrock::AgentAlias";
        let name = |f: fn(&mut FieldSelector, BTreeSet<String>), values: &[&str]| {
            let mut field = FieldSelector { field: "eventName".into(), ..FieldSelector::default() };
            f(&mut field, set(values));
            data(agent, &[field])
        };
        let arn = FieldSelector {
            field: "resources.ARN".into(),
            starts_with: set(&["arn:aws:bedrock:us-east-1:"]),
            ..FieldSelector::default()
        };
        let both_signs = FieldSelector {
            field: "eventName".into(),
            starts_with: set(&["Invoke"]),
            not_ends_with: set(&["Agent"]),
            ..FieldSelector::default()
        };
        let cases = [
            ("all management events", management(&[]), INVOKE_MODEL, Match::Yes),
            ("writes lose inference", management(&[equals("readOnly", &["false"])]), INVOKE_MODEL, Match::No),
            (
                "reads hold most inference",
                management(&[equals("readOnly", &["true"])]),
                INVOKE_MODEL,
                Match::Partial,
            ),
            (
                "reads and writes are all",
                management(&[equals("readOnly", &["true", "false"])]),
                INVOKE_MODEL,
                Match::Yes,
            ),
            ("data only is not management", data(agent, &[]), INVOKE_MODEL, Match::No),
            ("management is not data", management(&[]), INVOKE_AGENT, Match::No),
            ("its type", data(agent, &[]), INVOKE_AGENT, Match::Yes),
            ("another type", data("AWS::Bedrock::FlowAlias", &[]), INVOKE_AGENT, Match::No),
            ("an ARN prefix holds for some", data(agent, &[arn]), INVOKE_AGENT, Match::Partial),
            (
                "unknown readOnly",
                data(agent, &[equals("readOnly", &["false"])]),
                INVOKE_AGENT,
                Match::Partial,
            ),
            ("name", name(|f, v| f.equals = v, &["InvokeAgent"]), INVOKE_AGENT, Match::Yes),
            ("name prefix", name(|f, v| f.starts_with = v, &["Invoke"]), INVOKE_AGENT, Match::Yes),
            (
                "one of the name prefixes",
                name(|f, v| f.starts_with = v, &["Get", "Inv"]),
                INVOKE_AGENT,
                Match::Yes,
            ),
            ("another name prefix", name(|f, v| f.starts_with = v, &["invoke"]), INVOKE_AGENT, Match::No),
            ("name suffix", name(|f, v| f.ends_with = v, &["Agent"]), INVOKE_AGENT, Match::Yes),
            ("not this name", name(|f, v| f.not_equals = v, &["InvokeAgent"]), INVOKE_AGENT, Match::No),
            (
                "not any of the prefixes",
                name(|f, v| f.not_starts_with = v, &["Get", "Inv"]),
                INVOKE_AGENT,
                Match::No,
            ),
            ("not other names", name(|f, v| f.not_equals = v, &["Retrieve"]), INVOKE_AGENT, Match::Yes),
            ("both signs must hold", data(agent, &[both_signs]), INVOKE_AGENT, Match::No),
            ("wildcards are not known", name(|f, v| f.equals = v, &["Invoke*"]), INVOKE_AGENT, Match::No),
            ("one of two types", data("AWS::Bedrock::Model", &[]), START_ASYNC_INVOKE, Match::Partial),
            (
                "other source",
                management(&[FieldSelector {
                    field: "eventSource".into(),
                    not_equals: set(&["kms.amazonaws.com"]),
                    ..FieldSelector::default()
                }]),
                INVOKE_MODEL,
                Match::Yes,
            ),
            (
                "a field that nobody knows",
                data(agent, &[equals("moonPhase", &["full"])]),
                INVOKE_AGENT,
                Match::Partial,
            ),
        ];
        for (case, selector, event, want) in cases {
            assert_eq!(selector.matches(&event), want, "{case}");
        }
    }

    #[test]
    fn selectors_add_up_over_types_and_read_only() {
        let both = [data("AWS::Bedrock::Model", &[]), data("AWS::Bedrock::AsyncInvoke", &[])];
        assert_eq!(any_matches(&both, &START_ASYNC_INVOKE), Match::Yes);
        let halves = ["true", "false"].map(|v| data("AWS::Bedrock::AgentAlias", &[equals("readOnly", &[v])]));
        assert_eq!(any_matches(&halves, &INVOKE_AGENT), Match::Yes);
        assert_eq!(any_matches(&[], &INVOKE_AGENT), Match::No);
    }

    #[test]
    fn containment_is_claimed_only_where_it_is_proved() {
        let t = "AWS::S3::Object";
        let arns = |values: &[&str]| {
            data(
                t,
                &[FieldSelector {
                    field: "resources.ARN".into(),
                    starts_with: set(values),
                    ..FieldSelector::default()
                }],
            )
        };
        let but = |value: &str| {
            data(
                t,
                &[FieldSelector {
                    field: "resources.ARN".into(),
                    not_starts_with: set(&[value]),
                    ..FieldSelector::default()
                }],
            )
        };
        let (a, b) = ("arn:aws:s3:::a/", "arn:aws:s3:::b/");
        let cases = [
            ("itself", arns(&[a]), arns(&[a]), true),
            ("one of two buckets", arns(&[a]), arns(&[a, b]), true),
            ("two in one", arns(&[a, b]), arns(&[a]), false),
            ("a folder of a bucket", arns(&["arn:aws:s3:::a/docs/"]), arns(&[a]), true),
            ("the bucket in its folder", arns(&[a]), arns(&["arn:aws:s3:::a/docs/"]), false),
            ("a bucket in all", arns(&[a]), data(t, &[]), true),
            ("all in a bucket", data(t, &[]), arns(&[a]), false),
            ("excluding more", but("arn:aws:s3:::"), but(a), true),
            ("excluding less", but(a), but("arn:aws:s3:::"), false),
            ("another type", data("AWS::Bedrock::Model", &[]), data(t, &[]), false),
        ];
        for (case, narrow, wide, want) in cases {
            assert_eq!(narrow.within(&wide), want, "{case}");
        }
    }

    #[test]
    fn the_json_form_reads_like_the_blueprint() {
        let json = serde_json::to_string(&Selector {
            name: "Agents".into(),
            ..data("AWS::Bedrock::AgentAlias", &[])
        });
        insta::assert_snapshot!(json.expect("plain data"), @r#"{"name":"Agents","fields":[{"field":"eventCategory","equals":["Data"]},{"field":"resources.type","equals":["AWS::Bedrock::AgentAlias"]}]}"#);
    }
}
