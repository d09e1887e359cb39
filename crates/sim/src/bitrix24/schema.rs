//! The fields of contacts, companies and requisites: names, types and who may write them.
//!
//! Resolves a classic field name to a [`Column`], which is how filters, selections and edits address a record.
//! Not responsible for reading or writing values.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::php::{Key, Php};
use super::table::Stored;
use super::userfield::knows_item;

mod fields;

/// The kinds of records. Bank details and addresses belong to requisites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Contact,
    Company,
    Requisite,
    BankDetail,
    Address,
}

impl Kind {
    pub(crate) fn from_type_id(id: i64) -> Option<Self> {
        match id {
            3 => Some(Self::Contact),
            4 => Some(Self::Company),
            _ => None,
        }
    }

    /// The word for it in lines that are loaded, actions of people and comments.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Requisite => "requisite",
            Self::BankDetail => "bankdetail",
            Self::Address => "address",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Contact, Self::Company, Self::Requisite, Self::BankDetail, Self::Address];
        all.into_iter().find(|kind| kind.word() == word)
    }

    /// `ENTITY_ID` of its user fields.
    pub(crate) fn userfield_entity(self) -> &'static str {
        match self {
            Self::Contact => "CRM_CONTACT",
            Self::Company => "CRM_COMPANY",
            Self::Requisite => "CRM_REQUISITE",
            Self::BankDetail => "CRM_BANK_DETAIL",
            Self::Address => "CRM_ADDRESS",
        }
    }

    pub(crate) fn standard(self) -> &'static [Standard] {
        match self {
            Self::Contact => fields::CONTACT,
            Self::Company => fields::COMPANY,
            Self::Requisite => fields::REQUISITE,
            Self::BankDetail => fields::BANK_DETAIL,
            Self::Address => fields::ADDRESS,
        }
    }

    /// Whether it is a contact or a company, which have multi-fields, comments and a timeline.
    pub(crate) fn is_card(self) -> bool {
        matches!(self, Self::Contact | Self::Company)
    }

    /// The number of its type, which names an owner.
    pub(crate) fn type_id(self) -> &'static str {
        match self {
            Self::Contact => "3",
            Self::Company => "4",
            Self::Requisite => "8",
            Self::BankDetail => "9",
            Self::Address => "",
        }
    }
}

/// Types of values as far as they differ in comparing or on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Integer,
    Double,
    Text,
    /// `Y` or `N`.
    Char,
    /// A user field's yes or no, `1` or `0` on the classic wire.
    Boolean,
    Status(&'static str),
    User,
    Contact,
    Company,
    Lead,
    Date,
    DateTime,
    /// A file of a user field, or a picture of a card.
    File,
    MultiField,
}

impl Type {
    /// Whether it is compared as a number.
    pub(crate) fn is_number(self) -> bool {
        matches!(
            self,
            Self::Integer
                | Self::Double
                | Self::User
                | Self::Contact
                | Self::Company
                | Self::Lead
                | Self::Boolean
        )
    }

    pub(crate) fn is_date(self) -> bool {
        matches!(self, Self::Date | Self::DateTime)
    }

    /// `type` in the answer of a `fields` method.
    pub(crate) fn wire_name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Double => "double",
            Self::Text => "string",
            Self::Char => "char",
            Self::Boolean => "boolean",
            Self::Status(_) => "crm_status",
            Self::User => "user",
            Self::Contact => "crm_contact",
            Self::Company => "crm_company",
            Self::Lead => "crm_lead",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::File => "file",
            Self::MultiField => "crm_multifield",
        }
    }
}

/// Who may write a standard field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Free,
    /// Only when the record is created.
    AddOnly,
    /// Only in imports.
    Import,
    ReadOnly,
}

/// A field that every portal has.
#[derive(Debug)]
pub(crate) struct Standard {
    pub(crate) name: &'static str,
    pub(crate) ty: Type,
    pub(crate) access: Access,
}

/// A kind of multi-field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Multi {
    Phone,
    Email,
    Web,
    Im,
    Link,
    /// Of a type that the portal does not know; only `fm` of items takes and shows it.
    Odd,
}

impl Multi {
    pub(crate) const ALL: [Self; 5] = [Self::Phone, Self::Email, Self::Web, Self::Im, Self::Link];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Phone => "PHONE",
            Self::Email => "EMAIL",
            Self::Web => "WEB",
            Self::Im => "IM",
            Self::Link => "LINK",
            Self::Odd => "",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|multi| multi.name() == name)
    }

    pub(crate) fn default_type(self) -> &'static str {
        match self {
            Self::Im => "OTHER",
            _ => "WORK",
        }
    }
}

