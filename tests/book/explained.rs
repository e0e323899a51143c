//! The page on what is created: every resource and every policy statement is explained, and nothing else is.

use crate::facts;
use crate::pages::{code_spans, page};
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = "docs/created.md";

#[test]
fn every_resource_has_its_part_and_nothing_else_has() {
    let made: BTreeSet<String> = facts::desired_in_two_regions().keys().map(facts::page_name).collect();
    let page = page(PAGE);
    let told: BTreeSet<String> = page
        .headings()
        .into_iter()
        .filter(|(level, text)| *level == 3 && text.starts_with('`'))
        .flat_map(|(_, text)| code_spans(text).map(ToOwned::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(told, made, "left: headings of {PAGE}; right: what desired makes");
}

/// Returns the statements that the page explains, by the marker of the table above: ``- **`Sid`** text``.
fn explained() -> BTreeMap<String, BTreeMap<String, String>> {
    let page = page(PAGE);
    let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut policy = None;
    let mut open: Option<(String, String)> = None;
    for line in page.text.lines().chain(["#"]) {
        if let (Some((_, text)), true) = (&mut open, line.starts_with("  ")) {
            text.push_str(line);
            continue;
        }
        if let (Some((sid, text)), Some(policy)) = (open.take(), &policy) {
            let statements = all.entry(String::clone(policy)).or_default();
            assert!(statements.insert(sid.clone(), text).is_none(), "{policy}: {sid} is explained twice");
        }
        if line.starts_with('#') {
            policy = None;
        } else if let Some(name) = line.strip_prefix("<!-- generated: statements ") {
            policy = name.strip_suffix(" -->").map(ToOwned::to_owned);
        } else if let Some((sid, text)) = line.strip_prefix("- **`").and_then(|rest| rest.split_once("`**")) {
            open = Some((sid.to_owned(), text.trim().to_owned()));
        }
    }
    all
}

#[test]
fn every_statement_is_explained_and_nothing_else_is() {
    let made: BTreeMap<String, BTreeSet<String>> = facts::policies(&facts::desired_in_two_regions())
        .into_iter()
        .map(|((resource, attribute), statements)| {
            (format!("{resource} {attribute}"), statements.into_keys().collect())
        })
        .collect();
    let explained = explained();
    let told: BTreeMap<String, BTreeSet<String>> =
        explained.iter().map(|(policy, sids)| (policy.clone(), sids.keys().cloned().collect())).collect();
    assert_eq!(told, made, "left: {PAGE}; right: what desired makes");
    for (policy, statements) in &explained {
        for (sid, text) in statements {
            assert!(text.len() > 30, "{policy}: {sid} is named, not explained");
        }
    }
}

#[test]
fn one_region_shows_every_statement() {
    // The tables are of one Region: a second one must not bring statements that no table has.
    let sids = |resources| -> BTreeMap<_, BTreeSet<String>> {
        facts::policies(resources)
            .into_iter()
            .map(|(policy, all)| (policy, all.into_keys().collect()))
            .collect()
    };
    assert_eq!(sids(&facts::desired()), sids(&facts::desired_in_two_regions()));
}
