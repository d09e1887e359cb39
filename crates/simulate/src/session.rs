//! A session: one seed's worlds, its process and its scheduler.
//!
//! The engine's future is polled here and nowhere else, and so are those that take messages. Not responsible for judging
//! (see `invariants`). Invariant: nothing happens between two operations.

mod commits;
mod reach;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::noop_waker;
use jiff::Timestamp;
use obmen_domain::record::{RecordId, Side};
use obmen_engine::ports::BoxFuture;
use obmen_engine::store::{Intent, Store};
use obmen_sim::http::Request;
use obmen_store::SqliteStore;

use crate::coverage::Coverage;
use crate::desk::{Desk, Stage, Table, Wait};
use crate::invariants::{Violation, answered};
use crate::letters::{Letter, Listening, Taking};
use crate::log::Log;
use crate::op::{CrashPoint, Edit, Op};
use crate::people::People;
use crate::run::Options;
use crate::setup::{PAIR, Setup, beginning};
use crate::streams::{Draw, Purpose};
use crate::systems::Systems;
use crate::trace::Trace;
use crate::truth::Truth;
use crate::wiring::{End, Process, Wiring};

/// So many events may pass before an operation gives up waiting for what it is about.
const PATIENCE: usize = 4000;
/// The same while the process serves: it never ends.
const SERVING_PATIENCE: usize = 250;

/// One seed in progress.
pub(crate) struct Session {
    pub(crate) setup: Setup,
    pub(crate) systems: Systems,
    pub(crate) truth: Truth,
    pub(crate) desk: Desk,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) coverage: Coverage,
    pub(crate) trace: Trace,
    pub(crate) latency: Draw,
    pub(crate) orphans: Draw,
    /// Whether other applications used up the portal's tokens.
    pub(crate) had_other_apps: bool,
    /// How the last run ended.
    pub(crate) last_end: Option<End>,
    /// Whether the first sync is over and whatever begins is a process that serves.
    pub(crate) is_live: bool,
    /// What the product logs.
    pub(crate) log: Log,
    /// What was seen to be wrong while it happened.
    pub(crate) wrongs: Vec<Violation>,
    /// Messages under way, by the order of sending.
    pub(crate) letters: BTreeMap<u64, Letter>,
    /// Messages that are being taken.
    pub(crate) takings: Vec<Taking>,
    pub(crate) listening: Listening,
    pub(crate) messages: Draw,
    /// Records of signals, in the order of their commits.
    pub(crate) signalled: Vec<RecordId>,
    /// The store as the process sees it.
    pub(crate) process_store: Option<Arc<dyn Store>>,
    pub(crate) wiring: Wiring,
    pub(crate) runs: u32,
    schedule: Draw,
    process: Option<Pin<Box<dyn Future<Output = End> + Send>>>,
    intents: Vec<Intent>,
}

/// Something that may happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Arrive(u64),
    Answer(u64),
    Open(u64),
    Receive(u64),
}

impl Session {
    /// The worlds of a seed with their start state, and no process.
    pub(crate) fn new(seed: u64, options: Options) -> Self {
        let Options { product, wiring, keep_trace } = options;
        let mut draw = Draw::new(seed, Purpose::Setup);
        let mut messages = Draw::new(seed, Purpose::Messages);
        let setup = Setup::draw(product, &mut draw, &mut messages, &mut Draw::new(seed, Purpose::Rules));
        let mut systems = setup.systems();
        let mut truth = Truth::default();
        let now = beginning() - Duration::from_secs(24 * 60 * 60);
        People { systems: &mut systems, truth: &mut truth, now, act: 0 }
            .settle_in(setup.parties, |end| draw.below(end));
        let store = SqliteStore::in_memory().expect("memory takes an empty store");
        Self {
            systems,
            truth,
            desk: Desk::new(beginning()),
            store: Arc::new(store.pair(PAIR)),
            coverage: Coverage::default(),
            trace: Trace::new(keep_trace),
            latency: Draw::new(seed, Purpose::Latency),
            orphans: Draw::new(seed, Purpose::Orphans),
            had_other_apps: false,
            last_end: None,
            is_live: false,
            log: Log::default(),
            wrongs: Vec::new(),
            letters: BTreeMap::new(),
            takings: Vec::new(),
            listening: Listening::default(),
            messages,
            signalled: Vec::new(),
            process_store: None,
            wiring,
            runs: 0,
            schedule: Draw::new(seed, Purpose::Schedule),
            process: None,
            intents: Vec::new(),
            setup,
        }
    }

