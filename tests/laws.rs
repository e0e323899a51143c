//! Laws that hold for every kind at once, on the sandbox account.

mod common;
#[path = "common/tamper.rs"]
mod damage;
#[path = "common/meaning.rs"]
mod meaning;

use auditscope::cli::init;
use auditscope::engine::execute::Event;
use auditscope::engine::plan::{Action, Goal, Intent, Plan, Step};
use auditscope::kinds::{self, Facts, Kind};
use auditscope::model::{Address, AddressPattern};
use auditscope::sandbox::tamper::{TAMPERINGS, Tampering};
use common::{ACCOUNT, Account, intent, shipped, told, with};
use damage::tamper;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;

/// Returns the intent of a destroy.
fn destroy() -> Intent {
    Intent { goal: Goal::Destroy, ..intent() }
}

/// Returns the intent with everything in a plan approved and adopted that asks for it.
fn consenting(plan: &Plan) -> Intent {
    let mut intent = intent();
    for need in plan.missing_approvals() {
        let (kind, address) = need.split_once(':').expect("KIND:ADDRESS");
        intent.allow.push((kind.into(), address.parse().expect("an address")));
    }
    for step in plan.steps.iter().filter(|step| step.action == Action::Foreign) {
        intent.adopt.push(step.address.to_string().parse().expect("an address"));
    }
    intent
}

#[tokio::test]
async fn after_an_apply_there_is_nothing_to_plan() {
    for name in ["minimal.toml", "genai-baseline.toml", "multi-region.toml"] {
        let account = Account::new(shipped(name)).await;
        let first = account.plan().await;
        assert!(first.steps.iter().all(|step| step.action == Action::Create), "{name}: {}", told(&first));
        account.converge().await;
    }
}

#[tokio::test]
async fn a_compliance_lock_needs_its_own_approval() {
    let account = Account::new(shipped("regulated.toml")).await;
    let plan = account.plan().await;
    let needs = plan.missing_approvals();
    assert_eq!(needs, ["irreversible:s3_bucket.logs"]);
    account.converge_for(&consenting(&plan)).await;
}

#[tokio::test]
async fn each_of_the_first_tamperings_is_found_by_attribute_and_repaired_or_told_why_not() {
    Box::pin(each_is_found_and_repaired(&TAMPERINGS[..TAMPERINGS.len() / 2])).await;
}

// In two halves, because each takes long enough to be worth a thread.
#[tokio::test]
async fn each_of_the_other_tamperings_is_found_by_attribute_and_repaired_or_told_why_not() {
    assert!(TAMPERINGS.len() >= 60);
    Box::pin(each_is_found_and_repaired(&TAMPERINGS[TAMPERINGS.len() / 2..])).await;
}

async fn each_is_found_and_repaired(tamperings: &[Tampering]) {
    // One pack is enough: every kind is there, and each of the many rounds has fewer alarms to make again.
    let account = Account::new(with("[detections]\npacks = [\"audit-tampering\"]")).await;
    account.converge().await;
    let healthy = account.sandbox.state();
    for tampering in tamperings {
        account.sandbox.with_state(|state| *state = healthy.clone());
        assert!(tamper(&account, tampering), "{}: there is something to tamper with", tampering.name);
        let plan = account.plan().await;
        let (address, attribute) = tampering.expect.split_once(' ').unwrap_or((tampering.expect, ""));
        let in_steps = plan.steps.iter().any(|step| {
            step.address.short() == address
                && (attribute.is_empty() || step.changes.iter().any(|change| change.attribute() == attribute))
        });
        let left_alone = |plan: &Plan| {
            plan.unrepaired
                .iter()
                .find(|left| left.address.short() == address && left.attribute == attribute)
                .cloned()
        };
        let left = left_alone(&plan);
        let name = tampering.name;
        assert!(in_steps || left.is_some(), "{name}: expected {}, got {}", tampering.expect, told(&plan));
        assert!(plan.differs(), "{name}: drift must end with 2");
        // What can be neither repaired nor taken over is told, with what to do.
        let in_the_way = |step: &&Step| step.action == Action::Foreign && step.observed.is_none();
        if let Some(step) = plan.steps.iter().find(in_the_way) {
            assert!(step.reason.contains("by hand"), "{name}: {}", step.reason);
            continue;
        }
        // Either an apply repairs it, or the plan names the flag that would, or it says why nothing does.
        let consent = consenting(&plan);
        let asks = !consent.allow.is_empty() || !consent.adopt.is_empty();
        // Insights that somebody turned on record something: taking them off again is a loss.
        let records_more = name == "other-insights";
        assert!(
            consent.allow.is_empty() || records_more,
            "{name}: a repair asks nobody: {:?}",
            consent.allow
        );
        let second = match asks {
            true => account.converge_for(&consent).await,
            false => account.converge_by(&plan, &consent).await,
        };
        let Some(left) = left else {
            assert!(!second.differs(), "{name}");
            continue;
        };
        assert!(!left.why.is_empty() && left.before != left.after, "{name}: {left:?}");
        assert_eq!(left_alone(&second), Some(left.clone()), "{name}: left alone by an apply");
        let third = account.converge_for(&Intent { prune: true, ..consent }).await;
        assert_eq!(left_alone(&third).is_some(), !left.prunable, "{name}: --prune does what it says");
    }
}

