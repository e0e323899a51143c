//! The fixed names and the ARNs that follow from them. Names are identity.

use crate::blueprint::Blueprint;
use crate::kinds::Kind;
use crate::model::{Address, Scope};

/// Names of everything in one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Scope's name.
    pub scope: String,
    pub account: String,
    pub home_region: String,
    /// The log bucket's name, which a blueprint may choose.
    pub log_bucket: String,
}

impl Names {
    /// Returns the names that a blueprint fixes.
    pub fn of(blueprint: &Blueprint) -> Self {
        Self {
            scope: blueprint.scope.name.clone(),
            account: blueprint.scope.account.clone(),
            home_region: blueprint.scope.home_region.clone(),
            log_bucket: blueprint.log_bucket.name.clone(),
        }
    }
    /// Returns the AWS partition of a Region.
    pub fn partition(region: &str) -> &'static str {
        match region {
            r if r.starts_with("cn-") => "aws-cn",
            r if r.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
    /// Returns the home scope.
    pub fn home(&self) -> Scope {
        Scope::new(&self.account, &self.home_region)
    }
    /// Returns the scope of a Region in our account.
    pub fn scope_in(&self, region: &str) -> Scope {
        Scope::new(&self.account, region)
    }
    /// Returns a regional ARN in our account.
    pub fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{region}:{}:{resource}", Self::partition(region), self.account)
    }
    /// Returns the trail's name.
    pub fn trail(&self) -> String {
        self.scope.clone()
    }
    /// Returns the trail's ARN.
    pub fn trail_arn(&self) -> String {
        self.arn("cloudtrail", &self.home_region, &format!("trail/{}", self.scope))
    }
    /// Returns a key's alias; `role` is `main` or `prompts`.
    pub fn key_alias(&self, role: &str) -> String {
        match role {
            "main" => format!("alias/{}", self.scope),
            other => format!("alias/{}-{other}", self.scope),
        }
    }
    /// Returns the ARN of a key that is given by its id; what is no bare id stays as it is.
    pub fn key_arn(&self, region: &str, key: &str) -> String {
        let bare = !key.contains([':', '/']);
        if bare { self.arn("kms", region, &format!("key/{key}")) } else { key.to_owned() }
    }
    /// Returns a log group's name; `role` is `trail` or `bedrock`.
    pub fn log_group(&self, role: &str) -> String {
        format!("/auditscope/{}/{role}", self.scope)
    }
    /// Returns a log group's ARN without the trailing `:*`.
    pub fn log_group_arn(&self, region: &str, role: &str) -> String {
        self.arn("logs", region, &format!("log-group:{}", self.log_group(role)))
    }
    /// Returns the name of the role CloudTrail writes to Logs with.
    pub fn trail_role(&self) -> String {
        format!("{}-trail-logs", self.scope)
    }
    /// Returns the name of the role Bedrock writes to Logs with, in a Region.
    pub fn bedrock_role(&self, region: &str) -> String {
        format!("{}-bedrock-logs-{region}", self.scope)
    }
    /// Returns a role's ARN.
    pub fn role_arn(&self, name: &str) -> String {
        format!("arn:{}:iam::{}:role/{name}", Self::partition(&self.home_region), self.account)
    }
    /// Returns the topic's name, the same in each Region.
    pub fn topic(&self) -> String {
        format!("{}-alarms", self.scope)
    }
    /// Returns the topic's ARN in a Region.
    pub fn topic_arn(&self, region: &str) -> String {
        self.arn("sns", region, &self.topic())
    }
    /// Returns the name of a metric filter and of its alarm.
    pub fn detection(&self, id: &str) -> String {
        format!("{}-{id}", self.scope)
    }
    /// Returns a composite alarm's name.
    pub fn composite(&self, level: &str) -> String {
        format!("{}-severity-{level}", self.scope)
    }
    /// Returns an alarm's ARN.
    pub fn alarm_arn(&self, region: &str, name: &str) -> String {
        self.arn("cloudwatch", region, &format!("alarm:{name}"))
    }
    /// Returns the dashboard's name.
    pub fn dashboard(&self) -> String {
        self.scope.clone()
    }
    /// Returns the namespace of the metrics that our filters publish.
    pub fn namespace(&self) -> String {
        format!("AuditScope/{}", self.scope)
    }
    /// Returns a bucket's name; `role` is `logs`, `access` or `prompts`.
    pub fn bucket(&self, role: &str, region: &str) -> String {
        match role {
            "logs" => self.log_bucket.clone(),
            role => format!("{}-{role}-{}-{region}", self.scope, self.account),
        }
    }
    /// Returns a bucket's ARN.
    pub fn bucket_arn(&self, role: &str, region: &str) -> String {
        format!("arn:{}:s3:::{}", Self::partition(region), self.bucket(role, region))
    }
    /// Returns an address in a Region of our account.
    pub fn address(&self, kind: Kind, name: &str, region: &str) -> Address {
        Address::new(kind, name, &self.scope_in(region))
    }
}
