//! Parties: what a customer is, whichever system holds it.
//!
//! A [`Party`] is the neutral form of a record. References inside it (manager, employers) are in the terms of the
//! side the party was read from, or of the side it is about to be written to; whoever carries a party across
//! translates them. Not responsible for how values are spelled on the wire.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::configured::{ConfiguredValues, FieldName};
use crate::forms::email::EmailKey;
use crate::forms::person_name::PersonName;
use crate::forms::phone::PhoneKey;
use crate::record::{Kind, RecordId};

/// A customer: a natural person or an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// A natural person: a Bitrix24 contact; in 1C a counterparty of kind individual, a contact person, an individual.
    Person(Person),
    /// An organization or a sole proprietor: a Bitrix24 company, a 1C counterparty.
    Organization(Organization),
}

/// A natural person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Family name, first name, patronymic.
    pub name: PersonName,
    /// Tax number as it stands, empty where there is none.
    pub inn: String,
    /// Phones, the primary one first.
    pub phones: Vec<Phone>,
    /// Mailboxes, the primary one first.
    pub emails: Vec<Email>,
    /// Companies the person belongs to, the primary one first.
    pub employers: Vec<RecordId>,
    /// Position at work.
    pub position: String,
    /// The responsible manager.
    pub manager: Option<UserId>,
    /// Values of configured fields.
    #[serde(skip_serializing_if = "ConfiguredValues::is_empty")]
    pub configured: ConfiguredValues,
}

/// An organization or a sole proprietor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Organization {
    /// The working title (`TITLE`, `Description`).
    pub title: String,
    /// The full legal name (`RQ_COMPANY_FULL_NAME`, `НаименованиеПолное`).
    pub legal_name: String,
    /// Whether it is a sole proprietor.
    pub entrepreneur: bool,
    /// Whether its side says that it is a branch of another record. A side that does not tell branches apart says no.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_branch: bool,
    /// Tax number as it stands, empty where there is none.
    pub inn: String,
    /// Reason code of registration, empty where there is none.
    pub kpp: String,
    /// State registration number (ОГРН, ОГРНИП), empty where there is none.
    pub ogrn: String,
    /// The legal address as one text, empty where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Phones, the primary one first.
    pub phones: Vec<Phone>,
    /// Mailboxes, the primary one first.
    pub emails: Vec<Email>,
    /// The responsible manager.
    pub manager: Option<UserId>,
    /// Values of configured fields.
    #[serde(skip_serializing_if = "ConfiguredValues::is_empty")]
    pub configured: ConfiguredValues,
    /// The records of one client among which this one stands, where its side keeps requisites as records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Box<Beside>>,
}

/// The records beside which an organization stands: the company of a requisite, the other counterparties of a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// Whether this one comes before the others: it may be created without them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_first: bool,
    /// The others, the first of all before the rest.
    pub others: Vec<RecordId>,
}

impl Beside {
    /// A further requisite of this record.
    pub fn further(head: RecordId) -> Self {
        Self { is_first: false, others: vec![head] }
    }
}

/// One phone or mailbox: its text as it stands, and its normal form where it could be read.
///
/// A field that holds two numbers gives two points with the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point<K> {
    /// The normal form; `None` where the text could not be read: such a point stays where it is.
    pub key: Option<K>,
    /// The text as it stands on the side it came from.
    pub text: String,
    /// An extension after the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// Work, mobile, home.
    pub kind: PointKind,
}

/// A phone.
pub type Phone = Point<PhoneKey>;
/// A mailbox.
pub type Email = Point<EmailKey>;

/// What a phone or mailbox is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointKind {
    /// At work; what both systems take by default.
    #[default]
    Work,
    /// A mobile phone.
    Mobile,
    /// At home.
    Home,
    /// Any other.
    Other,
}

/// A user of one of the systems, in that system's own terms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub String);

/// A field that obmen keeps equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// A person's name or a company's title.
    Name,
    /// The full legal name of an organization.
    LegalName,
    /// Tax number.
    Inn,
    /// Reason code of registration.
    Kpp,
    /// State registration number.
    Ogrn,
    /// The legal address of an organization.
    Address,
    /// Phones.
    Phone,
    /// Mailboxes.
    Email,
    /// The companies of a person.
    Company,
    /// Position at work.
    Position,
    /// The responsible manager.
    Manager,
    /// The other side's id, kept in a field of the record.
    MutualId,
    /// A field that the configuration adds.
    Configured(FieldName),
}

impl Field {
    /// The fields that have a name of their own.
    pub const FIXED: [Self; 12] = [
        Self::Name,
        Self::LegalName,
        Self::Address,
        Self::Inn,
        Self::Kpp,
        Self::Ogrn,
        Self::Phone,
        Self::Email,
        Self::Company,
        Self::Position,
        Self::Manager,
        Self::MutualId,
    ];

