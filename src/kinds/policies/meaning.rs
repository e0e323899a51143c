//! What a change of a policy does to the record, by what it means and not by its text.
//!
//! The states are live and wanted. A wanted policy is made of statements of three sorts: those that a delivery needs
//! (AWS services, and the account's root on a key), the guards (denials), which every blueprint has, and people, whom the
//! blueprint chooses (readers, administrators). Hence the rule:
//! - a grant that a person, another account or everybody newly has is somebody's choice, and weakens;
//! - a grant that a service newly has, or the account itself on its key, is what the tool writes into every blueprint's
//!   policy: if it was not there, it had been taken away, and the change restores;
//! - the first policy of a thing that has none is part of its creation;
//! - a grant that goes restores what the blueprint asks for, unless a service that delivers or alarms then has none left;
//! - a denial that goes or that denies less weakens;
//! - what cannot be compared is treated as wider.

use crate::kinds::{Class, Effect};
use crate::model::Policy;
use crate::model::policy::{Comparison, Denial, Grant, Who, Why};
use std::collections::BTreeSet;

/// Services that write our records or carry our alarms: without a grant of theirs something stops.
const DELIVERING: &[&str] = &["cloudtrail.", "bedrock.", "cloudwatch.", "logs.", "logging.s3."];
/// How many names a text lists.
const FEW: usize = 4;

/// Returns the effects of a resource's policy; `None` is no policy. `thing` completes `… may no longer use the …`.
pub(in crate::kinds) fn of_resource(
    attribute: &str,
    thing: &str,
    before: Option<&Policy>,
    after: Option<&Policy>,
) -> Vec<Effect> {
    let nothing = Policy::new([]);
    let (old, new) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let change = Comparison::of(old, new);
    let effect = |class, text: String| Effect::new(class, attribute, text);
    let mut effects = Vec::new();
    if change.unclear_version {
        let text = format!("the {thing}'s policy has another version, and its variables mean something else");
        effects.push(effect(Class::Weaken, text));
    }
    for grant in change.wider.iter().filter(|_| before.is_some()) {
        let class = if is_needed(grant, thing) { Class::Restoring } else { Class::Weaken };
        effects.push(effect(class, newly(grant, thing)));
    }
    for denial in &change.denials_gone {
        effects.push(effect(Class::Weaken, undenied(denial, thing)));
    }
    let kept = services(new);
    let is_kept = all(new).iter().any(|grant| keeps(grant, thing));
    let (gone, others): (Vec<String>, Vec<String>) = services(old)
        .into_iter()
        .filter(|service| !kept.contains(service))
        .partition(|service| DELIVERING.iter().any(|start| service.starts_with(start)));
    for service in &gone {
        effects.push(effect(Class::Weaken, format!("{service} may no longer use the {thing}")));
    }
    for service in &others {
        effects.push(effect(Class::Restoring, format!("{service} may no longer use the {thing}")));
    }
    let told = |who: &Who| matches!(who, Who::Service(name) if gone.contains(name) || others.contains(name));
    for grant in change.narrower.iter().filter(|grant| !told(&grant.who)) {
        let (class, text) = match &grant.who {
            Who::Principal(_) if after.is_some() && !is_kept && keeps(grant, thing) => {
                (Class::Irreversible, "the account itself can no longer change the key's policy".to_owned())
            }
            _ => (Class::Restoring, no_longer(grant, thing)),
        };
        effects.push(effect(class, text));
    }
    for denial in &change.denials_added {
        effects
            .push(effect(Class::Restoring, format!("the {thing}'s policy denies what {} says", denial.sid)));
    }
    effects
}

/// Returns the effects of a policy of a delivery role. No blueprint has a choice in it: whatever differs had been changed
/// by somebody, and is taken back. `thing` is what the policy is about: `role`.
pub(in crate::kinds) fn of_role(attribute: &str, before: &Policy, after: &Policy) -> Vec<Effect> {
    let change = Comparison::of(before, after);
    let texts = change
        .wider
        .iter()
        .map(|grant| newly(grant, "role"))
        .chain(change.narrower.iter().map(|grant| no_longer(grant, "role")))
        .chain(change.denials_gone.iter().map(|denial| undenied(denial, "role")))
        .chain(
            change
                .denials_added
                .iter()
                .map(|denial| format!("the role's policy denies what {} says", denial.sid)),
        );
    texts.map(|text| Effect::new(Class::Restoring, attribute, text)).collect()
}

/// AWS services, and the account itself on its key. Another account's root is a reader or an administrator that somebody
/// chose, whatever its name ends in.
fn is_needed(grant: &Grant, thing: &str) -> bool {
    matches!(grant.who, Who::Service(_)) || keeps(grant, thing)
}

