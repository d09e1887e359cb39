//! Conditions of a question, bound to a set: which rows they let through.
//!
//! Texts are compared as the database does, without regard to letter case. Invariant: binding finds every fault, so that trying a
//! row cannot fail.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::onec::filter::{folded_text, is_date};
use crate::onec::index::TextIndex;
use crate::onec::objects::{Object, text};
use crate::onec::schema::{EntitySet, Kind, Property};
use crate::onec::value::Value;

use super::Complaint;
use super::values::{shown, value};

/// How many characters of an unlimited text are compared.
const COMPARED: usize = 1024;

/// A condition as it is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Condition {
    section: Option<String>,
    is: BTreeMap<String, Vec<Json>>,
    not: BTreeMap<String, Vec<Json>>,
    begins: BTreeMap<String, Vec<String>>,
    ends: BTreeMap<String, Vec<String>>,
}

/// A condition whose names are known.
pub(super) struct Bound {
    section: Option<&'static str>,
    tests: Vec<Test>,
}

struct Test {
    property: &'static Property,
    way: Way,
    wanted: Wanted,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Is,
    Not,
    Begins,
    Ends,
}

/// What a field is compared with.
#[derive(Debug, Default)]
struct Wanted {
    /// Texts in folded letters.
    texts: BTreeSet<String>,
    /// Anything else, as JSON.
    plain: BTreeSet<String>,
    /// References in a composite field.
    references: BTreeSet<(String, Uuid)>,
}

impl Bound {
    pub(super) fn of(set: &'static EntitySet, condition: &Condition) -> Result<Self, Complaint> {
        let unknown = |name: &str| Complaint::new("no-field", format!("В наборе {} нет {name}.", set.name));
        let (section, properties) = match &condition.section {
            None => (None, &set.properties),
            Some(name) => {
                let section = set.section(name).ok_or_else(|| unknown(name))?;
                (Some(section.name), &section.columns)
            }
        };
        let mut tests = Vec::new();
        for (way, named) in [(Way::Is, &condition.is), (Way::Not, &condition.not)] {
            for (name, values) in named {
                let property = shown(properties, name).ok_or_else(|| unknown(name))?;
                let mut wanted = Wanted::default();
                values.iter().try_for_each(|value| wanted.add(property, value))?;
                tests.push(Test { property, way, wanted });
            }
        }
        for (way, named) in [(Way::Begins, &condition.begins), (Way::Ends, &condition.ends)] {
            for (name, texts) in named {
                let property = shown(properties, name).ok_or_else(|| unknown(name))?;
                if !matches!(property.kind, Kind::Text(_)) {
                    return Err(Complaint::new("bad-value", format!("{name} не текст.")));
                }
                let texts = texts.iter().map(|text| folded_text(text)).collect();
                tests.push(Test { property, way, wanted: Wanted { texts, ..Wanted::default() } });
            }
        }
        Ok(Self { section, tests })
    }

    /// That a field has one of these values, as other objects show them.
    pub(super) fn joins(property: &'static Property, values: &BTreeSet<(String, Uuid)>) -> Self {
        let wanted = match property.kind {
            Kind::Composite { .. } => Wanted { references: values.clone(), ..Wanted::default() },
            _ => {
                let keys = values.iter().map(|(_, key)| Json::String(key.to_string()).to_string());
                Wanted { plain: keys.collect(), ..Wanted::default() }
            }
        };
        Self { section: None, tests: vec![Test { property, way: Way::Is, wanted }] }
    }

    pub(super) fn holds(&self, object: &Object) -> bool {
        let all = |row: &Object| self.tests.iter().all(|test| test.holds(row));
        match self.section {
            None => all(object),
            Some(section) => {
                let rows = object.get(section).and_then(Value::as_array).unwrap_or_default();
                rows.iter().filter_map(Value::as_object).any(all)
            }
        }
    }

