//! The catalogue of API operations, and whether CloudTrail files each under management or data events.
//!
//! Sources: Amazon Bedrock User Guide, "Monitor Amazon Bedrock API calls using CloudTrail"; CloudTrail User Guide,
//! "CloudTrail concepts", table of data events; the service models of the SDK for operation names. What no source
//! states is marked: [`Confidence::Inferred`], or [`Category::Unclassified`], which is listed and never claimed.
//!
//! It is not every operation of AWS: it holds what generative AI on AWS is made of, and what can blind or destroy the
//! record of it.

mod agents;
mod bedrock;
mod guards;
mod types;

use super::grammar::NETWORK_SOURCES;
use super::selector::{Event, ReadOnly};
use serde::Serialize;
use std::sync::LazyLock;

/// Which kind of event an operation leaves in CloudTrail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    Management,
    Data,
    /// Calls that pass a VPC endpoint, recorded at the endpoint.
    NetworkActivity,
    /// No source says; nothing is claimed.
    Unclassified,
}

/// How well a row is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// AWS documentation states the category (and the type) of the operation, or of all operations of its plane.
    Documented,
    /// Concluded from resource types, names or the authorization reference.
    Inferred,
}

/// Where CloudTrail records an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Locality {
    /// In the Region of the call.
    Regional,
    /// In the partition's leading Region only, since November 2021: CloudTrail User Guide, "CloudTrail concepts".
    Global,
}

/// An API operation; or, without a name, all operations of a resource type or at a service's VPC endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// `eventSource`; `None`: not stated.
    pub source: Option<&'static str>,
    /// `eventName`; `None`: many, or not stated.
    pub name: Option<&'static str>,
    pub category: Category,
    /// `resources.type` values; all must be selected to record every call.
    pub types: &'static [&'static str],
    pub read_only: ReadOnly,
    pub confidence: Confidence,
    /// What a reader should know; empty: nothing.
    pub note: &'static str,
}

impl Operation {
    /// Returns the name that reports use: `bedrock:InvokeModel`, `AWS::Bedrock::Tool (data events)` or
    /// `bedrock (network activity)`. The part before the colon is the event source's, not always the IAM prefix.
    pub fn id(&self) -> String {
        let service = self.source.map_or("", |s| s.strip_suffix(".amazonaws.com").unwrap_or(s));
        match self.name {
            Some(name) => format!("{service}:{name}"),
            None if self.category == Category::NetworkActivity => format!("{service} (network activity)"),
            None => type_id(self.types.first().copied().unwrap_or(service)),
        }
    }

    /// Returns the class of events that calls of this operation leave; `None` if no source says.
    pub fn event(&self) -> Option<Event<'static>> {
        let category = match self.category {
            Category::Management => "Management",
            Category::Data => "Data",
            Category::NetworkActivity => "NetworkActivity",
            Category::Unclassified => return None,
        };
        let event_type = match self.source {
            Some("signin.amazonaws.com") => Some("AwsConsoleSignIn"),
            _ if self.name.is_some() => Some("AwsApiCall"),
            _ => None,
        };
        let Self { source, name, read_only, types, .. } = *self;
        Some(Event { category, source, name, event_type, read_only, types })
    }

    /// Returns where its events appear.
    pub fn locality(&self) -> Locality {
        match self.source {
            Some("iam.amazonaws.com" | "organizations.amazonaws.com") => Locality::Global,
            _ => Locality::Regional,
        }
    }
}

/// Returns the report name of all data events of a resource type whose operations are not listed one by one.
pub fn type_id(resource_type: &str) -> String {
    format!("{resource_type} (data events)")
}

/// Every operation in the catalogue, sorted by id, each id once.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let groups = [bedrock::GROUPS, agents::GROUPS, guards::GROUPS, types::GROUPS];
    let mut all: Vec<Operation> = groups.into_iter().flatten().flat_map(Group::operations).collect();
    all.extend(NETWORK_SOURCES.iter().map(|source| network(source)));
    all.sort_by_cached_key(Operation::id);
    all
});

/// Returns the operation with an id such as `bedrock:InvokeModel`.
pub fn find(id: &str) -> Option<&'static Operation> {
    OPERATIONS.binary_search_by(|o| o.id().as_str().cmp(id)).ok().map(|index| &OPERATIONS[index])
}

fn network(source: &'static str) -> Operation {
    Operation {
        source: Some(source),
        name: None,
        category: Category::NetworkActivity,
        types: &[],
        read_only: ReadOnly::Unknown,
        confidence: Confidence::Documented,
        note: "calls through VPC endpoints",
    }
}

/// Operations that differ only in their name.
struct Group {
    source: Option<&'static str>,
    category: Category,
    types: &'static [&'static str],
    /// `None`: follows from each name.
    read_only: Option<ReadOnly>,
    confidence: Confidence,
    note: &'static str,
    /// Empty: one row for all operations of the types.
    names: &'static [&'static str],
}