    /// Does one operation.
    pub(crate) fn perform(&mut self, op: Op) {
        self.trace.add(format!("{} == {op:?}", self.now()));
        match op {
            Op::Edit(edit) => self.edit(edit),
            Op::Run => self.begin(),
            Op::Deliver(pick) => self.deliver(pick),
            Op::Answer(pick) => self.bring_back(pick),
            Op::Flow(events) => {
                for _ in 0..events {
                    if !self.step() {
                        break;
                    }
                }
            }
            Op::Fault(target, skip, fault) => {
                self.begin();
                if let Some(id) = self.flow_to_call(target, skip) {
                    self.strike(id, fault);
                    self.poll();
                }
            }
            Op::OtherApps(tokens) => self.use_portal(tokens),
            Op::Advance(seconds) => {
                let to = self.now() + Duration::from_secs(seconds.into());
                self.let_pass(to);
            }
            Op::Crash(point, skip) => {
                self.begin();
                if self.flow_to_crash(point, skip) {
                    self.crash(point);
                }
            }
            Op::Serve => self.begin_serving(),
            Op::Live(seconds) => {
                self.begin();
                self.live_until(self.now() + Duration::from_secs(seconds.into()));
            }
            Op::Down(seconds) => {
                self.end_process();
                self.coverage.hit("live: down for a while");
                let to = self.now() + Duration::from_secs(seconds.into());
                self.let_pass(to);
            }
            Op::Decide(pick) => self.decide(pick),
        }
    }

    /// Begins a run, unless one is under way.
    pub(crate) fn begin(&mut self) {
        self.begin_as(if self.is_live { Process::serve } else { Process::sync });
    }

    fn begin_as(&mut self, work: fn(Process) -> BoxFuture<'static, End>) {
        if self.process.is_some() {
            return;
        }
        self.runs += 1;
        self.coverage.hit("run: begun");
        let run = format!("run-{}", self.runs);
        let store = Arc::clone(&self.store);
        let process = Process::new(self.setup.clone(), self.wiring, self.desk.clone(), store, run);
        self.process_store = Some(Arc::clone(&process.store));
        self.process = Some(work(process));
        self.poll();
    }

    /// One run from its beginning to its end, without faults.
    pub(crate) fn sync(&mut self) -> End {
        self.run_to_end(Process::sync)
    }

    /// A person takes for the truth that far fewer records are there, as the product asks for: one sync, while nobody serves.
    pub(crate) fn accept_fewer(&mut self) -> End {
        self.coverage.hit("decided: far fewer records are the truth");
        self.end_process();
        self.run_to_end(Process::sync_fewer)
    }

    /// 13: a preview says what a run does then, while nobody touches either side and nothing falls due.
    pub(crate) fn preview_and_sync(&mut self) -> End {
        let due = answered(self.store.next_due(self.now()));
        let is_open = !answered(self.store.intents()).is_empty();
        let previewed = self.run_to_end(Process::preview);
        let done = self.sync();
        let is_frozen = !is_open && due.is_none_or(|due| due > self.now());
        if let (true, Ok(previewed), Ok(done)) = (is_frozen, &previewed, &done) {
            self.coverage.hit("run: as previewed");
            if previewed.plan_digest != done.plan_digest {
                let words = format!("{} was previewed, {} was done", previewed.plan_digest, done.plan_digest);
                self.wrongs.push(Violation { invariant: 13, words });
            }
        }
        done
    }

    fn run_to_end(&mut self, work: fn(Process) -> BoxFuture<'static, End>) -> End {
        self.begin_as(work);
        if !self.flow_to_end() {
            return Err("does not end".to_owned());
        }
        self.last_end.clone().unwrap_or_else(|| Err("never ended".to_owned()))
    }

    /// Lets the run under way come to its end, without faults. Returns whether it did.
    pub(crate) fn flow_to_end(&mut self) -> bool {
        (0..PATIENCE * 4).any(|_| !self.step())
    }

    /// What only both systems and the product know.
    pub(crate) fn secrets(&self) -> [&str; 3] {
        [self.setup.portal.secret.as_str(), self.setup.infobase.password.as_str(), crate::letters::SECRET]
    }

    /// The simulated time.
    pub(crate) fn now(&self) -> Timestamp {
        self.desk.table().now
    }

    /// One event: something that may happen now, else the next thing time brings. Returns whether a run is under way.
    fn step(&mut self) -> bool {
        if self.process.is_none() {
            return false;
        }
        self.step_until(Timestamp::MAX);
        self.process.is_some()
    }

    /// The live exchange goes on until then, as events come.
    pub(crate) fn live_until(&mut self, to: Timestamp) {
        while self.now() < to {
            self.step_until(to);
        }
    }