    /// The field of this word; any other name is that of a configured one.
    pub fn of_word(word: &str) -> Option<Self> {
        let fixed = Self::FIXED.into_iter().find(|field| field.word() == word);
        fixed.or_else(|| word.parse().ok().map(Self::Configured))
    }

    /// The fields of every party of this kind that are merged, in the order they are shown; configured ones come besides.
    pub fn merged(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Contact => &[
                Self::Name,
                Self::Inn,
                Self::Phone,
                Self::Email,
                Self::Company,
                Self::Position,
                Self::Manager,
            ],
            Kind::Company => &[
                Self::Name,
                Self::LegalName,
                Self::Inn,
                Self::Kpp,
                Self::Ogrn,
                Self::Address,
                Self::Phone,
                Self::Email,
                Self::Manager,
            ],
        }
    }

    /// The word for this field in configuration, JSON and reports.
    pub fn word(&self) -> &str {
        match self {
            Self::Name => "name",
            Self::LegalName => "legal-name",
            Self::Inn => "inn",
            Self::Kpp => "kpp",
            Self::Ogrn => "ogrn",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Company => "company",
            Self::Position => "position",
            Self::Manager => "manager",
            Self::MutualId => "mutual-id",
            Self::Configured(name) => name.as_str(),
        }
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::of_word(&word).ok_or_else(|| serde::de::Error::custom(format!("no field is named {word:?}")))
    }
}

/// The value of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Plain text; empty text is no value.
    Text(String),
    /// A person's name.
    Name(PersonName),
    /// Phones, the primary one first.
    Phones(Vec<Phone>),
    /// Mailboxes, the primary one first.
    Emails(Vec<Email>),
    /// Companies of a person; ids of either side, translated through links when they are written.
    Employers(Vec<RecordId>),
    /// The responsible manager, in the terms of the side that holds the value.
    Manager(Option<UserId>),
}

