//! A plan as Markdown for a pull request: short, folded, never over the limit of a comment.

use crate::render::document::{Document, Place};
use crate::render::plan::{Detail, Sheet, summary};
use crate::render::selection;
use crate::render::style::Style;

/// Longest document, in characters; GitHub's comments end at 65,536.
const LIMIT: usize = 60_000;
/// Most operations of one list that are not folded away.
const IN_SIGHT: usize = 20;

/// Returns what came of an apply or destroy as Markdown: `text` as people read it elsewhere, cut at the limit of a comment.
pub fn outcome(verb: &str, verdict: &str, text: &str, is_sandbox: bool) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let mut room = LIMIT - 400;
    let kept = lines.iter().take_while(|line| {
        let length = line.chars().count() + 1;
        let fits = length <= room;
        room = room.saturating_sub(length);
        fits
    });
    let kept = kept.count();
    let mut out = format!("### auditscope {verb}: {verdict}\n\n");
    if is_sandbox {
        out.push_str("_Sandbox account: this is not AWS._\n\n");
    }
    out.push_str(&format!("```text\n{}\n```\n", lines[..kept].join("\n")));
    if kept < lines.len() {
        out.push_str(&format!("\n{} more lines were cut.\n", lines.len() - kept));
    }
    out
}

/// Returns the plan or drift as Markdown.
pub fn plan(document: &Document) -> String {
    let mut out = format!("### auditscope {}\n\n**{}**\n", document.verb, summary(document));
    if document.target == Place::Sandbox {
        out.push_str("\n_Sandbox account: this is not AWS._\n");
    }
    if let Some(selected) = &document.selection {
        out.push_str(&format!("\n_{}_\n", selection::rest(selected)));
    }
    let coverage = &document.coverage;
    let mut list = |title: &str, items: &[String]| {
        let (count, names) = (items.len(), items.join(", "));
        match count {
            0 => {}
            1..=IN_SIGHT => out.push_str(&format!("\n**{title} ({count}):** {names}\n")),
            _ => out.push_str(&format!(
                "\n<details><summary><b>{title} ({count})</b></summary>\n\n{names}\n\n</details>\n"
            )),
        }
    };
    list("Operations no longer recorded", &coverage.no_longer_recorded);
    list("Operations recorded only in part", &coverage.weaker);
    list("Operations newly recorded", &coverage.newly_recorded);
    let sheet =
        Sheet { document, detail: Detail::Full, verbose: false, style: Style { color: false, width: 100 } };
    let body = sheet.text();
    let room = LIMIT.saturating_sub(out.chars().count() + 200);
    let lines: Vec<&str> = body.lines().collect();
    let mut shown = String::new();
    let mut kept = 0;
    for line in &lines {
        if shown.chars().count() + line.chars().count() + 1 > room {
            break;
        }
        shown.push_str(line);
        shown.push('\n');
        kept += 1;
    }
    out.push_str(&format!("\n<details><summary>Details</summary>\n\n```text\n{shown}```\n"));
    if kept < lines.len() {
        out.push_str(&format!("\n{} more lines were cut.\n", lines.len() - kept));
    }
    out.push_str("\n</details>\n");
    out
}
