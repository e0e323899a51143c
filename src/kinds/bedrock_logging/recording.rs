//! What invocation logging records, in the terms of the coverage algebra.

use super::BedrockLogging;
use crate::coverage::InvocationRecording;

impl BedrockLogging {
    /// Returns which bodies a Region's configuration records. An unknown flag is not claimed.
    pub fn recording(&self, region: &str) -> InvocationRecording {
        InvocationRecording {
            region: region.to_owned(),
            text: self.text == Some(true),
            image: self.image == Some(true),
            embedding: self.embedding == Some(true),
            video: self.video == Some(true),
            audio: self.audio == Some(true),
            log_group: self.log_group.is_some(),
            large_data_bucket: self.large_data_bucket.is_some(),
            bucket: self.bucket.is_some(),
        }
    }
}
