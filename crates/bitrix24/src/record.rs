//! From rows of the portal to records.
//!
//! Not responsible for reading the rows. Invariant: a record is made of its rows alone, so that two reads of the same
//! rows give the same record, version included.

use std::collections::BTreeSet;

use jiff::Timestamp;
use obmen_domain::forms::company_name::{LegalForm, read_company_name};
use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::forms::phone::{PhoneContext, read_phones};
use obmen_domain::forms::tax::Inn;
use obmen_domain::key::is_nobody;
use obmen_domain::party::{Email, Organization, Party, Person, Phone, Point, PointKind, UserId};
use obmen_domain::record::{Catalog, Exclusion, Kind, Record, RecordId, Standing};
use serde_json::Value;

use crate::address;
use crate::further;
use crate::home;
use crate::native::{Native, NativeRequisite, NativeRow, multi_rows};
use crate::packed::Packed;
use crate::portal::Portal;
use crate::settings::Settings;
use crate::wire::{flag, id_member, member, text, typed_member};

/// Everything the portal says about one record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows<T = Value> {
    /// The contact or company.
    pub(crate) row: T,
    /// Its requisites.
    pub(crate) requisites: Vec<T>,
    /// Those addresses of its requisites that take part.
    pub(crate) addresses: Vec<T>,
    /// All its companies, the primary one first; none where only the row was read.
    pub(crate) companies: Option<Vec<String>>,
}

impl Rows<Packed> {
    pub(crate) fn open(self) -> Rows {
        let Self { row, requisites, addresses, companies } = self;
        let open = |rows: Vec<Packed>| rows.iter().map(Packed::open).collect();
        Rows { row: row.open(), requisites: open(requisites), addresses: open(addresses), companies }
    }
}

/// The fields that are selected for a kind.
pub(crate) fn selected(kind: Kind, settings: &Settings, portal: &Portal) -> Vec<String> {
    let own: &[&str] = match kind {
        Kind::Contact => &["NAME", "SECOND_NAME", "LAST_NAME", "POST", "COMPANY_ID"],
        Kind::Company => &["TITLE", "IS_MY_COMPANY"],
    };
    let shared = ["ID", "ASSIGNED_BY_ID", "ORIGINATOR_ID", "ORIGIN_ID", "DATE_MODIFY", "PHONE", "EMAIL"];
    shared
        .iter()
        .chain(own)
        .copied()
        .chain(portal.id_field(kind, settings))
        .chain(portal.inn_field(kind, settings))
        .map(str::to_owned)
        .chain(portal.attributes(kind, settings))
        .chain(portal.configured.of(kind).map(|column| column.at.clone()))
        .collect()
}

/// The fields of requisites that are selected.
pub(crate) const REQUISITE_FIELDS: [&str; 14] = [
    "ID",
    "ENTITY_ID",
    "ENTITY_TYPE_ID",
    "PRESET_ID",
    "SORT",
    "ADDRESS_ONLY",
    "DATE_MODIFY",
    "RQ_INN",
    "RQ_KPP",
    "RQ_OGRN",
    "RQ_OGRNIP",
    "RQ_COMPANY_NAME",
    "RQ_COMPANY_FULL_NAME",
    "XML_ID",
];

