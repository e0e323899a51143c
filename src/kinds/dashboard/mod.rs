//! The scope's CloudWatch dashboard: models, guardrails, deliveries, detections and alarms of every Region on one page.

pub mod body;
pub mod desired;
pub mod observe;
pub mod perform;

use crate::kinds::{ApiCall, Attribute, Class, Effect, Fate, Managed, Revealed};
use crate::model::{Address, Input, Names};
use serde::Serialize;
use serde_json::Value;

/// A dashboard as the blueprint asks for it, and as AWS reports it. It has no tags that can be changed: it is ours
/// because a text widget on it says so.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dashboard {
    #[serde(skip)]
    pub name: String,
    /// The body as JSON, so that blanks and the order of keys do not matter; its text if it is no JSON.
    pub body: Value,
}

/// Calls that change a dashboard, in the order they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    PutDashboard,
    DeleteDashboards,
}

impl ApiCall for Call {
    const ALL: &'static [Self] = &[Self::PutDashboard, Self::DeleteDashboards];
    fn name(self) -> &'static str {
        match self {
            Self::PutDashboard => "PutDashboard",
            Self::DeleteDashboards => "DeleteDashboards",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::PutDashboard => &["cloudwatch:PutDashboard"],
            Self::DeleteDashboards => &["cloudwatch:DeleteDashboards"],
        }
    }
}

impl Managed for Dashboard {
    type Call = Call;
    const FATE: Fate = Fate::Disposable;
    const READS: &'static [&'static str] = &["cloudwatch:GetDashboard"];
    const ATTRIBUTES: &'static [Attribute<Call>] =
        &[Attribute::created("body", Call::PutDashboard, "Widgets of the dashboard.")];
    const CREATE: &'static [Call] = &[Call::PutDashboard];
    const DELETE: &'static [Call] = &[Call::DeleteDashboards];

    fn aws_name(&self) -> String {
        self.name.clone()
    }
    fn inputs(&self) -> Vec<&Input> {
        Vec::new()
    }
    fn inputs_mut(&mut self) -> Vec<&mut Input> {
        Vec::new()
    }
    fn known_outputs(&self, address: &Address) -> Revealed {
        // Dashboards are global: their ARN names no Region (CloudWatch API, GetDashboard).
        let partition = Names::partition(&address.scope.region);
        let account = &address.scope.account;
        vec![
            ("name", self.name.clone()),
            ("arn", format!("arn:{partition}:cloudwatch::{account}:dashboard/{}", self.name)),
        ]
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        // It shows what is recorded; nothing follows from it.
        let differs = before.is_some_and(|before| before.body != after.body);
        let effect = Effect::new(Class::Neutral, "body", "the dashboard shows what the blueprint says");
        differs.then_some(effect).into_iter().collect()
    }
}
