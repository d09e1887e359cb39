//! Asking the portal itself: who holds these keys, and which records our own creates made.
//!
//! The portal says ids, not which value matched, and forgets filters it does not know. So every hit is read and judged
//! here. Invariant: what is returned holds a key that was asked for, or the mark of our own create.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::forms::phone::search_spellings;
use obmen_domain::key::{Key, keys_of};
use obmen_domain::record::{Kind, Record, RecordId};
use obmen_engine::ports::{SentCreate, SideError};
use serde_json::{Value, json};

use crate::call::Command;
use crate::further;
use crate::gone::{check_who, who};
use crate::native::Native;
use crate::portal::Portal;
use crate::read::{PAGE, fetch, list_method, type_id};
use crate::sender::Sender;
use crate::settings::Settings;
use crate::wire::{member, rows, text};

/// Values one search takes.
const VALUES: usize = 20;
/// Marks asked for in one list: with room for doubles on its page.
const MARKS: usize = 40;

/// Who holds any of these keys.
pub(crate) async fn find(
    kind: Kind,
    keys: &[Key],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<Vec<Record>, SideError> {
    let mut commands = searches(kind, keys, settings, portal);
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    // Whoever is hidden would be made a second time.
    commands.insert(0, who());
    let answers = sender.read_values(&commands).await?;
    check_who(answers.first().unwrap_or(&Value::Null), portal)?;
    let mut ids: BTreeSet<u64> = BTreeSet::new();
    let mut requisites: BTreeSet<String> = BTreeSet::new();
    for (command, answer) in commands.iter().zip(&answers).skip(1) {
        if command.method == "crm.requisite.list" && further::are_read(kind, settings) {
            requisites.extend(rows(answer).into_iter().map(|row| member(row, "ID")));
        }
        ids.extend(hits(kind, command.method, answer).iter().filter_map(|id| id.parse::<u64>().ok()));
    }
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    let wanted: BTreeSet<&Key> = keys.iter().collect();
    let mut records = fetch(kind, &ids, sender, settings, portal).await?;
    let requisites: Vec<String> = requisites.into_iter().collect();
    records.extend(further::fetch(&requisites, sender, settings, portal).await?);
    records.retain(|record| keys_of(&record.party).iter().any(|key| wanted.contains(key)));
    Ok(records)
}

fn searches(kind: Kind, keys: &[Key], settings: &Settings, portal: &Portal) -> Vec<Command> {
    let mut phones: BTreeSet<String> = BTreeSet::new();
    let mut emails: BTreeSet<String> = BTreeSet::new();
    let mut numbers: BTreeSet<String> = BTreeSet::new();
    for key in keys {
        match key {
            Key::Phone(phone) => phones.extend(search_spellings(phone)),
            Key::Email(email) => {
                emails.insert(email.as_str().to_owned());
            }
            Key::Inn(inn) => {
                numbers.insert(inn.as_str().to_owned());
            }
            // The portal has no search by words that could be trusted.
            Key::Name(_) | Key::Id(_) => {}
        }
    }
    let mut commands = Vec::new();
    for (search, values) in [("PHONE", phones), ("EMAIL", emails)] {
        let values: Vec<String> = values.into_iter().collect();
        commands.extend(values.chunks(VALUES).map(|values| {
            let params = json!({"type": search, "values": values, "entity_type": kind.word().to_uppercase()});
            Command::new("crm.duplicate.findbycomm", params)
        }));
    }
    let numbers: Vec<String> = numbers.into_iter().collect();
    for numbers in numbers.chunks(VALUES) {
        let filter = json!({"ENTITY_TYPE_ID": type_id(kind), "@RQ_INN": numbers});
        let select = ["ID", "ENTITY_ID", "ENTITY_TYPE_ID", "RQ_INN"];
        let order = json!({"ID": "ASC"});
        commands.push(Command::new(
            "crm.requisite.list",
            json!({"select": select, "filter": filter, "order": order, "start": -1}),
        ));
        if let Some(field) = portal.inn_field(kind, settings) {
            let filter = json!({ format!("@{field}"): numbers });
            commands.push(Command::new(
                list_method(kind),
                json!({"select": ["ID", field], "filter": filter, "order": order, "start": -1}),
            ));
        }
    }
    commands
}

/// The ids in the answer to a search.
fn hits(kind: Kind, method: &str, answer: &Value) -> Vec<String> {
    match method {
        // Nothing found is an empty list, anything else a map by type.
        "crm.duplicate.findbycomm" => {
            let found = answer.get(kind.word().to_uppercase()).map(rows).unwrap_or_default();
            found.into_iter().map(text).collect()
        }
        "crm.requisite.list" => rows(answer).into_iter().map(|row| member(row, "ENTITY_ID")).collect(),
        _ => rows(answer).into_iter().map(|row| member(row, "ID")).collect(),
    }
}

/// The records that our own creates from these sources made.
pub(crate) async fn find_created(
    sent: &[SentCreate],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<Vec<(RecordId, Record)>, SideError> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let sources: BTreeMap<String, &RecordId> = sent
            .iter()
            .filter(|create| create.source.kind == kind)
            .map(|create| (create.source.id.to_lowercase(), &create.source))
            .collect();
        let made = created_ids(kind, &sources, sender, settings, portal).await?;
        let ids: Vec<String> = made.keys().cloned().collect();
        for record in fetch(kind, &ids, sender, settings, portal).await? {
            if let Some(source) = made.get(&record.id.id).and_then(|mark| sources.get(mark)) {
                found.push(((*source).clone(), record));
            }
        }
        if further::are_read(kind, settings) {
            let made = created_requisites(&sources, sender, settings).await?;
            for record in further::fetch(&made, sender, settings, portal).await? {
                if let Some(source) = sources.get(&Native::read(&record.native).origin) {
                    found.push(((*source).clone(), record));
                }
            }
        }
    }
    Ok(found)
}

