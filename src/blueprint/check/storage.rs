//! How long records are kept, where, and under which lock.

use super::Context;
use crate::blueprint::model::LockMode;
use crate::blueprint::problem::Problem;
use crate::blueprint::read::derived_bucket;
use crate::blueprint::shapes::{
    RETENTION_STEPS, bucket_name_fault, is_account, is_region, is_slug, retention_step,
};

/// Days that Glacier Instant Retrieval bills at least (S3 User Guide, "Lifecycle configuration elements").
const GLACIER_IR_DAYS: u32 = 90;

pub(super) fn retention_is_a_step(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    for path in ["trail.log_group.retention_days", "invocation_logging.log_group.retention_days"] {
        let Some(days) = cx.root.number(path).filter(|days| !RETENTION_STEPS.contains(days)) else {
            continue;
        };
        let longest = RETENTION_STEPS.iter().max().copied().unwrap_or(0);
        let help = match (retention_step(days), path.starts_with("trail")) {
            (Some(next), _) => format!("the nearest longer one is {next}: write `retention_days = {next}`"),
            (None, true) => format!(
                "{longest} is the longest; leave the key out, and with `scope.retention_days` above {longest} events never expire"
            ),
            (None, false) => format!("{longest} is the longest"),
        };
        problems.push(
            Problem::error(
                "AS018",
                cx.place(path),
                format!("{days} days is not a period CloudWatch Logs offers"),
            )
            .label("not a step")
            .help(help),
        );
    }
}

pub(super) fn log_group_keeps_the_objective(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let path = "trail.log_group.retention_days";
    let wanted = cx.blueprint.scope.retention_days;
    let Some(days) = cx.root.number(path).filter(|days| *days < wanted) else { return };
    let help = match retention_step(wanted) {
        Some(step) => format!("write `retention_days = {step}`, or leave the key out"),
        None => "leave the key out: events then never expire".to_owned(),
    };
    problems.push(
        Problem::error(
            "AS014",
            cx.place(path),
            format!("the trail's log group keeps {days} days, the objective is {wanted}"),
        )
        .label(format!("shorter than {wanted}"))
        .related(cx.root.get("scope.retention_days").map(|node| node.at.clone()), "the objective")
        .help(format!("{help}; a copy elsewhere can be accepted under `[waive]`")),
    );
}

pub(super) fn bucket_names_are_accepted(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let (scope, bucket) = (&cx.blueprint.scope, &cx.blueprint.log_bucket);
    let given = cx.root.text("log_bucket.name");
    if given.is_some()
        && !bucket.name.contains("${")
        && let Some(fault) = bucket_name_fault(&bucket.name)
    {
        problems.push(
            Problem::error(
                "AS019",
                cx.place("log_bucket.name"),
                format!("`{}` cannot be a bucket: {fault}", bucket.name),
            )
            .label("refused by AWS")
            .help("leave the key out for a name that always fits"),
        );
    }
    // What follows from a faulty name, account or Region is faulty because of that, which is reported where it stands.
    if !is_slug(&scope.name) || !is_account(&scope.account) || !is_region(&scope.home_region) {
        return;
    }
    let mut derived = vec![derived_bucket(scope, "access", &scope.home_region)];
    if given.is_none() {
        derived.push(bucket.name.clone());
    }
    let regions = scope.bedrock_regions.iter().filter(|region| is_region(region));
    derived.extend(regions.map(|region| derived_bucket(scope, "prompts", region)));
    if let Some((name, fault)) = derived.iter().find_map(|name| Some((name, bucket_name_fault(name)?))) {
        problems.push(
            Problem::error(
                "AS019",
                cx.place("scope.name"),
                format!("the bucket `{name}` would be refused: {fault}"),
            )
            .label("starts every bucket's name")
            .help("choose another `scope.name`"),
        );
    }
    if derived.contains(&bucket.name) && given.is_some() {
        problems.push(
            Problem::error(
                "AS019",
                cx.place("log_bucket.name"),
                format!("`{}` is another bucket of this scope", bucket.name),
            )
            .label("taken")
            .help("leave the key out, or choose another name"),
        );
    }
}

