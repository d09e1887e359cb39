//! Messages between the HTTP library and the simulator.
//!
//! Not responsible for connections.

use std::io;

use axum::body::{Body, Bytes, to_bytes};
use futures_util::{StreamExt as _, stream};

use super::connection::Connection;
use crate::http::{FORWARDED_SCHEME, Request, Response};

/// Reads a request to its end; `None` if the connection broke before.
pub(super) async fn read(request: axum::extract::Request, connection: &Connection) -> Option<Request> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok()?.to_vec();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let sent = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let scheme = connection.is_secure.then(|| (FORWARDED_SCHEME.to_owned(), "https".to_owned()));
    let headers = scheme.into_iter().chain(sent).collect();
    Some(Request { method: head.method.as_str().to_owned(), target, headers, body })
}

/// Turns a simulator's answer into one of the library.
pub(super) fn write(response: Response) -> axum::response::Response {
    let body = Body::from(response.body);
    assemble(response.status, response.headers, body)
}

/// Promises the whole answer, sends the first half of its body and closes the connection. An answer without a body is
/// lost as a whole.
pub(super) fn write_half(mut response: Response, connection: &Connection) -> axum::response::Response {
    if response.is_cut() || response.body.is_empty() {
        return connection.cut();
    }
    let length = response.body.len();
    response.headers.push(("Content-Length".to_owned(), length.to_string()));
    response.body.truncate(length / 2);
    let half = stream::once(std::future::ready(Ok(Bytes::from(response.body))));
    let end = stream::once(async {
        // What was handed over goes out before the connection breaks.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    assemble(response.status, response.headers, Body::from_stream(half.chain(end)))
}

fn assemble(status: u16, headers: Vec<(String, String)>, body: Body) -> axum::response::Response {
    let mut builder = axum::http::Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    builder.body(body).unwrap_or_else(|error| {
        // A simulator that writes impossible headers is broken; say so to whoever debugs it.
        axum::http::Response::new(Body::from(format!("impossible answer: {error}")))
    })
}
