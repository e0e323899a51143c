//! Metric filters (`reference/cloudwatch.md` §2).

use super::groups::limit;
use super::{constraint, group, group_name, invalid, no_group};
use crate::pattern::Pattern;
use crate::sandbox::service::listing::{page, public, with_token};
use crate::sandbox::service::{Answer, Call, Fault, text};
use serde_json::{Map, Value, json};

const MAX_FILTERS: usize = 100;
/// Filters with a regular expression per log group (`reference/cloudwatch.md` §3.4).
const MAX_WITH_REGEX: usize = 5;

/// Answers PutMetricFilter, which replaces the whole filter of that name.
///
/// # Errors
/// `InvalidParameterException` for what breaks a rule, `LimitExceededException` above 100 filters or 5 with a regular
/// expression, `InvalidOperationException` on a group that is not of class STANDARD.
pub fn put(call: &mut Call<'_>) -> Answer {
    let name = group_name(call)?;
    let filter = filter_name(call)?;
    let pattern = call.input.get("filterPattern").and_then(Value::as_str);
    let pattern = pattern.ok_or_else(|| invalid("filterPattern must not be null"))?.to_owned();
    if pattern.chars().count() > 1024 {
        return Err(constraint(&pattern, "filterPattern", "have length less than or equal to 1024"));
    }
    let parsed = Pattern::parse(&pattern);
    let parsed = parsed.map_err(|problem| invalid(format!("Invalid metric filter pattern: {problem}")))?;
    let [transformation] = &call.list("metricTransformations")[..] else {
        return Err(constraint("[…]", "metricTransformations", "have length between 1 and 1"));
    };
    let mut transformation = transformation.clone();
    check_transformation(&transformation, &pattern, call.list("emitSystemFieldDimensions").len())?;
    // A default value comes back as a float, whatever was sent.
    if let Some(value) = transformation.get("defaultValue").and_then(number) {
        transformation["defaultValue"] = json!(value);
    }
    check_extras(call)?;
    if group(call, &name)?["logGroupClass"] != "STANDARD" {
        return Err(Fault::bad(
            "InvalidOperationException",
            "Metric filters are only supported for log groups of the STANDARD class.",
        ));
    }
    let key = format!("{name}|{filter}");
    let others =
        call.table("metric_filters").iter().filter(|(k, f)| **k != key && f["logGroupName"] == name.as_str());
    let others: Vec<&Value> = others.map(|(_, filter)| filter).collect();
    let regexes = others.iter().filter(|f| has_regex(f)).count();
    if others.len() >= MAX_FILTERS || (parsed.regex_count() > 0 && regexes >= MAX_WITH_REGEX) {
        return Err(Fault::bad("LimitExceededException", "Resource limit exceeded."));
    }
    let mut record = json!({
        "filterName": filter, "filterPattern": pattern, "metricTransformations": [transformation],
        "creationTime": call.now.as_millisecond(), "logGroupName": name,
        "applyOnTransformedLogs": call.flag("applyOnTransformedLogs").unwrap_or(false),
    });
    for member in ["fieldSelectionCriteria", "emitSystemFieldDimensions"] {
        if let Some(value) = call.input.get(member).filter(|value| !value.is_null()) {
            record[member] = value.clone();
        }
    }
    call.table("metric_filters").insert(key, record);
    Ok(json!({}))
}

/// Returns the name of a metric or subscription filter.
///
/// # Errors
/// `InvalidParameterException`.
pub(super) fn filter_name(call: &Call<'_>) -> Result<String, Fault> {
    let name = call.text("filterName").unwrap_or_default();
    if !(1..=512).contains(&name.chars().count()) {
        return Err(constraint(&name, "filterName", "have length between 1 and 512"));
    }
    if name.contains([':', '*']) {
        return Err(constraint(&name, "filterName", "satisfy regular expression pattern: [^:*]*"));
    }
    Ok(name)
}

fn check_transformation(transformation: &Value, pattern: &str, system_fields: usize) -> Result<(), Fault> {
    for member in ["metricName", "metricNamespace"] {
        let value = text(transformation, member).unwrap_or_default();
        if value.is_empty() || value.chars().count() > 255 || value.contains([':', '*', '$']) {
            let member = format!("metricTransformations.1.member.{member}");
            return Err(constraint(
                &value,
                &member,
                "satisfy regular expression pattern: [^:*$]* and have length at most 255",
            ));
        }
    }
    let value = text(transformation, "metricValue").unwrap_or_default();
    let selects = value.starts_with('$') && value.len() > 1;
    if value.len() > 100 || !(selects || value.parse::<f64>().is_ok()) {
        return Err(invalid(format!(
            "Invalid metric transformation: '{value}' is neither a number nor a field"
        )));
    }
    let dimensions = transformation.get("dimensions").and_then(Value::as_object).filter(|d| !d.is_empty());
    let count = dimensions.map_or(0, Map::len) + system_fields;
    if count > 3 {
        return Err(invalid("A metric transformation can have at most 3 dimensions."));
    }
    if count > 0 && transformation.get("defaultValue").is_some_and(|value| !value.is_null()) {
        return Err(invalid(
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
        ));
    }
    let Some(dimensions) = dimensions else { return Ok(()) };
    if !pattern.trim_start().starts_with(['{', '[']) {
        return Err(invalid("Dimensions need a JSON or space-delimited filter pattern."));
    }
    match dimensions.values().find(|value| !value.as_str().is_some_and(|v| v.starts_with('$'))) {
        Some(value) => {
            Err(invalid(format!("Invalid metric transformation: dimension value {value} selects no field")))
        }
        None => Ok(()),
    }
}