#[tokio::test]
async fn what_is_left_alone_keeps_nothing_else_from_being_repaired() {
    let account = Account::new(with("[detections]\npacks = [\"audit-tampering\"]")).await;
    account.converge().await;
    for name in ["add-subscriber", "mute-topic-policy", "replicate-bucket", "bucket-own-key"] {
        let tampering = TAMPERINGS.iter().find(|tampering| tampering.name == name).expect("a tampering");
        assert!(tamper(&account, tampering), "{name}");
    }
    let plan = account.plan().await;
    let attributes: BTreeSet<&str> =
        plan.steps.iter().flat_map(|step| &step.changes).map(|change| change.attribute()).collect();
    assert_eq!(attributes, BTreeSet::from(["encryption", "policy"]), "{}", told(&plan));
    let left: Vec<&str> = plan.unrepaired.iter().map(|left| left.attribute.as_str()).collect();
    assert_eq!(left, ["replication", "extra_subscriptions"]);
    let calls: Vec<&str> = plan.steps.iter().flat_map(|step| &step.calls).map(|call| call.name()).collect();
    assert_eq!(calls, ["PutBucketEncryption", "SetPolicy"]);
    account.converge_for(&consenting(&plan)).await;
    let plan = account.plan().await;
    assert!(plan.is_empty() && plan.differs(), "{}", told(&plan));
    account.converge_for(&Intent { prune: true, ..intent() }).await;
    assert!(!account.plan().await.differs());
}

#[tokio::test]
async fn destroy_leaves_exactly_the_evidence_and_apply_takes_it_back() {
    let account = Account::new(shipped("multi-region.toml")).await;
    account.converge().await;
    account.converge_for(&destroy()).await;
    let state = account.sandbox.state();
    let regions = &state.accounts[ACCOUNT];
    for (region, tables) in regions {
        for gone in ["alarms", "composite_alarms", "metric_filters", "topics", "dashboards"] {
            assert!(
                tables.get(gone).is_none_or(serde_json::Map::is_empty),
                "{gone} in {region} are disposable"
            );
        }
    }
    for (region, table, kept) in [
        ("us-east-1", "trails", 1),
        ("us-east-1", "log_groups", 2),
        ("us-east-1", "kms_keys", 2),
        ("global", "buckets", 4),
    ] {
        let count = regions[region].get(table).map_or(0, serde_json::Map::len);
        assert!(count >= kept, "{table} in {region}: {count} of at least {kept}");
    }
    let trail = regions["us-east-1"]["trails"].values().next().expect("the trail");
    assert_eq!(trail["_logging"], true, "a released trail keeps logging");
    let plan = account.plan().await;
    let taken = plan.steps.iter().filter(|step| step.action == Action::TakeBack).count();
    assert!(taken >= 9, "{}", told(&plan));
    account.converge().await;
}

#[tokio::test]
async fn ten_plans_are_the_same_bytes() {
    let account = Account::new(shipped("genai-baseline.toml")).await;
    let bytes = |plan: &Plan| told(plan);
    let first = bytes(&account.plan().await);
    for _ in 0..9 {
        assert_eq!(bytes(&account.plan().await), first);
    }
}

