//! The HTTP face: sockets, real time and faults around a simulated world.
//!
//! Under `/_sim/` the same port carries the controls of whoever plays with the world; they meet neither limits nor
//! faults. Not responsible for anything a world means.

mod befall;
mod clock;
mod connection;
mod controls;
mod deliver;
mod latency;
mod lines;
mod log;
mod page;
mod respond;
mod tls;
mod wire;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::faults::{Faults, Rule};
use crate::world::World;
use befall::Befalls;
use clock::Clock;
use connection::{Connection, CuttableListener};
use latency::Ways;
use log::Log;

pub use latency::Latency;
pub use tls::{Tls, TlsError};

/// How a face shows its world.
#[derive(Debug, Clone)]
pub struct FaceOptions {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Simulated seconds in a real one.
    pub time_scale: f64,
    /// Real time that every answer takes in addition.
    pub latency: Latency,
    /// Faults from the first request on.
    pub faults: Vec<Rule>,
    /// The certificate to speak https with; plain HTTP without one.
    pub tls: Option<Tls>,
    /// Simulated time at the start.
    pub start: Timestamp,
}

impl FaceOptions {
    /// This machine only, a free port, real pace, no added latency.
    pub fn new(start: Timestamp) -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            time_scale: 1.0,
            latency: Latency::default(),
            faults: Vec::new(),
            tls: None,
            start,
        }
    }
}

/// A world being served. Dropping it stops taking connections.
#[derive(Debug)]
pub struct Face<W> {
    /// Where it listens.
    pub address: SocketAddr,
    /// The world behind it.
    pub world: Arc<Mutex<W>>,
    clock: Clock,
    faults: Arc<Mutex<Faults>>,
    is_secure: bool,
    stop: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
    deliveries: deliver::Deliveries,
}

impl<W> Face<W> {
    /// `http://` or `https://` and the address.
    pub fn url(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Replaces the faults that requests meet from here on.
    pub fn set_faults(&self, rules: Vec<Rule>) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).set_rules(rules);
    }

    /// Stops listening and waits for the answers under way.
    ///
    /// # Errors
    /// What the server failed with.
    pub async fn shutdown(self) -> io::Result<()> {
        // The receiver is gone only if the server has ended already.
        let _ = self.stop.send(());
        drop(self.deliveries);
        self.server.await.map_err(io::Error::other)?
    }
}

/// Serves a world; returns as soon as it listens.
///
/// # Errors
/// The address cannot be listened on.
pub async fn serve<W: World + 'static>(world: W, options: FaceOptions) -> io::Result<Face<W>> {
    let listener = TcpListener::bind((options.host, options.port)).await?;
    let address = listener.local_addr()?;
    let world = Arc::new(Mutex::new(world));
    let clock = Clock::new(options.start, options.time_scale);
    let mut faults = Faults::default();
    faults.set_rules(options.faults);
    let faults = Arc::new(Mutex::new(faults));
    let shared = Arc::new(Shared {
        world: Arc::clone(&world),
        faults: Arc::clone(&faults),
        log: Mutex::default(),
        ways: Mutex::new(Ways::new(options.latency)),
        befalls: Mutex::default(),
        clock: clock.clone(),
    });
    let app = Router::new()
        .route("/_sim/dump", get(controls::dump::<W>))
        .route("/_sim/load", post(controls::load::<W>))
        .route("/_sim/counters", get(controls::counters::<W>))
        .route("/_sim/counters/reset", post(controls::reset_counters::<W>))
        .route("/_sim/act", post(controls::act::<W>))
        .route("/_sim/faults", get(controls::faults::<W>).post(controls::set_faults::<W>))
        .route("/_sim/records", get(controls::records::<W>))
        .route("/_sim/page/{file}", get(respond::page_file))
        .route("/_sim/requests", get(controls::requests::<W>).post(controls::switch_requests::<W>))
        .route("/_sim/requests/reset", post(controls::reset_requests::<W>))
        .route("/_sim/time", get(controls::time::<W>).post(controls::set_time::<W>))
        .route("/", any(respond::front::<W>))
        .fallback(respond::respond::<W>)
        .layer(DefaultBodyLimit::disable())
        .with_state(shared);
    let (stop, stopped) = oneshot::channel::<()>();
    let service = app.into_make_service_with_connect_info::<Connection>();
    let tls = options.tls.as_ref().map(Tls::acceptor);
    let is_secure = tls.is_some();
    let server = axum::serve(CuttableListener { listener, tls }, service).with_graceful_shutdown(async {
        // An error says that the face was dropped, which stops it as well.
        let _ = stopped.await;
    });
    let server = tokio::spawn(async move { server.await });
    let deliveries = deliver::start(Arc::clone(&world), clock.clone());
    Ok(Face { address, world, clock, faults, is_secure, stop, server, deliveries })
}

struct Shared<W> {
    world: Arc<Mutex<W>>,
    faults: Arc<Mutex<Faults>>,
    log: Mutex<Log>,
    ways: Mutex<Ways>,
    befalls: Mutex<Befalls>,
    clock: Clock,
}

impl<W> Shared<W> {
    fn world(&self) -> MutexGuard<'_, W> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn befalls(&self) -> MutexGuard<'_, Befalls> {
        self.befalls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ways(&self) -> MutexGuard<'_, Ways> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
