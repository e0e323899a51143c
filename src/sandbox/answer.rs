//! One request's way through the sandbox: route, decode, faults, rates, handler, encode.

use super::caller::{Caller, caller};
use super::faults::{self, Kind};
use super::paging::Cutting;
use super::protocol::time::http_date;
use super::protocol::{Decoded, Protocol, Reply};
use super::route::{Request, Route, bucket_and_key, route};
use super::service::{Answer, Call, Fault, operation};
use super::state::State;
use super::{Inner, Sandbox, Seen, paging};
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// What became of a request.
#[derive(Debug)]
pub(super) struct Answered {
    /// The answer; `None` if the connection ends without one.
    pub reply: Option<Reply>,
    /// How long the answer takes.
    pub delay: Duration,
    /// Whether the connection ends in the middle of the answer.
    pub truncated: bool,
}

/// What one step under the lock found.
struct Step {
    /// Operation and output.
    done: Result<(String, Value), Fault>,
    fault: Option<Kind>,
    /// Region of the bucket in the request, which S3 tells in a header.
    bucket_region: Option<String>,
}

impl Sandbox {
    /// Answers one request.
    pub(super) fn answer(&self, request: &Request) -> Answered {
        let route = route(request);
        let protocol = Protocol::of(&route.service, request);
        let mut inner = self.lock();
        inner.requests += 1;
        let id = format!("00000000-0000-4000-8000-{:012x}", inner.requests);
        let step = inner.transact(|inner| inner.step(request, &route, protocol)).unwrap_or_else(|error| {
            // Not 500, which clients would try again and again.
            let fault =
                Fault::with(501, "SandboxFile", format!("the sandbox's file cannot be used: {error}"));
            inner.trouble = Some(error.to_string());
            Step { done: Err(fault), fault: None, bucket_region: None }
        });
        let (respelling, now) = (inner.respelling, inner.now());
        drop(inner);
        let mut reply = match &step.done {
            Ok((operation, output)) => protocol.encode(&route.service, operation, output, &id),
            Err(fault) => protocol.refuse(&route.service, request, fault, &id),
        };
        if let Some(respelling) = respelling.filter(|_| step.done.is_ok()) {
            reply = respelling.body(protocol, reply);
        }
        if let Some(region) = step.bucket_region {
            reply = reply.header("x-amz-bucket-region", region);
        }
        // Every answer of AWS's tells its time (RFC 9110, Date): by it, and not by the caller's clock, ages are judged.
        let ahead = if step.fault == Some(Kind::Skewed) { faults::SKEW_SECONDS } else { 0 };
        let date = now.saturating_add(jiff::SignedDuration::from_secs(ahead)).unwrap_or(now);
        reply = reply.header("date", http_date(date));
        let reset = matches!(step.fault, Some(Kind::ResetBefore | Kind::ResetAfter));
        let delay = match step.fault {
            Some(Kind::Slow(millis)) => Duration::from_millis(millis),
            _ => Duration::ZERO,
        };
        if matches!(step.fault, Some(Kind::KillBefore | Kind::KillAfter)) {
            // No destructor runs and nothing is flushed: the file has what was written before, as after SIGKILL.
            std::process::abort();
        }
        Answered { reply: (!reset).then_some(reply), delay, truncated: step.fault == Some(Kind::Truncate) }
    }
}

impl Inner {
    /// Runs a request on the state; the flag says whether the state has changed.
    fn step(&mut self, request: &Request, route: &Route, protocol: Protocol) -> (Step, bool) {
        let caller = caller(&self.state, &self.account, route.access_key.as_deref(), self.now());
        let (done, fault, changed) = match protocol.decode(request) {
            Ok(decoded) => self.run(decoded, route, &caller),
            Err(fault) => (Err(fault), None, false),
        };
        let done = match self.respelling {
            Some(respelling) => done.map(|(name, output)| {
                let output = respelling.answer(&name, output);
                (name, output)
            }),
            None => done,
        };
        let bucket = if protocol == Protocol::RestXml { bucket_and_key(request).0 } else { String::new() };
        let bucket_region = self.state.bucket(&bucket).and_then(|(_, record)| {
            let region = record.get("Region")?.as_str()?;
            Some(region.to_owned())
        });
        (Step { done, fault, bucket_region }, changed)
    }

