//! Reading: `find` by conditions, `get` by references.
//!
//! Invariant: whatever a page leaves out is asked for, until there is no more.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use obmen_domain::record::Side;
use obmen_engine::ports::SideError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Extension;
use crate::condition::{Condition, Literal, Relation, Test};
use crate::fault::{CallError, of_words, shortened};
use crate::odata::{Object, Query};
use crate::wire::REF;

/// So many conditions make one question.
const OF_OBJECTS: usize = 500;
/// As many of a register, whose answers have no pages.
const OF_RECORDS: usize = 50;

#[derive(Serialize)]
struct FindBody<'q> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<&'q str>,
    questions: &'q [Question<'q>],
}

/// A question as it is sent.
#[derive(Clone, Serialize)]
struct Question<'q> {
    id: String,
    set: &'q str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<&'q str>>,
    all: Vec<Value>,
    any: Vec<Value>,
    after: String,
    limit: usize,
    count: bool,
}

#[derive(Deserialize)]
struct FindAnswer {
    answers: Vec<Answer>,
}

/// An answer to one question, or to one entry of a `get`.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Answer {
    pub(super) set: String,
    pub(super) objects: Option<Vec<Object>>,
    next: Option<String>,
    count: Option<u64>,
    code: Option<String>,
    words: String,
}

#[derive(Serialize)]
struct GetBody<'q> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<&'q str>,
    wanted: [Wanted<'q>; 1],
}

#[derive(Serialize)]
struct Wanted<'q> {
    set: &'q str,
    refs: &'q [Uuid],
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<&'q str>>,
}

#[derive(Deserialize)]
struct GetAnswer {
    found: Vec<Answer>,
}

impl Extension {
    /// The rows of a set.
    pub(crate) async fn rows(&self, query: &Query<'_>) -> Result<Vec<Object>, SideError> {
        let question = self.question(query, Vec::new());
        match query.top {
            Some(_) => self.answered(&question).await?.objects(query.set).map(|(objects, _)| objects),
            None => self.all_answers(vec![question]).await,
        }
    }

    /// One page of a set, and behind what the next one begins where more may follow.
    pub(crate) async fn page(
        &self,
        query: &Query<'_>,
        after: Option<&str>,
        size: usize,
    ) -> Result<(Vec<Object>, Option<String>), SideError> {
        let question = Question {
            after: after.unwrap_or_default().to_owned(),
            limit: size.min(self.limits().page),
            ..self.question(query, Vec::new())
        };
        self.answered(&question).await?.objects(query.set)
    }

    /// Rows that meet one of the conditions.
    pub(crate) async fn rows_of_any(
        &self,
        query: &Query<'_>,
        conditions: Vec<Condition>,
    ) -> Result<Vec<Object>, SideError> {
        if let Some(references) = references(&conditions) {
            return self.by_reference(query, &references).await;
        }
        let portion = if query.has_references() { OF_OBJECTS } else { OF_RECORDS };
        let mut questions = conditions.chunks(portion).map(|some| self.question(query, spelled(some)));
        let mut requests = Vec::new();
        loop {
            let some: Vec<Question<'_>> = questions.by_ref().take(self.limits().questions).collect();
            if some.is_empty() {
                break;
            }
            requests.push(self.all_answers(some));
        }
        Ok(try_join_all(requests).await?.concat())
    }

    /// How many rows of a set meet the query's conditions.
    pub(crate) async fn count(&self, query: &Query<'_>) -> Result<u64, SideError> {
        let question = Question { limit: 1, count: true, ..self.question(query, Vec::new()) };
        let answer = self.answered(&question).await?;
        let count = answer.count;
        answer.objects(query.set)?;
        count.ok_or_else(|| unexpected("an answer without a count"))
    }

    async fn by_reference(&self, query: &Query<'_>, references: &[Uuid]) -> Result<Vec<Object>, SideError> {
        let portions = references.chunks(self.limits().references).map(async |refs| {
            let wanted = Wanted { set: query.set, refs, fields: fields(query.select) };
            let body = GetBody { pair: self.pair_of_links(), wanted: [wanted] };
            let answer: GetAnswer = self.ask("get", &body).await?;
            let found = answer.found.into_iter().next();
            let found = found.ok_or_else(|| unexpected("an answer without an entry"))?;
            found.objects(query.set).map(|(objects, _)| objects)
        });
        Ok(try_join_all(portions).await?.concat())
    }

    /// Asks questions and what is left of them, until nothing is.
    async fn all_answers(&self, mut questions: Vec<Question<'_>>) -> Result<Vec<Object>, SideError> {
        let mut found = Vec::new();
        while !questions.is_empty() {
            let answers = self.answers(&questions).await?;
            let mut open = Vec::new();
            for (question, answer) in questions.into_iter().zip(answers) {
                let (objects, next) = answer.objects(question.set)?;
                found.extend(objects);
                open.extend(next.map(|after| Question { after, ..question }));
            }
            questions = open;
        }
        Ok(found)
    }

    async fn answered(&self, question: &Question<'_>) -> Result<Answer, SideError> {
        let mut answers = self.answers(std::slice::from_ref(question)).await?;
        Ok(answers.remove(0))
    }

