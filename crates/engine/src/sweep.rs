//! A walk over all records of a side, in memory that does not grow with it.
//!
//! Many places are read at once, so that answers on their way cost no time. What was read waits as its side told it; a few
//! records at a time are made of it and kept. Invariant: portions under way and waiting are bounded, and so are the records
//! in memory.

use std::collections::VecDeque;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use obmen_domain::record::{Kind, Record, Side};

use crate::heed::Counts;
use crate::planner::KINDS;
use crate::ports::{BoxFuture, Cursor, Portion, Records};
use crate::progress::Stage;
use crate::sync::{Engine, EngineError};
use crate::unseen::Unseen;

/// Portions under way or waiting: about as many requests as a portal's limits let through while the first answers are on
/// their way.
const PLACES: usize = 24;
/// Records made and kept at once.
const RECORDS: usize = 1000;
/// So often: records are made while others are being written down.
const KEEPING: usize = 2;

impl Engine {
    /// Walks over all records of a side; says how many there were.
    pub(crate) async fn sweep(&self, side: Side, unseen: &Unseen) -> Result<Counts, EngineError> {
        let stage = match side {
            Side::Bitrix24 => Stage::SweepBitrix24,
            Side::Onec => Stage::SweepOnec,
        };
        self.progress.begin(stage, None);
        let mut known_total = 0;
        let mut counts = Counts::new();
        let mut places: VecDeque<(Kind, Option<Cursor>)> = KINDS.map(|kind| (kind, None)).into();
        let mut waiting: VecDeque<Waiting> = VecDeque::new();
        let (mut reading, mut keeping) = (0, 0);
        let mut under_way: FuturesUnordered<BoxFuture<'_, _>> = FuturesUnordered::new();
        loop {
            while reading + waiting.len() < PLACES
                && let Some((kind, place)) = places.pop_front()
            {
                under_way.push(Box::pin(self.visit(side, kind, place)));
                reading += 1;
            }
            while keeping < KEEPING
                && let Some(batch) = next_batch(&mut waiting)
            {
                under_way.push(Box::pin(self.keep_batch(batch, unseen)));
                keeping += 1;
            }
            let Some(done) = under_way.next().await else { break };
            match done? {
                Done::Read { kind, portion: Portion { records, again, next, total } } => {
                    reading -= 1;
                    counts.entry((side, kind)).or_default();
                    if let Some(total) = total {
                        known_total += total;
                        self.progress.begin(stage, Some(known_total));
                    }
                    places.extend(next.into_iter().map(|place| (kind, Some(place))));
                    waiting.push_back(Waiting { kind, records, again });
                }
                Done::Kept { kind, read } => {
                    keeping -= 1;
                    *counts.entry((side, kind)).or_default() += read;
                    self.progress.advance(stage, read);
                }
            }
        }
        self.progress.finish(stage);
        Ok(counts)
    }

    async fn visit(&self, side: Side, kind: Kind, place: Option<Cursor>) -> Result<Done, EngineError> {
        let portion = self.side(side).sweep(kind, place).await?;
        Ok(Done::Read { kind, portion })
    }

    async fn keep_batch(&self, batch: Batch, unseen: &Unseen) -> Result<Done, EngineError> {
        let Batch { kind, records, read } = batch;
        unseen.shown(&records);
        self.take_in(records).await?;
        Ok(Done::Kept { kind, read })
    }
}

/// A portion whose records are still to be made.
struct Waiting {
    kind: Kind,
    records: Records,
    /// Of those to come, so many stand in another portion too.
    again: u64,
}

/// Some records of a portion, and how many of them no other portion has.
struct Batch {
    kind: Kind,
    records: Vec<Record>,
    read: u64,
}

/// What has happened at last.
enum Done {
    Read { kind: Kind, portion: Portion },
    Kept { kind: Kind, read: u64 },
}

fn next_batch(waiting: &mut VecDeque<Waiting>) -> Option<Batch> {
    while let Some(Waiting { kind, records, again }) = waiting.front_mut() {
        let kind = *kind;
        let records: Vec<Record> = records.by_ref().take(RECORDS).collect();
        let repeated = (*again).min(records.len() as u64);
        *again -= repeated;
        if records.len() < RECORDS {
            waiting.pop_front();
        }
        if !records.is_empty() {
            let read = records.len() as u64 - repeated;
            return Some(Batch { kind, records, read });
        }
    }
    None
}
