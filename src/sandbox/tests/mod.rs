//! The sandbox as SDK clients meet it.

mod faulty;
mod identity;
mod objects;
mod served;
mod stored;
mod tagged;
mod wires;

use super::Sandbox;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

const ACCOUNT: &str = "111122223333";

/// Returns the configuration of clients that talk to a sandbox with an access key.
async fn config(sandbox: &Sandbox, region: &str, access_key: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .http_client(SharedHttpClient::new(sandbox.clone()))
        .sleep_impl(sandbox.sleep_impl())
        .time_source(sandbox.time_source())
        .credentials_provider(credentials(access_key))
        .load()
        .await
}

fn credentials(access_key: &str) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(access_key, "secret", None, None, "test"))
}

/// Returns the code of a refused call.
fn code<T, E, R>(result: Result<T, aws_smithy_runtime_api::client::result::SdkError<E, R>>) -> Option<String>
where
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata,
{
    result.err()?.as_service_error()?.code().map(str::to_owned)
}