    /// One answer a question, in the same order.
    async fn answers(&self, questions: &[Question<'_>]) -> Result<Vec<Answer>, SideError> {
        let body = FindBody { pair: self.pair_of_links(), questions };
        let FindAnswer { answers } = self.ask("find", &body).await?;
        if answers.len() == questions.len() {
            Ok(answers)
        } else {
            Err(unexpected("another number of answers than of questions"))
        }
    }

    fn question<'q>(&self, query: &Query<'q>, any: Vec<Value>) -> Question<'q> {
        let all: Vec<Condition> = query.filter.all.iter().cloned().map(Condition::Own).collect();
        let any = if any.is_empty() { spelled(&query.filter.any) } else { any };
        Question {
            id: query.set.to_owned(),
            set: query.set,
            fields: fields(query.select),
            all: spelled_each(&all),
            any,
            after: String::new(),
            limit: query.top.unwrap_or(usize::MAX).min(self.limits().page),
            count: false,
        }
    }
}

impl Answer {
    /// The objects, and behind what the next page begins; or what failed.
    pub(super) fn objects(self, set: &str) -> Result<(Vec<Object>, Option<String>), SideError> {
        match (self.code.as_deref(), self.objects) {
            (None, Some(objects)) => Ok((objects, self.next.filter(|next| !next.is_empty()))),
            (None, None) => Err(unexpected("an answer without objects")),
            (Some(code), _) => Err(failed(code, &self.words, set)),
        }
    }
}

/// What a question's code means.
fn failed(code: &str, words: &str, set: &str) -> SideError {
    let side = Side::Onec;
    let words = shortened(words);
    match code {
        "no-set" => SideError::NoExtension { words: format!("{set}: {words}") },
        "no-field" => SideError::MissingField { side, field: format!("{set}: {words}") },
        "denied" => SideError::MissingRight { side, what: format!("use {set}") },
        "bad-value" | "too-many" => SideError::Unexpected { side, words: format!("{set}: {words}") },
        _ => of_words(words, CallError::Gateway).into_side(set),
    }
}

/// The properties to read; none for all.
pub(super) fn fields(select: &str) -> Option<Vec<&str>> {
    (select != "*").then(|| select.split(',').collect())
}

/// The references that are all that the conditions ask for.
fn references(conditions: &[Condition]) -> Option<Vec<Uuid>> {
    let mut found = Vec::with_capacity(conditions.len());
    for condition in conditions {
        match condition {
            Condition::Own(test) if test.name == REF && test.relation == Relation::Is => {
                for value in &test.values {
                    let Literal::Key(key) = value else { return None };
                    found.push(*key);
                }
            }
            _ => return None,
        }
    }
    Some(found)
}

/// Alternatives as the contract spells them: values of one property are put together.
fn spelled(conditions: &[Condition]) -> Vec<Value> {
    let mut of_property: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut others = Vec::new();
    for condition in conditions {
        match condition {
            Condition::Own(test) if test.relation == Relation::Is => {
                of_property.entry(&test.name).or_default().extend(test.values.iter().map(literal));
            }
            Condition::AnyRow { section, tests } => {
                others.extend(tests.iter().map(|test| row(section, std::slice::from_ref(test))));
            }
            other => others.extend(spelled_each(std::slice::from_ref(other))),
        }
    }
    let own = of_property.into_iter().map(|(name, values)| json!({ "is": { (name): values } }));
    own.chain(others).collect()
}

/// Conditions as the contract spells them, each by itself.
fn spelled_each(conditions: &[Condition]) -> Vec<Value> {
    let each = |condition: &Condition| match condition {
        Condition::Own(test) => {
            let values: Vec<Value> = test.values.iter().map(literal).collect();
            json!({ (relation(test.relation)): { (&test.name): values } })
        }
        Condition::Row { section, tests } | Condition::AnyRow { section, tests } => row(section, tests),
    };
    conditions.iter().map(each).collect()
}

fn row(section: &str, tests: &[Test]) -> Value {
    let mut condition = json!({ "section": section });
    for test in tests {
        let values: Vec<Value> = test.values.iter().map(literal).collect();
        condition[relation(test.relation)][&test.name] = Value::Array(values);
    }
    condition
}

fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Is => "is",
        Relation::Not => "not",
        Relation::Begins => "begins",
        Relation::Ends => "ends",
    }
}

fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Text(text) | Literal::Mixed(text) => json!(text),
        Literal::Key(key) => json!(key.to_string()),
        Literal::Flag(flag) => json!(flag),
    }
}

fn unexpected(words: &str) -> SideError {
    SideError::Unexpected { side: Side::Onec, words: words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_one_property_are_asked_for_together_and_alternatives_of_a_row_apart() {
        let text = |name: &str, value: &str| Test::is_text(name, value);
        let row = Condition::AnyRow {
            section: "Ряды".to_owned(),
            tests: vec![text("А", "1"), text("Б", "2")],
        };
        let conditions = [Condition::Own(text("ИНН", "7")), row, Condition::Own(text("ИНН", "8"))];
        let expected = json!([
            {"is": {"ИНН": ["7", "8"]}},
            {"section": "Ряды", "is": {"А": ["1"]}},
            {"section": "Ряды", "is": {"Б": ["2"]}},
        ]);
        assert_eq!(Value::Array(spelled(&conditions)), expected);
        let both =
            Condition::Row { section: "Ряды".to_owned(), tests: vec![text("А", "1"), text("Б", "2")] };
        let expected = json!([{"section": "Ряды", "is": {"А": ["1"], "Б": ["2"]}}]);
        assert_eq!(Value::Array(spelled(&[both])), expected);
    }

    #[test]
    fn objects_that_are_asked_for_by_reference_alone_are_known() {
        let key = Uuid::from_u128(7);
        assert_eq!(references(&[Condition::is_key(REF, key)]), Some(vec![key]));
        assert_eq!(references(&[Condition::is_key(REF, key), Condition::is_key("Партнер_Key", key)]), None);
    }
}
