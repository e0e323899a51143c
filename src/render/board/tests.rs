use super::*;
use crate::kinds::Kind;
use crate::model::Scope;

fn at(kind: Kind, name: &str, region: &str) -> Address {
    Address::new(kind, name, &Scope::new("111122223333", region))
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

fn started(address: &Address) -> Event {
    Event::StepStarted { address: address.clone(), action: Action::Create }
}

fn done(address: &Address) -> Event {
    Event::StepDone { address: address.clone(), action: Action::Create, calls: vec![], seconds: 2.14 }
}

/// A board in the middle of an apply: one step done, one waiting, two under way.
fn middle() -> Board {
    let mut board = Board::new(second(0));
    board.phase = Phase::Steps;
    board.total = 14;
    let (key, trail) = (at(Kind::KmsKey, "main", "us-east-1"), at(Kind::Trail, "main", "us-east-1"));
    let alarms = ["invocation-logging-changed", "guardrail-changed"];
    let alarms = alarms.map(|name| at(Kind::MetricAlarm, name, "us-east-1"));
    board.take(&started(&key), second(1));
    board.take(&done(&key), second(3));
    for alarm in &alarms {
        board.take(&started(alarm), second(3));
        board.take(&Event::StepCalls { address: alarm.clone(), call: "PutMetricAlarm" }, second(3));
    }
    board.take(&started(&trail), second(4));
    board.take(&Event::StepCalls { address: trail.clone(), call: "CreateTrail" }, second(4));
    let waits = Event::StepWaiting {
        address: trail,
        call: "CreateTrail",
        waiting_for: "the delivery role to reach CloudTrail",
        seconds: 4.0,
        left_seconds: 113.0,
    };
    assert!(board.take(&waits, second(5)), "told once");
    assert!(!board.take(&waits, second(9)), "and not again");
    board
}

fn text(board: &Board, width: usize, height: usize, gauge: &Gauge, now: i64) -> String {
    let window = Window { width, height, style: Style::PLAIN };
    let lines = board.lines(window, gauge, second(now));
    for line in &lines {
        assert!(display_width(line) < width, "{line:?} does not fit into {width} columns");
    }
    lines.join("\n")
}

#[test]
fn a_screen_shows_what_runs_and_what_waits_and_for_how_long() {
    let gauge = Gauge::default();
    let _queued: Vec<_> =
        (12..=21).map(|due| gauge.waits("cloudwatch:PutMetricAlarm", "a/1", second(due))).collect();
    insta::assert_snapshot!(text(&middle(), 100, 24, &gauge, 11), @r"
    █░░░░░░░░░░░░░░░░░░░░░░░ 1/14  0:11
      + trail.main                               waits up to 1:51 for the delivery role to reach Cloud…
      + metric_alarm.invocation-logging-changed  PutMetricAlarm 0:08
      + metric_alarm.guardrail-changed           PutMetricAlarm 0:08
      cloudwatch PutMetricAlarm: paced at 3/s, 10 queued, 0:10 left
    ");
}

#[test]
fn a_narrow_window_cuts_lines_and_a_low_one_counts_what_it_hides() {
    let gauge = Gauge::default();
    insta::assert_snapshot!(text(&middle(), 40, 24, &gauge, 11), @r"
    █░░░░░░░░░░░░░░░░░░░░░░░ 1/14  0:11
      + trail.main        waits up to 1:51…
      + metric_alarm.in…  PutMetricAlarm 0…
      + metric_alarm.gu…  PutMetricAlarm 0…
    ");
    insta::assert_snapshot!(text(&middle(), 40, 4, &gauge, 11), @r"
    █░░░░░░░░░░░░░░░░░░░░░░░ 1/14  0:11
      + trail.main  waits up to 1:51 for t…
      … and 2 more
    ");
}

#[test]
fn each_phase_has_its_line() {
    let gauge = Gauge::default();
    let mut board = Board::new(second(0));
    let mut phases = vec![text(&board, 100, 24, &gauge, 2)];
    let lock = |lease: &str| Event::LockWaiting {
        holder: format!("ci-deploy since 10:04; its lease ends at {lease}"),
        left_seconds: 60.0,
    };
    assert!(board.take(&lock("10:06"), second(2)), "told once");
    assert!(!board.take(&lock("10:07"), second(7)), "and not again when it is renewed");
    phases.push(text(&board, 100, 24, &gauge, 12));
    board.take(&Event::VerifyStarted, second(12));
    phases.push(text(&board, 100, 24, &gauge, 12));
    board.take(&Event::VerifyWaiting { differing: 2, seconds: 2.0, left_seconds: 30.0 }, second(12));
    phases.push(text(&board, 100, 24, &gauge, 12));
    insta::assert_snapshot!(phases.join("\n"), @r"
    ⠋ reading the account: 0 calls, 0:02
    ⠋ waits up to 0:50 for the lock: ci-deploy since 10:04; its lease ends at 10:07
    ⠋ checking that a second plan is empty; old values may show for a minute
    ⠋ checking that a second plan is empty: 2 still as before, looking again
    ");
}

#[test]
fn elsewhere_there_is_a_line_a_finished_step() {
    let mut board = middle();
    let alarm = at(Kind::MetricAlarm, "guardrail-changed", "us-east-1");
    board.take(&done(&alarm), second(12));
    let line = crate::render::events::line(&done(&alarm), &board, false, Style::PLAIN);
    assert_eq!(line.as_deref(), Some("[ 2/14] + metric_alarm.guardrail-changed (2.1 s)"));
    board.ambiguous.insert("metric_alarm.guardrail-changed".into());
    let name = board.name(&alarm);
    assert_eq!(name, "metric_alarm.guardrail-changed@111122223333/us-east-1", "short only where unique");
}

#[test]
fn lines_are_cut_by_columns_and_colours_end() {
    let cases = [
        ("fits", "abc", 3, "abc"),
        ("too long", "abcdef", 3, "ab…"),
        ("wide letters", "日本語", 4, "日…"),
        ("colours take no room", "\u{1b}[32mabc\u{1b}[0m", 3, "\u{1b}[32mabc\u{1b}[0m"),
        ("colours end", "\u{1b}[32mabcdef\u{1b}[0m", 3, "\u{1b}[32mab…\u{1b}[0m"),
    ];
    for (case, line, width, want) in cases {
        assert_eq!(cut(line, width), want, "{case}");
    }
    assert_eq!([-1.0, 0.0, 0.2, 59.5, 103.0].map(clock), ["0:00", "0:00", "0:01", "1:00", "1:43"]);
}
