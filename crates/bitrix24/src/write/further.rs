//! Writes of further requisites: made beside the company's own one, changed and deleted by themselves.
//!
//! Nothing is repeated. Invariant: a company is never changed here, and a requisite that stands in another version than planned
//! on is not deleted.

use std::collections::BTreeMap;

use obmen_domain::party::{Field, Organization, Party, Value as FieldValue};
use obmen_domain::record::{Kind, Record, RecordId};
use obmen_engine::ports::{Outcome, SideError};
use serde_json::json;

use super::create::Creation;
use super::requisite::{self, Numbers};
use super::update::{Revision, failed};
use super::{failure, not_done};
use crate::address;
use crate::call::{Command, Reply, unexpected};
use crate::further::{fetch, id_of, owners, requisite_of};
use crate::native::Native;
use crate::portal::Portal;
use crate::sender::{Patience, Sender};
use crate::settings::Settings;
use crate::wire::{flag, text};

/// The company, or one of its requisites, beside which a new record is to stand.
pub(crate) fn head_of(party: &Party) -> Option<&RecordId> {
    match party {
        Party::Organization(_) => party.belongs_to().first(),
        Party::Person(_) => None,
    }
}

/// Makes requisites; outcomes in the order given.
pub(crate) async fn create(
    creations: &[Creation],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Vec<Outcome> {
    if creations.is_empty() {
        return Vec::new();
    }
    let companies = match companies_of(creations, sender).await {
        Ok(companies) => companies,
        Err(error) => return vec![not_done(&error); creations.len()],
    };
    let mut commands = Vec::new();
    // Where the commands of each creation begin.
    let starts: Vec<Option<usize>> = creations
        .iter()
        .map(|creation| {
            let company = head_of(&creation.party).and_then(|head| companies.get(&head.id))?;
            let made = add(company, creation, settings, portal)?;
            let start = commands.len();
            commands.extend(made);
            Some(start)
        })
        .collect();
    let replies = sender.run(&commands, Patience::Short).await;
    let made: Vec<Result<String, Outcome>> = starts
        .iter()
        .map(|start| match start {
            // The company is gone, or the portal has no preset: nothing was sent.
            None => Err(not_done(&unexpected("a company for a requisite that is gone, or no preset"))),
            Some(at) => new_id(&replies[*at]),
        })
        .collect();
    let ids: Vec<String> = made.iter().filter_map(|made| made.as_ref().ok()).cloned().collect();
    let shown = by_id(fetch(&ids, sender, settings, portal).await);
    let finish = |(made, creation): (Result<String, Outcome>, &Creation)| match (made, &shown) {
        (Err(outcome), _) => outcome,
        (Ok(id), Ok(shown)) => match shown.get(&id_of(&id)) {
            Some(record) if Native::read(&record.native).origin == creation.source.id => {
                Outcome::Done { record: Box::new(record.clone()), overwrote: None }
            }
            Some(_) => Outcome::Unknown,
            None => Outcome::Vanished(id_of(&id)),
        },
        (Ok(_), Err(_)) => Outcome::Unknown,
    };
    made.into_iter().zip(creations).map(finish).collect()
}

/// The companies of heads: a head may be a requisite of the company itself.
async fn companies_of(
    creations: &[Creation],
    sender: &Sender,
) -> Result<BTreeMap<String, String>, SideError> {
    let heads = || creations.iter().filter_map(|creation| head_of(&creation.party));
    let requisites: Vec<String> =
        heads().filter_map(|head| requisite_of(&head.id)).map(str::to_owned).collect();
    let owners = owners(&requisites, sender).await?;
    let company = |head: &RecordId| match requisite_of(&head.id) {
        Some(requisite) => owners.get(requisite).cloned(),
        None => Some(head.id.clone()),
    };
    Ok(heads().filter_map(|head| Some((head.id.clone(), company(head)?))).collect())
}

fn add(company: &str, creation: &Creation, settings: &Settings, portal: &Portal) -> Option<Vec<Command>> {
    let party = &creation.party;
    let numbers = Numbers::of(party);
    let mut command = requisite::add(Kind::Company, company, party, &numbers, &creation.source.id, portal)?;
    command.params["fields"]["ORIGINATOR_ID"] = json!(settings.originator());
    let address = match party {
        Party::Organization(Organization { address, .. }) => {
            Some(address).filter(|text| !text.trim().is_empty())
        }
        Party::Person(_) => None,
    };
    Some([command].into_iter().chain(address.map(|text| address::put_beside(address::LEGAL, text))).collect())
}

fn new_id(reply: &Reply) -> Result<String, Outcome> {
    if let Some(outcome) = failure("crm.requisite.add", None, reply) {
        return Err(outcome);
    }
    let Reply::Answer(answer) = reply else { return Err(Outcome::Unknown) };
    let id = text(&answer.value);
    if id.parse::<u64>().is_ok_and(|id| id > 0) { Ok(id) } else { Err(Outcome::Unknown) }
}

fn by_id(records: Result<Vec<Record>, SideError>) -> Result<BTreeMap<RecordId, Record>, SideError> {
    Ok(records?.into_iter().map(|record| (record.id.clone(), record)).collect())
}

/// Changes requisites; outcomes in the order given.
pub(crate) async fn update(
    revisions: &[Revision],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Vec<Outcome> {
    if revisions.is_empty() {
        return Vec::new();
    }
    let ids = requisites(revisions.iter().map(|revision| &revision.record));
    let before = match by_id(fetch(&ids, sender, settings, portal).await) {
        Ok(before) => before,
        Err(error) => return vec![not_done(&error); revisions.len()],
    };
    let present = |revision: &&Revision| before.contains_key(&revision.record.id);
    let of_each: Vec<(&Revision, Vec<Order>)> =
        revisions.iter().filter(present).map(|revision| (revision, changes(revision))).collect();
    let orders = of_each.iter().flat_map(|(_, orders)| orders);
    let commands: Vec<Command> = orders.map(|(command, _)| command.clone()).collect();
    let mut replies = sender.run(&commands, Patience::Short).await.into_iter();
    let mut failures: BTreeMap<RecordId, Outcome> = BTreeMap::new();
    for (revision, orders) in &of_each {
        let own: Vec<Reply> = replies.by_ref().take(orders.len()).collect();
        if let Some(outcome) = failed(orders, &own) {
            failures.insert(revision.record.id.clone(), outcome);
        }
    }
    let after = by_id(fetch(&ids, sender, settings, portal).await);
    let outcome = |revision: &Revision| {
        let id = &revision.record.id;
        let Some(stood) = before.get(id) else { return Outcome::Missing };
        if let Some(failure) = failures.get(id) {
            return failure.clone();
        }
        match &after {
            Err(_) => Outcome::Unknown,
            Ok(after) => after.get(id).map_or(Outcome::Missing, |record| {
                let moved = Some(stood).filter(|stood| stood.version != revision.record.version);
                Outcome::Done { record: Box::new(record.clone()), overwrote: moved.cloned().map(Box::new) }
            }),
        }
    };
    revisions.iter().map(outcome).collect()
}

fn requisites<'a>(records: impl Iterator<Item = &'a Record>) -> Vec<String> {
    records.filter_map(|record| requisite_of(&record.id.id)).map(str::to_owned).collect()
}

/// A command with the field it is about, where it is about one.
type Order = (Command, Option<Field>);

/// The commands of a revision.
fn changes(revision: &Revision) -> Vec<Order> {
    let native = Native::read(&revision.record.native);
    let Some(known) = native.requisite else { return Vec::new() };
    let mut numbers = Numbers { mark: revision.mutual_id.clone(), ..Numbers::default() };
    let mut address = None;
    let mut is_entrepreneur = known.entrepreneur;
    if let Party::Organization(organization) = &revision.record.party {
        is_entrepreneur |= organization.entrepreneur;
    }
    for change in &revision.changes {
        match (change.field, &change.after) {
            (Field::Address, FieldValue::Text(text)) => address = Some(text),
            (Field::MutualId, FieldValue::Text(text)) => numbers.mark = Some(text.clone()),
            (field, FieldValue::Text(text)) => {
                numbers.set(field, text);
            }
            _ => {}
        }
    }
    let of_numbers = (!numbers.is_empty()).then(|| requisite::update(&known.id, &numbers, is_entrepreneur));
    let of_address = address.map(|text| address::put(address::LEGAL, &known.id, text, known.has_address));
    let of_numbers = of_numbers.map(|command| (command, None));
    of_numbers.into_iter().chain(of_address.map(|command| (command, Some(Field::Address)))).collect()
}

/// Deletes requisites that stand as they were planned on; outcomes in the order given.
pub(crate) async fn delete(
    records: &[Record],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Vec<Outcome> {
    if records.is_empty() {
        return Vec::new();
    }
    let ids = requisites(records.iter());
    let held = match by_id(fetch(&ids, sender, settings, portal).await) {
        Ok(held) => held,
        Err(error) => return vec![not_done(&error); records.len()],
    };
    let is_free = |record: &Record| held.get(&record.id).is_some_and(|held| held.version == record.version);
    let delete = |record: &Record| {
        Command::new("crm.requisite.delete", json!({"id": requisite_of(&record.id.id).unwrap_or_default()}))
    };
    let commands: Vec<Command> = records.iter().filter(|record| is_free(record)).map(delete).collect();
    let mut replies = sender.run(&commands, Patience::Short).await.into_iter();
    let mut outcome = |record: &Record| match held.get(&record.id) {
        None => Outcome::Missing,
        Some(held) if held.version != record.version => Outcome::Moved { record: Box::new(held.clone()) },
        Some(_) => replies.next().map_or(Outcome::Unknown, |reply| deleted(&reply)),
    };
    records.iter().map(&mut outcome).collect()
}

fn deleted(reply: &Reply) -> Outcome {
    match (failure("crm.requisite.delete", None, reply), reply) {
        (Some(outcome), _) => outcome,
        (None, Reply::Answer(answer)) if flag(&answer.value) => Outcome::Missing,
        (None, _) => Outcome::Unknown,
    }
}
