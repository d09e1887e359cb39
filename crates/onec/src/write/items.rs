//! Writes as items of the extension: a record with all that belongs to it is one transaction, and many of them are one request.
//!
//! Not responsible for what a body says. Invariants: an item names every object that it was planned on in the version that was
//! read, so that 1C refuses it where somebody was faster; a new object has the reference that is derived from its source.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::party::{Field, Party};
use obmen_domain::record::{Catalog, RecordId};
use obmen_engine::ports::{DataFault, Outcome, SideError, Write};
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::{self, Changed, Joined, employer, head_of};
use super::links::{keyed, new_link};
use super::task::Task;
use super::{Current, Sent, Ties, Writing, outcome};
use crate::adapter::Onec;
use crate::extension::{Extension, Item, ItemObject, ItemOutcome, ItemRecord, Show};
use crate::facts::{Facts, Table};
use crate::identity::{derived_partner, derived_reference};
use crate::odata::Object;
use crate::profile::OwnerOf;
use crate::read::whole;
use crate::wire::{MARK, MUTUAL_ID, REF, VERSION, guid, put, text};

/// Who writes so.
pub(super) struct Items<'a> {
    pub(super) onec: &'a Onec,
    pub(super) extension: &'a Extension,
    pub(super) facts: &'a Facts,
}

/// An item on its way, with the write it stands for.
struct Planned<'w> {
    at: usize,
    table: &'w Table,
    /// The record's own object.
    reference: Uuid,
    item: Item,
}

/// What creates have to know of objects that stand there.
#[derive(Default)]
struct Known {
    /// Partners that an earlier attempt left, with their version; those that have a counterparty by now have none.
    partners: BTreeMap<Uuid, Option<String>>,
    /// The partners of companies.
    owners: BTreeMap<Uuid, Uuid>,
}

