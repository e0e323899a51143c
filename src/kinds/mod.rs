//! The kinds of resource: a closed set, each one folder with its facts, desired state, reads and writes.
//!
//! The `kinds!` table is the only list: it makes [`Kind`], [`Resource`] and [`Call`] and sends every question to the
//! kind's own module.

use crate::aws::{ApiError, Cx};
use crate::blueprint::Blueprint;
use crate::engine::reading::{Found, Reading};
use crate::model::{Address, Input, Outputs, Scope};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// What `destroy` does with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Holds or protects records: released, never deleted unless named.
    Evidence,
    /// Holds nothing: deleted.
    Disposable,
    /// Stays as it is unless its loss of coverage is approved (Bedrock logging).
    Stays,
}

/// How an attribute reaches AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How<C> {
    /// Sent with the create call, later changed by its call.
    Created(C),
    /// Always a call of its own.
    Written(C),
    /// Settable only at creation; a difference blocks the step.
    Fixed,
    /// Empty in everything we ask for; what others added goes by its call, but only under `--prune`. The text says why
    /// it is not simply taken away.
    Pruned(C, &'static str),
    /// Empty in everything we ask for; what others added is told and never taken away. The text says why, and what
    /// would.
    Told(&'static str),
}

/// One serialised field of a state: how it is changed, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<C> {
    /// Serialised field name.
    pub name: &'static str,
    pub how: How<C>,
    /// One sentence, for `explain` and the docs.
    pub doc: &'static str,
}

impl<C> Attribute<C> {
    /// An attribute that the create call sends.
    pub const fn created(name: &'static str, call: C, doc: &'static str) -> Self {
        Self { name, how: How::Created(call), doc }
    }
    /// An attribute that always takes a call of its own.
    pub const fn written(name: &'static str, call: C, doc: &'static str) -> Self {
        Self { name, how: How::Written(call), doc }
    }
    /// An attribute that cannot be changed after creation.
    pub const fn fixed(name: &'static str, doc: &'static str) -> Self {
        Self { name, how: How::Fixed, doc }
    }
    /// An attribute that others may have added to on purpose: it is emptied only under `--prune`.
    pub const fn pruned(name: &'static str, call: C, why: &'static str, doc: &'static str) -> Self {
        Self { name, how: How::Pruned(call, why), doc }
    }
    /// An attribute that is told and never changed.
    pub const fn told(name: &'static str, why: &'static str, doc: &'static str) -> Self {
        Self { name, how: How::Told(why), doc }
    }
}

/// Why a difference is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    /// One clause: why nothing is done about it, and what would be.
    pub why: &'static str,
    /// True if `--prune` takes it away.
    pub prunable: bool,
}

/// An error that AWS gives while something it was just told has not spread yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotYet {
    /// Error code.
    pub code: &'static str,
    /// Text that the message must contain; empty: any.
    pub text: &'static str,
    /// What is being waited for, as shown to the user.
    pub waiting_for: &'static str,
}

/// A write of one kind, as the plan lists it.
pub trait ApiCall: Copy + Ord + fmt::Debug + Send + Sync + 'static {
    /// Every call, in the order they are sent.
    const ALL: &'static [Self];
    /// Name shown in plans: the API operation, or `SetX` for a pair of them.
    fn name(self) -> &'static str;
    /// IAM actions this call needs.
    fn actions(self) -> &'static [&'static str];
    /// Errors that mean "not yet".
    fn not_yet(self) -> &'static [NotYet] {
        &[]
    }
}

/// How a change bears on the record; each class but the first three needs an approval of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Changes nothing about the record.
    Neutral,
    /// Adds something.
    Additive,
    /// Brings back what the blueprint asks for.
    Restoring,
    /// Operations are no longer recorded.
    Coverage,
    /// Evidence is kept for less time, or less well protected.
    Weaken,
    /// Cannot be undone.
    Irreversible,
    /// Evidence, or what protects it, is deleted.
    Delete,
}

