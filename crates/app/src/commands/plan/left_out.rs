//! Records that a plan does nothing about: those that wait for their company, and those that are not created.

use std::collections::BTreeMap;
use std::io;

use obmen_domain::create_rule::Withheld;
use obmen_domain::record::RecordId;
use obmen_engine::draft::Draft;

use crate::commands::evidence;
use crate::words::Words;

/// The first of them, and how many there are a reason.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    pub(super) waiting: Vec<RecordId>,
    pub(super) withheld: Vec<(RecordId, Withheld)>,
    /// How many are not created, by the reason in words.
    pub(super) reasons: BTreeMap<String, usize>,
}

impl LeftOut {
    /// Reads a plan's, so many of each sort at most.
    ///
    /// # Errors
    /// Where the plan cannot be read.
    pub(super) fn read(plan: &mut Draft, most: usize, words: &Words) -> io::Result<Self> {
        let mut left_out = Self::default();
        plan.each_waiting(|id| {
            if left_out.waiting.len() < most {
                left_out.waiting.push(id.clone());
            }
            Ok(())
        })?;
        plan.each_withheld(|id, reason| {
            *left_out.reasons.entry(evidence::withheld(reason, words)).or_default() += 1;
            if left_out.withheld.len() < most {
                left_out.withheld.push((id.clone(), reason.clone()));
            }
            Ok(())
        })?;
        Ok(left_out)
    }

    /// The records it holds.
    pub(super) fn records(&self) -> impl Iterator<Item = &RecordId> {
        self.waiting.iter().chain(self.withheld.iter().map(|(id, _)| id))
    }
}
