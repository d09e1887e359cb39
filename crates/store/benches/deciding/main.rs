//! What deciding about a large base takes: a store with so many contacts and counterparties that nobody has compared yet,
//! and a preview over it. Prints seconds by stage and the most memory that was resident.
//!
//! A plain program, because memory belongs to a process: the store is filled by one and planned on by another. Both sides
//! are silent (`sides`), so that nothing but the store, matching and the plan is measured. Arguments: how many records each side
//! holds (250,000 if none), then a file that keeps the filled store for a further run.
//! `cargo bench -p obmen-store --bench deciding -- 1000000 /tmp/million.db`
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "a measurement has a clock")]

mod people;
mod sides;

use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_executor::block_on;
use jiff::Timestamp;
use mimalloc::MiMalloc;
use obmen_domain::key::keys_of_record;
use obmen_domain::matching::obvious::Place;
use obmen_domain::record::{Kind, Record, RecordId, Side};
use obmen_domain::rules::Rules;
use obmen_engine::ports::{BoxFuture, Clock, Crew};
use obmen_engine::progress::{Progress, Stage};
use obmen_engine::share::ROUND;
use obmen_engine::store::{Change, Store};
use obmen_engine::sync::{Engine, MANY, PORTION};
use obmen_engine::weighing::{Case, Weighing};
use obmen_store::{SqliteStore, Threading};

use self::sides::Silent;

/// That of the binary.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Rows that are looked at together.
const ROWS: usize = 2000;
/// Records that a sweep commits at once.
const SWEPT: usize = 2500;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["plan", file] => {
            plan(Path::new(file));
            ExitCode::SUCCESS
        }
        ref rest => {
            let a_side = rest.first().map_or(250_000, |number| number.parse().expect("a number of records"));
            let kept = rest.get(1).map(Path::new);
            let folder = tempfile::tempdir().expect("a folder for the store");
            let file = kept.map_or_else(|| folder.path().join("large.db"), Path::to_owned);
            if !file.exists() {
                fill(&file, a_side);
            }
            plan_apart(&file)
        }
    }
}