impl Class {
    /// Returns the KIND of `--allow KIND:ADDRESS`, or `None` if no approval is needed.
    pub fn approval(self) -> Option<&'static str> {
        match self {
            Self::Neutral | Self::Additive | Self::Restoring => None,
            Self::Coverage => Some("coverage"),
            Self::Weaken => Some("weaken"),
            Self::Irreversible => Some("irreversible"),
            Self::Delete => Some("delete"),
        }
    }
}

/// Something a change does to the audit record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Effect {
    pub class: Class,
    /// Attribute it comes from.
    pub attribute: String,
    /// One clause, lower case: `events are kept 90 days instead of 400`.
    pub text: String,
}

impl Effect {
    /// Returns an effect of an attribute.
    pub fn new(class: Class, attribute: &str, text: impl Into<String>) -> Self {
        Self { class, attribute: attribute.into(), text: text.into() }
    }
}

/// Returns what another key, or none, does to what a resource encrypts. The key asked for is always the scope's own: going
/// to it from any other brings it back. `what` is subject and verb: `new events are`.
pub(crate) fn key_effect(before: Option<&Input>, after: Option<&Input>, what: &str) -> Option<Effect> {
    match (before, after) {
        (Some(_), None) => {
            Some(Effect::new(Class::Weaken, "kms_key", format!("{what} not encrypted with our key")))
        }
        (before, Some(after)) if before.is_none_or(|before| before.value() != after.value()) => {
            Some(Effect::new(Class::Restoring, "kms_key", format!("{what} encrypted with our key")))
        }
        _ => None,
    }
}

/// What `perform` works on.
#[derive(Debug)]
pub struct Target<'a, T> {
    pub address: &'a Address,
    /// The state asked for, every input resolved. For a delete: the state observed.
    pub desired: &'a T,
    /// The state that was there before the step's first call; `None` if it is being created.
    pub observed: Option<&'a T>,
    /// This resource's own outputs, from the reading and the step's earlier calls.
    pub outputs: &'a BTreeMap<String, String>,
}

impl<T> Target<'_, T> {
    /// Returns an output of this resource.
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// Outputs that a call revealed, by name (`arn`, `id`).
pub type Revealed = Vec<(&'static str, String)>;

/// A kind of resource: its facts.
pub trait Managed: Clone + fmt::Debug + PartialEq + Serialize + Send + Sync + Sized {
    /// The writes of this kind.
    type Call: ApiCall;
    /// What `destroy` does with it.
    const FATE: Fate;
    /// IAM actions that observation needs.
    const READS: &'static [&'static str];
    /// Every serialised field, once.
    const ATTRIBUTES: &'static [Attribute<Self::Call>];
    /// Calls that bring it into existence, before any `Written` attribute.
    const CREATE: &'static [Self::Call];
    /// Calls that delete it.
    const DELETE: &'static [Self::Call];

    /// Returns AWS's name of it.
    fn aws_name(&self) -> String;
    /// Returns the strings that come from other resources.
    fn inputs(&self) -> Vec<&Input>;
    /// Returns the same for filling in.
    fn inputs_mut(&mut self) -> Vec<&mut Input>;
    /// Returns outputs that follow from names alone, for dependents.
    fn known_outputs(&self, address: &Address) -> Revealed {
        let _ = address;
        Vec::new()
    }
    /// Returns what must not be written by two steps at once, if it is more than the resource itself: the ARN or name
    /// of the log group, bucket or trail.
    fn lock(&self, address: &Address) -> Option<String> {
        let _ = address;
        None
    }
    /// Returns what going from one state to the other does to the record; `before` is `None` for a creation.
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect>;
    /// Returns what deleting it does to the record.
    fn loss(&self) -> Vec<Effect> {
        Vec::new()
    }
    /// Returns the tags for changing them (release, take back); `None` if the kind has none.
    fn tags_mut(&mut self) -> Option<&mut crate::model::tags::Tags> {
        None
    }
    /// Carries the values that AWS alone decides (and that no blueprint asks for) from a reading into the desired
    /// state before they are compared.
    fn adopt_given(&mut self, observed: &Self) {
        let _ = observed;
    }
}

