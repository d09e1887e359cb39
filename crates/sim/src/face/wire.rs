//! Messages between the HTTP library and the simulator, and connections that can be cut.
//!
//! Invariant: after [`Cut::cut`] not a byte more is written, so the other side sees a connection closed without
//! a reply.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::{StreamExt as _, stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::http::{Request, Response};

/// Reads a request to its end; `None` if the connection broke before.
pub(super) async fn read(request: axum::extract::Request) -> Option<Request> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok()?.to_vec();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    Some(Request { method: head.method.as_str().to_owned(), target, headers, body })
}

/// Turns a simulator's answer into one of the library.
pub(super) fn write(response: Response) -> axum::response::Response {
    let body = Body::from(response.body);
    assemble(response.status, response.headers, body)
}

/// Promises the whole answer, sends the first half of its body and closes the connection. An answer without a body is
/// lost as a whole.
pub(super) fn write_half(mut response: Response, connection: &Cut) -> axum::response::Response {
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

/// The switch that closes one connection without a reply.
#[derive(Debug, Clone, Default)]
pub(super) struct Cut(Arc<AtomicBool>);

impl Cut {
    /// Closes the connection. The answer returned goes nowhere.
    pub(super) fn cut(&self) -> axum::response::Response {
        self.0.store(true, Ordering::SeqCst);
        axum::http::Response::new(Body::empty())
    }

    fn is_cut(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Accepts connections that can be cut.
pub(super) struct CuttableListener(pub(super) TcpListener);

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = Cut;

    async fn accept(&mut self) -> (CuttableStream, Cut) {
        let (stream, _) = <TcpListener as Listener>::accept(&mut self.0).await;
        let cut = Cut::default();
        (CuttableStream { stream, cut: cut.clone() }, cut)
    }

    fn local_addr(&self) -> io::Result<Cut> {
        Ok(Cut::default())
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Cut {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A socket that fails every write once it is cut.
pub(super) struct CuttableStream {
    stream: TcpStream,
    cut: Cut,
}

impl CuttableStream {
    fn check(&self) -> io::Result<()> {
        if self.cut.is_cut() { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