/// The statement by which an account keeps its key: only the account itself has `kms:*`, readers and administrators have
/// lists. Without it the key cannot be given back to anybody (KMS Developer Guide, default key policy).
fn keeps(grant: &Grant, thing: &str) -> bool {
    let is_account = |name: &str| name.starts_with("arn:") && name.ends_with(":root");
    thing == "key"
        && matches!(&grant.who, Who::Principal(name) if is_account(name))
        && grant.actions.contains("kms:*")
}

fn all(policy: &Policy) -> Vec<Grant> {
    Comparison::of(&Policy::new([]), policy).wider.into_iter().collect()
}

fn services(policy: &Policy) -> BTreeSet<String> {
    let service = |grant: Grant| match grant.who {
        Who::Service(name) => Some(name),
        _ => None,
    };
    all(policy).into_iter().filter_map(service).collect()
}

fn who(who: &Who) -> String {
    match who {
        Who::Everybody => "everybody".into(),
        Who::EverybodyBut(names) => format!("everybody but {}", few(names)),
        Who::Service(name) => name.clone(),
        Who::Principal(name) => format!("principal {name}"),
    }
}

fn few(names: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = names.iter().take(FEW).map(String::as_str).collect();
    match names.len().checked_sub(FEW) {
        Some(more @ 1..) => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

/// `s3:GetObject on arn:aws:s3:::logs/*`; in a key's policy `*` is the key.
fn what(grant: &Grant, thing: &str) -> String {
    let actions = if grant.actions.is_empty() { "do anything".to_owned() } else { few(&grant.actions) };
    match grant.resources.len() {
        0 if thing == "role" => actions,
        0 => format!("{actions} on the {thing}"),
        _ => format!("{actions} on {}", few(&grant.resources)),
    }
}

fn because(why: &Why) -> String {
    match why {
        Why::New => String::new(),
        Why::Condition(keys) => format!(", with no or a wider condition on {}", few(keys)),
        Why::Unclear(keys) if keys.is_empty() => "; whether that is new cannot be told".into(),
        Why::Unclear(keys) => format!("; the conditions on {} cannot be compared", few(keys)),
    }
}

fn newly(grant: &Grant, thing: &str) -> String {
    // The role itself is who its permissions are about.
    let who = match &grant.who {
        Who::Everybody if thing == "role" => "the role".to_owned(),
        other => who(other),
    };
    format!("{who} may now {}{}", what(grant, thing), because(&grant.why))
}

fn no_longer(grant: &Grant, thing: &str) -> String {
    let who = match &grant.who {
        Who::Everybody if thing == "role" => "the role".to_owned(),
        other => who(other),
    };
    let bounded = match &grant.why {
        Why::Condition(keys) => format!(" without a condition on {}", few(keys)),
        Why::New | Why::Unclear(_) => String::new(),
    };
    format!("{who} may no longer {}{bounded}", what(grant, thing))
}

fn undenied(denial: &Denial, thing: &str) -> String {
    if denial.whole {
        return format!("the {thing}'s policy no longer denies what {} denied", denial.sid);
    }
    let actions = if denial.actions.is_empty() { "everything".to_owned() } else { few(&denial.actions) };
    format!(
        "the {thing}'s policy denies less of what {} denied: {actions}{}",
        denial.sid,
        because(&denial.why)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Statement;
    use Class::{Irreversible, Restoring, Weaken};

    type Statements = Vec<Statement>;
    type Want = &'static [(Class, &'static str)];

    fn admit(sid: &str, service: &str) -> Statement {
        Statement::allow(sid).service(service).actions(&["kms:Decrypt"]).resources(["*"])
    }
    fn reader(sid: &str) -> Statement {
        let role = "arn:aws:iam::111122223333:role/auditor";
        Statement::allow(sid).aws(role).actions(&["s3:GetObject"]).resources(["arn:aws:s3:::b/*"])
    }
    fn deny(sid: &str, resource: &str) -> Statement {
        Statement::deny(sid).aws("*").actions(&["s3:*"]).resources([resource])
    }
    fn foreign(sid: &str, actions: &[&'static str]) -> Statement {
        Statement::allow(sid).aws("arn:aws:iam::444455556666:root").actions(actions).resources(["*"])
    }
    fn root() -> Statement {
        Statement::allow("Account").aws("arn:aws:iam::111122223333:root").actions(&["kms:*"]).resources(["*"])
    }

    #[test]
    fn what_a_change_means() {
        let via = |statement: Statement| statement.when("StringEquals", "kms:ViaService", "s3.amazonaws.com");
        let cases: [(&str, Statements, Statements, Want); 18] = [
            ("the same", vec![admit("A", "x")], vec![admit("A", "x")], &[]),
            ("a service under another Sid", vec![admit("A", "x")], vec![admit("B", "x")], &[]),
            (
                "a delivering service gone",
                vec![admit("A", "cloudtrail.amazonaws.com")],
                vec![],
                &[(Weaken, "cloudtrail.amazonaws.com may no longer use the key")],
            ),
            (
                "another service gone",
                vec![admit("A", "ec2.amazonaws.com")],
                vec![],
                &[(Restoring, "ec2.amazonaws.com may no longer use the key")],
            ),
            (
                "a delivery comes back",
                vec![],
                vec![admit("A", "cloudtrail.amazonaws.com")],
                &[(Restoring, "cloudtrail.amazonaws.com may now kms:Decrypt on the key")],
            ),
            (
                "a reader",
                vec![],
                vec![reader("R")],
                &[(
                    Weaken,
                    "principal arn:aws:iam::111122223333:role/auditor may now s3:GetObject on arn:aws:s3:::b/*",
                )],
            ),
            (
                "a reader goes",
                vec![reader("R")],
                vec![],
                &[(
                    Restoring,
                    "principal arn:aws:iam::111122223333:role/auditor may no longer s3:GetObject on arn:aws:s3:::b/*",
                )],
            ),
            (
                "a reader's condition goes",
                vec![via(reader("R"))],
                vec![reader("R")],
                &[(
                    Weaken,
                    "principal arn:aws:iam::111122223333:role/auditor may now s3:GetObject on arn:aws:s3:::b/*, \
                     with no or a wider condition on kms:ViaService",
                )],
            ),
            (
                "a reader's condition comes",
                vec![reader("R")],
                vec![via(reader("R"))],
                &[(
                    Restoring,
                    "principal arn:aws:iam::111122223333:role/auditor may no longer s3:GetObject on \
                     arn:aws:s3:::b/* without a condition on kms:ViaService",
                )],
            ),
            ("a denial under another Sid", vec![deny("A", "r")], vec![deny("B", "r")], &[]),
            (
                "a denial gone",
                vec![deny("A", "r")],
                vec![],
                &[(Weaken, "the key's policy no longer denies what A denied")],
            ),
            (
                "a denial back",
                vec![],
                vec![deny("A", "r")],
                &[(Restoring, "the key's policy denies what A says")],
            ),
            (
                "a denial of less",
                vec![
                    Statement::deny("A")
                        .aws("*")
                        .actions(&["s3:DeleteBucket", "s3:DeleteObject"])
                        .resources(["r"]),
                ],
                vec![Statement::deny("A").aws("*").actions(&["s3:DeleteObject"]).resources(["r"])],
                &[(Weaken, "the key's policy denies less of what A denied: s3:DeleteBucket")],
            ),
            (
                "nobody keeps the key",
                vec![root()],
                vec![],
                &[(Irreversible, "the account itself can no longer change the key's policy")],
            ),
            (
                "the account keeps its key again",
                vec![],
                vec![root()],
                &[(Restoring, "principal arn:aws:iam::111122223333:root may now kms:* on the key")],
            ),
            (
                "another account as a reader",
                vec![root()],
                vec![root(), foreign("R", &["kms:Decrypt"])],
                &[(Weaken, "principal arn:aws:iam::444455556666:root may now kms:Decrypt on the key")],
            ),
            (
                "another account as an administrator",
                vec![root()],
                vec![root(), foreign("A", &["kms:DisableKey", "kms:PutKeyPolicy"])],
                &[(
                    Weaken,
                    "principal arn:aws:iam::444455556666:root may now kms:disablekey, kms:putkeypolicy on the key",
                )],
            ),
            (
                "another account that had everything is thrown out",
                vec![root(), foreign("F", &["kms:*"])],
                vec![root()],
                &[(Restoring, "principal arn:aws:iam::444455556666:root may no longer kms:* on the key")],
            ),
        ];
        for (case, before, after, want) in cases {
            let effects = of_resource("policy", "key", Some(&Policy::new(before)), Some(&Policy::new(after)));
            let seen: Vec<(Class, &str)> = effects.iter().map(|e| (e.class, e.text.as_str())).collect();
            assert_eq!(seen, want, "{case}");
        }
    }

    #[test]
    fn a_first_policy_is_part_of_the_creation() {
        let first = Policy::new([reader("R")]);
        assert_eq!(of_resource("policy", "bucket", None, Some(&first)), Vec::new());
    }

    #[test]
    fn a_role_s_policies_are_no_blueprint_s_choice() {
        let trust = |service: &str| {
            Policy::new([Statement::allow("T").service(service).actions(&["sts:AssumeRole"])])
        };
        let effects = of_role("trust", &trust("ec2.amazonaws.com"), &trust("cloudtrail.amazonaws.com"));
        let seen: Vec<(Class, &str)> = effects.iter().map(|e| (e.class, e.text.as_str())).collect();
        assert_eq!(
            seen,
            [
                (Restoring, "cloudtrail.amazonaws.com may now sts:AssumeRole"),
                (Restoring, "ec2.amazonaws.com may no longer sts:AssumeRole"),
            ]
        );
    }
}
