//! Problems as text for people: the line, a caret under the value, the code, and what to write instead.

use super::problem::{Problem, Severity};
use super::source::{Location, Sources};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::BTreeMap;

/// Returns the problems as text, one block each, with a blank line between them.
///
/// `width` is in columns; long source lines are cut to it. Without `color` the text holds no escape sequences.
pub fn render(problems: &[Problem], sources: &Sources, color: bool, width: usize) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(width.max(40));
    let blocks: Vec<String> =
        problems.iter().map(|problem| renderer.render(&[group(problem, sources)])).collect();
    blocks.join("\n\n")
}

/// Returns one problem as annotate-snippets has it.
fn group<'a>(problem: &'a Problem, sources: &'a Sources) -> Group<'a> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Waived => Level::NOTE.with_name("waived"),
    };
    let mut group = Group::with_title(level.primary_title(problem.message.as_str()).id(problem.code));
    let mut by_file: BTreeMap<usize, Vec<Annotation<'a>>> = BTreeMap::new();
    let mut order = Vec::new();
    if let Some(at) = &problem.at {
        order.push(at.file);
        by_file.entry(at.file).or_default().push(annotation(
            AnnotationKind::Primary,
            at,
            &problem.label,
            sources,
        ));
    }
    for (at, label) in &problem.related {
        if !order.contains(&at.file) {
            order.push(at.file);
        }
        by_file.entry(at.file).or_default().push(annotation(AnnotationKind::Context, at, label, sources));
    }
    for file in order {
        if let (Some(source), Some(annotations)) = (sources.files().get(file), by_file.remove(&file)) {
            group = group.element(
                Snippet::source(source.text.as_str()).path(source.path.as_str()).annotations(annotations),
            );
        }
    }
    match &problem.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// Returns one caret. A value over several lines is marked on its first, so that a block stays a few lines high.
fn annotation<'a>(kind: AnnotationKind, at: &Location, label: &'a str, sources: &Sources) -> Annotation<'a> {
    let first_line = sources.text(at).split('\n').next().map_or(0, |line| line.trim_end().len());
    let annotation = kind.span(at.span.start..at.span.start + first_line);
    if label.is_empty() { annotation } else { annotation.label(label) }
}
