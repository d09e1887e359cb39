//! Further requisites of companies, each a record of its own: another tax number, another branch, beside the company's own one.
//!
//! Such a record is an organization without phones and mailboxes. It belongs to its company, and has the number of its requisite
//! behind a letter, so that it is no number of a company. Not responsible for the requisite that is part of the company's own
//! record (`record.rs`). Invariant: every requisite of a company gives one record, and the company's own one takes no part, so
//! that nobody takes it for a second party.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::forms::tax::{Inn, Kpp};
use obmen_domain::party::{Beside, Field, Organization, Party};
use obmen_domain::record::{Catalog, Exclusion, Kind, Record, RecordId, Standing};
use obmen_engine::ports::SideError;
use serde_json::{Value, json};

use crate::address;
use crate::call::{Command, unexpected};
use crate::native::{Native, NativeRequisite};
use crate::portal::Portal;
use crate::read::{PAGE, rows_of, type_id};
use crate::record::{
    Rows, entrepreneur_by_requisite, is_reference, main_requisite, own_mark, parse_moment, record,
    registration_number, version,
};
use crate::sender::Sender;
use crate::settings::Settings;
use crate::wire::{flag, member, rows, typed_member};

/// What stands before the number of a requisite.
const LETTER: char = 'r';
/// What such a record has no room for.
const LACKS: [Field; 4] = [Field::Name, Field::Phone, Field::Email, Field::Manager];

/// The record of a requisite.
pub(crate) fn id_of(requisite: &str) -> RecordId {
    RecordId::bitrix24(Kind::Company, format!("{LETTER}{requisite}"))
}

/// The requisite whose record this is; `None` for a company.
pub(crate) fn requisite_of(id: &str) -> Option<&str> {
    id.strip_prefix(LETTER)
}

/// Whether requisites of this kind are records of their own.
pub(crate) fn are_read(kind: Kind, settings: &Settings) -> bool {
    settings.further_requisites && kind == Kind::Company
}

/// The record of a company, and those of all its requisites.
pub(crate) fn with_requisites(company: &Rows, settings: &Settings, portal: &Portal) -> Vec<Record> {
    let whole = record(Kind::Company, company, settings, portal);
    let own = own_mark(Kind::Company, &company.row, settings, portal);
    let main = main_requisite(&company.requisites, own.as_deref());
    let of_each = company.requisites.iter().map(|row| of_requisite(row, &whole, main, company, portal));
    let of_each: Vec<Record> = of_each.collect();
    [whole].into_iter().chain(of_each).collect()
}

fn of_requisite(
    row: &Value,
    whole: &Record,
    main: Option<&Value>,
    company: &Rows,
    portal: &Portal,
) -> Record {
    let number = member(row, "ID");
    let text = |name: &str| typed_member(row, name);
    let address = address::of_requisite(&company.addresses, &number);
    let has_address = address.is_some();
    let titles = [text("RQ_COMPANY_NAME"), text("RQ_COMPANY_FULL_NAME"), whole.party.display_name()];
    let inn = text("RQ_INN");
    let organization = Organization {
        title: titles.into_iter().find(|title| !title.trim().is_empty()).unwrap_or_default(),
        legal_name: text("RQ_COMPANY_FULL_NAME"),
        entrepreneur: entrepreneur_by_requisite(row, portal),
        is_branch: Inn::parse(&inn).is_some() && Inn::parse(&inn) == Inn::parse(whole.party.inn()),
        inn,
        kpp: text("RQ_KPP"),
        ogrn: registration_number(row),
        address: address.unwrap_or_default(),
        beside: Some(Box::new(Beside::further(whole.id.clone()))),
        ..Organization::default()
    };
    let mark = member(row, "XML_ID").to_lowercase();
    // Somebody else's key is not written over.
    let has_place_for_id = mark.is_empty() || is_reference(&mark);
    let native = Native {
        requisite: Some(NativeRequisite {
            id: number.clone(),
            entrepreneur: !member(row, "RQ_OGRNIP").is_empty(),
            has_address,
            takes_mark: false,
        }),
        origin: mark.clone(),
        ..Native::default()
    };
    let standing = standing(row, &organization, whole, main);
    let no_id = (!has_place_for_id).then_some(Field::MutualId);
    let mut record = Record {
        id: id_of(&number),
        catalog: Catalog::Bitrix24,
        version: String::new(),
        standing: standing.clone(),
        party: Party::Organization(organization),
        mutual_id: if has_place_for_id && standing == Standing::TakesPart { mark } else { String::new() },
        changed_at: parse_moment(&member(row, "DATE_MODIFY")),
        native: native.write(),
        lacks: LACKS.into_iter().chain(no_id).collect(),
        attributes: whole.attributes.clone(),
        brought: BTreeSet::new(),
    };
    record.version = version(&record);
    record
}

/// Without a tax number of its own nobody could tell whose it is; one that says the same as the company's own is that one, once
/// more.
fn standing(row: &Value, organization: &Organization, whole: &Record, main: Option<&Value>) -> Standing {
    if whole.standing == Standing::Out(Exclusion::OwnCompany) {
        return whole.standing.clone();
    }
    if main.is_some_and(|main| member(main, "ID") == member(row, "ID")) {
        return Standing::Out(Exclusion::PartOfCompany);
    }
    if row.get("ADDRESS_ONLY").is_some_and(flag) || Inn::parse(&organization.inn).is_none() {
        return Standing::Out(Exclusion::Empty);
    }
    let main_kpp = main.map(|main| member(main, "RQ_KPP")).unwrap_or_default();
    let says_the_same = organization.is_branch && Kpp::parse(&organization.kpp) == Kpp::parse(&main_kpp);
    if says_the_same { Standing::Out(Exclusion::PartOfCompany) } else { Standing::TakesPart }
}