/// Plans in a process of its own, whose memory is that of planning alone.
fn plan_apart(file: &Path) -> ExitCode {
    let this = std::env::current_exe().expect("this program has a file");
    let status = Command::new(this).arg("plan").arg(file).status().expect("this program starts again");
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fill(file: &Path, a_side: u64) {
    println!("{a_side} contacts in Bitrix24, {a_side} counterparties in 1C");
    let store = SqliteStore::open(file, Threading::WriterThread).expect("the store opens").pair("main");
    let (mut normalising, mut storing) = (Duration::ZERO, Duration::ZERO);
    for side in [Side::Bitrix24, Side::Onec] {
        for first in (0..a_side).step_by(SWEPT) {
            let last = a_side.min(first + SWEPT as u64);
            let begun = Instant::now();
            let records: Vec<Record> =
                (first..last).map(|place| people::record(side, place, a_side)).collect();
            let keys: usize = records.iter().map(|record| keys_of_record(record).len()).sum();
            assert!(keys > 0, "people have keys");
            normalising += begun.elapsed();
            let begun = Instant::now();
            let changes = records.into_iter().map(|record| Change::Seen(Box::new(record))).collect();
            block_on(store.apply(changes)).expect("records are kept");
            storing += begun.elapsed();
        }
    }
    tell("normalising phones, mailboxes and names", normalising);
    tell("keeping what was seen", storing);
}

fn plan(file: &Path) {
    let store = SqliteStore::open(file, Threading::WriterThread).expect("the store opens").pair("main");
    let store: Arc<dyn Store> = Arc::new(store);
    let watch = Arc::new(StopWatch::default());
    let engine = Engine {
        rules: Rules::default(),
        store: Arc::clone(&store),
        bitrix24: Arc::new(Silent(Side::Bitrix24, Arc::clone(&store))),
        onec: Arc::new(Silent(Side::Onec, Arc::clone(&store))),
        clock: Arc::new(Machine),
        crew: Arc::new(Threads),
        progress: Arc::clone(&watch) as _,
        run: "bench".to_owned(),
        accept_fewer: true,
        many: MANY,
        portion: PORTION,
        round: ROUND,
    };
    let begun = Instant::now();
    block_on(engine.look()).expect("both sides are read");
    tell("every record becomes due", begun.elapsed());
    block_on(decide(&store));
    let before = peak_mebibytes();
    let begun = Instant::now();
    let plan = block_on(engine.preview()).expect("a plan is made");
    tell("the whole preview", begun.elapsed());
    watch.tell();
    println!("{:?}", plan.counts());
    println!("digest {}", plan.digest());
    println!("{:<50}{before:>10.1} MiB", "resident at most before the preview");
    println!("{:<50}{:>10.1} MiB", "resident at most", peak_mebibytes());
}

/// From stored keys to decisions: the walk over all keys, and the comparing and weighing of those that keys alone do not
/// decide.
async fn decide(store: &Arc<dyn Store>) {
    let nothing = BTreeSet::new();
    let mut weighing = Weighing::new(Arc::clone(store), Arc::new(Threads), Kind::Contact, &nothing);
    let begun = Instant::now();
    weighing.walk_keys().await.expect("keys are read");
    let walked = begun.elapsed();
    let (decided, open) = weighing.by_keys().count();
    tell(&format!("keys alone decide {decided}"), walked);
    let (mut cases, mut together, mut decisions) = (0, 0, 0);
    let unsettled: Vec<Place> = weighing.by_keys().unsettled().collect();
    for places in unsettled.chunks(ROWS) {
        let ids = store.at(places).await.expect("records are found");
        let ids: Vec<RecordId> = ids.into_iter().flatten().collect();
        let mut told = |_, case: Case| {
            cases += 1;
            together += case.around.neighbourhood.records.len();
            decisions += case.decisions.len();
        };
        weighing.decide(&ids, false, &mut told).await.expect("records are compared and weighed");
    }
    let took = begun.elapsed();
    let rest = took.saturating_sub(walked);
    tell(&format!("{open} records: {cases} cases with {together}, {decisions} decisions"), rest);
    tell("from stored keys to decisions", took);
}

fn tell(what: &str, took: Duration) {
    println!("{what:<50}{:>10.1} s", took.as_secs_f64());
}

/// The most memory of this process that was in RAM.
fn peak_mebibytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells about a process");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux tells about memory");
    let kibibytes = line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok());
    kibibytes.expect("memory is a number") / 1024.0
}

/// A thread for each processor; each takes one part of the work after the other.
struct Threads;

impl Crew for Threads {
    fn hands(&self) -> usize {
        std::thread::available_parallelism().map_or(1, NonZero::get)
    }

    fn work(&self, jobs: Vec<BoxFuture<'static, ()>>) -> BoxFuture<'_, ()> {
        let jobs = Mutex::new(jobs.into_iter());
        let next = || jobs.lock().expect("no panic").next();
        std::thread::scope(|scope| {
            for _ in 0..self.hands() {
                scope.spawn(|| {
                    while let Some(job) = next() {
                        block_on(job);
                    }
                });
            }
        });
        Box::pin(std::future::ready(()))
    }
}

/// Real time.
struct Machine;

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, _: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Adds up how long each stage takes.
#[derive(Default)]
struct StopWatch(Mutex<Vec<(Stage, Instant, Duration, u64)>>);

impl StopWatch {
    fn tell(&self) {
        for (stage, _, took, done) in self.0.lock().expect("no panic").iter() {
            tell(&format!("    {}, {done}", stage.code()), *took);
        }
    }

    fn of(&self, stage: Stage, change: impl FnOnce(&mut (Stage, Instant, Duration, u64))) {
        let mut stages = self.0.lock().expect("no panic");
        if !stages.iter().any(|(known, ..)| *known == stage) {
            stages.push((stage, Instant::now(), Duration::ZERO, 0));
        }
        if let Some(one) = stages.iter_mut().find(|(known, ..)| *known == stage) {
            change(one);
        }
    }
}

impl Progress for StopWatch {
    fn begin(&self, stage: Stage, _: Option<u64>) {
        self.of(stage, |(_, begun, ..)| *begun = Instant::now());
    }

    fn advance(&self, stage: Stage, by: u64) {
        self.of(stage, |(.., done)| *done += by);
    }

    fn finish(&self, stage: Stage) {
        self.of(stage, |(_, begun, took, _)| *took += begun.elapsed());
    }
}
