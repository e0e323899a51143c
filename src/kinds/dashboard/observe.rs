//! Reads the dashboard: one call, with the home Region. Whose it is follows from its text.

use super::{Dashboard, body};
use crate::aws::{ApiError, Cx};
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Kind, Managed, Wanted};
use crate::model::{Address, Scope};
use serde_json::Value;

/// Returns the reading of the scope's dashboard if it is wanted, or ours.
///
/// # Errors
/// None: a call that failed makes the one resource unreadable.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, Dashboard>],
) -> Result<Vec<(Address, Reading<Dashboard>)>, ApiError> {
    if *scope != cx.names.home() {
        return Ok(Vec::new());
    }
    let address = Address::new(Kind::Dashboard, "main", scope);
    let name = cx.names.dashboard();
    let call = cx.cloudwatch(scope).get_dashboard().dashboard_name(&name).send();
    let reading = match cx.send("cloudwatch:GetDashboard", scope, call).await {
        Ok(answer) => {
            let text = answer.dashboard_body.unwrap_or_default();
            let body = serde_json::from_str(&text).map_or(Value::String(text), body::canonical);
            let state = Dashboard { name, body };
            let ours = body::is_marked(&state.body, &cx.names.scope);
            let outputs = state.known_outputs(&address);
            let found = Box::new(Found::new(state, outputs));
            match ours {
                true => Reading::Found(found),
                false => Reading::Foreign {
                    found: Some(found),
                    why: format!("it carries no text with {}", body::mark(&cx.names.scope)),
                },
            }
        }
        // One error with two names (CloudWatch API, GetDashboard: code and shape).
        Err(error) if error.is(&["ResourceNotFound", "DashboardNotFoundError"]) => Reading::Absent,
        Err(error) => Reading::Unreadable(vec![error]),
    };
    let ours = matches!(reading, Reading::Found(_) | Reading::Unreadable(_));
    Ok(if ours || !wanted.is_empty() { vec![(address, reading)] } else { Vec::new() })
}
