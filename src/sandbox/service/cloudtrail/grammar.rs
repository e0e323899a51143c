//! The grammar of event selectors on trails, as PutEventSelectors enforces it (`reference/cloudtrail.md` §2.1, §2.2).

use serde_json::Value;

const POSITIVE: &[&str] = &["Equals", "StartsWith", "EndsWith"];
const NEGATIVE: &[&str] = &["NotEquals", "NotStartsWith", "NotEndsWith"];
/// Values over all conditions of all selectors of one trail.
const MAX_VALUES: usize = 500;
/// Event sources that management selectors may leave out.
const EXCLUDABLE: &[&str] = &["kms.amazonaws.com", "rdsdata.amazonaws.com"];

/// One field condition: its field and its operators with their values.
struct Condition<'a> {
    field: &'a str,
    operators: Vec<(&'a str, Vec<&'a str>)>,
}

/// Checks advanced selectors.
///
/// # Errors
/// The rule that is broken, for an `InvalidEventSelectorsException`.
pub fn check_advanced(selectors: &[Value]) -> Result<(), String> {
    let mut values = 0;
    for selector in selectors {
        if selector.get("Name").and_then(Value::as_str).is_some_and(|name| name.chars().count() > 1000) {
            return Err("The name of an advanced event selector has at most 1000 characters.".into());
        }
        let conditions = conditions(selector)?;
        values += conditions.iter().flat_map(|c| &c.operators).map(|(_, values)| values.len()).sum::<usize>();
        check_selector(&conditions)?;
    }
    if values > MAX_VALUES {
        return Err(format!(
            "{values} values exceed the {MAX_VALUES} that all conditions of a trail may have together."
        ));
    }
    Ok(())
}

fn conditions(selector: &Value) -> Result<Vec<Condition<'_>>, String> {
    let fields = selector.get("FieldSelectors").and_then(Value::as_array).filter(|list| !list.is_empty());
    let fields = fields.ok_or("An advanced event selector needs at least one field selector.")?;
    let mut conditions: Vec<Condition<'_>> = Vec::new();
    for field in fields {
        let name = field.get("Field").and_then(Value::as_str).unwrap_or_default();
        if name.is_empty() || name.len() > 1000 {
            return Err("A field selector needs a field of 1 to 1000 characters.".into());
        }
        if conditions.iter().any(|c| c.field == name) {
            return Err(format!("Field {name} appears more than once in a selector."));
        }
        let mut operators = Vec::new();
        for (operator, values) in field.as_object().into_iter().flatten() {
            if operator == "Field" || values.is_null() {
                continue;
            }
            if !POSITIVE.contains(&operator.as_str()) && !NEGATIVE.contains(&operator.as_str()) {
                return Err(format!("{operator} is not an operator of field selectors."));
            }
            let values: Option<Vec<&str>> =
                values.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
            let values = values.filter(|list| !list.is_empty());
            let values =
                values.ok_or_else(|| format!("{operator} of field {name} needs a list of values."))?;
            if values.iter().any(|v| v.is_empty() || v.chars().count() > 2048) {
                return Err(format!("A value of field {name} has between 1 and 2048 characters."));
            }
            operators.push((operator.as_str(), values));
        }
        if operators.is_empty() {
            return Err(format!("Field {name} needs at least one operator."));
        }
        conditions.push(Condition { field: name, operators });
    }
    Ok(conditions)
}