/// Where a field's value lives in a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Column {
    Id,
    Created,
    Modified,
    Category,
    /// The contact's primary company.
    PrimaryCompany,
    /// Write only on the classic wire: the contact's companies.
    Companies,
    /// Write only on the classic wire: the company's contacts.
    Contacts,
    Has(Multi),
    Rows(Multi),
    Stored {
        name: Key,
        ty: Type,
        multiple: bool,
        access: Access,
    },
}

impl Column {
    pub(crate) fn ty(&self) -> Type {
        match self {
            Self::Id | Self::Category => Type::Integer,
            Self::Created | Self::Modified => Type::DateTime,
            Self::PrimaryCompany | Self::Companies => Type::Company,
            Self::Contacts => Type::Contact,
            Self::Has(_) => Type::Char,
            Self::Rows(_) => Type::MultiField,
            Self::Stored { ty, .. } => *ty,
        }
    }
}

/// A field somebody made.
#[derive(Debug, Clone)]
pub(crate) struct UserField {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) user_type: String,
    pub(crate) multiple: bool,
    /// Everything else that was sent when it was made.
    pub(crate) options: Vec<(Key, Php)>,
}

impl UserField {
    pub(crate) fn ty(&self) -> Type {
        match self.user_type.as_str() {
            "integer" | "enumeration" | "iblock_section" | "iblock_element" => Type::Integer,
            "double" => Type::Double,
            "boolean" => Type::Boolean,
            "datetime" => Type::DateTime,
            "date" => Type::Date,
            "employee" => Type::User,
            "file" => Type::File,
            _ => Type::Text,
        }
    }

    /// What was said about it under this key.
    pub(crate) fn option(&self, key: &str) -> Option<&Php> {
        self.options.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    pub(crate) fn set_option(&mut self, key: &str, value: Php) {
        match self.options.iter_mut().find(|(known, _)| known == key) {
            Some((_, slot)) => *slot = value,
            None => self.options.push((Cow::Owned(key.to_owned()), value)),
        }
    }

    pub(crate) fn column(&self) -> Column {
        Column::Stored {
            name: Cow::Owned(self.name.clone()),
            ty: self.ty(),
            multiple: self.multiple,
            access: Access::Free,
        }
    }
}

/// All fields of one kind on this portal.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) kind: Kind,
    pub(crate) userfields: BTreeMap<String, UserField>,
}

impl Schema {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, userfields: BTreeMap::new() }
    }

    /// The column of a classic name, `None` for a name the portal does not know.
    pub(crate) fn column(&self, name: &str) -> Option<Column> {
        if let Some(field) = self.userfields.get(name) {
            return Some(field.column());
        }
        self.kind.standard().iter().find(|field| field.name == name).map(|field| field.column(self.kind))
    }

    /// What is left of a value when ids that a list does not know are dropped.
    pub(crate) fn known_items(&self, name: &str, stored: Stored) -> Option<Stored> {
        let Some(field) = self.userfields.get(name) else { return Some(stored) };
        match stored {
            Stored::One(id) => knows_item(field, &id).then_some(Stored::One(id)),
            Stored::Many(ids) => {
                let ids: Box<[_]> = ids.into_iter().filter(|id| knows_item(field, id)).collect();
                (!ids.is_empty()).then_some(Stored::Many(ids))
            }
        }
    }

    pub(crate) fn standard_columns(&self) -> impl Iterator<Item = (Key, Column)> + '_ {
        self.kind.standard().iter().map(|field| (Cow::Borrowed(field.name), field.column(self.kind)))
    }

    pub(crate) fn user_columns(&self) -> impl Iterator<Item = (Key, Column)> + '_ {
        self.userfields.values().map(|field| (Cow::Owned(field.name.clone()), field.column()))
    }
}

impl Standard {
    pub(crate) fn column(&self, kind: Kind) -> Column {
        match self.name {
            "ID" => Column::Id,
            "DATE_CREATE" => Column::Created,
            "DATE_MODIFY" => Column::Modified,
            "HAS_PHONE" => Column::Has(Multi::Phone),
            "HAS_EMAIL" => Column::Has(Multi::Email),
            "HAS_IMOL" => Column::Has(Multi::Im),
            "COMPANY_ID" if kind == Kind::Contact => Column::PrimaryCompany,
            "COMPANY_IDS" => Column::Companies,
            "CONTACT_ID" if kind == Kind::Company => Column::Contacts,
            name => match Multi::from_name(name) {
                Some(multi) if self.ty == Type::MultiField => Column::Rows(multi),
                _ => Column::Stored {
                    name: Cow::Borrowed(self.name),
                    ty: self.ty,
                    multiple: false,
                    access: self.access,
                },
            },
        }
    }
}
