//! The exchange of one pair: rounds as records fall due, and beside them three ways to find what nobody said.
//!
//! Not responsible for what a round does. Invariants: one round at a time; polls and scans only keep signals, so they may go
//! on meanwhile; a failure ends no loop, it is told in one sentence and tried again.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::record::Side;
use obmen_engine::pace::{
    BETWEEN_LOOKS, BETWEEN_RINGS, Beat, LONGEST_WAIT, LOOK, between_rounds, next_round,
};
use obmen_engine::ports::{Clock, SideError};
use obmen_engine::progress::Progress;
use obmen_engine::report::Report;
use obmen_engine::sync::{Engine, EngineError};
use obmen_server::Bell;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::counted::Counted;
use super::pause::Pause;
use super::telling::Telling;
use crate::commands::findings;
use crate::config::Interface;
use crate::context::Context;
use crate::failure::Failure;
use crate::gate;
use crate::host::{Seat, Turns};
use crate::wiring::{Accept, Joined};
use crate::words::Words;

/// When what a side or an address did not take is told again.
const TOLD_LATER: Duration = Duration::from_secs(60);
/// How long a round may go on once the process was asked to end: longer than the portal works on one batch.
const GRACE: Duration = Duration::from_secs(60);

/// One pair that is served.
pub(super) struct Exchange {
    joined: Arc<Joined>,
    turns: Turns,
    bell: Arc<Bell>,
    accept: Accept,
    ends: CancellationToken,
    clock: Arc<dyn Clock>,
    words: Arc<Words>,
    run: String,
    watcher: Arc<dyn Progress>,
    counted: Counted,
    telling: Telling,
    /// Rung when there may be failures to tell.
    failed: Notify,
}

/// Which messages of a side are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// Those with the secret that is known.
    Known,
    /// The one that tells of the application's installation, and others with a secret.
    Installation,
    /// None.
    Nothing,
}

impl Exchange {
    pub(super) fn new(
        seat: &Seat,
        accept: Accept,
        ends: CancellationToken,
        watcher: Arc<dyn Progress>,
        context: &Context,
    ) -> Result<Self, Failure> {
        let words = Arc::clone(&context.words);
        let known = &seat.joined.known;
        let telling = Telling {
            pair: known.pair.clone(),
            store: Arc::clone(&known.store),
            words: Arc::clone(&words),
            cards: known.config().bitrix24.comment_failures.then(|| Arc::clone(&seat.joined.bitrix24)),
            address: known.notified()?,
        };
        Ok(Self {
            joined: Arc::clone(&seat.joined),
            turns: Arc::clone(&seat.turns),
            bell: Arc::clone(&seat.bell),
            accept,
            ends,
            clock: Arc::clone(&context.clock) as _,
            words,
            run: context.run_name(),
            watcher,
            counted: Counted::new(&known.pair),
            telling,
            failed: Notify::new(),
        })
    }

    /// The pair's name.
    pub(super) fn pair(&self) -> &str {
        &self.joined.known.pair
    }

    /// Both sides, and which of their messages are taken.
    pub(super) fn hooks(&self) -> [(Side, Taken); 2] {
        let config = self.joined.known.config();
        let known = |secret: bool| if secret { Taken::Known } else { Taken::Nothing };
        let of_portal = match config.bitrix24.oauth {
            Some(_) => Taken::Installation,
            None => known(config.bitrix24.application_token.is_some()),
        };
        [(Side::Bitrix24, of_portal), (Side::Onec, known(config.onec.hook_secret.is_some()))]
    }

