//! What a live screen shows while a run works: what is running, what waits and for what, what a rate holds back.
//!
//! Pure: events and the time in, lines out.

use crate::aws::Gauge;
use crate::aws::gauge::Queue;
use crate::engine::event::Event;
use crate::engine::plan::{Action, Plan};
use crate::model::Address;
use crate::render::Style;
use crate::render::events::symbol;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use textwrap::core::display_width;

/// Shortest wait for a rate that is worth a line.
const WORTH_TELLING_SECONDS: f64 = 1.0;
/// Most lines of running steps, however high the window is: a screen is to be taken in at a glance.
const MOST_ROWS: usize = 10;
/// Most columns of the bar itself.
const BAR: usize = 24;
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// The window that lines are to fit into.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub width: usize,
    pub height: usize,
    pub style: Style,
}

/// A step under way.
#[derive(Debug)]
struct Running {
    address: Address,
    action: Action,
    since: Timestamp,
    call: &'static str,
    /// What AWS has not spread yet, and when it is given up.
    waits: Option<(&'static str, f64, Timestamp)>,
}

/// What a run is doing.
#[derive(Debug)]
enum Phase {
    Reading,
    Lock { holder: String, left_seconds: f64, at: Timestamp },
    Steps,
    Verifying { differing: usize },
}

/// The state of a run as its events tell it.
#[derive(Debug)]
pub struct Board {
    began: Timestamp,
    phase: Phase,
    total: usize,
    finished: usize,
    running: Vec<Running>,
    /// Short names that stand for more than one resource.
    ambiguous: BTreeSet<String>,
    /// Waits that were told.
    told: BTreeSet<(String, String)>,
    ending: bool,
}

impl Board {
    /// Returns the board of a run that reads the account.
    pub fn new(now: Timestamp) -> Self {
        Self {
            began: now,
            phase: Phase::Reading,
            total: 0,
            finished: 0,
            running: Vec::new(),
            ambiguous: BTreeSet::new(),
            told: BTreeSet::new(),
            ending: false,
        }
    }
    /// Takes the steps that are going to be carried out.
    pub fn start(&mut self, plan: &Plan) {
        self.phase = Phase::Steps;
        let steps: Vec<&Address> =
            plan.steps.iter().filter(|step| step.blocked.is_none()).map(|step| &step.address).collect();
        self.total = steps.len();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for step in &plan.steps {
            *seen.entry(step.address.short()).or_default() += 1;
        }
        self.ambiguous = seen.into_iter().filter(|(_, times)| *times > 1).map(|(name, _)| name).collect();
    }
    /// Takes an event; returns false if the same wait for the same thing was taken before.
    pub fn take(&mut self, event: &Event, now: Timestamp) -> bool {
        match event {
            Event::StepStarted { address, action } => {
                let (address, action) = (address.clone(), *action);
                if matches!(self.phase, Phase::Lock { .. }) {
                    self.phase = Phase::Steps;
                }
                self.running.push(Running { address, action, since: now, call: "", waits: None });
                // The check of the second plan may do one more.
                self.total = self.total.max(self.finished + self.running.len());
            }
            Event::StepCalls { address, call: next } => {
                if let Some(step) = self.step(address) {
                    (step.call, step.waits) = (next, None);
                }
            }
            Event::StepWaiting { address, waiting_for, left_seconds, .. } => {
                if let Some(step) = self.step(address) {
                    step.waits = Some((waiting_for, *left_seconds, now));
                }
                return self.told.insert((address.to_string(), (*waiting_for).to_owned()));
            }
            Event::StepDone { address, .. } | Event::StepFailed { address, .. } => {
                self.running.retain(|step| step.address != *address);
                self.finished += 1;
            }
            Event::StepSkipped { address, .. } => self.running.retain(|step| step.address != *address),
            Event::LockWaiting { holder, left_seconds } => {
                let (mut left, holder) = (*left_seconds, holder.clone());
                if let Phase::Lock { left_seconds: before, at, .. } = &self.phase {
                    left = left.min(before - seconds(*at, now));
                }
                // The lease of one holder is renewed again and again.
                let who = holder.split(';').next().unwrap_or_default().to_owned();
                self.phase = Phase::Lock { holder, left_seconds: left, at: now };
                return self.told.insert(("lock".into(), who));
            }
            Event::VerifyStarted => self.phase = Phase::Verifying { differing: 0 },
            Event::VerifyWaiting { differing, .. } => {
                self.phase = Phase::Verifying { differing: *differing };
            }
        }
        true
    }
    /// Takes that the end was asked for.
    pub fn end_is_near(&mut self) {
        self.ending = true;
    }
    /// Returns true if the end was asked for.
    pub fn is_ending(&self) -> bool {
        self.ending
    }
    /// Returns how many of the steps are finished: `[ 3/14]`.
    pub fn counter(&self) -> String {
        let width = self.total.to_string().len();
        format!("[{:>width$}/{}]", self.finished, self.total)
    }
    /// Returns a resource's name: short where that is unique.
    pub fn name(&self, address: &Address) -> String {
        let short = address.short();
        if self.ambiguous.contains(&short) { address.to_string() } else { short }
    }
    /// Returns the lines of this moment, none of them wider than the window or more than fit into it.
    pub fn lines(&self, window: Window, gauge: &Gauge, now: Timestamp) -> Vec<String> {
        let elapsed = seconds(self.began, now);
        let spinner = SPINNER[(now.as_millisecond().unsigned_abs() / 100 % 10) as usize];
        let mut lines = vec![match &self.phase {
            Phase::Reading => {
                format!(
                    "{spinner} reading the account: {} calls, {}",
                    gauge.answered(),
                    clock(elapsed.floor())
                )
            }
            Phase::Lock { holder, left_seconds, at } => {
                let left = clock(left_seconds - seconds(*at, now));
                format!("{spinner} waits up to {left} for the lock: {holder}")
            }
            Phase::Steps => self.bar(window, elapsed),
            Phase::Verifying { differing: 0 } => {
                format!("{spinner} checking that a second plan is empty; old values may show for a minute")
            }
            Phase::Verifying { differing } => {
                format!(
                    "{spinner} checking that a second plan is empty: {differing} still as before, looking again"
                )
            }
        }];
        let queues: Vec<Queue> = gauge
            .queues()
            .into_iter()
            .filter(|queue| seconds(now, queue.until) > WORTH_TELLING_SECONDS)
            .collect();
        // The bar, a line of what does not fit, and one free line below.
        let room = window.height.saturating_sub(3 + queues.len()).clamp(1, MOST_ROWS);
        let mut running: Vec<&Running> = self.running.iter().collect();
        running.sort_by_key(|step| step.waits.is_none());
        let names = running.iter().take(room).map(|step| display_width(&self.name(&step.address))).max();
        let column = names.unwrap_or(0).min(window.width * 2 / 5);
        lines.extend(running.iter().take(room).map(|step| self.row(step, column, window.style, now)));
        if let Some(more) = running.len().checked_sub(room).filter(|more| *more > 0) {
            lines.push(format!("  … and {more} more"));
        }
        lines.extend(queues.iter().map(|queue| window.style.dim(&held_back(queue, now))));
        // The last column stays free: a cursor behind it would be on the next line.
        let most = window.width.saturating_sub(1);
        lines.into_iter().map(|line| cut(&line, most)).collect()
    }
    fn bar(&self, window: Window, elapsed: f64) -> String {
        let ending = if self.ending { "  ending" } else { "" };
        let text = format!(" {}/{}  {}{ending}", self.finished, self.total, clock(elapsed.floor()));
        let width = window.width.saturating_sub(text.len() + 1).min(BAR);
        let full = (width * self.finished).checked_div(self.total).unwrap_or(0);
        format!(
            "{}{}{text}",
            window.style.green(&"█".repeat(full)),
            window.style.dim(&"░".repeat(width - full))
        )
    }
    fn row(&self, step: &Running, column: usize, style: Style, now: Timestamp) -> String {
        let what = match step.waits {
            Some((reason, left, at)) => {
                // The countdown first: a narrow window cuts the end.
                format!("waits up to {} for {reason}", clock(left - seconds(at, now)))
            }
            None => format!("{} {}", step.call, clock(seconds(step.since, now).floor())),
        };
        let name = cut(&self.name(&step.address), column);
        let gap = " ".repeat(column.saturating_sub(display_width(&name)));
        format!("  {} {name}{gap}  {}", symbol(step.action, style), style.dim(what.trim_start()))
    }
    fn step(&mut self, address: &Address) -> Option<&mut Running> {
        self.running.iter_mut().find(|step| step.address == *address)
    }
}

fn held_back(queue: &Queue, now: Timestamp) -> String {
    let what = if queue.bucket.is_empty() { "writes" } else { &queue.bucket };
    let (service, rate, calls) = (&queue.service, queue.per_second, queue.calls);
    let left = clock(seconds(now, queue.until));
    format!("  {service} {what}: paced at {rate}/s, {calls} queued, {left} left")
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

/// Returns a duration as `1:43`; what is over is `0:00`.
pub fn clock(seconds: f64) -> String {
    // A countdown that says 0:00 is over, so that parts of a second count as one.
    let whole = seconds.max(0.0).ceil() as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

/// Returns a line that is no wider than this many columns, its colours ended.
fn cut(line: &str, width: usize) -> String {
    if display_width(line) <= width {
        return line.to_owned();
    }
    let mut out = String::new();
    let (mut used, mut colored, mut in_escape) = (0, false, false);
    for letter in line.chars() {
        if letter == '\u{1b}' || in_escape {
            in_escape = letter != 'm';
            colored = true;
            out.push(letter);
            continue;
        }
        let columns = display_width(letter.encode_utf8(&mut [0; 4]));
        if used + columns >= width {
            out.push('…');
            break;
        }
        used += columns;
        out.push(letter);
    }
    if colored {
        out.push_str("\u{1b}[0m");
    }
    out
}

#[cfg(test)]
mod tests;
