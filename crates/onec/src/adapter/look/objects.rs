//! Objects by condition, and what only other objects tell about them: whether an owner is an organization, who is staff.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use obmen_domain::record::{Catalog, Kind, Record};
use obmen_engine::ports::SideError;
use uuid::Uuid;

use super::completion::{light_select, place_of};
use crate::adapter::Onec;
use crate::condition::{Condition, Filter, by_reference};
use crate::facts::{Facts, Table};
use crate::odata::{Object, Query};
use crate::read::{self, Surroundings};
use crate::wire::{REF, guid};

impl Onec {
    /// Objects as records.
    pub(crate) async fn records(
        &self,
        facts: &Facts,
        table: &Table,
        objects: Vec<Object>,
    ) -> Result<Vec<Record>, SideError> {
        let staff = match table.catalog {
            Catalog::Individual if facts.staff => self.staff_among(&objects).await?,
            _ => HashSet::new(),
        };
        self.records_with(facts, table, objects, &staff).await
    }

    /// Objects of a walk as records; staff was read when the walk began.
    pub(super) async fn records_of_walk(
        &self,
        facts: &Facts,
        table: &Table,
        objects: Vec<Object>,
    ) -> Result<Vec<Record>, SideError> {
        let staff = Arc::clone(&self.staff_place());
        self.records_with(facts, table, objects, &staff).await
    }

    /// The objects of these references that exist.
    pub(crate) async fn objects(&self, table: &Table, references: &[Uuid]) -> Result<Vec<Object>, SideError> {
        self.rows_of_any(&table.names.set, &table.select, by_reference(references)).await
    }

    /// Rows for which any of the conditions holds.
    pub(crate) async fn rows_of_any(
        &self,
        set: &str,
        select: &str,
        conditions: Vec<Condition>,
    ) -> Result<Vec<Object>, SideError> {
        let query = Query { set, select, filter: Filter::default(), top: None };
        self.interface.rows_of_any(&query, conditions).await
    }

    /// References of all individuals who are own staff.
    pub(super) async fn all_staff(&self) -> Result<HashSet<Uuid>, SideError> {
        let Some(names) = &self.settings.profile.staff else { return Ok(HashSet::new()) };
        let select = format!("{REF},{}", names.person);
        let query = Query { set: &names.set, select: &select, filter: Filter::default(), top: None };
        let objects = self.interface.all_rows(&query, self.settings.profile.page).await?;
        Ok(objects.iter().filter_map(|object| guid(object, &names.person)).collect())
    }

    async fn records_with(
        &self,
        facts: &Facts,
        table: &Table,
        objects: Vec<Object>,
        staff: &HashSet<Uuid>,
    ) -> Result<Vec<Record>, SideError> {
        let objects = self.completed(facts, table, objects).await?;
        let reading = self.reading(facts);
        let owners_of = |object: &Object| read::owners(reading, table, object);
        self.learn_owners(facts, objects.iter().flat_map(owners_of).collect()).await?;
        let is_company =
            |owner: &Uuid| self.places.of(*owner).is_some_and(|place| place.kind == Kind::Company);
        let mut records = Vec::with_capacity(objects.len());
        for object in &objects {
            let surroundings = Surroundings {
                employers: owners_of(object).into_iter().filter(is_company).collect(),
                is_staff: guid(object, REF).is_some_and(|reference| staff.contains(&reference)),
            };
            records.extend(read::record(reading, table, object, &surroundings));
        }
        self.places.learn(&records);
        Ok(records)
    }

    /// Finds out of unknown owners whether they are organizations.
    async fn learn_owners(&self, facts: &Facts, owners: BTreeSet<Uuid>) -> Result<(), SideError> {
        let unknown: Vec<Uuid> =
            owners.into_iter().filter(|owner| self.places.of(*owner).is_none()).collect();
        let Some(table) = facts.counterparties().filter(|_| !unknown.is_empty()) else { return Ok(()) };
        let select = light_select(table);
        for object in self.rows_of_any(&table.names.set, &select, by_reference(&unknown)).await? {
            if let Some(reference) = guid(&object, REF) {
                self.places.learn_one(reference, place_of(table, &object));
            }
        }
        Ok(())
    }

    async fn staff_among(&self, individuals: &[Object]) -> Result<HashSet<Uuid>, SideError> {
        let Some(names) = &self.settings.profile.staff else { return Ok(HashSet::new()) };
        let references = individuals.iter().filter_map(|object| guid(object, REF));
        let conditions = references.map(|reference| Condition::is_key(&names.person, reference));
        let select = format!("{REF},{}", names.person);
        let objects = self.rows_of_any(&names.set, &select, conditions.collect()).await?;
        Ok(objects.iter().filter_map(|object| guid(object, &names.person)).collect())
    }
}
