//! Names as matching compares them, each read once however many others it is compared with.

use super::organizations::OrganizationNames;
use super::person_names::PersonNames;
use crate::forms::person_name::NameAgreement;
use crate::party::Party;

/// The names of a party.
#[derive(Debug)]
pub(super) enum Names<'a> {
    Person(Box<PersonNames<'a>>),
    Organization(OrganizationNames<'a>),
}

impl<'a> Names<'a> {
    pub(super) fn of(party: &'a Party) -> Self {
        match party {
            Party::Person(person) => Self::Person(Box::new(PersonNames::of(&person.name))),
            Party::Organization(organization) => Self::Organization(OrganizationNames::of(organization)),
        }
    }

    /// How two parties' names agree.
    pub(super) fn agree(&self, other: &Self) -> NameAgreement {
        match (self, other) {
            (Self::Person(a), Self::Person(b)) => a.agree(b),
            (Self::Organization(a), Self::Organization(b)) => a.agree(b),
            _ => NameAgreement::Different,
        }
    }

    /// Whether two persons' names resemble each other.
    pub(super) fn differ_by_a_slip(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Person(a), Self::Person(b)) if a.differ_by_a_slip(b))
    }

    /// Whether two persons have one first name written out.
    pub(super) fn have_one_first_name(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Person(a), Self::Person(b)) if a.have_one_first_name(b))
    }
}
