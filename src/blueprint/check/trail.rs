//! What the trail records, apart from free selectors.

use super::Context;
use crate::blueprint::catalogue::{self, Family};
use crate::blueprint::model::ManagementEvents;
use crate::blueprint::problem::{Problem, either, nearest};
use crate::blueprint::shapes::bucket_name_fault;

pub(super) fn management_events_are_whole(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let lost = match cx.blueprint.trail.management_events {
        ManagementEvents::All => return,
        ManagementEvents::Write => "CloudTrail records InvokeModel and Converse as read-only",
        ManagementEvents::None => "no use of a model and no change of a control is recorded",
    };
    problems.push(
        Problem::error(
            "AS024",
            cx.place("trail.management_events"),
            "the trail would not record who invokes which model",
        )
        .label(lost)
        .help("write `management_events = \"all\"`, or accept the gap under `[waive]`"),
    );
}

pub(super) fn trail_is_whole(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let trail = &cx.blueprint.trail;
    if !trail.multi_region {
        problems.push(
            Problem::warning("AS049", cx.place("trail.multi_region"), "the trail records one Region only")
                .label("other Regions, IAM and sign-in are missing")
                .help("write `multi_region = true`"),
        );
    }
    if !trail.log_file_validation {
        problems.push(
            Problem::warning(
                "AS049",
                cx.place("trail.log_file_validation"),
                "nobody can prove that log files are complete",
            )
            .label("no digests")
            .help("write `log_file_validation = true`; it costs nothing"),
        );
    }
}

pub(super) fn insights_have_events(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let trail = &cx.blueprint.trail;
    // Insights analyses write management events (CloudTrail API, PutInsightSelectors).
    if trail.management_events == ManagementEvents::None && !trail.insights.is_empty() {
        problems.push(
            Problem::error("AS050", cx.place("trail.insights"), "insights have no events to look at")
                .label("need management events")
                .related(
                    cx.root.get("trail.management_events").map(|node| node.at.clone()),
                    "switched off here",
                )
                .help("write `management_events = \"all\"`, or `insights = []`"),
        );
    }
}

pub(super) fn data_event_types_are_known(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    for family in Family::ALL {
        for (written, at) in cx.root.texts(&format!("trail.data_events.{}", family.key())) {
            let known =
                family.types().iter().any(|known| known.short == written || known.resource_type == written);
            if known {
                continue;
            }
            let at = Some(at.clone());
            let elsewhere = Family::ALL.into_iter().find(|other| {
                other.types().iter().any(|known| known.short == written || known.resource_type == written)
            });
            let help = match elsewhere {
                Some(other) => Some(format!("it belongs under `{}`", other.key())),
                None => nearest(
                    written,
                    family.types().iter().flat_map(|known| [known.short, known.resource_type]),
                )
                .map(|near| format!("write `{near}`")),
            };
            let message =
                format!("`{written}` is not a data-event type of the catalogue {}", catalogue::VERSION);
            problems.push(if catalogue::looks_like_a_type(written) {
                Problem::warning("AS026", at, message).label("passed on as it is").maybe_help(help)
            } else {
                let known = family.types().iter().map(|known| known.short);
                Problem::error("AS026", at, message).label("unknown short name").help(help.unwrap_or_else(
                    || format!("write {}, or a type such as `AWS::Service::Thing`", either(known)),
                ))
            });
        }
    }
}

pub(super) fn catalogue_is_known(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let path = "trail.data_events.catalogue";
    let Some(version) = cx.root.text(path).filter(|version| !catalogue::VERSIONS.contains(version)) else {
        return;
    };
    problems.push(
        Problem::error("AS046", cx.place(path), format!("there is no catalogue `{version}`"))
            .label("unknown version")
            .help(format!("write {}", either(catalogue::VERSIONS.iter().copied()))),
    );
}

pub(super) fn objects_name_buckets(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    for item in cx.root.items("trail.data_events.objects") {
        if let Some(node) = item.get("buckets")
            && matches!(&node.value, crate::blueprint::node::Value::List(items) if items.is_empty())
        {
            problems.push(
                Problem::error("AS045", Some(node.at.clone()), "no bucket is named")
                    .label("empty")
                    .help("name the buckets, or leave the whole entry out"),
            );
        }
        for (text, at) in item.texts("buckets") {
            let bucket = text.split('/').next().unwrap_or_default();
            let Some(fault) = bucket_name_fault(bucket) else { continue };
            let plain = text.strip_prefix("s3://").or_else(|| text.strip_prefix("arn:aws:s3:::"));
            let help = plain.map_or_else(
                || "write `bucket` or `bucket/prefix`".to_owned(),
                |plain| format!("write `{plain}`"),
            );
            problems.push(
                Problem::error(
                    "AS045",
                    Some(at.clone()),
                    format!("`{text}` does not name a bucket: {fault}"),
                )
                .label("not a bucket")
                .help(help),
            );
        }
    }
}
