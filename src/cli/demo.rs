//! `demo`: the tour on a throw-away sandbox account. Every line of output is what the verb itself printed.

use crate::cli::context::{Failure, Out};
use crate::cli::exit::Verdict;
use crate::cli::{Cli, Format, Global, dispatch};
use clap::{Args, Parser};
use std::time::Instant;

/// Arguments of `demo`.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {}

/// One stop of the tour: what is shown, the command, and how it must end.
struct Stop {
    tells: &'static str,
    command: &'static str,
    ends: Verdict,
}

const TOUR: &[Stop] = &[
    Stop {
        tells: "A blueprint to start from. It ships in the binary, commented.",
        command: "init --from genai-baseline",
        ends: Verdict::Ok,
    },
    Stop {
        tells: "Checks need no network: names, ranges, selectors, patterns, sample events.",
        command: "validate genai-baseline.toml",
        ends: Verdict::Ok,
    },
    Stop {
        tells: "What would be done to the account, and which API calls would be recorded from then on.",
        command: "plan genai-baseline.toml",
        ends: Verdict::Ok,
    },
    Stop {
        tells: "Make it so. The sandbox refuses what AWS refuses and delays what AWS delays.",
        command: "apply genai-baseline.toml --auto-approve --quiet",
        ends: Verdict::Ok,
    },
    Stop {
        tells: "The second plan is empty.",
        command: "plan genai-baseline.toml --detailed-exitcode",
        ends: Verdict::Ok,
    },
    Stop {
        tells: "A colleague stops the log ...",
        command: "sandbox tamper stop-logging",
        ends: Verdict::Ok,
    },
    Stop {
        tells: "... drops the Bedrock selectors ...",
        command: "sandbox tamper narrow-selectors",
        ends: Verdict::Ok,
    },
    Stop {
        tells: "... and shortens the retention.",
        command: "sandbox tamper shorten-log-retention",
        ends: Verdict::Ok,
    },
    Stop { tells: "And something is gone, too.", command: "sandbox tamper delete-alarm", ends: Verdict::Ok },
    Stop {
        tells: "The nightly check. It only reads, and ends with 2 because something differs.",
        command: "drift genai-baseline.toml",
        ends: Verdict::Differences,
    },
    Stop { tells: "Repair.", command: "apply genai-baseline.toml --auto-approve --quiet", ends: Verdict::Ok },
    Stop { tells: "Clean again.", command: "drift genai-baseline.toml", ends: Verdict::Ok },
    Stop {
        tells: "Even destroy does not lose evidence: alarms go, trail, buckets, keys and logs stay and are marked as released.",
        command: "destroy genai-baseline.toml --auto-approve --quiet",
        ends: Verdict::Ok,
    },
    Stop {
        tells: "And the same blueprint takes them back.",
        command: "apply genai-baseline.toml --auto-approve --quiet",
        ends: Verdict::Ok,
    },
];

/// Runs `demo`.
///
/// # Errors
/// A stop of the tour that could not be made.
pub async fn run(_: &DemoArgs, global: &Global, out: &mut Out) -> Result<Verdict, Failure> {
    if out.format != Format::Human {
        return Err(Failure::usage("demo speaks to people only", "run it without --format"));
    }
    let started = Instant::now();
    let io = |error: std::io::Error| Failure::usage(format!("cannot make a place for the demo: {error}"), "");
    let place = tempfile::tempdir().map_err(io)?;
    let back = std::env::current_dir().map_err(io)?;
    std::env::set_current_dir(place.path()).map_err(io)?;
    let result = tour(global, place.path(), out).await;
    std::env::set_current_dir(back).map_err(io)?;
    let verdict = result?;
    if verdict == Verdict::Ok {
        let took = started.elapsed().as_secs_f64();
        out.line(&format!(
            "\nThat was the whole way on a throw-away account, in {took:.1} s. Nothing touched AWS.\nNext: auditscope init, then the same commands with --sandbox, then without."
        ));
    }
    Ok(verdict)
}

async fn tour(global: &Global, place: &std::path::Path, out: &mut Out) -> Result<Verdict, Failure> {
    out.line(&out.style.bold("auditscope, on a throw-away sandbox account. This is not AWS.").clone());
    for (at, stop) in TOUR.iter().enumerate() {
        let heading = format!("\n{}. {}", at + 1, stop.tells);
        out.line(&out.style.bold(&heading).clone());
        out.line(&out.style.cyan(&format!("$ auditscope {} --sandbox", stop.command)).clone());
        let words = std::iter::once("auditscope").chain(stop.command.split_whitespace());
        let mut cli = Cli::try_parse_from(words).expect("the tour's commands are valid");
        cli.global.sandbox = Some(place.join("sandbox.json"));
        cli.global.color = global.color;
        let quiet = std::mem::replace(&mut out.quiet, cli.global.quiet);
        let live = std::mem::replace(&mut out.live, false);
        let interactive = std::mem::replace(&mut out.interactive, false);
        let result = Box::pin(dispatch(cli.verb, &cli.global, out)).await;
        (out.quiet, out.live, out.interactive) = (quiet, live, interactive);
        let verdict = result?;
        if verdict != stop.ends {
            out.note(&format!("the tour expected {:?} here, and got {verdict:?}", stop.ends));
            return Ok(Verdict::Error);
        }
        if verdict.code() != 0 {
            out.line(&out.style.dim(&format!("(exit code {})", verdict.code())).clone());
        }
    }
    Ok(Verdict::Ok)
}
