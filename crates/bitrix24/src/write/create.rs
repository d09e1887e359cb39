//! Creates: imports of twenty items a command, then requisites and links, then the records read back.
//!
//! Each new record carries `ORIGINATOR_ID` and `ORIGIN_ID`, so that one whose answer got lost is found again. Not
//! responsible for looking for it. Invariant: once the portal has given an id, the create counts as done, whatever
//! becomes of the steps after it.

use obmen_domain::party::{Party, Person, UserId};
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::{Outcome, SideError};
use serde_json::{Map, Value, json};

use super::points::{new_emails, new_phones};
use super::requisite::{self, Numbers};
use super::{failure, not_done};
use crate::address;
use crate::batch::MAX_COMMANDS;
use crate::call::{Command, Reply, WireError, rejected};
use crate::configured::item_name;
use crate::home;
use crate::native::Native;
use crate::portal::Portal;
use crate::read::{bundle, bundle_size, records_of_bundle, type_id};
use crate::sender::{Patience, Sender};
use crate::settings::Settings;
use crate::wire::{member, rows, text};

/// Items of one import command.
pub(crate) const IMPORTED: usize = 20;
/// The command that makes records without starting the portal's robots.
pub(crate) const IMPORT: &str = "crm.item.batchImport";

/// A record to be made.
#[derive(Debug, Clone)]
pub(crate) struct Creation {
    pub(crate) source: RecordId,
    pub(crate) party: Party,
}

/// Makes records; outcomes in the order given.
pub(crate) async fn create(
    creations: &[Creation],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = creations.iter().map(|_| None).collect();
    for kind in Kind::ALL {
        let places: Vec<usize> =
            (0..creations.len()).filter(|at| creations[*at].party.kind() == kind).collect();
        let made = make(kind, &places, creations, &mut outcomes, sender, settings, portal).await;
        finish(kind, &made, creations, &mut outcomes, sender, settings, portal).await;
    }
    outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Unknown)).collect()
}

