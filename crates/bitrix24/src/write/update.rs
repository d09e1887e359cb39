//! Updates: the records as they stand, the changes, the records as they stand then, in one batch.
//!
//! The first list shows whether a version moved since the plan was made; the portal has no compare-and-set. Not
//! responsible for what to do about it. Invariant: rows of multi-fields, links and requisites that the plan does not
//! name are not touched, and `COMPANY_ID` is never written.

use std::collections::BTreeMap;

use obmen_domain::party::{Field, Party, UserId, Value as FieldValue};
use obmen_domain::plan::FieldChange;
use obmen_domain::record::{Kind, Record, RecordId};
use obmen_engine::ports::{Outcome, SideError};
use serde_json::{Map, Value, json};

use super::failure;
use super::points::{email_changes, phone_changes};
use super::requisite::{self, Numbers};
use crate::address;
use crate::batch::MAX_COMMANDS;
use crate::call::{Command, Reply};
use crate::home;
use crate::native::Native;
use crate::portal::Portal;
use crate::read::{bundle, bundle_size, records_of_bundle, type_id};
use crate::sender::{Patience, Sender};
use crate::settings::Settings;

/// The method that updates records of every kind.
const UNIVERSAL: &str = "crm.item.update";

/// A record to be changed.
#[derive(Debug, Clone)]
pub(crate) struct Revision {
    pub(crate) record: Record,
    pub(crate) changes: Vec<FieldChange>,
    pub(crate) mutual_id: Option<String>,
}

/// A revision's commands, each with the field it is about where it is about one.
struct Orders {
    place: usize,
    commands: Vec<(Command, Option<Field>)>,
}

/// Changes records; outcomes in the order given.
pub(crate) async fn update(
    revisions: &[Revision],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = revisions.iter().map(|_| None).collect();
    for kind in Kind::ALL {
        let method = sender.freest([classic(kind), UNIVERSAL]).await;
        let orders = (0..revisions.len())
            .filter(|place| revisions[*place].record.id.kind == kind)
            .map(|place| Orders { place, commands: commands(&revisions[place], method, settings, portal) });
        for group in groups(kind, orders, sender, settings).await {
            run_group(kind, &group, revisions, &mut outcomes, sender, settings, portal).await;
        }
    }
    outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Unknown)).collect()
}

/// Cuts orders into groups that fit into one batch with both lists around them. An order that must leave the batch is
/// a group of its own.
async fn groups(
    kind: Kind,
    orders: impl Iterator<Item = Orders>,
    sender: &Sender,
    settings: &Settings,
) -> Vec<Vec<Orders>> {
    let room = MAX_COMMANDS - 2 * bundle_size(kind, settings);
    let lists = sender.estimate("crm.contact.list", 2.0 * bundle_size(kind, settings) as f64).await;
    let max_seconds = settings.limits.batch_seconds() - lists;
    let mut groups: Vec<Vec<Orders>> = Vec::new();
    let (mut count, mut seconds, mut closed) = (0, 0.0, true);
    for order in orders {
        let mut cost = 0.0;
        for (command, _) in &order.commands {
            cost += sender.estimate(command.method, command.units).await;
        }
        let alone = order.commands.iter().any(|(command, _)| command.goes_alone());
        let full = count + order.commands.len() > room || seconds + cost > max_seconds;
        if closed || alone || full || groups.last().is_none_or(|group| group.len() >= room) {
            groups.push(Vec::new());
            (count, seconds) = (0, 0.0);
        }
        count += order.commands.len();
        seconds += cost;
        closed = alone;
        if let Some(group) = groups.last_mut() {
            group.push(order);
        }
    }
    groups
}

