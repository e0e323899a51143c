//! The built-in packs, and what they need.

use super::Context;
use crate::blueprint::model::Source;
use crate::blueprint::problem::{Problem, either, nearest};
use crate::detections;
use std::collections::BTreeSet;

pub(super) fn packs_and_ids_exist(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let (packs, ids) = (detections::pack_names(), detections::ids());
    for (text, at) in cx.root.texts("detections.packs") {
        if packs.contains(&text) {
            continue;
        }
        let near = nearest(text, packs.iter().copied());
        problems.push(
            Problem::error("AS034", Some(at.clone()), format!("there is no pack `{text}`"))
                .label("unknown pack")
                .help(near.map_or_else(
                    || format!("the packs are {}", either(packs.iter().copied())),
                    |near| format!("write `{near}`"),
                )),
        );
    }
    for item in cx.root.items("detections.disable") {
        let Some(id) = item.text("id").filter(|id| !ids.contains(id)) else { continue };
        let near = nearest(id, ids.iter().copied());
        let own = ["detection", "alarm"].into_iter().flat_map(|list| cx.root.items(list));
        let help = if own.into_iter().any(|item| item.text("id") == Some(id)) {
            "it is this blueprint's own: take it out instead".to_owned()
        } else {
            near.map_or_else(
                || "the packs under blueprints/packs have the built-in ones".to_owned(),
                |near| format!("write `{near}`"),
            )
        };
        problems.push(
            Problem::error("AS034", item.place("id"), format!("there is no built-in detection `{id}`"))
                .label("unknown id")
                .help(help),
        );
    }
}

pub(super) fn disabled_has_a_reason(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    for item in cx.root.items("detections.disable") {
        if item.text("reason").is_some_and(|reason| reason.trim().is_empty()) {
            problems.push(
                Problem::error("AS035", item.place("reason"), "a disabled detection needs a reason")
                    .label("empty")
                    .help("say what covers it instead; the reason is printed in reports"),
            );
        }
    }
}

pub(super) fn detections_have_a_log_group(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    if cx.blueprint.trail.log_group.is_some() {
        return;
    }
    let reading = || cx.blueprint.detections.iter().filter(|detection| detection.source == Source::Trail);
    let packs: BTreeSet<&str> = reading().filter_map(|detection| detection.pack.as_deref()).collect();
    let own: Vec<&str> = reading()
        .filter(|detection| detection.pack.is_none())
        .map(|detection| detection.id.as_str())
        .collect();
    if packs.is_empty() && own.is_empty() {
        return;
    }
    let mut steps = Vec::new();
    if !packs.is_empty() {
        let left = detections::pack_names().into_iter().filter(|pack| !packs.contains(pack));
        let left: Vec<String> = left.map(|pack| format!("\"{pack}\"")).collect();
        let names: Vec<String> = packs.iter().map(|pack| format!("`{pack}`")).collect();
        steps.push(format!(
            "narrow the packs, {} read it: `packs = [{}]`",
            names.join(", "),
            left.join(", ")
        ));
    }
    if !own.is_empty() {
        let names: Vec<String> = own.iter().map(|id| format!("`{id}`")).collect();
        steps.push(format!("take out {}", names.join(", ")));
    }
    problems.push(
        Problem::error("AS040", cx.place("trail.log_group"), "detections have no log group to read")
            .label("no delivery to CloudWatch Logs")
            .related(cx.root.get("detections.packs").map(|node| node.at.clone()), "these packs need it")
            .help(format!("leave `log_group` on, or {}", steps.join(" and "))),
    );
}
