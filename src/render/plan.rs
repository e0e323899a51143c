//! A plan, a drift or an outcome as text for people, in Terraform's symbols and words.

use crate::engine::plan::{Action, Goal, Plan};
use crate::kinds::{Class, Effect, Kind};
use crate::render::Style;
use crate::render::document::{Document, Row, Unreadable};
use crate::render::value::{cut, short};
use crate::render::{preflight, selection};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// How much of each step is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// One line a step, and what weighs.
    Concise,
    /// One line a step; values only where something stays and changes.
    Brief,
    /// Attributes of everything.
    Full,
}

impl Detail {
    /// Returns how much of a document is shown unless somebody says otherwise: of many things that come or go as a whole
    /// the names are enough.
    pub fn of(document: &Document) -> Self {
        let many = document.count(&[Action::Create, Action::Delete]) > 12;
        if many { Self::Brief } else { Self::Full }
    }
}

/// Whether the text is about what will be done or about what has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Plan,
    Drift,
}

/// From how many on creations or deletions of one kind share a paragraph.
const MANY: usize = 6;
/// How many effects of one class a step shows.
const FEW: usize = 3;
/// Attributes of a trail that decide which operations it records (coverage::Recording).
const RECORDED_BY: &[&str] =
    &["event_selectors", "logging", "multi_region", "include_global_service_events", "organization"];
/// Attributes of invocation logging that decide which bodies it holds (coverage::InvocationRecording).
const BODIES: &[&str] = &["text", "image", "embedding", "video", "audio"];

/// What a screen about a plan says.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    pub document: &'a Document,
    pub detail: Detail,
    /// True: every operation by name.
    pub verbose: bool,
    pub style: Style,
}

/// Returns the plan's symbol for an action.
pub fn symbol(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update | Action::Release => "~",
        Action::Delete => "-",
        Action::Adopt | Action::TakeBack => ">",
        Action::Foreign => "x",
        Action::Unreadable => "?",
    }
}

/// Returns the summary line.
pub fn summary(plan: &Document) -> String {
    let (foreign, unreadable) = (plan.summary.foreign, plan.summary.unreadable);
    let mut more = String::new();
    for (count, what) in [
        (foreign, "foreign"),
        (unreadable, "unreadable"),
        (plan.left_over.len(), "left over"),
        (plan.unrepaired.len(), "not repaired"),
    ] {
        if count > 0 {
            let _ = write!(more, ", {count} {what}");
        }
    }
    if plan.view() == View::Drift {
        let (missing, changed) =
            (plan.count(&[Action::Create]), plan.count(&[Action::Update, Action::TakeBack]));
        if plan.is_empty() && plan.unrepaired.is_empty() {
            return format!("No drift. The account is as the blueprint says{more}.");
        }
        if plan.unrepaired.is_empty() && missing + changed + foreign == 0 {
            return format!("No drift can be claimed: something could not be read{more}.");
        }
        return format!("Drift: {changed} changed, {missing} missing{more}.");
    }
    if plan.is_empty() {
        return match plan.goal {
            Goal::Converge if !plan.unrepaired.is_empty() => {
                format!(
                    "No changes. The account differs from the blueprint in what apply leaves alone{more}."
                )
            }
            Goal::Converge if plan.selection.is_some() => {
                format!("No changes. What is selected matches the blueprint{more}.")
            }
            Goal::Converge => format!("No changes. The account matches the blueprint{more}."),
            Goal::Destroy => format!("Nothing to destroy{more}."),
        };
    }
    let (adopt, release) = (plan.count(&[Action::Adopt, Action::TakeBack]), plan.count(&[Action::Release]));
    let mut middle = String::new();
    for (count, what) in [(adopt, "to adopt or take back"), (release, "to release")] {
        if count > 0 {
            let _ = write!(middle, ", {count} {what}");
        }
    }
    format!(
        "Plan: {} to add, {} to change, {} to destroy{middle}{more}.",
        plan.count(&[Action::Create]),
        plan.count(&[Action::Update]),
        plan.count(&[Action::Delete])
    )
}

