//! Rules of a pair: what takes part, which way values go, who wins. Plain values; reading them from a file is not
//! done here.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::configured::{ConfiguredField, FieldName, Sort};
use crate::create_rule::{CreateRule, Withheld};
use crate::party::{Field, UserId};
use crate::record::{Catalog, Kind, Record, Side, Standing};

/// The rules of one pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// The direction of the pair as a whole.
    pub direction: Direction,
    /// Per field, where the configuration or the field table says more than the pair's direction.
    pub fields: BTreeMap<Field, FieldRule>,
    /// The fields that the configuration adds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configured: Vec<ConfiguredField>,
    /// What to do where both sides changed a field and no field rule says otherwise.
    pub on_conflict: Preference,
    /// What follows where one of two linked records is deleted.
    pub on_delete: OnDelete,
    /// The 1C catalogs that take part as persons.
    pub persons: BTreeSet<Catalog>,
    /// Where a new person is created in 1C.
    pub new_persons: NewPersons,
    /// What is created in 1C from Bitrix24 records.
    pub create_in_onec: CreateRule,
    /// What is created in Bitrix24 from 1C records.
    pub create_in_bitrix24: CreateRule,
    /// What becomes of linked records of which a condition of creation holds no more.
    #[serde(skip_serializing_if = "Linked::is_carried")]
    pub linked: Linked,
    /// Who answers for whom on the other side. No part of what is serialised: users come and go by themselves.
    #[serde(skip)]
    pub managers: Managers,
    /// Whether the Bitrix24 id is kept in 1C objects.
    pub store_id_in_onec: bool,
    /// Creates are forbidden, since some records may be hidden by rights.
    pub partial_rights: bool,
}

/// Which way values travel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Both ways.
    #[default]
    Both,
    /// Bitrix24 leads; it gets nothing back but ids.
    Bitrix24ToOnec,
    /// 1C leads; it gets nothing back but ids.
    OnecToBitrix24,
}

impl Direction {
    /// The side that leads, where values go one way.
    pub fn leader(self) -> Option<Side> {
        match self {
            Self::Both => None,
            Self::Bitrix24ToOnec => Some(Side::Bitrix24),
            Self::OnecToBitrix24 => Some(Side::Onec),
        }
    }

    /// Whether values may be written to this side.
    pub fn writes_to(self, side: Side) -> bool {
        self.leader() != Some(side)
    }
}

/// Who wins where two values of a field stand against each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preference {
    /// A person decides.
    #[default]
    Ask,
    /// The later change; compares the clocks of two systems.
    Newest,
    /// The portal's value.
    Bitrix24,
    /// The infobase's value.
    Onec,
}

/// The rule of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FieldRule {
    /// The direction of this field.
    pub direction: Direction,
    /// Who wins where both sides changed it.
    pub on_conflict: Preference,
    /// The owner: its value stands, the other side only fills what is empty there.
    pub owner: Option<Side>,
}

/// What follows where one of two linked records is deleted, or marked for deletion in 1C.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnDelete {
    /// A person is asked, and the pair is left alone meanwhile.
    #[default]
    Review,
    /// A mark in 1C is shown by a flag of the card, and values go on travelling; about who is gone a person is asked.
    Mark,
    /// Nobody is asked. Values go on travelling to and from a marked object; whoever is gone stays so.
    Ignore,
}

/// What becomes of linked records of which a condition of creation holds no more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Linked {
    /// They go on being carried.
    #[default]
    Carried,
    /// They stay linked, and nothing is carried until the condition holds again.
    Held,
}

impl Linked {
    fn is_carried(&self) -> bool {
        *self == Self::Carried
    }
}

/// Where a new person is created in 1C.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewPersons {
    /// A contact person of its company, else a counterparty.
    #[default]
    Auto,
    /// Always a counterparty.
    Counterparty,
    /// Always a contact person; a person without a company waits.
    ContactPerson,
    /// Always an individual.
    Individual,
}

/// Who answers for whom: Bitrix24 users and their counterparts in 1C.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Managers {
    to_onec: BTreeMap<UserId, UserId>,
    to_bitrix24: BTreeMap<UserId, UserId>,
    /// The Bitrix24 user for records whose 1C manager has no counterpart; on create only, never written back.
    pub fallback_bitrix24: Option<UserId>,
}

impl Managers {
    /// Adds a pair of users. The first pair a user stands in counts.
    pub fn add(&mut self, bitrix24: UserId, onec: UserId) {
        if self.to_onec.contains_key(&bitrix24) || self.to_bitrix24.contains_key(&onec) {
            return;
        }
        self.to_bitrix24.insert(onec.clone(), bitrix24.clone());
        self.to_onec.insert(bitrix24, onec);
    }

    /// The counterpart of a user of `side` on the other side.
    pub fn counterpart(&self, side: Side, user: &UserId) -> Option<&UserId> {
        match side {
            Side::Bitrix24 => self.to_onec.get(user),
            Side::Onec => self.to_bitrix24.get(user),
        }
    }

