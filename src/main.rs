//! The `auditscope` binary: parses arguments, runs one command, returns its exit code.

use auditscope::cli::{self, Cli};
use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

/// Says what went wrong, if there is anybody left to say it to.
fn complain(what: &str) {
    let _ = writeln!(std::io::stderr(), "error: {what}");
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let printed = error.print();
            if let Err(why) = printed.as_ref()
                && why.kind() != std::io::ErrorKind::BrokenPipe
            {
                complain(&format!("this could not be written: {why}"));
                return ExitCode::from(1);
            }
            // A usage error is 1, never the parser's own 2: 2 means differences.
            return if error.use_stderr() { ExitCode::from(1) } else { ExitCode::SUCCESS };
        }
    };
    // Calls wait for AWS, not for a core: one thread does, and each further one costs memory.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("cannot start: {error}"));
            return ExitCode::from(1);
        }
    };
    ExitCode::from(runtime.block_on(cli::run(cli)).code())
}
