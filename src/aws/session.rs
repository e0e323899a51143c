//! Credentials, endpoint and HTTP client: whose account this run talks to.

use crate::aws::{ApiError, Clock};
use crate::model::Scope;
use crate::sandbox::Sandbox;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use std::time::Duration;

/// How to reach AWS, from the command line.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    pub profile: Option<String>,
    pub role_arn: Option<String>,
    pub external_id: Option<String>,
    pub endpoint_url: Option<String>,
    /// The built-in account instead of AWS.
    pub sandbox: Option<Sandbox>,
    /// Account whose sandbox is meant; used only with `sandbox`.
    pub account: String,
}

/// One resolved session.
#[derive(Clone, Debug)]
pub struct Session {
    config: SdkConfig,
    clock: Clock,
    sandbox: bool,
}

impl Session {
    /// Resolves the credential chain; no call to AWS yet, except for assuming a role.
    pub async fn open(options: &SessionOptions, region: &str) -> Self {
        // CloudTrail takes one write a second and CloudWatch three: the SDK's three attempts are too few as the net
        // under our own pacing. With waits of up to 1, 2, 4, 8, 8 and 8 seconds a call gives up within 31 seconds, so that
        // a run that meets nothing but refusals says so well within two minutes.
        let retry = RetryConfig::standard().with_max_attempts(7).with_max_backoff(Duration::from_secs(8));
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .retry_config(retry);
        let clock = match &options.sandbox {
            Some(sandbox) => {
                loader = loader
                    .http_client(SharedHttpClient::new(sandbox.clone()))
                    .sleep_impl(sandbox.sleep_impl())
                    .time_source(sandbox.time_source())
                    .stalled_stream_protection(
                        aws_config::stalled_stream_protection::StalledStreamProtectionConfig::disabled(),
                    )
                    .empty_test_environment()
                    .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                        options.account.clone(),
                        "sandbox",
                        None,
                        None,
                        "sandbox",
                    )));
                Clock::Sandbox(sandbox.clone())
            }
            None => {
                let timeouts = aws_smithy_types::timeout::TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .read_timeout(Duration::from_secs(60))
                    .build();
                loader = loader.timeout_config(timeouts);
                if let Some(profile) = &options.profile {
                    loader = loader.profile_name(profile);
                }
                if let Some(url) = &options.endpoint_url {
                    loader = loader.endpoint_url(url);
                }
                Clock::System
            }
        };
        let mut config = loader.load().await;
        if let Some(role) = &options.role_arn {
            let mut role = AssumeRoleProvider::builder(role).session_name("auditscope").configure(&config);
            if let Some(id) = &options.external_id {
                role = role.external_id(id);
            }
            config = config
                .to_builder()
                .credentials_provider(SharedCredentialsProvider::new(role.build().await))
                .build();
        }
        Self { config, clock, sandbox: options.sandbox.is_some() }
    }
    /// Returns the account and ARN of the caller (STS API, GetCallerIdentity; needs no permission).
    ///
    /// # Errors
    /// Credentials or network.
    pub async fn caller(&self) -> Result<(String, String), ApiError> {
        let region = self.config.region().map(ToString::to_string).unwrap_or_default();
        let scope = Scope::new("", region);
        let answer =
            aws_sdk_sts::Client::new(&self.config).get_caller_identity().send().await.map_err(|error| {
                ApiError::from_sdk("sts:GetCallerIdentity", &scope, &error, self.clock.now())
            })?;
        Ok((answer.account.unwrap_or_default(), answer.arn.unwrap_or_default()))
    }
    /// Returns the SDK configuration for a Region.
    pub fn config(&self, region: &str) -> SdkConfig {
        self.config.to_builder().region(Region::new(region.to_owned())).build()
    }
    /// Returns the S3 Control client. The service puts the account in front of the host (S3 Control API, endpoints),
    /// which no name leads to where an endpoint was given by address: such an endpoint is taken as it is.
    pub fn s3control(&self, config: &SdkConfig) -> aws_sdk_s3control::Client {
        let builder = aws_sdk_s3control::config::Builder::from(config);
        let builder = match config.endpoint_url() {
            Some(url) => builder.endpoint_resolver(GivenEndpoint(url.to_owned())),
            None => builder,
        };
        aws_sdk_s3control::Client::from_conf(builder.build())
    }
    /// Returns the clock of this session.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
    /// Returns true if this is the built-in account.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox
    }
}

/// An endpoint that is the same for every account.
#[derive(Debug)]
struct GivenEndpoint(String);

impl aws_sdk_s3control::config::endpoint::ResolveEndpoint for GivenEndpoint {
    fn resolve_endpoint<'a>(
        &'a self,
        _: &'a aws_sdk_s3control::config::endpoint::Params,
    ) -> aws_sdk_s3control::config::endpoint::EndpointFuture<'a> {
        let endpoint = aws_smithy_types::endpoint::Endpoint::builder().url(self.0.clone()).build();
        aws_sdk_s3control::config::endpoint::EndpointFuture::ready(Ok(endpoint))
    }
}
