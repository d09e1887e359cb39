//! What is found out about a portal when the connection is opened: rights, user fields, presets, sizes.
//!
//! Not responsible for judging it; the doctor does. Invariant: a user field that does not exist is neither selected,
//! nor filtered by (the portal would answer with the whole table), nor written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use obmen_domain::forms::phone::Country;
use obmen_domain::record::{Kind, Side};
use obmen_engine::ports::SideError;
use serde_json::{Value, json};

use crate::access::Access;
use crate::call::Command;
use crate::configured::Configured;
use crate::settings::Settings;
use crate::wire::{flag, member, rows, text};

/// What a plan has to include for a queue that is confirmed, and for the marking of one's own writes.
const FEATURES: [&str; 2] = ["rest_offline_extended", "rest_auth_connector"];

/// Facts about a portal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Portal {
    /// The webhook's user.
    pub user: String,
    /// Whether that user is an administrator; if not, records may be hidden.
    pub admin: bool,
    /// Granted scopes.
    pub scopes: BTreeSet<String>,
    /// User fields of contacts with their types.
    pub contact_fields: BTreeMap<String, UserField>,
    /// User fields of companies with their types.
    pub company_fields: BTreeMap<String, UserField>,
    /// Whether the universal methods take the original names of user fields; older portals ignore the wish.
    pub original_names: bool,
    /// Requisite presets of the pair's country.
    pub presets: Presets,
    /// Contacts the user can see.
    pub contacts: u64,
    /// Companies the user can see.
    pub companies: u64,
    /// All fields of each kind; found out only where conditions ask about some, or the configuration adds some.
    pub all_fields: BTreeMap<Kind, BTreeSet<String>>,
    /// Fields that the configuration adds.
    pub configured: Configured,
    /// Whether it keeps a queue for this application from which nothing is lost.
    pub keeps_queues: bool,
    /// Whether it tells writes of this application from others'.
    pub knows_connectors: bool,
    /// A field that was there when the portal was asked, and that a later list did not show.
    pub(crate) lost_field: Arc<OnceLock<String>>,
}

/// A user field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserField {
    /// `string`, `integer`, …
    pub user_type: String,
    /// Whether it holds a list.
    pub multiple: bool,
}

/// Ids of requisite presets, where the portal has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presets {
    /// Of organizations.
    pub company: Option<String>,
    /// Of sole proprietors.
    pub entrepreneur: Option<String>,
    /// Of natural persons.
    pub person: Option<String>,
}

impl Portal {
    /// The user fields of a kind.
    pub fn fields(&self, kind: Kind) -> &BTreeMap<String, UserField> {
        match kind {
            Kind::Contact => &self.contact_fields,
            Kind::Company => &self.company_fields,
        }
    }

    /// Whether a kind has this user field and it can hold one text.
    pub fn has_text_field(&self, kind: Kind, name: &str) -> bool {
        self.fields(kind).get(name).is_some_and(|field| field.user_type == "string" && !field.multiple)
    }

    /// How many records of a kind the portal had when it was asked.
    pub fn count(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Contact => self.contacts,
            Kind::Company => self.companies,
        }
    }

    /// Why nothing more may be written: writes to a field that is gone are ignored without a word.
    pub(crate) fn lost(&self) -> Option<SideError> {
        let field = self.lost_field.get()?.clone();
        Some(SideError::MissingField { side: Side::Bitrix24, field })
    }

    /// Checks that rows show the user fields that were asked for; one that is empty is shown all the same.
    pub(crate) fn check_shown<'a>(
        &self,
        kind: Kind,
        settings: &Settings,
        mut rows: impl Iterator<Item = &'a Value>,
    ) -> Result<(), SideError> {
        let mut selected = crate::record::selected(kind, settings, self);
        selected.retain(|name| name.starts_with("UF_CRM_"));
        let lost = rows.find_map(|row| selected.iter().find(|name| row.get(name.as_str()).is_none()));
        if let Some(field) = lost {
            let field = self.lost_field.get_or_init(|| field.clone()).clone();
            return Err(SideError::MissingField { side: Side::Bitrix24, field });
        }
        Ok(())
    }

    /// The fields of a kind that conditions ask about, those that it has.
    pub(crate) fn attributes(&self, kind: Kind, settings: &Settings) -> Vec<String> {
        let has = |name: &String| self.all_fields.get(&kind).is_some_and(|fields| fields.contains(name));
        settings.attributes.keys().filter(|name| has(name)).cloned().collect()
    }

    /// The field that keeps the 1C reference, where the kind has it.
    pub(crate) fn id_field<'a>(&self, kind: Kind, settings: &'a Settings) -> Option<&'a str> {
        let name = id_field_name(kind, settings);
        self.has_text_field(kind, name).then_some(name)
    }

    /// The field with a tax number, where the kind has it.
    pub(crate) fn inn_field<'a>(&self, kind: Kind, settings: &'a Settings) -> Option<&'a str> {
        let name = settings.inn_field.as_str();
        self.fields(kind).get(name).is_some_and(|field| !field.multiple).then_some(name)
    }
}

