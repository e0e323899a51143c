//! PutEventSelectors and GetEventSelectors.

use super::grammar;
use super::lookup::{at_home, find};
use crate::sandbox::service::listing::shuffled_values;
use crate::sandbox::service::{Answer, Call, Fault, text};
use serde_json::{Map, Value, json};

/// Answers PutEventSelectors: advanced selectors replace basic ones, and the reverse.
///
/// # Errors
/// `InvalidEventSelectorsException` with the broken rule, and as [`at_home`].
pub fn put(call: &mut Call<'_>) -> Answer {
    let at = at_home(call, &call.text("TrailName").unwrap_or_default())?;
    let bad = |message: String| Fault::bad("InvalidEventSelectorsException", message);
    let given = |member: &str| call.input.get(member).is_some_and(Value::is_array);
    let (basic, advanced) = (call.list("EventSelectors"), call.list("AdvancedEventSelectors"));
    let mut answer = json!({});
    let (member, other, selectors) = match (given("EventSelectors"), given("AdvancedEventSelectors")) {
        (true, true) => {
            return Err(bad("Specify either EventSelectors or AdvancedEventSelectors, not both.".into()));
        }
        (false, false) => return Err(bad("Specify EventSelectors or AdvancedEventSelectors.".into())),
        (true, false) if basic.is_empty() => return Err(bad("EventSelectors must not be empty.".into())),
        (false, true) if advanced.is_empty() => {
            return Err(bad("AdvancedEventSelectors must not be empty.".into()));
        }
        (true, false) => {
            grammar::check_basic(&basic).map_err(bad)?;
            let basic: Vec<Value> = basic.iter().map(with_defaults).collect();
            answer["EventSelectors"] = json!(basic);
            ("_basic", "_selectors", basic)
        }
        (false, true) => {
            grammar::check_advanced(&advanced).map_err(bad)?;
            answer["AdvancedEventSelectors"] = json!(advanced);
            ("_selectors", "_basic", advanced)
        }
    };
    let trail = at.record_mut(call.state);
    trail[member] = json!(selectors);
    trail[other] = Value::Null;
    answer["TrailARN"] = trail["TrailARN"].clone();
    Ok(answer)
}

/// Answers GetEventSelectors; order says nothing, and a trail without any has the default basic one.
///
/// # Errors
/// `TrailNotFoundException`.
pub fn get(call: &mut Call<'_>) -> Answer {
    let at = find(call, &call.text("TrailName").unwrap_or_default())?;
    let trail = at.record(call.state);
    let arn = trail["TrailARN"].clone();
    if let Some(advanced) = trail["_selectors"].as_array() {
        let advanced: Vec<Value> = shuffled_values(advanced).iter().map(disordered).collect();
        return Ok(json!({"TrailARN": arn, "AdvancedEventSelectors": advanced}));
    }
    let basic =
        trail["_basic"].as_array().map_or_else(|| vec![default_selector()], |list| shuffled_values(list));
    Ok(json!({"TrailARN": arn, "EventSelectors": basic}))
}

/// Returns true if a trail's selectors are not the ones it was born with.
#[must_use]
pub fn are_custom(trail: &Value) -> bool {
    let basic = trail["_basic"].as_array();
    trail["_selectors"].is_array() || basic.is_some_and(|list| list[..] != [default_selector()])
}

/// Returns true if a trail records management events: writes, or anything at all if `any` is set.
#[must_use]
pub fn record_management(trail: &Value, any: bool) -> bool {
    match (trail["_selectors"].as_array(), trail["_basic"].as_array()) {
        (Some(advanced), _) => advanced.iter().any(|selector| {
            equals(selector, "eventCategory", "Management") && (any || !equals(selector, "readOnly", "true"))
        }),
        (None, Some(basic)) => basic.iter().any(|selector| {
            selector["IncludeManagementEvents"] != false && (any || selector["ReadWriteType"] != "ReadOnly")
        }),
        (None, None) => true,
    }
}

/// Returns true if a trail records data events of any type.
#[must_use]
pub fn record_data(trail: &Value) -> bool {
    match (trail["_selectors"].as_array(), trail["_basic"].as_array()) {
        (Some(advanced), _) => advanced.iter().any(|selector| equals(selector, "eventCategory", "Data")),
        (None, Some(basic)) => {
            basic.iter().any(|selector| selector["DataResources"].as_array().is_some_and(|l| !l.is_empty()))
        }
        (None, None) => false,
    }
}

fn equals(selector: &Value, field: &str, value: &str) -> bool {
    let fields = selector["FieldSelectors"].as_array().into_iter().flatten();
    fields
        .filter(|f| f["Field"] == field)
        .any(|f| f["Equals"].as_array().is_some_and(|values| values.iter().any(|v| v == value)))
}

fn default_selector() -> Value {
    json!({"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [],
           "ExcludeManagementEventSources": []})
}

/// Writes out what a basic selector leaves to AWS.
fn with_defaults(selector: &Value) -> Value {
    let mut full = default_selector();
    for (member, value) in selector.as_object().into_iter().flatten().filter(|(_, v)| !v.is_null()) {
        full[member] = value.clone();
    }
    full
}

/// Returns an advanced selector with its fields and values in another order.
fn disordered(selector: &Value) -> Value {
    let fields = selector["FieldSelectors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fields: Vec<Value> = shuffled_values(fields)
        .iter()
        .map(|field| {
            let members = field.as_object().into_iter().flatten();
            let members = members.map(|(member, value)| match value.as_array() {
                Some(values) => (member.clone(), Value::Array(shuffled_values(values))),
                None => (member.clone(), value.clone()),
            });
            Value::Object(members.collect::<Map<_, _>>())
        })
        .collect();
    match text(selector, "Name") {
        Some(name) => json!({"Name": name, "FieldSelectors": fields}),
        None => json!({"FieldSelectors": fields}),
    }
}