/// A record out of its rows.
pub(crate) fn record(kind: Kind, rows: &Rows, settings: &Settings, portal: &Portal) -> Record {
    let row = &rows.row;
    let requisite = main_requisite(&rows.requisites, own_mark(kind, row, settings, portal).as_deref());
    let address = requisite
        .filter(|_| kind == Kind::Company)
        .and_then(|row| address::of_requisite(&rows.addresses, &member(row, "ID")));
    let has_address = address.is_some();
    let phones = multi_rows(row, "PHONE");
    let emails = multi_rows(row, "EMAIL");
    let inn_of_field =
        portal.inn_field(kind, settings).map(|field| typed_member(row, field)).unwrap_or_default();
    let mut configured = portal.configured.read(kind, row);
    let home = home::wanted(settings).filter(|_| kind == Kind::Contact).and_then(|(name, _)| {
        let (text, home) = home::read(requisite, &rows.requisites, &rows.addresses);
        configured.set(name, text);
        home
    });
    let party = match kind {
        Kind::Contact => Party::Person(Person {
            name: PersonName::from_parts(
                &member(row, "LAST_NAME"),
                &member(row, "NAME"),
                &member(row, "SECOND_NAME"),
            ),
            inn: choose_inn(requisite, &inn_of_field),
            phones: read_phone_rows(&phones, &settings.phone_context),
            emails: read_email_rows(&emails),
            employers: employers(rows),
            position: typed_member(row, "POST"),
            manager: id_member(row, "ASSIGNED_BY_ID").map(UserId),
            configured,
        }),
        Kind::Company => Party::Organization(Organization {
            title: typed_member(row, "TITLE"),
            legal_name: requisite.map(|row| typed_member(row, "RQ_COMPANY_FULL_NAME")).unwrap_or_default(),
            entrepreneur: is_entrepreneur(row, requisite, portal),
            is_branch: false,
            inn: choose_inn(requisite, &inn_of_field),
            kpp: requisite.map(|row| typed_member(row, "RQ_KPP")).unwrap_or_default(),
            ogrn: requisite.map(registration_number).unwrap_or_default(),
            address: address.unwrap_or_default(),
            phones: read_phone_rows(&phones, &settings.phone_context),
            emails: read_email_rows(&emails),
            manager: id_member(row, "ASSIGNED_BY_ID").map(UserId),
            configured,
            beside: None,
        }),
    };
    let mutual_id = portal.id_field(kind, settings).map(|field| member(row, field).to_lowercase());
    let own = mutual_id.clone().unwrap_or_default();
    let native = Native {
        phones,
        emails,
        requisite: requisite.map(|row| NativeRequisite {
            id: member(row, "ID"),
            entrepreneur: !member(row, "RQ_OGRNIP").is_empty(),
            has_address,
            takes_mark: further::are_read(kind, settings)
                && rows.requisites.len() > 1
                && [String::new(), own].contains(&member(row, "XML_ID").to_lowercase()),
        }),
        home,
        inn: inn_of_field,
        origin: member(row, "ORIGIN_ID").to_lowercase(),
    };
    let attribute = |name: String| (name.clone(), values(row.get(&name).unwrap_or(&Value::Null)));
    let mut record = Record {
        id: RecordId::bitrix24(kind, member(row, "ID")),
        catalog: Catalog::Bitrix24,
        version: String::new(),
        standing: standing(row, &party),
        party,
        mutual_id: mutual_id.unwrap_or_default(),
        changed_at: parse_moment(&member(row, "DATE_MODIFY")),
        native: native.write(),
        lacks: BTreeSet::new(),
        attributes: portal.attributes(kind, settings).into_iter().map(attribute).collect(),
        brought: BTreeSet::new(),
    };
    record.version = version(&record);
    record
}

/// The values of a field: of one that holds a list, each.
fn values(value: &Value) -> BTreeSet<String> {
    let one = std::slice::from_ref(value);
    let all = value.as_array().map_or(one, Vec::as_slice);
    all.iter().map(text).filter(|text| !text.is_empty()).collect()
}

/// `DATE_MODIFY` has whole seconds and does not move with links and requisites: the content says the rest.
pub(crate) fn version(record: &Record) -> String {
    let moment = record.changed_at.map(|at| at.as_second()).unwrap_or_default();
    let digest = record.digest().to_string();
    format!("{moment}-{}", digest.get(..16).unwrap_or(&digest))
}

/// A moment with an offset; the offset follows the user's zone and may change.
pub(crate) fn parse_moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// The requisite that counts: with a valid tax number before one without, then by sort and id. Those that only carry an
/// address are none. Where the company's own 1C reference is given, one that bears it comes first, and one that bears another is
/// somebody else's.
pub(crate) fn main_requisite<'a>(requisites: &'a [Value], own: Option<&str>) -> Option<&'a Value> {
    let number = |row: &Value, name: &str| member(row, name).parse::<u64>().unwrap_or(u64::MAX);
    let mark = |row: &Value| member(row, "XML_ID").to_lowercase();
    let bears_own = |row: &Value| own.is_some_and(|own| own == mark(row));
    let is_foreign = |row: &Value| own.is_some() && is_reference(&mark(row)) && !bears_own(row);
    let usable =
        requisites.iter().filter(|row| !row.get("ADDRESS_ONLY").is_some_and(flag) && !is_foreign(row));
    usable.min_by_key(|row| {
        let is_invalid = Inn::parse(&member(row, "RQ_INN")).is_none();
        (!bears_own(row), is_invalid, number(row, "SORT"), number(row, "ID"))
    })
}

/// The 1C reference of a company whose further requisites have references of their own.
pub(crate) fn own_mark(kind: Kind, row: &Value, settings: &Settings, portal: &Portal) -> Option<String> {
    let field = portal.id_field(kind, settings).filter(|_| further::are_read(kind, settings))?;
    Some(member(row, field).to_lowercase()).filter(|own| !own.is_empty())
}

