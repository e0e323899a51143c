//! The sandbox's state: one JSON document, readable and durable.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Everything the sandbox knows: accounts, Regions, tables of resources.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct State {
    /// Seconds the sandbox clock is ahead of the real one (waits move it instead of sleeping).
    #[serde(default)]
    pub clock_ahead_millis: i64,
    /// Counter behind ids, so that runs are repeatable.
    #[serde(default)]
    pub next_id: u64,
    /// account → Region (or `global`) → table → key → record.
    #[serde(default)]
    pub accounts: BTreeMap<String, BTreeMap<String, BTreeMap<String, Map<String, Value>>>>,
    /// The organisation, as Organizations describes it, with `Accounts`; `null` if there is none.
    #[serde(default)]
    pub organization: Value,
}

impl State {
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
