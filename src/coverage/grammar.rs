//! Which advanced event selectors CloudTrail accepts on a trail.
//!
//! CloudTrail API, PutEventSelectors (AdvancedEventSelector, AdvancedFieldSelector) and CloudTrail User Guide,
//! "Filtering data events", "Logging management events", "Logging network activity events". What AWS may have added
//! since (a field, a category) is reported with `refused: false`: pass it on, with a warning.

use super::selector::Selector;
use crate::blueprint::FieldSelector;
use std::collections::BTreeSet;

/// Values over all conditions of all selectors of one trail: CloudTrail User Guide, "Quotas in CloudTrail".
pub const MAX_VALUES: usize = 500;
/// Characters in one value.
const MAX_VALUE_LENGTH: usize = 2048;
/// Characters in a selector's name, and in a field's.
const MAX_NAME_LENGTH: usize = 1000;

/// Sources of network activity events on trails: CloudTrail User Guide, "Logging network
/// activity events".
pub const NETWORK_SOURCES: &[&str] = &[
    "athena.amazonaws.com",
    "bedrock.amazonaws.com",
    "bedrock-agentcore.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "comprehend.amazonaws.com",
    "config.amazonaws.com",
    "dynamodb.amazonaws.com",
    "ec2.amazonaws.com",
    "events.amazonaws.com",
    "firehose.amazonaws.com",
    "glue.amazonaws.com",
    "kms.amazonaws.com",
    "lambda.amazonaws.com",
    "monitoring.amazonaws.com",
    "nova-act.amazonaws.com",
    "qbusiness.amazonaws.com",
    "rekognition.amazonaws.com",
    "rolesanywhere.amazonaws.com",
    "s3.amazonaws.com",
    "sagemaker.amazonaws.com",
    "secretsmanager.amazonaws.com",
    "sns.amazonaws.com",
    "sqs.amazonaws.com",
    "ssm.amazonaws.com",
    "textract.amazonaws.com",
    "transcribe.amazonaws.com",
];

/// Management event sources that a trail can leave out, the only use of `eventSource` there.
const EXCLUDABLE: &[&str] = &["kms.amazonaws.com", "rdsdata.amazonaws.com"];

/// Something in a list of selectors that CloudTrail refuses, or may refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrammarProblem {
    /// Position in the list that was checked; `None`: the list as a whole.
    pub selector: Option<usize>,
    /// Field the problem is in; `None`: the selector as a whole.
    pub field: Option<String>,
    /// What is wrong: lowercase, no full stop.
    pub message: String,
    /// `false`: not known here, and passed on, because AWS adds fields faster than releases appear.
    pub refused: bool,
}

/// Returns everything that is wrong with a list of selectors, in the order of the list.
pub fn check_grammar<'a>(selectors: impl IntoIterator<Item = &'a Selector>) -> Vec<GrammarProblem> {
    let mut found = Vec::new();
    let mut values = 0;
    for (index, selector) in selectors.into_iter().enumerate() {
        values += selector.fields.iter().flat_map(operators).map(|(_, v)| v.len()).sum::<usize>();
        let mut check = Check { index, found: &mut found };
        check.selector(selector);
    }
    if values > MAX_VALUES {
        found.push(GrammarProblem {
            selector: None,
            field: None,
            message: format!(
                "{values} values in all conditions together; a trail takes at most {MAX_VALUES}"
            ),
            refused: true,
        });
    }
    found
}

/// Operators of a field that hold values, by their name in the blueprint.
fn operators(field: &FieldSelector) -> impl Iterator<Item = (&'static str, &BTreeSet<String>)> {
    [
        ("equals", &field.equals),
        ("starts_with", &field.starts_with),
        ("ends_with", &field.ends_with),
        ("not_equals", &field.not_equals),
        ("not_starts_with", &field.not_starts_with),
        ("not_ends_with", &field.not_ends_with),
    ]
    .into_iter()
    .filter(|(_, values)| !values.is_empty())
}

/// What may be said of one field in one category.
struct Rule {
    field: &'static str,
    /// Empty: any.
    operators: &'static [&'static str],
    /// Allowed values; empty: any.
    values: &'static [&'static str],
    /// Whether there is exactly one value.
    single: bool,
    required: bool,
}

