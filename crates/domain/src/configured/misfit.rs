//! Why a value of one side has no place on the other.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Sort;
use crate::record::Side;

/// A value has no place on a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Misfit {
    /// The side that cannot hold it.
    pub side: Side,
    /// Why it cannot.
    pub cause: Cause,
}

/// Why a side cannot hold a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The table of values says nothing of it.
    NotInTable,
    /// The list of the side's field does not have it.
    NotListed,
    /// The side keeps a number there.
    NoNumber,
    /// The side keeps a whole number there.
    NoWholeNumber,
    /// The side keeps a date there.
    NoDate,
    /// The side keeps a yes or no there.
    NoFlag,
}

impl Cause {
    /// Why a text is no value of this sort; every text is a text.
    pub(crate) fn of(sort: &Sort) -> Option<Self> {
        match sort {
            Sort::Text | Sort::Address => None,
            Sort::Number => Some(Self::NoNumber),
            Sort::WholeNumber => Some(Self::NoWholeNumber),
            Sort::Date | Sort::Moment => Some(Self::NoDate),
            Sort::Flag => Some(Self::NoFlag),
            Sort::Choice(_) => Some(Self::NotListed),
        }
    }

    /// The word for it in messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotInTable => "not-in-table",
            Self::NotListed => "not-listed",
            Self::NoNumber => "no-number",
            Self::NoWholeNumber => "no-whole-number",
            Self::NoDate => "no-date",
            Self::NoFlag => "no-flag",
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = self.side.word();
        match self.cause {
            Cause::NotInTable => write!(f, "the table of values does not say what the value is in {side}"),
            Cause::NotListed => write!(f, "the list of the field in {side} does not have the value"),
            Cause::NoNumber => write!(f, "the field holds a number in {side}, and the value is none"),
            Cause::NoWholeNumber => {
                write!(f, "the field holds a whole number in {side}, and the value is none")
            }
            Cause::NoDate => write!(f, "the field holds a date in {side}, and the value is none"),
            Cause::NoFlag => write!(f, "the field holds yes or no in {side}, and the value is neither"),
        }
    }
}
