//! A walk over all records of a kind in the order of their ids, up to fifty pages a request.
//!
//! Pages are chained inside one batch: each asks for ids above the last one of the page before. Behind the first short
//! page the references lead nowhere, so everything after it is discarded. Not responsible for what rows mean.
//!
//! Invariant: ids only grow; a row out of order means a dropped filter and fails the walk.

use obmen_domain::record::Kind;
use obmen_engine::ports::{Cursor, Portion, SideError};
use serde_json::{Value, json};

use crate::batch::{MAX_COMMANDS, key};
use crate::call::{Command, unexpected};
use crate::portal::Portal;
use crate::read::{PAGE, complete, list, list_method, type_id};
use crate::sender::Sender;
use crate::settings::Settings;
use crate::wire::{member, rows};

/// Where a walk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// The last id read.
    last: u64,
    /// Records read so far.
    done: u64,
    /// Records in all, as far as known.
    total: u64,
    /// Whether any record of the kind has requisites.
    requisites: bool,
}

/// Reads one portion.
pub(crate) async fn sweep(
    kind: Kind,
    cursor: Option<Cursor>,
    sender: &Sender,
    settings: &Settings,
    portal: &Portal,
) -> Result<Portion, SideError> {
    let place = match cursor {
        Some(cursor) => Place::read(&cursor).ok_or_else(|| unexpected("a foreign cursor"))?,
        None => begin(kind, sender).await?,
    };
    // References lead nowhere outside their batch, so the chain must fit into one.
    let page_seconds = sender.estimate(list_method(kind), 1.0).await;
    let pages = pages_to_ask(place, settings.limits.batch_seconds() / page_seconds.max(0.001));
    let commands: Vec<Command> =
        (0..pages).map(|page| page_command(kind, page, place.last, settings, portal)).collect();
    let answers = sender.read_values(&commands).await?;
    let (walked, ended) = take_rows(&answers, place.last)?;
    let next = walked.last().filter(|_| !ended).map(|(last, _)| Place {
        last: *last,
        done: place.done + walked.len() as u64,
        ..place
    });
    let walked = walked.into_iter().map(|(_, row)| row).collect();
    let records = complete(kind, walked, place.requisites, sender, settings, portal).await?;
    Ok(Portion { records, next: next.map(Place::write), total: Some(place.total) })
}

/// Counts the kind's records and asks whether any has requisites.
async fn begin(kind: Kind, sender: &Sender) -> Result<Place, SideError> {
    let count = json!({"select": ["ID"], "order": {"ID": "ASC"}, "start": 0});
    let any = json!({
        "select": ["ID", "ENTITY_TYPE_ID"], "filter": {"ENTITY_TYPE_ID": type_id(kind)}, "order": {"ID": "ASC"}, "start": -1
    });
    let commands = [Command::new(list_method(kind), count), Command::new("crm.requisite.list", any)];
    let answers = sender.read(&commands).await?;
    let total = answers.first().and_then(|answer| answer.total).unwrap_or_default();
    let requisites = answers.get(1).is_some_and(|answer| !rows(&answer.value).is_empty());
    Ok(Place { last: 0, done: 0, total, requisites })
}

/// As many pages as remain, the one that ends the walk among them, and no more than fit into a batch.
fn pages_to_ask(place: Place, fitting: f64) -> usize {
    let remaining = place.total.saturating_sub(place.done);
    let pages = usize::try_from(remaining / PAGE as u64 + 1).unwrap_or(MAX_COMMANDS);
    pages.min(fitting as usize).clamp(1, MAX_COMMANDS)
}

fn page_command(kind: Kind, page: usize, last: u64, settings: &Settings, portal: &Portal) -> Command {
    let after = match page.checked_sub(1) {
        None => last.to_string(),
        Some(before) => format!("$result[{}][{}][ID]", key(before), PAGE - 1),
    };
    list(kind, &json!({ ">ID": after }), settings, portal).referring()
}

/// The rows up to the first short page, and whether there was one.
fn take_rows(answers: &[Value], after: u64) -> Result<(Vec<(u64, Value)>, bool), SideError> {
    let mut taken: Vec<(u64, Value)> = Vec::new();
    let mut last = after;
    for answer in answers {
        let page = rows(answer);
        for row in &page {
            let id = member(row, "ID").parse::<u64>().unwrap_or_default();
            if id <= last {
                return Err(unexpected("a list whose ids do not grow"));
            }
            last = id;
            taken.push((id, (*row).clone()));
        }
        if page.len() < PAGE {
            return Ok((taken, true));
        }
    }
    Ok((taken, false))
}

impl Place {
    fn read(cursor: &Cursor) -> Option<Self> {
        let mut parts = cursor.0.split(':').map(str::parse::<u64>);
        let mut next = || parts.next()?.ok();
        Some(Self { last: next()?, done: next()?, total: next()?, requisites: next()? == 1 })
    }

    fn write(self) -> Cursor {
        Cursor(format!("{}:{}:{}:{}", self.last, self.done, self.total, u8::from(self.requisites)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::{portal, settings};

    fn page(from: u64, count: u64) -> Value {
        (from..from + count).map(|id| json!({"ID": id.to_string()})).collect()
    }

    #[test]
    fn everything_behind_the_first_short_page_is_discarded() {
        let (taken, ended) = take_rows(&[page(1, 50), page(51, 3), page(1, 50)], 0).unwrap();
        assert_eq!((taken.len(), ended), (53, true));
        let (taken, ended) = take_rows(&[page(1, 50), page(51, 50)], 0).unwrap();
        assert_eq!((taken.len(), ended), (100, false));
        let (taken, ended) = take_rows(&[json!(false)], 0).unwrap();
        assert_eq!((taken.len(), ended), (0, true));
    }

    #[test]
    fn a_dropped_filter_fails_the_walk() {
        assert!(take_rows(&[page(1, 50), page(1, 50)], 0).is_err());
        assert!(take_rows(&[page(1, 3)], 10).is_err());
    }

    #[test]
    fn cursors_are_read_back_and_pages_are_counted() {
        let place = Place { last: 70, done: 50, total: 120, requisites: true };
        assert_eq!(Place::read(&place.write()), Some(place));
        assert_eq!(Place::read(&Cursor("x".to_owned())), None);
        assert_eq!(pages_to_ask(place, 100.0), 2);
        assert_eq!(pages_to_ask(Place { total: 0, done: 0, ..place }, 100.0), 1);
        assert_eq!(pages_to_ask(Place { total: 1_000_000, ..place }, 100.0), 50);
        assert_eq!(pages_to_ask(Place { total: 1_000_000, ..place }, 28.1), 28);
        assert_eq!(pages_to_ask(place, 0.4), 1);
    }

    #[test]
    fn pages_refer_to_the_page_before() {
        let command = page_command(Kind::Contact, 2, 0, &settings(), &portal());
        assert_eq!(command.params["filter"][">ID"], "$result[c01][49][ID]");
        assert!(!command.goes_alone());
    }
}
