//! The HTTP face: sockets, real time and faults around a simulated world.
//!
//! The only place of this crate that reads a clock. Requests reach the world one by one at the moment they
//! arrive; their answers wait as long as the server would have worked, so that waiting overlaps. Under
//! `/_sim/` the same port carries the controls of whoever plays with the world; they meet neither limits nor
//! faults. Not responsible for anything a world means.

mod controls;
mod deliver;
mod wire;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::routing::{get, post};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::faults::{Faults, Verdict, error_page};
use crate::http::{Request, Response};
use crate::world::World;
use wire::{Cut, CuttableListener};

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
    pub latency: Duration,
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
            latency: Duration::ZERO,
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
    stop: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
    deliveries: deliver::Deliveries,
}

impl<W> Face<W> {
    /// `http://` and the address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
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
    let clock = Clock { start: options.start, begun: Instant::now(), scale: options.time_scale };
    let shared = Arc::new(Shared {
        world: Arc::clone(&world),
        faults: Mutex::new(Faults::default()),
        clock,
        latency: options.latency,
    });
    let app = Router::new()
        .route("/_sim/dump", get(controls::dump::<W>))
        .route("/_sim/load", post(controls::load::<W>))
        .route("/_sim/counters", get(controls::counters::<W>))
        .route("/_sim/counters/reset", post(controls::reset_counters::<W>))
        .route("/_sim/act", post(controls::act::<W>))
        .route("/_sim/faults", get(controls::faults::<W>).post(controls::set_faults::<W>))
        .route("/_sim/time", get(controls::time::<W>))
        .fallback(respond::<W>)
        .layer(DefaultBodyLimit::disable())
        .with_state(shared);
    let (stop, stopped) = oneshot::channel::<()>();
    let service = app.into_make_service_with_connect_info::<Cut>();
    let server = axum::serve(CuttableListener(listener), service).with_graceful_shutdown(async {
        // An error says that the face was dropped, which stops it as well.
        let _ = stopped.await;
    });
    let server = tokio::spawn(async move { server.await });
    let deliveries = deliver::start(Arc::clone(&world), clock);
    Ok(Face { address, world, clock, stop, server, deliveries })
}

/// Simulated time as a function of real time.
#[derive(Debug, Clone, Copy)]
struct Clock {
    start: Timestamp,
    begun: Instant,
    scale: f64,
}

impl Clock {
    fn now(&self) -> Timestamp {
        let passed = Duration::try_from_secs_f64(self.begun.elapsed().as_secs_f64() * self.scale);
        self.start.checked_add(passed.unwrap_or(Duration::MAX)).unwrap_or(Timestamp::MAX)
    }

    /// The real time that a simulated duration takes.
    fn real(&self, simulated: Duration) -> Duration {
        Duration::try_from_secs_f64(simulated.as_secs_f64() / self.scale).unwrap_or(Duration::ZERO)
    }
}

struct Shared<W> {
    world: Arc<Mutex<W>>,
    faults: Mutex<Faults>,
    clock: Clock,
    latency: Duration,
}

impl<W: World + 'static> Shared<W> {
    fn world(&self) -> MutexGuard<'_, W> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self, response: &Response) {
        let wait = self.clock.real(response.took) + self.latency;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Lets a request take effect later, when nobody waits for its answer any more.
    fn postpone(self: &Arc<Self>, request: Request, by: Duration) {
        let until = self.clock.now().checked_add(by).unwrap_or(Timestamp::MAX);
        self.faults().hold(until, request);
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(shared.clock.real(by)).await;
            let due = shared.faults().take_due(until);
            for (at, request) in due {
                shared.world().handle(at, &request);
            }
        });
    }
}

async fn respond<W: World + 'static>(
    State(shared): State<Arc<Shared<W>>>,
    ConnectInfo(connection): ConnectInfo<Cut>,
    request: axum::extract::Request,
) -> axum::response::Response {
    let Some(request) = wire::read(request).await else {
        return connection.cut();
    };
    let verdict = shared.faults().decide(&request);
    let response = match verdict {
        Verdict::Refuse | Verdict::ResetBefore => return connection.cut(),
        Verdict::Late(by) => {
            shared.postpone(request, by);
            return connection.cut();
        }
        Verdict::Error500 => error_page(),
        Verdict::Pass | Verdict::ResetAfter => {
            let now = shared.clock.now();
            shared.world().handle(now, &request)
        }
    };
    shared.wait(&response).await;
    if verdict == Verdict::ResetAfter || response.is_cut() {
        return connection.cut();
    }
    wire::write(response)
}