#[test]
fn tables_name_each_serialised_field_once_and_every_step_has_calls() {
    let desired = kinds::desired(&shipped("multi-region.toml"), &Facts::default());
    let seen: BTreeSet<Kind> = desired.keys().map(|address| address.kind).collect();
    assert_eq!(seen.len(), Kind::ALL.len(), "the blueprint has every kind");
    for (address, resource) in &desired {
        let fields: BTreeSet<String> =
            resource.json().as_object().expect("a state is an object").keys().cloned().collect();
        let named: Vec<&str> = address.kind.attributes().into_iter().map(|(name, _)| name).collect();
        let once: BTreeSet<String> = named.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(named.len(), once.len(), "{address}: an attribute stands once");
        let unnamed: Vec<_> = fields.difference(&once).collect();
        assert!(unnamed.is_empty(), "{address}: not in the table: {unnamed:?}");
        assert!(!resource.create_calls().is_empty(), "{address} is created by some call");
        assert!(!resource.delete_calls().is_empty(), "{address} is deleted by some call");
    }
}

#[test]
fn every_attribute_is_classed_on_purpose() {
    use auditscope::engine::diff;
    let more = "bedrock_regions = [\"us-east-1\"]\n[trail]\norganization = true\ninsights = [\"api-call-rate\"]\n\
                [invocation_logging]\nbucket = { expire_after_days = 90 }\n\
                [notifications]\nemails = [\"secops@example.com\"]\n";
    let facts = Facts { organization_id: Some("o-abcdefghij".into()) };
    let desired = kinds::desired(&with(more), &facts);
    let all = meaning::all();
    for kind in Kind::ALL {
        let named: Vec<&str> = kind.attributes().into_iter().map(|(name, _)| name).collect();
        let classed = all.iter().filter(|one| one.kind == *kind).map(|one| one.attribute);
        assert_eq!(classed.collect::<Vec<_>>(), named, "{kind}: each attribute once, in the table's order");
    }
    for one in &all {
        let what = format!("{}.{}", one.kind, one.attribute);
        let (good, bad) = one.states(&desired);
        assert_eq!(diff::attributes(&good.json(), &bad.json()), [one.attribute], "{what} changes alone");
        let (there, back) = one.effects(&desired);
        let told = there
            .iter()
            .chain(&back)
            .all(|effect| effect.attribute == one.attribute && !effect.text.is_empty());
        assert!(told, "{what}: {there:?} {back:?}");
        let weightiest = |effects: &[kinds::Effect]| {
            effects.iter().map(|effect| effect.class).max().unwrap_or(kinds::Class::Neutral)
        };
        if let Some(worse) = one.worse {
            assert_eq!(weightiest(&there), worse, "{what}: {there:?}");
        }
        assert_eq!(weightiest(&back), one.back, "{what}, back: {back:?}");
        assert!(one.back.approval().is_none(), "{what}: what was taken away comes back without a person");
    }
}

#[test]
fn what_an_input_names_is_asked_for_too() {
    for name in ["minimal.toml", "genai-baseline.toml", "multi-region.toml"] {
        let desired = kinds::desired(&shipped(name), &Facts::default());
        for (address, resource) in &desired {
            for source in resource.inputs().into_iter().filter_map(|input| input.source()) {
                assert!(desired.contains_key(source), "{name}: {address} wants {source}");
            }
        }
    }
}

#[tokio::test]
async fn what_nobody_asks_for_any_more_is_shown_and_pruned() {
    let account = Account::new(shipped("multi-region.toml")).await;
    account.converge().await;
    let smaller = Account::on(account.sandbox.clone(), with("[notifications]\ndashboard = false\n")).await;
    let plan = smaller.plan().await;
    assert!(plan.left_over.iter().any(|left| left.address.kind == Kind::Dashboard), "{:?}", plan.left_over);
    let other =
        |plan: &Plan| plan.left_over.iter().filter(|left| left.address.scope.region != "us-east-1").count();
    assert!(other(&plan) > 0, "a Region dropped from the blueprint is not forgotten");
    let prune = Intent { prune: true, ..consenting(&plan) };
    // CloudWatch deletes no alarm that a composite watches (CloudWatch API, DeleteAlarms).
    let steps = smaller.plan_for(&prune).await.steps;
    let at_home = |action, kind| {
        let fits = move |address: &auditscope::model::Address| {
            address.kind == kind && address.scope.region == "us-east-1"
        };
        steps.iter().filter(move |step| step.action == action && fits(&step.address))
    };
    let composites: BTreeSet<_> = [Action::Update, Action::Delete]
        .into_iter()
        .flat_map(|action| at_home(action, Kind::CompositeAlarm))
        .map(|step| &step.address)
        .collect();
    assert!(at_home(Action::Update, Kind::CompositeAlarm).count() > 0, "a composite loses a member");
    for step in at_home(Action::Delete, Kind::MetricAlarm) {
        let waits = step.after.iter().any(|address| composites.contains(address));
        assert!(waits, "{} waits for no composite", step.address);
    }
    smaller.converge_for(&prune).await;
    let plan = smaller.plan().await;
    assert!(
        plan.left_over.iter().all(|left| left.address.kind.fate() != kinds::Fate::Disposable),
        "{:?}",
        plan.left_over
    );
}