pub(super) fn records_live_long_enough(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let bucket = &cx.blueprint.log_bucket;
    let place = |path: &str| cx.root.get(path).map(|node| node.at.clone());
    let (objective, lock) = (cx.blueprint.scope.retention_days, bucket.object_lock.days);
    let expire = "log_bucket.expire_after_days";
    if bucket.expire_after_days < objective {
        problems.push(
            Problem::error(
                "AS020",
                cx.place(expire),
                format!(
                    "records expire after {} days, the objective is {objective}",
                    bucket.expire_after_days
                ),
            )
            .label(format!("shorter than {objective}"))
            .related(place("scope.retention_days"), "the objective")
            .help(format!("write `expire_after_days = {}`", objective.max(lock))),
        );
    } else if bucket.expire_after_days < lock {
        problems.push(
            Problem::error(
                "AS020",
                cx.place("log_bucket.object_lock.days"),
                format!("records are locked for {lock} days but expire after {}", bucket.expire_after_days),
            )
            .label("locked versions cannot expire")
            .related(place(expire), "expires here")
            .help(format!("write `expire_after_days = {lock}` under `[log_bucket]`, or a shorter lock")),
        );
    }
    let prompts = cx.blueprint.invocation_logging.as_ref().and_then(|logging| logging.bucket.as_ref());
    if let Some((prompts, lock)) = prompts.and_then(|prompts| Some((prompts, prompts.object_lock.as_ref()?)))
        && prompts.expire_after_days < lock.days
    {
        problems.push(
            Problem::error(
                "AS020",
                cx.place("invocation_logging.bucket.object_lock.days"),
                format!(
                    "prompts are locked for {} days but expire after {}",
                    lock.days, prompts.expire_after_days
                ),
            )
            .label("locked versions cannot expire")
            .related(place("invocation_logging.bucket.expire_after_days"), "expires here")
            .help(format!("write `expire_after_days = {}`, or a shorter lock", lock.days)),
        );
    }
}

pub(super) fn archiving_leaves_time(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let bucket = &cx.blueprint.log_bucket;
    let path = "log_bucket.archive_after_days";
    let Some(archive) = bucket.archive_after_days else { return };
    if archive >= bucket.expire_after_days {
        problems.push(
            Problem::error(
                "AS021",
                cx.place(path),
                format!(
                    "records are archived after {archive} days but expire after {}",
                    bucket.expire_after_days
                ),
            )
            .label("after they are gone")
            .related(cx.root.get("log_bucket.expire_after_days").map(|node| node.at.clone()), "expires here")
            .help("archive earlier, or leave the key out for never"),
        );
    } else if bucket.expire_after_days - archive < GLACIER_IR_DAYS {
        problems.push(
            Problem::warning(
                "AS021",
                cx.place(path),
                format!("archived records live {} days more", bucket.expire_after_days - archive),
            )
            .label(format!("Glacier Instant Retrieval bills {GLACIER_IR_DAYS} days"))
            .help("archive earlier, or leave the key out for never"),
        );
    }
}

pub(super) fn compliance_locks_are_meant(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let prompts = cx.blueprint.invocation_logging.as_ref().and_then(|logging| logging.bucket.as_ref());
    let locks = [
        ("log_bucket.object_lock", Some(&cx.blueprint.log_bucket.object_lock)),
        ("invocation_logging.bucket.object_lock", prompts.and_then(|bucket| bucket.object_lock.as_ref())),
    ];
    for (path, lock) in locks {
        if let Some(lock) = lock.filter(|lock| lock.mode == LockMode::Compliance) {
            problems.push(
                Problem::warning(
                    "AS044",
                    cx.place(&format!("{path}.mode")),
                    format!("a compliance lock of {} days cannot be undone by anybody", lock.days),
                )
                .label("not by the account's root either")
                .help("`mode = \"governance\"` can be lifted by those you allow; `apply` asks before it sets this one"),
            );
        }
    }
}

pub(super) fn invocation_logging_has_a_destination(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(logging) = &cx.blueprint.invocation_logging else { return };
    if logging.log_group.is_none() && logging.bucket.is_none() {
        problems.push(
            Problem::error(
                "AS048",
                cx.place("invocation_logging.bucket"),
                "invocation logging has no destination",
            )
            .label("neither log group nor bucket")
            .help("leave out `log_group = false` or `bucket = false`, or write `invocation_logging = false`"),
        );
    }
    if !(logging.text || logging.image || logging.embedding || logging.video || logging.audio) {
        problems.push(
            Problem::error("AS048", cx.place("invocation_logging.text"), "invocation logging logs no kind of body")
                .label("everything is off")
                .help("switch one of text, image, embedding, video and audio on, or write `invocation_logging = false`"),
        );
    }
}
