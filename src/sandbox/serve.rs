//! The sandbox over HTTP, for clients in other processes: boto3, the AWS CLI, Terraform.

use super::Sandbox;
use super::connector::cut_off;
use super::protocol::Reply;
use super::route::Request;
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Answers requests until `shutdown` is done; connections still open then are closed.
///
/// Signatures are read, not checked: anyone who can connect may do anything, so only loopback is served.
///
/// # Errors
/// `InvalidInput` if the listener is not on loopback; whatever ends the listener.
pub async fn serve(
    sandbox: Sandbox,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{address} is not a loopback address"),
        ));
    }
    let mut shutdown = std::pin::pin!(shutdown);
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            () = &mut shutdown => return Ok(()),
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted?.0,
        };
        let sandbox = sandbox.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| answer(sandbox.clone(), request));
            // A connection that fails concerns its client, who sees it, and nobody else.
            let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    sandbox: Sandbox,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<BoxBody<Bytes, io::Error>>, io::Error> {
    let (head, body) = request.into_parts();
    let mut received = Request { method: head.method.as_str().into(), ..Request::default() };
    received.path = head.uri.path().into();
    received.query = head.uri.query().unwrap_or_default().into();
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        received.headers.push((name.as_str().into(), value));
    }
    let host = head.uri.authority().map(|authority| authority.as_str().to_owned());
    let host = host.or_else(|| received.header("host").map(str::to_owned)).unwrap_or_default();
    received.set_host(&host);
    received.body = body.collect().await.map_err(io::Error::other)?.to_bytes().to_vec();
    // Files are small and the lock is short, but another process may hold it.
    let answered = tokio::task::spawn_blocking({
        let sandbox = sandbox.clone();
        move || sandbox.answer(&received)
    })
    .await
    .map_err(io::Error::other)?;
    if !answered.delay.is_zero() {
        tokio::time::sleep(answered.delay).await;
    }
    // An error here closes the connection without an answer, which is what a reset is.
    sent(answered.reply.ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionReset))?, answered.truncated)
}

fn sent(reply: Reply, truncated: bool) -> Result<hyper::Response<BoxBody<Bytes, io::Error>>, io::Error> {
    let mut response = hyper::Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let body = if truncated {
        // The length that was promised is what tells the client that something is missing.
        if response.headers_ref().is_some_and(|headers| !headers.contains_key("content-length")) {
            response = response.header("content-length", reply.body.len());
        }
        BoxBody::new(cut_off(reply.body))
    } else {
        BoxBody::new(Full::new(Bytes::from(reply.body)).map_err(|never| match never {}))
    };
    response.body(body).map_err(io::Error::other)
}