impl Group {
    const fn management(source: &'static str, names: &'static [&'static str]) -> Self {
        Self {
            source: Some(source),
            category: Category::Management,
            types: &[],
            read_only: None,
            confidence: Confidence::Documented,
            note: "",
            names,
        }
    }

    /// Data events; no source states `readOnly` for most of them, so it is left open.
    const fn data(
        source: &'static str,
        types: &'static [&'static str],
        names: &'static [&'static str],
    ) -> Self {
        let read_only = Some(ReadOnly::Unknown);
        Self { category: Category::Data, types, read_only, ..Self::management(source, names) }
    }

    const fn unclassified(source: &'static str, names: &'static [&'static str]) -> Self {
        let (category, read_only) = (Category::Unclassified, Some(ReadOnly::Unknown));
        Self { category, read_only, confidence: Confidence::Inferred, ..Self::management(source, names) }
    }

    const fn inferred(self) -> Self {
        Self { confidence: Confidence::Inferred, ..self }
    }

    const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    const fn read_only(self, read_only: ReadOnly) -> Self {
        Self { read_only: Some(read_only), ..self }
    }

    const fn read_only_by_name(self) -> Self {
        Self { read_only: None, ..self }
    }

    fn operations(&self) -> Vec<Operation> {
        let row = |name: Option<&'static str>, types: &'static [&'static str]| Operation {
            source: self.source,
            name,
            category: self.category,
            types,
            read_only: self.read_only.unwrap_or_else(|| name.map_or(ReadOnly::Unknown, read_only_of)),
            confidence: self.confidence,
            note: self.note,
        };
        if self.names.is_empty() {
            self.types.iter().map(|t| row(None, std::slice::from_ref(t))).collect()
        } else {
            self.names.iter().map(|name| row(Some(name), self.types)).collect()
        }
    }
}

/// AWS names what only reads by a few verbs, and `readOnly` follows them; verbs that could mean either stay open.
fn read_only_of(name: &str) -> ReadOnly {
    let begins = |verbs: &[&str]| verbs.iter().any(|verb| name.starts_with(verb));
    if begins(&["Get", "List", "Describe", "Head", "Lookup"]) {
        ReadOnly::True
    } else if begins(&["Export", "StartQuery", "Validate"]) {
        ReadOnly::Unknown
    } else {
        ReadOnly::False
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_operation_is_listed_once() {
        let ids: Vec<String> = OPERATIONS.iter().map(Operation::id).collect();
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = ids.iter().filter(|id| !seen.insert(*id)).collect();
        assert_eq!(twice, Vec::<&String>::new());
        assert!(ids.iter().all(|id| find(id).is_some_and(|o| o.id() == *id)));
    }

    #[test]
    fn rows_say_what_the_sources_say() {
        use Category::{Data, Management, Unclassified};
        let cases: &[(&str, Category, &[&str], ReadOnly)] = &[
            ("bedrock:InvokeModel", Management, &[], ReadOnly::MostlyTrue),
            ("bedrock:ConverseStream", Management, &[], ReadOnly::MostlyTrue),
            ("bedrock:CreateModelInvocationJob", Management, &[], ReadOnly::False),
            ("bedrock:GetGuardrail", Management, &[], ReadOnly::True),
            (
                "bedrock:StartAsyncInvoke",
                Data,
                &["AWS::Bedrock::Model", "AWS::Bedrock::AsyncInvoke"],
                ReadOnly::Unknown,
            ),
            ("bedrock:ApplyGuardrail", Data, &["AWS::Bedrock::Guardrail"], ReadOnly::Unknown),
            ("bedrock:RenderPrompt", Data, &["AWS::Bedrock::PromptVersion"], ReadOnly::Unknown),
            ("bedrock:Rerank", Unclassified, &[], ReadOnly::Unknown),
            ("bedrock-mantle:CreateInference", Data, &["AWS::BedrockMantle::Project"], ReadOnly::Unknown),
            ("bedrock-agentcore:InvokeGateway", Data, &["AWS::BedrockAgentCore::Gateway"], ReadOnly::Unknown),
            ("s3:DeleteObject", Data, &["AWS::S3::Object"], ReadOnly::False),
            ("cloudtrail:StopLogging", Management, &[], ReadOnly::False),
            ("AWS::Bedrock::Tool (data events)", Data, &["AWS::Bedrock::Tool"], ReadOnly::Unknown),
        ];
        for (id, category, types, read_only) in cases {
            let found = find(id).map(|o| (o.category, o.types, o.read_only));
            assert_eq!(found, Some((*category, *types, *read_only)), "{id}");
        }
    }

    #[test]
    fn what_is_not_classified_leaves_no_events() {
        for operation in OPERATIONS.iter() {
            let claimed = operation.event().is_some();
            assert_eq!(claimed, operation.category != Category::Unclassified, "{}", operation.id());
            let typed = !operation.types.is_empty();
            assert_eq!(typed, operation.category == Category::Data, "{}", operation.id());
        }
    }
}
