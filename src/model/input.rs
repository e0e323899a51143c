//! A string that may come from another resource: the only way to write a dependency.

use crate::model::Address;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// What one resource gives to others, such as a key's ARN.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Output {
    pub address: Address,
    pub attribute: &'static str,
}

/// Known outputs of all resources.
pub type Outputs = BTreeMap<Output, String>;

/// Text of a value that another resource will give.
pub const UNKNOWN: &str = "(known after apply)";

/// A string of our own or from another resource.
#[derive(Clone, Debug)]
pub enum Input {
    /// A value that depends on nothing.
    Known(String),
    /// A value from another resource, which must be there first; `Some` if it follows from names alone.
    From(Output, Option<String>),
}

impl Input {
    /// Returns an input that another resource gives, with the value that follows from names.
    pub fn from(address: &Address, attribute: &'static str, value: impl Into<String>) -> Self {
        Self::From(Output { address: address.clone(), attribute }, Some(value.into()))
    }
    /// Returns an input that only the other resource's existence reveals.
    pub fn later(address: &Address, attribute: &'static str) -> Self {
        Self::From(Output { address: address.clone(), attribute }, None)
    }
    /// Returns the value if it is known.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Known(value) | Self::From(_, Some(value)) => Some(value),
            Self::From(_, None) => None,
        }
    }
    /// Returns the value; unknown is the empty string, which AWS refuses, never accepts.
    pub fn text(&self) -> &str {
        self.value().unwrap_or_default()
    }
    /// Returns the resource this comes from.
    pub fn source(&self) -> Option<&Address> {
        match self {
            Self::From(output, _) => Some(&output.address),
            Self::Known(_) => None,
        }
    }
    /// Fills in the value if the outputs have it.
    pub fn resolve(&mut self, outputs: &Outputs) {
        if let Self::From(output, value) = self
            && let Some(found) = outputs.get(output)
        {
            *value = Some(found.clone());
        }
    }
}

impl PartialEq for Input {
    fn eq(&self, other: &Self) -> bool {
        self.value().is_some() && self.value() == other.value()
    }
}
impl Eq for Input {}
impl PartialOrd for Input {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Input {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value().cmp(&other.value())
    }
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.value().unwrap_or(UNKNOWN))
    }
}
