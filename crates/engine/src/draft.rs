//! A plan as it was made, kept aside: a large one takes a file in place of memory.
//!
//! What one look brought about is one line: its steps and the rows it answers. Lines are written once, in the order they are
//! applied, and read as often as somebody wants to know. The file has no name, so that nobody else reads it and it is gone with
//! the process. Invariant: what is read is what was written; the digest and the counts are those of all lines.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};

use obmen_domain::create_rule::Withheld;
use obmen_domain::party::Party;
use obmen_domain::plan::{Plan, PlanCounts, PlanDigest, Step};
use obmen_domain::record::{Digest, Kind, RecordId};
use serde::{Deserialize, Serialize};
use tempfile::{SpooledTempFile, spooled_tempfile};

use crate::planner::Planned;
use crate::rows::{Row, Rows};

/// A plan of so many bytes takes no file.
const IN_MEMORY: usize = 8 << 20;

/// A plan that is kept aside.
#[derive(Debug)]
pub struct Draft {
    lines: BufReader<SpooledTempFile>,
    line: Vec<u8>,
    sums: Sums,
}

/// What a plan says in all.
#[derive(Debug, Default)]
struct Sums {
    digest: PlanDigest,
    counts: PlanCounts,
    steps: u64,
    writes: BTreeMap<Kind, u64>,
    rows: u64,
}

/// What one look brought about.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Leaf {
    /// The row that is answered. Its record may stand in a leaf before.
    pub(crate) row: Option<(RecordId, Row)>,
    pub(crate) steps: Vec<Step>,
    pub(crate) waiting: Vec<RecordId>,
    pub(crate) withheld: Vec<(RecordId, Withheld)>,
    pub(crate) settled: Vec<(RecordId, Party)>,
    pub(crate) closed: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) released: Vec<RecordId>,
    /// Records that go, each with the one it was made from: that one is changed once its copy is gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) made_from: Vec<(RecordId, RecordId)>,
}

impl Leaf {
    /// A row with what was planned about it.
    pub(crate) fn of(id: RecordId, row: Row, planned: Planned) -> Self {
        let Planned { plan: Plan { steps, waiting, withheld }, settled, closed, released } = planned;
        let (closed, released) = (closed.into_iter().collect(), released.into_iter().collect());
        Self {
            row: Some((id, row)),
            steps,
            waiting,
            withheld,
            settled,
            closed,
            released,
            made_from: Vec::new(),
        }
    }
}

/// Puts a plan aside as it is made.
#[derive(Debug)]
pub(crate) struct Drafting {
    file: BufWriter<SpooledTempFile>,
    sums: Sums,
    rows: Rows,
}

impl Drafting {
    pub(crate) fn new() -> Self {
        let file = BufWriter::new(spooled_tempfile(IN_MEMORY));
        Self { file, sums: Sums::default(), rows: Rows::default() }
    }

    /// Adds the next leaf.
    pub(crate) fn add(&mut self, leaf: &Leaf) -> io::Result<()> {
        self.sums.add(leaf);
        if let Some((id, row)) = &leaf.row {
            self.rows.insert(id, *row);
        }
        serde_json::to_writer(&mut self.file, leaf)?;
        self.file.write_all(b"\n")
    }

    /// The plan, and the rows it answers.
    pub(crate) fn finish(self) -> io::Result<(Draft, Rows)> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((Draft { lines: BufReader::new(file), line: Vec::new(), sums: self.sums }, self.rows))
    }
}

impl Sums {
    fn add(&mut self, leaf: &Leaf) {
        for step in &leaf.steps {
            self.digest.add(step);
            self.counts.add(step);
            if matches!(step, Step::Create(_) | Step::Update(_) | Step::Mark(_)) {
                *self.writes.entry(step.kind()).or_default() += 1;
            }
        }
        self.steps += leaf.steps.len() as u64;
        self.counts.waiting += leaf.waiting.len();
        self.counts.withheld += leaf.withheld.len();
        self.rows += u64::from(leaf.row.is_some());
    }
}

impl Draft {
    /// Puts a plan aside that was made in memory.
    ///
    /// # Errors
    /// Where there is no room for it.
    pub fn of(plan: Plan) -> io::Result<Self> {
        let mut drafting = Drafting::new();
        let Plan { steps, waiting, withheld } = plan;
        drafting.add(&Leaf { steps, waiting, withheld, ..Leaf::default() })?;
        Ok(drafting.finish()?.0)
    }

    /// The SHA-256 of all steps as printed.
    pub fn digest(&self) -> Digest {
        self.sums.digest.finish()
    }

    /// How many steps of each sort there are.
    pub fn counts(&self) -> PlanCounts {
        self.sums.counts
    }

    /// Whether nothing would be done.
    pub fn is_empty(&self) -> bool {
        self.sums.steps == 0
    }

    /// Tells every step, in the order they are applied.
    ///
    /// # Errors
    /// Where it cannot be read, or whoever is told fails.
    pub fn each_step(&mut self, mut told: impl FnMut(&Step) -> io::Result<()>) -> io::Result<()> {
        self.each_leaf(|leaf| leaf.steps.iter().try_for_each(&mut told))
    }

