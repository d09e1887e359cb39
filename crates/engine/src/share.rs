//! Which rows a round takes where many are due: nobody waits behind thousands.
//!
//! A quarter of a round are the rows that are due longest, so that each has its turn after a number of rounds that nothing but
//! those before it decides. The rest were signalled last: what somebody has just saved is taken by the next round, though a
//! bulk change came before it. So large is that part because the echoes of what a round wrote, which come last of all, are no
//! more than half of it. Rows of linked records come together: neither is decided about without a look at the other.

use crate::rows::Rows;
use crate::store::{Change, Dirty};
use crate::sync::{Engine, EngineError};

/// What [`Engine::round`] is unless something speaks for another: half of them echoes and half updates of the portal are half a
/// minute of its work, and four batches at once are busy most of that time.
pub const ROUND: usize = 1000;
/// One row in so many is one of those due longest.
const LONGEST: usize = 4;

impl Engine {
    /// The rows of this round, where it does not take all that are due.
    pub(crate) async fn share(&self) -> Result<Option<Vec<Dirty>>, EngineError> {
        let longest = self.round.div_ceil(LONGEST);
        let latest = self.round - longest;
        let rows = self.store.share(self.clock.now(), longest, latest).await?;
        Ok((rows.len() >= self.round.max(1)).then_some(rows))
    }

    /// Rows of a share without an answer, since a write of unknown outcome stands in their way, are put off until the first
    /// of these writes can be settled: else they would be due longest in every round, and keep others from their turn.
    pub(crate) async fn put_off_passed_over(
        &self,
        share: Option<Vec<Dirty>>,
        answered: &Rows,
    ) -> Result<(), EngineError> {
        let Some(share) = share else { return Ok(()) };
        let intents = self.store.intents().await?;
        let Some(due) = intents.iter().map(|intent| self.settles_at(intent)).min() else { return Ok(()) };
        let passed_over = share.into_iter().filter(|row| !answered.contains(&row.id));
        let postponed = passed_over.map(|row| Change::Postpone {
            id: row.id,
            generation: row.generation,
            reason: row.reason,
            attempts: row.attempts,
            due,
        });
        self.commit(postponed.collect()).await
    }
}
