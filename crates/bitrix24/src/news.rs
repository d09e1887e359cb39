//! What changed since a bookmark: contacts, companies and requisites by the moment of their change, in one batch.
//!
//! A bookmark is the portal's own time, since another clock says nothing about its stamps. Rows are stamped before they
//! are committed, so each question reaches back a little; what was told already, and cannot have changed since within the
//! same second, is not told again. Not responsible for deletions and for links between contacts and companies, which no
//! stamp shows. Invariant: a row older than asked for means a dropped filter and fails the question.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::SideError;
use obmen_engine::watch::{Bookmark, News};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::{Command, unexpected};
use crate::further;
use crate::gone::{check_who, who};
use crate::portal::Portal;
use crate::read::type_id;
use crate::record::parse_moment;
use crate::sender::Sender;
use crate::settings::Settings;

use crate::stamps::Walk;
use crate::sweep::take_rows;
use crate::wire::{member, text};

/// How far a question reaches back behind the last one.
const OVERLAP: SignedDuration = SignedDuration::from_secs(120);
/// A stamp of whole seconds may still be given again so long after.
const SAME_SECOND: SignedDuration = SignedDuration::from_secs(2);
/// More rows are not remembered as told: those beyond are looked at once more.
const TOLD: usize = 5000;

/// What a bookmark says.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// The portal's time, in seconds since 1970.
    at: i64,
    /// Rows of the last stretch that were told, with their stamps.
    #[serde(default)]
    told: BTreeMap<String, i64>,
}

/// A list, the fields of its rows that say when, and the field by which it is filtered.
struct Question {
    method: &'static str,
    select: &'static [&'static str],
    stamp: &'static str,
    of: Of,
}

#[derive(Clone, Copy)]
enum Of {
    Kind(Kind),
    Requisites,
}

const QUESTIONS: [Question; 4] = [
    Question {
        method: "crm.company.list",
        select: &["ID", "DATE_MODIFY"],
        stamp: "DATE_MODIFY",
        of: Of::Kind(Kind::Company),
    },
    Question {
        method: "crm.contact.list",
        select: &["ID", "DATE_MODIFY"],
        stamp: "DATE_MODIFY",
        of: Of::Kind(Kind::Contact),
    },
    Question {
        method: "crm.requisite.list",
        select: &["ID", "ENTITY_TYPE_ID", "ENTITY_ID", "DATE_MODIFY"],
        stamp: "DATE_MODIFY",
        of: Of::Requisites,
    },
    // One that was never changed may have no moment of its change.
    Question {
        method: "crm.requisite.list",
        select: &["ID", "ENTITY_TYPE_ID", "ENTITY_ID", "DATE_CREATE"],
        stamp: "DATE_CREATE",
        of: Of::Requisites,
    },
];

/// Asks for news; without a bookmark for the time alone. Fails where the user sees less than when he connected.
pub(crate) async fn news(
    since: Option<&Bookmark>,
    sender: &Sender,
    settings: &Settings,
    portal: Option<&Portal>,
) -> Result<News, SideError> {
    let limits = settings.limits;
    let has_further = further::are_read(Kind::Company, settings);
    // Changes of whoever is hidden would be passed over for good.
    let heading = [who(), Command::new("server.time", json!({}))];
    let check_caller = |answer: Option<&Value>| match portal {
        Some(portal) => check_who(answer.unwrap_or(&Value::Null), portal),
        None => Ok(()),
    };
    let Some(since) = since else {
        let mut answers = sender.read_values(&heading).await?.into_iter();
        check_caller(answers.next().as_ref())?;
        let at = portal_time(answers.next().as_ref())?;
        return Ok(News { ids: Vec::new(), bookmark: Place { at, ..Place::default() }.write() });
    };
    let place = Place::read(since)?;
    let from = moment(place.at)?.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN);
    // The portal's own way of writing a moment, in any zone.
    let shown = from.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    let filters = QUESTIONS.map(|question| json!({ format!(">={}", question.stamp): shown }));
    let walks: Vec<Walk<'_>> = QUESTIONS
        .iter()
        .zip(&filters)
        .map(|(question, filter)| Walk { method: question.method, select: question.select, filter })
        .collect();
    let first = walks.iter().map(|walk| walk.page("0"));
    let commands: Vec<Command> = heading.into_iter().chain(first).collect();
    let mut answers = sender.read_values(&commands).await?.into_iter();
    check_caller(answers.next().as_ref())?;
    let at = portal_time(answers.next().as_ref())?;
    let mut found =
        Found { old: place.told, told: BTreeMap::new(), ids: Vec::new(), from, at: moment(at)?, has_further };
    for ((question, walk), answer) in QUESTIONS.iter().zip(walks).zip(answers) {
        let (mut rows, ended) = take_rows(vec![answer], 0)?;
        if let Some((last, _)) = rows.last().filter(|_| !ended) {
            let rest = walk.to_the_end(*last, sender, limits).await?;
            rows.extend(rest);
        }
        rows.iter().try_for_each(|(id, row)| found.take(question, *id, row))?;
    }
    let Found { told, mut ids, .. } = found;
    ids.sort();
    ids.dedup();
    Ok(News { ids, bookmark: Place { at, told }.write() })
}

/// What one question brought.
struct Found {
    old: BTreeMap<String, i64>,
    told: BTreeMap<String, i64>,
    ids: Vec<RecordId>,
    from: Timestamp,
    at: Timestamp,
    /// Whether requisites of companies are records of their own as well.
    has_further: bool,
}

