//! Reads what others may have added to a bucket: ACL, replication, notifications, website, access points.

use super::Bucket;
use crate::aws::{ApiError, Cx};
use crate::model::Scope;
use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput;
use aws_sdk_s3::operation::get_bucket_website::GetBucketWebsiteOutput;
use aws_sdk_s3::types::{Event, Grant, ReplicationRule};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the access points of a Region by bucket: one list for all buckets.
///
/// # Errors
/// The list call failed.
pub(super) async fn access_points(
    cx: &Cx,
    scope: &Scope,
) -> Result<BTreeMap<String, BTreeSet<String>>, ApiError> {
    let client = cx.s3control(scope);
    let mut points: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut token = None;
    loop {
        let request = client.list_access_points().account_id(&scope.account).set_next_token(token).send();
        let page = cx.send("s3:ListAccessPoints", scope, request).await?;
        for point in page.access_point_list.unwrap_or_default() {
            let name = point.access_point_arn.unwrap_or(point.name);
            points.entry(point.bucket).or_default().insert(name);
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(points);
        }
    }
}

impl Bucket<'_> {
    /// Returns the grants of the access control list but the owner's own.
    pub(super) async fn acl(&self) -> Result<BTreeSet<String>, ApiError> {
        let request =
            self.client().get_bucket_acl().bucket(self.name).expected_bucket_owner(self.owner()).send();
        let answer = self.cx.send("s3:GetBucketAcl", self.scope, request).await?;
        let owner = answer.owner().and_then(|owner| owner.id()).map(ToOwned::to_owned);
        let grants = answer.grants.unwrap_or_default();
        Ok(grants.iter().filter_map(|grant| granted(grant, owner.as_deref())).collect())
    }
    pub(super) async fn replication(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let request = self
            .client()
            .get_bucket_replication()
            .bucket(self.name)
            .expected_bucket_owner(self.owner())
            .send();
        let answer = self
            .unless("ReplicationConfigurationNotFoundError", "s3:GetBucketReplication", request)
            .await?
            .and_then(|answer| answer.replication_configuration);
        let rules = answer.map(|configuration| configuration.rules).unwrap_or_default();
        Ok(rules.iter().enumerate().map(|(at, rule)| copied(at, rule)).collect())
    }
    /// Returns who is told of which events, and whether EventBridge is.
    pub(super) async fn notifications(&self) -> Result<(BTreeMap<String, String>, bool), ApiError> {
        let request = self
            .client()
            .get_bucket_notification_configuration()
            .bucket(self.name)
            .expected_bucket_owner(self.owner())
            .send();
        let answer = self.cx.send("s3:GetBucketNotificationConfiguration", self.scope, request).await?;
        let event_bridge = answer.event_bridge_configuration().is_some();
        Ok((told(&answer), event_bridge))
    }
    pub(super) async fn website(&self) -> Result<Option<String>, ApiError> {
        let request =
            self.client().get_bucket_website().bucket(self.name).expected_bucket_owner(self.owner()).send();
        let answer = self.unless("NoSuchWebsiteConfiguration", "s3:GetBucketWebsite", request).await?;
        Ok(answer.map(|website| served(&website)))
    }
}

fn granted(grant: &Grant, owner: Option<&str>) -> Option<String> {
    let grantee = grant.grantee()?;
    let name = grantee.uri().or(grantee.id()).or(grantee.email_address()).unwrap_or("somebody");
    if owner.is_some() && grantee.id() == owner {
        return None;
    }
    Some(format!("{name}: {}", grant.permission().map_or("", |permission| permission.as_str())))
}

fn copied(at: usize, rule: &ReplicationRule) -> (String, String) {
    let id = rule.id().map_or_else(|| format!("rule {}", at + 1), ToOwned::to_owned);
    let destination = rule.destination();
    let bucket = destination.map_or("nowhere", |destination| destination.bucket());
    let mut text = format!("to {bucket}");
    if let Some(account) = destination.and_then(|destination| destination.account()) {
        text.push_str(&format!(" of {account}"));
    }
    if rule.status().as_str() != "Enabled" {
        text.push_str(", disabled");
    }
    (id, text)
}

