//! Reading: walks, records by id, holders of keys, our own creates.

mod clients;
mod completion;
mod cursor;
mod objects;
pub(crate) mod question;
mod stamps;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use obmen_domain::key::{Key, keys_of};
use obmen_domain::record::{Catalog, Kind, Record, RecordId};
use obmen_engine::ports::{Cursor, Portion, SentCreate, SideError};
use uuid::Uuid;

use super::Onec;
use crate::condition::Condition;
use crate::facts::{Facts, Table};
use crate::identity::derived_reference;
use crate::interface::Interface;
use crate::odata::Query;
use crate::read::legal;
use crate::settings::IdPlace;
use crate::wire::{REF, guid};
use cursor::Position;

impl Onec {
    /// One portion of a walk.
    pub(super) async fn portion(&self, kind: Kind, cursor: Option<Cursor>) -> Result<Portion, SideError> {
        let facts = self.facts().await?;
        let walk = facts.walk(kind, &self.settings.persons);
        let Some(position) = Position::of(cursor.as_ref(), &walk)? else { return Ok(Portion::default()) };
        let table = position.table;
        if table.catalog == Catalog::Individual && position.after.is_none() && facts.staff {
            let staff = self.all_staff().await?;
            *self.staff_place() = Arc::new(staff);
        }
        let filter = legal::filter(&table.names, kind);
        let query = Query { set: &table.names.set, select: &table.select, filter, top: None };
        let size = self.settings.profile.page;
        let (objects, last) = self.interface.page(&query, position.after.as_deref(), size).await?;
        let mut records = self.records_of_walk(&facts, table, objects).await?;
        records.retain(|record| record.id.kind == kind);
        let total = if cursor.is_none() { self.total(kind, &walk).await } else { None };
        let next = position.next(last, &walk).into_iter().collect();
        Ok(Portion { records: records.into(), next, total, again: 0 })
    }

    /// Records by id: where each was seen last, then wherever a record of its kind may stand.
    pub(super) async fn fetch_records(&self, ids: &[RecordId]) -> Result<Vec<Record>, SideError> {
        let facts = self.facts().await?;
        let wanted: BTreeSet<&RecordId> = ids.iter().collect();
        let with_references = wanted.iter().filter_map(|id| Some((Uuid::try_parse(&id.id).ok()?, id.kind)));
        let mut open: BTreeMap<Uuid, Kind> = with_references.collect();
        let mut found: BTreeMap<RecordId, Record> = BTreeMap::new();
        for is_known_place in [true, false] {
            for table in facts.tables.values() {
                let may_stand_here = |reference: Uuid, kind: Kind| match self.places.of(reference) {
                    Some(place) if is_known_place => place.catalog == table.catalog,
                    _ if is_known_place => false,
                    _ => kind == Kind::Contact || table.catalog == Catalog::Counterparty,
                };
                let here = open.iter().filter(|(reference, kind)| may_stand_here(**reference, **kind));
                let here: Vec<Uuid> = here.map(|(reference, _)| *reference).collect();
                let objects = self.objects(table, &here).await?;
                for record in self.records(&facts, table, objects).await? {
                    if let Ok(reference) = Uuid::try_parse(&record.id.id) {
                        open.remove(&reference);
                    }
                    if wanted.contains(&record.id) {
                        found.insert(record.id.clone(), record);
                    }
                }
            }
        }
        Ok(found.into_values().collect())
    }

    /// Who holds one of these keys.
    pub(super) async fn find_holders(&self, kind: Kind, keys: &[Key]) -> Result<Vec<Record>, SideError> {
        let facts = self.facts().await?;
        let asked: BTreeSet<&Key> = keys.iter().collect();
        let contact = &self.settings.profile.contact;
        let of_partners = self.by_partners(&facts, keys).await?;
        let conditions = |table: &Table| {
            let mut conditions = question::conditions(contact, table, keys);
            conditions.extend(of_partners.iter().filter(|_| table.names.part.is_some()).cloned());
            conditions
        };
        let found = self.matching(&facts, kind, conditions).await?;
        let holds = |record: &Record| keys_of(&record.party).iter().any(|key| asked.contains(key));
        Ok(found.into_values().filter(holds).collect())
    }

