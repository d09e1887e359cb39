//! Sends what a world has for its listeners, by a small HTTP client of its own.
//!
//! Only to this machine: an address elsewhere is as good as unreachable, and nobody is told of either, like in the
//! real system. Each delivery is tried once, and nothing waits for its answer.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::Clock;
use crate::http::Delivery;
use crate::world::World;

/// Real time between two looks into the world.
const PAUSE: Duration = Duration::from_millis(5);
/// Real time that a listener has for its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The task that sends; dropping it stops it.
#[derive(Debug)]
pub(super) struct Deliveries(JoinHandle<()>);

impl Drop for Deliveries {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Begins to send.
pub(super) fn start<W: World + 'static>(world: Arc<Mutex<W>>, clock: Clock) -> Deliveries {
    Deliveries(tokio::spawn(async move {
        loop {
            let due = world.lock().unwrap_or_else(PoisonError::into_inner).take_deliveries(clock.now());
            for delivery in due {
                // What comes of it is nobody's business: there is no second try.
                tokio::spawn(tokio::time::timeout(PATIENCE, send(delivery)));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }))
}

async fn send(delivery: Delivery) -> Option<()> {
    let (port, path) = local(&delivery.url)?;
    let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.ok()?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: Bitrix24 Webhook Engine\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
        delivery.body.len(),
        delivery.body
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    // Reads to the end, so that the listener sees an orderly close.
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    Some(())
}

/// Port and path of an address on this machine, and of no other.
fn local(url: &str) -> Option<(u16, String)> {
    let rest = url.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    let is_safe = path.bytes().all(|byte| byte.is_ascii_graphic());
    (["127.0.0.1", "localhost"].contains(&name) && is_safe).then_some(())?;
    Some((port.parse().ok()?, format!("/{path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_sent_to() {
        assert_eq!(local("http://127.0.0.1:8080/hook?a=1"), Some((8080, "/hook?a=1".to_owned())));
        assert_eq!(local("http://localhost"), Some((80, "/".to_owned())));
        for url in [
            "https://127.0.0.1/",
            "http://example.org/",
            "http://127.0.0.1@example.org/",
            "http://127.0.0.1.example.org:80/",
            "http://127.0.0.1:80/a b",
        ] {
            assert_eq!(local(url), None, "{url}");
        }
    }
}
