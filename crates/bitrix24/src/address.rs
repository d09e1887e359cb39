//! An address of a requisite, in parts in the portal, one text for everybody else: the legal one of a company, that of a person
//! only where it is wanted (`home.rs`).
//!
//! Not responsible for requisites. An address has no id, only a key: its type and its owner
//! (`api-reference/crm/requisites/addresses/` of the vendor's REST documentation). Invariant: a text that was written is read
//! back as the same address.

use obmen_domain::forms::address::is_address;
use obmen_domain::record::Kind;
use serde_json::{Map, Value, json};

use crate::call::{Command, PREVIOUS, unexpected};
use crate::home;
use crate::read::{OwnedRows, type_id};
use crate::settings::Settings;
use crate::wire::{member, rows};
use obmen_engine::ports::SideError;

/// The type of legal addresses.
pub(crate) const LEGAL: u8 = 6;
/// The type code of requisites, which addresses belong to.
const REQUISITE: u8 = 8;
/// The parts of an address, in the order in which they are read as one text. Where one is written, it stands in the last two.
const PARTS: [&str; 7] = ["POSTAL_CODE", "COUNTRY", "PROVINCE", "REGION", "CITY", "ADDRESS_1", "ADDRESS_2"];
/// What a part has room for.
const PART_LENGTH: usize = 255;
/// What an address that is written has room for: two parts, cut between two words where possible.
pub(crate) const LENGTH: usize = 500;
/// The error of an `add` for an owner that has an address of this type.
pub(crate) const EXISTS: &str = "TypeAddress exists";

/// The type of those addresses of a kind's requisites that take part; `None` where none do.
pub(crate) fn type_of(kind: Kind, settings: &Settings) -> Option<u8> {
    match kind {
        Kind::Company => settings.addresses.then_some(LEGAL),
        Kind::Contact => home::wanted(settings).map(|(_, sort)| sort),
    }
}

/// The addresses of a type of all requisites of up to fifty owners, those of requisites with greater ids than `after`.
pub(crate) fn list(sort: u8, kind: Kind, owners: &[String], after: &str) -> Command {
    let mut select = vec!["TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID", "ANCHOR_TYPE_ID", "ANCHOR_ID"];
    select.extend(PARTS);
    let filter = json!({
        "TYPE_ID": sort, "ENTITY_TYPE_ID": REQUISITE, "ANCHOR_TYPE_ID": type_id(kind), "@ANCHOR_ID": owners,
        ">ENTITY_ID": after
    });
    let params = json!({"select": select, "filter": filter, "order": {"ENTITY_ID": "ASC"}, "start": -1});
    Command::new("crm.address.list", params)
}

/// A list that says whether any record of a kind has an address of a type.
pub(crate) fn any(sort: u8, kind: Kind) -> Command {
    let filter = json!({"TYPE_ID": sort, "ENTITY_TYPE_ID": REQUISITE, "ANCHOR_TYPE_ID": type_id(kind)});
    let params = json!({
        "select": ["TYPE_ID", "ENTITY_ID"], "filter": filter, "order": {"ENTITY_ID": "ASC"}, "start": -1
    });
    Command::new("crm.address.list", params)
}

/// The rows of a page, each with its owner.
pub(crate) fn owned<'a>(
    sort: u8,
    kind: Kind,
    owners: &[String],
    page: &'a Value,
) -> Result<OwnedRows<'a>, SideError> {
    let owned = |row: &'a Value| {
        let owner = member(row, "ANCHOR_ID");
        let is_asked_for = member(row, "TYPE_ID") == sort.to_string()
            && member(row, "ENTITY_TYPE_ID") == REQUISITE.to_string()
            && member(row, "ANCHOR_TYPE_ID") == type_id(kind).to_string()
            && owners.contains(&owner);
        let error = || unexpected("crm.address.list gave a row that was not asked for");
        if is_asked_for { Ok((owner, row)) } else { Err(error()) }
    };
    rows(page).into_iter().map(owned).collect()
}

/// The address of a requisite among rows; `None` where it has none, not even an empty one.
pub(crate) fn of_requisite(addresses: &[Value], requisite: &str) -> Option<String> {
    let row = addresses.iter().find(|row| member(row, "ENTITY_ID") == requisite)?;
    let parts = PARTS.map(|part| member(row, part));
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    Some(Some(parts.join(", ")).filter(|text| is_address(text)).unwrap_or_default())
}

