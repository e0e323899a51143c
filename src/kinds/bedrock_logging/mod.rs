//! Bedrock model-invocation logging: one configuration per account and Region, without a name, an ARN or tags.

pub mod desired;
pub mod observe;
pub mod perform;
pub mod recording;

use crate::kinds::{ApiCall, Attribute, Class, Effect, Fate, Managed, NotYet};
use crate::model::Input;
use serde::Serialize;

/// A Region's invocation logging as the blueprint asks for it, and as AWS reports it.
///
/// A body's flag that AWS leaves out is `None`: unknown, so that it differs from what is asked for and is written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BedrockLogging {
    pub text: Option<bool>,
    pub image: Option<bool>,
    pub embedding: Option<bool>,
    pub video: Option<bool>,
    /// Newer than the others; an old SDK's Put resets it.
    pub audio: Option<bool>,
    /// Name of the log group; `None`: no delivery to CloudWatch Logs.
    pub log_group: Option<Input>,
    /// ARN of the role that delivers to the log group; there exactly when the group is.
    pub role: Option<Input>,
    /// Name of the bucket for bodies too large for the log group (100 KB).
    pub large_data_bucket: Option<Input>,
    pub large_data_prefix: Option<String>,
    /// Name of the bucket that gets every record; `None`: no delivery to S3.
    pub bucket: Option<Input>,
    pub key_prefix: Option<String>,
}

/// Calls that change invocation logging, in the order they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    PutModelInvocationLoggingConfiguration,
    DeleteModelInvocationLoggingConfiguration,
}

impl ApiCall for Call {
    const ALL: &'static [Self] =
        &[Self::PutModelInvocationLoggingConfiguration, Self::DeleteModelInvocationLoggingConfiguration];
    fn name(self) -> &'static str {
        match self {
            Self::PutModelInvocationLoggingConfiguration => "PutModelInvocationLoggingConfiguration",
            Self::DeleteModelInvocationLoggingConfiguration => "DeleteModelInvocationLoggingConfiguration",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::PutModelInvocationLoggingConfiguration => {
                &["bedrock:PutModelInvocationLoggingConfiguration", "iam:PassRole"]
            }
            Self::DeleteModelInvocationLoggingConfiguration => {
                &["bedrock:DeleteModelInvocationLoggingConfiguration"]
            }
        }
    }
    fn not_yet(self) -> &'static [NotYet] {
        match self {
            // The Put really writes: it fails until role and policies have spread (Terraform retries
            // aws_bedrock_model_invocation_logging_configuration on these texts).
            Self::PutModelInvocationLoggingConfiguration => &[
                NotYet {
                    code: "ValidationException",
                    text: "Failed to validate permissions for log group",
                    waiting_for: "the delivery role to reach Bedrock",
                },
                NotYet {
                    code: "ValidationException",
                    text: "Failed to validate permissions for bucket",
                    waiting_for: "the bucket's policy to reach Bedrock",
                },
            ],
            Self::DeleteModelInvocationLoggingConfiguration => &[],
        }
    }
}

const PUT: Call = Call::PutModelInvocationLoggingConfiguration;

impl Managed for BedrockLogging {
    type Call = Call;
    const FATE: Fate = Fate::Stays;
    const READS: &'static [&'static str] = &["bedrock:GetModelInvocationLoggingConfiguration"];
    const ATTRIBUTES: &'static [Attribute<Call>] = &[
        Attribute::created("text", PUT, "Whether text of prompts and completions is logged."),
        Attribute::created("image", PUT, "Whether images are logged."),
        Attribute::created("embedding", PUT, "Whether embeddings are logged."),
        Attribute::created("video", PUT, "Whether video is logged."),
        Attribute::created("audio", PUT, "Whether audio is logged."),
        Attribute::created("log_group", PUT, "Log group that gets every record; null: none."),
        Attribute::created("role", PUT, "Role that delivers to the log group."),
        Attribute::created(
            "large_data_bucket",
            PUT,
            "Bucket for bodies too large for the log group; null: they are not kept.",
        ),
        Attribute::created("large_data_prefix", PUT, "Key prefix of these bodies; null: none."),
        Attribute::created("bucket", PUT, "Bucket that gets every record; null: none."),
        Attribute::created("key_prefix", PUT, "Key prefix in the bucket; null: none."),
    ];
    const CREATE: &'static [Call] = &[PUT];
    const DELETE: &'static [Call] = &[Call::DeleteModelInvocationLoggingConfiguration];

    fn aws_name(&self) -> String {
        "model invocation logging".into()
    }
    fn inputs(&self) -> Vec<&Input> {
        let all = [&self.log_group, &self.role, &self.large_data_bucket, &self.bucket];
        all.into_iter().flatten().collect()
    }
    fn inputs_mut(&mut self) -> Vec<&mut Input> {
        let all = [&mut self.log_group, &mut self.role, &mut self.large_data_bucket, &mut self.bucket];
        all.into_iter().flatten().collect()
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        before.map(|before| between(before, after)).unwrap_or_default()
    }
    fn loss(&self) -> Vec<Effect> {
        vec![Effect::new(Class::Coverage, "", "model invocations in this Region are no longer logged")]
    }
}