fn told(answer: &GetBucketNotificationConfigurationOutput) -> BTreeMap<String, String> {
    let queues = answer.queue_configurations().iter().map(|it| (it.id(), it.queue_arn(), it.events()));
    let topics = answer.topic_configurations().iter().map(|it| (it.id(), it.topic_arn(), it.events()));
    let functions = answer
        .lambda_function_configurations()
        .iter()
        .map(|it| (it.id(), it.lambda_function_arn(), it.events()));
    let all = queues.chain(topics).chain(functions);
    let row = |(id, arn, events): (Option<&str>, &str, &[Event])| {
        let events: BTreeSet<&str> = events.iter().map(Event::as_str).collect();
        let events: Vec<&str> = events.into_iter().collect();
        (id.unwrap_or(arn).to_owned(), format!("{arn} on {}", events.join(", ")))
    };
    all.map(row).collect()
}

fn served(website: &GetBucketWebsiteOutput) -> String {
    let mut parts = Vec::new();
    if let Some(redirect) = website.redirect_all_requests_to() {
        parts.push(format!("everything redirected to {}", redirect.host_name()));
    }
    if let Some(index) = website.index_document() {
        parts.push(format!("index {}", index.suffix()));
    }
    if let Some(error) = website.error_document() {
        parts.push(format!("error page {}", error.key()));
    }
    if !website.routing_rules().is_empty() {
        parts.push(format!("{} routing rules", website.routing_rules().len()));
    }
    if parts.is_empty() { "on".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{
        Destination, Grantee, IndexDocument, Permission, QueueConfiguration, RedirectAllRequestsTo,
        ReplicationRuleStatus, Type,
    };

    #[test]
    fn the_owner_s_own_grant_is_no_addition() {
        let by_id = |id: &str| {
            let grantee = Grantee::builder().r#type(Type::CanonicalUser).id(id).build().expect("a type");
            Grant::builder().grantee(grantee).permission(Permission::FullControl).build()
        };
        let everybody = "http://acs.amazonaws.com/groups/global/AllUsers";
        let group = Grantee::builder().r#type(Type::Group).uri(everybody).build().expect("a type");
        let group = Grant::builder().grantee(group).permission(Permission::Read).build();
        let cases = [
            ("the owner", by_id("owner"), None),
            ("somebody", by_id("other"), Some("other: FULL_CONTROL".to_owned())),
            ("everybody", group, Some(format!("{everybody}: READ"))),
        ];
        for (case, grant, want) in cases {
            assert_eq!(granted(&grant, Some("owner")), want, "{case}");
        }
    }

    #[test]
    fn additions_are_told_in_words() {
        let destination =
            Destination::builder().bucket("arn:aws:s3:::copy").account("444455556666").build().expect("all");
        let rule = ReplicationRule::builder()
            .id("out")
            .status(ReplicationRuleStatus::Disabled)
            .destination(destination)
            .build()
            .expect("a status");
        let want = ("out".to_owned(), "to arn:aws:s3:::copy of 444455556666, disabled".to_owned());
        assert_eq!(copied(0, &rule), want);

        let queue = QueueConfiguration::builder()
            .id("siem")
            .queue_arn("arn:aws:sqs:eu-central-1:111122223333:siem")
            .events(Event::from("s3:ObjectCreated:*"))
            .build()
            .expect("all");
        let answer = GetBucketNotificationConfigurationOutput::builder().queue_configurations(queue).build();
        assert_eq!(told(&answer)["siem"], "arn:aws:sqs:eu-central-1:111122223333:siem on s3:ObjectCreated:*");

        let redirect = RedirectAllRequestsTo::builder().host_name("example.com").build().expect("a name");
        let index = IndexDocument::builder().suffix("index.html").build().expect("a suffix");
        let website = |redirect, index| {
            GetBucketWebsiteOutput::builder()
                .set_redirect_all_requests_to(redirect)
                .set_index_document(index)
                .build()
        };
        assert_eq!(served(&website(Some(redirect), None)), "everything redirected to example.com");
        assert_eq!(served(&website(None, Some(index))), "index index.html");
        assert_eq!(served(&website(None, None)), "on");
    }
}