const fn rule(field: &'static str, operators: &'static [&'static str]) -> Rule {
    Rule { field, operators, values: &[], single: false, required: false }
}

const BOOLEAN: &[&str] = &["false", "true"];
const CATEGORY: Rule = Rule { single: true, required: true, ..rule("eventCategory", &["equals"]) };
const MANAGEMENT: &[Rule] = &[
    Rule { values: BOOLEAN, ..rule("readOnly", &["equals"]) },
    Rule { values: EXCLUDABLE, ..rule("eventSource", &["not_equals"]) },
];
const DATA: &[Rule] = &[
    Rule { single: true, required: true, ..rule("resources.type", &["equals"]) },
    Rule { values: BOOLEAN, ..rule("readOnly", &["equals"]) },
    rule("eventName", &[]),
    rule("resources.ARN", &[]),
    rule("eventSource", &[]),
    rule("eventType", &[]),
    Rule { values: &["true"], ..rule("sessionCredentialFromConsole", &["equals", "not_equals"]) },
    rule("userIdentity.arn", &[]),
];
const NETWORK: &[Rule] = &[
    Rule { single: true, required: true, ..rule("eventSource", &["equals"]) },
    rule("eventName", &[]),
    Rule { values: &["VpceAccessDenied"], ..rule("errorCode", &["equals"]) },
    rule("vpcEndpointId", &[]),
];
/// Categories that only event data stores record.
const STORE_ONLY: &[&str] = &["ActivityAuditLog", "ConfigurationItem", "Evidence", "Insight"];

struct Check<'a> {
    index: usize,
    found: &'a mut Vec<GrammarProblem>,
}