async fn run_group(
    kind: Kind,
    group: &[Orders],
    revisions: &[Revision],
    outcomes: &mut [Option<Outcome>],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) {
    let ids: Vec<String> = group.iter().map(|order| revisions[order.place].record.id.id.clone()).collect();
    let lists = bundle(kind, &ids, settings, portal);
    let writes = group.iter().flat_map(|order| order.commands.iter().map(|(command, _)| command.clone()));
    let commands: Vec<Command> = lists.iter().cloned().chain(writes).chain(lists.iter().cloned()).collect();
    let replies = sender.run(&commands, Patience::Short).await;
    let end = commands.len() - lists.len();
    let read = async |replies: &[Reply]| -> Result<BTreeMap<String, Record>, SideError> {
        let answers: Result<Vec<Value>, SideError> = replies.iter().cloned().map(Reply::value).collect();
        records_of_bundle(kind, &ids, &answers?, sender, settings, portal).await
    };
    let before = read(&replies[..lists.len()]).await;
    let mut after = read(&replies[end..]).await;
    let mut start = lists.len();
    for order in group {
        let own = &replies[start..start + order.commands.len()];
        start += order.commands.len();
        let revision = &revisions[order.place];
        let failed = failed(&order.commands, own);
        let id = &revision.record.id.id;
        let outcome = match (&before, &mut after, failed) {
            // A request that was not let in did nothing; a list that a limit refused says nothing about its neighbours.
            (Err(error), _, _) if replies.iter().all(|reply| matches!(reply, Reply::NotDone(_))) => {
                Outcome::NotDone(error.clone())
            }
            // A record that the list hides, as rights do, may be changed all the same.
            (Ok(before), _, failed) if !before.contains_key(id) => match failed {
                _ if own.iter().any(|reply| matches!(reply, Reply::Answer(_))) => Outcome::Unknown,
                Some(failed @ (Outcome::Unknown | Outcome::NotDone(_))) => failed,
                _ => Outcome::Missing,
            },
            (_, _, Some(failed)) => failed,
            (Ok(before), Ok(after), None) => match after.remove(id) {
                Some(record) => {
                    let moved = before.get(id).filter(|before| before.version != revision.record.version);
                    Outcome::Done { record: Box::new(record), overwrote: moved.cloned().map(Box::new) }
                }
                None => Outcome::Missing,
            },
            // Written, but nobody saw what became of it.
            _ => Outcome::Unknown,
        };
        outcomes[order.place] = Some(outcome);
    }
}

/// What went wrong with a record's commands; `None` where nothing did. Of several failures the one that says most is
/// told, and where a part was done the whole was not "not done".
pub(super) fn failed(commands: &[(Command, Option<Field>)], replies: &[Reply]) -> Option<Outcome> {
    let failures = commands
        .iter()
        .zip(replies)
        .filter_map(|((command, field), reply)| failure(command.method, *field, reply));
    let worst = failures.max_by_key(gravity)?;
    let partly_done = replies.iter().any(|reply| matches!(reply, Reply::Answer(_)));
    Some(if partly_done && matches!(worst, Outcome::NotDone(_)) { Outcome::Unknown } else { worst })
}

fn gravity(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Done { .. } => 0,
        Outcome::NotDone(_) => 1,
        Outcome::Missing | Outcome::Vanished(_) | Outcome::Moved { .. } | Outcome::Tied(_) => 2,
        Outcome::Refused { .. } => 3,
        Outcome::Unknown => 4,
    }
}

