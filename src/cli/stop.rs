//! When a run is to end early: Ctrl-C, SIGTERM, and the end of the time.

use crate::aws::{Clock, Stop};
use crate::cli::exit::Verdict;
use crate::cli::stream::Stream;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a signal does: end the process at once, or, while something is held that must not be torn, ask for the end first.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    stop: Stop,
    held: Arc<AtomicBool>,
}

/// As long as this lives, the first signal only asks for the end.
#[derive(Debug)]
pub struct Held<'a>(&'a AtomicBool);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Signals {
    /// Starts to listen, on a thread of its own: a signal counts while a question is asked or a long computation runs, too.
    ///
    /// Where the system offers no signals, its own way of ending a process stays.
    pub fn listen(diagnostics: &Stream) -> Self {
        let signals = Self::default();
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else {
            return signals;
        };
        let listening = {
            let _inside = runtime.enter();
            Source::open()
        };
        let Ok(mut source) = listening else { return signals };
        let (told, diagnostics) = (signals.clone(), diagnostics.clone());
        let thread = std::thread::Builder::new().name("signals".into()).stack_size(256 * 1024);
        // Without the thread a signal is caught by nobody; the next run starts with the same chance.
        let _ = thread.spawn(move || {
            runtime.block_on(async {
                loop {
                    source.next().await;
                    told.take(&diagnostics);
                }
            });
        });
        signals
    }
    fn take(&self, diagnostics: &Stream) {
        let held = self.held.load(Ordering::SeqCst);
        if held && !self.stop.is_asked() {
            self.stop.ask();
            return;
        }
        diagnostics.write(if held {
            "\nStopped at once. What was in flight may have been done or not; the next run finds out and converges.\n"
        } else {
            "\nInterrupted.\n"
        });
        std::process::exit(i32::from(Verdict::Interrupted.code()));
    }
    /// From here on the first signal only asks [`Signals::stop`] for the end; the second one ends the process.
    pub fn hold(&self) -> Held<'_> {
        self.held.store(true, Ordering::SeqCst);
        Held(&self.held)
    }
    /// Returns the request that the first signal makes.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }
    /// Asks for the end after `--timeout` seconds, and never returns.
    pub async fn deadline(&self, timeout: Option<u64>) -> Infallible {
        if let Some(seconds) = timeout {
            Clock::System.sleep(Duration::from_secs(seconds)).await;
            self.stop.ask();
        }
        std::future::pending().await
    }
}

/// Where signals come from.
#[cfg(unix)]
struct Source {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    fn open() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Where signals come from.
#[cfg(not(unix))]
struct Source;

#[cfg(not(unix))]
impl Source {
    fn open() -> std::io::Result<Self> {
        Ok(Self)
    }
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
