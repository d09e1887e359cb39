//! Writes as requests of the OData interface, each a transaction of its own.
//!
//! Not responsible for what a body says. Invariants: nothing is repeated; the first create of a pair goes alone, since
//! it shows whether references are honoured.

use futures_util::future::join_all;
use obmen_engine::ports::Write;

use super::task::Task;
use super::{Current, Ties, Writing};
use crate::adapter::Onec;
use crate::facts::Facts;
use crate::odata::Odata;

/// Who writes so.
pub(super) struct Requests<'a> {
    pub(super) onec: &'a Onec,
    pub(super) odata: &'a Odata,
    pub(super) facts: &'a Facts,
}

impl Requests<'_> {
    pub(super) async fn send_all(&self, writes: &[Write], current: &Current, ties: &Ties) -> Vec<Writing> {
        let mut rest = writes;
        let mut written = Vec::with_capacity(writes.len());
        // Nobody knows yet whether references are honoured: one create at a time shows it.
        while self.onec.learned.honours_references().is_none()
            && rest.iter().any(|one| matches!(one, Write::Create { .. }))
        {
            let Some((first, others)) = rest.split_first() else { break };
            written.push(self.send(current, ties, first).await);
            rest = others;
        }
        written.extend(join_all(rest.iter().map(|write| self.send(current, ties, write))).await);
        written
    }

    async fn send(&self, current: &Current, ties: &Ties, write: &Write) -> Writing {
        let task = match self.onec.task(self.facts, current, ties, write).await {
            Ok(task) => task,
            Err(over) => return over,
        };
        let catalog = task.table().catalog;
        let sent = match task {
            Task::Create { table, source, party } => self.create(table, source, party).await,
            Task::Change { table, object, changed } => self.change(table, object, &changed).await,
        };
        Writing { catalog, sent }
    }
}
