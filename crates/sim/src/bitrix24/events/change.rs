//! What can happen to the portal's records, under the names that listeners know.
//!
//! Not responsible for who hears of it. A change says which record it was and nothing about its contents.

use crate::bitrix24::php::{Php, leading_integer};
use crate::bitrix24::schema::{Kind, UserField};
use crate::bitrix24::table::Record;

/// Events about applications themselves, which no outgoing webhook hears.
pub(crate) const APP_EVENTS: [&str; 3] = [APP_INSTALL, APP_TEST, OFFLINE_EVENT];
pub(crate) const APP_INSTALL: &str = "ONAPPINSTALL";
pub(crate) const APP_TEST: &str = "ONAPPTEST";
pub(crate) const OFFLINE_EVENT: &str = "ONOFFLINEEVENT";

/// Events about records of the CRM.
pub(crate) const CRM_EVENTS: [&str; 26] = [
    "ONCRMCONTACTADD",
    "ONCRMCONTACTUPDATE",
    "ONCRMCONTACTDELETE",
    "ONCRMCOMPANYADD",
    "ONCRMCOMPANYUPDATE",
    "ONCRMCOMPANYDELETE",
    "ONCRMREQUISITEADD",
    "ONCRMREQUISITEUPDATE",
    "ONCRMREQUISITEDELETE",
    "ONCRMBANKDETAILADD",
    "ONCRMBANKDETAILUPDATE",
    "ONCRMBANKDETAILDELETE",
    "ONCRMADDRESSREGISTER",
    "ONCRMADDRESSUNREGISTER",
    "ONCRMCONTACTUSERFIELDADD",
    "ONCRMCONTACTUSERFIELDUPDATE",
    "ONCRMCONTACTUSERFIELDDELETE",
    "ONCRMCONTACTUSERFIELDSETENUMVALUES",
    "ONCRMCOMPANYUSERFIELDADD",
    "ONCRMCOMPANYUSERFIELDUPDATE",
    "ONCRMCOMPANYUSERFIELDDELETE",
    "ONCRMCOMPANYUSERFIELDSETENUMVALUES",
    "ONCRMREQUISITEUSERFIELDADD",
    "ONCRMREQUISITEUSERFIELDUPDATE",
    "ONCRMREQUISITEUSERFIELDDELETE",
    "ONCRMREQUISITEUSERFIELDSETENUMVALUES",
];

const ADDRESSES: usize = 12;
const USER_FIELDS: usize = 14;

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Add,
    Update,
    Delete,
}

/// What happened to a user field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldWhat {
    Add,
    Update,
    Delete,
    /// The values of a list were set.
    SetEnumValues,
}

/// One change of one record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// The event's name, in capitals.
    pub(crate) event: &'static str,
    /// What is told of the record, under `FIELDS`.
    pub(crate) fields: Php,
}

impl Change {
    /// Of a record. An address, which has no id, is told by its key, and an edit registers it again.
    pub(crate) fn of_record(kind: Kind, what: What, id: u64, record: &Record) -> Self {
        if kind == Kind::Address {
            let key = ["TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID", "ANCHOR_ID", "ANCHOR_TYPE_ID"];
            return Self {
                event: CRM_EVENTS[ADDRESSES + usize::from(what == What::Delete)],
                fields: Php::map(key.map(|name| (name, Php::Int(leading_integer(record.text(name)))))),
            };
        }
        Self {
            event: CRM_EVENTS[3 * position(kind) + what as usize],
            fields: Php::map([("ID", Php::Int(id as i64))]),
        }
    }

    /// Of a user field.
    pub(crate) fn of_userfield(kind: Kind, what: FieldWhat, field: &UserField) -> Self {
        Self {
            event: CRM_EVENTS[USER_FIELDS + 4 * position(kind) + what as usize],
            fields: Php::map([
                ("ID", Php::Int(field.id as i64)),
                ("ENTITY_ID", Php::text(kind.userfield_entity())),
                ("FIELD_NAME", Php::text(&field.name)),
            ]),
        }
    }
}

/// The name of an event in whatever letter case.
pub(crate) fn find_event(name: &str) -> Option<&'static str> {
    APP_EVENTS.into_iter().chain(CRM_EVENTS).find(|known| known.eq_ignore_ascii_case(name))
}

fn position(kind: Kind) -> usize {
    match kind {
        Kind::Contact => 0,
        Kind::Company => 1,
        Kind::Requisite => 2,
        Kind::BankDetail | Kind::Address => 3,
    }
}
