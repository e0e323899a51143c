//! What a selection brought and took, in words.

use crate::engine::plan::select::Selection;
use crate::model::Address;
use crate::render::Style;
use crate::render::document::ScopeOf;
use std::fmt::Write;

/// From how many on things of one kind share a line.
const MANY: usize = 6;

/// Returns the paragraph below the summary: how much is selected, what was pulled in, and what was left out.
pub fn paragraph(selection: &Selection, scope: &ScopeOf, style: Style) -> String {
    let by = match (selection.targets.is_empty(), selection.excludes.is_empty()) {
        (false, true) => "--target",
        (true, false) => "--exclude",
        _ => "--target and --exclude",
    };
    let all = selection.steps + selection.outside;
    let noun = if all == 1 { "step" } else { "steps" };
    let head = format!("Selected by {by}: {} of {all} {noun}. {}", selection.steps, rest(selection));
    let mut out = style.wrap(&head, "", "  ") + "\n";
    let name = |address: &Address| {
        let home = address.scope.account == scope.account && address.scope.region == scope.home_region;
        if home { address.short() } else { address.to_string() }
    };
    let pulled =
        selection.pulled_in.iter().map(|one| (&one.address, format!("for {}", name(&one.wanted_by))));
    let left = selection.left_out.iter().map(|one| (&one.address, one.because.clone()));
    for (title, items) in [("Pulled in:", pulled.collect::<Vec<_>>()), ("Left out:", left.collect())] {
        if items.is_empty() {
            continue;
        }
        let _ = writeln!(out, "  {title}");
        for alike in items.chunk_by(|(a, _), (b, _)| a.kind == b.kind && a.scope == b.scope) {
            for line in lines(alike, name) {
                let _ = writeln!(out, "{}", style.wrap(&line, "    ", "      "));
            }
        }
    }
    out
}

/// Things of one kind in one place, a line each; many of them are one line with the reason of the first.
fn lines(alike: &[(&Address, String)], name: impl Fn(&Address) -> String) -> Vec<String> {
    match alike {
        [(first, why), others @ ..] if alike.len() >= MANY => {
            let head = name(&Address { name: "*".into(), ..(*first).clone() });
            let more = if others.iter().all(|(_, other)| other == why) { "" } else { ", and so on" };
            vec![format!("{head} ({}): {why}{more}", alike.len())]
        }
        _ => alike.iter().map(|(address, why)| format!("{}: {why}", name(address))).collect(),
    }
}

/// Returns what is said about everything that is not selected.
pub fn rest(selection: &Selection) -> String {
    match selection.outside {
        0 => "Nothing outside it is to be done.".into(),
        1 => "This is not the whole blueprint: 1 step outside was not looked at.".into(),
        count => format!("This is not the whole blueprint: {count} steps outside were not looked at."),
    }
}
