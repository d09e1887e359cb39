//! Fixed dictionaries of a fresh Russian portal: statuses and types of addresses.
//!
//! Read only. Not responsible for requisite presets.

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

/// In the order of the portal's own list.
const ADDRESS_TYPES: &[(i64, &str)] = &[
    (11, "Адрес доставки"),
    (1, "Фактический адрес"),
    (6, "Юридический адрес"),
    (4, "Адрес регистрации"),
    (8, "Адрес для корреспонденции"),
    (9, "Адрес бенефициара"),
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

/// `crm.enum.addresstype`.
pub(crate) fn address_types(_: &mut Call<'_>, _: &Php) -> Outcome {
    let rows = ADDRESS_TYPES.iter().map(|(id, name)| {
        Php::map([
            ("ID", Php::Int(*id)),
            ("NAME", Php::text(*name)),
            ("SYMBOL_CODE", Php::Null),
            ("SYMBOL_CODE_SHORT", Php::Null),
        ])
    });
    Ok(Answer::new(Php::list(rows)))
}

/// Whether addresses can be of this type.
pub(crate) fn is_address_type(id: i64) -> bool {
    ADDRESS_TYPES.iter().any(|(known, _)| *known == id)
}

/// What a list says about ready-made rows: always counted.
pub(crate) fn answer(rows: Vec<Php>, params: &Php) -> Answer {
    let rows = match params.param("filter") {
        Some(filter) => plain::matching(rows, filter),
        None => rows,
    };
    let rows = rows.into_iter().map(|row| plain::selected(row, params.param("select"))).collect();
    plain::page(rows, Start::by_page(params.param("start")).counted())
}
