//! What a policy document admits, as IAM's evaluation logic has it, and whether a service would take the document at all.
//!
//! Every service of the sandbox that is handed a role, a bucket, a key or a topic asks here. The rules follow
//! the IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements"; how documents differ in
//! spelling is `reference/kms-iam-sns.md` §4.

pub mod conditions;
pub mod principals;
pub mod shape;

use serde_json::{Map, Value};

/// Returns true if the document allows this call by itself: a statement allows it and none denies it.
///
/// `principal_service` is a service principal such as `cloudtrail.amazonaws.com`; the ARN of a user, role or
/// session is taken as well, and is then also met by its account's root, which stands for the account
/// (IAM User Guide, "AWS account principals"). `context` holds condition keys and their values; a key that is
/// not there is absent from the request. A statement without `Resource` (trust policies) meets every resource.
/// Text that is not a policy admits nothing.
#[must_use]
pub fn admits(
    policy_json: &str,
    principal_service: &str,
    action: &str,
    resource: &str,
    context: &[(&str, &str)],
) -> bool {
    let effects = Request { principal: principal_service, action, resource, context }.effects(policy_json);
    !effects.is_empty() && effects.iter().all(|allows| *allows)
}

/// Returns true if the document denies this call outright; the parameters are those of [`admits`].
#[must_use]
pub fn denies(
    policy_json: &str,
    principal: &str,
    action: &str,
    resource: &str,
    context: &[(&str, &str)],
) -> bool {
    Request { principal, action, resource, context }.effects(policy_json).contains(&false)
}

/// Returns the statements of a document; a single object counts as a list of one.
#[must_use]
pub fn statements(document: &Value) -> Vec<&Map<String, Value>> {
    match document.get("Statement") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(one)) => vec![one],
        _ => Vec::new(),
    }
}

/// Returns texts from a string or a list; booleans and numbers are written out, as IAM reads them.
#[must_use]
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(s) => vec![s.clone()],
        Value::Bool(b) => vec![b.to_string()],
        Value::Number(n) => vec![n.to_string()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Returns true if a text meets a pattern in which `*` is any run of characters and `?` any one.
#[must_use]
pub fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, taken)) = star {
            // The last star takes one character more, and the rest is tried again.
            star = Some((at, taken + 1));
            p = at + 1;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// One call, as statements are held against it.
struct Request<'a> {
    principal: &'a str,
    action: &'a str,
    resource: &'a str,
    context: &'a [(&'a str, &'a str)],
}

