//! The engine's ports, met by the methods of [`Onec`].

use std::time::Duration;

use obmen_domain::key::Key;
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side};
use obmen_domain::rules::Capacity;
use obmen_domain::stay::Tie;
use obmen_engine::ports::{
    BoxFuture, Cursor, Outcome, Portion, Reader, SentCreate, SideError, User, Write, WriteSort, Writer,
};
use obmen_engine::reread::PATIENCE;
use obmen_engine::watch::{Receipt, Stamps, Waiting};

use super::Onec;
use crate::extension::Row;
use crate::facts::Facts;
use crate::identity::derived_reference;
use crate::interface::Interface;

/// As many objects as a batch reads back with one request.
const ROOM: usize = 20;

impl Reader for Onec {
    fn side(&self) -> Side {
        Side::Onec
    }

    fn capacity(&self, catalog: Catalog) -> Capacity {
        match self.known_facts() {
            Some(facts) => facts.capacity(catalog),
            None => Facts::default().capacity(catalog),
        }
    }

    fn sweep(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Portion, SideError>> {
        Box::pin(self.portion(kind, cursor))
    }

    fn waiting(&self) -> BoxFuture<'_, Result<Option<Waiting>, SideError>> {
        Box::pin(async move {
            match &self.interface {
                Interface::Odata(odata) => self.registered(odata).await,
                Interface::Extension(extension) => self.noted(extension).await,
            }
        })
    }

    fn confirm<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SideError>> {
        Box::pin(async move {
            match &self.interface {
                Interface::Odata(odata) => self.confirm_registered(odata, receipt).await,
                Interface::Extension(extension) => extension.acknowledge(&Row::of_text(&receipt.0)?).await,
            }
        })
    }

    fn stamps(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Stamps, SideError>> {
        Box::pin(self.stamps_of(kind, cursor))
    }

    fn fetch<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        Box::pin(self.fetch_records(ids))
    }

    fn find<'a>(&'a self, kind: Kind, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        Box::pin(self.find_holders(kind, keys))
    }

    fn find_created<'a>(
        &'a self,
        sent: &'a [SentCreate],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, Record)>, SideError>> {
        Box::pin(self.find_made(sent))
    }

    fn ties<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<(RecordId, Tie)>, SideError>> {
        Box::pin(async move {
            let facts = self.facts().await?;
            Ok(self.ties_of(&facts, ids).await?.into_iter().collect())
        })
    }

    fn users(&self) -> BoxFuture<'_, Result<Vec<User>, SideError>> {
        Box::pin(self.read_users())
    }
}

impl Writer for Onec {
    fn room(&self, sort: WriteSort) -> usize {
        match (&self.interface, sort, self.learned.honours_references()) {
            (Interface::Extension(extension), _, _) => extension.limits().items,
            (Interface::Odata(_), WriteSort::Create, None) => 1,
            (Interface::Odata(_), _, _) => ROOM,
        }
    }

    fn parallel(&self) -> usize {
        self.settings.parallel.max(1)
    }

    fn settle_after(&self) -> Duration {
        let timeout = self.settings.write_timeout();
        let longest = match self.interface {
            Interface::Odata(_) => timeout,
            // It may have been sent under its key once more, and the last time as late as this.
            Interface::Extension(_) => timeout + PATIENCE + timeout,
        };
        longest.mul_f64(1.25)
    }

    fn derived_id(&self, source: &RecordId) -> Option<String> {
        // Before the first create has shown it, nobody may rely on the reference.
        let honoured = self.learned.honours_references() == Some(true);
        honoured.then(|| derived_reference(&self.settings.pair, source).to_string())
    }

    fn write(&self, writes: Vec<Write>) -> BoxFuture<'_, Vec<Outcome>> {
        Box::pin(self.write_all(writes))
    }
}
