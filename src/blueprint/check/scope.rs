//! The scope, its Regions and tags, and who is named in it.

use super::Context;
use crate::blueprint::problem::{Problem, nearest};
use crate::blueprint::shapes;
use crate::blueprint::source::Location;
use std::collections::BTreeMap;

/// Longest name with which every derived AWS name fits: `{scope}-prompts-{account}-{region}` in 63 characters.
const LONGEST_NAME: usize = 22;
/// Tags of this tool on one resource at most: scope, blueprint, contact, released and, on the trail, regions.
const OUR_TAGS: usize = 5;
/// Tags a resource can carry (AWS General Reference, "Tag naming limits and requirements").
const MOST_TAGS: usize = 50;
/// Actions of one alarm (CloudWatch API, PutMetricAlarm); one of them is our own topic.
const MOST_ACTIONS: usize = 5;

pub(super) fn name_is_well_formed(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(name) = cx.root.text("scope.name") else { return };
    let long = name.chars().count();
    if shapes::is_slug(name) && (3..=LONGEST_NAME).contains(&long) {
        return;
    }
    let label = match long {
        0..=2 => "too short".to_owned(),
        long if long > LONGEST_NAME => format!("{long} characters; {LONGEST_NAME} is the most"),
        _ => "lower-case letters, digits and single dashes only".to_owned(),
    };
    let suggestion = shapes::slug_of(name, LONGEST_NAME).filter(|slug| slug.len() >= 3);
    problems.push(
        Problem::error("AS013", cx.place("scope.name"), format!("`{name}` cannot be a scope's name"))
            .label(label)
            .help(suggestion.map_or_else(
                || "start with a letter and use 3 to 22 characters, such as `genai-audit`".to_owned(),
                |slug| format!("write `{slug}`"),
            )),
    );
}

pub(super) fn account_has_twelve_digits(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(account) = cx.root.text("scope.account").filter(|account| !shapes::is_account(account)) else {
        return;
    };
    let digits: String = account.chars().filter(char::is_ascii_digit).collect();
    let problem =
        Problem::error("AS015", cx.place("scope.account"), format!("`{account}` is not an account id"))
            .label("12 digits expected");
    problems.push(if shapes::is_account(&digits) {
        problem.help(format!("without separators: `\"{digits}\"`"))
    } else {
        problem.help("`aws sts get-caller-identity` prints it")
    });
}

pub(super) fn regions_look_like_regions(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let home = cx.root.get("scope.home_region").and_then(|node| Some((node.as_text()?, &node.at)));
    let lists = ["scope.bedrock_regions", "detections.parameters.approved_regions"];
    let listed = lists.into_iter().flat_map(|path| cx.root.texts(path));
    for (region, at) in home.into_iter().chain(listed) {
        if shapes::is_known_region(region) {
            continue;
        }
        let near = nearest(region, shapes::known_regions()).map(|near| format!("write `{near}`"));
        problems.push(if shapes::is_region(region) {
            Problem::warning(
                "AS017",
                Some(at.clone()),
                format!("`{region}` is not a Region this release knows"),
            )
            .label("passed on as it is")
            .maybe_help(near)
        } else {
            Problem::error("AS016", Some(at.clone()), format!("`{region}` is not a Region"))
                .label("not a Region")
                .help(near.unwrap_or_else(|| "write its code, such as `eu-central-1`".into()))
        });
    }
    if let Some(node) = cx.root.get("scope.bedrock_regions")
        && node.at.range().len() > 1
        && cx.root.items("scope.bedrock_regions").is_empty()
        && matches!(node.value, crate::blueprint::node::Value::List(_))
    {
        problems.push(
            Problem::error("AS016", Some(node.at.clone()), "`bedrock_regions` names no Region")
                .label("empty")
                .help("leave the key out for the home Region, or name the Regions where models run"),
        );
    }
}