impl Request<'_> {
    /// Returns the effects of the statements that this call meets, true for `Allow`.
    fn effects(&self, policy_json: &str) -> Vec<bool> {
        let Ok(document) = serde_json::from_str::<Value>(policy_json) else { return Vec::new() };
        // Only in documents of this version are policy variables replaced.
        let variables = document.get("Version").and_then(Value::as_str) == Some("2012-10-17");
        statements(&document)
            .into_iter()
            .filter(|statement| self.meets(statement, variables))
            .map(|statement| statement.get("Effect").and_then(Value::as_str) == Some("Allow"))
            .collect()
    }

    fn meets(&self, statement: &Map<String, Value>, variables: bool) -> bool {
        self.meets_principal(statement)
            && self.meets_action(statement)
            && self.meets_resource(statement, variables)
            && conditions::hold(statement.get("Condition"), self.context, variables)
    }

    fn meets_principal(&self, statement: &Map<String, Value>) -> bool {
        if let Some(principal) = statement.get("Principal") {
            self.is_named_by(principal)
        } else if let Some(others) = statement.get("NotPrincipal") {
            !self.is_named_by(others)
        } else {
            false
        }
    }

    fn is_named_by(&self, principal: &Value) -> bool {
        match principal {
            Value::String(s) => s == "*",
            Value::Object(kinds) => kinds.iter().any(|(kind, values)| {
                texts(values).iter().any(|value| match kind.as_str() {
                    "AWS" => value == "*" || principals::covers(value, self.principal),
                    "Service" => value == self.principal,
                    _ => false,
                })
            }),
            _ => false,
        }
    }

    fn meets_action(&self, statement: &Map<String, Value>) -> bool {
        // Action names compare case-insensitively: `SNS:Publish` is `sns:publish`.
        let action = self.action.to_ascii_lowercase();
        let any = |patterns: &Value| texts(patterns).iter().any(|p| like(&p.to_ascii_lowercase(), &action));
        match (statement.get("Action"), statement.get("NotAction")) {
            (Some(patterns), _) => any(patterns),
            (None, Some(patterns)) => !any(patterns),
            (None, None) => false,
        }
    }

    fn meets_resource(&self, statement: &Map<String, Value>, variables: bool) -> bool {
        let any = |patterns: &Value| {
            texts(patterns).iter().any(|pattern| {
                conditions::fill(pattern, self.context, variables)
                    .is_some_and(|pattern| like(&pattern, self.resource))
            })
        };
        match (statement.get("Resource"), statement.get("NotResource")) {
            (Some(patterns), _) => any(patterns),
            (None, Some(patterns)) => !any(patterns),
            (None, None) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TRAIL: &str = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/audit";

    fn bucket_policy() -> Value {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": ["cloudtrail.amazonaws.com"]}, "Action": "s3:GetBucketAcl",
             "Resource": "arn:aws:s3:::logs", "Condition": {"StringEquals": {"aws:SourceArn": TRAIL}}},
            {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["s3:PutObject"],
             "Resource": "arn:aws:s3:::logs/AWSLogs/${aws:SourceAccount}/*",
             "Condition": {"StringEquals": {"aws:SourceArn": [TRAIL], "s3:x-amz-acl": "bucket-owner-full-control"}}},
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
             "Condition": {"Bool": {"aws:SecureTransport": false}}},
            {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "*",
             "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}
        ]})
    }

    #[test]
    fn a_bucket_policy_admits_its_trail_and_nobody_else() {
        let policy = bucket_policy().to_string();
        let object = "arn:aws:s3:::logs/AWSLogs/111122223333/x";
        let acl = ("s3:x-amz-acl", "bucket-owner-full-control");
        let (from, owner) = (("AWS:SourceArn", TRAIL), ("aws:SourceAccount", "111122223333"));
        let (service, put) = ("cloudtrail.amazonaws.com", "S3:PutObject");
        type Case<'a> = (&'a str, &'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], bool);
        let cases: &[Case<'_>] = &[
            ("acl", service, "s3:GetBucketAcl", "arn:aws:s3:::logs", &[from], true),
            ("acl without trail", service, "s3:GetBucketAcl", "arn:aws:s3:::logs", &[], false),
            ("put", service, put, object, &[from, acl, owner], true),
            ("put without acl", service, put, object, &[from, owner], false),
            ("variable unknown", service, put, object, &[from, acl], false),
            (
                "other account",
                service,
                put,
                object,
                &[from, acl, ("aws:SourceAccount", "444455556666")],
                false,
            ),
            ("other service", "bedrock.amazonaws.com", put, object, &[from, acl, owner], false),
            (
                "plain http",
                service,
                put,
                object,
                &[from, acl, owner, ("aws:SecureTransport", "false")],
                false,
            ),
            ("old tls", service, put, object, &[from, acl, owner, ("s3:TlsVersion", "1.1")], false),
            ("new tls", service, put, object, &[from, acl, owner, ("s3:TlsVersion", "1.3")], true),
        ];
        for (case, principal, action, resource, context, want) in cases {
            assert_eq!(admits(&policy, principal, action, resource, context), *want, "{case}");
        }
        assert!(!admits("{", service, put, object, &[]), "no policy");
    }

    #[test]
    fn an_account_root_stands_for_everyone_in_its_account() {
        let policy = json!({"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}})
        .to_string();
        let cases = [
            ("user", "arn:aws:iam::111122223333:user/anna", true),
            ("session", "arn:aws:sts::111122223333:assumed-role/Deploy/me", true),
            ("other account", "arn:aws:iam::444455556666:user/anna", false),
            ("service", "cloudtrail.amazonaws.com", false),
        ];
        for (case, principal, want) in cases {
            assert_eq!(admits(&policy, principal, "kms:PutKeyPolicy", "*", &[]), want, "{case}");
        }
    }

    #[test]
    fn the_negated_elements_turn_the_match_round() {
        let policy = json!({"Statement": [{"Effect": "Allow", "NotPrincipal": {"Service": "a.amazonaws.com"},
            "NotAction": "s3:Delete*", "NotResource": "arn:aws:s3:::b"}]})
        .to_string();
        assert!(admits(&policy, "b.amazonaws.com", "s3:GetObject", "arn:aws:s3:::c", &[]));
        assert!(!admits(&policy, "a.amazonaws.com", "s3:GetObject", "arn:aws:s3:::c", &[]), "principal");
        assert!(!admits(&policy, "b.amazonaws.com", "s3:DeleteBucket", "arn:aws:s3:::c", &[]), "action");
        assert!(!admits(&policy, "b.amazonaws.com", "s3:GetObject", "arn:aws:s3:::b", &[]), "resource");
    }

    #[test]
    fn patterns_take_stars_and_question_marks() {
        let cases = [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*ab*ab", "abxabab", true),
            ("kms:GenerateDataKey*", "kms:GenerateDataKey", true),
        ];
        for (pattern, text, want) in cases {
            assert_eq!(like(pattern, text), want, "{pattern} on {text}");
        }
    }
}