fn between(before: &BedrockLogging, after: &BedrockLogging) -> Vec<Effect> {
    let mut effects = Vec::new();
    let bodies = [
        ("text", "text of prompts and completions is", before.text, after.text),
        ("image", "images are", before.image, after.image),
        ("embedding", "embeddings are", before.embedding, after.embedding),
        ("video", "video is", before.video, after.video),
        ("audio", "audio is", before.audio, after.audio),
    ];
    for (attribute, what, was, is) in bodies {
        match (was, is) {
            (Some(true), Some(false)) => {
                effects.push(Effect::new(Class::Coverage, attribute, format!("{what} no longer logged")));
            }
            // What Bedrock does where the flag is absent is not documented.
            (None, Some(false)) => {
                let text = format!("{what} perhaps no longer logged");
                effects.push(Effect::new(Class::Coverage, attribute, text));
            }
            _ => {}
        }
        if was != Some(true) && is == Some(true) {
            effects.push(Effect::new(Class::Restoring, attribute, format!("{what} logged")));
        }
    }
    let sinks = [
        (
            "log_group",
            &before.log_group,
            &after.log_group,
            Class::Weaken,
            "invocations no longer reach CloudWatch Logs, so no detection on them can fire",
        ),
        (
            "large_data_bucket",
            &before.large_data_bucket,
            &after.large_data_bucket,
            Class::Coverage,
            "bodies too large for the log group are no longer kept",
        ),
        (
            "bucket",
            &before.bucket,
            &after.bucket,
            Class::Weaken,
            "invocations are no longer kept in a bucket",
        ),
    ];
    for (attribute, was, is, class, text) in sinks {
        let Some(was) = was else {
            if let Some(is) = is {
                effects.push(Effect::new(
                    Class::Restoring,
                    attribute,
                    format!("records go to {}", is.text()),
                ));
            }
            continue;
        };
        match is {
            // A bucket for every record has the large bodies too.
            None if attribute == "large_data_bucket" && after.bucket.is_some() => {}
            None => effects.push(Effect::new(class, attribute, text)),
            Some(is) if is.value().is_some() && is != was => {
                let text = format!("new records go to {} instead of {}", is.text(), was.text());
                effects.push(Effect::new(Class::Neutral, attribute, text));
            }
            Some(_) => {}
        }
    }
    if before.role != after.role && after.role.is_some() {
        let text = "the role that the blueprint names delivers to the log group";
        effects.push(Effect::new(Class::Restoring, "role", text));
    }
    if before.role.is_some() && after.role.is_none() && after.log_group.is_some() {
        effects.push(Effect::new(Class::Weaken, "role", "nothing delivers to the log group any more"));
    }
    let prefixes = [
        ("large_data_prefix", &before.large_data_prefix, &after.large_data_prefix),
        ("key_prefix", &before.key_prefix, &after.key_prefix),
    ];
    for (attribute, was, is) in prefixes {
        if was != is {
            let text = match is {
                Some(prefix) => format!("new objects stand under `{prefix}`"),
                None => "new objects stand under no prefix".to_owned(),
            };
            effects.push(Effect::new(Class::Neutral, attribute, text));
        }
    }
    effects
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> BedrockLogging {
        let known = |text: &str| Some(Input::Known(text.to_owned()));
        BedrockLogging {
            text: Some(true),
            image: Some(true),
            embedding: None,
            video: Some(false),
            audio: Some(false),
            log_group: known("group"),
            role: known("role"),
            large_data_bucket: known("bucket"),
            large_data_prefix: None,
            bucket: known("bucket"),
            key_prefix: None,
        }
    }

    #[test]
    fn what_is_lost_is_named_with_its_class() {
        type Case = (&'static str, fn(&mut BedrockLogging), &'static [(Class, &'static str)]);
        let cases: [Case; 8] = [
            ("nothing", |_| {}, &[]),
            ("text", |s| s.text = Some(false), &[(Class::Coverage, "text")]),
            ("perhaps on before", |s| s.embedding = Some(false), &[(Class::Coverage, "embedding")]),
            ("more", |s| s.video = Some(true), &[(Class::Restoring, "video")]),
            ("no group", |s| s.log_group = None, &[(Class::Weaken, "log_group")]),
            ("the bucket has large bodies too", |s| s.large_data_bucket = None, &[]),
            (
                "no bucket",
                |s| (s.bucket, s.large_data_bucket) = (None, None),
                &[(Class::Coverage, "large_data_bucket"), (Class::Weaken, "bucket")],
            ),
            ("another bucket", |s| s.bucket = Some(Input::Known("b".into())), &[(Class::Neutral, "bucket")]),
        ];
        for (case, change, want) in cases {
            let mut after = full();
            change(&mut after);
            let effects = BedrockLogging::effects(Some(&full()), &after);
            let got: Vec<(Class, &str)> = effects.iter().map(|e| (e.class, e.attribute.as_str())).collect();
            assert_eq!(got, want, "{case}");
        }
    }
}
