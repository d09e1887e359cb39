//! Conditions on objects, in the spelling of neither interface.
//!
//! Not responsible for how they are asked (see `odata::query`, `extension::question`). Invariant: every condition can be said in both.

use uuid::Uuid;

use crate::wire::REF;

/// What objects have to meet: all of the one list, and one of the other where it is not empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) all: Vec<Test>,
    pub(crate) any: Vec<Condition>,
}

/// A condition on an object.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// A property of its own.
    Own(Test),
    /// One row of a section meets all of them.
    Row {
        /// The tabular section.
        section: String,
        /// What the row meets.
        tests: Vec<Test>,
    },
    /// One row of a section meets one of them.
    AnyRow {
        /// The tabular section.
        section: String,
        /// Of which the row meets one.
        tests: Vec<Test>,
    },
}

/// How a property compares with values.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) relation: Relation,
    pub(crate) values: Vec<Literal>,
}

/// How a property relates to values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// It is one of the values.
    Is,
    /// It is none of the values.
    Not,
    /// It begins with one of the texts.
    Begins,
    /// It ends with one of the texts.
    Ends,
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    /// A text in a property of a composite type.
    Mixed(String),
    Key(Uuid),
    Flag(bool),
}

impl Filter {
    /// What meets all of these.
    pub(crate) fn all(tests: Vec<Test>) -> Self {
        Self { all: tests, any: Vec::new() }
    }

    /// What meets one of these.
    pub(crate) fn any(tests: Vec<Test>) -> Self {
        Self { all: Vec::new(), any: tests.into_iter().map(Condition::Own).collect() }
    }
}

impl Test {
    pub(crate) fn new(name: &str, relation: Relation, values: Vec<Literal>) -> Self {
        Self { name: name.to_owned(), relation, values }
    }

    pub(crate) fn is_text(name: &str, text: &str) -> Self {
        Self::new(name, Relation::Is, vec![Literal::Text(text.to_owned())])
    }

    pub(crate) fn is_key(name: &str, key: Uuid) -> Self {
        Self::new(name, Relation::Is, vec![Literal::Key(key)])
    }

    pub(crate) fn is_flag(name: &str, flag: bool) -> Self {
        Self::new(name, Relation::Is, vec![Literal::Flag(flag)])
    }

    pub(crate) fn of_texts<'a>(
        name: &str,
        relation: Relation,
        texts: impl IntoIterator<Item = &'a String>,
    ) -> Self {
        Self::new(name, relation, texts.into_iter().cloned().map(Literal::Text).collect())
    }
}

impl Condition {
    pub(crate) fn is_key(name: &str, key: Uuid) -> Self {
        Self::Own(Test::is_key(name, key))
    }
}

/// Conditions for objects of these references.
pub(crate) fn by_reference(references: &[Uuid]) -> Vec<Condition> {
    references.iter().map(|reference| Condition::is_key(REF, *reference)).collect()
}
