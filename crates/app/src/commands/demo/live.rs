//! The live exchange of the demo: people at work on both sides, their messages on the way, and `obmen serve` between them.
//!
//! Everything but the people is the real thing. At the end they stop, faults stop with them, and what is under way comes to
//! rest; then both sides are read in full and compared. Not responsible for the first sync.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::record::Side;
use obmen_engine::ports::{Clock as _, HttpRequest, Transport as _};
use obmen_engine::progress::{Progress, Unwatched};
use obmen_engine::sync::Engine;
use serde_json::json;
use tokio::net::TcpListener;

use super::board::{Board, Figures};
use super::users::{Act, Users};
use super::worlds::{PASSWORD, POLL_SECONDS, Worlds};
use crate::cli::LiveArgs;
use crate::commands::serve::{Service, asked_to_end};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::print_line;
use crate::transport::HttpTransport;
use crate::wiring::{Accept, Joined};

/// People do something every so many milliseconds, drawn between these.
const PACE: [usize; 2] = [300, 1500];
/// A look at whether everything is at rest.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// What comes to rest does so within this time: longer than the portal is given to settle a write without an answer.
const LONGEST_QUIET: Duration = Duration::from_secs(10 * 60);
/// A save event has so much time to arrive.
const POST_PATIENCE: Duration = Duration::from_secs(10);

/// What came of it.
pub(super) struct Lived {
    pub(super) figures: Figures,
    /// Calls that changed something in Bitrix24 and in 1C, by their own counters.
    pub(super) calls: [u64; 2],
    /// Writes that became necessary only by the full reading at the end.
    pub(super) found_late: u64,
    pub(super) engine: Engine,
}

/// Lets people work until they are to stop, and waits for quiet.
pub(super) async fn run(
    worlds: &Worlds,
    joined: Arc<Joined>,
    listener: TcpListener,
    seed: u64,
    args: &LiveArgs,
    context: &Context,
) -> Result<Lived, Failure> {
    let hook = listener.local_addr().map(|address| format!("http://{address}/hooks/onec/demo"));
    let hook = hook.map_err(|error| super::failed(&error))?;
    let clock = Arc::clone(&context.clock);
    let tell: fn(&str) = if context.global.json { |_| {} } else { print_line };
    let board = Arc::new(Board::new(clock, Arc::clone(&context.words), tell));
    let watching = |_: &str| Arc::clone(&board) as Arc<dyn Progress>;
    let before = worlds.writes();
    let mut service =
        Service::start(listener, vec![Arc::clone(&joined)], Accept::default(), watching, context)?;

    let deliveries = json!({"loss": args.lose_webhooks, "doubling": args.double_webhooks, "seed": seed});
    worlds.deliver(&deliveries).map_err(|error| super::failed(&error))?;
    worlds.set_faults(args.fail_requests, args.lose_answers);
    let mut users = Users::new(seed);
    let poster = Poster::new(hook, args)?;
    tokio::select! {
        ended = service.ended() => ended?,
        () = asked_to_end() => {}
        () = is_over(args) => {}
        () = work(&mut users, worlds, &board, &poster) => {}
    }
    worlds.set_faults(0.0, 0.0);
    context.print(&context.say("demo-quiet"));
    tokio::select! {
        ended = service.ended() => ended?,
        () = asked_to_end() => {}
        rested = at_rest(&joined, context) => rested?,
    }
    service.end(asked_to_end()).await?;

    let engine = joined.engine(Arc::new(Unwatched), context.run_name(), Accept::default()).await?;
    // Who is gone in Bitrix24 without a message is found by a walk that comes every ten minutes.
    engine.scan(Side::Bitrix24).await?;
    rounds(&engine).await?;
    let calls = worlds.writes();
    engine.look().await?;
    let found_late = rounds(&engine).await?;
    let calls = [calls[0] - before[0], calls[1] - before[1]];
    Ok(Lived { figures: board.figures(), calls, found_late, engine })
}

/// People work for ever.
async fn work(users: &mut Users, worlds: &Worlds, board: &Board, poster: &Poster) {
    loop {
        let pause = PACE[0] + users.below(PACE[1] - PACE[0]);
        tokio::time::sleep(Duration::from_millis(pause as u64)).await;
        let Some(act) = users.act(worlds) else { continue };
        board.act(&act);
        if act.side == Side::Onec {
            poster.post(&act, users);
        }
    }
}

/// Completes when the people are to stop by themselves.
async fn is_over(args: &LiveArgs) {
    match args.seconds.or(args.minutes.map(|minutes| minutes * 60)) {
        Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
        None => std::future::pending().await,
    }
}

/// Waits until both sides were asked once more and nothing is left to do.
async fn at_rest(joined: &Joined, context: &Context) -> Result<(), Failure> {
    let store = joined.known.store.as_ref();
    let begin = context.clock.now();
    // Nothing that people did comes to light later, but for a card that was deleted without a message.
    let asked = begin + Duration::from_secs(2 * u64::from(POLL_SECONDS) + 1);
    let mut quiet = 0;
    while quiet < 3 && context.clock.now() < begin + LONGEST_QUIET {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let figures = store.figures().await?;
        let waiting = figures.dirty.iter().filter(|(reason, _)| reason.as_str() != "waits-for-company");
        let left = waiting.map(|(_, rows)| rows).sum::<u64>() + figures.intents;
        quiet = if left == 0 && context.clock.now() > asked { quiet + 1 } else { 0 };
    }
    Ok(())
}

/// Rounds until nothing is due. Returns how many records they created and changed.
async fn rounds(engine: &Engine) -> Result<u64, Failure> {
    let mut writes = 0;
    while engine.store.next_due(Timestamp::MIN).await?.is_some_and(|due| due <= engine.clock.now()) {
        let Some(report) = engine.run_once().await? else { break };
        writes +=
            report.created_bitrix24 + report.created_onec + report.updated_bitrix24 + report.updated_onec;
    }
    Ok(writes)
}

/// What tells obmen that somebody saved something in 1C.
struct Poster {
    transport: Arc<HttpTransport>,
    hook: String,
    loss: f64,
    doubling: f64,
}

impl Poster {
    fn new(hook: String, args: &LiveArgs) -> Result<Self, Failure> {
        let transport = HttpTransport::new(&hook).map_err(|error| super::failed(&error))?;
        let (loss, doubling) = (args.lose_webhooks, args.double_webhooks);
        Ok(Self { transport: Arc::new(transport), hook, loss, doubling })
    }

    /// Posts once, like an infobase that does not care for the answer; or not at all, or twice.
    fn post(&self, act: &Act, users: &mut Users) {
        let times = if users.chance(self.loss) { 0 } else { 1 + usize::from(users.chance(self.doubling)) };
        let body = json!({"type": act.set, "ref": act.id, "secret": PASSWORD}).to_string();
        for _ in 0..times {
            let request = HttpRequest {
                method: "POST",
                url: self.hook.clone(),
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: body.clone().into_bytes(),
                timeout: POST_PATIENCE,
            };
            let transport = Arc::clone(&self.transport);
            tokio::spawn(async move { transport.send(request).await.map(|_| ()) });
        }
    }
}
