//! The portal: users, user fields, companies, contacts and requisites as load lines.
//!
//! Ids follow from ordinals: a new contact does not renumber the others.

use serde_json::{Map, Value, json};

use super::cast::{Cast, Firm, Keys, Naming, Person, Place};
use super::draw::{Draw, Purpose};
use super::firms::{self, Style};
use super::numbers::{self, Spelling, spell_phone};
use super::truth::Strength;

const WORK_POSITIONS: [&str; 4] = ["Менеджер", "Менеджер", "Старший менеджер", "Руководитель отдела продаж"];

/// All lines in the order of loading.
pub(super) fn lines(cast: &Cast) -> Vec<Value> {
    let mut lines = Vec::with_capacity(cast.people.len() + 2 * cast.firms.len() + 16);
    for (index, user) in cast.users.iter().enumerate() {
        lines.push(json!({
            "entity": "user", "ID": user_id(index), "ACTIVE": true, "USER_TYPE": "employee",
            "NAME": user.name.first, "LAST_NAME": user.name.last, "SECOND_NAME": user.name.patronymic,
            "EMAIL": user.email, "WORK_POSITION": WORK_POSITIONS[index % WORK_POSITIONS.len()],
        }));
    }
    for entity_id in ["CRM_CONTACT", "CRM_COMPANY"] {
        lines.push(json!({
            "entity": "userfield", "ENTITY_ID": entity_id, "FIELD_NAME": "UF_CRM_INN",
            "USER_TYPE_ID": "string", "EDIT_FORM_LABEL": "ИНН",
        }));
    }
    let firms = || cast.firms.iter().filter(|firm| firm.known.place.in_bitrix24());
    lines.extend(firms().map(|firm| company(cast, firm)));
    let people = cast.people.iter().filter(|person| person.known.place.in_bitrix24());
    lines.extend(people.map(|person| contact(cast, person)));
    lines.extend(firms().filter_map(|firm| requisite(cast, firm)));
    lines
}

pub(super) fn company_id(firm: &Firm) -> String {
    (100 + 2 * firm.ordinal).to_string()
}

pub(super) fn contact_id(person: &Person) -> String {
    (101 + 2 * person.ordinal).to_string()
}

/// The portal's first user is its installer, who keeps no customers.
pub(super) fn user_id(index: usize) -> String {
    (index + 2).to_string()
}

fn company(cast: &Cast, firm: &Firm) -> Value {
    let mut draw = spelling(cast, Purpose::FirmSpelling, firm.ordinal);
    let keys = &firm.known.bitrix24;
    let mut fields = Map::new();
    fields.insert("entity".into(), "company".into());
    fields.insert("ID".into(), company_id(firm).into());
    fields.insert("TITLE".into(), title(firm, &mut draw).into());
    fields.insert("COMPANY_TYPE".into(), draw.pick(&["CUSTOMER", "CUSTOMER", "SUPPLIER", "PARTNER"]).into());
    insert_card(&mut fields, firm.manager, &mut draw);
    insert_values(&mut fields, keys, 2 * (500 + 8 * firm.ordinal), &mut draw);
    if let Some(inn) = keys.inn.as_ref().filter(|_| inn_stands(firm).in_field) {
        fields.insert("UF_CRM_INN".into(), inn.clone().into());
    }
    Value::Object(fields)
}

fn contact(cast: &Cast, person: &Person) -> Value {
    let mut draw = spelling(cast, Purpose::PersonSpelling, person.ordinal);
    let known = &person.known;
    let short = known.strength == Strength::Sure && draw.chance(80);
    let mut fields = Map::new();
    fields.insert("entity".into(), "contact".into());
    fields.insert("ID".into(), contact_id(person).into());
    fields.insert("NAME".into(), person.name.first.into());
    fields.insert("SECOND_NAME".into(), if short { "" } else { &person.name.patronymic }.into());
    fields.insert("LAST_NAME".into(), person.name.last.clone().into());
    fields.insert("POST".into(), person.employer.map_or("", |_| person.post).into());
    fields.insert("TYPE_ID".into(), "CLIENT".into());
    fields.insert("SOURCE_ID".into(), draw.pick(&["CALL", "WEB", "OTHER", ""]).into());
    fields.insert("BIRTHDATE".into(), person.birth_date.clone().unwrap_or_default().into());
    insert_card(&mut fields, person.manager, &mut draw);
    if let Some(firm) = cast.employer(person, Place::in_bitrix24) {
        fields.insert("COMPANY_ID".into(), company_id(firm).into());
    }
    insert_values(&mut fields, &known.bitrix24, 2 * (500 + 8 * person.ordinal) + 1, &mut draw);
    if let Some(inn) = &known.bitrix24.inn {
        fields.insert("UF_CRM_INN".into(), inn.clone().into());
    }
    Value::Object(fields)
}