/// Makes the records of one kind: places with their new ids. What was not made gets its outcome.
async fn make(
    kind: Kind,
    places: &[usize],
    creations: &[Creation],
    outcomes: &mut [Option<Outcome>],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Vec<(usize, String)> {
    let size = if settings.allow_automation { 1 } else { IMPORTED };
    let chunks: Vec<&[usize]> = places.chunks(size).collect();
    let commands: Vec<Command> = chunks
        .iter()
        .map(|places| {
            let of_place = |at: &usize| &creations[*at];
            if settings.allow_automation {
                add_command(kind, of_place(&places[0]), settings, portal)
            } else {
                let items: Vec<Value> =
                    places.iter().map(of_place).map(|creation| item(creation, settings, portal)).collect();
                import_command(kind, &items)
            }
        })
        .collect();
    let mut made = Vec::new();
    for ((places, command), reply) in
        chunks.iter().zip(&commands).zip(sender.run(&commands, Patience::Short).await)
    {
        if let Some(mut outcome) = failure(command.method, None, &reply) {
            if let (Outcome::Refused { words, .. }, true) = (&outcome, places.len() > 1) {
                // The import refused its items together, so none is known to be at fault.
                outcome = not_done(&rejected(words.as_str()));
            }
            for at in *places {
                outcomes[*at] = Some(outcome.clone());
            }
            continue;
        }
        let Reply::Answer(answer) = reply else {
            continue;
        };
        let results: Vec<Value> = match answer.value.get("items") {
            Some(items) => rows(items).into_iter().cloned().collect(),
            None => vec![answer.value],
        };
        for (position, at) in places.iter().enumerate() {
            match new_id(results.get(position).unwrap_or(&Value::Null), command.method) {
                Ok(id) => made.push((*at, id)),
                Err(outcome) => outcomes[*at] = Some(outcome),
            }
        }
    }
    made
}

/// The id in one result of an import or add.
fn new_id(result: &Value, method: &str) -> Result<String, Outcome> {
    if let Some(error) = WireError::read(result) {
        let reply = Reply::Refused(error);
        return Err(failure(method, None, &reply).unwrap_or(Outcome::Unknown));
    }
    let id = result.get("item").map_or_else(|| text(result), |item| member(item, "id"));
    if id.parse::<u64>().is_ok_and(|id| id > 0) { Ok(id) } else { Err(Outcome::Unknown) }
}

/// Adds what stands beside the new records, and reads them back.
async fn finish(
    kind: Kind,
    made: &[(usize, String)],
    creations: &[Creation],
    outcomes: &mut [Option<Outcome>],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) {
    let mut commands: Vec<Command> = Vec::new();
    // Ids of each group, and where its read-back begins.
    let mut groups: Vec<(Vec<String>, usize)> = Vec::new();
    let room = MAX_COMMANDS - bundle_size(kind, settings);
    let mut ids: Vec<String> = Vec::new();
    let mut beside = 0;
    let mut close = |ids: &mut Vec<String>, commands: &mut Vec<Command>| {
        if !ids.is_empty() {
            groups.push((std::mem::take(ids), commands.len()));
            let (ids, _) = &groups[groups.len() - 1];
            commands.extend(bundle(kind, ids, settings, portal));
        }
    };
    for (at, id) in made {
        let steps = steps_beside(kind, id, &creations[*at], settings, portal);
        if ids.len() >= MAX_COMMANDS || beside + steps.len() > room {
            close(&mut ids, &mut commands);
            beside = 0;
        }
        beside += steps.len();
        commands.extend(steps);
        ids.push(id.clone());
    }
    close(&mut ids, &mut commands);
    let replies = sender.run(&commands, Patience::Endless).await;
    for (ids, start) in groups {
        let answers: Result<Vec<Value>, SideError> =
            replies[start..start + bundle_size(kind, settings)].iter().cloned().map(Reply::value).collect();
        let records = match answers {
            Ok(answers) => records_of_bundle(kind, &ids, &answers, sender, settings, portal).await,
            Err(error) => Err(error),
        };
        let mut records = records.ok();
        for (at, id) in made.iter().filter(|(_, id)| ids.contains(id)) {
            let origin = &creations[*at].source.id;
            outcomes[*at] = Some(match records.as_mut().map(|records| records.remove(id)) {
                Some(Some(record)) if Native::read(&record.native).origin == *origin => {
                    Outcome::Done { record: Box::new(record), overwrote: None }
                }
                Some(None) => Outcome::Vanished(RecordId::bitrix24(kind, id.as_str())),
                // A record that nobody could read back is looked for later: what was written beside it may still arrive.
                _ => Outcome::Unknown,
            });
        }
    }
}

/// The companies of a new contact, the requisite of a new record with its address.
fn steps_beside(
    kind: Kind,
    id: &str,
    creation: &Creation,
    settings: &Settings,
    portal: &Portal,
) -> Vec<Command> {
    let party = &creation.party;
    let mut steps = Vec::new();
    let mut numbers = Numbers::of(party);
    if let (Kind::Contact, Party::Person(person)) = (kind, party) {
        if !person.employers.is_empty() {
            steps.push(links(id, person));
        }
        if !person.employers.is_empty() || portal.inn_field(kind, settings).is_some() {
            numbers.inn = None;
        }
    }
    let text = match party {
        Party::Organization(organization) => {
            Some(organization.address.as_str()).filter(|text| !text.trim().is_empty())
        }
        Party::Person(_) => home::of_party(party, settings),
    };
    let address =
        address::type_of(kind, settings).zip(text).map(|(sort, text)| address::put_beside(sort, text));
    if numbers.is_empty() && address.is_none() {
        return steps;
    }
    if let Some(requisite) = requisite::add(kind, id, party, &numbers, &creation.source.id, portal) {
        steps.push(requisite);
        steps.extend(address);
    }
    steps
}

fn links(id: &str, person: &Person) -> Command {
    let items: Vec<Value> = person
        .employers
        .iter()
        .enumerate()
        .map(|(at, company)| {
            let primary = if at == 0 { "Y" } else { "N" };
            json!({"COMPANY_ID": company.id, "SORT": (at + 1) * 10, "IS_PRIMARY": primary})
        })
        .collect();
    Command::new("crm.contact.company.items.set", json!({"id": id, "items": items}))
}

fn import_command(kind: Kind, items: &[Value]) -> Command {
    let units = items.len();
    let params = json!({"entityTypeId": type_id(kind), "useOriginalUfNames": "Y", "data": items});
    Command::new(IMPORT, params).of_units(units)
}

fn add_command(kind: Kind, creation: &Creation, settings: &Settings, portal: &Portal) -> Command {
    let method = match kind {
        Kind::Contact => "crm.contact.add",
        Kind::Company => "crm.company.add",
    };
    let fields = content(creation, settings, portal, |names| names.0, str::to_owned);
    Command::new(method, json!({"fields": fields, "params": {"REGISTER_SONET_EVENT": "N"}}))
}

fn item(creation: &Creation, settings: &Settings, portal: &Portal) -> Value {
    Value::Object(content(creation, settings, portal, |names| names.1, item_name))
}

/// The fields of a new record; classic methods and imports name them differently.
fn content(
    creation: &Creation,
    settings: &Settings,
    portal: &Portal,
    name: impl Fn((&'static str, &'static str)) -> &'static str,
    name_of_configured: impl Fn(&str) -> String,
) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |field: &str, text: &str| {
        if !text.trim().is_empty() {
            fields.insert(field.to_owned(), json!(text));
        }
    };
    let party = &creation.party;
    let kind = party.kind();
    match party {
        Party::Person(person) => {
            put(name(("LAST_NAME", "lastName")), &person.name.last);
            put(name(("NAME", "name")), &person.name.first);
            put(name(("SECOND_NAME", "secondName")), &person.name.middle);
            put(name(("POST", "post")), &person.position);
            if let Some(field) = portal.inn_field(kind, settings) {
                put(field, &person.inn);
            }
        }
        Party::Organization(organization) => put(name(("TITLE", "title")), &organization.title),
    }
    let manager = party.manager().map(|UserId(id)| id.as_str()).or(settings.fallback_user.as_deref());
    put(name(("ASSIGNED_BY_ID", "assignedById")), manager.unwrap_or_default());
    put(name(("ORIGINATOR_ID", "originatorId")), &settings.originator());
    put(name(("ORIGIN_ID", "originId")), &creation.source.id);
    if let Some(field) = portal.id_field(kind, settings) {
        put(field, &creation.source.id);
    }
    let values = party.configured();
    for (field, value) in values.names().filter_map(|field| Some((field, values.get(field)?))) {
        if !value.is_empty() {
            portal.configured.put(&mut fields, kind, field, value, &name_of_configured);
        }
    }
    for (field, rows) in [("PHONE", new_phones(party.phones())), ("EMAIL", new_emails(party.emails()))] {
        if !rows.is_empty() {
            fields.insert(field.to_owned(), Value::Array(rows));
        }
    }
    fields
}