/// The configured name of the field that keeps the 1C reference.
pub(crate) fn id_field_name(kind: Kind, settings: &Settings) -> &str {
    match kind {
        Kind::Contact => &settings.contact_id_field,
        Kind::Company => &settings.company_id_field,
    }
}

/// The calls that tell the facts.
pub(crate) fn questions(settings: &Settings) -> Vec<Command> {
    let count = json!({"select": ["ID"], "order": {"ID": "ASC"}, "start": 0});
    let fields = json!({"order": {"SORT": "ASC"}});
    let countries: Vec<u8> = countries(settings).into_iter().map(|(id, _)| id).collect();
    let presets = json!({
        "filter": {"@COUNTRY_ID": countries}, "select": ["ID", "NAME", "XML_ID", "ACTIVE", "COUNTRY_ID"]
    });
    let mut questions = vec![
        Command::new("profile", json!({})),
        Command::new("scope", json!({})),
        Command::new("crm.contact.userfield.list", fields.clone()),
        Command::new("crm.company.userfield.list", fields),
        Command::new("crm.requisite.preset.list", presets),
        Command::new("crm.contact.list", count.clone()),
        Command::new("crm.company.list", count),
        Command::new("crm.item.fields", json!({"entityTypeId": 3, "useOriginalUfNames": "Y"})),
    ];
    if settings.asks_for_fields() {
        let methods = ["crm.company.fields", "crm.contact.fields"];
        questions.extend(methods.map(|method| Command::new(method, json!({}))));
    }
    if matches!(settings.access, Access::App(_)) {
        questions.extend(FEATURES.map(|code| Command::new("feature.get", json!({ "CODE": code }))));
    }
    questions
}

