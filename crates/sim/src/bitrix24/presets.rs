//! `crm.requisite.preset.*`: the templates by which requisites are made.
//!
//! Read only: the three of a fresh Russian portal. Their ids differ between portals, their `XML_ID` does not.

use super::Settings;
use super::dictionary::answer;
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;

/// A template: name, key, and the fields that people see.
struct Preset {
    name: &'static str,
    xml_id: &'static str,
    fields: &'static [&'static str],
}

const PRESETS: &[Preset] = &[
    Preset {
        name: "Организация",
        xml_id: "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#",
        fields: &[
            "RQ_INN",
            "RQ_COMPANY_NAME",
            "RQ_COMPANY_FULL_NAME",
            "RQ_OGRN",
            "RQ_KPP",
            "RQ_COMPANY_REG_DATE",
            "RQ_OKPO",
            "RQ_OKTMO",
            "RQ_DIRECTOR",
            "RQ_ACCOUNTANT",
            "RQ_ADDR",
        ],
    },
    Preset {
        name: "ИП",
        xml_id: "#CRM_REQUISITE_PRESET_DEF_RU_INDIVIDUAL#",
        fields: &[
            "RQ_INN",
            "RQ_LAST_NAME",
            "RQ_FIRST_NAME",
            "RQ_SECOND_NAME",
            "RQ_COMPANY_FULL_NAME",
            "RQ_OGRNIP",
            "RQ_OKPO",
            "RQ_OKVED",
            "RQ_ADDR",
        ],
    },
    Preset {
        name: "Физ. лицо",
        xml_id: "#CRM_REQUISITE_PRESET_DEF_RU_PERSON#",
        fields: &[
            "RQ_LAST_NAME",
            "RQ_FIRST_NAME",
            "RQ_SECOND_NAME",
            "RQ_IDENT_DOC",
            "RQ_IDENT_DOC_SER",
            "RQ_IDENT_DOC_NUM",
            "RQ_IDENT_DOC_DATE",
            "RQ_IDENT_DOC_ISSUED_BY",
            "RQ_IDENT_DOC_DEP_CODE",
            "RQ_ADDR",
        ],
    },
];

/// `crm.requisite.preset.list`.
pub(crate) fn list(call: &mut Call<'_>, params: &Php) -> Outcome {
    let rows = (0..PRESETS.len()).filter_map(|at| row(call.settings, at)).collect();
    Ok(answer(rows, params))
}

/// `crm.requisite.preset.get`.
pub(crate) fn get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let id = params.param("id").map_or(0, Php::as_int);
    let found = position(call.settings, id).and_then(|at| row(call.settings, at));
    found.map(Answer::new).ok_or_else(|| not_found(id))
}

/// `crm.requisite.preset.field.list`: what people see of a requisite; here ids are numbers.
pub(crate) fn field_list(call: &mut Call<'_>, params: &Php) -> Outcome {
    let id = params.param("preset").and_then(|preset| preset.param("ID")).map_or(0, Php::as_int);
    let at = position(call.settings, id).ok_or_else(|| not_found(id))?;
    let rows = PRESETS[at].fields.iter().zip(1..).map(|(name, number)| {
        Php::map([
            ("ID", Php::Int(number)),
            ("FIELD_NAME", Php::text(*name)),
            ("FIELD_TITLE", Php::text("")),
            ("IN_SHORT_LIST", Php::text("N")),
            ("SORT", Php::Int(500 + 10 * number)),
        ])
    });
    Ok(Answer::of_list(Php::list(rows), PRESETS[at].fields.len() as i64, None))
}

/// Whether requisites can be made by this preset.
pub(crate) fn has_preset(settings: &Settings, id: i64) -> bool {
    position(settings, id).is_some()
}

fn position(settings: &Settings, id: i64) -> Option<usize> {
    let at = usize::try_from(id.checked_sub_unsigned(settings.first_preset)?).ok()?;
    (at < PRESETS.len()).then_some(at)
}

fn row(settings: &Settings, at: usize) -> Option<Php> {
    let preset = PRESETS.get(at)?;
    Some(Php::map([
        ("ID", Php::text((settings.first_preset + at as u64).to_string())),
        ("ENTITY_TYPE_ID", Php::text("8")),
        ("COUNTRY_ID", Php::text("1")),
        ("NAME", Php::text(preset.name)),
        ("XML_ID", Php::text(preset.xml_id)),
        ("ACTIVE", Php::text("Y")),
        ("SORT", Php::text("500")),
    ]))
}

fn not_found(id: i64) -> Refusal {
    Refusal::business("", format!("The Preset with ID '{id}' is not found"))
}