/// Returns what an apply ends with if it leaves differences: how many, where, and what would remove them.
pub fn left_as_it_is(plan: &Plan) -> String {
    let count = plan.unrepaired.len();
    let places = |prunable: bool| {
        let these = plan.unrepaired.iter().filter(|left| left.prunable == prunable);
        these.map(|left| format!("{} {}", left.address.short(), left.attribute)).collect::<Vec<_>>()
    };
    let (prunable, told) = (places(true), places(false));
    let mut parts = Vec::new();
    if !prunable.is_empty() {
        let it = if prunable.len() == 1 { "it" } else { "them" };
        parts.push(format!("{}; `apply --prune` removes {it}", prunable.join(", ")));
    }
    if !told.is_empty() {
        parts.push(format!("{}; only its owner removes that", told.join(", ")));
    }
    let noun = if count == 1 { "difference" } else { "differences" };
    format!("{count} {noun} left: {}", parts.join(". "))
}

impl Sheet<'_> {
    /// Returns the whole text.
    pub fn text(&self) -> String {
        let mut out = self.rows();
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{}", self.style.bold(&summary(self.document)));
        out.push_str(&self.conclusions());
        out.push_str(&self.approvals());
        out.push_str(&self.obstacles());
        if self.detail != Detail::Concise {
            out.push_str(&self.legend());
        }
        out
    }

    /// Returns every step, and what is there besides.
    pub fn rows(&self) -> String {
        let mut out = String::new();
        let mut rest = self.document.changes.as_slice();
        while let Some(row) = rest.first() {
            let alike = rest.iter().take_while(|other| self.goes_with(row, other)).count();
            if alike >= MANY {
                self.group(&mut out, &rest[..alike]);
                rest = &rest[alike..];
            } else {
                self.row(&mut out, row);
                rest = &rest[1..];
            }
        }
        self.document.foreign.iter().for_each(|row| self.row(&mut out, row));
        for same in self.document.unchanged.iter().flatten() {
            let _ = writeln!(out, "= {}  {}", same.address, self.style.dim(&same.aws_name));
        }
        self.unreadable(&mut out);
        self.unrepaired(&mut out);
        self.left_over(&mut out);
        out
    }

    /// Returns what the steps come to: losses, and what to know.
    pub fn conclusions(&self) -> String {
        let mut out = String::new();
        self.classes(&mut out);
        if let Some(selected) = &self.document.selection {
            out.push_str(&selection::paragraph(selected, &self.document.scope, self.style));
        }
        if self.view() == View::Plan || !self.document.coverage.is_empty() {
            self.audit_effect(&mut out);
        }
        if self.detail != Detail::Concise {
            self.notes(&mut out);
        }
        out
    }

    /// Returns what is in the way; nothing if nothing is.
    pub fn obstacles(&self) -> String {
        preflight::text(&self.document.obstacles, self.style)
    }

    /// What the changes are; not said of a plan that only adds.
    fn classes(&self, out: &mut String) {
        let mut classes: BTreeMap<Class, usize> = BTreeMap::new();
        for row in self.document.changes.iter().filter(|row| row.blocked.is_none()) {
            *classes.entry(row.class).or_default() += 1;
        }
        if self.view() == View::Drift || classes.keys().all(|class| *class == Class::Additive) {
            return;
        }
        let words: Vec<String> =
            classes.iter().map(|(class, count)| format!("{count} {}", class_of(*class))).collect();
        let _ = writeln!(out, "Of the changes: {}.", words.join(", "));
    }

    fn row(&self, out: &mut String, row: &Row) {
        let style = self.style;
        let mark = self.mark(row.action);
        let loses = row.is_weighty();
        let bang = if loses { style.red("!") } else { " ".into() };
        let address = row.address.to_string();
        if self.detail == Detail::Concise {
            let room = style.width.saturating_sub(address.chars().count() + 4).max(24);
            let _ = writeln!(out, "{mark}{bang}{}  {}", style.bold(&address), cut(&gist(row), room));
            return;
        }
        let name = if row.name.is_empty() { String::new() } else { format!("  {}", style.dim(&row.name)) };
        let wide = address.chars().count() + row.name.chars().count() + 4;
        let gap = if wide > style.width { "\n  " } else { "" };
        let _ = writeln!(out, "{mark}{bang}{}{gap}{name}", style.bold(&address));
        let word = self.drift_word(row);
        if self.detail == Detail::Full || !is_whole(row.action) {
            let reason = match (self.view(), word) {
                (View::Plan, _) if row.blocked.is_none() => {
                    format!("{} ({})", row.reason, class_of(row.class))
                }
                (_, "") => row.reason.clone(),
                _ => format!("{word}: {}", row.reason),
            };
            let _ = writeln!(out, "{}", style.wrap(&reason, "    ", "    "));
            self.changes(out, row);
        }
        self.effects(out, row);
        if let Some(why) = &row.blocked
            && !matches!(row.action, Action::Foreign | Action::Unreadable)
        {
            let _ = writeln!(out, "{}", style.red(&style.wrap(&format!("blocked: {why}"), "    ", "    ")));
        }
        for why in row.held.iter().filter(|_| row.blocked.is_none()) {
            let _ = writeln!(out, "{}", style.red(&style.wrap(&format!("held: {why}"), "    ", "    ")));
        }
        if !row.calls.is_empty()
            && (self.detail == Detail::Full || !is_whole(row.action))
            && self.view() == View::Plan
        {
            let text = format!("calls  {}", row.calls.join(", "));
            let _ = writeln!(out, "{}", style.dim(&style.wrap(&text, "    ", "           ")));
        }
    }

    /// Creations, and deletions, of one kind in one place with nothing more to say are one paragraph on a brief screen.
    fn goes_with(&self, first: &Row, other: &Row) -> bool {
        let plain = |row: &Row| {
            is_whole(row.action) && row.effects.is_empty() && row.blocked.is_none() && row.held.is_empty()
        };
        self.detail == Detail::Brief
            && self.view() == View::Plan
            && plain(first)
            && plain(other)
            && first.action == other.action
            && first.address.kind == other.address.kind
            && first.address.scope == other.address.scope
    }

    fn group(&self, out: &mut String, rows: &[Row]) {
        let Some(first) = rows.first() else { return };
        let head = format!("{}.* ({}) @{}", first.address.kind, rows.len(), first.address.scope);
        let _ = writeln!(out, "{} {}", self.mark(first.action), self.style.bold(&head));
        let names: Vec<&str> = rows.iter().map(|row| row.address.name.as_str()).collect();
        let _ = writeln!(out, "{}", self.style.dim(&self.style.wrap(&names.join(", "), "    ", "    ")));
    }

    /// The first few effects of each class; what operations are lost stands in full below the plan.
    fn effects(&self, out: &mut String, row: &Row) {
        let classes: BTreeSet<Class> = row.effects.iter().map(|effect| effect.class).collect();
        for class in classes {
            let all: Vec<&str> = row
                .effects
                .iter()
                .filter(|effect| effect.class == class)
                .map(|effect| effect.text.as_str())
                .collect();
            let weighty = class.approval().is_some();
            if self.view() == View::Drift && !weighty {
                continue;
            }
            let mark = if weighty { "  ! " } else { "    " };
            let mut tell = |text: &str| {
                let text = self.style.wrap(&format!("{} {text}", class_word(class)), mark, "    ");
                let _ = writeln!(out, "{}", if weighty { self.style.red(&text) } else { text });
            };
            all.iter().take(FEW).for_each(|text| tell(text));
            if all.len() > FEW {
                tell(&format!("and {} more of the kind", all.len() - FEW));
            }
        }
    }

    fn mark(&self, action: Action) -> String {
        let (style, symbol) = (self.style, symbol(action));
        match action {
            Action::Create => style.green(symbol),
            Action::Delete | Action::Foreign | Action::Unreadable => style.red(symbol),
            Action::Update | Action::Release => style.yellow(symbol),
            Action::Adopt | Action::TakeBack => style.cyan(symbol),
        }
    }

    fn view(&self) -> View {
        self.document.view()
    }

    fn drift_word(&self, row: &Row) -> &'static str {
        match (self.view(), row.action) {
            (View::Plan, _) => "",
            (View::Drift, Action::Create) => "missing",
            (View::Drift, Action::Foreign) => "not ours",
            (View::Drift, Action::Unreadable) => "unknown",
            (View::Drift, _) => "changed",
        }
    }

    fn changes(&self, out: &mut String, row: &Row) {
        let paths: Vec<&str> = row.attributes.iter().map(|change| change.path.as_str()).collect();
        let pad = paths.iter().map(|path| path.chars().count()).filter(|len| *len <= 34).max().unwrap_or(0);
        let room = self.style.width.saturating_sub(pad + 8).max(24);
        for change in &row.attributes {
            let (before, after) = (short(&change.before), short(&change.after));
            let path = format!("{:pad$}", change.path);
            match row.action {
                Action::Create => {
                    let _ = writeln!(out, "    {path}  {}", cut(&after, room));
                }
                Action::Delete => {
                    let _ = writeln!(out, "    {path}  {}", cut(&before, room));
                }
                _ if before.chars().count() + after.chars().count() + 4 <= room => {
                    let link = if self.view() == View::Drift { ", wanted" } else { " ->" };
                    let _ = writeln!(out, "    {path}  {before}{link} {after}");
                }
                _ if change.before.is_null() || change.after.is_null() => {
                    let room = self.style.width.saturating_sub(change.path.chars().count() + 22).max(24);
                    let (before, after) = (cut(&before, room), cut(&after, room));
                    let link = if self.view() == View::Drift { ", wanted" } else { " ->" };
                    let _ = writeln!(out, "    {path}  {before}{link} {after}");
                }
                _ => {
                    let _ = writeln!(out, "    {}", change.path);
                    let room = self.style.width.saturating_sub(12).max(24);
                    let _ = writeln!(out, "      {} {}", self.style.red("-"), cut(&before, room));
                    let _ = writeln!(out, "      {} {}", self.style.green("+"), cut(&after, room));
                }
            }
        }
    }

    /// What could not be read, each thing with every read that failed.
    fn unreadable(&self, out: &mut String) {
        for rows in self.document.unreadable.chunk_by(|a, b| a.address == b.address) {
            let Some(Unreadable { address, name, .. }) = rows.first() else { continue };
            let word = if self.view() == View::Drift { "unknown: " } else { "" };
            let name = if name.is_empty() { String::new() } else { format!("  {}", self.style.dim(name)) };
            let _ = writeln!(out, "{} {}{name}", self.style.red("?"), self.style.bold(address));
            for row in rows {
                let text = format!("{word}{}", unread(row));
                let _ = match self.detail {
                    Detail::Concise => {
                        writeln!(out, "    {}", cut(&text, self.style.width.saturating_sub(4)))
                    }
                    _ => writeln!(out, "{}", self.style.wrap(&text, "    ", "      ")),
                };
            }
        }
    }

    fn unrepaired(&self, out: &mut String) {
        if self.document.unrepaired.is_empty() {
            return;
        }
        let gap = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{}", self.style.bold("Added by others, and left as it is:"));
        for left in &self.document.unrepaired {
            let room = self.style.width.saturating_sub(8).max(24);
            let _ = writeln!(out, "  {}  {}", self.style.bold(&left.address.to_string()), left.attribute);
            let _ = writeln!(out, "      {}", cut(&short(&left.before), room));
            let _ = writeln!(out, "{}", self.style.wrap(&left.why, "      ", "      "));
        }
    }

    fn left_over(&self, out: &mut String) {
        if self.document.left_over.is_empty() {
            return;
        }
        let heading = match self.document.goal {
            Goal::Converge => "Left over (ours, asked for by nobody):",
            Goal::Destroy => "Stays:",
        };
        let _ = writeln!(out, "\n{}", self.style.bold(heading));
        for left in &self.document.left_over {
            let text = format!("{}  {}  {}", left.address, left.aws_name, left.why);
            let _ = writeln!(out, "{}", self.style.wrap(&text, "  ", "      "));
        }
    }

    fn audit_effect(&self, out: &mut String) {
        let coverage = &self.document.coverage;
        let weighty: Vec<&Row> = self
            .document
            .changes
            .iter()
            .filter(|row| row.blocked.is_none() && row.class > Class::Restoring)
            .collect();
        if coverage.is_empty() && weighty.is_empty() {
            if self.document.count(&[Action::Create, Action::Update]) > 0 {
                let _ = writeln!(out, "\nAudit effect: the same operations are recorded before and after.");
            }
            return;
        }
        let _ = writeln!(out, "\n{}", self.style.bold("Audit effect"));
        for (title, items, loss) in recorded(self.document) {
            if items.is_empty() {
                continue;
            }
            // What is new is the most there ever is of these, and the least that has to be read.
            let text = match self.verbose || !std::ptr::eq(items, coverage.newly_recorded.as_slice()) {
                true => items.join(", "),
                false => format!("{}; -v names them", by_service(items)),
            };
            let mark = if loss { "  ! " } else { "    " };
            let wrapped = self.style.wrap(&format!("{title} ({}): {text}", items.len()), mark, "      ");
            let _ = writeln!(out, "{}", if loss { self.style.red(&wrapped) } else { wrapped });
        }
        for row in weighty {
            // Lost operations are listed above, by name.
            let told = |effect: &Effect| {
                let listed = match row.kind {
                    Kind::Trail => RECORDED_BY.contains(&effect.attribute.as_str()),
                    Kind::BedrockLogging => BODIES.contains(&effect.attribute.as_str()),
                    _ => false,
                };
                effect.class == Class::Coverage && coverage.loses() && listed
            };
            for effect in row.effects.iter().filter(|effect| effect.class > Class::Restoring && !told(effect))
            {
                let text = format!("{} {}: {}", class_word(effect.class), row.address.short(), effect.text);
                let _ = writeln!(out, "{}", self.style.red(&self.style.wrap(&text, "  ! ", "      ")));
            }
        }
    }

    fn notes(&self, out: &mut String) {
        let charged = if self.view() == View::Plan { charges(self.document) } else { Vec::new() };
        if self.document.notes.is_empty() && charged.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n{}", self.style.bold("Worth knowing"));
        for text in self.document.notes.iter().chain(&charged) {
            let _ = writeln!(out, "{}", self.style.wrap(text, "  - ", "    "));
        }
    }

    /// Returns what a person has to approve; nothing if nobody has to.
    pub fn approvals(&self) -> String {
        let needs = self.document.missing_approvals();
        let mut out = String::new();
        if needs.is_empty() || self.view() == View::Drift {
            return out;
        }
        let _ = writeln!(out, "\n{}", self.style.bold("Needs a person's approval:"));
        for need in needs {
            let _ = writeln!(out, "  --allow {need}");
        }
        out
    }

    /// Returns what the marks mean that are used; nothing if none is.
    pub fn legend(&self) -> String {
        let mut used: BTreeSet<&str> = self.document.rows().map(|row| symbol(row.action)).collect();
        if self.document.rows().any(Row::is_weighty) {
            used.insert("!");
        }
        if !self.document.unreadable.is_empty() {
            used.insert("?");
        }
        if self.document.unchanged.as_ref().is_some_and(|same| !same.is_empty()) {
            used.insert("=");
        }
        if used.is_empty() {
            return String::new();
        }
        let meaning = [
            ("+", "create"),
            ("~", "update in place"),
            ("-", "delete"),
            (">", "adopt or take back"),
            ("x", "foreign"),
            ("!", "loses coverage or evidence"),
            ("?", "could not be read"),
            ("=", "needs nothing"),
        ];
        let words: Vec<String> = meaning
            .iter()
            .filter(|(mark, _)| used.contains(mark))
            .map(|(mark, word)| format!("{mark} {word}"))
            .collect();
        format!("\n{}\n", self.style.dim(&self.style.wrap(&words.join("   "), "", "")))
    }
}

