//! The portal's cards as load lines.

use serde_json::{Map, Value, json};

use super::entities::{Entities, Firm};
use super::level::Noise;
use super::reading::phone;
use super::records::{Owner, Place, Record, Records};
use crate::population::bitrix24::{insert_card, user_id};
use crate::population::draw::{Draw, Purpose};

/// All lines in the order of loading.
pub(super) fn lines(seed: u64, noise: Noise, entities: &Entities, records: &Records) -> Vec<Value> {
    let mut lines = Vec::new();
    for (index, user) in entities.users.iter().enumerate() {
        lines.push(json!({
            "entity": "user", "ID": user_id(index), "ACTIVE": is_active(index, noise), "USER_TYPE": "employee",
            "NAME": user.name.first, "LAST_NAME": user.name.last, "SECOND_NAME": user.name.patronymic,
            "EMAIL": user.email, "WORK_POSITION": "Менеджер",
        }));
    }
    for entity_id in ["CRM_CONTACT", "CRM_COMPANY"] {
        lines.push(json!({
            "entity": "userfield", "ENTITY_ID": entity_id, "FIELD_NAME": "UF_CRM_INN",
            "USER_TYPE_ID": "string", "EDIT_FORM_LABEL": "ИНН",
        }));
    }
    if records.all.iter().any(|card| !card.mutual_id.is_empty()) {
        for (entity_id, field) in
            [("CRM_CONTACT", "UF_CRM_1C_CONTACT_ID"), ("CRM_COMPANY", "UF_CRM_1C_COMPANY_ID")]
        {
            lines.push(json!({
                "entity": "userfield", "ENTITY_ID": entity_id, "FIELD_NAME": field,
                "USER_TYPE_ID": "string", "EDIT_FORM_LABEL": "1C",
            }));
        }
    }
    let mut rows = RowIds(1000);
    for place in [Place::Company, Place::Contact] {
        for (ordinal, card) in (0..).zip(&records.all).filter(|(_, card)| card.place == place) {
            let mut draw = Draw::new(seed, Purpose::NoisyOther, 1000 + ordinal);
            lines.push(card_line(card, &mut draw, &mut rows));
        }
    }
    let companies = records.all.iter().filter(|card| card.place == Place::Company);
    lines.extend(companies.filter_map(|card| requisite(card, entities)));
    lines
}

/// Some of the managers have left.
pub(super) fn is_active(index: usize, noise: Noise) -> bool {
    index >= noise.of([0, 1, 3])
}

/// Ids of rows of phones and mailboxes, over the whole portal.
struct RowIds(u64);

impl RowIds {
    fn rows(&mut self, field: &str, values: &[String]) -> Vec<Value> {
        let row = |value: &String| {
            self.0 += 1;
            let is_mobile = phone::read(value).iter().any(|number| number.starts_with("79"));
            let value_type = if field == "PHONE" && is_mobile { "MOBILE" } else { "WORK" };
            json!({"ID": self.0.to_string(), "VALUE_TYPE": value_type, "VALUE": value, "TYPE_ID": field})
        };
        values.iter().map(row).collect()
    }
}

fn card_line(card: &Record, draw: &mut Draw, rows: &mut RowIds) -> Value {
    let mut fields = Map::new();
    let mut put = |field: &str, value: Value| fields.insert(field.to_owned(), value);
    put("entity", card.place.set().into());
    put("ID", card.id.clone().into());
    let reference_field = if let Some([last, first, second]) = &card.parts {
        put("LAST_NAME", last.clone().into());
        put("NAME", first.clone().into());
        put("SECOND_NAME", second.clone().into());
        put("POST", card.post.into());
        put("TYPE_ID", "CLIENT".into());
        put("SOURCE_ID", draw.pick(&["CALL", "WEB", "OTHER", ""]).into());
        put("BIRTHDATE", card.birth_date.clone().unwrap_or_default().into());
        "UF_CRM_1C_CONTACT_ID"
    } else {
        put("TITLE", card.title.clone().into());
        put("COMPANY_TYPE", draw.pick(&["CUSTOMER", "CUSTOMER", "SUPPLIER", "PARTNER"]).into());
        "UF_CRM_1C_COMPANY_ID"
    };
    insert_card(&mut fields, card.manager, draw);
    let mut put = |field: &str, value: Value| fields.insert(field.to_owned(), value);
    if let Some(company) = &card.employer {
        put("COMPANY_ID", company.clone().into());
    }
    for (field, values) in [("PHONE", &card.phones), ("EMAIL", &card.emails)] {
        if !values.is_empty() {
            put(field, rows.rows(field, values).into());
        }
    }
    if !card.inn.is_empty() && card.inn_places.0 {
        put("UF_CRM_INN", card.inn.clone().into());
    }
    if !card.mutual_id.is_empty() {
        put(reference_field, card.mutual_id.clone().into());
    }
    Value::Object(fields)
}

fn requisite(card: &Record, entities: &Entities) -> Option<Value> {
    if card.inn.is_empty() || !card.inn_places.1 {
        return None;
    }
    let Owner::Firm(index) = card.owner else { return None };
    let firm: &Firm = &entities.firms[index];
    let (preset, name, ogrn, ogrnip) = if firm.is_entrepreneur() {
        ("2", "ИП", "", firm.registration.as_str())
    } else {
        ("1", "Организация", firm.registration.as_str(), "")
    };
    Some(json!({
        "entity": "requisite", "ID": card.id, "ENTITY_TYPE_ID": "4", "ENTITY_ID": card.id,
        "PRESET_ID": preset, "NAME": name, "ACTIVE": "Y", "SORT": "500", "RQ_INN": card.inn, "RQ_KPP": card.kpp,
        "RQ_OGRN": ogrn, "RQ_OGRNIP": ogrnip, "RQ_COMPANY_NAME": card.title, "RQ_COMPANY_FULL_NAME": card.full,
    }))
}
