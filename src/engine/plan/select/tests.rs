//! Selections of one blueprint in two Regions, on accounts that have more or less of it.

use super::*;
use crate::engine::plan::{PlanError, plan};
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Facts, desired, example};
use crate::model::{Names, Output, Outputs};
use proptest::prelude::*;

type Wanted = BTreeMap<Address, Resource>;

fn wanted() -> Wanted {
    desired(&example::blueprint(), &Facts::default())
}

/// Returns how a resource is read if it is as the blueprint asks for it.
fn as_asked(address: &Address, wanted: &Wanted) -> Found {
    let arn = |address: &Address| format!("arn:aws:kms:{}:key/{}", address.scope.region, address.name);
    let outputs: Outputs = wanted
        .keys()
        .map(|address| (Output { address: address.clone(), attribute: "arn" }, arn(address)))
        .filter(|(output, _)| output.address.kind == Kind::KmsKey)
        .collect();
    let mut state = wanted[address].clone();
    state.resolve(&outputs);
    let known = state.known_outputs(address);
    let key = (address.kind == Kind::KmsKey).then(|| ("arn", arn(address)));
    Found::new(state, known.into_iter().chain(key))
}

/// Ways a thing can be, for the laws below.
const WAYS: u8 = 6;

fn reading(way: u8, address: &Address, wanted: &Wanted) -> Reading {
    let mut found = as_asked(address, wanted);
    match way {
        0 | 1 => Reading::Absent,
        2 => Reading::Found(Box::new(found)),
        3 => {
            if let Some(tags) = found.state.tags_mut() {
                tags.insert("stranger".into(), "yes".into());
                tags.retain(|key, _| !key.starts_with("auditscope:regions"));
            }
            Reading::Found(Box::new(found))
        }
        4 => Reading::Foreign { found: Some(Box::new(found)), why: "no tag".into() },
        _ => Reading::Unreadable(Vec::new()),
    }
}

fn fresh() -> Observation {
    everything(0)
}

fn everything(way: u8) -> Observation {
    let wanted = wanted();
    let readings = wanted.keys().map(|address| (address.clone(), reading(way, address, &wanted)));
    Observation { readings: readings.collect(), ..Observation::default() }
}

fn with(mut seen: Observation, short: &str, way: u8) -> Observation {
    let wanted = wanted();
    let address = wanted.keys().find(|address| address.short() == short && address.scope == home());
    let address = address.expect("the blueprint has it");
    seen.readings.insert(address.clone(), reading(way, address, &wanted));
    seen
}

fn home() -> Scope {
    Names::of(&example::blueprint()).home()
}

fn intent(goal: Goal, target: &[&str], exclude: &[&str]) -> Intent {
    let read = |list: &[&str]| list.iter().map(|text| text.parse().expect("an address")).collect();
    Intent { goal, target: read(target), exclude: read(exclude), ..Intent::default() }
}

fn planned(seen: &Observation, intent: &Intent) -> Result<Plan, PlanError> {
    plan(&wanted(), seen, &Names::of(&example::blueprint()), intent)
}

/// Returns a selection as text: steps, what was pulled in, what was left out.
fn told(seen: &Observation, goal: Goal, target: &[&str], exclude: &[&str]) -> String {
    let name = |address: &Address| {
        if address.scope == home() { address.short() } else { format!("{}@far", address.short()) }
    };
    match planned(seen, &intent(goal, target, exclude)) {
        Ok(plan) => {
            let selection = plan.selection.expect("it was narrowed");
            let mut lines = vec![format!("{} of {}", selection.steps, selection.steps + selection.outside)];
            lines.extend(plan.steps.iter().map(|step| {
                let blocked = step.blocked.as_ref().map(|why| format!(" blocked: {why}"));
                format!("{} {}{}", word(step.action), name(&step.address), blocked.unwrap_or_default())
            }));
            let pulled = selection.pulled_in.iter();
            lines
                .extend(pulled.map(|one| format!("in: {} for {}", name(&one.address), name(&one.wanted_by))));
            let left = selection.left_out.iter();
            lines.extend(left.map(|one| format!("out: {}: {}", name(&one.address), one.because)));
            let notes = plan.notes.iter();
            lines.extend(notes.map(|note| format!("note: {}", note.text)));
            lines.join("\n")
        }
        Err(PlanError::Selection(error)) => format!("{error}\n{}", error.hint()),
        Err(error) => error.to_string(),
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Adopt => "adopt",
        Action::TakeBack => "take back",
        Action::Release => "release",
        Action::Delete => "delete",
        Action::Foreign => "foreign",
        Action::Unreadable => "unreadable",
    }
}

