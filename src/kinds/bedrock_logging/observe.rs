//! Reads invocation logging: one call per Region. Whose it is follows from where it delivers.

use super::BedrockLogging;
use crate::aws::error::Trouble;
use crate::aws::members::{Document, Members};
use crate::aws::{ApiError, Cx};
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Kind, Wanted};
use crate::model::{Address, Input, Names, Scope};
use aws_sdk_bedrock::types::LoggingConfig;

/// What is understood (Bedrock API, LoggingConfig): the Put replaces the whole object.
const CONFIGURATION: Document = Document {
    what: "the invocation logging",
    call: Some("PutModelInvocationLoggingConfiguration"),
    members: &[
        "loggingConfig.cloudWatchConfig.logGroupName",
        "loggingConfig.cloudWatchConfig.roleArn",
        "loggingConfig.cloudWatchConfig.largeDataDeliveryS3Config.bucketName",
        "loggingConfig.cloudWatchConfig.largeDataDeliveryS3Config.keyPrefix",
        "loggingConfig.s3Config.bucketName",
        "loggingConfig.s3Config.keyPrefix",
        "loggingConfig.textDataDeliveryEnabled",
        "loggingConfig.imageDataDeliveryEnabled",
        "loggingConfig.embeddingDataDeliveryEnabled",
        "loggingConfig.videoDataDeliveryEnabled",
        "loggingConfig.audioDataDeliveryEnabled",
    ],
};

/// Returns the reading of the Region's configuration if it is wanted, or ours.
///
/// # Errors
/// None: a call that failed makes the one resource unreadable.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, BedrockLogging>],
) -> Result<Vec<(Address, Reading<BedrockLogging>)>, ApiError> {
    let address = Address::new(Kind::BedrockLogging, "main", scope);
    let told = Members::default();
    let call = cx.bedrock(scope).get_model_invocation_logging_configuration().customize();
    let call = call.interceptor(told.of(&CONFIGURATION)).send();
    let reading = match cx.send("bedrock:GetModelInvocationLoggingConfiguration", scope, call).await {
        // Nothing configured is an answer without a configuration, never an error (Bedrock API).
        Ok(answer) => match answer.logging_config {
            None => Reading::Absent,
            Some(config) => {
                let found = Found { unknown: told.unknown(), ..Found::new(read(&config), []) };
                judge(found, &cx.names, &scope.region)
            }
        },
        Err(error) if wanted.is_empty() && error.trouble == Trouble::Network => {
            // Bedrock is not in every Region; where it is not asked for, that is no failure.
            cx.note(format!(
                "Bedrock did not answer in {}: whether invocation logging of ours is left over there is unknown",
                scope.region
            ));
            return Ok(Vec::new());
        }
        Err(error) => Reading::Unreadable(vec![error]),
    };
    let ours = matches!(reading, Reading::Found(_) | Reading::Unreadable(_));
    Ok(if ours || !wanted.is_empty() { vec![(address, reading)] } else { Vec::new() })
}

fn read(config: &LoggingConfig) -> BedrockLogging {
    let known = |text: &str| Some(Input::Known(text.to_owned()));
    let prefix = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    let logs = config.cloud_watch_config();
    let large = logs.and_then(|logs| logs.large_data_delivery_s3_config());
    let bucket = config.s3_config();
    BedrockLogging {
        text: config.text_data_delivery_enabled(),
        image: config.image_data_delivery_enabled(),
        embedding: config.embedding_data_delivery_enabled(),
        video: config.video_data_delivery_enabled(),
        audio: config.audio_data_delivery_enabled(),
        log_group: logs.and_then(|logs| known(logs.log_group_name())),
        role: logs.and_then(|logs| known(logs.role_arn())),
        large_data_bucket: large.and_then(|large| known(large.bucket_name())),
        large_data_prefix: prefix(large.and_then(|large| large.key_prefix())),
        bucket: bucket.and_then(|bucket| known(bucket.bucket_name())),
        key_prefix: prefix(bucket.and_then(|bucket| bucket.key_prefix())),
    }
}

/// It is ours if any of its destinations is.
fn judge(found: Found<BedrockLogging>, names: &Names, region: &str) -> Reading<BedrockLogging> {
    let state = &found.state;
    let is = |input: &Option<Input>, ours: &str| input.as_ref().is_some_and(|input| input.text() == ours);
    let prompts = names.bucket("prompts", region);
    let ours = is(&state.log_group, &names.log_group("bedrock"))
        || is(&state.role, &names.role_arn(&names.bedrock_role(region)))
        || is(&state.large_data_bucket, &prompts)
        || is(&state.bucket, &prompts);
    if ours {
        return Reading::Found(Box::new(found));
    }
    let sinks = [("log group", &state.log_group), ("bucket", &state.bucket)];
    let sinks: Vec<String> = sinks
        .into_iter()
        .filter_map(|(what, sink)| sink.as_ref().map(|name| format!("{what} {}", name.text())))
        .collect();
    let why = match sinks.is_empty() {
        true => "it is configured without any destination of ours".to_owned(),
        false => format!("it delivers to {}, which is not this scope's", sinks.join(" and ")),
    };
    Reading::Foreign { found: Some(Box::new(found)), why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_bedrock::types::{CloudWatchConfig, S3Config};

    fn names() -> Names {
        Names {
            scope: "genai-audit".into(),
            account: "111122223333".into(),
            home_region: "eu-central-1".into(),
            log_bucket: "logs".into(),
        }
    }
    fn config(group: Option<&str>, bucket: Option<&str>) -> LoggingConfig {
        let logs = group.map(|group| {
            let role = "arn:aws:iam::111122223333:role/other";
            CloudWatchConfig::builder().log_group_name(group).role_arn(role).build().expect("complete")
        });
        let bucket = bucket.map(|bucket| S3Config::builder().bucket_name(bucket).build().expect("complete"));
        LoggingConfig::builder().set_cloud_watch_config(logs).set_s3_config(bucket).build()
    }

    #[test]
    fn one_destination_of_ours_makes_it_ours() {
        let ours = "genai-audit-prompts-111122223333-us-east-1";
        let elsewhere = "genai-audit-prompts-111122223333-eu-central-1";
        let cases = [
            ("our group", Some("/auditscope/genai-audit/bedrock"), None, None),
            ("our bucket", Some("/their/group"), Some(ours), None),
            (
                "theirs",
                Some("/their/group"),
                Some("theirs"),
                Some("it delivers to log group /their/group and bucket theirs, which is not this scope's"),
            ),
            (
                "our bucket of another Region",
                None,
                Some(elsewhere),
                Some(
                    "it delivers to bucket genai-audit-prompts-111122223333-eu-central-1, which is not this \
                     scope's",
                ),
            ),
            ("nowhere", None, None, Some("it is configured without any destination of ours")),
        ];
        for (case, group, bucket, want) in cases {
            let why = match judge(Found::new(read(&config(group, bucket)), []), &names(), "us-east-1") {
                Reading::Foreign { why, .. } => Some(why),
                _ => None,
            };
            assert_eq!(why.as_deref(), want, "{case}");
        }
    }
}