    /// Tells every record that waits for its company.
    ///
    /// # Errors
    /// Where it cannot be read, or whoever is told fails.
    pub fn each_waiting(&mut self, mut told: impl FnMut(&RecordId) -> io::Result<()>) -> io::Result<()> {
        if self.sums.counts.waiting == 0 {
            return Ok(());
        }
        self.each_leaf(|leaf| leaf.waiting.iter().try_for_each(&mut told))
    }

    /// Tells every record that the other side lacks and that is not created there, with the reason.
    ///
    /// # Errors
    /// Where it cannot be read, or whoever is told fails.
    pub fn each_withheld(
        &mut self,
        mut told: impl FnMut(&RecordId, &Withheld) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.sums.counts.withheld == 0 {
            return Ok(());
        }
        self.each_leaf(|leaf| leaf.withheld.iter().try_for_each(|(id, reason)| told(id, reason)))
    }

    /// How many records of a kind are created, changed or marked.
    pub(crate) fn writes(&self, kind: Kind) -> u64 {
        self.sums.writes.get(&kind).copied().unwrap_or(0)
    }

    /// How many rows it answers.
    pub(crate) fn rows(&self) -> u64 {
        self.sums.rows
    }

    /// The next steps, of so many bytes or a little more, for whoever has to wait between them; `None` at the end.
    /// [`Draft::rewind`] goes back to the first.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn next_steps(&mut self, bytes: usize) -> io::Result<Option<Vec<Step>>> {
        let leaves = self.next_portion(bytes)?;
        let has_ended = leaves.is_empty();
        Ok((!has_ended).then(|| leaves.into_iter().flat_map(|leaf| leaf.steps).collect()))
    }

    /// Goes back to the first leaf.
    ///
    /// # Errors
    /// Where the file does not let it.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.lines.rewind()
    }

    /// The next leaf.
    pub(crate) fn next_leaf(&mut self) -> io::Result<Option<Leaf>> {
        self.line.clear();
        if self.lines.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&self.line)?))
    }

    /// The next leaves, of so many bytes or a little more; none at the end.
    pub(crate) fn next_portion(&mut self, bytes: usize) -> io::Result<Vec<Leaf>> {
        let (mut leaves, mut size) = (Vec::new(), 0);
        while size < bytes.max(1) {
            let Some(leaf) = self.next_leaf()? else { break };
            size += self.line.len();
            leaves.push(leaf);
        }
        Ok(leaves)
    }

    fn each_leaf(&mut self, mut told: impl FnMut(&Leaf) -> io::Result<()>) -> io::Result<()> {
        self.rewind()?;
        while let Some(leaf) = self.next_leaf()? {
            told(&leaf)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use obmen_domain::plan::LinkReason;

    use super::*;

    #[test]
    fn a_plan_that_was_put_aside_says_what_it_said_before() {
        let plan = plan(3);
        let mut draft = Draft::of(plan.clone()).unwrap();
        assert_eq!((draft.digest(), draft.counts()), (plan.digest(), plan.counts()));
        for _ in 0..2 {
            let mut steps = Vec::new();
            draft
                .each_step(|step| {
                    steps.push(step.clone());
                    Ok(())
                })
                .unwrap();
            assert_eq!(steps, plan.steps);
        }
        let mut waiting = Vec::new();
        draft
            .each_waiting(|id| {
                waiting.push(id.clone());
                Ok(())
            })
            .unwrap();
        assert_eq!(waiting, plan.waiting);
    }

    #[test]
    fn what_memory_does_not_take_is_read_back_from_the_file() {
        let mut drafting = Drafting { file: BufWriter::new(spooled_tempfile(10)), ..Drafting::new() };
        for number in 0..10 {
            let steps = plan(number).steps;
            drafting.add(&Leaf { steps, ..Leaf::default() }).unwrap();
        }
        let (mut draft, _) = drafting.finish().unwrap();
        assert!(draft.lines.get_ref().is_rolled());
        let mut count = 0;
        draft
            .each_step(|_| {
                count += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!((count, draft.counts().link), (45, 45));
    }

    #[test]
    fn portions_are_of_whole_leaves() {
        let mut drafting = Drafting::new();
        for number in 0..6 {
            let row = (RecordId::bitrix24(Kind::Contact, number.to_string()), Row::default());
            drafting.add(&Leaf { row: Some(row), steps: plan(2).steps, ..Leaf::default() }).unwrap();
        }
        let (mut draft, _) = drafting.finish().unwrap();
        draft.rewind().unwrap();
        let mut portions = Vec::new();
        loop {
            let portion = draft.next_portion(800).unwrap();
            if portion.is_empty() {
                break;
            }
            assert!(portion.iter().all(|leaf| leaf.steps.len() == 2));
            portions.push(portion.len());
        }
        assert_eq!(portions.iter().sum::<usize>(), 6);
        assert!(portions.len() > 1, "{portions:?}");
        draft.rewind().unwrap();
        let mut steps = 0;
        while let Some(portion) = draft.next_steps(800).unwrap() {
            steps += portion.len();
        }
        assert_eq!(steps, 12);
    }

    fn plan(links: usize) -> Plan {
        let steps = (0..links).map(|number| Step::Link {
            bitrix24: RecordId::bitrix24(Kind::Contact, number.to_string()),
            onec: RecordId::onec(Kind::Contact, &format!("ref-{number}")),
            reason: LinkReason::Inn,
        });
        let waiting = vec![RecordId::bitrix24(Kind::Contact, "9")];
        Plan { steps: steps.collect(), waiting, withheld: Vec::new() }
    }
}