#[test]
fn a_target_brings_what_it_waits_for() {
    insta::assert_snapshot!(told(&fresh(), Goal::Converge, &["s3_bucket.logs"], &[]), @r"
    3 of 28
    create kms_key.main
    create s3_bucket.access
    create s3_bucket.logs
    in: kms_key.main for s3_bucket.logs
    in: s3_bucket.access for s3_bucket.logs
    ");
    insta::assert_snapshot!(told(&fresh(), Goal::Converge, &["metric_alarm.trail-changed"], &[]), @r"
    5 of 28
    create kms_key.main
    create log_group.trail
    create metric_filter.trail-changed
    create sns_topic.alarms
    create metric_alarm.trail-changed
    in: kms_key.main for sns_topic.alarms
    in: log_group.trail for metric_filter.trail-changed
    in: metric_filter.trail-changed for metric_alarm.trail-changed
    in: sns_topic.alarms for metric_alarm.trail-changed
    ");
    // What is there and as it should be brings nothing.
    let seen = with(everything(2), "trail.main", 0);
    insta::assert_snapshot!(told(&seen, Goal::Converge, &["trail.main"], &[]), @r"
    1 of 1
    create trail.main
    ");
    // A trail is not turned on before its bucket has its policy back.
    let seen = with(seen, "s3_bucket.logs", 3);
    insta::assert_snapshot!(told(&seen, Goal::Converge, &["trail.main"], &[]), @r"
    2 of 2
    update s3_bucket.logs
    create trail.main
    in: s3_bucket.logs for trail.main
    ");
}

#[test]
fn a_region_is_on_the_trail_s_list_before_anything_is_written_there() {
    let far = "sns_topic.alarms@111122223333/us-east-1";
    insta::assert_snapshot!(told(&fresh(), Goal::Converge, &[far], &[]), @r"
    8 of 28
    create kms_key.main
    create s3_bucket.access
    create s3_bucket.logs
    create iam_role.trail-logs
    create log_group.trail
    create trail.main
    create kms_key.main@far
    create sns_topic.alarms@far
    in: kms_key.main for trail.main
    in: s3_bucket.access for s3_bucket.logs
    in: s3_bucket.logs for trail.main
    in: iam_role.trail-logs for trail.main
    in: log_group.trail for trail.main
    in: trail.main for sns_topic.alarms@far
    in: kms_key.main@far for sns_topic.alarms@far
    ");
    let seen = everything(2);
    let address: Address = far.parse().expect("an address");
    let mut listed = seen.clone();
    listed.readings.insert(address, Reading::Absent);
    insta::assert_snapshot!(told(&listed, Goal::Converge, &[far], &[]), @r"
    1 of 1
    create sns_topic.alarms@far
    ");
    let unlisted = with(listed, "trail.main", 3);
    insta::assert_snapshot!(told(&unlisted, Goal::Converge, &[far], &[]), @r"
    2 of 2
    update trail.main
    create sns_topic.alarms@far
    in: trail.main for sns_topic.alarms@far
    ");
    insta::assert_snapshot!(told(&unlisted, Goal::Converge, &[], &["trail.main"]), @r"
    0 of 2
    out: trail.main: it is excluded
    out: sns_topic.alarms@far: it is in a Region that trail.main does not list yet
    ");
}

#[test]
fn an_excluded_step_takes_along_what_cannot_do_without_it() {
    let seen = with(with(with(everything(2), "kms_key.main", 0), "trail.main", 0), "log_group.trail", 0);
    insta::assert_snapshot!(told(&seen, Goal::Converge, &[], &["log_group.trail"]), @r"
    3 of 5
    create kms_key.main
    update s3_bucket.logs
    update sns_topic.alarms
    out: log_group.trail: it is excluded
    out: trail.main: it needs log_group.trail, which does not exist yet
    ");
    // A bucket that is there can be used although it differs.
    let seen = with(with(everything(2), "s3_bucket.logs", 3), "trail.main", 0);
    insta::assert_snapshot!(told(&seen, Goal::Converge, &[], &["s3_bucket.logs"]), @r"
    1 of 2
    create trail.main
    out: s3_bucket.logs: it is excluded
    note: trail.main goes on although s3_bucket.logs, which it uses, differs from the blueprint and is left out
    ");
    // One that is not ours, or of which nothing is known, cannot.
    for way in [4, 5] {
        let seen = with(seen.clone(), "s3_bucket.logs", way);
        let told = told(&seen, Goal::Converge, &[], &["s3_bucket.logs"]);
        assert!(told.starts_with("0 of 2"), "{told}");
    }
}

#[test]
fn exclude_wins_inside_a_target_unless_the_target_needs_it() {
    let seen = with(with(everything(2), "s3_bucket.logs", 3), "trail.main", 0);
    insta::assert_snapshot!(told(&seen, Goal::Converge, &["trail.main"], &["s3_bucket.logs"]), @r"
    1 of 2
    create trail.main
    out: s3_bucket.logs: it is excluded
    note: trail.main goes on although s3_bucket.logs, which it uses, differs from the blueprint and is left out
    ");
    insta::assert_snapshot!(told(&seen, Goal::Converge, &["trail.main"], &["trail.main"]), @r"
    0 of 2
    out: trail.main: it is excluded
    ");
    insta::assert_snapshot!(told(&fresh(), Goal::Converge, &["trail.main"], &["kms_key.main"]), @r"
    trail.main is a target and kms_key.main is excluded, but trail.main needs kms_key.main, which does not exist yet
    drop `--exclude kms_key.main`, or leave trail.main for later with `--exclude trail.main`
    ");
}

#[test]
fn a_destroy_takes_along_what_uses_a_target_and_leaves_what_an_excluded_one_uses() {
    let seen = everything(2);
    insta::assert_snapshot!(told(&seen, Goal::Destroy, &["metric_filter.prompt-blocked"], &[]), @r"
    6 of 26
    delete composite_alarm.severity-high
    delete composite_alarm.severity-high@far
    delete metric_alarm.prompt-blocked
    delete metric_alarm.prompt-blocked@far
    delete metric_filter.prompt-blocked
    delete metric_filter.prompt-blocked@far
    in: composite_alarm.severity-high for metric_alarm.prompt-blocked
    in: composite_alarm.severity-high@far for metric_alarm.prompt-blocked@far
    in: metric_alarm.prompt-blocked for metric_filter.prompt-blocked
    in: metric_alarm.prompt-blocked@far for metric_filter.prompt-blocked@far
    ");
    insta::assert_snapshot!(told(&seen, Goal::Destroy, &[], &["composite_alarm.severity-high"]), @r"
    16 of 26
    release kms_key.main
    release kms_key.prompts
    release s3_bucket.access
    release s3_bucket.logs
    release s3_bucket.prompts
    release iam_role.bedrock-logs
    release iam_role.trail-logs
    release log_group.bedrock
    release log_group.trail
    release trail.main
    release kms_key.main@far
    release kms_key.prompts@far
    release s3_bucket.prompts@far
    release iam_role.bedrock-logs@far
    release log_group.bedrock@far
    delete dashboard.main
    out: composite_alarm.severity-high: it is excluded
    out: composite_alarm.severity-high@far: it is excluded
    out: metric_alarm.prompt-blocked: it is still used by composite_alarm.severity-high
    out: metric_alarm.prompt-blocked@far: it is still used by composite_alarm.severity-high@111122223333/us-east-1
    out: metric_alarm.trail-changed: it is still used by composite_alarm.severity-high
    out: metric_filter.prompt-blocked: it is still used by metric_alarm.prompt-blocked
    out: metric_filter.prompt-blocked@far: it is still used by metric_alarm.prompt-blocked@111122223333/us-east-1
    out: metric_filter.trail-changed: it is still used by metric_alarm.trail-changed
    out: sns_topic.alarms: it is still used by metric_alarm.prompt-blocked
    out: sns_topic.alarms@far: it is still used by metric_alarm.prompt-blocked@111122223333/us-east-1
    ");
    insta::assert_snapshot!(told(&seen, Goal::Destroy, &["sns_topic.alarms"], &["metric_alarm.trail-changed"]), @r"
    sns_topic.alarms is a target and metric_alarm.trail-changed is excluded, but sns_topic.alarms is still used by metric_alarm.trail-changed
    drop `--exclude metric_alarm.trail-changed`, or leave sns_topic.alarms for later with `--exclude sns_topic.alarms`
    ");
}

#[test]
fn a_slip_is_an_error_with_a_suggestion() {
    insta::assert_snapshot!(told(&fresh(), Goal::Converge, &["s3_bucket.log"], &[]), @r"
    --target s3_bucket.log matches nothing in the blueprint or the account
    did you mean `--target s3_bucket.logs`?
    ");
    insta::assert_snapshot!(told(&fresh(), Goal::Converge, &[], &["trail.main@111122223333/eu-central-2"]), @r"
    --exclude trail.main@111122223333/eu-central-2 matches nothing in the blueprint or the account
    did you mean `--exclude trail.main@111122223333/eu-central-1`?
    ");
    insta::assert_snapshot!(told(&fresh(), Goal::Converge, &["dashboard.something-else-entirely"], &[]), @r"
    --target dashboard.something-else-entirely matches nothing in the blueprint or the account
    `plan --show-unchanged` lists every address
    ");
}

#[test]
fn a_kind_that_could_not_be_read_may_hold_what_is_meant() {
    let mut seen = everything(2);
    let error = crate::aws::ApiError::odd("logs:DescribeMetricFilters", &home(), "denied");
    seen.blind.push((Kind::MetricFilter, home(), error));
    let incomplete =
        |target| planned(&seen, &intent(Goal::Converge, &[target], &[])).map(|plan| plan.is_incomplete());
    assert!(incomplete("metric_filter.left-over").expect("a plan"));
    assert!(!incomplete("trail.main").expect("a plan"));
}

/// Returns some of the blueprint's addresses.
fn some(addresses: &[Address]) -> impl Strategy<Value = Vec<Address>> + use<> {
    proptest::sample::subsequence(addresses.to_vec(), 0..=4)
}

fn patterns(addresses: &[Address]) -> Vec<AddressPattern> {
    addresses.iter().map(|address| address.to_string().parse().expect("an address")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn whatever_is_selected_holds_together(
        ways in proptest::collection::vec(0..WAYS, wanted().len()),
        target in some(&wanted().into_keys().collect::<Vec<_>>()),
        exclude in some(&wanted().into_keys().collect::<Vec<_>>()),
    ) {
        let all = wanted();
        let readings = all.keys().zip(&ways).map(|(address, way)| (address.clone(), reading(*way, address, &all)));
        let seen = Observation { readings: readings.collect(), ..Observation::default() };
        let whole = planned(&seen, &Intent::default()).expect("an order");
        let intent = Intent { target: patterns(&target), exclude: patterns(&exclude), ..Intent::default() };
        let plan = match planned(&seen, &intent) {
            Ok(plan) => plan,
            Err(PlanError::Selection(SelectionError::Contradiction { .. })) => {
                prop_assert!(!target.is_empty() && !exclude.is_empty());
                return Ok(());
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let Some(selection) = plan.selection else {
            prop_assert!(target.is_empty() && exclude.is_empty());
            return Ok(());
        };
        prop_assert_eq!(selection.steps, plan.steps.len());
        prop_assert_eq!(selection.steps + selection.outside, whole.steps.len());
        // In the order of the whole plan.
        let chosen: BTreeSet<&Address> = plan.steps.iter().map(|step| &step.address).collect();
        let order: Vec<&Address> = whole.steps.iter().map(|step| &step.address).filter(|one| chosen.contains(one)).collect();
        prop_assert_eq!(order, plan.steps.iter().map(|step| &step.address).collect::<Vec<_>>());
        for step in &plan.steps {
            let pulled = selection.pulled_in.iter().any(|one| one.address == step.address && chosen.contains(&one.wanted_by));
            prop_assert!(target.is_empty() || target.contains(&step.address) || pulled, "{} was not asked for", step.address);
            prop_assert!(!exclude.contains(&step.address), "{} was excluded", step.address);
            if step.blocked.is_some() {
                continue;
            }
            for source in step.desired.iter().flat_map(sources) {
                let done = plan.steps.iter().any(|other| other.address == source && other.blocked.is_none());
                let there = matches!(seen.readings[&source], Reading::Found(_));
                prop_assert!(done || there, "{} needs {}", step.address, source);
            }
        }
        for target in &target {
            let asked = whole.steps.iter().any(|step| step.address == *target);
            prop_assert!(!asked || chosen.contains(target) || exclude.contains(target), "{} was asked for", target);
        }
        // Only what is excluded, or needs it, is left out.
        for left in &selection.left_out {
            prop_assert!(!chosen.contains(&left.address) && !left.because.is_empty());
        }
        if exclude.is_empty() {
            prop_assert!(selection.left_out.is_empty());
        }
    }

    #[test]
    fn a_destroy_never_leaves_a_user_of_what_it_deletes(
        target in some(&wanted().into_keys().collect::<Vec<_>>()),
        exclude in some(&wanted().into_keys().collect::<Vec<_>>()),
    ) {
        let seen = everything(2);
        let intent = Intent { goal: Goal::Destroy, target: patterns(&target), exclude: patterns(&exclude), ..Intent::default() };
        let Ok(plan) = planned(&seen, &intent) else { return Ok(()) };
        for step in plan.steps.iter().filter(|step| step.action == Action::Delete) {
            for (address, reading) in &seen.readings {
                let uses = |found: &Found| found.state.inputs().iter().any(|input| is_named(step, input.text()));
                let deleted = plan.steps.iter().any(|other| other.address == *address && other.action == Action::Delete);
                let user = may_use(address.kind, step.address.kind) && address.scope == step.address.scope && reading.found().is_some_and(uses);
                prop_assert!(!user || deleted, "{} uses {}", address, step.address);
            }
        }
    }
}
