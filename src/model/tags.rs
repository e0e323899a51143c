//! Ownership tags: how we know what is ours.

use crate::blueprint::Blueprint;
use std::collections::BTreeMap;

/// A resource's tags, sorted by key; AWS's own (`aws:…`) are left out by every reader.
pub type Tags = BTreeMap<String, String>;

/// Key of the tag whose value is the scope's name.
pub const SCOPE: &str = "auditscope:scope";
/// Key of the tag that holds the blueprint format's number.
pub const BLUEPRINT: &str = "auditscope:blueprint";
/// Key of the tag that tells whom to ask.
pub const CONTACT: &str = "auditscope:contact";
/// Key of the tag that holds the date of a release.
pub const RELEASED: &str = "auditscope:released";
/// Key of the home trail's tag that lists every Region we have written to.
pub const REGIONS: &str = "auditscope:regions";

/// Returns the tags every resource of the blueprint carries.
pub fn desired(blueprint: &Blueprint) -> Tags {
    let scope = &blueprint.scope;
    let mut tags: Tags = scope.tags.clone();
    tags.insert(SCOPE.into(), scope.name.clone());
    tags.insert(BLUEPRINT.into(), "1".into());
    if let Some(contact) = &scope.contact {
        tags.insert(CONTACT.into(), contact.clone());
    }
    tags
}

/// Whose a resource is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// It carries our scope's tag.
    Ours,
    /// It is ours and was released on this date.
    Released(String),
    /// It carries no tag of ours, or that of another scope.
    Foreign(String),
}

/// Returns whose a resource with these tags is, for a scope.
pub fn ownership(tags: &Tags, scope_name: &str) -> Ownership {
    match (tags.get(SCOPE), tags.get(RELEASED)) {
        (Some(scope), Some(date)) if scope == scope_name => Ownership::Released(date.clone()),
        (Some(scope), None) if scope == scope_name => Ownership::Ours,
        (Some(scope), _) => Ownership::Foreign(format!("it belongs to the scope `{scope}`")),
        (None, _) => Ownership::Foreign(format!("it does not carry our tag {SCOPE}={scope_name}")),
    }
}

/// Returns the tags without AWS's own, from pairs.
pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Tags {
    pairs.into_iter().filter(|(key, _)| !key.starts_with("aws:")).collect()
}

/// What a tag update has to send: pairs to set, keys to take away.
pub fn changes(before: &Tags, after: &Tags) -> (Tags, Vec<String>) {
    let set = after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let remove = before.keys().filter(|key| !after.contains_key(*key)).cloned().collect();
    (set, remove)
}
