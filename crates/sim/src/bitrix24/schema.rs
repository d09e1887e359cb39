//! The fields of contacts, companies and requisites: names, types and who may write them.
//!
//! Resolves a classic field name to a [`Column`], which is how filters, selections and edits address a record.
//! Not responsible for reading or writing values.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::php::{Key, Php};

/// The kinds of records that have an id of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Contact,
    Company,
    Requisite,
}

impl Kind {
    pub(crate) fn from_type_id(id: i64) -> Option<Self> {
        match id {
            3 => Some(Self::Contact),
            4 => Some(Self::Company),
            _ => None,
        }
    }

    /// `ENTITY_ID` of its user fields.
    pub(crate) fn userfield_entity(self) -> &'static str {
        match self {
            Self::Contact => "CRM_CONTACT",
            Self::Company => "CRM_COMPANY",
            Self::Requisite => "CRM_REQUISITE",
        }
    }

    pub(crate) fn standard(self) -> &'static [Standard] {
        match self {
            Self::Contact => CONTACT,
            Self::Company => COMPANY,
            Self::Requisite => REQUISITE,
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
            _ => Type::Text,
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

const fn field(name: &'static str, ty: Type, access: Access) -> Standard {
    Standard { name, ty, access }
}

const fn text(name: &'static str) -> Standard {
    field(name, Type::Text, Access::Free)
}

use Access::{AddOnly, Free, Import, ReadOnly};
use Type::{Char, Date, DateTime, Double, Integer, Lead, MultiField, Status, User};

const CONTACT: &[Standard] = &[
    field("ID", Integer, ReadOnly),
    field("HONORIFIC", Status("HONORIFIC"), Free),
    text("NAME"),
    text("SECOND_NAME"),
    text("LAST_NAME"),
    text("POST"),
    field("BIRTHDATE", Date, Free),
    field("TYPE_ID", Status("CONTACT_TYPE"), Free),
    field("SOURCE_ID", Status("SOURCE"), Free),
    text("SOURCE_DESCRIPTION"),
    text("COMMENTS"),
    field("OPENED", Char, Free),
    field("EXPORT", Char, Free),
    field("HAS_PHONE", Char, ReadOnly),
    field("HAS_EMAIL", Char, ReadOnly),
    field("HAS_IMOL", Char, ReadOnly),
    field("ASSIGNED_BY_ID", User, Free),
    field("CREATED_BY_ID", User, Import),
    field("MODIFY_BY_ID", User, Import),
    field("DATE_CREATE", DateTime, Import),
    field("DATE_MODIFY", DateTime, Import),
    field("LAST_ACTIVITY_TIME", DateTime, ReadOnly),
    field("LAST_ACTIVITY_BY", User, ReadOnly),
    field("COMPANY_ID", Type::Company, Free),
    field("COMPANY_IDS", Type::Company, Free),
    field("LEAD_ID", Lead, ReadOnly),
    text("ORIGINATOR_ID"),
    text("ORIGIN_ID"),
    text("ORIGIN_VERSION"),
    field("FACE_ID", Integer, ReadOnly),
    text("UTM_SOURCE"),
    text("UTM_MEDIUM"),
    text("UTM_CAMPAIGN"),
    text("UTM_CONTENT"),
    text("UTM_TERM"),
    text("ADDRESS"),
    text("ADDRESS_2"),
    text("ADDRESS_CITY"),
    text("ADDRESS_POSTAL_CODE"),
    text("ADDRESS_REGION"),
    text("ADDRESS_PROVINCE"),
    text("ADDRESS_COUNTRY"),
    field("PHONE", MultiField, Free),
    field("EMAIL", MultiField, Free),
    field("WEB", MultiField, Free),
    field("IM", MultiField, Free),
    field("LINK", MultiField, Free),
];

const COMPANY: &[Standard] = &[
    field("ID", Integer, ReadOnly),
    text("TITLE"),
    field("COMPANY_TYPE", Status("COMPANY_TYPE"), Free),
    field("INDUSTRY", Status("INDUSTRY"), Free),
    field("EMPLOYEES", Status("EMPLOYEES"), Free),
    field("REVENUE", Double, Free),
    text("CURRENCY_ID"),
    text("COMMENTS"),
    text("BANKING_DETAILS"),
    field("OPENED", Char, Free),
    field("IS_MY_COMPANY", Char, AddOnly),
    field("HAS_PHONE", Char, ReadOnly),
    field("HAS_EMAIL", Char, ReadOnly),
    field("HAS_IMOL", Char, ReadOnly),
    field("ASSIGNED_BY_ID", User, Free),
    field("CREATED_BY_ID", User, Import),
    field("MODIFY_BY_ID", User, Import),
    field("DATE_CREATE", DateTime, Import),
    field("DATE_MODIFY", DateTime, Import),
    field("LAST_ACTIVITY_TIME", DateTime, ReadOnly),
    field("LAST_ACTIVITY_BY", User, ReadOnly),
    field("LAST_COMMUNICATION_TIME", DateTime, ReadOnly),
    field("CONTACT_ID", Type::Contact, Free),
    field("LEAD_ID", Lead, ReadOnly),
    text("ORIGINATOR_ID"),
    text("ORIGIN_ID"),
    text("ORIGIN_VERSION"),
    text("UTM_SOURCE"),
    text("UTM_MEDIUM"),
    text("UTM_CAMPAIGN"),
    text("UTM_CONTENT"),
    text("UTM_TERM"),
    text("ADDRESS"),
    text("ADDRESS_2"),
    text("ADDRESS_CITY"),
    text("ADDRESS_POSTAL_CODE"),
    text("ADDRESS_REGION"),
    text("ADDRESS_PROVINCE"),
    text("ADDRESS_COUNTRY"),
    text("REG_ADDRESS"),
    field("PHONE", MultiField, Free),
    field("EMAIL", MultiField, Free),
    field("WEB", MultiField, Free),
    field("IM", MultiField, Free),
    field("LINK", MultiField, Free),
];

const REQUISITE: &[Standard] = &[
    field("ID", Integer, ReadOnly),
    field("ENTITY_TYPE_ID", Integer, AddOnly),
    field("ENTITY_ID", Integer, AddOnly),
    field("PRESET_ID", Integer, Free),
    field("DATE_CREATE", DateTime, ReadOnly),
    field("DATE_MODIFY", DateTime, ReadOnly),
    field("CREATED_BY_ID", User, ReadOnly),
    field("MODIFY_BY_ID", User, ReadOnly),
    text("NAME"),
    text("CODE"),
    text("XML_ID"),
    text("ORIGINATOR_ID"),
    field("ACTIVE", Char, Free),
    field("ADDRESS_ONLY", Char, Free),
    field("SORT", Integer, Free),
    text("RQ_NAME"),
    text("RQ_FIRST_NAME"),
    text("RQ_LAST_NAME"),
    text("RQ_SECOND_NAME"),
    text("RQ_COMPANY_NAME"),
    text("RQ_COMPANY_FULL_NAME"),
    text("RQ_COMPANY_REG_DATE"),
    text("RQ_DIRECTOR"),
    text("RQ_ACCOUNTANT"),
    text("RQ_CEO_NAME"),
    text("RQ_CEO_WORK_POS"),
    text("RQ_CONTACT"),
    text("RQ_EMAIL"),
    text("RQ_PHONE"),
    text("RQ_FAX"),
    text("RQ_IDENT_DOC"),
    text("RQ_IDENT_DOC_SER"),
    text("RQ_IDENT_DOC_NUM"),
    text("RQ_IDENT_DOC_DATE"),
    text("RQ_IDENT_DOC_ISSUED_BY"),
    text("RQ_IDENT_DOC_DEP_CODE"),
    text("RQ_IDENT_DOC_PERS_NUM"),
    text("RQ_INN"),
    text("RQ_KPP"),
    text("RQ_OGRN"),
    text("RQ_OGRNIP"),
    text("RQ_OKPO"),
    text("RQ_OKTMO"),
    text("RQ_OKVED"),
    text("RQ_IFNS"),
    text("RQ_BASE_DOC"),
    text("RQ_ST_CERT_SER"),
    text("RQ_ST_CERT_NUM"),
    text("RQ_ST_CERT_DATE"),
    text("RQ_USRLE"),
    text("RQ_BIN"),
    text("RQ_IIN"),
    text("RQ_KBE"),
    text("RQ_EDRPOU"),
    text("RQ_DRFO"),
    text("RQ_VAT_ID"),
];