/// The facts in the answers to [`questions`], in their order; with the totals of the counted ones.
pub(crate) fn read_facts(answers: &[(Value, Option<u64>)], settings: &Settings) -> Portal {
    let value = |at: usize| answers.get(at).map_or(&Value::Null, |(value, _)| value);
    let total = |at: usize| answers.get(at).and_then(|(_, total)| *total).unwrap_or_default();
    let names = |at: usize| -> BTreeSet<String> {
        value(at).as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let is_app = matches!(settings.access, Access::App(_));
    let features = answers.len() - if is_app { FEATURES.len() } else { 0 };
    // A box says what edition it is.
    let has_feature =
        |place: usize| is_app && !matches!(member(value(features + place), "value").as_str(), "" | "N");
    let universal = value(7).get("fields").and_then(Value::as_object);
    Portal {
        original_names: universal.is_some_and(|fields| fields.keys().any(|name| name.starts_with("UF_CRM_"))),
        user: member(value(0), "ID"),
        admin: value(0).get("ADMIN").is_some_and(flag),
        scopes: rows(value(1)).into_iter().map(text).collect(),
        contact_fields: user_fields(value(2)),
        company_fields: user_fields(value(3)),
        presets: presets(value(4), settings),
        contacts: total(5),
        companies: total(6),
        all_fields: if settings.asks_for_fields() {
            BTreeMap::from([(Kind::Company, names(8)), (Kind::Contact, names(9))])
        } else {
            BTreeMap::new()
        },
        configured: Configured::found(settings, |kind| match kind {
            Kind::Company => value(8),
            Kind::Contact => value(9),
        }),
        keeps_queues: has_feature(0),
        knows_connectors: has_feature(1),
        lost_field: Arc::default(),
    }
}

/// The rows of a list of user fields.
pub(crate) fn user_fields(list: &Value) -> BTreeMap<String, UserField> {
    let field = |row: &Value| UserField {
        user_type: member(row, "USER_TYPE_ID"),
        multiple: row.get("MULTIPLE").is_some_and(flag),
    };
    rows(list).into_iter().map(|row| (member(row, "FIELD_NAME"), field(row))).collect()
}

/// The countries whose presets are used, the pair's own before Russia, by the portal's number and by letters; the numbers are
/// those of `crm.requisite.preset.countries` (`api-reference/crm/requisites/presets/` of the vendor's documentation).
fn countries(settings: &Settings) -> Vec<(u8, &'static str)> {
    let russia = (1, "RU");
    match settings.phone_context.country {
        Country::By => vec![(4, "BY"), russia],
        Country::Kz => vec![(6, "KZ"), russia],
        _ => vec![russia],
    }
}

/// Presets differ in their ids from portal to portal; the standard ones have reserved external ids. Of the first country that
/// has any, each kind of party gets its own.
fn presets(list: &Value, settings: &Settings) -> Presets {
    let of_country = |(id, letters): (u8, &'static str)| {
        let is_usable =
            |row: &&Value| member(row, "COUNTRY_ID") == id.to_string() && member(row, "ACTIVE") != "N";
        let usable: Vec<&Value> = rows(list).into_iter().filter(is_usable).collect();
        let find = |sort: &str| {
            let mark = format!("_{letters}_{sort}");
            let row = usable.iter().find(|row| member(row, "XML_ID").to_uppercase().contains(&mark));
            row.map(|row| member(row, "ID"))
        };
        let any = usable.first().map(|row| member(row, "ID"));
        Some(Presets {
            company: Some(find("COMPANY").or_else(|| find("LEGALENTITY")).or(any)?),
            entrepreneur: find("INDIVIDUAL"),
            person: find("PERSON"),
        })
    };
    countries(settings).into_iter().find_map(of_country).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use obmen_domain::forms::phone::PhoneContext;

    use super::*;
    use crate::record::tests::settings;

    #[test]
    fn presets_are_chosen_by_their_reserved_names() {
        let list = json!([
            {"ID": "7", "COUNTRY_ID": "1", "XML_ID": "#CRM_REQUISITE_PRESET_DEF_RU_INDIVIDUAL#", "ACTIVE": "Y"},
            {"ID": "4", "COUNTRY_ID": "6", "XML_ID": "#CRM_REQUISITE_PRESET_DEF_KZ_COMPANY#", "ACTIVE": "Y"},
            {"ID": "9", "COUNTRY_ID": "1", "XML_ID": "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#", "ACTIVE": "Y"}
        ]);
        let presets = presets(&list, &settings());
        assert_eq!(presets.company.as_deref(), Some("9"));
        assert_eq!(presets.entrepreneur.as_deref(), Some("7"));
        assert_eq!(presets.person, None);
    }

    #[test]
    fn presets_are_those_of_the_pair_s_country_and_else_of_russia() {
        let row = |id: &str, country: &str, mark: &str| json!({"ID": id, "COUNTRY_ID": country, "XML_ID": mark, "ACTIVE": "Y"});
        let russian = row("1", "1", "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#");
        let list = json!([
            russian,
            row("4", "6", "#CRM_REQUISITE_PRESET_DEF_KZ_LEGALENTITY#"),
            row("5", "6", "#CRM_REQUISITE_PRESET_DEF_KZ_INDIVIDUAL#")
        ]);
        let settings = Settings { phone_context: PhoneContext::new("KZ", None).unwrap(), ..settings() };
        let own = presets(&list, &settings);
        assert_eq!((own.company.as_deref(), own.entrepreneur.as_deref()), (Some("4"), Some("5")));
        assert_eq!(presets(&json!([russian]), &settings).company.as_deref(), Some("1"));
    }

    #[test]
    fn a_field_of_another_type_is_no_place_for_a_reference() {
        let fields = user_fields(&json!([
            {"FIELD_NAME": "UF_CRM_A", "USER_TYPE_ID": "string", "MULTIPLE": "N"},
            {"FIELD_NAME": "UF_CRM_B", "USER_TYPE_ID": "string", "MULTIPLE": "Y"},
            {"FIELD_NAME": "UF_CRM_C", "USER_TYPE_ID": "integer", "MULTIPLE": "N"}
        ]));
        let portal = Portal { contact_fields: fields, ..Portal::default() };
        assert!(portal.has_text_field(Kind::Contact, "UF_CRM_A"));
        assert!(!portal.has_text_field(Kind::Contact, "UF_CRM_B"));
        assert!(!portal.has_text_field(Kind::Contact, "UF_CRM_C"));
        assert!(!portal.has_text_field(Kind::Company, "UF_CRM_A"));
    }
}
