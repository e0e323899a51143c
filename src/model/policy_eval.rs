//! Whether a policy document admits one request, and if it does not, what its nearest statement lacks.
//!
//! The rules are those of the IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements": a request is
//! admitted when a statement allows it and none denies it. What AWS says about a request that is not admitted is a code
//! and no reason; here the reason is the point.

mod conditions;

use crate::model::Policy;
use crate::model::policy::glob;
use conditions::Filled;
use serde_json::{Map, Value};
use std::fmt;

/// Keys that a request by a service principal never has (IAM User Guide, "AWS global condition context keys": they tell
/// about a user, a role or a network of the customer's).
const NEVER_SENT: &[&str] = &[
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:federatedprovider",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
];

/// One call that a service makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Service principal that calls, such as `cloudtrail.amazonaws.com`; `None` for a document that speaks about its
    /// own role and names nobody.
    pub service: Option<&'a str>,
    pub action: &'a str,
    /// ARN.
    pub resource: &'a str,
    /// Condition keys that the call presents, with their values.
    pub context: &'a [(&'static str, String)],
}

impl Request<'_> {
    /// Returns what the call presents for a condition key; keys compare case-insensitively.
    fn value(&self, key: &str) -> Option<&str> {
        // What every call of a service principal has (IAM User Guide, global condition context keys).
        let own = match (self.service, key.to_ascii_lowercase().as_str()) {
            (Some(_), "aws:principalisawsservice") => Some("true"),
            (Some(_), "aws:viaawsservice") => Some("false"),
            (Some(service), "aws:principalservicename") => Some(service),
            _ => None,
        };
        let sent = self.context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        sent.map(|(_, value)| value.as_str()).or(own)
    }
    /// Returns true if it is documented neither that the call has the key nor that it has not.
    fn is_open(&self, key: &str) -> bool {
        self.value(key).is_none() && !NEVER_SENT.contains(&key.to_ascii_lowercase().as_str())
    }
}

/// What a document says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A statement allows it and none denies it.
    Admitted,
    /// A statement denies it, whatever others say.
    Denied(Finding),
    /// No statement allows it; the one that comes nearest, if any is about such a request at all.
    Silent(Option<Finding>),
}

impl Answer {
    /// Returns false if the answer hangs on a condition key of which it is not documented whether the request has it.
    pub fn is_certain(&self) -> bool {
        match self {
            Self::Admitted | Self::Silent(None) => true,
            Self::Denied(finding) | Self::Silent(Some(finding)) => finding.certain,
        }
    }
}

/// One statement, and what it lacks to meet the request; nothing if it denies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How the statement is called: by its Sid, or by what it says.
    pub statement: String,
    pub lacks: Vec<Lack>,
    /// False if it hangs on a key of which it is not documented whether the request has it.
    pub certain: bool,
}

/// Why a statement does not meet a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It is for others.
    Principal { named: Vec<String>, wanted: String },
    /// It is about other actions.
    Action { named: Vec<String>, wanted: String },
    /// It is about other resources.
    Resource { named: Vec<String>, wanted: String },
    /// A condition does not hold; `sent` is what the request has.
    Condition { operator: String, key: String, named: Vec<String>, sent: Option<String> },
}

impl Lack {
    /// How far away a statement is that lacks this: whom it is for says most about what it is meant for.
    fn weight(&self) -> usize {
        match self {
            Self::Principal { .. } => 5,
            Self::Action { .. } => 4,
            Self::Resource { .. } => 2,
            Self::Condition { .. } => 1,
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal { named, wanted } => write!(f, "is for {}, not {wanted}", or_nobody(named)),
            Self::Action { named, wanted } => write!(f, "is about {}, not {wanted}", or_nobody(named)),
            Self::Resource { named, wanted } => write!(f, "is about {}, not {wanted}", or_nobody(named)),
            Self::Condition { operator, key, named, sent: Some(sent) } => {
                write!(f, "lacks {key} {sent} ({operator} {})", named.join(", "))
            }
            Self::Condition { operator, key, named, sent: None } => {
                write!(f, "asks for {key} ({operator} {}), which the request does not have", named.join(", "))
            }
        }
    }
}

fn or_nobody(named: &[String]) -> String {
    if named.is_empty() { "nothing".into() } else { named.join(", ") }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lacks: Vec<String> = self.lacks.iter().map(ToString::to_string).collect();
        if lacks.is_empty() {
            return write!(f, "{} denies it", self.statement);
        }
        write!(f, "{} {}", self.statement, lacks.join(" and "))
    }
}