fn check_extras(call: &Call<'_>) -> Result<(), Fault> {
    if call.text("fieldSelectionCriteria").is_some_and(|criteria| criteria.chars().count() > 2000) {
        return Err(constraint("…", "fieldSelectionCriteria", "have length less than or equal to 2000"));
    }
    let fields = call.list("emitSystemFieldDimensions");
    match fields.iter().find(|field| *field != "@aws.account" && *field != "@aws.region") {
        Some(field) => Err(invalid(format!("{field} is not a system field that can be a dimension"))),
        None => Ok(()),
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn has_regex(filter: &Value) -> bool {
    let pattern = filter["filterPattern"].as_str().map(Pattern::parse);
    matches!(pattern, Some(Ok(pattern)) if pattern.regex_count() > 0)
}

/// Answers DeleteMetricFilter.
///
/// # Errors
/// `ResourceNotFoundException` for a missing group or filter.
pub fn delete(call: &mut Call<'_>) -> Answer {
    let name = group_name(call)?;
    let filter = filter_name(call)?;
    group(call, &name)?;
    match call.table("metric_filters").remove(&format!("{name}|{filter}")) {
        Some(_) => Ok(json!({})),
        None => Err(Fault::bad("ResourceNotFoundException", "The specified metric filter does not exist.")),
    }
}

/// Answers DescribeMetricFilters of one group, of one metric, or of the Region.
///
/// # Errors
/// `ResourceNotFoundException` for a missing group; `InvalidParameterException` for a prefix without a group or half a
/// metric.
pub fn describe(call: &mut Call<'_>) -> Answer {
    let (name, prefix) = (call.text("logGroupName"), call.text("filterNamePrefix"));
    let (metric, namespace) = (call.text("metricName"), call.text("metricNamespace"));
    if name.is_none() && prefix.is_some() {
        return Err(invalid("filterNamePrefix needs logGroupName."));
    }
    if metric.is_some() != namespace.is_some() {
        return Err(invalid("metricName and metricNamespace must be given together."));
    }
    if name.as_ref().is_some_and(|name| !call.table("log_groups").contains_key(name)) {
        return Err(no_group());
    }
    let limit = limit(call)?;
    let filters = call.table("metric_filters").iter().filter(|(_, filter)| {
        let first = &filter["metricTransformations"][0];
        let is =
            |value: &Value, want: &Option<String>| want.as_ref().is_none_or(|want| value == want.as_str());
        is(&filter["logGroupName"], &name)
            && is(&first["metricName"], &metric)
            && is(&first["metricNamespace"], &namespace)
            && prefix.as_ref().is_none_or(|p| filter["filterName"].as_str().is_some_and(|n| n.starts_with(p)))
    });
    let filters = filters.map(|(key, filter)| (key.clone(), Value::Object(public(filter)))).collect();
    let token = call.text("nextToken");
    let (filters, next) = page(filters, token.as_deref(), limit, "InvalidParameterException")?;
    Ok(with_token(json!({"metricFilters": filters}), "nextToken", next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transformations_outside_the_rules_are_refused() {
        let json_pattern = "{ $.a = \"b\" }";
        let cases = [
            (
                "plain",
                json!({"metricName": "m", "metricNamespace": "n", "metricValue": "1", "defaultValue": 0}),
                true,
            ),
            ("field", json!({"metricName": "m", "metricNamespace": "n", "metricValue": "$.size"}), true),
            ("word", json!({"metricName": "m", "metricNamespace": "n", "metricValue": "one"}), false),
            ("name", json!({"metricName": "m:", "metricNamespace": "n", "metricValue": "1"}), false),
            ("namespace", json!({"metricName": "m", "metricValue": "1"}), false),
            (
                "default with dimensions",
                json!({"metricName": "m", "metricNamespace": "n", "metricValue": "1", "defaultValue": 0, "dimensions": {"a": "$.a"}}),
                false,
            ),
            (
                "fixed dimension",
                json!({"metricName": "m", "metricNamespace": "n", "metricValue": "1", "dimensions": {"a": "x"}}),
                false,
            ),
        ];
        for (case, transformation, good) in cases {
            assert_eq!(check_transformation(&transformation, json_pattern, 0).is_ok(), good, "{case}");
        }
    }
}