    /// How many users are paired.
    pub fn len(&self) -> usize {
        self.to_onec.len()
    }

    /// Whether no users are paired.
    pub fn is_empty(&self) -> bool {
        self.to_onec.is_empty()
    }
}

/// What the records of one catalog can hold; the planner compares values after projecting to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// The fields the catalog has at all.
    pub fields: BTreeSet<Field>,
    /// How many phones a record can hold.
    pub phones: usize,
    /// How many mailboxes a record can hold.
    pub emails: usize,
    /// How many companies a person can be given; where it is one, that may stand for several records of the side.
    pub companies: usize,
    /// The greatest length of a text field, in characters, where there is one.
    pub lengths: BTreeMap<Field, usize>,
    /// What configured fields can hold, those that the catalog has.
    pub sorts: BTreeMap<(Kind, FieldName), Sort>,
    /// Whether the record can keep the other side's id.
    pub mutual_id: bool,
}

impl Capacity {
    /// Whether records of the catalog can hold a field.
    pub fn holds(&self, kind: Kind, field: Field) -> bool {
        match field {
            Field::Configured(name) => self.sorts.contains_key(&(kind, name)),
            field => self.fields.contains(&field),
        }
    }
}

impl Rules {
    /// The fields of a kind that are merged, configured ones last.
    pub fn merged(&self, kind: Kind) -> impl Iterator<Item = Field> + '_ {
        let configured = self.configured.iter().filter(move |field| field.kind == kind);
        let configured = configured.map(|field| Field::Configured(field.name));
        Field::merged(kind).iter().copied().chain(configured)
    }

    /// What is configured of a field.
    pub fn configured(&self, kind: Kind, name: FieldName) -> Option<&ConfiguredField> {
        self.configured.iter().find(|field| (field.kind, field.name) == (kind, name))
    }

    /// Why a record that the other side lacks is not created there, by these rules alone.
    pub fn withholds(&self, record: &Record) -> Option<Withheld> {
        let side = record.id.side.other();
        if !self.direction.writes_to(side) {
            return Some(Withheld::OneWay);
        }
        if self.partial_rights {
            return Some(Withheld::PartialRights);
        }
        let rule = match side {
            Side::Bitrix24 => &self.create_in_bitrix24,
            Side::Onec => &self.create_in_onec,
        };
        rule.withholds(record)
    }

    /// Whether a linked object waits for an answer about its mark: nothing travels to it or from it meanwhile.
    pub fn rests(&self, onec: &Record) -> bool {
        self.on_delete == OnDelete::Review && onec.standing == Standing::Marked
    }

    /// The condition by which nothing is carried between two linked records, where there is one.
    pub fn holds(&self, bitrix24: &Record, onec: &Record) -> Option<Withheld> {
        if self.linked == Linked::Carried {
            return None;
        }
        let unmet = |rule: &CreateRule, record: &Record| {
            rule.withholds(record).filter(|reason| matches!(reason, Withheld::Unmet(_)))
        };
        unmet(&self.create_in_onec, bitrix24).or_else(|| unmet(&self.create_in_bitrix24, onec))
    }

    /// The same rules where nobody leads, owns or wins: what a merge would change under them is not the same on both sides.
    #[must_use]
    pub fn impartial(&self) -> Self {
        let rule = FieldRule { direction: Direction::Both, on_conflict: Preference::Ask, owner: None };
        let fields =
            Kind::ALL.into_iter().flat_map(|kind| self.merged(kind)).map(|field| (field, rule)).collect();
        let linked = Linked::Carried;
        Self { direction: Direction::Both, on_conflict: Preference::Ask, fields, linked, ..self.clone() }
    }

    /// The rule of a field: the configured one, else the field table of the product.
    ///
    /// INN, KPP, OGRN, the legal name and the legal address belong to 1C, manager and position to Bitrix24; the other
    /// side fills what is empty.
    pub fn field(&self, field: Field) -> FieldRule {
        let owner = match field {
            Field::Inn | Field::Kpp | Field::Ogrn | Field::LegalName | Field::Address => Some(Side::Onec),
            Field::Manager | Field::Position => Some(Side::Bitrix24),
            Field::Name
            | Field::Phone
            | Field::Email
            | Field::Company
            | Field::MutualId
            | Field::Configured(_) => None,
        };
        let rule = FieldRule { direction: self.direction, on_conflict: self.on_conflict, owner };
        self.fields.get(&field).copied().unwrap_or(rule)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            direction: Direction::Both,
            fields: BTreeMap::new(),
            configured: Vec::new(),
            on_conflict: Preference::Ask,
            on_delete: OnDelete::Review,
            persons: BTreeSet::from([Catalog::Counterparty, Catalog::ContactPerson]),
            new_persons: NewPersons::Auto,
            create_in_onec: CreateRule::All,
            create_in_bitrix24: CreateRule::All,
            linked: Linked::Carried,
            managers: Managers::default(),
            store_id_in_onec: true,
            partial_rights: false,
        }
    }
}
