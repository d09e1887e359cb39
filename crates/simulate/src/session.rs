//! A session: one seed's worlds, its process and its scheduler.
//!
//! The engine's future is polled here and nowhere else. Not responsible for judging (see `invariants`). Invariant:
//! nothing happens between two operations.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::noop_waker;
use jiff::Timestamp;
use obmen_domain::record::Side;
use obmen_engine::store::{Change, DirtyReason, Intent, IntentAction, Store};
use obmen_sim::http::Request;
use obmen_store::SqliteStore;

use crate::coverage::Coverage;
use crate::desk::{Desk, Stage, Wait};
use crate::op::{CrashPoint, Edit, Op, Target};
use crate::people::People;
use crate::setup::{PAIR, Setup, beginning};
use crate::streams::{Draw, Purpose};
use crate::systems::Systems;
use crate::trace::Trace;
use crate::truth::Truth;
use crate::wiring::{End, Wiring, process};

/// So many events may pass before an operation gives up waiting for what it is about.
const PATIENCE: usize = 4000;

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
    schedule: Draw,
    wiring: Wiring,
    process: Option<Pin<Box<dyn Future<Output = End> + Send>>>,
    intents: Vec<Intent>,
    runs: u32,
}

/// Something that may happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Arrive(u64),
    Answer(u64),
    Open(u64),
}

