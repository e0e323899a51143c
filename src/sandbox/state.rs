//! The sandbox's state: one JSON document, readable and durable.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The tables of one account and Region: table → key → record.
pub type Tables = BTreeMap<String, Map<String, Value>>;

/// Everything the sandbox knows: accounts, Regions, tables of resources.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct State {
    /// Milliseconds the sandbox clock is ahead of the real one (waits move it instead of sleeping).
    #[serde(default)]
    pub clock_ahead_millis: i64,
    /// Counter behind ids, so that runs are repeatable.
    #[serde(default)]
    pub next_id: u64,
    /// account → Region (or `global`) → table → key → record.
    #[serde(default)]
    pub accounts: BTreeMap<String, BTreeMap<String, Tables>>,
    /// The organisation, as Organizations describes it, with `Accounts`; `null` if there is none.
    #[serde(default)]
    pub organization: Value,
    /// How the sandbox answers; not part of the document.
    #[serde(skip)]
    pub settings: Settings,
    /// The clock's time (epoch millis) at the call that is being answered, 0 between calls; not part of the document.
    #[serde(skip)]
    pub now_millis: i64,
}

/// How awkward the sandbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Most entries in a page, at least 1; `None` leaves each service's own page size.
    pub page_size: Option<usize>,
    /// Whether calls over the published rates are throttled.
    pub rate_limits: bool,
    /// Whether lists that may do so begin with a page that is empty but for its token.
    pub empty_pages: bool,
    /// Whether what was just made takes time to be seen elsewhere.
    pub delays: bool,
    /// How long it takes, when it does.
    pub spread: Spread,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            page_size: None,
            rate_limits: false,
            empty_pages: false,
            delays: true,
            spread: Spread::default(),
        }
    }
}

/// How long things take to spread, in milliseconds. AWS publishes no figures; the defaults are of the order that
/// Terraform's retries and AWS's own advice show (`reference/permissions.md` §11, `reference/kms-iam-sns.md` §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// A new bucket, until calls on its sub-resources find it.
    pub bucket: i64,
    /// A deleted bucket, until its name can be used again (`reference/s3-log-bucket.md` §1).
    pub bucket_name: i64,
    /// A new role, until policies of other services may name it (`reference/kms-iam-sns.md` §2.1, Consistency).
    pub principal: i64,
    /// A new or changed role, until the services that assume it know it (`reference/cloudtrail.md` §4).
    pub role: i64,
    /// A new or changed key or bucket policy, until the services that deliver under it see it
    /// (`reference/cloudtrail.md` §4); they are strict about the old one until then.
    pub policy: i64,
    /// Changed tags, until `GetResources` shows them.
    pub tag_index: i64,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            bucket: 1_000,
            bucket_name: 2_000,
            principal: 5_000,
            role: 8_000,
            policy: 0,
            tag_index: 30_000,
        }
    }
}

/// What takes time to spread; the members of [`Spread`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    Bucket,
    BucketName,
    Principal,
    Role,
    Policy,
    TagIndex,
}

impl Spread {
    fn millis(self, of: Delay) -> i64 {
        match of {
            Delay::Bucket => self.bucket,
            Delay::BucketName => self.bucket_name,
            Delay::Principal => self.principal,
            Delay::Role => self.role,
            Delay::Policy => self.policy,
            Delay::TagIndex => self.tag_index,
        }
    }
}

impl State {
    /// Returns how long something takes to spread, in milliseconds; 0 if delays are off.
    #[must_use]
    pub fn delay_millis(&self, of: Delay) -> i64 {
        if self.settings.delays { self.settings.spread.millis(of) } else { 0 }
    }
    /// Returns a table for writing; it is made when it is not there.
    pub fn table(&mut self, account: &str, region: &str, name: &str) -> &mut Map<String, Value> {
        self.accounts
            .entry(account.into())
            .or_default()
            .entry(region.into())
            .or_default()
            .entry(name.into())
            .or_default()
    }
    /// Returns a table for reading, `None` if nothing was ever written to it.
    pub fn peek(&self, account: &str, region: &str, name: &str) -> Option<&Map<String, Value>> {
        self.accounts.get(account)?.get(region)?.get(name)
    }
    /// Returns the owner and record of a bucket, whoever owns it: bucket names are global.
    /// Buckets live in the table `buckets` under Region `global` of their owner, with a member `Region`.
    pub fn bucket(&self, name: &str) -> Option<(&str, &Value)> {
        self.accounts.iter().find_map(|(account, regions)| {
            let record = regions.get("global")?.get("buckets")?.get(name)?;
            Some((account.as_str(), record))
        })
    }
    /// Returns the next number for an id, so that the same calls give the same ids.
    pub fn fresh(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}
