//! Data protection policies: what masks parts of a group's events.

use super::{group, invalid, name_of};
use crate::sandbox::service::{Answer, Call};
use serde_json::{Value, json};

/// Answers PutDataProtectionPolicy.
///
/// # Errors
/// `InvalidParameterException` for a document that is no policy, `ResourceNotFoundException`.
pub fn put(call: &mut Call<'_>) -> Answer {
    let identifier = call.text("logGroupIdentifier").unwrap_or_default();
    let text = call.text("policyDocument").unwrap_or_default();
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    let named = ["Name", "Version"].iter().all(|member| document[*member].is_string());
    // An audit statement and one that masks (CloudWatch Logs API, PutDataProtectionPolicy).
    let statements = document["Statement"].as_array().map_or(0, Vec::len);
    if text.len() > 30_720 || !named || statements != 2 {
        return Err(invalid("The data protection policy document is not valid."));
    }
    let now = call.now.as_millisecond();
    let record = group(call, &name_of(&identifier))?;
    record["_data_protection"] = text.as_str().into();
    record["_data_protection_at"] = now.into();
    record["dataProtectionStatus"] = "ACTIVATED".into();
    Ok(json!({"logGroupIdentifier": identifier, "policyDocument": text, "lastUpdatedTime": now}))
}

/// Answers GetDataProtectionPolicy; without a policy there is no document in the answer.
///
/// # Errors
/// `ResourceNotFoundException`.
pub fn get(call: &mut Call<'_>) -> Answer {
    let identifier = call.text("logGroupIdentifier").unwrap_or_default();
    let record = group(call, &name_of(&identifier))?;
    let mut answer = json!({"logGroupIdentifier": identifier});
    if let Some(text) = record["_data_protection"].as_str() {
        answer["policyDocument"] = text.into();
        answer["lastUpdatedTime"] = record["_data_protection_at"].clone();
    }
    Ok(answer)
}

/// Answers DeleteDataProtectionPolicy; DescribeLogGroups then says `DELETED`.
///
/// # Errors
/// `ResourceNotFoundException`.
pub fn delete(call: &mut Call<'_>) -> Answer {
    let identifier = call.text("logGroupIdentifier").unwrap_or_default();
    let record = group(call, &name_of(&identifier))?;
    let members = record.as_object_mut().expect("a record is an object");
    if members.remove("_data_protection").is_some() {
        members.remove("_data_protection_at");
        members.insert("dataProtectionStatus".into(), "DELETED".into());
    }
    Ok(json!({}))
}
