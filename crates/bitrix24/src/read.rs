//! Reading records by their ids: the row, its requisites with those addresses that take part and, for a contact, all its
//! companies, in one bundle of commands.
//!
//! Not responsible for finding ids. Invariant: a row that was not asked for is an error, since it means that the
//! portal dropped a filter.

use std::collections::BTreeMap;
use std::sync::Arc;

use obmen_domain::record::{Kind, Record};
use obmen_engine::ports::{Records, SideError};
use serde_json::{Value, json};

use crate::address;
use crate::call::{Command, unexpected};
use crate::further;
use crate::packed::Packed;
use crate::portal::Portal;
use crate::record::{REQUISITE_FIELDS, Rows, record, selected};
use crate::sender::Sender;
use crate::settings::Settings;
use crate::wire::{id_member, member, rows, text};

/// Rows on a page of any list.
pub(crate) const PAGE: usize = 50;

/// The type code of a kind's records.
pub(crate) fn type_id(kind: Kind) -> u8 {
    match kind {
        Kind::Contact => 3,
        Kind::Company => 4,
    }
}

/// The list method of a kind.
pub(crate) fn list_method(kind: Kind) -> &'static str {
    match kind {
        Kind::Contact => "crm.contact.list",
        Kind::Company => "crm.company.list",
    }
}

/// The list of a kind's rows that pass a filter.
pub(crate) fn list(kind: Kind, filter: &Value, settings: &Settings, portal: &Portal) -> Command {
    let select = selected(kind, settings, portal);
    let params = json!({"select": select, "filter": filter, "order": {"ID": "ASC"}, "start": -1});
    Command::new(list_method(kind), params)
}

/// The requisites of up to fifty owners, those with greater ids than `after`.
fn requisites(kind: Kind, owners: &[String], after: &str) -> Command {
    let filter = json!({"ENTITY_TYPE_ID": type_id(kind), "@ENTITY_ID": owners, ">ID": after});
    let params = json!({"select": REQUISITE_FIELDS, "filter": filter, "order": {"ID": "ASC"}, "start": -1});
    Command::new("crm.requisite.list", params)
}

/// All companies of up to fifty contacts.
fn companies(contacts: &[String]) -> Command {
    let params = json!({
        "entityTypeId": type_id(Kind::Contact), "select": ["id", "companyId", "companyIds"],
        "filter": {"@id": contacts}, "order": {"id": "ASC"}, "start": -1
    });
    Command::new("crm.item.list", params)
}

/// How many commands [`bundle`] gives.
pub(crate) fn bundle_size(kind: Kind, settings: &Settings) -> usize {
    2 + usize::from(address::type_of(kind, settings).is_some()) + usize::from(kind == Kind::Contact)
}

/// The commands that read up to fifty records.
pub(crate) fn bundle(kind: Kind, ids: &[String], settings: &Settings, portal: &Portal) -> Vec<Command> {
    let mut commands = vec![list(kind, &json!({ "@ID": ids }), settings, portal)];
    commands.extend(details(kind, ids, ids, settings));
    commands
}

/// The commands that read what stands beside the rows: requisites of `owners` and their addresses, companies of `employed`
/// contacts.
fn details(kind: Kind, owners: &[String], employed: &[String], settings: &Settings) -> Vec<Command> {
    let mut commands = vec![requisites(kind, owners, "0")];
    commands.extend(address::type_of(kind, settings).map(|sort| address::list(sort, kind, owners, "0")));
    if kind == Kind::Contact {
        commands.push(companies(employed));
    }
    commands
}

