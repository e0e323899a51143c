//! What others may have added to a bucket: everything here is empty in what a blueprint asks for.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What was added to a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Added {
    /// Grants of the access control list but the owner's own, as `GRANTEE: PERMISSION`. Read only where ACLs have an
    /// effect, which they have not under `BucketOwnerEnforced`.
    pub acl: BTreeSet<String>,
    /// Where objects are copied to, by rule.
    pub replication: BTreeMap<String, String>,
    /// Who is told of which events, by configuration.
    pub notifications: BTreeMap<String, String>,
    /// How the bucket serves a website; `None`: it does not.
    pub website: Option<String>,
    /// ARNs of the access points that lead to the bucket.
    pub access_points: BTreeSet<String>,
    /// True if events also go to EventBridge: no difference (nothing happens unless a rule there says so), and kept when
    /// the notifications go.
    #[serde(skip)]
    pub event_bridge: bool,
}
