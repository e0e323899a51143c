//! The built-in account: a strict, awkward, durable model of one AWS organisation behind the SDK's HTTP client.

pub mod service;
pub mod state;

use jiff::Timestamp;
use std::time::Duration;
#[derive(Clone, Debug)]
pub struct Sandbox {}
impl Sandbox {
    pub fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    pub fn advance(&self, _: Duration) {}
    pub fn sleep_impl(&self) -> aws_smithy_async::rt::sleep::SharedAsyncSleep {
        aws_smithy_async::rt::sleep::SharedAsyncSleep::new(aws_smithy_async::rt::sleep::TokioSleep::new())
    }
    pub fn time_source(&self) -> aws_smithy_async::time::SharedTimeSource {
        aws_smithy_async::time::SharedTimeSource::default()
    }
}
impl aws_smithy_runtime_api::client::http::HttpClient for Sandbox {
    fn http_connector(
        &self,
        _: &aws_smithy_runtime_api::client::http::HttpConnectorSettings,
        _: &aws_smithy_runtime_api::client::runtime_components::RuntimeComponents,
    ) -> aws_smithy_runtime_api::client::http::SharedHttpConnector {
        panic!("frame")
    }
}