impl Check<'_> {
    fn say(&mut self, field: Option<&str>, refused: bool, message: String) {
        let field = field.map(String::from);
        self.found.push(GrammarProblem { selector: Some(self.index), field, message, refused });
    }

    fn refuse(&mut self, field: &str, message: String) {
        self.say(Some(field), true, message);
    }

    fn selector(&mut self, selector: &Selector) {
        if selector.name.chars().count() > MAX_NAME_LENGTH {
            self.say(None, true, format!("the name is longer than {MAX_NAME_LENGTH} characters"));
        }
        for field in &selector.fields {
            self.form(field);
        }
        let Some(category) = selector.equals("eventCategory").next() else {
            self.say(
                Some("eventCategory"),
                true,
                "a selector must name its event category with `equals`".into(),
            );
            return;
        };
        self.rule(&CATEGORY, selector);
        match category {
            "Management" => self.fields("management", MANAGEMENT, selector),
            "Data" => self.fields("data", DATA, selector),
            "NetworkActivity" => {
                self.fields("network activity", NETWORK, selector);
                self.network_source(selector);
            }
            _ if STORE_ONLY.contains(&category) => {
                self.refuse(
                    "eventCategory",
                    format!("{category} is for event data stores; a trail cannot select it"),
                );
            }
            _ => self.say(
                Some("eventCategory"),
                false,
                format!("{category} is not a category known here: Management, Data, NetworkActivity"),
            ),
        }
    }

    /// What holds for every field of every category.
    fn form(&mut self, field: &FieldSelector) {
        let name = field.field.as_str();
        if name.is_empty() || name.chars().count() > MAX_NAME_LENGTH {
            self.refuse(name, format!("a field's name has 1 to {MAX_NAME_LENGTH} characters"));
        }
        if operators(field).next().is_none() {
            self.refuse(name, format!("{name} has no condition"));
        }
        for (operator, values) in operators(field) {
            for value in values {
                let length = value.chars().count();
                if length == 0 || length > MAX_VALUE_LENGTH {
                    self.refuse(
                        name,
                        format!("{name} {operator} has a value of {length} characters; 1 to {MAX_VALUE_LENGTH} are allowed"),
                    );
                }
                if value.contains('*') && name != "resources.ARN" {
                    self.say(
                        Some(name),
                        false,
                        format!("{value} is compared letter for letter: there are no wildcards, use starts_with or ends_with"),
                    );
                }
            }
        }
    }

    fn fields(&mut self, category: &str, rules: &[Rule], selector: &Selector) {
        for field in &selector.fields {
            let name = field.field.as_str();
            if name == CATEGORY.field || rules.iter().any(|r| r.field == name) {
                continue;
            }
            let known = [MANAGEMENT, DATA, NETWORK].iter().flat_map(|r| r.iter()).any(|r| r.field == name);
            if known {
                self.refuse(name, format!("a trail's {category} selector cannot filter by {name}"));
            } else {
                self.say(Some(name), false, format!("{name} is not a field known here"));
            }
        }
        for rule in rules {
            self.rule(rule, selector);
        }
    }

    fn rule(&mut self, rule: &Rule, selector: &Selector) {
        let name = rule.field;
        let mut count = 0;
        for field in selector.fields.iter().filter(|f| f.field == name) {
            for (operator, values) in operators(field) {
                count += values.len();
                if !rule.operators.is_empty() && !rule.operators.contains(&operator) {
                    let allowed = rule.operators.join(" or ");
                    self.refuse(name, format!("{name} takes {allowed} here, not {operator}"));
                }
                for value in values {
                    if !rule.values.is_empty() && !rule.values.contains(&value.as_str()) {
                        let allowed = rule.values.join(" or ");
                        self.refuse(name, format!("{name} cannot be {value} here; it takes {allowed}"));
                    }
                }
            }
        }
        if rule.single && count > 1 {
            self.refuse(name, format!("{name} takes one value in a selector; write one selector for each"));
        }
        if rule.required && count == 0 {
            self.refuse(name, format!("{name} is missing"));
        }
    }

    fn network_source(&mut self, selector: &Selector) {
        for source in selector.equals("eventSource") {
            if !NETWORK_SOURCES.contains(&source) {
                let message =
                    format!("{source} is not among the documented sources of network activity events");
                self.say(Some("eventSource"), false, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(field: &str, operator: &str, values: &[&str]) -> FieldSelector {
        let values: BTreeSet<String> = values.iter().map(ToString::to_string).collect();
        let mut f = FieldSelector { field: field.into(), ..FieldSelector::default() };
        match operator {
            "equals" => f.equals = values,
            "starts_with" => f.starts_with = values,
            "ends_with" => f.ends_with = values,
            "not_equals" => f.not_equals = values,
            "not_starts_with" => f.not_starts_with = values,
            _ => f.not_ends_with = values,
        }
        f
    }

    fn of(category: &str, more: &[FieldSelector]) -> Selector {
        Selector::new(
            "s",
            [field("eventCategory", "equals", &[category])].into_iter().chain(more.iter().cloned()),
        )
    }

    fn data(more: &[FieldSelector]) -> Selector {
        let mut s = of("Data", more);
        s.fields.insert(field("resources.type", "equals", &["AWS::Bedrock::Model"]));
        s
    }

    #[test]
    fn each_rule_of_the_grammar_is_checked() {
        let source = |s: &str| field("eventSource", "equals", &[s]);
        let long = "x".repeat(2049);
        let cases: Vec<(&str, Selector, &[&str])> = vec![
            ("plain management", of("Management", &[]), &[]),
            ("management reads", of("Management", &[field("readOnly", "equals", &["true"])]), &[]),
            (
                "without KMS",
                of("Management", &[field("eventSource", "not_equals", &["kms.amazonaws.com"])]),
                &[],
            ),
            (
                "without S3",
                of("Management", &[field("eventSource", "not_equals", &["s3.amazonaws.com"])]),
                &[
                    "eventSource cannot be s3.amazonaws.com here; it takes kms.amazonaws.com or rdsdata.amazonaws.com",
                ],
            ),
            (
                "only KMS",
                of("Management", &[source("kms.amazonaws.com")]),
                &["eventSource takes not_equals here, not equals"],
            ),
            (
                "management by name",
                of("Management", &[field("eventName", "equals", &["InvokeModel"])]),
                &["a trail's management selector cannot filter by eventName"],
            ),
            (
                "management by caller",
                of("Management", &[field("userIdentity.arn", "equals", &["arn"])]),
                &["a trail's management selector cannot filter by userIdentity.arn"],
            ),
            (
                "readOnly maybe",
                of("Management", &[field("readOnly", "equals", &["yes"])]),
                &["readOnly cannot be yes here; it takes false or true"],
            ),
            (
                "readOnly not",
                data(&[field("readOnly", "not_equals", &["true"])]),
                &["readOnly takes equals here, not not_equals"],
            ),
            (
                "data",
                data(&[
                    field("eventName", "not_ends_with", &["Stream"]),
                    field("resources.ARN", "starts_with", &["arn:aws:s3:::b/"]),
                ]),
                &[],
            ),
            ("data without type", of("Data", &[]), &["resources.type is missing"]),
            (
                "two types",
                of("Data", &[field("resources.type", "equals", &["AWS::A::B", "AWS::C::D"])]),
                &["resources.type takes one value in a selector; write one selector for each"],
            ),
            (
                "type prefix",
                of("Data", &[field("resources.type", "starts_with", &["AWS::Bedrock::"])]),
                &["resources.type takes equals here, not starts_with"],
            ),
            (
                "console false",
                data(&[field("sessionCredentialFromConsole", "equals", &["false"])]),
                &["sessionCredentialFromConsole cannot be false here; it takes true"],
            ),
            (
                "console not true",
                data(&[field("sessionCredentialFromConsole", "not_equals", &["true"])]),
                &[],
            ),
            (
                "network field on data",
                data(&[field("vpcEndpointId", "equals", &["vpce-1"])]),
                &["a trail's data selector cannot filter by vpcEndpointId"],
            ),
            (
                "a new field",
                data(&[field("moonPhase", "equals", &["full"])]),
                &["moonPhase is not a field known here"],
            ),
            (
                "network",
                of(
                    "NetworkActivity",
                    &[source("bedrock.amazonaws.com"), field("errorCode", "equals", &["VpceAccessDenied"])],
                ),
                &[],
            ),
            ("network without source", of("NetworkActivity", &[]), &["eventSource is missing"]),
            (
                "network of IAM",
                of("NetworkActivity", &[source("iam.amazonaws.com")]),
                &["iam.amazonaws.com is not among the documented sources of network activity events"],
            ),
            (
                "other error",
                of(
                    "NetworkActivity",
                    &[source("s3.amazonaws.com"), field("errorCode", "equals", &["AccessDenied"])],
                ),
                &["errorCode cannot be AccessDenied here; it takes VpceAccessDenied"],
            ),
            ("insight", of("Insight", &[]), &["Insight is for event data stores; a trail cannot select it"]),
            (
                "new category",
                of("Dream", &[]),
                &["Dream is not a category known here: Management, Data, NetworkActivity"],
            ),
            (
                "no category",
                Selector::new("s", [field("readOnly", "equals", &["true"])]),
                &["a selector must name its event category with `equals`"],
            ),
            (
                "empty condition",
                data(&[FieldSelector { field: "eventName".into(), ..FieldSelector::default() }]),
                &["eventName has no condition"],
            ),
            (
                "long value",
                data(&[field("eventName", "equals", &[&long])]),
                &["eventName equals has a value of 2049 characters; 1 to 2048 are allowed"],
            ),
            (
                "wildcard",
                data(&[field("eventName", "equals", &["Invoke*"])]),
                &[
                    "Invoke* is compared letter for letter: there are no wildcards, use starts_with or ends_with",
                ],
            ),
        ];
        for (case, selector, want) in cases {
            let found = check_grammar([&selector]);
            let messages: Vec<_> = found.iter().map(|p| p.message.as_str()).collect();
            assert_eq!(messages, want, "{case}");
            assert!(found.iter().all(|p| p.selector == Some(0)), "{case}");
        }
    }

    #[test]
    fn what_aws_may_have_added_is_not_refused() {
        let selectors = [data(&[field("moonPhase", "equals", &["full"])]), of("Dream", &[])];
        assert!(check_grammar(&selectors).iter().all(|p| !p.refused));
        assert!(check_grammar([&of("Data", &[])]).iter().all(|p| p.refused));
    }

    #[test]
    fn a_trail_takes_500_values_and_no_more() {
        let names: Vec<String> = (0..498).map(|n| format!("Name{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let full = data(&[field("eventName", "equals", &names)]);
        assert_eq!(check_grammar([&full]), []);
        let found = check_grammar([&of("Management", &[]), &full]);
        assert_eq!(found[0].message, "501 values in all conditions together; a trail takes at most 500");
        assert_eq!(found[0].selector, None);
    }
}