    /// The key of the configuration that holds a side's secret.
    pub(super) fn secret_key(&self, side: Side) -> &'static str {
        match side {
            Side::Bitrix24 => "[pair.bitrix24] application_token",
            Side::Onec => "[pair.onec] hook_secret",
        }
    }

    /// Goes on until the process is asked to end.
    pub(super) async fn run(&self) {
        if self.joined.known.awaits_installation().await.unwrap_or(false) {
            self.await_installation().await;
            return;
        }
        let Some(engine) = self.open().await else { return };
        tracing::info!(pair = self.pair(), run = self.run, "serve.begin");
        let config = self.joined.known.config();
        let poll = Duration::from_secs(config.bitrix24.poll_seconds.into());
        tokio::join!(
            self.rounds(&engine),
            self.watch(Side::Bitrix24, Beat::poll(poll), || ask_portal(&engine)),
            self.watch_onec(&engine),
            self.walk(Side::Bitrix24, &engine),
            self.tell_failures(),
        );
        tracing::info!(pair = self.pair(), "serve.ended");
    }

    /// Opens both connections as soon as they can be opened; none where the process is asked to end before.
    async fn open(&self) -> Option<Engine> {
        let mut pause = Pause::default();
        loop {
            let opened = tokio::select! {
                opened = self.try_open() => opened,
                () = self.ends.cancelled() => return None,
            };
            match opened {
                Ok(engine) => return Some(engine),
                Err(failure) => self.wait_for_key(failure, &mut pause).await,
            }
        }
    }

    /// Waits for the key that comes with the installation of the application; what follows is a first sync.
    async fn await_installation(&self) {
        let mut pause = Pause::default();
        while !self.ends.is_cancelled() {
            match self.joined.bitrix24.connect().await {
                Ok(_) => {
                    tracing::warn!(
                        pair = self.pair(),
                        "serve.installed: {}",
                        self.words.say("serve-installed")
                    );
                    return;
                }
                Err(error) => self.wait_for_key(error.into(), &mut pause).await,
            }
        }
    }

    /// As [`Exchange::wait_after`], but not beyond the moment when the portal says something.
    async fn wait_for_key(&self, failure: Failure, pause: &mut Pause) {
        tokio::select! {
            () = self.wait_after(failure, pause) => {}
            () = self.bell.rung_for(Side::Bitrix24) => {}
        }
    }

    async fn try_open(&self) -> Result<Engine, Failure> {
        gate::pass(&self.joined, self.accept.partial_rights).await?;
        Ok(self.joined.engine(Arc::clone(&self.watcher), self.run.clone(), self.accept).await?)
    }

    async fn rounds(&self, engine: &Engine) {
        let mut pause = Pause::default();
        let mut look_at = self.clock.now();
        while !self.ends.is_cancelled() {
            let began = self.clock.now();
            let round = tokio::select! {
                round = self.round(engine, &mut look_at) => round,
                () = self.grace_is_over() => {
                    tracing::warn!(pair = self.pair(), "serve.end: a round was cut off; the next start settles it");
                    return;
                }
            };
            match round {
                Ok(true) => {
                    pause.over();
                    self.wait_until(self.clock.now() + self.between_rounds().await).await;
                }
                Ok(false) => {
                    pause.over();
                    self.wait_for_work(engine, began).await;
                }
                Err(failure) => self.wait_after(failure, &mut pause).await,
            }
        }
    }

    /// Looks at what is due, once; from `look_at` on at everything first, where that was not done for long. Returns whether
    /// there was anything.
    async fn round(&self, engine: &Engine, look_at: &mut Timestamp) -> Result<bool, Failure> {
        // A command beside us may be at work.
        let _turn = self.turns.lock().await;
        let now = self.clock.now();
        if now >= *look_at {
            let looked = engine.look_again(LOOK).await;
            // A side that shows too little is told of, and does not hold up what is known of it.
            if matches!(looked, Ok(_) | Err(EngineError::Fewer(_))) {
                *look_at = now + BETWEEN_LOOKS;
            }
            looked?;
        }
        let first_due = engine.store.next_due(Timestamp::MIN).await?;
        let Some(report) = engine.run_once().await? else { return Ok(false) };
        self.tell(&report, first_due);
        self.count_requests().await;
        Ok(true)
    }

    /// How long to wait after a round.
    async fn between_rounds(&self) -> Duration {
        let usage = self.joined.bitrix24.usage().await;
        between_rounds(usage.map(|usage| usage.requests_used / usage.requests))
    }

    /// Waits until a record or an open write falls due, or a signal comes. What has fallen due since the last round began is
    /// looked at without waiting for another signal.
    async fn wait_for_work(&self, engine: &Engine, began: Timestamp) {
        let now = self.clock.now();
        // A store that does not answer shows in the next round.
        let due = engine.next_due(began).await.ok().flatten();
        tokio::select! {
            () = listen(&self.bell, self.clock.as_ref(), next_round(due, now)) => {}
            () = self.ends.cancelled() => {}
        }
    }

    /// Asks a side every so often, and when it rang.
    async fn watch<F>(&self, side: Side, beat: Beat, ask: impl Fn() -> F)
    where
        F: Future<Output = Result<usize, EngineError>>,
    {
        let mut pause = Pause::default();
        loop {
            let began = self.clock.now();
            let asked = tokio::select! {
                asked = ask() => asked,
                () = self.ends.cancelled() => return,
            };
            let now = self.clock.now();
            self.count_requests().await;
            match asked {
                Ok(found) => {
                    pause.over();
                    if found > 0 {
                        tracing::debug!(pair = self.pair(), side = side.word(), found, "serve.watch");
                        self.bell.ring();
                    }
                }
                Err(error) => {
                    self.wait_after(error.into(), &mut pause).await;
                    continue;
                }
            }
            let rest = beat.after(began, now);
            self.wait_until(rest.deaf_until).await;
            tokio::select! {
                () = self.bell.rung_for(side) => {}
                () = self.wait_until(rest.until) => {}
            }
            if self.ends.is_cancelled() {
                return;
            }
        }
    }

    /// Asks 1C for what its extension or its exchange plan kept for us, and scans it besides, or scans it alone.
    async fn watch_onec(&self, engine: &Engine) {
        let config = &self.joined.known.config().onec;
        let period = Duration::from_secs(config.poll_seconds().into());
        if config.exchange_plan.is_none() && config.kind == Interface::Odata {
            return self.watch(Side::Onec, Beat::scan(period), || engine.scan(Side::Onec)).await;
        }
        tokio::join!(
            self.watch(Side::Onec, Beat::poll(period), || engine.collect(Side::Onec)),
            self.walk(Side::Onec, engine),
        );
    }

    /// Walks over the ids of a side every so often.
    async fn walk(&self, side: Side, engine: &Engine) {
        let mut pause = Pause::default();
        loop {
            let began = self.clock.now();
            let walked = tokio::select! {
                walked = engine.scan(side) => walked,
                () = self.ends.cancelled() => return,
            };
            let now = self.clock.now();
            match walked {
                Ok(found) => {
                    pause.over();
                    if found > 0 {
                        self.bell.ring();
                    }
                    self.wait_until(Beat::IDS.after(began, now).until).await;
                }
                Err(error) => self.wait_after(error.into(), &mut pause).await,
            }
            if self.ends.is_cancelled() {
                return;
            }
        }
    }

    /// Tells failures of records where people look.
    async fn tell_failures(&self) {
        let mut pause = Pause::default();
        while self.telling.is_wanted() && !self.ends.is_cancelled() {
            let until = match self.telling.tell().await {
                Ok(is_left) => {
                    let now = self.clock.now();
                    let later = if is_left { TOLD_LATER } else { LONGEST_WAIT };
                    pause.over();
                    now + later
                }
                Err(error) => {
                    self.wait_after(error.into(), &mut pause).await;
                    continue;
                }
            };
            tokio::select! {
                () = self.failed.notified() => {}
                () = self.wait_until(until) => {}
            }
        }
    }

    /// Says what went wrong, and waits.
    async fn wait_after(&self, failure: Failure, pause: &mut Pause) {
        let until = pause.after(&failure, self.clock.now());
        let seconds = until.duration_since(self.clock.now()).as_secs().max(0);
        self.counted.failure(failure.class());
        let (message, remedy) = self.told(failure);
        tracing::warn!(pair = self.pair(), seconds, remedy, "serve.failure: {message}");
        self.wait_until(until).await;
    }

    /// A failure in one line, and its remedy.
    fn told(&self, failure: Failure) -> (String, Option<String>) {
        if let Failure::Findings(found) = &failure {
            let lines = found.iter().map(|found| findings::text(found, &self.words).replace('\n', " "));
            return (lines.collect::<Vec<_>>().join(" "), None);
        }
        without_names(failure).sentence(&self.words)
    }

    /// Waits, but not beyond the moment when the process is asked to end.
    async fn wait_until(&self, until: Timestamp) {
        tokio::select! {
            () = self.clock.sleep_until(until) => {}
            () = self.ends.cancelled() => {}
        }
    }

    async fn grace_is_over(&self) {
        self.ends.cancelled().await;
        tokio::time::sleep(GRACE).await;
    }

    fn tell(&self, report: &Report, first_due: Option<Timestamp>) {
        if report.failed > 0 {
            self.failed.notify_one();
        }
        let now = self.clock.now();
        let lag = first_due.map_or(0.0, |due| now.duration_since(due).as_secs_f64().max(0.0));
        tracing::info!(
            pair = self.pair(),
            linked = report.linked,
            created_bitrix24 = report.created_bitrix24,
            created_onec = report.created_onec,
            updated_bitrix24 = report.updated_bitrix24,
            updated_onec = report.updated_onec,
            failed = report.failed,
            seconds = report.seconds,
            lag,
            "serve.round"
        );
        self.counted.round(report);
    }

    async fn count_requests(&self) {
        self.counted.requests(self.joined.requests());
        if let Some(usage) = self.joined.bitrix24.usage().await {
            self.counted.limits(&usage);
        }
    }
}

