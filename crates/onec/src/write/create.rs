//! A create: the partner first where there are partners, then the object, then its links.
//!
//! Each is a request and a transaction of its own. Invariants: a repeated create finds the partner that an earlier one
//! left behind; the partner made for a counterparty that was refused is marked for deletion.

use std::collections::BTreeSet;

use obmen_domain::party::{Field, Party};
use obmen_domain::record::RecordId;
use obmen_engine::ports::{DataFault, Outcome, SideError};
use serde_json::Value;
use uuid::Uuid;

use super::body::{self, Joined, employer, head_of};
use super::requests::Requests;
use super::{Sent, is_complete, outcome};
use crate::adapter::question::by_attribute;
use crate::facts::Table;
use crate::fault::{CallError, code};
use crate::identity::{derived_partner, derived_reference};
use crate::odata::Object;
use crate::profile::OwnerOf;
use crate::wire::{MARK, REF, guid};

impl Requests<'_> {
    pub(super) async fn create(&self, table: &Table, source: &RecordId, party: &Party) -> Sent {
        let owner = match self.owner_of_new(table, party).await {
            Ok(owner) => owner,
            Err(over) => return Sent::Over(over),
        };
        let shared = match self.partner_of_head(table, party).await {
            Ok(shared) => shared,
            Err(over) => return Sent::Over(over),
        };
        let part = match self.facts.part_of(table) {
            None => None,
            Some(_) if shared.is_some() => shared,
            Some(parts) => match self.create_part(table, parts, source, party).await {
                Ok(part) => Some(part),
                Err(over) => return Sent::Over(over),
            },
        };
        let derived = self.derived(derived_reference(&self.onec.settings.pair, source));
        let joined = Joined { reference: derived, part, owner };
        let sent = match body::new_object(self.onec.reading(self.facts), table, source, joined, party) {
            Ok(body) => self.create_object(table, &body, derived).await,
            Err(field) => {
                let words = format!("{} needs a {field}", table.names.set);
                Sent::Over(Outcome::Refused { words, field: Some(field), fault: DataFault::Unfilled })
            }
        };
        match &sent {
            Sent::Over(Outcome::Refused { .. }) if shared.is_none() => self.mark_part(part).await,
            Sent::Over(_) => {}
            Sent::Shown(object) => self.join(table, guid(object, REF), party).await,
            Sent::Hidden(reference) => self.join(table, Some(*reference), party).await,
        }
        sent
    }

    async fn create_object(&self, table: &Table, body: &Object, derived: Option<Uuid>) -> Sent {
        let written = match self.odata.create(&table.names.set, body).await {
            Ok(written) => written,
            Err(CallError::Refused { code: code::EXISTS, .. }) if derived.is_some() => {
                self.onec.learned.keep(&*self.onec.memory, true).await;
                return derived.map_or(Sent::Over(Outcome::Unknown), Sent::Hidden);
            }
            Err(error) => return Sent::Over(outcome::of_failure(error, table)),
        };
        let shown = written.entity.as_ref().and_then(|entity| guid(entity, REF)).or(written.location);
        if let (Some(derived), Some(shown)) = (derived, shown) {
            self.onec.learned.keep(&*self.onec.memory, derived == shown).await;
        }
        match (written.entity, shown.or(derived)) {
            (Some(entity), Some(_)) if is_complete(table, &entity, "") => Sent::Shown(entity),
            (_, Some(reference)) => Sent::Hidden(reference),
            (_, None) => Sent::Over(Outcome::Unknown),
        }
    }

    /// The reference to send, unless references are known not to be honoured.
    fn derived(&self, reference: Uuid) -> Option<Uuid> {
        (self.onec.learned.honours_references() != Some(false)).then_some(reference)
    }

    async fn create_part(
        &self,
        table: &Table,
        parts: &Table,
        source: &RecordId,
        party: &Party,
    ) -> Result<Uuid, Outcome> {
        if self.onec.learned.honours_references() != Some(true)
            && let Some(left_behind) = self.part_left_behind(parts, source).await.map_err(Outcome::NotDone)?
        {
            return self.take_up((table, parts), source, party, left_behind).await;
        }
        let derived = self.derived(derived_partner(&self.onec.settings.pair, source));
        let body = body::new_part(self.onec.reading(self.facts), table, parts, source, derived, party);
        match (self.create_object(parts, &body, derived).await, derived) {
            (Sent::Shown(part), _) => guid(&part, REF).ok_or(Outcome::Unknown),
            (Sent::Hidden(reference), Some(derived)) if reference == derived => {
                self.take_up((table, parts), source, party, reference).await
            }
            (Sent::Hidden(reference), _) => Ok(reference),
            (Sent::Over(over), _) => Err(over),
        }
    }

    /// A partner that an earlier create of this record left without a counterparty.
    async fn part_left_behind(&self, parts: &Table, source: &RecordId) -> Result<Option<Uuid>, SideError> {
        let Some(property) = self.facts.id_attribute else { return Ok(None) };
        let names = &self.onec.settings.profile.attributes;
        let conditions = by_attribute(names, parts, property, &[source.mutual()]);
        let found = self.onec.rows_of_any(&parts.names.set, REF, conditions).await?;
        let found: BTreeSet<Uuid> = found.iter().filter_map(|object| guid(object, REF)).collect();
        let clients = self.onec.clients_of(self.facts, &found).await?;
        Ok(found.into_iter().find(|partner| !clients.contains_key(partner)))
    }

    /// Brings a partner up to date that stood there before. One that has a counterparty by now is left alone.
    async fn take_up(
        &self,
        (table, parts): (&Table, &Table),
        source: &RecordId,
        party: &Party,
        reference: Uuid,
    ) -> Result<Uuid, Outcome> {
        let clients =
            self.onec.clients_of(self.facts, &BTreeSet::from([reference])).await.map_err(Outcome::NotDone)?;
        if clients.is_empty() {
            let mut body = body::new_part(self.onec.reading(self.facts), table, parts, source, None, party);
            body.insert(MARK.to_owned(), Value::Bool(false));
            let written = self.odata.update(&parts.names.set, reference, "", &body).await;
            written.map_err(|error| outcome::of_failure(error, parts))?;
        }
        Ok(reference)
    }

    /// Marks the partner of a counterparty that was refused. Where that fails, the next create takes it up.
    async fn mark_part(&self, part: Option<Uuid>) {
        let (Some(parts), Some(reference)) = (&self.facts.part, part) else { return };
        let mark = Object::from_iter([(MARK.to_owned(), Value::Bool(true))]);
        if self.odata.update(&parts.names.set, reference, "", &mark).await.is_err() {
            tracing::warn!(%reference, "onec.partner is not marked");
        }
    }

    /// The partner that a further counterparty shares with the first one.
    async fn partner_of_head(&self, table: &Table, party: &Party) -> Result<Option<Uuid>, Outcome> {
        let (Some(part), Some(head)) = (&table.names.part, head_of(party)) else { return Ok(None) };
        let found = self.onec.objects(table, &[head]).await.map_err(Outcome::NotDone)?;
        let partner = found.first().and_then(|object| guid(object, &part.reference));
        Ok(partner.filter(|partner| !self.facts.nobodys.contains(partner)))
    }

    /// The partner that a new contact person belongs to: that of its company.
    async fn owner_of_new(&self, table: &Table, party: &Party) -> Result<Option<Uuid>, Outcome> {
        let of_partner = table.names.owner.as_ref().is_some_and(|owner| owner.of == OwnerOf::Partner);
        let company = employer(party.employers()).and_then(|company| Uuid::try_parse(&company.id).ok());
        let (Some(company), true) = (company, of_partner) else { return Ok(None) };
        let Some((companies, part)) =
            self.facts.counterparties().and_then(|table| Some((table, table.names.part.as_ref()?)))
        else {
            return Ok(None);
        };
        let found = self.onec.objects(companies, &[company]).await.map_err(Outcome::NotDone)?;
        let partner = found.first().and_then(|object| guid(object, &part.reference));
        match partner.filter(|partner| !self.facts.nobodys.contains(partner)) {
            Some(partner) => Ok(Some(partner)),
            None => Err(outcome::without_partner(company, Field::Company)),
        }
    }

    async fn join(&self, table: &Table, reference: Option<Uuid>, party: &Party) {
        let (Some(links), Some(reference), Party::Person(person)) = (&table.names.links, reference, party)
        else {
            return;
        };
        let companies: Vec<Uuid> =
            person.employers.iter().filter_map(|company| Uuid::try_parse(&company.id).ok()).collect();
        self.join_new(links, reference, &companies, &person.position).await;
    }
}