/// The outcome of creates that were not sent at all.
pub(crate) fn none_made(count: usize, error: &SideError) -> Vec<Outcome> {
    vec![not_done(error); count]
}

#[cfg(test)]
mod tests {
    use obmen_domain::forms::person_name::PersonName;
    use obmen_domain::party::Organization;

    use super::*;
    use crate::record::tests::{portal, settings};

    fn creation() -> Creation {
        let person = Person {
            name: PersonName::from_parts("Белова", "Анна", ""),
            inn: "500100732259".to_owned(),
            employers: vec![RecordId::bitrix24(Kind::Company, "12"), RecordId::bitrix24(Kind::Company, "3")],
            ..Person::default()
        };
        Creation { source: RecordId::onec(Kind::Contact, "6F0E"), party: Party::Person(person) }
    }

    #[test]
    fn an_imported_item_carries_its_origin() {
        let item = item(&creation(), &settings(), &portal());
        assert_eq!(
            item,
            json!({
                "lastName": "Белова", "name": "Анна", "assignedById": "1", "originatorId": "obmen:main",
                "originId": "6f0e", "UF_CRM_1C_CONTACT_ID": "6f0e", "UF_CRM_INN": "500100732259"
            })
        );
        let command = add_command(Kind::Contact, &creation(), &settings(), &portal());
        assert_eq!(command.params["fields"]["ORIGINATOR_ID"], "obmen:main");
        assert_eq!(command.params["fields"]["LAST_NAME"], "Белова");
    }

    #[test]
    fn the_first_company_is_the_primary_one() {
        let command = &steps_beside(Kind::Contact, "43", &creation(), &settings(), &portal())[0];
        assert_eq!(command.method, "crm.contact.company.items.set");
        assert_eq!(command.params["items"][0], json!({"COMPANY_ID": "12", "SORT": 10, "IS_PRIMARY": "Y"}));
        assert_eq!(command.params["items"][1]["IS_PRIMARY"], "N");
    }

    #[test]
    fn a_company_without_numbers_gets_no_requisite() {
        let party = Party::Organization(Organization {
            title: "Ромашка".to_owned(),
            ..Organization::default()
        });
        let creation = Creation { source: RecordId::onec(Kind::Company, "1"), party };
        assert!(steps_beside(Kind::Company, "1", &creation, &settings(), &portal()).is_empty());
    }

    #[test]
    fn results_are_ids_or_say_why_not() {
        assert_eq!(new_id(&json!({"item": {"id": 15}}), IMPORT), Ok("15".to_owned()));
        assert_eq!(new_id(&json!(15), "crm.contact.add"), Ok("15".to_owned()));
        assert_eq!(new_id(&Value::Null, IMPORT), Err(Outcome::Unknown));
        let refused = json!({"error": "CRM_FIELD_ERROR_REQUIRED", "error_description": "Обязательное поле"});
        assert!(matches!(new_id(&refused, IMPORT), Err(Outcome::Refused { .. })));
    }
}
