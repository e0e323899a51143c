//! What is shown while a run works: everything on the diagnostics stream, so that results stay clean.

use crate::aws::{Clock, Stop};
use crate::cli::Format;
use crate::cli::context::Out;
use crate::cli::stream::Stream;
use crate::engine::event::Event;
use crate::engine::plan::{Intent, Plan};
use crate::engine::run::{Planned, Run, RunError};
use crate::render::board::{Board, Window};
use crate::render::redact::Redactor;
use crate::render::{Style, events};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

/// How often a live screen is drawn; what takes less is never shown on one.
const TICK: Duration = Duration::from_millis(100);

/// A board on a live screen, one line a finished step elsewhere, and the event stream if that is the format.
pub struct Progress<'a> {
    run: &'a Run,
    screen: Option<ProgressBar>,
    board: Mutex<Board>,
    style: Style,
    verbose: bool,
    quiet: bool,
    /// Where the event stream goes.
    events: Option<Stream>,
    redactor: Option<Redactor>,
    diagnostics: Stream,
}

/// Plans, and shows on a live screen how the reading goes.
///
/// # Errors
/// As [`Run::plan`].
pub async fn plan(run: &Run, intent: &Intent, out: &Out) -> Result<Planned, RunError> {
    let progress = Progress::new(run, out);
    let planned = progress.during(&Stop::default(), run.plan(intent)).await;
    progress.end();
    planned
}

impl<'a> Progress<'a> {
    /// Makes the one that fits the streams.
    pub fn new(run: &'a Run, out: &Out) -> Self {
        let screen = out.live.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::with_template("{msg}").expect("a template with one field"));
            bar
        });
        Self {
            run,
            screen,
            board: Mutex::new(Board::new(run.session().clock().now())),
            style: out.diagnostics_style,
            verbose: out.verbose > 0,
            quiet: out.quiet,
            events: (out.format == Format::Jsonl).then(|| out.results.clone()),
            redactor: out.redactor.clone(),
            diagnostics: out.diagnostics.clone(),
        }
    }
    /// Tells what is going to be done.
    pub fn start(&self, plan: &Plan) {
        self.board().start(plan);
    }
    /// Shows an event.
    pub fn tell(&self, event: &Event) {
        let now = self.run.session().clock().now();
        if let Some(stream) = self.events.as_ref().filter(|_| event.is_streamed()) {
            let mut line = events::stamped(serde_json::to_value(event).expect("an event is plain data"), now);
            if let Some(redactor) = &self.redactor {
                redactor.value(&mut line);
            }
            self.beside(|| stream.write(&format!("{line}\n")));
        }
        let line = {
            let mut board = self.board();
            let first = board.take(event, now);
            // A live screen shows what waits for as long as it waits.
            let wanted = first && (self.screen.is_none() || !events::passes(event));
            if wanted { events::line(event, &board, self.verbose, self.style) } else { None }
        };
        if let Some(line) = line
            && (!self.quiet || matches!(event, Event::StepFailed { .. }))
        {
            self.say(&line);
        }
    }
    /// Does the work, and shows how it goes until it is done.
    pub async fn during<T>(&self, stop: &Stop, work: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            // First, for the same request may end the work in the same turn.
            never = self.announce(stop) => match never {},
            done = work => done,
            never = self.tick() => match never {},
        }
    }
    /// Takes the screen's board away.
    pub fn end(&self) {
        if let Some(screen) = &self.screen {
            screen.finish_and_clear();
        }
    }
    async fn tick(&self) -> Infallible {
        let Some(screen) = &self.screen else { return std::future::pending().await };
        loop {
            Clock::System.sleep(TICK).await;
            let size = terminal_size::terminal_size_of(std::io::stderr());
            let (width, height) = size.map_or((80, 24), |(width, height)| (width.0, height.0));
            let window = Window { width: width.into(), height: height.into(), style: self.style };
            let now = self.run.session().clock().now();
            let lines = self.board().lines(window, self.run.gauge(), now);
            screen.set_message(lines.join("\n"));
            screen.tick();
        }
    }
    /// Says once that the end was asked for.
    async fn announce(&self, stop: &Stop) -> Infallible {
        stop.asked().await;
        self.board().end_is_near();
        let line = match self.run.gauge().in_flight() {
            0 => "No call is in flight; ending.".to_owned(),
            1 => "Finishing 1 call in flight; press again to stop at once".to_owned(),
            calls => format!("Finishing {calls} calls in flight; press again to stop at once"),
        };
        self.say(&self.style.yellow(&line));
        std::future::pending().await
    }
    fn say(&self, line: &str) {
        self.beside(|| self.diagnostics.write(&format!("{line}\n")));
    }
    /// Writes without the board in the way.
    fn beside(&self, write: impl FnOnce()) {
        match &self.screen {
            Some(screen) => screen.suspend(write),
            None => write(),
        }
    }
    fn board(&self) -> std::sync::MutexGuard<'_, Board> {
        self.board.lock().expect("no panic while the lock is held")
    }
}