    /// What our creates made: by derived reference, else by the id kept in the object.
    pub(super) async fn find_made(&self, sent: &[SentCreate]) -> Result<Vec<(RecordId, Record)>, SideError> {
        let facts = self.facts().await?;
        let derived = |create: &SentCreate| {
            let reference = derived_reference(&self.settings.pair, &create.source);
            RecordId::onec(create.source.kind, &reference.to_string())
        };
        let ids: Vec<RecordId> = sent.iter().map(derived).collect();
        let records = self.fetch_records(&ids).await?;
        let mut made = Vec::new();
        let mut open: Vec<&RecordId> = Vec::new();
        for (create, id) in sent.iter().zip(&ids) {
            match records.iter().find(|record| record.id == *id) {
                Some(record) => made.push((create.source.clone(), record.clone())),
                None => open.push(&create.source),
            }
        }
        if !made.is_empty() {
            self.learned.keep(&*self.memory, true).await;
        }
        for kind in Kind::ALL {
            let sources: Vec<&RecordId> = open.iter().copied().filter(|source| source.kind == kind).collect();
            let records = self.holders_of_ids(&facts, kind, &sources).await?;
            for source in sources {
                let holder = records.values().find(|record| record.mutual_id == source.mutual());
                made.extend(holder.map(|record| (source.clone(), record.clone())));
            }
        }
        Ok(made)
    }

    /// Conditions for the counterparties of partners that hold one of these keys.
    async fn by_partners(&self, facts: &Facts, keys: &[Key]) -> Result<Vec<Condition>, SideError> {
        let counterparties = facts.counterparties().and_then(|table| table.names.part.as_ref());
        let (Some(part), Some(parts)) = (counterparties, &facts.part) else { return Ok(Vec::new()) };
        let conditions = question::conditions(&self.settings.profile.contact, parts, keys);
        let found = self.rows_of_any(&parts.names.set, REF, conditions).await?;
        let partners = found.iter().filter_map(|object| guid(object, REF));
        Ok(partners.map(|partner| Condition::is_key(&part.reference, partner)).collect())
    }

    async fn holders_of_ids(
        &self,
        facts: &Facts,
        kind: Kind,
        sources: &[&RecordId],
    ) -> Result<BTreeMap<RecordId, Record>, SideError> {
        let texts: Vec<String> = sources.iter().map(|source| source.mutual()).collect();
        if let (Interface::Extension(extension), IdPlace::Register, false) =
            (&self.interface, self.settings.store_id, texts.is_empty())
        {
            let links = extension.links_of(&texts).await?;
            let ids = links.iter().map(|link| RecordId::onec(kind, &link.reference.to_string()));
            let records = self.fetch_records(&ids.collect::<Vec<_>>()).await?;
            return Ok(records.into_iter().map(|record| (record.id.clone(), record)).collect());
        }
        let Some(property) = facts.id_attribute.filter(|_| !sources.is_empty()) else {
            return Ok(BTreeMap::new());
        };
        let names = &self.settings.profile.attributes;
        self.matching(facts, kind, |table| question::by_attribute(names, table, property, &texts)).await
    }

    /// Records of a kind that meet a catalog's conditions, by id.
    async fn matching(
        &self,
        facts: &Facts,
        kind: Kind,
        conditions: impl Fn(&Table) -> Vec<Condition> + Send,
    ) -> Result<BTreeMap<RecordId, Record>, SideError> {
        let mut found = BTreeMap::new();
        for table in facts.walk(kind, &self.settings.persons) {
            let wanted = conditions(table);
            let objects = self.rows_of_any(&table.names.set, &table.select, wanted).await?;
            let records = self.records(facts, table, objects).await?;
            let of_kind = records.into_iter().filter(|record| record.id.kind == kind);
            found.extend(of_kind.map(|record| (record.id.clone(), record)));
        }
        Ok(found)
    }

    /// About how many records a walk has; a walk does not fail for want of it.
    async fn total(&self, kind: Kind, walk: &[&Table]) -> Option<u64> {
        let mut total = 0;
        for table in walk {
            let filter = legal::filter(&table.names, kind);
            let query = Query { set: &table.names.set, select: REF, filter, top: None };
            total += self.interface.count(&query).await.ok()?;
        }
        Some(total)
    }
}
