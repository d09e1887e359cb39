//! A side that holds what the store knows of it, and nothing further: walks end at once, nobody turns up.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use obmen_domain::key::Key;
use obmen_domain::party::Field;
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side};
use obmen_domain::rules::Capacity;
use obmen_domain::stay::Tie;
use obmen_engine::ports::{
    BoxFuture, Cursor, Outcome, Portion, Reader, SentCreate, SideError, User, Write, WriteSort, Writer,
};
use obmen_engine::store::Store;
use obmen_engine::watch::Stamps;

pub(crate) struct Silent(pub(crate) Side, pub(crate) Arc<dyn Store>);

impl Reader for Silent {
    fn side(&self) -> Side {
        self.0
    }

    fn capacity(&self, _: Catalog) -> Capacity {
        let fields: BTreeSet<Field> =
            Field::merged(Kind::Company).iter().chain(Field::merged(Kind::Contact)).copied().collect();
        Capacity {
            fields,
            phones: 20,
            emails: 20,
            companies: 1,
            lengths: BTreeMap::new(),
            sorts: BTreeMap::new(),
            mutual_id: true,
        }
    }

    fn sweep(&self, _: Kind, _: Option<Cursor>) -> BoxFuture<'_, Result<Portion, SideError>> {
        Box::pin(ready(Ok(Portion::default())))
    }

    fn stamps(&self, _: Kind, _: Option<Cursor>) -> BoxFuture<'_, Result<Stamps, SideError>> {
        Box::pin(ready(Ok(Stamps::default())))
    }

    fn fetch<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        Box::pin(async { Ok(self.1.seen(ids).await.expect("the store answers")) })
    }

    fn find<'a>(&'a self, _: Kind, _: &'a [Key]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn find_created<'a>(
        &'a self,
        _: &'a [SentCreate],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, Record)>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn ties<'a>(&'a self, _: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<(RecordId, Tie)>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn users(&self) -> BoxFuture<'_, Result<Vec<User>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }
}

impl Writer for Silent {
    fn room(&self, _: WriteSort) -> usize {
        50
    }

    fn parallel(&self) -> usize {
        1
    }

    fn settle_after(&self) -> Duration {
        Duration::ZERO
    }

    fn derived_id(&self, _: &RecordId) -> Option<String> {
        None
    }

    fn write(&self, _: Vec<Write>) -> BoxFuture<'_, Vec<Outcome>> {
        panic!("a preview writes nothing")
    }
}