/// Waits until a moment, or for the bell; what it tells of is to settle, so one that rings all the time is heard every so often.
async fn listen(bell: &Bell, clock: &dyn Clock, until: Timestamp) {
    let now = clock.now();
    tokio::select! {
        () = bell.rung() => clock.sleep_until(now + BETWEEN_RINGS).await,
        () = clock.sleep_until(until) => {}
    }
}

/// What the portal keeps for us, and what else changed there.
async fn ask_portal(engine: &Engine) -> Result<usize, EngineError> {
    let collected = engine.collect(Side::Bitrix24).await;
    // What no queue tells is asked for, whatever becomes of the queue.
    let polled = engine.poll(Side::Bitrix24).await;
    Ok(collected? + polled?)
}

/// A side that cannot get hold of a record says which one, and that has no place in a log.
fn without_names(failure: Failure) -> Failure {
    match failure {
        Failure::Side(SideError::Busy { side, .. }) => {
            Failure::Side(SideError::Busy { side, words: "…".to_owned() })
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::FutureExt as _;
    use obmen_engine::ports::BoxFuture;

    use super::*;

    /// Nobody moves it on; it knows until when somebody waits.
    #[derive(Default)]
    struct Standing(Mutex<Vec<Timestamp>>);

    impl Clock for Standing {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
            Box::pin(async move {
                self.0.lock().unwrap().push(deadline);
                std::future::pending().await
            })
        }
    }

    #[test]
    fn a_bell_that_rings_all_the_time_is_heard_every_so_often() {
        let (bell, clock) = (Bell::default(), Standing::default());
        let due = clock.now() + LONGEST_WAIT;
        bell.ring();
        assert!(listen(&bell, &clock, due).now_or_never().is_none(), "what it tells of is to settle");
        assert_eq!(clock.0.lock().unwrap().last(), Some(&(clock.now() + BETWEEN_RINGS)));
        assert!(listen(&bell, &clock, due).now_or_never().is_none(), "rung once, heard once");
        assert_eq!(clock.0.lock().unwrap().last(), Some(&due));
    }

    #[test]
    fn whose_record_a_side_cannot_get_hold_of_is_not_told() {
        let side = Side::Onec;
        let busy = Failure::Side(SideError::Busy {
            side,
            words: "Контрагент Кольцова заблокирован".to_owned(),
        });
        let words = Words::new(crate::words::Lang::Ru);
        let (sentence, _) = without_names(busy).sentence(&words);
        assert!(!sentence.contains("Кольцова"), "{sentence}");
        let away = Failure::Side(SideError::Unavailable { side, words: "no route to host".to_owned() });
        let (sentence, _) = without_names(away).sentence(&words);
        assert!(sentence.contains("no route to host"), "other words are told: {sentence}");
    }
}
