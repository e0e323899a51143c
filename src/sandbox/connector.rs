//! The sandbox as the SDK's HTTP client: what would go over the network is answered in this process.

use super::Sandbox;
use super::protocol::Reply;
use super::route::Request;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use http_body_util::StreamBody;
use hyper::body::{Body, Frame};
use std::io;

impl HttpConnector for Sandbox {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sandbox = self.clone();
        HttpConnectorFuture::new(async move {
            let request = received(request).await?;
            let answered = sandbox.answer(&request);
            if !answered.delay.is_zero() {
                sandbox.nap(answered.delay).await;
            }
            let reply = answered.reply.ok_or_else(|| {
                let reset = io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by the sandbox");
                ConnectorError::io(reset.into())
            })?;
            sent(reply, answered.truncated)
        })
    }
}

impl HttpClient for Sandbox {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// Returns the first half of a body, and then the end of the connection.
pub(super) fn cut_off(
    body: Vec<u8>,
) -> impl Body<Data = Bytes, Error = io::Error> + Send + Sync + Unpin + 'static {
    let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
    let ended =
        io::Error::new(io::ErrorKind::UnexpectedEof, "connection closed by the sandbox within the answer");
    StreamBody::new(futures_util::stream::iter([Ok(Frame::data(half)), Err(ended)]))
}

async fn received(request: HttpRequest) -> Result<Request, ConnectorError> {
    let mut out = Request { method: request.method().into(), ..Request::default() }.with_uri(request.uri());
    out.headers =
        request.headers().iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let body = ByteStream::new(request.into_body()).collect().await;
    out.body = body.map_err(|error| ConnectorError::user(error.into()))?.to_vec();
    Ok(out)
}

fn sent(reply: Reply, truncated: bool) -> Result<HttpResponse, ConnectorError> {
    let other = |error: aws_smithy_runtime_api::http::HttpError| ConnectorError::other(error.into(), None);
    let status =
        StatusCode::try_from(reply.status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let body =
        if truncated { SdkBody::from_body_1_x(cut_off(reply.body)) } else { SdkBody::from(reply.body) };
    let mut response = HttpResponse::new(status, body);
    for (name, value) in reply.headers {
        response.headers_mut().try_insert(name, value).map_err(other)?;
    }
    Ok(response)
}
