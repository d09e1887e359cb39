//! `obmen-simulate`: many seeds with a summary, or one seed with its trace.

use std::process::ExitCode;

use clap::Parser;
use obmen_simulate::{Coverage, Options, Verdict, ops_of, run, shrink};

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
    #[arg(long, default_value_t = 60)]
    ops: usize,
    /// Print every event of the seed.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Leave out operations as long as a seed fails.
    #[arg(long)]
    shrink: bool,
    /// Go on after a violation.
    #[arg(long)]
    keep_going: bool,
}

#[expect(clippy::print_stdout, reason = "the command line's output")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (first, count) = arguments.seed.map_or((arguments.first, arguments.seeds), |seed| (seed, 1));
    let options = Options { keep_trace: arguments.trace, ..Options::default() };
    let mut coverage = Coverage::default();
    let (mut requests, mut failed) = (0, 0);
    for seed in first..first + count {
        let mut verdict = run(seed, &ops_of(seed, arguments.ops), options);
        if arguments.shrink {
            verdict = shrink(&verdict, options);
        }
        verdict.trace.iter().for_each(|line| println!("{line}"));
        coverage.add(&verdict.coverage);
        requests += verdict.requests;
        if !verdict.violations.is_empty() {
            failed += 1;
            print_failure(&verdict);
            if !arguments.keep_going {
                break;
            }
        }
        let done = seed - first + 1;
        if done % 250 == 0 && done < count {
            println!("{done} seeds, {requests} requests");
        }
    }
    println!("{coverage}{requests:>9}  requests\n{failed:>9}  seeds with a violation, of {count}");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::print_stdout, reason = "the command line's output")]
fn print_failure(verdict: &Verdict) {
    println!("seed {} fails:", verdict.seed);
    verdict.violations.iter().for_each(|violation| println!("  {violation}"));
    println!("  operations: {:?}", verdict.ops);
}
