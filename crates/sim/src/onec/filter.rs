//! `$filter`: from text to a bound expression, and from there to rows.
//!
//! Names are resolved against the schema while parsing, so evaluation cannot fail. Not responsible for ordering and
//! paging. Invariant: no text makes the parser panic or recurse without bound.

mod bind;
mod call;
mod compare;
mod eval;
mod functions;
mod keys;
mod parse;
mod token;

use uuid::Uuid;

use super::schema::{Property, Section};

pub(crate) use compare::{compare_text, folded_text};
pub(crate) use eval::{EMPTY_DATE, Scalar, Scope, field, matches, value};
pub(crate) use keys::{Keys, keys_of};
pub(crate) use parse::{parse, parse_value};
pub(crate) use token::is_date;

/// A bound expression.
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Text(String),
    Number(f64),
    Boolean(bool),
    Guid(Uuid),
    Date(String),
    Null,
    /// A property of the row `up` lambdas above the innermost one.
    Field {
        up: usize,
        property: &'static Property,
    },
    /// A property of what a reference points to.
    Through {
        from: Box<Expr>,
        name: String,
    },
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
    Cast(Box<Expr>, TypeName),
    IsOf(Box<Expr>, TypeName),
    /// `any` or `all` on a tabular section of the entity; without a condition `any` asks for a row.
    Quantified {
        quantifier: Quantifier,
        section: &'static Section,
        condition: Option<Box<Expr>>,
        depth: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    Any,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    SubstringOf,
    StartsWith,
    EndsWith,
    Like,
    Concat,
    Substring,
    Round,
    DatePart(DatePart),
    DateAdd(DateUnit),
    DateDifference(DateUnit),
}

/// What can be asked of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatePart {
    Day,
    DayOfWeek,
    DayOfYear,
    Hour,
    Minute,
    Month,
    Quarter,
    Second,
    Year,
}

/// What dates are moved and told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateUnit {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Quarter,
    Year,
}

/// The second argument of `cast` and `isof`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TypeName {
    Text,
    Number,
    Boolean,
    Date,
    Set(&'static str),
}