/// The commands of one revision. Where both will do, the record is updated by `method`.
fn commands(
    revision: &Revision,
    method: &'static str,
    settings: &Settings,
    portal: &Portal,
) -> Vec<(Command, Option<Field>)> {
    let record = &revision.record;
    let kind = record.id.kind;
    let native = Native::read(&record.native);
    let mut fields = Map::new();
    let mut numbers = Numbers::default();
    let home = home::wanted(settings).filter(|_| kind == Kind::Contact);
    let home = home.map(|(name, _)| Field::Configured(name));
    let mut address = None;
    let mut commands = Vec::new();
    let mut party = record.party.clone();
    for change in &revision.changes {
        party.set(change.field, change.after.clone());
        match (change.field, &change.before, &change.after) {
            (Field::Name, _, FieldValue::Name(name)) => {
                fields.insert("LAST_NAME".to_owned(), json!(name.last));
                fields.insert("NAME".to_owned(), json!(name.first));
                fields.insert("SECOND_NAME".to_owned(), json!(name.middle));
            }
            (Field::Name, _, FieldValue::Text(title)) => {
                fields.insert("TITLE".to_owned(), json!(title));
            }
            (Field::Position, _, FieldValue::Text(position)) => {
                fields.insert("POST".to_owned(), json!(position));
            }
            (Field::Manager, _, FieldValue::Manager(Some(UserId(user)))) => {
                fields.insert("ASSIGNED_BY_ID".to_owned(), json!(user));
            }
            (Field::Phone, FieldValue::Phones(before), FieldValue::Phones(after)) => {
                let rows = phone_changes(&native.phones, before, after, &settings.phone_context);
                put_rows(&mut fields, "PHONE", rows);
            }
            (Field::Email, FieldValue::Emails(before), FieldValue::Emails(after)) => {
                put_rows(&mut fields, "EMAIL", email_changes(&native.emails, before, after));
            }
            (Field::Company, FieldValue::Employers(before), FieldValue::Employers(after)) => {
                let links = link_changes(&record.id.id, before, after);
                commands.extend(links.into_iter().map(|command| (command, Some(Field::Company))));
            }
            (Field::MutualId, _, FieldValue::Text(id)) => {
                put_mutual_id(&mut fields, kind, id, settings, portal)
            }
            (Field::Address, _, FieldValue::Text(text)) => address = Some(text.as_str()),
            (field, _, FieldValue::Text(text)) if Some(field) == home => address = Some(text.as_str()),
            (Field::Configured(name), _, FieldValue::Text(text)) => {
                portal.configured.put(&mut fields, kind, name, text, str::to_owned);
            }
            (field, _, FieldValue::Text(text)) => {
                numbers.set(field, text);
            }
            _ => {}
        }
    }
    if let Some(id) = &revision.mutual_id {
        put_mutual_id(&mut fields, kind, id, settings, portal);
    }
    if let Some(id) =
        wanted_id(revision).filter(|_| native.requisite.as_ref().is_some_and(|one| one.takes_mark))
    {
        numbers.mark = Some(id.to_owned());
    }
    put_inn(&mut fields, &mut numbers, kind, &native, settings, portal);
    let place = place_of_address(kind, &native);
    if !numbers.is_empty() || address.is_some() {
        let mark = if record.mutual_id.is_empty() {
            revision.mutual_id.as_deref()
        } else {
            Some(&*record.mutual_id)
        };
        let of_numbers = match &native.requisite {
            _ if numbers.is_empty() && place.is_some() => None,
            Some(known) => {
                Some(requisite::update(&known.id, &numbers, uses_ogrnip(&party, known.entrepreneur)))
            }
            None => requisite::add(kind, &record.id.id, &party, &numbers, mark.unwrap_or_default(), portal),
        };
        let of_address = address::type_of(kind, settings).zip(address).and_then(|(sort, text)| match place {
            Some((requisite, stands_there)) => Some(address::put(sort, requisite, text, stands_there)),
            None => of_numbers.is_some().then(|| address::put_beside(sort, text)),
        });
        commands.extend(of_numbers.map(|command| (command, None)));
        commands.extend(of_address.map(|command| (command, home.or(Some(Field::Address)))));
    }
    if !fields.is_empty() {
        commands.insert(0, (field_update(kind, &record.id.id, &fields, method, portal), None));
    }
    commands
}

/// The requisite that an address is written to, and whether it has one.
fn place_of_address(kind: Kind, native: &Native) -> Option<(&str, bool)> {
    let home = native.home.as_ref().filter(|_| kind == Kind::Contact);
    let main = || native.requisite.as_ref().map(|known| (known.id.as_str(), known.has_address));
    home.map(|home| (home.requisite.as_str(), home.has_address)).or_else(main)
}

/// The other side's id, where it is to be written.
fn wanted_id(revision: &Revision) -> Option<&str> {
    let change = revision.changes.iter().find(|change| change.field == Field::MutualId);
    match change.map(|change| &change.after) {
        Some(FieldValue::Text(id)) => Some(id.as_str()),
        _ => revision.mutual_id.as_deref(),
    }
}

/// The method of the kind itself.
fn classic(kind: Kind) -> &'static str {
    match kind {
        Kind::Contact => "crm.contact.update",
        Kind::Company => "crm.company.update",
    }
}

/// Fields are written by the method of the kind. User fields alone may travel by the universal method too: it names
/// them alike, and each method has execution time of its own (`limits.md` of the vendor's REST documentation).
fn field_update(
    kind: Kind,
    id: &str,
    fields: &Map<String, Value>,
    method: &'static str,
    portal: &Portal,
) -> Command {
    let user_fields_alone = fields.keys().all(|name| name.starts_with("UF_"));
    if method == UNIVERSAL && user_fields_alone && portal.original_names {
        let params =
            json!({"entityTypeId": type_id(kind), "id": id, "fields": fields, "useOriginalUfNames": "Y"});
        return Command::new(UNIVERSAL, params);
    }
    Command::new(classic(kind), json!({"id": id, "fields": fields, "params": {"REGISTER_SONET_EVENT": "N"}}))
}

