//! Real HTTP behind the engine's port.
//!
//! No redirects, no retries; each request is counted. Invariant: "not sent" is said only where no byte of the
//! request can have reached the server, and no address appears in an error, since it may hold a secret.

use std::error::Error as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use obmen_engine::ports::{BoxFuture, HttpRequest, HttpResponse, Transport, TransportError};
use reqwest::redirect::Policy;
use reqwest::{Method, Url};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("obmen/", env!("CARGO_PKG_VERSION"));

/// A client for one side.
#[derive(Debug)]
pub(crate) struct HttpTransport {
    client: reqwest::Client,
    requests: AtomicU64,
}

impl HttpTransport {
    /// A client for the system at this address. A proxy of the environment is used, except for one's own machine.
    ///
    /// # Errors
    /// When the TLS set-up of this machine cannot be used.
    pub(crate) fn new(url: &str) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(USER_AGENT);
        if Url::parse(url).is_ok_and(|url| is_own_machine(&url)) {
            builder = builder.no_proxy();
        }
        Ok(Self { client: builder.build()?, requests: AtomicU64::new(0) })
    }

    /// How many requests went out so far.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let not_sent = |words: String| TransportError::NotSent(words);
        let method =
            Method::from_bytes(request.method.as_bytes()).map_err(|error| not_sent(error.to_string()))?;
        let url = Url::parse(&request.url).map_err(|error| not_sent(error.to_string()))?;
        let mut builder = self.client.request(method, url).timeout(request.timeout).body(request.body);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let prepared = builder.build().map_err(|error| not_sent(describe(error)))?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let response = self.client.execute(prepared).await.map_err(classify)?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let body = response.bytes().await.map_err(|error| TransportError::NoReply(describe(error)))?;
        Ok(HttpResponse { status, headers, body: body.into() })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

fn classify(error: reqwest::Error) -> TransportError {
    if error.is_connect() || error.is_builder() {
        TransportError::NotSent(describe(error))
    } else {
        TransportError::NoReply(describe(error))
    }
}

/// The whole chain in one line, without the address.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !words.ends_with(&text) {
            words = format!("{words}: {text}");
        }
        source = inner.source();
    }
    words
}

fn is_own_machine(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_refused_connection_counts_as_not_sent() {
        let (listener, url) = listen().await;
        drop(listener);
        let answer = transport(&url).send(get(&url)).await;
        assert!(matches!(answer, Err(TransportError::NotSent(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn a_connection_cut_after_the_request_counts_as_no_reply_and_shows_no_address() {
        let (listener, url) = listen().await;
        let transport = transport(&url);
        let cut = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 1024];
            assert!(stream.read(&mut buffer).await.unwrap() > 0);
        };
        let (answer, ()) = tokio::join!(transport.send(get(&url)), cut);
        let Err(TransportError::NoReply(words)) = answer else { panic!("{answer:?}") };
        assert!(!words.contains("geheim"), "{words}");
        assert_eq!(transport.requests(), 1);
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_like_any_other() {
        let (listener, url) = listen().await;
        let transport = transport(&url);
        let redirect = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 1024];
            let _ = stream.read(&mut buffer).await.unwrap();
            let text = "HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(text.as_bytes()).await.unwrap();
        };
        let (answer, ()) = tokio::join!(transport.send(get(&url)), redirect);
        let answer = answer.unwrap();
        assert_eq!((answer.status, answer.header("location")), (302, Some("/else")));
    }

    async fn listen() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/rest/1/geheim/", listener.local_addr().unwrap());
        (listener, url)
    }

    fn transport(url: &str) -> HttpTransport {
        // Several tests of one process install the provider; only the first of them succeeds.
        let _ = rustls::crypto::ring::default_provider().install_default();
        HttpTransport::new(url).unwrap()
    }

    fn get(url: &str) -> HttpRequest {
        HttpRequest {
            method: "GET",
            url: url.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: Duration::from_secs(10),
        }
    }
}