    /// One event, or time passes, but not beyond a moment.
    fn step_until(&mut self, to: Timestamp) {
        let events = self.possible();
        if events.is_empty() {
            let next = self.next_moment().map_or(to, |next| next.min(to));
            assert!(next < Timestamp::MAX, "the run waits for nothing that could happen");
            self.advance_to(next);
        } else {
            let event = events[self.schedule.below(events.len())];
            self.happen(event);
        }
        self.poll();
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive(id) => self.arrive(id),
            Event::Answer(id) => self.answer(id),
            Event::Open(id) => self.desk.table().end(id),
            Event::Receive(id) => self.receive(id),
        }
    }

    fn possible(&self) -> Vec<Event> {
        let table = self.desk.table();
        let calls = table.calls.iter().filter_map(|(id, call)| match &call.stage {
            Stage::Sent => Some(Event::Arrive(*id)),
            Stage::Handled(at, ..) if *at <= table.now => Some(Event::Answer(*id)),
            _ => None,
        });
        let pauses = table.pauses.iter().filter_map(|(id, pause)| match pause.what {
            Wait::Until(at) if at > table.now => None,
            Wait::Rung(bell) if !table.rung.contains(&bell) => None,
            _ => Some(Event::Open(*id)),
        });
        let letters = self.letters.iter().filter(|(_, letter)| letter.due <= table.now);
        calls.chain(pauses).chain(letters.map(|(id, _)| Event::Receive(*id))).collect()
    }

    fn next_moment(&self) -> Option<Timestamp> {
        let table = self.desk.table();
        let calls = table.calls.values().filter_map(|call| match &call.stage {
            Stage::Handled(at, ..) => Some(*at),
            Stage::Replied(_) => None,
            Stage::Sent | Stage::Silent => Some(call.sent_at + call.timeout),
        });
        let letters = self.letters.values().map(|letter| letter.due);
        calls.chain(timers(&table)).chain(letters).min()
    }

    /// Polls the process, and whatever takes messages, until all of it waits again.
    pub(crate) fn poll(&mut self) {
        let Some(process) = &mut self.process else { return };
        let waker = noop_waker();
        if let Poll::Ready(end) = process.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.process = None;
            match &end {
                Ok(_) => self.coverage.hit("run: ended well"),
                Err(words) => {
                    self.coverage.hit("run: stopped early");
                    self.trace.add(format!("{} run stopped: {words}", self.now()));
                }
            }
            self.last_end = Some(end);
            self.scatter_orphans();
        }
        self.take_commits();
        self.poll_takings();
        self.take_met();
    }

    fn edit(&mut self, edit: Edit) {
        let (now, act) = {
            let mut table = self.desk.table();
            table.acts += 1;
            (table.now, table.acts)
        };
        let before = self.versions_in_onec();
        let done = People { systems: &mut self.systems, truth: &mut self.truth, now, act }.perform(edit);
        self.send_out(&before);
        match done {
            Some(words) => {
                self.coverage.hit(if self.process.is_some() {
                    "edit: during a run"
                } else {
                    "edit: at rest"
                });
                if let Some(name) = edit.name() {
                    self.coverage.hit(name);
                }
                self.trace.add(format!("{now}    {words}"));
            }
            None => self.coverage.hit("edit: nothing to edit"),
        }
    }

    fn deliver(&mut self, pick: u32) {
        let arrivals = |event: &Event| matches!(event, Event::Arrive(_));
        self.happen_picked(pick, arrivals);
    }

    fn bring_back(&mut self, pick: u32) {
        let answers = |event: &Event| matches!(event, Event::Answer(_));
        self.happen_picked(pick, answers);
    }

    fn happen_picked(&mut self, pick: u32, wanted: impl Fn(&Event) -> bool) {
        let mut events = self.possible();
        events.retain(wanted);
        if let Some(position) = usize::try_from(pick).unwrap_or(0).checked_rem(events.len()) {
            self.happen(events[position]);
            self.poll();
        }
    }

    /// Time passes while the network stands still. The process does not: its commits are made, its timers ring and its
    /// patience ends at their own times, since a machine that stops for minutes is none of the faults meant here.
    fn let_pass(&mut self, to: Timestamp) {
        loop {
            let open = self.possible().into_iter().find(|event| matches!(event, Event::Open(_)));
            if let Some(event) = open {
                self.happen(event);
            } else {
                let Some(next) = self.next_of_process().filter(|next| *next <= to) else { break };
                self.advance_to(next);
            }
            self.poll();
        }
        self.advance_to(to);
        self.poll();
    }

    /// When the process goes on by itself: a timer rings, or it gives a request up.
    fn next_of_process(&self) -> Option<Timestamp> {
        let table = self.desk.table();
        let calls = table.calls.values().filter(|call| !matches!(call.stage, Stage::Replied(_)));
        calls.map(|call| call.sent_at + call.timeout).chain(timers(&table)).min()
    }

    fn crash(&mut self, point: CrashPoint) {
        self.coverage.hit(point.name());
        self.count_crash();
        self.end_process();
    }

    /// The process is gone, and everything that it had in memory.
    pub(crate) fn end_process(&mut self) {
        self.truth.cut_off += u64::from(self.process.is_some());
        self.process = None;
        self.process_store = None;
        self.take_commits();
        self.lose_takings();
        {
            let mut table = self.desk.table();
            table.rung.clear();
            table.walk = None;
        }
        self.truth.shown.forget();
        self.scatter_orphans();
    }

    fn use_portal(&mut self, tokens: u8) {
        self.had_other_apps = true;
        self.coverage.hit("fault: tokens used by other applications");
        let request = Request {
            method: "GET".to_owned(),
            target: format!("{}server.time", self.setup.portal.path()),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let now = self.now();
        for _ in 0..tokens {
            self.systems.handle(now, Side::Bitrix24, &request);
        }
    }
}

/// When timers ring.
fn timers(table: &Table) -> impl Iterator<Item = Timestamp> {
    table.pauses.values().filter_map(|pause| match pause.what {
        Wait::Until(at) => Some(at),
        Wait::BeforeCommit | Wait::AfterCommit | Wait::Rung(_) => None,
    })
}