impl Party {
    /// The kind of record that holds this party.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Person(_) => Kind::Contact,
            Self::Organization(_) => Kind::Company,
        }
    }

    /// Phones, the primary one first.
    pub fn phones(&self) -> &[Phone] {
        match self {
            Self::Person(person) => &person.phones,
            Self::Organization(organization) => &organization.phones,
        }
    }

    /// Mailboxes, the primary one first.
    pub fn emails(&self) -> &[Email] {
        match self {
            Self::Person(person) => &person.emails,
            Self::Organization(organization) => &organization.emails,
        }
    }

    /// Tax number as it stands.
    pub fn inn(&self) -> &str {
        match self {
            Self::Person(person) => &person.inn,
            Self::Organization(organization) => &organization.inn,
        }
    }

    /// The responsible manager.
    pub fn manager(&self) -> Option<&UserId> {
        match self {
            Self::Person(person) => person.manager.as_ref(),
            Self::Organization(organization) => organization.manager.as_ref(),
        }
    }

    /// Companies of a person; none for an organization.
    pub fn employers(&self) -> &[RecordId] {
        match self {
            Self::Person(person) => &person.employers,
            Self::Organization(_) => &[],
        }
    }

    /// Values of configured fields.
    pub fn configured(&self) -> &ConfiguredValues {
        match self {
            Self::Person(person) => &person.configured,
            Self::Organization(organization) => &organization.configured,
        }
    }

    /// As [`Party::configured`], to be changed.
    pub fn configured_mut(&mut self) -> &mut ConfiguredValues {
        match self {
            Self::Person(person) => &mut person.configured,
            Self::Organization(organization) => &mut organization.configured,
        }
    }

    /// The fields of this party, in the order they are shown; of configured ones those that were read.
    pub fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        let configured = self.configured().names().map(Field::Configured);
        Field::merged(self.kind()).iter().copied().chain(configured)
    }

    /// The companies of a person, or the first of the organizations as whose further requisite this one is created.
    pub fn belongs_to(&self) -> &[RecordId] {
        match self {
            Self::Person(person) => &person.employers,
            Self::Organization(organization) => {
                let beside = organization.beside.as_ref().filter(|beside| !beside.is_first);
                beside.and_then(|beside| beside.others.get(..1)).unwrap_or_default()
            }
        }
    }

    /// The companies of a person, or the organizations of one client among which this one stands.
    pub fn stands_beside(&self) -> &[RecordId] {
        match self {
            Self::Person(person) => &person.employers,
            Self::Organization(organization) => {
                organization.beside.as_ref().map_or(&[], |beside| &beside.others)
            }
        }
    }

    /// The name as one line.
    pub fn display_name(&self) -> String {
        match self {
            Self::Person(person) => person.name.whole(),
            Self::Organization(organization) => organization.title.clone(),
        }
    }

    /// The value of a field; `None` where a party of this kind has no such field, or it was not read.
    pub fn value(&self, field: Field) -> Option<Value> {
        Some(match (self, field) {
            (Self::Person(person), Field::Name) => Value::Name(person.name.clone()),
            (Self::Person(person), Field::Company) => Value::Employers(person.employers.clone()),
            (Self::Person(person), Field::Position) => Value::Text(person.position.clone()),
            (Self::Organization(organization), Field::Name) => Value::Text(organization.title.clone()),
            (Self::Organization(organization), Field::LegalName) => {
                Value::Text(organization.legal_name.clone())
            }
            (Self::Organization(organization), Field::Kpp) => Value::Text(organization.kpp.clone()),
            (Self::Organization(organization), Field::Ogrn) => Value::Text(organization.ogrn.clone()),
            (Self::Organization(organization), Field::Address) => Value::Text(organization.address.clone()),
            (_, Field::Inn) => Value::Text(self.inn().to_owned()),
            (_, Field::Phone) => Value::Phones(self.phones().to_vec()),
            (_, Field::Email) => Value::Emails(self.emails().to_vec()),
            (_, Field::Manager) => Value::Manager(self.manager().cloned()),
            (_, Field::Configured(name)) => Value::Text(self.configured().get(name)?.to_owned()),
            _ => return None,
        })
    }

    /// Puts a value into a field. A value of another shape than the field's is ignored.
    pub fn set(&mut self, field: Field, value: Value) {
        match (self, field, value) {
            (party, Field::Configured(name), Value::Text(text)) => {
                party.configured_mut().set(name, text);
            }
            (Self::Person(person), Field::Name, Value::Name(name)) => {
                person.name = name;
            }
            (Self::Person(person), Field::Company, Value::Employers(employers)) => {
                person.employers = employers;
            }
            (Self::Person(person), Field::Position, Value::Text(text)) => {
                person.position = text;
            }
            (Self::Person(person), Field::Inn, Value::Text(text)) => {
                person.inn = text;
            }
            (Self::Person(person), Field::Phone, Value::Phones(phones)) => {
                person.phones = phones;
            }
            (Self::Person(person), Field::Email, Value::Emails(emails)) => {
                person.emails = emails;
            }
            (Self::Person(person), Field::Manager, Value::Manager(manager)) => {
                person.manager = manager;
            }
            (Self::Organization(organization), Field::Name, Value::Text(text)) => {
                organization.title = text;
            }
            (Self::Organization(organization), Field::LegalName, Value::Text(text)) => {
                organization.legal_name = text;
            }
            (Self::Organization(organization), Field::Inn, Value::Text(text)) => {
                organization.inn = text;
            }
            (Self::Organization(organization), Field::Kpp, Value::Text(text)) => {
                organization.kpp = text;
            }
            (Self::Organization(organization), Field::Ogrn, Value::Text(text)) => {
                organization.ogrn = text;
            }
            (Self::Organization(organization), Field::Address, Value::Text(text)) => {
                organization.address = text;
            }
            (Self::Organization(organization), Field::Phone, Value::Phones(phones)) => {
                organization.phones = phones;
            }
            (Self::Organization(organization), Field::Email, Value::Emails(emails)) => {
                organization.emails = emails;
            }
            (Self::Organization(organization), Field::Manager, Value::Manager(manager)) => {
                organization.manager = manager;
            }
            _ => {}
        }
    }
}

impl<K> Point<K> {
    /// A point whose text could be read.
    pub fn known(key: K, text: impl Into<String>) -> Self {
        Self { key: Some(key), text: text.into(), extension: None, kind: PointKind::Work }
    }

    /// A point whose text could not be read.
    pub fn unreadable(text: impl Into<String>) -> Self {
        Self { key: None, text: text.into(), extension: None, kind: PointKind::Work }
    }
}

impl Value {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Name(name) => name.is_empty(),
            Self::Phones(phones) => phones.is_empty(),
            Self::Emails(emails) => emails.is_empty(),
            Self::Employers(employers) => employers.is_empty(),
            Self::Manager(manager) => manager.is_none(),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Name(name) => f.write_str(&name.whole()),
            Self::Phones(phones) => {
                write_list(f, phones.iter().map(|p| p.key.as_ref().map_or(&*p.text, |k| k.as_str())))
            }
            Self::Emails(emails) => {
                write_list(f, emails.iter().map(|p| p.key.as_ref().map_or(&*p.text, |k| k.as_str())))
            }
            Self::Employers(employers) => write_list(f, employers.iter().map(ToString::to_string)),
            Self::Manager(manager) => f.write_str(manager.as_ref().map_or("", |user| &user.0)),
        }
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

fn write_list(
    f: &mut std::fmt::Formatter<'_>,
    items: impl Iterator<Item = impl std::fmt::Display>,
) -> std::fmt::Result {
    for (position, item) in items.enumerate() {
        if position > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}
