//! The truth about a generated pair of bases: which records are one party.
//!
//! It says what is so, not what a program could find out: `Strength` tells how much the records give away.

use serde::{Deserialize, Serialize};

/// Person or organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A contact of Bitrix24; a contact person or a counterparty of 1C.
    Person,
    /// A company of Bitrix24; a counterparty of 1C. Sole proprietors are organizations.
    Organization,
}

/// What two records of one party have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// An e-mail or a phone of their own, or an INN.
    Sure,
    /// A phone others may share, or no INN on one side, together with the name.
    Probable,
    /// The name only: a person may have to decide.
    Weak,
}

/// An object of 1C.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OnecObject {
    /// The catalog, as in a load line: `Catalog_Контрагенты`.
    pub entity: String,
    /// `Ref_Key`.
    #[serde(rename = "ref")]
    pub reference: String,
}

/// Two records of one party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// What the party is.
    pub kind: Kind,
    /// Id of the contact or company.
    pub bitrix24: String,
    /// The party's main object: counterparty or contact person.
    pub onec: OnecObject,
    /// Further objects of the same person in `Catalog_ФизическиеЛица`: no twins and never to be copied.
    pub facets: Vec<OnecObject>,
    /// How much the records have in common.
    pub strength: Strength,
}

/// A party known to Bitrix24 alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlyBitrix24 {
    /// What the party is.
    pub kind: Kind,
    /// Id of the contact or company.
    pub id: String,
}

/// A party known to 1C alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlyOnec {
    /// What the party is.
    pub kind: Kind,
    /// The party's main object.
    pub onec: OnecObject,
    /// Further objects of the same person in `Catalog_ФизическиеЛица`.
    pub facets: Vec<OnecObject>,
}

/// A party whose 1C object is marked for deletion: nothing may be linked to it or made from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// What the party is.
    pub kind: Kind,
    /// Id of its contact or company, when Bitrix24 knows the party too.
    pub bitrix24: Option<String>,
    /// The marked object.
    pub onec: OnecObject,
}

/// The whole truth. Each party stands in exactly one list; folders and predefined items stand in none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// Parties of both bases.
    pub pairs: Vec<Pair>,
    /// Parties to be brought to 1C.
    pub only_bitrix24: Vec<OnlyBitrix24>,
    /// Parties to be brought to Bitrix24.
    pub only_onec: Vec<OnlyOnec>,
    /// Parties whose 1C object is marked for deletion.
    pub marked: Vec<Marked>,
}
