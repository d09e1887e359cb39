//! The portal: custom fields, companies, requisites and their legal addresses as load lines.
//!
//! Ids follow from ordinals.

use serde_json::{Value, json};

use super::Card;
use super::houses::{Arrangement, House, Member};
use crate::population::firms::Style;
use crate::population::numbers::{Spelling, spell_phone};

/// All lines in the order of loading.
pub(super) fn lines(houses: &[House]) -> Vec<Value> {
    let mut lines = vec![
        json!({"entity": "user", "ID": "1", "ACTIVE": true, "USER_TYPE": "employee", "NAME": "Анна",
            "LAST_NAME": "Главная", "EMAIL": "anna@kontora.example"}),
        custom("UF_CRM_SEGMENT", "enumeration"),
        custom("UF_CRM_SINCE", "date"),
        custom("UF_CRM_LIMIT", "double"),
    ];
    for house in houses {
        lines.extend(companies(house));
    }
    lines
}

fn custom(name: &str, sort: &str) -> Value {
    let mut line = json!({"entity": "userfield", "ENTITY_ID": "CRM_COMPANY", "FIELD_NAME": name,
        "USER_TYPE_ID": sort, "MULTIPLE": "N"});
    if sort == "enumeration" {
        line["LIST"] = json!([{"ID": "12", "VALUE": "Опт"}, {"ID": "13", "VALUE": "Розница"}]);
    }
    line
}

/// The card that stands for a party.
pub(super) fn card(house: &House, member: &Member) -> Card {
    match owner(house, member).number == member.number {
        true => Card::Company(company_id(member)),
        false => Card::Requisite(requisite_id(member)),
    }
}

/// The party whose company has the requisite of this one.
fn owner<'a>(house: &'a House, member: &'a Member) -> &'a Member {
    match house.arrangement {
        Arrangement::Scattered => member,
        _ => &house.members[0],
    }
}

fn company_id(member: &Member) -> String {
    (100 + member.number).to_string()
}

fn requisite_id(member: &Member) -> String {
    (10 + member.number).to_string()
}

fn companies(house: &House) -> Vec<Value> {
    let mut lines = Vec::new();
    for member in house.members.iter().filter(|member| member.in_bitrix24) {
        let owner = owner(house, member);
        if owner.number == member.number {
            lines.push(company(member));
        }
        lines.push(requisite(member, &company_id(owner)));
        lines.extend(Some(address(member)).filter(|_| member.address.in_bitrix24));
    }
    lines
}

/// By turns the segment stands here, or in 1C, or on both sides.
fn company(member: &Member) -> Value {
    let mut line = json!({"entity": "company", "ID": company_id(member), "ASSIGNED_BY_ID": "1", "OPENED": "Y",
        "TITLE": member.naming.short(Style::Guillemets), "COMPANY_TYPE": "CUSTOMER",
        "PHONE": [{"ID": (500 + member.number).to_string(), "TYPE_ID": "PHONE", "VALUE_TYPE": "WORK",
            "VALUE": spell_phone(member.phone, Spelling::Printed)}]});
    if member.number % 3 != 1 {
        line["UF_CRM_SEGMENT"] = json!(if member.number.is_multiple_of(2) { "12" } else { "13" });
    }
    line["COMMENTS"] = json!(format!("карточка {}", member.number));
    line
}

fn requisite(member: &Member, company: &str) -> Value {
    let [preset, name] =
        if member.naming.is_proprietor() { ["2", "ИП"] } else { ["1", "Организация"] };
    let [ogrn, ogrnip] = match member.naming.is_proprietor() {
        true => ["", &member.registration],
        false => [&member.registration, ""],
    };
    json!({"entity": "requisite", "ID": requisite_id(member), "ENTITY_TYPE_ID": "4", "ENTITY_ID": company,
        "PRESET_ID": preset, "NAME": name, "ACTIVE": "Y", "SORT": "500", "RQ_INN": member.inn,
        "RQ_KPP": member.kpp, "RQ_OGRN": ogrn, "RQ_OGRNIP": ogrnip,
        "RQ_COMPANY_NAME": member.naming.short(Style::Guillemets), "RQ_COMPANY_FULL_NAME": member.naming.full()})
}

fn address(member: &Member) -> Value {
    let address = &member.address;
    json!({"entity": "address", "TYPE_ID": "6", "ENTITY_TYPE_ID": "8", "ENTITY_ID": requisite_id(member),
        "POSTAL_CODE": address.index, "CITY": format!("г {}", address.city), "ADDRESS_1": address.street})
}
