//! What a look at AWS answers: found, absent, foreign or unreadable.

use crate::aws::ApiError;
use crate::aws::members::Unknown;
use crate::kinds::Resource;
use std::collections::BTreeMap;

/// A state as AWS reports it, and what it gives to others.
#[derive(Clone, Debug)]
pub struct Found<T = Resource> {
    pub state: T,
    /// Outputs by name: `arn`, `id`.
    pub outputs: BTreeMap<String, String>,
    /// Date of release, if it was released.
    pub released: Option<String>,
    /// Things to show that are no difference: a pending subscription, a delivery error.
    pub notes: Vec<String>,
    /// Members of its documents that this version does not know.
    pub unknown: Vec<Unknown>,
}

impl<T> Found<T> {
    /// Returns a finding with outputs and nothing else to say.
    pub fn new(state: T, outputs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let outputs = outputs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { state, outputs, released: None, notes: Vec::new(), unknown: Vec::new() }
    }
}

/// The answer to one look.
#[derive(Clone, Debug)]
pub enum Reading<T = Resource> {
    /// It is there and ours.
    Found(Box<Found<T>>),
    /// It is not there: the only answer that may lead to a create.
    Absent,
    /// Something is there that is not ours; never changed unless adopted.
    Foreign { found: Option<Box<Found<T>>>, why: String },
    /// It could not be read; never taken for absent.
    Unreadable(Vec<ApiError>),
}

impl<T> Reading<T> {
    /// Returns the reading over another state type.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Reading<U> {
        let turn = |found: Box<Found<T>>, f: &mut dyn FnMut(T) -> U| {
            let Found { state, outputs, released, notes, unknown } = *found;
            Box::new(Found { state: f(state), outputs, released, notes, unknown })
        };
        let mut f = Some(f);
        let mut once = |state| (f.take().expect("a reading holds one state"))(state);
        match self {
            Self::Found(found) => Reading::Found(turn(found, &mut once)),
            Self::Absent => Reading::Absent,
            Self::Foreign { found, why } => {
                Reading::Foreign { found: found.map(|found| turn(found, &mut once)), why }
            }
            Self::Unreadable(errors) => Reading::Unreadable(errors),
        }
    }
    /// Returns what is there, whoever owns it.
    pub fn found(&self) -> Option<&Found<T>> {
        match self {
            Self::Found(found) => Some(found),
            Self::Foreign { found, .. } => found.as_deref(),
            Self::Absent | Self::Unreadable(_) => None,
        }
    }
}
