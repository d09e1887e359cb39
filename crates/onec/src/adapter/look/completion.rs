//! Completes objects with what stands elsewhere: partners, their counterparties, links of contact persons.
//!
//! Not responsible for which counterparty a partner is a part of (see `clients`).

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::record::Kind;
use obmen_engine::ports::SideError;
use serde_json::Value;
use uuid::Uuid;

use crate::adapter::Onec;
use crate::condition::{Condition, by_reference};
use crate::facts::{Facts, Table};
use crate::odata::Object;
use crate::places::Place;
use crate::profile::{CatalogProfile, Links, OwnerOf, Part};
use crate::read::legal::{LegalKind, legal_kind};
use crate::read::{self, whole};
use crate::settings::IdPlace;
use crate::wire::{DESCRIPTION, FOLDER, MARK, REF, VERSION, guid, text};

impl Onec {
    /// The objects with all that their records are made of.
    pub(crate) async fn completed(
        &self,
        facts: &Facts,
        table: &Table,
        mut objects: Vec<Object>,
    ) -> Result<Vec<Object>, SideError> {
        let names = &table.names;
        if let (Some(part), Some(parts)) = (&names.part, &facts.part) {
            self.add_parts(facts, part, parts, &parts.select, &mut objects).await?;
        }
        if names.owner.as_ref().is_some_and(|owner| owner.of == OwnerOf::Partner) {
            self.add_clients(facts, table, &mut objects).await?;
        }
        if let Some(links) = &names.links {
            self.add_links(links, &mut objects).await?;
        }
        // Where ids are kept beside the objects, linking a head office does not write it.
        let is_written = self.settings.store_id == IdPlace::Attribute;
        if let (Some(head), Some(inn), true) = (&names.head, &names.inn, is_written) {
            self.add_numbers_of_heads(table, head, inn, &mut objects).await?;
        }
        Ok(objects)
    }

    pub(super) async fn add_parts(
        &self,
        facts: &Facts,
        part: &Part,
        parts: &Table,
        select: &str,
        objects: &mut [Object],
    ) -> Result<(), SideError> {
        let partner_of = |object: &Object| {
            guid(object, &part.reference).filter(|partner| !facts.nobodys.contains(partner))
        };
        let wanted: BTreeSet<Uuid> = objects.iter().filter_map(partner_of).collect();
        let clients = self.clients_of(facts, &wanted).await?;
        let is_main = |object: &Object, partner: Uuid| {
            clients.get(&partner).and_then(|clients| clients.first()).copied() == guid(object, REF)
        };
        let of_main = |object: &Object| partner_of(object).filter(|partner| is_main(object, *partner));
        let wanted: Vec<Uuid> = objects.iter().filter_map(of_main).collect();
        let read = self.rows_of_any(&parts.names.set, select, by_reference(&wanted)).await?;
        let read: BTreeMap<Uuid, Object> =
            read.into_iter().filter_map(|object| Some((guid(&object, REF)?, object))).collect();
        for object in objects {
            if let Some(found) = of_main(object).and_then(|partner| read.get(&partner)) {
                whole::put_part(object, found.clone());
            }
            let siblings = partner_of(object).and_then(|partner| clients.get(&partner));
            self.add_siblings(siblings.map_or(&[], Vec::as_slice), object);
        }
        Ok(())
    }

    /// The counterparties of one partner are requisites of one company: organizations all.
    fn add_siblings(&self, clients: &[Uuid], object: &mut Object) {
        if !self.settings.further_requisites || clients.len() < 2 {
            return;
        }
        let is_company = |one: &&Uuid| self.places.of(**one).is_some_and(|place| place.kind == Kind::Company);
        let siblings: Vec<Uuid> = clients.iter().filter(is_company).copied().collect();
        if guid(object, REF).is_some_and(|own| siblings.contains(&own)) {
            whole::put_clients(object, &siblings);
        }
    }

