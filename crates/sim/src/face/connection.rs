//! Connections that can be cut, plain or under TLS.
//!
//! Invariant: after [`Connection::cut`] not a byte more is written, so the other side sees a connection closed without a
//! reply.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

/// What a request knows of the connection it came on.
#[derive(Debug, Clone, Default)]
pub(super) struct Connection {
    is_cut: Arc<AtomicBool>,
    /// Whether it speaks TLS.
    pub(super) is_secure: bool,
}

impl Connection {
    /// Closes the connection. The answer returned goes nowhere.
    pub(super) fn cut(&self) -> axum::response::Response {
        self.is_cut.store(true, Ordering::SeqCst);
        axum::http::Response::new(Body::empty())
    }

    fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::SeqCst)
    }
}

/// Accepts connections that can be cut.
pub(super) struct CuttableListener {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<TlsAcceptor>,
}

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = Connection;

    async fn accept(&mut self) -> (CuttableStream, Connection) {
        let (stream, _) = <TcpListener as Listener>::accept(&mut self.listener).await;
        let connection = Connection { is_secure: self.tls.is_some(), ..Connection::default() };
        let wire = match &self.tls {
            Some(tls) => Wire::Greeting(Box::new(tls.accept(stream))),
            None => Wire::Plain(stream),
        };
        (CuttableStream { wire, connection: connection.clone() }, connection)
    }

    fn local_addr(&self) -> io::Result<Connection> {
        Ok(Connection::default())
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A socket that fails every write once it is cut.
pub(super) struct CuttableStream {
    wire: Wire,
    connection: Connection,
}

/// What bytes go over. The handshake is part of the first read, so that one guest does not keep others waiting.
enum Wire {
    Plain(TcpStream),
    Greeting(Box<Accept<TcpStream>>),
    Secure(Box<TlsStream<TcpStream>>),
}

/// Both directions of bytes, whichever wire they go over.
trait Bytes: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Bytes for T {}

impl CuttableStream {
    /// The wire after its handshake, unless it is cut.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Pin<&mut dyn Bytes>>> {
        if self.connection.is_cut() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if let Wire::Greeting(accept) = &mut self.wire {
            let stream = ready!(Pin::new(accept.as_mut()).poll(context))?;
            self.wire = Wire::Secure(Box::new(stream));
        }
        match &mut self.wire {
            Wire::Plain(stream) => Poll::Ready(Ok(Pin::new(stream))),
            Wire::Secure(stream) => Poll::Ready(Ok(Pin::new(stream.as_mut()))),
            Wire::Greeting(_) => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_ready(context))?.poll_read(context, buffer)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_ready(context))?.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_ready(context))?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let is_cut = self.connection.is_cut();
        match &mut self.wire {
            Wire::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            // A connection that is cut under TLS ends without a farewell.
            Wire::Secure(stream) if !is_cut => Pin::new(stream.as_mut()).poll_shutdown(context),
            Wire::Secure(stream) => Pin::new(stream.get_mut().0).poll_shutdown(context),
            Wire::Greeting(_) => Poll::Ready(Ok(())),
        }
    }
}