fn requisite(cast: &Cast, firm: &Firm) -> Option<Value> {
    let inn = firm.known.bitrix24.inn.as_ref().filter(|_| inn_stands(firm).in_requisite)?;
    let mut draw = spelling(cast, Purpose::FirmSpelling, firm.ordinal);
    let name = title(firm, &mut draw);
    let (preset, preset_name, kpp, ogrn, ogrnip, full) = match &firm.naming {
        Naming::Organization { form, word } => {
            let full = firms::spell_in_full(*form, word);
            ("1", "Организация", numbers::kpp(inn), firm.registration.as_str(), "", full)
        }
        Naming::Entrepreneur(name) => {
            let full = format!("Индивидуальный предприниматель {}", name.whole());
            ("2", "ИП", String::new(), "", firm.registration.as_str(), full)
        }
    };
    Some(json!({
        "entity": "requisite", "ID": (10 + 2 * firm.ordinal).to_string(), "ENTITY_TYPE_ID": "4",
        "ENTITY_ID": company_id(firm), "PRESET_ID": preset, "NAME": preset_name, "ACTIVE": "Y", "SORT": "500",
        "RQ_INN": inn, "RQ_KPP": kpp, "RQ_OGRN": ogrn, "RQ_OGRNIP": ogrnip,
        "RQ_COMPANY_NAME": name, "RQ_COMPANY_FULL_NAME": full,
    }))
}

/// Where a company's INN stands: the user field, the requisites, or both.
struct InnPlaces {
    in_field: bool,
    in_requisite: bool,
}

fn inn_stands(firm: &Firm) -> InnPlaces {
    let turn = firm.ordinal % 5;
    InnPlaces { in_field: turn < 3, in_requisite: turn != 2 }
}

fn title(firm: &Firm, draw: &mut Draw) -> String {
    match &firm.naming {
        Naming::Organization { form, word } => {
            let mut styles = vec![Style::Quoted, Style::Guillemets, Style::Quoted, Style::FormLast];
            if firm.known.strength == Strength::Sure {
                styles.push(Style::Bare);
            }
            firms::spell(*form, word, styles[draw.index(styles.len())])
        }
        Naming::Entrepreneur(name) if draw.chance(700) => format!("ИП {}", name.whole()),
        Naming::Entrepreneur(name) => format!("{} ИП", name.whole()),
    }
}

/// What every card has: who keeps it, and when it was made.
pub(super) fn insert_card(fields: &mut Map<String, Value>, manager: usize, draw: &mut Draw) {
    let created = format!(
        "{}-{:02}-{:02}T{:02}:{:02}:{:02}+03:00",
        2016 + draw.below(9),
        1 + draw.below(12),
        1 + draw.below(28),
        8 + draw.below(12),
        draw.below(60),
        draw.below(60)
    );
    for (field, value) in [
        ("OPENED", "Y".to_owned()),
        ("COMMENTS", String::new()),
        ("ASSIGNED_BY_ID", user_id(manager)),
        ("CREATED_BY_ID", user_id(manager)),
        ("DATE_CREATE", created.clone()),
        ("DATE_MODIFY", created),
    ] {
        fields.insert(field.into(), value.into());
    }
}

/// Phones and mailboxes as multi-fields; row ids are unique over the portal, contacts and companies taking odd and
/// even ones.
fn insert_values(fields: &mut Map<String, Value>, keys: &Keys, first_id: u64, draw: &mut Draw) {
    let mut ids = (first_id..).step_by(2);
    let mut row = |field: &str, value_type: &str, value: String| {
        let id = ids.next().expect("ids do not end");
        json!({"ID": id.to_string(), "TYPE_ID": field, "VALUE_TYPE": value_type, "VALUE": value})
    };
    let mut phones = Vec::new();
    for &phone in &keys.phones {
        let spelling = match draw.below(10) {
            0..5 => Spelling::Printed,
            5..8 => Spelling::Compact,
            _ => Spelling::Domestic,
        };
        let value_type = if phone >= 9_000_000_000 { "MOBILE" } else { "WORK" };
        phones.push(row("PHONE", value_type, spell_phone(phone, spelling)));
    }
    let emails: Vec<Value> = keys.emails.iter().map(|email| row("EMAIL", "WORK", email.clone())).collect();
    for (field, rows) in [("PHONE", phones), ("EMAIL", emails)] {
        if !rows.is_empty() {
            fields.insert(field.into(), rows.into());
        }
    }
}

fn spelling(cast: &Cast, purpose: Purpose, ordinal: u64) -> Draw {
    Draw::new(cast.seed, purpose, 2 * ordinal)
}
