//! `find` and `get`: objects by conditions and by references, with what is joined to them.
//!
//! Invariant: an answer that would have to leave out a hidden row is `denied` as a whole.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::onec::access::Access;
use crate::onec::objects::{Base, Object, Table, text};
use crate::onec::schema::{EntitySet, Kind, Nature, Property};
use crate::onec::settings::Right;

use super::condition::{Bound, Condition};
use super::sets::{InBuild, of_build};
use super::values::{Shape, shown, value};
use super::{Complaint, PAGE};

/// Objects of one page where nobody says how many.
const USUAL_PAGE: usize = 1000;

/// Reads for one request.
pub(super) struct Reading<'r> {
    base: &'r Base,
    access: &'r Access<'r>,
    pair: Option<String>,
    shown: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Question {
    set: String,
    fields: Option<Vec<String>>,
    all: Vec<Condition>,
    any: Vec<Condition>,
    after: String,
    limit: Option<usize>,
    count: bool,
    with: Vec<With>,
}

/// References of a set that are wanted.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Wanted {
    pub(super) set: String,
    #[serde(default)]
    pub(super) refs: Vec<String>,
    fields: Option<Vec<String>>,
    #[serde(default)]
    with: Vec<With>,
}

/// A set whose field has what a field of the page has.
#[derive(Debug, Clone, Deserialize)]
struct With {
    set: String,
    by: String,
    to: String,
    fields: Option<Vec<String>>,
}

impl Wanted {
    /// The same of other objects.
    pub(super) fn of(&self, refs: Vec<String>) -> Self {
        Self { refs, ..self.clone() }
    }
}

type Row<'r> = (Uuid, &'r Object);

impl<'r> Reading<'r> {
    pub(super) fn new(base: &'r Base, access: &'r Access<'r>, pair: Option<&str>) -> Self {
        Self { base, access, pair: pair.map(str::to_owned), shown: 0 }
    }

    /// How many objects were shown so far.
    pub(super) fn shown(&self) -> usize {
        self.shown
    }

    pub(super) fn answer(&mut self, question: &Json) -> Json {
        let id = question.get("id").cloned().unwrap_or(Json::Null);
        let answered = serde_json::from_value(question.clone())
            .map_err(|error| Complaint::new("failed", error.to_string()))
            .and_then(|question| self.find(&question));
        labelled("id", id, answered)
    }

    pub(super) fn by_reference(&mut self, wanted: &Wanted) -> Json {
        let answered = self.get(wanted);
        labelled("set", json!(wanted.set), answered)
    }

    fn find(&mut self, question: &Question) -> Result<Map<String, Json>, Complaint> {
        let (set, in_build) = self.set(&question.set)?;
        let shape = shape(set, question.fields.as_deref())?;
        let bind = |conditions: &[Condition]| -> Result<Vec<Bound>, Complaint> {
            conditions.iter().map(|condition| Bound::of(set, condition)).collect()
        };
        let (all, any) = (bind(&question.all)?, bind(&question.any)?);
        let mut answer = Map::new();
        if question.count {
            let rows = self.rows(set, (&all, &any), None, usize::MAX)?;
            answer.insert("count".to_owned(), json!(rows.len()));
        }
        let limit = question.limit.unwrap_or(USUAL_PAGE).clamp(1, PAGE);
        let has_references = set.nature == Nature::Objects;
        let after = match question.after.as_str() {
            "" => None,
            after => Some(Uuid::try_parse(after).map_err(|_| Complaint::new("bad-value", "after"))?),
        };
        let rows = self.rows(set, (&all, &any), after, if has_references { limit } else { limit + 1 })?;
        if !has_references && rows.len() > limit {
            return Err(Complaint::new("too-many", format!("записей больше {limit}")));
        }
        let joined = self.joined(set, &rows, &question.with)?;
        answer.insert("objects".to_owned(), self.show(in_build, &shape, &rows));
        if let Some((last, _)) = rows.last().filter(|_| has_references && rows.len() == limit) {
            answer.insert("next".to_owned(), json!(last.to_string()));
        }
        answer.insert("with".to_owned(), joined);
        Ok(answer)
    }

    fn get(&mut self, wanted: &Wanted) -> Result<Map<String, Json>, Complaint> {
        let (set, in_build) = self.set(&wanted.set)?;
        let shape = shape(set, wanted.fields.as_deref())?;
        let bad = |text: &String| Complaint::new("bad-value", format!("{text} не ссылка."));
        let parsed = wanted.refs.iter().map(|text| Uuid::try_parse(text).map_err(|_| bad(text)));
        let keys: BTreeSet<Uuid> = parsed.collect::<Result<_, _>>()?;
        let table = self.base.table(set.name).filter(|_| set.nature == Nature::Objects);
        let table = table.ok_or_else(|| Complaint::new("no-field", "у записей нет ссылок"))?;
        let rows: Vec<Row<'r>> = keys.iter().filter_map(|key| Some((*key, table.get(*key)?))).collect();
        self.check(set, &rows)?;
        let is_there = |key: &&Uuid| rows.iter().any(|(there, _)| there == *key);
        let missing: Vec<String> = keys.iter().filter(|key| !is_there(key)).map(Uuid::to_string).collect();
        let joined = self.joined(set, &rows, &wanted.with)?;
        Ok(Map::from_iter([
            ("objects".to_owned(), self.show(in_build, &shape, &rows)),
            ("missing".to_owned(), json!(missing)),
            ("with".to_owned(), joined),
        ]))
    }

