//! What is shown while a plan is carried out: everything on the diagnostics stream, so that results stay clean.

use crate::cli::Format;
use crate::cli::context::Out;
use crate::engine::execute::Event;
use crate::render::{Style, events};

/// A bar on a live screen, one line a finished step elsewhere.
pub struct Progress {
    bar: Option<indicatif::ProgressBar>,
    style: Style,
    quiet: bool,
    jsonl: bool,
}

impl Progress {
    /// Makes the one that fits the streams.
    pub fn new(out: &Out) -> Self {
        let bar = out.live.then(|| {
            let bar = indicatif::ProgressBar::new(0);
            let template = indicatif::ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}");
            bar.set_style(template.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()));
            bar
        });
        Self { bar, style: out.diagnostics_style, quiet: out.quiet, jsonl: out.format == Format::Jsonl }
    }
    /// Tells how many steps there are.
    pub fn start(&self, steps: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(steps as u64);
        }
    }
    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
    /// Shows an event.
    pub fn tell(&self, event: &Event) {
        if self.jsonl {
            println!("{}", serde_json::to_string(event).expect("an event is plain data"));
        }
        if let Some(bar) = &self.bar {
            match event {
                Event::StepStarted { address, .. } => bar.set_message(address.short()),
                Event::StepDone { .. } | Event::StepSkipped { .. } => bar.inc(1),
                Event::StepWaiting { .. } | Event::StepFailed { .. } => {}
            }
        }
        let failed = matches!(event, Event::StepFailed { .. });
        if let Some(line) = events::line(event, self.style)
            && (failed || !self.quiet)
        {
            match &self.bar {
                Some(bar) => bar.println(line),
                None => eprintln!("{line}"),
            }
        }
    }
}