/// Whether an external key is a reference of 1C.
pub(crate) fn is_reference(mark: &str) -> bool {
    let is_hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    mark.len() == 36
        && mark.bytes().enumerate().all(|(at, byte)| match is_hyphen(at) {
            true => byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
}

/// A valid number before an invalid one, the requisite's before the field's.
fn choose_inn(requisite: Option<&Value>, field: &str) -> String {
    let requisite = requisite.map(|row| typed_member(row, "RQ_INN")).unwrap_or_default();
    let valid = |text: &str| Inn::parse(text).is_some();
    if valid(&requisite) || (!valid(field) && !requisite.is_empty()) { requisite } else { field.to_owned() }
}

pub(crate) fn registration_number(requisite: &Value) -> String {
    let number = typed_member(requisite, "RQ_OGRN");
    if number.is_empty() { typed_member(requisite, "RQ_OGRNIP") } else { number }
}

/// Told by registration number, preset or name; never by the length of a tax number.
fn is_entrepreneur(row: &Value, requisite: Option<&Value>, portal: &Portal) -> bool {
    let by_requisite = requisite.is_some_and(|requisite| entrepreneur_by_requisite(requisite, portal));
    by_requisite || read_company_name(&member(row, "TITLE")).form == Some(LegalForm::Ip)
}

/// Whether a requisite is a sole proprietor's, by its number or preset.
pub(crate) fn entrepreneur_by_requisite(requisite: &Value, portal: &Portal) -> bool {
    !member(requisite, "RQ_OGRNIP").is_empty()
        || portal.presets.entrepreneur.as_deref() == Some(&member(requisite, "PRESET_ID"))
}

/// The primary company first. The row alone knows no others.
fn employers(rows: &Rows) -> Vec<RecordId> {
    let primary = id_member(&rows.row, "COMPANY_ID");
    let others = rows.companies.iter().flatten().filter(|id| Some(*id) != primary.as_ref()).cloned();
    primary.iter().cloned().chain(others).map(|id| RecordId::bitrix24(Kind::Company, id)).collect()
}

fn standing(row: &Value, party: &Party) -> Standing {
    if row.get("IS_MY_COMPANY").is_some_and(flag) {
        return Standing::Out(Exclusion::OwnCompany);
    }
    if is_nobody(party) {
        return Standing::Out(Exclusion::Empty);
    }
    Standing::TakesPart
}

/// The phones of rows; a row may hold several, none of them twice.
pub(crate) fn read_phone_rows(rows: &[NativeRow], context: &PhoneContext) -> Vec<Phone> {
    let mut phones: Vec<Phone> = Vec::new();
    for row in rows {
        let kind = point_kind(&row.value_type);
        let parsed = read_phones(&row.value, context);
        if parsed.is_empty() {
            phones.push(Point { kind, ..Point::unreadable(&row.value) });
        }
        for phone in parsed {
            if !phones.iter().any(|known| known.key.as_ref() == Some(&phone.key)) {
                phones.push(Point {
                    extension: phone.extension,
                    kind,
                    ..Point::known(phone.key, &row.value)
                });
            }
        }
    }
    phones
}

/// The mailboxes of rows.
pub(crate) fn read_email_rows(rows: &[NativeRow]) -> Vec<Email> {
    let mut emails: Vec<Email> = Vec::new();
    for row in rows {
        let kind = point_kind(&row.value_type);
        let keys = read_emails(&row.value);
        if keys.is_empty() {
            emails.push(Point { kind, ..Point::unreadable(&row.value) });
        }
        for key in keys {
            if !emails.iter().any(|known| known.key.as_ref() == Some(&key)) {
                emails.push(Point { kind, ..Point::known(key, &row.value) });
            }
        }
    }
    emails
}

fn point_kind(value_type: &str) -> PointKind {
    match value_type {
        "WORK" | "" => PointKind::Work,
        "MOBILE" => PointKind::Mobile,
        "HOME" => PointKind::Home,
        _ => PointKind::Other,
    }
}

/// How the portal names a kind of phone or mailbox.
pub(crate) fn value_type(field: &str, kind: PointKind) -> &'static str {
    match kind {
        PointKind::Mobile if field == "PHONE" => "MOBILE",
        PointKind::Work | PointKind::Mobile => "WORK",
        PointKind::Home => "HOME",
        PointKind::Other => "OTHER",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use obmen_domain::create_rule::Wanted;

    use crate::portal::{Presets, UserField};
    use crate::settings::Limits;

    #[test]
    fn a_contact_row_becomes_a_person() {
        let row = json!({
            "ID": "43", "NAME": "Анна", "SECOND_NAME": null, "LAST_NAME": "Белова", "POST": " директор",
            "COMPANY_ID": "12", "ASSIGNED_BY_ID": "7", "DATE_MODIFY": "2026-09-21T10:00:00+03:00",
            "UF_CRM_1C_CONTACT_ID": "6F0E0000-0000-0000-0000-000000000001", "UF_CRM_INN": "500100732259",
            "PHONE": [
                {"ID": "157", "VALUE_TYPE": "MOBILE", "VALUE": "8 926 000-00-01, 8 926 000-00-02"},
                {"ID": "156", "VALUE_TYPE": "WORK", "VALUE": "спросить Олю"}
            ],
            "EMAIL": false
        });
        let rows = Rows { row, companies: Some(vec!["3".to_owned(), "12".to_owned()]), ..Rows::default() };
        let record = record(Kind::Contact, &rows, &settings(), &portal());
        assert_eq!(record.id, RecordId::bitrix24(Kind::Contact, "43"));
        assert_eq!(record.mutual_id, "6f0e0000-0000-0000-0000-000000000001");
        assert_eq!(record.changed_at, "2026-09-21T07:00:00Z".parse().ok());
        assert_eq!(record.standing, Standing::TakesPart);
        let Party::Person(person) = &record.party else { panic!("a contact is a person") };
        assert_eq!(person.name.whole(), "Белова Анна");
        assert_eq!(person.position, " директор", "as it was typed");
        assert_eq!(person.inn, "500100732259");
        assert_eq!(person.manager, Some(UserId("7".to_owned())));
        let employers: Vec<_> = person.employers.iter().map(|id| id.id.as_str()).collect();
        assert_eq!(employers, ["12", "3"]);
        let phones: Vec<_> = person.phones.iter().map(|p| p.key.as_ref().map(|key| key.as_str())).collect();
        assert_eq!(phones, [None, Some("+79260000001"), Some("+79260000002")]);
        assert_eq!(person.phones[1].text, person.phones[2].text);
        assert_eq!(person.phones[2].kind, PointKind::Mobile);
        assert_eq!(Native::read(&record.native).phones[0].id, "156");
    }

    #[test]
    fn tax_numbers_come_from_the_requisite_that_counts() {
        let row = json!({"ID": "12", "TITLE": "Ромашка", "IS_MY_COMPANY": "N", "UF_CRM_INN": "7700000001"});
        let requisites = vec![
            json!({"ID": "1", "SORT": "100", "ADDRESS_ONLY": "Y", "RQ_INN": ""}),
            json!({"ID": "2", "SORT": "500", "RQ_INN": "123", "RQ_KPP": "1"}),
            json!({"ID": "3", "SORT": "500", "RQ_INN": "7707083893", "RQ_KPP": "773601001",
                   "RQ_OGRN": "1027700132195", "RQ_COMPANY_FULL_NAME": "ООО «Ромашка»"}),
        ];
        let addresses =
            vec![json!({"ENTITY_ID": "2", "CITY": "Тверь"}), json!({"ENTITY_ID": "3", "CITY": "Москва"})];
        let rows = Rows { row, requisites, addresses, companies: None };
        let record = record(Kind::Company, &rows, &settings(), &portal());
        let Party::Organization(organization) = &record.party else { panic!("a company is an organization") };
        assert_eq!(organization.inn, "7707083893");
        assert_eq!(organization.address, "Москва");
        assert_eq!(organization.kpp, "773601001");
        assert_eq!(organization.ogrn, "1027700132195");
        assert_eq!(organization.legal_name, "ООО «Ромашка»");
        assert!(!organization.entrepreneur);
        assert_eq!(Native::read(&record.native).requisite.unwrap().id, "3");
    }

    #[test]
    fn entrepreneurs_are_told_by_anything_but_their_number() {
        let table = [
            (json!({"TITLE": "Белова А. И."}), json!({"RQ_INN": "500100732259"}), false),
            (json!({"TITLE": "ИП Белова А. И."}), json!({}), true),
            (json!({"TITLE": "Белова"}), json!({"RQ_OGRNIP": "304500116000157"}), true),
            (json!({"TITLE": "Белова"}), json!({"PRESET_ID": "2"}), true),
        ];
        for (row, requisite, expected) in table {
            assert_eq!(is_entrepreneur(&row, Some(&requisite), &portal()), expected, "{row} {requisite}");
        }
    }

    #[test]
    fn own_companies_and_empty_records_are_left_out() {
        let of = |row: Value| {
            record(Kind::Company, &Rows { row, ..Rows::default() }, &settings(), &portal()).standing
        };
        assert_eq!(
            of(json!({"ID": 1, "TITLE": "Мы", "IS_MY_COMPANY": "Y"})),
            Standing::Out(Exclusion::OwnCompany)
        );
        assert_eq!(of(json!({"ID": 1, "TITLE": " "})), Standing::Out(Exclusion::Empty));
        assert_eq!(
            of(json!({"ID": 1, "TITLE": "", "EMAIL": [{"ID": 1, "VALUE": "a@firm.example"}]})),
            Standing::TakesPart
        );
    }

    #[test]
    fn attributes_are_those_that_conditions_name_and_the_portal_has() {
        let wanted = ["TYPE_ID", "UF_CRM_LIST", "EMPTY", "ABSENT"];
        let settings = Settings {
            attributes: wanted.map(|name| (name.to_owned(), [Kind::Contact].into())).into(),
            ..settings()
        };
        let all_fields = [(Kind::Contact, wanted[..3].iter().map(ToString::to_string).collect())].into();
        let portal = Portal { all_fields, ..portal() };
        let row =
            json!({"ID": "1", "NAME": "Анна", "TYPE_ID": "CLIENT", "UF_CRM_LIST": [7, "9"], "EMPTY": null});
        let record = record(Kind::Contact, &Rows { row, ..Rows::default() }, &settings, &portal);
        let held: Vec<(String, Vec<String>)> = record
            .attributes
            .into_iter()
            .map(|(name, values)| (name, values.into_iter().collect()))
            .collect();
        let values = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            held,
            [
                ("EMPTY".to_owned(), values(&[])),
                ("TYPE_ID".to_owned(), values(&["CLIENT"])),
                ("UF_CRM_LIST".to_owned(), values(&["7", "9"])),
            ]
        );
        assert!(selected(Kind::Contact, &settings, &portal).contains(&"UF_CRM_LIST".to_owned()));
        assert!(!selected(Kind::Contact, &settings, &portal).contains(&"ABSENT".to_owned()));
    }

    #[test]
    fn versions_move_with_content_that_the_portal_does_not_date() {
        let of = |companies: &[&str]| {
            let rows = Rows {
                row: json!({"ID": "1", "NAME": "Анна", "COMPANY_ID": "1", "DATE_MODIFY": "2026-09-21T10:00:00+03:00"}),
                companies: Some(companies.iter().map(ToString::to_string).collect()),
                ..Rows::default()
            };
            record(Kind::Contact, &rows, &settings(), &portal()).version
        };
        assert_eq!(of(&["1"]), of(&["1"]));
        assert_ne!(of(&["1"]), of(&["1", "2"]));
    }

    pub(crate) fn settings() -> Settings {
        Settings {
            pair: "main".to_owned(),
            access: crate::Access::Webhook("https://portal.example/rest/1/secret/".to_owned()),
            contact_id_field: "UF_CRM_1C_CONTACT_ID".to_owned(),
            company_id_field: "UF_CRM_1C_COMPANY_ID".to_owned(),
            inn_field: "UF_CRM_INN".to_owned(),
            addresses: true,
            further_requisites: false,
            limits: Limits::default(),
            allow_automation: false,
            phone_context: PhoneContext::new("RU", Some("495")).unwrap(),
            attributes: Wanted::new(),
            places: Vec::new(),
            fallback_user: Some("1".to_owned()),
            rings_at: None,
        }
    }

    pub(crate) fn portal() -> Portal {
        let fields = |names: &[&str]| -> BTreeMap<String, UserField> {
            let field = UserField { user_type: "string".to_owned(), multiple: false };
            names.iter().map(|name| ((*name).to_owned(), field.clone())).collect()
        };
        Portal {
            contact_fields: fields(&["UF_CRM_1C_CONTACT_ID", "UF_CRM_INN"]),
            company_fields: fields(&["UF_CRM_1C_COMPANY_ID", "UF_CRM_INN"]),
            presets: Presets {
                company: Some("1".to_owned()),
                entrepreneur: Some("2".to_owned()),
                person: Some("3".to_owned()),
            },
            ..Portal::default()
        }
    }
}
