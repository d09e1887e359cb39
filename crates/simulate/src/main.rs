//! `obmen-simulate`: many seeds with a summary, or one seed with its trace.

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clap::{Parser, ValueEnum};
use mimalloc::MiMalloc;
use obmen_sim::onec::Product;
use obmen_simulate::{Coverage, Options, Plant, Verdict, ops_of, run, shrink, sync_ops_of};

/// That of the binary: seeds are small pieces of memory above all.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// So many seeds meet everything that is to be met.
const MANY: u64 = 500;

/// Runs the whole product against both simulators under a seeded scheduler.
#[derive(Debug, Parser)]
#[command(name = "obmen-simulate", version)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 2000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// One seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Operations in each seed.
    #[arg(long, visible_alias = "operations", default_value_t = 60)]
    ops: usize,
    /// The configuration of the infobase.
    #[arg(long, value_enum, default_value_t = Configuration::Bp30)]
    configuration: Configuration,
    /// Runs alone, without the live exchange between and after them.
    #[arg(long)]
    syncs_only: bool,
    /// Print every event of the seed.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Leave out operations as long as a seed fails.
    #[arg(long)]
    shrink: bool,
    /// How many seeds run side by side; as many as there are processors unless told.
    #[arg(long)]
    jobs: Option<usize>,
    /// Spoil a part of the product: every bug of these is to be found.
    #[arg(long, hide = true)]
    plant: Option<Plant>,
    /// Go on after a violation.
    #[arg(long)]
    keep_going: bool,
}

/// As the administrator's file calls them.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Configuration {
    Bp30,
    Ut11,
    Unf,
}

impl From<Configuration> for Product {
    fn from(configuration: Configuration) -> Self {
        match configuration {
            Configuration::Bp30 => Product::Bp30,
            Configuration::Ut11 => Product::Ut11,
            Configuration::Unf => Product::Unf,
        }
    }
}

#[expect(clippy::print_stdout, reason = "the command line's output")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (first, count) = arguments.seed.map_or((arguments.first, arguments.seeds), |seed| (seed, 1));
    let mut coverage = Coverage::default();
    let (mut done, mut requests, mut failed) = (0_u64, 0, 0);
    let seeds: Vec<u64> = (first..first + count).collect();
    for chunk in seeds.chunks(if arguments.plant.is_some() { 10 } else { 250 }) {
        for verdict in run_chunk(chunk, &arguments) {
            verdict.trace.iter().for_each(|line| println!("{line}"));
            coverage.add(&verdict.coverage);
            requests += verdict.requests;
            done += 1;
            if !verdict.violations.is_empty() {
                failed += 1;
                print_failure(&verdict);
            }
        }
        if failed > 0 && !arguments.keep_going {
            break;
        }
        if count > 1 && arguments.plant.is_none() {
            println!("{done} seeds, {requests} requests");
        }
    }
    println!("{coverage}{requests:>9}  requests\n{failed:>9}  seeds with a violation, of {done}");
    if let Some(plant) = arguments.plant {
        println!("the planted bug {plant:?} is {}", if failed > 0 { "found" } else { "not found" });
        return if failed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let is_enough = failed > 0 || arguments.syncs_only || covers_enough(&coverage, done);
    if failed == 0 && is_enough { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether everything occurred that is to occur in so many seeds.
#[expect(clippy::print_stdout, reason = "the command line's output")]
fn covers_enough(coverage: &Coverage, seeds: u64) -> bool {
    let missing = if seeds < MANY { Vec::new() } else { coverage.missing() };
    missing.iter().for_each(|name| println!("never met: {name}"));
    missing.is_empty()
}

/// Runs seeds side by side, each on one thread from its start to its end; the verdicts come in the order of the seeds.
fn run_chunk(seeds: &[u64], arguments: &Arguments) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut verdicts = Vec::new();
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            verdicts.push(run_seed(*seed, arguments));
        }
        verdicts
    };
    let jobs = arguments.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZero::get));
    let mut verdicts: Vec<Verdict> = thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.min(seeds.len())).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(|worker| worker.join().expect("a seed does not panic"));
        results.flatten().collect()
    });
    verdicts.sort_by_key(|verdict| verdict.seed);
    verdicts
}

fn run_seed(seed: u64, arguments: &Arguments) -> Verdict {
    let wiring = arguments.plant.map(Plant::wiring).unwrap_or_default();
    let options = Options { product: arguments.configuration.into(), wiring, keep_trace: arguments.trace };
    let draw = if arguments.syncs_only { sync_ops_of } else { ops_of };
    let verdict = run(seed, &draw(seed, arguments.ops), options);
    if arguments.shrink { shrink(&verdict, options) } else { verdict }
}

#[expect(clippy::print_stdout, reason = "the command line's output")]
fn print_failure(verdict: &Verdict) {
    println!("seed {} fails:", verdict.seed);
    verdict.violations.iter().for_each(|violation| println!("  {violation}"));
    println!("  operations: {:?}", verdict.ops);
}