impl Found {
    fn take(&mut self, question: &Question, id: u64, row: &Value) -> Result<(), SideError> {
        let stamp = parse_moment(&member(row, question.stamp))
            .filter(|stamp| *stamp >= self.from)
            .ok_or_else(|| unexpected(format!("{} gave a row that was not asked for", question.method)))?;
        let (name, record) = match question.of {
            Of::Kind(kind) => (kind.word(), Some(RecordId::bitrix24(kind, id.to_string()))),
            Of::Requisites => ("requisite", owner(row)),
        };
        let Some(record) = record else { return Ok(()) };
        let name = format!("{name}:{id}:{}", question.stamp);
        let second = stamp.as_second();
        if self.old.get(&name) != Some(&second) {
            let is_requisite = matches!(question.of, Of::Requisites) && record.kind == Kind::Company;
            if is_requisite && self.has_further {
                self.ids.push(further::id_of(&id.to_string()));
            }
            self.ids.push(record);
        }
        if stamp < self.at.saturating_sub(SAME_SECOND).unwrap_or(Timestamp::MIN) && self.told.len() < TOLD {
            self.told.insert(name, second);
        }
        Ok(())
    }
}

impl Place {
    fn read(bookmark: &Bookmark) -> Result<Self, SideError> {
        serde_json::from_str(&bookmark.0).map_err(|_| unexpected("a foreign bookmark"))
    }

    fn write(&self) -> Bookmark {
        Bookmark(serde_json::to_string(self).expect("a place is plain data and always serialises"))
    }
}

/// The contact or company whose requisite this is.
fn owner(row: &Value) -> Option<RecordId> {
    let of_type = member(row, "ENTITY_TYPE_ID");
    let kind = Kind::ALL.into_iter().find(|kind| type_id(*kind).to_string() == of_type)?;
    Some(RecordId::bitrix24(kind, member(row, "ENTITY_ID")))
}

fn portal_time(answer: Option<&Value>) -> Result<i64, SideError> {
    let words = answer.map(text).unwrap_or_default();
    let moment = parse_moment(&words).ok_or_else(|| unexpected("server.time told no time"))?;
    Ok(moment.as_second())
}

fn moment(seconds: i64) -> Result<Timestamp, SideError> {
    Timestamp::from_second(seconds).map_err(|_| unexpected("a moment out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn found() -> Found {
        Found {
            old: BTreeMap::new(),
            told: BTreeMap::new(),
            ids: Vec::new(),
            from: at(1000),
            at: at(1100),
            has_further: false,
        }
    }

    #[test]
    fn a_portal_that_drops_the_filter_is_not_believed() {
        let row = |seconds: i64| json!({"ID": "7", "DATE_MODIFY": at(seconds).to_string()});
        assert!(found().take(&QUESTIONS[0], 7, &row(1000)).is_ok());
        assert!(found().take(&QUESTIONS[0], 7, &row(999)).is_err());
        assert!(found().take(&QUESTIONS[0], 7, &json!({"ID": "7"})).is_err(), "no stamp at all");
    }

    #[test]
    fn a_requisite_stands_for_its_owner_and_that_of_a_deal_for_nobody() {
        let row = |of: u8| {
            let stamp = at(1050).to_string();
            json!({"ID": "7", "ENTITY_TYPE_ID": of.to_string(), "ENTITY_ID": "12", "DATE_MODIFY": stamp})
        };
        let mut of_company = found();
        of_company.take(&QUESTIONS[2], 7, &row(4)).unwrap();
        assert_eq!(of_company.ids, [RecordId::bitrix24(Kind::Company, "12")]);
        let mut of_further = Found { has_further: true, ..found() };
        of_further.take(&QUESTIONS[2], 7, &row(4)).unwrap();
        let of_itself = RecordId::bitrix24(Kind::Company, "r7");
        assert_eq!(of_further.ids, [of_itself, RecordId::bitrix24(Kind::Company, "12")]);
        let mut of_deal = found();
        of_deal.take(&QUESTIONS[2], 7, &row(2)).unwrap();
        assert_eq!(of_deal.ids, []);
    }

    #[test]
    fn what_may_be_stamped_again_within_its_second_is_told_once_more() {
        let row = |seconds: i64| json!({"ID": "7", "DATE_MODIFY": at(seconds).to_string()});
        let told = |seconds| {
            let mut found = found();
            found.take(&QUESTIONS[0], 7, &row(seconds)).unwrap();
            found.told.len()
        };
        assert_eq!([told(1090), told(1097)], [1, 1], "long ago");
        assert_eq!([told(1099), told(1100)], [0, 0], "asked at 1100");
    }

    #[test]
    fn a_requisite_that_was_never_changed_is_told_by_its_birth() {
        let stamp = at(1050).to_string();
        let row = json!({"ID": "7", "ENTITY_TYPE_ID": "4", "ENTITY_ID": "12", "DATE_CREATE": stamp});
        let mut found = found();
        for question in QUESTIONS.iter().filter(|question| question.stamp == "DATE_CREATE") {
            found.take(question, 7, &row).unwrap();
        }
        assert_eq!(found.ids, [RecordId::bitrix24(Kind::Company, "12")]);
    }

    #[test]
    fn bookmarks_are_read_back() {
        let place = Place { at: 1000, told: BTreeMap::from([("contact:7:DATE_MODIFY".to_owned(), 990)]) };
        assert_eq!(Place::read(&place.write()).ok(), Some(place));
    }
}
