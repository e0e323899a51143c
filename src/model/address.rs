//! Where a resource is, in our words: `trail.main@111122223333/us-east-1`.

use crate::kinds::Kind;
use crate::model::Names;
use crate::model::text::clean;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An account and a Region. Global things (roles, the dashboard) carry the Region they serve.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// Twelve digits.
    pub account: String,
    /// Such as `eu-central-1`.
    pub region: String,
}

impl Scope {
    /// Returns the scope of an account and a Region.
    pub fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self { account: account.into(), region: region.into() }
    }
    /// Returns the AWS partition of the Region.
    pub fn partition(&self) -> &'static str {
        Names::partition(&self.region)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

/// A resource's address: kind, its role's name in the scope, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub kind: Kind,
    pub name: String,
    pub scope: Scope,
}

impl Address {
    /// Returns the address of a role of a kind in a scope. The name of what others made is written as it can be shown.
    pub fn new(kind: Kind, name: impl Into<String>, scope: &Scope) -> Self {
        Self { kind, name: clean(&name.into()).into_owned(), scope: scope.clone() }
    }
    /// Returns the address without where it is: `trail.main`.
    pub fn short(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}@{}", self.kind, self.name, self.scope)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl FromStr for Address {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        // What others made may have any name, also an empty one.
        let AddressPattern { kind, name, scope } = pattern(text)?;
        let scope =
            scope.ok_or_else(|| format!("`{text}` does not say where; write kind.name@account/region"))?;
        Ok(Self { kind, name, scope })
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An address as a user types it; the suffix may be left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressPattern {
    kind: Kind,
    name: String,
    scope: Option<Scope>,
}

impl AddressPattern {
    /// Returns true if the address is meant.
    pub fn matches(&self, address: &Address) -> bool {
        self.kind == address.kind
            && self.name == address.name
            && self.scope.as_ref().is_none_or(|scope| *scope == address.scope)
    }
    /// Returns true if it says where, so that it can mean one thing only.
    pub fn has_place(&self) -> bool {
        self.scope.is_some()
    }
    /// Returns true if something of this kind in this scope may be meant.
    pub fn may_be(&self, kind: Kind, scope: &Scope) -> bool {
        self.kind == kind && self.scope.as_ref().is_none_or(|own| own == scope)
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind, self.name)?;
        self.scope.as_ref().map_or(Ok(()), |scope| write!(f, "@{scope}"))
    }
}

impl FromStr for AddressPattern {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let read = pattern(text)?;
        if read.name.is_empty() { Err(wrong(text)) } else { Ok(read) }
    }
}

/// Reads an address whose name may be anything: the place stands behind the last `@`.
fn pattern(text: &str) -> Result<AddressPattern, String> {
    let (head, scope) = match text.rsplit_once('@') {
        Some((head, scope)) => {
            let (account, region) = scope.split_once('/').ok_or_else(|| wrong(text))?;
            (head, Some(Scope::new(account, region)))
        }
        None => (text, None),
    };
    let (kind, name) = head.split_once('.').ok_or_else(|| wrong(text))?;
    let kind = Kind::from_name(kind).ok_or_else(|| {
        format!("`{kind}` is not a kind of resource; there are {}", Kind::names().join(", "))
    })?;
    Ok(AddressPattern { kind, name: name.into(), scope })
}

fn wrong(text: &str) -> String {
    format!("`{text}` is not an address; write kind.name or kind.name@account/region")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_others_named_a_thing_its_address_reads_back() {
        let scope = Scope::new("111122223333", "us-east-1");
        for name in ["main", "", "@x", "a@b/c", "with space", "\u{1b}[2J", "two\nlines", "."] {
            let address = Address::new(Kind::MetricFilter, name, &scope);
            let text = address.to_string();
            assert_eq!(text.parse::<Address>().as_ref(), Ok(&address), "{text:?}");
            assert!(!text.contains('\u{1b}') && !text.contains('\n'), "{text:?}");
        }
    }

    #[test]
    fn a_pattern_means_every_scope_unless_it_names_one() {
        let address = Address::new(Kind::Trail, "main", &Scope::new("111122223333", "eu-central-1"));
        let cases = [
            ("short", "trail.main", true),
            ("full", "trail.main@111122223333/eu-central-1", true),
            ("other region", "trail.main@111122223333/us-east-1", false),
            ("other name", "trail.other", false),
        ];
        for (case, text, want) in cases {
            assert_eq!(text.parse::<AddressPattern>().expect("valid").matches(&address), want, "{case}");
        }
        for text in ["trail", "nosuch.main", "trail.", "trail.main@111122223333"] {
            assert!(text.parse::<AddressPattern>().is_err(), "{text}");
        }
    }
}