/// The mark of a record that we made.
fn own_mark(row: &Value, originator: &str) -> Option<String> {
    (member(row, "ORIGINATOR_ID") == originator).then(|| member(row, "ORIGIN_ID").to_lowercase())
}

/// Requisites that carry our mark and the reference of a source; the company's own one, which it was made with, does not.
async fn created_requisites(
    sources: &BTreeMap<String, &RecordId>,
    sender: &Sender,
    settings: &Settings,
) -> Result<Vec<String>, SideError> {
    let marks: Vec<&String> = sources.keys().collect();
    let originator = settings.originator();
    let list = |marks: &[&String]| {
        let params = json!({
            "select": ["ID", "ENTITY_TYPE_ID", "ORIGINATOR_ID", "XML_ID"],
            "filter": {"ENTITY_TYPE_ID": type_id(Kind::Company), "=ORIGINATOR_ID": originator, "@XML_ID": marks},
            "order": {"ID": "ASC"}, "start": -1
        });
        Command::new("crm.requisite.list", params)
    };
    let commands: Vec<Command> = marks.chunks(MARKS).map(list).collect();
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    let answers = sender.read_values(&commands).await?;
    let is_ours = |row: &&Value| {
        member(row, "ORIGINATOR_ID") == originator
            && sources.contains_key(&member(row, "XML_ID").to_lowercase())
    };
    let found = answers.iter().flat_map(rows).filter(is_ours);
    Ok(found.map(|row| member(row, "ID")).collect())
}

/// Ids of records that carry our mark, with the source each was made from.
async fn created_ids(
    kind: Kind,
    sources: &BTreeMap<String, &RecordId>,
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<BTreeMap<String, String>, SideError> {
    if sources.is_empty() {
        return Ok(BTreeMap::new());
    }
    let marks: Vec<&String> = sources.keys().collect();
    let originator = settings.originator();
    let mut commands = vec![who()];
    commands.extend(marks.chunks(MARKS).map(|marks| {
        let params = json!({
            "select": ["ID", "ORIGINATOR_ID", "ORIGIN_ID"],
            "filter": {"=ORIGINATOR_ID": originator, "@ORIGIN_ID": marks},
            "order": {"ID": "ASC"}, "start": -1
        });
        Command::new(list_method(kind), params)
    }));
    let mut answers = sender.read_values(&commands).await?.into_iter();
    check_who(&answers.next().unwrap_or_default(), portal)?;
    let mut made = BTreeMap::new();
    for (mut command, mut page) in commands.into_iter().skip(1).zip(answers) {
        loop {
            let found = rows(&page);
            for row in &found {
                let mark = own_mark(row, &originator).filter(|mark| sources.contains_key(mark));
                made.extend(mark.map(|mark| (member(row, "ID"), mark)));
            }
            let Some(last) = found.last().filter(|_| found.len() >= PAGE) else {
                break;
            };
            command.params["filter"][">ID"] = Value::String(member(last, "ID"));
            page = sender
                .read_values(std::slice::from_ref(&command))
                .await?
                .into_iter()
                .next()
                .unwrap_or_default();
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use obmen_domain::forms::email::read_emails;
    use obmen_domain::forms::tax::Inn;

    use super::*;
    use crate::record::tests::{portal, settings};

    #[test]
    fn a_mark_of_another_originator_is_not_ours() {
        let row = |originator: &str| json!({"ID": "7", "ORIGINATOR_ID": originator, "ORIGIN_ID": "6F0E"});
        assert_eq!(own_mark(&row("obmen:main"), "obmen:main").as_deref(), Some("6f0e"));
        for other in ["", "1C", "obmen:other"] {
            assert_eq!(own_mark(&row(other), "obmen:main"), None, "{other}");
        }
    }

    #[test]
    fn values_are_grouped_and_every_search_names_its_kind() {
        let mut keys: Vec<Key> =
            (0..25).flat_map(|at| read_emails(&format!("a{at}@firm.example"))).map(Key::Email).collect();
        keys.push(Key::Inn(Inn::parse("7707083893").unwrap()));
        keys.push(Key::Name("ромашка".to_owned()));
        let commands = searches(Kind::Company, &keys, &settings(), &portal());
        let methods: Vec<_> = commands.iter().map(|command| command.method).collect();
        let search = "crm.duplicate.findbycomm";
        assert_eq!(methods, [search, search, "crm.requisite.list", "crm.company.list"]);
        assert_eq!(commands[0].params["entity_type"], "COMPANY");
        assert_eq!(commands[1].params["values"].as_array().unwrap().len(), 5);
    }

    #[test]
    fn nothing_found_is_a_list() {
        assert!(hits(Kind::Contact, "crm.duplicate.findbycomm", &json!([])).is_empty());
        let found = json!({"CONTACT": [17, 43], "COMPANY": [12]});
        assert_eq!(hits(Kind::Contact, "crm.duplicate.findbycomm", &found), ["17", "43"]);
    }
}