/// Returns what is recorded otherwise before and after, in the words of what the document is about, and whether each list is
/// a loss. A drift is about the way back: what its repair would record is not recorded now.
pub fn recorded(document: &Document) -> [(&'static str, &[String], bool); 4] {
    let coverage = &document.coverage;
    let (new, gone) = (coverage.newly_recorded.as_slice(), coverage.no_longer_recorded.as_slice());
    let (weaker, stronger) = (coverage.weaker.as_slice(), coverage.stronger.as_slice());
    match document.view() {
        View::Plan => [
            ("operations newly recorded by this scope", new, false),
            ("operations no longer recorded", gone, true),
            ("operations recorded only in part", weaker, true),
            ("operations recorded more fully", stronger, false),
        ],
        View::Drift => [
            ("operations this scope does not record now", new, true),
            ("operations recorded beyond the blueprint", gone, false),
            ("operations recorded more fully than the blueprint asks for", weaker, false),
            ("operations recorded only in part now", stronger, true),
        ],
    }
}

/// Tells whether a thing as a whole comes or goes, so that its name says it.
fn is_whole(action: Action) -> bool {
    matches!(action, Action::Create | Action::Delete)
}

/// Returns a failed read as one sentence, with what to do about it.
fn unread(row: &Unreadable) -> String {
    let Some(call) = &row.call else { return row.message.clone() };
    let code = row.code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default();
    let id = row.request_id.as_ref().map(|id| format!(" (request id {id})")).unwrap_or_default();
    let hint = row.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{call} failed: {code}{}{id}{hint}", row.message)
}

/// Counts operations by service: `bedrock 143 (InvokeModel, Converse …)`; types without named operations come last.
fn by_service(operations: &[String]) -> String {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    let mut types = 0;
    for operation in operations {
        match operation.split_once(':') {
            Some((service, rest)) if !rest.starts_with(':') => *counts.entry(service).or_default() += 1,
            _ => types += 1,
        }
    }
    let mut parts: Vec<(&str, usize)> = counts.into_iter().collect();
    parts.sort_by_key(|(service, count)| (std::cmp::Reverse(*count), *service));
    let mut words: Vec<String> = parts.iter().map(|(service, count)| format!("{service} {count}")).collect();
    if types > 0 {
        words.push(format!("data events of {types} more resource types"));
    }
    words.join(", ")
}

/// Returns what a change is, in a word.
fn class_of(class: Class) -> &'static str {
    match class {
        Class::Neutral => "neutral",
        Class::Additive => "additive",
        Class::Restoring => "restoring",
        Class::Coverage => "loses coverage",
        Class::Weaken => "weakens",
        Class::Irreversible => "irreversible",
        Class::Delete => "deletes evidence",
    }
}