/// A resource that the blueprint asks for.
#[derive(Clone, Debug)]
pub struct Wanted<'a, T> {
    pub address: &'a Address,
    pub state: &'a T,
}

/// Facts that the blueprint needs from the account before the desired state can be computed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// `o-…`, read only when `trail.organization` is on.
    pub organization_id: Option<String>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $module:ident :: $state:ident),+ $(,)?) => {
                /// A kind of resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $variant),+ }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),+];
            /// Returns the kind's name, as in addresses.
            pub fn name(self) -> &'static str { match self { $(Kind::$variant => stringify!($module)),+ } }
            /// Returns what `destroy` does with this kind.
            pub fn fate(self) -> Fate { match self { $(Kind::$variant => <$module::$state as Managed>::FATE),+ } }
            /// Returns the IAM actions that observing this kind needs.
            pub fn reads(self) -> &'static [&'static str] { match self { $(Kind::$variant => <$module::$state as Managed>::READS),+ } }
            /// Returns name and meaning of every attribute of this kind.
            pub fn attributes(self) -> Vec<(&'static str, &'static str)> {
                match self { $(Kind::$variant => <$module::$state as Managed>::ATTRIBUTES.iter().map(|a| (a.name, a.doc)).collect()),+ }
            }
            /// Returns every call of this kind, in the order they are sent.
            pub fn calls(self) -> Vec<Call> {
                match self { $(Kind::$variant => <$module::$state as Managed>::Call::ALL.iter().map(|c| Call::$variant(*c)).collect()),+ }
            }
        }

        /// A state of any kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Resource { $($variant($module::$state)),+ }

        /// A write of any kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Call { $($variant(<$module::$state as Managed>::Call)),+ }

        impl Call {
            /// Returns the name shown in plans.
            pub fn name(self) -> &'static str { match self { $(Call::$variant(c) => c.name()),+ } }
            /// Returns the IAM actions it needs.
            pub fn actions(self) -> &'static [&'static str] { match self { $(Call::$variant(c) => c.actions()),+ } }
            /// Returns the errors that mean "not yet".
            pub fn not_yet(self) -> &'static [NotYet] { match self { $(Call::$variant(c) => c.not_yet()),+ } }
        }

        impl Resource {
            /// Returns its kind.
            pub fn kind(&self) -> Kind { match self { $(Resource::$variant(_) => Kind::$variant),+ } }
            /// Returns AWS's name of it.
            pub fn aws_name(&self) -> String { match self { $(Resource::$variant(r) => r.aws_name()),+ } }
            /// Returns the strings that come from other resources.
            pub fn inputs(&self) -> Vec<&Input> { match self { $(Resource::$variant(r) => r.inputs()),+ } }
            /// Fills in what other resources gave.
            pub fn resolve(&mut self, outputs: &Outputs) {
                match self { $(Resource::$variant(r) => r.inputs_mut().into_iter().for_each(|input| input.resolve(outputs))),+ }
            }
            /// Returns outputs that follow from names.
            pub fn known_outputs(&self, address: &Address) -> Revealed { match self { $(Resource::$variant(r) => r.known_outputs(address)),+ } }
            /// Returns what no two steps may write at once.
            pub fn lock(&self, address: &Address) -> Option<String> { match self { $(Resource::$variant(r) => r.lock(address)),+ } }
            /// Returns the state as JSON, one member per attribute.
            pub fn json(&self) -> Value {
                match self { $(Resource::$variant(r) => serde_json::to_value(r).expect("a state is plain data")),+ }
            }
            /// Returns the tags for changing them.
            pub fn tags_mut(&mut self) -> Option<&mut crate::model::tags::Tags> { match self { $(Resource::$variant(r) => r.tags_mut()),+ } }
            /// Returns what deleting it does to the record.
            pub fn loss(&self) -> Vec<Effect> { match self { $(Resource::$variant(r) => r.loss()),+ } }
            /// Takes over what AWS alone decides.
            pub fn adopt_given(&mut self, observed: &Resource) {
                match (self, observed) { $((Resource::$variant(r), Resource::$variant(o)) => r.adopt_given(o),)+ _ => {} }
            }
            /// Returns what the change does to the record.
            pub fn effects(before: Option<&Resource>, after: &Resource) -> Vec<Effect> {
                match (before, after) {
                    $((Some(Resource::$variant(b)), Resource::$variant(a)) => Managed::effects(Some(b), a),
                      (None, Resource::$variant(a)) => Managed::effects(None, a),)+
                    _ => unreachable!("both states of an address are of its kind"),
                }
            }
            /// Returns how an attribute is changed: its call, or `None` if it is fixed at creation or never changed.
            pub fn call_for(&self, attribute: &str) -> Option<Call> {
                match self { $(Resource::$variant(_) => <$module::$state as Managed>::ATTRIBUTES.iter()
                    .find(|a| a.name == attribute)
                    .and_then(|a| match a.how {
                        How::Created(c) | How::Written(c) | How::Pruned(c, _) => Some(Call::$variant(c)),
                        How::Fixed | How::Told(_) => None,
                    })),+ }
            }
            /// Returns why a difference in an attribute is left as it is; `None` if it is repaired or blocks the step.
            pub fn stands(&self, attribute: &str) -> Option<Stands> {
                match self { $(Resource::$variant(_) => <$module::$state as Managed>::ATTRIBUTES.iter()
                    .find(|a| a.name == attribute)
                    .and_then(|a| match a.how {
                        How::Pruned(_, why) => Some(Stands { why, prunable: true }),
                        How::Told(why) => Some(Stands { why, prunable: false }),
                        How::Created(_) | How::Written(_) | How::Fixed => None,
                    })),+ }
            }
            /// Returns the calls that create it: those of the kind, then one per attribute that a call of its own writes
            /// and that is not at AWS's empty default (`null`, `false`, nothing in it).
            pub fn create_calls(&self) -> Vec<Call> {
                let state = self.json();
                let set = |name: &str| !matches!(&state[name], Value::Null | Value::Bool(false))
                    && state[name].as_array().is_none_or(|a| !a.is_empty())
                    && state[name].as_object().is_none_or(|o| !o.is_empty());
                let mut calls: Vec<Call> = match self { $(Resource::$variant(_) => {
                    let written = <$module::$state as Managed>::ATTRIBUTES.iter().filter_map(|a| match a.how {
                        How::Written(c) if set(a.name) => Some(Call::$variant(c)),
                        _ => None,
                    });
                    <$module::$state as Managed>::CREATE.iter().map(|c| Call::$variant(*c)).chain(written).collect()
                }),+ };
                calls.sort();
                calls.dedup();
                calls
            }
            /// Returns the calls that delete it.
            pub fn delete_calls(&self) -> Vec<Call> {
                match self { $(Resource::$variant(_) => <$module::$state as Managed>::DELETE.iter().map(|c| Call::$variant(*c)).collect()),+ }
            }
            /// Sends one call.
            ///
            /// # Errors
            /// What AWS answered.
            pub async fn perform(&self, call: Call, observed: Option<&Resource>, address: &Address,
                outputs: &BTreeMap<String, String>, cx: &Cx) -> Result<Revealed, ApiError> {
                match (self, call) {
                    $((Resource::$variant(desired), Call::$variant(call)) => {
                        let observed = match observed { Some(Resource::$variant(o)) => Some(o), _ => None };
                        // Boxed: an SDK call's future is tens of kilobytes, and there is one in each arm.
                        Box::pin($module::perform::perform(cx, call, &Target { address, desired, observed, outputs })).await
                    })+
                    _ => unreachable!("a step's calls are of its kind"),
                }
            }
        }

        /// Returns everything the blueprint asks for, by address; pure.
        pub fn desired(blueprint: &Blueprint, facts: &Facts) -> BTreeMap<Address, Resource> {
            let mut all = BTreeMap::new();
            $(for (address, state) in $module::desired::desired(blueprint, facts) {
                all.insert(address, Resource::$variant(state));
            })+
            all
        }

        /// Reads everything of one kind in one scope: what is wanted, and what else there is that carries our mark.
        ///
        /// # Errors
        /// A list call that failed: then nothing is known of this kind here.
        pub async fn observe(kind: Kind, cx: &Cx, scope: &Scope, wanted: &BTreeMap<Address, Resource>)
            -> Result<Vec<(Address, Reading)>, ApiError> {
            match kind {
                $(Kind::$variant => {
                    let wanted: Vec<Wanted<'_, $module::$state>> = wanted.iter()
                        .filter(|(address, _)| address.kind == kind && address.scope == *scope)
                        .filter_map(|(address, state)| match state { Resource::$variant(state) => Some(Wanted { address, state }), _ => None })
                        .collect();
                    let seen = Box::pin($module::observe::observe(cx, scope, &wanted)).await?;
                    Ok(seen.into_iter().map(|(address, reading)| (address, reading.map(Resource::$variant))).collect())
                })+
            }
        }
    };
}

