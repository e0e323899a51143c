//! `validate`: parse and check, offline.

use crate::blueprint::ProblemSeverity;
use crate::cli::context::{Failure, Out, load, problems_json};
use crate::cli::exit::Verdict;
use crate::cli::{Format, Global, PLAIN};
use crate::render::sarif;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `validate`.
#[derive(Clone, Debug, Args)]
pub struct ValidateArgs {
    /// The blueprint
    pub file: PathBuf,
    /// End with 3 if there are warnings
    #[arg(long)]
    pub strict: bool,
}

/// Runs `validate`.
///
/// # Errors
/// The blueprint has errors.
pub fn run(args: &ValidateArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    out.offers("validate", &[PLAIN, &[Format::Sarif]].concat())?;
    let loaded = match load(&args.file, global) {
        // A code-scanning view wants the problems of a blueprint that cannot be used most of all.
        Err(Failure::Blueprint(rejected)) if out.format == Format::Sarif => {
            out.problems(&rejected.problems, &rejected.sources);
            out.json(&sarif::problems(&rejected.problems, &rejected.sources));
            return Ok(Verdict::Error);
        }
        other => other?,
    };
    let warnings =
        loaded.problems.iter().filter(|problem| problem.severity == ProblemSeverity::Warning).count();
    let verdict = if args.strict && warnings > 0 { Verdict::Findings } else { Verdict::Ok };
    out.problems(&loaded.problems, &loaded.sources);
    if out.format == Format::Sarif {
        out.json(&sarif::problems(&loaded.problems, &loaded.sources));
        return Ok(verdict);
    }
    if out.format != Format::Human {
        out.json(&json!({
            "format_version": crate::render::json::FORMAT_VERSION,
            "verb": "validate",
            "verdict": verdict,
            "exit_code": verdict.code(),
            "problems": problems_json(&loaded.problems, &loaded.sources),
            "hash": loaded.hash,
        }));
        return Ok(verdict);
    }
    let blueprint = &loaded.blueprint;
    let regions: Vec<&str> = blueprint.scope.bedrock_regions.iter().map(String::as_str).collect();
    out.line(&format!(
        "{} is valid: scope {}, account {}, home {}, Bedrock in {}; {} detections, {} service alarms, {warnings} warnings.",
        args.file.display(),
        blueprint.scope.name,
        blueprint.scope.account,
        blueprint.scope.home_region,
        regions.join(", "),
        blueprint.detections.len(),
        blueprint.alarms.len(),
    ));
    for (id, parameter) in &blueprint.not_configured {
        if out.verbose > 0 {
            out.line(&format!("  not configured: {id} needs detections.parameters.{parameter}"));
        }
    }
    if out.verbose == 0 && !blueprint.not_configured.is_empty() {
        out.line(&format!(
            "  {} detections are not configured (-v names them)",
            blueprint.not_configured.len()
        ));
    }
    Ok(verdict)
}
