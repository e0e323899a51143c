//! Writes the dashboard.

use super::{Call, Dashboard};
use crate::aws::{ApiError, Cx};
use crate::kinds::{Revealed, Target};

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, Dashboard>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let client = cx.cloudwatch(scope);
    let want = target.desired;
    match call {
        Call::PutDashboard => {
            // Replaces the whole body. Remarks on widgets come with success and are not errors (CloudWatch API).
            let send = client
                .put_dashboard()
                .dashboard_name(&want.name)
                .dashboard_body(want.body.to_string())
                .send();
            cx.send("cloudwatch:PutDashboard", scope, send).await?;
        }
        Call::DeleteDashboards => {
            let send = client.delete_dashboards().dashboard_names(&want.name).send();
            match cx.send("cloudwatch:DeleteDashboards", scope, send).await {
                // Gone already.
                Err(error) if !error.is(&["ResourceNotFound", "DashboardNotFoundError"]) => {
                    return Err(error);
                }
                _ => {}
            }
        }
    }
    Ok(Vec::new())
}