    fn run(
        &mut self,
        decoded: Decoded,
        route: &Route,
        caller: &Caller,
    ) -> (Result<(String, Value), Fault>, Option<Kind>, bool) {
        let Decoded { operation: name, mut input } = decoded;
        let Route { service, region, .. } = route;
        // One entry a request, whatever becomes of it.
        self.seen.push(Seen {
            service: service.clone(),
            operation: name.clone(),
            account: caller.account.clone(),
            region: region.clone(),
            at: self.now(),
            refused: None,
        });
        let (done, fault, changed) = self.befallen(name, &mut input, route, caller);
        if let (Err(refusal), Some(seen)) = (&done, self.seen.last_mut()) {
            seen.refused = Some(refusal.code.clone());
        }
        (done, fault, changed)
    }

    /// Runs a call unless something befalls it before.
    fn befallen(
        &mut self,
        name: String,
        input: &mut Value,
        route: &Route,
        caller: &Caller,
    ) -> (Result<(String, Value), Fault>, Option<Kind>, bool) {
        let Route { service, region, .. } = route;
        let fault = faults::befalls(&mut self.faults, service, &name);
        let refusal = match fault {
            Some(Kind::Throttle) => Some(faults::throttled(service)),
            // Nobody sees the answer of a reset connection; it only must not be the handler's.
            Some(Kind::ServerError | Kind::ResetBefore | Kind::KillBefore) => Some(faults::failed(service)),
            Some(Kind::SlowDown) => Some(faults::busy(service)),
            Some(Kind::Conflict) => Some(faults::conflicted(service, &name)),
            Some(Kind::Deny) => Some(faults::denied(service, &name, &caller.session)),
            Some(Kind::Expired) => Some(faults::expired(service)),
            Some(Kind::Skewed) => Some(faults::skewed(service)),
            Some(Kind::RegionDisabled) => Some(faults::region_disabled(service, region)),
            Some(Kind::ResetAfter | Kind::Truncate | Kind::Slow(_) | Kind::Stale | Kind::KillAfter)
            | None => None,
        };
        if let Some(refusal) = refusal {
            return (Err(refusal), fault, false);
        }
        if caller.expired {
            return (Err(faults::expired(service)), fault, false);
        }
        let Some(row) = operation(service, &name) else {
            return (Err(lacking(service, &name)), fault, false);
        };
        let now = self.now();
        if self.settings.rate_limits && !self.buckets.take(&caller.account, region, service, &name, now) {
            return (Err(faults::throttled(service)), fault, false);
        }
        if self.settings.empty_pages
            && let Some(empty) = paging::empty_page(service, &name, input)
        {
            return (Ok((name, empty)), fault, false);
        }
        let cutting = self.settings.page_size.and_then(|size| paging::narrow(service, &name, size, input));
        let rest = Rest { account: &caller.account, region, now, caller, service, cutting };
        if !row.writes {
            let mut stale = match fault {
                Some(Kind::Stale) => self.before.get(service).cloned(),
                _ => None,
            };
            let state = match stale.as_mut() {
                Some(before) => before,
                None => self.scratch.get_or_insert_with(|| self.state.clone()),
            };
            state.settings = self.settings;
            return (rest.handle(row.handler, state, name, input), fault, false);
        }
        let before = self.state.clone();
        self.state.settings = self.settings;
        let done = rest.handle(row.handler, &mut self.state, name, input);
        if done.is_err() {
            // A refused call leaves nothing behind.
            self.state = before;
            return (done, fault, false);
        }
        let changed = self.state != before;
        if changed {
            self.before.insert(service.clone(), before);
            self.scratch = None;
        }
        (done, fault, changed)
    }
}

/// What a handler needs besides the state.
struct Rest<'a> {
    account: &'a str,
    region: &'a str,
    now: Timestamp,
    caller: &'a Caller,
    service: &'a str,
    cutting: Option<Cutting>,
}

impl Rest<'_> {
    fn handle(
        self,
        handler: fn(&mut Call<'_>) -> Answer,
        state: &mut State,
        name: String,
        input: &Value,
    ) -> Result<(String, Value), Fault> {
        state.now_millis = self.now.as_millisecond();
        let mut call = Call {
            state,
            now: self.now,
            account: self.account,
            region: self.region,
            // Policies know roles; only STS speaks of sessions.
            principal: if self.service == "sts" { &self.caller.session } else { &self.caller.principal },
            input,
        };
        let done = handler(&mut call).map(|mut output| {
            if let Some(cutting) = self.cutting {
                cutting.cut(&mut output);
            }
            (name, output)
        });
        state.now_millis = 0;
        done
    }
}

fn lacking(service: &str, operation: &str) -> Fault {
    let what = if service.is_empty() { "an unsigned request to an unknown host" } else { service };
    Fault::with(501, "NotImplemented", format!("the sandbox does not answer {what}:{operation}"))
}