    /// Objects among which are all that meet the condition; `None` where only a look at each can tell.
    pub(super) fn candidates(&self, index: &TextIndex) -> Option<BTreeSet<Uuid>> {
        let is_exact = |test: &&Test| test.way == Way::Is && test.wanted.references.is_empty();
        self.tests.iter().filter(is_exact).find_map(|test| {
            let plain = test.wanted.plain.iter().map(|text| text.trim_matches('"'));
            if self.section.is_none() && test.property.name == "Ref_Key" {
                return Some(plain.filter_map(|key| Uuid::try_parse(key).ok()).collect());
            }
            let texts = test.wanted.texts.iter().map(String::as_str).chain(plain);
            let found = texts.map(|text| index.find(self.section, test.property.name, text));
            let found: Vec<BTreeSet<Uuid>> = found.collect::<Option<_>>()?;
            Some(found.into_iter().flatten().collect())
        })
    }
}

impl Test {
    fn holds(&self, row: &Object) -> bool {
        match self.way {
            Way::Is => self.is_one_of(row),
            Way::Not => !self.is_one_of(row),
            Way::Begins => self.has_text(row, |held, wanted| held.starts_with(wanted)),
            Way::Ends => self.has_text(row, |held, wanted| held.ends_with(wanted)),
        }
    }

    fn is_one_of(&self, row: &Object) -> bool {
        let held = value(row, self.property);
        let is_text = held.as_str().is_some_and(|held| self.wanted.texts.contains(&compared(held)));
        is_text || self.wanted.plain.contains(&held.to_string()) || self.refers(row)
    }

    fn refers(&self, row: &Object) -> bool {
        let Kind::Composite { type_property, .. } = self.property.kind else { return false };
        let of_type = text(row, type_property).trim_start_matches("StandardODATA.").to_owned();
        Uuid::try_parse(text(row, self.property.name))
            .is_ok_and(|key| self.wanted.references.contains(&(of_type, key)))
    }

    fn has_text(&self, row: &Object, is_met: impl Fn(&str, &str) -> bool) -> bool {
        let held = compared(value(row, self.property).as_str().unwrap_or_default());
        self.wanted.texts.iter().any(|wanted| is_met(&held, wanted))
    }
}

/// A text as it is compared.
fn compared(text: &str) -> String {
    folded_text(&text.chars().take(COMPARED).collect::<String>())
}

impl Wanted {
    fn add(&mut self, property: &Property, value: &Json) -> Result<(), Complaint> {
        let is_taken = match (&property.kind, value) {
            (Kind::Text(_) | Kind::Version | Kind::Composite { .. }, Json::String(text)) => {
                self.texts.insert(folded_text(text));
                true
            }
            (Kind::Enumeration(values), Json::String(text)) => {
                self.plain.insert(value.to_string());
                text.is_empty() || values.contains(&text.as_str())
            }
            (Kind::Guid | Kind::Reference(_), Json::String(text)) => {
                let key = Uuid::try_parse(text);
                self.plain.extend(key.iter().map(|key| Json::String(key.to_string()).to_string()));
                key.is_ok()
            }
            (Kind::Composite { .. }, Json::Object(named)) => {
                let word = |name: &str| named.get(name).and_then(Json::as_str);
                let key = word("ref").and_then(|key| Uuid::try_parse(key).ok());
                let reference = word("set").map(str::to_owned).zip(key);
                let is_reference = reference.is_some();
                self.references.extend(reference);
                is_reference
            }
            (kind, value) => {
                self.plain.insert(value.to_string());
                match (kind, value) {
                    (Kind::Date, Json::String(text)) => is_date(text),
                    (Kind::Boolean, Json::Bool(_))
                    | (Kind::Long | Kind::Short | Kind::Double, Json::Number(_))
                    | (Kind::Composite { .. }, Json::Number(_) | Json::Bool(_))
                    | (Kind::TypeName, Json::String(_)) => true,
                    _ => false,
                }
            }
        };
        match is_taken {
            true => Ok(()),
            false => {
                Err(Complaint::new("bad-value", format!("Значение не подходит полю {}.", property.name)))
            }
        }
    }
}
