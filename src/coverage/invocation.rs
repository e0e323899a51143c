//! What Bedrock's model-invocation logging records: the bodies of prompts and completions.
//!
//! Amazon Bedrock User Guide, "Monitor model invocation using CloudWatch Logs and Amazon S3". It covers four
//! operations of the `bedrock-runtime` endpoint and no others: not the `bedrock-mantle` endpoint, not asynchronous,
//! bidirectional or batch inference. One configuration per account and Region.

use super::effect::{Effect, Level};
use serde::Serialize;
use std::collections::BTreeMap;

/// The invocation logging of one Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvocationRecording {
    pub region: String,
    pub text: bool,
    pub image: bool,
    pub embedding: bool,
    pub video: bool,
    pub audio: bool,
    /// Whether records go to a log group.
    pub log_group: bool,
    /// Whether bodies that are too large for a log group have a bucket (`largeDataDeliveryS3Config`).
    pub large_data_bucket: bool,
    /// Whether records go to a bucket (`s3Config`).
    pub bucket: bool,
}

const CONVERSE: [&str; 2] = ["Converse", "ConverseStream"];
const INVOKE: [&str; 2] = ["InvokeModel", "InvokeModelWithResponseStream"];

/// Returns which bodies are recorded, under ids such as `bedrock:InvokeModel (text body, us-east-1)`.
///
/// [`Level::Partial`]: log group only, where bodies above 100 KB and binary ones have nowhere to go.
/// Converse has no embeddings, so it has no such line.
pub fn recorded_bodies(regions: &[InvocationRecording]) -> BTreeMap<String, Level> {
    let mut found = BTreeMap::new();
    for logging in regions.iter().filter(|r| r.log_group || r.bucket) {
        let level = if logging.bucket || logging.large_data_bucket { Level::Full } else { Level::Partial };
        let bodies = [
            ("text", logging.text),
            ("image", logging.image),
            ("embedding", logging.embedding),
            ("video", logging.video),
            ("audio", logging.audio),
        ];
        for (body, _) in bodies.into_iter().filter(|(_, on)| *on) {
            let converse = CONVERSE.into_iter().filter(|_| body != "embedding");
            for operation in converse.chain(INVOKE) {
                found.insert(format!("bedrock:{operation} ({body} body, {})", logging.region), level);
            }
        }
    }
    found
}

/// Returns what a change of invocation logging does; each list holds the Regions that have it.
pub fn invocation_effect(before: &[InvocationRecording], after: &[InvocationRecording]) -> Effect {
    Effect::between(&recorded_bodies(before), &recorded_bodies(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> InvocationRecording {
        InvocationRecording {
            region: "us-east-1".into(),
            text: true,
            image: false,
            embedding: false,
            video: false,
            audio: false,
            log_group: true,
            large_data_bucket: true,
            bucket: true,
        }
    }

    const TEXT: [&str; 4] = [
        "bedrock:Converse (text body, us-east-1)",
        "bedrock:ConverseStream (text body, us-east-1)",
        "bedrock:InvokeModel (text body, us-east-1)",
        "bedrock:InvokeModelWithResponseStream (text body, us-east-1)",
    ];

    #[test]
    fn bodies_are_recorded_by_operation_kind_and_region() {
        let embedding = InvocationRecording { text: false, embedding: true, ..text() };
        let cases: [(&str, Vec<InvocationRecording>, Vec<&str>); 4] = [
            ("text", vec![text()], TEXT.to_vec()),
            (
                "no destination",
                vec![InvocationRecording { log_group: false, bucket: false, ..text() }],
                vec![],
            ),
            ("nothing chosen", vec![InvocationRecording { text: false, ..text() }], vec![]),
            (
                "embeddings",
                vec![embedding],
                vec![
                    "bedrock:InvokeModel (embedding body, us-east-1)",
                    "bedrock:InvokeModelWithResponseStream (embedding body, us-east-1)",
                ],
            ),
        ];
        for (case, regions, want) in cases {
            assert_eq!(recorded_bodies(&regions).into_keys().collect::<Vec<_>>(), want, "{case}");
        }
    }

    #[test]
    fn losing_the_bucket_for_large_bodies_is_weaker() {
        let group_only = InvocationRecording { large_data_bucket: false, bucket: false, ..text() };
        assert_eq!(invocation_effect(&[text()], &[group_only]).weaker, TEXT);
        let images = InvocationRecording { image: true, ..text() };
        assert_eq!(invocation_effect(&[images], &[text()]).no_longer_recorded.len(), 4);
    }
}