impl Items<'_> {
    pub(super) async fn send_all(&self, writes: &[Write], current: &Current, ties: &Ties) -> Vec<Writing> {
        let mut written: BTreeMap<usize, Writing> = BTreeMap::new();
        let mut tasks = Vec::with_capacity(writes.len());
        for (at, write) in writes.iter().enumerate() {
            match self.onec.task(self.facts, current, ties, write).await {
                Ok(task) => tasks.push((at, task)),
                Err(over) => {
                    written.insert(at, over);
                }
            }
        }
        let known = self.known(&tasks).await;
        let mut planned = Vec::with_capacity(tasks.len());
        for (at, task) in &tasks {
            match known.as_ref().map_err(|error| Outcome::NotDone(error.clone())) {
                Ok(known) => match self.plan(*at, task, known) {
                    Ok(item) => planned.push(item),
                    Err(over) => drop(written.insert(*at, Writing::over(over))),
                },
                Err(over) => drop(written.insert(*at, Writing::over(over))),
            }
        }
        for some in planned.chunks(self.extension.limits().items) {
            written.extend(self.send(some).await);
        }
        written.into_values().collect()
    }

    fn plan<'w>(&self, at: usize, task: &Task<'w>, known: &Known) -> Result<Planned<'w>, Outcome> {
        match task {
            Task::Create { table, source, party } => {
                let reference = derived_reference(&self.onec.settings.pair, source);
                let item = self.creation(table, source, party, known, reference)?;
                Ok(Planned { at, table, reference, item })
            }
            Task::Change { table, object, changed } => {
                let reference = guid(object, REF).ok_or(Outcome::Missing)?;
                let item = self.change(table, object, changed, reference);
                Ok(Planned { at, table, reference, item })
            }
        }
    }

    fn creation(
        &self,
        table: &Table,
        source: &RecordId,
        party: &Party,
        known: &Known,
        reference: Uuid,
    ) -> Result<Item, Outcome> {
        let reading = self.onec.reading(self.facts);
        let mut item = Item::default();
        let mut joined = Joined { owner: owner(table, party, known)?, ..Joined::default() };
        if let Some(parts) = self.facts.part_of(table) {
            let shared = head_of(party).and_then(|head| known.owners.get(&head)).copied();
            let partner = shared.unwrap_or_else(|| derived_partner(&self.onec.settings.pair, source));
            joined.part = Some(partner);
            let mut fields = body::new_part(reading, table, parts, source, None, party);
            match known.partners.get(&partner) {
                // That of the first counterparty is nobody's to write to from here.
                _ if shared.is_some() => {}
                None => item.objects.push(object(parts, partner, "", fields)),
                Some(Some(version)) => {
                    fields.insert(MARK.to_owned(), Value::Bool(false));
                    item.objects.push(object(parts, partner, version, fields));
                }
                Some(None) => {}
            }
        }
        let fields = body::new_object(reading, table, source, joined, party).map_err(|field| {
            let words = format!("{} needs a {field}", table.names.set);
            Outcome::Refused { words, field: Some(field), fault: DataFault::Unfilled }
        })?;
        item.objects.push(object(table, reference, "", fields));
        if let (Some(names), Party::Person(person)) = (&table.names.links, party) {
            let companies = person.employers.iter().filter_map(|company| Uuid::try_parse(&company.id).ok());
            let now = self.onec.clock.now();
            item.records.extend(companies.map(|company| ItemRecord {
                set: names.set.clone(),
                was: Value::Null,
                fields: new_link(names, reference, company, &[], &person.position, now),
            }));
        }
        Ok(item)
    }

    fn change(&self, table: &Table, current: &Object, changed: &Changed, reference: Uuid) -> Item {
        let mut item = Item::default();
        item.objects.push(object(table, reference, text(current, VERSION), changed.root.clone()));
        if let Some((parts, held)) = self.facts.part_of(table).zip(whole::part(current))
            && let Some(partner) = guid(held, REF)
        {
            item.objects.push(object(parts, partner, text(held, VERSION), changed.part.clone()));
        }
        item.records = self.records(table, current, changed, reference);
        item
    }

    /// What a change says of links.
    fn records(&self, table: &Table, current: &Object, changed: &Changed, person: Uuid) -> Vec<ItemRecord> {
        let Some(names) = &table.names.links else { return Vec::new() };
        let mut records = Vec::new();
        if let (Some(position), Some(column)) = (&changed.position, &names.position)
            && let Some(link) = whole::links(names, current).next()
        {
            let mut fields = keyed(names, link);
            put(&mut fields, column, position.as_str());
            let was = json!({ (column): text(link, column) });
            records.push(ItemRecord { set: names.set.clone(), was, fields });
        }
        let position = changed.position.as_deref().unwrap_or_default();
        for company in &changed.joins {
            let known: Vec<&Object> = whole::all_links(current)
                .filter(|link| guid(link, &names.company) == Some(*company))
                .collect();
            let fields = new_link(names, person, *company, &known, position, self.onec.clock.now());
            records.push(ItemRecord { set: names.set.clone(), was: Value::Null, fields });
        }
        records
    }

    /// Sends items, and those once more whose id somebody else had: whom the portal's record belongs to, the links of this pair
    /// say, not the register.
    async fn send(&self, planned: &[Planned<'_>]) -> BTreeMap<usize, Writing> {
        let items: Vec<Item> = planned.iter().map(|one| one.item.clone()).collect();
        let shown: BTreeMap<&str, &Table> =
            planned.iter().map(|one| (one.table.names.set.as_str(), one.table)).collect();
        let show: Vec<Show<'_>> = shown
            .iter()
            .map(|(set, table)| Show { set, fields: table.select.split(',').collect() })
            .collect();
        let (mut outcomes, mut objects) = match self.extension.write(&items, &show).await {
            Ok(written) => written,
            Err(error) => {
                let over = |one: &Planned<'_>| {
                    (one.at, Writing::over(outcome::of_failure(error.clone(), one.table)))
                };
                return planned.iter().map(over).collect();
            }
        };
        let taken: Vec<usize> = (0..outcomes.len()).filter(|at| outcomes[*at].outcome == "taken").collect();
        let holders: Vec<_> = taken.iter().filter_map(|at| outcomes[*at].holder.clone()).collect();
        if !holders.is_empty() && self.extension.release(&holders).await.is_ok() {
            let again: Vec<Item> = taken.iter().map(|at| items[*at].clone()).collect();
            match self.extension.write(&again, &show).await {
                Ok((answered, shown)) => {
                    objects.extend(shown);
                    taken.into_iter().zip(answered).for_each(|(at, outcome)| outcomes[at] = outcome);
                }
                Err(error) if error.is_open() => {
                    taken.into_iter().for_each(|at| outcomes[at].outcome.clear());
                }
                Err(_) => {}
            }
        }
        let objects: BTreeMap<Uuid, Object> =
            objects.into_iter().filter_map(|object| Some((guid(&object, REF)?, object))).collect();
        let mut written = BTreeMap::new();
        for (one, answered) in planned.iter().zip(outcomes) {
            let writing = self.writing(one, answered, objects.get(&one.reference)).await;
            written.insert(one.at, writing);
        }
        written
    }

    async fn writing(&self, one: &Planned<'_>, answered: ItemOutcome, shown: Option<&Object>) -> Writing {
        let Planned { table, reference, .. } = one;
        let is_own = answered.set.is_empty() || answered.set == table.names.set;
        match (answered.outcome.as_str(), shown) {
            // An object of a derived reference is what an earlier attempt made.
            ("exists", Some(object)) if is_own => Writing::of(table.catalog, Sent::Shown(object.clone())),
            ("done", Some(object)) => Writing::of(table.catalog, Sent::Shown(object.clone())),
            ("exists", None) if is_own => Writing::of(table.catalog, Sent::Hidden(*reference)),
            ("done", None) => Writing::of(table.catalog, Sent::Hidden(*reference)),
            ("moved", Some(object)) => self.onec.moved(self.facts, table, object).await,
            _ => Writing::over(outcome::of_item(&answered, table)),
        }
    }

    async fn known(&self, tasks: &[(usize, Task<'_>)]) -> Result<Known, SideError> {
        let mut known = Known::default();
        let mut companies = BTreeSet::new();
        let mut partners = BTreeSet::new();
        for (_, task) in tasks {
            let Task::Create { table, source, party } = task else { continue };
            if is_of_partner(table) {
                companies.extend(company_of(party));
            }
            if self.facts.part_of(table).is_some() {
                companies.extend(head_of(party));
                partners.insert(derived_partner(&self.onec.settings.pair, source));
            }
        }
        let counterparties = self.facts.tables.get(&Catalog::Counterparty);
        if let Some((table, part)) =
            counterparties.and_then(|table| Some((table, table.names.part.as_ref()?)))
            && !companies.is_empty()
        {
            let companies: Vec<Uuid> = companies.into_iter().collect();
            for object in self.onec.objects(table, &companies).await? {
                let partner = guid(&object, &part.reference);
                let partner = partner.filter(|partner| !self.facts.nobodys.contains(partner));
                known.owners.extend(guid(&object, REF).zip(partner));
            }
        }
        if let Some(parts) = self.facts.part.as_ref().filter(|_| !partners.is_empty()) {
            let wanted: Vec<Uuid> = partners.iter().copied().collect();
            let found = self.onec.objects(parts, &wanted).await?;
            let there: BTreeSet<Uuid> = found.iter().filter_map(|object| guid(object, REF)).collect();
            let clients = if there.is_empty() {
                BTreeMap::new()
            } else {
                self.onec.clients_of(self.facts, &there).await?
            };
            for object in &found {
                let Some(partner) = guid(object, REF) else { continue };
                let is_free = !clients.contains_key(&partner);
                known.partners.insert(partner, is_free.then(|| text(object, VERSION).to_owned()));
            }
        }
        Ok(known)
    }
}

impl Writing {
    fn of(catalog: Catalog, sent: Sent) -> Self {
        Self { catalog, sent }
    }
}

/// An object as an item names it: without fields only its version counts.
fn object(table: &Table, reference: Uuid, version: &str, mut fields: Object) -> ItemObject {
    let mutual_id = fields.remove(MUTUAL_ID).and_then(|id| id.as_str().map(str::to_owned));
    ItemObject {
        set: table.names.set.clone(),
        reference,
        version: version.to_owned(),
        fields: Some(fields).filter(|fields| !fields.is_empty() || version.is_empty()),
        mutual_id,
    }
}

fn is_of_partner(table: &Table) -> bool {
    table.names.owner.as_ref().is_some_and(|owner| owner.of == OwnerOf::Partner)
}

fn company_of(party: &Party) -> Option<Uuid> {
    employer(party.employers()).and_then(|company| Uuid::try_parse(&company.id).ok())
}

/// The partner that a new contact person belongs to: that of its company.
fn owner(table: &Table, party: &Party, known: &Known) -> Result<Option<Uuid>, Outcome> {
    let Some(company) = company_of(party).filter(|_| is_of_partner(table)) else { return Ok(None) };
    match known.owners.get(&company) {
        Some(partner) => Ok(Some(*partner)),
        None => Err(outcome::without_partner(company, Field::Company)),
    }
}
