//! Matches people of two lists as a sync does: JSON lines in, one decision a line out.
//!
//! A line is `{"side": "left" | "right", "id": "…", "last": "…", "first": "…", "emails": ["…"], "phones": ["…"]}`; what is
//! absent is empty. Whatever identifies a person beyond mailbox and phone can be spelled as a mailbox of a zone of its own
//! (`5304218@card.example`). For each record its neighbourhood is gathered as the engine gathers it, and
//! [`obmen_domain::matching::decide`] has the word. Knows nothing of where the lists come from.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, Write as _};

use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::forms::phone::{PhoneContext, read_phones};
use obmen_domain::key::{Key, keys_of_record};
use obmen_domain::matching::{Decision, Neighbourhood, decide};
use obmen_domain::party::{Party, Person, Point};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side, Standing};
use serde::Deserialize;
use serde_json::json;

/// The bounds of the engine's `surroundings::gather`.
const MOST_RECORDS: usize = 256;
const HOLDERS: usize = 8;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let records: Vec<Record> =
        std::io::stdin().lock().lines().map(|line| read(&line?)).collect::<Result<_, Failure>>()?;
    let lists = Lists::of(records);
    let mut decisions: Vec<Decision> = Vec::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut decided: BTreeSet<RecordId> = BTreeSet::new();
    for id in lists.records.keys() {
        if decided.contains(id) {
            continue;
        }
        let around = lists.around(id);
        // Gathered from any of its records, a whole neighbourhood is the same one. Of one that was cut off, what is
        // said about the others may lack those they share keys with.
        let is_whole = around.records.len() < MOST_RECORDS;
        let all = decide(&around);
        let about = all.into_iter().filter(|decision| is_whole || concerns(decision, id));
        decisions.extend(about.filter(|decision| told.insert(format!("{decision:?}"))));
        if is_whole {
            decided.extend(around.records.into_keys());
        }
    }
    let mut out = std::io::stdout().lock();
    for decision in &decisions {
        writeln!(out, "{}", line_of(decision))?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    side: ListSide,
    id: String,
    #[serde(default)]
    last: String,
    #[serde(default)]
    first: String,
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    phones: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ListSide {
    Left,
    Right,
}

fn read(line: &str) -> Result<Record, Failure> {
    let line: Line = serde_json::from_str(line)?;
    let (id, catalog) = match line.side {
        ListSide::Left => (RecordId::bitrix24(Kind::Contact, line.id), Catalog::Bitrix24),
        ListSide::Right => (RecordId::onec(Kind::Contact, &line.id), Catalog::Counterparty),
    };
    let context = PhoneContext::new("RU", None)?;
    let emails = line
        .emails
        .iter()
        .flat_map(|text| read_emails(text).into_iter().map(move |key| Point::known(key, text)));
    let phones = line.phones.iter();
    let phones = phones.flat_map(|text| {
        read_phones(text, &context).into_iter().map(move |read| Point::known(read.key, text))
    });
    let person = Person {
        name: PersonName::from_parts(&line.last, &line.first, ""),
        emails: emails.collect(),
        phones: phones.collect(),
        ..Person::default()
    };
    Ok(Record {
        id,
        catalog,
        version: String::new(),
        party: Party::Person(person),
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    })
}

/// Both lists, with an index of their keys.
struct Lists {
    records: BTreeMap<RecordId, Record>,
    holders: BTreeMap<Key, Vec<RecordId>>,
}

impl Lists {
    fn of(records: Vec<Record>) -> Self {
        let mut holders: BTreeMap<Key, Vec<RecordId>> = BTreeMap::new();
        for record in &records {
            for key in keys_of_record(record) {
                holders.entry(key).or_default().push(record.id.clone());
            }
        }
        Self { records: records.into_iter().map(|record| (record.id.clone(), record)).collect(), holders }
    }

    /// Everybody who shares keys with a record, and with those, and so on.
    fn around(&self, start: &RecordId) -> Neighbourhood {
        let mut around = Neighbourhood::default();
        let mut wanted = BTreeSet::from([start]);
        while !wanted.is_empty() && around.records.len() < MOST_RECORDS {
            for id in std::mem::take(&mut wanted) {
                let record = &self.records[id];
                around.records.insert(id.clone(), record.clone());
                for key in keys_of_record(record) {
                    let holders = &self.holders[&key];
                    let on = |side| holders.iter().filter(|holder| holder.side == side).count();
                    let most = on(Side::Bitrix24).max(on(Side::Onec));
                    if most <= HOLDERS {
                        wanted.extend(holders);
                    }
                    around.holders.insert(key, most);
                }
            }
            wanted.retain(|id| !around.records.contains_key(id));
        }
        around
    }
}

/// Whether a decision is about this record.
fn concerns(decision: &Decision, id: &RecordId) -> bool {
    match decision {
        Decision::Link { bitrix24, onec, .. } => bitrix24 == id || onec == id,
        Decision::New { source } => source == id,
        Decision::Ask(review) => review.records.contains(id),
    }
}

fn line_of(decision: &Decision) -> serde_json::Value {
    match decision {
        Decision::Link { bitrix24, onec, .. } => json!({"link": [bitrix24.id, onec.id]}),
        Decision::New { source } => json!({"new": source.id}),
        Decision::Ask(review) => {
            let ids: Vec<&str> = review.records.iter().map(|record| record.id.as_str()).collect();
            json!({"ask": ids, "kind": review.kind.word(), "why": review.reason.to_string()})
        }
    }
}