/// The records in the answers to a [`bundle`]. Requisites and addresses beyond their first page are read as well.
pub(crate) async fn records_of_bundle(
    kind: Kind,
    ids: &[String],
    answers: &[Value],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<BTreeMap<String, Record>, SideError> {
    let found = rows_of_bundle(kind, ids, answers, sender, settings, portal).await?;
    Ok(into_records(kind, found, settings, portal))
}

async fn rows_of_bundle(
    kind: Kind,
    ids: &[String],
    answers: &[Value],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<BTreeMap<String, Rows>, SideError> {
    let mut found: BTreeMap<String, Rows> = BTreeMap::new();
    let listed = rows(answers.first().unwrap_or(&Value::Null));
    portal.check_shown(kind, settings, listed.iter().copied())?;
    for row in listed {
        let id = member(row, "ID");
        if !ids.contains(&id) {
            return Err(unexpected(format!("{} gave a row that was not asked for", list_method(kind))));
        }
        found.insert(id, Rows { row: row.clone(), ..Rows::default() });
    }
    let mut others = answers.iter().skip(1);
    let first = others.next().cloned().unwrap_or_default();
    Owned::Requisites.add(kind, ids, first, &mut found, Value::clone, sender).await?;
    if let Some(sort) = address::type_of(kind, settings) {
        let first = others.next().cloned().unwrap_or_default();
        Owned::Addresses(sort).add(kind, ids, first, &mut found, Value::clone, sender).await?;
    }
    if let Some(items) = others.next().filter(|_| kind == Kind::Contact) {
        add_companies(items, &mut found);
    }
    Ok(found)
}

/// Reads records by id.
pub(crate) async fn fetch(
    kind: Kind,
    ids: &[String],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<Vec<Record>, SideError> {
    let rows = rows_of(kind, ids, sender, settings, portal).await?;
    let mut records: Vec<Record> = into_records(kind, rows, settings, portal).into_values().collect();
    records.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(records)
}

/// Reads what records are made of, by id.
pub(crate) async fn rows_of(
    kind: Kind,
    ids: &[String],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<BTreeMap<String, Rows>, SideError> {
    let chunks: Vec<&[String]> = ids.chunks(PAGE).collect();
    let commands: Vec<Command> = chunks.iter().flat_map(|ids| bundle(kind, ids, settings, portal)).collect();
    let mut found = BTreeMap::new();
    if commands.is_empty() {
        return Ok(found);
    }
    let answers = sender.read_values(&commands).await?;
    for (ids, answers) in chunks.iter().zip(answers.chunks(bundle_size(kind, settings))) {
        found.extend(rows_of_bundle(kind, ids, answers, sender, settings, portal).await?);
    }
    Ok(found)
}

/// What some record of a kind has beside its row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// Requisites.
    pub(crate) requisites: bool,
    /// Those addresses of requisites that take part.
    pub(crate) addresses: bool,
}

/// Turns rows of a walk into records; what stands beside them is read fifty by fifty. Rows wait as text, and each becomes a
/// record when it is asked for.
pub(crate) async fn complete(
    kind: Kind,
    walked: Vec<Value>,
    has: Beside,
    sender: &Sender,
    settings: &Arc<Settings>,
    portal: &Arc<Portal>,
) -> Result<Records, SideError> {
    portal.check_shown(kind, settings, walked.iter())?;
    let ids: Vec<String> = walked.iter().map(|row| member(row, "ID")).collect();
    let employed: Vec<String> = walked
        .iter()
        .filter(|row| kind == Kind::Contact && id_member(row, "COMPANY_ID").is_some())
        .map(|row| member(row, "ID"))
        .collect();
    let packed = |row: Value| Rows {
        row: Packed::of(&row),
        requisites: Vec::new(),
        addresses: Vec::new(),
        companies: None,
    };
    let mut found: BTreeMap<String, Rows<Packed>> =
        ids.iter().cloned().zip(walked.into_iter().map(packed)).collect();
    let chunks = |any: bool| -> Vec<&[String]> { ids.chunks(PAGE).filter(|_| any).collect() };
    let sort = address::type_of(kind, settings).filter(|_| has.addresses);
    let (owners, anchors) = (chunks(has.requisites), chunks(sort.is_some()));
    let commands: Vec<Command> = owners
        .iter()
        .map(|owners| requisites(kind, owners, "0"))
        .chain(anchors.iter().filter_map(|owners| Some(address::list(sort?, kind, owners, "0"))))
        .chain(employed.chunks(PAGE).map(companies))
        .collect();
    let mut answers = sender.read_packed(&commands).await?.into_iter();
    for (owners, answer) in owners.iter().zip(answers.by_ref()) {
        Owned::Requisites.add(kind, owners, answer.open(), &mut found, Packed::of, sender).await?;
    }
    if let Some(sort) = sort {
        for (owners, answer) in anchors.iter().zip(answers.by_ref()) {
            let addresses = Owned::Addresses(sort);
            addresses.add(kind, owners, answer.open(), &mut found, Packed::of, sender).await?;
        }
    }
    for answer in answers {
        add_companies(&answer.open(), &mut found);
    }
    let (settings, portal) = (Arc::clone(settings), Arc::clone(portal));
    let made = found.into_values().flat_map(move |rows| {
        let rows = rows.open();
        match further::are_read(kind, &settings) {
            true => further::with_requisites(&rows, &settings, &portal),
            false => vec![record(kind, &rows, &settings, &portal)],
        }
    });
    Ok(Records::made_by(made))
}

/// Rows of a page, each with its owner.
pub(crate) type OwnedRows<'p> = Vec<(String, &'p Value)>;

/// Rows that belong to records, in lists that come in pages.
#[derive(Debug, Clone, Copy)]
enum Owned {
    Requisites,
    /// Addresses of this type.
    Addresses(u8),
}

impl Owned {
    /// The page behind the row of an id.
    fn page(self, kind: Kind, owners: &[String], after: &str) -> Command {
        match self {
            Self::Requisites => requisites(kind, owners, after),
            Self::Addresses(sort) => address::list(sort, kind, owners, after),
        }
    }

    /// The rows of a page, each with its owner.
    fn rows<'p>(self, kind: Kind, owners: &[String], page: &'p Value) -> Result<OwnedRows<'p>, SideError> {
        match self {
            Self::Requisites => owned_requisites(kind, owners, page),
            Self::Addresses(sort) => address::owned(sort, kind, owners, page),
        }
    }

    /// The id by which pages go on.
    fn id(self) -> &'static str {
        match self {
            Self::Requisites => "ID",
            Self::Addresses(_) => "ENTITY_ID",
        }
    }

    /// Where they are put.
    fn place<T>(self, rows: &mut Rows<T>) -> &mut Vec<T> {
        match self {
            Self::Requisites => &mut rows.requisites,
            Self::Addresses(_) => &mut rows.addresses,
        }
    }

    /// Puts the rows of a first page, and of those behind it, to their owners.
    async fn add<T>(
        self,
        kind: Kind,
        owners: &[String],
        first: Value,
        found: &mut BTreeMap<String, Rows<T>>,
        kept: impl Fn(&Value) -> T,
        sender: &Sender,
    ) -> Result<(), SideError> {
        let mut page = first;
        loop {
            let owned = self.rows(kind, owners, &page)?;
            for (owner, row) in &owned {
                if let Some(rows) = found.get_mut(owner) {
                    self.place(rows).push(kept(row));
                }
            }
            let Some((_, last)) = owned.last().filter(|_| owned.len() >= PAGE) else { return Ok(()) };
            let next = self.page(kind, owners, &member(last, self.id()));
            page = sender.read_values(&[next]).await?.into_iter().next().unwrap_or_default();
        }
    }
}

fn owned_requisites<'p>(kind: Kind, owners: &[String], page: &'p Value) -> Result<OwnedRows<'p>, SideError> {
    let owned = |row: &'p Value| {
        let owner = member(row, "ENTITY_ID");
        if !owners.contains(&owner) || member(row, "ENTITY_TYPE_ID") != type_id(kind).to_string() {
            return Err(unexpected("crm.requisite.list gave a row that was not asked for"));
        }
        Ok((owner, row))
    };
    rows(page).into_iter().map(owned).collect()
}

fn add_companies<T>(answer: &Value, found: &mut BTreeMap<String, Rows<T>>) {
    for item in answer.get("items").map(rows).unwrap_or_default() {
        if let Some(rows_of_contact) = found.get_mut(&member(item, "id"))
            && let Some(companies) = item.get("companyIds")
        {
            rows_of_contact.companies = Some(rows(companies).into_iter().map(text).collect());
        }
    }
}

fn into_records(
    kind: Kind,
    found: BTreeMap<String, Rows>,
    settings: &Settings,
    portal: &Portal,
) -> BTreeMap<String, Record> {
    found.into_iter().map(|(id, rows)| (id, record(kind, &rows, settings, portal))).collect()
}
