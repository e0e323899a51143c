//! From a path to a checked blueprint.

use super::examples::{self, Examples};
use super::model::Blueprint;
use super::node::{Node, Value};
use super::problem::{Problem, Severity, sort};
use super::source::{Origin, Sources};
use super::waivers::{self, Waiver};
use super::{built_in, check, layers, read, structure, variables};
use crate::model::digest;
use std::collections::BTreeMap;
use std::path::Path;

/// The format that this release reads.
pub const FORMAT: i64 = 1;

/// What a blueprint's content depends on besides its files.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadOptions {
    /// Values of `${var.NAME}`: `--var` over the environment over `--var-file`, already merged.
    pub vars: BTreeMap<String, String>,
    /// The day that waivers are measured against.
    pub today: jiff::civil::Date,
}

impl LoadOptions {
    /// Makes options without variables.
    pub fn new(today: jiff::civil::Date) -> Self {
        Self { vars: BTreeMap::new(), today }
    }
}

/// A blueprint that can be used, and what is to be said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    pub blueprint: Blueprint,
    /// Warnings and waived lints, in the order of their places.
    pub problems: Vec<Problem>,
    pub sources: Sources,
    /// Where each value was written, by key path; what has its default is not there.
    pub origins: BTreeMap<String, Origin>,
    /// SHA-256 of the blueprint's canonical JSON, in hexadecimal.
    pub hash: String,
    /// Files of events of the blueprint's own detections, by id.
    pub examples: BTreeMap<String, Examples>,
    /// Waivers that still run.
    pub waivers: Vec<Waiver>,
}

/// A blueprint that cannot be used; at least one of the problems is an error.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the blueprint has {}", count(problems))]
pub struct Rejected {
    /// In the order of their places.
    pub problems: Vec<Problem>,
    pub sources: Sources,
}

/// Returns how many errors and warnings there are, in words.
fn count(problems: &[Problem]) -> String {
    let of = |severity, word: &str| {
        let count = problems.iter().filter(|problem| problem.severity == severity).count();
        match count {
            0 => None,
            1 => Some(format!("1 {word}")),
            more => Some(format!("{more} {word}s")),
        }
    };
    let parts: Vec<String> =
        [of(Severity::Error, "error"), of(Severity::Warning, "warning")].into_iter().flatten().collect();
    parts.join(" and ")
}

/// Reads a blueprint with its layers and examples, fills its variables, and checks it. Touches files only.
///
/// # Errors
/// With every problem at once, when at least one of them is an error.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, Rejected> {
    let mut sources = Sources::default();
    let mut problems = Vec::new();
    let layers = layers::read(path, &options.vars, &mut sources, &mut problems);
    let mut root = layers::merge(&layers);
    if let Some(newer) = newer_format(&root) {
        // Its other keys may mean something that this release cannot know, so that nothing else is worth saying.
        problems.retain(|problem| problem.code == "AS001");
        problems.push(newer);
        return Err(reject(problems, sources));
    }
    // What is left of a broken file would be reported as missing, wrongly.
    if problems.iter().any(|problem| matches!(problem.code, "AS001" | "AS002" | "AS003")) {
        let known = problems.len();
        if !layers.is_empty() {
            variables::fill(&mut root, &options.vars, &sources, &mut problems);
            structure::check(&root, &mut problems);
        }
        let mut index = 0;
        problems.retain(|problem| {
            index += 1;
            index <= known || problem.code != "AS007"
        });
        return Err(reject(problems, sources));
    }
    variables::fill(&mut root, &options.vars, &sources, &mut problems);
    structure::check(&root, &mut problems);
    let mut blueprint = read::blueprint(&root);
    built_in::add(&root, &mut blueprint);
    let context = check::Context { root: &root, blueprint: &blueprint, sources: &sources, layers: &layers };
    check::run(&context, &mut problems);
    let examples = examples::check(&root, &layers, &mut problems);
    let waivers = waivers::apply(&root, options.today, &mut problems);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(reject(problems, sources));
    }
    sort(&mut problems);
    let origins = layers::origins(&root, &sources);
    let hash = hash(&blueprint);
    Ok(Loaded { blueprint, problems, sources, origins, hash, examples, waivers })
}

fn reject(mut problems: Vec<Problem>, sources: Sources) -> Rejected {
    sort(&mut problems);
    Rejected { problems, sources }
}

/// Returns the problem of a format that only a newer release reads.
fn newer_format(root: &Node) -> Option<Problem> {
    let node = root.get("format")?;
    let Value::Integer(format) = node.value else { return None };
    (format > FORMAT).then(|| {
        Problem::error("AS004", Some(node.at.clone()), format!("format {format} is newer than this release"))
            .label(format!("auditscope {} reads up to {FORMAT}", env!("CARGO_PKG_VERSION")))
            .help(format!("use a newer release of auditscope, one that reads format {format}"))
    })
}

/// Returns the SHA-256 of a blueprint's canonical JSON, in hexadecimal.
pub fn hash(blueprint: &Blueprint) -> String {
    digest::of(blueprint)
}