#[tokio::test]
async fn an_approval_of_one_region_s_change_turns_nothing_off_in_another() {
    let account = Account::new(shipped("multi-region.toml")).await;
    account.converge().await;
    // One Region fewer is asked for, and less of what stays.
    let blueprint = with("[invocation_logging]\nimage = false\n");
    let smaller = Account::on(account.sandbox.clone(), blueprint).await;
    let plan = smaller.plan().await;
    let logging = |step: &&Step| step.address.kind == Kind::BedrockLogging;
    let step = plan.steps.iter().find(logging).expect("no images any more");
    assert_eq!(step.needs, ["coverage:bedrock_logging.main@111122223333/us-east-1"], "{}", told(&plan));
    let hints: Vec<&str> = plan.left_over.iter().map(|left| left.why.as_ref()).collect();
    let named = "--allow coverage:bedrock_logging.main@111122223333/eu-west-1 turns it off";
    assert!(hints.contains(&named), "{hints:?}");
    let deletions = |plan: &Plan| {
        let gone = plan.steps.iter().filter(logging).filter(|step| step.action == Action::Delete);
        gone.map(|step| step.address.scope.region.clone()).collect::<Vec<_>>()
    };
    let allow = |need: &str| {
        let address: AddressPattern = need.parse().expect("an address");
        Intent { allow: vec![("coverage".into(), address)], ..intent() }
    };
    // Neither what the plan asks for nor the address without its place reaches what is left over.
    for given in ["bedrock_logging.main@111122223333/us-east-1", "bedrock_logging.main"] {
        let approved = smaller.plan_for(&allow(given)).await;
        assert_eq!(deletions(&approved), [""; 0], "{given}: {}", told(&approved));
        let missing = approved.missing_approvals();
        assert!(!missing.iter().any(|need| need.contains("bedrock_logging")), "{given}: {missing:?}");
    }
    let meant = smaller.plan_for(&allow("bedrock_logging.main@111122223333/eu-west-1")).await;
    assert_eq!(deletions(&meant), ["eu-west-1"], "{}", told(&meant));
}

#[tokio::test]
async fn an_account_s_retention_policy_is_told_and_is_no_difference() {
    let account = Account::new(with("[detections]\npacks = []")).await;
    account.converge().await;
    account.sandbox.with_state(|state| {
        let document = "{\"retentionInDays\": 30}";
        let policy = serde_json::json!({"policyType": "RETENTION_POLICY", "policyName": "short", "policyDocument": document});
        state.table(ACCOUNT, "us-east-1", "account_policies").insert("short".into(), policy);
    });
    let plan = account.plan().await;
    assert!(plan.is_empty(), "{}", told(&plan));
    assert!(plan.notes.iter().any(|note| note.text.contains("account policy short")), "{:?}", plan.notes);
}

#[tokio::test]
async fn a_read_never_writes() {
    let account = Account::new(shipped("minimal.toml")).await;
    account.converge().await;
    let before = account.sandbox.state();
    account.plan().await;
    account.plan_for(&destroy()).await;
    let mut after = account.sandbox.state();
    after.clock_ahead_millis = before.clock_ahead_millis;
    assert_eq!(after, before);
}

#[test]
fn what_ships_is_valid_and_complete() {
    for name in ["minimal", "genai-baseline", "multi-region", "regulated"] {
        let place = tempfile::tempdir().expect("a temporary directory");
        init::write(name, place.path()).expect("a shipped blueprint can be written");
        shipped(&format!("{name}.toml"));
    }
}

