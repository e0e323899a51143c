//! Parts of the pages that the code writes: found by their markers, compared, or written anew.

use crate::pages::{Page, book, page, root};
use crate::tables;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Set to write the parts instead of comparing them.
const UPDATE: &str = "AUDITSCOPE_UPDATE_DOCS";
const END: &str = "<!-- end -->";

/// Returns the name that a marker asks for.
fn marker(line: &str) -> Option<&str> {
    line.strip_prefix("<!-- generated: ")?.strip_suffix(" -->")
}

/// Returns the names of every generated part of the pages.
pub fn parts(pages: &[Page]) -> Vec<String> {
    pages.iter().flat_map(|page| page.text.lines().filter_map(marker).map(ToOwned::to_owned)).collect()
}

/// Returns a page with its generated parts as the code has them.
fn written(page: &Page) -> String {
    let mut text = String::new();
    let mut lines = page.text.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(text, "{line}");
        let Some(name) = marker(line) else { continue };
        let part = tables::part(name).unwrap_or_else(|| panic!("{}: nothing is called `{name}`", page.path));
        let ends = lines.any(|line| line == END);
        assert!(ends, "{}: `{name}` has no {END}", page.path);
        let _ = write!(text, "\n{}\n\n{END}\n", part.trim_end());
    }
    text
}

#[test]
fn generated_parts_are_what_the_code_says() {
    let mut pages = book();
    pages.push(page("README.md"));
    let mut stale = Vec::new();
    for page in &pages {
        let text = written(page);
        if text == page.text {
            continue;
        }
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(root().join(&page.path), text).expect("a page can be written");
        } else {
            let differs = text.lines().zip(page.text.lines()).find(|(new, old)| new != old);
            let (new, old) = differs.unwrap_or(("", "(shorter or longer)"));
            stale.push(format!("{}:\n  code: {new}\n  page: {old}", page.path));
        }
    }
    assert!(
        stale.is_empty(),
        "run `{UPDATE}=1 cargo test --locked --test book generated` and look at the difference:\n{}",
        stale.join("\n")
    );
}

#[test]
fn every_key_check_policy_and_table_is_in_the_book() {
    let there: BTreeSet<String> = parts(&book()).into_iter().collect();
    let missing: Vec<String> = tables::needed().into_iter().filter(|name| !there.contains(name)).collect();
    assert!(missing.is_empty(), "no page has {missing:?}");
}