impl Session {
    /// The worlds of a seed with their start state, and no process.
    pub(crate) fn new(seed: u64, wiring: Wiring, keep_trace: bool) -> Self {
        let mut draw = Draw::new(seed, Purpose::Setup);
        let setup = Setup::draw(&mut draw);
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
            schedule: Draw::new(seed, Purpose::Schedule),
            wiring,
            process: None,
            intents: Vec::new(),
            runs: 0,
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
        }
    }

    /// Begins a run, unless one is under way.
    pub(crate) fn begin(&mut self) {
        if self.process.is_some() {
            return;
        }
        self.runs += 1;
        self.coverage.hit("run: begun");
        let run = format!("run-{}", self.runs);
        let store = Arc::clone(&self.store);
        self.process = Some(process(self.setup.clone(), self.wiring, self.desk.clone(), store, run));
        self.poll();
    }

    /// Lets the run under way come to its end, without faults. Returns whether it did.
    pub(crate) fn flow_to_end(&mut self) -> bool {
        (0..PATIENCE * 4).any(|_| !self.step())
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
        let events = self.possible();
        if events.is_empty() {
            let Some(next) = self.next_moment() else {
                panic!("the run waits for nothing that could happen");
            };
            self.advance_to(next);
        } else {
            let event = events[self.schedule.below(events.len())];
            self.happen(event);
        }
        self.poll();
        self.process.is_some()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive(id) => self.arrive(id),
            Event::Answer(id) => self.answer(id),
            Event::Open(id) => self.desk.table().end(id),
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
            _ => Some(Event::Open(*id)),
        });
        calls.chain(pauses).collect()
    }

    fn next_moment(&self) -> Option<Timestamp> {
        let table = self.desk.table();
        let calls = table.calls.values().filter_map(|call| match &call.stage {
            Stage::Handled(at, ..) => Some(*at),
            Stage::Replied(_) => None,
            Stage::Sent | Stage::Silent => Some(call.sent_at + call.timeout),
        });
        let pauses = table.pauses.values().filter_map(|pause| match pause.what {
            Wait::Until(at) => Some(at),
            Wait::BeforeCommit | Wait::AfterCommit => None,
        });
        calls.chain(pauses).min()
    }

    /// Polls the process until it waits again.
    fn poll(&mut self) {
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
    }

    fn take_commits(&mut self) {
        let commits = std::mem::take(&mut self.desk.table().committed);
        if !commits.is_empty() {
            self.truth.taken_down = self.truth.shown.len();
        }
        for changes in commits {
            let now = self.now();
            for change in &changes {
                self.trace.add(format!("{now} store {change:?}"));
            }
            self.learn(&changes);
        }
    }

    /// Takes links out of a commit, and counts how unknown outcomes were settled.
    fn learn(&mut self, changes: &[Change]) {
        let is_settling = |record| {
            changes.iter().any(|change| {
                matches!(change, Change::Dirty { id, reason: DirtyReason::Settled, .. } if id == record)
            })
        };
        for change in changes {
            match change {
                Change::Link { bitrix24, onec, .. } => {
                    self.truth.links.insert(bitrix24.clone(), onec.clone());
                    self.truth.links.insert(onec.clone(), bitrix24.clone());
                }
                Change::Intent(intent) => {
                    self.intents.retain(|known| known.record != intent.record);
                    self.intents.push(intent.clone());
                }
                Change::Settled { record } => {
                    let intent = self.intents.iter().position(|known| known.record == *record);
                    let Some(intent) = intent.map(|at| self.intents.remove(at)) else { continue };
                    if !is_settling(record) {
                        continue;
                    }
                    let found = changes.iter().any(|change| match change {
                        Change::Link { bitrix24, onec, .. } => bitrix24 == record || onec == record,
                        _ => false,
                    });
                    self.coverage.hit(match (&intent.action, found) {
                        (IntentAction::Create { .. }, true) => "settled: a create had taken effect",
                        (IntentAction::Create { .. }, false) => "settled: a create had no effect",
                        (IntentAction::Update { .. }, _) => "settled: an update",
                        (IntentAction::Mark { .. }, _) => "settled: a mark",
                    });
                }
                _ => {}
            }
        }
    }

    fn edit(&mut self, edit: Edit) {
        let (now, act) = {
            let mut table = self.desk.table();
            table.acts += 1;
            (table.now, table.acts)
        };
        let done = People { systems: &mut self.systems, truth: &mut self.truth, now, act }.perform(edit);
        match done {
            Some(words) => {
                self.coverage.hit(if self.process.is_some() {
                    "edit: during a run"
                } else {
                    "edit: at rest"
                });
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

    /// Lets events happen until such a request is on its way, after so many others of its sort.
    fn flow_to_call(&mut self, target: Target, skip: u8) -> Option<u64> {
        let mut met = Vec::new();
        for _ in 0..PATIENCE {
            let on_their_way: Vec<u64> = {
                let table = self.desk.table();
                let wanted = |is_write: bool| target == Target::Any || is_write;
                let calls = table.calls.iter();
                calls
                    .filter(|(_, call)| matches!(call.stage, Stage::Sent) && wanted(call.is_write))
                    .map(|(id, _)| *id)
                    .collect()
            };
            for id in on_their_way {
                if !met.contains(&id) {
                    met.push(id);
                }
                if met.len() > usize::from(skip) {
                    return Some(id);
                }
            }
            if !self.step() {
                return None;
            }
        }
        None
    }

    /// Lets events happen until the process is at such a point. Returns whether it came there.
    fn flow_to_crash(&mut self, point: CrashPoint, skip: u8) -> bool {
        let what = match point {
            CrashPoint::BeforeCommit => Wait::BeforeCommit,
            CrashPoint::AfterCommit => Wait::AfterCommit,
            CrashPoint::BeforeCall(target) => return self.flow_to_call(target, skip).is_some(),
            CrashPoint::AfterCall(target) => {
                let call = self.flow_to_call(target, skip);
                if let Some(id) = call {
                    self.arrive(id);
                }
                return call.is_some();
            }
        };
        let mut met = Vec::new();
        for _ in 0..PATIENCE {
            let waiting: Vec<u64> = {
                let table = self.desk.table();
                table.pauses.iter().filter(|(_, pause)| pause.what == what).map(|(id, _)| *id).collect()
            };
            met.extend(waiting.into_iter().filter(|id| !met.contains(id)).collect::<Vec<_>>());
            if met.len() > usize::from(skip) {
                return true;
            }
            if !self.step() {
                return false;
            }
        }
        false
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
        let pauses = table.pauses.values().filter_map(|pause| match pause.what {
            Wait::Until(at) => Some(at),
            Wait::BeforeCommit | Wait::AfterCommit => None,
        });
        calls.map(|call| call.sent_at + call.timeout).chain(pauses).min()
    }

    fn crash(&mut self, point: CrashPoint) {
        self.coverage.hit(point.name());
        self.process = None;
        self.take_commits();
        self.truth.shown.truncate(self.truth.taken_down);
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
