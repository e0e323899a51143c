//! What a run costs: `cargo bench --bench account`.
//!
//! The release binary talks HTTP to a sandbox account in this process, which takes 50 ms for every call and, with
//! `--rates`, throttles what comes faster than AWS publishes. Printed for each size: wall time, calls, throttled calls,
//! the longest chain of calls that waited for each other, and peak memory of the binary.
//!
//! For an apply it also prints what is possible: the busiest rate's calls at that rate, plus the calls that waited for
//! each other before its first and after its last one.
//!
//! `-- --rates` applies the published rates; `-- --delays` lets roles, keys and policies take their time to spread, as
//! AWS does at a speed it does not publish; `-- --plan-only` leaves the measured applies out (the account is made
//! without delay); `-- --check` fails when a figure is past its bound; a word chooses the sizes that contain it.

use auditscope::aws::rates::rate;
use auditscope::sandbox::faults::{Kind, Rule};
use auditscope::sandbox::serve::serve;
use auditscope::sandbox::{Sandbox, Seen};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

const ACCOUNT: &str = "111122223333";
const LATENCY: Duration = Duration::from_millis(50);
/// Detections and alarms of the baseline's Region before more calls are allowed.
const BASE_DETECTIONS: u64 = 77;

/// One account to measure.
struct Size {
    name: &'static str,
    blueprint: PathBuf,
    /// Calls that its no-op plan may take.
    calls: u64,
    /// Mebibytes that its no-op plan may take.
    memory: u64,
    /// Dependent round trips that its no-op plan may take; none are promised where lists have many pages.
    chain: Option<usize>,
}

/// What one run of the binary cost.
struct Cost {
    wall: Duration,
    calls: usize,
    throttled: usize,
    chain: usize,
    peak_mebibytes: Option<f64>,
    /// What the published rates and the chain around them allow.
    possible: Duration,
}

struct Options {
    rates: bool,
    delays: bool,
    plan_only: bool,
    check: bool,
    only: Option<String>,
}

fn main() -> ExitCode {
    // `cargo bench` itself adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let options = Options {
        rates: has("--rates"),
        delays: has("--delays"),
        plan_only: has("--plan-only"),
        check: has("--check"),
        only: arguments.iter().find(|argument| !argument.starts_with("--")).cloned(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let place = tempfile::tempdir().expect("a temporary directory");
    let mut broken = Vec::new();
    println!(
        "{} ms for each call{}; chain: calls that waited for each other",
        LATENCY.as_millis(),
        if options.rates { ", published rates" } else { "" }
    );
    println!(
        "{:<38} {:>10} {:>6} {:>10} {:>6} {:>10} {:>10}",
        "", "wall", "calls", "throttled", "chain", "peak", "possible"
    );
    for size in sizes(place.path()) {
        if options.only.as_ref().is_none_or(|only| size.name.contains(only.as_str())) {
            runtime.block_on(measure(&size, place.path(), &options, &mut broken));
        }
    }
    for line in &broken {
        println!("past its bound: {line}");
    }
    ExitCode::from(u8::from(options.check && !broken.is_empty()))
}

fn sizes(place: &Path) -> Vec<Size> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("blueprints/genai-baseline.toml");
    let made = |detections, alarms| synthetic(place, detections, alarms);
    vec![
        Size { name: "genai-baseline", blueprint: shipped, calls: 80, memory: 35, chain: Some(4) },
        Size { name: "20 detections", blueprint: made(20, 0), calls: 80, memory: 35, chain: Some(4) },
        // One more call for each further 50 detections or 100 alarms.
        Size {
            name: "90 detections",
            blueprint: made(90, 0),
            calls: more(90, 0),
            memory: 35,
            chain: Some(4),
        },
        Size {
            name: "90 detections, 410 alarms",
            blueprint: made(90, 410),
            calls: more(90, 410),
            memory: 45,
            chain: None,
        },
    ]
}

fn more(detections: u64, alarms: u64) -> u64 {
    80 + detections.saturating_sub(BASE_DETECTIONS).div_ceil(50) + alarms.div_ceil(100)
}

