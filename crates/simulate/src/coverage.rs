//! What really happened: counts by name, to show that faults, crashes and races occurred.

use std::collections::BTreeMap;
use std::fmt;

/// What has to occur in a run over many seeds: one that never met these proves less than it seems to.
pub(crate) const EXPECTED: [&str; 59] = [
    "fault: refused",
    "fault: 500 before effect",
    "fault: reset before effect",
    "fault: reset after effect",
    "fault: late effect",
    "fault: 504 and late effect",
    "fault: silence without effect",
    "fault: silence with effect",
    "fault: tokens used by other applications",
    "late effect landed",
    "crash: before a commit",
    "crash: after a commit",
    "crash: before a call",
    "crash: after a call",
    "crash: in a round",
    "crash: in a poll",
    "crash: in a scan",
    "crash: in a walk over ids",
    "crash: while a message was taken",
    "orphan: arrives",
    "orphan: never arrives",
    "edit: during a run",
    "edit: at rest",
    "edit: the same person on both sides in one second",
    "edit: somebody is entered twice on one side",
    "edit: a merge",
    "edit: a portal card is deleted",
    "edit: marked 1C objects are deleted",
    "edit: a mark",
    "edit: a mark is taken off",
    "edit: a contact joins a company",
    "edit: a contact leaves a company",
    "edit: a 1C object refuses to be written",
    "edit: the rights at the portal are taken away",
    "edit: the rights at the portal are given back",
    "settled: a create had taken effect",
    "settled: a create had no effect",
    "settled: an update",
    "hook: answered with 200",
    "hook: lost",
    "hook: doubled",
    "hook: late",
    "hook: out of order",
    "hook: nobody listens",
    "hook: during a round",
    "hook: during a poll",
    "hook: during a scan",
    "hook: during a walk over ids",
    "live: begun",
    "live: a round",
    "live: a round linked",
    "live: a round created",
    "live: a round updated",
    "live: a poll or scan found something",
    "live: a walk over ids found something",
    "live: both sides were read in full",
    "live: down for a while",
    "decided: a deleted record stays deleted",
    "decided: whose value stands",
];

/// Counts by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage(BTreeMap<&'static str, u64>);

impl Coverage {
    /// Counts one.
    pub(crate) fn hit(&mut self, name: &'static str) {
        *self.0.entry(name).or_default() += 1;
    }

    /// How often something happened.
    pub fn count(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// What was to occur and never did.
    pub fn missing(&self) -> Vec<&'static str> {
        EXPECTED.into_iter().filter(|name| self.count(name) == 0).collect()
    }

    /// Adds the counts of another seed.
    pub fn add(&mut self, other: &Self) {
        for (name, count) in &other.0 {
            *self.0.entry(name).or_default() += count;
        }
    }
}

/// One line a count.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, count)| writeln!(f, "{count:>9}  {name}"))
    }
}