/// What a step comes to, on one line: what it is about for a creation, why for all others.
fn gist(row: &Row) -> String {
    match (&row.blocked, row.action) {
        (Some(why), Action::Create | Action::Update | Action::Release | Action::TakeBack) => {
            format!("blocked: {why}")
        }
        (_, Action::Create) => row.name.clone(),
        _ => row.reason.clone(),
    }
}

fn class_word(class: Class) -> &'static str {
    match class {
        Class::Neutral | Class::Additive | Class::Restoring => "note:",
        Class::Coverage => "loses coverage:",
        Class::Weaken => "weakens evidence:",
        Class::Irreversible => "cannot be undone:",
        Class::Delete => "deletes:",
    }
}

/// Returns what the plan's additions are charged for.
fn charges(document: &Document) -> Vec<String> {
    let added = |kind: Kind| {
        document.changes.iter().filter(|row| row.action == Action::Create && row.kind == kind).count()
    };
    let (alarms, composites, filters) =
        (added(Kind::MetricAlarm), added(Kind::CompositeAlarm), added(Kind::MetricFilter));
    let mut charged = Vec::new();
    if alarms + composites + filters > 0 {
        charged.push(format!(
            "AWS charges for {alarms} metric alarms, {composites} composite alarms and {filters} custom metrics"
        ));
    }
    if added(Kind::Trail) > 0 {
        charged.push(
            "AWS charges for every data event the trail records; the first copy of management events is free"
                .into(),
        );
    }
    charged
}