/// Writes the address of a requisite that has one already, or none.
pub(crate) fn put(sort: u8, requisite: &str, text: &str, stands_there: bool) -> Command {
    let method = if stands_there { "crm.address.update" } else { "crm.address.add" };
    Command::new(method, json!({ "fields": fields(sort, requisite, text) }))
}

/// Writes the address of the requisite that the command before makes.
pub(crate) fn put_beside(sort: u8, text: &str) -> Command {
    Command::new("crm.address.add", json!({ "fields": fields(sort, PREVIOUS, text) })).following()
}

/// A text takes the place of all parts.
fn fields(sort: u8, requisite: &str, text: &str) -> Map<String, Value> {
    let (first, second) = halves(text.trim());
    let mut fields = Map::new();
    fields.insert("TYPE_ID".to_owned(), json!(sort));
    fields.insert("ENTITY_TYPE_ID".to_owned(), json!(REQUISITE));
    fields.insert("ENTITY_ID".to_owned(), json!(requisite));
    fields.extend(PARTS.map(|part| (part.to_owned(), json!(""))));
    fields.insert("ADDRESS_1".to_owned(), json!(first));
    fields.insert("ADDRESS_2".to_owned(), json!(second));
    fields
}

/// A text in two parts; cut behind a comma, else between two words, else where the room ends.
fn halves(text: &str) -> (&str, &str) {
    let Some((end, _)) = text.char_indices().nth(PART_LENGTH) else { return (text, "") };
    let behind = |mark: &str| text[..end].rfind(mark).map(|at| (&text[..at], &text[at + mark.len()..]));
    let fits = |halves: &(&str, &str)| halves.1.chars().count() <= PART_LENGTH;
    behind(", ").filter(fits).or_else(|| behind(" ").filter(fits)).unwrap_or_else(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: Map<String, Value>) -> Option<String> {
        of_requisite(&[Value::Object(fields)], "7")
    }

    #[test]
    fn parts_are_one_text_and_an_empty_form_is_none() {
        let row = json!({"ENTITY_ID": "7", "CITY": "г Москва", "POSTAL_CODE": "101000", "ADDRESS_1": "ул Мира, 1",
                         "ADDRESS_2": null, "PROVINCE": ""});
        let rows = [row, json!({"ENTITY_ID": "8", "CITY": " , "})];
        assert_eq!(of_requisite(&rows, "7").as_deref(), Some("101000, г Москва, ул Мира, 1"));
        assert_eq!(of_requisite(&rows, "8").as_deref(), Some(""));
        assert_eq!(of_requisite(&rows, "9"), None);
    }

    #[test]
    fn what_is_written_is_read_back_and_no_old_part_stays() {
        let short = "101000, г Москва, ул Мясницкая, д 1";
        let written = fields(LEGAL, "7", short);
        assert_eq!((&written["ADDRESS_1"], &written["CITY"]), (&json!(short), &json!("")));
        assert_eq!(read(written).as_deref(), Some(short));
        let long = format!("{}д 5", "г Москва, ул Мясницкая, ".repeat(15));
        let written = fields(LEGAL, "7", &long);
        assert!(written["ADDRESS_1"].as_str().unwrap().chars().count() <= PART_LENGTH);
        assert!(written["ADDRESS_2"].as_str().unwrap().chars().count() <= PART_LENGTH);
        assert_eq!(read(written).as_deref(), Some(&*long));
    }

    #[test]
    fn a_row_of_somebody_else_is_an_error() {
        let row = |anchor: &str| json!([{"TYPE_ID": "6", "ENTITY_TYPE_ID": "8", "ENTITY_ID": "7", "ANCHOR_TYPE_ID": "4", "ANCHOR_ID": anchor}]);
        let owners = ["12".to_owned()];
        assert_eq!(owned(LEGAL, Kind::Company, &owners, &row("12")).unwrap().len(), 1);
        assert!(owned(LEGAL, Kind::Company, &owners, &row("13")).is_err());
        assert!(owned(LEGAL, Kind::Contact, &owners, &row("12")).is_err());
        assert!(owned(4, Kind::Company, &owners, &row("12")).is_err(), "of another type");
    }
}