/// Reads companies, those that requisites belong to among them, and gives whatever was read: all requisites of a company come
/// with it, so that a change of one is seen with the others.
pub(crate) async fn fetch_whole(
    companies: &[String],
    requisites: &[String],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<Vec<Record>, SideError> {
    let mut wanted: BTreeSet<String> = owners(requisites, sender).await?.into_values().collect();
    wanted.extend(companies.iter().cloned());
    let wanted: Vec<String> = wanted.into_iter().collect();
    let companies = rows_of(Kind::Company, &wanted, sender, settings, portal).await?;
    let mut found: Vec<Record> =
        companies.values().flat_map(|company| with_requisites(company, settings, portal)).collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// Reads records of requisites.
pub(crate) async fn fetch(
    requisites: &[String],
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<Vec<Record>, SideError> {
    let mut found = fetch_whole(&[], requisites, sender, settings, portal).await?;
    found.retain(|record| {
        requisite_of(&record.id.id).is_some_and(|id| requisites.iter().any(|one| one == id))
    });
    Ok(found)
}

/// The companies that requisites belong to.
pub(crate) async fn owners(
    requisites: &[String],
    sender: &Sender,
) -> Result<BTreeMap<String, String>, SideError> {
    let list = |ids: &[String]| {
        let filter = json!({"@ID": ids, "ENTITY_TYPE_ID": type_id(Kind::Company)});
        let select = ["ID", "ENTITY_ID", "ENTITY_TYPE_ID"];
        let params = json!({"select": select, "filter": filter, "order": {"ID": "ASC"}, "start": -1});
        Command::new("crm.requisite.list", params)
    };
    let commands: Vec<Command> = requisites.chunks(PAGE).map(list).collect();
    if commands.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut owners = BTreeMap::new();
    for answer in sender.read_values(&commands).await? {
        for row in rows(&answer) {
            let id = member(row, "ID");
            if !requisites.contains(&id)
                || member(row, "ENTITY_TYPE_ID") != type_id(Kind::Company).to_string()
            {
                return Err(unexpected("crm.requisite.list gave a row that was not asked for"));
            }
            owners.insert(id, member(row, "ENTITY_ID"));
        }
    }
    Ok(owners)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::{portal, settings};

    const OWN: &str = "6f0e0000-0000-0000-0000-000000000001";
    const OTHER: &str = "6f0e0000-0000-0000-0000-000000000002";

    fn standings(company: &Value, requisites: &Value) -> Vec<(String, Standing)> {
        let settings = Settings { further_requisites: true, ..settings() };
        let requisites = requisites.as_array().unwrap().clone();
        let rows = Rows { row: company.clone(), requisites, ..Rows::default() };
        let of = |record: Record| (record.id.id, record.standing);
        with_requisites(&rows, &settings, &portal()).into_iter().skip(1).map(of).collect()
    }

    #[test]
    fn every_requisite_but_the_company_s_own_with_a_number_of_its_own_takes_part() {
        let found = standings(
            &json!({"ID": "12", "TITLE": "Ромашка"}),
            &json!([
                {"ID": "1", "SORT": "500", "RQ_INN": "7707083893", "RQ_KPP": "773601001"},
                {"ID": "2", "SORT": "500", "RQ_INN": "7707083893", "RQ_KPP": "540602001"},
                {"ID": "3", "SORT": "500", "RQ_INN": "7707083893", "RQ_KPP": "773601001"},
                {"ID": "4", "SORT": "500", "RQ_INN": "12"},
                {"ID": "5", "ADDRESS_ONLY": "Y"}
            ]),
        );
        let out = |exclusion| Standing::Out(exclusion);
        assert_eq!(
            found,
            [
                ("r1".to_owned(), out(Exclusion::PartOfCompany)),
                ("r2".to_owned(), Standing::TakesPart),
                ("r3".to_owned(), out(Exclusion::PartOfCompany)),
                ("r4".to_owned(), out(Exclusion::Empty)),
                ("r5".to_owned(), out(Exclusion::Empty)),
            ]
        );
    }

    #[test]
    fn one_that_is_somebody_else_s_never_becomes_the_company_s_own() {
        let company = json!({"ID": "12", "TITLE": "Ромашка", "UF_CRM_1C_COMPANY_ID": OWN});
        let further = json!({"ID": "2", "SORT": "100", "RQ_INN": "7707083893", "XML_ID": OTHER});
        let own = json!({"ID": "1", "SORT": "500", "RQ_INN": "7700000001", "XML_ID": OWN});
        let found = standings(&company, &json!([own, further]));
        assert_eq!(found[0].1, Standing::Out(Exclusion::PartOfCompany));
        assert_eq!(found[1].1, Standing::TakesPart);
        let found = standings(&company, &json!([further]));
        assert_eq!(found[0].1, Standing::TakesPart, "the company's own was deleted");
    }

    #[test]
    fn requisites_of_the_portal_s_own_companies_take_no_part() {
        let company = json!({"ID": "1", "TITLE": "Мы", "IS_MY_COMPANY": "Y"});
        let found = standings(&company, &json!([{"ID": "2", "RQ_INN": "7707083893"}]));
        assert_eq!(found[0].1, Standing::Out(Exclusion::OwnCompany));
    }
}
