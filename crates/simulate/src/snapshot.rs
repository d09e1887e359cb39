//! What both systems hold, read from their dumps without any of the product's code.
//!
//! Not responsible for judging it. Normal forms here are deliberately plain: the last ten digits of a phone, a mailbox
//! in lower case, the words of a name.

mod bitrix24;
mod onec;

use std::collections::BTreeSet;

use obmen_domain::record::{Catalog, Kind, RecordId, Side};

use crate::cast::{Cast, PartyId};
use crate::systems::Systems;

/// What fields and catalogs are called.
pub(crate) mod names {
    pub(crate) use super::bitrix24::{COMPANY_ID, CONTACT_ID, INN};
    pub(crate) use super::onec::{
        ATTRIBUTES, CONTACT_PERSONS, COUNTERPARTIES, EMPLOYMENTS, ID_ATTRIBUTE, PARTNERS,
        PERSONS_OF_PARTNERS, USERS,
    };
}

/// Every record of both sides that takes part.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) entries: Vec<Entry>,
}

/// A record as its system holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: RecordId,
    pub(crate) catalog: Catalog,
    /// Whose values it holds; none, one, or, wrongly, several.
    pub(crate) parties: Vec<PartyId>,
    pub(crate) name: String,
    pub(crate) phones: Vec<Row>,
    pub(crate) emails: Vec<Row>,
    pub(crate) inn: String,
    /// Where the tax number stands: a requisite's id, or nothing for a field.
    pub(crate) inn_requisite: Option<String>,
    /// The companies of a person, as ids of the same side.
    pub(crate) companies: Vec<RecordId>,
    pub(crate) is_marked: bool,
    /// Whether code of the base refuses to write it.
    pub(crate) is_forbidden: bool,
    /// The version of a 1C object.
    pub(crate) version: String,
    /// The partner of a counterparty of УТ, by reference and version.
    pub(crate) partner: Option<[String; 2]>,
    /// The other side's id as it is stored.
    pub(crate) mutual_id: String,
}

/// A phone or mailbox of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The row's id in Bitrix24, the kind's predefined name in 1C.
    pub(crate) key: String,
    pub(crate) text: String,
}

impl Snapshot {
    /// Reads both systems.
    pub(crate) fn take(systems: &Systems, cast: &Cast) -> Self {
        let sides = [Side::Bitrix24, Side::Onec].into_iter();
        let mut entries: Vec<Entry> = sides.flat_map(|side| systems.entries(side)).cloned().collect();
        for entry in &mut entries {
            entry.parties = cast.owners_of(entry);
            entry.is_forbidden = systems.forbidden.contains(&entry.id);
        }
        Self { entries }
    }

    /// A record by its id.
    pub(crate) fn find(&self, id: &RecordId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == *id)
    }

    /// A party's records on a side.
    pub(crate) fn of(&self, party: PartyId, side: Side) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.id.side == side && entry.parties.contains(&party))
    }
}

impl Entry {
    /// The normal forms of its phones.
    pub(crate) fn phone_keys(&self) -> Vec<String> {
        self.phones.iter().map(|row| last_ten(&row.text)).collect()
    }

    /// The normal forms of its mailboxes.
    pub(crate) fn email_keys(&self) -> Vec<String> {
        self.emails.iter().map(|row| row.text.to_lowercase()).collect()
    }

    /// Everything in it that a person may have entered, as value with its sort.
    pub(crate) fn values(&self) -> BTreeSet<String> {
        let phones = self.phone_keys().into_iter().map(|phone| format!("phone {phone}"));
        let emails = self.email_keys().into_iter().map(|email| format!("email {email}"));
        let inn = Some(format!("inn {}", self.inn)).filter(|_| !self.inn.is_empty());
        phones.chain(emails).chain(inn).collect()
    }

    /// Whether it says the same of its party as another one, its companies left out.
    pub(crate) fn says_as(&self, other: &Self) -> bool {
        let said = |entry: &Self| {
            (
                entry.name.clone(),
                entry.phones.clone(),
                entry.emails.clone(),
                entry.inn.clone(),
                entry.is_marked,
            )
        };
        said(self) == said(other)
    }

    /// Whether it is a person.
    pub(crate) fn is_person(&self) -> bool {
        self.id.kind == Kind::Contact
    }
}

/// Reads the records of one side, without their parties.
pub(crate) fn read(systems: &Systems, side: Side) -> Vec<Entry> {
    match side {
        Side::Bitrix24 => bitrix24::entries(&systems.portal.cards()),
        Side::Onec => onec::entries(&systems.infobase.objects_of(&onec::SETS)),
    }
}

/// The last ten digits of a phone.
pub(crate) fn last_ten(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(10)..].iter().collect()
}

/// The words of a name, folded, without legal forms.
pub(crate) fn words(text: &str) -> BTreeSet<String> {
    const FORMS: [&str; 2] = ["ооо", "ип"];
    text.to_lowercase()
        .replace('ё', "е")
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty() && !FORMS.contains(word))
        .map(str::to_owned)
        .collect()
}
