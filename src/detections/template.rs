//! The templates in packs.
//!
//! Two things may stand in `${…}`: a variable, and in patterns `none_of LIST: SELECTOR`, which becomes
//! `($.x != "a") && ($.x != "b")`, one comparison for each value of the list. Values are quoted; one that ends (or
//! starts) with `*` stays a wildcard.

use super::{Parameters, Request};
use crate::pattern;
use std::collections::BTreeMap;

/// Values of variables, by name.
pub(super) type Variables = BTreeMap<&'static str, String>;

/// The variables that every template may use.
pub(super) fn scope_variables(request: &Request<'_>) -> Variables {
    BTreeMap::from([
        ("account", request.account.to_owned()),
        ("home_region", request.home_region.to_owned()),
        ("log_bucket", request.log_bucket.to_owned()),
        ("scope", request.scope_name.to_owned()),
    ])
}

/// The variables of samples: those of the scope, and one approved value of each list that is given.
pub(super) fn sample_variables(request: &Request<'_>) -> Variables {
    let mut variables = scope_variables(request);
    let lists = [
        ("approved_role", "approved_roles"),
        ("approved_session", "approved_sessions"),
        ("approved_model", "approved_models"),
        ("approved_region", "approved_regions"),
    ];
    for (name, list) in lists {
        if let Some(first) = values(list, request.parameters).and_then(|values| values.into_iter().next()) {
            variables.insert(name, first.trim_matches('*').to_owned());
        }
    }
    variables
}

/// Returns the text with everything in `${…}` filled; `None` if a variable has no value or a list cannot be written.
pub(super) fn fill(template: &str, variables: &Variables, parameters: &Parameters) -> Option<String> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let (inner, after) = after.split_once('}')?;
        match inner.strip_prefix("none_of ").and_then(|each| each.split_once(": ")) {
            Some((list, selector)) => text.push_str(&none_of(&values(list, parameters)?, selector)?),
            None => text.push_str(variables.get(inner)?),
        }
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// Joins one `!=` for each value; `None` without values.
fn none_of(values: &[String], selector: &str) -> Option<String> {
    let comparisons: Vec<String> =
        values.iter().map(|value| format!("({selector} != {})", pattern::quote(value))).collect();
    if comparisons.is_empty() { None } else { Some(comparisons.join(" && ")) }
}

/// Returns the values of a list, without duplicates, in the order given; `None`: no such list, or one of the values
/// cannot be written as this list has it.
fn values(list: &str, parameters: &Parameters) -> Option<Vec<String>> {
    let mut values: Vec<String> = match list {
        "approved_roles" => parameters.approved_roles.clone(),
        "approved_sessions" => {
            parameters.approved_roles.iter().map(|role| session(role)).collect::<Option<_>>()?
        }
        "approved_models" => parameters.approved_models.iter().map(|model| anywhere(model)).collect(),
        "approved_regions" => parameters.approved_regions.clone(),
        _ => return None,
    };
    let mut seen = std::collections::BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    Some(values)
}

/// Puts a wildcard at both ends: a record's modelId is an id, a foundation-model ARN or a profile that holds the id.
fn anywhere(model: &str) -> String {
    format!("*{}*", model.trim_matches('*'))
}

/// Returns the sessions of a role, as the invocation log names callers: `arn:aws:sts::ACCOUNT:assumed-role/NAME/*`.
///
/// A session's ARN leaves the role's path out (IAM User Guide, IAM identifiers). `None`: only the path is given
/// (`…:role/team/*`), and every role would be approved. Other principals stay as they are.
fn session(role: &str) -> Option<String> {
    let Some((prefix, name)) = role.split_once(":role/") else { return Some(role.to_owned()) };
    let name = match name.rsplit_once('/') {
        Some((_, "*")) => return None,
        Some((_, name)) => name,
        None => name,
    };
    let wildcard = if name.ends_with('*') { "" } else { "/*" };
    Some(format!("{}:assumed-role/{name}{wildcard}", prefix.replacen(":iam:", ":sts:", 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_follow_from_roles() {
        let cases = [
            (
                "a role",
                "arn:aws:iam::111122223333:role/app",
                Some("arn:aws:sts::111122223333:assumed-role/app/*"),
            ),
            (
                "a path",
                "arn:aws:iam::111122223333:role/t/app",
                Some("arn:aws:sts::111122223333:assumed-role/app/*"),
            ),
            (
                "a prefix",
                "arn:aws:iam::111122223333:role/app-*",
                Some("arn:aws:sts::111122223333:assumed-role/app-*"),
            ),
            ("another partition", "arn:aws-cn:iam::1:role/app", Some("arn:aws-cn:sts::1:assumed-role/app/*")),
            ("a path only", "arn:aws:iam::111122223333:role/team/*", None),
            ("a user", "arn:aws:iam::111122223333:user/u", Some("arn:aws:iam::111122223333:user/u")),
        ];
        for (case, role, want) in cases {
            assert_eq!(session(role).as_deref(), want, "{case}");
        }
    }

    #[test]
    fn templates_are_filled() {
        let parameters = Parameters {
            approved_regions: vec!["eu-*".to_owned(), "us-east-1".to_owned(), "eu-*".to_owned()],
            approved_models: vec!["*claude".to_owned()],
            ..Parameters::default()
        };
        let variables = BTreeMap::from([("account", "111122223333".to_owned())]);
        let cases = [
            ("nothing to fill", "{ $.a = 1 }", Some("{ $.a = 1 }")),
            ("a variable", "x${account}y", Some("x111122223333y")),
            (
                "a list",
                "${none_of approved_regions: $.r}",
                Some(r#"($.r != "eu-*") && ($.r != "us-east-1")"#),
            ),
            ("models", "${none_of approved_models: $.m}", Some(r#"($.m != "*claude*")"#)),
            ("an unknown variable", "${nope}", None),
            ("an empty list", "${none_of approved_roles: $.r}", None),
            ("an unknown list", "${none_of nope: $.r}", None),
            ("an open variable", "${account", None),
        ];
        for (case, template, want) in cases {
            assert_eq!(fill(template, &variables, &parameters).as_deref(), want, "{case}");
        }
    }
}
