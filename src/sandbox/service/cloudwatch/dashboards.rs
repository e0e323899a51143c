//! Dashboards (`reference/cloudwatch.md` §6).

use super::{invalid, time};
use crate::sandbox::service::listing::{page, with_token};
use crate::sandbox::service::record::{begin, merge_tags};
use crate::sandbox::service::{Answer, Call, Fault, text};
use serde_json::{Map, Value, json};

/// Widget types that a dashboard body may have (CloudWatch API, "Dashboard body structure and syntax").
const WIDGETS: &[&str] = &["metric", "text", "log", "alarm", "explorer", "custom"];
/// Width of a dashboard in grid units.
const GRID: i64 = 24;

/// Answers PutDashboard, which replaces the body; tags count only when the dashboard is new.
///
/// # Errors
/// `InvalidParameterInput` with what is wrong with name or body.
pub fn put(call: &mut Call<'_>) -> Answer {
    let name = call.text("DashboardName").unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 255 || !name.chars().all(plain) {
        return Err(refused(format!("The dashboard name {name} is not valid: 1 to 255 of A-Z a-z 0-9 _ -")));
    }
    let body = call.text("DashboardBody").ok_or_else(|| refused("DashboardBody must not be null"))?;
    check_body(&body).map_err(refused)?;
    let tags = merge_tags(Map::new(), &call.list("Tags"), ("Key", "Value"));
    let tags = tags.map_err(|problem| invalid(problem.to_string()))?;
    let arn = format!("arn:aws:cloudwatch::{}:dashboard/{name}", call.account);
    let mut record = Map::new();
    record.insert("DashboardName".into(), json!(name));
    record.insert("DashboardArn".into(), json!(arn));
    record.insert("Size".into(), json!(body.len()));
    record.insert("DashboardBody".into(), json!(body));
    record.insert("LastModified".into(), time(call.now));
    let now = call.now;
    let dashboards = call.global("dashboards");
    let old = dashboards.get(&name).and_then(Value::as_object).cloned();
    let mut record = Value::Object(record);
    match old {
        Some(old) => {
            for (member, value) in old.into_iter().filter(|(member, _)| member.starts_with('_')) {
                record[member] = value;
            }
        }
        None => begin(&mut record, &arn, tags, now),
    }
    dashboards.insert(name, record);
    Ok(json!({"DashboardValidationMessages": []}))
}

/// Checks a dashboard body: JSON with widgets of known types, on the grid, and with a Region for each metric widget.
fn check_body(body: &str) -> Result<(), String> {
    let body: Value = serde_json::from_str(body)
        .map_err(|e| format!("The field DashboardBody must be a valid JSON object: {e}"))?;
    let widgets = body.get("widgets").and_then(Value::as_array);
    let widgets = widgets.ok_or("The dashboard body is invalid: should have required property 'widgets'")?;
    if widgets.len() > 500 {
        return Err("A dashboard has at most 500 widgets".into());
    }
    widgets.iter().enumerate().try_for_each(|(at, widget)| {
        check_widget(widget)
            .map_err(|reason| format!("The dashboard body is invalid: /widgets/{at}: {reason}"))
    })
}

fn check_widget(widget: &Value) -> Result<(), String> {
    let kind = text(widget, "type").unwrap_or_default();
    if !WIDGETS.contains(&kind.as_str()) {
        return Err(format!("type '{kind}' should be equal to one of the allowed values"));
    }
    for (member, least, most) in
        [("x", 0, GRID - 1), ("y", 0, i64::MAX), ("width", 1, GRID), ("height", 1, 1000)]
    {
        let value = widget.get(member).filter(|value| !value.is_null());
        if value.is_some_and(|value| !value.as_i64().is_some_and(|n| (least..=most).contains(&n))) {
            return Err(format!("{member} is out of its range"));
        }
    }
    let properties = widget
        .get("properties")
        .filter(|p| p.is_object())
        .ok_or("should have required property 'properties'")?;
    let needs = match kind.as_str() {
        "metric" | "log" => "region",
        "text" => "markdown",
        "alarm" => "alarms",
        _ => return Ok(()),
    };
    match properties.get(needs) {
        Some(value) if !value.is_null() => Ok(()),
        _ => Err(format!("properties should have required property '{needs}'")),
    }
}

/// Answers GetDashboard; the body comes back as it was sent.
///
/// # Errors
/// `ResourceNotFound` (404).
pub fn get(call: &mut Call<'_>) -> Answer {
    let name = call.text("DashboardName").unwrap_or_default();
    let record = call.global("dashboards").get(&name).ok_or_else(|| not_found(&name))?;
    Ok(
        json!({"DashboardName": name, "DashboardArn": record["DashboardArn"], "DashboardBody": record["DashboardBody"]}),
    )
}

/// Answers DeleteDashboards: one unknown name, and none is deleted.
///
/// # Errors
/// `ResourceNotFound` (404), `InvalidParameterValue` without names.
pub fn delete(call: &mut Call<'_>) -> Answer {
    let names = call.list("DashboardNames");
    let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    if names.is_empty() {
        return Err(Fault::bad("InvalidParameterValue", "DashboardNames must not be empty"));
    }
    let dashboards = call.global("dashboards");
    if let Some(name) = names.iter().find(|name| !dashboards.contains_key(**name)) {
        return Err(not_found(name));
    }
    dashboards.retain(|name, _| !names.contains(&name.as_str()));
    Ok(json!({}))
}

/// Answers ListDashboards.
///
/// # Errors
/// `InvalidParameterValue` for a bad token.
pub fn list(call: &mut Call<'_>) -> Answer {
    let prefix = call.text("DashboardNamePrefix").unwrap_or_default();
    let token = call.text("NextToken");
    let dashboards = call.global("dashboards").iter().filter(|(name, _)| name.starts_with(&prefix));
    let entries = dashboards.map(|(name, record)| {
        let members = ["DashboardName", "DashboardArn", "LastModified", "Size"];
        let entry = members.iter().map(|member| ((*member).to_owned(), record[*member].clone()));
        (name.clone(), Value::Object(entry.collect()))
    });
    let (entries, next) = page(entries.collect(), token.as_deref(), 100, "InvalidParameterValue")?;
    Ok(with_token(json!({"DashboardEntries": entries}), "NextToken", next))
}

fn refused(message: impl Into<String>) -> Fault {
    Fault::bad("InvalidParameterInput", message)
}

fn not_found(name: &str) -> Fault {
    Fault::with(404, "ResourceNotFound", format!("Dashboard {name} does not exist"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_checked_widget_by_widget() {
        let metric = |properties: Value| {
            json!({"widgets": [{"type": "metric", "x": 0, "y": 0, "width": 12, "height": 6, "properties": properties}]}).to_string()
        };
        let cases = [
            ("metric with a Region", metric(json!({"region": "eu-central-1", "metrics": []})), true),
            ("metric without", metric(json!({"metrics": []})), false),
            (
                "text",
                json!({"widgets": [{"type": "text", "properties": {"markdown": "x"}}]}).to_string(),
                true,
            ),
            ("unknown type", json!({"widgets": [{"type": "clock", "properties": {}}]}).to_string(), false),
            (
                "off the grid",
                json!({"widgets": [{"type": "text", "x": 24, "properties": {"markdown": "x"}}]}).to_string(),
                false,
            ),
            ("no widgets", "{}".to_owned(), false),
            ("no JSON", "{".to_owned(), false),
        ];
        for (case, body, good) in cases {
            let found = check_body(&body);
            assert_eq!(found.is_ok(), good, "{case}: {found:?}");
        }
    }
}