/// Returns what a document says to a request.
pub fn evaluate(policy: &Policy, request: &Request<'_>) -> Answer {
    let statements = statements(policy);
    let version = statements.get("Version").and_then(Value::as_str).unwrap_or("2012-10-17");
    // Only in documents of this version are policy variables replaced (IAM User Guide, policy variables).
    let variables = version == "2012-10-17";
    let mut nearest: Option<(usize, Finding)> = None;
    let mut admitted = false;
    let mut denied: Option<Finding> = None;
    let mut perhaps: Option<Finding> = None;
    for (sid, statement) in statements.iter().filter_map(|(sid, value)| Some((sid, value.as_object()?))) {
        let finding = held_against(sid, statement, request, variables);
        match (statement["Effect"].as_str(), finding.lacks.is_empty()) {
            (Some("Deny"), true) if denied.as_ref().is_none_or(|denied| !denied.certain) => {
                denied = Some(finding);
            }
            (Some("Allow"), true) => admitted = true,
            (Some("Allow"), false) => {
                if !finding.certain {
                    perhaps.get_or_insert_with(|| finding.clone());
                }
                let distance: usize = finding.lacks.iter().map(Lack::weight).sum();
                if distance < 9 && nearest.as_ref().is_none_or(|(least, _)| distance < *least) {
                    nearest = Some((distance, finding));
                }
            }
            _ => {}
        }
    }
    match (denied, admitted) {
        (Some(finding), _) => Answer::Denied(finding),
        (None, true) => Answer::Admitted,
        // One that may allow it says more than one that comes near and does not.
        (None, false) => Answer::Silent(perhaps.or(nearest.map(|(_, finding)| finding))),
    }
}

fn statements(policy: &Policy) -> Map<String, Value> {
    match serde_json::to_value(policy) {
        Ok(Value::Object(statements)) => statements,
        _ => Map::new(),
    }
}

fn held_against(
    sid: &str,
    statement: &Map<String, Value>,
    request: &Request<'_>,
    variables: bool,
) -> Finding {
    let mut lacks = Vec::new();
    lacks.extend(principal(statement, request));
    lacks.extend(action(statement, request));
    let (about, open_resource) = resource(statement, request, variables);
    let surely_others = !lacks.is_empty() || (about.is_some() && !open_resource);
    lacks.extend(about);
    let unmet = conditions::unmet(statement.get("Condition"), request, variables);
    let certain = match lacks.is_empty() && unmet.lacks.is_empty() {
        // It meets the request, unless something that is open says otherwise.
        true => !unmet.is_open && !open_resource,
        // It does not, if one thing alone keeps it from that for certain.
        false => surely_others || unmet.is_certain,
    };
    lacks.extend(unmet.lacks);
    Finding { statement: called(sid, statement), lacks, certain }
}

fn called(sid: &str, statement: &Map<String, Value>) -> String {
    if !sid.starts_with("unnamed-") {
        return format!("statement {sid}");
    }
    let actions = statement.get("Action").map(texts).unwrap_or_default();
    let effect = statement["Effect"].as_str().unwrap_or_default();
    format!("the statement without a Sid ({effect} {})", or_nobody(&actions))
}

fn principal(statement: &Map<String, Value>, request: &Request<'_>) -> Option<Lack> {
    let service = request.service?;
    let named = |value: &Value| match value {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| texts(names).into_iter().map(move |name| (kind.clone(), name)))
            .collect::<Vec<_>>(),
        other => texts(other).into_iter().map(|name| ("AWS".to_owned(), name)).collect(),
    };
    let meets = |names: &[(String, String)]| {
        names.iter().any(|(kind, name)| match kind.as_str() {
            "AWS" => name == "*",
            "Service" => name == service,
            _ => false,
        })
    };
    let lack = |names: Vec<(String, String)>| Lack::Principal {
        named: names.into_iter().map(|(_, name)| name).collect(),
        wanted: service.to_owned(),
    };
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(value), _) => {
            let names = named(value);
            (!meets(&names)).then(|| lack(names))
        }
        (None, Some(value)) => meets(&named(value)).then(|| lack(vec![("AWS".into(), "others".into())])),
        (None, None) => Some(lack(Vec::new())),
    }
}

fn action(statement: &Map<String, Value>, request: &Request<'_>) -> Option<Lack> {
    // Action names compare case-insensitively: `SNS:Publish` is `sns:publish`.
    let wanted = request.action.to_ascii_lowercase();
    let any = |value: &Value| texts(value).iter().any(|pattern| like(&pattern.to_ascii_lowercase(), &wanted));
    let lack = |named| Some(Lack::Action { named, wanted: request.action.to_owned() });
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(value), _) if any(value) => None,
        (Some(value), _) => lack(texts(value)),
        (None, Some(value)) if !any(value) => None,
        (None, Some(value)) => lack(vec![format!("everything but {}", texts(value).join(", "))]),
        (None, None) => lack(Vec::new()),
    }
}

/// Returns what the resources lack, and whether that hangs on a variable that is open.
fn resource(statement: &Map<String, Value>, request: &Request<'_>, variables: bool) -> (Option<Lack>, bool) {
    let (Some(value), negated) = (match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(value), _) => (Some(value), false),
        (None, value) => (value, true),
    }) else {
        // A trust policy has no resource: it is its role's.
        return (None, false);
    };
    let named = texts(value);
    let filled: Vec<Filled> = named.iter().map(|text| conditions::fill(text, request, variables)).collect();
    let is_named =
        filled.iter().any(|one| matches!(one, Filled::Text(pattern) if like(pattern, request.resource)));
    let is_open = !is_named && filled.contains(&Filled::Open);
    let named = if negated { vec![format!("others than {}", named.join(", "))] } else { named };
    let lack = Lack::Resource { named, wanted: request.resource.to_owned() };
    ((is_named == negated).then_some(lack), is_open)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

/// Returns true if a text meets a pattern in which `*` is any run of characters and `?` any one of them.
pub fn like(pattern: &str, text: &str) -> bool {
    glob::contains(&glob::pattern(pattern), &glob::literal(text))
}

#[cfg(test)]
mod tests;