/// Writes a blueprint with that many detections and alarms of its own beside the events they are tested on.
fn synthetic(place: &Path, detections: usize, alarms: usize) -> PathBuf {
    let event = |name: &str| format!(r#"{{"eventSource": "bedrock.amazonaws.com", "eventName": "{name}"}}"#);
    std::fs::write(place.join("yes.json"), event("DeleteGuardrail")).expect("the directory is ours");
    std::fs::write(place.join("no.json"), event("GetGuardrail")).expect("the directory is ours");
    let mut text = format!(
        "format = 1\n[scope]\nname = \"genai-audit\"\naccount = \"{ACCOUNT}\"\nhome_region = \"us-east-1\"\n\
         [notifications]\nemails = [\"secops@example.com\"]\n[detections]\npacks = []\n"
    );
    for number in 0..detections {
        let _ = write!(
            text,
            "[[detection]]\nid = \"own-{number}\"\nanswers = \"which-control-was-changed\"\n\
             description = \"A guardrail was deleted, {number}\"\nseverity = \"high\"\n\
             pattern = '{{ $.eventName = \"DeleteGuardrail\" }}'\nthreshold = {}\nperiod = \"5m\"\n\
             matches = [\"yes.json\"]\nignores = [\"no.json\"]\n",
            number + 1
        );
    }
    for number in 0..alarms {
        let _ = write!(
            text,
            "[[alarm]]\nid = \"metric-{number}\"\nanswers = \"is-it-healthy\"\n\
             metric = {{ namespace = \"AWS/Bedrock\", name = \"InvocationThrottles\", dimensions = {{ ModelId = \"model-{number}\" }} }}\n\
             statistic = \"Sum\"\nthreshold = 10\ncompare = \">=\"\nperiod = \"5m\"\n"
        );
    }
    let path = place.join(format!("{detections}-{alarms}.toml"));
    std::fs::write(&path, text).expect("the directory is ours");
    path
}

async fn measure(size: &Size, place: &Path, options: &Options, broken: &mut Vec<String>) {
    let sandbox = Sandbox::in_real_time(ACCOUNT);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let server = tokio::spawn(serve(sandbox.clone(), listener, std::future::pending()));
    let mut settings = sandbox.settings();
    settings.rate_limits = options.rates;
    settings.delays = options.delays;
    sandbox.set_settings(settings);
    if !options.plan_only {
        delay(&sandbox);
    }
    let apply = run(&sandbox, &["apply", "--auto-approve", "-q"], &size.blueprint, place, &url).await;
    if !options.plan_only {
        tell(size.name, "apply", &apply);
        let (is, most) = (apply.wall.as_secs_f64() * 1e3, apply.possible.as_secs_f64() * 1.3e3);
        if is > most && !options.delays {
            broken.push(format!("{}, apply: milliseconds {is:.0}, at most {most:.0}", size.name));
        }
    }
    delay(&sandbox);
    // GetResources has caught up by then, and e-mail subscriptions wait; nobody plans in the second after an apply.
    sandbox.advance(Duration::from_secs(120));
    let noop = run(&sandbox, &["plan", "--detailed-exitcode", "-q"], &size.blueprint, place, &url).await;
    tell(size.name, "no-op plan", &noop);
    server.abort();
    let mut bound = |what: &str, is: f64, most: f64| {
        if is > most {
            broken.push(format!("{}, no-op plan: {what} {is:.0}, at most {most:.0}", size.name));
        }
    };
    bound("calls", noop.calls as f64, size.calls as f64);
    bound("throttled calls", noop.throttled as f64, 0.0);
    if let Some(peak) = noop.peak_mebibytes {
        bound("mebibytes", peak, size.memory as f64);
    }
    if let Some(chain) = size.chain {
        bound("dependent calls", noop.chain as f64, chain as f64);
    }
    if !options.rates && size.chain.is_some() {
        let wall = LATENCY.mul_f64(1.2 * noop.chain as f64) + Duration::from_millis(30);
        bound("milliseconds", noop.wall.as_secs_f64() * 1e3, wall.as_secs_f64() * 1e3);
    }
}

fn delay(sandbox: &Sandbox) {
    let millis = u64::try_from(LATENCY.as_millis()).expect("a short time");
    let rule = Rule { service: "*".into(), operation: "*".into(), nth: None, fault: Kind::Slow(millis) };
    sandbox.set_faults(vec![rule]);
}

/// Runs the binary once and waits for it.
async fn run(sandbox: &Sandbox, verb: &[&str], blueprint: &Path, place: &Path, url: &str) -> Cost {
    let before = sandbox.calls().len();
    let (verb, blueprint, url, home) = (
        verb.iter().map(ToString::to_string).collect::<Vec<_>>(),
        blueprint.to_owned(),
        url.to_owned(),
        place.to_owned(),
    );
    let (wall, peak_mebibytes, succeeded) = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auditscope"));
        command
            .env_clear()
            .env("HOME", &home)
            .env("AWS_ACCESS_KEY_ID", ACCOUNT)
            .env("AWS_SECRET_ACCESS_KEY", "sandbox")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .args(&verb[..1])
            .arg(&blueprint)
            .args(&verb[1..])
            .args(["--endpoint-url", &url])
            .stdout(Stdio::null());
        let start = Instant::now();
        let mut child = command.spawn().expect("the binary starts");
        let mut peak = None;
        // The kernel forgets the peak with the process, so it is looked at until then; every 2 ms costs nothing.
        let status = loop {
            if let Some(status) = child.try_wait().expect("our child") {
                break status;
            }
            peak = peak_of(child.id()).or(peak);
            std::thread::sleep(Duration::from_millis(2));
        };
        (start.elapsed(), peak, status.success())
    })
    .await
    .expect("no panic");
    assert!(succeeded, "the run failed; what it said is above");
    let seen = sandbox.calls().split_off(before);
    Cost {
        wall,
        calls: seen.len(),
        throttled: seen.iter().filter(|seen| is_throttled(seen)).count(),
        chain: chain(&seen),
        peak_mebibytes,
        possible: possible(&seen),
    }
}