fn check_selector(conditions: &[Condition<'_>]) -> Result<(), String> {
    let category = one_of(conditions, "eventCategory", "every selector")?;
    let check: fn(&Condition<'_>) -> Result<(), String> = match category {
        "Management" => check_management,
        "Data" => {
            let kind = one_of(conditions, "resources.type", "a Data selector")?;
            check_type(kind)?;
            check_data
        }
        "NetworkActivity" => {
            one_of(conditions, "eventSource", "a NetworkActivity selector")?;
            check_network
        }
        other => return Err(format!("eventCategory {other} is not supported for trails.")),
    };
    conditions.iter().filter(|c| c.field != "eventCategory").try_for_each(check)
}

/// Returns the one `Equals` value of a field that a selector must have.
fn one_of<'a>(conditions: &'a [Condition<'_>], field: &str, who: &str) -> Result<&'a str, String> {
    let condition = conditions.iter().find(|c| c.field == field);
    let condition = condition.ok_or_else(|| format!("{who} needs the field {field}."))?;
    match &condition.operators[..] {
        [("Equals", values)] if values.len() == 1 => Ok(values[0]),
        _ => Err(format!("{field} takes Equals with exactly one value.")),
    }
}

fn check_type(kind: &str) -> Result<(), String> {
    let parts: Vec<&str> = kind.split("::").collect();
    let named = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    match parts[..] {
        ["AWS", service, resource] if named(service) && named(resource) => Ok(()),
        _ => Err(format!("{kind} is not a valid resources.type.")),
    }
}

fn check_management(condition: &Condition<'_>) -> Result<(), String> {
    match condition.field {
        "readOnly" => check_read_only(condition),
        "eventSource" => {
            only(condition, &["NotEquals"])?;
            among(condition, EXCLUDABLE)
        }
        other => Err(format!("Field {other} is not valid for management events of a trail.")),
    }
}

fn check_data(condition: &Condition<'_>) -> Result<(), String> {
    match condition.field {
        "readOnly" => check_read_only(condition),
        "sessionCredentialFromConsole" => {
            only(condition, &["Equals", "NotEquals"])?;
            among(condition, &["true"])
        }
        "resources.ARN" => {
            let exact = condition.operators.iter().filter(|(operator, _)| operator.ends_with("Equals"));
            match exact.flat_map(|(_, values)| values).find(|value| !value.starts_with("arn:")) {
                Some(value) => Err(format!("{value} is not an ARN.")),
                None => Ok(()),
            }
        }
        "resources.type" | "eventName" | "eventSource" | "eventType" | "userIdentity.arn" => Ok(()),
        other => Err(format!("Field {other} is not valid for data events.")),
    }
}

fn check_network(condition: &Condition<'_>) -> Result<(), String> {
    match condition.field {
        "errorCode" => {
            only(condition, &["Equals"])?;
            among(condition, &["VpceAccessDenied"])
        }
        "eventSource" | "eventName" | "vpcEndpointId" => Ok(()),
        other => Err(format!("Field {other} is not valid for network activity events.")),
    }
}

fn check_read_only(condition: &Condition<'_>) -> Result<(), String> {
    match &condition.operators[..] {
        [("Equals", values)] if matches!(values[..], ["true" | "false"]) => Ok(()),
        _ => Err("readOnly takes Equals with exactly one of true and false.".into()),
    }
}

fn only(condition: &Condition<'_>, operators: &[&str]) -> Result<(), String> {
    match condition.operators.iter().find(|(operator, _)| !operators.contains(operator)) {
        Some((operator, _)) => Err(format!("{operator} is not valid for the field {}.", condition.field)),
        None => Ok(()),
    }
}

fn among(condition: &Condition<'_>, allowed: &[&str]) -> Result<(), String> {
    let values = condition.operators.iter().flat_map(|(_, values)| values);
    match values.into_iter().find(|value| !allowed.contains(value)) {
        Some(value) => Err(format!("{value} is not valid for the field {}.", condition.field)),
        None => Ok(()),
    }
}

/// Checks basic selectors.
///
/// # Errors
/// The rule that is broken, for an `InvalidEventSelectorsException`.
pub fn check_basic(selectors: &[Value]) -> Result<(), String> {
    if selectors.len() > 5 {
        return Err("A trail has at most 5 event selectors.".into());
    }
    let mut values = 0;
    for selector in selectors {
        let mode = selector.get("ReadWriteType").and_then(Value::as_str).unwrap_or("All");
        if !["All", "ReadOnly", "WriteOnly"].contains(&mode) {
            return Err(format!("{mode} is not a ReadWriteType."));
        }
        for resource in selector.get("DataResources").and_then(Value::as_array).into_iter().flatten() {
            let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
            if !["AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"].contains(&kind) {
                return Err(format!("{kind} is not a data resource of basic event selectors."));
            }
            values += resource.get("Values").and_then(Value::as_array).map_or(0, Vec::len);
        }
        let excluded = selector.get("ExcludeManagementEventSources").and_then(Value::as_array);
        let mut excluded = excluded.into_iter().flatten().filter_map(Value::as_str);
        if let Some(source) = excluded.find(|source| !EXCLUDABLE.contains(source)) {
            return Err(format!("{source} cannot be excluded from management events."));
        }
    }
    if values > 250 { Err("A trail has at most 250 data resources.".into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn selector(fields: Value) -> Value {
        json!({"Name": "x", "FieldSelectors": fields})
    }
    fn equals(field: &str, value: &str) -> Value {
        json!({"Field": field, "Equals": [value]})
    }

    #[test]
    fn advanced_selectors_follow_the_grammar_of_their_category() {
        let (data, management) = (equals("eventCategory", "Data"), equals("eventCategory", "Management"));
        let (model, network) =
            (equals("resources.type", "AWS::Bedrock::Model"), equals("eventCategory", "NetworkActivity"));
        let kms = equals("eventSource", "kms.amazonaws.com");
        let many: Vec<String> = (0..501).map(|n| format!("Event{n}")).collect();
        let cases = [
            ("management", json!([management]), true),
            ("management writes", json!([management, equals("readOnly", "false")]), true),
            (
                "readOnly of both",
                json!([management, {"Field": "readOnly", "Equals": ["true", "false"]}]),
                false,
            ),
            (
                "without kms",
                json!([management, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]),
                true,
            ),
            ("only kms", json!([management, kms]), false),
            (
                "without s3",
                json!([management, {"Field": "eventSource", "NotEquals": ["s3.amazonaws.com"]}]),
                false,
            ),
            ("event names of management", json!([management, equals("eventName", "CreateTrail")]), false),
            ("data", json!([data, model]), true),
            ("data without a type", json!([data]), false),
            (
                "two types",
                json!([data, {"Field": "resources.type", "Equals": ["AWS::S3::Object", "AWS::Bedrock::Model"]}]),
                false,
            ),
            ("a type of nothing", json!([data, equals("resources.type", "Model")]), false),
            (
                "prefix and exclusion",
                json!([data, model, {"Field": "eventName", "StartsWith": ["Delete"], "NotEquals": ["DeleteX"]}]),
                true,
            ),
            ("exact name that is no ARN", json!([data, model, equals("resources.ARN", "bucket/")]), false),
            (
                "console",
                json!([data, model, {"Field": "sessionCredentialFromConsole", "NotEquals": ["true"]}]),
                true,
            ),
            ("unknown field", json!([data, model, equals("awsRegion", "us-east-1")]), false),
            ("network", json!([network, kms, equals("errorCode", "VpceAccessDenied")]), true),
            ("network without a source", json!([network]), false),
            ("network error", json!([network, kms, equals("errorCode", "AccessDenied")]), false),
            ("insight", json!([equals("eventCategory", "Insight")]), false),
            ("no category", json!([model]), false),
            ("field twice", json!([management, management]), false),
            ("no operator", json!([data, model, {"Field": "eventName"}]), false),
            ("empty value", json!([data, model, equals("eventName", "")]), false),
            ("wildcard operator", json!([data, model, {"Field": "eventName", "Like": ["*"]}]), false),
            ("501 values", json!([data, model, {"Field": "eventName", "Equals": many}]), false),
            ("no fields", json!([]), false),
        ];
        for (case, fields, good) in cases {
            let found = check_advanced(&[selector(fields)]);
            assert_eq!(found.is_ok(), good, "{case}: {found:?}");
        }
    }

    #[test]
    fn basic_selectors_know_three_types_and_two_exclusions() {
        let cases = [
            ("plain", json!({"ReadWriteType": "All", "IncludeManagementEvents": true}), true),
            ("mode", json!({"ReadWriteType": "Some"}), false),
            ("type", json!({"DataResources": [{"Type": "AWS::Bedrock::Model", "Values": ["x"]}]}), false),
            ("exclusion", json!({"ExcludeManagementEventSources": ["s3.amazonaws.com"]}), false),
        ];
        for (case, selector, good) in cases {
            assert_eq!(check_basic(&[selector]).is_ok(), good, "{case}");
        }
        assert!(check_basic(&vec![json!({}); 6]).is_err(), "six");
    }
}
