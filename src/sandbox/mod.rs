//! The built-in account: a strict, awkward, durable model of one AWS organisation behind the SDK's HTTP client.
//!
//! ```text
//! SDK client ─▶ connector ─┐                    ┌─▶ service::… (one handler per operation)
//!                          ├─▶ answer ─▶ protocol┤
//! HTTP client ─▶ serve ────┘                    └─▶ state (one JSON document) ─▶ store (its file)
//! ```
//!
//! A request takes the same path whether it comes from a client in this process or over loopback: [`route`] says
//! whose it is, [`protocol`] turns it into JSON and back, [`answer`](Sandbox) applies faults, rates and pages around
//! the handler. What the sandbox lacks answers 501 and is named, never an empty success.

mod answer;
mod caller;
mod clock;
mod connector;
pub mod faults;
pub mod limits;
pub mod lived_in;
mod paging;
pub mod protocol;
pub mod respell;
pub mod route;
pub mod serve;
pub mod service;
pub mod state;
mod store;
pub mod tamper;

use crate::sandbox::faults::{Counted, Rule};
use crate::sandbox::limits::Buckets;
use crate::sandbox::respell::Respelling;
use crate::sandbox::state::{Settings, State};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Store;

/// One sandbox; clones share it.
///
/// All of it lives behind one lock, so that a call sees no other call half done.
#[derive(Clone, Debug)]
pub struct Sandbox {
    inner: Arc<Mutex<Inner>>,
}

/// One request that reached the sandbox, whatever became of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Service as in IAM action prefixes.
    pub service: String,
    /// API name of the operation.
    pub operation: String,
    /// The caller's account.
    pub account: String,
    /// Region of the endpoint.
    pub region: String,
    /// When it came, on the sandbox clock.
    pub at: Timestamp,
    /// Code of the refusal, if it was refused.
    pub refused: Option<String>,
}

#[derive(Debug)]
struct Inner {
    /// Account of callers whose access key says nothing else.
    account: String,
    state: State,
    store: Option<Store>,
    /// Whether time passes by itself.
    runs: bool,
    settings: Settings,
    faults: Vec<Counted>,
    respelling: Option<Respelling>,
    buckets: Buckets,
    seen: Vec<Seen>,
    /// By service the state before its last change, which stale reads see.
    before: BTreeMap<String, State>,
    /// What reads see since the last change: handlers may make empty tables on their way, which must not stay.
    scratch: Option<State>,
    sleepers: clock::Sleepers,
    trouble: Option<String>,
    /// Counter behind request ids; not part of the state, which reads leave as it is.
    requests: u64,
}

impl Sandbox {
    /// Returns an empty sandbox whose clock starts at 2026-01-01T00:00:00Z and moves only when told to.
    ///
    /// `account` is the account of callers whose access key id is not itself an account id.
    #[must_use]
    pub fn in_memory(account: &str) -> Self {
        Self::new(account, State::default(), None)
    }

    /// Returns an empty sandbox in memory whose clock runs with the machine's, plus what waits have moved it.
    #[must_use]
    pub fn in_real_time(account: &str) -> Self {
        let sandbox = Self::in_memory(account);
        sandbox.lock().runs = true;
        sandbox
    }

    /// Opens the sandbox that lives in a file, which is made by the first change. Its clock runs with the machine's, plus
    /// what waits have moved it.
    ///
    /// Several processes may open the same file: each call locks it, reads what others wrote, and writes the whole
    /// document in one step, so that a killed process leaves everything it had done.
    ///
    /// # Errors
    /// The file or its lock cannot be read or is not a sandbox's state.
    pub fn open(path: &Path, account: &str) -> io::Result<Self> {
        let mut store = Store::new(path)?;
        let state = store.locked(|file| Ok(file.read()?.unwrap_or_default()))?;
        Ok(Self::new(account, state, Some(store)))
    }

    fn new(account: &str, state: State, store: Option<Store>) -> Self {
        let inner = Inner {
            account: account.into(),
            state,
            runs: store.is_some(),
            store,
            settings: Settings::default(),
            faults: Vec::new(),
            respelling: None,
            buckets: Buckets::default(),
            seen: Vec::new(),
            before: BTreeMap::new(),
            scratch: None,
            sleepers: clock::Sleepers::default(),
            trouble: None,
            requests: 0,
        };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A handler that panicked left no half-done state: changes are kept only when it has answered.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a copy of the state as it is now.
    #[must_use]
    pub fn state(&self) -> State {
        self.with_state(|state| state.clone())
    }

    /// Changes the state directly, as something outside the tool would, and writes it to its file.
    ///
    /// If the file cannot be read or written, the change is made in this process only; [`Self::trouble`] says why,
    /// and calls fail with the same reason.
    pub fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut inner = self.lock();
        let mut change = Some(change);
        let mut out = None;
        let done = inner.transact(|inner| {
            let before = inner.state.clone();
            inner.scratch = None;
            out = change.take().map(|change| change(&mut inner.state));
            ((), inner.state != before)
        });
        inner.trouble = done.err().map(|error| error.to_string());
        match (out, change) {
            (Some(out), _) => out,
            (None, Some(change)) => {
                inner.scratch = None;
                change(&mut inner.state)
            }
            (None, None) => unreachable!("a change that was taken has given its answer"),
        }
    }

    /// Returns why the state's file could not be read or written the last time, if it could not.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    /// Replaces the fault rules; their counts begin anew.
    pub fn set_faults(&self, rules: Vec<Rule>) {
        self.lock().faults = rules.into_iter().map(Counted::from).collect();
    }

    /// Says the same in other words from now on, or again as the handlers do.
    pub fn set_respelling(&self, respelling: Option<Respelling>) {
        self.lock().respelling = respelling;
    }

    /// Returns the settings in force.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.lock().settings
    }

    /// Changes page size, rate limits and propagation delays for the calls that follow.
    pub fn set_settings(&self, settings: Settings) {
        let mut inner = self.lock();
        inner.settings = settings;
        inner.state.settings = settings;
    }

    /// Returns every request since the start, in order, those that failed included.
    #[must_use]
    pub fn calls(&self) -> Vec<Seen> {
        self.lock().seen.clone()
    }

    /// Returns true if the state lives in a file, which other processes may have open too.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.lock().store.is_some()
    }

    /// Returns the sandbox clock's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let mut inner = self.lock();
        // Other processes move the clock too; a file that cannot be read leaves this process's.
        inner.transact(|inner| (inner.now(), false)).unwrap_or_else(|_| inner.now())
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.with_state(|state| {
            state.clock_ahead_millis = state.clock_ahead_millis.saturating_add(millis);
        });
    }
}

impl Inner {
    /// Runs one step under the file's lock: reads what others wrote, and writes the state if the step says so.
    fn transact<T>(&mut self, step: impl FnOnce(&mut Self) -> (T, bool)) -> io::Result<T> {
        let Some(mut store) = self.store.take() else { return Ok(step(self).0) };
        let done = store.locked(|file| {
            if let Some(state) = file.read_if_changed()? {
                self.state = state;
                self.scratch = None;
                self.state.settings = self.settings;
            }
            let (out, changed) = step(self);
            if changed {
                file.write(&self.state)?;
            }
            Ok(out)
        });
        self.store = Some(store);
        done
    }
}

#[cfg(test)]
mod tests;
