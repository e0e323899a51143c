//! PutInsightSelectors and GetInsightSelectors (`reference/cloudtrail.md` §2.6).

use super::lookup::{at_home, find};
use super::{checks, selectors};
use crate::sandbox::service::listing::shuffled_values;
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};

/// Answers PutInsightSelectors: the list overwrites the former one, an empty list turns insights off.
///
/// # Errors
/// `InvalidInsightSelectorsException` if a type or category is unknown, or if the trail does not record what it needs;
/// `InsufficientS3BucketPolicyException`, and as [`at_home`].
pub fn put(call: &mut Call<'_>) -> Answer {
    let bad = |message: String| Fault::bad("InvalidInsightSelectorsException", message);
    let at = at_home(call, &call.text("TrailName").unwrap_or_default())?;
    if !call.input.get("InsightSelectors").is_some_and(Value::is_array) {
        return Err(Fault::bad("InvalidParameterException", "InsightSelectors must be given."));
    }
    let trail = at.record(call.state).clone();
    let mut kept: Vec<Value> = Vec::new();
    for selector in call.list("InsightSelectors") {
        let kind = selector["InsightType"].as_str().unwrap_or_default();
        if !["ApiCallRateInsight", "ApiErrorRateInsight"].contains(&kind) {
            return Err(bad(format!("{kind} is not an insight type.")));
        }
        if kept.iter().any(|other| other["InsightType"] == kind) {
            return Err(bad(format!("{kind} is given more than once.")));
        }
        let categories = selector["EventCategories"].as_array().filter(|list| !list.is_empty());
        let categories = categories.cloned().unwrap_or_else(|| vec![json!("Management")]);
        for category in &categories {
            let recorded = match category.as_str() {
                // Call rates are counted on write events, error rates on any.
                Some("Management") => selectors::record_management(&trail, kind == "ApiErrorRateInsight"),
                Some("Data") => selectors::record_data(&trail),
                _ => return Err(bad(format!("{category} is not an event category of insights."))),
            };
            if !recorded {
                return Err(bad(format!("The trail does not log the {category} events that {kind} needs.")));
            }
        }
        kept.push(json!({"InsightType": kind, "EventCategories": categories}));
    }
    checks::bucket(call.state, call.account, &trail)?;
    at.record_mut(call.state)["_insights"] = json!(kept);
    Ok(json!({"TrailARN": trail["TrailARN"], "InsightSelectors": kept}))
}

/// Answers GetInsightSelectors.
///
/// # Errors
/// `InsightNotEnabledException` if there are none.
pub fn get(call: &mut Call<'_>) -> Answer {
    let name = call.text("TrailName").unwrap_or_default();
    let at = find(call, &name)?;
    let trail = at.record(call.state);
    match trail["_insights"].as_array().filter(|list| !list.is_empty()) {
        Some(list) => Ok(json!({"TrailARN": trail["TrailARN"], "InsightSelectors": shuffled_values(list)})),
        None => Err(Fault::bad(
            "InsightNotEnabledException",
            format!(
                "Trail {name} does not have Insights enabled. Edit the trail settings to enable Insights."
            ),
        )),
    }
}