#[tokio::test]
async fn somebody_else_s_metric_filters_are_noted() {
    let account = Account::new(with("[detections]\npacks = []")).await;
    account.converge().await;
    account.sandbox.with_state(|state| {
        let group = "/auditscope/genai-audit/trail";
        let filter = serde_json::json!({"filterName": "theirs", "logGroupName": group, "filterPattern": "x",
            "metricTransformations": [{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]});
        state.table(ACCOUNT, "us-east-1", "metric_filters").insert(format!("{group}|theirs"), filter);
    });
    let plan = account.plan().await;
    assert!(!plan.differs(), "{}", told(&plan));
    assert!(plan.notes.iter().any(|note| note.text.ends_with("that it takes: theirs")), "{:?}", plan.notes);
}

/// Returns a few subsets of the addresses, the same in every run.
fn subsets(addresses: &[Address], count: usize) -> Vec<Vec<AddressPattern>> {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRunner::deterministic().new_rng());
    let some = proptest::sample::subsequence(addresses.to_vec(), 1..=3);
    let mut draw = || some.new_tree(&mut runner).expect("addresses to choose from").current();
    let patterns = |chosen: Vec<Address>| {
        chosen.iter().map(|address| address.to_string().parse().expect("an address")).collect()
    };
    (0..count).map(|_| patterns(draw())).collect()
}

/// Carries out a selection, checks that nothing else was touched and that a second plan of it is empty, and then applies
/// the whole.
async fn selected_then_whole(account: &Account, intent: &Intent) {
    let whole = account.plan().await;
    let plan = account.plan_for(intent).await;
    let (outcome, events) = account.execute(&plan).await;
    assert!(outcome.is_complete(), "{intent:?}: {:?} {:?}", outcome.failed, outcome.skipped);
    let chosen: BTreeSet<&Address> = plan.steps.iter().map(|step| &step.address).collect();
    for event in &events {
        if let Event::StepStarted { address, .. } = event {
            assert!(chosen.contains(address), "{intent:?}: {address} was not selected");
        }
    }
    account.converge_for(intent).await;
    let left: BTreeSet<Address> = account.plan().await.steps.into_iter().map(|step| step.address).collect();
    let outside = whole.steps.iter().map(|step| &step.address).filter(|address| !chosen.contains(address));
    for address in outside {
        assert!(left.contains(address), "{intent:?}: {address} was done although it was not selected");
    }
    account.converge().await;
}

#[tokio::test]
async fn a_selection_touches_nothing_else_and_the_whole_still_converges() {
    let blueprint = || {
        with(
            "bedrock_regions = [\"us-east-1\", \"us-west-2\"]\n[invocation_logging]\ntext = true\n[detections]\npacks = []",
        )
    };
    let account = Account::new(blueprint()).await;
    let addresses: Vec<Address> = account.plan().await.steps.into_iter().map(|step| step.address).collect();
    for chosen in subsets(&addresses, 8) {
        let fresh = Account::new(blueprint()).await;
        Box::pin(selected_then_whole(&fresh, &Intent { target: chosen.clone(), ..intent() })).await;
        let fresh = Account::new(blueprint()).await;
        Box::pin(selected_then_whole(&fresh, &Intent { exclude: chosen, ..intent() })).await;
    }
}

#[tokio::test]
async fn a_selection_repairs_what_it_names_and_leaves_the_rest_damaged() {
    let account = Account::new(with("[detections]\npacks = [\"audit-tampering\"]")).await;
    account.converge().await;
    for name in ["shorten-log-retention", "stop-logging", "mute-topic-policy"] {
        let tampering = TAMPERINGS.iter().find(|tampering| tampering.name == name).expect("a tampering");
        assert!(tamper(&account, tampering), "{name}");
    }
    let target = vec!["log_group.trail".parse().expect("an address")];
    Box::pin(selected_then_whole(&account, &Intent { target, ..intent() })).await;
}

#[tokio::test]
async fn a_destroy_of_a_part_can_be_finished() {
    let account = Account::new(with("[detections]\npacks = [\"audit-tampering\"]")).await;
    account.converge().await;
    let addresses: Vec<Address> =
        account.plan_for(&destroy()).await.steps.into_iter().map(|step| step.address).collect();
    let healthy = account.sandbox.state();
    for chosen in subsets(&addresses, 4) {
        account.sandbox.with_state(|state| *state = healthy.clone());
        account.converge_for(&Intent { target: chosen.clone(), ..destroy() }).await;
        account.converge_for(&destroy()).await;
        account.sandbox.with_state(|state| *state = healthy.clone());
        account.converge_for(&Intent { exclude: chosen, ..destroy() }).await;
        account.converge_for(&destroy()).await;
    }
}
