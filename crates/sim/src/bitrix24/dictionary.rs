//! Fixed dictionaries of a fresh Russian portal: statuses and requisite presets.
//!
//! Read only; ids are those of a typical new portal and promise nothing about others.

use super::list::Start;
use super::methods::{Answer, Call, Outcome};
use super::php::Php;
use super::plain;

const STATUSES: &[(&str, &str, &str)] = &[
    ("CONTACT_TYPE", "CLIENT", "Клиенты"),
    ("CONTACT_TYPE", "SUPPLIER", "Поставщики"),
    ("CONTACT_TYPE", "PARTNER", "Партнёры"),
    ("CONTACT_TYPE", "OTHER", "Другое"),
    ("COMPANY_TYPE", "CUSTOMER", "Клиент"),
    ("COMPANY_TYPE", "SUPPLIER", "Поставщик"),
    ("COMPANY_TYPE", "COMPETITOR", "Конкурент"),
    ("COMPANY_TYPE", "PARTNER", "Партнёр"),
    ("COMPANY_TYPE", "OTHER", "Другое"),
    ("SOURCE", "CALL", "Звонок"),
    ("SOURCE", "EMAIL", "Электронная почта"),
    ("SOURCE", "WEB", "Веб-сайт"),
    ("SOURCE", "ADVERTISING", "Реклама"),
    ("SOURCE", "PARTNER", "Существующий клиент"),
    ("SOURCE", "RECOMMENDATION", "По рекомендации"),
    ("SOURCE", "TRADE_SHOW", "Выставка"),
    ("SOURCE", "OTHER", "Другое"),
    ("HONORIFIC", "HNR_RU_1", "г-н"),
    ("HONORIFIC", "HNR_RU_2", "г-жа"),
    ("INDUSTRY", "IT", "Информационные технологии"),
    ("INDUSTRY", "MANUFACTURING", "Производство"),
    ("INDUSTRY", "OTHER", "Другое"),
    ("EMPLOYEES", "EMPLOYEES_1", "менее 50"),
    ("EMPLOYEES", "EMPLOYEES_2", "50-250"),
];

const PRESETS: &[(&str, &str)] = &[
    ("Организация", "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#"),
    ("ИП", "#CRM_REQUISITE_PRESET_DEF_RU_INDIVIDUAL#"),
    ("Физ. лицо", "#CRM_REQUISITE_PRESET_DEF_RU_PERSON#"),
];

/// `crm.status.list`.
pub(crate) fn statuses(_: &mut Call<'_>, params: &Php) -> Outcome {
    let rows = STATUSES.iter().enumerate().map(|(at, (entity, status, name))| {
        Php::map([
            ("ID", Php::text((at + 1).to_string())),
            ("ENTITY_ID", Php::text(*entity)),
            ("STATUS_ID", Php::text(*status)),
            ("NAME", Php::text(*name)),
            ("NAME_INIT", Php::text(*name)),
            ("SORT", Php::text(((at + 1) * 10).to_string())),
            ("SYSTEM", Php::text("N")),
        ])
    });
    Ok(answer(rows.collect(), params))
}

/// `crm.requisite.preset.list`.
pub(crate) fn presets(_: &mut Call<'_>, params: &Php) -> Outcome {
    let rows = PRESETS.iter().enumerate().map(|(at, (name, xml_id))| {
        Php::map([
            ("ID", Php::text((at + 1).to_string())),
            ("ENTITY_TYPE_ID", Php::text("8")),
            ("COUNTRY_ID", Php::text("1")),
            ("NAME", Php::text(*name)),
            ("XML_ID", Php::text(*xml_id)),
            ("ACTIVE", Php::text("Y")),
            ("SORT", Php::text("500")),
        ])
    });
    Ok(answer(rows.collect(), params))
}

/// Whether requisites can be made by this preset.
pub(crate) fn has_preset(id: i64) -> bool {
    usize::try_from(id).is_ok_and(|id| (1..=PRESETS.len()).contains(&id))
}

fn answer(rows: Vec<Php>, params: &Php) -> Answer {
    let rows = match params.param("filter") {
        Some(filter) => plain::matching(rows, filter),
        None => rows,
    };
    let rows = rows.into_iter().map(|row| plain::selected(row, params.param("select"))).collect();
    plain::page(rows, Start::by_page(params.param("start")).counted())
}