pub(super) fn tags_are_accepted(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    if let Some(contact) = cx.root.text("scope.contact")
        && let Some(fault) = shapes::tag_fault("contact", contact)
    {
        problems.push(
            Problem::error(
                "AS042",
                cx.place("scope.contact"),
                format!("the contact cannot be a tag: {fault}"),
            )
            .label("written into tags")
            .help("an e-mail address or a team's name"),
        );
    }
    let Some(tags) = cx.root.get("scope.tags").and_then(|node| node.table()) else { return };
    let mut seen: BTreeMap<String, (&str, &Location)> = BTreeMap::new();
    for (key, entry) in tags {
        let Some(value) = entry.node.as_text() else { continue };
        let at = Some(entry.key_at.clone());
        if let Some(fault) = shapes::tag_fault(key, value) {
            problems.push(
                Problem::error("AS042", at, format!("the tag `{key}` is refused: {fault}")).label("this tag"),
            );
        } else if let Some((other, other_at)) = seen.insert(key.to_lowercase(), (key.as_str(), &entry.key_at))
        {
            problems.push(
                Problem::error("AS042", at, format!("the tags `{other}` and `{key}` differ in case only"))
                    .label("IAM takes them for the same key")
                    .related(Some(other_at.clone()), "the other one"),
            );
        }
    }
    let most = MOST_TAGS - OUR_TAGS;
    if tags.len() > most {
        problems.push(
            Problem::error("AS042", cx.place("scope.tags"), format!("{} tags are too many", tags.len()))
                .label(format!("{most} is the most"))
                .help(format!("AWS takes {MOST_TAGS} a resource, {OUR_TAGS} of which this tool needs")),
        );
    }
}

pub(super) fn principals_are_principals(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let lists = [
        ("encryption.administrators", false),
        ("encryption.readers", false),
        ("invocation_logging.readers", false),
        ("detections.parameters.approved_roles", true),
    ];
    for (path, wildcard) in lists {
        for (text, at) in cx.root.texts(path) {
            if let Some(fault) = shapes::principal_fault(text, wildcard) {
                let account = if shapes::is_account(&cx.blueprint.scope.account) {
                    cx.blueprint.scope.account.as_str()
                } else {
                    "111122223333"
                };
                problems.push(
                    Problem::error("AS022", Some(at.clone()), format!("`{text}` cannot stand here: {fault}"))
                        .label("not a principal")
                        .help(format!("write an ARN such as `arn:aws:iam::{account}:role/auditor`")),
                );
            }
        }
    }
}

pub(super) fn addresses_look_like_some(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    for (text, at) in cx.root.texts("notifications.emails").filter(|(text, _)| !shapes::is_email(text)) {
        problems.push(
            Problem::error("AS023", Some(at.clone()), format!("`{text}` is not an e-mail address"))
                .label("not an address")
                .help("one address an item, such as `secops@example.com`"),
        );
    }
}

pub(super) fn topics_serve_a_region_with_alarms(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let scope = &cx.blueprint.scope;
    let mut by_region: BTreeMap<&str, usize> = BTreeMap::new();
    for (text, at) in cx.root.texts("notifications.topics") {
        if let Some(fault) = shapes::topic_fault(text) {
            let region = if shapes::is_region(&scope.home_region) {
                scope.home_region.as_str()
            } else {
                "eu-central-1"
            };
            problems.push(
                Problem::error("AS022", Some(at.clone()), format!("`{text}` cannot be notified: {fault}"))
                    .label("not a topic")
                    .help(format!("write an ARN such as `arn:aws:sns:{region}:111122223333:alarms`")),
            );
            continue;
        }
        let Some(parts) = shapes::arn(text) else { continue };
        if parts.region != scope.home_region && !scope.bedrock_regions.contains(parts.region) {
            problems.push(
                Problem::error("AS043", Some(at.clone()), format!("no alarm is made in `{}`", parts.region))
                    .label("serves its own Region only")
                    .help("name a topic of the home Region or of one of `scope.bedrock_regions`"),
            );
        }
        *by_region.entry(parts.region).or_default() += 1;
    }
    for (region, count) in by_region.into_iter().filter(|(_, count)| *count >= MOST_ACTIONS) {
        problems.push(
            Problem::error(
                "AS043",
                cx.place("notifications.topics"),
                format!("{count} topics in `{region}` are too many for one alarm"),
            )
            .label(format!("{} is the most", MOST_ACTIONS - 1))
            .help(format!("an alarm has {MOST_ACTIONS} actions, and this tool's own topic is one of them")),
        );
    }
}

pub(super) fn somebody_is_told(cx: &Context<'_>, problems: &mut Vec<Problem>) {
    let told = &cx.blueprint.notifications;
    if told.emails.is_empty() && told.topics.is_empty() {
        problems.push(
            Problem::warning("AS025", cx.place("notifications"), "nobody is told when an alarm fires")
                .label("no e-mail addresses and no topics")
                .help("add `emails = [\"secops@example.com\"]` or `topics = [\"arn:…\"]` under `[notifications]`"),
        );
    }
}
