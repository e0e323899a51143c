//! Bucket policies: what S3 takes, and how it gives them back.

use super::{context, denied, open};
use crate::sandbox::service::policy_check::{self, principals, shape, statements, texts};
use crate::sandbox::service::record::principal_arn;
use crate::sandbox::service::{Answer, Call, Fault, delivery};
use serde_json::{Map, Value, json};

/// API names that are no actions, and that S3 therefore refuses in a policy (`reference/permissions.md` §3).
const NO_ACTIONS: &[&str] = &[
    "s3:deletebucketencryption",
    "s3:deletebucketlifecycle",
    "s3:deletebucketownershipcontrols",
    "s3:deletebuckettagging",
    "s3:deletelifecycleconfiguration",
    "s3:deleteobjects",
    "s3:deletepublicaccessblock",
    "s3:getbucketencryption",
    "s3:getbucketlifecycleconfiguration",
    "s3:getbucketnotificationconfiguration",
    "s3:getbucketreplication",
    "s3:getobjectlockconfiguration",
    "s3:getpublicaccessblock",
    "s3:headbucket",
    "s3:headobject",
    "s3:listmultipartuploads",
    "s3:listobjects",
    "s3:listobjectsv2",
    "s3:listobjectversions",
    "s3:putbucketencryption",
    "s3:putbucketlifecycleconfiguration",
    "s3:putobjectlockconfiguration",
    "s3:putpublicaccessblock",
];

pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetBucketPolicy")?;
    let text = bucket.record(call)?["Policy"].as_str().map(str::to_owned);
    let text =
        text.ok_or_else(|| Fault::with(404, "NoSuchBucketPolicy", "The bucket policy does not exist"))?;
    Ok(json!({"Policy": reformatted(&text)}))
}

pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutBucketPolicy")?;
    let text = call
        .text("Policy")
        .ok_or_else(|| malformed("Policies must be valid JSON and the first byte must be '{'"))?;
    let arn = format!("arn:aws:s3:::{}", bucket.name);
    let document = accept(call, &text, &arn)?;
    let blocks = bucket.record(call)?["PublicAccessBlock"]["BlockPublicPolicy"] == true;
    if blocks && shape::is_public(&document) {
        return Err(denied("Access Denied: public policies are blocked by the BlockPublicPolicy setting"));
    }
    let caller = principal_arn(call);
    let (principal, action) = (call.principal, "s3:PutBucketPolicy");
    if !call.flag("ConfirmRemoveSelfBucketAccess").unwrap_or(false)
        && policy_check::denies(&text, principal, action, &arn, &context(call, &caller))
    {
        return Err(denied(
            "The policy would deny you s3:PutBucketPolicy; confirm with ConfirmRemoveSelfBucketAccess",
        ));
    }
    let now = call.now;
    delivery::put_policy(bucket.record(call)?, document.to_string(), now);
    Ok(json!({}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    open(call, "s3:DeleteBucketPolicy")?.remove(call, "Policy")
}

/// Checks a policy as S3 does: at most 20 KB, the bucket's own resources, S3's actions on the kind of resource they
/// work on, principals that exist (`reference/s3-log-bucket.md` §3 and §4).
fn accept(call: &Call<'_>, text: &str, arn: &str) -> Result<Value, Fault> {
    if text.len() > 20 * 1024 {
        return Err(Fault::bad("PolicyTooLarge", "The policy is larger than the maximum of 20480 bytes"));
    }
    if !text.trim_start().starts_with('{') {
        return Err(malformed("Policies must be valid JSON and the first byte must be '{'"));
    }
    let mut document = shape::parse(text, shape::Use::Resource).map_err(malformed)?;
    for statement in statements(&document) {
        let named = statement.get("Resource");
        let resources = named.or_else(|| statement.get("NotResource")).map(texts).unwrap_or_default();
        let objects = format!("{arn}/");
        if resources
            .iter()
            .any(|resource| resource != arn && !resource.starts_with(&objects) && !covers_all(resource, arn))
        {
            return Err(malformed("Policy has invalid resource"));
        }
        let actions =
            statement.get("Action").or_else(|| statement.get("NotAction")).map(texts).unwrap_or_default();
        for action in actions {
            let action = action.to_ascii_lowercase();
            if action != "*" && !action.starts_with("s3:") || NO_ACTIONS.contains(&action.as_str()) {
                return Err(malformed("Policy has invalid action"));
            }
            let applies = |resource: &String| {
                covers_all(resource, arn) || resource.starts_with(&objects) == is_on_objects(&action)
            };
            if named.is_some() && !action.contains(['*', '?']) && !resources.iter().any(applies) {
                return Err(malformed("Action does not apply to any resource(s) in statement"));
            }
        }
    }
    if principals::unknown(call.state, call.now, &document).is_some() {
        return Err(malformed("Invalid principal in policy"));
    }
    principals::complete_accounts(&mut document);
    Ok(document)
}

/// A pattern such as `arn:aws:s3:::audit*` reaches over bucket and objects.
fn covers_all(resource: &str, arn: &str) -> bool {
    resource != "*" && policy_check::like(resource, arn) && policy_check::like(resource, &format!("{arn}/x"))
}

fn is_on_objects(action: &str) -> bool {
    action.contains("object") && !action.contains("bucketobjectlock")
        || ["s3:abortmultipartupload", "s3:listmultipartuploadparts", "s3:bypassgovernanceretention"]
            .contains(&action)
}

fn malformed(message: impl Into<String>) -> Fault {
    Fault::bad("MalformedPolicy", message)
}

/// Gives a policy back as S3 does: the same in meaning, with statements and keys in another order, lists of one as
/// bare texts, and booleans and numbers as texts.
fn reformatted(text: &str) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    if let Some(list) = document.get_mut("Statement").and_then(Value::as_array_mut) {
        list.reverse();
        for statement in list.iter_mut().filter_map(Value::as_object_mut) {
            collapse_statement(statement);
        }
    }
    document.to_string()
}

fn collapse_statement(statement: &mut Map<String, Value>) {
    for (element, value) in statement.iter_mut() {
        match element.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => collapse(value),
            "Principal" | "NotPrincipal" => {
                value.as_object_mut().into_iter().flat_map(|kinds| kinds.values_mut()).for_each(collapse);
            }
            "Condition" => {
                let operators =
                    value.as_object_mut().into_iter().flat_map(|operators| operators.values_mut());
                for keys in operators.filter_map(Value::as_object_mut) {
                    keys.values_mut().for_each(collapse);
                }
            }
            _ => {}
        }
    }
}

fn collapse(value: &mut Value) {
    let mut list = texts(value);
    *value = if list.len() == 1 { list.remove(0).into() } else { list.into() };
}