pub mod bedrock_logging;
pub mod composite_alarm;
pub mod dashboard;
#[cfg(test)]
pub(crate) mod example;
pub mod iam_role;
pub mod kms_key;
pub mod log_group;
pub mod metric_alarm;
pub mod metric_filter;
pub(crate) mod policies;
pub mod s3_bucket;
pub mod sns_topic;
pub mod trail;

kinds! {
    /// A KMS key with its alias, policy and rotation.
    KmsKey = kms_key::KmsKey,
    /// An S3 bucket with all its guards.
    S3Bucket = s3_bucket::S3Bucket,
    /// A delivery role with its inline policy.
    IamRole = iam_role::IamRole,
    /// A CloudWatch log group.
    LogGroup = log_group::LogGroup,
    /// The CloudTrail trail with selectors and logging state.
    Trail = trail::Trail,
    /// A metric filter on one of our log groups.
    MetricFilter = metric_filter::MetricFilter,
    /// An SNS topic with policy and subscriptions.
    SnsTopic = sns_topic::SnsTopic,
    /// An alarm on one metric.
    MetricAlarm = metric_alarm::MetricAlarm,
    /// An alarm over alarms.
    CompositeAlarm = composite_alarm::CompositeAlarm,
    /// Bedrock model-invocation logging, one per Region.
    BedrockLogging = bedrock_logging::BedrockLogging,
    /// The scope's CloudWatch dashboard.
    Dashboard = dashboard::Dashboard,
}

impl Kind {
    /// Returns the kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
    /// Returns every kind's name.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|kind| kind.name()).collect()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        Self::from_name(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("`{name}` is not a kind of resource")))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Returns a reading by whose tags it carries.
pub fn owned<T>(found: Found<T>, tags: &crate::model::tags::Tags, scope_name: &str) -> Reading<T> {
    use crate::model::tags::Ownership;
    match crate::model::tags::ownership(tags, scope_name) {
        Ownership::Ours => Reading::Found(Box::new(found)),
        Ownership::Released(date) => Reading::Found(Box::new(Found { released: Some(date), ..found })),
        Ownership::Foreign(why) => Reading::Foreign { found: Some(Box::new(found)), why },
    }
}