/// A contact's tax number has its place in the user field, and in the requisite where there is one; a company's in the
/// requisite, and in the field only where that says something else.
fn put_inn(
    fields: &mut Map<String, Value>,
    numbers: &mut Numbers,
    kind: Kind,
    native: &Native,
    settings: &Settings,
    portal: &Portal,
) {
    let (Some(inn), Some(field)) = (numbers.inn.clone(), portal.inn_field(kind, settings)) else {
        return;
    };
    match kind {
        Kind::Contact => {
            fields.insert(field.to_owned(), json!(inn));
            if native.requisite.is_none() {
                numbers.inn = None;
            }
        }
        Kind::Company => {
            if !native.inn.is_empty() && native.inn != inn {
                fields.insert(field.to_owned(), json!(inn));
            }
        }
    }
}

fn put_mutual_id(
    fields: &mut Map<String, Value>,
    kind: Kind,
    id: &str,
    settings: &Settings,
    portal: &Portal,
) {
    if let Some(field) = portal.id_field(kind, settings) {
        fields.insert(field.to_owned(), json!(id));
    }
}

fn put_rows(fields: &mut Map<String, Value>, field: &str, rows: Vec<Value>) {
    if !rows.is_empty() {
        fields.insert(field.to_owned(), Value::Array(rows));
    }
}

/// Whether the registration number goes to `RQ_OGRNIP`: where it stands already, or where such a number belongs.
fn uses_ogrnip(party: &Party, stands_there: bool) -> bool {
    stands_there || matches!(party, Party::Organization(organization) if organization.entrepreneur)
}

/// Companies that come are added, those that the plan takes away are removed; the rest is not touched.
fn link_changes(contact: &str, before: &[RecordId], after: &[RecordId]) -> Vec<Command> {
    let added =
        after.iter().enumerate().filter(|(_, company)| !before.contains(company)).map(|(at, company)| {
            let primary = if at == 0 { "Y" } else { "N" };
            let fields = json!({"COMPANY_ID": company.id, "IS_PRIMARY": primary});
            Command::new("crm.contact.company.add", json!({"id": contact, "fields": fields}))
        });
    let removed = before.iter().filter(|company| !after.contains(company)).map(|company| {
        let fields = json!({"COMPANY_ID": company.id});
        Command::new("crm.contact.company.delete", json!({"id": contact, "fields": fields}))
    });
    added.chain(removed).collect()
}

#[cfg(test)]
mod tests {
    use obmen_domain::plan::ChangeReason;
    use obmen_domain::record::Side;

    use super::*;
    use crate::call::{Answer, WireError};
    use crate::record::tests::{portal, settings};
    use crate::record::{Rows, record};

    fn company(requisite: Option<Value>) -> Record {
        let row = json!({"ID": "12", "TITLE": "Ромашка", "UF_CRM_INN": "7700000001"});
        let rows = Rows { row, requisites: requisite.into_iter().collect(), ..Rows::default() };
        record(Kind::Company, &rows, &settings(), &portal())
    }

    fn change(field: Field, before: &str, after: &str) -> FieldChange {
        FieldChange {
            field,
            before: FieldValue::Text(before.to_owned()),
            after: FieldValue::Text(after.to_owned()),
            reason: ChangeReason::OwnedThere,
        }
    }

    fn commands_of(record: Record, changes: Vec<FieldChange>, mutual_id: Option<&str>) -> Vec<Command> {
        let revision = Revision { record, changes, mutual_id: mutual_id.map(str::to_owned) };
        commands_by("crm.contact.update", &revision)
    }

    fn commands_by(method: &'static str, revision: &Revision) -> Vec<Command> {
        let portal = Portal { original_names: true, ..portal() };
        commands(revision, method, &settings(), &portal).into_iter().map(|(command, _)| command).collect()
    }

    #[test]
    fn user_fields_alone_may_travel_by_the_universal_method() {
        let name = FieldChange {
            field: Field::Name,
            before: FieldValue::Text("Ромашка".to_owned()),
            after: FieldValue::Text("Лютик".to_owned()),
            reason: ChangeReason::ChangedThere,
        };
        let revision =
            |changes| Revision { record: company(None), changes, mutual_id: Some("6f0e".to_owned()) };
        let commands = commands_by(UNIVERSAL, &revision(Vec::new()));
        assert_eq!(commands[0].method, UNIVERSAL);
        assert_eq!(
            commands[0].params,
            json!({"entityTypeId": 4, "id": "12", "fields": {"UF_CRM_1C_COMPANY_ID": "6f0e"}, "useOriginalUfNames": "Y"})
        );
        let commands = commands_by(UNIVERSAL, &revision(vec![name]));
        assert_eq!(commands[0].method, "crm.company.update", "a title has another name there");
    }

