//! Writes invocation logging.

use super::{BedrockLogging, Call};
use crate::aws::{ApiError, Cx};
use crate::kinds::{Revealed, Target};
use crate::model::Input;
use aws_sdk_bedrock::types::{CloudWatchConfig, LoggingConfig, S3Config};

/// Sends one call.
///
/// # Errors
/// What AWS answered.
pub async fn perform(cx: &Cx, call: Call, target: &Target<'_, BedrockLogging>) -> Result<Revealed, ApiError> {
    let scope = &target.address.scope;
    let client = cx.bedrock(scope);
    match call {
        Call::PutModelInvocationLoggingConfiguration => {
            // Replaces the whole object, whoever made it (Bedrock API): the plan allowed it, having read it.
            let send = client
                .put_model_invocation_logging_configuration()
                .logging_config(config(target.desired))
                .send();
            cx.send("bedrock:PutModelInvocationLoggingConfiguration", scope, send).await?;
        }
        Call::DeleteModelInvocationLoggingConfiguration => {
            let send = client.delete_model_invocation_logging_configuration().send();
            cx.send("bedrock:DeleteModelInvocationLoggingConfiguration", scope, send).await?;
        }
    }
    Ok(Vec::new())
}

fn config(want: &BedrockLogging) -> LoggingConfig {
    let sink = |bucket: &Input, prefix: &Option<String>| {
        S3Config::builder()
            .bucket_name(bucket.text())
            .set_key_prefix(prefix.clone())
            .build()
            .expect("the bucket's name is set")
    };
    let large = want.large_data_bucket.as_ref().map(|bucket| sink(bucket, &want.large_data_prefix));
    let logs = want.log_group.as_ref().map(|group| {
        CloudWatchConfig::builder()
            .log_group_name(group.text())
            .role_arn(want.role.as_ref().map(Input::text).unwrap_or_default())
            .set_large_data_delivery_s3_config(large)
            .build()
            .expect("group and role are set")
    });
    // Every flag is sent: what is left out is the service's choice.
    LoggingConfig::builder()
        .set_cloud_watch_config(logs)
        .set_s3_config(want.bucket.as_ref().map(|bucket| sink(bucket, &want.key_prefix)))
        .set_text_data_delivery_enabled(want.text)
        .set_image_data_delivery_enabled(want.image)
        .set_embedding_data_delivery_enabled(want.embedding)
        .set_video_data_delivery_enabled(want.video)
        .set_audio_data_delivery_enabled(want.audio)
        .build()
}
