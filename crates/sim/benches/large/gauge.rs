//! Time and memory of this process, as Linux counts them.

use obmen_sim::world::World;
use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;

/// Loads so many lines, made of the ordinals from 1, and says how many seconds of CPU time the world took for them.
pub(crate) fn load(world: &mut impl World, lines: u64, line: impl Fn(u64) -> Value) -> f64 {
    const PORTION: u64 = 1000;
    let mut spent = 0.0;
    for first in (1..=lines).step_by(PORTION as usize) {
        let portion: Vec<Value> = (first..=lines.min(first + PORTION - 1)).map(&line).collect();
        let begun = seconds(ClockId::ProcessCPUTime);
        for line in &portion {
            world.load(line).expect("a line in the load format");
        }
        spent += seconds(ClockId::ProcessCPUTime) - begun;
    }
    spent
}

/// Milliseconds of CPU time that a run takes on average in the fastest of five rounds: others on the machine slow a
/// processor down, nobody makes it faster.
pub(crate) fn cpu_milliseconds(times: u32, mut run: impl FnMut()) -> f64 {
    let mut round = || {
        let begun = seconds(ClockId::ProcessCPUTime);
        (0..times).for_each(|_| run());
        (seconds(ClockId::ProcessCPUTime) - begun) * 1000.0 / f64::from(times)
    };
    (0..5).map(|_| round()).fold(f64::INFINITY, f64::min)
}

/// Memory that is in RAM, in megabytes of 10^6 bytes.
pub(crate) fn resident_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells about a process");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux tells about memory");
    let kibibytes = line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok());
    kibibytes.expect("memory is a number") * 1024.0 / 1e6
}

fn seconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