    #[test]
    fn tax_numbers_go_to_the_requisite_and_into_a_field_that_disagrees() {
        let known = company(Some(json!({"ID": "3", "RQ_INN": "7707083893"})));
        let changes =
            vec![change(Field::Inn, "7707083893", "7700000000"), change(Field::Kpp, "", "770001001")];
        let commands = commands_of(known, changes.clone(), Some("6f0e"));
        assert_eq!(commands[0].method, "crm.company.update");
        assert_eq!(
            commands[0].params["fields"],
            json!({"UF_CRM_1C_COMPANY_ID": "6f0e", "UF_CRM_INN": "7700000000"})
        );
        assert_eq!(
            commands[1].params,
            json!({"id": "3", "fields": {"RQ_INN": "7700000000", "RQ_KPP": "770001001"}})
        );
        let commands = commands_of(company(None), changes, Some("6f0e"));
        assert_eq!(commands[1].method, "crm.requisite.add");
        assert_eq!(commands[1].params["fields"]["XML_ID"], "6f0e");
    }

    #[test]
    fn an_address_goes_to_the_requisite_that_is_there_or_is_made() {
        let with = |address: Vec<Value>| {
            let requisites = vec![json!({"ID": "3", "RQ_INN": "7707083893"})];
            let rows = Rows { row: json!({"ID": "12"}), requisites, addresses: address, companies: None };
            record(Kind::Company, &rows, &settings(), &portal())
        };
        let change = || vec![change(Field::Address, "", "г Москва")];
        let methods = |record: Record| -> Vec<&str> {
            commands_of(record, change(), None).iter().map(|command| command.method).collect()
        };
        assert_eq!(methods(with(vec![json!({"ENTITY_ID": "3"})])), ["crm.address.update"]);
        assert_eq!(methods(with(Vec::new())), ["crm.address.add"]);
        assert_eq!(methods(company(None)), ["crm.requisite.add", "crm.address.add"]);
        let commands = commands_of(company(None), change(), None);
        assert!(commands[1].follows());
        assert_eq!(commands[1].params["fields"]["ADDRESS_1"], "г Москва");
    }

    #[test]
    fn companies_of_a_contact_change_by_link_methods_only() {
        let rows =
            Rows { row: json!({"ID": "43", "NAME": "Анна", "COMPANY_ID": "1"}), ..Rows::default() };
        let contact = record(Kind::Contact, &rows, &settings(), &portal());
        let id = |id: &str| RecordId::bitrix24(Kind::Company, id);
        let change = FieldChange {
            field: Field::Company,
            before: FieldValue::Employers(vec![id("1")]),
            after: FieldValue::Employers(vec![id("2"), id("1")]),
            reason: ChangeReason::ChangedThere,
        };
        let commands = commands_of(contact, vec![change], None);
        assert_eq!(commands.len(), 1);
        assert_eq!(commands[0].method, "crm.contact.company.add");
        assert_eq!(commands[0].params["fields"], json!({"COMPANY_ID": "2", "IS_PRIMARY": "Y"}));
    }

    #[test]
    fn what_was_done_in_part_is_not_called_not_done() {
        let commands: Vec<(Command, Option<Field>)> = ["crm.company.update", "crm.requisite.update"]
            .map(|method| (Command::new(method, json!({})), None))
            .into();
        let answer = || Reply::Answer(Answer { value: json!(true), total: None });
        let limited =
            || Reply::NotDone(SideError::MissingField { side: Side::Bitrix24, field: String::new() });
        let refused = |words: &str| {
            Reply::Refused(WireError { code: "ERROR_CORE".to_owned(), description: words.to_owned() })
        };
        assert_eq!(failed(&commands, &[answer(), answer()]), None);
        assert_eq!(failed(&commands, &[answer(), limited()]), Some(Outcome::Unknown));
        assert!(matches!(failed(&commands, &[limited(), limited()]), Some(Outcome::NotDone(_))));
        assert!(matches!(failed(&commands, &[answer(), refused("КПП")]), Some(Outcome::Refused { .. })));
        assert_eq!(failed(&commands, &[refused("Not found"), limited()]), Some(Outcome::Missing));
    }

    #[test]
    fn nothing_to_change_sends_no_write() {
        assert!(commands_of(company(None), Vec::new(), None).is_empty());
    }
}