    fn set(&self, name: &str) -> Result<(&'static EntitySet, &'static InBuild), Complaint> {
        let configuration = self.base.configuration;
        let in_build = of_build(configuration.product).iter().find(|one| one.name == name);
        let found = in_build.and_then(|in_build| Some((configuration.set(name)?, in_build)));
        let (set, in_build) = found.ok_or_else(|| Complaint::new("no-set", format!("Набора {name} нет.")))?;
        match self.access.may(Right::Read, set) {
            true => Ok((set, in_build)),
            false => Err(Complaint::new("denied", format!("Нет права на чтение набора {name}."))),
        }
    }

    /// The first rows by reference that meet the conditions.
    fn rows(
        &self,
        set: &'static EntitySet,
        (all, any): (&[Bound], &[Bound]),
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Row<'r>>, Complaint> {
        let Some(table) = self.base.table(set.name) else { return Ok(Vec::new()) };
        let holds = |row: &Object| {
            all.iter().all(|one| one.holds(row)) && (any.is_empty() || any.iter().any(|one| one.holds(row)))
        };
        let is_after = |key: Uuid| after.is_none_or(|after| key > after);
        let wanted = |(key, row): &Row<'r>| is_after(*key) && holds(row);
        let rows: Vec<Row<'r>> = match candidates(table, all, any) {
            Some(keys) => {
                let there = keys.into_iter().filter_map(|key| Some((key, table.get(key)?)));
                there.filter(wanted).take(limit).collect()
            }
            None => {
                let there = table.ordered().range(after.unwrap_or_default()..);
                there.map(|(key, row)| (*key, row)).filter(wanted).take(limit).collect()
            }
        };
        self.check(set, &rows)?;
        Ok(rows)
    }

    fn check(&self, set: &EntitySet, rows: &[Row<'_>]) -> Result<(), Complaint> {
        match rows.iter().all(|(key, row)| self.access.shows(self.base, set, *key, row)) {
            true => Ok(()),
            false => Err(Complaint::new("denied", "Недостаточно прав на строки набора.")),
        }
    }

    fn show(&mut self, in_build: &InBuild, shape: &Shape, rows: &[Row<'_>]) -> Json {
        self.shown += rows.len();
        let show = |(key, row): &Row<'_>| {
            let mut object = shape.json(row);
            if let Some(pair) = self.pair.as_deref().filter(|_| in_build.has_id) {
                let id = self.base.kept.id_of(pair, in_build.name, *key);
                object.insert("@mutual_id".to_owned(), json!(id));
            }
            Json::Object(object)
        };
        rows.iter().map(show).collect()
    }

    fn joined(
        &mut self,
        set: &'static EntitySet,
        rows: &[Row<'_>],
        with: &[With],
    ) -> Result<Json, Complaint> {
        let mut answers = Vec::with_capacity(with.len());
        for join in with {
            let (other, in_build) = self.set(&join.set)?;
            let shape = shape(other, join.fields.as_deref())?;
            let by = named(set, &join.by)?;
            let to = named(other, &join.to)?;
            let values: BTreeSet<(String, Uuid)> =
                rows.iter().filter_map(|(_, row)| referred(set, row, by)).collect();
            let all = [Bound::joins(to, &values)];
            let found = self.rows(other, (&all, &[]), None, usize::MAX)?;
            answers.push(json!({ "set": other.name, "objects": self.show(in_build, &shape, &found) }));
        }
        Ok(Json::Array(answers))
    }
}

fn shape(set: &'static EntitySet, fields: Option<&[String]>) -> Result<Shape, Complaint> {
    Shape::of(set, fields)
        .map_err(|name| Complaint::new("no-field", format!("В наборе {} нет {name}.", set.name)))
}

fn named(set: &'static EntitySet, name: &str) -> Result<&'static Property, Complaint> {
    let property = shown(&set.properties, name);
    property.ok_or_else(|| Complaint::new("no-field", format!("В наборе {} нет {name}.", set.name)))
}

/// What a reference of an object refers to.
fn referred(set: &EntitySet, row: &Object, property: &Property) -> Option<(String, Uuid)> {
    let key = value(row, property);
    let key = key.as_str().and_then(|key| Uuid::try_parse(key).ok()).filter(|key| !key.is_nil())?;
    let target = match &property.kind {
        Kind::Guid => set.name.to_owned(),
        Kind::Reference(target) => (*target).to_owned(),
        Kind::Composite { type_property, .. } => {
            text(row, type_property).trim_start_matches("StandardODATA.").to_owned()
        }
        _ => return None,
    };
    Some((target, key))
}

fn candidates(table: &Table, all: &[Bound], any: &[Bound]) -> Option<BTreeSet<Uuid>> {
    if let Some(found) = all.iter().find_map(|condition| condition.candidates(table.index())) {
        return Some(found);
    }
    let of_any: Option<Vec<BTreeSet<Uuid>>> =
        any.iter().map(|condition| condition.candidates(table.index())).collect();
    of_any.filter(|found| !found.is_empty()).map(|found| found.into_iter().flatten().collect())
}

fn labelled(name: &str, label: Json, answered: Result<Map<String, Json>, Complaint>) -> Json {
    let mut answer = answered.unwrap_or_else(|Complaint { code, words }| {
        Map::from_iter([("code".to_owned(), json!(code)), ("words".to_owned(), json!(words))])
    });
    answer.insert(name.to_owned(), label);
    Json::Object(answer)
}