fn is_throttled(seen: &Seen) -> bool {
    let codes = ["Thrott", "SlowDown", "TooManyRequests"];
    seen.refused.as_ref().is_some_and(|code| codes.iter().any(|word| code.contains(word)))
}

/// Returns the peak resident memory of a process in mebibytes; only Linux tells it this way.
fn peak_of(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// Returns the greatest number of calls of which each came after the one before was answered. Every call takes the same
/// time, so that the first that can follow is always the best choice.
fn chain(seen: &[Seen]) -> usize {
    let mut starts: Vec<i64> = seen.iter().map(|seen| seen.at.as_microsecond()).collect();
    starts.sort_unstable();
    let latency = i64::try_from(LATENCY.as_micros()).expect("a short time");
    let (mut chain, mut free) = (0, i64::MIN);
    for start in starts {
        if start >= free {
            chain += 1;
            free = start + latency;
        }
    }
    chain
}

/// Returns the least time that these calls can take: calls that draw from the busiest published rate come no faster, and
/// what waited for each other before the first and after the last of them takes a round trip each.
fn possible(seen: &[Seen]) -> Duration {
    let mut buckets: BTreeMap<(&str, &str, &str), (f64, Vec<&Seen>)> = BTreeMap::new();
    for call in seen {
        if let Some(rate) = rate(&call.service, &call.operation) {
            let bucket = buckets.entry((&call.service, rate.bucket, &call.region)).or_default();
            bucket.0 = rate.per_second;
            bucket.1.push(call);
        }
    }
    let paced = |rate: f64, calls: &[&Seen]| ((calls.len() as f64 - rate).max(0.0)) / rate;
    let busiest = buckets.values().max_by(|a, b| paced(a.0, &a.1).total_cmp(&paced(b.0, &b.1)));
    let around = |rate: f64, calls: &[&Seen]| {
        let first = calls.iter().map(|call| call.at).min();
        let last = calls.iter().map(|call| call.at).max();
        let outside: Vec<Seen> = seen
            .iter()
            .filter(|call| {
                first.is_none_or(|first| call.at < first) || last.is_none_or(|last| call.at > last)
            })
            .cloned()
            .collect();
        LATENCY.mul_f64(chain(&outside) as f64 + 1.0) + Duration::from_secs_f64(paced(rate, calls))
    };
    busiest.map_or(LATENCY.mul_f64(chain(seen) as f64), |(rate, calls)| around(*rate, calls))
}

fn tell(size: &str, what: &str, cost: &Cost) {
    let peak = cost.peak_mebibytes.map_or("?".to_owned(), |peak| format!("{peak:.1} MiB"));
    println!(
        "{:<38} {:>7.0} ms {:>6} {:>10} {:>6} {:>10} {:>7.0} ms",
        format!("{size}: {what}"),
        cost.wall.as_secs_f64() * 1e3,
        cost.calls,
        cost.throttled,
        cost.chain,
        peak,
        cost.possible.as_secs_f64() * 1e3
    );
}
