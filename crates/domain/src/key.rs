//! Keys: the normal forms by which two records may turn out to be one party.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::forms::company_name::read_company_name;
use crate::forms::email::EmailKey;
use crate::forms::person_name::name_key;
use crate::forms::phone::PhoneKey;
use crate::forms::placeholder::names_nobody;
use crate::forms::tax::Inn;
use crate::party::Party;
use crate::record::{Record, RecordId, Standing};

/// A normal form that may identify a party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Key {
    /// A tax number with a valid checksum.
    Inn(Inn),
    /// A mailbox.
    Email(EmailKey),
    /// A phone in E.164.
    Phone(PhoneKey),
    /// The words of a name. It never links by itself; it only finds candidates.
    Name(String),
    /// The record of the other side that a stored id names. It only finds candidates.
    Id(RecordId),
}

impl Key {
    /// Whether sharing this key may be enough to link (with the name as a check).
    pub fn is_strong(&self) -> bool {
        !matches!(self, Self::Name(_) | Self::Id(_))
    }

    /// Whether it is a mailbox or a phone.
    pub fn is_address(&self) -> bool {
        matches!(self, Self::Email(_) | Self::Phone(_))
    }

    /// The text under which the store's index keeps this key: a letter for its sort, a colon, the normal form.
    pub fn index(&self) -> String {
        match self {
            Self::Inn(inn) => format!("{}{inn}", KeySort::Inn.prefix()),
            Self::Email(email) => format!("{}{email}", KeySort::Email.prefix()),
            Self::Phone(phone) => format!("{}{phone}", KeySort::Phone.prefix()),
            Self::Name(name) => format!("{}{name}", KeySort::Name.prefix()),
            Self::Id(record) => format!("{}{record}", KeySort::Id.prefix()),
        }
    }
}

/// The sort of a key, as the index tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySort {
    /// [`Key::Inn`].
    Inn,
    /// [`Key::Email`].
    Email,
    /// [`Key::Phone`].
    Phone,
    /// [`Key::Name`].
    Name,
    /// [`Key::Id`].
    Id,
}

impl KeySort {
    const ALL: [Self; 5] = [Self::Inn, Self::Email, Self::Phone, Self::Name, Self::Id];

    /// How keys of this sort begin in the index.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Inn => "i:",
            Self::Email => "e:",
            Self::Phone => "p:",
            Self::Name => "n:",
            Self::Id => "r:",
        }
    }

    /// The sort of a key in the index, and its normal form.
    pub fn read(index: &str) -> Option<(Self, &str)> {
        Self::ALL.into_iter().find_map(|sort| Some((sort, index.strip_prefix(sort.prefix())?)))
    }
}

/// A part of the index: the keys from one text on and before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first text of it.
    pub from: &'static str,
    /// The first text behind it.
    pub behind: &'static str,
}

impl Stretch {
    /// The whole index in parts that hold about as much: mailboxes and tax numbers, names, then phones and ids.
    pub const PARTS: [Self; 3] = [
        Self { from: "", behind: "n:" },
        Self { from: "n:", behind: "p:" },
        Self { from: "p:", behind: "~" },
    ];

    /// Whether a key stands in it.
    pub fn holds(&self, index: &str) -> bool {
        (self.from..self.behind).contains(&index)
    }
}

/// The keys of a party, sorted, each once.
pub fn keys_of(party: &Party) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    keys.extend(Inn::parse(party.inn()).map(Key::Inn));
    keys.extend(party.emails().iter().filter_map(|point| point.key.clone()).map(Key::Email));
    keys.extend(party.phones().iter().filter_map(|point| point.key.clone()).map(Key::Phone));
    let names = match party {
        _ if names_nobody(&party.display_name()) => Vec::new(),
        Party::Person(person) => {
            name_key(&person.name).map(|key| key.as_str().to_owned()).into_iter().collect()
        }
        Party::Organization(organization) => [&organization.title, &organization.legal_name]
            .map(|name| in_any_order(&read_company_name(name).core))
            .into_iter()
            .filter(|words| !words.is_empty())
            .collect(),
    };
    keys.extend(names.into_iter().map(Key::Name));
    keys
}

/// The words of a text, sorted: «Тепло Зарница» is found by «Зарница Тепло».
fn in_any_order(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}

/// Whether a party has a key that may identify it.
pub fn has_strong_key(party: &Party) -> bool {
    party.emails().iter().any(|point| point.key.is_some())
        || party.phones().iter().any(|point| point.key.is_some())
        || Inn::parse(party.inn()).is_some()
}

/// Whether a party has neither a name of its own nor a key.
pub fn is_nobody(party: &Party) -> bool {
    is_nameless(party) && !has_strong_key(party)
}

/// Whether a party has no name of its own: nothing, no letter, or words that name nobody.
pub fn is_nameless(party: &Party) -> bool {
    let name = party.display_name();
    !name.chars().any(char::is_alphabetic) || names_nobody(&name)
}

/// The keys under which a record is found, the one of its stored id among them; none for a record that is left out.
pub fn keys_of_record(record: &Record) -> BTreeSet<Key> {
    match record.standing {
        Standing::Out(_) => BTreeSet::new(),
        Standing::TakesPart | Standing::Marked => {
            let mut keys = keys_of(&record.party);
            keys.extend(record.names(record.id.kind).map(Key::Id));
            keys
        }
    }
}