    async fn add_clients(
        &self,
        facts: &Facts,
        table: &Table,
        objects: &mut [Object],
    ) -> Result<(), SideError> {
        let owner_of = |object: &Object| read::owner_of(self.reading(facts), table, object);
        let owners: BTreeSet<Uuid> = objects.iter().filter_map(owner_of).collect();
        let clients = self.clients_of(facts, &owners.difference(&facts.nobodys).copied().collect()).await?;
        for object in objects {
            let of_owner = owner_of(object).and_then(|owner| clients.get(&owner));
            whole::put_clients(object, of_owner.map_or(&[], Vec::as_slice));
        }
        Ok(())
    }

    /// A branch has the INN of its head office. 1C writes it into the branch whenever the head is written, also by us:
    /// one that lacks it is read as it will be.
    async fn add_numbers_of_heads(
        &self,
        table: &Table,
        head: &str,
        inn: &str,
        objects: &mut [Object],
    ) -> Result<(), SideError> {
        let head_of = |object: &Object| {
            let is_open = text(object, inn).trim().is_empty();
            guid(object, head).filter(|reference| is_open && Some(*reference) != guid(object, REF))
        };
        let wanted: BTreeSet<Uuid> = objects.iter().filter_map(head_of).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let conditions = by_reference(&wanted.into_iter().collect::<Vec<_>>());
        let heads = self.rows_of_any(&table.names.set, &format!("{REF},{inn}"), conditions).await?;
        let numbers: BTreeMap<Uuid, Value> =
            heads.iter().filter_map(|found| Some((guid(found, REF)?, found.get(inn)?.clone()))).collect();
        for object in objects {
            if let Some(number) = head_of(object).and_then(|reference| numbers.get(&reference)) {
                object.insert(inn.to_owned(), number.clone());
            }
        }
        Ok(())
    }

    pub(super) async fn add_links(&self, names: &Links, objects: &mut [Object]) -> Result<(), SideError> {
        let persons = objects.iter().filter_map(|object| guid(object, REF));
        let condition = |person: Uuid| Condition::is_key(&names.person, person);
        let mut records = self.rows_of_any(&names.set, "*", persons.map(condition).collect()).await?;
        records.sort_by(|one, other| text(one, &names.period).cmp(text(other, &names.period)));
        let mut newest: BTreeMap<Uuid, BTreeMap<Uuid, Object>> = BTreeMap::new();
        for record in records {
            if let (Some(person), Some(company)) =
                (guid(&record, &names.person), guid(&record, &names.company))
            {
                newest.entry(person).or_default().insert(company, record);
            }
        }
        for object in objects {
            let links = guid(object, REF).and_then(|person| newest.remove(&person)).unwrap_or_default();
            whole::put_links(names, object, links.into_values().collect());
        }
        Ok(())
    }
}

/// Of what is read of an object, that which tells its version, its kind and its partner: where the sort of an old row is empty,
/// its numbers tell the kind.
pub(super) fn light_select(table: &Table) -> String {
    let names = &table.names;
    let mut wanted = BTreeSet::from([REF, VERSION, MARK]);
    if let Some(legal) = &names.legal {
        wanted.extend([DESCRIPTION, FOLDER, legal.attribute.as_str()]);
        let told = [&legal.flag, &names.ogrn, &names.full_name, &names.inn, &names.kpp];
        wanted.extend(told.into_iter().flatten().map(String::as_str));
    }
    if let Some(part) = &names.part {
        wanted.insert(&part.reference);
        wanted.extend(part.branch.as_deref());
    }
    table.select.split(',').filter(|name| wanted.contains(name)).collect::<Vec<_>>().join(",")
}

/// Where a counterparty stands, and what it is.
pub(super) fn place_of(table: &Table, object: &Object) -> Place {
    Place { catalog: table.catalog, kind: kind_of(&table.names, object) }
}

fn kind_of(names: &CatalogProfile, object: &Object) -> Kind {
    match legal_kind(names, object) {
        LegalKind::Person => Kind::Contact,
        LegalKind::Organization | LegalKind::Entrepreneur => Kind::Company,
    }
}
