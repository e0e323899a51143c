//! `show`: a saved plan again, in any format; offline.

use crate::cli::context::{Failure, Out};
use crate::cli::exit::Verdict;
use crate::cli::plan::{heading, present};
use crate::cli::{Format, PLANS};
use crate::engine::saved::{self, Saved};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `show`.
#[derive(Clone, Debug, Args)]
pub struct ShowArgs {
    /// A plan that `plan -o` saved
    pub plan: PathBuf,
}

/// Runs `show`.
///
/// # Errors
/// The file is no plan that can be used.
pub fn run(args: &ShowArgs, out: &mut Out) -> Result<Verdict, Failure> {
    out.offers("show", PLANS)?;
    let saved = saved::read(&args.plan)?;
    out.know(&saved.document.scope.account);
    if out.format == Format::Human && !out.quiet {
        let text = heading(&saved.document, out);
        out.text(&text);
        out.line(&introduction(&saved, out));
    }
    present(&saved.document, out);
    Ok(Verdict::Ok)
}

/// Returns who made the plan, when, from what, and with which approvals.
fn introduction(saved: &Saved, out: &Out) -> String {
    let mut text = format!(
        "Saved plan {}, made {} by {} with auditscope {} from {}\n",
        saved.short_id(),
        saved.made,
        saved.made_by,
        saved.tool_version,
        saved.blueprint.path
    );
    let asked = &saved.asked;
    let lists = [
        ("--adopt", &asked.adopt),
        ("--allow", &asked.allow),
        ("--delete", &asked.delete),
        ("--target", &asked.target),
        ("--exclude", &asked.exclude),
    ];
    for (flag, values) in lists {
        for value in values {
            text.push_str(&format!("  with {flag} {value}\n"));
        }
    }
    if asked.prune {
        text.push_str("  with --prune\n");
    }
    out.style.dim(&text)
}
